//! Memory by kind of service, swap and memory pressure.

use telemetry::Series;
use telemetry::schema::host;
use telemetry::series::DAY_MS;
use telemetry::units::MEBIBYTE;

use super::load::Day;
use crate::behaviour::MemoryUse;
use crate::estate::{Expectation, HostSpec};
use crate::grid::{fill, fill_constant};
use crate::noise::{Noise, Wander};

/// Kernel structures that cannot be given back, as a share of the memory.
const KERNEL_SHARE: f64 = 0.02;
/// Page cache that is mapped or dirty and so not available at once, as a share of the cache.
const STUCK_CACHE_SHARE: f64 = 0.06;

/// What of the memory outlasts a minute.
pub(crate) struct Memory {
    kind: MemoryUse,
    start_ms: i64,
    days: f64,
    anon_drift: Wander,
    cache_drift: Wander,
    heap_filled: f64,
}

/// Shares of the host's memory at one minute.
struct Shares {
    anon: f64,
    cached: f64,
}

impl Memory {
    pub(crate) fn new(kind: MemoryUse, start_ms: i64, days: u32) -> Self {
        Self {
            kind,
            start_ms,
            days: f64::from(days.max(1)),
            anon_drift: Wander::new(0.98, 0.006),
            cache_drift: Wander::new(0.995, 0.035),
            heap_filled: 0.3,
        }
    }

    /// Adds the memory columns of a day to `series`.
    pub(crate) fn day(&mut self, spec: &HostSpec, day: &Day, series: &mut Series, noise: &mut Noise) {
        let total = spec.memory.as_bytes();
        let swapping = match spec.expectation {
            Some(Expectation::Swapping { swap_used }) => swap_used.as_bytes(),
            _ => 0.0,
        };
        let rows = day.load.len();
        let column = || Vec::with_capacity(rows);
        let (mut available, mut cached, mut anon) = (column(), column(), column());
        let (mut swapped, mut swap_in, mut swap_out) = (column(), column(), column());
        let mut pressure = column();
        for (&at_ms, &load) in day.at_ms.iter().zip(&day.load) {
            let mut shares = self.shares(spec, at_ms, load, noise);
            shares.anon = (shares.anon + self.anon_drift.next(noise)).clamp(0.001, 0.95);
            shares.cached =
                (shares.cached * (1.0 + self.cache_drift.next(noise))).clamp(0.001, 0.985 - KERNEL_SHARE - shares.anon);
            let taken = shares.anon + KERNEL_SHARE + STUCK_CACHE_SHARE * shares.cached;
            let free = (1.0 - taken).max(0.01);
            available.push(free * total);
            cached.push(shares.cached * total);
            anon.push(shares.anon * total);
            let busy = load.min(1.2);
            swapped.push(swapping * (0.72 + 0.26 * busy.min(1.0)) * noise.factor(0.004));
            let rate = if swapping > 0.0 { 1.0 } else { 0.0 };
            swap_in.push(rate * 900_000.0 * busy * noise.factor(0.28));
            swap_out.push(rate * 600_000.0 * busy * noise.factor(0.28));
            let short = (1.0 - free / 0.08).clamp(0.0, 1.0) + rate * 0.25 * busy;
            pressure.push((0.35 * short * noise.factor(0.2)).min(1.0));
        }
        fill_constant(series, host::MEMORY_TOTAL_BYTES, total);
        fill(series, host::MEMORY_AVAILABLE_BYTES, &available);
        fill(series, host::MEMORY_CACHED_BYTES, &cached);
        fill(series, host::MEMORY_ANON_BYTES, &anon);
        fill(series, host::SWAP_USED_BYTES, &swapped);
        fill(series, host::SWAP_IN_BYTES_PER_S, &swap_in);
        fill(series, host::SWAP_OUT_BYTES_PER_S, &swap_out);
        fill(series, host::PRESSURE_MEMORY_SOME, &pressure);
    }

    fn shares(&mut self, spec: &HostSpec, at_ms: i64, load: f64, noise: &mut Noise) -> Shares {
        let elapsed_days = (at_ms - self.start_ms) as f64 / DAY_MS as f64;
        match self.kind {
            MemoryUse::Steady { anon, cached } => Shares {
                anon: anon * (1.0 + 0.08 * (load.min(1.5) - 0.5)),
                cached,
            },
            MemoryUse::Database { anon, cached } => Shares {
                anon: anon * (0.97 + 0.04 * load.min(1.5)),
                cached,
            },
            MemoryUse::Jvm { heap, cached } => {
                // A collection every few minutes at the crest, every half hour at rest.
                self.heap_filled += (0.03 + 0.22 * load) * noise.factor(0.2);
                if self.heap_filled >= 1.0 {
                    self.heap_filled = 0.12 + 0.08 * noise.uniform();
                }
                Shares {
                    anon: heap * (0.62 + 0.36 * self.heap_filled),
                    cached,
                }
            }
            MemoryUse::Growing { from, to, cached } => Shares {
                anon: from + (to - from) * elapsed_days / self.days,
                cached,
            },
            MemoryUse::Leak { floor, cached } => Shares {
                anon: floor + self.leaked_bytes(spec, at_ms) / spec.memory.as_bytes(),
                cached,
            },
            MemoryUse::Short { anon } => Shares {
                anon: anon * (0.985 + 0.02 * load.min(1.0)),
                cached: 0.03,
            },
        }
    }

    /// Gives what has leaked since the last restart.
    fn leaked_bytes(&self, spec: &HostSpec, now_ms: i64) -> f64 {
        let Some(Expectation::MemoryLeak {
            per_day,
            restarts_at_ms,
        }) = &spec.expectation
        else {
            return 0.0;
        };
        let since = restarts_at_ms
            .iter()
            .copied()
            .filter(|&restart| restart < now_ms)
            .max()
            .unwrap_or(self.start_ms);
        let whole = per_day.as_bytes() * (now_ms - since) as f64 / DAY_MS as f64;
        (whole / MEBIBYTE).round() * MEBIBYTE
    }
}
