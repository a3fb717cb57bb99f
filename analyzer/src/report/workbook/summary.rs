//! The first sheet: what the plan costs, by kind and by environment, with charts that follow the bill.

use std::collections::HashMap;

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{Chart, ChartType, Formula, Workbook, Worksheet, XlsxError};

use super::BillRows;
use super::sheet::{Formats, harmless};
use crate::money::UsdPerMonth;
use crate::plan::Plan;
use crate::price::Category;

/// Row of the header above the costs, the first being zero.
const FIRST_COST_ROW: u32 = 4;
/// Environments in the chart; more are in the table only.
const CHARTED_AT_MOST: usize = 12;
/// The costliest hosts in a chart of their own.
const COSTLIEST: usize = 10;

/// Adds the sheet.
pub(super) fn add(book: &mut Workbook, plan: &Plan, bill: &BillRows, formats: &Formats) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name("Summary")?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_column_width(0, 46)?;
    for column in 1..6 {
        sheet.set_column_width(column, 18)?;
    }
    sheet.write_string_with_format(0, 0, harmless(&plan.assessment.name), &formats.title)?;
    sheet.write_string(
        1,
        0,
        format!(
            "Plan for {}, {} hosts, list prices in USD a month without tax",
            plan.planned_on, plan.summary.hosts
        ),
    )?;
    let at_least = plan.bill.total.is_at_least();
    if at_least {
        sheet.write_string_with_format(
            2,
            0,
            format!(
                "At least: {} lines of the bill have no known price",
                plan.bill.total.unknown_lines
            ),
            &formats.bold,
        )?;
    }

    let mut row = costs(sheet, plan, bill, formats, FIRST_COST_ROW)?;
    row = counts(sheet, plan, formats, row + 1)?;
    let (first, last) = environments(sheet, plan, bill, formats, row + 1)?;
    let hosts = costliest(sheet, plan, formats, last + 2)?;
    if last >= first {
        let shown = last.min(first + CHARTED_AT_MOST as u32 - 1);
        let mut chart = Chart::new(ChartType::ColumnStacked);
        for (position, category) in plan.bill.by_category.keys().enumerate() {
            let column = position as u16 + 1;
            chart
                .add_series()
                .set_name(word(category).as_str())
                .set_categories(("Summary", first, 0, shown, 0))
                .set_values(("Summary", first, column, shown, column));
        }
        chart.title().set_name("Cost by environment");
        chart.y_axis().set_name("USD a month");
        chart.set_width(620).set_height(320);
        sheet.insert_chart(4, 7, &chart)?;
    }
    if let Some((first, last)) = hosts {
        let mut chart = Chart::new(ChartType::Bar);
        chart
            .add_series()
            .set_name("USD a month")
            .set_categories(("Summary", first, 0, last, 0))
            .set_values(("Summary", first, 1, last, 1));
        chart.title().set_name("Costliest hosts");
        chart.y_axis().set_reverse();
        chart.legend().set_hidden();
        chart.set_width(620).set_height(320);
        sheet.insert_chart(21, 7, &chart)?;
    }
    Ok(())
}

fn money(amount: UsdPerMonth) -> String {
    amount.as_decimal().to_f64().unwrap_or_default().to_string()
}

fn header(sheet: &mut Worksheet, row: u32, names: &[&str], formats: &Formats) -> Result<(), XlsxError> {
    for (position, name) in names.iter().enumerate() {
        sheet.write_string_with_format(row, position as u16, *name, &formats.header)?;
    }
    Ok(())
}

/// Sums of the bill by kind of cost.
fn costs(
    sheet: &mut Worksheet,
    plan: &Plan,
    bill: &BillRows,
    formats: &Formats,
    mut row: u32,
) -> Result<u32, XlsxError> {
    header(sheet, row, &["Cost", "USD a month", "USD a year"], formats)?;
    let first = row + 1;
    for (category, total) in &plan.bill.by_category {
        row += 1;
        sheet.write_string(row, 0, word(category))?;
        let formula = match bill.rows {
            Some((from, to)) => format!("=SUMPRODUCT((Bill!E{from}:E{to}=A{})*1,Bill!J{from}:J{to})", row + 1),
            None => "=0".to_string(),
        };
        let formula = Formula::new(formula).set_result(money(total.known));
        sheet.write_formula_with_format(row, 1, formula, &formats.money)?;
        year(sheet, row, total.known, formats)?;
    }
    row += 1;
    sheet.write_string_with_format(row, 0, "Total", &formats.bold)?;
    let sum = if row > first {
        format!("=SUM(B{}:B{row})", first + 1)
    } else {
        "=0".to_string()
    };
    let total = plan.bill.total.known;
    sheet.write_formula_with_format(row, 1, Formula::new(sum).set_result(money(total)), &formats.money)?;
    year(sheet, row, total, formats)?;
    Ok(row + 1)
}

fn year(sheet: &mut Worksheet, row: u32, month: UsdPerMonth, formats: &Formats) -> Result<(), XlsxError> {
    let result = month.as_decimal().to_f64().unwrap_or_default() * 12.0;
    let formula = Formula::new(format!("=B{}*12", row + 1)).set_result(result.to_string());
    sheet.write_formula_with_format(row, 2, formula, &formats.money)?;
    Ok(())
}

/// Hosts by what is proposed for them, and sizes before and after.
fn counts(sheet: &mut Worksheet, plan: &Plan, formats: &Formats, mut row: u32) -> Result<u32, XlsxError> {
    let summary = &plan.summary;
    header(sheet, row, &["Estate", "today", "proposed"], formats)?;
    for (name, before, after) in [
        ("vCPUs", summary.source_vcpus, summary.proposed_vcpus),
        ("memory, GiB", summary.source_memory_gib, summary.proposed_memory_gib),
    ] {
        row += 1;
        sheet.write_string(row, 0, name)?;
        sheet.write_number_with_format(row, 1, before, &formats.decimal)?;
        sheet.write_number_with_format(row, 2, after, &formats.decimal)?;
    }
    row += 2;
    header(sheet, row, &["Proposal", "hosts"], formats)?;
    for (name, count) in [
        ("keep", summary.keep),
        ("change", summary.change),
        ("undecided", summary.undecided),
        ("may be retired", plan.retire.len()),
    ] {
        row += 1;
        sheet.write_string(row, 0, name)?;
        sheet.write_number_with_format(row, 1, count as f64, &formats.whole)?;
    }
    row += 1;
    sheet.write_string(row, 0, "mean confidence, weighted by cost")?;
    sheet.write_number_with_format(row, 1, summary.confidence, &formats.share)?;
    Ok(row + 1)
}

/// Sums of the bill by environment and kind of cost; gives the first and the last row.
fn environments(
    sheet: &mut Worksheet,
    plan: &Plan,
    bill: &BillRows,
    formats: &Formats,
    mut row: u32,
) -> Result<(u32, u32), XlsxError> {
    let categories: Vec<String> = plan.bill.by_category.keys().map(word).collect();
    let mut names = vec!["Environment"];
    names.extend(categories.iter().map(String::as_str));
    names.push("total");
    header(sheet, row, &names, formats)?;
    let mut amounts: HashMap<(&str, String), f64> = HashMap::new();
    for line in &plan.bill.lines {
        if let Some(amount) = line.amount.and_then(|amount| amount.as_decimal().to_f64()) {
            *amounts.entry((&line.environment, word(&line.category))).or_default() += amount;
        }
    }
    let first = row + 1;
    for environment in plan.bill.by_environment.keys() {
        row += 1;
        let one = row + 1;
        sheet.write_string(row, 0, harmless(environment))?;
        let mut known = 0.0;
        for (position, category) in categories.iter().enumerate() {
            let column = position as u16 + 1;
            let amount = amounts
                .get(&(environment.as_str(), category.clone()))
                .copied()
                .unwrap_or(0.0);
            known += amount;
            let formula = match bill.rows {
                Some((from, to)) => format!(
                    "=SUMPRODUCT((Bill!C{from}:C{to}=A{one})*(Bill!E{from}:E{to}=\"{category}\"),Bill!J{from}:J{to})"
                ),
                None => "=0".to_string(),
            };
            let formula = Formula::new(formula).set_result(amount.to_string());
            sheet.write_formula_with_format(row, column, formula, &formats.money)?;
        }
        let last = super::letters(categories.len().max(1));
        let formula = Formula::new(format!("=SUM(B{one}:{last}{one})")).set_result(known.to_string());
        sheet.write_formula_with_format(row, categories.len() as u16 + 1, formula, &formats.money)?;
    }
    Ok((first, row))
}

/// Gives the word that a kind of cost is written as.
fn word(category: &Category) -> String {
    match serde_json::to_value(category) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Names the cells of the costs: that of compute, where there is one, and that of the total.
pub(super) fn cells(plan: &Plan) -> (Option<String>, String) {
    let line = |position: usize| format!("Summary!B{}", FIRST_COST_ROW as usize + position + 2);
    let compute = plan.bill.by_category.keys().position(|kind| *kind == Category::Compute);
    (compute.map(line), line(plan.bill.by_category.len()))
}

/// The costliest hosts, each as the cell of its recommendation; gives the first and the last row.
fn costliest(
    sheet: &mut Worksheet,
    plan: &Plan,
    formats: &Formats,
    mut row: u32,
) -> Result<Option<(u32, u32)>, XlsxError> {
    let position = crate::plan::files::COLUMNS
        .iter()
        .position(|name| *name == "compute_usd_per_month");
    let Some(column) = position.map(super::letters) else {
        return Ok(None);
    };
    let mut hosts: Vec<(usize, UsdPerMonth)> = plan
        .recommendations
        .iter()
        .enumerate()
        .filter_map(|(at, row)| Some((at, row.compute_usd_per_month?)))
        .collect();
    hosts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    hosts.truncate(COSTLIEST);
    if hosts.is_empty() {
        return Ok(None);
    }
    header(sheet, row, &["Costliest hosts", "compute a month"], formats)?;
    let first = row + 1;
    for (at, cost) in hosts {
        row += 1;
        sheet.write_string(row, 0, harmless(&plan.recommendations[at].host))?;
        let formula = Formula::new(format!("=Recommendations!{column}{}", at + 2)).set_result(money(cost));
        sheet.write_formula_with_format(row, 1, formula, &formats.money)?;
    }
    Ok(Some((first, row)))
}
