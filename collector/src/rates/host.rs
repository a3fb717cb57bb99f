//! The host itself within one interval: CPU time added up, and what stood at its last whole reading.

use telemetry::Series;
use telemetry::schema::host;

use super::device::nominal_or_covered;
use super::difference::{increment, increment_or_zero};
use super::push;
use crate::reading::{CpuTimes, Load, Memory, Reading};

/// Busy time may exceed the CPUs by this factor, since counters and clock are not read at one instant.
const READ_APART: f64 = 1.05;

/// What the host did in one interval.
#[derive(Clone, Debug, Default)]
pub(super) struct HostInterval {
    covered_s: f64,
    busy_us: f64,
    user_us: Option<f64>,
    system_us: Option<f64>,
    iowait_us: f64,
    steal_us: f64,
    highest: Option<f64>,
    has_machine_times: bool,
    memory: Option<Memory>,
    load: Option<Load>,
    rates: WholeRates,
}

/// Rates between two whole readings.
#[derive(Clone, Copy, Debug, Default)]
struct WholeRates {
    swap_in: Option<f64>,
    swap_out: Option<f64>,
    pressure: [Option<f64>; 3],
}

/// CPU time that passed between two readings, microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct CpuMoved {
    busy_us: f64,
    user_us: Option<f64>,
    system_us: Option<f64>,
    /// Waiting for a disk, and stolen; a container does not know them.
    machine: Option<(f64, f64)>,
}

/// Gives the CPU time that passed; nothing when a counter started again or the answer is more than the CPUs can do.
pub(super) fn cpu_moved(before: &Reading, after: &Reading, seconds: f64, cores: Option<f64>) -> Option<CpuMoved> {
    let moved = match (before.cgroup_cpu, after.cgroup_cpu) {
        (Some(before), Some(after)) => {
            let part = |before: Option<u64>, after: Option<u64>| Some(increment(before?, after?)? as f64);
            CpuMoved {
                busy_us: increment(before.usage_us, after.usage_us)? as f64,
                user_us: part(before.user_us, after.user_us),
                system_us: part(before.system_us, after.system_us),
                machine: None,
            }
        }
        _ => machine_moved(&before.cpu?, &after.cpu?)?,
    };
    let within = |cores: f64| moved.busy_us <= cores * seconds * 1e6 * READ_APART + 20_000.0;
    // Ten thousand CPUs are more than any machine has, where their number is not known.
    within(cores.unwrap_or(10_000.0)).then_some(moved)
}

fn machine_moved(before: &CpuTimes, after: &CpuTimes) -> Option<CpuMoved> {
    let user = increment(before.user_us, after.user_us)? as f64;
    let system = increment(before.system_us, after.system_us)? as f64;
    let iowait = increment_or_zero(before.iowait_us, after.iowait_us) as f64;
    let steal = increment_or_zero(before.steal_us, after.steal_us) as f64;
    Some(CpuMoved {
        busy_us: user + system,
        user_us: Some(user),
        system_us: Some(system),
        machine: Some((iowait, steal)),
    })
}

/// Gives the CPUs of a reading: a container's limit where it has one, else those online.
pub(super) fn cores(reading: &Reading) -> Option<f64> {
    let online = reading.online_cpus.map(f64::from);
    let limit = reading
        .cgroup_cpu
        .and_then(|cgroup| cgroup.limit_millicores)
        .map(|limit| limit as f64 / 1000.0);
    match (online, limit) {
        (Some(online), Some(limit)) => Some(online.min(limit)),
        (online, limit) => limit.or(online),
    }
}

impl HostInterval {
    /// Adds the CPU time of one difference.
    pub(super) fn add_cpu(&mut self, moved: CpuMoved, seconds: f64, for_maxima: bool) {
        let sum = |known: &mut Option<f64>, more: Option<f64>, first: bool| {
            *known = match (*known, more) {
                (Some(known), Some(more)) => Some(known + more),
                (None, more) if first => more,
                _ => None,
            };
        };
        let first = self.covered_s == 0.0;
        sum(&mut self.user_us, moved.user_us, first);
        sum(&mut self.system_us, moved.system_us, first);
        self.covered_s += seconds;
        self.busy_us += moved.busy_us;
        if let Some((iowait, steal)) = moved.machine {
            self.has_machine_times = true;
            self.iowait_us += iowait;
            self.steal_us += steal;
        }
        if for_maxima {
            let rate = moved.busy_us / seconds / 1e6;
            self.highest = Some(self.highest.map_or(rate, |known| known.max(rate)));
        }
    }

    /// Takes what stands in a whole reading, and the rates since the whole reading before it.
    pub(super) fn stand(&mut self, reading: &Reading, before: Option<(&Reading, f64)>) {
        self.memory = reading.memory.or(self.memory);
        self.load = reading.load.or(self.load);
        let Some((before, seconds)) = before else { return };
        let swap = |of: fn(&crate::reading::Paging) -> u64| {
            let moved = increment(of(&before.paging?), of(&reading.paging?))?;
            Some(moved as f64 / seconds)
        };
        let stalled = |before: Option<u64>, after: Option<u64>| {
            Some((increment(before?, after?)? as f64 / 1e6 / seconds).min(1.0))
        };
        let (was, is) = (before.pressure, reading.pressure);
        self.rates = WholeRates {
            swap_in: swap(|paging| paging.swap_in_bytes),
            swap_out: swap(|paging| paging.swap_out_bytes),
            pressure: [
                stalled(was.cpu_some_us, is.cpu_some_us),
                stalled(was.memory_some_us, is.memory_some_us),
                stalled(was.io_some_us, is.io_some_us),
            ],
        };
    }

    /// Appends the row when half of the interval was covered.
    pub(super) fn push(&self, series: &mut Series, at_ms: i64, cores: Option<f64>, interval_ms: i64) {
        if self.covered_s * 2000.0 < interval_ms as f64 {
            return;
        }
        let most = |value: f64| cores.map_or(value, |cores| value.min(cores));
        let mean = |sum: f64| most(sum / self.covered_s / 1e6);
        let machine = |sum: f64| self.has_machine_times.then(|| mean(sum));
        let memory = self.memory.unwrap_or_default();
        let bytes = |value: Option<u64>| value.map(|bytes| bytes as f64);
        let [cpu, stalled_memory, io] = self.rates.pressure;
        push(
            series,
            at_ms,
            &[
                (host::INTERVAL_S, Some(nominal_or_covered(self.covered_s, interval_ms))),
                (host::CPU_CORES, cores.map(f64::ceil)),
                (host::CPU_BUSY_CORES, Some(mean(self.busy_us))),
                (host::CPU_BUSY_CORES_MAX, self.highest.map(most)),
                (host::CPU_USER_CORES, self.user_us.map(mean)),
                (host::CPU_SYSTEM_CORES, self.system_us.map(mean)),
                (host::CPU_IOWAIT_CORES, machine(self.iowait_us)),
                (host::CPU_STEAL_CORES, machine(self.steal_us)),
                (
                    host::LOAD1,
                    self.load.map(|load| f64::from(load.load1_hundredths) / 100.0),
                ),
                (host::RUNNABLE, self.load.map(|load| f64::from(load.runnable))),
                (
                    host::MEMORY_TOTAL_BYTES,
                    self.memory.map(|memory| memory.total_bytes as f64),
                ),
                (host::MEMORY_AVAILABLE_BYTES, bytes(memory.available_bytes)),
                (host::MEMORY_CACHED_BYTES, bytes(memory.cached_bytes)),
                (host::MEMORY_ANON_BYTES, bytes(memory.anon_bytes)),
                (host::SWAP_USED_BYTES, bytes(memory.swap_used_bytes)),
                (host::SWAP_IN_BYTES_PER_S, self.rates.swap_in),
                (host::SWAP_OUT_BYTES_PER_S, self.rates.swap_out),
                (host::PRESSURE_CPU_SOME, cpu),
                (host::PRESSURE_MEMORY_SOME, stalled_memory),
                (host::PRESSURE_IO_SOME, io),
            ],
        );
    }
}
