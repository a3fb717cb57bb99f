//! Buying, committing, growing, projecting: the built program on the sample estate.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn sizewright(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(arguments)
        .output()
        .unwrap()
}

/// The sample estate, made once.
fn demo() -> &'static Path {
    static DEMO: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo");
        let out = sizewright(&[
            "demo",
            "--out",
            path.to_str().unwrap(),
            "--as-of",
            "2026-06-01",
            "--no-charts",
        ]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        (folder, path)
    });
    path
}

/// A copy of the sample estate's assessment and plan, with another assessment.toml.
fn with_assessment(change: impl Fn(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(demo().join("assessment.toml")).unwrap();
    fs::write(folder.path().join("assessment.toml"), change(text)).unwrap();
    fs::create_dir(folder.path().join("plan")).unwrap();
    fs::copy(demo().join("plan/plan.json"), folder.path().join("plan/plan.json")).unwrap();
    folder
}

fn number(value: &serde_json::Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn every_way_to_buy_is_priced_or_says_what_is_missing() {
    let text = fs::read(demo().join("plan/plan.json")).unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut seen = 0;
    for of in plan["purchases"]["types"].as_array().unwrap() {
        for option in of["options"].as_array().unwrap() {
            seen += 1;
            match option["rate"].get("unknown") {
                Some(missing) => assert!(!missing.as_str().unwrap().is_empty(), "{option}"),
                None => assert!(
                    number(&option["rate"]["known"]["effective_usd_per_hour"]) > 0.0,
                    "{option}"
                ),
            }
        }
    }
    assert!(seen > 200, "{seen} options");
    let table = fs::read_to_string(demo().join("plan/purchase_options.csv")).unwrap();
    assert!(table.starts_with("phase,host,service,environment,target_service,instance_type"));
    assert!(table.lines().count() > 500);
}

#[test]
fn the_screen_of_a_host_says_how_to_buy_it_and_when_it_runs_out() {
    let out = sizewright(&["-C", demo().to_str().unwrap(), "explain", "prod-web-01"]);
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(text.contains("Ways to buy the compute"), "{text}");
    assert!(text.contains("compute savings plan, 3 years, no upfront"), "{text}");
    assert!(text.contains("When the proposal runs out"), "{text}");
}

#[test]
fn a_projection_adds_up_and_says_when_moving_pays() {
    let out = sizewright(&[
        "-C",
        demo().to_str().unwrap(),
        "project",
        "--months",
        "36",
        "--format",
        "json",
    ]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let projection: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let paths = projection["paths"].as_array().unwrap();
    assert_eq!(paths[0]["name"], "on premises");
    assert!(paths.len() >= 3);
    for path in paths {
        let months: f64 = path["mid"]["by_month"].as_array().unwrap().iter().map(number).sum();
        let lines = path["lines"].as_array().unwrap();
        let sum: f64 = lines
            .iter()
            .filter(|line| !line["amount"].is_null())
            .map(|line| number(&line["amount"]))
            .sum();
        let total = number(&path["mid"]["total"]);
        assert!(
            (months - total).abs() < 1e-3 && (sum - total).abs() < 1e-3,
            "{}",
            path["name"]
        );
    }
    assert!(demo().join("plan/projection.csv").is_file());
    let again = sizewright(&[
        "-C",
        demo().to_str().unwrap(),
        "project",
        "--months",
        "36",
        "--format",
        "json",
    ]);
    assert_eq!(out.stdout, again.stdout, "the same input gives the same bytes");
}

#[test]
fn what_is_assumed_can_change_without_planning_again() {
    let folder = with_assessment(|text| {
        text.replace("percent_per_year = 12", "percent_per_year = 60")
            .replace("[4, 25]", "[50, 80]")
    });
    let total = |folder: &Path| {
        let out = sizewright(&[
            "-C",
            folder.to_str().unwrap(),
            "project",
            "--months",
            "60",
            "--format",
            "json",
        ]);
        let projection: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        number(&projection["paths"][1]["mid"]["total"])
    };
    assert!(total(folder.path()) > 1.2 * total(demo()));
}

#[test]
fn the_table_names_what_is_not_counted() {
    let folder = with_assessment(|text| text.split("[growth]").next().unwrap().to_string());
    let out = sizewright(&["-C", folder.path().to_str().unwrap(), "project", "--months", "12"]);
    let text = String::from_utf8_lossy(&out.stdout);
    for words in [
        "[on_premises]",
        "no tax is counted",
        "no support plan is counted",
        "nothing grows",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_wrong_assumption_is_named_and_stops_before_anything_is_written() {
    let folder = with_assessment(|text| text.replace("pue = 1.8", "pue = 0.8"));
    let out = sizewright(&["-C", folder.path().to_str().unwrap(), "project"]);
    assert_eq!(out.status.code(), Some(2));
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(text.contains("on_premises") && text.contains("pue"), "{text}");
    assert!(!folder.path().join("plan/projection.csv").exists());
    let out = sizewright(&["-C", folder.path().to_str().unwrap(), "project", "--months", "0"]);
    assert_eq!(out.status.code(), Some(2));
}
