//! What the footer of a telemetry file says beside Parquet's own words.
//!
//! Four keys: `sizewright.format_version`, `sizewright.table`,
//! `sizewright.series`: which series stand in the file, in row order, so that a
//! reader takes one host's rows without decoding the host column; and
//! `sizewright.measured`: for each row group a bit for each number column that
//! holds anything, so that what was never measured is not decoded.

use serde::{Deserialize, Serialize};

pub(crate) const VERSION_KEY: &str = "sizewright.format_version";
pub(crate) const TABLE_KEY: &str = "sizewright.table";
pub(crate) const SERIES_KEY: &str = "sizewright.series";
pub(crate) const MEASURED_KEY: &str = "sizewright.measured";

/// One series of a file: whose it is, where its rows are, and when they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesSpan {
    /// The host.
    #[serde(rename = "h")]
    pub host: String,
    /// Values of the table's label columns.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// First row in the file.
    #[serde(rename = "r")]
    pub first_row: usize,
    /// How many rows.
    #[serde(rename = "n")]
    pub rows: usize,
    /// End of the first interval, UTC milliseconds.
    #[serde(rename = "a")]
    pub first_at_ms: i64,
    /// End of the last interval, UTC milliseconds.
    #[serde(rename = "z")]
    pub last_at_ms: i64,
    /// Distance of the rows in milliseconds when it is the same throughout; else absent.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub step_ms: Option<i64>,
}

/// Finds the constant distance of times, if there is one.
pub(crate) fn constant_step(at_ms: &[i64]) -> Option<i64> {
    let step = at_ms.get(1)? - at_ms[0];
    at_ms.windows(2).all(|pair| pair[1] - pair[0] == step).then_some(step)
}
