//! How a host's demand moved within the window: what the risk of tomorrow is learnt from.
//!
//! Input: a raw column and its runs. Output: a [`Past`]: how unsteady the days
//! were, and at three places of the window the P99 before and after. A host
//! alone says little; the fleet's turns together say how far demand moves.

use serde::{Deserialize, Serialize};
use telemetry::NOT_MEASURED;

use super::calendar::Run;
use super::quantile::{Scratch, at_ranks, rank};

/// Fewer samples than this make no day.
const SAMPLES_OF_A_DAY: usize = 12;
/// Fewer days than this on a side make no turn.
const DAYS_OF_A_SIDE: usize = 2;
/// Where the window is cut in two, as shares of its days.
const CUTS: [f64; 3] = [1.0 / 3.0, 0.5, 2.0 / 3.0];

/// How CPU and memory moved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// CPU demand.
    pub cpu: Option<Past>,
    /// Memory in use.
    pub memory: Option<Past>,
}

/// How one dimension of one host moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Standard deviation of the logarithm of the daily P95 over the window.
    pub instability: f64,
    /// Days with enough samples.
    pub days: usize,
    /// The demand before and after three cuts; none in a window of less than four days.
    pub turns: Vec<Turn>,
    /// The P95 of each day with enough samples: local day counted from 1970-01-01, and the demand.
    #[serde(default)]
    pub daily_p95: Vec<(i32, f64)>,
}

/// The demand before and after a cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Instability of the days before.
    pub instability: f64,
    /// `ln((P99 after + f) / (P99 before + f))`, f as [`offset`] gives it.
    pub shift: f64,
}

/// Gives what is added before a logarithm is taken: 0.3 % of the capacity, below which no change matters.
#[must_use]
pub fn offset(capacity: f64) -> f64 {
    0.003 * capacity
}

impl Past {
    /// Summarises raw numbers; nothing when no day has enough samples.
    pub(crate) fn of(raw: &[i64], runs: &[Run], capacity: f64, per_unit: f64) -> Option<Self> {
        let (numbers, days): (Vec<i32>, Vec<Vec<i64>>) = days(raw, runs).into_iter().unzip();
        if days.is_empty() || capacity <= 0.0 {
            return None;
        }
        let least = days.iter().flatten().copied().min()?;
        let values: Vec<u64> = days.iter().flatten().map(|&raw| (raw - least) as u64).collect();
        let ends: Vec<usize> = days
            .iter()
            .scan(0, |end, day| {
                *end += day.len();
                Some(*end)
            })
            .collect();
        let added = offset(capacity);
        let mut scratch = Scratch::default();
        let mut level = |values: &[u64], level: f64| {
            let greatest = values.iter().copied().max().unwrap_or(0);
            let ranks = [rank(level, values.len())];
            let value = at_ranks(values, greatest, &ranks, &mut scratch)[0];
            (least + value as i64) as f64 / per_unit + added
        };
        let p95: Vec<f64> = (0..days.len())
            .map(|day| {
                let start = if day == 0 { 0 } else { ends[day - 1] };
                level(&values[start..ends[day]], 0.95)
            })
            .collect();
        let daily: Vec<f64> = p95.iter().map(|p95| p95.max(f64::MIN_POSITIVE).ln()).collect();
        let mut turns = Vec::new();
        for share in CUTS {
            let cut = (share * days.len() as f64).round() as usize;
            if cut < DAYS_OF_A_SIDE || days.len() - cut < DAYS_OF_A_SIDE {
                continue;
            }
            let (before, after) = values.split_at(ends[cut - 1]);
            turns.push(Turn {
                instability: deviation(&daily[..cut]),
                shift: (level(after, 0.99) / level(before, 0.99)).ln(),
            });
        }
        Some(Self {
            instability: deviation(&daily),
            days: days.len(),
            turns,
            daily_p95: numbers.into_iter().zip(p95.iter().map(|p95| p95 - added)).collect(),
        })
    }
}

/// Splits what was measured by local day, leaving out days with too few samples.
fn days(raw: &[i64], runs: &[Run]) -> Vec<(i32, Vec<i64>)> {
    let mut days: Vec<(i32, Vec<i64>)> = Vec::new();
    for run in runs {
        let measured = raw[run.rows.clone()].iter().copied().filter(|&raw| raw != NOT_MEASURED);
        match days.last_mut() {
            Some((day, values)) if *day == run.day => values.extend(measured),
            _ => days.push((run.day, measured.collect())),
        }
    }
    days.retain(|(_, values)| values.len() >= SAMPLES_OF_A_DAY);
    days
}

/// Gives the standard deviation of the population; zero for fewer than two values.
fn deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / values.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::calendar::runs;
    use jiff::tz::TimeZone;

    fn past(value_of_day: impl Fn(i64) -> i64, days: i64) -> Past {
        let at: Vec<i64> = (1..=days * 288).map(|row| row * 300_000).collect();
        let raw: Vec<i64> = (0..days * 288).map(|row| value_of_day(row / 288)).collect();
        Past::of(&raw, &runs(&at, &TimeZone::UTC), 4.0, 1000.0).unwrap()
    }

    #[test]
    fn a_steady_host_neither_moves_nor_wavers() {
        let past = past(|_| 1000, 12);
        assert_eq!(past.instability, 0.0);
        assert_eq!(past.turns.len(), 3);
        assert_eq!(past.daily_p95.len(), 12);
        assert!(
            past.daily_p95
                .iter()
                .enumerate()
                .all(|(at, (day, p95))| *day == at as i32 && (p95 - 1.0).abs() < 1e-9)
        );
        assert!(past.turns.iter().all(|turn| turn.shift == 0.0));
    }

    #[test]
    fn a_doubling_is_seen_at_the_cut() {
        let past = past(|day| if day < 6 { 1000 } else { 2000 }, 12);
        let expected = ((2.0_f64 + 0.012) / 1.012).ln();
        assert!((past.turns[1].shift - expected).abs() < 1e-9, "{past:?}");
        assert_eq!(past.turns[1].instability, 0.0);
        assert!(past.instability > 0.3);
    }

    #[test]
    fn three_days_make_no_turn() {
        assert!(past(|_| 1000, 3).turns.is_empty());
    }
}
