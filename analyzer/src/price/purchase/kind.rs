//! The ways to buy, by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalog::commitment::{CommitmentTerm, Upfront};

/// A way to buy an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PurchaseKind {
    /// By the hour, nothing promised.
    OnDemand,
    /// Reserved instance or node that keeps its family.
    Reserved(CommitmentTerm, Upfront),
    /// Reserved instance that can be exchanged.
    Convertible(CommitmentTerm, Upfront),
    /// Savings plan for one family in one region.
    InstanceSavingsPlan(CommitmentTerm, Upfront),
    /// Savings plan for EC2 of every family and region, Fargate and Lambda.
    ComputeSavingsPlan(CommitmentTerm, Upfront),
    /// Savings plan for databases: one year, no upfront.
    DatabaseSavingsPlan,
    /// Spare capacity that AWS may take back at two minutes' notice.
    Spot,
}

/// All terms.
pub(super) const TERMS: [CommitmentTerm; 2] = [CommitmentTerm::OneYear, CommitmentTerm::ThreeYears];
/// All ways to pay.
pub(super) const UPFRONTS: [Upfront; 3] = [Upfront::None, Upfront::Partial, Upfront::All];

/// Gives the hours of a term, in years of 365 days.
pub(super) fn hours(term: CommitmentTerm) -> u32 {
    match term {
        CommitmentTerm::OneYear => 8_760,
        CommitmentTerm::ThreeYears => 26_280,
    }
}

impl PurchaseKind {
    /// Gives the word that tables and files use, such as `compute-savings-plan-3y-no-upfront`.
    #[must_use]
    pub fn code(self) -> String {
        let with = |name: &str, term: CommitmentTerm, upfront: Upfront| {
            let years = match term {
                CommitmentTerm::OneYear => "1y",
                CommitmentTerm::ThreeYears => "3y",
            };
            let paid = match upfront {
                Upfront::None => "no",
                Upfront::Partial => "partial",
                Upfront::All => "all",
            };
            format!("{name}-{years}-{paid}-upfront")
        };
        match self {
            Self::OnDemand => "on-demand".to_string(),
            Self::Reserved(term, upfront) => with("reserved", term, upfront),
            Self::Convertible(term, upfront) => with("convertible", term, upfront),
            Self::InstanceSavingsPlan(term, upfront) => with("instance-savings-plan", term, upfront),
            Self::ComputeSavingsPlan(term, upfront) => with("compute-savings-plan", term, upfront),
            Self::DatabaseSavingsPlan => with("database-savings-plan", CommitmentTerm::OneYear, Upfront::None),
            Self::Spot => "spot".to_string(),
        }
    }

    /// Gives the name for people, such as `compute savings plan, 3 years, no upfront`.
    #[must_use]
    pub fn words(self) -> String {
        let with = |name: &str, term: CommitmentTerm, upfront: Upfront| {
            let years = match term {
                CommitmentTerm::OneYear => "1 year",
                CommitmentTerm::ThreeYears => "3 years",
            };
            let paid = match upfront {
                Upfront::None => "no",
                Upfront::Partial => "partial",
                Upfront::All => "all",
            };
            format!("{name}, {years}, {paid} upfront")
        };
        match self {
            Self::OnDemand => "on demand".to_string(),
            Self::Reserved(term, upfront) => with("reserved", term, upfront),
            Self::Convertible(term, upfront) => with("convertible reserved", term, upfront),
            Self::InstanceSavingsPlan(term, upfront) => with("EC2 instance savings plan", term, upfront),
            Self::ComputeSavingsPlan(term, upfront) => with("compute savings plan", term, upfront),
            Self::DatabaseSavingsPlan => with("database savings plan", CommitmentTerm::OneYear, Upfront::None),
            Self::Spot => "spot".to_string(),
        }
    }

    /// Gives how long one commits and how much is paid at once; nothing where nothing is promised.
    #[must_use]
    pub fn commitment(self) -> Option<(CommitmentTerm, Upfront)> {
        match self {
            Self::OnDemand | Self::Spot => None,
            Self::Reserved(term, upfront)
            | Self::Convertible(term, upfront)
            | Self::InstanceSavingsPlan(term, upfront)
            | Self::ComputeSavingsPlan(term, upfront) => Some((term, upfront)),
            Self::DatabaseSavingsPlan => Some((CommitmentTerm::OneYear, Upfront::None)),
        }
    }

    /// Gives the years one commits for; 0 where nothing is promised.
    #[must_use]
    pub fn years(self) -> u32 {
        self.commitment()
            .map_or(0, |(term, _)| hours(term) / hours(CommitmentTerm::OneYear))
    }
}

impl fmt::Display for PurchaseKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.code())
    }
}
