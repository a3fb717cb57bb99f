//! A growing origin: segments count at once, days merge without a row lost or doubled.

#![allow(clippy::unwrap_used)]

use std::fs;

use sizewright_telemetry as telemetry;
use telemetry::schema::{disk, host};
use telemetry::series::{DAY_MS, day_of};
use telemetry::store::Origin;
use telemetry::{Series, Store, Table};

const MINUTE_MS: i64 = 60_000;

/// Minutes of two hosts, one of which has a disk.
fn minutes(from: i64, to: i64) -> Vec<Series> {
    let mut all = vec![
        Series::new(Table::Host, "b", vec![]),
        Series::new(Table::Host, "a", vec![]),
        Series::new(Table::Disk, "a", vec!["sda".to_string()]),
    ];
    for minute in from..to {
        let at = minute * MINUTE_MS;
        all[0].push(at, &[(host::CPU_BUSY_CORES, minute as f64 / 10.0)]);
        all[1].push(at, &[(host::CPU_BUSY_CORES, minute as f64)]);
        all[2].push(at, &[(disk::READS_PER_S, 5.0)]);
    }
    all
}

fn busy(store: &Store) -> Vec<(String, i64, Option<f64>)> {
    let reader = store.open(Table::Host).unwrap();
    let series = reader.read(0..reader.hosts().len(), &[host::CPU_BUSY_CORES]).unwrap();
    series
        .iter()
        .flat_map(|series| {
            (0..series.len()).map(|row| {
                (
                    series.host.clone(),
                    series.at_ms[row],
                    series.value(host::CPU_BUSY_CORES, row),
                )
            })
        })
        .collect()
}

fn files(store: &Store) -> usize {
    fs::read_dir(store.root().join("host")).unwrap().count()
}

#[test]
fn a_segment_counts_at_once_and_its_repetition_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    store.write_record(&Origin::new("campaign-1", "collect")).unwrap();
    assert_eq!(store.write_segment("campaign-1", 1, &minutes(1, 11)).unwrap(), 30);
    assert_eq!(busy(&store).len(), 20);
    store.write_segment("campaign-1", 1, &minutes(1, 11)).unwrap();
    store.write_segment("campaign-1", 2, &minutes(11, 16)).unwrap();
    assert_eq!(busy(&store).len(), 30);
    assert_eq!(store.open(Table::Disk).unwrap().rows(), 15);
}

#[test]
fn a_day_that_is_over_becomes_one_file_with_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    store.write_record(&Origin::new("campaign-1", "collect")).unwrap();
    let per_day = DAY_MS / MINUTE_MS;
    for part in 0..6 {
        let from = 1 + part * per_day / 4;
        store
            .write_segment("campaign-1", part as u64, &minutes(from, from + per_day / 4))
            .unwrap();
    }
    let before = busy(&store);
    let today = day_of(DAY_MS + MINUTE_MS);
    assert_eq!(files(&store), 6);
    assert_eq!(store.merge_days("campaign-1", today).unwrap(), 2, "two tables, one day");
    assert_eq!(files(&store), 3, "one whole day, two segments of today");
    assert_eq!(busy(&store), before);
    assert_eq!(
        store.merge_days("campaign-1", today).unwrap(),
        0,
        "nothing is left to merge"
    );
}

#[test]
fn a_crash_between_merging_and_removing_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    store.write_record(&Origin::new("campaign-1", "collect")).unwrap();
    store.write_segment("campaign-1", 1, &minutes(1, 11)).unwrap();
    let before = busy(&store);
    let segment = fs::read_dir(folder.path().join("host"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let kept = fs::read(&segment).unwrap();
    store.merge_days("campaign-1", 400).unwrap();
    fs::write(&segment, kept).unwrap();
    assert_eq!(busy(&store), before, "rows that stand twice are read once");
    store.merge_days("campaign-1", 400).unwrap();
    assert_eq!(files(&store), 1);
    assert_eq!(busy(&store), before);
}
