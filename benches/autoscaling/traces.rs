//! The series that policies are judged on: real ones, and generated ones of each kind.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use analyzer::scale::{Kind, Load};
use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader as _, TimeUnit};
use sample_data::{DEMAND_FIRST_MINUTE, DemandKind, demand};

/// A series with its name and where it is from.
pub struct Trace {
    pub name: String,
    pub load: Load,
    pub real: bool,
    /// What a generated series is made to be; a real one is judged by its first part.
    pub made: Option<Kind>,
}

/// Generates every kind with these seeds.
pub fn generated(seeds: &[u64], days: u32) -> Vec<Trace> {
    let mut out = Vec::new();
    for kind in DemandKind::ALL {
        for &seed in seeds {
            out.push(Trace {
                name: format!("{} seed {seed}", kind.name()),
                load: Load::from_minutes(DEMAND_FIRST_MINUTE, demand(kind, seed, days)),
                real: false,
                made: Some(match kind {
                    DemandKind::Smooth => Kind::Smooth,
                    DemandKind::Diurnal => Kind::Diurnal,
                    DemandKind::Spiky => Kind::Spiky,
                    DemandKind::Growing => Kind::Growing,
                }),
            });
        }
    }
    out
}

/// Reads the real series; says what is not there.
pub fn real(folder: &Path) -> Vec<Trace> {
    let mut out = Vec::new();
    let mut add = |name: String, samples: &[(i64, f64)]| match Load::from_samples(samples) {
        Ok(load) => out.push(Trace {
            name,
            load,
            real: true,
            made: None,
        }),
        Err(why) => eprintln!("not run: {name}: {why}"),
    };
    if let Some(frame) = frame(folder, "web_requests_58_days_1min.parquet", &["ts", "requests"]) {
        let times = milliseconds(&frame, "ts");
        let values = floats(&frame, "requests");
        add("web requests".to_string(), &ends(&times, &values, 60_000));
    }
    let cloudwatch = "cloudwatch_ec2_elb_14_days_5min.parquet";
    if let Some(frame) = frame(folder, cloudwatch, &["host", "ts", "metric", "value"]) {
        let (times, values) = (milliseconds(&frame, "ts"), floats(&frame, "value"));
        let (hosts, metrics) = (texts(&frame, "host"), texts(&frame, "metric"));
        let mut series: BTreeMap<&str, Vec<(i64, f64)>> = BTreeMap::new();
        for (row, host) in hosts.iter().enumerate() {
            if metrics[row] == "cpu_util_pct" || metrics[row] == "request_count" {
                series
                    .entry(host)
                    .or_default()
                    .push((times[row] + 300_000, values[row]));
            }
        }
        for (host, mut samples) in series {
            samples.sort_by_key(|sample| sample.0);
            add(host.trim_start_matches("ec2_cpu_utilization_").to_string(), &samples);
        }
    }
    if let Some(samples) = diurnal_vms(folder) {
        add("twenty most diurnal VMs".to_string(), &samples);
    }
    out
}

/// Sums the twenty VMs whose first half the hour of the day explains best.
fn diurnal_vms(folder: &Path) -> Option<Vec<(i64, f64)>> {
    const STEP: i64 = 300_000;
    let columns = ["host", "ts", "cpu_cores", "cpu_util_pct"];
    let frame = frame(folder, "estate_99_vms_91_days_5min.parquet", &columns)?;
    let times = milliseconds(&frame, "ts");
    let (hosts, cores, shares) = (
        texts(&frame, "host"),
        floats(&frame, "cpu_cores"),
        floats(&frame, "cpu_util_pct"),
    );
    let mut by_host: BTreeMap<&str, BTreeMap<i64, f64>> = BTreeMap::new();
    for (row, host) in hosts.iter().enumerate() {
        let busy = cores[row] * shares[row] / 100.0;
        if busy.is_finite() {
            by_host
                .entry(host)
                .or_default()
                .insert(times[row].div_euclid(STEP), busy);
        }
    }
    let first = by_host
        .values()
        .filter_map(|series| series.keys().next())
        .min()
        .copied()?;
    let last = by_host
        .values()
        .filter_map(|series| series.keys().next_back())
        .max()
        .copied()?;
    let middle = first + (last - first) / 2;
    let mut ranked: Vec<(f64, &str)> = by_host
        .iter()
        .filter(|(_, series)| series.range(..middle).count() as i64 * 10 >= (middle - first) * 8)
        .map(|(host, series)| (explained_by_time_of_day(series.range(..middle)), *host))
        .collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    ranked.truncate(20);
    // A time counts when more than half of them were measured.
    let mut sums: BTreeMap<i64, (f64, usize)> = BTreeMap::new();
    for (_, host) in &ranked {
        for (step, busy) in &by_host[host] {
            let sum = sums.entry(*step).or_default();
            sum.0 += busy;
            sum.1 += 1;
        }
    }
    let kept = sums.into_iter().filter(|(_, (_, count))| *count > ranked.len() / 2);
    Some(kept.map(|(step, (sum, _))| ((step + 1) * STEP, sum)).collect())
}

fn explained_by_time_of_day<'a>(series: impl Iterator<Item = (&'a i64, &'a f64)>) -> f64 {
    let mut slots = vec![(0.0, 0.0); 288];
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for (step, value) in series {
        let slot = &mut slots[step.rem_euclid(288) as usize];
        slot.0 += value;
        slot.1 += 1.0;
        sum += value;
        squares += value * value;
        count += 1.0;
    }
    let mean = sum / count;
    let variance = squares / count - mean * mean;
    let between: f64 = slots
        .iter()
        .filter(|slot| slot.1 > 0.0)
        .map(|slot| slot.1 / count * (slot.0 / slot.1 - mean) * (slot.0 / slot.1 - mean))
        .sum();
    between / (variance + 1e-12)
}

fn frame(folder: &Path, name: &str, columns: &[&str]) -> Option<DataFrame> {
    let path = folder.join(name);
    let Ok(file) = File::open(&path) else {
        eprintln!("not run: series of {name}, since ../shared/traces is not there");
        return None;
    };
    let columns = columns.iter().map(|name| (*name).to_string()).collect();
    Some(ParquetReader::new(file).with_columns(Some(columns)).finish().unwrap())
}

fn ends(times: &[i64], values: &[f64], interval: i64) -> Vec<(i64, f64)> {
    let mut out: Vec<(i64, f64)> = times
        .iter()
        .map(|at| at + interval)
        .zip(values.iter().copied())
        .collect();
    out.sort_by_key(|sample| sample.0);
    out
}

fn milliseconds(frame: &DataFrame, column: &str) -> Vec<i64> {
    let column = frame
        .column(column)
        .unwrap()
        .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
        .unwrap();
    let whole = column.cast(&DataType::Int64).unwrap();
    whole.i64().unwrap().iter().map(Option::unwrap_or_default).collect()
}

fn floats(frame: &DataFrame, column: &str) -> Vec<f64> {
    let column = frame.column(column).unwrap().cast(&DataType::Float64).unwrap();
    column
        .f64()
        .unwrap()
        .iter()
        .map(|value| value.unwrap_or(f64::NAN))
        .collect()
}

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).unwrap().cast(&DataType::String).unwrap();
    column
        .str()
        .unwrap()
        .iter()
        .map(|text| text.unwrap_or_default().to_string())
        .collect()
}
