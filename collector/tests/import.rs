//! Laws of the importers: nothing half, nothing twice, nothing in silence.
#![allow(clippy::unwrap_used, missing_docs)]

mod scene;

use std::sync::atomic::{AtomicBool, Ordering};

use polars::prelude::{Column, DataFrame, DataType, NamedFrom as _, ParquetWriter, Series as PolarsSeries, TimeUnit};
use proptest::prelude::*;
use scene::{NATIVE, Scene, cores};
use sizewright_collector::import::{ImportError, ImportOutcome, Kind, Mapping, Progress, Watch, describe};
use telemetry::Table;
use telemetry::schema::{disk, host};

#[test]
fn native_columns_need_no_mapping() {
    let scene = Scene::csv(
        "host,at,cpu_cores,cpu_busy_cores,rack\nweb,2024-05-01T00:01:00Z,4,1.5,r1\nweb,2024-05-01T00:02:00Z,4,,r1\n",
    );
    let report = scene.import("");
    assert_eq!((report.rows_read, report.hosts, report.interval_s), (2, 1, Some(60.0)));
    assert_eq!(report.unused_columns, ["rack"]);
    let series = scene.series(Table::Host);
    assert_eq!(series[0].values(host::CPU_BUSY_CORES), [Some(1.5), None]);
    assert_eq!(series[0].values(host::INTERVAL_S), [Some(60.0); 2]);
    assert_eq!(scene.store().origins().unwrap()[0].rows["host"], 2);
}

#[test]
fn one_file_fills_several_tables_through_a_mapping() {
    let scene =
        Scene::csv("ts;\tCPU usage [%];\tn;\tread [KB/s]\n1714521660;\t50;\t4;\t16\n1714521960;\t25;\t4;\tNaN\n");
    let mapping = r#"
        separator = ";\t"
        at_unit = "s"
        host = "'vm-1'"
        at = "ts"
        [tables.host]
        cpu_cores = "n"
        cpu_busy_cores = "`CPU usage [%]` / 100 * n"
        [tables.disk]
        device = "'all'"
        read_bytes_per_s = "\"read [KB/s]\" * 1024"
    "#;
    let report = scene.import(mapping);
    assert_eq!((report.rows["host"], report.rows["disk"]), (2, 1));
    assert_eq!(
        scene.series(Table::Host)[0].values(host::CPU_BUSY_CORES),
        [Some(2.0), Some(1.0)]
    );
    let disks = scene.series(Table::Disk);
    assert_eq!(disks[0].labels, ["all"]);
    assert_eq!(disks[0].values(disk::READ_BYTES_PER_S), [Some(16_384.0)]);
}

#[test]
fn a_metric_a_row_becomes_whole_rows() {
    let scene = Scene::csv(
        "host,at,metric,value\na,2024-05-01T00:01:00Z,cpu,1\na,2024-05-01T00:01:00Z,load,7\na,2024-05-01T00:02:00Z,cpu,2\na,2024-05-01T00:02:00Z,cpu,9\n",
    );
    let mapping = "host = 'host'\nat = 'at'\n[tables.host]\ncpu_busy_cores = \"CASE WHEN metric = 'cpu' THEN value END\"\nload1 = \"CASE WHEN metric = 'load' THEN value END\"\n";
    let report = scene.import(mapping);
    assert_eq!((report.rows["host"], report.quality.duplicate_times), (2, 1));
    let series = scene.series(Table::Host);
    assert_eq!(series[0].values(host::CPU_BUSY_CORES), [Some(1.0), Some(2.0)]);
    assert_eq!(series[0].values(host::LOAD1), [Some(7.0), None]);
}

#[test]
fn dirt_is_counted_and_never_clamped() {
    let scene = Scene::csv(
        &(NATIVE.to_string()
        + "a,2024-05-01T00:01:00Z,4,1,8589934592\n"
        + "a,2024-05-01T00:02:00Z,4,4.5,8589934592\n" // above capacity
        + "a,2024-05-01T00:02:00Z,4,1,8589934592\n" // duplicate
        + "a,2024-05-01T00:09:00Z,8,1,8589934592\n" // gap and resize
        + "a,2024-05-01T00:03:00Z,4,-1,8589934592\n" // backward and negative
        + "a,2024-05-01T00:10:00Z,0,0,0\n" // powered off
        + "a,2024-05-01T00:11:00Z,8,inf,9e18\n" // absurd, twice
        + "b,2024-05-01T00:01:00Z,1,1,1073741824\n"),
    );
    let report = scene.import("");
    let found = report.quality_by_host["a"];
    assert_eq!(found.duplicate_times, 1);
    assert_eq!(found.above_capacity, 1);
    assert_eq!((found.gaps, found.resizes), (1, 1));
    assert_eq!((found.backward_times, found.negative), (1, 1));
    assert_eq!((found.zero_cores, found.absurd), (1, 2));
    assert!(!report.quality_by_host.contains_key("b"));
    assert_eq!(report.quality, found);
    let series = scene.series(Table::Host);
    let busy = series[0].values(host::CPU_BUSY_CORES);
    assert_eq!(busy, [Some(1.0), Some(4.5), None, Some(1.0), None, None]);
    assert_eq!(series[0].values(host::CPU_CORES)[4], None);
    assert_eq!(scene.store().origins().unwrap()[0].quality["a"], found);
}

#[test]
fn importing_twice_changes_nothing() {
    let scene = Scene::csv(&cores(&[("a", 1, 4.0), ("a", 2, 4.0)]));
    scene.import("");
    let before = scene.files();
    let again = scene.try_import("", &Watch::nobody()).unwrap();
    assert!(matches!(again, ImportOutcome::AlreadyImported { rows, .. } if rows["host"] == 2));
    assert_eq!(scene.files(), before);
    // The same file, understood another way, is another origin.
    scene.import("interval_s = 30");
    assert_ne!(scene.files(), before);
}

#[test]
fn a_cancelled_import_leaves_nothing() {
    let scene = Scene::csv(&cores(&[("a", 1, 4.0)]));
    for calls_before in 0..3 {
        let cancelled = AtomicBool::new(false);
        let calls = std::cell::Cell::new(0);
        let progress = |progress: Progress| {
            assert!(progress.bytes_done <= progress.bytes_total);
            calls.set(calls.get() + 1);
            cancelled.store(calls.get() > calls_before, Ordering::Relaxed);
        };
        let watch = Watch {
            progress: &progress,
            cancelled: &cancelled,
        };
        let error = scene.try_import("", &watch).unwrap_err();
        assert!(matches!(error, ImportError::Cancelled { .. }), "{error}");
        assert!(scene.files().is_empty(), "{:?}", scene.files());
    }
    scene.import("");
}

#[test]
fn a_bad_row_far_into_the_file_leaves_nothing() {
    let mut text = cores(&[]);
    for minute in 0..1_500 {
        text += &format!("a,{},4,1,1073741824\n", scene::at(minute));
    }
    text += &format!("a,{},4,one,1073741824\n", scene::at(1_500));
    let scene = Scene::csv(&text);
    let message = scene.error("").to_string();
    for part in [
        "source.csv",
        "row 1501",
        "line 1502",
        "`cpu_busy_cores`",
        "`one`",
        "is not a number",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(scene.files().is_empty());
}

#[test]
fn hostile_names_pass_unharmed() {
    let names = [
        "=cmd|' /C calc'!A0",
        "../../etc/passwd",
        "a\u{1b}[2Jb",
        "two\nlines",
        "máy-chủ",
        "c0",
        "'; --",
    ];
    let mut text = cores(&[]);
    for name in names {
        text += &format!("\"{name}\",{},4,1,1073741824\n", scene::at(1));
    }
    let scene = Scene::csv(&text);
    scene.import("");
    let mut stored: Vec<String> = scene
        .series(Table::Host)
        .into_iter()
        .map(|series| series.host)
        .collect();
    let mut expected = names.map(str::to_string).to_vec();
    stored.sort();
    expected.sort();
    assert_eq!(stored, expected);
    // In a message they cannot move the cursor.
    let scene = Scene::csv(&(cores(&[]) + "a\u{1b}[2J,now\u{1b}[2J,4,1,1\n"));
    assert!(!scene.error("").to_string().contains('\u{1b}'));
}

#[test]
fn times_are_never_guessed() {
    let text = "ts,n\n1714521660,4\n";
    let mapping = |unit: &str| format!("{unit}\nhost = \"'a'\"\nat = 'ts'\n[tables.host]\ncpu_cores = 'n'\n");
    let scene = Scene::csv(text);
    let error = scene.error(&mapping(""));
    assert!(error.to_string().contains("no `at_unit` says"), "{error}");
    assert!(error.hint().unwrap().contains("at_unit"));
    let error = scene.error(&mapping("at_unit = 'ms'")).to_string();
    assert!(
        error.contains("1970-01-20") && error.contains("read as seconds it would be 2024-05-01T00:01:00Z"),
        "{error}"
    );
    scene.import(&mapping("at_unit = 's'"));
    // A formula over numbers is a number as well.
    let arithmetic = mapping("at_unit = 'ms'").replace("'ts'", "'ts * 1000'");
    assert_eq!(Scene::csv(text).import(&arithmetic).first_at_ms, 1_714_521_660_000);
}

#[test]
fn local_times_are_read_in_their_zone() {
    let text = "day,clock,n\n2024-05-01,07:01,4\n";
    let mapping = "time_zone = 'Asia/Ho_Chi_Minh'\nhost = '@file'\nat = \"day || 'T' || clock\"\n[tables.host]\ncpu_cores = 'n'\n";
    let scene = Scene::csv(text);
    assert_eq!(scene.import(mapping).first_at_ms, 1_714_521_660_000);
    assert_eq!(scene.series(Table::Host)[0].host, "source");
}

#[test]
fn parquet_columns_of_every_width_are_read() {
    let series = |name: &str| PolarsSeries::new(name.into(), [4_i64, 8]);
    let cast = |name: &str, dtype: DataType| Column::from(series(name).cast(&dtype).unwrap());
    let hosts = PolarsSeries::new("host".into(), ["a", "a"]);
    let at = PolarsSeries::new("at".into(), [1_714_521_660_000_i64, 1_714_521_720_000])
        .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
        .unwrap();
    let mut frame = DataFrame::new(
        2,
        vec![
            hosts.into(),
            at.cast(&DataType::Datetime(TimeUnit::Nanoseconds, None))
                .unwrap()
                .into(),
            cast("cpu_cores", DataType::UInt8),
            cast("cpu_busy_cores", DataType::Float32),
            cast("cpu_user_cores", DataType::Int64),
            cast("load1", DataType::String),
            cast("runnable", DataType::Decimal(10, 2)),
        ],
    )
    .unwrap();
    let scene = Scene::empty(Kind::Parquet);
    ParquetWriter::new(std::fs::File::create(scene.path()).unwrap())
        .finish(&mut frame)
        .unwrap();
    let report = scene.import("");
    assert_eq!((report.first_at_ms, report.rows_read), (1_714_521_660_000, 2));
    let series = scene.series(Table::Host);
    assert_eq!(series[0].values(host::CPU_CORES), [Some(4.0), Some(8.0)]);
    assert_eq!(series[0].values(host::LOAD1), [Some(4.0), Some(8.0)]);
    assert_eq!(series[0].values(host::RUNNABLE), [Some(4.0), Some(8.0)]);
    // The store's own files are native, so an import of one gives its rows back.
    let stored = scene.files().into_iter().find(|file| file.contains("/host/")).unwrap();
    let copy = Scene::empty(Kind::Parquet);
    std::fs::copy(stored, copy.path()).unwrap();
    copy.import("");
    assert_eq!(copy.series(Table::Host), series);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_rows_does_not_matter(
        rows in prop::collection::btree_map((0_usize..3, 0_u32..60), (1_u8..9, 0.0_f64..8.0), 1..40),
        seed in any::<u64>(),
    ) {
        let lines: Vec<String> = rows
            .iter()
            .map(|((host, minute), (cores, busy))| format!("h{host},{},{cores},{busy},1073741824\n", scene::at(*minute)))
            .collect();
        let mut shuffled = lines.clone();
        // Any order will do: sort by a hash of the line and the seed.
        shuffled.sort_by_key(|line| line.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)));
        let sorted = Scene::csv(&(NATIVE.to_string() + &lines.concat()));
        let mixed = Scene::csv(&(NATIVE.to_string() + &shuffled.concat()));
        let (in_order, out_of_order) = (sorted.import(""), mixed.import(""));
        prop_assert_eq!(in_order.rows, out_of_order.rows);
        prop_assert_eq!(in_order.quality.gaps, out_of_order.quality.gaps);
        prop_assert_eq!(sorted.series(Table::Host), mixed.series(Table::Host));
    }

    #[test]
    fn the_preview_is_what_gets_imported(
        rows in prop::collection::vec((0_usize..2, -1_i64..9, -2.0_f64..12.0), 1..5),
    ) {
        let mut text = NATIVE.to_string();
        for (minute, (host, cores, busy)) in rows.iter().enumerate() {
            text += &format!("h{host},{},{cores},{busy},1073741824\n", scene::at(minute as u32));
        }
        let scene = Scene::csv(&text);
        let mapping = Mapping::default();
        let described = describe(&scene.request(&mapping)).unwrap();
        let report = scene.import("");
        prop_assert_eq!(described.quality, report.quality);
        prop_assert_eq!(described.preview.len(), rows.len());
        let stored = scene.series(Table::Host);
        for row in &described.preview {
            let series = stored.iter().find(|series| series.host == row.host).unwrap();
            let at = series.at_ms.binary_search(&row.at_ms).unwrap();
            for &(name, value) in &row.tables[0].numbers {
                prop_assert_eq!(series.value(Table::Host.column(name).unwrap(), at), value);
            }
        }
    }
}
