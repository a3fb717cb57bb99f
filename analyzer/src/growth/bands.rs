//! How far forecasts of this fleet were off: the band around the point, and the judgement of both.
//!
//! One host's past holds too few errors for a band; the fleet's together hold
//! enough. At many days of every host's past the same forecast is made from
//! what came before, and its errors, in units of that host's weekly naive
//! error, are pooled by how far ahead they were (conformal prediction over
//! groups of series). A host's band is those quantiles times its own error.

use serde::{Deserialize, Serialize};

use super::daily::{Daily, WEEK};
use super::ensemble::forecast;

/// Errors at one distance below which no band is given.
pub const LEAST_RESIDUALS: usize = 40;
/// Levels that are kept, each with its opposite.
const LEVELS: [f64; 6] = [0.025, 0.1, 0.25, 0.75, 0.9, 0.975];
/// Days of history before the first forecast is tried.
const LEAST_HISTORY: usize = 4 * WEEK;
/// Days from one trial to the next.
const EVERY: usize = 3;
/// Hosts that errors are learnt from; further ones are left out evenly, their errors are like the others'.
const MOST_HOSTS: usize = 600;
/// The least error that counts, as a share of the host's mean: a host that never moved may yet.
const LEAST_ERROR: f64 = 0.01;

/// Quantiles of the fleet's errors by days ahead, in units of each host's weekly naive error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// By days ahead from 1; shorter than what was asked for where the history is too short.
    quantiles: Vec<[f64; LEVELS.len()]>,
    /// Errors they rest on.
    pub residuals: usize,
}

/// How forecasts of the estate's own past turned out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Hosts that were judged.
    pub hosts: usize,
    /// Days that were held out.
    pub days: usize,
    /// Mean absolute error over each host's weekly naive error within its history.
    pub mase: f64,
    /// The same of repeating the last week.
    pub mase_of_last_week: f64,
    /// Share of the days held out that lay within the 80 % band; absent where there was no band.
    pub coverage: Option<f64>,
}

impl Bands {
    /// Learns from the pasts of all hosts how far forecasts are off up to `horizon` days ahead.
    #[must_use]
    pub fn learn(fleet: &[Daily], horizon: usize) -> Self {
        let every_host = fleet.len().div_ceil(MOST_HOSTS).max(1);
        let mut errors: Vec<Vec<f64>> = vec![Vec::new(); horizon];
        for past in fleet.iter().step_by(every_host) {
            for origin in (LEAST_HISTORY..past.days()).rev().step_by(EVERY) {
                let known = past.until(origin);
                let (Some(unit), Some(ahead)) = (unit(&known), forecast(&known, horizon.min(past.days() - origin)))
                else {
                    continue;
                };
                for (distance, point) in ahead.iter().enumerate() {
                    if let Some(came) = past.values[origin + distance] {
                        errors[distance].push((came - point) / unit);
                    }
                }
            }
        }
        let residuals = errors.iter().map(Vec::len).sum();
        let mut quantiles = Vec::new();
        for distance in 0..horizon {
            // Neighbouring distances have the same errors but for noise.
            let near = &errors[distance.saturating_sub(1)..(distance + 2).min(horizon)];
            let mut pooled: Vec<f64> = near.concat();
            if pooled.len() < LEAST_RESIDUALS || errors[distance].is_empty() {
                break;
            }
            pooled.sort_unstable_by(f64::total_cmp);
            quantiles.push(LEVELS.map(|level| conformal(&pooled, level)));
        }
        Self { quantiles, residuals }
    }

    /// Gives how many days ahead there is a band that was learnt.
    #[must_use]
    pub fn horizon(&self) -> usize {
        self.quantiles.len()
    }

    /// Gives the 80 % band around a host's point so many days ahead (from 1), in the unit of its values; never below zero.
    ///
    /// Beyond what was learnt the last band is widened with the square root of
    /// time. Nothing where no band was learnt or the host has no two weeks.
    #[must_use]
    pub fn around(&self, history: &Daily, point: f64, ahead: usize) -> Option<(f64, f64)> {
        let last = self.quantiles.len();
        let at = self.quantiles.get(ahead.max(1).min(last).checked_sub(1)?)?;
        let wider = if ahead > last {
            (ahead as f64 / last as f64).sqrt()
        } else {
            1.0
        };
        let unit = unit(history)? * wider;
        Some(((point + at[1] * unit).max(0.0), (point + at[4] * unit).max(0.0)))
    }

    /// Judges point and band on the last days of every host, with nothing of them known.
    ///
    /// Nothing where no host has a history of four weeks before the days held out.
    #[must_use]
    pub fn judge(fleet: &[Daily], held_out: usize) -> Option<Judgement> {
        let known: Vec<Daily> = fleet
            .iter()
            .map(|past| past.until(past.days().saturating_sub(held_out)))
            .collect();
        let bands = Self::learn(&known, held_out);
        let mut out = Judgement {
            hosts: 0,
            days: held_out,
            mase: 0.0,
            mase_of_last_week: 0.0,
            coverage: None,
        };
        let (mut inside, mut banded) = (0_usize, 0_usize);
        for (past, known) in fleet.iter().zip(&known) {
            let Some(naive) = known.weekly_naive_error().filter(|error| *error > 0.0) else {
                continue;
            };
            if known.days() < LEAST_HISTORY {
                continue;
            }
            let days = past.days() - known.days();
            let Some(points) = forecast(known, days) else {
                continue;
            };
            let (mut error, mut error_of_last_week, mut count) = (0.0, 0.0, 0_usize);
            for (ahead, point) in points.iter().enumerate() {
                let Some(came) = past.values[known.days() + ahead] else {
                    continue;
                };
                let repeated = repeated(known, ahead).unwrap_or(*point);
                error += (came - point).abs();
                error_of_last_week += (came - repeated).abs();
                count += 1;
                if let Some((low, high)) = bands.around(known, *point, ahead + 1) {
                    banded += 1;
                    inside += usize::from((low..=high).contains(&came));
                }
            }
            if count > 0 {
                out.hosts += 1;
                out.mase += error / count as f64 / naive;
                out.mase_of_last_week += error_of_last_week / count as f64 / naive;
            }
        }
        if out.hosts == 0 {
            return None;
        }
        out.mase /= out.hosts as f64;
        out.mase_of_last_week /= out.hosts as f64;
        out.coverage = (banded > 0).then(|| inside as f64 / banded as f64);
        Some(out)
    }
}

/// Gives the value of the same weekday in the last week that has it.
fn repeated(known: &Daily, ahead: usize) -> Option<f64> {
    let at = known.days() + ahead;
    (1..=at / WEEK).find_map(|weeks| known.values.get(at - weeks * WEEK).copied().flatten())
}

/// Gives the unit in which a host's errors are counted.
fn unit(history: &Daily) -> Option<f64> {
    let error = history.weekly_naive_error()?;
    let measured: Vec<f64> = history.values.iter().flatten().copied().collect();
    let mean = measured.iter().sum::<f64>() / measured.len() as f64;
    Some(error.max(LEAST_ERROR * mean).max(f64::MIN_POSITIVE))
}

/// Gives the quantile of sorted errors that holds for one more error drawn like them.
fn conformal(sorted: &[f64], level: f64) -> f64 {
    let n = sorted.len();
    let rank = (n + 1) as f64 * level;
    let rank = if level < 0.5 { rank.floor() } else { rank.ceil() };
    sorted[(rank as usize).clamp(1, n) - 1]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Hosts of one weekly rhythm each with noise of their own size.
    fn fleet(hosts: usize, days: i32) -> Vec<Daily> {
        // A linear congruential generator (Knuth, MMIX), seeded alike for every run.
        let mut state = 7_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..hosts)
            .map(|_| {
                let (level, noise) = (1.0 + 19.0 * random(), 0.05 + 0.35 * random());
                Daily::of((0..days).map(|day| {
                    let rhythm = if day % 7 < 5 { 1.0 } else { 0.6 };
                    (day, level * (rhythm + noise * (2.0 * random() - 1.0)))
                }))
            })
            .collect()
    }

    #[test]
    fn four_of_five_days_lie_within_the_band() {
        let judged = Bands::judge(&fleet(60, 90), 30).unwrap();
        let coverage = judged.coverage.unwrap();
        assert!((0.75..=0.88).contains(&coverage), "{judged:?}");
        assert!(judged.mase < judged.mase_of_last_week, "{judged:?}");
        assert_eq!(judged.hosts, 60);
    }

    #[test]
    fn a_band_widens_with_time_and_never_falls_below_zero() {
        let fleet = fleet(60, 90);
        let bands = Bands::learn(&fleet, 30);
        assert_eq!(bands.horizon(), 30);
        let width = |ahead: usize| {
            let (low, high) = bands.around(&fleet[0], 10.0, ahead).unwrap();
            high - low
        };
        assert!(
            (width(120) / width(30) - 2.0).abs() < 0.2,
            "{} {}",
            width(120),
            width(30)
        );
        assert_eq!(bands.around(&fleet[0], 0.0, 5).unwrap().0, 0.0);
    }

    #[test]
    fn three_weeks_of_one_host_make_no_band() {
        let bands = Bands::learn(&fleet(1, 21), 30);
        assert_eq!(bands.horizon(), 0);
        assert_eq!(bands.around(&fleet(1, 21)[0], 1.0, 1), None);
        assert_eq!(Bands::judge(&fleet(1, 21), 7), None);
    }
}
