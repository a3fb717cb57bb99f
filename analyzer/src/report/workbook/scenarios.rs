//! The priced scenarios below the what-if of sheet Scenarios: causes as numbers, sums as live formulas, the costs of
//! each environment, and what would change the answer.

use std::collections::BTreeSet;

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::letters;
use super::sheet::{Formats, harmless};
use crate::money::UsdPerMonth;
use crate::scenario::{Assumption, Cause, Comparison, Flip, WhatIf};

/// The row at which they begin, below the chart.
const FIRST_ROW: u32 = 32;

/// Adds the scenarios, their environments, and where another one begins to win.
pub(super) fn add(sheet: &mut Worksheet, what_if: &WhatIf, formats: &Formats) -> Result<(), XlsxError> {
    let after = causes(sheet, &what_if.comparison, formats)?;
    let after = environments(sheet, after + 2, &what_if.comparison, formats)?;
    flips(sheet, after + 2, &what_if.flips, formats)
}

/// Adds a row a scenario: the base's cost, what each cause adds, and their sum as a formula. Gives the row after.
fn causes(sheet: &mut Worksheet, comparison: &Comparison, formats: &Formats) -> Result<u32, XlsxError> {
    let amount = |money: UsdPerMonth| money.as_decimal().to_f64().unwrap_or_default();
    let has_cause = |cause: &Cause| {
        let mut steps = comparison.columns.iter().flat_map(|column| &column.waterfall);
        steps.any(|step| step.causes.first() == Some(cause))
    };
    let causes: Vec<Cause> = Cause::ALL.into_iter().filter(has_cause).collect();
    sheet.write_string_with_format(FIRST_ROW, 0, "Scenarios of this assessment", &formats.title)?;
    let words = "Each through the steps of the plan. Causes are counted from left to right, each on top of those before it; \
                 the total is their sum. What is not known is not counted.";
    sheet.write_string(FIRST_ROW + 1, 0, words)?;
    let header = FIRST_ROW + 3;
    let mut names = vec!["Scenario".to_string(), "base USD a month".to_string()];
    names.extend(causes.iter().map(|cause| format!("{} USD a month", cause.words())));
    let after = [
        "total USD a month",
        "against the base",
        "short of the time",
        "unknown amounts",
        "hosts changed",
        "sets",
    ];
    names.extend(after.map(str::to_string));
    for (column, name) in (0_u16..).zip(&names) {
        sheet.write_string_with_format(header, column, name, &formats.header)?;
    }
    let base = comparison
        .columns
        .first()
        .map_or(0.0, |column| amount(column.whole.total.known));
    for (row, column) in (header + 1..).zip(&comparison.columns) {
        let one = row + 1;
        sheet.write_string(row, 0, harmless(&column.name))?;
        sheet.write_number_with_format(row, 1, base, &formats.money)?;
        let mut place: u16 = 2;
        for cause in &causes {
            let step = column.waterfall.iter().find(|step| step.causes.first() == Some(cause));
            let delta = step.map_or(0.0, |step| amount(step.delta));
            sheet.write_number_with_format(row, place, delta, &formats.money)?;
            place += 1;
        }
        let total = amount(column.whole.total.known);
        let last = letters(usize::from(place) - 1);
        let formula = Formula::new(format!("=SUM(B{one}:{last}{one})")).set_result(total.to_string());
        sheet.write_formula_with_format(row, place, formula, &formats.money)?;
        let sum = letters(usize::from(place));
        let change = if base == 0.0 { 0.0 } else { total / base - 1.0 };
        let formula = Formula::new(format!("=IF(B{one}=0,0,{sum}{one}/B{one}-1)")).set_result(change.to_string());
        sheet.write_formula_with_format(row, place + 1, formula, &formats.share)?;
        if let Some(risk) = column.whole.risk {
            sheet.write_number_with_format(row, place + 2, risk, &formats.share)?;
        }
        let counts = [column.whole.total.unknown_lines, column.changes.len()];
        for (beside, count) in (place + 3..).zip(counts) {
            sheet.write_number(row, beside, count as f64)?;
        }
        sheet.write_string(row, place + 5, harmless(&column.settings.join(" ")))?;
    }
    Ok(header + 1 + comparison.columns.len() as u32)
}

/// Adds what each environment costs in each scenario; a cell is empty where some of it is not known. Gives the row after.
fn environments(
    sheet: &mut Worksheet,
    first_row: u32,
    comparison: &Comparison,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    sheet.write_string_with_format(first_row, 0, "By environment, USD a month", &formats.title)?;
    let words = "A cell is empty where a price is not known: what is known of it is in the total above.";
    sheet.write_string(first_row + 1, 0, words)?;
    let header = first_row + 3;
    let names: BTreeSet<&String> = comparison
        .columns
        .iter()
        .flat_map(|column| column.environments.keys())
        .collect();
    sheet.write_string_with_format(header, 0, "Scenario", &formats.header)?;
    for (place, name) in (1_u16..).zip(&names) {
        sheet.write_string_with_format(header, place, harmless(name), &formats.header)?;
    }
    let region = 1 + names.len() as u16;
    sheet.write_string_with_format(header, region, "region", &formats.header)?;
    for (row, column) in (header + 1..).zip(&comparison.columns) {
        sheet.write_string(row, 0, harmless(&column.name))?;
        for (place, name) in (1_u16..).zip(&names) {
            let figures = column.environments.get(*name);
            if let Some(total) = figures
                .map(|figures| figures.total)
                .filter(|total| !total.is_at_least())
            {
                let known = total.known.as_decimal().to_f64().unwrap_or_default();
                sheet.write_number_with_format(row, place, known, &formats.money)?;
            }
        }
        sheet.write_string(row, region, harmless(&column.region))?;
    }
    Ok(header + 1 + comparison.columns.len() as u32)
}

/// Adds where another scenario begins to win: the assumption, its value today and then, and the sentence.
fn flips(sheet: &mut Worksheet, first_row: u32, flips: &[Flip], formats: &Formats) -> Result<(), XlsxError> {
    if flips.is_empty() {
        return Ok(());
    }
    sheet.write_string_with_format(first_row, 0, "What would change the answer", &formats.title)?;
    let header = first_row + 2;
    let names = [
        "Assumption",
        "now",
        "from",
        "to",
        "another wins at",
        "cheapest now",
        "cheapest then",
        "in words",
    ];
    for (place, name) in (0_u16..).zip(names) {
        sheet.write_string_with_format(header, place, name, &formats.header)?;
    }
    for (row, flip) in (header + 1..).zip(flips) {
        let assumption = match flip.assumption {
            Assumption::Demand => "demand",
            Assumption::Headroom => "headroom",
            Assumption::Discount => "discount on its instances",
            Assumption::CommitmentSaving => "what commitments save",
            Assumption::CommitmentUse => "committed hours needed",
        };
        sheet.write_string(row, 0, assumption)?;
        for (place, share) in [(1, flip.now), (2, flip.range.0), (3, flip.range.1)] {
            sheet.write_number_with_format(row, place, share, &formats.share)?;
        }
        // Empty where none in the range does.
        if let Some(at) = flip.at {
            sheet.write_number_with_format(row, 4, at, &formats.share)?;
        }
        sheet.write_string(row, 5, harmless(&flip.winner))?;
        if let Some(then) = &flip.then {
            sheet.write_string(row, 6, harmless(then))?;
        }
        sheet.write_string(row, 7, harmless(&flip.words()))?;
    }
    Ok(())
}
