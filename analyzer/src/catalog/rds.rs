//! What RDS and Aurora instances and their storage cost.
//!
//! Input: a catalog's rows. Output: [`RdsOffer`]s of a region (31 regions, open
//! engines), every engine in eu-west-1 as of 2023-02 ([`RdsLicensedPrice`]),
//! and the other lines of that region's price file ([`RdsOtherPrice`]).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use telemetry::units::Bytes;

use super::price::Price;
use crate::money::{Usd, UsdPerHour};

/// An RDS instance class's capacities.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RdsClass {
    /// Name, such as `db.r7g.2xlarge`.
    pub name: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory, a whole number of MiB.
    pub memory_mib: u32,
}

impl RdsClass {
    /// Gives the memory.
    #[must_use]
    pub fn memory(&self) -> Bytes {
        Bytes::from_mebibytes(f64::from(self.memory_mib))
    }

    /// Gives the name of the EC2 instance type it runs on, whose network and EBS limits hold.
    #[must_use]
    pub fn shape_name(&self) -> &str {
        self.name.strip_prefix("db.").unwrap_or(&self.name)
    }
}

/// Engines that are priced in every region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RdsEngine {
    /// RDS for `MySQL`.
    Mysql,
    /// RDS for `MariaDB`; priced as `MySQL` always.
    Mariadb,
    /// RDS for `PostgreSQL`.
    Postgres,
    /// Aurora with `MySQL`'s protocol, Standard storage.
    AuroraMysql,
    /// Aurora with `PostgreSQL`'s protocol, Standard storage.
    AuroraPostgresql,
}

impl RdsEngine {
    /// All engines, in the order that tables show them.
    pub const ALL: [Self; 5] = [
        Self::Mysql,
        Self::Mariadb,
        Self::Postgres,
        Self::AuroraMysql,
        Self::AuroraPostgresql,
    ];

    /// Gives AWS's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::Postgres => "postgres",
            Self::AuroraMysql => "aurora-mysql",
            Self::AuroraPostgresql => "aurora-postgresql",
        }
    }

    /// Says whether it is Aurora, which has no Single-AZ or Multi-AZ price: each instance costs the same.
    #[must_use]
    pub const fn is_aurora(self) -> bool {
        matches!(self, Self::AuroraMysql | Self::AuroraPostgresql)
    }
}

impl fmt::Display for RdsEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// What Aurora I/O-Optimized instances cost for one of Standard, in hundredths (1.30).
pub const AURORA_IO_OPTIMIZED_HUNDREDTHS: i64 = 130;

/// On-demand prices of a class with an engine in a region.
#[derive(Clone, Debug, PartialEq)]
pub struct RdsOffer {
    /// The class.
    pub class: Arc<RdsClass>,
    /// The engine.
    pub engine: RdsEngine,
    /// One instance.
    pub single_az: Option<Price<UsdPerHour>>,
    /// One instance with a standby in another zone; never for Aurora.
    pub multi_az: Option<Price<UsdPerHour>>,
}

/// Price of an instance with any engine, Oracle and SQL Server included (eu-west-1, 2023-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RdsLicensedPrice {
    /// Engine, in AWS's words.
    pub engine: String,
    /// Edition, where the engine has editions.
    pub edition: Option<String>,
    /// Who brings the licence, in AWS's words.
    pub license_model: String,
    /// Single-AZ, Multi-AZ or Multi-AZ with readable standbys, in AWS's words.
    pub deployment: String,
    /// Instance class.
    pub class: String,
    /// The price.
    pub price: Price<UsdPerHour>,
}

/// Price of something other than an instance: storage, IOPS, backup, proxy, credits (eu-west-1, 2023-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RdsOtherPrice {
    /// Product family, in AWS's words.
    pub product_family: String,
    /// Usage type, AWS's key of the line.
    pub usage_type: String,
    /// Engine it holds for.
    pub engine: Option<String>,
    /// Edition it holds for.
    pub edition: Option<String>,
    /// Deployment it holds for.
    pub deployment: Option<String>,
    /// Kind of volume.
    pub volume_type: Option<String>,
    /// What one unit is.
    pub unit: String,
    /// For one unit.
    pub price: Price<Usd>,
}
