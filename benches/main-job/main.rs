//! Measures the figures of the main job: profiling, storage, sizing, demo, the real estate.
//!
//! Run with `make bench ONLY=main-job`. Every timed piece is a process of its
//! own, so that peak memory is its own; ratios are taken between neighbouring
//! runs. Peers (DuckDB, pandas, plain polars group-by) read the same files.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

mod job;
mod peers;

#[path = "../figures/mod.rs"]
mod figures;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use figures::{Figures, Goal};
use job::{Measured, run_job};
use telemetry::Store;

const SEED: u64 = 1;
const DAYS: u32 = 30;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [job, folder] = arguments.as_slice() {
        let measured = run_job(job, Path::new(folder));
        println!("{}", serde_json::to_string(&measured).unwrap());
        return;
    }
    let target = target();
    let data = target.join("bench-data");
    let mut figures = Figures::of("main-job");
    let small = estate(&data, 1_000);

    storage(&mut figures, &small);
    profiling(&mut figures, &small, &data);
    sizing(&mut figures, &small);
    peers::measure(&mut figures, &small, &target, median(&repeat("profile", &small, 3)));
    whole_programs(&mut figures, &target);
    figures
        .finish(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
        .unwrap();
}

/// Gives the folder in which cargo builds.
fn target() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.ancestors()
        .find(|path| path.join("release").is_dir())
        .unwrap()
        .to_path_buf()
}

/// Makes (once) the estate of so many hosts and gives its folder.
fn estate(data: &Path, hosts: u32) -> PathBuf {
    let folder = data.join(format!("{hosts}x{DAYS}"));
    let store = Store::at(&folder);
    if !store.has_origin(&sample_data::bench::origin_id(hosts, DAYS, SEED)) {
        let started = Instant::now();
        eprintln!("writing {hosts} hosts x {DAYS} days to {}", folder.display());
        sample_data::bench::write_estate(&store, hosts, DAYS, SEED, |_, _| {}).unwrap();
        eprintln!("  took {:.1} s", started.elapsed().as_secs_f64());
    }
    folder
}

/// Runs a job in a process of its own.
fn child(job: &str, folder: &Path) -> Measured {
    let out = Command::new(std::env::current_exe().unwrap())
        .arg(job)
        .arg(folder)
        .output()
        .unwrap();
    assert!(out.status.success(), "{job}: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn repeat(job: &str, folder: &Path, times: usize) -> Vec<f64> {
    (0..times).map(|_| child(job, folder).seconds).collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn storage(figures: &mut Figures, folder: &Path) {
    let bytes: u64 = ["host", "disk", "network"]
        .iter()
        .flat_map(|table| std::fs::read_dir(folder.join(table)).unwrap())
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    let host_minutes = 1_000.0 * f64::from(DAYS) * 1_440.0;
    figures.add(
        "bytes on disk per host-minute, six core metrics",
        bytes as f64 / host_minutes,
        "bytes",
        Goal::AtMost(10.0),
        "tables host, disk and network of 1,000 hosts x 30 days x 1 min, keys and times included",
    );
}

fn profiling(figures: &mut Figures, small: &Path, data: &Path) {
    // One run of each to warm the page cache, then pairs.
    child("decode", small);
    child("profile", small);
    let mut ratios = Vec::new();
    let mut profile = Vec::new();
    let mut decode = Vec::new();
    let mut polars = Vec::new();
    let mut memory: f64 = 0.0;
    for _ in 0..5 {
        let decoded = child("decode", small);
        let profiled = child("profile", small);
        assert_eq!(profiled.count, 1_000);
        ratios.push(profiled.seconds / decoded.seconds);
        decode.push(decoded.seconds);
        polars.push(child("decode-polars", small).seconds);
        profile.push(profiled.seconds);
        memory = memory.max(profiled.peak_mebibytes);
    }
    let how = "1,000 hosts x 30 days x 1 min (43.2 M rows, six metrics), five pairs, median";
    figures.add(
        "decoding with our own reader",
        median(&decode),
        "s",
        Goal::Reported,
        how,
    );
    figures.add("profiling", median(&profile), "s", Goal::Reported, how);
    figures.add(
        "profiling against decoding the same columns",
        median(&profile) / median(&polars),
        "x decode",
        Goal::AtMost(1.3),
        "five triples; decoding is polars' ParquetReader::with_columns over the same files on all cores",
    );
    figures.add("decoding with polars", median(&polars), "s", Goal::Reported, how);
    figures.add(
        "profiling against our own bare decoder",
        median(&ratios),
        "x",
        Goal::Reported,
        "the store's reader without its answers used: a floor that no one else's reader reaches",
    );
    figures.add(
        "peak memory of profiling 1,000 hosts",
        memory,
        "MiB",
        Goal::AtMost(512.0),
        how,
    );

    let large = estate(data, 10_000);
    let ten = child("profile", &large);
    assert_eq!(ten.count, 10_000);
    figures.add(
        "profiling 10,000 hosts against 1,000",
        ten.seconds / median(&profile),
        "x",
        Goal::AtMost(12.0),
        "10,000 hosts x 30 days x 1 min (432 M rows), one run",
    );
    figures.add(
        "peak memory of profiling 10,000 hosts",
        ten.peak_mebibytes,
        "MiB",
        Goal::AtMost(512.0),
        "the same run",
    );
}

fn sizing(figures: &mut Figures, small: &Path) {
    let runs: Vec<Measured> = (0..5).map(|_| child("size", small)).collect();
    let milliseconds: Vec<f64> = runs.iter().map(|run| run.seconds * 1e3).collect();
    figures.add(
        "sizing 10,000 profiled hosts against a whole region",
        median(&milliseconds),
        "ms",
        Goal::AtMost(50.0),
        "one thread; all generations, both architectures, us-east-1; five rejected candidates kept with shortfalls",
    );
}

fn whole_programs(figures: &mut Figures, target: &Path) {
    let program = target.join("release/sizewright");
    if !program.is_file() {
        eprintln!(
            "not run: {} is not there; build it with `cargo build --release`",
            program.display()
        );
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let timed = |arguments: &[&str]| {
        let started = Instant::now();
        let status = Command::new(&program)
            .args(arguments)
            .arg("--quiet")
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.code().is_some_and(|code| code <= 1), "{arguments:?}");
        started.elapsed().as_secs_f64()
    };
    let folder = |name: &str| work.path().join(name).display().to_string();
    let demo = median(
        &(0..3)
            .map(|run| timed(&["demo", "--out", &folder(&format!("demo{run}"))]))
            .collect::<Vec<_>>(),
    );
    figures.add(
        "sizewright demo",
        demo,
        "s",
        Goal::AtMost(5.0),
        "release binary: telemetry, plan, page and charts of the sample estate",
    );

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let traces = root.join("../shared/traces/estate_99_vms_91_days_5min.parquet");
    if !traces.is_file() {
        eprintln!("not run: import to report of the 99-VM estate, since ../shared/traces is not there");
        return;
    }
    let estate = folder("estate");
    let mapping = root.join("collector/mappings/estate-99-vms.toml").display().to_string();
    let traces = traces.display().to_string();
    let mut seconds = timed(&["init", &estate]);
    seconds += timed(&["-C", &estate, "import", "parquet", &traces, "--mapping", &mapping]);
    seconds += timed(&["-C", &estate, "status"]);
    seconds += timed(&["-C", &estate, "plan"]);
    seconds += timed(&["-C", &estate, "report"]);
    figures.add(
        "99 real VMs x 91 days, import to report",
        seconds,
        "s",
        Goal::AtMost(30.0),
        "release binary: init, import, status, plan, report with charts",
    );
}
