//! `demo`: a whole assessment of the sample estate, offline.

use std::fs;

use analyzer::profile::EstateReader;
use analyzer::report::language::Language;

use crate::cli::{Demo, PlanFlags};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::progress;

use super::report::ChartFiles;

/// Hosts whose charts become files beside the page, which has those of all: a demo takes seconds.
const CHARTED_HOSTS: usize = 8;

/// Writes telemetry, plan, charts and report of the sample estate.
pub fn run(flags: &Demo, printer: &Printer) -> Result<Outcome, Failure> {
    let out = &flags.out;
    let taken = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) || out.is_file();
    if taken {
        return Err(Failure::user(anyhow::anyhow!("`{}` is not empty", out.display()))
            .hint("choose another folder with `--out DIR`, or remove it"));
    }
    let folder = Folder::at(out);
    let estate = sample_data::payments_company(flags.seed);
    folder.write("assessment.toml", estate.assessment_toml().as_bytes())?;
    for (name, text) in sample_data::SCENARIOS {
        folder.write(&format!("scenarios/{name}"), text.as_bytes())?;
    }
    let bar = progress::bar(printer, u64::from(estate.days), "measuring", "days");
    estate.write(&folder.store(), |day, days| {
        bar.set_length(u64::from(days));
        bar.set_position(u64::from(day));
    })?;
    bar.finish_and_clear();
    telemetry::inventory::write(&folder.path("inventory"), &estate.inventory()).map_err(Failure::data)?;
    let plan_flags = PlanFlags {
        as_of: flags.as_of,
        ..PlanFlags::default()
    };
    let (plan, profiles) = super::plan::make_and_write(&plan_flags, true, &folder, printer)?;
    let reader = EstateReader::open(&folder.store())?;
    let files = if flags.no_charts {
        ChartFiles::None
    } else {
        ChartFiles::OfHosts(CHARTED_HOSTS)
    };
    let wanted = super::report::Wanted {
        charted_hosts: None,
        files,
        language: Language::English,
    };
    super::report::write(&plan, &profiles, &reader, wanted, &folder, printer)?;
    printer.data(&super::plan::screen(&plan))?;
    for warning in &plan.warnings {
        printer.warning(warning);
    }
    printer.note(&format!(
        "\nThe sample estate is generated, not measured. Open {} in a browser, or look closer:\n  sizewright -C {} status\n  sizewright -C {} explain {}\n  sizewright -C {} compare\nThe charts of every host become files with `sizewright -C {} report`.",
        folder.path("report/report.html").display(),
        out.display(),
        out.display(),
        plan.recommendations.first().map_or("HOST", |row| row.host.as_str()),
        out.display(),
        out.display(),
    ));
    Ok(Outcome::Done)
}
