//! Numbers that were counted become rates; a service that restarted leaves a gap.

use std::collections::BTreeMap;

use super::answer::{Answer, Value};
use super::metric::{HIT_FRACTION, HITS, MISSES, Metric};

/// The totals of the answer before.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    before: BTreeMap<Metric, f64>,
    at_ms: Option<i64>,
    uptime_s: Option<f64>,
}

impl Totals {
    /// Gives the values of an interval; `at_ms` is a clock that never steps back.
    ///
    /// A total that went down, a service that started anew, and an answer that
    /// comes later than `longest_ms` after the one before leave a gap.
    pub fn measure(&mut self, answer: &Answer, at_ms: i64, longest_ms: i64) -> Vec<(Metric, f64)> {
        let elapsed_ms = self.at_ms.map(|before| at_ms - before);
        let elapsed_s = elapsed_ms
            .filter(|elapsed| (1..=longest_ms).contains(elapsed))
            .map(|elapsed| elapsed as f64 / 1000.0);
        let restarted = match (self.uptime_s, answer.uptime_s) {
            (Some(before), Some(now)) => now < before,
            _ => false,
        };
        let mut totals: BTreeMap<Metric, f64> = BTreeMap::new();
        let mut measured = Vec::new();
        for &(metric, value) in &answer.values {
            match value {
                Value::Level(value) => measured.push((metric, value)),
                // One metric may have several parts; they add up.
                Value::Total(value) => *totals.entry(metric).or_default() += value,
            }
        }
        if let Some(elapsed_s) = elapsed_s.filter(|_| !restarted) {
            for (metric, now) in &totals {
                if let Some(before) = self.before.get(metric).filter(|before| *before <= now) {
                    measured.push((*metric, (now - before) / elapsed_s));
                }
            }
        }
        let rate = |wanted: Metric| {
            measured
                .iter()
                .find(|(metric, _)| *metric == wanted)
                .map(|(_, value)| *value)
        };
        if let (Some(hits), Some(misses)) = (rate(HITS), rate(MISSES))
            && hits + misses > 0.0
        {
            measured.push((HIT_FRACTION, hits / (hits + misses)));
        }
        self.before = totals;
        self.at_ms = Some(at_ms);
        self.uptime_s = answer.uptime_s;
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::super::metric::{CONNECTIONS, OPERATIONS};
    use super::*;

    fn answer(operations: f64, uptime_s: f64) -> Answer {
        let mut answer = Answer {
            uptime_s: Some(uptime_s),
            ..Answer::default()
        };
        answer.total(OPERATIONS, Some(operations));
        answer.level(CONNECTIONS, Some(3.0));
        answer
    }

    #[test]
    fn a_total_becomes_a_rate_and_a_level_stays() {
        let mut totals = Totals::default();
        assert_eq!(totals.measure(&answer(100.0, 5.0), 0, 180_000), [(CONNECTIONS, 3.0)]);
        let measured = totals.measure(&answer(700.0, 65.0), 60_000, 180_000);
        assert_eq!(measured, [(CONNECTIONS, 3.0), (OPERATIONS, 10.0)]);
    }

    #[test]
    fn a_restart_a_reset_and_a_long_silence_are_gaps() {
        let mut totals = Totals::default();
        totals.measure(&answer(100.0, 500.0), 0, 180_000);
        // Started anew and already beyond the old count.
        assert_eq!(totals.measure(&answer(900.0, 30.0), 60_000, 180_000).len(), 1);
        assert_eq!(
            totals.measure(&answer(50.0, 90.0), 120_000, 180_000).len(),
            1,
            "a reset is no negative rate"
        );
        assert_eq!(
            totals.measure(&answer(60.0, 900.0), 900_000, 180_000).len(),
            1,
            "too long ago"
        );
        assert_eq!(totals.measure(&answer(60.0, 960.0), 960_000, 180_000).len(), 2);
    }

    #[test]
    fn the_share_of_hits_is_that_of_the_interval() {
        let counted = |hits: f64, misses: f64| {
            let mut answer = Answer::default();
            answer.total(HITS, Some(hits));
            answer.total(MISSES, Some(misses));
            answer
        };
        let mut totals = Totals::default();
        totals.measure(&counted(0.0, 1000.0), 0, 180_000);
        let measured = totals.measure(&counted(30.0, 1010.0), 10_000, 180_000);
        assert!(measured.contains(&(HIT_FRACTION, 0.75)), "{measured:?}");
        let idle = totals.measure(&counted(30.0, 1010.0), 20_000, 180_000);
        assert!(
            !idle.iter().any(|(metric, _)| *metric == HIT_FRACTION),
            "nothing was looked up"
        );
    }
}
