//! `autoscale` as a user meets it: the demo's groups, requests of one's own, and what AWS's and others' tools say of the exports.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Tools of others that read what is emitted, from PyPI.
const TOOLS: [&str; 3] = ["cfn-lint==1.51.0", "python-hcl2==8.1.4", "pyyaml"];

fn sizewright(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs it, expects it to end well, and gives its standard output.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = sizewright(folder, arguments);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--format", "json"]);
    serde_json::from_str(&said(folder, &all)).unwrap()
}

/// Gives a Python that has the tools; installs them beside the build where they are not.
fn python() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("autoscale-python");
    let python = folder.join("bin/python");
    let works = |python: &Path| {
        Command::new(python)
            .args(["-c", "import cfnlint, hcl2, yaml"])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !works(&python) {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "python3 with venv is needed: run `make test-tools`"
        );
        let installed = Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(TOOLS)
            .status();
        assert!(
            installed.is_ok_and(|status| status.success()),
            "{TOOLS:?} could not be installed from PyPI"
        );
        assert!(works(&python));
    }
    python
}

fn accepted(mut command: Command, what: &str) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{what}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Has every form of a group's policy read by the tool that it is for.
fn exports_are_valid(folder: &Path, group: &str, python: &Path) {
    let file = |form: &str, ending: &str| {
        let path = folder.join(format!("export.{ending}"));
        fs::write(&path, said(folder, &["autoscale", group, "--emit", form])).unwrap();
        path
    };
    let mut lint = Command::new(python.with_file_name("cfn-lint"));
    lint.args(["--template"]).arg(file("cloudformation", "json"));
    accepted(lint, &format!("cfn-lint on {group}"));
    let check = "import hcl2, sys; d = hcl2.load(open(sys.argv[1])); assert d['resource'], d";
    let mut parse = Command::new(python);
    parse.args(["-c", check]).arg(file("terraform", "tf"));
    accepted(parse, &format!("python-hcl2 on {group}"));
    for (form, kind) in [("hpa", "HorizontalPodAutoscaler"), ("keda", "ScaledObject")] {
        let check = format!("import yaml, sys; d = yaml.safe_load(open(sys.argv[1])); assert d['kind'] == '{kind}', d");
        let mut parse = Command::new(python);
        parse.args(["-c", &check]).arg(file(form, "yaml"));
        accepted(parse, &format!("{form} of {group}"));
    }
}

#[test]
fn the_demos_groups_are_in_the_plan_the_bill_the_report_and_the_exports() {
    let work = tempfile::tempdir().unwrap();
    said(
        work.path(),
        &[
            "demo",
            "--out",
            "demo",
            "--as-of",
            "2026-05-18",
            "--no-charts",
            "--quiet",
        ],
    );
    let demo = work.path().join("demo");
    let scaling = json(&demo, &["autoscale"]);
    let groups = scaling["groups"].as_array().unwrap();
    let moving: Vec<&Value> = groups
        .iter()
        .filter(|group| group["proposal"]["selection"]["static_because"].is_null() && !group["proposal"].is_null())
        .collect();
    assert!(!moving.is_empty());
    for alone in scaling["alone"].as_array().unwrap() {
        assert!(!alone["because"].as_str().unwrap().is_empty());
    }
    let hosts_of = |group: &Value| group["group"]["hosts"].as_array().unwrap().len();
    let inside: usize = groups.iter().map(hosts_of).sum();
    assert_eq!(
        inside + scaling["alone"].as_array().unwrap().len(),
        55,
        "every host is in a group or says why not"
    );

    let table = said(&demo, &["autoscale"]);
    let name = moving[0]["group"]["name"].as_str().unwrap();
    let host = moving[0]["group"]["hosts"][0].as_str().unwrap();
    assert!(table.contains(name) && table.contains("do not scale out"));
    assert!(said(&demo, &["autoscale", name]).contains("per-minute oracle"));
    assert!(said(&demo, &["explain", host]).contains("scaling    in group"));

    let bill = fs::read_to_string(demo.join("plan/bill.csv")).unwrap();
    let lines = bill.lines().filter(|line| line.starts_with("scaling,")).count();
    assert_eq!(lines, scaling["bill"]["lines"].as_array().unwrap().len());
    let csv = fs::read_to_string(demo.join("plan/scaling.csv")).unwrap();
    assert_eq!(csv.lines().count(), groups.len() + 1);
    let page = fs::read_to_string(demo.join("report/report.html")).unwrap();
    assert!(page.contains("id=\"scaling\"") && page.contains("capacity ready"));
    assert!(
        fs::read_to_string(demo.join("report/report.md"))
            .unwrap()
            .contains("## Scaling")
    );

    said(&demo, &["autoscale", name, "--chart", "chart.svg", "--quiet"]);
    assert!(fs::read_to_string(demo.join("chart.svg")).unwrap().contains("short ("));
    let gif = sizewright(&demo, &["autoscale", name, "--chart", "chart.gif"]);
    assert_eq!(gif.status.code(), Some(2));
    let unknown = sizewright(&demo, &["autoscale", "no-such-group"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("groups of the plan are"));

    a_false_bill_is_found(&demo);
    let python = python();
    for group in groups.iter().filter(|group| !group["proposal"].is_null()) {
        exports_are_valid(&demo, group["group"]["name"].as_str().unwrap(), &python);
    }
}

/// The audit holds on what was made, and finds a figure that somebody changed.
fn a_false_bill_is_found(demo: &Path) {
    let audit = sizewright(demo, &["audit"]);
    assert_eq!(
        audit.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&audit.stdout)
    );
    let file = demo.join("plan/plan.json");
    let text = fs::read_to_string(&file).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    plan["scaling"]["bill"]["lines"][0]["quantity"] = Value::from("1.5");
    fs::write(&file, plan.to_string()).unwrap();
    let audit = sizewright(demo, &["audit"]);
    assert_ne!(audit.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&audit.stdout).contains("instance-hours a month of group"));
    fs::write(&file, text).unwrap();
}

/// Requests of a day with a crest at noon, every minute, and what two hosts take for them: 0.4 cores each without any and a fiftieth of a core a request.
fn write_requests_and_usage(folder: &Path, days: i64) {
    let mut requests = String::from("at,requests_per_second\n");
    let mut usage = String::from("host,ts,cores,busy,total,available\n");
    let start: jiff::Timestamp = "2026-05-04T00:00:00Z".parse().unwrap();
    for minute in 1..=days * 1_440 {
        let at = start + jiff::SignedDuration::from_mins(minute);
        let hour = (minute % 1_440) as f64 / 60.0;
        let noise = ((minute * 7_919) % 97) as f64 / 97.0;
        let rate = 20.0 + 180.0 * (-((hour - 12.0) / 4.0).powi(2)).exp() + 6.0 * noise;
        writeln!(requests, "{at},{rate:.3}").unwrap();
        for host in ["shop-1", "shop-2"] {
            writeln!(usage, "{host},{at},8,{:.4},16e9,12e9", 0.4 + rate / 2.0 / 50.0).unwrap();
        }
    }
    fs::write(folder.join("requests.csv"), requests).unwrap();
    fs::write(folder.join("usage.csv"), usage).unwrap();
    fs::write(
        folder.join("usage.toml"),
        "host = \"host\"\nat = \"ts\"\n[tables.host]\ncpu_cores = \"cores\"\ncpu_busy_cores = \"busy\"\nmemory_total_bytes = \"total\"\nmemory_available_bytes = \"available\"\n",
    )
    .unwrap();
}

#[test]
fn requests_are_turned_into_cores_as_given_or_as_learnt() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path();
    write_requests_and_usage(folder, 8);
    said(folder, &["init", "acme"]);
    let requests = ["--requests", "../requests.csv"];
    let acme = folder.join("acme");

    // Without any telemetry: what a core serves must be given.
    let given = json(
        &acme,
        &[
            "autoscale",
            "shop",
            requests[0],
            requests[1],
            "--requests-per-core-second",
            "50",
        ],
    );
    let load = given["scaling"]["mean_cores"].as_f64().unwrap();
    assert!((1.0..4.5).contains(&load), "{load}");
    assert!(given["learnt"].is_null());
    let nothing = sizewright(&acme, &["autoscale", "shop", requests[0], requests[1]]);
    assert_eq!(nothing.status.code(), Some(2));

    // With the hosts' CPU it is learnt.
    said(
        &acme,
        &["import", "csv", "../usage.csv", "--mapping", "../usage.toml", "--quiet"],
    );
    said(&acme, &["plan", "--quiet"]);
    let learnt = json(&acme, &["autoscale", "shop", requests[0], requests[1]]);
    let rate = learnt["requests_per_core_second"].as_f64().unwrap();
    assert!((rate / 50.0 - 1.0).abs() < 0.02, "{rate}");
    let idle = learnt["learnt"]["idle_cores"].as_f64().unwrap();
    assert!((idle - 0.8).abs() < 0.05, "{idle}");
    assert!(learnt["learnt"]["explained"].as_f64().unwrap() > 0.99);
    assert!(said(&acme, &["autoscale", "shop", requests[0], requests[1]]).contains("a core serves 5"));

    fs::write(
        folder.join("requests.csv"),
        "at,requests_per_second\n2026-05-04T00:01:00Z,many\n",
    )
    .unwrap();
    let damaged = sizewright(&acme, &["autoscale", "shop", requests[0], requests[1]]);
    assert_eq!(damaged.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&damaged.stderr).contains("line 2"));
}

#[test]
fn what_is_said_of_a_group_is_followed() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path();
    write_requests_and_usage(folder, 8);
    said(folder, &["init", "acme"]);
    let acme = folder.join("acme");
    said(
        &acme,
        &["import", "csv", "../usage.csv", "--mapping", "../usage.toml", "--quiet"],
    );
    let file = acme.join("assessment.toml");
    let before = fs::read_to_string(&file).unwrap();

    fs::write(&file, format!("{before}\n[groups.shop]\nminimum = 5\nmaximum = 9\nboot_minutes = 3\nstateless = true\ntolerates_interruption = true\n")).unwrap();
    said(&acme, &["plan", "--quiet"]);
    let shop = json(&acme, &["autoscale", "shop"]);
    let policy = &shop["proposal"]["selection"]["chosen"]["policy"];
    assert!(
        policy["minimum"].as_u64().unwrap() >= 5 && policy["maximum"].as_u64().unwrap() <= 9,
        "{policy}"
    );
    assert_eq!(shop["proposal"]["fleet"]["boot_minutes"], 3);
    assert!(
        shop["group"]["because"]
            .as_str()
            .unwrap()
            .contains("stated to be stateless")
    );

    fs::write(
        &file,
        format!("{before}\n[groups.shop]\nscale = false\nbecause = \"sessions on disk\"\n"),
    )
    .unwrap();
    said(&acme, &["plan", "--quiet"]);
    let kept = sizewright(&acme, &["autoscale", "shop"]);
    assert_eq!(kept.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&kept.stderr).contains("sessions on disk"));

    fs::write(&file, format!("{before}\n[groups.shop]\nminimum = 9\nmaximum = 5\n")).unwrap();
    let wrong = sizewright(&acme, &["plan", "--quiet"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("more than `maximum`"));

    fs::write(&file, &before).unwrap();
    said(&acme, &["plan", "--quiet", "--no-scaling"]);
    let without = sizewright(&acme, &["autoscale"]);
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("--no-scaling"));
}
