//! Prometheus range queries over node_exporter's metrics: counters become rates, with the scrapes told from the steps.
//!
//! Input: JSON of `/api/v1/query_range`, one metric or many a file; files belong
//! together. A query may step faster than Prometheus scrapes; then counters
//! stand still for some points. Time in all modes of a CPU never stands still,
//! so its changes tell the scrapes, and rates are taken between those.

mod counters;
mod server;

pub use server::{ServerRequest, fetch_prometheus};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::open::whole;
use super::parsed::Parsed;
use super::{Options, when};
use crate::import::error::{ImportError, RowPlace, shown};

/// One series: its labels and its points.
#[derive(Debug, Deserialize)]
struct Found {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    result_type: String,
    result: Vec<Found>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error: Option<String>,
}

/// Points of one series: UTC milliseconds and value, in order of time.
type Points = Vec<(i64, f64)>;

/// Everything of one host, by metric and its own labels (device, mode, mountpoint …).
type HostSeries = BTreeMap<String, Vec<(BTreeMap<String, String>, Points)>>;

/// Reads files that belong together.
pub(crate) fn read(paths: &[PathBuf], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut hosts: BTreeMap<String, HostSeries> = BTreeMap::new();
    for path in paths {
        let bytes = whole(path)?;
        let answer: Answer = serde_json::from_slice(&bytes).map_err(|source| ImportError::Json {
            path: path.clone(),
            source,
        })?;
        let data = match answer.data {
            Some(data) if answer.status == "success" => data,
            _ => {
                return Err(ImportError::BadRow {
                    path: path.clone(),
                    place: RowPlace { row: 1, line: None },
                    found: format!(
                        "Prometheus answered `{}`: {}",
                        shown(&answer.status),
                        shown(&answer.error.unwrap_or_default())
                    ),
                    expected: "an answer with status `success` and data".to_string(),
                });
            }
        };
        if data.result_type != "matrix" {
            return Err(ImportError::BadRow {
                path: path.clone(),
                place: RowPlace { row: 1, line: None },
                found: format!("a result of type `{}`", shown(&data.result_type)),
                expected: "a `matrix`, as /api/v1/query_range gives it".to_string(),
            });
        }
        for (row, series) in data.result.into_iter().enumerate() {
            let place = RowPlace {
                row: row as u64 + 1,
                line: None,
            };
            take_series(path, place, series, options, &mut hosts, parsed)?;
        }
    }
    for (host, series) in hosts {
        counters::record(&host, series, options, parsed);
    }
    Ok(())
}

fn take_series(
    path: &Path,
    place: RowPlace,
    series: Found,
    options: &Options<'_>,
    hosts: &mut BTreeMap<String, HostSeries>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let Some(metric) = series.metric.get("__name__").cloned() else {
        parsed.leave_out("series without a name: query the metric itself, not rate() or sum() of it");
        return Ok(());
    };
    if !counters::is_known(&metric) {
        parsed.unused(&format!("metric {}", shown(&metric)));
        return Ok(());
    }
    // `instance` is HOST:PORT of the exporter.
    let host = match (
        options.host,
        series.metric.get("nodename"),
        series.metric.get("instance"),
    ) {
        (Some(host), _, _) => host.to_string(),
        (None, Some(name), _) if !name.is_empty() => name.clone(),
        (None, _, Some(instance)) if !instance.is_empty() => without_port(instance).to_string(),
        _ => {
            return Err(ImportError::Missing {
                path: path.to_path_buf(),
                place,
                column: "instance".to_string(),
                what: "host",
            });
        }
    };
    let mut points = Vec::with_capacity(series.values.len());
    for (at, value) in series.values {
        parsed.rows_read += 1;
        let bad = |value: &str, expected: &str| ImportError::BadValue {
            path: path.to_path_buf(),
            place,
            column: shown(&metric),
            value: shown(value),
            expected: expected.to_string(),
        };
        let at = when::seconds(at).ok_or_else(|| bad(&at.to_string(), when::EXPECTED))?;
        let value = match value.as_str() {
            "NaN" | "+Inf" | "-Inf" => f64::NAN,
            text => text
                .parse()
                .map_err(|_| bad(text, "a number, as Prometheus writes it in quotes"))?,
        };
        points.push((at, value));
    }
    let known = hosts.entry(host).or_default().entry(metric).or_default();
    // The same series of another file, which goes on where this one ends.
    match known.iter_mut().find(|(labels, _)| *labels == series.metric) {
        Some((_, all)) => {
            all.extend(points);
            all.sort_by_key(|&(at, _)| at);
            all.dedup_by_key(|&mut (at, _)| at);
        }
        None => {
            points.sort_by_key(|&(at, _)| at);
            known.push((series.metric, points));
        }
    }
    Ok(())
}

fn without_port(instance: &str) -> &str {
    match instance.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            host.trim_start_matches('[').trim_end_matches(']')
        }
        _ => instance,
    }
}
