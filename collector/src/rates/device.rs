//! Disks and interfaces within one interval: sums and highest sub-samples of their counters.

use telemetry::schema::{disk, network};
use telemetry::{ColumnId, Series, Table};

use super::difference::{increment, wrapping};
use super::push;
use crate::reading::{DiskCounters, InterfaceCounters};

/// No disk does more operations in a second.
const MOST_OPERATIONS_PER_S: f64 = 1e8;
/// No disk or interface moves more bytes in a second: eight links of 400 Gb/s.
const MOST_BYTES_PER_S: f64 = 4e11;
/// Requests that may wait at once: the deepest queue of a kernel, which bounds the time they can have waited together.
const MOST_WAITING: f64 = 65_536.0;

/// What a device did: counters added up, and the highest rate of each among the sub-samples.
#[derive(Clone, Debug)]
pub(super) struct Device<const COUNTERS: usize> {
    covered_s: f64,
    sums: [u64; COUNTERS],
    highest: [Option<f64>; COUNTERS],
}

impl<const COUNTERS: usize> Default for Device<COUNTERS> {
    fn default() -> Self {
        Self {
            covered_s: 0.0,
            sums: [0; COUNTERS],
            highest: [None; COUNTERS],
        }
    }
}

impl<const COUNTERS: usize> Device<COUNTERS> {
    /// Adds a difference; `for_maxima` says that it is long enough for its rate to mean something.
    pub(super) fn add(&mut self, moved: [u64; COUNTERS], seconds: f64, for_maxima: bool) {
        self.covered_s += seconds;
        for ((sum, highest), moved) in self.sums.iter_mut().zip(&mut self.highest).zip(moved) {
            *sum = sum.saturating_add(moved);
            if for_maxima {
                let rate = moved as f64 / seconds;
                *highest = Some(highest.map_or(rate, |known: f64| known.max(rate)));
            }
        }
    }

    /// Says whether the device was seen for half of an interval.
    pub(super) fn is_row(&self, interval_ms: i64) -> bool {
        self.covered_s * 2000.0 >= interval_ms as f64
    }

    fn mean(&self, counter: usize) -> Option<f64> {
        Some(*self.sums.get(counter)? as f64 / self.covered_s)
    }

    fn sum(&self, counter: usize) -> f64 {
        self.sums.get(counter).copied().unwrap_or_default() as f64
    }

    fn highest(&self, counter: usize) -> Option<f64> {
        self.highest.get(counter).copied().flatten()
    }

    /// Gives the nominal length when (nearly) all of it was covered, else what was.
    pub(super) fn interval_s(&self, interval_ms: i64) -> f64 {
        nominal_or_covered(self.covered_s, interval_ms)
    }
}

/// Gives the nominal length when at least 95 % of it was covered, else what was.
pub(super) fn nominal_or_covered(covered_s: f64, interval_ms: i64) -> f64 {
    let nominal = interval_ms as f64 / 1000.0;
    if covered_s >= 0.95 * nominal {
        nominal
    } else {
        covered_s
    }
}

/// Gives how a disk's counters moved; nothing when it was created again in between.
pub(super) fn disk_moved(before: &DiskCounters, after: &DiskCounters, seconds: f64) -> Option<[u64; 7]> {
    let most_operations = MOST_OPERATIONS_PER_S * seconds;
    let most_bytes = MOST_BYTES_PER_S * seconds;
    let milliseconds = |before, after, most: f64| wrapping(before, after, most * (seconds + 1.0) * 1000.0);
    Some([
        wrapping(before.reads, after.reads, most_operations)?,
        wrapping(before.writes, after.writes, most_operations)?,
        increment(before.read_bytes, after.read_bytes).filter(|&moved| moved as f64 <= most_bytes)?,
        increment(before.write_bytes, after.write_bytes).filter(|&moved| moved as f64 <= most_bytes)?,
        // The time counters are the least reliable; a disk does not lose its operations for them.
        milliseconds(before.busy_ms, after.busy_ms, 1.0).unwrap_or(0),
        milliseconds(before.read_ms, after.read_ms, MOST_WAITING).unwrap_or(0),
        milliseconds(before.write_ms, after.write_ms, MOST_WAITING).unwrap_or(0),
    ])
}

/// Gives how an interface's counters moved; nothing when it was created again in between.
pub(super) fn interface_moved(before: &InterfaceCounters, after: &InterfaceCounters, seconds: f64) -> Option<[u64; 4]> {
    let most_bytes = MOST_BYTES_PER_S * seconds;
    let most_packets = MOST_BYTES_PER_S / 64.0 * seconds;
    Some([
        wrapping(before.receive_bytes, after.receive_bytes, most_bytes)?,
        wrapping(before.transmit_bytes, after.transmit_bytes, most_bytes)?,
        wrapping(before.receive_packets, after.receive_packets, most_packets)?,
        wrapping(before.transmit_packets, after.transmit_packets, most_packets)?,
    ])
}

/// Appends a disk's row.
pub(super) fn push_disk(series: &mut Series, at_ms: i64, disk: &Device<7>, interval_ms: i64) {
    debug_assert_eq!(series.table, Table::Disk);
    let wait = |milliseconds: usize, operations: usize| {
        (disk.sum(operations) > 0.0).then(|| disk.sum(milliseconds) / disk.sum(operations))
    };
    push(
        series,
        at_ms,
        &[
            (disk::INTERVAL_S, Some(disk.interval_s(interval_ms))),
            (disk::READS_PER_S, disk.mean(0)),
            (disk::WRITES_PER_S, disk.mean(1)),
            (disk::READ_BYTES_PER_S, disk.mean(2)),
            (disk::WRITE_BYTES_PER_S, disk.mean(3)),
            (disk::BUSY_FRACTION, disk.mean(4).map(|busy| (busy / 1000.0).min(1.0))),
            (disk::READ_WAIT_MS, wait(5, 0)),
            (disk::WRITE_WAIT_MS, wait(6, 1)),
            (disk::READS_PER_S_MAX, disk.highest(0)),
            (disk::WRITES_PER_S_MAX, disk.highest(1)),
            (disk::READ_BYTES_PER_S_MAX, disk.highest(2)),
            (disk::WRITE_BYTES_PER_S_MAX, disk.highest(3)),
        ],
    );
}

/// Appends an interface's row.
pub(super) fn push_interface(series: &mut Series, at_ms: i64, interface: &Device<4>, interval_ms: i64) {
    debug_assert_eq!(series.table, Table::Network);
    let means: [ColumnId; 4] = [
        network::RECEIVE_BYTES_PER_S,
        network::TRANSMIT_BYTES_PER_S,
        network::RECEIVE_PACKETS_PER_S,
        network::TRANSMIT_PACKETS_PER_S,
    ];
    let maxima: [ColumnId; 4] = [
        network::RECEIVE_BYTES_PER_S_MAX,
        network::TRANSMIT_BYTES_PER_S_MAX,
        network::RECEIVE_PACKETS_PER_S_MAX,
        network::TRANSMIT_PACKETS_PER_S_MAX,
    ];
    let mut values = vec![(network::INTERVAL_S, Some(interface.interval_s(interval_ms)))];
    values.extend(
        means
            .into_iter()
            .enumerate()
            .map(|(counter, column)| (column, interface.mean(counter))),
    );
    values.extend(
        maxima
            .into_iter()
            .enumerate()
            .map(|(counter, column)| (column, interface.highest(counter))),
    );
    push(series, at_ms, &values);
}
