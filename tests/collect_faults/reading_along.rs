//! While a collector works, the other commands see what it has so far, and leave it alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use collector::campaign::copy_live_rows;
use telemetry::Store;

use crate::sshd::{Assessment, now_ms, rows_of, text};

const SOON: Duration = Duration::from_secs(30);

/// Lists all files below a folder but the growing log.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn status_plan_and_report_see_the_last_minute_of_a_running_collector() {
    let assessment = Assessment::with("[[hosts]]\nname = \"here\"\naddress = \"local\"\n");
    let mut collector = assessment.collect(&[]);
    collector.wait_for("here", "up", 1, SOON);
    let early = assessment.run(&["status"]);
    assert_eq!(early.status.code(), Some(0), "{}", text(&early.stderr));
    thread::sleep(Duration::from_secs(9));
    let before = files(&assessment.telemetry());

    let status = assessment.run(&["status", "--format", "json"]);
    assert_eq!(status.status.code(), Some(0), "{}", text(&status.stderr));
    let said = text(&status.stderr);
    assert!(said.contains(&format!("process {} ", collector.id())), "{said}");
    let lines: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(lines[0]["host"], "here", "{lines}");

    let plan = assessment.run(&["plan"]);
    assert!(matches!(plan.status.code(), Some(0 | 1)), "{}", text(&plan.stderr));
    let written = fs::read_to_string(assessment.root().join("plan/plan.json")).unwrap();
    assert!(written.contains("\"here\""));
    let report = assessment.run(&["report", "--no-charts"]);
    assert_eq!(report.status.code(), Some(0), "{}", text(&report.stderr));

    let beside = tempfile::tempdir().unwrap();
    let live = Store::at(beside.path());
    assert!(copy_live_rows(&assessment.telemetry(), &live).unwrap() > 0);
    let seen = rows_of(&assessment.store().reading_along(&live), "here");
    let newest = seen.last().unwrap().at_ms;
    assert!(now_ms() - newest < 6_000, "{} ms old", now_ms() - newest);
    assert_eq!(files(&assessment.telemetry()), before, "a reader wrote into the store");

    let ended = collector.end_with("TERM", SOON);
    assert_eq!(ended.code, Some(0), "{}", ended.talk);
    let in_the_end: BTreeMap<i64, _> = assessment
        .rows("here")
        .into_iter()
        .map(|row| (row.at_ms, row))
        .collect();
    assert!(seen.len() >= 3 && in_the_end.len() >= seen.len());
    for row in &seen {
        assert_eq!(in_the_end.get(&row.at_ms), Some(row));
    }
    let settled = assessment.run(&["status"]);
    assert!(!text(&settled.stderr).contains("at work"), "{}", text(&settled.stderr));
}
