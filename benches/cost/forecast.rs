//! How good forecasts of daily P95 CPU are, against models of statsforecast on the same values.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use analyzer::growth::{Bands, Daily};
use polars::prelude::{Column, DataFrame, DataType, ParquetReader, SerReader as _, TimeUnit};

use crate::figures::{Figures, Goal};

/// Days that are held out.
const HELD_OUT: usize = 30;
/// Samples a day must have.
const LEAST_SAMPLES: usize = 12;
const PACKAGES: [&str; 2] = ["statsforecast==2.1.1", "polars==2.1.0"];

/// One measurement of a machine that ran.
pub struct Sample {
    pub host: String,
    /// Seconds since 1970.
    pub second: i64,
    /// Busy cores.
    pub cores: f64,
}

/// Gives the times of a file of series, UTC milliseconds.
pub fn milliseconds(frame: &DataFrame) -> Column {
    let times = frame.column("ts").unwrap();
    let times = times.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap();
    times.cast(&DataType::Int64).unwrap()
}

/// Reads the estate of 99 machines; says so when it is not there.
pub fn samples(root: &Path) -> Option<Vec<Sample>> {
    let path = root.join("../shared/traces/estate_99_vms_91_days_5min.parquet");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => {
            eprintln!("not run: {}: {error}", path.display());
            return None;
        }
    };
    let columns = ["host", "ts", "cpu_cores", "cpu_util_pct"].map(String::from).to_vec();
    let frame = ParquetReader::new(file).with_columns(Some(columns)).finish().unwrap();
    let floats = |name: &str| -> Vec<Option<f64>> {
        let column = frame.column(name).unwrap().cast(&DataType::Float64).unwrap();
        column.f64().unwrap().iter().collect()
    };
    let hosts = frame.column("host").unwrap().cast(&DataType::String).unwrap();
    let times = milliseconds(&frame);
    let (cores, shares) = (floats("cpu_cores"), floats("cpu_util_pct"));
    let rows = hosts.str().unwrap().iter().zip(times.i64().unwrap().iter());
    let out = rows
        .zip(cores.into_iter().zip(shares))
        .filter_map(|((host, at), (cores, share))| {
            let (cores, share) = (cores?, share?);
            (cores > 0.0 && share.is_finite()).then_some(Sample {
                host: host?.to_string(),
                second: at? / 1_000,
                cores: cores * share / 100.0,
            })
        })
        .collect();
    Some(out)
}

/// Takes the P95 of each machine's days, over the same days for all.
fn dailies(samples: &[Sample]) -> BTreeMap<String, Daily> {
    let mut days: BTreeMap<&str, BTreeMap<i32, Vec<f64>>> = BTreeMap::new();
    for sample in samples {
        let day = i32::try_from(sample.second.div_euclid(86_400)).unwrap();
        days.entry(&sample.host)
            .or_default()
            .entry(day)
            .or_default()
            .push(sample.cores);
    }
    let known = || days.values().flat_map(BTreeMap::keys).copied();
    let (first, last) = (known().min().unwrap(), known().max().unwrap());
    days.iter()
        .map(|(host, days)| {
            let values = (first..=last).map(|day| {
                let mut of_day = days.get(&day).cloned().unwrap_or_default();
                of_day.sort_by(f64::total_cmp);
                let rank = (0.95 * of_day.len() as f64).ceil() as usize;
                let value = (of_day.len() >= LEAST_SAMPLES).then(|| of_day[rank - 1]);
                (day, value.unwrap_or(f64::NAN))
            });
            ((*host).to_string(), Daily::of(values))
        })
        .collect()
}

/// Adds the figures of forecasts.
pub fn measure(figures: &mut Figures, root: &Path) {
    let Some(samples) = samples(root) else { return };
    let dailies = dailies(&samples);
    let fleet: Vec<Daily> = dailies.values().cloned().collect();
    let start = Instant::now();
    let judged = Bands::judge(&fleet, HELD_OUT).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    let days = fleet[0].days();
    let how = format!(
        "daily P95 CPU of {} machines, {} days known, {HELD_OUT} held out, {seconds:.2} s with its bands",
        judged.hosts,
        days - HELD_OUT
    );
    let coverage = judged.coverage.unwrap() * 100.0;
    figures.add(
        "80 % band covers, at least",
        coverage,
        "%",
        Goal::AtLeast(75.0),
        how.clone(),
    );
    figures.add(
        "80 % band covers, at most",
        coverage,
        "%",
        Goal::AtMost(88.0),
        how.clone(),
    );
    figures.add(
        "error against a weekly naive step (MASE)",
        judged.mase,
        "x",
        Goal::Reported,
        how,
    );

    let table = root.join("target/bench-cost-daily.csv");
    std::fs::create_dir_all(root.join("target")).unwrap();
    let mut text = "host,day,value\n".to_string();
    for (host, daily) in &dailies {
        for (at, value) in daily.values.iter().enumerate() {
            let value = value.map(|value| value.to_string()).unwrap_or_default();
            text.push_str(&format!("{host},{at},{value}\n"));
        }
    }
    std::fs::write(&table, text).unwrap();
    match peers(root, &table) {
        Ok(peers) => {
            for (name, mase, seconds) in &peers {
                figures.add(
                    format!("{name} (MASE)"),
                    *mase,
                    "x",
                    Goal::Reported,
                    format!("statsforecast, {seconds:.1} s"),
                );
            }
            let best = peers.iter().map(|(_, mase, _)| *mase).fold(f64::INFINITY, f64::min);
            figures.add(
                "error below the best of them",
                (1.0 - judged.mase / best) * 100.0,
                "%",
                Goal::AtLeast(5.0),
                "the same values, the same score".to_string(),
            );
        }
        Err(why) => eprintln!("not run: statsforecast: {why}"),
    }
}

/// Runs the models of statsforecast on the same values: name, error, seconds.
fn peers(root: &Path, table: &Path) -> Result<Vec<(String, f64, f64)>, String> {
    let python = environment(&root.join("target"))?;
    let out = Command::new(python)
        .arg(root.join("benches/cost/forecast_peers.py"))
        .arg(table)
        .arg(HELD_OUT.to_string())
        .output()
        .map_err(|error| error.to_string())?;
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&out.stdout);
    text.lines()
        .map(|line| {
            let answer: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
            let number = |key: &str| answer[key].as_f64().ok_or_else(|| format!("no {key} in {line}"));
            let name = answer["model"].as_str().unwrap_or("?").to_string();
            Ok((name, number("mase")?, number("seconds")?))
        })
        .collect()
}

/// Makes (once) a Python environment with the library.
fn environment(target: &Path) -> Result<PathBuf, String> {
    let folder = target.join("bench-forecast-python");
    let python = folder.join("bin/python");
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let out = command.output().map_err(|error| error.to_string())?;
        if out.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&out.stderr).into_owned())
        }
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(PACKAGES))?;
    std::fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}
