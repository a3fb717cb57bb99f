//! A plan of one host whose amounts are round.

use analyzer::catalog::Catalog;
use analyzer::money::UsdPerMonth;
use analyzer::plan::{Plan, PlanInputs, make};
use analyzer::policy::{Assessment, Overrides};
use analyzer::profile::{FilesystemProfile, HostProfile, MemoryMeasure, MetricProfile, Observation, Source};
use rust_decimal::Decimal;
use sizewright_analyzer as analyzer;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A plan of one host for USD 100 of compute and USD 10 of 100 GiB a month in us-east-1; the text is more of assessment.toml.
pub fn plan(text: &str) -> Plan {
    let assessment = Assessment::from_toml(&format!("name = 'Acme'\nregion = 'us-east-1'\n{text}")).unwrap();
    let mut plan = make(&PlanInputs {
        assessment: &assessment,
        overrides: &Overrides::default(),
        profiles: &[profile()],
        inventory: None,
        origins: &[],
        catalog: Catalog::embedded(),
        today: "2026-01-01".parse().unwrap(),
    })
    .unwrap();
    let row = &mut plan.recommendations[0];
    row.compute_usd_per_month = Some(UsdPerMonth::from_decimal(decimal("100")));
    row.storage_usd_per_month = Some(UsdPerMonth::from_decimal(decimal("10")));
    row.storage_gib = Some(100.0);
    plan
}

fn metric(p50: f64, maximum: f64) -> MetricProfile {
    MetricProfile {
        samples: 43_200,
        mean: p50,
        quantiles: vec![(0.5, p50), (0.9, p50), (0.95, p50), (0.99, maximum), (0.995, maximum)],
        maximum,
        maximum_at_ms: 1_778_000_000_000,
        hour_of_week_mean: vec![p50 as f32; 168],
        hour_of_week_p95: vec![maximum as f32; 168],
        daily_maxima: (0..30).map(|day| (day, maximum)).collect(),
        first_half_mean: p50,
        second_half_mean: p50,
    }
}

fn profile() -> HostProfile {
    let at = |value: f64| Some(metric(value * 0.4, value));
    HostProfile {
        host: "web-01".to_string(),
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
            vcpus: Some(2.0),
            memory_bytes: Some(8.0 * GIB),
            resized: false,
        },
        memory_measure: MemoryMeasure::Available,
        cpu: at(1.0),
        cpu_interval_maxima: at(1.0),
        steal_mean_cores: None,
        censored: 0,
        memory: at(4.0 * GIB),
        disk_operations: at(100.0),
        disk_bytes: at(1e6),
        network_receive: at(1e6),
        network_transmit: at(1e6),
        filesystems: vec![FilesystemProfile {
            mount: "/".to_string(),
            device: "/dev/sda1".to_string(),
            kind: "ext4".to_string(),
            size_bytes: 100.0 * GIB,
            used_bytes: 50.0 * GIB,
            growth_bytes_per_day: 0.0,
            drift: None,
        }],
        devices: vec![],
        cpu_decaying_p90: None,
        last_week_p99: None,
        history: None,
        busiest_hour: None,
        credits: None,
    }
}
