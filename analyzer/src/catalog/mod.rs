//! What AWS offers, what it can do and what it costs: the price catalog.
//!
//! Input: one file, built into the program or read from disk. Output: typed
//! answers about [`Shape`]s, [`Offer`]s and prices, each price with how it is
//! known and which month it is of. The catalog knows no clock: today is passed
//! in. What it does not know is an error or `None`, never zero.

pub mod benchmark;
pub mod commitment;
pub mod cpu;
pub mod ebs;
pub mod ebs_limits;
mod error;
pub mod file;
pub mod listed;
mod lookups;
pub mod models;
pub(crate) mod names;
pub mod nodes;
mod offer;
pub mod operating_system;
mod packing;
pub mod price;
pub mod price_list;
pub mod rds;
mod region;
pub mod services;
pub mod shape;
pub mod show;
mod source;
pub mod tables;
pub mod verify;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use self::tables::Tables;

pub use self::cpu::CpuScore;
pub use self::ebs::{EbsPrices, VolumeType};
pub use self::error::{CatalogError, CatalogOrigin, Damage, UnknownFamily, UnknownRegion, UnknownShape};
pub use self::offer::{Availability, Offer, PriceDates};
pub use self::packing::Unpackable;
pub use self::price::{Price, PriceMethod, YearMonth};
pub use self::rds::{RdsEngine, RdsOffer};
pub use self::region::Region;
pub use self::services::Product;
pub use self::shape::{Architecture, CpuPerformance, Shape};
pub use self::source::Source;

use self::offer::RegionOffers;

/// Days after which prices count as stale.
///
/// On-demand prices of existing CPU families did not move in three years
/// (2023-08 to 2026-07), but new families appear every quarter.
pub const STALE_AFTER_DAYS: i64 = 90;

/// The catalog file built into the program.
static EMBEDDED: &[u8] = include_bytes!("../../catalog/embedded.catalog");

/// The price catalog: shapes, offers and the prices of what runs beside them.
#[derive(Debug)]
pub struct Catalog {
    origin: CatalogOrigin,
    id: String,
    tables: Tables,
    shape_numbers: BTreeMap<String, usize>,
    offers: BTreeMap<String, OnceLock<RegionOffers>>,
}

impl Catalog {
    /// Gives the catalog built into the program; it is unpacked once.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(|| {
            Self::from_bytes(EMBEDDED, CatalogOrigin::Embedded)
                .expect("the built-in catalog is read by the tests of every build")
        })
    }

    /// Reads a catalog file.
    ///
    /// # Errors
    /// If the file cannot be read, is no catalog, too old, too new or damaged.
    pub fn read(path: &Path) -> Result<Self, CatalogError> {
        let bytes = std::fs::read(path).map_err(|source| CatalogError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(&bytes, CatalogOrigin::File(path.to_owned()))
    }

    /// Reads the bytes of a catalog file.
    ///
    /// # Errors
    /// If the bytes are no catalog, too old, too new or damaged.
    pub fn from_bytes(bytes: &[u8], origin: CatalogOrigin) -> Result<Self, CatalogError> {
        let decoded = file::decode(bytes, &origin)?;
        let shape_numbers = decoded
            .tables
            .shapes
            .iter()
            .enumerate()
            .map(|(number, shape)| (shape.name.clone(), number))
            .collect();
        let offers = decoded
            .tables
            .ec2
            .iter()
            .filter(|(_, region)| !region.prices.is_empty())
            .map(|(region, _)| (region.clone(), OnceLock::new()))
            .collect();
        Ok(Self {
            origin,
            id: decoded.id,
            tables: decoded.tables,
            shape_numbers,
            offers,
        })
    }

    /// Says where the catalog came from.
    #[must_use]
    pub fn origin(&self) -> &CatalogOrigin {
        &self.origin
    }

    /// Gives a short identifier of the content, the same for the same content.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Gives the day the sources were put together.
    #[must_use]
    pub fn built_on(&self) -> Date {
        self.tables.built_on
    }

    /// Gives all rows, to be changed and written as another catalog.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Gives where the figures come from.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.tables.sources
    }

    /// Finds an instance type by name.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&Arc<Shape>> {
        self.shape_numbers.get(name).map(|number| &self.tables.shapes[*number])
    }

    /// Finds an instance type by name, or says which names are near.
    ///
    /// # Errors
    /// If the catalog has no such type.
    pub fn known_shape(&self, name: &str) -> Result<&Arc<Shape>, UnknownShape> {
        self.shape(name).ok_or_else(|| UnknownShape {
            name: name.to_owned(),
            nearest: names::nearest(name, self.shape_numbers.keys().map(String::as_str)),
        })
    }

    /// Gives all instance types, by name.
    #[must_use]
    pub fn shapes(&self) -> &[Arc<Shape>] {
        &self.tables.shapes
    }

    /// Gives the instance types of a family, small to large; none for an unknown family.
    #[must_use]
    pub fn shapes_of_family(&self, family: &str) -> Vec<&Arc<Shape>> {
        let mut shapes: Vec<_> = self.shapes().iter().filter(|shape| shape.family == family).collect();
        shapes.sort_by_key(|shape| shape.size_order());
        shapes
    }

    /// Gives the instance types of a family, small to large.
    ///
    /// # Errors
    /// If there is no such family; the error names similar ones.
    pub fn known_family(&self, family: &str) -> Result<Vec<&Arc<Shape>>, UnknownFamily> {
        let shapes = self.shapes_of_family(family);
        if shapes.is_empty() {
            return Err(UnknownFamily {
                name: family.to_owned(),
                nearest: names::nearest(family, self.families()),
            });
        }
        Ok(shapes)
    }

    /// Gives the names of all families, in alphabetical order.
    #[must_use]
    pub fn families(&self) -> Vec<&str> {
        let mut families: Vec<&str> = self.shapes().iter().map(|shape| &*shape.family).collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// Gives the regions with EC2 prices, by code.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.tables.regions
    }

    /// Finds a region by code.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for it.
    pub fn known_region(&self, code: &str) -> Result<&Region, UnknownRegion> {
        self.regions()
            .iter()
            .find(|region| region.code == code)
            .ok_or_else(|| UnknownRegion::among(code, "EC2 prices", self.offers.keys()))
    }

    /// Gives the types on a region's list of offered types, by name; `None` if that list is not known.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn offered(&self, region: &str) -> Result<Option<&[Arc<Shape>]>, UnknownRegion> {
        match self.tables.ec2.get(region) {
            Some(known) => Ok(known.offered.as_deref()),
            None => Err(UnknownRegion::among(region, "EC2 prices", self.offers.keys())),
        }
    }

    /// Gives what a region offers on demand with Linux, sorted by price, then newer generation, then name.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn offers(&self, region: &str) -> Result<&[Offer], UnknownRegion> {
        Ok(&self.region_offers(region)?.offers)
    }

    /// Gives the offer of an instance type in a region, if it is offered there at a known price.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn offer(&self, region: &str, shape: &str) -> Result<Option<&Offer>, UnknownRegion> {
        let offers = self.region_offers(region)?;
        Ok(offers.by_shape.get(shape).map(|at| &offers.offers[*at]))
    }

    /// Gives the current-generation types that a region offers and the catalog has no price for.
    ///
    /// `None` where the region's list of offered types is not known.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn unpriced(&self, region: &str) -> Result<Option<&[Arc<Shape>]>, UnknownRegion> {
        Ok(self.region_offers(region)?.unpriced.as_deref())
    }

    /// Gives the types with a price in a region whose list of offered types lacks them.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn withdrawn(&self, region: &str) -> Result<&[Offer], UnknownRegion> {
        Ok(&self.region_offers(region)?.withdrawn)
    }

    /// Gives the oldest and the newest date of a region's EC2 prices.
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn ec2_prices_as_of(&self, region: &str) -> Result<PriceDates, UnknownRegion> {
        Ok(self.region_offers(region)?.dates)
    }

    /// Gives the age of a region's EC2 prices in days.
    ///
    /// Counted from the first day of the month of the newest price: a source
    /// that states a month may have been read on any day of it, and prices are
    /// never said to be younger than they are. Most prices may be older; see
    /// [`Self::ec2_prices_as_of`].
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn age_days(&self, region: &str, today: Date) -> Result<i64, UnknownRegion> {
        let newest = self.ec2_prices_as_of(region)?.newest.first_day();
        Ok(today.duration_since(newest).as_hours() / 24)
    }

    /// Says whether a region's EC2 prices are older than [`STALE_AFTER_DAYS`].
    ///
    /// # Errors
    /// If the catalog has no EC2 prices for the region.
    pub fn is_stale(&self, region: &str, today: Date) -> Result<bool, UnknownRegion> {
        Ok(self.age_days(region, today)? > STALE_AFTER_DAYS)
    }

    fn region_offers(&self, region: &str) -> Result<&RegionOffers, UnknownRegion> {
        let (Some(slot), Some(known)) = (self.offers.get(region), self.tables.ec2.get(region)) else {
            return Err(UnknownRegion::among(region, "EC2 prices", self.offers.keys()));
        };
        Ok(slot.get_or_init(|| RegionOffers::new(known)))
    }
}
