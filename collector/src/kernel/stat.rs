//! `/proc/stat`: how the CPUs spent their time, and how many are online.

use std::collections::BTreeSet;

use super::complaint::{Problem, Unparsable};
use super::number::whole;
use crate::reading::CpuTimes;

/// Fields of the oldest kernels: user, nice, system, idle.
const LEAST_FIELDS: usize = 4;
/// Fields that are used: those, then iowait, irq, softirq and steal. What follows is guest time, which user time already holds.
const USED_FIELDS: usize = 8;

/// Reads the time of all CPUs; kernels print four to ten fields.
pub(super) fn cpu_times(lines: &[&str], clock_ticks_per_s: u32) -> Result<CpuTimes, Unparsable> {
    let (line, fields) = lines
        .iter()
        .find_map(|line| {
            let fields = line.strip_prefix("cpu")?;
            fields.starts_with([' ', '\t']).then_some((*line, fields))
        })
        .ok_or_else(|| Problem::Missing("cpu").on(lines.first().copied().unwrap_or_default()))?;
    times(fields, clock_ticks_per_s).map_err(|problem| problem.on(line))
}

fn times(fields: &str, clock_ticks_per_s: u32) -> Result<CpuTimes, Problem> {
    let mut us = [0; USED_FIELDS];
    let mut found = 0;
    for (place, field) in us.iter_mut().zip(fields.split_ascii_whitespace()) {
        *place = microseconds(whole(field)?, clock_ticks_per_s)?;
        found += 1;
    }
    if found < LEAST_FIELDS {
        return Err(Problem::TooFewFields {
            found,
            least: LEAST_FIELDS,
        });
    }
    let [user, nice, system, idle, iowait, irq, softirq, steal] = us;
    let sum = |parts: &[u64]| {
        parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(*part))
            .ok_or(Problem::TooLarge)
    };
    Ok(CpuTimes {
        user_us: sum(&[user, nice])?,
        system_us: sum(&[system, irq, softirq])?,
        idle_us: idle,
        iowait_us: iowait,
        steal_us: steal,
    })
}

/// Turns clock ticks into microseconds.
pub(super) fn microseconds(ticks: u64, clock_ticks_per_s: u32) -> Result<u64, Problem> {
    let us = u128::from(ticks) * 1_000_000 / u128::from(clock_ticks_per_s.max(1));
    u64::try_from(us).map_err(|_| Problem::TooLarge)
}

/// Counts the CPUs that are online: those with a line of their own. Nothing when their lines were not asked for.
pub(super) fn online_cpus(lines: &[&str]) -> Option<u32> {
    let numbers: BTreeSet<u32> = lines
        .iter()
        .filter_map(|line| {
            let first = line.split_ascii_whitespace().next()?;
            u32::try_from(whole(first.strip_prefix("cpu")?).ok()?).ok()
        })
        .collect();
    u32::try_from(numbers.len()).ok().filter(|count| *count > 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn guest_time_is_not_added_to_user_time_again() {
        let times = cpu_times(&["cpu  100 10 30 1000 5 2 3 7 60 10", "cpu0 1 1 1 1"], 100).unwrap();
        assert_eq!(
            times,
            CpuTimes {
                user_us: 1_100_000,
                system_us: 350_000,
                idle_us: 10_000_000,
                iowait_us: 50_000,
                steal_us: 70_000,
            }
        );
    }

    #[test]
    fn every_age_of_kernel_is_read() {
        let fields = ["100", "10", "30", "1000", "5", "2", "3", "7", "60", "10", "1", "2"];
        for count in 4..=fields.len() {
            let line = format!("cpu  {}", fields[..count].join(" "));
            let times = cpu_times(&[&line], 100).unwrap();
            assert_eq!(times.user_us, 1_100_000, "{line}");
            assert_eq!(times.idle_us, 10_000_000, "{line}");
            assert_eq!(times.steal_us, if count >= 8 { 70_000 } else { 0 }, "{line}");
        }
        assert!(cpu_times(&["cpu  100 10 30"], 100).is_err());
    }

    #[test]
    fn clock_ticks_of_the_host_are_used() {
        assert_eq!(cpu_times(&["cpu 1024 0 0 512"], 1024).unwrap().user_us, 1_000_000);
        assert_eq!(
            cpu_times(&["cpu0 1 1 1 1", "cpu 1024 0 0 512"], 1024).unwrap().idle_us,
            500_000
        );
    }

    #[test]
    fn a_counter_that_cannot_be_is_refused() {
        assert_eq!(
            cpu_times(&["cpu  1 2 3 18446744073709551615"], 100)
                .unwrap_err()
                .problem,
            Problem::TooLarge
        );
        assert!(cpu_times(&["cpu  1 2 -3 4"], 100).is_err());
        assert!(cpu_times(&["ctxt 5"], 100).is_err());
        assert!(cpu_times(&["cpu0 1 2 3 4"], 100).is_err());
        assert!(cpu_times(&[], 100).is_err());
    }

    #[test]
    fn cpus_are_counted_by_their_lines() {
        assert_eq!(
            online_cpus(&["cpu  9 9 9 9", "cpu0 1", "cpu2 1", "cpu2 1", "cpux 1"]),
            Some(2)
        );
        assert_eq!(online_cpus(&["cpu  9 9 9 9", "ctxt 1"]), None);
    }
}
