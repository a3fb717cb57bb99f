//! The built program as a user meets it: the demo, wrong flags, missing and damaged files, closed pipes, kills.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn sizewright(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// Every file below a folder with its content.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}

fn relative(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    tree(folder)
        .into_iter()
        .map(|(path, bytes)| (path.strip_prefix(folder).unwrap().to_path_buf(), bytes))
        .collect()
}

fn demo(folder: &Path, extra: &[&str]) -> Output {
    let out = folder.display().to_string();
    let mut arguments = vec!["demo", "--out", &out, "--as-of", "2026-05-18", "--quiet"];
    arguments.extend(extra);
    sizewright(&arguments)
}

#[test]
fn the_demo_writes_a_whole_assessment_twice_the_same() {
    let work = tempfile::tempdir().unwrap();
    let (one, two) = (work.path().join("one"), work.path().join("two"));
    let output = demo(&one, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("a month in ap-southeast-1"));
    for file in [
        "plan/plan.json",
        "plan/recommendations.csv",
        "plan/recommendations.parquet",
        "plan/bill.csv",
        "report/report.html",
        "report/report.md",
    ] {
        assert!(one.join(file).is_file(), "{file}");
    }
    let charts = fs::read_dir(one.join("report/charts")).unwrap().count();
    assert!(charts >= 8 * 2 * 5, "{charts} chart files");
    assert!(
        !tree(&one)
            .keys()
            .any(|path| path.extension().is_some_and(|ending| ending == "partial"))
    );

    assert_eq!(demo(&two, &[]).status.code(), Some(0));
    let (first, second) = (relative(&one), relative(&two));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{} differs", name.display());
    }

    let again = demo(&one, &[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("not empty") && text(&again.stderr).contains("hint:"));

    let folder = one.display().to_string();
    let audit = sizewright(&["-C", &folder, "audit"]);
    assert_eq!(
        audit.status.code(),
        Some(0),
        "{}{}",
        text(&audit.stdout),
        text(&audit.stderr)
    );
    broken_things(&one);
}

/// Damages the demo in ways that must be told apart.
fn broken_things(folder: &Path) {
    let name = folder.display().to_string();
    let plan = folder.join("plan/plan.json");
    let whole = fs::read_to_string(&plan).unwrap();
    let cases = [
        (
            whole.replacen("\"format_version\": 1", "\"format_version\": 99", 1),
            "too new",
        ),
        (
            whole.replacen("\"format_version\": 1", "\"format_version\": 0", 1),
            "too old",
        ),
        (whole[..whole.len() / 2].to_string(), "damaged"),
    ];
    for (content, word) in cases {
        fs::write(&plan, content).unwrap();
        let output = sizewright(&["-C", &name, "explain", "x"]);
        assert_eq!(output.status.code(), Some(3), "{word}");
        assert!(text(&output.stderr).contains(word), "{}", text(&output.stderr));
    }
    fs::write(&plan, &whole).unwrap();
    let output = sizewright(&["-C", &name, "explain", "no-such-host"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hosts of the plan are such as"));

    let telemetry = fs::read_dir(folder.join("telemetry/host"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let bytes = fs::read(&telemetry).unwrap();
    fs::write(&telemetry, &bytes[..bytes.len() / 2]).unwrap();
    let output = sizewright(&["-C", &name, "status"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("damaged") && text(&output.stderr).contains("hint:"));
    fs::write(&telemetry, &bytes).unwrap();
}

#[test]
fn a_plan_of_the_demo_gives_the_known_right_answers() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("demo");
    assert_eq!(demo(&folder, &["--no-charts"]).status.code(), Some(0));
    let plan: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("plan/plan.json")).unwrap()).unwrap();
    let row = |host: &str| {
        plan["recommendations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["host"] == host)
            .unwrap_or_else(|| panic!("{host}"))
    };
    let estate = sample_data::payments_company(42);
    let mut seen = 0;
    for host in &estate.hosts {
        let Some(expectation) = &host.expectation else { continue };
        seen += 1;
        let row = row(&host.name);
        let doubts = row["confidence_reason"].as_str().unwrap();
        let words = serde_json::to_value(expectation).unwrap();
        let kind = words
            .as_str()
            .map(str::to_string)
            .unwrap_or_else(|| words.as_object().unwrap().keys().next().unwrap().clone());
        match kind.as_str() {
            "idle" | "zombie" => {
                assert_eq!(row["proof"]["activity"], kind, "{}", host.name);
                assert!(
                    plan["retire"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|retired| retired["host"] == host.name)
                );
            }
            "disk_bound" => {
                let binding = row["binding_dimension"].as_str().unwrap();
                assert!(binding.starts_with("disk"), "{}: {binding}", host.name);
            }
            "network_bound" => {
                let binding = row["binding_dimension"].as_str().unwrap();
                assert!(binding.starts_with("network"), "{}: {binding}", host.name);
            }
            "pinned" => assert!(
                row["proof"]["censored"].as_u64().unwrap() > 100 && doubts.contains("ceiling"),
                "{doubts}"
            ),
            "gap" => assert!(doubts.contains("pause") || doubts.contains("samples"), "{doubts}"),
            "resized" => assert!(doubts.contains("resized"), "{doubts}"),
            // At half of its CPUs or less; how far below is a matter of the dial and of prices.
            "over_provisioned" => assert!(
                row["vcpu"].as_f64().unwrap() <= row["source_vcpu"].as_f64().unwrap() / 2.0,
                "{}",
                row["vcpu"]
            ),
            "monthly_batch" => assert!(row["peak_at_ms"].as_i64().is_some(), "{}", host.name),
            "memory_leak" | "swapping" => assert!(row["instance_type"].is_string(), "{}", host.name),
            other => panic!("no answer is known for {other}"),
        }
    }
    assert!(seen >= 10, "{seen} special hosts");
}

#[test]
fn wrong_usage_says_what_was_expected() {
    let work = tempfile::tempdir().unwrap();
    let here = work.path().display().to_string();
    for (arguments, word) in [
        (vec!["plan", "--rule", "p42"], "azure-migrate"),
        (vec!["plan", "--headroom", "much"], "20%"),
        (vec!["--no-such-flag"], "--no-such-flag"),
        (vec!["-C", &here, "status"], "sizewright init"),
        (vec!["-C", &here, "plan"], "assessment.toml"),
        (vec!["-C", &here, "explain", "x"], "sizewright plan"),
        (vec!["-C", &here, "report"], "sizewright plan"),
        (vec!["catalog", "show", "m7i.xlrage"], "m7i.xlarge"),
        (
            vec!["catalog", "show", "m7i.xlarge", "--region", "ap-southeast-11"],
            "ap-southeast-1",
        ),
        (vec!["init", "/dev/null/x"], "/dev/null/x"),
    ] {
        let output = sizewright(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(
            text(&output.stderr).contains(word),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty(), "{arguments:?} printed to standard output");
    }
}

fn write_csv(folder: &Path, hosts: &[&str]) -> String {
    let file = folder.join("usage.csv");
    let mut out = fs::File::create(&file).unwrap();
    writeln!(
        out,
        "host,at,cpu_cores,cpu_busy_cores,memory_total_bytes,memory_available_bytes"
    )
    .unwrap();
    for host in hosts {
        for minute in 0..2_000 {
            let at = 1_778_000_000_000_i64 + minute * 300_000;
            let busy = 1.0 + (minute % 288) as f64 / 288.0;
            let name = host.replace('"', "\"\"");
            writeln!(
                out,
                "\"{name}\",{},4,{busy},17179869184,8589934592",
                jiff::Timestamp::from_millisecond(at).unwrap()
            )
            .unwrap();
        }
    }
    file.display().to_string()
}

#[test]
fn a_csv_goes_all_the_way_and_hostile_names_stay_harmless() {
    let work = tempfile::tempdir().unwrap();
    let acme = path(work.path(), "acme");
    let run = |arguments: &[&str]| {
        let mut all = vec!["-C", acme.as_str()];
        all.extend(arguments);
        sizewright(&all)
    };
    assert_eq!(sizewright(&["init", &acme]).status.code(), Some(0));
    let empty = run(&["status"]);
    assert_eq!(empty.status.code(), Some(0));
    assert!(text(&empty.stderr).contains("no telemetry yet"));
    assert_eq!(run(&["plan"]).status.code(), Some(2));

    let hostile = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "../../etc/passwd",
        "esc\u{1b}[2Jape",
        "{{ 7*7 }}",
        "web-01",
    ];
    let csv = write_csv(work.path(), &hostile);
    let dry = run(&["import", "csv", &csv, "--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry.stderr));
    assert!(text(&dry.stdout).contains("nothing was imported"));
    let import = run(&["import", "csv", &csv]);
    assert_eq!(import.status.code(), Some(0), "{}", text(&import.stderr));
    let before = tree(&work.path().join("acme"));
    let twice = run(&["import", "csv", &csv]);
    assert!(
        text(&twice.stderr).contains("already imported"),
        "{}",
        text(&twice.stderr)
    );
    assert!(
        before == tree(&work.path().join("acme")),
        "importing twice changed something"
    );

    let mut outputs = vec![
        run(&["status"]),
        run(&["plan", "--as-of", "2026-05-18"]),
        run(&["report"]),
    ];
    for host in hostile {
        outputs.push(run(&["explain", host]));
    }
    for output in &outputs {
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
    }
    let audit = run(&["audit"]);
    assert_eq!(
        audit.status.code(),
        Some(0),
        "{}{}",
        text(&audit.stdout),
        text(&audit.stderr)
    );
    let files = tree(&work.path().join("acme"));
    let read = |name: &str| text(&files[&work.path().join("acme").join(name)]);
    assert!(!read("report/report.html").contains("<script>alert"));
    let csv = read("plan/recommendations.csv");
    assert!(
        csv.contains("'=cmd")
            && !csv
                .lines()
                .any(|line| line.contains(",=cmd") || line.starts_with("=cmd"))
    );
    assert!(files.keys().all(|path| path.starts_with(work.path())));
    assert!(!work.path().join("etc").exists());
}

#[test]
fn a_bad_value_is_named_and_nothing_is_imported() {
    let work = tempfile::tempdir().unwrap();
    let acme = path(work.path(), "acme");
    sizewright(&["init", &acme]);
    let csv = write_csv(work.path(), &["web-01"]);
    let broken = fs::read_to_string(&csv).unwrap().replacen(",4,1.0034", ",4,lots", 1);
    fs::write(&csv, broken).unwrap();
    let output = sizewright(&["-C", &acme, "import", "csv", &csv]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let message = text(&output.stderr);
    for word in ["usage.csv", "lots", "cpu_busy_cores"] {
        assert!(message.contains(word), "{message}");
    }
    assert!(!work.path().join("acme/telemetry").exists() || tree(&work.path().join("acme/telemetry")).is_empty());
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(["catalog", "show", "--family", "m7g", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_killed_import_leaves_nothing_that_is_read() {
    let work = tempfile::tempdir().unwrap();
    let acme = path(work.path(), "acme");
    sizewright(&["init", &acme]);
    let hosts: Vec<String> = (0..60).map(|number| format!("web-{number:02}")).collect();
    let csv = write_csv(work.path(), &hosts.iter().map(String::as_str).collect::<Vec<_>>());
    for milliseconds in [0, 30, 80, 150, 300] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sizewright"))
            .args(["-C", &acme, "import", "csv", &csv])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        let _ = child.kill();
        child.wait().unwrap();
        let status = sizewright(&["-C", &acme, "status", "--format", "csv"]);
        assert_eq!(status.status.code(), Some(0), "{}", text(&status.stderr));
        let lines = text(&status.stdout).lines().count();
        assert!(lines == 1 || lines == 61, "{lines} lines: half an import is visible");
    }
    assert_eq!(sizewright(&["-C", &acme, "import", "csv", &csv]).status.code(), Some(0));
    let status = sizewright(&["-C", &acme, "status", "--format", "csv"]);
    assert_eq!(text(&status.stdout).lines().count(), 61);
    assert!(
        !text(&status.stderr).contains("interrupted writer"),
        "{}",
        text(&status.stderr)
    );
}

#[test]
fn every_example_of_the_help_is_accepted() {
    let mut examples = 0;
    for command in [
        vec![],
        vec!["demo"],
        vec!["init"],
        vec!["collect"],
        vec!["import"],
        vec!["status"],
        vec!["plan"],
        vec!["explain"],
        vec!["report"],
        vec!["catalog"],
        vec!["catalog", "show"],
        vec!["catalog", "verify"],
    ] {
        let mut arguments = command.clone();
        arguments.push("--help");
        let help = sizewright(&arguments);
        assert_eq!(help.status.code(), Some(0));
        for line in text(&help.stdout).lines() {
            let Some(example) = line.trim().strip_prefix("sizewright ") else {
                continue;
            };
            if !line.starts_with("  sizewright") {
                continue;
            }
            let typed = example.split(" > ").next().unwrap();
            let mut arguments: Vec<&str> = typed.split_whitespace().collect();
            // Asked for help, a command checks the words before it but does nothing.
            arguments.push("--help");
            assert_eq!(sizewright(&arguments).status.code(), Some(0), "{example}");
            examples += 1;
        }
    }
    assert!(examples >= 20, "{examples} examples");
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    assert!(text(&sizewright(&["completions", "bash"]).stdout).contains("sizewright"));
    assert!(text(&sizewright(&["man"]).stdout).contains(".TH"));
}

#[test]
fn the_catalog_shows_types_families_and_holds_its_laws() {
    let shown = sizewright(&[
        "catalog",
        "show",
        "m7i.xlarge",
        "--region",
        "ap-southeast-1",
        "--format",
        "json",
    ]);
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["shape"]["vcpu"], 4);
    let family = text(&sizewright(&["catalog", "show", "--family", "m7g"]).stdout);
    assert!(family.contains("m7g.16xlarge"), "{family}");
    let verify = sizewright(&["catalog", "verify"]);
    assert_eq!(verify.status.code(), Some(0), "{}", text(&verify.stderr));
}
