//! How the large tables are laid out in a catalog file.
//!
//! Input: [`super::tables::Tables`]. Output: [`Archive`], in which a row names its type,
//! class or node by number and shares the method, month and words of its price
//! with all rows that have the same. Small tables are stored as they are.

mod pack;
mod unpack;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::commitment::{CommitmentDiscount, SavingsPlanRate};
use super::cpu::{FamilyScore, SpecPower, SpecRate};
use super::ebs::EbsPrices;
use super::nodes::{CacheEngine, CacheNode, SearchInstance};
use super::operating_system::{OsUplift, TypeOsPrices, UsEast1TypePrices};
use super::price::{PackedDecimal, PriceDetail, PriceMethod, YearMonth};
use super::rds::{RdsClass, RdsEngine, RdsLicensedPrice, RdsOtherPrice};
use super::region::Region;
use super::services::{EgressTiers, ManagedPrice, ProductPrice, ServicePrice};
use super::shape::Shape;
use super::source::Source;

/// Number of an entry in a list of the same file.
type Entry = u16;

/// What many prices share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Basis {
    method: PriceMethod,
    as_of: YearMonth,
    detail: Option<PriceDetail>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct PackedPrice(PackedDecimal, Entry);

#[derive(Serialize, Deserialize)]
struct PackedEc2 {
    region: String,
    prices: Vec<(Entry, PackedPrice)>,
    offered: Option<Vec<Entry>>,
}

#[derive(Serialize, Deserialize)]
struct PackedRds {
    class: Entry,
    engine: RdsEngine,
    single_az: Option<PackedPrice>,
    multi_az: Option<PackedPrice>,
}

/// Reserved rates: one year none, partial, all upfront, then three years.
type PackedReserved = [Option<PackedDecimal>; 6];

#[derive(Serialize, Deserialize)]
struct PackedNode<Engine> {
    node: Entry,
    engine: Engine,
    on_demand: PackedPrice,
    reserved: PackedReserved,
}

/// Everything a catalog file holds, as it is serialised.
#[derive(Serialize, Deserialize)]
pub(super) struct Archive {
    built_on: Date,
    sources: Vec<Source>,
    regions: Vec<Region>,
    bases: Vec<Basis>,
    shapes: Vec<Shape>,
    ec2: Vec<PackedEc2>,
    priced_without_shape: Vec<String>,
    ebs: Vec<EbsPrices>,
    spot_types: Vec<String>,
    spot: Vec<(String, Vec<(Entry, PackedPrice)>)>,
    rds_classes: Vec<RdsClass>,
    rds: Vec<(String, Vec<PackedRds>)>,
    rds_licensed: Vec<RdsLicensedPrice>,
    rds_other: Vec<RdsOtherPrice>,
    cache_nodes: Vec<CacheNode>,
    cache: Vec<(String, Vec<PackedNode<CacheEngine>>)>,
    search_instances: Vec<SearchInstance>,
    search: Vec<(String, Vec<PackedNode<()>>)>,
    os_uplifts: Vec<OsUplift>,
    os_prices_eu_west_1: Vec<TypeOsPrices>,
    os_prices_us_east_1: Vec<UsEast1TypePrices>,
    commitments: Vec<CommitmentDiscount>,
    database_savings_plan: Vec<SavingsPlanRate>,
    products: Vec<ProductPrice>,
    managed: Vec<ManagedPrice>,
    services: Vec<ServicePrice>,
    egress: Vec<EgressTiers>,
    family_scores: Vec<FamilyScore>,
    spec_rates: Vec<SpecRate>,
    spec_power: Vec<SpecPower>,
}

/// Says why tables cannot be put into a catalog file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpackable {
    /// A price has more digits than the format stores.
    #[error("a price of {table} has more than 18 digits")]
    TooManyDigits {
        /// The table of the price.
        table: &'static str,
    },
    /// A row names a type, class or node that its list lacks.
    #[error("a row of {table} names `{name}`, which the list of its kind lacks")]
    NotListed {
        /// The table of the row.
        table: &'static str,
        /// The name.
        name: String,
    },
    /// A list is longer than the format can number.
    #[error("the list of {table} has more than 65,536 entries")]
    TooLong {
        /// The table.
        table: &'static str,
    },
}
