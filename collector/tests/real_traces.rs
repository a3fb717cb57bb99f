//! Imports of real traces, dirt included, where they are at hand.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::path::{Path, PathBuf};

use sizewright_collector::import::{
    AtUnit, ImportOutcome, ImportReport, ImportRequest, Kind, Mapping, Watch, describe, import,
};
use telemetry::Store;

fn trace(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/traces")
        .join(name);
    if !path.is_file() {
        eprintln!("not run: the trace {name} is not beside this checkout");
        return None;
    }
    Some(path)
}

fn mapping(name: &str) -> Mapping {
    Mapping::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(name)).unwrap()
}

fn request<'a>(path: &'a Path, kind: Kind, mapping: &'a Mapping) -> ImportRequest<'a> {
    ImportRequest {
        path,
        kind,
        mapping,
        table: None,
    }
}

fn imported(request: &ImportRequest<'_>) -> ImportReport {
    let folder = tempfile::tempdir().unwrap();
    match import(&Store::at(folder.path()), request, &Watch::nobody()).unwrap() {
        ImportOutcome::Imported(report) => *report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_shipped_mapping_is_valid() {
    for name in ["estate-99-vms.toml", "linux-hosts.toml", "one-vm-semicolon.toml"] {
        assert!(!mapping(name).is_native(), "{name}");
    }
}

#[test]
fn the_dirt_of_a_hypervisors_export_is_counted() {
    let Some(path) = trace("estate_99_vms_91_days_5min.parquet") else {
        return;
    };
    let mapping = mapping("estate-99-vms.toml");
    let report = imported(&request(&path, Kind::Parquet, &mapping));
    assert_eq!((report.rows_read, report.hosts), (2_515_840, 99));
    assert_eq!(report.interval_s, Some(300.0));
    let found = report.quality;
    for (what, count) in [
        ("duplicate times", found.duplicate_times),
        ("zero cores", found.zero_cores),
        ("above capacity", found.above_capacity),
        ("gaps", found.gaps),
        ("resizes", found.resizes),
    ] {
        assert!(count > 0, "{what}: {found:?}");
    }
    assert!(report.rows["host"] + found.duplicate_times <= report.rows_read);
    assert!(
        report.notes.iter().any(|note| note.contains("never sized on")),
        "{:?}",
        report.notes
    );
}

#[test]
fn linux_hosts_fill_three_tables() {
    let Some(path) = trace("linux_hosts_10s_60s.parquet") else {
        return;
    };
    let mapping = mapping("linux-hosts.toml");
    let report = imported(&request(&path, Kind::Parquet, &mapping));
    assert_eq!((report.rows_read, report.hosts), (6_179, 11));
    let tables: Vec<&str> = report.rows.keys().map(String::as_str).collect();
    assert_eq!(tables, ["disk", "host", "network"]);
}

#[test]
fn a_header_that_lies_about_the_unit_is_caught() {
    let Some(path) = trace("one_vm_semicolon_tab.csv") else {
        return;
    };
    let mut mapping = mapping("one-vm-semicolon.toml");
    let report = imported(&request(&path, Kind::Csv, &mapping));
    assert_eq!((report.first_at_ms, report.hosts), (1_376_314_846_000, 1));
    assert_eq!(report.interval_s, Some(300.0));
    mapping.at_unit = Some(AtUnit::Milliseconds);
    let error = describe(&request(&path, Kind::Csv, &mapping)).unwrap_err().to_string();
    assert!(
        error.contains("`Timestamp [ms]` read as milliseconds gives 1970-01-16T22:18:34"),
        "{error}"
    );
    assert!(
        error.contains("read as seconds it would be 2013-08-12T13:40:46Z"),
        "{error}"
    );
}
