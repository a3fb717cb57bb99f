//! What the README claims: its commands run as they stand there.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Gives the commands of the code block that follows a heading or marker.
fn block_after(marker: &str) -> Vec<String> {
    let text = readme();
    let after = text
        .split_once(marker)
        .unwrap_or_else(|| panic!("no `{marker}` in README.md"))
        .1;
    let block = after.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
    block
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_string)
        .collect()
}

fn run(command: &str, folder: &Path) {
    let words: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(words[0], "sizewright", "{command}");
    let output = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(&words[1..])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "`{command}` ended with {:?}: {}",
        output.status.code(),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_commands_on_the_demo_run_as_written() {
    let work = tempfile::tempdir().unwrap();
    for command in block_after("<!-- tested: demo -->") {
        run(&command, work.path());
    }
    assert!(work.path().join("demo/report/report.html").is_file());
    for command in block_after("<!-- tested: scaling -->") {
        run(command.split(" # ").next().unwrap(), work.path());
    }
    assert!(work.path().join("web.svg").is_file());
    for command in block_after("<!-- tested: scenarios -->") {
        run(command.split(" # ").next().unwrap(), work.path());
    }
    assert!(work.path().join("curves/curve-headroom.png").is_file());
}

#[test]
fn the_hosts_that_were_collected_can_be_looked_at() {
    let work = tempfile::tempdir().unwrap();
    let from = root().join("sample-data");
    let copied = Command::new("cp")
        .arg("-R")
        .arg(&from)
        .arg(work.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let text = fs::read_to_string(from.join("collected/README.md")).unwrap();
    let block = text.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
    for command in block.lines() {
        run(command.split(" > ").next().unwrap(), work.path());
    }
}

#[test]
fn the_commands_on_prices_run_as_written() {
    let work = tempfile::tempdir().unwrap();
    for command in block_after("## Prices") {
        run(command.split(" # ").next().unwrap(), work.path());
    }
}

#[test]
fn the_ninety_nine_real_machines_go_all_the_way() {
    let traces = root().join("../shared/traces/estate_99_vms_91_days_5min.parquet");
    if !traces.is_file() {
        eprintln!("not run: the traces of the 99 machines are not part of the repository and ../shared is not there");
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let name = traces.file_name().unwrap();
    std::os::unix::fs::symlink(&traces, work.path().join(name)).unwrap();
    std::os::unix::fs::symlink(root().join("collector"), work.path().join("collector")).unwrap();
    for command in block_after("### Ninety-nine real machines") {
        run(&command, work.path());
    }
    run("sizewright -C estate status", work.path());
    run("sizewright -C estate audit", work.path());
    let plan: serde_json::Value =
        serde_json::from_slice(&fs::read(work.path().join("estate/plan/plan.json")).unwrap()).unwrap();
    let rows = plan["recommendations"].as_array().unwrap();
    assert_eq!(rows.len(), 99);
    for row in rows {
        assert!(
            row["confidence_reason"].as_str().unwrap().contains("active memory"),
            "{row}"
        );
        let memory = row["proof"]["requirements"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["dimension"] == "memory")
            .unwrap();
        assert_eq!(memory["measured"], false);
        assert_eq!(
            row["total_usd_per_month"],
            serde_json::Value::Null,
            "storage is not known"
        );
    }
    assert!(work.path().join("estate/report/report.html").is_file());
}

#[test]
fn the_mapping_of_the_readme_is_understood() {
    let text = readme();
    let mapping = text
        .split_once("```toml\n# metrics.toml\n")
        .unwrap()
        .1
        .split_once("```")
        .unwrap()
        .0;
    collector::import::Mapping::parse(mapping).unwrap();
}

#[test]
fn files_the_readme_points_to_are_there() {
    let text = readme();
    for part in text.split("](").skip(1) {
        let target = part.split([')', '#']).next().unwrap();
        assert!(target.starts_with("http") || root().join(target).exists(), "{target}");
    }
}
