//! Does a host fit a type on CPU credits? Input: the followed balances and a shape. Output: a [`CreditFit`].
//!
//! Demand moves, so the balance is asked for every future alike: demand times f on a baseline r is demand on r / f.

use serde::{Deserialize, Serialize};

use super::equivalence::CpuEquivalence;
use crate::catalog::{CpuPerformance, Shape};
use crate::profile::Credits;

/// How a host would do on a type's CPU credits, in standard and in unlimited mode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreditFit {
    /// What the type serves for ever, source cores.
    pub baseline_cores: f64,
    /// Share of the measured time in which the credits would not have been enough, standard mode.
    pub short_measured: f64,
    /// The same, expected over the futures of the host.
    pub short_expected: f64,
    /// vCPU-hours a month that unlimited mode would have charged; absent for a baseline that is not followed.
    pub surplus_vcpu_hours: Option<f64>,
}

impl CreditFit {
    /// Works out how a host does on a shape; nothing when the shape has no known credits.
    ///
    /// `factors` are what the demand may be multiplied by, equally likely; none means that it stays.
    #[must_use]
    pub fn of(credits: &Credits, shape: &Shape, equivalence: &CpuEquivalence, factors: &[f64]) -> Option<Self> {
        let CpuPerformance::Burstable(terms) = shape.cpu_performance else {
            return None;
        };
        let cores_per_vcpu = equivalence.of(shape);
        // A credit is one vCPU busy for one minute.
        let baseline_cores = terms.credits_per_hour / 60.0 * cores_per_vcpu;
        let short_measured = credits.short(baseline_cores);
        let short_expected = if factors.is_empty() {
            short_measured
        } else {
            let sum: f64 = factors
                .iter()
                .map(|factor| credits.short(baseline_cores / factor))
                .sum();
            sum / factors.len() as f64
        };
        Some(Self {
            baseline_cores,
            short_measured,
            short_expected,
            surplus_vcpu_hours: credits
                .surplus_core_hours(baseline_cores)
                .map(|hours| hours / cores_per_vcpu),
        })
    }
}
