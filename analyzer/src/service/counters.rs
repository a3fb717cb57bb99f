//! What services used, by their own counters and by their process groups.
//!
//! Input: the tables `service`, `process_group`, `host` and `disk` of the hosts
//! that run one. Output: a [`Stat`] a metric. Hosts are read a block at a time.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use telemetry::schema::{disk, host, process_group, service};
use telemetry::series::DAY_MS;
use telemetry::{ColumnId, Series, Store, StoreError, Table, TableReader};

use crate::growth::Drifting;

/// One metric over the window, in the metric's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stat {
    /// Intervals that were measured.
    pub samples: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// 95 % of the values are not higher.
    pub p95: f64,
    /// 99 % of the values are not higher.
    pub p99: f64,
    /// 99.5 % of the values are not higher.
    pub p995: f64,
    /// Highest value.
    pub maximum: f64,
    /// End of the interval of the highest value (the first, if several), UTC milliseconds.
    pub maximum_at_ms: i64,
    /// Last value.
    pub last: f64,
    /// Growth a day: median slope of the daily maxima (Theil–Sen).
    pub growth_per_day: f64,
}

impl Stat {
    /// Summarises values with their times; nothing when none was measured.
    #[must_use]
    pub fn of(pairs: &[(i64, f64)]) -> Option<Self> {
        let (&(_, last), &(first_at, first)) = (pairs.last()?, pairs.first()?);
        let mut sorted: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |level: f64| {
            // The nearest rank: the smallest value that so many are not above.
            let rank = (level * sorted.len() as f64).ceil() as usize;
            sorted[rank.saturating_sub(1).min(sorted.len() - 1)]
        };
        let (maximum_at_ms, maximum) =
            pairs.iter().fold(
                (first_at, first),
                |best, &(at_ms, value)| {
                    if value > best.1 { (at_ms, value) } else { best }
                },
            );
        Some(Self {
            samples: pairs.len(),
            mean: pairs.iter().map(|pair| pair.1).sum::<f64>() / pairs.len() as f64,
            p95: at(0.95),
            p99: at(0.99),
            p995: at(0.995),
            maximum,
            maximum_at_ms,
            last,
            growth_per_day: growth(pairs),
        })
    }

    fn of_column(series: &Series, column: ColumnId) -> Option<Self> {
        let pairs: Vec<(i64, f64)> = series
            .at_ms
            .iter()
            .zip(series.values(column))
            .filter_map(|(&at_ms, value)| Some((at_ms, value?)))
            .collect();
        Self::of(&pairs)
    }
}

/// Counters that charts show.
const CHARTED: [&str; 10] = [
    "memory_used_bytes",
    "memory_resident_bytes",
    "heap_used_bytes",
    "connections",
    "operations_per_s",
    "transactions_per_s",
    "published_per_s",
    "searches_per_s",
    "data_bytes",
    "primary_data_bytes",
];
/// Counters of what fills up.
const FILLING: [&str; 3] = ["memory_used_bytes", "data_bytes", "primary_data_bytes"];
/// Points of a course at most: a day is a few pixels of a chart.
const COURSE_POINTS: i64 = 168;

/// A stretch is a whole number of these.
const STRETCH_MS: i64 = 5 * 60_000;

/// Gives mean and highest value of equal stretches of the window, rounded to six digits.
fn course(series: &Series) -> Vec<(i64, f64, f64)> {
    let (Some(&first), Some(&last)) = (series.at_ms.first(), series.at_ms.last()) else {
        return Vec::new();
    };
    let stretch = ((last - first) / COURSE_POINTS / STRETCH_MS + 1) * STRETCH_MS;
    // Sum, count and highest by stretch.
    let mut stretches: BTreeMap<i64, (f64, u32, f64)> = BTreeMap::new();
    for (&at_ms, value) in series.at_ms.iter().zip(series.values(service::VALUE)) {
        if let Some(value) = value {
            let known = stretches
                .entry((at_ms - 1).div_euclid(stretch))
                .or_insert((0.0, 0, value));
            *known = (known.0 + value, known.1 + 1, known.2.max(value));
        }
    }
    let six_digits = |value: f64| {
        let scale = 10_f64.powi(5 - value.abs().max(1e-9).log10().floor() as i32);
        (value * scale).round() / scale
    };
    stretches
        .into_iter()
        .map(|(at, (sum, count, highest))| {
            let mean = six_digits(sum / f64::from(count));
            ((at + 1) * stretch, mean, six_digits(highest).max(mean))
        })
        .collect()
}

/// The highest value of each day, by day since 1970-01-01.
fn daily_maxima(pairs: impl IntoIterator<Item = (i64, f64)>) -> Vec<(i64, f64)> {
    let mut daily: BTreeMap<i64, f64> = BTreeMap::new();
    for (at_ms, value) in pairs {
        let highest = daily.entry((at_ms - 1).div_euclid(DAY_MS)).or_insert(value);
        *highest = highest.max(value);
    }
    daily.into_iter().collect()
}

/// How a level drifts, by its daily maxima; nothing of less than two weeks.
fn drift(series: &Series) -> Option<Drifting> {
    let values = series.at_ms.iter().zip(series.values(service::VALUE));
    let days: Vec<(i32, f64)> = daily_maxima(values.filter_map(|(&at_ms, value)| Some((at_ms, value?))))
        .into_iter()
        .filter_map(|(day, highest)| Some((i32::try_from(day).ok()?, highest)))
        .collect();
    Drifting::learn(&days)
}

/// Median slope of the daily maxima, a day; zero with fewer than two days.
fn growth(pairs: &[(i64, f64)]) -> f64 {
    let days = daily_maxima(pairs.iter().copied());
    let every = days.len().div_ceil(200).max(1);
    let days: Vec<(i64, f64)> = days.into_iter().step_by(every).collect();
    let mut slopes: Vec<f64> = Vec::new();
    for (at, &(from, low)) in days.iter().enumerate() {
        slopes.extend(
            days[at + 1..]
                .iter()
                .map(|&(to, high)| (high - low) / (to - from) as f64),
        );
    }
    if slopes.is_empty() {
        return 0.0;
    }
    slopes.sort_by(f64::total_cmp);
    slopes[slopes.len() / 2]
}

/// What one service of one host used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Used {
    /// Its own counters, by metric.
    pub metrics: BTreeMap<String, Stat>,
    /// Of those that charts show, each stretch of time: its end in UTC milliseconds, the mean and the highest value.
    #[serde(default)]
    pub courses: BTreeMap<String, Vec<(i64, f64, f64)>>,
    /// Of those that fill up, how they drift; absent for less than two weeks.
    #[serde(default)]
    pub drifts: BTreeMap<String, Drifting>,
    /// CPUs its process group kept busy.
    pub cpu_cores: Option<Stat>,
    /// Resident bytes of its process group.
    pub resident_bytes: Option<Stat>,
}

/// What a host's memory and disks did, beyond its profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostMemory {
    /// Memory of processes.
    pub anon_bytes: Option<Stat>,
    /// Page cache.
    pub cached_bytes: Option<Stat>,
    /// Reads per second over all disks.
    pub reads_per_s: Option<Stat>,
    /// Writes per second over all disks.
    pub writes_per_s: Option<Stat>,
}

/// What services and their hosts used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsedByService {
    /// By host and service.
    pub services: BTreeMap<(String, String), Used>,
    /// By host.
    pub hosts: BTreeMap<String, HostMemory>,
}

impl UsedByService {
    /// Gives what a service used; nothing where neither counters nor process groups were measured.
    #[must_use]
    pub fn of(&self, host: &str, service: &str) -> Option<&Used> {
        self.services.get(&(host.to_string(), service.to_string()))
    }
}

/// The tables of an assessment that say what services used.
#[derive(Debug)]
pub struct ServiceReader {
    service: TableReader,
    group: TableReader,
    host: TableReader,
    disk: TableReader,
}

impl ServiceReader {
    /// Opens the tables; one without files is empty.
    ///
    /// # Errors
    /// When a file is damaged, too old or too new.
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            service: store.open(Table::Service)?,
            group: store.open(Table::ProcessGroup)?,
            host: store.open(Table::Host)?,
            disk: store.open(Table::Disk)?,
        })
    }

    /// Summarises what the services of the named hosts used.
    ///
    /// # Errors
    /// When a file cannot be read or decoded.
    pub fn used(&self, hosts: &BTreeSet<&str>) -> Result<UsedByService, StoreError> {
        let mut out = UsedByService::default();
        let key = |series: &Series| (series.host.clone(), series.labels.first().cloned().unwrap_or_default());
        for (key, metric, stat, course, drift) in stats(&self.service, hosts, &[service::VALUE], |series| {
            let metric = series.labels.get(1)?.clone();
            let stat = Stat::of_column(series, service::VALUE)?;
            let course = CHARTED.contains(&metric.as_str()).then(|| course(series));
            let drift = FILLING.contains(&metric.as_str()).then(|| drift(series)).flatten();
            Some(vec![(key(series), metric, stat, course, drift)])
        })? {
            let used = out.services.entry(key).or_default();
            if let Some(course) = course {
                used.courses.insert(metric.clone(), course);
            }
            if let Some(drift) = drift {
                used.drifts.insert(metric.clone(), drift);
            }
            used.metrics.insert(metric, stat);
        }
        let columns = [process_group::CPU_BUSY_CORES, process_group::RESIDENT_BYTES];
        for (key, cpu, resident) in stats(&self.group, hosts, &columns, |series| {
            let [cpu, resident] = columns.map(|column| Stat::of_column(series, column));
            Some(vec![(key(series), cpu, resident)])
        })? {
            let used = out.services.entry(key).or_default();
            used.cpu_cores = cpu;
            used.resident_bytes = resident;
        }
        let columns = [host::MEMORY_ANON_BYTES, host::MEMORY_CACHED_BYTES];
        for (name, anon, cached) in stats(&self.host, hosts, &columns, |series| {
            let [anon, cached] = columns.map(|column| Stat::of_column(series, column));
            Some(vec![(series.host.clone(), anon, cached)])
        })? {
            let memory = out.hosts.entry(name).or_default();
            memory.anon_bytes = anon;
            memory.cached_bytes = cached;
        }
        self.disks(hosts, &mut out)?;
        Ok(out)
    }

    fn disks(&self, hosts: &BTreeSet<&str>, out: &mut UsedByService) -> Result<(), StoreError> {
        let columns = [disk::READS_PER_S, disk::WRITES_PER_S];
        let found = stats(&self.disk, hosts, &columns, |series| {
            Some(vec![(
                series.host.clone(),
                series.at_ms.clone(),
                columns.map(|column| series.values(column)),
            )])
        })?;
        let mut sums: BTreeMap<String, [BTreeMap<i64, f64>; 2]> = BTreeMap::new();
        for (host, at_ms, values) in found {
            let sum = sums.entry(host).or_default();
            for (sum, values) in sum.iter_mut().zip(values) {
                for (&at_ms, value) in at_ms.iter().zip(values) {
                    if let Some(value) = value {
                        *sum.entry(at_ms).or_default() += value;
                    }
                }
            }
        }
        for (host, [reads, writes]) in sums {
            let of = |sum: BTreeMap<i64, f64>| Stat::of(&sum.into_iter().collect::<Vec<_>>());
            let memory = out.hosts.entry(host).or_default();
            memory.reads_per_s = of(reads);
            memory.writes_per_s = of(writes);
        }
        Ok(())
    }

    /// Gives one counter of a service over time: times and values.
    ///
    /// # Errors
    /// When a file cannot be read or decoded.
    pub fn metric(&self, host: &str, service: &str, metric: &str) -> Result<Vec<(i64, f64)>, StoreError> {
        let Ok(at) = self.service.hosts().binary_search_by(|known| known.as_str().cmp(host)) else {
            return Ok(Vec::new());
        };
        let series = self.service.read(at..at + 1, &[service::VALUE])?;
        let wanted = series.iter().find(|series| series.labels == [service, metric]);
        Ok(wanted.map_or_else(Vec::new, |series| {
            let values = series.values(service::VALUE);
            let pairs = series.at_ms.iter().zip(values);
            pairs.filter_map(|(&at_ms, value)| Some((at_ms, value?))).collect()
        }))
    }
}

/// Reads the blocks that hold a wanted host, in parallel, and makes something of each wanted series.
fn stats<T: Send>(
    table: &TableReader,
    hosts: &BTreeSet<&str>,
    columns: &[ColumnId],
    of: impl Fn(&Series) -> Option<Vec<T>> + Sync,
) -> Result<Vec<T>, StoreError> {
    let is_wanted = |at: usize| hosts.contains(table.hosts()[at].as_str());
    let found: Result<Vec<Vec<T>>, StoreError> = table
        .blocks()
        .into_par_iter()
        .with_max_len(1)
        .filter(|block| block.clone().any(is_wanted))
        .map(|block| {
            let series = table.read(block, columns)?;
            Ok(series
                .iter()
                .filter(|series| hosts.contains(series.host.as_str()))
                .filter_map(&of)
                .flatten()
                .collect())
        })
        .collect();
    Ok(found?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_of_known_numbers() {
        let pairs: Vec<(i64, f64)> = (1..=200).map(|n| (n * 3_600_000, n as f64)).collect();
        let stat = Stat::of(&pairs).unwrap_or_default();
        assert_eq!((stat.p95, stat.p99, stat.p995), (190.0, 198.0, 199.0));
        assert_eq!((stat.maximum, stat.last, stat.samples), (200.0, 200.0, 200));
        assert!((stat.growth_per_day - 24.0).abs() < 1e-9, "{}", stat.growth_per_day);
        assert_eq!(Stat::of(&[]), None);
    }
}
