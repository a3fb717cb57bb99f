//! Simulates one host, a day at a time: what would a collector have seen?
//!
//! Input: a host's facts and behaviour. Output: its series of a day, by table.
//! One load drives all dimensions, so that they rise and fall together as they
//! do on real machines; each adds noise of its own.

mod disk;
mod filesystem;
mod load;
mod memory;
mod network;
mod processor;
mod services;

use telemetry::{Series, Table};

use self::disk::Disk;
use self::filesystem::Filesystem;
use self::load::Load;
use self::memory::Memory;
use self::network::Network;
use self::processor::Processor;
use self::services::Services;
use crate::estate::{Expectation, HostSpec};
use crate::noise::Noise;

/// Minutes in a day: the samples a host leaves.
pub(crate) const MINUTES: usize = 1440;

/// A host in the course of its span; days must be taken in order.
pub(crate) struct Machine<'a> {
    host: &'a HostSpec,
    noise: Noise,
    load: Load,
    processor: Processor,
    memory: Memory,
    disks: Vec<Disk>,
    filesystems: Vec<Filesystem>,
    network: Network,
    services: Services,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(host: &'a HostSpec, seed: u64, start_ms: i64, days: u32) -> Self {
        let behaviour = &host.behaviour;
        let mut filesystems = behaviour.filesystems.clone();
        filesystems.sort_by_key(|filesystem| filesystem.mount);
        let mut disks = behaviour.disks.clone();
        disks.sort_by_key(|disk| disk.device);
        Self {
            host,
            noise: Noise::new(seed, &host.name),
            load: Load::new(behaviour, start_ms),
            processor: Processor::new(),
            memory: Memory::new(behaviour.memory, start_ms, days),
            disks: disks.into_iter().map(Disk::new).collect(),
            filesystems: filesystems
                .into_iter()
                .map(|filesystem| Filesystem::new(filesystem, start_ms))
                .collect(),
            network: Network::new(behaviour.network),
            services: Services::new(host, seed, start_ms, days),
        }
    }

    /// Makes the next day's series, sorted by table and labels; none is empty.
    pub(crate) fn day(&mut self, day: u32) -> Vec<Series> {
        let noise = &mut self.noise;
        let day = self.load.day(self.host, day, noise);
        let mut disk_series = Vec::with_capacity(self.disks.len());
        let mut disk_busy = vec![0.0; MINUTES];
        for disk in &mut self.disks {
            disk_series.push(disk.day(self.host, &day, &mut disk_busy, noise));
        }
        let mut all = vec![Series::new(Table::Host, self.host.name.clone(), Vec::new())];
        all[0].at_ms = day.at_ms.clone();
        self.processor.day(self.host, &day, &disk_busy, &mut all[0], noise);
        self.memory.day(self.host, &day, &mut all[0], noise);
        all.append(&mut disk_series);
        for filesystem in &mut self.filesystems {
            all.push(filesystem.day(self.host, &day, noise));
        }
        all.push(self.network.day(self.host, &day, noise));
        let of_services = self.services.day(self.host, &day, &all[0]);
        all.extend(of_services);
        if let Some(Expectation::Gap { from_ms, until_ms }) = self.host.expectation {
            for series in &mut all {
                remove(series, from_ms, until_ms);
            }
            all.retain(|series| !series.is_empty());
        }
        all
    }
}

/// Removes the rows of a window.
fn remove(series: &mut Series, from_ms: i64, until_ms: i64) {
    let outside = |at_ms: i64| at_ms <= from_ms || at_ms > until_ms;
    let rows: Vec<usize> = (0..series.len()).filter(|&row| outside(series.at_ms[row])).collect();
    if rows.len() < series.len() {
        series.keep_rows(&rows);
    }
}
