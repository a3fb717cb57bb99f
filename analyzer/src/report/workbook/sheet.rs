//! One table as one sheet: header that stays, filters, widths, formats by the unit in a column's name.

use std::collections::HashMap;

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Formula, Workbook, XlsxError};
use telemetry::untrusted::for_terminal;

use super::column_letters;
use crate::report::tables::{Kind, Table, Value};

/// Most characters that a cell may hold.
const CELL_AT_MOST: usize = 32_767;
/// Widest column, in characters; longer text is read in the cell.
const WIDEST: usize = 60;
/// Rows that a column's width is taken from.
const MEASURED_ROWS: usize = 200;

/// Formats of cells.
pub(super) struct Formats {
    pub(super) header: Format,
    pub(super) title: Format,
    pub(super) bold: Format,
    pub(super) wrapped: Format,
    pub(super) money: Format,
    pub(super) price: Format,
    pub(super) share: Format,
    pub(super) whole: Format,
    pub(super) decimal: Format,
    pub(super) time: Format,
    /// A cell that may be changed.
    pub(super) input: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        let number = |format: &str| Format::new().set_num_format(format);
        Self {
            header: Format::new()
                .set_bold()
                .set_background_color(0x00DD_E6F0)
                .set_align(FormatAlign::Top),
            title: Format::new().set_bold().set_font_size(16),
            bold: Format::new().set_bold(),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            money: number("#,##0.00"),
            price: number("#,##0.000000"),
            share: number("0.0%"),
            whole: number("#,##0"),
            decimal: number("#,##0.0##"),
            time: number("yyyy-mm-dd hh:mm"),
            input: number("0.0%").set_background_color(0x00FF_F4CC).set_bold(),
        }
    }

    fn of(&self, name: &str) -> &Format {
        match name {
            "price_usd_per_hour" | "unit_price_usd" => &self.price,
            "confidence" | "violation_probability" | "coverage" | "seen_share" => &self.share,
            "source_vcpu" | "vcpu" | "instance_count" | "port" | "hosts" | "wave" | "hosts_in_wave"
            | "most_connections" => &self.whole,
            name if name.contains("usd") => &self.money,
            _ => &self.decimal,
        }
    }
}

/// Makes text fit for a cell: nothing that moves a cursor, and no longer than a cell may be.
pub(super) fn harmless(text: &str) -> String {
    let safe = for_terminal(text);
    if safe.chars().count() <= CELL_AT_MOST {
        return safe.into_owned();
    }
    safe.chars().take(CELL_AT_MOST - 1).chain(['…']).collect()
}

/// Gives the formula of a cell by its row in the table and its column, if it has one.
pub(super) type FormulaOf<'f> = dyn Fn(usize, &str) -> Option<String> + 'f;

/// Adds a table as a sheet.
pub(super) fn add(
    book: &mut Workbook,
    table: &Table,
    title: &str,
    formats: &Formats,
    formula: &FormulaOf<'_>,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(title)?;
    sheet.set_landscape();
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_print_fit_to_pages(1, 0);
    let mut widths: Vec<usize> = Vec::with_capacity(table.columns.len());
    for (position, column) in table.columns.iter().enumerate() {
        sheet.write_string_with_format(0, position as u16, column.name, &formats.header)?;
        widths.push(column.name.chars().count() + 3);
    }
    for (at, row) in table.rows.iter().enumerate() {
        let sheet_row = at as u32 + 1;
        for (position, (column, value)) in table.columns.iter().zip(row).enumerate() {
            let cell = position as u16;
            let format = formats.of(column.name);
            let number = match value {
                Value::Number(number) => Some(*number),
                Value::Exact(amount) => amount.to_f64(),
                _ => None,
            };
            if let Some(formula) = formula(at, column.name) {
                let result = number.map(|number| number.to_string()).unwrap_or_default();
                sheet.write_formula_with_format(sheet_row, cell, Formula::new(formula).set_result(result), format)?;
                continue;
            }
            match value {
                Value::Empty => {}
                Value::Number(_) | Value::Exact(_) => {
                    if let Some(number) = number {
                        sheet.write_number_with_format(sheet_row, cell, number, format)?;
                    }
                }
                Value::Time(at_ms) => {
                    if let Some(time) = excel_time(*at_ms) {
                        sheet.write_datetime_with_format(sheet_row, cell, &time, &formats.time)?;
                    }
                }
                Value::Text(text) => {
                    let text = harmless(text);
                    if at < MEASURED_ROWS {
                        widths[position] = widths[position].max(text.chars().count() + 2);
                    }
                    // `write_string` never makes a formula or a link of what it is given.
                    sheet.write_string(sheet_row, cell, text)?;
                }
            }
        }
    }
    for (position, (column, width)) in table.columns.iter().zip(widths).enumerate() {
        let width = if column.kind == Kind::Time {
            width.max(18)
        } else {
            width
        };
        sheet.set_column_width(position as u16, width.clamp(8, WIDEST) as f64)?;
    }
    let named = table
        .position("host")
        .filter(|&at| at <= 1)
        .map_or(0, |at| at as u16 + 1);
    sheet.set_freeze_panes(1, named)?;
    if !table.columns.is_empty() {
        sheet.autofilter(0, 0, table.rows.len().max(1) as u32, table.columns.len() as u16 - 1)?;
    }
    Ok(())
}

fn excel_time(at_ms: i64) -> Option<ExcelDateTime> {
    ExcelDateTime::from_timestamp(at_ms / 1000).ok()
}

/// Gives the amount of a bill's line as quantity times price, where the price is known.
pub(super) fn bill_formula(table: &Table, row: usize, column: &str) -> Option<String> {
    if column != "amount_usd_per_month" {
        return None;
    }
    let price = table.position("unit_price_usd")?;
    if table.rows[row][price] == Value::Empty {
        return None;
    }
    let (quantity, price) = (
        column_letters(table, "quantity")?,
        column_letters(table, "unit_price_usd")?,
    );
    let row = row + 2;
    Some(format!("={quantity}{row}*{price}{row}"))
}

/// What the lines of one host are: cells of the bill, and whether all of them are known.
#[derive(Default)]
pub(super) struct HostSums {
    compute: Vec<String>,
    storage: Vec<String>,
}

/// Finds the cells of the bill that make the sums of each phase, host and service.
///
/// A host with an unknown line keeps the plan's own sum, which is then empty.
pub(super) fn sums_of_hosts(bill: Option<&Table>) -> HashMap<(String, String), HostSums> {
    let mut sums: HashMap<(String, String), HostSums> = HashMap::new();
    let Some(bill) = bill else { return sums };
    let (Some(phase), Some(host), Some(category), Some(amount)) = (
        bill.position("phase"),
        bill.position("host"),
        bill.position("category"),
        column_letters(bill, "amount_usd_per_month"),
    ) else {
        return sums;
    };
    for (at, row) in bill.rows.iter().enumerate() {
        let (Value::Text(phase), Value::Text(host), Value::Text(category)) = (&row[phase], &row[host], &row[category])
        else {
            continue;
        };
        let entry = sums.entry((phase.clone(), host.clone())).or_default();
        let cell = format!("Bill!{amount}{}", at + 2);
        match category.as_str() {
            "compute" => entry.compute.push(cell),
            "storage" => entry.storage.push(cell),
            // Other kinds of cost are lines of the bill and of its sums, and in no column of a row.
            _ => {}
        }
    }
    sums
}

/// Gives the sums of a recommendation as formulas over the bill, where the plan knows them.
pub(super) fn recommendation_formula(
    table: &Table,
    sums: &HashMap<(String, String), HostSums>,
    row: usize,
    column: &str,
) -> Option<String> {
    if !column.ends_with("_usd_per_month") {
        return None;
    }
    let cells = &table.rows[row];
    let text = |name: &str| match &cells[table.position(name)?] {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    // A row for a service shares its host's lines with other rows.
    if cells[table.position(column)?] == Value::Empty || text("service").is_some() {
        return None;
    }
    let lines = sums.get(&(text("phase")?, text("host")?))?;
    let sum = |cells: &[String]| (!cells.is_empty()).then(|| cells.join("+"));
    let stated = |name: &str| {
        table
            .position(name)
            .is_some_and(|position| cells[position] != Value::Empty)
    };
    match column {
        "compute_usd_per_month" => sum(&lines.compute).map(|sum| format!("={sum}")),
        "storage_usd_per_month" => sum(&lines.storage).map(|sum| format!("={sum}")),
        "total_usd_per_month" if stated("compute_usd_per_month") && stated("storage_usd_per_month") => {
            let (compute, storage) = (
                column_letters(table, "compute_usd_per_month")?,
                column_letters(table, "storage_usd_per_month")?,
            );
            let row = row + 2;
            Some(format!("={compute}{row}+{storage}{row}"))
        }
        _ => None,
    }
}
