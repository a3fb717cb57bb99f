//! A large, plain estate for measuring speed, memory and size on disk.
//!
//! Input: how many hosts and days. Output: a store with the six core metrics
//! (CPU, memory, disk operations and bytes read and written, network bytes in
//! and out) of each host and minute. Memory is bounded: a batch of hosts of one
//! day is written while the next batch is made.
//!
//! It has no story, but nothing in it compresses better than life: each metric
//! of each minute has noise of its own of several per cent. The one ease it
//! allows itself is real: most application servers read nearly nothing from
//! disk, since the page cache has it.

mod plain;

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;
use telemetry::series::{DAY_MS, day_of};
use telemetry::store::{FileBeside, Origin, Store, StoreError};
use telemetry::{Series, Table};

use self::plain::{PlainHost, Rhythms};
use crate::calendar::START_MS;

/// Hosts made and written at once: 128 days of minutes are about 20 MB.
const BATCH: u32 = 128;

const TABLES: [Table; 3] = [Table::Host, Table::Disk, Table::Network];

/// The series of a batch of hosts, by table.
type Batch = [Vec<Series>; 3];

/// Gives the origin's name of a bench estate.
#[must_use]
pub fn origin_id(hosts: u32, days: u32, seed: u64) -> String {
    format!("bench-{hosts}x{days}-{seed}")
}

/// Writes `hosts` × `days` × 1440 minutes, one file per table and day, and gives the origin's record.
///
/// The days begin on 2026-05-04. `progress` hears how many host-days of how
/// many are written. The bytes depend on nothing but the arguments.
///
/// # Errors
/// When the store cannot be written.
pub fn write_estate(
    store: &Store,
    hosts: u32,
    days: u32,
    seed: u64,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<Origin, StoreError> {
    let id = origin_id(hosts, days, seed);
    let mut writer = store.begin(&id)?;
    let rhythms = Rhythms::new();
    let fleet: Vec<PlainHost> = (0..hosts).map(|number| PlainHost::new(seed, number)).collect();
    let total = u64::from(hosts) * u64::from(days);
    let mut done = 0;
    for day in 0..i64::from(days) {
        let begin_ms = START_MS + day * DAY_MS;
        let mut files = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            files.push(writer.file(table, day_of(begin_ms + 1))?);
        }
        let make = |range: Range<u32>| make_batch(&fleet, range, begin_ms, &rhythms);
        let mut made = make(0..BATCH.min(hosts));
        let mut first = 0;
        while first < hosts {
            let next = (first + BATCH).min(hosts);
            let ready = std::mem::take(&mut made);
            let (written, following) = rayon::join(
                || write_batch(&mut files, ready),
                || make(next..(next + BATCH).min(hosts)),
            );
            written?;
            made = following;
            done += u64::from(next - first);
            first = next;
            progress(done, total);
        }
        files.into_par_iter().try_for_each(FileBeside::finish)?;
    }
    let mut origin = Origin::new(id, "bench");
    origin.notes = vec![format!("{hosts} generated hosts, {days} days, seed {seed}")];
    origin.rows = if total == 0 {
        BTreeMap::new()
    } else {
        TABLES
            .iter()
            .map(|table| (table.name().to_string(), total * plain::MINUTES as u64))
            .collect()
    };
    writer.commit(&origin)?;
    Ok(origin)
}

/// Makes one day of some hosts.
fn make_batch(fleet: &[PlainHost], range: Range<u32>, begin_ms: i64, rhythms: &Rhythms) -> Batch {
    let by_host: Vec<[Series; 3]> = fleet[range.start as usize..range.end as usize]
        .par_iter()
        .map(|host| host.day(begin_ms, rhythms))
        .collect();
    let mut batch = Batch::default();
    for series in by_host {
        for (table, series) in batch.iter_mut().zip(series) {
            table.push(series);
        }
    }
    batch
}

/// Appends a batch to the day's files, the tables at the same time.
fn write_batch(files: &mut [FileBeside], batch: Batch) -> Result<(), StoreError> {
    files
        .par_iter_mut()
        .zip(batch.into_par_iter())
        .try_for_each(|(file, series)| series.into_iter().try_for_each(|series| file.push(series)))
}
