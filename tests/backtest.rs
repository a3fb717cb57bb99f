//! `backtest` as a user types it: the league of the sample estate, and what is said when there is too little.

#![allow(clippy::unwrap_used, missing_docs)]

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

#[test]
fn the_league_of_the_sample_estate_is_written_and_stays_the_same() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("demo");
    let out = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(["demo", "--no-charts", "--as-of", "2026-05-18", "--out"])
        .arg(&folder)
        .output()
        .unwrap();
    assert!(out.status.success());
    let out = sizewright(&folder, &["backtest"]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    for words in [
        "azure-migrate capped",
        "m7i only",
        "hindsight",
        "asked against realised",
        "take theirs",
    ] {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
    let read = |name: &str| std::fs::read(folder.join("backtest").join(name)).unwrap();
    let league: serde_json::Value = serde_json::from_slice(&read("league.json")).unwrap();
    assert_eq!(league["hosts"], 55);
    assert_eq!(league["cuts"].as_array().unwrap().len(), 3);
    let csv = String::from_utf8(read("league.csv")).unwrap();
    assert_eq!(csv.lines().count(), league["entries"].as_array().unwrap().len() + 1);
    assert!(read("cost-and-risk.svg").starts_with(b"<svg") || read("cost-and-risk.svg").starts_with(b"<?xml"));
    assert_eq!(&read("cost-and-risk.png")[1..4], b"PNG");

    let before = [
        read("league.json"),
        read("league.csv"),
        read("cost-and-risk.svg"),
        read("cost-and-risk.png"),
    ];
    assert!(sizewright(&folder, &["backtest"]).status.success());
    let after = [
        read("league.json"),
        read("league.csv"),
        read("cost-and-risk.svg"),
        read("cost-and-risk.png"),
    ];
    assert!(before == after, "the same telemetry gives another league");

    let out = sizewright(&folder, &["backtest", "--single-family", "m7j"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(
        said.contains("no instance family `m7j`") && said.contains("m7i"),
        "{said}"
    );
}

#[test]
fn too_little_history_says_how_much_is_needed() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("short");
    let init = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .arg("init")
        .arg(&folder)
        .output()
        .unwrap();
    assert!(init.status.success());
    let mut csv = String::from("host,ts,cores,busy\n");
    for minute in 0..600 {
        csv.push_str(&format!(
            "a,2026-05-04T{:02}:{:02}:00Z,4,1.5\n",
            minute / 60,
            minute % 60
        ));
    }
    std::fs::write(work.path().join("usage.csv"), csv).unwrap();
    std::fs::write(
        work.path().join("usage.toml"),
        "host = \"host\"\nat = \"ts\"\n[tables.host]\ncpu_cores = \"cores\"\ncpu_busy_cores = \"busy\"\n",
    )
    .unwrap();
    let file = work.path().join("usage.csv").display().to_string();
    let mapping = work.path().join("usage.toml").display().to_string();
    let import = sizewright(&folder, &["import", "csv", &file, "--mapping", &mapping]);
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    let out = sizewright(&folder, &["backtest"]);
    let talk = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{talk}");
    assert!(talk.contains("12 days") && talk.contains("90 for"), "{talk}");
}
