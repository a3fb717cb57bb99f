//! What followed: the demand of the judged part, laid out to be asked about any capacity.

use telemetry::schema::host;
use telemetry::{NOT_MEASURED, Table};

use crate::profile::HostSeries;

const HOUR_MS: i64 = 3_600_000;

/// The demand that followed, in time order and sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Later {
    cpu_at_ms: Vec<i64>,
    cpu: Vec<f64>,
    cpu_sorted: Vec<f64>,
    /// Sums of the sorted values from each place to the end.
    cpu_rest: Vec<f64>,
    memory_sorted: Vec<f64>,
    interval_hours: f64,
}

/// How a CPU capacity would have served.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Served {
    pub(super) short: f64,
    pub(super) unserved_core_hours: f64,
    pub(super) worst_hour_core_hours: f64,
    pub(super) utilisation: f64,
}

impl Later {
    /// Lays out a part; nothing when no CPU was measured in it.
    ///
    /// Readings above what the machine had are cut to it here, where they
    /// judge, and nowhere else: no machine serves more than it has.
    pub(super) fn of(part: &HostSeries) -> Option<Self> {
        let (at_ms, cpu) = part.cpu()?;
        let series = part.host.as_ref()?;
        let cores = series.raw(host::CPU_CORES);
        let per_core = Table::Host.columns()[host::CPU_CORES.index()].scale() as f64;
        let (cpu_at_ms, cpu): (Vec<i64>, Vec<f64>) = at_ms
            .into_iter()
            .zip(cpu)
            .enumerate()
            .filter(|(_, (_, busy))| busy.is_finite())
            .map(|(row, (at, busy))| {
                let most = cores
                    .map(|cores| cores[row])
                    .filter(|&raw| raw != NOT_MEASURED && raw > 0)
                    .map_or(f64::INFINITY, |raw| raw as f64 / per_core);
                (at, busy.min(most))
            })
            .unzip();
        if cpu.is_empty() {
            return None;
        }
        let cpu_sorted = sorted(cpu.clone());
        let mut cpu_rest = vec![0.0; cpu_sorted.len() + 1];
        for place in (0..cpu_sorted.len()).rev() {
            cpu_rest[place] = cpu_rest[place + 1] + cpu_sorted[place];
        }
        let mut steps: Vec<i64> = cpu_at_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
        steps.sort_unstable();
        let interval_hours = steps
            .get(steps.len() / 2)
            .map_or(0.0, |&step| step as f64 / HOUR_MS as f64);
        let memory = part.memory().map(|(_, bytes)| bytes).unwrap_or_default();
        Some(Self {
            cpu_at_ms,
            cpu,
            cpu_sorted,
            cpu_rest,
            memory_sorted: sorted(memory.into_iter().filter(|bytes| bytes.is_finite()).collect()),
            interval_hours,
        })
    }

    /// Gives the samples of the CPU.
    pub(super) fn samples(&self) -> usize {
        self.cpu.len()
    }

    /// Gives the share of the time that the CPU was short of a capacity.
    pub(super) fn cpu_short(&self, capacity: f64) -> f64 {
        above(&self.cpu_sorted, capacity)
    }

    /// Gives the share of the time that memory was short of a capacity; nothing where it was not measured.
    pub(super) fn memory_short(&self, capacity: f64) -> Option<f64> {
        (!self.memory_sorted.is_empty()).then(|| above(&self.memory_sorted, capacity))
    }

    /// Says how a CPU capacity would have served.
    pub(super) fn served(&self, capacity: f64) -> Served {
        let first = self.cpu_sorted.partition_point(|value| *value <= capacity);
        let over = self.cpu_rest[first] - (self.cpu_sorted.len() - first) as f64 * capacity;
        Served {
            short: self.cpu_short(capacity),
            unserved_core_hours: over * self.interval_hours,
            worst_hour_core_hours: if over > 0.0 { self.worst_hour(capacity) } else { 0.0 },
            utilisation: self.cpu_rest[0] / self.cpu_sorted.len() as f64 / capacity,
        }
    }

    /// Gives the most core-hours that went unserved within one clock hour.
    fn worst_hour(&self, capacity: f64) -> f64 {
        let (mut worst, mut sum, mut hour) = (0.0_f64, 0.0, i64::MIN);
        for (&at, &value) in self.cpu_at_ms.iter().zip(&self.cpu) {
            let own = (at - 1).div_euclid(HOUR_MS);
            if own != hour {
                hour = own;
                sum = 0.0;
            }
            sum += (value - capacity).max(0.0);
            worst = worst.max(sum);
        }
        worst * self.interval_hours
    }

    /// Gives the least CPU and memory that would have been short for no more than these shares.
    pub(super) fn hindsight(&self, cpu_short: f64, memory_short: f64) -> (f64, Option<f64>) {
        let least = |sorted: &[f64], short: f64| {
            let over = (short * sorted.len() as f64 + 1e-9) as usize;
            sorted.len().checked_sub(over + 1).map(|place| sorted[place])
        };
        (
            least(&self.cpu_sorted, cpu_short).unwrap_or(0.0),
            least(&self.memory_sorted, memory_short),
        )
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn above(sorted: &[f64], capacity: f64) -> f64 {
    let within = sorted.partition_point(|value| *value <= capacity);
    (sorted.len() - within) as f64 / sorted.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use telemetry::Series;

    fn later(values: &[f64]) -> Later {
        let mut series = Series::new(Table::Host, "a", vec![]);
        for (row, &value) in values.iter().enumerate() {
            series.push(
                (row as i64 + 1) * 1_800_000,
                &[(host::CPU_CORES, 4.0), (host::CPU_BUSY_CORES, value)],
            );
        }
        Later::of(&HostSeries {
            host: Some(series),
            ..HostSeries::default()
        })
        .unwrap()
    }

    #[test]
    fn what_was_above_is_unserved_and_readings_above_the_machine_are_cut() {
        let later = later(&[1.0, 3.0, 3.0, 9.0]);
        let served = later.served(2.0);
        assert_eq!(served.short, 0.75);
        // One and one core above for half an hour each, then two (9 is cut to 4).
        assert!((served.unserved_core_hours - 2.0).abs() < 1e-9);
        assert!((served.worst_hour_core_hours - 1.5).abs() < 1e-9);
        assert_eq!(later.served(4.0).short, 0.0);
    }

    #[test]
    fn hindsight_needs_what_was_exceeded_no_longer() {
        let later = later(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(later.hindsight(0.0, 0.0).0, 4.0);
        assert_eq!(later.hindsight(0.25, 0.0).0, 3.0);
        assert_eq!(later.cpu_short(3.0), 0.25);
    }
}
