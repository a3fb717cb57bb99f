//! Where telemetry came from, and what was odd about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schema::FORMAT_VERSION;

/// The record of one import, campaign or demo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Format version of the files, see [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Name within the store: letters, digits and hyphens.
    pub id: String,
    /// What brought the rows, such as `import csv`.
    pub kind: String,
    /// Version of the program that wrote them.
    pub program: String,
    /// The files they came from.
    #[serde(default)]
    pub sources: Vec<SourceFile>,
    /// Rows written, by table.
    #[serde(default)]
    pub rows: BTreeMap<String, u64>,
    /// What was understood of the source, in words.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What was odd, by host; hosts without oddities are absent.
    #[serde(default)]
    pub quality: BTreeMap<String, HostQuality>,
}

impl Origin {
    /// Starts a record.
    #[must_use]
    pub fn new(id: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            id: id.into(),
            kind: kind.into(),
            program: concat!("sizewright ", env!("CARGO_PKG_VERSION")).to_string(),
            sources: Vec::new(),
            rows: BTreeMap::new(),
            notes: Vec::new(),
            quality: BTreeMap::new(),
        }
    }
}

/// A file that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// File name without its folder.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Digest of the content, in hexadecimal.
    pub digest: String,
}

/// Counts of odd samples of one host: kept as they are or left unmeasured, never clamped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostQuality {
    /// Rows whose time had been seen before; the first one stands.
    pub duplicate_times: u64,
    /// Rows that came earlier than the row before them.
    pub backward_times: u64,
    /// Rows with no CPU at all (powered off): CPU left unmeasured.
    pub zero_cores: u64,
    /// Rows that used more CPU than there was: kept as measured.
    pub above_capacity: u64,
    /// Negative numbers: left unmeasured.
    pub negative: u64,
    /// Numbers beyond any machine, or not a number: left unmeasured.
    pub absurd: u64,
    /// Pauses longer than twice the usual interval.
    pub gaps: u64,
    /// Times that the CPUs or the memory of the machine changed.
    pub resizes: u64,
}

impl HostQuality {
    /// Says whether nothing odd was seen.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.duplicate_times += other.duplicate_times;
        self.backward_times += other.backward_times;
        self.zero_cores += other.zero_cores;
        self.above_capacity += other.above_capacity;
        self.negative += other.negative;
        self.absurd += other.absurd;
        self.gaps += other.gaps;
        self.resizes += other.resizes;
    }

    /// Gives the counts with their names in words, only those that are not zero.
    #[must_use]
    pub fn findings(&self) -> Vec<(&'static str, u64)> {
        [
            ("duplicate times", self.duplicate_times),
            ("backward times", self.backward_times),
            ("rows with zero cores", self.zero_cores),
            ("rows above capacity", self.above_capacity),
            ("negative values", self.negative),
            ("absurd values", self.absurd),
            ("gaps", self.gaps),
            ("resizes", self.resizes),
        ]
        .into_iter()
        .filter(|&(_, count)| count > 0)
        .collect()
    }
}
