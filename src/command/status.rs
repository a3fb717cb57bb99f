//! `status`: what is known of each host, how completely, and what would help.

use analyzer::inventory::EstateSheet;
use analyzer::plan::explain::when;
use analyzer::policy::{Assessment, Overrides};
use analyzer::profile::EstateReader;
use analyzer::size::confidence;
use telemetry::store::HostQuality;
use telemetry::untrusted::for_terminal;

use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Prints coverage, oddities and confidence by host.
pub fn run(folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let assessment = folder.assessment()?;
    let zone = assessment.zone().map_err(Failure::user)?;
    let telemetry = super::telemetry(folder, printer)?;
    let store = &telemetry.store;
    let origins = store.origins()?;
    let reader = EstateReader::open(store)?;
    if reader.hosts().is_empty() {
        let found = found(&assessment, folder, printer)?;
        if found.is_empty() {
            printer.data(&Table::new(&["host"]).render(printer.format()))?;
        } else {
            printer.data(found.trim_start_matches('\n'))?;
        }
        printer.hint(if telemetry.is_growing {
            "there is no telemetry yet; the first rows are there when the first interval is over"
        } else {
            "there is no telemetry yet; gather it with `sizewright collect`, or bring it in with `sizewright import \
             csv|parquet FILE`"
        });
        return Ok(Outcome::Done);
    }
    let profiles = super::plan::profiles(&assessment, &Overrides::default(), &reader, printer)?;
    let mut table = Table::new(&[
        "host",
        "environment",
        "first",
        "last",
        "#days",
        "#interval s",
        "#coverage %",
        "#gaps",
        "odd rows",
        "#confidence",
        "would help most",
    ]);
    let mut total = HostQuality::default();
    for profile in &profiles {
        let mut quality = HostQuality::default();
        for origin in &origins {
            if let Some(counts) = origin.quality.get(&profile.host) {
                quality.add(counts);
            }
        }
        total.add(&quality);
        let member = assessment.membership(&profile.host);
        let confidence = confidence(profile, &quality, member.cpu_score.is_some());
        let odd: Vec<String> = quality
            .findings()
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let observed = &profile.observed;
        table.row(vec![
            profile.host.clone(),
            member.environment,
            when(observed.first_at_ms, &zone),
            when(observed.last_at_ms, &zone),
            format!("{:.1}", observed.days()),
            format!("{}", observed.interval_s),
            format!("{:.1}", observed.coverage() * 100.0),
            observed.gaps.to_string(),
            odd.join(", "),
            format!("{:.2}", confidence.value),
            confidence.remedy().unwrap_or("nothing").to_string(),
        ]);
    }
    let mut text = table.render(printer.format());
    if printer.format() == Format::Table {
        text.push_str(&format!(
            "\n{} hosts, {} rows in table host, times in {}\n",
            profiles.len(),
            reader.host_rows(),
            assessment.time_zone
        ));
        for origin in &origins {
            let names: Vec<&str> = origin.sources.iter().map(|source| source.name.as_str()).collect();
            let line = format!(
                "origin {}: {} {}",
                origin.id,
                origin.kind,
                for_terminal(&names.join(", "))
            );
            text.push_str(&format!("{}\n", line.trim_end()));
        }
        let odd: Vec<String> = total
            .findings()
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        if !odd.is_empty() {
            text.push_str(&format!("odd in all: {}\n", odd.join(", ")));
        }
    }
    text.push_str(&found(&assessment, folder, printer)?);
    printer.data(&text)?;
    for path in store.leftovers()? {
        printer.warning(&format!(
            "`{}` was left by an interrupted writer and is not read; it may be removed",
            path.display()
        ));
    }
    Ok(Outcome::Done)
}

/// Tells a person what discovery found; nothing in other formats, which `discover --format` has.
fn found(assessment: &Assessment, folder: &Folder, printer: &Printer) -> Result<String, Failure> {
    if printer.format() != Format::Table {
        return Ok(String::new());
    }
    let mut text = super::inventory::text(&EstateSheet::of(&folder.inventory()?));
    text.push_str(&super::graph::screen(&super::graph::map(assessment, folder)?, printer));
    Ok(text)
}
