//! `explain HOST` or `explain SERVICE`: the proof of one recommendation.

use std::fmt::Write as _;

use analyzer::plan::explain::{explain, nearest_hosts};
use analyzer::plan::phases::explain_service;
use analyzer::plan::{Plan, Recommendation};
use analyzer::profile::{EstateReader, HostSeries};
use analyzer::proof::{OwnProof, ProofInputs, own_proof};
use analyzer::report::{ReportInputs, proof_files};
use jiff::tz::TimeZone;
use telemetry::untrusted::for_terminal;

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
        return Err(unknown(&plan, &flags.host));
    };
    let series = series(row, folder, printer)?;
    let own = match &series {
        Some(series) => Some(own(&plan, row, series, folder)?),
        None => {
            printer.note("there is no telemetry of this host here, so its back-test is not shown");
            None
        }
    };
    match printer.format() {
        Format::Json => {
            let mut json = serde_json::to_value(row).map_err(Failure::internal)?;
            json["from_telemetry"] = serde_json::to_value(&own).map_err(Failure::internal)?;
            let json = serde_json::to_string_pretty(&json).map_err(Failure::internal)?;
            printer.data(&format!("{json}\n"))?;
        }
        format => {
            let mut text = explain(&plan, &flags.host).unwrap_or_default();
            if let Some(own) = &own {
                write_own(&mut text, own, &plan, row);
            }
            match format {
                Format::Markdown => printer.data(&format!("```text\n{}```\n", text.replace("```", "'''")))?,
                _ => printer.data(&text)?,
            }
        }
    }
    if flags.charts
        && let Some(series) = &series
    {
        charts(&plan, row, series, folder, printer)?;
    }
    Ok(Outcome::Done)
}

/// Says that a host is not known, and which was meant.
fn unknown(plan: &Plan, typed: &str) -> Failure {
    let failure = Failure::user(anyhow::anyhow!(
        "the plan has no host or service `{}`",
        for_terminal(typed)
    ));
    let near = nearest_hosts(plan, typed);
    if near.is_empty() {
        let some: Vec<String> = plan
            .recommendations
            .iter()
            .take(5)
            .map(|row| row.host.clone())
            .collect();
        return failure.hint(format!("hosts of the plan are such as {}", named(&some)));
    }
    failure.hint(format!("did you mean {}?", named(&near)))
}

/// Lists names of hosts in backticks.
fn named(hosts: &[String]) -> String {
    let named: Vec<String> = hosts.iter().map(|host| format!("`{}`", for_terminal(host))).collect();
    named.join(", ")
}

/// Reads a host's telemetry; nothing where it is not here.
fn series(row: &Recommendation, folder: &Folder, printer: &Printer) -> Result<Option<HostSeries>, Failure> {
    if !folder.path("telemetry").is_dir() {
        return Ok(None);
    }
    let telemetry = super::telemetry(folder, printer)?;
    Ok(EstateReader::open(&telemetry.store)?.read_host(&row.host)?)
}

/// Works out what the host's own telemetry says.
fn own(plan: &Plan, row: &Recommendation, series: &HostSeries, folder: &Folder) -> Result<OwnProof, Failure> {
    let inventory = folder.inventory()?;
    let origins = folder.store().origins()?;
    Ok(own_proof(&ProofInputs {
        plan,
        row,
        series,
        inventory: Some(&inventory),
        origins: &origins,
        catalog: folder.catalog_of(plan)?,
    }))
}

/// Adds a section for each thing that the telemetry says.
fn write_own(text: &mut String, own: &OwnProof, plan: &Plan, row: &Recommendation) {
    let zone = plan.assessment.zone().unwrap_or(TimeZone::UTC);
    for section in own.sections(row.instance_type.as_deref(), &zone) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{}", section.heading);
        for line in section.lines {
            let _ = writeln!(text, "  {}", for_terminal(&line));
        }
    }
}

/// Draws the host's proof to explain/.
fn charts(
    plan: &Plan,
    row: &Recommendation,
    series: &HostSeries,
    folder: &Folder,
    printer: &Printer,
) -> Result<(), Failure> {
    let profile = analyzer::proof::profile_of(plan, row, series);
    let inputs = ReportInputs {
        plan,
        profiles: &[],
        catalog: folder.catalog_of(plan)?,
        inventory: None,
        map: None,
        scenarios: None,
        answers: None,
        charted_hosts: 0,
    };
    let files = proof_files(&inputs, row, profile.as_ref(), series).map_err(Failure::internal)?;
    for chart in &files {
        let svg = folder.write(&format!("explain/{}.svg", chart.file_stem), chart.svg.as_bytes())?;
        folder.write(&format!("explain/{}.png", chart.file_stem), &chart.png)?;
        printer.note(&format!("wrote {} and the same as PNG", svg.display()));
    }
    if files.is_empty() {
        printer.note("nothing was measured that could be drawn");
    }
    Ok(())
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
