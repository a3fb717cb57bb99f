//! When something is full: the day on which a capacity is reached, early, likely and late.

use serde::{Deserialize, Serialize};

/// Days after which nobody looks: ten years.
const MOST_DAYS: usize = 3_650;
/// Standard deviations on either side of an 80 % interval.
const Z80: f64 = 1.281_551_565_545;

/// Days from today until a capacity is reached; absent where it is not within ten years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossingDays {
    /// With a chance of one in ten it is reached by then.
    pub early: Option<usize>,
    /// Expected.
    pub likely: Option<usize>,
    /// With a chance of nine in ten it is reached by then.
    pub late: Option<usize>,
}

/// Something that fills up: a level that drifts, with what is not known of the drift.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drifting {
    /// The level today.
    pub level: f64,
    /// By how much it rises a day.
    pub drift_per_day: f64,
    /// Standard deviation of what a day adds besides, seen over weeks.
    pub deviation_per_day: f64,
    /// Days that drift and deviation were learnt from.
    pub days: usize,
}

impl Drifting {
    /// Learns from a level by day, oldest first, gaps left out; nothing of less than two weeks.
    ///
    /// What weeks add, not days, gives the deviation: what is filled today and
    /// cleared tomorrow does not add up.
    #[must_use]
    pub fn learn(days: &[(i32, f64)]) -> Option<Self> {
        const WEEK: i32 = 7;
        let (first, last) = (days.first()?, days.last()?);
        let span = last.0 - first.0;
        // Two weeks from the first day to the last, both counted.
        if span + 1 < 2 * WEEK {
            return None;
        }
        let points: Vec<(f64, f64)> = days.iter().map(|(day, level)| (f64::from(*day), *level)).collect();
        // Two hundred points make twenty thousand pairs; longer histories are thinned evenly.
        let thinned: Vec<(f64, f64)> = points.iter().copied().step_by(points.len().div_ceil(200)).collect();
        let drift_per_day = super::trend::theil_sen(&thinned);
        let weekly: Vec<f64> = days
            .iter()
            .filter_map(|(day, level)| {
                let after = days.binary_search_by_key(&(day + WEEK), |one| one.0).ok()?;
                Some(days[after].1 - level - drift_per_day * f64::from(WEEK))
            })
            .collect();
        if weekly.is_empty() {
            return None;
        }
        let variance = weekly.iter().map(|rest| rest * rest).sum::<f64>() / weekly.len() as f64;
        Some(Self {
            level: last.1,
            drift_per_day,
            deviation_per_day: (variance / f64::from(WEEK)).sqrt(),
            days: usize::try_from(span).ok()?,
        })
    }

    /// Adds up levels that fill one capacity together; nothing of none.
    ///
    /// What their days add besides is taken as independent of each other.
    #[must_use]
    pub fn sum(parts: &[Self], share: f64) -> Option<Self> {
        let days = parts.iter().map(|part| part.days).min()?;
        let of = |value: fn(&Self) -> f64| share * parts.iter().map(value).sum::<f64>();
        Some(Self {
            level: of(|part| part.level),
            drift_per_day: of(|part| part.drift_per_day),
            deviation_per_day: share
                * parts
                    .iter()
                    .map(|part| part.deviation_per_day.powi(2))
                    .sum::<f64>()
                    .sqrt(),
            days,
        })
    }

    /// Gives when a capacity is reached.
    ///
    /// A random walk with drift: after h days the level is spread by σ²(h + h²/n),
    /// the steps to come and what n days leave unknown of the drift.
    #[must_use]
    pub fn reaches(&self, capacity: f64) -> CrossingDays {
        let at = |z: f64| {
            (0..=MOST_DAYS).find(|&days| {
                let h = days as f64;
                let spread = self.deviation_per_day * (h + h * h / self.days.max(1) as f64).sqrt();
                self.level + self.drift_per_day * h + z * spread >= capacity
            })
        };
        CrossingDays {
            early: at(Z80),
            likely: at(0.0),
            late: at(-Z80),
        }
    }
}

/// Gives the first day on which a value is above a capacity, counted from 1.
#[must_use]
pub fn first_day_above(values: impl IntoIterator<Item = f64>, capacity: f64) -> Option<usize> {
    values.into_iter().position(|value| value > capacity).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_disk_that_fills_evenly_is_full_on_a_known_day() {
        let days: Vec<(i32, f64)> = (0..30).map(|day| (day, 50.0 + f64::from(day))).collect();
        let disk = Drifting::learn(&days).unwrap();
        assert_eq!((disk.level, disk.drift_per_day), (79.0, 1.0));
        let full = disk.reaches(100.0);
        assert_eq!((full.early, full.likely, full.late), (Some(21), Some(21), Some(21)));
        assert_eq!(disk.reaches(79.0).likely, Some(0));
    }

    #[test]
    fn a_disk_that_stands_still_is_never_full() {
        let days: Vec<(i32, f64)> = (0..30).map(|day| (day, 50.0)).collect();
        assert_eq!(Drifting::learn(&days).unwrap().reaches(100.0), CrossingDays::default());
        assert_eq!(Drifting::learn(&days[..10]), None);
    }

    #[test]
    fn two_that_fill_together_are_full_when_their_sum_is() {
        let one = Drifting {
            level: 30.0,
            drift_per_day: 1.0,
            deviation_per_day: 0.3,
            days: 20,
        };
        let other = Drifting {
            level: 50.0,
            drift_per_day: 3.0,
            deviation_per_day: 0.4,
            days: 30,
        };
        let both = Drifting::sum(&[one, other], 0.5).unwrap();
        assert_eq!((both.level, both.drift_per_day, both.days), (40.0, 2.0, 20));
        assert!((both.deviation_per_day - 0.25).abs() < 1e-12);
        assert_eq!(both.reaches(100.0).likely, Some(30));
        assert_eq!(Drifting::sum(&[], 1.0), None);
    }

    #[test]
    fn the_first_day_above_is_counted_from_one() {
        assert_eq!(first_day_above([1.0, 2.0, 3.0], 2.0), Some(3));
        assert_eq!(first_day_above([1.0], 2.0), None);
    }

    proptest! {
        #[test]
        fn early_is_before_likely_and_that_before_late(
            level in 0.0_f64..90.0, drift in -1.0_f64..3.0, deviation in 0.0_f64..3.0, days in 14_usize..400,
        ) {
            let disk = Drifting { level, drift_per_day: drift, deviation_per_day: deviation, days };
            let full = disk.reaches(100.0);
            let order = |day: Option<usize>| day.unwrap_or(usize::MAX);
            prop_assert!(order(full.early) <= order(full.likely));
            prop_assert!(order(full.likely) <= order(full.late));
        }
    }
}
