//! What would become of a host on CPU credits? Input: its CPU series. Output: [`Credits`], shortage by baseline.
//!
//! A burstable type earns its baseline r all the time and spends what the host asks for; the balance is kept between
//! nothing and 24 hours of earnings. So one number, r in cores of the source, decides everything, and the balance is
//! followed interval by interval for a row of rates 9 % apart. A type is judged by the next lower rate, never by a
//! higher one. Source: Amazon EC2 User Guide, "Key concepts for burstable performance instances".

use serde::{Deserialize, Serialize};
use telemetry::NOT_MEASURED;

/// Rates that are followed.
const RATES: usize = 72;
/// The lowest rate, cores: below the baseline of the smallest type (2 vCPUs at 5 %) on a source core of five vCPUs.
const LOWEST: f64 = 0.02;
/// Rates in a doubling.
const A_DOUBLING: f64 = 8.0;
/// Hours of earnings that a balance holds at most.
const HOURS_HELD: f64 = 24.0;
/// Hours in a month.
const HOURS_PER_MONTH: f64 = 730.0;

/// What would become of a host on CPU credits, by baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Credits {
    /// Share of the measured time in which the balance could not pay for the demand, by rate.
    short: Vec<f64>,
    /// Core-hours a month that unlimited mode would charge, by rate.
    surplus: Vec<f64>,
}

/// Gives a rate by its place, cores.
fn rate(place: usize) -> f64 {
    LOWEST * (place as f64 / A_DOUBLING).exp2()
}

impl Credits {
    /// Follows the balance through a series; nothing where nothing was measured.
    ///
    /// `usual_ms` is the usual distance of rows: a row after a pause counts as one interval, and a pause earns nothing.
    pub(crate) fn follow(raw: &[i64], at_ms: &[i64], usual_ms: i64, per_unit: f64) -> Option<Self> {
        let rates: Vec<f64> = (0..RATES).map(rate).collect();
        // Launch credits are left out: the balance starts at nothing.
        let mut balance = [0.0_f64; RATES];
        let mut owed = [0.0_f64; RATES];
        let mut short = [0.0_f64; RATES];
        let mut surplus = [0.0_f64; RATES];
        let mut measured = 0.0;
        let mut before = None;
        for (&raw, &at) in raw.iter().zip(at_ms) {
            let distance = before.map_or(usual_ms, |before: i64| (at - before).clamp(1, usual_ms));
            before = Some(at);
            if raw == NOT_MEASURED {
                continue;
            }
            let hours = distance as f64 / 3_600_000.0;
            let demand = raw as f64 / per_unit;
            measured += hours;
            for place in 0..RATES {
                let earned = (rates[place] - demand) * hours;
                let held = HOURS_HELD * rates[place];
                let after = balance[place] + earned;
                short[place] += if after < 0.0 { hours } else { 0.0 };
                balance[place] = after.clamp(0.0, held);
                // Unlimited mode borrows up to a day's earnings, which later ones pay back; beyond that it is charged.
                let after = owed[place] + earned;
                surplus[place] += (-held - after).max(0.0);
                owed[place] = after.clamp(-held, held);
            }
        }
        (measured > 0.0).then(|| Self {
            short: short.iter().map(|hours| hours / measured).collect(),
            surplus: surplus.iter().map(|hours| hours / measured * HOURS_PER_MONTH).collect(),
        })
    }

    /// Gives the balances of a host that asks for `factor` times as much: demand times f on a baseline r is demand on r / f.
    #[must_use]
    pub fn grown(&self, factor: f64) -> Self {
        let from: Vec<Option<usize>> = (0..RATES).map(|own| Self::place(rate(own) / factor)).collect();
        let taken = |values: &[f64], below: f64, times: f64| {
            from.iter()
                .map(|place| place.map_or(below, |place| values[place] * times))
                .collect()
        };
        Self {
            short: taken(&self.short, 1.0, 1.0),
            // Below the rates that were followed the surplus is at least that of the lowest.
            surplus: taken(&self.surplus, self.surplus.first().copied().unwrap_or(0.0), factor),
        }
    }

    /// Gives the place of the highest rate that is followed and not above this one.
    fn place(cores: f64) -> Option<usize> {
        // A rate that is one of ours up to rounding is that one.
        let place = ((cores * (1.0 + 1e-9) / LOWEST).log2() * A_DOUBLING).floor();
        (place >= 0.0).then(|| (place as usize).min(RATES - 1))
    }

    /// Gives the share of the measured time in which a baseline of so many cores, and its credits, would not have been enough.
    #[must_use]
    pub fn short(&self, baseline: f64) -> f64 {
        Self::place(baseline).map_or(1.0, |place| self.short[place])
    }

    /// Gives the core-hours a month that unlimited mode would have charged; nothing for a baseline below those followed.
    #[must_use]
    pub fn surplus_core_hours(&self, baseline: f64) -> Option<f64> {
        Self::place(baseline).map(|place| self.surplus[place])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MINUTE: i64 = 60_000;

    /// Follows a series of one-minute demands, thousandths of a core.
    fn follow(demand: impl Fn(i64) -> i64, minutes: i64) -> Credits {
        let raw: Vec<i64> = (0..minutes).map(&demand).collect();
        let at: Vec<i64> = (1..=minutes).map(|minute| minute * MINUTE).collect();
        Credits::follow(&raw, &at, MINUTE, 1000.0).unwrap()
    }

    #[test]
    fn what_stays_below_the_baseline_is_never_short() {
        let credits = follow(|_| 100, 1440);
        assert_eq!(credits.short(0.11), 0.0);
        assert_eq!(credits.surplus_core_hours(0.11), Some(0.0));
        assert_eq!(credits.short(0.001), 1.0);
        assert_eq!(credits.surplus_core_hours(0.001), None);
    }

    #[test]
    fn a_steady_load_above_the_baseline_is_always_short_and_charged_after_a_day() {
        // One core on a baseline of 0.32: 0.68 an hour is borrowed, up to 24 x 0.32; the rest of ten days is charged.
        let credits = follow(|_| 1000, 14_400);
        let baseline = rate(32);
        assert!((baseline - 0.32).abs() < 1e-9);
        assert_eq!(credits.short(baseline), 1.0);
        let charged = (240.0 * (1.0 - baseline) - 24.0 * baseline) / 240.0 * 730.0;
        assert!((credits.surplus_core_hours(baseline).unwrap() - charged).abs() < 1e-6);
    }

    #[test]
    fn a_saved_balance_pays_for_a_burst_of_its_length() {
        // Twelve idle hours at 0.32 cores save 3.84 core-hours: 7.68 hours of 0.82 cores cost as much.
        let minutes = 12 * 60 + 7 * 60;
        let credits = follow(|minute| if minute < 720 { 0 } else { 820 }, minutes);
        assert_eq!(credits.short(rate(32)), 0.0);
        let longer = follow(|minute| if minute < 720 { 0 } else { 820 }, 12 * 60 + 10 * 60);
        let short = longer.short(rate(32)) * 22.0;
        assert!((short - (10.0 - 7.68)).abs() < 0.05, "{short} hours");
    }

    #[test]
    fn a_balance_holds_no_more_than_a_day() {
        // Ten idle days save what one does: 24 x 0.32 = 7.68 core-hours, spent in 15.36 hours of 0.82 cores.
        let idle = 10 * 1440;
        let credits = follow(|minute| if minute < idle { 0 } else { 820 }, idle + 20 * 60);
        let short = credits.short(rate(32)) * (260.0);
        assert!((short - (20.0 - 15.36)).abs() < 0.05, "{short} hours");
    }

    #[test]
    fn a_higher_baseline_is_never_short_for_longer_nor_charged_more() {
        let credits = follow(|minute| (minute * 7919) % 2500, 5_000);
        for place in 1..RATES {
            assert!(credits.short[place] <= credits.short[place - 1]);
            assert!(credits.surplus[place] <= credits.surplus[place - 1] + 1e-9);
        }
    }

    #[test]
    fn twice_the_demand_on_twice_the_baseline_is_the_same() {
        let (one, two) = (
            follow(|minute| (minute * 7919) % 1000, 5_000),
            follow(|minute| 2 * ((minute * 7919) % 1000), 5_000),
        );
        for place in 0..RATES - 8 {
            assert!((one.short[place] - two.short[place + 8]).abs() < 1e-3);
        }
    }

    #[test]
    fn a_pause_earns_nothing() {
        let at: Vec<i64> = (1..=60).chain(6_000..=6_060).map(|minute| minute * MINUTE).collect();
        let raw: Vec<i64> = at.iter().map(|at| if *at <= 60 * MINUTE { 0 } else { 900 }).collect();
        let credits = Credits::follow(&raw, &at, MINUTE, 1000.0).unwrap();
        // An idle hour at 0.32 pays for 33 minutes of 0.9 cores; were the pause idle, the whole hour would be paid for.
        assert!(credits.short(rate(32)) > 0.2);
    }
}
