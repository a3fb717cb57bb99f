//! The laws of the architecture, held by a test: who may depend on whom, and which module on which.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(source_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Which of our crates each crate may use.
fn allowed_crates() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("telemetry", vec![]),
        ("collector", vec!["telemetry"]),
        ("analyzer", vec!["telemetry"]),
        ("sample-data", vec!["telemetry"]),
    ])
}

#[test]
fn crates_depend_only_downwards() {
    for (name, allowed) in allowed_crates() {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        for dependency in manifest["dependencies"].as_table().unwrap().keys() {
            let ours = ["telemetry", "collector", "analyzer", "sample-data"].contains(&dependency.as_str());
            assert!(
                !ours || allowed.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn telemetry_knows_no_ssh_and_no_money() {
    for file in source_files(&root().join("telemetry/src")) {
        let text = fs::read_to_string(&file).unwrap().to_lowercase();
        for word in ["ssh2", "decimal::", "usd"] {
            assert!(!text.contains(word), "{} names {word}", file.display());
        }
    }
}

/// Modules of the analyzer from left to right; a module imports only what stands to its left.
const ORDER: [&str; 20] = [
    "money",
    "catalog",
    "policy",
    "inventory",
    "dependency",
    "growth",
    "profile",
    "size",
    "scale",
    "price",
    "commit",
    "service",
    "readiness",
    "managed",
    "plan",
    "projection",
    "scenario",
    "backtest",
    "proof",
    "report",
];

#[test]
fn analyzer_modules_import_only_to_their_left() {
    let source = root().join("analyzer/src");
    for (position, module) in ORDER.iter().enumerate() {
        let folder = source.join(module);
        let files = if folder.is_dir() {
            source_files(&folder)
        } else {
            vec![source.join(format!("{module}.rs"))]
        };
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for right in &ORDER[position + 1..] {
                let import = format!("crate::{right}::");
                let whole = format!("crate::{right};");
                assert!(
                    !text.contains(&import) && !text.contains(&whole),
                    "{}: `{module}` must not import `{right}`, which stands to its right",
                    file.display()
                );
            }
            assert!(
                !text.contains("crate::audit"),
                "{}: nothing imports the audit",
                file.display()
            );
        }
    }
}

#[test]
fn every_module_of_the_analyzer_has_its_place() {
    let text = fs::read_to_string(root().join("analyzer/src/lib.rs")).unwrap();
    let modules: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    for module in modules {
        assert!(
            module == "audit" || ORDER.contains(&module),
            "where does `{module}` stand?"
        );
    }
}

#[test]
fn audit_runs_none_of_the_code_it_checks() {
    for file in source_files(&root().join("analyzer/src/audit")) {
        let text = fs::read_to_string(&file).unwrap();
        // Tests make plans to audit; what is checked is the code before them.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for function in [
            "size_host",
            "Candidates",
            "Searches",
            "plan::make",
            "requirements(",
            "Bill::of",
            "share_above",
        ] {
            let called =
                code.contains(&format!("size::{function}")) || code.contains(&format!("use crate::{function}"));
            assert!(!called, "{} uses {function}", file.display());
        }
        for module in [
            "crate::size::{self",
            "crate::size::*",
            "crate::plan::make",
            "crate::plan::build",
        ] {
            assert!(!code.contains(module), "{} imports {module}", file.display());
        }
    }
}

#[test]
fn only_the_command_line_talks_to_the_user() {
    for name in ["telemetry", "collector", "analyzer", "sample-data"] {
        for file in source_files(&root().join(name).join("src")) {
            // Tests say what was not run, and why.
            if file.file_name().is_some_and(|name| name == "tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            for word in ["println!", "eprintln!", "print!(", "process::exit"] {
                assert!(!text.contains(word), "{} uses {word}", file.display());
            }
        }
    }
}

#[test]
fn files_are_short_enough_to_read() {
    for name in [
        "src",
        "telemetry",
        "collector",
        "analyzer",
        "sample-data",
        "benches",
        "tests",
    ] {
        for file in source_files(&root().join(name)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(
                lines <= 600,
                "{} has {lines} lines: split it by subject",
                file.display()
            );
        }
    }
}
