//! One `sizewright collect` at work, watched from outside: what it logs, and what the kernel says of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use collector::log::{Record, logs_in, read_log};
use rustix::process::Signal;

use crate::estate::Estate;
use crate::procfs;

/// A collector that was started by the bench; it is killed when dropped.
pub struct Running {
    child: Child,
    telemetry: PathBuf,
    events: PathBuf,
    begun: Instant,
}

/// When each host was read, UTC milliseconds ascending.
pub type Ticks = BTreeMap<String, Vec<i64>>;

impl Running {
    /// Starts the collector of an estate; it runs until it is stopped.
    pub fn start(estate: &Estate) -> Self {
        let events = estate.folder.join("events.json");
        let begun = Instant::now();
        let child = estate
            .collect(&[])
            .stdout(File::create(&events).unwrap())
            .stderr(File::create(estate.folder.join("talk.txt")).unwrap())
            .spawn()
            .unwrap();
        Self {
            child,
            telemetry: estate.telemetry(),
            events,
            begun,
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until so many hosts are up and have been read; gives the seconds that took from the start, or nothing
    /// after `within`.
    pub fn wait_until_sampling(&self, hosts: usize, within: Duration) -> Option<f64> {
        while self.begun.elapsed() < within {
            let up = fs::read_to_string(&self.events).unwrap_or_default();
            if up.lines().filter(|line| line.contains("\"state\":\"up\"")).count() >= hosts {
                let ticks = ticks(&self.telemetry);
                if ticks.len() >= hosts {
                    let last_first = ticks.values().filter_map(|ticks| ticks.first()).max().copied()?;
                    let ago_ms = (now_ms() - last_first) as f64;
                    return Some(self.begun.elapsed().as_secs_f64() - ago_ms / 1e3);
                }
            }
            thread::sleep(Duration::from_millis(250));
        }
        None
    }

    /// Gives when each host was read so far.
    pub fn ticks(&self) -> Ticks {
        ticks(&self.telemetry)
    }

    /// Gives every line that it printed which is no sign of a host that came up.
    pub fn troubles(&self) -> Vec<String> {
        let events = fs::read_to_string(&self.events).unwrap_or_default();
        let is_trouble = |line: &&str| !line.contains("\"state\":\"up\"");
        events.lines().filter(is_trouble).map(str::to_string).collect()
    }

    /// Asks it to end, waits, and gives the CPU seconds that ending took (the log becomes a segment), its highest
    /// memory in KiB, and its exit code.
    pub fn stop(mut self) -> (f64, f64, Option<i32>) {
        let before = procfs::cpu_s(self.id()).unwrap_or(0.0);
        let (mut after, mut peak_kib) = (before, 0.0);
        procfs::signal(self.id(), Signal::TERM);
        let asked = Instant::now();
        let mut status = None;
        while status.is_none() && asked.elapsed() < Duration::from_secs(60) {
            after = procfs::cpu_s(self.id()).unwrap_or(after).max(after);
            peak_kib = procfs::status_kib(self.id(), "VmHWM").unwrap_or(peak_kib);
            thread::sleep(Duration::from_millis(20));
            status = self.child.try_wait().unwrap();
        }
        (after - before, peak_kib, status.and_then(|status| status.code()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the logs of a telemetry folder: what is there and whole was synced, or is about to be.
pub fn ticks(telemetry: &Path) -> Ticks {
    let mut ticks = Ticks::new();
    for folder in fs::read_dir(telemetry.join("log")).into_iter().flatten().flatten() {
        for (_, path) in logs_in(&folder.path()).unwrap_or_default() {
            let mut names = BTreeMap::new();
            for record in read_log(&path).map(|content| content.records).unwrap_or_default() {
                match record {
                    Record::Host { number, name, .. } => {
                        names.insert(number, name);
                    }
                    Record::Reading { host, reading } => {
                        if let Some(name) = names.get(&host) {
                            ticks.entry(name.clone()).or_default().push(reading.at_ms);
                        }
                    }
                    Record::DoneUntil { .. }
                    | Record::Note { .. }
                    | Record::Measured { .. }
                    | Record::Looked { .. } => {}
                }
            }
        }
    }
    ticks
}

/// Gives the wall clock, UTC milliseconds.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
