//! What node_exporter's metrics mean, and how counters become rates.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::Table;
use telemetry::schema::{ColumnId, disk, filesystem, host, network};

use super::super::Options;
use super::super::devices::{counting_disks, interface_counts};
use super::super::parsed::Parsed;
use super::{HostSeries, Points};

/// Gauges of the host table.
const GAUGES: [(&str, ColumnId); 6] = [
    ("node_load1", host::LOAD1),
    ("node_procs_running", host::RUNNABLE),
    ("node_memory_MemTotal_bytes", host::MEMORY_TOTAL_BYTES),
    ("node_memory_MemAvailable_bytes", host::MEMORY_AVAILABLE_BYTES),
    ("node_memory_Cached_bytes", host::MEMORY_CACHED_BYTES),
    ("node_memory_AnonPages_bytes", host::MEMORY_ANON_BYTES),
];
/// Counters of the host table, with what one of their units is in the column's.
const COUNTERS: [(&str, ColumnId, f64); 5] = [
    ("node_vmstat_pswpin", host::SWAP_IN_BYTES_PER_S, 4096.0),
    ("node_vmstat_pswpout", host::SWAP_OUT_BYTES_PER_S, 4096.0),
    ("node_pressure_cpu_waiting_seconds_total", host::PRESSURE_CPU_SOME, 1.0),
    (
        "node_pressure_memory_waiting_seconds_total",
        host::PRESSURE_MEMORY_SOME,
        1.0,
    ),
    ("node_pressure_io_waiting_seconds_total", host::PRESSURE_IO_SOME, 1.0),
];
const DISK: [(&str, ColumnId); 5] = [
    ("node_disk_reads_completed_total", disk::READS_PER_S),
    ("node_disk_writes_completed_total", disk::WRITES_PER_S),
    ("node_disk_read_bytes_total", disk::READ_BYTES_PER_S),
    ("node_disk_written_bytes_total", disk::WRITE_BYTES_PER_S),
    ("node_disk_io_time_seconds_total", disk::BUSY_FRACTION),
];
const NETWORK: [(&str, ColumnId); 4] = [
    ("node_network_receive_bytes_total", network::RECEIVE_BYTES_PER_S),
    ("node_network_transmit_bytes_total", network::TRANSMIT_BYTES_PER_S),
    ("node_network_receive_packets_total", network::RECEIVE_PACKETS_PER_S),
    ("node_network_transmit_packets_total", network::TRANSMIT_PACKETS_PER_S),
];
const CPU: &str = "node_cpu_seconds_total";
const SWAP: [&str; 2] = ["node_memory_SwapTotal_bytes", "node_memory_SwapFree_bytes"];
const FILESYSTEM: [&str; 2] = ["node_filesystem_size_bytes", "node_filesystem_free_bytes"];
/// File systems that hold no data of their own.
const PSEUDO: [&str; 8] = [
    "tmpfs",
    "devtmpfs",
    "overlay",
    "squashfs",
    "ramfs",
    "rootfs",
    "iso9660",
    "fuse.lxcfs",
];

/// Lists the metrics that are used.
pub(in super::super) fn metrics() -> Vec<&'static str> {
    let mut names = vec![CPU];
    names.extend(GAUGES.iter().map(|(name, _)| *name));
    names.extend(COUNTERS.iter().map(|(name, _, _)| *name));
    names.extend(DISK.iter().chain(&NETWORK).map(|(name, _)| *name));
    names.extend(SWAP.iter().chain(&FILESYSTEM));
    names
}

/// Says whether a metric is used.
pub(super) fn is_known(metric: &str) -> bool {
    metrics().contains(&metric)
}

/// Records everything of one host.
pub(super) fn record(name: &str, series: HostSeries, options: &Options<'_>, parsed: &mut Parsed) {
    let id = parsed.host(name);
    let none = parsed.labels(&[]);
    let scrapes = scrapes(&series);
    if scrapes.is_none() {
        parsed.note(format!(
            "without {CPU} the scrapes cannot be told from the steps of the query; every point is taken as a scrape"
        ));
    }
    let seconds = |from: i64, to: i64| (to - from) as f64 / 1000.0;
    if let Some(cpu) = series.get(CPU) {
        self::cpu(name, cpu, scrapes.as_ref(), options, parsed);
    }
    for (metric, column) in GAUGES {
        for (_, points) in series.get(metric).into_iter().flatten() {
            for &(at, value) in points.iter().filter(|(at, _)| is_scrape(scrapes.as_ref(), *at)) {
                parsed.row(Table::Host, id, none, at, &[(column, value)]);
            }
        }
    }
    let swap = SWAP.map(|metric| series.get(metric).and_then(|of| of.first()).map(|(_, points)| points));
    if let [Some(total), Some(free)] = swap {
        let free: BTreeMap<i64, f64> = free.iter().copied().collect();
        for &(at, total) in total.iter().filter(|(at, _)| is_scrape(scrapes.as_ref(), *at)) {
            let used = free.get(&at).map_or(f64::NAN, |free| total - free);
            parsed.row(Table::Host, id, none, at, &[(host::SWAP_USED_BYTES, used)]);
        }
    }
    for (metric, column, unit) in COUNTERS {
        for (_, points) in series.get(metric).into_iter().flatten() {
            for (from, to, rate) in rates(points, scrapes.as_ref()) {
                let interval = (host::INTERVAL_S, seconds(from, to));
                parsed.row(Table::Host, id, none, to, &[interval, (column, rate * unit)]);
            }
        }
    }
    devices(
        &series,
        &DISK,
        Table::Disk,
        disk::INTERVAL_S,
        id,
        scrapes.as_ref(),
        parsed,
    );
    devices(
        &series,
        &NETWORK,
        Table::Network,
        network::INTERVAL_S,
        id,
        scrapes.as_ref(),
        parsed,
    );
    filesystems(&series, id, parsed);
}

fn devices(
    series: &HostSeries,
    metrics: &[(&str, ColumnId)],
    table: Table,
    interval: ColumnId,
    id: super::super::parsed::HostId,
    scrapes: Option<&BTreeSet<i64>>,
    parsed: &mut Parsed,
) {
    let device = |labels: &BTreeMap<String, String>| labels.get("device").cloned().unwrap_or_default();
    let all: BTreeSet<String> = metrics
        .iter()
        .filter_map(|(metric, _)| series.get(*metric))
        .flatten()
        .map(|(labels, _)| device(labels))
        .collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let counting: Vec<&str> = match table {
        Table::Disk => counting_disks(&names),
        _ => names.iter().copied().filter(|name| interface_counts(name)).collect(),
    };
    for name in names.iter().filter(|name| !counting.contains(name)) {
        parsed.unused(&format!("device {}", crate::import::error::shown(name)));
    }
    for &(metric, column) in metrics {
        for (labels, points) in series.get(metric).into_iter().flatten() {
            let name = device(labels);
            if name.is_empty() || !counting.contains(&name.as_str()) {
                continue;
            }
            let labels = parsed.labels(&[&name]);
            for (from, to, rate) in rates(points, scrapes) {
                let interval = (interval, (to - from) as f64 / 1000.0);
                parsed.row(table, id, labels, to, &[interval, (column, rate)]);
            }
        }
    }
}

fn filesystems(series: &HostSeries, id: super::super::parsed::HostId, parsed: &mut Parsed) {
    let [size, free] = FILESYSTEM.map(|metric| series.get(metric).map_or(&[][..], Vec::as_slice));
    for (labels, points) in size {
        let of = |key: &str| labels.get(key).map_or("unknown", String::as_str);
        let (mount, device, kind) = (of("mountpoint"), of("device"), of("fstype"));
        if PSEUDO.contains(&kind) {
            continue;
        }
        let free: BTreeMap<i64, f64> = free
            .iter()
            .filter(|(other, _)| {
                ["mountpoint", "device"]
                    .iter()
                    .all(|key| other.get(*key) == labels.get(*key))
            })
            .flat_map(|(_, points)| points.iter().copied())
            .collect();
        let key = parsed.labels(&[mount, device, kind]);
        for &(at, size) in points {
            let used = free.get(&at).map_or(f64::NAN, |free| size - free);
            let values = [(filesystem::SIZE_BYTES, size), (filesystem::USED_BYTES, used)];
            parsed.row(Table::Filesystem, id, key, at, &values);
        }
    }
}

fn cpu(
    name: &str,
    all: &[(BTreeMap<String, String>, Points)],
    scrapes: Option<&BTreeSet<i64>>,
    options: &Options<'_>,
    parsed: &mut Parsed,
) {
    let id = parsed.host(name);
    let none = parsed.labels(&[]);
    let mut cpus_at: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    let mut modes_at: BTreeMap<(i64, i64), BTreeMap<&str, f64>> = BTreeMap::new();
    let mut has = BTreeSet::new();
    for (labels, points) in all {
        let (Some(cpu), Some(mode)) = (labels.get("cpu"), labels.get("mode")) else {
            continue;
        };
        has.insert(mode.as_str());
        for (from, to, rate) in rates(points, scrapes) {
            cpus_at.entry(to).or_default().insert(cpu);
            *modes_at.entry((from, to)).or_default().entry(mode).or_default() += rate;
        }
    }
    if !has.contains("idle") {
        parsed.leave_out("hosts whose CPU time in mode `idle` was not queried, so that busy is unknown");
        return;
    }
    for (mode, says) in [("iowait", "waits for disks"), ("steal", "what the hypervisor took")] {
        if !has.contains(mode) {
            parsed.note(format!("mode `{mode}` was not queried: busy CPU contains {says}"));
        }
    }
    for ((from, to), modes) in modes_at {
        let counted = cpus_at.get(&to).map_or(0, BTreeSet::len) as f64;
        let cores = options.vcpus.unwrap_or(counted);
        let of = |mode: &str| modes.get(mode).copied().unwrap_or(f64::NAN);
        let zero = |number: f64| if number.is_nan() { 0.0 } else { number };
        let busy = (cores - of("idle") - zero(of("iowait")) - zero(of("steal"))).max(0.0);
        // Guests are within user and nice.
        let user = of("user") + zero(of("nice"));
        let system = of("system") + zero(of("irq")) + zero(of("softirq"));
        let values = [
            (host::INTERVAL_S, (to - from) as f64 / 1000.0),
            (host::CPU_CORES, cores),
            (host::CPU_BUSY_CORES, busy),
            (host::CPU_USER_CORES, user),
            (host::CPU_SYSTEM_CORES, system),
            (host::CPU_IOWAIT_CORES, of("iowait")),
            (host::CPU_STEAL_CORES, of("steal")),
        ];
        parsed.row(Table::Host, id, none, to, &values);
    }
}

/// Finds the points at which a scrape was seen first: those at which some CPU's time moved on.
///
/// The first point is none, since nobody knows how old it is; nothing where no CPU time is there.
fn scrapes(series: &HostSeries) -> Option<BTreeSet<i64>> {
    let mut scrapes = BTreeSet::new();
    for (_, points) in series.get(CPU)? {
        for pair in points.windows(2) {
            if pair[0].1 != pair[1].1 {
                scrapes.insert(pair[1].0);
            }
        }
    }
    Some(scrapes)
}

fn is_scrape(scrapes: Option<&BTreeSet<i64>>, at: i64) -> bool {
    scrapes.is_none_or(|scrapes| scrapes.contains(&at))
}

/// Turns a counter into rates between scrapes: from, to, rate. A counter that went back was reset, and is a gap.
fn rates(points: &Points, scrapes: Option<&BTreeSet<i64>>) -> Vec<(i64, i64, f64)> {
    let scraped: Vec<(i64, f64)> = points
        .iter()
        .copied()
        .filter(|&(at, value)| is_scrape(scrapes, at) && !value.is_nan())
        .collect();
    scraped
        .windows(2)
        .filter(|pair| pair[1].1 >= pair[0].1 && pair[1].0 > pair[0].0)
        .map(|pair| {
            let seconds = (pair[1].0 - pair[0].0) as f64 / 1000.0;
            (pair[0].0, pair[1].0, (pair[1].1 - pair[0].1) / seconds)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_stands_still_between_scrapes_has_one_rate() {
        let idle = vec![
            (0, 0.0),
            (60_000, 0.0),
            (120_000, 100.0),
            (180_000, 100.0),
            (240_000, 196.0),
        ];
        let labels = BTreeMap::from([
            ("cpu".to_string(), "0".to_string()),
            ("mode".to_string(), "idle".to_string()),
        ]);
        let series = BTreeMap::from([(CPU.to_string(), vec![(labels, idle.clone())])]);
        let scrapes = scrapes(&series);
        assert_eq!(scrapes, Some(BTreeSet::from([120_000, 240_000])));
        assert_eq!(rates(&idle, scrapes.as_ref()), [(120_000, 240_000, 0.8)]);
    }

    #[test]
    fn a_reset_is_a_gap() {
        let points = vec![(0, 5.0), (1_000, 9.0), (2_000, 1.0), (3_000, 3.0)];
        assert_eq!(rates(&points, None), [(0, 1_000, 4.0), (2_000, 3_000, 2.0)]);
    }
}
