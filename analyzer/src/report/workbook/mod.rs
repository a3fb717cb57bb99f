//! `report.xlsx`: every table as a sheet, with the bill, its sums and the what-if as live formulas, and native charts.
//!
//! Input: the plan, the inventory, the map. Output: the bytes of a workbook,
//! the same for the same input. Text of hosts is only ever written as text, so
//! no name runs as a formula; each formula also carries its result, for
//! readers that do not compute. Sums follow when a price or a quantity of the
//! bill is changed.

mod answers;
mod scenarios;
mod sheet;
mod summary;
mod what_if;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use super::tables::{Table, tables};
use super::{ReportError, ReportInputs};
use crate::dependency::DependencyMap;
use crate::inventory::EstateSheet;

/// Where the lines of each host stand in the bill.
pub(super) struct BillRows {
    /// First and last row of the sheet, counted from one as in formulas; nothing when there is no line.
    pub(super) rows: Option<(usize, usize)>,
}

/// Makes the workbook.
///
/// # Errors
/// When it cannot be put together, which is a defect of this program.
pub fn workbook(inputs: &ReportInputs<'_>) -> Result<Vec<u8>, ReportError> {
    let plan = inputs.plan;
    let none = (EstateSheet::default(), DependencyMap::default());
    let all = tables(plan, inputs.inventory.unwrap_or(&none.0), inputs.map.unwrap_or(&none.1));
    let mut book = Workbook::new();
    let day = plan.planned_on;
    let created = ExcelDateTime::from_ymd(
        day.year().unsigned_abs(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )?;
    book.set_properties(
        &DocProperties::new()
            .set_title(sheet::harmless(&plan.assessment.name))
            .set_author(&plan.program)
            .set_creation_datetime(&created),
    );
    let formats = sheet::Formats::new();
    let bill = all.iter().find(|table| table.name == "bill");
    let lines = bill.map_or(0, |table| table.rows.len());
    let bill_rows = BillRows {
        rows: (lines > 0).then_some((2, lines + 1)),
    };
    summary::add(&mut book, plan, &bill_rows, &formats)?;
    for table in &all {
        match table.name {
            "recommendations" => {
                let sums = sheet::sums_of_hosts(bill);
                sheet::add(&mut book, table, "Recommendations", &formats, &|row, column| {
                    sheet::recommendation_formula(table, &sums, row, column)
                })?;
            }
            "bill" => sheet::add(&mut book, table, "Bill", &formats, &|row, column| {
                sheet::bill_formula(table, row, column)
            })?,
            name => sheet::add(&mut book, table, title(name), &formats, &|_, _| None)?,
        }
        if table.name == "waves" {
            what_if::add(&mut book, plan, inputs.scenarios, &formats)?;
        }
    }
    answers::add(&mut book, inputs.answers, &formats)?;
    Ok(book.save_to_buffer()?)
}

fn title(name: &str) -> &'static str {
    match name {
        "hosts" => "Hosts",
        "managed" => "Managed services",
        "services" => "Services",
        "dependencies" => "Dependencies",
        "waves" => "Waves",
        _ => "Assumptions",
    }
}

/// Gives the letters of a column, the first being `A`.
pub(super) fn letters(column: usize) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.insert(0, char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters
}

/// Gives the letters of a table's column, by its name.
pub(super) fn column_letters(table: &Table, name: &str) -> Option<String> {
    table.position(name).map(letters)
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_have_letters() {
        assert_eq!(
            ["A", "Z", "AA", "AK"],
            [0, 25, 26, 36].map(letters).each_ref().map(String::as_str)
        );
    }
}
