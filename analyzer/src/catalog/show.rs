//! What a person wants to see of one instance type or one family.
//!
//! Input: a [`Catalog`], a name, a region. Output: plain values and rows that
//! the command line prints; an unknown value is `None`, for it to say so.

use std::sync::Arc;

use serde::Serialize;

use super::cpu::{CpuScore, CpuScoreSource};
use super::error::{UnknownFamily, UnknownRegion, UnknownShape};
use super::offer::{Availability, Offer};
use super::price::Price;
use super::region::Region;
use super::shape::{Accelerators, CpuPerformance, Hypervisor, LocalDiskKind, Shape};
use super::{Catalog, PriceDates};
use crate::money::{UsdPerHour, UsdPerMonth};

/// Says why a type or family cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShowError {
    /// No such type.
    #[error(transparent)]
    Shape(#[from] UnknownShape),
    /// No such family.
    #[error(transparent)]
    Family(#[from] UnknownFamily),
    /// No such region.
    #[error(transparent)]
    Region(#[from] UnknownRegion),
}

/// What a region asks for a type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Pricing {
    /// Offered at a known price.
    Priced(PricedOffer),
    /// Offered, but no source has the price.
    Unpriced,
    /// A source has a price, but the region's list of offered types lacks it.
    Withdrawn {
        /// The price.
        price: Price<UsdPerHour>,
    },
    /// Not on the region's list of offered types.
    NotOffered,
    /// No price, and the region's list of offered types is not known.
    Unknown,
}

impl Pricing {
    /// Gives the hourly price, if the type is offered at a known one.
    #[must_use]
    pub fn hourly(&self) -> Option<UsdPerHour> {
        match self {
            Self::Priced(offer) => Some(offer.price.amount),
            _ => None,
        }
    }
}

/// A price and where it stands among the region's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PricedOffer {
    /// Linux on demand.
    pub price: Price<UsdPerHour>,
    /// The same for a month of 730 hours.
    pub per_month: UsdPerMonth,
    /// How sure it is that the region has the type.
    pub availability: Availability,
    /// Place in the region's list from cheapest to dearest, from 1.
    pub rank: usize,
    /// Length of that list.
    pub of: usize,
}

/// A named value of a type; `None` is unknown or not there, as the name tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Specification {
    /// What it is.
    pub name: &'static str,
    /// The value with its unit.
    pub value: Option<String>,
}

/// One type in one region.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TypeView {
    /// The type.
    #[serde(serialize_with = "whole")]
    pub shape: Arc<Shape>,
    /// The region.
    pub region: Region,
    /// What it costs there.
    pub pricing: Pricing,
    /// Oldest and newest price of the region.
    pub prices_as_of: PriceDates,
    /// Capacities as text, in the order to show them.
    pub specifications: Vec<Specification>,
    /// The next smaller type of the family.
    pub smaller: Option<FamilyRow>,
    /// The next bigger type of the family.
    pub bigger: Option<FamilyRow>,
}

/// A line of a family's table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FamilyRow {
    /// The type.
    #[serde(serialize_with = "whole")]
    pub shape: Arc<Shape>,
    /// What it costs in the region.
    pub pricing: Pricing,
}

/// One family in one region, small to large.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FamilyView {
    /// The family.
    pub family: String,
    /// The region.
    pub region: Region,
    /// Oldest and newest price of the region.
    pub prices_as_of: PriceDates,
    /// Its types.
    pub rows: Vec<FamilyRow>,
}

/// Writes a shared shape as the shape it is.
fn whole<S: serde::Serializer>(shape: &Arc<Shape>, serializer: S) -> Result<S::Ok, S::Error> {
    shape.serialize(serializer)
}

impl Catalog {
    /// Shows one type in one region.
    ///
    /// # Errors
    /// If the catalog knows no such type or has no EC2 prices for the region.
    pub fn show_type(&self, name: &str, region: &str) -> Result<TypeView, ShowError> {
        let shape = self.known_shape(name)?;
        let prices_as_of = self.ec2_prices_as_of(region)?;
        let row = |shape: &Arc<Shape>| {
            Ok::<_, UnknownRegion>(FamilyRow {
                shape: Arc::clone(shape),
                pricing: self.pricing(shape, region)?,
            })
        };
        let siblings: Vec<&Arc<Shape>> = self
            .shapes_of_family(&shape.family)
            .into_iter()
            .filter(|sibling| sibling.is_bare_metal() == shape.is_bare_metal())
            .collect();
        let at = siblings.iter().position(|sibling| sibling.name == shape.name);
        let smaller = at.and_then(|at| siblings.get(at.checked_sub(1)?));
        let bigger = at.and_then(|at| siblings.get(at + 1));
        Ok(TypeView {
            shape: Arc::clone(shape),
            region: self.known_region(region)?.clone(),
            pricing: self.pricing(shape, region)?,
            prices_as_of,
            specifications: specifications(shape),
            smaller: smaller.map(|shape| row(shape)).transpose()?,
            bigger: bigger.map(|shape| row(shape)).transpose()?,
        })
    }

    /// Shows all types of a family in one region.
    ///
    /// # Errors
    /// If the catalog knows no such family or has no EC2 prices for the region.
    pub fn show_family(&self, family: &str, region: &str) -> Result<FamilyView, ShowError> {
        let shapes = self.known_family(family)?;
        let mut rows = Vec::with_capacity(shapes.len());
        for shape in shapes {
            rows.push(FamilyRow {
                shape: Arc::clone(shape),
                pricing: self.pricing(shape, region)?,
            });
        }
        Ok(FamilyView {
            family: family.to_owned(),
            region: self.known_region(region)?.clone(),
            prices_as_of: self.ec2_prices_as_of(region)?,
            rows,
        })
    }

    /// Says what a region asks for a type.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn pricing(&self, shape: &Shape, region: &str) -> Result<Pricing, UnknownRegion> {
        let named = |offer: &&Offer| offer.shape.name == shape.name;
        if let Some(offer) = self.offer(region, &shape.name)? {
            let offers = self.offers(region)?;
            let cheaper = offers.partition_point(|other| other.price.amount < offer.price.amount);
            return Ok(Pricing::Priced(PricedOffer {
                price: offer.price.clone(),
                per_month: offer.price.amount.per_month(),
                availability: offer.availability,
                rank: cheaper + 1,
                of: offers.len(),
            }));
        }
        if let Some(offer) = self.withdrawn(region)?.iter().find(named) {
            return Ok(Pricing::Withdrawn {
                price: offer.price.clone(),
            });
        }
        Ok(match self.offered(region)? {
            None => Pricing::Unknown,
            Some(shapes) if shapes.iter().any(|other| other.name == shape.name) => Pricing::Unpriced,
            Some(_) => Pricing::NotOffered,
        })
    }
}

/// Writes a type's capacities as text.
fn specifications(shape: &Shape) -> Vec<Specification> {
    let row = |name, value| Specification { name, value };
    let megabits = |rate: telemetry::units::BytesPerSecond| format!("{:.0} Mbit/s", rate.as_megabits_per_second());
    vec![
        row(
            "vCPU",
            Some(format!(
                "{} ({} cores of {} threads)",
                shape.vcpu, shape.cores, shape.threads_per_core
            )),
        ),
        row("memory", Some(format!("{} GiB", shape.memory_gib()))),
        row("architecture", Some(shape.architecture.to_string())),
        row(
            "CPU",
            shape.cpu_model.clone().or_else(|| Some(shape.manufacturer.to_string())),
        ),
        row("clock", shape.clock_ghz.map(|clock| format!("{clock} GHz"))),
        row("score per vCPU (m7i = 1)", shape.cpu_score.map(score)),
        row("CPU performance", Some(performance(shape))),
        row("network baseline", Some(megabits(shape.network.baseline))),
        row("network burst", Some(megabits(shape.network.burst))),
        row(
            "EBS baseline",
            shape.ebs.map(|ebs| {
                format!(
                    "{}, {:.0} IOPS",
                    megabits(ebs.baseline),
                    ebs.baseline_iops.as_operations_per_second()
                )
            }),
        ),
        row(
            "EBS maximum",
            shape.ebs.map(|ebs| {
                format!(
                    "{}, {:.0} IOPS",
                    megabits(ebs.maximum),
                    ebs.maximum_iops.as_operations_per_second()
                )
            }),
        ),
        row(
            "local disks",
            shape.local_disks.map(|disks| {
                let kind = match disks.kind {
                    LocalDiskKind::Ssd => "SSD",
                    LocalDiskKind::Hdd => "HDD",
                };
                format!("{} × {} GB {kind}", disks.count, disks.each_gb)
            }),
        ),
        row("accelerators", shape.accelerators.as_ref().map(accelerators)),
        row(
            "hypervisor",
            Some(
                match shape.hypervisor {
                    Hypervisor::Nitro => "Nitro",
                    Hypervisor::Xen => "Xen",
                    Hypervisor::None => "none (bare metal)",
                }
                .to_owned(),
            ),
        ),
        row(
            "generation",
            Some(
                if shape.current_generation {
                    "current"
                } else {
                    "previous"
                }
                .to_owned(),
            ),
        ),
    ]
}

fn score(score: CpuScore) -> String {
    let source = match score.source {
        CpuScoreSource::CoremarkOfType => "CoreMark of this type",
        CpuScoreSource::CoremarkOfFamily => "CoreMark of the family",
    };
    format!("{:.2} ({source})", score.per_vcpu)
}

fn performance(shape: &Shape) -> String {
    match shape.cpu_performance {
        CpuPerformance::Fixed if shape.is_flex() => "flex: in full 95 % of the time, 40 % at least".to_owned(),
        CpuPerformance::Fixed => "fixed".to_owned(),
        CpuPerformance::Burstable(credits) => format!(
            "burstable: {} % of each vCPU, {} credits per hour",
            credits.baseline_fraction_per_vcpu * 100.0,
            credits.credits_per_hour
        ),
        CpuPerformance::BurstableUnknown => "burstable, baseline unknown".to_owned(),
    }
}

fn accelerators(accelerators: &Accelerators) -> String {
    match (accelerators.gpu_count, &accelerators.gpu_name) {
        (Some(count), Some(name)) => format!("{count} × {name}"),
        (None, Some(name)) => format!("a part of {name}"),
        _ => format!("{:?}", accelerators.kind),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_type_has_its_rank_and_its_neighbours() {
        let view = Catalog::embedded().show_type("m7i.xlarge", "us-east-1").unwrap();
        assert_eq!(view.smaller.unwrap().shape.name, "m7i.large");
        assert_eq!(view.bigger.unwrap().shape.name, "m7i.2xlarge");
        let Pricing::Priced(offer) = view.pricing else {
            panic!("m7i.xlarge has a price in us-east-1")
        };
        assert_eq!(offer.price.amount.as_decimal().to_string(), "0.2016");
        assert!(offer.rank > 1 && offer.rank < offer.of);
    }

    #[test]
    fn the_smallest_size_has_no_smaller_neighbour() {
        let view = Catalog::embedded().show_type("t3.nano", "eu-west-1").unwrap();
        assert!(view.smaller.is_none());
        assert_eq!(view.bigger.unwrap().shape.name, "t3.micro");
    }

    #[test]
    fn a_family_is_shown_small_to_large() {
        let view = Catalog::embedded().show_family("m7g", "eu-west-1").unwrap();
        let sizes: Vec<u32> = view.rows.iter().map(|row| row.shape.vcpu).collect();
        assert!(sizes.is_sorted());
        assert_eq!(view.rows[0].shape.name, "m7g.medium");
    }

    #[test]
    fn a_mistyped_name_is_met_with_near_ones() {
        let catalog = Catalog::embedded();
        let said = catalog.show_type("m7i.xlrage", "us-east-1").unwrap_err().to_string();
        assert!(said.contains("`m7i.xlarge`"), "{said}");
        let said = catalog.show_family("m77i", "us-east-1").unwrap_err().to_string();
        assert!(said.contains("`m7i`"), "{said}");
        let said = catalog.show_type("m7i.xlarge", "us-eats-1").unwrap_err().to_string();
        assert!(said.contains("`us-east-1`"), "{said}");
    }
}
