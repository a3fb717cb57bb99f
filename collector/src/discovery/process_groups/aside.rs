//! Looks at the process table of one host beside its counters.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use telemetry::Table;
use telemetry::schema::process_group;

use super::{Members, Usage, usage};
use crate::campaign::{Aside, Feed, Trouble};
use crate::discovery::processes::{ProcessTable, processes};
use crate::discovery::services::{Fingerprints, Look, find_with_processes};
use crate::discovery::sockets::listeners;
use crate::log::Measured;
use crate::sampler::Question;

/// Time between two full looks that unknown processes ask for: a full look costs several times a plain one.
const FULL_AT_MOST_EVERY_MS: i64 = 300_000;
/// Processes of a host that are read at the usual pace; twice as many are read half as often.
const PROCESSES_AT_USUAL_PACE: usize = 2_000;
/// A pace is slowed down at most so much.
const SLOWEST: i64 = 10;
/// Connections that may be lost while the table is read; after that the host is not asked again in this run.
const LOST_AT_MOST: u32 = 2;

/// What all hosts share: the fingerprints, and which hosts do not stand being asked.
#[derive(Debug)]
pub struct ProcessGroups {
    fingerprints: Arc<Fingerprints>,
    lost: Mutex<BTreeMap<String, Arc<AtomicU32>>>,
}

impl ProcessGroups {
    /// Makes it once per campaign.
    #[must_use]
    pub fn new(fingerprints: Fingerprints) -> Self {
        Self {
            fingerprints: Arc::new(fingerprints),
            lost: Mutex::default(),
        }
    }

    /// Makes what looks at one host this often.
    pub fn aside(&self, host: &str, every: Duration) -> Box<dyn Aside> {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        Box::new(ProcessesAside {
            host: host.to_string(),
            fingerprints: Arc::clone(&self.fingerprints),
            lost: Arc::clone(lost.entry(host.to_string()).or_default()),
            every_ms: i64::try_from(every.as_millis()).unwrap_or(i64::MAX / 100).max(1),
            pace: 1,
            last_ms: None,
            full_ms: None,
            wants_full: true,
            members: Members::default(),
            before: None,
        })
    }
}

struct ProcessesAside {
    host: String,
    fingerprints: Arc<Fingerprints>,
    /// Connections that were lost while this host was asked, over all connections of the run.
    lost: Arc<AtomicU32>,
    every_ms: i64,
    /// By how much the host is asked less often, for its many processes.
    pace: i64,
    last_ms: Option<i64>,
    full_ms: Option<i64>,
    wants_full: bool,
    members: Members,
    before: Option<ProcessTable>,
}

impl Aside for ProcessesAside {
    fn is_due(&self, now_ms: i64) -> bool {
        let every_ms = self.every_ms.saturating_mul(self.pace);
        // Ticks jitter: one that comes a moment early must not wait for the next.
        let is_time = self
            .last_ms
            .is_none_or(|last| now_ms - last >= every_ms - every_ms / 20);
        is_time && self.lost.load(Ordering::Relaxed) < LOST_AT_MOST
    }

    fn ask(&mut self, feed: &mut dyn Feed, now_ms: i64) -> Result<Vec<Measured>, Trouble> {
        self.last_ms = Some(now_ms);
        // Counted before the answer is there: a table that hangs must not cost the host's other telemetry for ever.
        self.lost.fetch_add(1, Ordering::Relaxed);
        let rested = self.full_ms.is_none_or(|last| now_ms - last >= FULL_AT_MOST_EVERY_MS);
        let mut table = if self.wants_full && rested {
            let table = processes(&feed.ask(Question::ProcessesInFull)?);
            self.recognise(&table, feed, now_ms)?;
            table
        } else {
            let table = processes(&feed.ask(Question::Processes)?);
            let earlier = self.before.take().unwrap_or_default();
            self.wants_full |= self.members.follow(&earlier, &table) > 0;
            self.before = Some(earlier);
            table
        };
        self.lost.store(0, Ordering::Relaxed);
        self.pace = i64::try_from(table.processes.len().div_ceil(PROCESSES_AT_USUAL_PACE))
            .unwrap_or(SLOWEST)
            .clamp(1, SLOWEST);
        let rows = match &self.before {
            Some(before) => usage(before, &table, &self.members),
            None => Vec::new(),
        };
        for process in &mut table.processes {
            // Kept until the next look: a thousand hosts of many processes each.
            process.arguments = Vec::new();
            process.control_group = None;
        }
        self.before = Some(table);
        Ok(rows.iter().map(|row| measured(row, now_ms)).collect())
    }
}

impl ProcessesAside {
    fn recognise(&mut self, table: &ProcessTable, feed: &mut dyn Feed, now_ms: i64) -> Result<(), Trouble> {
        let listeners = listeners(&feed.ask(Question::Sockets)?);
        let look = Look {
            host: &self.host,
            at_ms: now_ms,
            table,
            listeners: &listeners,
            packages: &[],
            keep_arguments: false,
        };
        let found = find_with_processes(&look, &self.fingerprints);
        self.members = Members::of(&found, table);
        self.full_ms = Some(now_ms);
        self.wants_full = false;
        Ok(())
    }
}

/// Makes a row of the table `process_group`.
fn measured(row: &Usage, at_ms: i64) -> Measured {
    Measured::new(
        Table::ProcessGroup,
        vec![row.service.clone()],
        at_ms,
        &[
            (process_group::INTERVAL_S, Some(row.interval_s)),
            (process_group::CPU_BUSY_CORES, row.cpu_busy_cores),
            (process_group::RESIDENT_BYTES, row.resident_bytes),
            (process_group::PROCESSES, Some(f64::from(row.processes))),
        ],
    )
}
