//! Whether each requirement is what the rule makes of the raw series, and each peak is the true one.

use jiff::tz::TimeZone;

use super::demand::{HostDemand, Measured};
use super::finding::Check;
use super::ledger::{Ledger, near, shown};
use super::observation::SourceSize;
use super::rules::{self, Span};
use super::subject::Subject;
use crate::policy::Rule;
use crate::size::Dimension;

/// Checks all requirements of a host.
pub(super) fn check(
    subject: &Subject<'_>,
    demand: &HostDemand,
    source: SourceSize,
    zone: &TimeZone,
    ours: [Option<Span>; 2],
    ledger: &mut Ledger,
) {
    // A host with weak evidence is shown at its present size: no rule, no headroom, no cap.
    let weak = subject.evidence_is_weak();
    let policy = &subject.policy;
    let rule = if weak { Rule::AsIs } else { policy.rule };
    let finish = |span: Span, headroom: f64, cap: Option<f64>, minimum: f64| {
        let headroom = if weak { 0.0 } else { headroom };
        let cap = cap.filter(|_| !weak && policy.cap_at_source);
        span.map(|value| {
            (value * (1.0 + headroom))
                .min(cap.unwrap_or(f64::INFINITY))
                .max(minimum)
        })
    };
    let vcpus = f64::from(policy.minimum_vcpus);
    let bytes = policy.minimum_memory_gib * 1_073_741_824.0;
    let cpu = demand
        .cpu
        .as_ref()
        .and_then(|measured| rules::cpu(rule, measured, source.vcpus, zone))
        .map(|span| finish(span, policy.cpu_headroom, source.vcpus, vcpus))
        .or(ours[0].map(|span| span.map(|value| value.max(vcpus))));
    let memory = demand
        .memory
        .as_ref()
        .and_then(|measured| rules::memory(rule, measured, source.memory_bytes, zone));
    sized(subject, Dimension::Cpu, demand.cpu.as_ref(), cpu, source.vcpus, ledger);
    // Memory in use counts swap, so the highest use may exceed the machine's memory; a cap never undercuts it.
    let highest_use = demand.memory.as_ref().map(Measured::maximum);
    let memory_cap = source.memory_bytes.map(|bytes| bytes.max(highest_use.unwrap_or(0.0)));
    sized(
        subject,
        Dimension::Memory,
        demand.memory.as_ref(),
        memory
            .map(|span| finish(span, policy.memory_headroom, memory_cap, bytes))
            .or(ours[1].map(|span| span.map(|value| value.max(bytes)))),
        source.memory_bytes,
        ledger,
    );

    let operations = demand.disk_operations.as_ref();
    let throughput = demand.disk_bytes.as_ref();
    let disk = 1.0 + policy.disk_headroom;
    let network = 1.0 + policy.network_headroom;
    let sustained = |measured: Option<&Measured>, factor: f64| {
        let measured = measured?;
        let value = measured.quantile(0.995) * factor;
        Some(Span {
            low: value,
            high: value,
        })
    };
    let burst = |measured: Option<&Measured>| {
        let value = measured?.maximum();
        Some(Span {
            low: value,
            high: value,
        })
    };
    let busier = demand.busier();
    sized(
        subject,
        Dimension::DiskOperations,
        operations,
        sustained(operations, disk),
        None,
        ledger,
    );
    sized(
        subject,
        Dimension::DiskThroughput,
        throughput,
        sustained(throughput, disk),
        None,
        ledger,
    );
    sized(
        subject,
        Dimension::Network,
        busier,
        sustained(busier, network),
        None,
        ledger,
    );
    sized(
        subject,
        Dimension::DiskOperationsPeak,
        operations,
        burst(operations),
        None,
        ledger,
    );
    sized(
        subject,
        Dimension::DiskThroughputPeak,
        throughput,
        burst(throughput),
        None,
        ledger,
    );
    sized(
        subject,
        Dimension::NetworkPeak,
        demand.higher(),
        burst(demand.higher()),
        None,
        ledger,
    );
}

/// Checks one dimension: the target, the bounds around it and the peak; or the source's size where nothing was measured.
fn sized(
    subject: &Subject<'_>,
    dimension: Dimension,
    measured: Option<&Measured>,
    expected: Option<Span>,
    fallback: Option<f64>,
    ledger: &mut Ledger,
) {
    let (check, words) = (Check::RequirementNumbers, dimension.words());
    let found = subject.requirement(dimension);
    let expected = expected.or_else(|| {
        fallback.map(|value| Span {
            low: value,
            high: value,
        })
    });
    let holds = match (expected, found) {
        (Some(span), Some(found)) => span.holds(found.target),
        (None, None) => true,
        _ => false,
    };
    let target = found.map(|found| found.target);
    let span = expected.map(|span| {
        if span.low == span.high {
            span.low.to_string()
        } else {
            format!("{} to {}", span.low, span.high)
        }
    });
    ledger.expect(check, holds, &format!("target of {words}"), shown(span), shown(target));
    let Some(found) = found else { return };
    ledger.same(
        check,
        &format!("whether {words} was measured"),
        measured.is_some(),
        found.measured,
    );
    let sustained = !matches!(
        dimension,
        Dimension::DiskOperationsPeak | Dimension::DiskThroughputPeak | Dimension::NetworkPeak
    );
    if let (true, Some(measured)) = (sustained, measured) {
        ledger.near(
            check,
            &format!("lower bound of {words}"),
            measured.quantile(0.95).min(found.target),
            found.low,
        );
    }
    let reach = measured.map_or(found.target, |measured| measured.maximum().max(found.target));
    ledger.expect(
        check,
        found.low <= found.target * (1.0 + 1e-12) && (found.high >= reach || near(found.high, reach)),
        &format!("bounds of {words}"),
        format!("at most {} and at least {reach}", found.target),
        format!("{} and {}", found.low, found.high),
    );
    if dimension == Dimension::Cpu && subject.row.proof.censored > 0 && measured.is_some() {
        ledger.expect(
            check,
            found.high > reach,
            "upper bound of CPU that was cut off at its ceiling",
            format!("above {reach}"),
            found.high,
        );
    }
    let peak = measured.map(Measured::maximum);
    let same = match (peak, found.peak) {
        (Some(peak), Some(found)) => near(peak, found),
        (peak, found) => peak.is_none() && found.is_none(),
    };
    ledger.expect(
        Check::Peak,
        same,
        &format!("peak of {words}"),
        shown(peak),
        shown(found.peak),
    );
    ledger.same_option(
        Check::Peak,
        &format!("time of the peak of {words}, UTC milliseconds"),
        measured.map(Measured::maximum_at_ms),
        found.peak_at_ms,
    );
}

/// Checks that each formula contains the number it stands beside.
pub(super) fn formulas(subject: &Subject<'_>, ledger: &mut Ledger) {
    for requirement in &subject.row.proof.requirements {
        let shown = match requirement.dimension {
            Dimension::Memory => requirement.target / 1_073_741_824.0,
            Dimension::DiskThroughput | Dimension::DiskThroughputPeak => requirement.target / 1_048_576.0,
            Dimension::Network | Dimension::NetworkPeak => requirement.target * 8.0 / 1e6,
            _ => requirement.target,
        };
        // Words show three digits, or thousandths.
        let slack = 0.006 * shown.abs() + 0.000_6;
        let there = requirement
            .formula
            .split(|letter: char| !(letter.is_ascii_digit() || letter == '.'))
            .filter_map(|number| number.trim_end_matches('.').parse::<f64>().ok())
            .any(|number| (number - shown).abs() <= slack);
        ledger.expect(
            Check::Formula,
            there,
            &format!("number in the formula of {}", requirement.dimension.words()),
            shown,
            &requirement.formula,
        );
    }
}
