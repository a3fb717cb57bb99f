//! Everything a catalog holds, as plain rows.
//!
//! The generator fills [`Tables`], and so does whoever refreshes a catalog;
//! [`super::file`] writes and reads them; [`super::Catalog`] answers questions.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::commitment::{CommitmentDiscount, SavingsPlanRate};
use super::cpu::{FamilyScore, SpecPower, SpecRate};
use super::ebs::EbsPrices;
use super::listed::RegionLists;
use super::nodes::{CacheNode, CacheOffer, SearchInstance, SearchOffer};
use super::operating_system::{OsUplift, TypeOsPrices, UsEast1TypePrices};
use super::price::Price;
use super::rds::{RdsClass, RdsLicensedPrice, RdsOffer, RdsOtherPrice};
use super::region::Region;
use super::services::{EgressTiers, ManagedPrice, ProductPrice, ServicePrice};
use super::shape::Shape;
use super::source::Source;
use crate::money::UsdPerHour;

/// Everything a catalog holds. Rows are sorted, so that equal content is equal bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// Day the sources were put together.
    pub built_on: Date,
    /// Where the figures come from.
    pub sources: Vec<Source>,
    /// Regions with EC2 prices, by code.
    pub regions: Vec<Region>,
    /// EC2 instance types, by name.
    pub shapes: Vec<Arc<Shape>>,
    /// EC2 prices and offerings, by region code.
    pub ec2: BTreeMap<String, Ec2Region>,
    /// Types with a price and no known capacities; they cannot be proposed.
    pub priced_without_shape: Vec<String>,
    /// EBS prices, by region code.
    pub ebs: BTreeMap<String, EbsPrices>,
    /// Spot prices of 2024-08 by region code and type.
    pub spot: BTreeMap<String, BTreeMap<String, Price<UsdPerHour>>>,
    /// RDS instance classes, by name.
    pub rds_classes: Vec<Arc<RdsClass>>,
    /// RDS prices, by region code; each sorted by engine, class.
    pub rds: BTreeMap<String, Vec<RdsOffer>>,
    /// RDS prices of every engine, eu-west-1.
    pub rds_licensed: Vec<RdsLicensedPrice>,
    /// RDS prices of what is no instance, eu-west-1.
    pub rds_other: Vec<RdsOtherPrice>,
    /// Cache node types, by name.
    pub cache_nodes: Vec<Arc<CacheNode>>,
    /// Cache prices, by region code; each sorted by engine, node.
    pub cache: BTreeMap<String, Vec<CacheOffer>>,
    /// `OpenSearch` instance types, by name.
    pub search_instances: Vec<Arc<SearchInstance>>,
    /// `OpenSearch` prices, by region code; each sorted by instance.
    pub search: BTreeMap<String, Vec<SearchOffer>>,
    /// What operating systems and licences add.
    pub os_uplifts: Vec<OsUplift>,
    /// Prices by operating system, eu-west-1, by type.
    pub os_prices_eu_west_1: Vec<TypeOsPrices>,
    /// Prices by operating system and commitment, us-east-1, by type.
    pub os_prices_us_east_1: Vec<UsEast1TypePrices>,
    /// Observed discounts of commitments.
    pub commitments: Vec<CommitmentDiscount>,
    /// Database Savings Plan rates of ap-south-2.
    pub database_savings_plan: Vec<SavingsPlanRate>,
    /// Prices of products in their own unit, by region and product.
    pub products: Vec<ProductPrice>,
    /// Prices of managed services' instances.
    pub managed: Vec<ManagedPrice>,
    /// Prices of services as the sources wrote them.
    pub services: Vec<ServicePrice>,
    /// Traffic to the internet, by region code.
    pub egress: BTreeMap<String, EgressTiers>,
    /// `CoreMark` of EC2 families, by name.
    pub family_scores: Vec<FamilyScore>,
    /// SPEC CPU 2017 integer results.
    pub spec_rates: Vec<SpecRate>,
    /// `SPECpower` results.
    pub spec_power: Vec<SpecPower>,
    /// What price lists of AWS said beyond the tables above, by region code; none before the first refresh.
    pub lists: BTreeMap<String, RegionLists>,
}

/// What is known of EC2 in one region.
#[derive(Clone, Debug, PartialEq)]
pub struct Ec2Region {
    /// Linux on-demand prices, by type.
    pub prices: Vec<(Arc<Shape>, Price<UsdPerHour>)>,
    /// Types on the region's list of offered types, by name; `None` if that list is not known.
    pub offered: Option<Vec<Arc<Shape>>>,
}
