//! The summary of one series of one host: quantiles, peak, hours of the week, days.

use serde::{Deserialize, Serialize};
use telemetry::NOT_MEASURED;

use super::calendar::{HOURS_OF_WEEK, Run};
use super::quantile::{Scratch, at_ranks, rank};

/// The levels every profile has: P50, P90, P95, P99 and P99.5.
pub const LEVELS: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.995];

/// What one dimension of one host did over the window; values in the unit of the field that holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricProfile {
    /// Intervals that were measured.
    pub samples: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Level (0 to 1) and value, ascending; see [`LEVELS`].
    pub quantiles: Vec<(f64, f64)>,
    /// Highest value.
    pub maximum: f64,
    /// End of the interval of the highest value (the first, if several), UTC milliseconds.
    pub maximum_at_ms: i64,
    /// Mean by hour of the week, Monday midnight first; NaN where nothing was measured.
    pub hour_of_week_mean: Vec<f32>,
    /// P95 by hour of the week; NaN where nothing was measured.
    pub hour_of_week_p95: Vec<f32>,
    /// Local day (since 1970-01-01) and the highest value of that day.
    pub daily_maxima: Vec<(i32, f64)>,
    /// Mean of the first half of the days.
    pub first_half_mean: f64,
    /// Mean of the second half of the days.
    pub second_half_mean: f64,
}

impl MetricProfile {
    /// Gives the quantile at a level; the next level above where this one was not asked for.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        self.quantiles
            .iter()
            .find(|(known, _)| *known >= level - 1e-12)
            .map_or(self.maximum, |&(_, value)| value)
    }

    /// Gives the 90th percentile of the daily maxima, as the VPA takes it for memory.
    #[must_use]
    pub fn daily_peak_p90(&self) -> f64 {
        let mut peaks: Vec<f64> = self.daily_maxima.iter().map(|&(_, value)| value).collect();
        peaks.sort_by(f64::total_cmp);
        peaks.get(rank(0.9, peaks.len())).copied().unwrap_or(self.maximum)
    }

    /// Gives the highest mean of an hour of the week.
    #[must_use]
    pub fn busiest_hour_mean(&self) -> f64 {
        self.hour_of_week_mean
            .iter()
            .filter(|mean| mean.is_finite())
            .fold(self.mean, |busiest, &mean| busiest.max(f64::from(mean)))
    }

    /// Drops the hour-of-week maps, for estates whose profiles must stay small in memory.
    pub fn drop_maps(&mut self) {
        self.hour_of_week_mean = Vec::new();
        self.hour_of_week_p95 = Vec::new();
    }
}

/// Summarises raw numbers; `per_unit` raw units make one of the metric's unit. Nothing when none was measured.
pub(crate) fn summarise(
    raw: &[i64],
    at_ms: &[i64],
    runs: &[Run],
    per_unit: f64,
    levels: &[f64],
    scratch: &mut MetricScratch,
) -> Option<MetricProfile> {
    let mut least = i64::MAX;
    let mut greatest = i64::MIN;
    for &value in raw {
        least = least.min(value);
        greatest = greatest.max(value);
    }
    if least != NOT_MEASURED {
        return summarise_whole(raw, at_ms, runs, per_unit, levels, (least, greatest), scratch);
    }
    // Leave out what was not measured, and move the runs accordingly.
    let mut kept = std::mem::take(&mut scratch.kept);
    let mut kept_at = std::mem::take(&mut scratch.kept_at);
    kept.clear();
    kept_at.clear();
    let mut kept_runs = Vec::with_capacity(runs.len());
    least = i64::MAX;
    for run in runs {
        let start = kept.len();
        for row in run.rows.clone() {
            if raw[row] != NOT_MEASURED {
                least = least.min(raw[row]);
                kept.push(raw[row]);
                kept_at.push(at_ms[row]);
            }
        }
        if kept.len() > start {
            kept_runs.push(Run { rows: start..kept.len(), ..run.clone() });
        }
    }
    let profile = (!kept.is_empty()).then(|| {
        summarise_whole(&kept, &kept_at, &kept_runs, per_unit, levels, (least, greatest), scratch)
    });
    scratch.kept = kept;
    scratch.kept_at = kept_at;
    profile.flatten()
}

/// Memory that is reused from metric to metric.
#[derive(Debug, Default)]
pub(crate) struct MetricScratch {
    quantiles: Scratch,
    kept: Vec<i64>,
    kept_at: Vec<i64>,
    bins: Vec<Vec<i64>>,
}

fn summarise_whole(
    raw: &[i64],
    at_ms: &[i64],
    runs: &[Run],
    per_unit: f64,
    levels: &[f64],
    (least, greatest): (i64, i64),
    scratch: &mut MetricScratch,
) -> Option<MetricProfile> {
    let unit = |value: i64| value as f64 / per_unit;
    let peak = raw.iter().position(|&value| value == greatest)?;
    let ranks: Vec<usize> = levels.iter().map(|&level| rank(level, raw.len())).collect();
    let values = at_ranks(raw, least, greatest, &ranks, &mut scratch.quantiles);

    let bins = &mut scratch.bins;
    bins.resize_with(HOURS_OF_WEEK, Vec::new);
    for bin in bins.iter_mut() {
        bin.clear();
    }
    let mut daily: Vec<(i32, i64)> = Vec::new();
    let middle = (runs.first()?.day + runs.last()?.day + 1) / 2;
    let mut halves = [(0_i128, 0_usize); 2];
    let mut hour_sums = [0_i128; HOURS_OF_WEEK];
    for run in runs {
        let rows = &raw[run.rows.clone()];
        let mut sum = 0_i64;
        let mut highest = i64::MIN;
        for &value in rows {
            sum = sum.wrapping_add(value);
            highest = highest.max(value);
        }
        hour_sums[run.hour_of_week] += i128::from(sum);
        bins[run.hour_of_week].extend_from_slice(rows);
        let half = &mut halves[usize::from(run.day >= middle)];
        half.0 += i128::from(sum);
        half.1 += rows.len();
        match daily.last_mut() {
            Some((day, value)) if *day == run.day => *value = (*value).max(highest),
            _ => daily.push((run.day, highest)),
        }
    }
    let mean_of = |(sum, count): (i128, usize)| sum as f64 / count as f64 / per_unit;
    let total: i128 = halves.iter().map(|half| half.0).sum();
    let (hour_of_week_mean, hour_of_week_p95) = bins
        .iter_mut()
        .zip(hour_sums)
        .map(|(bin, sum)| {
            if bin.is_empty() {
                return (f32::NAN, f32::NAN);
            }
            let mean = mean_of((sum, bin.len())) as f32;
            let (_, p95, _) = {
                let at = rank(0.95, bin.len());
                bin.select_nth_unstable(at)
            };
            (mean, unit(*p95) as f32)
        })
        .unzip();
    let overall = mean_of((total, raw.len()));
    let half = |(sum, count): (i128, usize)| if count == 0 { overall } else { mean_of((sum, count)) };
    Some(MetricProfile {
        samples: raw.len(),
        mean: overall,
        quantiles: levels.iter().zip(values).map(|(&level, value)| (level, unit(value))).collect(),
        maximum: unit(greatest),
        maximum_at_ms: at_ms[peak],
        hour_of_week_mean,
        hour_of_week_p95,
        daily_maxima: daily.into_iter().map(|(day, value)| (day, unit(value))).collect(),
        first_half_mean: half(halves[0]),
        second_half_mean: half(halves[1]),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::calendar::runs;
    use jiff::tz::TimeZone;

    #[test]
    fn unmeasured_rows_do_not_count_as_zero() {
        let at: Vec<i64> = (1..=4).map(|minute| minute * 60_000).collect();
        let raw = [1000, NOT_MEASURED, 3000, NOT_MEASURED];
        let runs = runs(&at, &TimeZone::UTC);
        let profile =
            summarise(&raw, &at, &runs, 1000.0, &LEVELS, &mut MetricScratch::default()).unwrap();
        assert_eq!(profile.samples, 2);
        assert_eq!(profile.mean, 2.0);
        assert_eq!(profile.maximum, 3.0);
        assert_eq!(profile.maximum_at_ms, 180_000);
        assert_eq!(profile.quantile(0.5), 1.0);
    }

    #[test]
    fn nothing_measured_is_no_profile() {
        let at = [60_000];
        let runs = runs(&at, &TimeZone::UTC);
        assert!(
            summarise(&[NOT_MEASURED], &at, &runs, 1.0, &LEVELS, &mut MetricScratch::default())
                .is_none()
        );
    }
}
