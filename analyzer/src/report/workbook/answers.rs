//! Sheet Comparison: another tool's answers beside the plan's, with live sums.

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{Formula, Workbook, XlsxError};

use super::sheet::{Formats, harmless};
use crate::plan::{Comparison, Side};

const COLUMNS: [(&str, f64); 11] = [
    ("host", 24.0),
    ("environment", 14.0),
    ("ours", 16.0),
    ("theirs", 16.0),
    ("ours USD a month", 17.0),
    ("theirs USD a month", 18.0),
    ("theirs more USD a month", 22.0),
    ("ours short, expected", 19.0),
    ("theirs short, expected", 20.0),
    ("verdicts", 18.0),
    ("why", 70.0),
];
/// The row of the column names, below title and sums.
const HEADER: u32 = 3;

/// Adds the sheet; none without a comparison that has a host.
pub(super) fn add(book: &mut Workbook, comparison: Option<&Comparison>, formats: &Formats) -> Result<(), XlsxError> {
    let Some(comparison) = comparison.filter(|comparison| !comparison.hosts.is_empty()) else {
        return Ok(());
    };
    let sheet = book.add_worksheet();
    sheet.set_name("Comparison")?;
    let title = "Another tool's answers beside the plan's";
    sheet.write_string_with_format(0, 0, title, &formats.title)?;
    for (place, (name, width)) in (0_u16..).zip(COLUMNS) {
        sheet.write_string_with_format(HEADER, place, name, &formats.header)?;
        sheet.set_column_width(place, width)?;
    }
    let cost = |side: &Option<Side>| side.as_ref().and_then(|side| side.usd_per_month.as_decimal().to_f64());
    let mut sums = [0.0; 3];
    let mut row = HEADER;
    for one in &comparison.hosts {
        row += 1;
        let line = row + 1;
        let name = |side: &Option<Side>| {
            side.as_ref()
                .map_or("none".to_string(), |side| side.instance_type.clone())
        };
        let texts = [&one.host, &one.environment, &name(&one.ours), &name(&one.theirs)];
        for (place, text) in (0_u16..).zip(texts) {
            sheet.write_string(row, place, harmless(text))?;
        }
        let costs = [cost(&one.ours), cost(&one.theirs)];
        for (place, cost) in (4_u16..).zip(costs) {
            match cost {
                Some(cost) => sheet.write_number_with_format(row, place, cost, &formats.money)?,
                None => sheet.write_string(row, place, "unknown")?,
            };
        }
        if let [Some(ours), Some(theirs)] = costs {
            let formula = Formula::new(format!("=F{line}-E{line}")).set_result((theirs - ours).to_string());
            sheet.write_formula_with_format(row, 6, formula, &formats.money)?;
            sums[2] += theirs - ours;
        } else {
            sheet.write_string(row, 6, "unknown")?;
        }
        for (sum, cost) in sums.iter_mut().zip(costs) {
            *sum += cost.unwrap_or(0.0);
        }
        for (place, side) in (7_u16..).zip([&one.ours, &one.theirs]) {
            match side.as_ref().and_then(Side::expected) {
                Some(share) => sheet.write_number_with_format(row, place, share, &formats.share)?,
                None => sheet.write_string(row, place, "unknown")?,
            };
        }
        let verdicts = one
            .flip
            .as_ref()
            .map(|(ours, theirs)| format!("{ours} → {theirs}"))
            .unwrap_or_default();
        sheet.write_string(row, 9, harmless(&verdicts))?;
        sheet.write_string(row, 10, harmless(&one.why))?;
    }
    sheet.write_string(1, 0, "sum of what is known")?;
    let (first, last) = (HEADER + 2, row + 1);
    for ((letter, place), sum) in [("E", 4_u16), ("F", 5), ("G", 6)].into_iter().zip(sums) {
        let formula = Formula::new(format!("=SUM({letter}{first}:{letter}{last})")).set_result(sum.to_string());
        sheet.write_formula_with_format(1, place, formula, &formats.money)?;
    }
    sheet.set_freeze_panes(HEADER + 1, 1)?;
    sheet.autofilter(HEADER, 0, row, 10)?;
    Ok(())
}
