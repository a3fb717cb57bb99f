//! The sizing rules once more, from the words of the method and nothing else.
//!
//! Input: measured values and a rule. Output: the [`Span`] in which the rule's
//! number must lie: a point for most rules, wider where the original works on
//! histogram buckets. Source of each rule: method §2.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::demand::Measured;
use crate::policy::{Rule, Statistic};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The lowest and the highest number that a rule may give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Span {
    fn point(value: f64) -> Self {
        Self {
            low: value,
            high: value,
        }
    }

    /// Applies a rising function to both ends.
    pub(super) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            low: change(self.low),
            high: change(self.high),
        }
    }

    /// Says whether a number lies within, but for the order of float operations.
    pub(super) fn holds(self, value: f64) -> bool {
        let slack = 1e-9 * self.high.abs() + 1e-12;
        (self.low - slack..=self.high + slack).contains(&value)
    }
}

/// Gives what a rule asks of the CPU, in source cores, before headroom, cap and minimum.
pub(super) fn cpu(rule: Rule, measured: &Measured, source: Option<f64>, zone: &TimeZone) -> Option<Span> {
    let quantile = |level: f64| measured.quantile(level);
    Some(match rule {
        // Ours follows from the proposal and the drift: see `outlook`.
        Rule::Sizewright => return None,
        Rule::Peak => Span::point(measured.maximum()),
        Rule::AzureMigrate => Span::point(quantile(0.95) * 1.3),
        Rule::ComputeOptimizer => Span::point(quantile(0.995) / 0.8),
        Rule::ComputeOptimizerSavings => Span::point(quantile(0.9)),
        Rule::ComputeOptimizerBalanced => Span::point(quantile(0.95) / 0.7),
        Rule::ComputeOptimizerPerformance => Span::point(quantile(0.995) / 0.7),
        Rule::MigrationHub { statistic, added } => Span::point(picked(measured, statistic) * (1.0 + added)),
        Rule::Vpa => {
            let p90 = decaying_p90(measured);
            // The recommender answers with the upper edge of a bucket that is 5 % and 0.01 cores wide at most.
            Span {
                low: p90 * 1.15,
                high: (p90 * 1.05 + 0.01) * 1.15,
            }
        }
        Rule::Krr => Span::point(quantile(0.95)),
        Rule::Crane => Span::point(last_week(measured).quantile(0.99) * 1.15),
        Rule::Netflix => {
            let mean = busiest_hour(measured, zone);
            // The map of the week is kept in single precision.
            Span {
                low: erlang(mean * (1.0 - 1e-6)),
                high: erlang(mean * (1.0 + 1e-6)),
            }
        }
        Rule::AsIs => Span::point(source.unwrap_or_else(|| measured.maximum())),
    })
}

/// Gives what a rule asks of the memory, in bytes, before headroom, cap and minimum.
pub(super) fn memory(rule: Rule, measured: &Measured, source: Option<f64>, zone: &TimeZone) -> Option<Span> {
    let maximum = measured.maximum();
    Some(Span::point(match rule {
        Rule::Sizewright => return None,
        Rule::Peak => maximum,
        Rule::AzureMigrate => measured.quantile(0.95) * 1.3,
        Rule::ComputeOptimizer => maximum / 0.8,
        Rule::ComputeOptimizerSavings => maximum / 0.9,
        Rule::ComputeOptimizerBalanced | Rule::ComputeOptimizerPerformance => maximum / 0.7,
        Rule::MigrationHub { statistic, added } => picked(measured, statistic) * (1.0 + added),
        Rule::Vpa => daily_peaks_p90(measured, zone) * 1.15,
        Rule::Krr => maximum * 1.15,
        Rule::Crane => last_week(measured).quantile(0.99) * 1.15,
        Rule::Netflix => maximum * 1.25,
        Rule::AsIs => source.unwrap_or(maximum),
    }))
}

fn picked(measured: &Measured, statistic: Statistic) -> f64 {
    match statistic {
        Statistic::Mean => measured.mean(),
        Statistic::Maximum => measured.maximum(),
        Statistic::Quantile(level) => measured.quantile(level),
    }
}

fn last_week(measured: &Measured) -> Measured {
    let last = measured.at_ms.last().copied().unwrap_or(0);
    measured.after(last - 7 * DAY_MS).unwrap_or_else(|| measured.clone())
}

/// Gives the value that nine tenths of the weight do not exceed, where weight halves with every day of age.
fn decaying_p90(measured: &Measured) -> f64 {
    let last = measured.at_ms.last().copied().unwrap_or(0);
    let mut weighted: Vec<(f64, f64)> = measured
        .values
        .iter()
        .zip(&measured.at_ms)
        .map(|(&value, &at)| (value, 0.5_f64.powf((last - at) as f64 / DAY_MS as f64)))
        .collect();
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    let mut seen = 0.0;
    for (value, weight) in &weighted {
        seen += weight;
        if seen >= 0.9 * total {
            return *value;
        }
    }
    measured.maximum()
}

/// Gives the local hour, counted from 1970-01-01, that an interval with this end lies in.
fn local_hour(at_ms: i64, zone: &TimeZone) -> i64 {
    let inside = at_ms - 1;
    let offset = Timestamp::from_millisecond(inside).map_or(0, |instant| zone.to_offset(instant).seconds());
    (inside + i64::from(offset) * 1000).div_euclid(HOUR_MS)
}

/// Gives the local day, counted from 1970-01-01, that an interval with this end lies in.
pub(super) fn local_day(at_ms: i64, zone: &TimeZone) -> i64 {
    local_hour(at_ms, zone).div_euclid(24)
}

/// Gives the highest mean of an hour of the week, or the mean of all where that is higher.
fn busiest_hour(measured: &Measured, zone: &TimeZone) -> f64 {
    let mut hours = vec![(0.0, 0_usize); 168];
    for (&at, value) in measured.at_ms.iter().zip(&measured.values) {
        let hour = &mut hours[local_hour(at, zone).rem_euclid(168) as usize];
        *hour = (hour.0 + value, hour.1 + 1);
    }
    hours
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(sum, count)| sum / count as f64)
        .fold(measured.mean(), f64::max)
}

fn daily_peaks_p90(measured: &Measured, zone: &TimeZone) -> f64 {
    let mut peaks: Vec<(i64, f64)> = Vec::new();
    for (&at, &value) in measured.at_ms.iter().zip(&measured.values) {
        let day = local_hour(at, zone).div_euclid(24);
        match peaks.last_mut() {
            Some((known, peak)) if *known == day => *peak = peak.max(value),
            _ => peaks.push((day, value)),
        }
    }
    let mut values: Vec<f64> = peaks.into_iter().map(|(_, peak)| peak).collect();
    values.sort_by(f64::total_cmp);
    values[(values.len() * 9).div_ceil(10).max(1) - 1]
}

/// Gives the fewest cores, half a core at least, that carry the demand with `0.712 / cores^0.448` of them free.
///
/// The share kept free never exceeds 90 %. Found by halving: what a number
/// of cores carries only grows with it.
fn erlang(demand: f64) -> f64 {
    let carried = |cores: f64| cores * (1.0 - (0.712 * cores.powf(-0.448)).min(0.9));
    let (mut low, mut high) = (0.5, 10.0 * demand + 10.0);
    if carried(low) >= demand {
        return low;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if carried(middle) >= demand {
            high = middle
        } else {
            low = middle
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erlang_cores_carry_their_demand_and_no_fewer_do() {
        for demand in [0.02, 0.1, 0.25, 0.33, 0.96, 5.7, 57.0] {
            let cores = erlang(demand);
            let carried = |cores: f64| cores * (1.0 - (0.712 * cores.powf(-0.448)).min(0.9));
            assert!(carried(cores) >= demand - 1e-9, "{demand}");
            assert!(cores == 0.5 || carried(cores * 0.999) < demand, "{demand}");
        }
    }

    #[test]
    fn an_interval_that_ends_on_the_hour_lies_in_the_hour_before() {
        assert_eq!(local_hour(HOUR_MS, &TimeZone::UTC), 0);
        assert_eq!(local_hour(HOUR_MS + 1, &TimeZone::UTC), 1);
    }
}
