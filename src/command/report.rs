//! `report`: one HTML page, Markdown or JSON, and charts as files.

use analyzer::inventory::EstateSheet;
use analyzer::plan::Plan;
use analyzer::profile::{EstateReader, HostByHost, HostProfile};
use analyzer::report::language::{Language, translated};
use analyzer::report::{
    ChartFile, FoundInputs, ReportInputs, chart_files, charted_by_default, found, html, json, markdown, workbook,
};
use analyzer::scenario::WhatIf;

use crate::cli::{Format, Report};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::interrupt;
use crate::printer::Printer;
use crate::progress;

/// Makes the report from the plan that is there.
pub fn run(flags: &Report, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let language = flags.lang.of_report();
    let is_page = matches!(printer.format(), Format::Table | Format::Csv);
    if language != Language::English && !is_page {
        printer.warning("only report.html is translated; this is in English");
    }
    let plan = match folder.plan() {
        Ok(plan) => plan,
        Err(no_plan) => return before_a_plan(language, folder, printer)?.ok_or(no_plan),
    };
    match printer.format() {
        Format::Json => printer.data(&json(&plan).map_err(Failure::internal)?)?,
        Format::Markdown => printer.data(&markdown(&plan))?,
        Format::Table | Format::Csv => {
            let files = if flags.no_charts {
                ChartFiles::None
            } else {
                ChartFiles::AsOnPage
            };
            let telemetry = super::telemetry(folder, printer)?;
            let reader = EstateReader::open(&telemetry.store)?;
            let profiles = super::plan::profiles(&plan.assessment, &plan.overrides, &reader, printer)?;
            let wanted = Wanted {
                charted_hosts: flags.charted_hosts,
                files,
                language,
            };
            write(&plan, &profiles, &reader, wanted, folder, printer)?;
        }
    }
    Ok(Outcome::Done)
}

/// Writes what discovery found when there is no plan yet; nothing when it found nothing either.
fn before_a_plan(language: Language, folder: &Folder, printer: &Printer) -> Result<Option<Outcome>, Failure> {
    if folder.path("plan/plan.json").exists() || !matches!(printer.format(), Format::Table | Format::Csv) {
        return Ok(None);
    }
    let inventory = EstateSheet::of(&folder.inventory()?);
    if inventory.hosts.is_empty() {
        return Ok(None);
    }
    let assessment = folder.assessment()?;
    let page = found(&FoundInputs {
        assessment: &assessment,
        inventory: &inventory,
        map: &super::graph::map(&assessment, folder)?,
        program: concat!("sizewright ", env!("CARGO_PKG_VERSION")),
    })
    .map_err(failure)?;
    let page = in_language(page, language, printer);
    let path = folder.write("report/report.html", page.as_bytes())?;
    printer.note(&format!("wrote {}: what was found", path.display()));
    printer.hint("there is no plan yet; `sizewright plan` makes one once there is telemetry");
    Ok(Some(Outcome::Done))
}

/// Gives the page in a language, and says how much of it stayed English.
fn in_language(page: String, language: Language, printer: &Printer) -> String {
    let page = translated(page, language);
    if !page.untranslated.is_empty() {
        printer.note(&format!(
            "{} texts have no translation and stay English",
            page.untranslated.len()
        ));
    }
    page.page
}

/// What is written beside the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Most hosts whose charts are drawn; the usual number unless given.
    pub charted_hosts: Option<usize>,
    /// Whose charts become files.
    pub files: ChartFiles,
    /// Language of the page.
    pub language: Language,
}

/// Whose charts become files beside the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartFiles {
    /// Nobody's.
    None,
    /// The estate's and those of so many hosts, the costliest first.
    OfHosts(usize),
    /// The estate's and those of every host that has charts on the page.
    AsOnPage,
}

/// Writes report/report.html and, if asked, report/charts/.
pub fn write(
    plan: &Plan,
    profiles: &[HostProfile],
    reader: &EstateReader,
    wanted: Wanted,
    folder: &Folder,
    printer: &Printer,
) -> Result<(), Failure> {
    let charted_hosts = wanted
        .charted_hosts
        .unwrap_or_else(|| charted_by_default(plan.recommendations.len()));
    let map = super::graph::map(&plan.assessment, folder)?;
    let inventory = EstateSheet::of(&folder.inventory()?);
    let what_if = what_if(plan, folder, printer)?;
    let answers = super::compare::kept(folder, printer);
    let inputs = ReportInputs {
        plan,
        profiles,
        catalog: folder.catalog_of(plan)?,
        inventory: Some(&inventory),
        map: Some(&map),
        scenarios: what_if.as_ref(),
        answers: answers.as_ref(),
        charted_hosts,
    };
    let bar = progress::bar(
        printer,
        profiles.len().min(charted_hosts) as u64,
        "drawing the page",
        "hosts",
    );
    let hosts = HostByHost::new(reader);
    let series = |host: &str| {
        bar.inc(1);
        hosts.read(host)
    };
    let page = html(&inputs, &series).map_err(failure)?;
    bar.finish_and_clear();
    interrupt::check()?;
    let page = in_language(page, wanted.language, printer);
    let path = folder.write("report/report.html", page.as_bytes())?;
    folder.write("report/report.md", markdown(plan).as_bytes())?;
    printer.note(&format!("wrote {}", path.display()));
    let path = folder.write("report/report.xlsx", &workbook(&inputs).map_err(failure)?)?;
    printer.note(&format!("wrote {}", path.display()));
    let charted_hosts = match wanted.files {
        ChartFiles::None => return Ok(()),
        ChartFiles::OfHosts(most) => most,
        ChartFiles::AsOnPage => charted_hosts,
    };
    let inputs = ReportInputs {
        charted_hosts,
        ..inputs
    };
    let bar = progress::bar(
        printer,
        profiles.len().min(charted_hosts) as u64,
        "drawing charts",
        "hosts",
    );
    let hosts = HostByHost::new(reader);
    let series = |host: &str| {
        bar.inc(1);
        hosts.read(host)
    };
    let mut write = |chart: ChartFile| -> std::io::Result<()> {
        let other = |error: Failure| std::io::Error::other(error.chain().join(": "));
        interrupt::check().map_err(other)?;
        folder
            .write(&format!("report/charts/{}.svg", chart.file_stem), chart.svg.as_bytes())
            .map_err(other)?;
        folder
            .write(&format!("report/charts/{}.png", chart.file_stem), &chart.png)
            .map_err(other)?;
        Ok(())
    };
    let drawn = chart_files(&inputs, &series, &mut write);
    bar.finish_and_clear();
    interrupt::check()?;
    let count = drawn.map_err(failure)?;
    printer.note(&format!(
        "wrote {count} charts as SVG and PNG to {}",
        folder.path("report/charts").display()
    ));
    Ok(())
}

/// Prices the assessment's scenarios on the plan's day; nothing where there are none.
///
/// A scenario that cannot be used is said so and does not keep the report from being made.
pub fn what_if(plan: &Plan, folder: &Folder, printer: &Printer) -> Result<Option<WhatIf>, Failure> {
    match super::what_if::of_folder(plan.planned_on, folder, printer) {
        Ok(what_if) => Ok(what_if),
        Err(failure) if failure.is_usage() => {
            printer.warning(&format!(
                "what is written is without scenarios: {}",
                failure.chain().join(": ")
            ));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

fn failure(error: analyzer::report::ReportError) -> Failure {
    match error {
        analyzer::report::ReportError::Series { source, .. } => Failure::from(source),
        error => Failure::internal(error),
    }
}
