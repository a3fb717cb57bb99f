//! The timed pieces, each run in a process of its own.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use analyzer::catalog::{Architecture, Catalog};
use analyzer::policy::Policy;
use analyzer::profile::{EstateReader, HostProfile, ProfileOptions, profile_estate};
use analyzer::size::{CpuEquivalence, Searches, SourceCapacity, size_host};
use polars::prelude::{ParquetReader, SerReader as _};
use serde::{Deserialize, Serialize};
use telemetry::schema::{disk, host, network};
use telemetry::{ColumnId, Store, Table};

/// What a job took.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Wall seconds of the work itself.
    pub seconds: f64,
    /// Highest resident memory of the process.
    pub peak_mebibytes: f64,
    /// Things that came out.
    pub count: usize,
}

/// The columns of the six core metrics.
const CORE: [(Table, &[ColumnId]); 3] = [
    (
        Table::Host,
        &[
            host::CPU_CORES,
            host::CPU_BUSY_CORES,
            host::MEMORY_TOTAL_BYTES,
            host::MEMORY_AVAILABLE_BYTES,
        ],
    ),
    (
        Table::Disk,
        &[
            disk::READS_PER_S,
            disk::WRITES_PER_S,
            disk::READ_BYTES_PER_S,
            disk::WRITE_BYTES_PER_S,
        ],
    ),
    (
        Table::Network,
        &[network::RECEIVE_BYTES_PER_S, network::TRANSMIT_BYTES_PER_S],
    ),
];

/// Runs one job on a store.
pub fn run_job(job: &str, folder: &Path) -> Measured {
    let (seconds, count) = match job {
        "decode" => decode(folder),
        "decode-polars" => decode_polars(folder),
        "profile" => profile(folder),
        "size" => size(folder),
        other => panic!("no job is called {other}"),
    };
    Measured {
        seconds,
        peak_mebibytes: peak_mebibytes(),
        count,
    }
}

fn decode(folder: &Path) -> (f64, usize) {
    let store = Store::at(folder);
    let started = Instant::now();
    let count = CORE
        .iter()
        .map(|(table, columns)| store.open(*table).unwrap().decode_all(columns).unwrap())
        .sum();
    (started.elapsed().as_secs_f64(), count)
}

fn decode_polars(folder: &Path) -> (f64, usize) {
    let started = Instant::now();
    let mut count = 0;
    for (table, columns) in CORE {
        let names: Vec<String> = columns
            .iter()
            .map(|id| table.columns()[id.index()].name.to_string())
            .collect();
        for entry in fs::read_dir(folder.join(table.name())).unwrap() {
            let file = fs::File::open(entry.unwrap().path()).unwrap();
            let frame = ParquetReader::new(file)
                .with_columns(Some(names.clone()))
                .finish()
                .unwrap();
            count += frame.height() * frame.width();
        }
    }
    (started.elapsed().as_secs_f64(), count)
}

fn profile(folder: &Path) -> (f64, usize) {
    let started = Instant::now();
    let profiles = profiles(folder);
    (started.elapsed().as_secs_f64(), profiles.len())
}

fn profiles(folder: &Path) -> Vec<HostProfile> {
    let reader = EstateReader::open(&Store::at(folder)).unwrap();
    profile_estate(&reader, &ProfileOptions::default(), &|_| {}, &AtomicBool::new(false)).unwrap()
}

/// Sizes ten thousand hosts on one thread: the profiled ones and nine scaled copies of each.
fn size(folder: &Path) -> (f64, usize) {
    let seen = profiles(folder);
    let profiles: Vec<HostProfile> = (0..10)
        .flat_map(|copy| {
            seen.iter()
                .map(move |profile| scaled(profile, 0.4 * 1.4_f64.powi(copy)))
        })
        .take(10_000)
        .collect();
    let policy = Policy {
        previous_generations: true,
        architectures: vec![Architecture::X86_64, Architecture::Arm64],
        ..Policy::default()
    };
    let offers = Catalog::embedded().offers("us-east-1").unwrap();
    let started = Instant::now();
    let searches = Searches::new(offers, &policy);
    let sized = profiles
        .iter()
        .filter(|profile| {
            let source = SourceCapacity {
                vcpus: profile.source.vcpus,
                memory_bytes: profile.source.memory_bytes,
            };
            let size = size_host(profile, source, &policy, &CpuEquivalence::OneToOne, &searches, true);
            std::hint::black_box(&size).choice.chosen.is_some()
        })
        .count();
    (started.elapsed().as_secs_f64(), sized)
}

fn scaled(profile: &HostProfile, factor: f64) -> HostProfile {
    let mut copy = profile.clone();
    let metrics = [
        &mut copy.cpu,
        &mut copy.memory,
        &mut copy.disk_operations,
        &mut copy.disk_bytes,
        &mut copy.network_receive,
        &mut copy.network_transmit,
    ];
    for metric in metrics.into_iter().flatten() {
        metric.maximum *= factor;
        metric.mean *= factor;
        for (_, value) in &mut metric.quantiles {
            *value *= factor;
        }
    }
    copy.source.vcpus = copy.source.vcpus.map(|vcpus| vcpus * factor);
    copy.source.memory_bytes = copy.source.memory_bytes.map(|bytes| bytes * factor);
    copy
}

fn peak_mebibytes() -> f64 {
    fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .strip_suffix("kB")?
                .trim()
                .parse::<f64>()
                .ok()
        })
        .unwrap()
        / 1024.0
}
