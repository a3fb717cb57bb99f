//! What is refused, and with which words: file, row, column, value, and what was expected.
#![allow(clippy::unwrap_used, missing_docs)]

mod scene;

use scene::{Scene, cores};
use sizewright_collector::import::{ImportError, ImportRequest, Kind, Mapping, Watch, describe, import};
use telemetry::Table;

const MAPPING: &str = "host = 'vm'\nat = 'ts'\n[tables.host]\ncpu_cores = 'n'\n";

fn refused(text: &str, mapping: &str, parts: &[&str]) -> ImportError {
    let error = Scene::csv(text).error(mapping);
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    error
}

#[test]
fn a_missing_column_is_named_with_what_there_is() {
    let error = refused(
        "vm,time,n\na,2024-05-01T00:00:00Z,4\n",
        "host = 'vm'\nat = 'tiem'\n[tables.host]\ncpu_cores = 'n'\n",
        &[
            "at uses the column `tiem`",
            "it has `vm`, `time`, `n`",
            "did you mean `time`?",
        ],
    );
    assert!(error.hint().unwrap().contains("backticks"));
}

#[test]
fn a_bad_number_is_named_with_row_column_and_value() {
    let text = "vm,ts,n\na,2024-05-01T00:00:00Z,4\na,2024-05-01T00:01:00Z,four\na,2024-05-01T00:02:00Z,4\n";
    refused(
        text,
        MAPPING,
        &[
            "source.csv",
            "row 2 (line 3)",
            "column `n`",
            "`four` is not a number such as `12.5`",
        ],
    );
    let text = "vm,ts,n\na,2024-05-01T00:00:00Z,many\na,2024-05-01T00:01:00Z,few\n";
    refused(text, MAPPING, &["row 1 (line 2)", "column `n`", "`many`"]);
    for formula in ["n / 2", "upper(n)"] {
        let mapping = MAPPING.replace("'n'", &format!("'{formula}'"));
        refused(
            text,
            &mapping,
            &["`many` is not a number, which `tables.host.cpu_cores` needs"],
        );
    }
}

#[test]
fn a_bad_time_is_named_with_row_column_and_value() {
    let text = "vm,ts,n\na,2024-05-01T00:00:00Z,4\na,yesterday,4\n";
    refused(
        text,
        MAPPING,
        &[
            "row 2 (line 3)",
            "column `ts`",
            "`yesterday` is not an ISO 8601 time",
            "at_format",
        ],
    );
    refused("vm,ts,n\na,,4\n", MAPPING, &["row 1", "`ts` gives no time"]);
    refused(
        "vm,ts,n\n,2024-05-01T00:00:00Z,4\n",
        MAPPING,
        &["row 1", "`vm` gives no host"],
    );
}

#[test]
fn files_without_rows_say_so() {
    refused("", MAPPING, &["is empty"]);
    refused("vm,ts,n\n", MAPPING, &["has a header but no rows"]);
}

#[test]
fn what_is_not_the_kind_asked_for_is_refused() {
    let garbage: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    let refused = |kind, bytes: &[u8]| Scene::bytes(kind, bytes).error(MAPPING);
    let error = refused(Kind::Csv, &garbage).to_string();
    assert!(
        error.contains("is not a CSV file") && error.contains("not text"),
        "{error}"
    );
    let error = refused(Kind::Parquet, &garbage);
    assert!(error.to_string().contains("is not a Parquet file"), "{error}");
    assert_eq!(error.hint().unwrap(), "use `import csv` for text files");
    let error = refused(Kind::Csv, b"PAR1....");
    assert_eq!(error.hint().unwrap(), "use `import parquet`");
    assert!(refused(Kind::Csv, b"\x1f\x8b\x08").to_string().contains("gzip"));
    assert!(matches!(
        refused(Kind::Parquet, b"PAR1 and then nothing"),
        ImportError::Parquet { .. }
    ));
    let error = refused(Kind::Csv, b"vm,ts,n\n\xff\xfe\xfd,2024-05-01T00:00:00Z,4\n").to_string();
    assert!(error.contains("row 1") && error.contains("UTF-8"), "{error}");
}

#[test]
fn rows_of_another_width_are_refused() {
    let error = refused(
        "vm,ts,n\na,2024-05-01T00:00:00Z\n",
        MAPPING,
        &["row 1 (line 2)", "2 fields, expected 3"],
    );
    assert!(error.hint().unwrap().contains("separator"));
    // One empty field more is a separator at the end of the line.
    Scene::csv("vm,ts,n\na,2024-05-01T00:00:00Z,4,\n").import(MAPPING);
}

#[test]
fn a_quote_that_is_never_closed_does_not_take_the_file_in() {
    let mut text = "vm,ts,n\n\"a,2024-05-01T00:00:00Z,4\n".to_string();
    text.push_str(&"a,2024-05-01T00:01:00Z,4\n".repeat(3 << 20));
    let error = Scene::csv(&text).error(MAPPING);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("quote is never closed"), "{cause}");
}

#[test]
fn a_file_of_another_layout_shows_its_columns_and_a_mapping_to_start_from() {
    let error = refused(
        "Timestamp [ms];VM name;CPU cores\n1;web;4\n2;db;4\n3;app;4\n4;x;4\n",
        "separator = ';'",
        &[
            "does not have native columns (`host`, `at` missing)",
            "VM name (text): web, db, app\n",
            "CPU cores (numbers): 4",
        ],
    );
    let hint = error.hint().unwrap();
    let skeleton = hint.split("\n\n").skip(1).collect::<Vec<_>>().join("\n");
    assert!(
        skeleton.contains("host = \"VM name\"") && skeleton.contains("# cpu_cores = \"CPU cores\""),
        "{skeleton}"
    );
    assert!(Mapping::parse(&skeleton).is_ok(), "{skeleton}");
}

#[test]
fn a_mapping_that_leaves_out_what_a_row_needs_is_refused() {
    let text = "vm,ts,n\na,2024-05-01T00:00:00Z,4\n";
    refused(
        text,
        "host = 'vm'\n[tables.host]\ncpu_cores = 'n'\n",
        &["does not say `at`"],
    );
    refused(text, "host = 'vm'\nat = 'ts'\n", &["does not say what to fill"]);
    refused(
        text,
        "host = 'vm'\nat = 'ts'\n[tables.disk]\nreads_per_s = 'n'\n",
        &["`[tables.disk]`", "`device`"],
    );
    refused(
        text,
        "host = 'vm'\nat = 'ts'\n[tables.host]\n",
        &["which of its number columns"],
    );
    refused(
        text,
        &MAPPING.replace("'n'", "'SUM(n)'"),
        &["aggregates over rows", "its own row"],
    );
    refused(
        text,
        &MAPPING.replace("'n'", "'n +'"),
        &["cannot compute tables.host.cpu_cores = `n +`"],
    );
}

#[test]
fn a_table_that_was_asked_for_must_be_there() {
    let scene = Scene::csv(&cores(&[("a", 1, 4.0)]));
    let mapping = Mapping::default();
    let request = ImportRequest {
        table: Some(Table::Disk),
        ..scene.request(&mapping)
    };
    let error = import(&scene.store(), &request, &Watch::nobody())
        .unwrap_err()
        .to_string();
    assert!(error.contains("`device` of table `disk` missing"), "{error}");
}

#[test]
fn a_dry_run_writes_nothing_and_warns() {
    let scene = Scene::csv("host,at,cpu_core,cpu_busy_cores\nweb,2024-05-01T00:01:00Z,4,-1\n");
    let mapping = Mapping::default();
    let described = describe(&scene.request(&mapping)).unwrap();
    assert!(scene.files().is_empty());
    let warnings = described.warnings.join("\n");
    assert!(
        warnings.contains("did you mean `cpu_cores`?") && warnings.contains("1 negative values"),
        "{warnings}"
    );
    assert_eq!(described.preview[0].tables[0].numbers, [("cpu_busy_cores", None)]);
    assert_eq!((described.host_count, described.hosts), (1, vec!["web".to_string()]));
}
