//! The sheet Scenarios: what the plan would cost with other sizes, and with a discount that a reader types in.

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{Chart, ChartType, Formula, Workbook, XlsxError};

use super::sheet::Formats;
use crate::plan::Plan;
use crate::scenario::WhatIf;

/// Adds the sheet.
pub(super) fn add(
    book: &mut Workbook,
    plan: &Plan,
    priced: Option<&WhatIf>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name("Scenarios")?;
    sheet.set_column_width(0, 52)?;
    for column in 1..5 {
        sheet.set_column_width(column, 20)?;
    }
    sheet.write_string_with_format(0, 0, "What if", &formats.title)?;
    sheet.write_string(
        1,
        0,
        "Change the yellow cells; every amount follows. They are zero, since no discount is known of.",
    )?;
    sheet.write_string(3, 0, "Discount on compute (commitment, private price)")?;
    sheet.write_number_with_format(3, 1, 0.0, &formats.input)?;
    sheet.write_string(4, 0, "Discount on everything else")?;
    sheet.write_number_with_format(4, 1, 0.0, &formats.input)?;
    sheet.write_string(5, 0, "Hours a day that instances run, as a share (1 = always)")?;
    sheet.write_number_with_format(5, 1, 1.0, &formats.input)?;

    for (column, name) in [
        (0, "Scenario"),
        (1, "compute USD a month"),
        (2, "everything else USD a month"),
        (3, "total USD a month"),
        (4, "against the plan"),
    ] {
        sheet.write_string_with_format(7, column, name, &formats.header)?;
    }
    let amount = |money: crate::money::UsdPerMonth| money.as_decimal().to_f64().unwrap_or_default();
    let summary = &plan.summary;
    let compute = amount(summary.compute_usd_per_month);
    let rest = amount(plan.bill.total.known) - compute;
    let (compute_cell, total_cell) = super::summary::cells(plan);
    let arm = compute - amount(summary.arm64_saving_usd_per_month);
    let scenarios = [
        ("the plan", compute),
        (
            "the sources' own sizes, on the same prices",
            amount(summary.as_is_compute_usd_per_month),
        ),
        ("the plan with arm64 wherever it is cheaper (to be checked)", arm),
    ];
    for (at, (name, compute)) in scenarios.iter().enumerate() {
        let row = 8 + at as u32;
        let one = row + 1;
        sheet.write_string(row, 0, *name)?;
        // The first follows the bill; the others are sums that only the plan knows.
        let base = match (at, &compute_cell) {
            (0, Some(cell)) => cell.clone(),
            _ => compute.to_string(),
        };
        let formula = Formula::new(format!("={base}*(1-$B$4)*$B$6")).set_result(compute.to_string());
        sheet.write_formula_with_format(row, 1, formula, &formats.money)?;
        let base = match &compute_cell {
            Some(cell) => format!("({total_cell}-{cell})"),
            None => total_cell.clone(),
        };
        let formula = Formula::new(format!("={base}*(1-$B$5)")).set_result(rest.to_string());
        sheet.write_formula_with_format(row, 2, formula, &formats.money)?;
        let total = compute + rest;
        let formula = Formula::new(format!("=B{one}+C{one}")).set_result(total.to_string());
        sheet.write_formula_with_format(row, 3, formula, &formats.money)?;
        let planned = scenarios[0].1 + rest;
        let difference = if planned == 0.0 { 0.0 } else { total / planned - 1.0 };
        let formula = Formula::new(format!("=IF($D$9=0,0,D{one}/$D$9-1)")).set_result(difference.to_string());
        sheet.write_formula_with_format(row, 4, formula, &formats.share)?;
    }
    sheet.write_string_with_format(
        12,
        0,
        "The sources' own sizes count only hosts whose present size and proposal are both known.",
        &formats.wrapped,
    )?;
    let mut chart = Chart::new(ChartType::Column);
    chart
        .add_series()
        .set_name("USD a month")
        .set_categories(("Scenarios", 8, 0, 10, 0))
        .set_values(("Scenarios", 8, 3, 10, 3));
    chart.title().set_name("Scenarios");
    chart.legend().set_hidden();
    chart.set_width(720).set_height(320);
    sheet.insert_chart(14, 0, &chart)?;
    if let Some(what_if) = priced {
        super::scenarios::add(sheet, what_if, formats)?;
    }
    Ok(())
}
