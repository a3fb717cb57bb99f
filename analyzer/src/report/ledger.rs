//! One host's requirement ledger: what is needed, how that came about, what the proposal offers.

use serde::Serialize;

use super::amount::{quantity, unit};
use super::clock::Clock;
use super::shown::shown;
use crate::catalog::{Catalog, Shape};
use crate::plan::Recommendation;
use crate::size::{CpuEquivalence, Dimension, Requirement};

/// One dimension of a host.
#[derive(Debug, Serialize)]
pub(super) struct LedgerRow {
    pub(super) dimension: &'static str,
    pub(super) unit: &'static str,
    pub(super) formula: String,
    pub(super) low: String,
    pub(super) target: String,
    pub(super) high: String,
    pub(super) peak: Option<String>,
    pub(super) peak_at: Option<String>,
    pub(super) basis: &'static str,
    pub(super) offered: Option<String>,
    /// Target over what is offered, whole percent, at most 100.
    pub(super) filled: Option<u32>,
    pub(super) binding: bool,
}

/// Writes the ledger of a host.
pub(super) fn ledger(row: &Recommendation, catalog: &Catalog, clock: &Clock) -> Vec<LedgerRow> {
    let shape = row.instance_type.as_deref().and_then(|name| catalog.shape(name));
    row.proof
        .requirements
        .iter()
        .map(|requirement| {
            let dimension = requirement.dimension;
            let offered = shape
                .and_then(|shape| offered(shape, &row.proof.cpu_equivalence, dimension))
                .map(|one| one * f64::from(row.instance_count.max(1)));
            line(requirement, offered, row.binding_dimension == Some(dimension), clock)
        })
        .collect()
}

fn line(requirement: &Requirement, offered: Option<f64>, binding: bool, clock: &Clock) -> LedgerRow {
    let dimension = requirement.dimension;
    let amount = |value: f64| quantity(dimension, value);
    LedgerRow {
        dimension: dimension.words(),
        unit: unit(dimension),
        formula: shown(&requirement.formula),
        low: amount(requirement.low),
        target: amount(requirement.target),
        high: amount(requirement.high),
        peak: requirement.peak.map(amount),
        peak_at: requirement.peak_at_ms.map(|at| clock.minute(at)),
        basis: if requirement.measured { "measured" } else { "assumed" },
        offered: offered.map(amount),
        filled: offered
            .filter(|offered| *offered > 0.0)
            .map(|offered| (requirement.target / offered * 100.0).round().clamp(0.0, 100.0) as u32),
        binding,
    }
}

/// Gives what one instance offers in a dimension, in its base unit and in source cores; nothing where AWS does not say.
pub(super) fn offered(shape: &Shape, equivalence: &CpuEquivalence, dimension: Dimension) -> Option<f64> {
    let amount = match dimension {
        Dimension::Cpu => shape.vcpus().as_cores() * equivalence.of(shape),
        Dimension::Memory => shape.memory().as_bytes(),
        Dimension::DiskOperations => shape.ebs.as_ref()?.baseline_iops.as_operations_per_second(),
        Dimension::DiskOperationsPeak => shape.ebs.as_ref()?.maximum_iops.as_operations_per_second(),
        Dimension::DiskThroughput => shape.ebs.as_ref()?.baseline.as_bytes_per_second(),
        Dimension::DiskThroughputPeak => shape.ebs.as_ref()?.maximum.as_bytes_per_second(),
        Dimension::Network => shape.network.baseline.as_bytes_per_second(),
        Dimension::NetworkPeak => shape.network.burst.as_bytes_per_second(),
    };
    amount.is_finite().then_some(amount)
}
