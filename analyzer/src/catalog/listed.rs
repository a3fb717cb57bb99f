//! What AWS's price lists say of a region beyond the tables that the catalog has of every region.
//!
//! Input: rows that `catalog refresh` read. Output: prices by operating system,
//! reserved rates and savings plans of EC2, reserved rates of RDS, and every
//! engine of RDS, each price with its month. A region that was never refreshed
//! has none of this; older observations of us-east-1 and eu-west-1 are in
//! [`super::operating_system`] and [`super::rds`].

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::commitment::{CommitmentClass, CommitmentTerm, Upfront};
use super::operating_system::{OperatingSystem, TypeOsPrices};
use super::price::Price;
use super::rds::{RdsEngine, RdsLicensedPrice};
use crate::money::{Usd, UsdPerHour};

/// Hours of a year of commitment, as AWS spreads an upfront fee (365 days).
pub const HOURS_PER_YEAR: u32 = 8_760;

/// A price list file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedFile {
    /// Code of the offer, such as `AmazonEC2`.
    pub offer: String,
    /// AWS's version, such as `20250912225308`.
    pub version: String,
    /// Day AWS published it.
    pub published: Date,
    /// SHA-256 of the content as it was read, in hexadecimal.
    pub sha256: String,
    /// Bytes of it.
    pub bytes: u64,
    /// Prices in it.
    pub rows: u64,
    /// Prices taken from it.
    pub taken: u64,
}

impl ListedFile {
    /// Names the file as a plan's provenance does.
    #[must_use]
    pub fn stamp(&self) -> String {
        format!(
            "{} {} of {}, sha256 {}",
            self.offer, self.version, self.published, self.sha256
        )
    }
}

/// What price lists say of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegionLists {
    /// The files, by offer.
    pub files: Vec<ListedFile>,
    /// EC2 on demand by operating system, by type.
    pub os_prices: Vec<TypeOsPrices>,
    /// EC2 reserved instances, by type and operating system.
    pub reserved: Vec<TypeReserved>,
    /// EC2 under savings plans, by type and operating system.
    pub savings_plans: Vec<TypeSavings>,
    /// RDS on demand with every engine and licence.
    pub rds_licensed: Vec<RdsLicensedPrice>,
    /// Reserved RDS instances, by class, engine and layout.
    pub rds_reserved: Vec<RdsReserved>,
    /// Types and nodes with a price and no known capacities; they cannot be proposed.
    pub without_capacities: Vec<String>,
}

/// What one reserved instance costs under one set of terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedRate {
    /// How long.
    pub term: CommitmentTerm,
    /// Standard or convertible.
    pub class: CommitmentClass,
    /// How much is paid at once.
    pub upfront: Upfront,
    /// Paid every hour of the term, used or not.
    pub hourly: Price<UsdPerHour>,
    /// Paid at once; nothing where nothing is.
    pub at_once: Option<Price<Usd>>,
}

impl ReservedRate {
    /// Gives the rate per hour with the upfront fee spread over the term (8,760 hours a year).
    #[must_use]
    pub fn effective_per_hour(&self) -> UsdPerHour {
        let fee = self
            .at_once
            .as_ref()
            .map_or(Decimal::ZERO, |fee| fee.amount.as_decimal());
        UsdPerHour::from_decimal(self.hourly.amount.as_decimal() + fee / Decimal::from(self.term.hours()))
    }
}

/// Reserved rates of an EC2 type with an operating system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeReserved {
    /// The instance type.
    pub shape_name: String,
    /// What runs on it, without SQL Server.
    pub operating_system: OperatingSystem,
    /// The rates, by term, class and upfront.
    pub rates: Vec<ReservedRate>,
}

/// Kinds of savings plan that EC2 falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SavingsPlan {
    /// Any family, size, region.
    Compute,
    /// One family in one region.
    Ec2Instance,
}

impl SavingsPlan {
    /// Gives the word that tables use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Compute => "compute savings plan",
            Self::Ec2Instance => "EC2 instance savings plan",
        }
    }
}

/// What an hour costs under a savings plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavingsRate {
    /// The kind of plan.
    pub plan: SavingsPlan,
    /// How long.
    pub term: CommitmentTerm,
    /// How much of the commitment is paid at once.
    pub upfront: Upfront,
    /// The rate that draws on the commitment.
    pub hourly: Price<UsdPerHour>,
}

/// Savings plan rates of an EC2 type with an operating system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeSavings {
    /// The instance type.
    pub shape_name: String,
    /// What runs on it, without SQL Server.
    pub operating_system: OperatingSystem,
    /// The rates, by plan, term and upfront.
    pub rates: Vec<SavingsRate>,
}

/// Reserved rates of an RDS class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RdsReserved {
    /// The class.
    pub class: String,
    /// The engine.
    pub engine: RdsEngine,
    /// Whether the rate is for one instance with a standby.
    pub multi_az: bool,
    /// The rates, by term and upfront.
    pub rates: Vec<ReservedRate>,
}
