//! The busiest hour that a host had: the one to look at first when asking whether a proposal is enough.

use serde::{Deserialize, Serialize};
use telemetry::NOT_MEASURED;

use super::calendar::Run;

/// An hour counts when at least this share of its rows were measured; a few samples make no hour.
const MEASURED: f64 = 0.5;
/// Rows of an hour at the usual distance, at least, since a first or last hour may be cut.
const WHOLE: f64 = 0.9;

/// The local hour with the highest mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BusiestHour {
    /// End of its first interval, UTC milliseconds.
    pub at_ms: i64,
    /// Mean over the hour, cores.
    pub mean: f64,
    /// Highest interval of the hour, cores.
    pub highest: f64,
}

impl BusiestHour {
    /// Finds the first of the busiest hours; nothing where intervals are longer than an hour or no hour is whole.
    pub(crate) fn of(raw: &[i64], at_ms: &[i64], runs: &[Run], usual_ms: i64, per_unit: f64) -> Option<Self> {
        let rows = 3_600_000.0 / usual_ms.max(1) as f64;
        let mut busiest: Option<Self> = None;
        for run in runs.iter().filter(|run| run.rows.len() as f64 >= WHOLE * rows) {
            let measured = raw[run.rows.clone()].iter().filter(|raw| **raw != NOT_MEASURED);
            let (sum, highest, count) = measured.fold((0.0, i64::MIN, 0_usize), |(sum, highest, count), &raw| {
                (sum + raw as f64, highest.max(raw), count + 1)
            });
            if count == 0 || (count as f64) < MEASURED * run.rows.len() as f64 {
                continue;
            }
            let mean = sum / count as f64 / per_unit;
            if busiest.is_none_or(|known| mean > known.mean) {
                busiest = Some(Self {
                    at_ms: at_ms[run.rows.start],
                    mean,
                    highest: highest as f64 / per_unit,
                });
            }
        }
        busiest
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::calendar::runs;
    use jiff::tz::TimeZone;

    fn busiest(value: impl Fn(i64) -> i64, minutes: i64) -> Option<BusiestHour> {
        let at: Vec<i64> = (1..=minutes).map(|minute| minute * 60_000).collect();
        let raw: Vec<i64> = (0..minutes).map(value).collect();
        BusiestHour::of(&raw, &at, &runs(&at, &TimeZone::UTC), 60_000, 1000.0)
    }

    #[test]
    fn the_hour_with_the_highest_mean_is_found_with_its_highest_minute() {
        let hour = busiest(
            |minute| match minute {
                300 => 9_000,
                600..660 => 3_000 + minute % 2,
                _ => 100,
            },
            1440,
        )
        .unwrap();
        assert_eq!(hour.at_ms, 601 * 60_000);
        assert!((hour.mean - 3.0005).abs() < 1e-9, "{hour:?}");
        assert_eq!(hour.highest, 3.001);
    }

    #[test]
    fn a_few_samples_make_no_hour() {
        let mostly_missing = busiest(
            |minute| match minute {
                60..65 => 8_000,
                65..120 => NOT_MEASURED,
                _ => 100,
            },
            240,
        );
        assert_eq!(mostly_missing.unwrap().mean, 0.1);
        assert_eq!(busiest(|_| 100, 30), None);
    }
}
