//! Writes an estate into a telemetry store: one file per table and day.
//!
//! A day is written while the next one is being made, so memory holds two days.

use std::collections::BTreeMap;

use rayon::prelude::*;
use telemetry::store::{HostQuality, Origin, OriginWriter, Store, StoreError};
use telemetry::{Series, Table};

use crate::estate::{Estate, Expectation, HostSpec};
use crate::machine::Machine;

impl Estate {
    /// Writes all hosts and days under one origin and gives its record.
    ///
    /// `progress` hears how many days of how many are written. The bytes do
    /// not depend on the number of threads.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn write(&self, store: &Store, mut progress: impl FnMut(u32, u32) + Send) -> Result<Origin, StoreError> {
        let mut writer = store.begin(&self.origin_id())?;
        let mut origin = Origin::new(self.origin_id(), "demo");
        origin.notes = vec![
            format!("sample estate `{}`, seed {}", self.name, self.seed),
            "generated, not measured".to_string(),
        ];
        origin.quality = self
            .hosts
            .iter()
            .filter_map(|host| Some((host.name.clone(), quality(host)?)))
            .collect();
        let mut machines: Vec<Machine> = self
            .hosts
            .iter()
            .map(|host| Machine::new(host, self.seed, self.start_ms, self.days))
            .collect();
        let first_day = telemetry::series::day_of(self.start_ms + 1);
        let mut made = make_day(&mut machines, 0);
        for day in 0..self.days {
            let ready = std::mem::take(&mut made);
            let (written, next) = rayon::join(
                || write_day(&mut writer, first_day + i64::from(day), ready, &mut origin.rows),
                || match day + 1 < self.days {
                    true => make_day(&mut machines, day + 1),
                    false => BTreeMap::new(),
                },
            );
            written?;
            made = next;
            progress(day + 1, self.days);
        }
        writer.commit(&origin)?;
        Ok(origin)
    }
}

/// Makes one day of all machines, sorted by host within each table.
fn make_day(machines: &mut [Machine], day: u32) -> BTreeMap<Table, Vec<Series>> {
    let by_host: Vec<Vec<Series>> = machines.par_iter_mut().map(|machine| machine.day(day)).collect();
    let mut by_table: BTreeMap<Table, Vec<Series>> = BTreeMap::new();
    for series in by_host.into_iter().flatten() {
        by_table.entry(series.table).or_default().push(series);
    }
    for series in by_table.values_mut() {
        series.sort_by(|a, b| (&a.host, &a.labels).cmp(&(&b.host, &b.labels)));
    }
    by_table
}

/// Writes a day's tables at the same time, each to its own file.
fn write_day(
    writer: &mut OriginWriter,
    day: i64,
    tables: BTreeMap<Table, Vec<Series>>,
    rows: &mut BTreeMap<String, u64>,
) -> Result<(), StoreError> {
    let mut files = Vec::with_capacity(tables.len());
    for (table, series) in tables {
        let count: usize = series.iter().map(Series::len).sum();
        *rows.entry(table.name().to_string()).or_default() += count as u64;
        files.push((writer.file(table, day)?, series));
    }
    files.into_par_iter().try_for_each(|(mut file, series)| {
        for series in series {
            file.push(series)?;
        }
        file.finish()
    })
}

/// Counts what an import of this host would have found odd.
fn quality(host: &HostSpec) -> Option<HostQuality> {
    match host.expectation {
        Some(Expectation::Gap { .. }) => Some(HostQuality {
            gaps: 1,
            ..HostQuality::default()
        }),
        Some(Expectation::Resized { .. }) => Some(HostQuality {
            resizes: 1,
            ..HostQuality::default()
        }),
        _ => None,
    }
}
