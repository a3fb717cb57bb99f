//! Imports of real traces, dirt included, where they are at hand.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::path::{Path, PathBuf};

use sizewright_collector::import::{
    ImportOutcome, ImportReport, ImportRequest, Kind, Mapping, Watch, describe, import,
};
use telemetry::schema::{disk, host, network};
use telemetry::{Store, Table};

fn trace(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/traces").join(name);
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
    ImportRequest { path, kind, mapping, table: None }
}

fn imported(store: &Store, request: &ImportRequest<'_>) -> ImportReport {
    match import(store, request, &Watch::nobody()).unwrap() {
        ImportOutcome::Imported(report) => *report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn peek() {
    for name in ["linux_hosts_10s_60s.parquet", "estate_99_vms_91_days_5min.parquet", "cloudwatch_ec2_elb_14_days_5min.parquet"] {
        let Some(path) = trace(name) else { return };
        let mapping = Mapping::default();
        let error = describe(&request(&path, Kind::Parquet, &mapping)).unwrap_err();
        eprintln!("{error}\n{}", error.hint().unwrap_or_default());
    }
    let Some(path) = trace("one_vm_semicolon_tab.csv") else { return };
    let mapping = mapping("one-vm-semicolon.toml");
    eprintln!("{:#?}", describe(&request(&path, Kind::Csv, &mapping)).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path());
    eprintln!("{:#?}", imported(&store, &request(&path, Kind::Csv, &mapping)));
}
