//! What a region sells and what each type can do, read from the catalog's plain rows.
//!
//! Input: the catalog's tables. Output: offers in buying order, and the
//! capacity of a shape in a dimension. Written without the search it checks.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::catalog::shape::Hypervisor;
use crate::catalog::{Architecture, Catalog, CpuPerformance, Price, Shape};
use crate::money::UsdPerHour;
use crate::policy::{Policy, matches};
use crate::size::{CpuEquivalence, Dimension};

/// A type at its price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ware<'a> {
    pub(super) shape: &'a Shape,
    pub(super) price: &'a Price<UsdPerHour>,
}

/// Everything a region sells, cheapest first, ties by newer generation, then name.
#[derive(Debug)]
pub(super) struct Market<'a> {
    wares: Vec<Ware<'a>>,
}

impl<'a> Market<'a> {
    /// Reads the rows of a region: what has a price and is not missing from a known list of offered types.
    pub(super) fn of(catalog: &'a Catalog, region: &str) -> Self {
        let Some(known) = catalog.tables().ec2.get(region) else {
            return Self { wares: Vec::new() };
        };
        let offered: Option<BTreeSet<&str>> = known
            .offered
            .as_ref()
            .map(|shapes| shapes.iter().map(|shape| shape.name.as_str()).collect());
        let mut wares: Vec<Ware<'a>> = known
            .prices
            .iter()
            .filter(|(shape, _)| offered.as_ref().is_none_or(|names| names.contains(shape.name.as_str())))
            .map(|(shape, price)| Ware { shape, price })
            .collect();
        wares.sort_by(|a, b| {
            let key = |ware: &Ware<'a>| {
                (
                    ware.price.amount,
                    Reverse(ware.shape.generation),
                    ware.shape.name.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        Self { wares }
    }

    /// Gives all wares in buying order.
    pub(super) fn wares(&self) -> &[Ware<'a>] {
        &self.wares
    }

    /// Finds a type.
    pub(super) fn find(&self, name: &str) -> Option<Ware<'a>> {
        self.wares.iter().find(|ware| ware.shape.name == name).copied()
    }
}

/// Says whether a type's full CPU lasts only while its credits do.
pub(super) fn is_on_credits(shape: &Shape) -> bool {
    shape.cpu_performance != CpuPerformance::Fixed
}

/// Says why a type may not be taken for its vCPUs, whatever its architecture; nothing when it may.
///
/// A type on CPU credits never may: what it serves depends on the course of the demand, see `credits`.
pub(super) fn forbidden(shape: &Shape, policy: &Policy) -> Option<&'static str> {
    if is_on_credits(shape) {
        return Some("a type whose CPU is not served in full");
    }
    forbidden_otherwise(shape, policy)
}

/// Says why the policy forbids a type, CPU credits aside.
pub(super) fn forbidden_otherwise(shape: &Shape, policy: &Policy) -> Option<&'static str> {
    let listed = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, &shape.family));
    let reasons = [
        (
            !policy.previous_generations && !shape.current_generation,
            "a previous generation",
        ),
        (!policy.bare_metal && shape.hypervisor == Hypervisor::None, "bare metal"),
        (
            !policy.burstable && shape.family.ends_with("-flex"),
            "a type whose CPU is not served in full",
        ),
        (shape.accelerators.is_some(), "a type with accelerators"),
        (!shape.purchase.on_demand, "a type that is not sold on demand"),
        (
            shape.vcpu < policy.minimum_vcpus,
            "fewer vCPUs than the policy's minimum",
        ),
        (
            memory_gib(shape) < policy.minimum_memory_gib,
            "less memory than the policy's minimum",
        ),
        (
            !policy.families.is_empty() && !listed(&policy.families),
            "a family that is not allowed",
        ),
        (listed(&policy.excluded_families), "a family that is excluded"),
    ];
    reasons.into_iter().find_map(|(holds, words)| holds.then_some(words))
}

/// Says whether the policy allows the type's architecture.
pub(super) fn architecture_allowed(shape: &Shape, policy: &Policy) -> bool {
    let boots = match shape.architecture {
        Architecture::X86_64 | Architecture::I386AndX86_64 => Architecture::X86_64,
        Architecture::Arm64 => Architecture::Arm64,
        Architecture::X86_64Mac | Architecture::Arm64Mac => return false,
    };
    policy.architectures.contains(&boots)
}

/// Gives the memory in GiB.
pub(super) fn memory_gib(shape: &Shape) -> f64 {
    f64::from(shape.memory_mib) / 1024.0
}

/// Gives what a shape offers in a dimension, in its base unit; nothing where AWS does not say.
pub(super) fn capacity(shape: &Shape, dimension: Dimension, equivalence: &CpuEquivalence) -> Option<f64> {
    let ebs = shape.ebs.as_ref();
    match dimension {
        Dimension::Cpu => Some(f64::from(shape.vcpu) * cores_per_vcpu(shape, equivalence)),
        Dimension::Memory => Some(f64::from(shape.memory_mib) * 1_048_576.0),
        Dimension::DiskOperations => ebs.map(|ebs| ebs.baseline_iops.as_operations_per_second()),
        Dimension::DiskThroughput => ebs.map(|ebs| ebs.baseline.as_bytes_per_second()),
        Dimension::Network => Some(shape.network.baseline.as_bytes_per_second()),
        Dimension::DiskOperationsPeak => ebs.map(|ebs| ebs.maximum_iops.as_operations_per_second()),
        Dimension::DiskThroughputPeak => ebs.map(|ebs| ebs.maximum.as_bytes_per_second()),
        Dimension::NetworkPeak => Some(shape.network.burst.as_bytes_per_second()),
    }
}

/// Gives the score of a type's vCPU, its own run before the family's.
pub(super) fn score(shape: &Shape) -> Option<f64> {
    shape
        .cpu_score
        .as_ref()
        .or(shape.family_cpu_score.as_ref())
        .map(|score| score.per_vcpu)
}

/// Gives how many busy source cores one vCPU carries.
pub(super) fn cores_per_vcpu(shape: &Shape, equivalence: &CpuEquivalence) -> f64 {
    match equivalence {
        CpuEquivalence::OneToOne => 1.0,
        CpuEquivalence::Scored {
            source_score,
            unscored_types,
            ..
        } => score(shape)
            .or(*unscored_types)
            .map_or(1.0, |score| score / source_score),
    }
}
