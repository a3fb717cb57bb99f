//! When would a capacity have been too small? Input: a host's series and a capacity. Output: minutes, stretches, days.

use serde::{Deserialize, Serialize};

use crate::profile::HostSeries;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: f64 = 60_000.0;

/// CPU and memory that a type offers a host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Offered {
    /// Source cores.
    pub(super) cpu: f64,
    /// Bytes.
    pub(super) memory: f64,
}

/// The measured CPU and memory of a host, row by row; `NaN` where not measured.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    at_ms: Vec<i64>,
    cpu: Vec<f64>,
    memory: Vec<f64>,
    interval_ms: i64,
}

/// When a type would have been short of CPU or memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shortage {
    /// Minutes short of CPU.
    pub cpu_minutes: f64,
    /// Minutes short of memory.
    pub memory_minutes: f64,
    /// Minutes short of either.
    pub minutes: f64,
    /// Minutes that were measured.
    pub measured_minutes: f64,
    /// Stretches of time without a pause in which it was short of either.
    pub stretches: usize,
    /// Start and end of the longest stretch, UTC milliseconds.
    pub longest_ms: Option<(i64, i64)>,
}

impl Shortage {
    /// Gives the share of the measured time short of either.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.measured_minutes > 0.0 {
            self.minutes / self.measured_minutes
        } else {
            0.0
        }
    }
}

/// What of one day of 24 hours was measured, and what of it was short, in intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Day {
    pub(super) cpu: Tally,
    pub(super) memory: Tally,
    pub(super) either: Tally,
}

/// Intervals short of those measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    pub(super) short: f64,
    pub(super) measured: f64,
}

impl Tally {
    fn count(&mut self, short: Option<bool>) {
        if let Some(short) = short {
            self.measured += 1.0;
            self.short += f64::from(u8::from(short));
        }
    }
}

impl Rows {
    /// Takes CPU and memory; nothing where neither was measured.
    ///
    /// Readings above what the machine has are cut to it: no machine serves more than it has.
    pub(super) fn of(series: &HostSeries, source_vcpus: Option<f64>) -> Option<Self> {
        let at_ms = series.host.as_ref()?.at_ms.clone();
        let most = source_vcpus.unwrap_or(f64::INFINITY);
        let missing = || vec![f64::NAN; at_ms.len()];
        let cpu = series.cpu().map_or_else(missing, |(_, cores)| {
            // `min` would turn what was not measured into the ceiling.
            let cut = |cores: f64| if cores > most { most } else { cores };
            cores.into_iter().map(cut).collect()
        });
        let memory = series.memory().map_or_else(missing, |(_, bytes)| bytes);
        let mut steps: Vec<i64> = at_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_unstable();
        let interval_ms = steps.get(steps.len() / 2).copied().unwrap_or(60_000).max(1);
        let measured = cpu.iter().chain(&memory).any(|value| value.is_finite());
        measured.then_some(Self {
            at_ms,
            cpu,
            memory,
            interval_ms,
        })
    }

    /// Says of a row whether CPU and memory were short, where they were measured.
    fn short(&self, row: usize, offered: Offered) -> [Option<bool>; 2] {
        [(self.cpu[row], offered.cpu), (self.memory[row], offered.memory)]
            .map(|(asked, offered)| asked.is_finite().then_some(asked > offered))
    }

    /// Says when an offer would have been short.
    pub(super) fn shortage(&self, offered: Offered) -> Shortage {
        let minutes = self.interval_ms as f64 / MINUTE_MS;
        let mut shortage = Shortage::default();
        let mut open: Option<(i64, i64)> = None;
        for (row, &at) in self.at_ms.iter().enumerate() {
            let [cpu, memory] = self.short(row, offered);
            if cpu.or(memory).is_none() {
                continue;
            }
            shortage.measured_minutes += minutes;
            shortage.cpu_minutes += if cpu == Some(true) { minutes } else { 0.0 };
            shortage.memory_minutes += if memory == Some(true) { minutes } else { 0.0 };
            if cpu != Some(true) && memory != Some(true) {
                open = None;
                continue;
            }
            shortage.minutes += minutes;
            let from = match open {
                // A pause of more than an interval ends a stretch.
                Some((from, until)) if at - until <= 2 * self.interval_ms => from,
                _ => {
                    shortage.stretches += 1;
                    at - self.interval_ms
                }
            };
            open = Some((from, at));
            if shortage.longest_ms.is_none_or(|(start, end)| at - from > end - start) {
                shortage.longest_ms = Some((from, at));
            }
        }
        shortage
    }

    /// Counts the intervals short, day by day of 24 hours from the first row; days without a measurement are left out.
    pub(super) fn days(&self, offered: Offered) -> Vec<Day> {
        let Some(first) = self.at_ms.first() else {
            return Vec::new();
        };
        let mut days: Vec<Day> = Vec::new();
        let mut current = None;
        for (row, at) in self.at_ms.iter().enumerate() {
            let [cpu, memory] = self.short(row, offered);
            let either = match (cpu, memory) {
                (None, None) => continue,
                (cpu, memory) => cpu == Some(true) || memory == Some(true),
            };
            let number = (at - first) / DAY_MS;
            if current != Some(number) {
                current = Some(number);
                days.push(Day::default());
            }
            if let Some(day) = days.last_mut() {
                day.cpu.count(cpu);
                day.memory.count(memory);
                day.either.count(Some(either));
            }
        }
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn rows(cpu: &[f64], memory: &[f64]) -> Rows {
        Rows {
            at_ms: (1..=cpu.len() as i64).map(|minute| minute * MINUTE).collect(),
            cpu: cpu.to_vec(),
            memory: memory.to_vec(),
            interval_ms: MINUTE,
        }
    }

    const OFFERED: Offered = Offered { cpu: 2.0, memory: 8.0 };

    #[test]
    fn stretches_are_counted_and_the_longest_is_named() {
        let cpu = [1.0, 3.0, 1.0, 3.0, 3.0, 1.0, 2.0, f64::NAN];
        let memory = [1.0, 1.0, 1.0, 1.0, 9.0, 9.0, 8.0, 9.0];
        let shortage = rows(&cpu, &memory).shortage(OFFERED);
        assert_eq!((shortage.cpu_minutes, shortage.memory_minutes), (3.0, 3.0));
        assert_eq!((shortage.minutes, shortage.measured_minutes), (5.0, 8.0));
        // Minute 2; minutes 4 to 6, first CPU and then memory; minute 8.
        assert_eq!(shortage.stretches, 3);
        assert_eq!(shortage.longest_ms, Some((3 * MINUTE, 6 * MINUTE)));
    }

    #[test]
    fn a_pause_ends_a_stretch_and_is_no_shortage() {
        let mut rows = rows(&[3.0, 3.0, 3.0], &[1.0, 1.0, 1.0]);
        rows.at_ms = vec![MINUTE, 2 * MINUTE, 100 * MINUTE];
        let shortage = rows.shortage(OFFERED);
        assert_eq!((shortage.minutes, shortage.stretches), (3.0, 2));
        assert_eq!(shortage.longest_ms, Some((0, 2 * MINUTE)));
    }

    #[test]
    fn what_was_not_measured_is_neither_short_nor_fine() {
        let days = rows(&[3.0, f64::NAN, f64::NAN], &[1.0, 9.0, f64::NAN]).days(OFFERED);
        assert_eq!(days.len(), 1);
        assert_eq!((days[0].cpu.short, days[0].cpu.measured), (1.0, 1.0));
        assert_eq!((days[0].memory.short, days[0].memory.measured), (1.0, 2.0));
        assert_eq!((days[0].either.short, days[0].either.measured), (2.0, 2.0));
    }
}
