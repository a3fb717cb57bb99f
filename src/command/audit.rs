//! `audit`: a finished plan, checked from scratch against catalog and telemetry.

use analyzer::audit::audit;
use analyzer::profile::EstateReader;

use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Audits the plan that is there.
pub fn run(folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let plan = folder.plan()?;
    let telemetry = super::telemetry(folder, printer)?;
    let reader = EstateReader::open(&telemetry.store)?;
    let report = audit(&plan, folder.catalog_of(&plan)?, Some(&reader));
    if printer.format() == Format::Json {
        let json = serde_json::to_string_pretty(&report).map_err(Failure::internal)?;
        printer.data(&format!("{json}\n"))?;
    } else {
        let mut checks = Table::new(&["check", "#times"]);
        for (check, times) in &report.checks_run {
            checks.row(vec![word(check), times.to_string()]);
        }
        printer.data(&checks.render(printer.format()))?;
        let mut findings = Table::new(&["severity", "host", "check", "found"]);
        for finding in &report.findings {
            findings.row(vec![
                word(&finding.severity),
                finding.host.clone().unwrap_or_default(),
                word(&finding.check),
                format!(
                    "{}: expected {}, found {}",
                    finding.words, finding.expected, finding.found
                ),
            ]);
        }
        if !findings.is_empty() {
            printer.data("\n")?;
            printer.data(&findings.render(printer.format()))?;
        }
    }
    if report.is_clean() {
        printer.note("the plan holds");
        Ok(Outcome::Done)
    } else if report.errors().next().is_none() {
        printer.note("the plan holds, with warnings");
        Ok(Outcome::Partly)
    } else {
        Err(Failure::data(anyhow::anyhow!(
            "the audit found {} things that do not hold",
            report.findings.len()
        ))
        .hint("make the plan again with `sizewright plan`; if it stays, report it as a bug"))
    }
}

/// Gives the word that an enumeration has in JSON, with spaces.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
}
