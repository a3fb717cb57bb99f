//! Is the bench estate what it says, however many hosts there are?

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use sizewright_sample_data::bench;
use telemetry::schema::{disk, host, network};
use telemetry::{ColumnId, Series, Store, Table};

fn read(store: &Store, table: Table, columns: &[ColumnId]) -> Vec<Series> {
    let reader = store.open(table).unwrap();
    reader.read(0..reader.hosts().len(), columns).unwrap()
}

#[test]
fn all_hosts_days_and_tables_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let mut last = (0, 0);
    // More than one batch of hosts, so that the order across batches is tested too.
    let origin = bench::write_estate(&store, 150, 2, 1, |done, of| last = (done, of)).unwrap();
    assert_eq!(last, (300, 300));
    assert_eq!(origin.id, bench::origin_id(150, 2, 1));
    let expected: BTreeMap<String, u64> = ["disk", "host", "network"]
        .into_iter()
        .map(|table| (table.to_string(), 150 * 2 * 1440))
        .collect();
    assert_eq!(origin.rows, expected);
    for (table, columns) in [
        (
            Table::Host,
            vec![
                host::INTERVAL_S,
                host::CPU_CORES,
                host::CPU_BUSY_CORES,
                host::MEMORY_TOTAL_BYTES,
                host::MEMORY_AVAILABLE_BYTES,
            ],
        ),
        (
            Table::Disk,
            vec![
                disk::READS_PER_S,
                disk::WRITES_PER_S,
                disk::READ_BYTES_PER_S,
                disk::WRITE_BYTES_PER_S,
            ],
        ),
        (
            Table::Network,
            vec![network::RECEIVE_BYTES_PER_S, network::TRANSMIT_BYTES_PER_S],
        ),
    ] {
        let stored = read(&store, table, &columns);
        assert_eq!(stored.len(), 150);
        for series in &stored {
            assert_eq!(series.len(), 2 * 1440);
            assert!(series.at_ms.windows(2).all(|pair| pair[1] - pair[0] == 60_000));
            for &id in &columns {
                assert!(series.raw(id).unwrap().iter().all(|&raw| raw >= 0), "{id:?}");
            }
        }
    }
    for series in read(&store, Table::Host, &[host::CPU_CORES, host::CPU_BUSY_CORES]) {
        let cores = series.value(host::CPU_CORES, 0).unwrap();
        assert!(
            series
                .values(host::CPU_BUSY_CORES)
                .iter()
                .all(|busy| busy.unwrap() <= cores)
        );
    }
}

#[test]
fn a_host_is_the_same_in_an_estate_of_any_size() {
    let first_host = |hosts| {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        bench::write_estate(&store, hosts, 1, 9, |_, _| {}).unwrap();
        read(&store, Table::Host, &[host::CPU_BUSY_CORES]).swap_remove(0)
    };
    assert_eq!(first_host(1), first_host(5));
}

#[test]
fn neighbouring_minutes_differ_by_several_per_cent() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    bench::write_estate(&store, 20, 1, 2, |_, _| {}).unwrap();
    for series in read(&store, Table::Network, &[network::RECEIVE_BYTES_PER_S]) {
        let raw = series.raw(network::RECEIVE_BYTES_PER_S).unwrap();
        let mean_step = raw
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs() as f64 / pair[0].max(1) as f64)
            .sum::<f64>()
            / raw.len() as f64;
        assert!(mean_step > 0.02, "{}: {mean_step}", series.host);
    }
}

#[test]
fn no_hosts_or_no_days_make_an_empty_origin() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let origin = bench::write_estate(&store, 3, 0, 1, |_, _| {}).unwrap();
    assert!(origin.rows.is_empty() && store.has_origin(&origin.id));
}
