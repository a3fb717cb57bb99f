//! The store's laws: what is written is read back, and nothing half-done is ever read.

#![allow(clippy::unwrap_used)]

use std::fs;

use proptest::prelude::*;
use sizewright_telemetry as telemetry;
use telemetry::schema::{disk, host};
use telemetry::store::Origin;
use telemetry::{ColumnId, NOT_MEASURED, Series, Store, StoreError, Table};

const COLUMNS: [ColumnId; 3] = [
    host::CPU_BUSY_CORES,
    host::MEMORY_AVAILABLE_BYTES,
    host::PRESSURE_CPU_SOME,
];

fn write(store: &Store, id: &str, files: Vec<Vec<Series>>) {
    let mut writer = store.begin(id).unwrap();
    for series in files {
        writer.write(series).unwrap();
    }
    writer.commit(&Origin::new(id, "test")).unwrap();
}

fn one_row(host_name: &str, at_ms: i64, busy: f64) -> Series {
    let mut series = Series::new(Table::Host, host_name, vec![]);
    series.push(at_ms, &[(host::CPU_BUSY_CORES, busy)]);
    series
}

fn read_all(store: &Store, columns: &[ColumnId]) -> Vec<Series> {
    let reader = store.open(Table::Host).unwrap();
    let mut all = Vec::new();
    for block in reader.blocks() {
        all.extend(reader.read(block, columns).unwrap());
    }
    all
}

/// A host's rows: ascending times with uneven steps, some values missing.
fn any_series(name: String) -> impl Strategy<Value = Series> {
    let value = prop_oneof![4 => (0.0_f64..1e5).prop_map(Some), 1 => Just(None)];
    prop::collection::vec((1_i64..200_000, value.clone(), value.clone(), value), 1..200).prop_map(move |rows| {
        let mut series = Series::new(Table::Host, name.clone(), vec![]);
        let mut at = 1_700_000_000_000;
        let mut columns: [Vec<f64>; 3] = Default::default();
        for (step, a, b, c) in rows {
            at += step;
            series.at_ms.push(at);
            columns[0].push(a.unwrap_or(f64::NAN));
            columns[1].push(b.map_or(f64::NAN, |b| b * 1e6));
            columns[2].push(c.map_or(f64::NAN, |c| c / 1e5));
        }
        for (id, values) in COLUMNS.into_iter().zip(columns) {
            series.set(id, values);
        }
        series
    })
}

fn any_estate() -> impl Strategy<Value = Vec<Series>> {
    prop::collection::btree_set("[a-z]{1,4}|<b>é\u{1b}\\[=", 1..12)
        .prop_flat_map(|names| names.into_iter().map(any_series).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn write_then_read_is_identity(estate in any_estate()) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        write(&store, "one", vec![estate.clone()]);
        prop_assert_eq!(read_all(&store, &COLUMNS), estate);
    }

    #[test]
    fn order_of_rows_and_files_does_not_matter(estate in any_estate(), seed in any::<u64>()) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        // Deal every host's rows out to two files, the second file first, each shuffled by the seed.
        let mut files = vec![Vec::new(), Vec::new()];
        for series in &estate {
            for (part, file) in files.iter_mut().enumerate() {
                let mut rows: Vec<usize> = (0..series.len())
                    .filter(|&row| (row as u64 ^ seed) % 2 == part as u64)
                    .collect();
                rows.sort_by_key(|&row| (row as u64).wrapping_mul(seed | 1));
                let mut dealt = series.clone();
                dealt.keep_rows(&rows);
                dealt.sort_by_time();
                file.push(dealt);
            }
        }
        files.reverse();
        write(&store, "one", files);
        prop_assert_eq!(read_all(&store, &COLUMNS), estate);
    }
}

#[test]
fn large_series_and_several_devices_come_back_by_block() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let estate: Vec<Series> = (0..40)
        .flat_map(|number| {
            ["nvme0n1", "sda"].map(|device| {
                let mut series = Series::new(Table::Disk, format!("h{number:02}"), vec![device.to_string()]);
                series.at_ms = (1..=1440).map(|minute| minute * 60_000).collect();
                series.set(
                    disk::READS_PER_S,
                    (0..1440).map(|minute| f64::from(minute % 77 + number)),
                );
                series
            })
        })
        .collect();
    write(&store, "one", vec![estate.clone()]);
    let reader = store.open(Table::Disk).unwrap();
    assert!(reader.blocks().len() > 1, "{:?}", reader.blocks());
    let mut all = Vec::new();
    for block in reader.blocks() {
        all.extend(reader.read(block, &[disk::READS_PER_S]).unwrap());
    }
    assert_eq!(all, estate);
    assert_eq!(reader.rows(), 40 * 2 * 1440);
}

#[test]
fn two_sources_of_one_minute_merge_and_the_first_value_stands() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    write(&store, "a", vec![vec![one_row("h", 60_000, 1.0)]]);
    let mut second = Series::new(Table::Host, "h", vec![]);
    second.push(60_000, &[(host::CPU_BUSY_CORES, 9.0), (host::LOAD1, 0.5)]);
    second.push(120_000, &[(host::LOAD1, 0.7)]);
    write(&store, "b", vec![vec![second]]);
    let all = read_all(&store, &[host::CPU_BUSY_CORES, host::LOAD1]);
    assert_eq!(all[0].values(host::CPU_BUSY_CORES), [Some(1.0), None]);
    assert_eq!(all[0].values(host::LOAD1), [Some(0.5), Some(0.7)]);
}

#[test]
fn rows_without_a_record_are_not_read_but_reported() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let mut writer = store.begin("killed").unwrap();
    writer.write(vec![one_row("h", 60_000, 1.0)]).unwrap();
    // A killed process runs no destructor.
    std::mem::forget(writer);
    assert!(store.open(Table::Host).unwrap().hosts().is_empty());
    assert_eq!(store.leftovers().unwrap().len(), 1);
    write(&store, "killed", vec![vec![one_row("h", 60_000, 2.0)]]);
    assert!(store.leftovers().unwrap().is_empty());
    assert_eq!(read_all(&store, &COLUMNS)[0].value(host::CPU_BUSY_CORES, 0), Some(2.0));
}

#[test]
fn a_writer_that_gives_up_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let mut writer = store.begin("given-up").unwrap();
    writer.write(vec![one_row("h", 60_000, 1.0)]).unwrap();
    drop(writer);
    assert!(store.leftovers().unwrap().is_empty());
    assert_eq!(fs::read_dir(folder.path().join("host")).unwrap().count(), 0);
}

fn only_file(store: &Store) -> std::path::PathBuf {
    fs::read_dir(store.root().join("host"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
}

#[test]
fn a_cut_or_foreign_file_is_damaged_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    write(&store, "one", vec![vec![one_row("h", 60_000, 1.0)]]);
    let path = only_file(&store);
    let whole = fs::read(&path).unwrap();
    for cut in [0, 3, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        let error = store.open(Table::Host).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}

#[test]
fn another_format_version_is_too_old_or_too_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    write(&store, "one", vec![vec![one_row("h", 60_000, 1.0)]]);
    let path = only_file(&store);
    let whole = fs::read(&path).unwrap();
    let key = b"sizewright.format_version";
    let at = whole.windows(key.len()).position(|window| window == key).unwrap() + key.len();
    // The value follows its key in the footer: field header, length 1, then the digit.
    let digit = at + whole[at..].iter().position(|&byte| byte == b'1').unwrap();
    let mut changed = whole.clone();
    changed[digit] = b'0';
    fs::write(&path, &changed).unwrap();
    assert!(matches!(
        store.open(Table::Host).unwrap_err(),
        StoreError::TooOld { version: 0, .. }
    ));
    changed[digit] = b'9';
    fs::write(&path, &changed).unwrap();
    assert!(matches!(
        store.open(Table::Host).unwrap_err(),
        StoreError::TooNew { version: 9, .. }
    ));
}

#[test]
fn values_that_were_not_measured_are_null_and_never_zero() {
    let mut series = Series::new(Table::Host, "h", vec![]);
    series.push(60_000, &[(host::CPU_BUSY_CORES, f64::NAN)]);
    assert_eq!(series.raw(host::CPU_BUSY_CORES), Some([NOT_MEASURED].as_slice()));
    assert_eq!(series.value(host::CPU_BUSY_CORES, 0), None);
}

#[test]
fn other_readers_see_true_values_under_the_names_with_units() {
    use polars::prelude::{DataType, ParquetReader, SerReader as _, TimeUnit, TimeZone};
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let mut series = Series::new(Table::Host, "h", vec![]);
    series.push(
        60_000,
        &[
            (host::CPU_BUSY_CORES, 1.234),
            (host::MEMORY_TOTAL_BYTES, 1_073_741_824.0),
        ],
    );
    write(&store, "one", vec![vec![series]]);
    let frame = ParquetReader::new(fs::File::open(only_file(&store)).unwrap())
        .finish()
        .unwrap();
    let number = |name: &str| {
        frame
            .column(name)
            .unwrap()
            .cast(&DataType::Float64)
            .unwrap()
            .f64()
            .unwrap()
            .get(0)
    };
    assert_eq!(number("cpu_busy_cores"), Some(1.234));
    assert_eq!(number("memory_total_bytes"), Some(1_073_741_824.0));
    assert_eq!(number("load1"), None);
    let at = frame.column("at").unwrap();
    assert_eq!(
        at.dtype(),
        &DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC))
    );
}
