//! Discounts of commitments, and the Database Savings Plan file.

use std::path::Path;

use sizewright_analyzer::catalog::YearMonth;
use sizewright_analyzer::catalog::commitment::{
    CommitmentClass, CommitmentDiscount, CommitmentTerm, SavingsPlanRate, Upfront,
};

use super::rows::{Rows, SourceError};

/// Reads the observed discounts.
pub fn discounts(folder: &Path) -> Result<Vec<CommitmentDiscount>, SourceError> {
    Rows::read(folder, "commitment_discounts.csv")?
        .iter()
        .map(|row| {
            let payment = row.text("payment")?;
            Ok(CommitmentDiscount {
                service: row.text("service")?.to_owned(),
                scope: row.text("scope")?.to_owned(),
                observed_in: row.text("region")?.to_owned(),
                term: match row.text("term")? {
                    "1yr" => CommitmentTerm::OneYear,
                    "3yr" => CommitmentTerm::ThreeYears,
                    _ => return Err(row.refused("term", "1yr or 3yr")),
                },
                class: match row.text("class")? {
                    "Standard" => CommitmentClass::Standard,
                    "Convertible" => CommitmentClass::Convertible,
                    "Database Savings Plan" => CommitmentClass::DatabaseSavingsPlan,
                    _ => return Err(row.refused("class", "a known class")),
                },
                upfront: match payment {
                    "noUpfront" => Upfront::None,
                    "partialUpfront" => Upfront::Partial,
                    _ if payment.starts_with("allUpfront") => Upfront::All,
                    _ if payment.ends_with("all upfront)") => Upfront::All,
                    _ => return Err(row.refused("payment", "no, partial or all upfront")),
                },
                saved_fraction: row.number("discount_vs_ondemand")?,
                observations: row.number("n")?,
                source: row.text("source")?.to_owned(),
            })
        })
        .collect()
}

/// Reads the Database Savings Plan rates.
pub fn database_savings_plan(folder: &Path) -> Result<Vec<SavingsPlanRate>, SourceError> {
    Rows::read(folder, "database_savings_plan_ap-south-2_2026-04.csv")?
        .iter()
        .map(|row| {
            let as_of = YearMonth::new(2026, 4).ok_or_else(|| row.refused("unit", "a month"))?;
            if (row.text("purchase_option")?, row.text("term_years")?) != ("No Upfront", "1") {
                return Err(row.refused("purchase_option", "one year without upfront payment"));
            }
            Ok(SavingsPlanRate {
                region: row.text("region")?.to_owned(),
                service: row.text("service")?.to_owned(),
                usage_type: row.text("usage_type")?.to_owned(),
                operation: row.text("operation")?.to_owned(),
                unit: row.text("unit")?.to_owned(),
                price: row
                    .listed("discounted_usd", as_of)?
                    .ok_or_else(|| row.refused("discounted_usd", "a price"))?,
            })
        })
        .collect()
}
