//! What did a host do in each interval? Readings of one host in, rows of the telemetry tables out.
//!
//! Pure: the same readings give the same rows, whether they come from a live
//! campaign, from its log after a crash, or in two parts ([`Rows::open_from`]).
//!
//! An interval ends at a multiple of its length on the UTC clock. The difference
//! of two neighbouring readings belongs to the interval in which the later one
//! falls, divided by the *host's own* monotonic clock, so neither jitter nor a
//! stepped wall clock makes a rate wrong. A difference across a reboot, or longer
//! than [`Spacing::longest_ms`], is a gap and belongs nowhere. A row is written
//! when at least half of its interval was covered.

mod device;
mod difference;
mod host;
mod interval;

use telemetry::Series;

pub use interval::{Oddities, Rows};

use crate::reading::Reading;
use interval::Intervals;

/// How long intervals and ticks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spacing {
    /// Length of an interval, milliseconds.
    pub interval_ms: i64,
    /// Time between two readings, milliseconds.
    pub tick_ms: i64,
}

impl Spacing {
    /// Gives the longest difference that is still a measurement: three ticks, or half an interval and a tick where that
    /// is more. What is longer says too little about when the work was done.
    #[must_use]
    pub fn longest_ms(&self) -> i64 {
        (3 * self.tick_ms).max(self.interval_ms / 2 + self.tick_ms)
    }

    /// Gives the end of the interval that an instant falls in; an instant on the boundary ends its interval.
    #[must_use]
    pub fn end_of(&self, at_ms: i64) -> i64 {
        (at_ms - 1).div_euclid(self.interval_ms) * self.interval_ms + self.interval_ms
    }
}

/// Whether readings of the last interval may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastInterval {
    /// They may: no row is made of it.
    Open,
    /// They will not: it is treated as any other.
    Close,
}

/// Makes the rows of one host that end after `after_ms` (UTC milliseconds), from readings in the order they were taken.
#[must_use]
pub fn rows(host: &str, readings: &[Reading], spacing: Spacing, after_ms: i64, last: LastInterval) -> Rows {
    let mut intervals = Intervals::new(host, spacing, after_ms);
    for (index, reading) in readings.iter().enumerate() {
        intervals.take(
            index,
            reading,
            index.checked_sub(1).and_then(|before| readings.get(before)),
        );
    }
    intervals.finish(readings, last)
}

/// Appends a row, leaving out what was not measured.
fn push(series: &mut Series, at_ms: i64, values: &[(telemetry::ColumnId, Option<f64>)]) {
    let measured: Vec<(telemetry::ColumnId, f64)> = values
        .iter()
        .filter_map(|&(column, value)| Some((column, value?)))
        .collect();
    series.push(at_ms, &measured);
}
