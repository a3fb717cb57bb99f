//! What other operating systems cost on EC2 beside Linux.
//!
//! Input: a catalog's rows. Output: uplifts per vCPU or instance, and observed
//! prices per type for us-east-1 (2023-08) and eu-west-1 (2023-02). RHEL moved
//! to tiers per vCPU in 2024-07, so every RHEL price of 2023 is out of date.

use serde::{Deserialize, Serialize};

use super::price::Price;
use crate::money::UsdPerHour;

/// What an operating system or licence adds to the Linux price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OsUplift {
    /// Operating system or licence, and the sizes it holds for.
    pub product: String,
    /// What the amount is for.
    pub per: UpliftUnit,
    /// The amount per hour; `None` where it was never observed.
    pub price: Option<Price<UsdPerHour>>,
    /// What it was read from.
    pub evidence: String,
}

/// What an uplift is charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpliftUnit {
    /// Each vCPU.
    Vcpu,
    /// Each instance.
    Instance,
}

/// Operating systems with prices of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatingSystem {
    /// Any Linux without a licence fee.
    Linux,
    /// Windows Server.
    Windows,
    /// Red Hat Enterprise Linux.
    Rhel,
    /// Red Hat Enterprise Linux with the high-availability add-on.
    RhelHighAvailability,
    /// SUSE Linux Enterprise Server.
    Suse,
    /// Ubuntu Pro.
    UbuntuPro,
}

/// SQL Server editions that come with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SqlServerEdition {
    /// Web.
    Web,
    /// Standard.
    Standard,
    /// Enterprise.
    Enterprise,
}

/// Price of a type with an operating system and its licences (eu-west-1, 2023-02).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OsPrice {
    /// The operating system.
    pub operating_system: OperatingSystem,
    /// SQL Server that comes with it.
    pub sql_server: Option<SqlServerEdition>,
    /// Whether the customer brings the Windows licence.
    pub own_license: bool,
    /// The whole price, Linux part included.
    pub price: Price<UsdPerHour>,
}

/// All prices of a type in eu-west-1 as of 2023-02.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeOsPrices {
    /// The instance type.
    pub shape_name: String,
    /// One entry per combination.
    pub prices: Vec<OsPrice>,
}

/// Prices of a type in us-east-1 by operating system and commitment, with the month of each.
///
/// `rhel` is out of date (tiers per vCPU since 2024-07); `spot` is old.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsEast1TypePrices {
    /// The instance type.
    pub shape_name: String,
    /// CPU, in AWS's words.
    pub physical_processor: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Linux on demand.
    pub linux: Option<Price<UsdPerHour>>,
    /// Windows on demand.
    pub windows: Option<Price<UsdPerHour>>,
    /// Red Hat on demand, by the rules before 2024-07.
    pub rhel: Option<Price<UsdPerHour>>,
    /// SUSE on demand.
    pub suse: Option<Price<UsdPerHour>>,
    /// Linux reserved for one year, standard, all upfront, as an hourly rate.
    pub reserved_one_year_all_upfront: Option<Price<UsdPerHour>>,
    /// Linux reserved for three years, standard, all upfront, as an hourly rate.
    pub reserved_three_years_all_upfront: Option<Price<UsdPerHour>>,
    /// Spot when the list was made.
    pub spot: Option<Price<UsdPerHour>>,
}
