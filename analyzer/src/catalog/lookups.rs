//! Prices beside EC2 instances: what the catalog knows of a region and a service.
//!
//! Input: a region, a product, a class. Output: a price or `None`, or an error
//! that names the regions a table does have.

use super::Catalog;
use super::commitment::{CommitmentDiscount, SavingsPlanRate};
use super::cpu::{FamilyScore, SpecPower, SpecRate};
use super::ebs::EbsPrices;
use super::error::UnknownRegion;
use super::listed::{RdsReserved, RegionLists, TypeReserved, TypeSavings};
use super::nodes::{CacheEngine, CacheOffer, SearchOffer};
use super::operating_system::{OperatingSystem, OsPrice, OsUplift, UsEast1TypePrices};
use super::price::Price;
use super::rds::{RdsEngine, RdsLicensedPrice, RdsOffer, RdsOtherPrice};
use super::services::{EgressTier, ManagedPrice, ManagedService, Product, ServicePrice};
use crate::money::{Usd, UsdPerHour};

impl Catalog {
    /// Gives the EBS prices of a region.
    ///
    /// # Errors
    /// If the catalog has no EBS prices for the region: they are unknown, not free.
    pub fn ebs(&self, region: &str) -> Result<&EbsPrices, UnknownRegion> {
        let known = &self.tables.ebs;
        known
            .get(region)
            .ok_or_else(|| UnknownRegion::among(region, "EBS prices", known.keys()))
    }

    /// Gives the price of a product in a region, in the product's unit, if any source has it.
    #[must_use]
    pub fn product(&self, region: &str, product: Product) -> Option<&Price<Usd>> {
        let rows = &self.tables.products;
        rows.binary_search_by(|row| (row.region.as_str(), row.product).cmp(&(region, product)))
            .ok()
            .map(|at| &rows[at].price)
    }

    /// Gives the prices of a managed service's instances in a region; none if no source has any.
    pub fn managed<'a>(&'a self, region: &'a str, service: ManagedService) -> impl Iterator<Item = &'a ManagedPrice> {
        self.tables
            .managed
            .iter()
            .filter(move |row| row.region == region && row.service == service)
    }

    /// Gives the rows about a service in a region as the sources wrote them.
    pub fn service_prices<'a>(&'a self, region: &'a str, service: &'a str) -> impl Iterator<Item = &'a ServicePrice> {
        self.tables
            .services
            .iter()
            .filter(move |row| row.region == region && row.service == service)
    }

    /// Gives the tiers of traffic to the internet from a region, lowest first.
    ///
    /// # Errors
    /// If the catalog has no internet transfer prices for the region.
    pub fn internet_egress(&self, region: &str) -> Result<&[EgressTier], UnknownRegion> {
        let known = &self.tables.egress;
        known
            .get(region)
            .map(|egress| egress.tiers.as_slice())
            .ok_or_else(|| UnknownRegion::among(region, "internet transfer prices", known.keys()))
    }

    /// Gives the RDS or Aurora offers of an engine in a region, by class.
    ///
    /// # Errors
    /// If the catalog has no RDS prices for the region.
    pub fn rds_offers<'a>(
        &'a self,
        region: &str,
        engine: RdsEngine,
    ) -> Result<impl Iterator<Item = &'a RdsOffer>, UnknownRegion> {
        let known = &self.tables.rds;
        let offers = known
            .get(region)
            .ok_or_else(|| UnknownRegion::among(region, "RDS prices", known.keys()))?;
        Ok(offers.iter().filter(move |offer| offer.engine == engine))
    }

    /// Gives the price of any RDS engine, licences included, as of 2023-02 in eu-west-1.
    #[must_use]
    pub fn rds_licensed_eu_west_1(&self) -> &[RdsLicensedPrice] {
        &self.tables.rds_licensed
    }

    /// Gives RDS storage, IOPS, backup, proxy and credit prices as of 2023-02 in eu-west-1.
    #[must_use]
    pub fn rds_other_eu_west_1(&self) -> &[RdsOtherPrice] {
        &self.tables.rds_other
    }

    /// Gives the cache offers of an engine in a region, by node.
    ///
    /// # Errors
    /// If the catalog has no cache prices for the region.
    pub fn cache_offers<'a>(
        &'a self,
        region: &str,
        engine: CacheEngine,
    ) -> Result<impl Iterator<Item = &'a CacheOffer>, UnknownRegion> {
        let known = &self.tables.cache;
        let offers = known
            .get(region)
            .ok_or_else(|| UnknownRegion::among(region, "ElastiCache prices", known.keys()))?;
        Ok(offers.iter().filter(move |offer| offer.engine == engine))
    }

    /// Gives the `OpenSearch` offers of a region, by instance type.
    ///
    /// # Errors
    /// If the catalog has no `OpenSearch` prices for the region.
    pub fn search_offers(&self, region: &str) -> Result<&[SearchOffer], UnknownRegion> {
        let known = &self.tables.search;
        known
            .get(region)
            .map(Vec::as_slice)
            .ok_or_else(|| UnknownRegion::among(region, "OpenSearch prices", known.keys()))
    }

    /// Gives the spot price that a type had in a region in 2024-08, for orders of magnitude only.
    #[must_use]
    pub fn old_spot(&self, region: &str, shape: &str) -> Option<&Price<UsdPerHour>> {
        self.tables.spot.get(region)?.get(shape)
    }

    /// Gives what operating systems and licences add to the Linux price.
    #[must_use]
    pub fn os_uplifts(&self) -> &[OsUplift] {
        &self.tables.os_uplifts
    }

    /// Gives all prices of a type by operating system in eu-west-1 as of 2023-02.
    #[must_use]
    pub fn os_prices_eu_west_1(&self, shape: &str) -> Option<&[OsPrice]> {
        let rows = &self.tables.os_prices_eu_west_1;
        rows.binary_search_by(|row| row.shape_name.as_str().cmp(shape))
            .ok()
            .map(|at| rows[at].prices.as_slice())
    }

    /// Gives the prices of a type by operating system and commitment in us-east-1.
    #[must_use]
    pub fn os_prices_us_east_1(&self, shape: &str) -> Option<&UsEast1TypePrices> {
        let rows = &self.tables.os_prices_us_east_1;
        rows.binary_search_by(|row| row.shape_name.as_str().cmp(shape))
            .ok()
            .map(|at| &rows[at])
    }

    /// Gives what AWS's price lists said of a region beyond the tables of every region; nothing unless it was refreshed.
    #[must_use]
    pub fn lists(&self, region: &str) -> Option<&RegionLists> {
        self.tables.lists.get(region)
    }

    /// Gives the prices of a type by operating system in a refreshed region, SQL Server and own licences included.
    #[must_use]
    pub fn os_prices(&self, region: &str, shape: &str) -> Option<&[OsPrice]> {
        let rows = &self.lists(region)?.os_prices;
        rows.binary_search_by(|row| row.shape_name.as_str().cmp(shape))
            .ok()
            .map(|at| rows[at].prices.as_slice())
    }

    /// Gives the reserved rates of a type in a refreshed region.
    #[must_use]
    pub fn reserved(&self, region: &str, shape: &str, system: OperatingSystem) -> Option<&TypeReserved> {
        let rows = &self.lists(region)?.reserved;
        rows.binary_search_by(|row| (row.shape_name.as_str(), row.operating_system).cmp(&(shape, system)))
            .ok()
            .map(|at| &rows[at])
    }

    /// Gives the savings plan rates of a type in a refreshed region.
    #[must_use]
    pub fn savings_plans(&self, region: &str, shape: &str, system: OperatingSystem) -> Option<&TypeSavings> {
        let rows = &self.lists(region)?.savings_plans;
        rows.binary_search_by(|row| (row.shape_name.as_str(), row.operating_system).cmp(&(shape, system)))
            .ok()
            .map(|at| &rows[at])
    }

    /// Gives the reserved rates of an RDS class in a refreshed region.
    #[must_use]
    pub fn rds_reserved(&self, region: &str, class: &str, engine: RdsEngine, multi_az: bool) -> Option<&RdsReserved> {
        let rows = &self.lists(region)?.rds_reserved;
        rows.binary_search_by(|row| (row.class.as_str(), row.engine, row.multi_az).cmp(&(class, engine, multi_az)))
            .ok()
            .map(|at| &rows[at])
    }

    /// Gives the observed discounts of commitments.
    #[must_use]
    pub fn commitments(&self) -> &[CommitmentDiscount] {
        &self.tables.commitments
    }

    /// Gives the Database Savings Plan rates of ap-south-2.
    #[must_use]
    pub fn database_savings_plan(&self) -> &[SavingsPlanRate] {
        &self.tables.database_savings_plan
    }

    /// Gives the `CoreMark` figures of an EC2 family.
    #[must_use]
    pub fn family_score(&self, family: &str) -> Option<&FamilyScore> {
        let rows = &self.tables.family_scores;
        rows.binary_search_by(|row| row.family.as_str().cmp(family))
            .ok()
            .map(|at| &rows[at])
    }

    /// Gives the `CoreMark` figures of all EC2 families, by name.
    #[must_use]
    pub fn family_scores(&self) -> &[FamilyScore] {
        &self.tables.family_scores
    }

    /// Gives the SPEC CPU 2017 integer results.
    #[must_use]
    pub fn spec_rates(&self) -> &[SpecRate] {
        &self.tables.spec_rates
    }

    /// Gives the `SPECpower` results.
    #[must_use]
    pub fn spec_power(&self) -> &[SpecPower] {
        &self.tables.spec_power
    }
}
