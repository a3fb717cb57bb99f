//! CloudWatch: get-metric-statistics, get-metric-data (with its queries), and metric-stream records.
//!
//! Totals of a period become rates, the start of a period becomes its end, and
//! percentages become CPUs where the instance's vCPUs are known: from `--vcpus`
//! or from other telemetry of the host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use telemetry::Table;
use telemetry::schema::{disk, host, network};

use super::open::whole;
use super::parsed::Parsed;
use super::{Options, when};
use crate::import::error::{ImportError, RowPlace, shown};

/// What one number of a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Statistic {
    Average,
    Maximum,
    Sum,
}

/// One series: points by the start of their period.
type Points = BTreeMap<i64, f64>;

/// Every series, by host, metric and statistic, with its period in milliseconds where it is stated.
type Series = BTreeMap<(String, String, Statistic), (Points, Option<i64>)>;

/// Reads files that belong together: a file of queries tells what the results of another are.
pub(crate) fn read(paths: &[PathBuf], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut documents = Vec::new();
    for path in paths {
        for (row, value) in documents_of(path)? {
            documents.push((path.clone(), row, value));
        }
    }
    let queries = queries(&documents);
    let mut series = Series::new();
    for (path, row, document) in &documents {
        let place = RowPlace { row: *row, line: None };
        if document["Datapoints"].is_array() {
            statistics(path, document, options, &mut series, parsed)?;
        } else if document["MetricDataResults"].is_array() {
            data(path, document, &queries, options, &mut series, parsed)?;
        } else if document["metric_stream_name"].is_string() {
            stream(path, place, document, options, &mut series, parsed)?;
        } else if !is_queries(document) {
            return Err(ImportError::BadRow {
                path: path.clone(),
                place,
                found: format!("`{}`", shown(&document.to_string())),
                expected: "`Datapoints`, `MetricDataResults`, queries of get-metric-data, or a metric-stream record"
                    .to_string(),
            });
        }
    }
    for ((host, metric, statistic), (points, period)) in series {
        record(&host, &metric, statistic, &points, period, options, parsed);
    }
    Ok(())
}

/// Reads a file as one JSON document, or as one a line.
fn documents_of(path: &Path) -> Result<Vec<(u64, Value)>, ImportError> {
    let bytes = whole(path)?;
    let mut documents = Vec::new();
    for (row, value) in serde_json::Deserializer::from_slice(&bytes)
        .into_iter::<Value>()
        .enumerate()
    {
        let value = value.map_err(|source| ImportError::Json {
            path: path.to_path_buf(),
            source,
        })?;
        documents.push((row as u64 + 1, value));
    }
    Ok(documents)
}

fn is_queries(document: &Value) -> bool {
    document["MetricDataQueries"].is_array()
        || document
            .as_array()
            .is_some_and(|queries| queries.iter().all(|query| query["MetricStat"].is_object()))
}

/// What a query of get-metric-data asked for.
struct Query {
    host: String,
    metric: String,
    statistic: Option<Statistic>,
    period_ms: Option<i64>,
}

fn queries(documents: &[(PathBuf, u64, Value)]) -> BTreeMap<String, Query> {
    let mut queries = BTreeMap::new();
    for (_, _, document) in documents {
        let list = document["MetricDataQueries"].as_array().or(document.as_array());
        for query in list.into_iter().flatten() {
            let stat = &query["MetricStat"];
            let (Some(id), Some(metric)) = (query["Id"].as_str(), stat["Metric"]["MetricName"].as_str()) else {
                continue;
            };
            let host = stat["Metric"]["Dimensions"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|dimension| dimension["Name"] == "InstanceId")
                .and_then(|dimension| dimension["Value"].as_str());
            queries.insert(
                id.to_string(),
                Query {
                    host: host.unwrap_or_default().to_string(),
                    metric: metric.to_string(),
                    statistic: stat["Stat"].as_str().and_then(statistic),
                    period_ms: stat["Period"].as_i64().map(|seconds| seconds * 1000),
                },
            );
        }
    }
    queries
}

fn statistic(name: &str) -> Option<Statistic> {
    match name {
        "Average" => Some(Statistic::Average),
        "Maximum" => Some(Statistic::Maximum),
        "Sum" => Some(Statistic::Sum),
        _ => None,
    }
}

fn bad_time(path: &Path, row: u64, value: &Value) -> ImportError {
    ImportError::BadValue {
        path: path.to_path_buf(),
        place: RowPlace { row, line: None },
        column: "Timestamp".to_string(),
        value: shown(&value.to_string()),
        expected: when::EXPECTED.to_string(),
    }
}

fn time(value: &Value, options: &Options<'_>) -> Option<i64> {
    match value {
        Value::String(text) => when::iso(text, options.zone),
        Value::Number(number) => when::seconds(number.as_f64()?),
        _ => None,
    }
}

fn statistics(
    path: &Path,
    document: &Value,
    options: &Options<'_>,
    series: &mut Series,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let metric = document["Label"].as_str().unwrap_or_default().to_string();
    let host = match options.host {
        Some(host) => host.to_string(),
        None => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            instance_in(&name).map_or_else(
                || name.split('.').next().unwrap_or_default().to_string(),
                str::to_string,
            )
        }
    };
    if options.host.is_none() {
        parsed.note("get-metric-statistics does not tell the instance; the host is the file's name, or --host");
    }
    for (row, point) in document["Datapoints"].as_array().into_iter().flatten().enumerate() {
        parsed.rows_read += 1;
        let at =
            time(&point["Timestamp"], options).ok_or_else(|| bad_time(path, row as u64 + 1, &point["Timestamp"]))?;
        for name in ["Average", "Maximum", "Sum"] {
            if let (Some(value), Some(statistic)) = (point[name].as_f64(), statistic(name)) {
                let key = (host.clone(), metric.clone(), statistic);
                series.entry(key).or_default().0.insert(at, value);
            }
        }
    }
    Ok(())
}

fn data(
    path: &Path,
    document: &Value,
    queries: &BTreeMap<String, Query>,
    options: &Options<'_>,
    series: &mut Series,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    for (row, result) in document["MetricDataResults"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let row = row as u64 + 1;
        let label = result["Label"].as_str().unwrap_or_default();
        let query = result["Id"].as_str().and_then(|id| queries.get(id));
        // Without the queries, labels such as `i-0abc CPUUtilization Average` may tell.
        let word = |wanted: &[&str]| {
            label
                .split([' ', ',', ':', '/'])
                .find(|word| wanted.contains(word))
                .map(str::to_string)
        };
        let metric = query.map(|query| query.metric.clone()).or_else(|| word(&METRICS));
        let host = options
            .host
            .map(str::to_string)
            .or_else(|| query.map(|query| query.host.clone()).filter(|host| !host.is_empty()))
            .or_else(|| instance_in(label).map(str::to_string));
        let stat = query
            .and_then(|query| query.statistic)
            .or_else(|| word(&["Average", "Maximum", "Sum"]).and_then(|name| statistic(&name)));
        let (Some(metric), Some(host), Some(stat)) = (metric, host, stat) else {
            parsed.leave_out(
                "results whose instance, metric and statistic are not told: give the file of queries too, or label them",
            );
            continue;
        };
        let times = result["Timestamps"].as_array().map_or(&[][..], Vec::as_slice);
        let values = result["Values"].as_array().map_or(&[][..], Vec::as_slice);
        if times.len() != values.len() {
            return Err(ImportError::BadRow {
                path: path.to_path_buf(),
                place: RowPlace { row, line: None },
                found: format!("{} timestamps and {} values", times.len(), values.len()),
                expected: "as many of one as of the other".to_string(),
            });
        }
        let entry = series.entry((host, metric, stat)).or_default();
        entry.1 = query.and_then(|query| query.period_ms).or(entry.1);
        for (at, value) in times.iter().zip(values) {
            parsed.rows_read += 1;
            let at = time(at, options).ok_or_else(|| bad_time(path, row, at))?;
            if let Some(value) = value.as_f64() {
                entry.0.insert(at, value);
            }
        }
    }
    Ok(())
}

fn stream(
    path: &Path,
    place: RowPlace,
    record: &Value,
    options: &Options<'_>,
    series: &mut Series,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    parsed.rows_read += 1;
    let namespace = record["namespace"].as_str().unwrap_or_default();
    let metric = record["metric_name"].as_str().unwrap_or_default();
    let instance = record["dimensions"]["InstanceId"].as_str();
    let (Some(host), "AWS/EC2" | "CWAgent") = (options.host.or(instance), namespace) else {
        parsed.unused(&format!("metric {} {}", shown(namespace), shown(metric)));
        return Ok(());
    };
    let at = record["timestamp"]
        .as_f64()
        .and_then(|milliseconds| when::seconds(milliseconds / 1000.0))
        .ok_or_else(|| bad_time(path, place.row, &record["timestamp"]))?;
    let value = |name: &str| record["value"][name].as_f64();
    let (Some(count), Some(sum)) = (value("count"), value("sum")) else {
        return Err(ImportError::BadValue {
            path: path.to_path_buf(),
            place,
            column: "value".to_string(),
            value: shown(&record["value"].to_string()),
            expected: "an object with count and sum".to_string(),
        });
    };
    let mut add = |statistic, value| {
        let key = (host.to_string(), metric.to_string(), statistic);
        series.entry(key).or_default().0.insert(at, value);
    };
    add(Statistic::Sum, sum);
    if count > 0.0 {
        add(Statistic::Average, sum / count);
    }
    if let Some(max) = value("max") {
        add(Statistic::Maximum, max);
    }
    Ok(())
}

/// Metrics that are used.
const METRICS: [&str; 14] = [
    "CPUUtilization",
    "NetworkIn",
    "NetworkOut",
    "NetworkPacketsIn",
    "NetworkPacketsOut",
    "DiskReadOps",
    "DiskWriteOps",
    "DiskReadBytes",
    "DiskWriteBytes",
    "EBSReadOps",
    "EBSWriteOps",
    "EBSReadBytes",
    "EBSWriteBytes",
    "mem_available",
];

fn record(
    name: &str,
    metric: &str,
    statistic: Statistic,
    points: &Points,
    period: Option<i64>,
    options: &Options<'_>,
    parsed: &mut Parsed,
) {
    if !METRICS.contains(&metric) {
        parsed.unused(&format!("metric {}", shown(metric)));
        return;
    }
    // Periods are whole minutes; where none is stated it is the least distance of two points.
    let period = period.or_else(|| {
        let times: Vec<i64> = points.keys().copied().collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).min()
    });
    let Some(period) = period.filter(|period| *period > 0) else {
        parsed.leave_out("series of one point, whose period is unknown");
        return;
    };
    let id = parsed.host(name);
    let seconds = period as f64 / 1000.0;
    if metric == "CPUUtilization" {
        let Some(cores) = options.cores(name) else {
            parsed.leave_out(&format!(
                "CPU series of `{}`, whose vCPUs are unknown: give --vcpus, or import its size first",
                shown(name)
            ));
            return;
        };
        let column = match statistic {
            Statistic::Average => host::CPU_BUSY_CORES,
            Statistic::Maximum => host::CPU_BUSY_CORES_MAX,
            Statistic::Sum => return,
        };
        for (&start, &percent) in points {
            let values = [
                (host::INTERVAL_S, seconds),
                (host::CPU_CORES, cores),
                (column, percent / 100.0 * cores),
            ];
            parsed.host_row(id, start + period, &values);
        }
        return;
    }
    if metric == "mem_available" {
        if statistic == Statistic::Average {
            for (&start, &bytes) in points {
                let values = [(host::INTERVAL_S, seconds), (host::MEMORY_AVAILABLE_BYTES, bytes)];
                parsed.host_row(id, start + period, &values);
            }
        }
        return;
    }
    // Averages and maxima of these are of the samples within a period, whose number is not told: only sums are rates.
    if statistic != Statistic::Sum {
        parsed.leave_out(&format!(
            "{statistic:?} of {metric}: only its Sum can be turned into a rate"
        ));
        return;
    }
    let (table, interval, label, column) = match metric {
        "NetworkIn" => (Table::Network, network::INTERVAL_S, "all", network::RECEIVE_BYTES_PER_S),
        "NetworkOut" => (
            Table::Network,
            network::INTERVAL_S,
            "all",
            network::TRANSMIT_BYTES_PER_S,
        ),
        "NetworkPacketsIn" => (
            Table::Network,
            network::INTERVAL_S,
            "all",
            network::RECEIVE_PACKETS_PER_S,
        ),
        "NetworkPacketsOut" => (
            Table::Network,
            network::INTERVAL_S,
            "all",
            network::TRANSMIT_PACKETS_PER_S,
        ),
        "DiskReadOps" => (Table::Disk, disk::INTERVAL_S, "instance-store", disk::READS_PER_S),
        "DiskWriteOps" => (Table::Disk, disk::INTERVAL_S, "instance-store", disk::WRITES_PER_S),
        "DiskReadBytes" => (Table::Disk, disk::INTERVAL_S, "instance-store", disk::READ_BYTES_PER_S),
        "DiskWriteBytes" => (Table::Disk, disk::INTERVAL_S, "instance-store", disk::WRITE_BYTES_PER_S),
        "EBSReadOps" => (Table::Disk, disk::INTERVAL_S, "ebs", disk::READS_PER_S),
        "EBSWriteOps" => (Table::Disk, disk::INTERVAL_S, "ebs", disk::WRITES_PER_S),
        "EBSReadBytes" => (Table::Disk, disk::INTERVAL_S, "ebs", disk::READ_BYTES_PER_S),
        _ => (Table::Disk, disk::INTERVAL_S, "ebs", disk::WRITE_BYTES_PER_S),
    };
    let labels = parsed.labels(&[label]);
    for (&start, &sum) in points {
        let values = [(interval, seconds), (column, sum / seconds)];
        parsed.row(table, id, labels, start + period, &values);
    }
}

/// Finds an instance's id in a text.
fn instance_in(text: &str) -> Option<&str> {
    let start = text.find("i-")?;
    let rest = &text[start + 2..];
    let end = rest
        .find(|letter: char| !letter.is_ascii_hexdigit())
        .unwrap_or(rest.len());
    matches!(end, 8 | 17).then(|| &text[start..start + 2 + end])
}
