//! `plan --compare-with` as a user types it: another tool's answers beside the plan's.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn sizewright(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .arg("-C")
        .arg(folder)
        .args(["--quiet"])
        .args(arguments)
        .output()
        .unwrap()
}

fn compared(folder: &Path, file: &Path) -> serde_json::Value {
    let file = file.to_str().unwrap();
    let out = sizewright(
        folder,
        &[
            "plan",
            "--as-of",
            "2026-05-18",
            "--compare-with",
            file,
            "--format",
            "json",
        ],
    );
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn another_tools_answers_are_compared_by_cost_and_risk() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("demo");
    let demo = folder.to_str().unwrap();
    assert!(
        sizewright(
            work.path(),
            &["demo", "--no-charts", "--as-of", "2026-05-18", "--out", demo]
        )
        .status
        .success()
    );

    // The plan before: nothing differs, although the new plan is written over it.
    let own = folder.join("plan/recommendations.csv");
    let same = compared(&folder, &own);
    assert_eq!(same["hosts"].as_array().unwrap().len(), 55);
    assert_eq!((&same["same"], &same["flips"]), (&55.into(), &0.into()), "{same}");
    assert_eq!(same["ours_usd_per_month"], same["theirs_usd_per_month"]);

    // Sizes, a type that is too small, one that nobody sells, a verdict, and hosts that one side lacks.
    let plan: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("plan/plan.json")).unwrap()).unwrap();
    let row = plan["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["host"] == "prod-pg-01")
        .unwrap();
    let other = work.path().join("other.csv");
    fs::write(
        &other,
        format!(
            "Server Name,Type,vCPUs,Memory (GB),Verdict\n\
             prod-pg-01,t3.nano,,,keep\n\
             prod-web-01,m99.large,,,\n\
             prod-web-02,,{},{},\n\
             elsewhere,m7i.large,,,\n",
            96, 384
        ),
    )
    .unwrap();
    let differs = compared(&folder, &other);
    let find = |host: &str| {
        let hosts = differs["hosts"].as_array().unwrap().iter();
        hosts.clone().find(|one| one["host"] == host).unwrap().clone()
    };
    let small = find("prod-pg-01");
    assert!(
        small["why"].as_str().unwrap().contains("theirs is too small: "),
        "{small}"
    );
    assert!(small["theirs"]["memory_short"].as_f64().unwrap() > 0.99, "{small}");
    assert_eq!(small["ours"]["instance_type"], row["instance_type"]);
    assert_eq!(small["flip"], serde_json::json!([row["proposal"], "keep"]));
    assert!(small["theirs_more_usd_per_month"].as_str().unwrap().starts_with('-'));
    let unknown = find("prod-web-01");
    assert!(unknown["theirs"].is_null() && unknown["why"].as_str().unwrap().contains("m99.large has no price"));
    let large = find("prod-web-02");
    assert!(large["theirs"]["vcpu"].as_u64().unwrap() >= 96, "{large}");
    assert!(
        large["why"].as_str().unwrap().contains("times the CPU needed"),
        "{large}"
    );
    assert_eq!(large["theirs"]["cpu_short"], 0.0);
    assert_eq!(differs["only_theirs"], serde_json::json!(["elsewhere"]));
    assert_eq!(differs["only_ours"].as_array().unwrap().len(), 52);
    let csv = fs::read_to_string(folder.join("plan/comparison.csv")).unwrap();
    assert_eq!(csv.lines().count(), 4);

    // What another rule would have said of the same hosts, beside the plan before.
    let file = own.to_str().unwrap();
    let out = sizewright(
        &folder,
        &[
            "plan",
            "--as-of",
            "2026-05-18",
            "--rule",
            "azure-migrate",
            "--compare-with",
            file,
        ],
    );
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(
        text.contains("55 hosts have both answers: ") && text.contains("compute a month: ours USD "),
        "{text}"
    );
    assert!(!text.contains("44 the same type"), "{text}");
}

#[test]
fn a_table_that_cannot_be_compared_says_what_is_missing() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("demo");
    let demo = folder.to_str().unwrap();
    assert!(
        sizewright(
            work.path(),
            &["demo", "--no-charts", "--as-of", "2026-05-18", "--out", demo]
        )
        .status
        .success()
    );
    let file = work.path().join("bad.csv");
    fs::write(&file, "vm,cost\na,1\n").unwrap();
    let out = sizewright(&folder, &["plan", "--compare-with", file.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(
        said.contains("the columns are vm, cost") && said.contains("hint: "),
        "{said}"
    );
}
