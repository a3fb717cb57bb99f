//! Makes the report of the sample estate, or of a plain large one, to be looked at.
//!
//! Run: `cargo run -p sizewright-analyzer --example report-page -- FOLDER [HOSTS]`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::PathBuf;
use std::time::Instant;

use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::plan::{PlanInputs, make};
use sizewright_analyzer::policy::{Assessment, Overrides};
use sizewright_analyzer::profile::{EstateReader, ProfileOptions, profile_estate};
use sizewright_analyzer::report::{CHARTED_HOSTS, ReportInputs, chart_files, html, markdown};
use telemetry::Store;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder to write to"));
    let hosts: Option<u32> = arguments.next().map(|count| count.parse().expect("a number of hosts"));
    let telemetry = folder.join("telemetry");
    let store = Store::at(&telemetry);
    let assessment = match hosts {
        None => {
            let estate = sample_data::payments_company(1);
            if !telemetry.exists() {
                estate.write(&store, |_, _| {}).unwrap();
            }
            Assessment::from_toml(&estate.assessment_toml()).unwrap()
        }
        Some(_) => Assessment::new("Large", "ap-southeast-1"),
    };
    let reader = EstateReader::open(&store).unwrap();
    let options = ProfileOptions { zone: Some(assessment.zone().unwrap()), ..ProfileOptions::default() };
    let profiles = profile_estate(&reader, &options, &|_| {}, &false.into()).unwrap();
    let origins = store.origins().unwrap();
    let plan = make(&PlanInputs {
        assessment: &assessment,
        overrides: &Overrides::default(),
        profiles: &profiles,
        origins: &origins,
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 6, 1),
    })
    .unwrap();
    let inputs = ReportInputs { plan: &plan, profiles: &profiles, catalog: Catalog::embedded(), charted_hosts: CHARTED_HOSTS };
    let series = |host: &str| reader.read_host(host);
    let start = Instant::now();
    let page = html(&inputs, &series).unwrap();
    println!("report.html: {} bytes in {:?}", page.len(), start.elapsed());
    std::fs::write(folder.join("report.html"), page).unwrap();
    std::fs::write(folder.join("report.md"), markdown(&plan)).unwrap();
    let charts = folder.join("charts");
    std::fs::create_dir_all(&charts).unwrap();
    let start = Instant::now();
    let count = chart_files(&inputs, &series, &mut |file| {
        std::fs::write(charts.join(format!("{}.svg", file.file_stem)), file.svg)?;
        std::fs::write(charts.join(format!("{}.png", file.file_stem)), file.png)
    })
    .unwrap();
    println!("{count} charts in {:?}", start.elapsed());
}
