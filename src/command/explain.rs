//! `explain HOST` or `explain SERVICE`: the proof of one recommendation.

use analyzer::plan::Plan;
use analyzer::plan::explain::explain;
use analyzer::plan::phases::explain_service;

use crate::cli::{Explain, Format};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;

/// Prints one host's proof.
pub fn run(flags: &Explain, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let plan = folder.plan()?;
    let is_host = plan.recommendations.iter().any(|row| row.host == flags.host);
    if !is_host && let Some(text) = explain_service(&plan, &flags.host) {
        return service(&plan, &flags.host, &text, printer);
    }
    let Some(row) = plan.recommendations.iter().find(|row| row.host == flags.host) else {
        let wanted = flags.host.to_lowercase();
        let near: Vec<&str> = plan
            .recommendations
            .iter()
            .map(|row| row.host.as_str())
            .filter(|host| host.to_lowercase().contains(&wanted) || wanted.contains(&host.to_lowercase()))
            .take(5)
            .collect();
        let near = if near.is_empty() {
            plan.recommendations
                .iter()
                .map(|row| row.host.as_str())
                .take(5)
                .collect()
        } else {
            near
        };
        return Err(
            Failure::user(anyhow::anyhow!("the plan has no host or service `{}`", flags.host))
                .hint(format!("hosts of the plan are such as {}", near.join(", "))),
        );
    };
    match printer.format() {
        Format::Json => {
            let json = serde_json::to_string_pretty(row).map_err(Failure::internal)?;
            printer.data(&format!("{json}\n"))?;
        }
        Format::Markdown => {
            let text = explain(&plan, &flags.host).unwrap_or_default();
            printer.data(&format!("```text\n{}```\n", text.replace("```", "'''")))?;
        }
        Format::Table | Format::Csv => printer.data(&explain(&plan, &flags.host).unwrap_or_default())?,
    }
    Ok(Outcome::Done)
}

/// Prints the proof of a service: why this class.
fn service(plan: &Plan, name: &str, text: &str, printer: &Printer) -> Result<Outcome, Failure> {
    match printer.format() {
        Format::Json => {
            let named: Vec<_> = plan
                .phases
                .iter()
                .flat_map(|phases| &phases.workloads)
                .filter(|one| one.workload.name == name || one.workload.product == name)
                .collect();
            let json = serde_json::to_string_pretty(&named).map_err(Failure::internal)?;
            printer.data(&format!("{json}\n"))?;
        }
        Format::Markdown => printer.data(&format!("```text\n{}```\n", text.replace("```", "'''")))?,
        Format::Table | Format::Csv => printer.data(text)?,
    }
    Ok(Outcome::Done)
}
