//! Which offers of AWS's price list the catalog takes prices from.

use std::fmt;
use std::str::FromStr;

/// An offer of the price list: one file per region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offer {
    /// EC2 on demand and reserved, EBS, snapshots, NAT gateways, CPU credits.
    Ec2,
    /// RDS and Aurora: instances, storage, reserved instances.
    Rds,
    /// Cache nodes.
    ElastiCache,
    /// `OpenSearch` instances.
    OpenSearch,
    /// `DocumentDB` instances and storage.
    DocumentDb,
    /// Brokers.
    Mq,
    /// Replication instances.
    Dms,
    /// Load balancers.
    LoadBalancing,
    /// Rates of compute and EC2 instance savings plans.
    ComputeSavingsPlans,
    /// Rates of database savings plans.
    DatabaseSavingsPlans,
}

impl Offer {
    /// All offers that are taken, in the order they are read.
    pub const ALL: [Self; 10] = [
        Self::Ec2,
        Self::Rds,
        Self::ElastiCache,
        Self::OpenSearch,
        Self::DocumentDb,
        Self::Mq,
        Self::Dms,
        Self::LoadBalancing,
        Self::ComputeSavingsPlans,
        Self::DatabaseSavingsPlans,
    ];

    /// Gives the word that the command line uses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Rds => "rds",
            Self::ElastiCache => "elasticache",
            Self::OpenSearch => "opensearch",
            Self::DocumentDb => "documentdb",
            Self::Mq => "mq",
            Self::Dms => "dms",
            Self::LoadBalancing => "elb",
            Self::ComputeSavingsPlans => "savings-plans",
            Self::DatabaseSavingsPlans => "database-savings-plans",
        }
    }

    /// Gives AWS's code, as addresses and files have it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ec2 => "AmazonEC2",
            Self::Rds => "AmazonRDS",
            Self::ElastiCache => "AmazonElastiCache",
            Self::OpenSearch => "AmazonES",
            Self::DocumentDb => "AmazonDocDB",
            Self::Mq => "AmazonMQ",
            Self::Dms => "AWSDatabaseMigrationSvc",
            Self::LoadBalancing => "AWSELB",
            Self::ComputeSavingsPlans => "AWSComputeSavingsPlan",
            Self::DatabaseSavingsPlans => "AWSDatabaseSavingsPlans",
        }
    }

    /// Says whether its files are of the savings plan layout.
    #[must_use]
    pub const fn is_savings_plan(self) -> bool {
        matches!(self, Self::ComputeSavingsPlans | Self::DatabaseSavingsPlans)
    }

    /// Finds the offer of a code that a file holds; addresses and files spell two of them differently.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|offer| offer.code().eq_ignore_ascii_case(code))
            .or(match code {
                "AmazonComputeSavingsPlan" | "AWSComputeSavingsPlans" => Some(Self::ComputeSavingsPlans),
                "AmazonDatabaseSavingsPlans" | "AWSDatabaseSavingsPlan" => Some(Self::DatabaseSavingsPlans),
                _ => None,
            })
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

impl FromStr for Offer {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|offer| offer.word() == word || offer.code().eq_ignore_ascii_case(word))
            .ok_or_else(|| {
                let known: Vec<&str> = Self::ALL.iter().map(|offer| offer.word()).collect();
                format!(
                    "`{word}` is not an offer that is taken; expected some of {}",
                    known.join(", ")
                )
            })
    }
}
