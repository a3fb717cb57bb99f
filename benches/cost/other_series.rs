//! Real series of other places by the hour, to see whether a rule that helps on one estate helps elsewhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use polars::prelude::{DataType, ParquetReader, SerReader as _};

use crate::forecast::milliseconds;

/// A file of series.
struct Traces {
    file: &'static str,
    /// The column that names a series within a host.
    names: Option<&'static str>,
    /// The columns of values.
    values: &'static [&'static str],
    /// Which of the names count.
    wanted: &'static [&'static str],
}

const FILES: [Traces; 3] = [
    Traces {
        file: "web_requests_58_days_1min.parquet",
        names: None,
        values: &["requests"],
        wanted: &[],
    },
    Traces {
        file: "servers_normalised_33_days_1min.parquet",
        names: None,
        values: &["cpu_r", "load_1"],
        wanted: &[],
    },
    Traces {
        file: "cloudwatch_ec2_elb_14_days_5min.parquet",
        names: Some("metric"),
        values: &["value"],
        wanted: &["cpu_util_pct", "request_count"],
    },
];

/// Reads the hourly means of every series; says which file is not there.
pub fn series(root: &Path) -> Vec<Vec<f64>> {
    let mut out = Vec::new();
    for Traces {
        file,
        names,
        values,
        wanted,
    } in FILES
    {
        let path = root.join("../shared/traces").join(file);
        match File::open(&path) {
            Ok(file) => {
                for value in values {
                    out.extend(hourly(file.try_clone().unwrap(), names, value, wanted));
                }
            }
            Err(error) => eprintln!("not run: {}: {error}", path.display()),
        }
    }
    out
}

/// Sum and number of an hour's values.
type Hours = BTreeMap<i64, (f64, f64)>;

fn hourly(file: File, names: Option<&str>, value: &str, wanted: &[&str]) -> Vec<Vec<f64>> {
    let columns = ["host", "ts", value].into_iter().chain(names).map(String::from);
    let frame = ParquetReader::new(file)
        .with_columns(Some(columns.collect()))
        .finish()
        .unwrap();
    let text = |name: &str| -> Vec<String> {
        let column = frame.column(name).unwrap().cast(&DataType::String).unwrap();
        let texts = column.str().unwrap().iter();
        texts.map(|one| one.unwrap_or_default().to_string()).collect()
    };
    let hosts = text("host");
    let names = names.map_or_else(|| vec![String::new(); hosts.len()], text);
    let times = milliseconds(&frame);
    let values = frame.column(value).unwrap().cast(&DataType::Float64).unwrap();
    let mut series: BTreeMap<(String, String), Hours> = BTreeMap::new();
    let rows = times.i64().unwrap().iter().zip(values.f64().unwrap().iter());
    for ((host, name), (at, value)) in hosts.into_iter().zip(names).zip(rows) {
        let (Some(at), Some(value)) = (at, value.filter(|value| value.is_finite())) else {
            continue;
        };
        if !wanted.is_empty() && !wanted.contains(&name.as_str()) {
            continue;
        }
        let hour = series
            .entry((host, name))
            .or_default()
            .entry(at.div_euclid(3_600_000))
            .or_default();
        *hour = (hour.0 + value, hour.1 + 1.0);
    }
    let means = |hours: Hours| hours.into_values().map(|(sum, count)| sum / count).collect();
    series.into_values().map(means).collect()
}
