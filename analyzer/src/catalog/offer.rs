//! What can be rented in a region, cheapest first.
//!
//! Input: shapes, the prices of a region and the list of types offered there.
//! Output: [`Offer`]s. A type that AWS offers and the catalog has no
//! price for is listed as unpriced, a type with a price that the region no
//! longer offers is listed as withdrawn; neither becomes an offer.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::price::{Price, YearMonth};
use super::shape::Shape;
use super::tables::Ec2Region;
use crate::money::UsdPerHour;

/// A shape with its Linux on-demand price in one region.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offer {
    /// The instance type's capacities.
    #[serde(serialize_with = "shape_name")]
    pub shape: Arc<Shape>,
    /// Linux, on demand, shared tenancy.
    pub price: Price<UsdPerHour>,
    /// How sure it is that the region has the type.
    pub availability: Availability,
}

fn shape_name<S: serde::Serializer>(shape: &Arc<Shape>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shape.name)
}

/// How sure it is that a region has an instance type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Availability {
    /// The region's list of offered types has it.
    Offered,
    /// There is a listed price; the region's list of offered types is not known.
    PriceOnly,
}

/// The oldest and the newest date among some prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PriceDates {
    /// Oldest.
    pub oldest: YearMonth,
    /// Newest.
    pub newest: YearMonth,
}

/// The offers of one region and what did not become one.
#[derive(Clone, Debug)]
pub(super) struct RegionOffers {
    pub(super) offers: Vec<Offer>,
    pub(super) by_shape: BTreeMap<String, usize>,
    pub(super) unpriced: Option<Vec<Arc<Shape>>>,
    pub(super) withdrawn: Vec<Offer>,
    pub(super) dates: PriceDates,
}

impl RegionOffers {
    /// Sorts a region's prices, of which there is at least one, into offers, unpriced and withdrawn types.
    pub(super) fn new(known: &Ec2Region) -> Self {
        let listed: Option<BTreeSet<&str>> = known
            .offered
            .as_ref()
            .map(|shapes| shapes.iter().map(|shape| shape.name.as_str()).collect());
        let availability = match &listed {
            None => Availability::PriceOnly,
            Some(_) => Availability::Offered,
        };
        let (mut offers, mut withdrawn): (Vec<Offer>, Vec<Offer>) = known
            .prices
            .iter()
            .map(|(shape, price)| Offer {
                shape: Arc::clone(shape),
                price: price.clone(),
                availability,
            })
            .partition(|offer| {
                listed
                    .as_ref()
                    .is_none_or(|names| names.contains(offer.shape.name.as_str()))
            });
        offers.sort_unstable_by(cheapest_first);
        withdrawn.sort_unstable_by(cheapest_first);
        let by_shape: BTreeMap<String, usize> = offers
            .iter()
            .enumerate()
            .map(|(at, offer)| (offer.shape.name.clone(), at))
            .collect();
        let unpriced = known.offered.as_ref().map(|shapes| {
            shapes
                .iter()
                .filter(|shape| shape.current_generation && !by_shape.contains_key(&shape.name))
                .cloned()
                .collect()
        });
        let months = known.prices.iter().map(|(_, price)| price.as_of);
        let dates = PriceDates {
            oldest: months.clone().min().expect("only regions with a price have offers"),
            newest: months.max().expect("only regions with a price have offers"),
        };
        Self {
            offers,
            by_shape,
            unpriced,
            withdrawn,
            dates,
        }
    }
}

/// Orders offers by price, then newer generation, then name.
fn cheapest_first(one: &Offer, other: &Offer) -> Ordering {
    one.price
        .amount
        .cmp(&other.price.amount)
        .then_with(|| Reverse(one.shape.generation).cmp(&Reverse(other.shape.generation)))
        .then_with(|| one.shape.name.cmp(&other.shape.name))
}
