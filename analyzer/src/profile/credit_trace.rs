//! The balance of CPU credits of one baseline, interval by interval: what a chart shows.
//!
//! The same arithmetic as [`super::Credits`], which keeps no history and follows 72 baselines; a test holds both to the
//! same shortage and surplus.

/// Hours of earnings that a balance holds at most.
const HOURS_HELD: f64 = 24.0;

/// A host on one baseline, one entry for each measured interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreditTrace {
    /// Ends of the intervals, UTC milliseconds.
    pub at_ms: Vec<i64>,
    /// What was asked for, source cores.
    pub asked: Vec<f64>,
    /// Balance in standard mode at the end of the interval, core-hours; between nothing and a day of earnings.
    pub balance: Vec<f64>,
    /// Whether the balance could not pay for the interval, standard mode.
    pub short: Vec<bool>,
    /// What unlimited mode charges for the interval, core-hours.
    pub surplus: Vec<f64>,
    /// Usual length of an interval, milliseconds.
    pub interval_ms: i64,
}

impl CreditTrace {
    /// Follows the balance of a baseline through times and source cores (NaN where not measured); a pause earns nothing.
    #[must_use]
    pub fn follow(at_ms: &[i64], cores: &[f64], baseline: f64) -> Self {
        let mut steps: Vec<i64> = at_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_unstable();
        let usual = steps.get(steps.len() / 2).copied().unwrap_or(60_000).max(1);
        let held = HOURS_HELD * baseline;
        let mut trace = Self {
            interval_ms: usual,
            ..Self::default()
        };
        let (mut balance, mut owed, mut before) = (0.0_f64, 0.0_f64, None);
        for (&at, &asked) in at_ms.iter().zip(cores) {
            let distance = before.map_or(usual, |before: i64| (at - before).clamp(1, usual));
            before = Some(at);
            if !asked.is_finite() {
                continue;
            }
            let earned = (baseline - asked) * distance as f64 / 3_600_000.0;
            let after = balance + earned;
            balance = after.clamp(0.0, held);
            let owing = owed + earned;
            owed = owing.clamp(-held, held);
            trace.at_ms.push(at);
            trace.asked.push(asked);
            trace.balance.push(balance);
            trace.short.push(after < 0.0);
            trace.surplus.push((-held - owing).max(0.0));
        }
        trace
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::Credits;

    const MINUTE: i64 = 60_000;

    #[test]
    fn the_trace_and_the_judge_say_the_same() {
        let raw: Vec<i64> = (0..20_000)
            .map(|minute: i64| {
                if minute % 1440 < 200 {
                    (minute * 7919) % 4000
                } else {
                    40
                }
            })
            .collect();
        let at: Vec<i64> = (1..=20_000).map(|minute| minute * MINUTE).collect();
        let cores: Vec<f64> = raw.iter().map(|&raw| raw as f64 / 1000.0).collect();
        let judge = Credits::follow(&raw, &at, MINUTE, 1000.0).unwrap();
        let mut seen = 0.0;
        // Baselines that the judge follows themselves.
        for place in 8..40 {
            let baseline = 0.02 * (f64::from(place) / 8.0).exp2();
            let trace = CreditTrace::follow(&at, &cores, baseline);
            let share = trace.short.iter().filter(|short| **short).count() as f64 / raw.len() as f64;
            assert!((share - judge.short(baseline)).abs() < 1e-3, "{baseline}: {share}");
            let a_month = trace.surplus.iter().sum::<f64>() / (raw.len() as f64 / 60.0) * 730.0;
            let judged = judge.surplus_core_hours(baseline).unwrap();
            assert!(
                (a_month - judged).abs() <= 1e-6 * judged.max(1.0),
                "{baseline}: {a_month}, {judged}"
            );
            seen += share + a_month;
        }
        assert!(seen > 0.0, "nothing was ever short: the test says nothing");
    }

    #[test]
    fn a_balance_is_never_below_nothing_nor_above_a_day_of_earnings() {
        let at: Vec<i64> = (1..=3000).map(|minute| minute * MINUTE).collect();
        let cores: Vec<f64> = (0..3000).map(|minute| if minute < 2000 { 0.0 } else { 2.0 }).collect();
        let trace = CreditTrace::follow(&at, &cores, 0.4);
        assert!((trace.balance[1999] - 24.0 * 0.4).abs() < 1e-9);
        // 9.6 core-hours pay for 1.6 cores above the baseline for six hours.
        assert!(!trace.short[2000 + 358] && trace.short[2000 + 361]);
        assert!(trace.balance.iter().all(|held| (0.0..=9.6 + 1e-9).contains(held)));
        assert_eq!(trace.surplus[2000], 0.0);
    }
}
