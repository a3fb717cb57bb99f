//! Derives the shipped shift quantiles and prints `analyzer/src/size/risk/shipped.rs`.
//!
//! `cargo run --release -p sizewright-analyzer --example derive-drift -- TRACE.parquet > analyzer/src/size/risk/shipped.rs`
//!
//! CPU: hosts of a public trace of virtual machines on ten separate days
//! (columns `host`, `ts`, `cpu_util_pct`), every host with at least four days.
//! Memory: sample estates of six seeds, and for a tenth of the weight the
//! shifts of the CPU, since generated memory is steadier than life. Only the
//! resulting numbers are committed; the same input prints the same bytes.

#![allow(clippy::print_stdout, reason = "the output is a source file")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::sync::atomic::AtomicBool;

use polars::prelude::{DataType, ParquetReader, SerReader as _};
use sizewright_analyzer::profile::{EstateReader, HostProfile, Past, ProfileOptions, profile_estate};
use telemetry::schema::host;
use telemetry::store::Origin;
use telemetry::{Series, Store, Table};

const QUANTILES: usize = 50;
const SEEDS: u64 = 6;
/// Weight of the CPU's shifts in those of memory.
const CPU_IN_MEMORY: f64 = 0.1;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("expected the trace's Parquet file")?;
    let folder = tempfile::tempdir()?;
    let trace = Store::at(folder.path().join("trace"));
    let hosts = write_trace(&trace, &path)?;
    let real: Vec<Past> = profiles(&trace)?
        .into_iter()
        .filter_map(|profile| profile.history?.cpu)
        .filter(|past| !past.turns.is_empty())
        .collect();
    let mut generated = Vec::new();
    for seed in 1..=SEEDS {
        let store = Store::at(folder.path().join(format!("seed-{seed}")));
        sample_data::payments_company(seed).write(&store, |_, _| {})?;
        generated.extend(
            profiles(&store)?
                .into_iter()
                .filter_map(|profile| profile.history?.memory),
        );
    }
    let (cpu_limits, cpu) = thirds(&real);
    let (memory_limits, mut memory) = thirds(&generated);
    for (own, real) in memory.iter_mut().zip(&cpu) {
        let own_weight = (1.0 - CPU_IN_MEMORY) / own.len() as f64;
        let real_weight = CPU_IN_MEMORY / real.len() as f64;
        let mut all: Vec<(f64, f64)> = own.iter().map(|&shift| (shift, own_weight)).collect();
        all.extend(real.iter().map(|&shift| (shift, real_weight)));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        *own = quantiles(&all);
    }
    let cpu = cpu.map(|shifts| {
        let each = 1.0 / shifts.len() as f64;
        quantiles(&shifts.into_iter().map(|shift| (shift, each)).collect::<Vec<_>>())
    });
    println!("//! Shipped shift quantiles, for fleets too small or too short to learn from.");
    println!("//!");
    println!(
        "//! Printed by the example `derive-drift`: CPU from {} of {hosts} virtual machines of a public",
        real.len()
    );
    println!(
        "//! trace, those with at least four days; memory from {} generated hosts and, for a",
        generated.len()
    );
    println!("//! tenth of the weight, the CPU's shifts. Do not edit.");
    println!();
    println!("/// Quantiles that are shipped.\n#[derive(Clone, Copy, Debug)]\npub struct Shipped {{");
    println!(
        "    /// Instability up to which a host is in the first, and in the second third.\n    pub limits: [f64; 2],"
    );
    println!("    /// Quantiles of the shift in each third.\n    pub shifts: [[f64; {QUANTILES}]; 3],\n}}");
    print_table("CPU demand", "SHIPPED_CPU", cpu_limits, &cpu);
    print_table("Memory in use", "SHIPPED_MEMORY", memory_limits, &memory);
    Ok(())
}

/// Writes the trace as hosts of one core; gives how many there are.
fn write_trace(store: &Store, path: &str) -> Result<usize, Box<dyn Error>> {
    let frame = ParquetReader::new(File::open(path)?).finish()?;
    let names = frame.column("host")?.cast(&DataType::String)?;
    let times = frame.column("ts")?.cast(&DataType::Int64)?;
    let shares = frame.column("cpu_util_pct")?.cast(&DataType::Float64)?;
    let mut hosts: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
    for ((name, at), share) in names.str()?.iter().zip(times.i64()?.iter()).zip(shares.f64()?.iter()) {
        if let (Some(name), Some(at), Some(share)) = (name, at, share) {
            hosts.entry(name.to_string()).or_default().push((at, share));
        }
    }
    let count = hosts.len();
    let mut all = Vec::with_capacity(count);
    for (name, mut rows) in hosts {
        rows.sort_by_key(|&(at, _)| at);
        rows.dedup_by_key(|&mut (at, _)| at);
        let mut series = Series::new(Table::Host, name, vec![]);
        for (at, share) in rows {
            series.push(at, &[(host::CPU_CORES, 1.0), (host::CPU_BUSY_CORES, share / 100.0)]);
        }
        all.push(series);
    }
    let mut writer = store.begin("trace")?;
    writer.write(all)?;
    writer.commit(&Origin::new("trace", "derive-drift"))?;
    Ok(count)
}

fn profiles(store: &Store) -> Result<Vec<HostProfile>, Box<dyn Error>> {
    let options = ProfileOptions {
        history: true,
        ..ProfileOptions::default()
    };
    let reader = EstateReader::open(store)?;
    Ok(profile_estate(&reader, &options, &|_| {}, &AtomicBool::new(false))?)
}

/// Splits the turns into thirds by instability; gives the limits and each third's shifts, sorted.
fn thirds(pasts: &[Past]) -> ([f64; 2], [Vec<f64>; 3]) {
    let mut turns: Vec<(f64, f64)> = pasts
        .iter()
        .flat_map(|past| &past.turns)
        .map(|turn| (turn.instability, turn.shift))
        .collect();
    turns.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let limits = [1, 2].map(|third| turns[turns.len() * third / 3].0);
    let shifts = [0, 1, 2].map(|third| {
        let mut shifts: Vec<f64> = turns
            .iter()
            .filter(|(instability, _)| limits.iter().filter(|limit| instability > *limit).count() == third)
            .map(|(_, shift)| *shift)
            .collect();
        shifts.sort_by(f64::total_cmp);
        shifts
    });
    (limits, shifts)
}

/// Gives the quantiles of ascending values with weights that add up to one.
fn quantiles(values: &[(f64, f64)]) -> Vec<f64> {
    let (mut seen, mut at) = (0.0, 0);
    (0..QUANTILES)
        .map(|index| {
            let wanted = (index as f64 + 0.5) / QUANTILES as f64;
            while at + 1 < values.len() && seen + values[at].1 < wanted {
                seen += values[at].1;
                at += 1;
            }
            values[at].0
        })
        .collect()
}

fn print_table(words: &str, name: &str, limits: [f64; 2], shifts: &[Vec<f64>; 3]) {
    println!("\n/// {words}.\n#[rustfmt::skip]\npub const {name}: Shipped = Shipped {{");
    println!("    limits: [{:.4}, {:.4}],\n    shifts: [", limits[0], limits[1]);
    for third in shifts {
        println!("        [");
        for row in third.chunks(10) {
            let numbers: Vec<String> = row.iter().map(|shift| format!("{shift:.4}")).collect();
            println!("            {},", numbers.join(", "));
        }
        println!("        ],");
    }
    println!("    ],\n}};");
}
