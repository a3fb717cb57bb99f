//! From the layout of a catalog file to tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Archive, Basis, Entry, PackedEc2, PackedNode, PackedPrice, PackedRds, PackedReserved};
use crate::catalog::error::Damage;
use crate::catalog::nodes::{
    CacheEngine, CacheNode, CacheOffer, ReservedRates, SearchInstance, SearchOffer, UpfrontRates,
};
use crate::catalog::price::{Amount, PackedDecimal, Price};
use crate::catalog::rds::{RdsClass, RdsOffer};
use crate::catalog::shape::Shape;
use crate::catalog::tables::{Ec2Region, Tables};
use crate::money::UsdPerHour;

impl Archive {
    /// Rebuilds the tables that were laid out; what follows them in the file is the caller's.
    ///
    /// # Errors
    /// If a row points at an entry that does not exist or holds an impossible number.
    pub(in crate::catalog) fn unpack(self) -> Result<Tables, Damage> {
        let bases = self.bases;
        let shapes = shared(self.shapes);
        let rds_classes = shared(self.rds_classes);
        let cache_nodes = shared(self.cache_nodes);
        let search_instances = shared(self.search_instances);
        Ok(Tables {
            built_on: self.built_on,
            sources: self.sources,
            regions: self.regions,
            ec2: by_region(self.ec2.into_iter().map(|packed| {
                let region = packed.region.clone();
                (region, unpack_ec2(&bases, &shapes, packed))
            }))?,
            priced_without_shape: self.priced_without_shape,
            ebs: self
                .ebs
                .into_iter()
                .map(|prices| (prices.region.clone(), prices))
                .collect(),
            spot: by_region(self.spot.into_iter().map(|(region, rows)| {
                let prices = rows
                    .into_iter()
                    .map(|(entry, packed)| {
                        let name = pick("spot", &self.spot_types, entry)?.clone();
                        Ok((name, price(&bases, "spot", packed)?))
                    })
                    .collect();
                (region, prices)
            }))?,
            rds: by_region(self.rds.into_iter().map(|(region, rows)| {
                let offers = rows
                    .into_iter()
                    .map(|row| unpack_rds(&bases, &rds_classes, row))
                    .collect();
                (region, offers)
            }))?,
            rds_licensed: self.rds_licensed,
            rds_other: self.rds_other,
            cache: by_region(self.cache.into_iter().map(|(region, rows)| {
                let offers = rows
                    .into_iter()
                    .map(|row| unpack_cache(&bases, &cache_nodes, row))
                    .collect();
                (region, offers)
            }))?,
            search: by_region(self.search.into_iter().map(|(region, rows)| {
                let offers = rows
                    .into_iter()
                    .map(|row| unpack_search(&bases, &search_instances, row))
                    .collect();
                (region, offers)
            }))?,
            shapes,
            rds_classes,
            cache_nodes,
            search_instances,
            os_uplifts: self.os_uplifts,
            os_prices_eu_west_1: self.os_prices_eu_west_1,
            os_prices_us_east_1: self.os_prices_us_east_1,
            commitments: self.commitments,
            database_savings_plan: self.database_savings_plan,
            products: self.products,
            managed: self.managed,
            services: self.services,
            egress: self
                .egress
                .into_iter()
                .map(|tiers| (tiers.region.clone(), tiers))
                .collect(),
            family_scores: self.family_scores,
            spec_rates: self.spec_rates,
            spec_power: self.spec_power,
            lists: BTreeMap::new(),
        })
    }
}

fn shared<T>(rows: Vec<T>) -> Vec<Arc<T>> {
    rows.into_iter().map(Arc::new).collect()
}

/// Collects what was unpacked per region, or stops at the first damage.
fn by_region<T, C: FromIterator<(String, T)>>(
    regions: impl Iterator<Item = (String, Result<T, Damage>)>,
) -> Result<C, Damage> {
    regions.map(|(region, unpacked)| Ok((region, unpacked?))).collect()
}

fn pick<'a, T>(table: &'static str, list: &'a [T], entry: Entry) -> Result<&'a T, Damage> {
    let entry = usize::from(entry);
    list.get(entry).ok_or(Damage::Dangling { table, entry })
}

fn price<T: Amount>(
    bases: &[Basis],
    table: &'static str,
    PackedPrice(amount, basis): PackedPrice,
) -> Result<Price<T>, Damage> {
    let basis = pick(table, bases, basis)?;
    Ok(Price {
        amount: T::of(amount.unpack().ok_or(Damage::NotANumber { table })?),
        method: basis.method,
        as_of: basis.as_of,
        detail: basis.detail.clone(),
    })
}

fn unpack_ec2(bases: &[Basis], shapes: &[Arc<Shape>], packed: PackedEc2) -> Result<Ec2Region, Damage> {
    let mut prices = Vec::with_capacity(packed.prices.len());
    for (entry, amount) in packed.prices {
        let shape = Arc::clone(pick("ec2", shapes, entry)?);
        prices.push((shape, price(bases, "ec2", amount)?));
    }
    let offered = packed
        .offered
        .map(|entries| {
            entries
                .into_iter()
                .map(|entry| pick("ec2", shapes, entry).map(Arc::clone))
                .collect()
        })
        .transpose()?;
    Ok(Ec2Region { prices, offered })
}

fn unpack_rds(bases: &[Basis], classes: &[Arc<RdsClass>], packed: PackedRds) -> Result<RdsOffer, Damage> {
    let known = |amount: Option<PackedPrice>| amount.map(|amount| price(bases, "rds", amount)).transpose();
    Ok(RdsOffer {
        class: Arc::clone(pick("rds", classes, packed.class)?),
        engine: packed.engine,
        single_az: known(packed.single_az)?,
        multi_az: known(packed.multi_az)?,
    })
}

fn unpack_cache(
    bases: &[Basis],
    nodes: &[Arc<CacheNode>],
    packed: PackedNode<CacheEngine>,
) -> Result<CacheOffer, Damage> {
    Ok(CacheOffer {
        node: Arc::clone(pick("cache", nodes, packed.node)?),
        engine: packed.engine,
        on_demand: price(bases, "cache", packed.on_demand)?,
        reserved: reserved("cache", packed.reserved)?,
    })
}

fn unpack_search(
    bases: &[Basis],
    instances: &[Arc<SearchInstance>],
    packed: PackedNode<()>,
) -> Result<SearchOffer, Damage> {
    Ok(SearchOffer {
        instance: Arc::clone(pick("search", instances, packed.node)?),
        on_demand: price(bases, "search", packed.on_demand)?,
        reserved: reserved("search", packed.reserved)?,
    })
}

fn reserved(table: &'static str, packed: PackedReserved) -> Result<ReservedRates, Damage> {
    let rate = |slot: Option<PackedDecimal>| {
        slot.map(|digits| {
            digits
                .unpack()
                .map(UsdPerHour::from_decimal)
                .ok_or(Damage::NotANumber { table })
        })
        .transpose()
    };
    let [one_none, one_partial, one_all, three_none, three_partial, three_all] = packed;
    Ok(ReservedRates {
        one_year: UpfrontRates {
            none: rate(one_none)?,
            partial: rate(one_partial)?,
            all: rate(one_all)?,
        },
        three_years: UpfrontRates {
            none: rate(three_none)?,
            partial: rate(three_partial)?,
            all: rate(three_all)?,
        },
    })
}
