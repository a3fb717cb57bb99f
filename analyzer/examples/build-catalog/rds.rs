//! RDS and Aurora: on-demand prices of 31 regions, all engines of eu-west-1.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_decimal::Decimal;
use sizewright_analyzer::catalog::price::PriceDetail;
use sizewright_analyzer::catalog::rds::{
    AURORA_IO_OPTIMIZED_HUNDREDTHS, RdsClass, RdsEngine, RdsLicensedPrice, RdsOffer, RdsOtherPrice,
};
use sizewright_analyzer::catalog::{Price, PriceMethod, YearMonth};
use sizewright_analyzer::money::UsdPerHour;

use super::rows::{Row, Rows, SourceError};

/// The region whose Aurora rows the source tables got wrong.
///
/// In 30 regions the rate of Aurora `MySQL` on r5, r6g and r6i is 1.13 to 1.23
/// times RDS `MySQL`'s. Here 44 rows marked "check" stand at 1.57 (= 1.21 × 1.30):
/// the I/O-Optimized rate, not divided. Four rows of r5 stand at 0.93
/// (= 1.21 / 1.30): the Standard rate, divided by mistake.
const AURORA_TO_CORRECT: &str = "eu-south-1";

/// Classes and offers of all regions.
pub struct RdsTables {
    /// By name.
    pub classes: Vec<Arc<RdsClass>>,
    /// By region code.
    pub regions: BTreeMap<String, Vec<RdsOffer>>,
}

/// Reads the on-demand prices of the open engines.
pub fn on_demand(folder: &Path, remarks: &mut Vec<String>) -> Result<RdsTables, SourceError> {
    let mut classes: BTreeMap<String, Arc<RdsClass>> = BTreeMap::new();
    let mut regions: BTreeMap<String, Vec<RdsOffer>> = BTreeMap::new();
    let mut corrected = 0;
    for row in Rows::read(folder, "rds_ondemand.csv")?.iter() {
        let class = RdsClass {
            name: row.text("class")?.to_owned(),
            vcpu: row.number("vcpu")?,
            memory_mib: row.whole_mebibytes("memory_gib")?,
        };
        let shared = classes
            .entry(class.name.clone())
            .or_insert_with(|| Arc::new(class.clone()));
        if **shared != class {
            return Err(row.refused("class", "the same vCPU and memory in every row of a class"));
        }
        let engine = engine(row)?;
        let region = row.text("region")?;
        let mut offer = RdsOffer {
            class: Arc::clone(shared),
            engine,
            single_az: row.price("single_az_usd_hr")?,
            multi_az: row.price("multi_az_usd_hr")?,
        };
        if region == AURORA_TO_CORRECT
            && engine.is_aurora()
            && let Some(price) = &mut offer.single_az
            && correct_aurora(price, &offer.class.name)
        {
            corrected += 1;
        }
        regions.entry(region.to_owned()).or_default().push(offer);
    }
    remarks.push(format!(
        "corrected: {corrected} Aurora prices of {AURORA_TO_CORRECT}, by the factor 1.30 of I/O-Optimized"
    ));
    for offers in regions.values_mut() {
        offers.sort_by(|one, other| (one.engine, &one.class.name).cmp(&(other.engine, &other.class.name)));
    }
    Ok(RdsTables {
        classes: classes.into_values().collect(),
        regions,
    })
}

/// Corrects an Aurora price of [`AURORA_TO_CORRECT`] if it is one of the wrong ones.
fn correct_aurora(price: &mut Price<UsdPerHour>, class: &str) -> bool {
    let factor = Decimal::new(AURORA_IO_OPTIMIZED_HUNDREDTHS, 2);
    let said = |words: &str| {
        price
            .detail
            .as_ref()
            .is_some_and(|detail| detail.as_str().starts_with(words))
    };
    let (amount, words) = if said("check") {
        (
            price.amount.as_decimal() / factor,
            "listed value was the I/O-Optimized rate (1.57 of RDS MySQL, elsewhere 1.21), divided by 1.30",
        )
    } else if class.starts_with("db.r5.") && said("listed value was the I/O-Optimized rate") {
        (
            price.amount.as_decimal() * factor,
            "listed value was the Standard rate and divided by 1.30 by mistake (0.93 of RDS MySQL, elsewhere 1.21), multiplied by 1.30",
        )
    } else {
        return false;
    };
    price.amount = UsdPerHour::from_decimal(amount.round_dp(3));
    price.method = PriceMethod::Derived;
    price.detail = Some(PriceDetail::new(words));
    true
}

fn engine(row: Row<'_>) -> Result<RdsEngine, SourceError> {
    let word = row.text("engine")?;
    RdsEngine::ALL
        .into_iter()
        .find(|engine| engine.word() == word)
        .ok_or_else(|| row.refused("engine", "a known engine"))
}

/// Reads the prices of every engine in eu-west-1.
pub fn licensed(folder: &Path) -> Result<Vec<RdsLicensedPrice>, SourceError> {
    Rows::read(folder, "rds_all_engines_eu-west-1_2023-02.csv")?
        .iter()
        .map(|row| {
            Ok(RdsLicensedPrice {
                engine: row.text("engine")?.to_owned(),
                edition: row.optional("edition")?.map(str::to_owned),
                license_model: row.text("license_model")?.to_owned(),
                deployment: row.text("deployment_option")?.to_owned(),
                class: row.text("class")?.to_owned(),
                price: row
                    .listed("usd_hr", published(row)?)?
                    .ok_or_else(|| row.refused("usd_hr", "a price"))?,
            })
        })
        .collect()
}

/// Reads the prices of storage, IOPS, backup, proxy and credits in eu-west-1.
pub fn other(folder: &Path) -> Result<Vec<RdsOtherPrice>, SourceError> {
    Rows::read(folder, "rds_storage_and_other_eu-west-1_2023-02.csv")?
        .iter()
        .map(|row| {
            Ok(RdsOtherPrice {
                product_family: row.text("product_family")?.to_owned(),
                usage_type: row.text("usage_type")?.to_owned(),
                engine: row.optional("engine")?.map(str::to_owned),
                edition: row.optional("edition")?.map(str::to_owned),
                deployment: row.optional("deployment_option")?.map(str::to_owned),
                volume_type: row.optional("volume_type")?.map(str::to_owned),
                unit: row.text("unit")?.to_owned(),
                price: row
                    .listed("usd", published(row)?)?
                    .ok_or_else(|| row.refused("usd", "a price"))?,
            })
        })
        .collect()
}

/// The month of the eu-west-1 price files.
fn published(row: Row<'_>) -> Result<YearMonth, SourceError> {
    YearMonth::new(2023, 2).ok_or_else(|| row.refused("usage_type", "a month"))
}
