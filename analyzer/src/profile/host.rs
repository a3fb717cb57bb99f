//! The profile of one host: every dimension's summary and what is known of the machine.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use telemetry::schema::{disk, host};
use telemetry::{ColumnId, NOT_MEASURED, Series, Table};

use super::busiest::BusiestHour;
use super::calendar::{Run, runs};
use super::credits::Credits;
use super::demand::{self, Demand};
use super::filesystem::{FilesystemProfile, filesystem_profile};
use super::history::{History, Past};
use super::metric::{LEVELS, MetricProfile, MetricScratch, Scale, TAIL, summarise};
use super::special::{decaying_p90, last_week};
use crate::policy::Rule;

/// CPU use from this share of the cores on is *censored*: demand was at least this. Method §1.
pub const CENSORED_FROM: f64 = 0.95;
/// CPU pressure from this fraction on censors as well. Method §1.
pub const CENSORED_PRESSURE: f64 = 0.20;

/// What a profile must hold beyond the usual.
#[derive(Clone, Debug, Default)]
pub struct ProfileOptions {
    /// Zone in which hours of the week are counted; UTC by default.
    pub zone: Option<TimeZone>,
    /// More quantile levels, 0 to 1.
    pub extra_levels: Vec<f64>,
    /// Whether the VPA's decaying histogram is needed.
    pub decaying_histogram: bool,
    /// Whether the last seven days are needed apart.
    pub last_week: bool,
    /// Whether the tail of CPU and memory and their change over the window are needed.
    pub history: bool,
    /// Whether the balance of CPU credits is to be followed.
    pub credits: bool,
}

impl ProfileOptions {
    /// Gives the options that the rules need.
    #[must_use]
    pub fn for_rules<'a>(zone: TimeZone, rules: impl IntoIterator<Item = &'a Rule>) -> Self {
        let mut options = Self {
            zone: Some(zone),
            ..Self::default()
        };
        for rule in rules {
            options.decaying_histogram |= rule.needs_decaying_histogram();
            options.last_week |= rule.needs_last_week();
            options.history |= rule.needs_history();
            options.extra_levels.extend(rule.extra_quantile());
        }
        options
    }

    pub(crate) fn levels(&self) -> Vec<f64> {
        let mut levels: Vec<f64> = LEVELS.iter().chain(&self.extra_levels).copied().collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// Gives the levels of CPU and memory, which have a finer tail where history is asked for.
    pub(crate) fn levels_with_tail(&self) -> Vec<f64> {
        let mut levels = self.levels();
        if self.history {
            levels.extend(TAIL);
            levels.sort_by(f64::total_cmp);
            levels.dedup();
        }
        levels
    }
}

/// Which memory figure the source gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryMeasure {
    /// Total and available: the memory in use is known.
    Available,
    /// Only what a hypervisor saw touched: the memory in use is not known.
    ActiveOnly,
    /// Nothing.
    None,
}

/// When and how completely a host was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// End of the first interval, UTC milliseconds.
    pub first_at_ms: i64,
    /// End of the last interval, UTC milliseconds.
    pub last_at_ms: i64,
    /// Usual length of an interval, seconds.
    pub interval_s: f64,
    /// Intervals with a sample.
    pub samples: usize,
    /// Intervals between the first and the last.
    pub expected: usize,
    /// Pauses longer than twice the usual interval.
    pub gaps: usize,
    /// Longest pause, seconds.
    pub longest_gap_s: f64,
    /// Last instant before the longest pause, UTC milliseconds.
    pub longest_gap_from_ms: i64,
}

impl Observation {
    /// Days from the first to the last sample.
    #[must_use]
    pub fn days(&self) -> f64 {
        (self.last_at_ms - self.first_at_ms) as f64 / 86_400_000.0 + self.interval_s / 86_400.0
    }

    /// Samples present of those expected, 0 to 1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        if self.expected == 0 {
            0.0
        } else {
            (self.samples as f64 / self.expected as f64).min(1.0)
        }
    }
}

/// What the machine has today.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Logical CPUs, as measured last.
    pub vcpus: Option<f64>,
    /// Memory in bytes, as measured last.
    pub memory_bytes: Option<f64>,
    /// Whether CPUs or memory changed within the window.
    pub resized: bool,
}

/// A whole-disk device and its busiest rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceProfile {
    /// The device.
    pub device: String,
    /// P99.5 of reads and writes together, operations per second.
    pub operations_p995: Option<f64>,
    /// P99.5 of bytes read and written together, bytes per second.
    pub bytes_p995: Option<f64>,
}

/// Everything sizing needs to know of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostProfile {
    /// The host's name.
    pub host: String,
    /// When and how completely it was seen.
    pub observed: Observation,
    /// What the machine has.
    pub source: Source,
    /// Which memory figure the source gave.
    pub memory_measure: MemoryMeasure,
    /// CPU demand, cores: busy plus steal.
    pub cpu: Option<MetricProfile>,
    /// Highest sub-sample of the busy CPUs within each interval, cores.
    pub cpu_interval_maxima: Option<MetricProfile>,
    /// CPU taken by the hypervisor, mean, cores.
    pub steal_mean_cores: Option<f64>,
    /// Intervals at the ceiling; the demand there is known only to be at least as high.
    pub censored: usize,
    /// Memory in use, bytes: total − available + swap.
    pub memory: Option<MetricProfile>,
    /// Disk operations per second over all disks.
    pub disk_operations: Option<MetricProfile>,
    /// Disk bytes per second over all disks.
    pub disk_bytes: Option<MetricProfile>,
    /// Bytes received per second over all interfaces.
    pub network_receive: Option<MetricProfile>,
    /// Bytes sent per second over all interfaces.
    pub network_transmit: Option<MetricProfile>,
    /// File systems, without those that live in memory.
    pub filesystems: Vec<FilesystemProfile>,
    /// Disks.
    pub devices: Vec<DeviceProfile>,
    /// CPU P90 of a histogram that forgets with a half-life of a day, when asked for.
    pub cpu_decaying_p90: Option<f64>,
    /// CPU and memory P99 of the last seven days, when asked for.
    pub last_week_p99: Option<(f64, Option<f64>)>,
    /// How CPU and memory moved from part to part of the window, when asked for.
    pub history: Option<History>,
    /// The hour in which CPU demand was highest.
    pub busiest_hour: Option<BusiestHour>,
    /// What would become of the host on CPU credits, when asked for.
    pub credits: Option<Credits>,
}

impl HostProfile {
    /// Drops the hour-of-week maps of every dimension.
    pub fn drop_maps(&mut self) {
        let metrics = [
            &mut self.cpu,
            &mut self.cpu_interval_maxima,
            &mut self.memory,
            &mut self.disk_operations,
            &mut self.disk_bytes,
            &mut self.network_receive,
            &mut self.network_transmit,
        ];
        for metric in metrics.into_iter().flatten() {
            metric.drop_maps();
        }
    }
}

/// The series of one host, by table.
#[derive(Clone, Debug, Default)]
pub struct HostSeries {
    /// The `host` table's series.
    pub host: Option<Series>,
    /// The `disk` table's, one a device.
    pub disks: Vec<Series>,
    /// The `network` table's, one an interface.
    pub networks: Vec<Series>,
    /// The `filesystem` table's, one a mount.
    pub filesystems: Vec<Series>,
}

impl HostSeries {
    /// Sums the disks' operations; times and operations per second.
    #[must_use]
    pub fn disk_operations(&self) -> Option<(Vec<i64>, Vec<f64>)> {
        totals(&self.disks, &demand::DISK_OPERATIONS)
    }

    /// Sums the disks' bytes; times and bytes per second.
    #[must_use]
    pub fn disk_bytes(&self) -> Option<(Vec<i64>, Vec<f64>)> {
        totals(&self.disks, &demand::DISK_BYTES)
    }

    /// Sums the interfaces' received bytes; times and bytes per second.
    #[must_use]
    pub fn network_receive(&self) -> Option<(Vec<i64>, Vec<f64>)> {
        totals(&self.networks, &demand::NETWORK_RECEIVE)
    }

    /// Sums the interfaces' sent bytes; times and bytes per second.
    #[must_use]
    pub fn network_transmit(&self) -> Option<(Vec<i64>, Vec<f64>)> {
        totals(&self.networks, &demand::NETWORK_TRANSMIT)
    }

    /// Gives the CPU demand, busy plus steal; times and cores (NaN where not measured).
    #[must_use]
    pub fn cpu(&self) -> Option<(Vec<i64>, Vec<f64>)> {
        let series = self.host.as_ref()?;
        let raw = demand::cpu(series)?;
        Some((series.at_ms.clone(), in_unit(&raw, Table::Host, host::CPU_BUSY_CORES)))
    }

    /// Gives the memory in use; times and bytes (NaN where not measured).
    #[must_use]
    pub fn memory(&self) -> Option<(Vec<i64>, Vec<f64>)> {
        let series = self.host.as_ref()?;
        let raw = demand::memory(series)?;
        Some((
            series.at_ms.clone(),
            in_unit(&raw, Table::Host, host::MEMORY_TOTAL_BYTES),
        ))
    }
}

fn totals(devices: &[Series], columns: &[ColumnId]) -> Option<(Vec<i64>, Vec<f64>)> {
    let total = demand::total(devices, columns)?;
    let values = in_unit(&total.raw, devices.first()?.table, *columns.first()?);
    Some((total.at_ms.into_owned(), values))
}

fn in_unit(raw: &[i64], table: Table, column: ColumnId) -> Vec<f64> {
    let column = &table.columns()[column.index()];
    raw.iter()
        .map(|&raw| column.to_value(raw).unwrap_or(f64::NAN))
        .collect()
}

/// Summarises one host; nothing when there is no row at all.
pub(crate) fn profile_host(
    name: &str,
    series: &HostSeries,
    options: &ProfileOptions,
    scratch: &mut MetricScratch,
) -> Option<HostProfile> {
    let zone = options.zone.clone().unwrap_or(TimeZone::UTC);
    let levels = options.levels();
    let tail_levels = options.levels_with_tail();
    let times: &[i64] = match &series.host {
        Some(host) => &host.at_ms,
        None => {
            &series
                .disks
                .first()
                .or(series.networks.first())
                .or(series.filesystems.first())?
                .at_ms
        }
    };
    let observed = observe(times)?;
    let host_runs = runs(times, &zone);
    let on_host = |raw: &[i64], column: ColumnId, scratch: &mut MetricScratch| {
        summarise(
            raw,
            times,
            &host_runs,
            scale(Table::Host, column),
            &tail_levels,
            scratch,
        )
    };
    let mut profile = HostProfile {
        host: name.to_string(),
        source: Source::default(),
        memory_measure: MemoryMeasure::None,
        cpu: None,
        cpu_interval_maxima: None,
        steal_mean_cores: None,
        censored: 0,
        memory: None,
        disk_operations: None,
        disk_bytes: None,
        network_receive: None,
        network_transmit: None,
        filesystems: series
            .filesystems
            .iter()
            .filter_map(|part| filesystem_profile(part, &zone))
            .collect(),
        devices: Vec::new(),
        cpu_decaying_p90: None,
        last_week_p99: None,
        history: None,
        busiest_hour: None,
        credits: None,
        observed,
    };
    if let Some(host) = &series.host {
        profile.source = source(host);
        let cpu = demand::cpu(host);
        if let Some(raw) = &cpu {
            profile.cpu = on_host(raw, host::CPU_BUSY_CORES, scratch);
            profile.censored = censored(host, raw);
            let usual_ms = (profile.observed.interval_s * 1000.0) as i64;
            let per_core = per_unit(Table::Host, host::CPU_BUSY_CORES);
            profile.busiest_hour = BusiestHour::of(raw, times, &host_runs, usual_ms, per_core);
            if options.credits {
                profile.credits = Credits::follow(raw, times, usual_ms, per_core);
            }
            if options.decaying_histogram {
                profile.cpu_decaying_p90 = decaying_p90(raw, times, per_unit(Table::Host, host::CPU_BUSY_CORES));
            }
        }
        if let Some(raw) = host.raw(host::CPU_BUSY_CORES_MAX) {
            profile.cpu_interval_maxima = on_host(raw, host::CPU_BUSY_CORES_MAX, scratch);
        }
        profile.steal_mean_cores = mean(host, host::CPU_STEAL_CORES);
        let memory = demand::memory(host);
        if let Some(raw) = &memory {
            profile.memory = on_host(raw, host::MEMORY_TOTAL_BYTES, scratch);
        }
        profile.memory_measure = match (&profile.memory, host.raw(host::MEMORY_ACTIVE_BYTES)) {
            (Some(_), _) => MemoryMeasure::Available,
            (None, Some(_)) => MemoryMeasure::ActiveOnly,
            (None, None) => MemoryMeasure::None,
        };
        if options.history {
            let past = |raw: &[i64], capacity: Option<f64>, column: ColumnId| {
                Past::of(raw, &host_runs, capacity?, per_unit(Table::Host, column))
            };
            profile.history = Some(History {
                cpu: cpu
                    .as_deref()
                    .and_then(|raw| past(raw, profile.source.vcpus, host::CPU_BUSY_CORES)),
                memory: memory
                    .as_deref()
                    .and_then(|raw| past(raw, profile.source.memory_bytes, host::MEMORY_TOTAL_BYTES)),
            });
        }
        if options.last_week
            && let Some(raw) = &cpu
        {
            let cores = per_unit(Table::Host, host::CPU_BUSY_CORES);
            let bytes = per_unit(Table::Host, host::MEMORY_TOTAL_BYTES);
            profile.last_week_p99 = last_week(raw, times, cores)
                .map(|cpu| (cpu, memory.as_deref().and_then(|raw| last_week(raw, times, bytes))));
        }
    }
    let mut over_devices = |total: Option<Demand<'_>>, table: Table, column: ColumnId| {
        let total = total?;
        let own: Vec<Run>;
        let runs: &[Run] = if total.at_ms.as_ref() == times {
            &host_runs
        } else {
            own = runs(&total.at_ms, &zone);
            &own
        };
        summarise(&total.raw, &total.at_ms, runs, scale(table, column), &levels, scratch)
    };
    let (disks, networks) = (&series.disks, &series.networks);
    profile.disk_operations = over_devices(
        demand::total(disks, &demand::DISK_OPERATIONS),
        Table::Disk,
        disk::READS_PER_S,
    );
    profile.disk_bytes = over_devices(
        demand::total(disks, &demand::DISK_BYTES),
        Table::Disk,
        disk::READ_BYTES_PER_S,
    );
    profile.network_receive = over_devices(
        demand::total(networks, &demand::NETWORK_RECEIVE),
        Table::Network,
        demand::NETWORK_RECEIVE[0],
    );
    profile.network_transmit = over_devices(
        demand::total(networks, &demand::NETWORK_TRANSMIT),
        Table::Network,
        demand::NETWORK_TRANSMIT[0],
    );
    profile.devices = match series.disks.as_slice() {
        // The only disk is the sum of all disks, which is summarised already.
        [only] => vec![DeviceProfile {
            device: device_name(only),
            operations_p995: profile.disk_operations.as_ref().map(|metric| metric.quantile(0.995)),
            bytes_p995: profile.disk_bytes.as_ref().map(|metric| metric.quantile(0.995)),
        }],
        several => several.iter().map(|part| device_profile(part, scratch)).collect(),
    };
    Some(profile)
}

fn device_name(series: &Series) -> String {
    series.labels.first().cloned().unwrap_or_default()
}

fn scale(table: Table, column: ColumnId) -> Scale {
    Scale {
        per_unit: per_unit(table, column),
        grid: table.columns()[column.index()].grid,
    }
}

fn per_unit(table: Table, column: ColumnId) -> f64 {
    table.columns()[column.index()].scale() as f64
}

/// Finds the usual interval, the pauses and the coverage.
fn observe(at_ms: &[i64]) -> Option<Observation> {
    let (&first, &last) = at_ms.first().zip(at_ms.last())?;
    let step_ms = usual_step(at_ms).unwrap_or(60_000).max(1);
    let mut gaps = 0;
    let mut longest = (0, first);
    for pair in at_ms.windows(2) {
        let step = pair[1] - pair[0];
        if step > 2 * step_ms {
            gaps += 1;
            if step > longest.0 {
                longest = (step, pair[0]);
            }
        }
    }
    Some(Observation {
        first_at_ms: first,
        last_at_ms: last,
        interval_s: step_ms as f64 / 1000.0,
        samples: at_ms.len(),
        expected: ((last - first) / step_ms + 1) as usize,
        gaps,
        longest_gap_s: longest.0 as f64 / 1000.0,
        longest_gap_from_ms: longest.1,
    })
}

/// Gives the median distance of neighbouring rows; the common case of equal distances costs one look at each.
fn usual_step(at_ms: &[i64]) -> Option<i64> {
    let first = at_ms.get(1)? - at_ms[0];
    let equal = at_ms.windows(2).filter(|pair| pair[1] - pair[0] == first).count();
    if equal * 2 > at_ms.len() {
        return Some(first);
    }
    let mut steps: Vec<i64> = at_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let middle = steps.len() / 2;
    Some(*steps.select_nth_unstable(middle).1)
}

fn source(host: &Series) -> Source {
    let last = |column: ColumnId| {
        let raw = host.raw(column)?;
        let raw = raw.iter().rev().find(|&&raw| raw != NOT_MEASURED && raw > 0)?;
        Table::Host.columns()[column.index()].to_value(*raw)
    };
    let changed = |column: ColumnId| {
        let mut known = host
            .raw(column)
            .unwrap_or_default()
            .iter()
            .filter(|&&raw| raw != NOT_MEASURED && raw > 0);
        known.next().is_some_and(|first| known.any(|raw| raw != first))
    };
    Source {
        vcpus: last(host::CPU_CORES),
        memory_bytes: last(host::MEMORY_TOTAL_BYTES),
        resized: changed(host::CPU_CORES) || changed(host::MEMORY_TOTAL_BYTES),
    }
}

/// Counts intervals in which the demand may have been higher than what was measured.
fn censored(host: &Series, cpu: &[i64]) -> usize {
    let cores = host.raw(host::CPU_CORES);
    let pressure = host.raw(host::PRESSURE_CPU_SOME);
    let busy_scale = per_unit(Table::Host, host::CPU_BUSY_CORES);
    let pressure_limit = CENSORED_PRESSURE * per_unit(Table::Host, host::PRESSURE_CPU_SOME);
    cpu.iter()
        .enumerate()
        .filter(|&(row, &busy)| {
            if busy == NOT_MEASURED {
                return false;
            }
            let at_ceiling = cores
                .map(|cores| cores[row])
                .filter(|&cores| cores != NOT_MEASURED && cores > 0)
                .is_some_and(|cores| busy as f64 >= CENSORED_FROM * cores as f64 * busy_scale);
            at_ceiling || pressure.is_some_and(|pressure| pressure[row] as f64 > pressure_limit)
        })
        .count()
}

fn mean(series: &Series, column: ColumnId) -> Option<f64> {
    let raw = series.raw(column)?;
    let (sum, count) = raw
        .iter()
        .filter(|&&raw| raw != NOT_MEASURED)
        .fold((0.0, 0_usize), |(sum, count), &raw| (sum + raw as f64, count + 1));
    (count > 0).then(|| sum / count as f64 / per_unit(series.table, column))
}

fn device_profile(series: &Series, scratch: &mut MetricScratch) -> DeviceProfile {
    let p995 = |columns: &[ColumnId], scratch: &mut MetricScratch| {
        let one = std::slice::from_ref(series);
        let total = demand::total(one, columns)?;
        let whole = [Run {
            rows: 0..total.raw.len(),
            hour_of_week: 0,
            day: 0,
        }];
        summarise(
            &total.raw,
            &total.at_ms,
            &whole,
            scale(Table::Disk, columns[0]),
            &[0.995],
            scratch,
        )
        .map(|metric| metric.quantile(0.995))
    };
    DeviceProfile {
        device: device_name(series),
        operations_p995: p995(&demand::DISK_OPERATIONS, scratch),
        bytes_p995: p995(&demand::DISK_BYTES, scratch),
    }
}
