//! Does the telemetry of each special host show the fact it was made to show?

#![allow(clippy::unwrap_used)]

use sizewright_sample_data::{Estate, Expectation, HostSpec, payments_company};
use telemetry::schema::{disk, host, network};
use telemetry::series::{DAY_MS, day_of};
use telemetry::{ColumnId, Series, Table};

const HOUR_MS: i64 = 3_600_000;
const GIB: f64 = (1_u64 << 30) as f64;

/// A special host's series.
struct Case {
    estate: Estate,
    host: HostSpec,
    series: Vec<Series>,
}

/// The answers must not hang on the luck of one seed.
const SEEDS: [u64; 4] = [1, 2, 7, 2026];

/// Makes a host's series with each seed.
fn cases(name: &str) -> impl Iterator<Item = Case> {
    SEEDS.into_iter().map(move |seed| Case::of(name, seed))
}

impl Case {
    fn of(name: &str, seed: u64) -> Self {
        let estate = payments_company(seed);
        let host = estate.host(name).unwrap().clone();
        let series = estate.series(&host);
        Self { estate, host, series }
    }

    fn table(&self, table: Table) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(move |series| series.table == table)
    }

    fn host_series(&self) -> &Series {
        self.table(Table::Host).next().unwrap()
    }

    fn cores(&self) -> f64 {
        f64::from(self.host.cores)
    }

    fn expectation(&self) -> Expectation {
        self.host.expectation.clone().unwrap()
    }

    /// Bytes received and sent, a row each.
    fn traffic(&self, received: ColumnId, sent: ColumnId) -> Vec<f64> {
        let series = self.table(Table::Network).next().unwrap();
        let (received, sent) = (column(series, received), column(series, sent));
        received
            .iter()
            .zip(&sent)
            .map(|(received, sent)| received + sent)
            .collect()
    }
}

fn column(series: &Series, id: ColumnId) -> Vec<f64> {
    series.values(id).into_iter().map(Option::unwrap).collect()
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

fn within_a_fifth(value: f64, expected: f64) -> bool {
    (value / expected - 1.0).abs() <= 0.2
}

#[test]
fn there_is_one_host_of_each_kind() {
    let estate = payments_company(7);
    let special: Vec<_> = estate
        .hosts
        .iter()
        .filter_map(|host| host.expectation.as_ref())
        .map(std::mem::discriminant)
        .collect();
    let kinds: std::collections::HashSet<_> = special.iter().collect();
    assert_eq!((special.len(), kinds.len()), (11, 11));
}

#[test]
fn only_the_idle_host_is_idle_and_only_the_zombie_is_a_zombie() {
    let estate = payments_company(7);
    for host in &estate.hosts {
        let case = Case {
            estate: estate.clone(),
            host: host.clone(),
            series: estate.series(host),
        };
        let cpu = highest(&column(case.host_series(), host::CPU_BUSY_CORES_MAX)) / case.cores();
        let traffic = case.traffic(network::RECEIVE_BYTES_PER_S, network::TRANSMIT_BYTES_PER_S);
        let top_traffic = case.traffic(network::RECEIVE_BYTES_PER_S_MAX, network::TRANSMIT_BYTES_PER_S_MAX);
        let busiest_day = highest(
            &traffic
                .chunks(1440)
                .map(|day| day.iter().sum::<f64>() * 60.0)
                .collect::<Vec<_>>(),
        );
        let idle = cpu < 0.05 && busiest_day < 5e6;
        let zombie = cpu <= 0.01 && highest(&top_traffic) < 1_000.0;
        let expectation = host.expectation.as_ref();
        assert_eq!(
            idle,
            matches!(expectation, Some(Expectation::Idle { .. })),
            "{}: {cpu} {busiest_day}",
            host.name
        );
        assert_eq!(
            zombie,
            matches!(expectation, Some(Expectation::Zombie { .. })),
            "{}: {cpu} {}",
            host.name,
            highest(&top_traffic)
        );
    }
}

#[test]
fn the_leak_grows_linearly_and_falls_at_each_restart() {
    for case in cases("prod-notify-01") {
        let Expectation::MemoryLeak {
            per_day,
            restarts_at_ms,
        } = case.expectation()
        else {
            panic!("another expectation");
        };
        let series = case.host_series();
        let available = column(series, host::MEMORY_AVAILABLE_BYTES);
        let used: Vec<f64> = available.iter().map(|free| 8.0 * GIB - free).collect();
        let row_at = |at_ms: i64| series.at_ms.partition_point(|&at| at <= at_ms);
        let mut begin = 0;
        for &restart in &restarts_at_ms {
            let end = row_at(restart);
            let slope = slope_per_row(&used[begin..end]) * 1440.0;
            assert!(within_a_fifth(slope, per_day.as_bytes()), "{slope}");
            assert!(used[end - 1] - used[end + 1] > 3.0 * GIB, "no fall at {restart}");
            begin = end;
        }
        assert!(highest(&used) > 0.75 * 8.0 * GIB && highest(&used) < 0.97 * 8.0 * GIB);
    }
}

/// The slope of the least-squares line.
fn slope_per_row(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = values.iter().sum::<f64>() / count;
    let (mut top, mut bottom) = (0.0, 0.0);
    for (row, value) in values.iter().enumerate() {
        top += (row as f64 - middle) * (value - mean);
        bottom += (row as f64 - middle).powi(2);
    }
    top / bottom
}

#[test]
fn the_monthly_batch_needs_its_cores_for_three_hours_only() {
    for case in cases("prod-batch-01") {
        let Expectation::MonthlyBatch { from_ms, until_ms } = case.expectation() else {
            panic!("another expectation");
        };
        assert_eq!(until_ms - from_ms, 3 * HOUR_MS);
        assert_eq!(telemetry::series::day_name(day_of(until_ms)), "2026-05-15");
        let series = case.host_series();
        let busy = column(series, host::CPU_BUSY_CORES);
        let mut rows = 0;
        for (&at_ms, busy) in series.at_ms.iter().zip(&busy) {
            if at_ms > from_ms && at_ms <= until_ms {
                rows += 1;
                assert!(*busy >= 0.9 * case.cores(), "{busy} at {at_ms}");
            } else {
                assert!(*busy <= 0.05 * case.cores(), "{busy} at {at_ms}");
            }
        }
        assert_eq!(rows, 180);
    }
}

#[test]
fn the_pinned_host_is_censored_for_hours_each_day() {
    for case in cases("prod-fraud-01") {
        let Expectation::Pinned { demand, hours_per_day } = case.expectation() else {
            panic!("another expectation");
        };
        assert!(demand.as_cores() > case.cores());
        let busy = column(case.host_series(), host::CPU_BUSY_CORES);
        let pressure = column(case.host_series(), host::PRESSURE_CPU_SOME);
        for (day, rows) in busy.chunks(1440).enumerate() {
            let pinned = rows.iter().filter(|&&busy| busy >= 0.95 * case.cores()).count();
            assert!(pinned as f64 / 60.0 >= hours_per_day, "day {day}: {pinned} minutes");
        }
        let censored = pressure.iter().filter(|&&pressure| pressure > 0.2).count();
        assert!(censored > 14 * 60 * 3, "{censored}");
    }
}

#[test]
fn the_gap_has_no_row_in_any_table() {
    for case in cases("prod-mongo-03") {
        let Expectation::Gap { from_ms, until_ms } = case.expectation() else {
            panic!("another expectation");
        };
        assert_eq!(until_ms - from_ms, 9 * HOUR_MS);
        assert_eq!(day_of(from_ms + 1), day_of(until_ms));
        for series in &case.series {
            assert!(!series.at_ms.iter().any(|&at_ms| at_ms > from_ms && at_ms <= until_ms));
            let pauses = series
                .at_ms
                .windows(2)
                .filter(|pair| pair[1] - pair[0] > HOUR_MS)
                .count();
            assert_eq!(pauses, 1, "{:?}", series.table);
        }
        assert_eq!(case.host_series().len(), 14 * 1440 - 9 * 60);
    }
}

#[test]
fn the_over_provisioned_host_uses_a_tenth_of_its_cores() {
    for case in cases("prod-kyc-01") {
        let Expectation::OverProvisioned { busy, memory } = case.expectation() else {
            panic!("another expectation");
        };
        assert_eq!((case.host.cores, case.host.memory.as_gibibytes()), (16, 64.0));
        let series = case.host_series();
        let p99 = quantile(&column(series, host::CPU_BUSY_CORES), 0.99);
        assert!(within_a_fifth(p99, busy.as_cores()), "{p99}");
        let used: Vec<f64> = column(series, host::MEMORY_AVAILABLE_BYTES)
            .iter()
            .map(|free| 64.0 * GIB - free)
            .collect();
        assert!(
            within_a_fifth(highest(&used), memory.as_bytes()),
            "{} GiB",
            highest(&used) / GIB
        );
    }
}

#[test]
fn the_swapping_host_swaps_both_ways() {
    for case in cases("stg-api-01") {
        let Expectation::Swapping { swap_used } = case.expectation() else {
            panic!("another expectation");
        };
        let series = case.host_series();
        let used = column(series, host::SWAP_USED_BYTES);
        assert!(
            within_a_fifth(highest(&used), swap_used.as_bytes()),
            "{}",
            highest(&used) / GIB
        );
        assert!(quantile(&used, 0.01) > 0.5 * GIB);
        assert!(highest(&column(series, host::SWAP_IN_BYTES_PER_S)) > 100_000.0);
        assert!(highest(&column(series, host::SWAP_OUT_BYTES_PER_S)) > 100_000.0);
        let free = quantile(&column(series, host::MEMORY_AVAILABLE_BYTES), 0.5);
        assert!(free < 0.12 * 4.0 * GIB, "{}", free / GIB);
    }
}

#[test]
fn the_resized_host_has_twice_the_cores_from_the_eighth_day() {
    for case in cases("prod-ledger-02") {
        let Expectation::Resized {
            at_ms,
            cores_before,
            cores_after,
        } = case.expectation()
        else {
            panic!("another expectation");
        };
        assert_eq!((cores_before, cores_after, case.host.cores), (8, 16, 16));
        assert_eq!(at_ms, case.estate.start_ms + 8 * DAY_MS);
        let series = case.host_series();
        for (&at, cores) in series.at_ms.iter().zip(column(series, host::CPU_CORES)) {
            let expected = if at <= at_ms { cores_before } else { cores_after };
            assert_eq!(cores, f64::from(expected));
        }
    }
}

#[test]
fn the_disk_bound_database_is_short_of_operations_not_of_cpu() {
    for case in cases("prod-mysql-01") {
        let Expectation::DiskBound { operations } = case.expectation() else {
            panic!("another expectation");
        };
        let mut total = vec![0.0; case.host_series().len()];
        for series in case.table(Table::Disk) {
            for id in [disk::READS_PER_S, disk::WRITES_PER_S] {
                for (total, rate) in total.iter_mut().zip(column(series, id)) {
                    *total += rate;
                }
            }
        }
        let p99 = quantile(&total, 0.99);
        assert!(within_a_fifth(p99, operations.as_operations_per_second()), "{p99}");
        assert!(highest(&column(case.host_series(), host::CPU_BUSY_CORES)) < 0.25 * case.cores());
    }
}

#[test]
fn the_network_bound_proxy_is_short_of_bandwidth_not_of_cpu() {
    for case in cases("prod-lb-01") {
        let Expectation::NetworkBound { transmit } = case.expectation() else {
            panic!("another expectation");
        };
        let series = case.table(Table::Network).next().unwrap();
        let p99 = quantile(&column(series, network::TRANSMIT_BYTES_PER_S), 0.99);
        assert!(within_a_fifth(p99, transmit.as_bytes_per_second()), "{p99}");
        assert!(highest(&column(case.host_series(), host::CPU_BUSY_CORES)) < 0.25 * case.cores());
    }
}
