//! Files of an origin that grows: segments while it runs, one file a day once the day is over.
//!
//! A campaign writes its record first and its rows bit by bit: each segment
//! counts as soon as it is renamed into place. A segment has the number of the
//! log it was made from, so that making it again after a crash replaces it. A
//! day's segments are then merged into one file and removed; when a crash comes
//! between, rows stand twice, with the same values, and readers merge them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::error::StoreError;
use super::writer::FileBeside;
use super::{Origin, Store, TableReader, files_in, origin_of, write_whole};
use crate::schema::{ColumnId, Table};
use crate::series::{Series, day_name};

/// What a day's merged file is called instead of a number.
const WHOLE_DAY: &str = "day";

impl Store {
    /// Writes (again) the record of an origin that grows, which makes its segments count.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_record(&self, origin: &Origin) -> Result<(), StoreError> {
        let path = self.record_path(&origin.id);
        let json = serde_json::to_string_pretty(origin).map_err(|error| StoreError::damaged(&path, error))?;
        write_whole(&path, json.as_bytes())
    }

    /// Writes series as segments of an origin, one file per table and day; an earlier segment of that number is
    /// replaced. Gives how many rows were written.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_segment(&self, origin: &str, number: u64, series: &[Series]) -> Result<usize, StoreError> {
        let mut files: BTreeMap<(Table, i64), Vec<Series>> = BTreeMap::new();
        for series in series {
            for (day, part) in series.split_by_day() {
                files.entry((series.table, day)).or_default().push(part);
            }
        }
        let mut rows = 0;
        for ((table, day), mut series) in files {
            series.sort_by(|a, b| (&a.host, &a.labels).cmp(&(&b.host, &b.labels)));
            let mut file = FileBeside::create(table, &self.part(table, day, origin, &format!("{number:010}")))?;
            for series in series {
                file.push(series)?;
            }
            rows += file.rows();
            file.finish()?;
        }
        Ok(rows)
    }

    /// Merges the segments of every day before `today` into one file per table and day. Gives how many days were merged.
    ///
    /// # Errors
    /// When a segment is damaged or the disk refuses; nothing is lost then.
    pub fn merge_days(&self, origin: &str, today: i64) -> Result<usize, StoreError> {
        let mut merged = 0;
        for table in Table::ALL {
            let mut days: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
            for path in files_in(&self.root().join(table.name()), ".parquet")? {
                let day = path.file_name().and_then(|name| name.to_str()?.split('.').next());
                if let (Some(day), Some(of)) = (day, origin_of(&path))
                    && of == origin
                    && *day < *day_name(today)
                {
                    days.entry(day.to_string()).or_default().push(path);
                }
            }
            for (day, segments) in days {
                let whole = self
                    .root()
                    .join(table.name())
                    .join(format!("{day}.{origin}.{WHOLE_DAY}.parquet"));
                if segments.iter().any(|segment| *segment != whole) {
                    merge(table, &segments, &whole)?;
                    merged += 1;
                }
            }
        }
        Ok(merged)
    }

    fn part(&self, table: Table, day: i64, origin: &str, number: &str) -> PathBuf {
        let name = format!("{}.{origin}.{number}.parquet", day_name(day));
        self.root().join(table.name()).join(name)
    }
}

fn merge(table: Table, segments: &[PathBuf], whole: &PathBuf) -> Result<(), StoreError> {
    let reader = TableReader::open(table, segments)?;
    let columns: Vec<ColumnId> = (0..table.columns().len()).map(ColumnId).collect();
    let mut file = FileBeside::create(table, whole)?;
    for block in reader.blocks() {
        for series in reader.read(block, &columns)? {
            file.push(series)?;
        }
    }
    file.finish()?;
    for segment in segments.iter().filter(|segment| *segment != whole) {
        fs::remove_file(segment).map_err(|source| StoreError::io("remove", segment, source))?;
    }
    Ok(())
}
