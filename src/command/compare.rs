//! `plan --compare-with`: where and why another tool's answer differs, with cost and risk of each.

use std::path::Path;

use analyzer::plan::{Answer, Comparison, Plan, Side, compare, read_answers};
use analyzer::profile::HostProfile;

use serde::{Deserialize, Serialize};

use crate::cli::Format;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Where the comparison is within the assessment.
const FILE: &str = "plan/comparison.json";

/// A comparison, with the plan it belongs to.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// BLAKE3 of plan/plan.json.
    plan_blake3: String,
    comparison: Comparison,
}

/// Names the plan that is there by its bytes.
fn plan_digest(folder: &Folder) -> Option<String> {
    let bytes = std::fs::read(folder.path("plan/plan.json")).ok()?;
    Some(blake3::hash(&bytes).to_hex().to_string())
}

/// Reads the comparison with the plan that is there; nothing where none was made, or with another plan.
pub fn kept(folder: &Folder, printer: &Printer) -> Option<Comparison> {
    let bytes = std::fs::read(folder.path(FILE)).ok()?;
    match serde_json::from_slice::<Kept>(&bytes) {
        Ok(kept) if plan_digest(folder).as_ref() == Some(&kept.plan_blake3) => Some(kept.comparison),
        Ok(_) => {
            printer.note(&format!(
                "{FILE} is of another plan and is left out; compare again with `sizewright plan --compare-with FILE`"
            ));
            None
        }
        Err(_) => {
            printer.warning(&format!("{FILE} cannot be read and is left out"));
            None
        }
    }
}

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

/// Compares the plan with answers, prints where they differ and writes plan/comparison.csv and, for the report, plan/comparison.json.
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
    let kept = Kept {
        plan_blake3: plan_digest(folder).unwrap_or_default(),
        comparison,
    };
    folder.write(FILE, &serde_json::to_vec_pretty(&kept).map_err(Failure::internal)?)?;
    let comparison = kept.comparison;
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
