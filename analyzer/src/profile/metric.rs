//! The summary of one series of one host: quantiles, peak, hours of the week, days.

use serde::{Deserialize, Serialize};
use telemetry::NOT_MEASURED;

use super::calendar::{HOURS_OF_WEEK, Run};
use super::quantile::{Offset, Scratch, at_ranks, rank};

/// The levels every profile has: P50, P90, P95, P99 and P99.5.
pub const LEVELS: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.995];

/// Further levels of CPU and memory where history is asked for: dense where capacity is decided.
pub const TAIL: [f64; 11] = [
    0.25, 0.75, 0.97, 0.98, 0.985, 0.993, 0.9965, 0.998, 0.999, 0.9995, 0.9998,
];

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

/// How raw numbers of a metric are to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Raw units that make one of the metric's unit.
    pub(crate) per_unit: f64,
    /// Every raw number is a multiple of this.
    pub(crate) grid: i64,
}

/// Memory that is reused from metric to metric.
#[derive(Debug, Default)]
pub(crate) struct MetricScratch {
    narrow: Working<u32>,
    wide: Working<u64>,
    kept: Vec<i64>,
    kept_at: Vec<i64>,
}

#[derive(Debug, Default)]
struct Working<T> {
    offsets: Vec<T>,
    bins: Vec<Vec<T>>,
    quantiles: Scratch<T>,
}

/// Summarises raw numbers. Nothing when none was measured.
pub(crate) fn summarise(
    raw: &[i64],
    at_ms: &[i64],
    runs: &[Run],
    scale: Scale,
    levels: &[f64],
    scratch: &mut MetricScratch,
) -> Option<MetricProfile> {
    let (least, greatest) = bounds(raw)?;
    if least != NOT_MEASURED {
        return summarise_whole(raw, at_ms, runs, scale, levels, (least, greatest), scratch);
    }
    // Leave out what was not measured, and move the runs accordingly.
    let mut kept = std::mem::take(&mut scratch.kept);
    let mut kept_at = std::mem::take(&mut scratch.kept_at);
    kept.clear();
    kept_at.clear();
    let mut kept_runs = Vec::with_capacity(runs.len());
    for run in runs {
        let start = kept.len();
        for row in run.rows.clone() {
            if raw[row] != NOT_MEASURED {
                kept.push(raw[row]);
                kept_at.push(at_ms[row]);
            }
        }
        if kept.len() > start {
            kept_runs.push(Run {
                rows: start..kept.len(),
                ..run.clone()
            });
        }
    }
    let profile =
        bounds(&kept).and_then(|bounds| summarise_whole(&kept, &kept_at, &kept_runs, scale, levels, bounds, scratch));
    scratch.kept = kept;
    scratch.kept_at = kept_at;
    profile
}

fn bounds(raw: &[i64]) -> Option<(i64, i64)> {
    let first = *raw.first()?;
    Some(raw.iter().fold((first, first), |(least, greatest), &value| {
        (least.min(value), greatest.max(value))
    }))
}

/// Counts grid steps from the least value, in 32 bits where they suffice, and summarises those.
fn summarise_whole(
    raw: &[i64],
    at_ms: &[i64],
    runs: &[Run],
    scale: Scale,
    levels: &[f64],
    (least, greatest): (i64, i64),
    scratch: &mut MetricScratch,
) -> Option<MetricProfile> {
    let shift = scale.grid.trailing_zeros();
    // All grids are powers of two; where a foreign file broke the grid, nothing is shifted away.
    let aligned = scale.grid == 1 << shift
        && raw
            .iter()
            .fold(0, |bits, &value| bits | (value - least))
            .trailing_zeros()
            >= shift;
    let shift = if aligned { shift } else { 0 };
    let steps = (greatest - least) as u64 >> shift;
    let axis = Axis {
        least,
        shift,
        per_unit: scale.per_unit,
        at_ms,
        runs,
        levels,
    };
    if let Ok(steps) = u32::try_from(steps) {
        let working = &mut scratch.narrow;
        working.offsets.clear();
        working
            .offsets
            .extend(raw.iter().map(|&value| ((value - least) >> shift) as u32));
        axis.summarise(steps, working)
    } else {
        let working = &mut scratch.wide;
        working.offsets.clear();
        working
            .offsets
            .extend(raw.iter().map(|&value| (value - least) as u64 >> shift));
        axis.summarise(steps, working)
    }
}

/// What turns offsets back into values, and where each belongs in time.
struct Axis<'a> {
    least: i64,
    shift: u32,
    per_unit: f64,
    at_ms: &'a [i64],
    runs: &'a [Run],
    levels: &'a [f64],
}

impl Axis<'_> {
    fn value(&self, offset: u64) -> f64 {
        (self.least + ((offset << self.shift) as i64)) as f64 / self.per_unit
    }

    fn mean(&self, sum: u64, count: usize) -> f64 {
        let total = i128::from(self.least) * count as i128 + (i128::from(sum) << self.shift);
        total as f64 / count as f64 / self.per_unit
    }

    fn summarise<T: Offset>(&self, greatest: T, working: &mut Working<T>) -> Option<MetricProfile> {
        let Working {
            offsets,
            bins,
            quantiles,
        } = working;
        let peak = offsets.iter().position(|&offset| offset == greatest)?;
        let ranks: Vec<usize> = self.levels.iter().map(|&level| rank(level, offsets.len())).collect();
        let values = at_ranks(offsets, greatest, &ranks, quantiles);

        bins.resize_with(HOURS_OF_WEEK, Vec::new);
        bins.iter_mut().for_each(Vec::clear);
        let mut daily: Vec<(i32, u64)> = Vec::new();
        let middle = (self.runs.first()?.day + self.runs.last()?.day + 1) / 2;
        let mut halves = [(0_u64, 0_usize); 2];
        let mut hour_sums = [0_u64; HOURS_OF_WEEK];
        for run in self.runs {
            let rows = &offsets[run.rows.clone()];
            let sum: u64 = rows.iter().map(|offset| offset.wide()).sum();
            let highest = rows.iter().copied().max().unwrap_or_default().wide();
            hour_sums[run.hour_of_week] += sum;
            bins[run.hour_of_week].extend_from_slice(rows);
            let half = &mut halves[usize::from(run.day >= middle)];
            half.0 += sum;
            half.1 += rows.len();
            match daily.last_mut() {
                Some((day, value)) if *day == run.day => *value = (*value).max(highest),
                _ => daily.push((run.day, highest)),
            }
        }
        let overall = self.mean(halves[0].0 + halves[1].0, offsets.len());
        let half = |(sum, count): (u64, usize)| if count == 0 { overall } else { self.mean(sum, count) };
        let (hour_of_week_mean, hour_of_week_p95) = bins
            .iter_mut()
            .zip(hour_sums)
            .map(|(bin, sum)| {
                if bin.is_empty() {
                    return (f32::NAN, f32::NAN);
                }
                let at = rank(0.95, bin.len());
                let mean = self.mean(sum, bin.len()) as f32;
                let (_, p95, _) = bin.select_nth_unstable(at);
                (mean, self.value(p95.wide()) as f32)
            })
            .unzip();
        Some(MetricProfile {
            samples: offsets.len(),
            mean: overall,
            quantiles: self
                .levels
                .iter()
                .zip(values)
                .map(|(&level, offset)| (level, self.value(offset.wide())))
                .collect(),
            maximum: self.value(greatest.wide()),
            maximum_at_ms: self.at_ms[peak],
            hour_of_week_mean,
            hour_of_week_p95,
            daily_maxima: daily
                .into_iter()
                .map(|(day, offset)| (day, self.value(offset)))
                .collect(),
            first_half_mean: half(halves[0]),
            second_half_mean: half(halves[1]),
        })
    }
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
        let profile = summarise(
            &raw,
            &at,
            &runs,
            Scale {
                per_unit: 1000.0,
                grid: 1,
            },
            &LEVELS,
            &mut MetricScratch::default(),
        )
        .unwrap();
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
            summarise(
                &[NOT_MEASURED],
                &at,
                &runs,
                Scale { per_unit: 1.0, grid: 1 },
                &LEVELS,
                &mut MetricScratch::default()
            )
            .is_none()
        );
    }
}
