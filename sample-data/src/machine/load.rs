//! How much work a host is given, minute by minute.
//!
//! Output: a load where 0 is rest and 1 the crest of an ordinary working day.

use telemetry::series::DAY_MS;

use super::MINUTES;
use crate::behaviour::Behaviour;
use crate::calendar::{MINUTE_MS, Rhythm, level};
use crate::estate::{Expectation, HostSpec};
use crate::noise::{Bursts, Noise, Wander};

/// The minutes of one day and the load of each.
pub(crate) struct Day {
    /// Ends of the intervals.
    pub(crate) at_ms: Vec<i64>,
    /// Load of each interval.
    pub(crate) load: Vec<f64>,
}

/// Rhythm, wandering and bursts of one host.
pub(crate) struct Load {
    rhythm: Rhythm,
    start_ms: i64,
    minutes: Wander,
    hours: Wander,
    bursts: Bursts,
}

impl Load {
    pub(crate) fn new(behaviour: &Behaviour, start_ms: i64) -> Self {
        let cpu = behaviour.cpu;
        Self {
            rhythm: behaviour.rhythm,
            start_ms,
            // Together they have the spread asked for: gusts of minutes, drifts of hours.
            minutes: Wander::new(0.70, cpu.noise * 0.8),
            hours: Wander::new(0.992, cpu.noise * 0.6),
            bursts: Bursts::new(cpu.bursts_per_day, cpu.burst_minutes, cpu.burst_height),
        }
    }

    pub(crate) fn day(&mut self, host: &HostSpec, day: u32, noise: &mut Noise) -> Day {
        let begin = self.start_ms + i64::from(day) * DAY_MS;
        let at_ms: Vec<i64> = (1..=MINUTES as i64).map(|minute| begin + minute * MINUTE_MS).collect();
        let load = at_ms
            .iter()
            .map(|&at_ms| {
                let level = match host.expectation {
                    Some(Expectation::MonthlyBatch { from_ms, until_ms }) => {
                        f64::from(u8::from(at_ms > from_ms && at_ms <= until_ms))
                    }
                    _ => level(self.rhythm, at_ms),
                };
                let wander = self.minutes.next(noise) + self.hours.next(noise);
                let likelihood = match self.rhythm {
                    Rhythm::Asleep | Rhythm::Monthly => 1.0,
                    _ => level * 2.0,
                };
                let burst = self.bursts.next(likelihood, noise);
                (level * (1.0 + wander) + burst).max(0.0)
            })
            .collect();
        Day { at_ms, load }
    }
}
