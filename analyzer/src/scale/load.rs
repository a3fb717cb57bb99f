//! A group's demand, one value a minute, and what every replay of it shares.
//!
//! Input: samples of any interval up to an hour. Output: a [`Load`] in busy
//! cores (or requests) and, for instances of a size, a [`Need`] in units of
//! capacity. Coarser samples are interpolated on a straight line between their
//! middles; the result remembers their interval, since minutes that were never
//! measured have no bursts. A longer hole stays a hole.

use std::ops::Range;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::week::minutes_of_week;

/// Minutes in a day.
pub const DAY: usize = 1_440;
/// Minutes in a week.
pub const WEEK: usize = 7 * DAY;
const MINUTE_MS: i64 = 60_000;
/// Samples further apart than this many intervals have a hole between them.
const HOLE_INTERVALS: i64 = 3;

/// Demand by minute; a minute that was not measured is `NaN`.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    first_minute: i64,
    per_minute: Vec<f32>,
    interval_s: f64,
}

/// Why samples make no load.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum LoadError {
    /// Nothing was measured.
    #[error("no sample was measured")]
    Empty,
    /// Scaling is replayed minute by minute; longer means hide what it has to follow.
    #[error("samples are {minutes:.0} minutes apart; expected one an hour at the least")]
    TooCoarse {
        /// Median distance.
        minutes: f64,
    },
    /// The span is longer than a replay holds.
    #[error("samples span {days:.0} days; expected at most {most} days")]
    TooLong {
        /// Days from the first to the last.
        days: f64,
        /// The limit.
        most: u32,
    },
}

/// Most days of a load: ten years.
const MOST_DAYS: u32 = 3_660;

impl Load {
    /// Puts samples on minutes: `(end of the interval in UTC milliseconds, value)`, ascending; what is not finite or negative counts as not measured.
    ///
    /// # Errors
    /// When nothing was measured, or samples are further apart than an hour.
    pub fn from_samples(samples: &[(i64, f64)]) -> Result<Self, LoadError> {
        let samples: Vec<(i64, f64)> = samples
            .iter()
            .copied()
            .filter(|(_, value)| value.is_finite() && *value >= 0.0)
            .collect();
        let (Some(&(first, _)), Some(&(last, _))) = (samples.first(), samples.last()) else {
            return Err(LoadError::Empty);
        };
        let days = (last - first) as f64 / (DAY as f64 * MINUTE_MS as f64);
        if days > f64::from(MOST_DAYS) {
            return Err(LoadError::TooLong { days, most: MOST_DAYS });
        }
        let mut steps: Vec<i64> = samples
            .windows(2)
            .map(|pair| pair[1].0 - pair[0].0)
            .filter(|&step| step > 0)
            .collect();
        steps.sort_unstable();
        let interval = steps.get(steps.len() / 2).copied().unwrap_or(MINUTE_MS);
        if interval > 60 * MINUTE_MS {
            return Err(LoadError::TooCoarse {
                minutes: interval as f64 / MINUTE_MS as f64,
            });
        }
        let per_minute = if interval <= MINUTE_MS {
            averaged(&samples)
        } else {
            interpolated(&samples, interval)
        };
        Ok(Self {
            first_minute: start(first, interval).div_euclid(MINUTE_MS),
            per_minute,
            interval_s: interval as f64 / 1000.0,
        })
    }

    /// Takes values that are already one a minute; the first is of the minute that starts at `first_minute` (minutes since 1970).
    #[must_use]
    pub fn from_minutes(first_minute: i64, per_minute: Vec<f32>) -> Self {
        Self {
            first_minute,
            per_minute,
            interval_s: 60.0,
        }
    }

    /// Gives the values; `NaN` where not measured.
    #[must_use]
    pub fn per_minute(&self) -> &[f32] {
        &self.per_minute
    }

    /// Gives the first minute, counted from 1970-01-01 00:00 UTC.
    #[must_use]
    pub fn first_minute(&self) -> i64 {
        self.first_minute
    }

    /// Gives the distance of the samples it was made from, in seconds.
    #[must_use]
    pub fn interval_s(&self) -> f64 {
        self.interval_s
    }

    /// Says whether minutes were interpolated.
    #[must_use]
    pub fn is_interpolated(&self) -> bool {
        self.interval_s > 60.0
    }

    /// Counts measured minutes.
    #[must_use]
    pub fn measured(&self) -> usize {
        self.per_minute.iter().filter(|value| !value.is_nan()).count()
    }

    /// Gives the days from the first to the last minute.
    #[must_use]
    pub fn days(&self) -> f64 {
        self.per_minute.len() as f64 / DAY as f64
    }

    /// Gives a part of it.
    #[must_use]
    pub fn part(&self, minutes: Range<usize>) -> Self {
        Self {
            first_minute: self.first_minute + minutes.start as i64,
            per_minute: self.per_minute[minutes].to_vec(),
            interval_s: self.interval_s,
        }
    }

    /// Multiplies every value.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self {
            per_minute: self
                .per_minute
                .iter()
                .map(|value| (f64::from(*value) * factor) as f32)
                .collect(),
            ..self.clone()
        }
    }

    /// Adds the same to every measured minute.
    #[must_use]
    pub fn plus(&self, amount: f64) -> Self {
        Self {
            per_minute: self.per_minute.iter().map(|value| value + amount as f32).collect(),
            ..self.clone()
        }
    }

    /// Adds loads minute by minute; a minute counts when all were measured in it.
    #[must_use]
    pub fn sum(loads: &[Self]) -> Option<Self> {
        let first = loads.iter().map(|load| load.first_minute).max()?;
        let end = loads
            .iter()
            .map(|load| load.first_minute + load.per_minute.len() as i64)
            .min()?;
        let length = usize::try_from(end - first).ok().filter(|&length| length > 0)?;
        let mut per_minute = vec![0.0_f32; length];
        for load in loads {
            let skipped = (first - load.first_minute) as usize;
            for (sum, value) in per_minute.iter_mut().zip(&load.per_minute[skipped..]) {
                *sum += value;
            }
        }
        Some(Self {
            first_minute: first,
            per_minute,
            interval_s: loads.iter().fold(60.0, |coarsest, load| load.interval_s.max(coarsest)),
        })
    }

    /// Gives the value that a share of the measured minutes does not exceed; nothing where none was measured.
    #[must_use]
    pub fn quantile(&self, level: f64) -> Option<f64> {
        let mut values: Vec<f32> = self
            .per_minute
            .iter()
            .copied()
            .filter(|value| !value.is_nan())
            .collect();
        quantile(&mut values, level)
    }

    /// Gives the mean of the measured minutes.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let measured = self.measured();
        let sum: f64 = self
            .per_minute
            .iter()
            .filter(|value| !value.is_nan())
            .map(|value| f64::from(*value))
            .sum();
        (measured > 0).then(|| sum / measured as f64)
    }

    /// Gives the stretches without a hole.
    #[must_use]
    pub fn stretches(&self) -> Vec<Range<usize>> {
        stretches(&self.per_minute)
    }

    /// Gives the minute of the week (Monday midnight is 0, local time) of every minute.
    #[must_use]
    pub fn minutes_of_week(&self, zone: &TimeZone) -> Vec<u16> {
        minutes_of_week(self.first_minute, self.per_minute.len(), zone)
    }
}

/// Gives the value that a share of the values does not exceed (nearest rank); reorders them.
pub(crate) fn quantile(values: &mut [f32], level: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let rank = (level * values.len() as f64 - 1e-9).ceil() as usize;
    let rank = rank.clamp(1, values.len()) - 1;
    let (_, value, _) = values.select_nth_unstable_by(rank, f32::total_cmp);
    Some(f64::from(*value))
}

fn stretches(values: &[f32]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut begun = None;
    for (minute, value) in values.iter().enumerate() {
        match (value.is_nan(), begun) {
            (false, None) => begun = Some(minute),
            (true, Some(from)) => {
                out.push(from..minute);
                begun = None;
            }
            _ => {}
        }
    }
    out.extend(begun.map(|from| from..values.len()));
    out
}

/// Gives the start of the first interval, which ends at `end`.
fn start(end: i64, interval: i64) -> i64 {
    end - interval.max(MINUTE_MS)
}

/// Averages samples of a minute or less within each minute.
fn averaged(samples: &[(i64, f64)]) -> Vec<f32> {
    let first = start(samples[0].0, MINUTE_MS).div_euclid(MINUTE_MS);
    let index = |end: i64| ((end - 1).div_euclid(MINUTE_MS) - first).max(0) as usize;
    let length = index(samples[samples.len() - 1].0) + 1;
    let mut sums = vec![(0.0_f64, 0_u32); length];
    for &(end, value) in samples {
        let (sum, count) = &mut sums[index(end).min(length - 1)];
        *sum += value;
        *count += 1;
    }
    sums.into_iter()
        .map(|(sum, count)| {
            if count == 0 {
                f32::NAN
            } else {
                (sum / f64::from(count)) as f32
            }
        })
        .collect()
}

/// Draws straight lines between the middles of longer intervals; ends are held.
fn interpolated(samples: &[(i64, f64)], interval: i64) -> Vec<f32> {
    let first = start(samples[0].0, interval).div_euclid(MINUTE_MS);
    let last = samples[samples.len() - 1].0;
    let length = ((last - 1).div_euclid(MINUTE_MS) - first + 1).max(1) as usize;
    let mut out = vec![f32::NAN; length];
    let middle = |end: i64| end - interval / 2;
    let mut place = |from: i64, until: i64, value: &dyn Fn(i64) -> f64| {
        let begin = (from.div_euclid(MINUTE_MS) - first).max(0);
        let end = (until.div_euclid(MINUTE_MS) - first).min(length as i64);
        for minute in begin..end {
            let centre = (first + minute) * MINUTE_MS + MINUTE_MS / 2;
            out[minute as usize] = value(centre) as f32;
        }
    };
    for (position, &(end, value)) in samples.iter().enumerate() {
        let before = position.checked_sub(1).map(|before| samples[before]);
        let held_before = before.is_none_or(|(earlier, _)| end - earlier > HOLE_INTERVALS * interval);
        if held_before {
            place(end - interval, middle(end), &|_| value);
        }
        match samples.get(position + 1) {
            Some(&(later, next)) if later - end <= HOLE_INTERVALS * interval => {
                let width = (later - end).max(1) as f64;
                place(middle(end), middle(later), &|centre| {
                    let part = ((centre - middle(end)) as f64 / width).clamp(0.0, 1.0);
                    value + (next - value) * part
                });
            }
            _ => place(middle(end), end, &|_| value),
        }
    }
    out
}

/// Demand in units of capacity, the imbalance of load balancing added, with what all replays of it share.
#[derive(Clone, Debug)]
pub struct Need {
    pub(super) per_minute: Vec<f32>,
    pub(super) stretches: Vec<Range<usize>>,
    /// Window in minutes, and the highest of that many minutes up to each.
    highest: Vec<(u32, Vec<f32>)>,
}

impl Need {
    /// Divides a load by what one unit of capacity carries, and raises it to what the most loaded instance sees.
    #[must_use]
    pub fn new(load: &Load, per_unit: f64, imbalance: f64) -> Self {
        let factor = (1.0 + imbalance) / per_unit;
        let per_minute: Vec<f32> = load
            .per_minute
            .iter()
            .map(|value| (f64::from(*value) * factor) as f32)
            .collect();
        Self {
            stretches: stretches(&per_minute),
            per_minute,
            highest: Vec::new(),
        }
    }

    /// Prepares the rolling maxima that policies with these scale-in windows look at.
    #[must_use]
    pub fn with_windows(mut self, windows: impl IntoIterator<Item = u32>) -> Self {
        for window in windows {
            if !self.highest.iter().any(|(known, _)| *known == window) {
                let maxima = trailing_maxima(&self.per_minute, &self.stretches, window);
                self.highest.push((window, maxima));
            }
        }
        self
    }

    /// Gives a part of it, with the same windows prepared.
    #[must_use]
    pub fn part(&self, minutes: Range<usize>) -> Self {
        let per_minute = self.per_minute[minutes].to_vec();
        Self {
            stretches: stretches(&per_minute),
            per_minute,
            highest: Vec::new(),
        }
        .with_windows(self.highest.iter().map(|(window, _)| *window))
    }

    /// Gives the highest of the last `window` minutes, for each minute.
    #[must_use]
    pub fn highest_of_last(&self, window: u32) -> std::borrow::Cow<'_, [f32]> {
        match self.highest.iter().find(|(known, _)| *known == window) {
            Some((_, maxima)) => maxima.into(),
            None => trailing_maxima(&self.per_minute, &self.stretches, window).into(),
        }
    }

    /// Gives the values; `NaN` where not measured.
    #[must_use]
    pub fn per_minute(&self) -> &[f32] {
        &self.per_minute
    }

    /// Gives the stretches without a hole.
    #[must_use]
    pub fn stretches(&self) -> &[Range<usize>] {
        &self.stretches
    }
}

/// Gives the highest value of the last `window` minutes up to each, within a stretch (van Herk's two passes).
fn trailing_maxima(values: &[f32], stretches: &[Range<usize>], window: u32) -> Vec<f32> {
    let window = window.max(1) as usize;
    let mut out = vec![f32::NAN; values.len()];
    for stretch in stretches {
        let values = &values[stretch.clone()];
        let mut behind = values.to_vec();
        // `behind` holds the maximum from each value to the end of its block.
        for block in behind.chunks_mut(window) {
            for at in (0..block.len() - 1).rev() {
                block[at] = block[at].max(block[at + 1]);
            }
        }
        let mut ahead = f32::NEG_INFINITY;
        for (at, &value) in values.iter().enumerate() {
            ahead = if at % window == 0 { value } else { ahead.max(value) };
            let from = (at + 1).saturating_sub(window);
            out[stretch.start + at] = if from % window == 0 {
                ahead
            } else {
                ahead.max(behind[from])
            };
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rolling_maxima_are_those_of_a_plain_loop(
            values in prop::collection::vec(prop_oneof![9 => 0.0_f32..100.0, 1 => Just(f32::NAN)], 1..200),
            window in 1_u32..40,
        ) {
            let need = Need::new(&Load::from_minutes(0, values.clone()), 1.0, 0.0).with_windows([window]);
            let fast = need.highest_of_last(window);
            for stretch in need.stretches() {
                for at in stretch.clone() {
                    let from = stretch.start.max((at + 1).saturating_sub(window as usize));
                    let plain = values[from..=at].iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    prop_assert_eq!(fast[at], plain);
                }
            }
        }
    }

    #[test]
    fn five_minutes_are_interpolated_between_their_middles_and_say_so() {
        let samples: Vec<(i64, f64)> = (1..=4).map(|step| (step * 300_000, step as f64 * 10.0)).collect();
        let load = Load::from_samples(&samples).unwrap();
        assert!(load.is_interpolated());
        assert_eq!(load.per_minute().len(), 20);
        assert_eq!(load.per_minute()[2], 10.0);
        assert_eq!(load.per_minute()[7], 20.0);
        assert_eq!(load.per_minute()[5], 16.0);
    }

    #[test]
    fn a_hole_stays_a_hole() {
        let samples = [(60_000, 1.0), (120_000, 2.0), (180_000, 3.0), (600_000, 4.0)];
        let load = Load::from_samples(&samples).unwrap();
        assert_eq!(load.measured(), 4);
        assert_eq!(load.stretches(), vec![0..3, 9..10]);
        let coarse: Vec<(i64, f64)> = [1, 2, 3, 30].iter().map(|step| (step * 300_000, 1.0)).collect();
        assert_eq!(Load::from_samples(&coarse).unwrap().stretches(), vec![0..15, 145..150]);
    }

    #[test]
    fn what_is_not_a_number_is_not_measured() {
        assert_eq!(
            Load::from_samples(&[(60_000, f64::NAN), (120_000, -1.0)]),
            Err(LoadError::Empty)
        );
        let hours: Vec<(i64, f64)> = (1..9).map(|hour| (hour * 7_200_000, 1.0)).collect();
        assert!(matches!(Load::from_samples(&hours), Err(LoadError::TooCoarse { .. })));
    }

    #[test]
    fn a_sum_is_over_common_time() {
        let one = Load::from_minutes(10, vec![1.0, 2.0, f32::NAN, 4.0]);
        let other = Load::from_minutes(11, vec![10.0, 20.0, 30.0, 40.0]);
        let sum = Load::sum(&[one, other]).unwrap();
        assert_eq!(sum.first_minute(), 11);
        assert_eq!(sum.measured(), 2);
        assert_eq!(sum.per_minute()[0], 12.0);
        assert_eq!(sum.per_minute()[2], 34.0);
    }
}
