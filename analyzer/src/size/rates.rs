//! What disks and network must carry: P99.5 against what a shape serves for ever, the maximum against its bursts.
//!
//! Input: a host's profile and the policy's headroom. Output: requirements of
//! the dimensions that were measured. Source: method §2.

use super::dimension::{Dimension, number};
use super::requirement::{Requirement, Telling};
use crate::policy::Policy;
use crate::profile::{HostProfile, MetricProfile};

/// Works out the requirements of disks and network; none of what was not measured.
pub(super) fn rates(profile: &HostProfile, policy: &Policy, telling: Telling) -> Vec<Requirement> {
    let mut list = Vec::with_capacity(6);
    let disk = |metric: &Option<MetricProfile>, sustained, peak| {
        both(metric.as_ref(), policy.disk_headroom, sustained, peak, telling)
    };
    list.extend(
        disk(
            &profile.disk_operations,
            Dimension::DiskOperations,
            Dimension::DiskOperationsPeak,
        )
        .into_iter()
        .flatten(),
    );
    list.extend(
        disk(
            &profile.disk_bytes,
            Dimension::DiskThroughput,
            Dimension::DiskThroughputPeak,
        )
        .into_iter()
        .flatten(),
    );
    let busier = match (&profile.network_receive, &profile.network_transmit) {
        (Some(receive), Some(transmit)) if transmit.quantile(0.995) > receive.quantile(0.995) => Some(transmit),
        (receive, transmit) => receive.as_ref().or(transmit.as_ref()),
    };
    list.extend(
        both(
            busier,
            policy.network_headroom,
            Dimension::Network,
            Dimension::NetworkPeak,
            telling,
        )
        .into_iter()
        .flatten(),
    );
    if let (Some(receive), Some(transmit)) = (&profile.network_receive, &profile.network_transmit)
        && let Some(peak) = list.iter_mut().find(|one| one.dimension == Dimension::NetworkPeak)
    {
        // The two directions may peak at different times; the link must carry either.
        let highest = if transmit.maximum > receive.maximum {
            transmit
        } else {
            receive
        };
        peak.target = highest.maximum;
        peak.low = peak.low.min(peak.target);
        peak.high = peak.target;
        peak.peak = Some(highest.maximum);
        peak.peak_at_ms = Some(highest.maximum_at_ms);
        peak.formula = telling.words(|| peak_words(Dimension::NetworkPeak, highest.maximum));
    }
    list
}

/// Requires P99.5 with headroom of the baseline, and the peak of the burst limit.
fn both(
    metric: Option<&MetricProfile>,
    headroom: f64,
    sustained: Dimension,
    peak: Dimension,
    telling: Telling,
) -> Option<[Requirement; 2]> {
    let metric = metric?;
    let p995 = metric.quantile(0.995);
    let target = p995 * (1.0 + headroom);
    let show = |value: f64| number(sustained.show(value));
    let unit = sustained.unit();
    Some([
        Requirement {
            dimension: sustained,
            low: metric.quantile(0.95).min(target),
            target,
            high: metric.maximum.max(target),
            peak: Some(metric.maximum),
            peak_at_ms: Some(metric.maximum_at_ms),
            formula: telling.words(|| {
                format!(
                    "P99.5 {} {unit} + {:.0} % headroom = {} {unit}",
                    show(p995),
                    headroom * 100.0,
                    show(target)
                )
            }),
            measured: true,
        },
        Requirement {
            dimension: peak,
            low: p995.min(metric.maximum),
            target: metric.maximum,
            high: metric.maximum,
            peak: Some(metric.maximum),
            peak_at_ms: Some(metric.maximum_at_ms),
            formula: telling.words(|| peak_words(peak, metric.maximum)),
            measured: true,
        },
    ])
}

fn peak_words(dimension: Dimension, maximum: f64) -> String {
    let shown = number(dimension.show(maximum));
    format!(
        "maximum {shown} {}, against what the shape reaches in bursts",
        dimension.unit()
    )
}
