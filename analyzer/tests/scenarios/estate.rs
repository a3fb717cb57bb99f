//! Estates to try scenarios on.

use proptest::prelude::*;
use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::plan::PlanInputs;
use sizewright_analyzer::policy::{Assessment, Overrides};
use sizewright_analyzer::profile::{
    FilesystemProfile, History, HostProfile, MemoryMeasure, MetricProfile, Observation, Past, Source, TAIL, Turn,
};

pub const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// What one host asks for.
#[derive(Clone, Debug)]
pub struct Load {
    pub vcpus: f64,
    pub cpu: f64,
    pub memory_gib: f64,
    pub memory: f64,
    pub iops: f64,
    pub used_gib: f64,
    pub shift: f64,
}

pub fn any_load() -> impl Strategy<Value = Load> {
    (
        1_u32..48,
        0.01_f64..1.0,
        1_u32..192,
        0.05_f64..1.0,
        0.0_f64..8_000.0,
        1.0_f64..2_000.0,
        -0.4_f64..0.4,
    )
        .prop_map(|(vcpus, cpu, memory_gib, memory, iops, used_gib, shift)| Load {
            vcpus: f64::from(vcpus),
            cpu,
            memory_gib: f64::from(memory_gib),
            memory,
            iops,
            used_gib,
            shift,
        })
}

/// A metric whose quantiles climb to its maximum.
fn metric(maximum: f64) -> MetricProfile {
    let p50 = maximum * 0.4;
    let mut levels: Vec<f64> = [0.5, 0.9, 0.95, 0.99, 0.995].into_iter().chain(TAIL).collect();
    levels.sort_by(f64::total_cmp);
    MetricProfile {
        samples: 43_200,
        mean: p50,
        quantiles: levels
            .iter()
            .map(|&level| (level, p50 + (maximum - p50) * level.powi(8)))
            .collect(),
        maximum,
        maximum_at_ms: 1_778_000_000_000,
        hour_of_week_mean: vec![p50 as f32; 168],
        hour_of_week_p95: vec![maximum as f32; 168],
        daily_maxima: (0..30).map(|day| (day, maximum * 0.9)).collect(),
        first_half_mean: p50,
        second_half_mean: p50,
    }
}

pub fn profile(name: &str, load: &Load) -> HostProfile {
    let past = |shift: f64| Past {
        instability: shift.abs(),
        days: 30,
        turns: vec![Turn {
            instability: shift.abs(),
            shift,
        }],
        daily_p95: Vec::new(),
    };
    HostProfile {
        host: name.to_string(),
        observed: Observation {
            first_at_ms: 1_776_000_000_000,
            last_at_ms: 1_776_000_000_000 + 30 * 86_400_000,
            interval_s: 60.0,
            samples: 43_200,
            expected: 43_200,
            gaps: 0,
            longest_gap_s: 0.0,
            longest_gap_from_ms: 0,
        },
        source: Source {
            vcpus: Some(load.vcpus),
            memory_bytes: Some(load.memory_gib * GIB),
            resized: false,
        },
        memory_measure: MemoryMeasure::Available,
        cpu: Some(metric(load.vcpus * load.cpu)),
        cpu_interval_maxima: Some(metric(load.vcpus * load.cpu)),
        steal_mean_cores: None,
        censored: 0,
        memory: Some(metric(load.memory_gib * load.memory * GIB)),
        disk_operations: Some(metric(load.iops)),
        disk_bytes: Some(metric(load.iops * 16_384.0)),
        network_receive: Some(metric(load.vcpus * 1e6)),
        network_transmit: Some(metric(load.vcpus * 8e5)),
        filesystems: vec![FilesystemProfile {
            mount: "/".to_string(),
            device: "/dev/sda1".to_string(),
            kind: "ext4".to_string(),
            size_bytes: load.used_gib * 2.0 * GIB,
            used_bytes: load.used_gib * GIB,
            growth_bytes_per_day: 0.0,
            drift: None,
        }],
        devices: vec![],
        cpu_decaying_p90: Some(load.vcpus * load.cpu * 0.6),
        last_week_p99: Some((
            load.vcpus * load.cpu * 0.8,
            Some(load.memory_gib * load.memory * GIB * 0.9),
        )),
        history: Some(History {
            cpu: Some(past(load.shift)),
            memory: Some(past(load.shift / 3.0)),
        }),
        busiest_hour: None,
        credits: None,
    }
}

const ENVIRONMENTS: [&str; 3] = ["prod", "stg", "dev"];

/// Hosts in three environments, every second pair in a group.
pub fn hosts(loads: &[Load]) -> Vec<HostProfile> {
    loads
        .iter()
        .enumerate()
        .map(|(number, load)| profile(&format!("{}-{number:02}", ENVIRONMENTS[number % 3]), load))
        .collect()
}

pub fn assessment(region: &str, more: &str) -> Assessment {
    Assessment::from_toml(&format!(
        "name = \"laws\"\nregion = \"{region}\"\n{more}\n\
         [[hosts]]\npattern = \"prod-*\"\nenvironment = \"production\"\n\
         [[hosts]]\npattern = \"stg-*\"\nenvironment = \"staging\"\n\
         [[hosts]]\npattern = \"dev-*\"\nenvironment = \"development\"\n\
         [[hosts]]\npattern = \"*-0?\"\ngroup = \"low\"\n"
    ))
    .unwrap()
}

pub fn inputs<'a>(assessment: &'a Assessment, overrides: &'a Overrides, profiles: &'a [HostProfile]) -> PlanInputs<'a> {
    PlanInputs {
        assessment,
        overrides,
        profiles,
        inventory: None,
        origins: &[],
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 5, 18),
    }
}
