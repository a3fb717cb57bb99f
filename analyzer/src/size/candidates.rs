//! The search: the cheapest shape that fits, and what the cheaper ones lacked.
//!
//! Input: a region's offers, sorted by price, and the requirements. Output:
//! the first offer that has no shortfall, and those before it with theirs.
//! The offers a policy allows are laid out flat once, so that ten thousand
//! hosts are sized in milliseconds.

use std::cmp::Reverse;
use std::sync::Arc;

use super::dimension::{Dimension, Shortfall};
use super::equivalence::CpuEquivalence;
use super::requirement::Requirements;
use super::risk::{Outlooks, Shop, bought};
use crate::catalog::{CpuPerformance, Offer, Shape};
use crate::money::UsdPerHour;
use crate::policy::Policy;

/// What an offer can do, in the dimensions' base units; NaN where AWS does not say.
#[derive(Clone, Copy, Debug)]
struct Capacity([f64; Dimension::ALL.len()]);

/// The offers that a policy allows, cheapest first.
#[derive(Debug)]
pub struct Candidates<'a> {
    offers: Vec<&'a Offer>,
    capacities: Vec<Capacity>,
    /// Dollars an hour, to weigh against risk; never summed.
    prices: Vec<f64>,
    /// Bytes of memory, apart from the capacities: most offers are refused by them alone.
    memories: Vec<f64>,
    /// The most that this offer or a cheaper one has, dimension by dimension: it only grows, so a search starts by halving.
    reached: Vec<[f64; Dimension::ALL.len()]>,
}

/// The outcome of a search.
#[derive(Debug)]
pub struct Choice<'a> {
    /// The cheapest offer that fits; nothing when none does.
    pub chosen: Option<&'a Offer>,
    /// The nearest cheaper offers, nearest first, each with what it lacked.
    pub rejected: Vec<(&'a Offer, Vec<Shortfall>)>,
}

impl<'a> Candidates<'a> {
    /// Keeps the offers that the policy allows for one of `architectures`; `offers` must be sorted cheapest first.
    ///
    /// Types on CPU credits are left out: what they serve depends on the course of the demand.
    #[must_use]
    pub fn new(offers: &'a [Offer], policy: &Policy, architecture: impl Fn(&Shape) -> bool) -> Self {
        Self::keep(offers, policy, |shape| !shape.is_burstable() && architecture(shape))
    }

    /// Keeps the offers on CPU credits that the policy allows, where their baseline is known.
    #[must_use]
    pub fn on_credits(offers: &'a [Offer], policy: &Policy, architecture: impl Fn(&Shape) -> bool) -> Self {
        let known = |shape: &Shape| matches!(shape.cpu_performance, CpuPerformance::Burstable(_));
        Self::keep(offers, policy, |shape| known(shape) && architecture(shape))
    }

    fn keep(offers: &'a [Offer], policy: &Policy, wanted: impl Fn(&Shape) -> bool) -> Self {
        let mut families: Vec<(&str, bool)> = Vec::new();
        let mut allowed = |family: &'a str| match families.iter().find(|(known, _)| *known == family) {
            Some(&(_, allowed)) => allowed,
            None => {
                let allowed = policy.allows_family(family);
                families.push((family, allowed));
                allowed
            }
        };
        let kept: Vec<&Offer> = offers
            .iter()
            .filter(|offer| {
                let shape = &offer.shape;
                (shape.current_generation || policy.previous_generations)
                    && (policy.bare_metal || !shape.is_bare_metal())
                    && (policy.burstable || !(shape.is_burstable() || shape.is_flex()))
                    && !shape.has_accelerators()
                    && shape.purchase.on_demand
                    && shape.vcpu >= policy.minimum_vcpus
                    && shape.memory_gib() >= policy.minimum_memory_gib
                    && wanted(shape)
                    && allowed(&shape.family)
            })
            .collect();
        let capacities: Vec<Capacity> = kept.iter().map(|offer| capacity(&offer.shape)).collect();
        let memories = capacities.iter().map(|capacity| capacity.0[1]).collect();
        let prices = kept.iter().map(|offer| offer.price.amount.approximately()).collect();
        let reached = capacities
            .iter()
            .scan([f64::NEG_INFINITY; Dimension::ALL.len()], |most, capacity| {
                for (most, &offered) in most.iter_mut().zip(&capacity.0) {
                    // `max` leaves out what AWS does not say.
                    *most = most.max(offered);
                }
                Some(*most)
            })
            .collect();
        Self {
            offers: kept,
            capacities,
            prices,
            memories,
            reached,
        }
    }

    /// Gives the offers, cheapest first.
    #[must_use]
    pub fn offers(&self) -> &[&'a Offer] {
        &self.offers
    }

    /// Gives the first offer that may have all that is needed from dimension `from` on; no cheaper one has.
    fn first_possible(&self, needed: &[f64; Dimension::ALL.len()], from: usize) -> usize {
        (from..needed.len())
            .map(|dimension| {
                self.reached
                    .partition_point(|most| !fits(needed[dimension], most[dimension]))
            })
            .max()
            .unwrap_or(0)
    }

    /// Counts the offers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offers.len()
    }

    /// Says whether the policy allows no offer at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// Finds the cheapest offer without shortfall and explains up to `explained` of the next cheaper ones.
    ///
    /// `cpu_equivalence` says how many busy source cores one vCPU of a shape carries.
    #[must_use]
    pub fn cheapest(
        &self,
        requirements: &Requirements,
        cpu_equivalence: impl Fn(&Shape) -> f64,
        explained: usize,
    ) -> Choice<'a> {
        let needed: [f64; Dimension::ALL.len()] = Dimension::ALL.map(|dimension| requirements.target(dimension));
        let start = self.first_possible(&needed, 1);
        let position = self.capacities[start..]
            .iter()
            .zip(&self.offers[start..])
            .position(|(capacity, offer)| {
                // The cheap test without equivalence first: most offers fail on memory or network.
                capacity.0[1..]
                    .iter()
                    .zip(&needed[1..])
                    .all(|(&offered, &needed)| fits(needed, offered))
                    && fits(needed[0], capacity.0[0] * cpu_equivalence(&offer.shape))
            })
            .map(|position| start + position);
        let end = position.unwrap_or(self.offers.len());
        let rejected = (0..end)
            .rev()
            .take(explained)
            .map(|index| {
                let offer = self.offers[index];
                (offer, self.shortfalls(index, &needed, cpu_equivalence(&offer.shape)))
            })
            .collect();
        Choice {
            chosen: position.map(|index| self.offers[index]),
            rejected,
        }
    }

    /// Gives the offers below a price that have everything needed, cheapest first.
    pub(crate) fn below<'s>(
        &'s self,
        price: UsdPerHour,
        requirements: &Requirements,
        cpu_equivalence: impl Fn(&Shape) -> f64 + 's,
    ) -> impl Iterator<Item = &'a Offer> + 's {
        let needed: [f64; Dimension::ALL.len()] = Dimension::ALL.map(|dimension| requirements.target(dimension));
        self.offers
            .iter()
            .enumerate()
            .take_while(move |(_, offer)| offer.price.amount < price)
            .filter(move |(index, offer)| {
                self.shortfalls(*index, &needed, cpu_equivalence(&offer.shape))
                    .is_empty()
            })
            .map(|(_, offer)| *offer)
    }

    /// Explains the offers that are bought before another one, nearest first, up to `explained`.
    pub(crate) fn before(
        &self,
        other: &Offer,
        requirements: &Requirements,
        cpu_equivalence: impl Fn(&Shape) -> f64,
        explained: usize,
    ) -> Vec<(&'a Offer, Vec<Shortfall>)> {
        let needed: [f64; Dimension::ALL.len()] = Dimension::ALL.map(|dimension| requirements.target(dimension));
        let key = |offer: &Offer| {
            (
                offer.price.amount,
                Reverse(offer.shape.generation),
                offer.shape.name.clone(),
            )
        };
        let end = self.offers.partition_point(|offer| key(offer) < key(other));
        (0..end)
            .rev()
            .take(explained)
            .map(|index| {
                let offer = self.offers[index];
                (offer, self.shortfalls(index, &needed, cpu_equivalence(&offer.shape)))
            })
            .collect()
    }

    /// Finds the offer whose price and priced risk together are least, and gives its CPU (source cores) and memory.
    ///
    /// Of `requirements` all but CPU and memory are checked.
    #[must_use]
    pub(crate) fn least_total(
        &self,
        requirements: &Requirements,
        outlooks: &Outlooks,
        cpu_equivalence: impl Fn(&Shape) -> f64,
    ) -> Option<(f64, f64)> {
        let needed: [f64; Dimension::ALL.len()] = Dimension::ALL.map(|dimension| requirements.target(dimension));
        let least = outlooks.least_memory();
        let with_memory = self.reached.partition_point(|most| most[1] < least);
        let shop = Weighed {
            start: self.first_possible(&needed, 2).max(with_memory),
            candidates: self,
            needed,
            cpu_equivalence,
        };
        let index = bought(outlooks, &shop)?;
        Some((shop.cpu(index), shop.memory(index)))
    }

    /// Finds an offer by name that has all that is needed but CPU and memory, which are weighed elsewhere.
    #[must_use]
    pub(crate) fn fitting(&self, name: &str, requirements: &Requirements) -> Option<&'a Offer> {
        let index = self.offers.iter().position(|offer| offer.shape.name == name)?;
        let fits = Dimension::ALL[2..]
            .iter()
            .zip(&self.capacities[index].0[2..])
            .all(|(&dimension, &offered)| fits(requirements.target(dimension), offered));
        fits.then_some(self.offers[index])
    }

    fn shortfalls(&self, index: usize, needed: &[f64; Dimension::ALL.len()], equivalence: f64) -> Vec<Shortfall> {
        lacks(self.capacities[index], needed, equivalence)
    }

    /// Says whether the policy allows a type.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.offers.iter().any(|offer| offer.shape.name == name)
    }
}

/// The candidates from the first that may fit on, as a host weighs them.
struct Weighed<'s, 'a, F> {
    candidates: &'s Candidates<'a>,
    start: usize,
    needed: [f64; Dimension::ALL.len()],
    cpu_equivalence: F,
}

impl<F: Fn(&Shape) -> f64> Shop for Weighed<'_, '_, F> {
    fn count(&self) -> usize {
        self.candidates.len() - self.start
    }

    fn price(&self, index: usize) -> f64 {
        self.candidates.prices[self.start + index]
    }

    fn memory(&self, index: usize) -> f64 {
        self.candidates.memories[self.start + index]
    }

    fn cpu(&self, index: usize) -> f64 {
        let index = self.start + index;
        self.candidates.capacities[index].0[0] * (self.cpu_equivalence)(&self.candidates.offers[index].shape)
    }

    fn has_the_rest(&self, index: usize) -> bool {
        let capacity = &self.candidates.capacities[self.start + index].0;
        capacity[2..]
            .iter()
            .zip(&self.needed[2..])
            .all(|(&offered, &needed)| fits(needed, offered))
    }
}

/// Gives what a shape lacks, dimension by dimension; nothing when it has everything needed.
#[must_use]
pub fn shortfalls(shape: &Arc<Shape>, requirements: &Requirements, equivalence: &CpuEquivalence) -> Vec<Shortfall> {
    let needed = Dimension::ALL.map(|dimension| requirements.target(dimension));
    lacks(capacity(shape), &needed, equivalence.of(shape))
}

fn lacks(capacity: Capacity, needed: &[f64; Dimension::ALL.len()], equivalence: f64) -> Vec<Shortfall> {
    Dimension::ALL
        .into_iter()
        .enumerate()
        .filter_map(|(position, dimension)| {
            let needed = needed[position];
            let mut offered = capacity.0[position];
            if dimension == Dimension::Cpu {
                offered *= equivalence;
            }
            (!fits(needed, offered)).then_some(Shortfall {
                dimension,
                needed,
                offered: (!offered.is_nan()).then_some(offered),
            })
        })
        .collect()
}

/// Says whether what is offered is enough; nothing needed always fits, not stated never fits a need.
fn fits(needed: f64, offered: f64) -> bool {
    needed <= 0.0 || offered >= needed
}

/// Gives what a shape offers in every dimension.
#[must_use]
fn capacity(shape: &Arc<Shape>) -> Capacity {
    let ebs = |of: fn(&crate::catalog::shape::EbsLimits) -> f64| shape.ebs.as_ref().map_or(f64::NAN, of);
    Capacity(Dimension::ALL.map(|dimension| match dimension {
        Dimension::Cpu => shape.vcpus().as_cores(),
        Dimension::Memory => shape.memory().as_bytes(),
        Dimension::DiskOperations => ebs(|ebs| ebs.baseline_iops.as_operations_per_second()),
        Dimension::DiskThroughput => ebs(|ebs| ebs.baseline.as_bytes_per_second()),
        Dimension::Network => shape.network.baseline.as_bytes_per_second(),
        Dimension::DiskOperationsPeak => ebs(|ebs| ebs.maximum_iops.as_operations_per_second()),
        Dimension::DiskThroughputPeak => ebs(|ebs| ebs.maximum.as_bytes_per_second()),
        Dimension::NetworkPeak => shape.network.burst.as_bytes_per_second(),
    }))
}
