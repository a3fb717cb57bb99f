//! Streams a whole estate through the profiler, a block of hosts at a time.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use telemetry::schema::filesystem;
use telemetry::{ColumnId, Series, Store, StoreError, Table, TableReader};

use super::demand::{
    CPU_COLUMNS, DISK_COLUMNS, DISK_COLUMNS_WITH_MAXIMA, HOST_COLUMNS, NETWORK_COLUMNS, NETWORK_COLUMNS_WITH_MAXIMA,
};
use super::host::{HostProfile, HostSeries, ProfileOptions, profile_host};
use super::metric::MetricScratch;

/// Columns to read of the tables host, disk, network and filesystem; a table without columns is not read.
pub(super) type Columns = [&'static [ColumnId]; 4];

const FILESYSTEM_COLUMNS: [ColumnId; 2] = [filesystem::SIZE_BYTES, filesystem::USED_BYTES];
/// All that is known of a host, with the highest sub-samples of its disks and interfaces.
pub(super) const WITH_MAXIMA: Columns = [
    &HOST_COLUMNS,
    &DISK_COLUMNS_WITH_MAXIMA,
    &NETWORK_COLUMNS_WITH_MAXIMA,
    &FILESYSTEM_COLUMNS,
];
/// What a host's CPU did.
pub(super) const CPU_ALONE: Columns = [&CPU_COLUMNS, &[], &[], &[]];

/// The tables of an assessment that profiles are made from, opened together.
#[derive(Debug)]
pub struct EstateReader {
    host: TableReader,
    disk: TableReader,
    network: TableReader,
    filesystem: TableReader,
    hosts: Vec<String>,
}

impl EstateReader {
    /// Opens the four tables; a table without files is empty.
    ///
    /// # Errors
    /// When a file is damaged, too old or too new.
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        let host = store.open(Table::Host)?;
        let disk = store.open(Table::Disk)?;
        let network = store.open(Table::Network)?;
        let filesystem = store.open(Table::Filesystem)?;
        let names: BTreeSet<&String> = [&host, &disk, &network, &filesystem]
            .into_iter()
            .flat_map(|table| table.hosts())
            .collect();
        let hosts = names.into_iter().cloned().collect();
        Ok(Self {
            host,
            disk,
            network,
            filesystem,
            hosts,
        })
    }

    /// Gives all hosts, sorted by name.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Counts the rows of the `host` table.
    #[must_use]
    pub fn host_rows(&self) -> usize {
        self.host.rows()
    }

    /// Splits the hosts into runs that are cheap to read together.
    #[must_use]
    pub fn blocks(&self) -> Vec<Range<usize>> {
        let busiest = if self.host.hosts().is_empty() {
            &self.disk
        } else {
            &self.host
        };
        let mut starts: Vec<usize> = busiest
            .blocks()
            .into_iter()
            .filter_map(|block| self.hosts.binary_search(&busiest.hosts()[block.start]).ok())
            .collect();
        starts.insert(0, 0);
        starts.dedup();
        starts
            .iter()
            .enumerate()
            .map(|(index, &start)| start..starts.get(index + 1).copied().unwrap_or(self.hosts.len()))
            .filter(|block| !block.is_empty())
            .collect()
    }

    /// Reads all series of a run of hosts that a profile needs.
    ///
    /// # Errors
    /// When a file cannot be read or decoded.
    pub fn read(&self, hosts: Range<usize>) -> Result<Vec<(String, HostSeries)>, StoreError> {
        self.read_columns(
            hosts,
            [&HOST_COLUMNS, &DISK_COLUMNS, &NETWORK_COLUMNS, &FILESYSTEM_COLUMNS],
        )
    }

    pub(super) fn read_columns(
        &self,
        hosts: Range<usize>,
        [host, disk, network, filesystem]: Columns,
    ) -> Result<Vec<(String, HostSeries)>, StoreError> {
        let mut out: Vec<(String, HostSeries)> = self.hosts[hosts]
            .iter()
            .map(|host| (host.clone(), HostSeries::default()))
            .collect();
        place(&self.host, host, &mut out, |host, series| host.host = Some(series))?;
        place(&self.disk, disk, &mut out, |host, series| host.disks.push(series))?;
        place(&self.network, network, &mut out, |host, series| {
            host.networks.push(series)
        })?;
        place(&self.filesystem, filesystem, &mut out, |host, series| {
            host.filesystems.push(series);
        })?;
        Ok(out)
    }

    /// Reads one host by name, with the highest sub-samples of its disks and interfaces; nothing when it is not there.
    ///
    /// # Errors
    /// When a file cannot be read or decoded.
    pub fn read_host(&self, name: &str) -> Result<Option<HostSeries>, StoreError> {
        let Some(index) = self.index_of(name) else {
            return Ok(None);
        };
        Ok(self
            .read_columns(index..index + 1, WITH_MAXIMA)?
            .pop()
            .map(|(_, series)| series))
    }

    /// Gives the place of a host among all.
    pub(super) fn index_of(&self, name: &str) -> Option<usize> {
        self.hosts.binary_search_by(|host| host.as_str().cmp(name)).ok()
    }
}

fn place(
    table: &TableReader,
    columns: &[ColumnId],
    hosts: &mut [(String, HostSeries)],
    put: impl Fn(&mut HostSeries, Series),
) -> Result<(), StoreError> {
    let (Some(first), Some(last), false) = (hosts.first(), hosts.last(), columns.is_empty()) else {
        return Ok(());
    };
    let start = table.hosts().partition_point(|host| *host < first.0);
    let end = table.hosts().partition_point(|host| *host <= last.0);
    for series in table.read(start..end, columns)? {
        if let Ok(index) = hosts.binary_search_by(|(host, _)| host.as_str().cmp(&series.host)) {
            put(&mut hosts[index].1, series);
        }
    }
    Ok(())
}

/// Profiles every host, in parallel, and gives the profiles sorted by name.
///
/// `done` is told how many hosts were finished; when `cancelled` is set, the
/// rest is skipped and what was finished is returned.
///
/// # Errors
/// When a file cannot be read or decoded.
pub fn profile_estate(
    reader: &EstateReader,
    options: &ProfileOptions,
    done: &(dyn Fn(usize) + Sync),
    cancelled: &AtomicBool,
) -> Result<Vec<HostProfile>, StoreError> {
    let blocks = reader.blocks();
    let profiles: Result<Vec<Vec<HostProfile>>, StoreError> = blocks
        .into_par_iter()
        .with_max_len(1)
        .map_init(MetricScratch::default, |scratch, block| {
            if cancelled.load(Ordering::Relaxed) {
                return Ok(Vec::new());
            }
            let hosts = reader.read(block)?;
            let count = hosts.len();
            let profiles = hosts
                .iter()
                .filter_map(|(name, series)| profile_host(name, series, options, scratch))
                .collect();
            done(count);
            Ok(profiles)
        })
        .collect();
    Ok(profiles?.into_iter().flatten().collect())
}
