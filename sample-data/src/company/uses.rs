//! What each service takes of its host, and what it says of itself minute by minute.

use telemetry::units::{GIBIBYTE, MEBIBYTE};

use super::known::services_of;
use crate::estate::HostSpec;

/// One service on its host.
pub(crate) struct ServiceUse {
    /// Name within the host.
    pub(crate) name: String,
    /// Share of the host's busy CPUs.
    pub(crate) cpu_share: f64,
    /// Resident memory, bytes.
    pub(crate) resident_bytes: f64,
    /// Processes of the group.
    pub(crate) processes: f64,
    /// Its own counters; none where the collector has no way to ask it.
    pub(crate) metrics: Vec<(&'static str, Course)>,
}

/// How a counter runs.
#[derive(Clone, Copy)]
pub(crate) enum Course {
    /// Always the same.
    Always(f64),
    /// With the load: at rest and at the crest.
    Load(f64, f64),
    /// From the first minute to the last.
    Grows(f64, f64),
}

use Course::{Always, Grows, Load};

/// Gives what the services of a host do.
pub(crate) fn uses(host: &HostSpec) -> Vec<ServiceUse> {
    let services = services_of(host);
    let shares = shares(&services);
    services
        .into_iter()
        .zip(shares)
        .map(|((name, product), (cpu_share, memory_share))| {
            let resident_bytes = host.memory.as_bytes() * memory_share;
            ServiceUse {
                metrics: metrics(host, product, resident_bytes),
                processes: if product == "postgresql" { 120.0 } else { 1.0 },
                name,
                cpu_share,
                resident_bytes,
            }
        })
        .collect()
}

/// Shares of CPU and memory: what a product usually weighs, and 5 % of the CPU for the system.
fn shares(services: &[(String, &'static str)]) -> Vec<(f64, f64)> {
    let weight = |product: &str| match product {
        "keepalived" | "pgbouncer" | "sshd" => (0.06, 0.01),
        "redis" | "rabbitmq" => (0.5, 0.2),
        "memcached" => (0.8, 0.5),
        "java" | "apache" => (1.2, 0.6),
        _ => (1.0, 0.9),
    };
    let sum = |of: fn((f64, f64)) -> f64| services.iter().map(|(_, product)| of(weight(product))).sum::<f64>();
    let (cpu, memory) = (sum(|one| one.0), sum(|one| one.1));
    services
        .iter()
        .map(|(_, product)| {
            let own = weight(product);
            (0.95 * own.0 / cpu, 0.5 * own.1 / memory)
        })
        .collect()
}

fn used_data_bytes(host: &HostSpec) -> (f64, f64) {
    let data = host.behaviour.filesystems.iter().filter(|one| one.mount != "/");
    let first: f64 = data.clone().map(|one| one.size_gib * one.used_share).sum();
    let grown: f64 = data.map(|one| one.growth_gib_per_day * 14.0).sum();
    // File systems hold logs and free blocks as well.
    (first * 0.94 * GIBIBYTE, (first + grown) * 0.94 * GIBIBYTE)
}

fn metrics(host: &HostSpec, product: &str, resident: f64) -> Vec<(&'static str, Course)> {
    let memory = host.memory.as_bytes();
    let crest = host.behaviour.cpu.crest_cores;
    let (data_from, data_to) = used_data_bytes(host);
    let primary = if host.cores > 4 { 1.5 } else { 1.0 };
    match product {
        "postgresql" => vec![
            ("connections", Load(40.0, 60.0 + 45.0 * crest)),
            ("connections_limit", Always(600.0)),
            ("transactions_per_s", Load(40.0, 480.0 * crest)),
            ("buffer_size_bytes", Always(memory * 0.25)),
            ("hit_fraction", Always(0.994)),
            ("data_bytes", Grows(data_from, data_to)),
            ("log_written_bytes_per_s", Load(0.2e6, 0.45e6 * crest)),
        ],
        "mysql" | "mariadb" => vec![
            ("connections", Load(20.0, 40.0 + 60.0 * crest)),
            ("connections_limit", Always(500.0)),
            ("operations_per_s", Load(60.0, 1_900.0 * crest)),
            (
                "buffer_size_bytes",
                Always(memory * if host.cores > 4 { 0.66 } else { 0.25 }),
            ),
            (
                "buffer_used_bytes",
                Always(memory * if host.cores > 4 { 0.64 } else { 0.22 }),
            ),
            ("hit_fraction", Always(if host.cores > 4 { 0.93 } else { 0.997 })),
            ("data_bytes", Grows(data_from, data_to)),
            ("log_written_bytes_per_s", Load(0.1e6, 1.1e6 * crest)),
        ],
        "mongodb" => vec![
            ("connections", Load(30.0, 60.0 + 70.0 * crest)),
            ("operations_per_s", Load(50.0, 1_400.0 * crest)),
            ("writes_per_s", Load(15.0, 320.0 * crest)),
            ("memory_resident_bytes", Always(memory * 0.44)),
            ("buffer_size_bytes", Always(memory * 0.4)),
            ("data_bytes", Grows(data_from, data_to)),
            ("index_bytes", Grows(data_from * 0.03, data_to * 0.03)),
        ],
        "redis" | "valkey" => {
            let (full, part) = if memory > 20.0 * GIBIBYTE {
                ((11.6 * GIBIBYTE, 14.4 * GIBIBYTE), 1.0)
            } else if product == "valkey" {
                ((3.1 * GIBIBYTE, 3.4 * GIBIBYTE), 0.5)
            } else {
                ((180.0 * MEBIBYTE, 210.0 * MEBIBYTE), 0.02)
            };
            let crest = crest * part;
            vec![
                ("memory_used_bytes", Grows(full.0, full.1)),
                ("connections", Load(20.0, 40.0 + 240.0 * crest)),
                ("operations_per_s", Load(300.0, 41_000.0 * crest)),
                ("reads_per_s", Load(240.0, 33_000.0 * crest)),
                ("writes_per_s", Load(40.0, 6_200.0 * crest)),
                ("hit_fraction", Always(0.91)),
                ("cpu_busy_cores", Load(0.01, 0.7 * crest.min(1.3))),
            ]
        }
        "memcached" => vec![
            ("memory_used_bytes", Always(4.2 * GIBIBYTE)),
            ("memory_limit_bytes", Always(4.5 * GIBIBYTE)),
            ("connections", Load(60.0, 420.0)),
            ("operations_per_s", Load(500.0, 24_000.0)),
            ("evicted_per_s", Load(0.0, 3.0)),
        ],
        "rabbitmq" | "activemq" => vec![
            ("connections", Load(30.0, 60.0 + 160.0 * crest)),
            ("published_per_s", Load(20.0, 1_500.0 * crest)),
            ("delivered_per_s", Load(20.0, 1_500.0 * crest)),
            ("messages", Load(200.0, 9_000.0)),
            ("memory_used_bytes", Load(resident * 0.35, resident * 0.55)),
            ("memory_limit_bytes", Always(memory * 0.4)),
            ("queues", Always(37.0)),
        ],
        "elasticsearch" | "opensearch" => vec![
            ("searches_per_s", Load(4.0, 60.0 * crest)),
            ("indexed_per_s", Load(40.0, 420.0 * crest)),
            ("data_bytes", Grows(data_from, data_to)),
            // Every node says what the cluster holds; with a replica half of what three nodes store is primary.
            ("primary_data_bytes", Grows(data_from * primary, data_to * primary)),
            ("shards", Always(if host.cores > 4 { 62.0 } else { 12.0 })),
            ("heap_limit_bytes", Always(memory * 0.45)),
            ("heap_used_bytes", Load(memory * 0.2, memory * 0.29)),
        ],
        "haproxy" | "nginx" => {
            let network = host.behaviour.network;
            let bytes = network.transmit_bytes_per_s;
            vec![
                ("connections", Load(40.0, 900.0 * crest.max(0.2))),
                ("connections_opened_per_s", Load(3.0, 420.0 * crest.max(0.05))),
                ("operations_per_s", Load(8.0, 2_600.0 * crest.max(0.05))),
                ("sent_bytes_per_s", Load(bytes * 0.02, bytes * 0.95)),
                (
                    "received_bytes_per_s",
                    Load(bytes * 0.005, network.receive_bytes_per_s * 0.95),
                ),
            ]
        }
        // Oracle, SQL Server, Kafka, file servers and programs are not asked.
        _ => Vec::new(),
    }
}
