//! Hundreds of hosts in one collector: is every sample there, and what does it cost here and on the hosts?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use telemetry::schema::host;
use telemetry::{Store, StoreError, Table};

use crate::estate::{Estate, hosts};
use crate::procfs::{self, Process};
use crate::running::{Running, Ticks, now_ms};
use crate::servers::{Admissions, Keys, Server};
use crate::wire::Traffic;

const TICK_MS: i64 = 10_000;
const MINUTE_MS: i64 = 60_000;

/// What a run with many hosts showed.
#[derive(Debug, Default)]
pub struct Held {
    pub hosts: usize,
    /// Seconds until the last host had been read for the first time.
    pub sampling_after_s: Option<f64>,
    /// Length of the steady window, seconds.
    pub window_s: f64,
    /// Readings in it.
    pub readings: usize,
    /// CPU seconds of the collector in it.
    pub cpu_s: f64,
    /// CPU seconds of the collector up to it.
    pub connect_cpu_s: f64,
    /// CPU seconds of turning the log into a segment at the end.
    pub segment_cpu_s: f64,
    /// Highest resident memory in the window, KiB.
    pub resident_kib: f64,
    /// Memory with shared pages by share, at the end of the window, KiB.
    pub proportional_kib: f64,
    /// Highest resident memory of the whole run, the segment's making included, KiB.
    pub peak_kib: f64,
    /// Readings that are missing between the first and the last of a host.
    pub lost_readings: usize,
    /// Whole minutes of a host, and those of them that are not in the store.
    pub minutes: usize,
    pub lost_minutes: usize,
    /// Events of hosts that went down.
    pub troubles: Vec<String>,
    pub admissions: Admissions,
    /// CPU seconds of all sessions on the hosts in the window: sshd, sh, grep.
    pub target_cpu_s: f64,
    /// Bytes on the wire in the window.
    pub wire_bytes: Option<f64>,
    pub exit_code: Option<i32>,
}

/// Collects `count` hosts at the default interval and tick, holding the steady state for `hold`.
pub fn hold(work: &Path, keys: &Keys, servers: &[Server], count: usize, hold: Duration) -> Held {
    let estate = Estate::make(work.join(format!("{count}-hosts")), keys, &hosts(count, servers), "");
    let running = Running::start(&estate);
    let sampling_after_s = running.wait_until_sampling(count, Duration::from_secs(150));
    let connect_cpu_s = procfs::cpu_s(running.id()).unwrap_or(f64::NAN);
    // What connecting left to do, on both sides, is not part of the steady state.
    thread::sleep(Duration::from_secs(3));

    let mut sessions: Vec<Process> = servers.iter().flat_map(Server::processes).collect();
    // What a tick runs ends with it, and is counted with its shell.
    let is_sshd = |process: &&Process| process.name.starts_with("sshd");
    let sshd: BTreeSet<u32> = sessions.iter().filter(is_sshd).map(|process| process.id).collect();
    sessions.retain(|process| sshd.contains(&process.id) || sshd.contains(&process.parent));
    let (wire_before, target_before) = (Traffic::of(servers), cpu_of_sessions(&sessions));
    let (begun, from_ms) = (Instant::now(), now_ms());
    let cpu_before = procfs::cpu_s(running.id()).unwrap_or(f64::NAN);
    let mut resident_kib: f64 = 0.0;
    while begun.elapsed() < hold {
        thread::sleep((hold - begun.elapsed()).min(Duration::from_secs(1)));
        resident_kib = resident_kib.max(procfs::status_kib(running.id(), "VmRSS").unwrap_or(f64::NAN));
    }
    let cpu_s = procfs::cpu_s(running.id()).unwrap_or(f64::NAN) - cpu_before;
    let (window_s, until_ms) = (begun.elapsed().as_secs_f64(), now_ms());
    let (wire_after, target_after) = (Traffic::of(servers), cpu_of_sessions(&sessions));
    let proportional_kib = procfs::proportional_kib(running.id()).unwrap_or(f64::NAN);
    // The log is synced every second: what was read in the window is there then.
    thread::sleep(Duration::from_millis(1_500));
    let ticks = running.ticks();
    let troubles = running.troubles();
    let (segment_cpu_s, peak_kib, exit_code) = running.stop();
    let (minutes, lost_minutes) = stored_minutes(&estate, &ticks);
    Held {
        hosts: count,
        sampling_after_s,
        window_s,
        readings: ticks
            .values()
            .flatten()
            .filter(|at| (from_ms..until_ms).contains(*at))
            .count(),
        cpu_s,
        connect_cpu_s,
        segment_cpu_s,
        resident_kib,
        proportional_kib,
        peak_kib,
        lost_readings: lost_readings(&ticks, count, from_ms, until_ms),
        minutes,
        lost_minutes,
        troubles,
        admissions: Admissions::of(servers),
        target_cpu_s: target_after - target_before,
        wire_bytes: wire_after
            .zip(wire_before)
            .map(|(after, before)| after.wire_bytes_since(&before)),
        exit_code,
    }
}

impl Held {
    /// Gives the collector's CPU time for a reading, milliseconds.
    pub fn cpu_ms_per_reading(&self) -> f64 {
        self.cpu_s * 1e3 / self.readings as f64
    }

    /// Gives the CPU time on a host for a reading, milliseconds.
    pub fn target_ms_per_reading(&self) -> f64 {
        self.target_cpu_s * 1e3 / self.readings as f64
    }

    /// Gives the minutes of all hosts in the window.
    pub fn host_minutes(&self) -> f64 {
        self.hosts as f64 * self.window_s / 60.0
    }
}

/// Adds up the CPU time of servers, shells and what the shells ran; not a number when one of them is gone.
fn cpu_of_sessions(sessions: &[Process]) -> f64 {
    let of = |one: &Process| {
        let own = procfs::exact_cpu_s(one.id)?;
        // What sshd itself started and waited for is counted where it runs.
        let ended = procfs::process(one.id).filter(|now| !now.name.starts_with("sshd"));
        Some(own + ended.map_or(0.0, |now| now.ended_children_s))
    };
    sessions.iter().map(|one| of(one).unwrap_or(f64::NAN)).sum()
}

/// Counts readings that the schedule promised and the log does not have: between the readings of a host, and at the
/// ends of the window. A host that was never read lost all.
fn lost_readings(ticks: &Ticks, hosts: usize, from_ms: i64, until_ms: i64) -> usize {
    let missed = |from: i64, to: i64| usize::try_from((to - from + TICK_MS / 2) / TICK_MS - 1).unwrap_or(0);
    let mut lost = 0;
    for at in ticks.values() {
        lost += at.windows(2).map(|pair| missed(pair[0], pair[1])).sum::<usize>();
        lost += at.last().map_or(0, |last| missed(*last, until_ms));
    }
    let never = hosts - ticks.len().min(hosts);
    lost + never * usize::try_from((until_ms - from_ms) / TICK_MS).unwrap_or(0)
}

/// Counts the whole minutes between a host's first and last reading, and those without a row in the store.
fn stored_minutes(estate: &Estate, ticks: &Ticks) -> (usize, usize) {
    let stored = stored(&estate.telemetry()).unwrap();
    let (mut all, mut lost) = (0, 0);
    for (name, at) in ticks {
        let (Some(first), Some(last)) = (at.first(), at.last()) else {
            continue;
        };
        let mut end = (first + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS + MINUTE_MS;
        while end <= *last {
            all += 1;
            lost += usize::from(!stored.get(name).is_some_and(|ends| ends.contains(&end)));
            end += MINUTE_MS;
        }
    }
    (all, lost)
}

/// Gives the ends of the intervals of which the store knows the CPU use, by host.
///
/// # Errors
/// When the store cannot be read.
pub fn stored(telemetry: &Path) -> Result<BTreeMap<String, BTreeSet<i64>>, StoreError> {
    let reader = Store::at(telemetry).open(Table::Host)?;
    let mut stored: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for series in reader.read(0..reader.hosts().len(), &[host::CPU_BUSY_CORES])? {
        let ends = stored.entry(series.host.clone()).or_default();
        for (row, at) in series.at_ms.iter().enumerate() {
            if series.value(host::CPU_BUSY_CORES, row).is_some() {
                ends.insert(*at);
            }
        }
    }
    Ok(stored)
}
