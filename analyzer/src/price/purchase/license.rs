//! What licences add to an EC2 instance: Windows, RHEL, SUSE, SQL Server; or brought along.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{KnownRate, Rate};
use crate::catalog::operating_system::{OperatingSystem, OsPrice, SqlServerEdition, UpliftUnit};
use crate::catalog::{Catalog, PriceMethod, Shape};
use crate::money::{Usd, UsdPerHour};

/// SQL Server is licensed for at least so many vCPUs of an instance.
const LEAST_SQL_VCPUS: u32 = 4;

/// A licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum License {
    /// Windows Server.
    Windows,
    /// Red Hat Enterprise Linux.
    Rhel,
    /// SUSE Linux Enterprise Server.
    Suse,
    /// SQL Server Web.
    SqlServerWeb,
    /// SQL Server Standard.
    SqlServerStandard,
    /// SQL Server Enterprise.
    SqlServerEnterprise,
    /// The customer's own: AWS bills none, the licence is paid elsewhere.
    Own,
}

impl License {
    /// All licences.
    pub const ALL: [Self; 7] = [
        Self::Windows,
        Self::Rhel,
        Self::Suse,
        Self::SqlServerWeb,
        Self::SqlServerStandard,
        Self::SqlServerEnterprise,
        Self::Own,
    ];

    /// Gives the word that tables and files use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Rhel => "rhel",
            Self::Suse => "suse",
            Self::SqlServerWeb => "sql-server-web",
            Self::SqlServerStandard => "sql-server-standard",
            Self::SqlServerEnterprise => "sql-server-enterprise",
            Self::Own => "own-license",
        }
    }

    /// Recognises the licence that an operating system's name, as `/etc/os-release` has it, asks for.
    #[must_use]
    pub fn of_system(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["red hat", "rhel"]) {
            Some(Self::Rhel)
        } else if has(&["suse linux enterprise", "sles"]) {
            Some(Self::Suse)
        } else if has(&["windows"]) {
            Some(Self::Windows)
        } else {
            None
        }
    }
}

/// What a licence adds to each hour of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LicenseOption {
    /// Which.
    pub license: License,
    /// What it adds, or what is missing.
    pub rate: Rate,
}

/// Gives what each licence adds to an instance of a type, in any region: AWS charges licences alike everywhere.
#[must_use]
pub fn licenses(catalog: &Catalog, shape: &Shape) -> Vec<LicenseOption> {
    License::ALL
        .into_iter()
        .map(|license| LicenseOption {
            license,
            rate: rate(catalog, shape, license),
        })
        .collect()
}

fn rate(catalog: &Catalog, shape: &Shape, license: License) -> Rate {
    let vcpu = shape.vcpu;
    match license {
        License::Own => Rate::Known(KnownRate {
            effective_usd_per_hour: UsdPerHour::ZERO,
            upfront_usd: Usd::ZERO,
            recurring_usd_per_hour: UsdPerHour::ZERO,
            method: PriceMethod::Listed,
            as_of: crate::catalog::YearMonth::of(catalog.built_on()),
            source: "AWS bills no licence; what the customer pays elsewhere is not in here".to_string(),
        }),
        License::Windows => {
            observed(catalog, shape, OperatingSystem::Windows, None).unwrap_or_else(|| uplift(catalog, "Windows", vcpu))
        }
        License::Suse => observed(catalog, shape, OperatingSystem::Suse, None).unwrap_or_else(|| match vcpu {
            2..=4 => uplift(catalog, "SUSE, 2-4 vCPU (most families)", 1),
            8.. => uplift(catalog, "SUSE, 8+ vCPU (most families)", 1),
            _ => Rate::Unknown(format!("no SUSE price for {vcpu} vCPU is known")),
        }),
        License::Rhel => match vcpu {
            1..=8 => uplift(catalog, "RHEL, 1-8 vCPU", vcpu),
            9..=127 => uplift(catalog, "RHEL, 9-127 vCPU", vcpu),
            _ => uplift(catalog, "RHEL, 128+ vCPU", vcpu),
        },
        License::SqlServerWeb => sql(catalog, shape, SqlServerEdition::Web, "SQL Server Web on EC2"),
        License::SqlServerStandard => sql(catalog, shape, SqlServerEdition::Standard, "SQL Server Standard on EC2"),
        License::SqlServerEnterprise => sql(
            catalog,
            shape,
            SqlServerEdition::Enterprise,
            "SQL Server Enterprise on EC2",
        ),
    }
}

fn sql(catalog: &Catalog, shape: &Shape, edition: SqlServerEdition, product: &str) -> Rate {
    observed(catalog, shape, OperatingSystem::Linux, Some(edition))
        .unwrap_or_else(|| uplift(catalog, product, shape.vcpu.max(LEAST_SQL_VCPUS)))
}

/// Gives the difference of the type's own price with a licence to that without, in eu-west-1.
fn observed(
    catalog: &Catalog,
    shape: &Shape,
    system: OperatingSystem,
    sql_server: Option<SqlServerEdition>,
) -> Option<Rate> {
    let rows = catalog.os_prices_eu_west_1(&shape.name)?;
    let find = |system: OperatingSystem, sql_server: Option<SqlServerEdition>| {
        rows.iter()
            .find(|row: &&OsPrice| row.operating_system == system && row.sql_server == sql_server && !row.own_license)
    };
    let (with, without) = (find(system, sql_server)?, find(OperatingSystem::Linux, None)?);
    let added = with.price.amount.as_decimal() - without.price.amount.as_decimal();
    (added > Decimal::ZERO).then(|| {
        known(
            added,
            PriceMethod::Derived,
            with.price.as_of,
            format!("price of {} with it less without, eu-west-1", shape.name),
        )
    })
}

/// Gives what a product of the uplift table adds for so many units.
fn uplift(catalog: &Catalog, product: &str, units: u32) -> Rate {
    let Some(row) = catalog.os_uplifts().iter().find(|row| row.product == product) else {
        return Rate::Unknown(format!("no price of {product} is known"));
    };
    let Some(price) = &row.price else {
        return Rate::Unknown(format!("no price of {product} was ever observed"));
    };
    let units = match row.per {
        UpliftUnit::Vcpu => Decimal::from(units),
        UpliftUnit::Instance => Decimal::ONE,
    };
    known(
        price.amount.as_decimal() * units,
        price.method.max(PriceMethod::Derived),
        price.as_of,
        product.to_string(),
    )
}

fn known(amount: Decimal, method: PriceMethod, as_of: crate::catalog::YearMonth, source: String) -> Rate {
    let amount = UsdPerHour::from_decimal(amount.normalize());
    Rate::Known(KnownRate {
        effective_usd_per_hour: amount,
        upfront_usd: Usd::ZERO,
        recurring_usd_per_hour: amount,
        method,
        as_of,
        source,
    })
}
