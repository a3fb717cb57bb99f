//! Busy CPUs and what follows from them: steal, queues, load average, pressure.

use telemetry::Series;
use telemetry::schema::host;

use super::load::Day;
use crate::estate::{Expectation, HostSpec};
use crate::grid::{fill, fill_constant};
use crate::noise::Noise;

/// How fast the kernel's one-minute load average follows within a minute: 1 − 1/e.
const LOAD1_STEP: f64 = 0.632;

/// What of the processor outlasts a day.
pub(crate) struct Processor {
    load1: f64,
}

impl Processor {
    pub(crate) fn new() -> Self {
        Self { load1: 0.0 }
    }

    /// Adds the processor columns of a day to `series`.
    pub(crate) fn day(
        &mut self,
        spec: &HostSpec,
        day: &Day,
        disk_busy: &[f64],
        series: &mut Series,
        noise: &mut Noise,
    ) {
        let cpu = spec.behaviour.cpu;
        let rows = day.load.len();
        let column = || Vec::with_capacity(rows);
        let (mut all, mut busy, mut highest) = (column(), column(), column());
        let (mut user, mut system, mut iowait) = (column(), column(), column());
        let (mut steal, mut load1, mut runnable) = (column(), column(), column());
        let (mut waiting, mut waiting_io) = (column(), column());
        for ((&at_ms, &load), &disk) in day.at_ms.iter().zip(&day.load).zip(disk_busy) {
            let cores = cores_at(spec, at_ms);
            let wanted = (cpu.idle_cores * noise.factor(0.08)
                + (cpu.crest_cores - cpu.idle_cores) * load * noise.factor(cpu.noise * 0.3))
            .max(0.0);
            let stolen = if cpu.steal_share > 0.0 {
                cores * cpu.steal_share * (0.25 + 0.75 * load) * noise.factor(0.4)
            } else {
                0.0
            };
            let (spare, split) = noise.pair();
            // Even a saturated machine idles for a moment between two tasks.
            let ceiling = cores * (1.0 - 0.025 * spare) - stolen;
            let used = wanted.min(ceiling);
            let in_kernel = used * cpu.system_share * (0.9 + 0.2 * split);
            let top = (used * noise.peak_ratio(used)).clamp(used, cores - stolen);
            let waited = (disk * 0.6 * noise.factor(0.15)).min(cores - stolen - used);
            let queued = (wanted - used).max(0.0) * 1.5 + stolen;
            self.load1 += (used + waited + queued - self.load1) * LOAD1_STEP;
            all.push(cores);
            busy.push(used);
            highest.push(top);
            system.push(in_kernel);
            user.push(used - in_kernel);
            iowait.push(waited.max(0.0));
            steal.push(stolen);
            load1.push(self.load1);
            runnable.push((used * (0.7 + 0.6 * spare) + queued).round());
            waiting.push(cpu_pressure((wanted + stolen) / cores) * noise.factor(0.12));
            waiting_io.push((disk * 0.45).min(0.9) * noise.factor(0.15));
        }
        for pressure in waiting.iter_mut().chain(waiting_io.iter_mut()) {
            *pressure = pressure.min(1.0);
        }
        fill_constant(series, host::INTERVAL_S, 60.0);
        fill(series, host::CPU_CORES, &all);
        fill(series, host::CPU_BUSY_CORES, &busy);
        fill(series, host::CPU_BUSY_CORES_MAX, &highest);
        fill(series, host::CPU_USER_CORES, &user);
        fill(series, host::CPU_SYSTEM_CORES, &system);
        fill(series, host::CPU_IOWAIT_CORES, &iowait);
        fill(series, host::CPU_STEAL_CORES, &steal);
        fill(series, host::LOAD1, &load1);
        fill(series, host::RUNNABLE, &runnable);
        fill(series, host::PRESSURE_CPU_SOME, &waiting);
        fill(series, host::PRESSURE_IO_SOME, &waiting_io);
    }
}

/// Gives the online CPUs at the end of an interval.
fn cores_at(spec: &HostSpec, now_ms: i64) -> f64 {
    match spec.expectation {
        Some(Expectation::Resized {
            at_ms, cores_before, ..
        }) if now_ms <= at_ms => f64::from(cores_before),
        _ => f64::from(spec.cores),
    }
}

/// Gives the fraction of time some task waits, from what is wanted of the machine: little up to saturation, steep beyond.
fn cpu_pressure(wanted_share: f64) -> f64 {
    if wanted_share <= 1.0 {
        0.14 * wanted_share.powi(3)
    } else {
        (0.14 + 1.5 * (wanted_share - 1.0)).min(0.92)
    }
}
