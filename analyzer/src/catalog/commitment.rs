//! What commitments save against on-demand prices.
//!
//! Input: a catalog's rows. Output: discounts observed per family or class,
//! and one region's Database Savings Plan file. EC2 discounts are us-east-1's;
//! the sources have no Compute Savings Plan rates.

use serde::{Deserialize, Serialize};

use super::price::Price;
use crate::money::Usd;

/// An observed discount against the on-demand price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommitmentDiscount {
    /// The service, such as `EC2` or `RDS Aurora`.
    pub service: String,
    /// What it holds for: a family, a class, a type, in the source's words.
    pub scope: String,
    /// Where it was observed: a region, or the median of all.
    pub observed_in: String,
    /// How long one commits.
    pub term: CommitmentTerm,
    /// Kind of commitment.
    pub class: CommitmentClass,
    /// How much is paid at once.
    pub upfront: Upfront,
    /// Share of the on-demand price that is saved, 0 to 1.
    pub saved_fraction: f64,
    /// Prices it was computed from.
    pub observations: u32,
    /// Where it was read.
    pub source: String,
}

/// How long one commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommitmentTerm {
    /// One year.
    OneYear,
    /// Three years.
    ThreeYears,
}

impl CommitmentTerm {
    /// Gives the hours of the term, 8,760 a year.
    #[must_use]
    pub const fn hours(self) -> u32 {
        match self {
            Self::OneYear => 8_760,
            Self::ThreeYears => 26_280,
        }
    }
}

/// Kind of commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommitmentClass {
    /// Reserved instance or node that keeps its family.
    Standard,
    /// Reserved instance that can be exchanged.
    Convertible,
    /// Database Savings Plan.
    DatabaseSavingsPlan,
}

/// How much of a commitment is paid at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upfront {
    /// Nothing.
    None,
    /// About half.
    Partial,
    /// All.
    All,
}

/// A line of the Database Savings Plan file of ap-south-2 (2026-04): one year, no upfront.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavingsPlanRate {
    /// Region code.
    pub region: String,
    /// The service, in AWS's words.
    pub service: String,
    /// Usage type, AWS's key of the line; names the instance.
    pub usage_type: String,
    /// Operation; names the engine.
    pub operation: String,
    /// What one unit is.
    pub unit: String,
    /// For one unit, discounted.
    pub price: Price<Usd>,
}
