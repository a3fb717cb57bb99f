//! What did an import, or a dry run, find?

use std::collections::BTreeMap;

use serde::Serialize;
use telemetry::Table;
use telemetry::store::HostQuality;

use super::source::{Kind, SourceColumn};

/// How an import ended when nothing was wrong.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an unread report is not actionable"]
pub enum ImportOutcome {
    /// The rows were imported.
    Imported(Box<ImportReport>),
    /// This file was imported before with the same mapping; nothing changed.
    AlreadyImported {
        /// The origin that has its rows.
        origin: String,
        /// Rows of that import, by table.
        rows: BTreeMap<String, u64>,
    },
}

/// What an import took in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportReport {
    /// Name of the origin in the store.
    pub origin: String,
    /// Rows of the file.
    pub rows_read: u64,
    /// Rows written, by table.
    pub rows: BTreeMap<String, u64>,
    /// Hosts of the file.
    pub hosts: usize,
    /// First time, UTC milliseconds.
    pub first_at_ms: i64,
    /// Last time, UTC milliseconds.
    pub last_at_ms: i64,
    /// Usual length of the intervals, seconds; none when no host has two times.
    pub interval_s: Option<f64>,
    /// What was odd, summed over the hosts.
    pub quality: HostQuality,
    /// What was odd, by host; clean hosts are absent.
    pub quality_by_host: BTreeMap<String, HostQuality>,
    /// Columns of the file that nothing used.
    pub unused_columns: Vec<String>,
    /// What was understood and what to mind, in words.
    pub notes: Vec<String>,
}

/// What a dry run understood; nothing was written.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[must_use = "an unread report is not actionable"]
pub struct Description {
    /// Format of the file.
    pub kind: Kind,
    /// Whether its columns are native.
    pub native: bool,
    /// Separator of a CSV file.
    pub separator: Option<String>,
    /// Time zone of times that name none.
    pub time_zone: String,
    /// Columns of the file, with types and examples.
    pub columns: Vec<SourceColumn>,
    /// Where the host comes from.
    pub host: String,
    /// Where the time comes from.
    pub at: String,
    /// The tables that will be filled.
    pub tables: Vec<TableDescription>,
    /// Rows in the whole file, when the format says so.
    pub rows_in_file: Option<u64>,
    /// First rows that were looked at for all that follows.
    pub rows_looked_at: u64,
    /// The first rows, as they will be stored.
    pub preview: Vec<PreviewRow>,
    /// Hosts in the rows looked at, in order of appearance, the first few.
    pub hosts: Vec<String>,
    /// How many hosts the rows looked at have.
    pub host_count: usize,
    /// First time in the rows looked at, UTC milliseconds.
    pub first_at_ms: i64,
    /// Last time in the rows looked at, UTC milliseconds.
    pub last_at_ms: i64,
    /// Usual length of the intervals in the rows looked at, seconds.
    pub interval_s: Option<f64>,
    /// What is odd in the rows looked at.
    pub quality: HostQuality,
    /// What to mind, in words.
    pub warnings: Vec<String>,
}

/// How one table will be filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableDescription {
    /// The table.
    pub table: Table,
    /// Native column and formula; labels first.
    pub columns: Vec<(String, String)>,
}

/// One row of the source as it will be stored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreviewRow {
    /// Host.
    pub host: String,
    /// End of the interval, UTC milliseconds.
    pub at_ms: i64,
    /// The part of each table.
    pub tables: Vec<PreviewCells>,
}

/// One table's part of a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PreviewCells {
    /// The table.
    pub table: Table,
    /// Values of its label columns.
    pub labels: Vec<String>,
    /// Native column and value in its unit; none where unmeasured.
    pub numbers: Vec<(&'static str, Option<f64>)>,
}
