//! `plan --compare-with`: where and why another tool's answer differs, with cost and risk of each.

use std::path::Path;

use analyzer::plan::{Answer, Comparison, Plan, Side, compare, read_answers};
use analyzer::profile::HostProfile;

use crate::cli::Format;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Widest line of the table.
const WIDTH: u16 = 150;

/// Reads a table of answers; done before the plan is made, which may be written over that table.
pub fn read(file: &Path) -> Result<Vec<Answer>, Failure> {
    let place = || format!("cannot compare with `{}`", file.display());
    let bytes = std::fs::read(file).map_err(|error| Failure::user(error).while_trying(place()))?;
    read_answers(&bytes).map_err(|error| {
        Failure::user(error)
            .while_trying(place())
            .hint("the first line names the columns: host, and instance_type or vcpu and memory_gib")
    })
}

/// Compares the plan with answers, prints where they differ and writes plan/comparison.csv.
pub fn print(
    answers: &[Answer],
    plan: &Plan,
    profiles: &[HostProfile],
    folder: &Folder,
    printer: &Printer,
) -> Result<(), Failure> {
    let comparison = compare(plan, profiles, answers, folder.catalog()?).map_err(Failure::user)?;
    let table = table(&comparison);
    folder.write("plan/comparison.csv", table.render(Format::Csv).as_bytes())?;
    match printer.format() {
        Format::Json => {
            let json = serde_json::to_string_pretty(&comparison).map_err(Failure::internal)?;
            printer.data(&format!("{json}\n"))
        }
        Format::Table => {
            printer.data(&table.render_within(Format::Table, WIDTH))?;
            let lines: String = comparison.lines().iter().map(|line| format!("{line}\n")).collect();
            printer.data(&format!("\n{lines}"))
        }
        other => printer.data(&table.render(other)),
    }
}

fn table(comparison: &Comparison) -> Table {
    let mut table = Table::new(&[
        "host",
        "environment",
        "ours",
        "theirs",
        "#ours USD/month",
        "#theirs more",
        "#ours short expected",
        "#theirs short expected",
        "verdicts",
        "why",
    ]);
    let name = |side: &Option<Side>| side.as_ref().map_or("-".to_string(), |side| side.instance_type.clone());
    let share = |side: &Option<Side>| {
        side.as_ref()
            .and_then(Side::expected)
            .map_or("?".to_string(), |share| format!("{:.2} %", share * 100.0))
    };
    let cents = |amount: analyzer::money::UsdPerMonth| format!("{:.2}", amount.rounded_to_cents().as_decimal());
    for one in &comparison.hosts {
        table.row(vec![
            one.host.clone(),
            one.environment.clone(),
            name(&one.ours),
            name(&one.theirs),
            one.ours
                .as_ref()
                .map_or("?".to_string(), |side| cents(side.usd_per_month)),
            one.theirs_more_usd_per_month.map_or("?".to_string(), cents),
            share(&one.ours),
            share(&one.theirs),
            one.flip
                .as_ref()
                .map_or("-".to_string(), |(ours, theirs)| format!("{ours} → {theirs}")),
            one.why.clone(),
        ]);
    }
    table
}
