//! From a log to files of the store: on rotation, at the end, and after a crash.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use telemetry::inventory::{self, Inventory};
use telemetry::store::{HostQuality, Origin};
use telemetry::{ColumnId, Series, Store, Table};

use super::error::CampaignError;
use crate::discovery::flows::{Look, Tally};
use crate::log::{LogError, Measured, Note, Record, logs_in, read_log};
use crate::rates::{LastInterval, Spacing, rows};
use crate::reading::Reading;

/// What one log held of one host.
#[derive(Clone, Debug)]
pub(super) struct HostLog {
    pub(super) name: String,
    pub(super) spacing: Spacing,
    pub(super) done_until_ms: i64,
    pub(super) readings: Vec<Reading>,
    /// Rows that need no difference.
    pub(super) measured: Vec<Measured>,
    /// Looks at its connections.
    pub(super) looks: Vec<Look>,
}

/// What became of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Turned {
    /// Rows written.
    pub(super) rows: usize,
    /// By number of the host: readings that the interval still open needs, and until when rows are made.
    pub(super) carried: BTreeMap<u32, (i64, Vec<Reading>)>,
    /// Bytes at its end that were not whole.
    pub(super) cut_bytes: u64,
}

/// Makes a segment of a log; the log itself stays. Counts what was odd, and keeps what happened, in the origin's record.
pub(super) fn turn(
    store: &Store,
    origin: &mut Origin,
    path: &Path,
    number: u64,
    last: LastInterval,
) -> Result<Turned, CampaignError> {
    let content = read_log(path)?;
    let mut turned = Turned {
        cut_bytes: content.cut_bytes,
        ..Turned::default()
    };
    let hosts = by_host(content.records, origin);
    let mut all: Vec<Series> = Vec::new();
    let mut tally = Tally::default();
    for (number, host) in hosts {
        for look in &host.looks {
            tally.add(&host.name, look);
        }
        let made = rows(&host.name, &host.readings, host.spacing, host.done_until_ms, last);
        let quality = HostQuality {
            gaps: made.oddities.gaps + made.oddities.reboots,
            backward_times: made.oddities.backward,
            negative: made.oddities.resets,
            ..HostQuality::default()
        };
        if !quality.is_clean() {
            origin.quality.entry(host.name.clone()).or_default().add(&quality);
        }
        for series in made.series.into_iter().chain(as_series(&host.name, host.measured)) {
            *origin.rows.entry(series.table.name().to_string()).or_default() += series.len() as u64;
            all.push(series);
        }
        if let LastInterval::Open = last {
            let carried = host.readings.get(made.open_from..).unwrap_or_default().to_vec();
            turned.carried.insert(number, (made.done_until_ms, carried));
        }
    }
    turned.rows = store.write_segment(&origin.id, number, &all)?;
    keep_dependencies(store, &tally)?;
    Ok(turned)
}

/// Adds the dependencies of a log to the inventory, which is beside the telemetry.
///
/// A log that is read again after a crash adds nothing twice: looks of a time that is known already are not counted.
fn keep_dependencies(store: &Store, tally: &Tally) -> Result<(), CampaignError> {
    let folder = store.root().with_file_name("inventory");
    let known = inventory::read(&folder)?;
    let dependencies = tally.dependencies(&known.services);
    if dependencies.is_empty() {
        return Ok(());
    }
    let newer = Inventory {
        dependencies,
        ..Inventory::default()
    };
    inventory::add(&folder, newer)?;
    Ok(())
}

/// Rows by time, of one series.
type RowsByTime = BTreeMap<i64, Vec<(ColumnId, f64)>>;

/// Gathers rows into series, sorted by time; of two rows with one time the first stands.
fn as_series(host: &str, measured: Vec<Measured>) -> Vec<Series> {
    let mut series: BTreeMap<(Table, Vec<String>), RowsByTime> = BTreeMap::new();
    for row in measured {
        if row.labels.len() != row.table.labels().len() {
            continue;
        }
        let known = row.values.iter();
        let values = known.filter_map(|&(position, value)| Some((row.table.column_at(usize::from(position))?, value)));
        let values = values.collect();
        let rows = series.entry((row.table, row.labels)).or_default();
        rows.entry(row.at_ms).or_insert(values);
    }
    series
        .into_iter()
        .map(|((table, labels), rows)| {
            let mut series = Series::new(table, host, labels);
            for (at_ms, values) in rows {
                series.push(at_ms, &values);
            }
            series
        })
        .collect()
}

fn by_host(records: Vec<Record>, origin: &mut Origin) -> BTreeMap<u32, HostLog> {
    let mut hosts: BTreeMap<u32, HostLog> = BTreeMap::new();
    for record in records {
        match record {
            Record::Host {
                number,
                name,
                interval_ms,
                tick_ms,
            } => {
                let spacing = Spacing {
                    interval_ms: interval_ms.max(1),
                    tick_ms: tick_ms.max(1),
                };
                hosts.insert(
                    number,
                    HostLog {
                        name,
                        spacing,
                        done_until_ms: i64::MIN,
                        readings: Vec::new(),
                        measured: Vec::new(),
                        looks: Vec::new(),
                    },
                );
            }
            Record::DoneUntil { host, at_ms } => {
                if let Some(host) = hosts.get_mut(&host) {
                    host.done_until_ms = at_ms;
                }
            }
            Record::Reading { host, reading } => {
                if let Some(host) = hosts.get_mut(&host) {
                    host.readings.push(reading);
                }
            }
            Record::Measured { host, measured } => {
                if let Some(host) = hosts.get_mut(&host) {
                    host.measured.push(measured);
                }
            }
            Record::Looked { host, look } => {
                if let Some(host) = hosts.get_mut(&host) {
                    host.looks.push(look);
                }
            }
            Record::Note { host, note, .. } => {
                let name = host.and_then(|host| hosts.get(&host)).map(|host| host.name.as_str());
                keep(origin, name, &note);
            }
        }
    }
    hosts
}

/// Notes of the record at most: a host that fails every minute for weeks must not fill it.
const NOTES_AT_MOST: usize = 2_000;

/// Keeps in the origin's record what a reader of the plan should know.
fn keep(origin: &mut Origin, host: Option<&str>, note: &Note) {
    let host = host.unwrap_or("the campaign");
    let line = match note {
        Note::Connected {
            accepted_host_key: Some(fingerprint),
            ..
        } => format!("{host}: host key {fingerprint} was not known and was accepted unseen (--accept-new)"),
        Note::Connected {
            clock_skew_ms: Some(skew),
            ..
        } if skew.abs() > 5_000 => format!("{host}: its clock is {} s from the collector's", skew / 1000),
        Note::Complaint { message } => format!("{host}: {message}"),
        _ => return,
    };
    if origin.notes.len() < NOTES_AT_MOST && !origin.notes.contains(&line) {
        origin.notes.push(line);
    }
}

/// Makes segments of every log that a killed collector left. Gives how many logs there were.
///
/// # Errors
/// When a log is of another version or the store cannot be written; nothing is removed then.
pub(super) fn recover(store: &Store, logs: &Path) -> Result<usize, CampaignError> {
    let mut recovered = 0;
    let folders = match fs::read_dir(logs) {
        Ok(folders) => folders,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(source) => return Err(CampaignError::io("list", logs, source)),
    };
    for folder in folders {
        let folder = folder.map_err(|source| CampaignError::io("list", logs, source))?.path();
        let Some(id) = folder.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let left = logs_in(&folder)?;
        let mut origin = store
            .origins()?
            .into_iter()
            .find(|origin| origin.id == id)
            .unwrap_or_else(|| Origin::new(id, "collect"));
        for (position, (number, path)) in left.iter().enumerate() {
            // A log that has a successor gave its open interval to it.
            let last = if position + 1 == left.len() {
                LastInterval::Close
            } else {
                LastInterval::Open
            };
            let turned = turn(store, &mut origin, path, *number, last)?;
            if turned.cut_bytes > 0 {
                origin.notes.push(format!(
                    "the collector was killed: {} bytes of log {number} had not been synced and were left out",
                    turned.cut_bytes
                ));
            }
            recovered += 1;
        }
        store.write_record(&origin)?;
        for (_, path) in &left {
            fs::remove_file(path).map_err(|source| LogError::io("remove", path, source))?;
        }
        // Not empty only when someone put something there.
        let _ = fs::remove_dir(&folder);
    }
    Ok(recovered)
}
