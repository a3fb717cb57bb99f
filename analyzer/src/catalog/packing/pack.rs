//! From tables to the layout of a catalog file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Archive, Basis, Entry, PackedEc2, PackedNode, PackedPrice, PackedRds, PackedReserved, Unpackable};
use crate::catalog::nodes::ReservedRates;
use crate::catalog::price::{Amount, PackedDecimal, Price};
use crate::catalog::tables::{Ec2Region, Tables};
use crate::money::UsdPerHour;

impl Archive {
    /// Lays tables out for a catalog file, but for [`Tables::lists`], which follow it.
    ///
    /// # Errors
    /// If a row names something that its list lacks, or does not fit the format.
    pub(in crate::catalog) fn pack(tables: &Tables) -> Result<Self, Unpackable> {
        let mut bases = Bases::default();
        let shapes = Numbers::of("shapes", tables.shapes.iter().map(|shape| shape.name.as_str()))?;
        let mut ec2 = Vec::new();
        for (region, known) in &tables.ec2 {
            ec2.push(pack_ec2(&mut bases, &shapes, region, known)?);
        }
        let mut spot_types: Vec<String> = tables.spot.values().flat_map(|prices| prices.keys().cloned()).collect();
        spot_types.sort_unstable();
        spot_types.dedup();
        let spot_numbers = Numbers::of("spot", spot_types.iter().map(String::as_str))?;
        let mut spot = Vec::new();
        for (region, prices) in &tables.spot {
            let mut rows = Vec::with_capacity(prices.len());
            for (name, price) in prices {
                rows.push((spot_numbers.get(name)?, bases.price("spot", price)?));
            }
            spot.push((region.clone(), rows));
        }
        let classes = Numbers::of(
            "rds_classes",
            tables.rds_classes.iter().map(|class| class.name.as_str()),
        )?;
        let mut rds = Vec::new();
        for (region, offers) in &tables.rds {
            let mut rows = Vec::with_capacity(offers.len());
            for offer in offers {
                rows.push(PackedRds {
                    class: classes.get(&offer.class.name)?,
                    engine: offer.engine,
                    single_az: bases.price_if_known("rds", offer.single_az.as_ref())?,
                    multi_az: bases.price_if_known("rds", offer.multi_az.as_ref())?,
                });
            }
            rds.push((region.clone(), rows));
        }
        let nodes = Numbers::of("cache_nodes", tables.cache_nodes.iter().map(|node| node.name.as_str()))?;
        let mut cache = Vec::new();
        for (region, offers) in &tables.cache {
            let mut rows = Vec::with_capacity(offers.len());
            for offer in offers {
                rows.push(bases.node(
                    "cache",
                    nodes.get(&offer.node.name)?,
                    offer.engine,
                    &offer.on_demand,
                    &offer.reserved,
                )?);
            }
            cache.push((region.clone(), rows));
        }
        let instances = Numbers::of(
            "search_instances",
            tables.search_instances.iter().map(|instance| instance.name.as_str()),
        )?;
        let mut search = Vec::new();
        for (region, offers) in &tables.search {
            let mut rows = Vec::with_capacity(offers.len());
            for offer in offers {
                rows.push(bases.node(
                    "search",
                    instances.get(&offer.instance.name)?,
                    (),
                    &offer.on_demand,
                    &offer.reserved,
                )?);
            }
            search.push((region.clone(), rows));
        }
        Ok(Self {
            built_on: tables.built_on,
            sources: tables.sources.clone(),
            regions: tables.regions.clone(),
            bases: bases.list,
            shapes: plain(&tables.shapes),
            ec2,
            priced_without_shape: tables.priced_without_shape.clone(),
            ebs: tables.ebs.values().cloned().collect(),
            spot_types,
            spot,
            rds_classes: plain(&tables.rds_classes),
            rds,
            rds_licensed: tables.rds_licensed.clone(),
            rds_other: tables.rds_other.clone(),
            cache_nodes: plain(&tables.cache_nodes),
            cache,
            search_instances: plain(&tables.search_instances),
            search,
            os_uplifts: tables.os_uplifts.clone(),
            os_prices_eu_west_1: tables.os_prices_eu_west_1.clone(),
            os_prices_us_east_1: tables.os_prices_us_east_1.clone(),
            commitments: tables.commitments.clone(),
            database_savings_plan: tables.database_savings_plan.clone(),
            products: tables.products.clone(),
            managed: tables.managed.clone(),
            services: tables.services.clone(),
            egress: tables.egress.values().cloned().collect(),
            family_scores: tables.family_scores.clone(),
            spec_rates: tables.spec_rates.clone(),
            spec_power: tables.spec_power.clone(),
        })
    }
}

fn pack_ec2(bases: &mut Bases, shapes: &Numbers<'_>, region: &str, known: &Ec2Region) -> Result<PackedEc2, Unpackable> {
    let mut prices = Vec::with_capacity(known.prices.len());
    for (shape, price) in &known.prices {
        prices.push((shapes.get(&shape.name)?, bases.price("ec2", price)?));
    }
    let offered = known
        .offered
        .as_ref()
        .map(|offered| offered.iter().map(|shape| shapes.get(&shape.name)).collect())
        .transpose()?;
    Ok(PackedEc2 {
        region: region.to_owned(),
        prices,
        offered,
    })
}

fn plain<T: Clone>(rows: &[Arc<T>]) -> Vec<T> {
    rows.iter().map(|row| T::clone(row)).collect()
}

/// The number of each name in a list.
struct Numbers<'a> {
    table: &'static str,
    by_name: BTreeMap<&'a str, Entry>,
}

impl<'a> Numbers<'a> {
    fn of(table: &'static str, names: impl Iterator<Item = &'a str>) -> Result<Self, Unpackable> {
        let mut by_name = BTreeMap::new();
        for (number, name) in names.enumerate() {
            let entry = Entry::try_from(number).map_err(|_| Unpackable::TooLong { table })?;
            by_name.insert(name, entry);
        }
        Ok(Self { table, by_name })
    }

    fn get(&self, name: &str) -> Result<Entry, Unpackable> {
        self.by_name.get(name).copied().ok_or_else(|| Unpackable::NotListed {
            table: self.table,
            name: name.to_owned(),
        })
    }
}

/// The distinct bases of prices met so far, numbered in order of appearance.
#[derive(Default)]
struct Bases {
    list: Vec<Basis>,
    numbers: BTreeMap<Basis, Entry>,
}

impl Bases {
    fn price<T: Amount>(&mut self, table: &'static str, price: &Price<T>) -> Result<PackedPrice, Unpackable> {
        let basis = Basis {
            method: price.method,
            as_of: price.as_of,
            detail: price.detail.clone(),
        };
        let number = match self.numbers.get(&basis) {
            Some(number) => *number,
            None => {
                let number = Entry::try_from(self.list.len()).map_err(|_| Unpackable::TooLong { table: "bases" })?;
                self.list.push(basis.clone());
                self.numbers.insert(basis, number);
                number
            }
        };
        let amount = PackedDecimal::pack(price.amount.decimal()).ok_or(Unpackable::TooManyDigits { table })?;
        Ok(PackedPrice(amount, number))
    }

    fn price_if_known<T: Amount>(
        &mut self,
        table: &'static str,
        price: Option<&Price<T>>,
    ) -> Result<Option<PackedPrice>, Unpackable> {
        price.map(|price| self.price(table, price)).transpose()
    }

    fn node<Engine>(
        &mut self,
        table: &'static str,
        node: Entry,
        engine: Engine,
        on_demand: &Price<UsdPerHour>,
        reserved: &ReservedRates,
    ) -> Result<PackedNode<Engine>, Unpackable> {
        let rates = [
            reserved.one_year.none,
            reserved.one_year.partial,
            reserved.one_year.all,
            reserved.three_years.none,
            reserved.three_years.partial,
            reserved.three_years.all,
        ];
        let mut packed: PackedReserved = [None; 6];
        for (slot, rate) in packed.iter_mut().zip(rates) {
            *slot = rate
                .map(|rate| PackedDecimal::pack(rate.as_decimal()).ok_or(Unpackable::TooManyDigits { table }))
                .transpose()?;
        }
        Ok(PackedNode {
            node,
            engine,
            on_demand: self.price(table, on_demand)?,
            reserved: packed,
        })
    }
}
