//! `explain` as a user types it: what a host's own telemetry says, its charts, and names that were mistyped.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn sizewright(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn demo(work: &Path) -> std::path::PathBuf {
    let folder = work.join("demo");
    let out = sizewright(
        work,
        &[
            "demo",
            "--no-charts",
            "--as-of",
            "2026-05-18",
            "--out",
            folder.to_str().unwrap(),
        ],
    );
    assert!(out.status.success(), "{}", text(&out.stderr));
    folder
}

fn explained(folder: &Path, host: &str) -> Value {
    let out = sizewright(folder, &["explain", host, "--format", "json"]);
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", text(&out.stderr)))
}

/// Gives the workbook's list of sheets.
fn sheets(folder: &Path) -> String {
    let book = fs::File::open(folder.join("report/report.xlsx")).unwrap();
    let mut archive = zip::ZipArchive::new(book).unwrap();
    let mut text = String::new();
    archive
        .by_name("xl/workbook.xml")
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn a_row_is_proved_from_the_hosts_own_telemetry() {
    let work = tempfile::tempdir().unwrap();
    let folder = demo(work.path());
    let first = explained(&folder, "prod-web-01");
    let own = &first["from_telemetry"];
    let share = |what: &str| own["violations"][what]["share"].as_f64().unwrap();
    assert!(share("either") >= share("cpu").max(share("memory")));
    assert!(share("either") <= share("cpu") + share("memory") + 1e-6);
    let interval = &own["violations"]["either"]["interval"];
    assert!(interval[0].as_f64().unwrap() <= share("either") && share("either") <= interval[1].as_f64().unwrap());
    assert_eq!(own["backtest"]["judged"].as_array().unwrap().len(), 3);
    let smaller = &own["smaller"][0];
    assert_eq!(smaller["which"], "one_size_smaller");
    assert!(smaller["shortage"]["minutes"].as_f64().unwrap() > 0.0);
    // Another type than the one proposed, each time; the nearest first.
    let proposed = &first["instance_type"];
    let flips = own["flips"]["flips"].as_array().unwrap();
    assert!(!flips.is_empty() && flips.iter().all(|flip| flip["instance_type"] != *proposed));
    assert!(own["flips"]["afresh"].is_null());
    assert_eq!(first, explained(&folder, "prod-web-01"), "the same twice");

    let screen = text(&sizewright(&folder, &["explain", "prod-web-01"]).stdout);
    for heading in [
        "How long the proposal would have been short",
        "One size smaller",
        "Back-test of this host alone",
        "What would change the verdict",
    ] {
        assert!(screen.contains(heading), "no `{heading}`");
    }
    // The demo's plan is older than the newest price of the catalog.
    let prices = screen.lines().find(|line| line.starts_with("Prices: ")).unwrap();
    assert!(
        prices.contains("days after the plan's day") && !prices.contains("days old"),
        "{prices}"
    );

    // Without telemetry the plan still explains itself.
    fs::rename(folder.join("telemetry"), folder.join("elsewhere")).unwrap();
    assert!(explained(&folder, "prod-web-01")["from_telemetry"].is_null());
}

#[test]
fn the_flips_are_what_the_plan_does_there() {
    let work = tempfile::tempdir().unwrap();
    let folder = demo(work.path());
    let own = explained(&folder, "prod-web-01");
    let flips = own["from_telemetry"]["flips"]["flips"].as_array().unwrap();
    let dial = flips
        .iter()
        .find(|flip| flip["assumption"] == "dial")
        .expect("the dial moves prod-web-01");
    let (now, at) = (dial["now"].as_f64().unwrap(), dial["at"].as_f64().unwrap());
    // A little beyond the place the whole plan proposes the other type, a little before it the same.
    for (risk, wanted) in [
        (at + (at - now) * 0.01, &dial["instance_type"]),
        (at - (at - now) * 0.05, &own["instance_type"]),
    ] {
        let risk = format!("{risk:.6}");
        let out = sizewright(
            &folder,
            &["plan", "--as-of", "2026-05-18", "--no-scaling", "--risk", &risk],
        );
        assert!(out.status.code().is_some_and(|code| code < 2), "{}", text(&out.stderr));
        assert_eq!(
            &explained(&folder, "prod-web-01")["instance_type"],
            wanted,
            "risk {risk}"
        );
    }
}

#[test]
fn charts_are_written_and_a_mistyped_host_finds_its_name() {
    let work = tempfile::tempdir().unwrap();
    let folder = demo(work.path());
    let out = sizewright(
        &folder,
        &["plan", "--as-of", "2026-05-18", "--no-scaling", "--burstable"],
    );
    assert!(out.status.code().is_some_and(|code| code < 2), "{}", text(&out.stderr));
    let out = sizewright(&folder, &["explain", "stg-loadtest-01", "--charts"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    for chart in ["peak", "credits"] {
        let svg = fs::read_to_string(folder.join(format!("explain/host-stg-loadtest-01-{chart}.svg"))).unwrap();
        assert!(svg.contains("stg-loadtest-01"), "{chart}");
    }
    let out = sizewright(&folder, &["explain", "prod-wbe-01"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        text(&out.stderr).contains("did you mean `prod-web-01`"),
        "{}",
        text(&out.stderr)
    );
    // A name that would steer a terminal is only shown.
    let out = sizewright(&folder, &["explain", "\u{1b}[31mx"]);
    assert!(!text(&out.stderr).contains('\u{1b}'), "{}", text(&out.stderr));
}

#[test]
fn the_report_shows_the_comparison_of_its_own_plan_only() {
    let work = tempfile::tempdir().unwrap();
    let folder = demo(work.path());
    let other = work.path().join("other.csv");
    fs::write(
        &other,
        "host,instance_type\nprod-pg-01,t3.nano\nprod-web-01,<script>alert(1)\n",
    )
    .unwrap();
    let plan = ["plan", "--as-of", "2026-05-18", "--no-scaling"];
    let compared = [&plan[..], &["--compare-with", other.to_str().unwrap()]].concat();
    assert!(
        sizewright(&folder, &compared)
            .status
            .code()
            .is_some_and(|code| code < 2)
    );
    let report = || {
        assert!(sizewright(&folder, &["report", "--no-charts"]).status.success());
        fs::read_to_string(folder.join("report/report.html")).unwrap()
    };
    let page = report();
    assert!(page.contains("id=\"answers\"") && page.contains("t3.nano"));
    assert!(!page.contains("<script>alert"));
    assert!(sheets(&folder).contains("name=\"Comparison\""));

    // Another plan: what was compared before says nothing of it.
    let risky = [&plan[..], &["--risk", "0.05"]].concat();
    assert!(sizewright(&folder, &risky).status.code().is_some_and(|code| code < 2));
    assert!(!report().contains("id=\"answers\""));
    assert!(!sheets(&folder).contains("name=\"Comparison\""));
}
