//! Laws about what instance types can do.

use std::sync::Arc;

use super::{Check, CheckResult, Tally};
use crate::catalog::Catalog;
use crate::catalog::shape::{CpuPerformance, Shape};

/// Largest part by which AWS's own figures for credits are rounded.
const CREDIT_ROUNDING: f64 = 0.001;

/// How far one `CoreMark` run may be from its family's median.
const SCORE_SPREAD: f64 = 0.25;

pub(super) fn verify(catalog: &Catalog) -> Vec<CheckResult> {
    let mut cores = Tally::of(Check::VcpuIsCoresTimesThreads);
    let mut memory = Tally::of(Check::MemoryIsWhole);
    let mut burst = Tally::of(Check::BurstIsNotBelowBaseline);
    let mut credits = Tally::of(Check::CreditsMatchBaseline);
    let mut baseline = Tally::of(Check::BurstableBaselineIsKnown);
    let mut scores = Tally::of(Check::TypeScoreIsNearFamily);
    for shape in catalog.shapes() {
        let subject = || shape.name.clone();
        cores.hold(
            shape.vcpu == shape.cores * shape.threads_per_core && shape.vcpu > 0,
            subject,
            None,
            || {
                format!(
                    "{} vCPU, {} cores of {} threads",
                    shape.vcpu, shape.cores, shape.threads_per_core
                )
            },
        );
        if shape.current_generation {
            memory.hold(
                shape.memory_mib > 0 && shape.memory_mib.is_multiple_of(256),
                subject,
                None,
                || format!("{} MiB", shape.memory_mib),
            );
        }
        hold_burst(&mut burst, shape);
        hold_credits(&mut credits, &mut baseline, shape);
        if let (Some(score), Some(family)) = (shape.cpu_score, shape.family_cpu_score) {
            let ratio = score.per_vcpu / family.per_vcpu;
            scores.hold((ratio - 1.0).abs() <= SCORE_SPREAD, subject, None, || {
                format!("{ratio:.2} of the family's")
            });
        }
    }
    let mut sizes = Tally::of(Check::BiggerIsNotSmaller);
    for family in catalog.families() {
        hold_sizes(&mut sizes, &catalog.shapes_of_family(family));
    }
    [cores, memory, burst, credits, baseline, scores, sizes]
        .into_iter()
        .map(Tally::finish)
        .collect()
}

fn hold_burst(tally: &mut Tally, shape: &Shape) {
    let network = shape.network;
    let mut keeps = network.burst >= network.baseline && network.baseline.as_bytes_per_second() > 0.0;
    if let Some(ebs) = shape.ebs {
        keeps &= ebs.maximum >= ebs.baseline && ebs.maximum_iops >= ebs.baseline_iops;
    }
    tally.hold(
        keeps,
        || shape.name.clone(),
        None,
        || format!("{network:?}, {:?}", shape.ebs),
    );
}

fn hold_credits(credits: &mut Tally, baseline: &mut Tally, shape: &Shape) {
    let subject = || shape.name.clone();
    match shape.cpu_performance {
        CpuPerformance::Fixed => {}
        CpuPerformance::BurstableUnknown => {
            baseline.hold(false, subject, None, || "no CPU baseline".to_owned());
        }
        CpuPerformance::Burstable(model) => {
            baseline.hold(true, subject, None, String::new);
            let earned = model.baseline_fraction_per_vcpu * f64::from(shape.vcpu) * 60.0;
            credits.hold(
                (earned / model.credits_per_hour - 1.0).abs() <= CREDIT_ROUNDING,
                subject,
                None,
                || format!("{} credits stated, {earned} computed", model.credits_per_hour),
            );
        }
    }
}

/// Compares every two sizes of a family with a hypervisor, bigger by vCPUs.
fn hold_sizes(tally: &mut Tally, shapes: &[&Arc<Shape>]) {
    let virtual_machines: Vec<&Shape> = shapes
        .iter()
        .map(|shape| &***shape)
        .filter(|shape| !shape.is_bare_metal())
        .collect();
    for small in &virtual_machines {
        for big in virtual_machines.iter().filter(|big| big.vcpu > small.vcpu) {
            let smaller = smaller_capacities(small, big);
            tally.hold(
                smaller.is_empty(),
                || format!("{} against {}", big.name, small.name),
                None,
                || format!("less {}", smaller.join(", ")),
            );
        }
    }
}

/// Names the capacities in which the big shape is below the small one.
fn smaller_capacities(small: &Shape, big: &Shape) -> Vec<&'static str> {
    let mut names = Vec::new();
    if big.memory_mib < small.memory_mib {
        names.push("memory");
    }
    if big.network.baseline < small.network.baseline {
        names.push("network baseline");
    }
    if big.network.burst < small.network.burst {
        names.push("network burst");
    }
    if let (Some(small), Some(big)) = (small.ebs, big.ebs) {
        if big.baseline < small.baseline || big.maximum < small.maximum {
            names.push("EBS throughput");
        }
        if big.baseline_iops < small.baseline_iops || big.maximum_iops < small.maximum_iops {
            names.push("EBS operations");
        }
    }
    names
}
