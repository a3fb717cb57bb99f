//! What holds for the telemetry of every host of the sample estate.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use sizewright_sample_data::{Estate, payments_company};
use telemetry::schema::{disk, host, network};
use telemetry::units::MEBIBYTE;
use telemetry::{ColumnId, NOT_MEASURED, Series, Store, Table};

/// The files below a folder with their bytes.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

fn short_estate(seed: u64) -> Estate {
    Estate {
        days: 2,
        ..payments_company(seed)
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let write = |threads| {
        let folder = tempfile::tempdir().unwrap();
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| short_estate(3).write(&Store::at(folder.path()), |_, _| {}))
            .unwrap();
        files(folder.path())
    };
    let one = write(1);
    assert_eq!(one.len(), 6 * 2 + 1);
    assert!(one == write(4), "the bytes differ");
}

#[test]
fn another_seed_gives_other_numbers_for_the_same_hosts() {
    let (one, other) = (short_estate(3), short_estate(4));
    for (one_host, other_host) in one.hosts.iter().zip(&other.hosts) {
        assert_eq!(one_host.name, other_host.name);
        assert_ne!(one.series(one_host), other.series(other_host), "{}", one_host.name);
    }
}

#[test]
fn the_store_gives_back_what_the_series_say() {
    let estate = short_estate(5);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let mut heard = Vec::new();
    let origin = estate.write(&store, |done, of| heard.push((done, of))).unwrap();
    assert_eq!(heard, [(1, 2), (2, 2)]);
    assert_eq!(store.origins().unwrap(), [origin]);
    for table in [Table::Host, Table::Disk, Table::Filesystem, Table::Network] {
        let reader = store.open(table).unwrap();
        assert_eq!(reader.hosts().len(), estate.hosts.len());
        let columns: Vec<ColumnId> = table
            .columns()
            .iter()
            .map(|column| table.column(column.name).unwrap())
            .collect();
        let stored = reader.read(0..reader.hosts().len(), &columns).unwrap();
        let made: Vec<Series> = estate
            .hosts
            .iter()
            .flat_map(|host| estate.series(host))
            .filter(|series| series.table == table)
            .collect();
        assert_eq!(stored.len(), made.len());
        for (stored, made) in stored.iter().zip(&made) {
            assert!(stored == made, "{} {:?} {:?}", made.host, table, made.labels);
        }
    }
}

#[test]
fn hosts_are_sorted_of_varied_sizes_and_whole_mebibytes() {
    let estate = payments_company(1);
    assert!((50..=60).contains(&estate.hosts.len()), "{}", estate.hosts.len());
    assert!(estate.hosts.windows(2).all(|pair| pair[0].name < pair[1].name));
    let cores: Vec<u32> = estate.hosts.iter().map(|host| host.cores).collect();
    assert_eq!((cores.iter().min(), cores.iter().max()), (Some(&2), Some(&32)));
    for host in &estate.hosts {
        assert_eq!(host.memory.as_mebibytes().fract(), 0.0);
        assert!((4.0..=256.0).contains(&host.memory.as_gibibytes()));
        assert!(!host.roles.is_empty() && !host.group.is_empty());
    }
    assert_eq!(
        telemetry::series::day_name(estate.start_ms / telemetry::series::DAY_MS),
        "2026-05-04"
    );
}

#[test]
fn every_row_obeys_the_laws_of_its_table() {
    let estate = payments_company(11);
    for spec in &estate.hosts {
        for series in estate.series(spec) {
            let place = format!("{} {:?} {:?}", series.host, series.table, series.labels);
            assert!(series.at_ms.windows(2).all(|pair| pair[0] < pair[1]), "{place}");
            for column in series.columns.iter().flatten() {
                assert_eq!(column.len(), series.len(), "{place}");
                assert!(column.iter().all(|&raw| raw >= 0 || raw == NOT_MEASURED), "{place}");
            }
            let ordered = |low: ColumnId, high: ColumnId| {
                let (low, high) = (series.raw(low).unwrap(), series.raw(high).unwrap());
                assert!(low.iter().zip(high).all(|(low, high)| low <= high), "{place}");
            };
            match series.table {
                Table::Host => host_laws(&series, &place),
                Table::Disk => {
                    ordered(disk::READS_PER_S, disk::READS_PER_S_MAX);
                    ordered(disk::WRITES_PER_S, disk::WRITES_PER_S_MAX);
                    ordered(disk::READ_BYTES_PER_S, disk::READ_BYTES_PER_S_MAX);
                    ordered(disk::WRITE_BYTES_PER_S, disk::WRITE_BYTES_PER_S_MAX);
                    assert!(
                        series
                            .raw(disk::BUSY_FRACTION)
                            .unwrap()
                            .iter()
                            .all(|&raw| raw <= 10_000)
                    );
                }
                Table::Network => {
                    ordered(network::RECEIVE_BYTES_PER_S, network::RECEIVE_BYTES_PER_S_MAX);
                    ordered(network::TRANSMIT_BYTES_PER_S, network::TRANSMIT_BYTES_PER_S_MAX);
                    ordered(network::RECEIVE_PACKETS_PER_S, network::RECEIVE_PACKETS_PER_S_MAX);
                    ordered(network::TRANSMIT_PACKETS_PER_S, network::TRANSMIT_PACKETS_PER_S_MAX);
                }
                Table::Filesystem => ordered(
                    telemetry::schema::filesystem::USED_BYTES,
                    telemetry::schema::filesystem::SIZE_BYTES,
                ),
                Table::ProcessGroup | Table::Service => {}
            }
        }
    }
}

fn host_laws(series: &Series, place: &str) {
    let raw = |id| series.raw(id).unwrap();
    for row in 0..series.len() {
        let at = |id: ColumnId| raw(id)[row];
        let cores = at(host::CPU_CORES) * 1000;
        let busy = at(host::CPU_BUSY_CORES);
        assert!(busy <= at(host::CPU_BUSY_CORES_MAX), "{place}");
        assert!(at(host::CPU_BUSY_CORES_MAX) <= cores, "{place}");
        // Each of the four is rounded by half of a thousandth.
        assert!(
            busy + at(host::CPU_IOWAIT_CORES) + at(host::CPU_STEAL_CORES) <= cores + 2,
            "{place}"
        );
        assert!(
            (at(host::CPU_USER_CORES) + at(host::CPU_SYSTEM_CORES) - busy).abs() <= 2,
            "{place}"
        );
        let total = at(host::MEMORY_TOTAL_BYTES);
        assert!(at(host::MEMORY_AVAILABLE_BYTES) <= total, "{place}");
        assert!(
            at(host::MEMORY_CACHED_BYTES) + at(host::MEMORY_ANON_BYTES) <= total,
            "{place}"
        );
        for id in [
            host::PRESSURE_CPU_SOME,
            host::PRESSURE_MEMORY_SOME,
            host::PRESSURE_IO_SOME,
        ] {
            assert!(at(id) <= 10_000, "{place}");
        }
    }
    assert_eq!(raw(host::MEMORY_TOTAL_BYTES)[0] % MEBIBYTE as i64, 0);
}

#[test]
fn sub_samples_exceed_the_mean_as_they_do_in_life() {
    let estate = payments_company(2);
    let spec = estate.host("prod-api-01").unwrap();
    let series = &estate.series(spec)[0];
    let busy = series.raw(host::CPU_BUSY_CORES).unwrap();
    let top = series.raw(host::CPU_BUSY_CORES_MAX).unwrap();
    let mut ratios: Vec<f64> = busy
        .iter()
        .zip(top)
        .map(|(&busy, &top)| top as f64 / busy as f64)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    assert!((1.1..1.6).contains(&median), "{median}");
    assert!(ratios[ratios.len() - 1] < 2.55 && ratios[ratios.len() * 99 / 100] > 1.7);
}

#[test]
fn customers_come_by_day_and_on_working_days() {
    let estate = payments_company(2);
    let spec = estate.host("prod-web-01").unwrap();
    let busy = estate.series(spec)[0].raw(host::CPU_BUSY_CORES).unwrap().to_vec();
    let mean = |day: usize, hour: usize| {
        let from = day * 1440 + hour * 60;
        busy[from..from + 60].iter().sum::<i64>() as f64 / 60.0
    };
    // 03:00 UTC is 10:00 where the company works, 20:00 UTC is 03:00.
    assert!(mean(2, 3) > 3.0 * mean(2, 20));
    assert!(mean(2, 3) > 1.1 * mean(6, 3));
    assert!(mean(11, 3) > 1.1 * mean(4, 3), "pay-day is busier than another Friday");
}

#[test]
fn the_assessment_names_each_environment_and_group() {
    let text = payments_company(1).assessment_toml();
    for part in [
        "region = \"ap-southeast-1\"",
        "time_zone = \"Asia/Ho_Chi_Minh\"",
        "[environments.production]",
        "[environments.development]",
        "pattern = \"prod-*\"\nenvironment = \"production\"",
        "pattern = \"prod-pg-??\"\ngroup = \"postgresql\"\ntags = { owner = \"databases\" }",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}
