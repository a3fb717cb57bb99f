//! What a campaign writes down: who the hosts are, their readings, and what happened.

use serde::{Deserialize, Serialize};

use telemetry::{ColumnId, Table};

use crate::discovery::flows::Look;
use crate::reading::Reading;

/// One entry of the log.
#[allow(clippy::large_enum_variant, reason = "nearly all records are readings")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// Names a host; later records refer to it by its number.
    Host {
        /// Its number in this log.
        number: u32,
        /// Its name in the assessment.
        name: String,
        /// Length of an interval, milliseconds.
        interval_ms: i64,
        /// Time between readings, milliseconds.
        tick_ms: i64,
    },
    /// Rows of this host that end until then were made from an earlier log.
    DoneUntil {
        /// The host.
        host: u32,
        /// UTC milliseconds.
        at_ms: i64,
    },
    /// One reading.
    Reading {
        /// The host.
        host: u32,
        /// What it said.
        reading: Reading,
    },
    /// What was measured beside the readings, ready as a row.
    Measured {
        /// The host.
        host: u32,
        /// The row.
        measured: Measured,
    },
    /// Something that happened.
    Note {
        /// The host, when it was about one.
        host: Option<u32>,
        /// When, UTC milliseconds.
        at_ms: i64,
        /// What.
        note: Note,
    },
    /// A look at a host's connections.
    Looked {
        /// The host.
        host: u32,
        /// What was seen.
        look: Look,
    },
}

/// A row of a table that needs no difference of two readings: `service` or `process_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The table.
    pub table: Table,
    /// Values of the table's label columns.
    pub labels: Vec<String>,
    /// End of the interval, UTC milliseconds.
    pub at_ms: i64,
    /// By position among the table's columns: the value in its unit; what was not measured is left out.
    pub values: Vec<(u16, f64)>,
}

impl Measured {
    /// Makes a row.
    #[must_use]
    pub fn new(table: Table, labels: Vec<String>, at_ms: i64, values: &[(ColumnId, Option<f64>)]) -> Self {
        let known = values
            .iter()
            .filter_map(|&(column, value)| Some((u16::try_from(column.index()).ok()?, value?)));
        Self {
            table,
            labels,
            at_ms,
            values: known.collect(),
        }
    }
}

/// What can happen in a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// A host was reached.
    Connected {
        /// What its server calls itself.
        server: String,
        /// Fingerprint of a host key that was accepted unseen, because the user said so.
        accepted_host_key: Option<String>,
        /// Files that could not be read.
        unreadable: Vec<String>,
        /// How far its clock is ahead of ours, milliseconds.
        clock_skew_ms: Option<i64>,
    },
    /// A host was lost or could not be reached.
    Lost {
        /// Why.
        message: String,
    },
    /// A file of a host was not as it should be.
    Complaint {
        /// Which and why.
        message: String,
    },
    /// A host has other disks or interfaces than before.
    LayoutChanged,
}
