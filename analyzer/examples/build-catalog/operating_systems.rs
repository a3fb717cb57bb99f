//! Prices of operating systems and their licences on EC2.

use std::collections::BTreeMap;
use std::path::Path;

use sizewright_analyzer::catalog::operating_system::{
    OperatingSystem, OsPrice, OsUplift, SqlServerEdition, TypeOsPrices, UpliftUnit, UsEast1TypePrices,
};
use sizewright_analyzer::catalog::price::PriceDetail;
use sizewright_analyzer::catalog::{Price, PriceMethod, YearMonth};
use sizewright_analyzer::money::UsdPerHour;

use super::rows::{Row, Rows, SourceError};

/// Words for prices that the price list no longer has.
const OLD_RHEL: &str = "out of date: Red Hat is priced in tiers per vCPU since 2024-07";

/// Reads what operating systems and licences add.
pub fn uplifts(folder: &Path) -> Result<Vec<OsUplift>, SourceError> {
    Rows::read(folder, "ec2_os_uplifts.csv")?
        .iter()
        .map(|row| {
            let evidence = row.text("evidence")?;
            let price = row.decimal("usd")?.map(|amount| Price {
                amount: UsdPerHour::from_decimal(amount),
                method: PriceMethod::Derived,
                as_of: newest_month(evidence),
                detail: None,
            });
            Ok(OsUplift {
                product: row.text("os")?.to_owned(),
                per: match row.text("unit")? {
                    "per vCPU-hour" => UpliftUnit::Vcpu,
                    unit if unit.starts_with("per instance-hour") => UpliftUnit::Instance,
                    _ => return Err(row.refused("unit", "per vCPU-hour or per instance-hour")),
                },
                price,
                evidence: evidence.to_owned(),
            })
        })
        .collect()
}

/// Finds the newest month that the evidence mentions. Bare arithmetic on
/// x2iedn.32xlarge rests on the price page of 2026-07.
fn newest_month(evidence: &str) -> YearMonth {
    evidence
        .split(|letter: char| !letter.is_ascii_digit() && letter != '-')
        .filter_map(|word| word.parse().ok())
        .max()
        .unwrap_or_else(|| YearMonth::of(jiff::civil::date(2026, 7, 1)))
}

/// Reads every combination of eu-west-1, by type.
pub fn eu_west_1(folder: &Path) -> Result<Vec<TypeOsPrices>, SourceError> {
    let mut by_type: BTreeMap<String, Vec<OsPrice>> = BTreeMap::new();
    for row in Rows::read(folder, "ec2_all_os_eu-west-1_2023-02.csv")?.iter() {
        let operating_system = match row.text("operating_system")? {
            "Linux" => OperatingSystem::Linux,
            "Windows" => OperatingSystem::Windows,
            "RHEL" => OperatingSystem::Rhel,
            "Red Hat Enterprise Linux with HA" => OperatingSystem::RhelHighAvailability,
            "SUSE" => OperatingSystem::Suse,
            _ => return Err(row.refused("operating_system", "a known operating system")),
        };
        let sql_server = match row.text("preinstalled_sw")? {
            "NA" => None,
            "SQL Web" => Some(SqlServerEdition::Web),
            "SQL Std" => Some(SqlServerEdition::Standard),
            "SQL Ent" => Some(SqlServerEdition::Enterprise),
            _ => return Err(row.refused("preinstalled_sw", "NA or an SQL Server edition")),
        };
        let is_red_hat = matches!(
            operating_system,
            OperatingSystem::Rhel | OperatingSystem::RhelHighAvailability
        );
        let price = listed(row, "ondemand_usd_hr", (2023, 2), is_red_hat.then_some(OLD_RHEL))?
            .ok_or_else(|| row.refused("ondemand_usd_hr", "a price"))?;
        by_type
            .entry(row.text("instance_type")?.to_owned())
            .or_default()
            .push(OsPrice {
                operating_system,
                sql_server,
                own_license: row.text("license_model")? == "Bring your own license",
                price,
            });
    }
    Ok(by_type
        .into_iter()
        .map(|(shape_name, mut prices)| {
            prices.sort();
            TypeOsPrices { shape_name, prices }
        })
        .collect())
}

/// Reads prices by operating system and commitment of us-east-1, by type.
pub fn us_east_1(folder: &Path) -> Result<Vec<UsEast1TypePrices>, SourceError> {
    const LISTED: (i16, i8) = (2023, 8);
    const NETFLIX: (i16, i8) = (2026, 6);
    let mut rows = Rows::read(folder, "ec2_os_and_ri_us-east-1_2023-08.csv")?
        .iter()
        .map(|row| {
            Ok(UsEast1TypePrices {
                shape_name: row.text("instance_type")?.to_owned(),
                physical_processor: row.text("physical_processor")?.to_owned(),
                vcpu: row.number("vcpu")?,
                linux: listed(row, "linux_usd_hr", LISTED, None)?,
                windows: listed(row, "windows_usd_hr", LISTED, None)?,
                rhel: listed(row, "rhel_usd_hr", LISTED, Some(OLD_RHEL))?,
                suse: listed(row, "suse_usd_hr", LISTED, None)?,
                reserved_one_year_all_upfront: listed(row, "ri_1y_std_allupfront_eff_usd_hr", LISTED, None)?,
                reserved_three_years_all_upfront: listed(
                    row,
                    "ri_3y_std_allupfront_eff_usd_hr_netflix",
                    NETFLIX,
                    Some("as published by service-capacity-modeling 0.3.212"),
                )?,
                spot: listed(row, "spot_usd_hr", LISTED, Some("old; for orders of magnitude"))?,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    rows.sort_by(|one, other| one.shape_name.cmp(&other.shape_name));
    Ok(rows)
}

fn listed(
    row: Row<'_>,
    column: &str,
    (year, month): (i16, i8),
    words: Option<&str>,
) -> Result<Option<Price<UsdPerHour>>, SourceError> {
    let as_of = YearMonth::new(year, month).ok_or_else(|| row.refused(column, "a month"))?;
    let mut price = row.listed(column, as_of)?;
    if let (Some(price), Some(words)) = (&mut price, words) {
        price.detail = Some(PriceDetail::new(words));
    }
    Ok(price)
}
