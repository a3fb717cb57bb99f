//! What-ifs as a user meets them: the demo's scenarios, settings, curves, budgets, the cache, and what is refused.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

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

fn demo(folder: &Path) {
    let out = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(["demo", "--as-of", "2026-05-18", "--no-charts", "--quiet", "--out"])
        .arg(folder)
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
}

fn compared(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let mut all = vec!["compare", "--as-of", "2026-05-18", "--format", "json"];
    all.extend(arguments);
    let out = sizewright(folder, &all);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Gives a total's known amount, exactly, and its unknown lines.
fn exact(total: &serde_json::Value) -> (rust_decimal::Decimal, u64) {
    let known: rust_decimal::Decimal = total["known"].as_str().unwrap().parse().unwrap();
    (known.normalize(), total["unknown_lines"].as_u64().unwrap())
}

fn known(column: &serde_json::Value) -> f64 {
    column["whole"]["total"]["known"].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_demo_tells_its_story_and_can_be_asked_further() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("demo");
    demo(&folder);

    let story = compared(&folder, &[]);
    let columns = story["columns"].as_array().unwrap();
    let names: Vec<&str> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["as-is", "right-sized", "arm64", "savings-plan", "nights", "replatform"]
    );
    let on_ec2 = &columns[..5];
    assert!(
        on_ec2.windows(2).all(|pair| known(&pair[1]) < known(&pair[0])),
        "each step saves"
    );
    assert_eq!(story["base"], "as-is");
    assert!(!story["flips"].as_array().unwrap().is_empty());

    // The right-sized scenario is the plan.
    let plan: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("plan/plan.json")).unwrap()).unwrap();
    assert_eq!(exact(&columns[1]["whole"]["total"]), exact(&plan["bill"]["total"]));

    // With everything else as planned, a phase costs what the plan says that it does.
    let phase = compared(&folder, &["--set", "phase=replatform", "--base", "plan"]);
    assert_eq!(
        exact(&phase["columns"][1]["whole"]["total"]),
        exact(&plan["phases"]["replatform"]["total"])
    );

    let table = sizewright(&folder, &["compare", "--as-of", "2026-05-18"]);
    let screen = text(&table.stdout);
    for words in [
        "as-is",
        "What makes the difference",
        "sizing",
        "commitment",
        "Hosts that change",
        "What would change the answer",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }

    stacks_and_settings(&folder);
    curves(&folder, work.path());
    budgets(&folder);
    refusals(&folder);
    cache(&folder);
    aurora_and_back(&folder, &plan);
}

/// A scenario takes databases to Aurora, and back, as a plan of that policy does.
fn aurora_and_back(folder: &Path, planned: &serde_json::Value) {
    let with = |settings: &[&str]| {
        let sets = settings.iter().flat_map(|setting| ["--set", *setting]);
        let all: Vec<&str> = sets.chain(["--base", "plan"]).collect();
        exact(&compared(folder, &all)["columns"][1]["whole"]["total"])
    };
    let phases = ["rehost", "replatform"];
    let of_scenario = phases.map(|phase| with(&[&format!("phase={phase}"), "relational=aurora"]));
    let in_production = with(&["phase=rehost", "environments.production.relational=aurora"]);
    assert_eq!(
        with(&["phase=rehost", "relational=rds"]),
        exact(&planned["phases"]["rehost"]["total"])
    );

    let path = folder.join("assessment.toml");
    let assessment = fs::read_to_string(&path).unwrap();
    let replan = |asked: &[&str]| -> serde_json::Value {
        let mut text = assessment.clone();
        for environment in asked {
            let heading = format!("[environments.{environment}]\n");
            assert!(text.contains(&heading), "{heading}");
            text = text.replace(&heading, &format!("{heading}relational = \"aurora\"\n"));
        }
        fs::write(&path, text).unwrap();
        let out = sizewright(folder, &["plan", "--as-of", "2026-05-18", "--no-scaling"]);
        assert_eq!(out.status.code(), Some(0), "{}", text_of(&out));
        serde_json::from_slice(&fs::read(folder.join("plan/plan.json")).unwrap()).unwrap()
    };
    let environments: Vec<&str> = assessment
        .lines()
        .filter_map(|line| line.strip_prefix("[environments.")?.strip_suffix(']'))
        .collect();
    let some = replan(&["production"]);
    assert_eq!(in_production, exact(&some["phases"]["rehost"]["total"]));
    let all = replan(&environments);
    for (phase, found) in phases.iter().zip(of_scenario) {
        let total = exact(&all["phases"][phase]["total"]);
        assert_eq!(found, total, "{phase}");
        assert_ne!(
            total,
            exact(&planned["phases"][phase]["total"]),
            "Aurora costs something else"
        );
        // And from Aurora back to RDS.
        let back = with(&[&format!("phase={phase}"), "relational=rds"]);
        assert_eq!(back, exact(&planned["phases"][phase]["total"]), "{phase}");
    }
    fs::write(&path, assessment).unwrap();
}

fn text_of(out: &Output) -> String {
    text(&out.stderr)
}

fn stacks_and_settings(folder: &Path) {
    let stacked = compared(folder, &["right-sized+nights", "--base", "right-sized"]);
    assert_eq!(stacked["columns"][1]["name"], "right-sized+nights");
    let set = compared(
        folder,
        &[
            "--set",
            "headroom=20%",
            "--set",
            "architectures=arm64",
            "--base",
            "plan",
        ],
    );
    let column = &set["columns"][1];
    assert_eq!(
        column["settings"],
        serde_json::json!(["architectures=arm64", "headroom=20%"])
    );
    let steps = column["waterfall"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    let sum: f64 = steps
        .iter()
        .map(|step| step["delta"].as_str().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!((known(column) - known(&set["columns"][0]) - sum).abs() < 1e-6);
    let csv = sizewright(folder, &["compare", "--format", "csv"]);
    let markdown = sizewright(folder, &["compare", "--format", "markdown"]);
    assert!(text(&csv.stdout).starts_with("scenario,USD/month,"));
    assert!(text(&markdown.stdout).starts_with("| scenario |"));
}

fn curves(folder: &Path, work: &Path) {
    let out = work.join("curves");
    let swept = compared(
        folder,
        &[
            "right-sized",
            "arm64",
            "--sweep",
            "headroom=0%..40%:20%",
            "--out",
            &out.display().to_string(),
        ],
    );
    let sweep = &swept["sweep"];
    assert_eq!(sweep["values"], serde_json::json!(["0%", "20%", "40%"]));
    assert_eq!(sweep["curves"].as_array().unwrap().len(), 3);
    for curve in sweep["curves"].as_array().unwrap() {
        let totals: Vec<f64> = curve["totals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|total| total["known"].as_str().unwrap().parse().unwrap())
            .collect();
        assert!(totals.is_sorted(), "more headroom never costs less: {totals:?}");
    }
    for chart in ["scenarios", "waterfall", "curve-headroom"] {
        assert!(out.join(format!("{chart}.svg")).is_file(), "{chart}");
        assert!(
            fs::read(out.join(format!("{chart}.png")))
                .unwrap()
                .starts_with(b"\x89PNG")
        );
    }
}

fn budgets(folder: &Path) {
    let ask = |amount: &str| {
        let out = sizewright(folder, &["budget", amount, "--as-of", "2026-05-18", "--format", "json"]);
        let answer: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        (out.status.code(), answer)
    };
    let (code, enough) = ask("1,000,000");
    assert_eq!(code, Some(0));
    assert_eq!(enough["chosen"]["given_up"], serde_json::json!([]));
    let (code, some) = ask("12000");
    assert_eq!(code, Some(0));
    assert!(!some["chosen"]["given_up"].as_array().unwrap().is_empty());
    assert!(known_total(&some["chosen"]) <= 12_000.0);
    let (code, none) = ask("1");
    assert_eq!(code, Some(1));
    assert!(none["chosen"].is_null() && known_total(&none["least"]) > 1.0);
    let words = sizewright(folder, &["budget", "1"]);
    assert!(text(&words.stdout).contains("the least is"), "{}", text(&words.stdout));
}

fn known_total(choice: &serde_json::Value) -> f64 {
    choice["total"]["known"].as_str().unwrap().parse().unwrap()
}

fn refusals(folder: &Path) {
    let refused = |arguments: &[&str], words: &str| {
        let out = sizewright(folder, arguments);
        assert_eq!(out.status.code(), Some(2), "{arguments:?}: {}", text(&out.stderr));
        assert!(
            text(&out.stderr).contains(words),
            "{arguments:?}: {}",
            text(&out.stderr)
        );
    };
    refused(&["compare", "arm46"], "arm64");
    refused(&["compare", "--set", "hedroom=20%"], "`headroom`");
    refused(&["compare", "--set", "headroom=lots"], "20%");
    refused(&["compare", "--set", "region=us-eats-1"], "us-east-1");
    refused(&["compare", "--set", "environments.prodution.risk=1%"], "production");
    refused(&["compare", "--set", "hosts.only=nothing-*"], "no host");
    refused(&["compare", "--set", "families=z9*"], "no EC2 family");
    refused(&["compare", "--set", "relational=aurora"], "phase");
    refused(&["compare", "--set", "relational=oracle"], "cheapest");
    refused(&["compare", "--sweep", "headroom=1..0:1"], "ascends");
    refused(&["budget", "lots"], "20000");
    fs::write(
        folder.join("scenarios/bad.toml"),
        "region = \"eu-west-1\"\n\nhedroom = 1\n",
    )
    .unwrap();
    refused(&["compare"], "scenarios/bad.toml:3");
    fs::remove_file(folder.join("scenarios/bad.toml")).unwrap();
}

/// The cache gives the same bytes as telemetry does, and notices what is not its own.
fn cache(folder: &Path) {
    let path = folder.join("cache/profiles");
    let ask = || sizewright(folder, &["compare", "--as-of", "2026-05-18"]);
    let from_cache = ask();
    let kept = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let anew = ask();
    assert_eq!(text(&from_cache.stdout), text(&anew.stdout));
    assert_eq!(
        fs::read(&path).unwrap(),
        kept,
        "the same telemetry gives the same cache"
    );

    let mut damaged = kept.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    fs::write(&path, &damaged).unwrap();
    let repaired = ask();
    assert_eq!(text(&repaired.stdout), text(&anew.stdout));
    assert!(text(&repaired.stderr).contains("damaged"), "{}", text(&repaired.stderr));
    assert_eq!(fs::read(&path).unwrap(), kept);

    // Telemetry that has changed is noticed.
    let origin = fs::read_dir(folder.join("telemetry/origins"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let record = fs::read_to_string(&origin).unwrap();
    fs::write(&origin, format!("{record}\n")).unwrap();
    let stale = ask();
    assert!(
        text(&stale.stderr).contains("other telemetry"),
        "{}",
        text(&stale.stderr)
    );
    assert_ne!(fs::read(&path).unwrap(), kept);
    fs::write(&origin, record).unwrap();

    // With the telemetry gone there is nothing to answer from, and it is not answered.
    fs::rename(folder.join("telemetry"), folder.join("gone")).unwrap();
    assert_eq!(ask().status.code(), Some(2));
    fs::rename(folder.join("gone"), folder.join("telemetry")).unwrap();
}

#[test]
fn what_the_documentation_says_of_scenarios_is_so() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/scenarios.md")).unwrap();
    for key in analyzer::scenario::KEYS {
        let line = format!("| `{}` | `{}` | {} |", key.name, key.example, key.does);
        assert!(page.contains(&line), "docs/scenarios.md lacks:\n{line}");
    }
    let files: Vec<(String, String)> = page
        .split("```toml\n# scenarios/")
        .skip(1)
        .map(|part| {
            let (name, rest) = part.split_once('\n').unwrap();
            (name.to_string(), rest.split("```").next().unwrap().to_string())
        })
        .collect();
    assert!(files.len() >= 2, "examples of files");
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("demo");
    demo(&folder);
    fs::remove_dir_all(folder.join("scenarios")).unwrap();
    fs::create_dir(folder.join("scenarios")).unwrap();
    for (name, text) in &files {
        fs::write(folder.join("scenarios").join(name), text).unwrap();
    }
    let block = page
        .split_once("<!-- tested -->\n```sh\n")
        .unwrap()
        .1
        .split("```")
        .next()
        .unwrap();
    for command in block.lines().filter(|line| !line.trim().is_empty()) {
        let words = words(command);
        assert_eq!(words[..3], ["sizewright", "-C", "demo"], "{command}");
        let arguments: Vec<&str> = words[3..].iter().map(String::as_str).collect();
        let out = Command::new(env!("CARGO_BIN_EXE_sizewright"))
            .args(["-C", "demo"])
            .args(&arguments)
            .current_dir(work.path())
            .output()
            .unwrap();
        assert!(
            matches!(out.status.code(), Some(0 | 1)),
            "{command}: {}",
            text(&out.stderr)
        );
    }
}

/// Splits a line at blanks, but for those in single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.split(" #").next().unwrap().chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_examples_of_the_help_run() {
    let work = tempfile::tempdir().unwrap();
    demo(&work.path().join("demo"));
    for command in ["compare", "budget"] {
        let help = Command::new(env!("CARGO_BIN_EXE_sizewright"))
            .args([command, "--help"])
            .output()
            .unwrap();
        let help = text(&help.stdout);
        let examples: Vec<&str> = help
            .split_once("Examples:")
            .unwrap()
            .1
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("sizewright"))
            .collect();
        assert!(examples.len() >= 2);
        for example in examples {
            let out = Command::new(env!("CARGO_BIN_EXE_sizewright"))
                .args(&words(example)[1..])
                .current_dir(work.path())
                .output()
                .unwrap();
            assert!(
                matches!(out.status.code(), Some(0 | 1)),
                "{example}: {}",
                text(&out.stderr)
            );
        }
    }
}
