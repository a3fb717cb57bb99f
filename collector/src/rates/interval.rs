//! Gathers differences interval by interval and makes rows of those that are over.

use std::collections::BTreeMap;

use telemetry::schema::filesystem;
use telemetry::{Series, Table};

use super::device::{Device, disk_moved, interface_moved, push_disk, push_interface};
use super::host::{HostInterval, cores, cpu_moved};
use super::{LastInterval, Spacing, push};
use crate::reading::{Filesystem, Reading};

/// The rows of a host, and where to go on.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Rows by table and device.
    pub series: Vec<Series>,
    /// What was odd.
    pub oddities: Oddities,
    /// Index of the first reading that an interval still open needs; the number of readings when none does.
    pub open_from: usize,
    /// End of the last interval that is done with, UTC milliseconds; the next call's `after_ms`.
    pub done_until_ms: i64,
}

/// What was odd in the readings of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Times the host had booted again.
    pub reboots: u64,
    /// Pauses too long to be measurements.
    pub gaps: u64,
    /// Counters of a device or a CPU that started again or moved by an absurd amount.
    pub resets: u64,
    /// Readings that were not later than the one before.
    pub backward: u64,
}

/// One interval in the making.
#[derive(Clone, Debug, Default)]
struct Open {
    end_ms: i64,
    host: HostInterval,
    disks: BTreeMap<String, Device<7>>,
    interfaces: BTreeMap<String, Device<4>>,
    filesystems: Vec<Filesystem>,
}

pub(super) struct Intervals<'a> {
    host: &'a str,
    spacing: Spacing,
    after_ms: i64,
    open: Option<Open>,
    cores: Option<f64>,
    /// The last whole reading, where it stands, and the one that the open interval compared with.
    whole: Option<(usize, Reading)>,
    first_needed: usize,
    done_until_ms: i64,
    oddities: Oddities,
    rows: BTreeMap<(Table, Vec<String>), Series>,
}

impl<'a> Intervals<'a> {
    pub(super) fn new(host: &'a str, spacing: Spacing, after_ms: i64) -> Self {
        Self {
            host,
            spacing,
            after_ms,
            open: None,
            cores: None,
            whole: None,
            first_needed: 0,
            done_until_ms: after_ms,
            oddities: Oddities::default(),
            rows: BTreeMap::new(),
        }
    }

    /// Takes the next reading; `before` is the one before it.
    pub(super) fn take(&mut self, index: usize, reading: &Reading, before: Option<&Reading>) {
        let end_ms = self.spacing.end_of(reading.at_ms);
        if self.open.as_ref().is_none_or(|open| open.end_ms < end_ms) {
            self.close();
            // The open interval needs its base and the last whole reading before it.
            let base = index.saturating_sub(1);
            self.first_needed = self.whole.as_ref().map_or(base, |(whole, _)| base.min(*whole));
            self.open = Some(Open {
                end_ms,
                ..Open::default()
            });
        }
        self.cores = cores(reading).or(self.cores);
        if let Some(before) = before {
            self.add_difference(before, reading);
        }
        let is_whole = reading.memory.is_some() || reading.load.is_some();
        let Some(open) = &mut self.open else { return };
        if is_whole {
            let since = self.whole.as_ref().and_then(|(_, whole)| {
                let seconds = elapsed_s(whole, reading)?;
                // Twice the interval: one whole reading may have been missed.
                (seconds * 1000.0 <= 2.5 * self.spacing.interval_ms as f64).then_some((whole, seconds))
            });
            open.host.stand(reading, since);
            self.whole = Some((index, reading.clone()));
        }
        if !reading.filesystems.is_empty() {
            open.filesystems.clone_from(&reading.filesystems);
        }
    }

    fn add_difference(&mut self, before: &Reading, reading: &Reading) {
        let Some(seconds) = elapsed_s(before, reading) else {
            if reading.at_ms <= before.at_ms {
                self.oddities.backward += 1;
            } else {
                self.oddities.reboots += 1;
            }
            return;
        };
        if seconds * 1000.0 > self.spacing.longest_ms() as f64 {
            self.oddities.gaps += 1;
            return;
        }
        let Some(open) = &mut self.open else { return };
        // A shorter difference is jitter: it counts, but is no peak.
        let for_maxima = seconds * 2000.0 >= self.spacing.tick_ms as f64;
        match cpu_moved(before, reading, seconds, self.cores) {
            Some(moved) => open.host.add_cpu(moved, seconds, for_maxima),
            None if reading.cpu.is_some() && before.cpu.is_some() => self.oddities.resets += 1,
            None => {}
        }
        for disk in &reading.disks {
            let Some(was) = before.disks.iter().find(|was| was.device == disk.device) else {
                continue;
            };
            match disk_moved(was, disk, seconds) {
                Some(moved) => open
                    .disks
                    .entry(disk.device.clone())
                    .or_default()
                    .add(moved, seconds, for_maxima),
                None => self.oddities.resets += 1,
            }
        }
        for interface in &reading.interfaces {
            let same = |was: &&crate::reading::InterfaceCounters| was.interface == interface.interface;
            let Some(was) = before.interfaces.iter().find(same) else {
                continue;
            };
            match interface_moved(was, interface, seconds) {
                Some(moved) => {
                    let device = open.interfaces.entry(interface.interface.clone()).or_default();
                    device.add(moved, seconds, for_maxima);
                }
                None => self.oddities.resets += 1,
            }
        }
    }

    /// Makes rows of the open interval.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        self.done_until_ms = self.done_until_ms.max(open.end_ms);
        if open.end_ms <= self.after_ms {
            return;
        }
        let (at_ms, interval_ms) = (open.end_ms, self.spacing.interval_ms);
        open.host.push(
            series(&mut self.rows, Table::Host, self.host, &[]),
            at_ms,
            self.cores,
            interval_ms,
        );
        for (name, disk) in open.disks.iter().filter(|(_, disk)| disk.is_row(interval_ms)) {
            push_disk(
                series(&mut self.rows, Table::Disk, self.host, &[name]),
                at_ms,
                disk,
                interval_ms,
            );
        }
        for (name, interface) in open.interfaces.iter().filter(|(_, device)| device.is_row(interval_ms)) {
            let series = series(&mut self.rows, Table::Network, self.host, &[name]);
            push_interface(series, at_ms, interface, interval_ms);
        }
        for mounted in &open.filesystems {
            let labels = [&mounted.mount, &mounted.device, &mounted.kind];
            let series = series(
                &mut self.rows,
                Table::Filesystem,
                self.host,
                &labels.map(String::as_str),
            );
            if series.at_ms.last() != Some(&at_ms) {
                let sizes = [
                    (filesystem::SIZE_BYTES, Some(mounted.size_bytes as f64)),
                    (filesystem::USED_BYTES, Some(mounted.used_bytes as f64)),
                ];
                push(series, at_ms, &sizes);
            }
        }
    }

    pub(super) fn finish(mut self, readings: &[Reading], last: LastInterval) -> Rows {
        let open_from = match last {
            LastInterval::Open => self.first_needed,
            LastInterval::Close => {
                self.close();
                readings.len()
            }
        };
        Rows {
            series: self.rows.into_values().filter(|series| !series.is_empty()).collect(),
            oddities: self.oddities,
            open_from,
            done_until_ms: self.done_until_ms,
        }
    }
}

fn series<'r>(
    rows: &'r mut BTreeMap<(Table, Vec<String>), Series>,
    table: Table,
    host: &str,
    labels: &[&str],
) -> &'r mut Series {
    let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
    rows.entry((table, labels.clone()))
        .or_insert_with(|| Series::new(table, host, labels))
}

/// Gives the seconds between two readings by the host's own clock; nothing across a reboot or when time did not pass.
fn elapsed_s(before: &Reading, after: &Reading) -> Option<f64> {
    let rebooted = matches!((before.boot_id, after.boot_id), (Some(was), Some(is)) if was != is);
    if rebooted || after.at_ms <= before.at_ms {
        return None;
    }
    let hundredths = after.uptime_cs.checked_sub(before.uptime_cs)?;
    (hundredths > 0).then(|| hundredths as f64 / 100.0)
}
