//! Operations, bytes and waits of one disk.

use telemetry::schema::disk;
use telemetry::units::KIBIBYTE;
use telemetry::{Series, Table};

use super::load::Day;
use crate::behaviour::DiskUse;
use crate::calendar::MINUTE_MS;
use crate::estate::HostSpec;
use crate::grid::{fill, fill_constant};
use crate::noise::{Bursts, Noise};

/// Time of a write on an unloaded device against that of a read: writes end in the device's cache.
const WRITE_WAIT_SHARE: f64 = 0.6;

/// A disk in the course of the span.
pub(crate) struct Disk {
    behaviour: DiskUse,
    cold_reads: Bursts,
}

impl Disk {
    pub(crate) fn new(behaviour: DiskUse) -> Self {
        Self {
            // Log searches, package updates, a cold start: what the page cache did not have.
            cold_reads: Bursts::new(behaviour.cold_reads_per_day, 4.0, 40.0),
            behaviour,
        }
    }

    /// Makes a day's series and adds the device's busy fraction to `busy_total`.
    pub(crate) fn day(&mut self, host: &HostSpec, day: &Day, busy_total: &mut [f64], noise: &mut Noise) -> Series {
        let used = &self.behaviour;
        let limit = used.operations_per_s_limit;
        let rows = day.load.len();
        let column = || Vec::with_capacity(rows);
        let (mut reads, mut writes, mut read_bytes, mut write_bytes) = (column(), column(), column(), column());
        let (mut top_reads, mut top_writes, mut top_read_bytes, mut top_write_bytes) =
            (column(), column(), column(), column());
        let (mut busy, mut read_wait, mut write_wait) = (column(), column(), column());
        for ((&at_ms, &load), busy_total) in day.at_ms.iter().zip(&day.load).zip(busy_total) {
            let flush = used.checkpoints && (at_ms / MINUTE_MS) % 5 == 0;
            let read = if used.reads_per_s > 0.0 {
                used.reads_per_s * load * noise.factor(0.12)
            } else {
                self.cold_reads.next(0.3 + load, noise)
            };
            let write = (used.rest_writes_per_s + used.writes_per_s * load)
                * noise.factor(0.10)
                * if flush { 1.5 } else { 1.0 };
            // A device that is asked for too much serves all requests at the same share.
            let served = (limit * 0.97 / (read + write)).min(1.0);
            let (read, write) = (read * served, write * served);
            let read_size = used.read_kib * KIBIBYTE * noise.factor(0.06).max(0.5);
            let write_size = used.write_kib * KIBIBYTE * noise.factor(0.06).max(0.5);
            let top_read = (read * noise.peak_ratio(0.0)).min(limit).max(read);
            let top_write = (write * noise.peak_ratio(0.0)).min(limit).max(write);
            let fraction = ((read + write) / limit * noise.factor(0.05)).min(1.0);
            let queueing = 1.0 + 4.0 * fraction.powi(4);
            let (read_luck, write_luck) = noise.pair();
            reads.push(read);
            writes.push(write);
            read_bytes.push(read * read_size);
            write_bytes.push(write * write_size);
            top_reads.push(top_read);
            top_writes.push(top_write);
            top_read_bytes.push(top_read * read_size);
            top_write_bytes.push(top_write * write_size);
            busy.push(fraction);
            // Without an operation there is no time of one.
            let wait = |rate: f64, luck: f64, share: f64| {
                if rate > 0.0 {
                    used.wait_ms * share * queueing * (0.8 + 0.4 * luck)
                } else {
                    f64::NAN
                }
            };
            read_wait.push(wait(read, read_luck, 1.0));
            write_wait.push(wait(write, write_luck, WRITE_WAIT_SHARE));
            *busy_total += fraction;
        }
        let mut series = Series::new(Table::Disk, host.name.clone(), vec![used.device.to_string()]);
        series.at_ms.clone_from(&day.at_ms);
        fill_constant(&mut series, disk::INTERVAL_S, 60.0);
        fill(&mut series, disk::READS_PER_S, &reads);
        fill(&mut series, disk::WRITES_PER_S, &writes);
        fill(&mut series, disk::READ_BYTES_PER_S, &read_bytes);
        fill(&mut series, disk::WRITE_BYTES_PER_S, &write_bytes);
        fill(&mut series, disk::BUSY_FRACTION, &busy);
        fill(&mut series, disk::READ_WAIT_MS, &read_wait);
        fill(&mut series, disk::WRITE_WAIT_MS, &write_wait);
        fill(&mut series, disk::READS_PER_S_MAX, &top_reads);
        fill(&mut series, disk::WRITES_PER_S_MAX, &top_writes);
        fill(&mut series, disk::READ_BYTES_PER_S_MAX, &top_read_bytes);
        fill(&mut series, disk::WRITE_BYTES_PER_S_MAX, &top_write_bytes);
        series
    }
}
