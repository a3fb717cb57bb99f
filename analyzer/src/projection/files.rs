//! A projection as a table and in words.

use rust_decimal::Decimal;
use telemetry::untrusted::for_spreadsheet;

use super::{Path, Projection};
use crate::plan::files::PlanFileError;
use crate::plan::plain;

/// Columns of `projection.csv`.
const COLUMNS: [&str; 10] = [
    "path",
    "month",
    "category",
    "item",
    "quantity",
    "unit",
    "unit_price_usd",
    "amount_usd",
    "price_source",
    "price_as_of",
];

/// Writes `projection.csv`: every line of the middle case of every path; an empty amount is unknown.
///
/// # Errors
/// When the table cannot be formed.
pub fn lines_csv(projection: &Projection) -> Result<Vec<u8>, PlanFileError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for path in &projection.paths {
        for line in &path.lines {
            let money =
                |amount: Option<crate::money::Usd>| amount.map(|one| plain(one.as_decimal())).unwrap_or_default();
            writer.write_record([
                path.name.as_str(),
                &line.month.to_string(),
                line.category.word(),
                &for_spreadsheet(&line.item),
                &plain(line.quantity),
                &line.unit,
                &money(line.unit_price),
                &money(line.amount),
                &line.source,
                &line.as_of.map(|month| month.to_string()).unwrap_or_default(),
            ])?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}

/// Says in a line when a path has paid for itself, in the middle case and in the others.
#[must_use]
pub fn summary_words(projection: &Projection, path: &Path) -> String {
    let Some(staying) = projection.staying() else {
        return "whether it pays is not known: the cost of staying is not stated".to_string();
    };
    let saved = staying.mid.total.as_decimal() - path.mid.total.as_decimal();
    let month = |month: Option<u32>| {
        month.map_or("not within the time shown".to_string(), |month| {
            format!("month {month}")
        })
    };
    let less = if saved >= Decimal::ZERO { "less" } else { "more" };
    format!(
        "costs USD {} {less} than staying over {} months; paid back: {} (low growth {}, high growth {})",
        saved.abs().round(),
        projection.months,
        month(path.mid.payback_month),
        month(path.low.payback_month),
        month(path.high.payback_month),
    )
}
