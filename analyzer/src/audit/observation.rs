//! When a host was seen, what it has, whether it works, and how often the proposal would have been short.

use jiff::tz::TimeZone;
use telemetry::schema::host;
use telemetry::{ColumnId, Series};

use super::demand::{HostDemand, Measured, raw, scale};
use super::finding::Check;
use super::ledger::{Ledger, shown};
use super::market::{Market, capacity};
use super::subject::Subject;
use crate::profile::HostSeries;
use crate::size::{Activity, Dimension};

const DAY_MS: f64 = 86_400_000.0;

/// What the machine has, as measured last or else as the assessment states it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SourceSize {
    pub(super) vcpus: Option<f64>,
    pub(super) memory_bytes: Option<f64>,
}

impl SourceSize {
    /// Reads the last sample of each.
    pub(super) fn of(subject: &Subject<'_>, series: &HostSeries) -> Self {
        let vcpus = last_positive(series, host::CPU_CORES);
        let memory = last_positive(series, host::MEMORY_TOTAL_BYTES);
        Self {
            vcpus: vcpus.or(subject.member.vcpus.map(f64::from)),
            memory_bytes: memory.or(subject.member.memory_gib.map(|gib| gib * 1_073_741_824.0)),
        }
    }
}

pub(super) fn last_positive(series: &HostSeries, column: ColumnId) -> Option<f64> {
    let series = series.host.as_ref()?;
    let last = (0..series.len())
        .rev()
        .find_map(|row| raw(series, column, row).filter(|raw| *raw > 0))?;
    Some(last as f64 / scale(series, column))
}

/// First and last sample, usual distance, and samples over those expected.
struct Watch {
    first_at_ms: i64,
    last_at_ms: i64,
    interval_s: f64,
    coverage: f64,
}

impl Watch {
    fn of(series: &HostSeries) -> Option<Self> {
        let any = series
            .host
            .as_ref()
            .or(series.disks.first())
            .or(series.networks.first())
            .or(series.filesystems.first());
        let at_ms = &any?.at_ms;
        let (&first_at_ms, &last_at_ms) = at_ms.first().zip(at_ms.last())?;
        let mut steps: Vec<i64> = at_ms
            .iter()
            .zip(at_ms.iter().skip(1))
            .map(|(before, after)| after - before)
            .collect();
        steps.sort_unstable();
        let step = steps.get(steps.len() / 2).copied().unwrap_or(60_000).max(1);
        let expected = (last_at_ms - first_at_ms) / step + 1;
        Some(Self {
            first_at_ms,
            last_at_ms,
            interval_s: step as f64 / 1000.0,
            coverage: (at_ms.len() as f64 / expected as f64).min(1.0),
        })
    }

    fn days(&self) -> f64 {
        (self.last_at_ms - self.first_at_ms) as f64 / DAY_MS + self.interval_s / 86_400.0
    }
}

/// Checks what the proof says of the observation and of the source.
pub(super) fn check(subject: &Subject<'_>, series: &HostSeries, source: SourceSize, ledger: &mut Ledger) {
    let (row, proof, check) = (subject.row, &subject.row.proof, Check::Observation);
    if let Some(watch) = Watch::of(series) {
        ledger.same(check, "end of the first interval", watch.first_at_ms, proof.first_at_ms);
        ledger.same(check, "end of the last interval", watch.last_at_ms, proof.last_at_ms);
        ledger.near(check, "usual interval, seconds", watch.interval_s, proof.interval_s);
        ledger.rounded(check, "coverage", Some(watch.coverage), Some(proof.coverage));
    }
    let censored = series.host.as_ref().map_or(0, censored);
    ledger.same(check, "intervals at the CPU ceiling", censored, proof.censored);
    ledger.rounded(
        Check::SourceCapacity,
        "vCPUs of the source",
        source.vcpus,
        row.source_vcpu,
    );
    let gib = source.memory_bytes.map(|bytes| bytes / 1_073_741_824.0);
    ledger.rounded(
        Check::SourceCapacity,
        "memory of the source, GiB",
        gib,
        row.source_memory_gib,
    );
}

/// Counts intervals with 95 % of the CPUs busy or stolen, or CPU pressure above 20 %; method §1.
fn censored(series: &Series) -> usize {
    let per_core = scale(series, host::CPU_BUSY_CORES) as i64;
    let whole_pressure = scale(series, host::PRESSURE_CPU_SOME) as i64;
    (0..series.len())
        .filter(|&row| {
            let Some(busy) = raw(series, host::CPU_BUSY_CORES, row) else {
                return false;
            };
            let wanted = busy + raw(series, host::CPU_STEAL_CORES, row).unwrap_or(0);
            let cores = raw(series, host::CPU_CORES, row).filter(|cores| *cores > 0);
            let full = cores.is_some_and(|cores| wanted * 100 >= 95 * cores * per_core);
            full || raw(series, host::PRESSURE_CPU_SOME, row).is_some_and(|pressure| pressure * 5 > whole_pressure)
        })
        .count()
}

/// Levels between which the plan's share is interpolated; what lies between two of them is not told apart.
const LEVELS: [f64; 7] = [0.0, 0.5, 0.9, 0.95, 0.99, 0.995, 1.0];

/// Checks the share of intervals in which CPU or memory demand exceeded the proposal.
pub(super) fn violation(subject: &Subject<'_>, demand: &HostDemand, market: &Market<'_>, ledger: &mut Ledger) {
    let (row, check) = (subject.row, Check::Violation);
    let Some(ware) = row.instance_type.as_deref().and_then(|name| market.find(name)) else {
        if row.instance_type.is_none() {
            ledger.same_option(
                check,
                "share of intervals short of no proposal",
                None,
                row.violation_probability,
            );
        }
        return;
    };
    let share = |dimension: Dimension, measured: &Option<Measured>| {
        let measured = measured.as_ref()?;
        let limit = capacity(ware.shape, dimension, &row.proof.cpu_equivalence)?;
        Some(measured.values.iter().filter(|value| **value > limit).count() as f64 / measured.values.len() as f64)
    };
    let cpu = share(Dimension::Cpu, &demand.cpu);
    let memory = share(Dimension::Memory, &demand.memory);
    let truth = cpu.into_iter().chain(memory).reduce(f64::max);
    let holds = match (truth, row.violation_probability) {
        (Some(truth), Some(found)) => {
            let between = |level: f64| {
                let short = 1.0 - level;
                (truth < short - 1e-6 && short + 1e-6 < found) || (found < short - 1e-6 && short + 1e-6 < truth)
            };
            (truth == 0.0) == (found == 0.0) && !LEVELS.iter().any(|level| between(*level))
        }
        (truth, found) => truth.is_none() && found.is_none(),
    };
    ledger.expect(
        check,
        holds,
        "share of intervals short of the proposal",
        shown(truth),
        shown(row.violation_probability),
    );
}

/// Checks the verdict on a host's activity against the thresholds of method §5.
pub(super) fn activity(subject: &Subject<'_>, series: &HostSeries, demand: &HostDemand, ledger: &mut Ledger) {
    let found = subject.row.proof.activity;
    let expected = verdict(series, demand);
    ledger.expect(
        Check::Activity,
        expected == found,
        "activity of the host",
        format!("{expected:?}"),
        format!("{found:?}"),
    );
}

fn verdict(series: &HostSeries, demand: &HostDemand) -> Activity {
    let watched_a_week = Watch::of(series).is_some_and(|watch| watch.days() >= 7.0);
    let (Some(cpu), Some(traffic), Some(cores), true) = (
        &demand.cpu,
        &demand.traffic,
        last_positive(series, host::CPU_CORES),
        watched_a_week,
    ) else {
        return Activity::Unknown;
    };
    let busiest = cpu.maximum() / cores;
    if busiest <= 0.01 && traffic.maximum() < 1000.0 {
        Activity::Zombie
    } else if busiest < 0.05 && traffic.mean() * 86_400.0 < 5e6 {
        Activity::Idle
    } else {
        Activity::Active
    }
}

/// Gives the zone of the assessment, UTC where its name is not known.
pub(super) fn zone(assessment: &crate::policy::Assessment) -> TimeZone {
    assessment.zone().unwrap_or(TimeZone::UTC)
}
