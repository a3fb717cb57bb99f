//! Many hosts, days or weeks: readings in, telemetry out, whatever comes in between.
//!
//! ```text
//! host thread ─┐                    ┌─► log, synced every second
//! host thread ─┼─► bounded queue ─► writer
//! host thread ─┘                    └─► every 15 min: segment of the store; after midnight: one file a day
//! ```
//!
//! One thread per host, one that writes. A host that fails is tried again with
//! growing waits ([`patience`]) and never stops the others. A reading counts once
//! it is synced, so a killed collector loses at most the interval in hand; the
//! next start turns what it left into telemetry and goes on.

mod aside;
mod bell;
mod board;
mod error;
mod feed;
mod host;
mod live;
mod local_feed;
mod open_files;
pub mod patience;
mod schedule;
mod segments;
mod ssh_feed;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

pub use aside::{Aside, MakeAsides};
pub use bell::Bell;
pub use board::{Board, HostLine, Standing};
pub use error::CampaignError;
pub use feed::{Feed, Opened, Opener, Trouble};
pub use live::copy_live_rows;
pub use local_feed::visit_local;
pub use schedule::{Due, Schedule};
pub use ssh_feed::Reacher;
use telemetry::Store;
use telemetry::store::Origin;

use self::host::{Shared, collect, now_ms};
use self::segments::recover;
use self::writer::Writer;
use crate::hosts::Target;
use crate::log::CampaignLock;

/// Stack of a host's thread: the parsers take below half of it; connecting has a thread of its own.
const STACK_BYTES: usize = 512 << 10;
/// Messages that may wait for the writer; a host thread waits when there are more, and nothing is dropped.
const QUEUE: usize = 1_024;

/// What to collect, and for how long.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The telemetry folder.
    pub telemetry: PathBuf,
    /// The hosts.
    pub targets: Vec<Target>,
    /// When to end by itself, UTC milliseconds.
    pub until_ms: Option<i64>,
    /// How often the log becomes a segment.
    pub rotate_every: Duration,
    /// Lines for the record, such as that unknown host keys are accepted.
    pub notes: Vec<String>,
}

/// How a campaign went.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The run's record.
    pub origin: Origin,
    /// Logs that an earlier, killed run had left and that are telemetry now.
    pub recovered: usize,
}

/// Collects until told to stop, until the time is over, or until every host is given up.
///
/// # Errors
/// When another collector is at work, or the disk refuses. Failures of hosts are on the board.
pub fn run(
    campaign: &Campaign,
    opener: &dyn Opener,
    asides: &MakeAsides<'_>,
    board: &Board,
    stop: &Bell,
) -> Result<Summary, CampaignError> {
    let _lock = CampaignLock::take(&campaign.telemetry, &this_process())?;
    open_files::make_room(campaign.targets.len());
    let store = Store::at(&campaign.telemetry);
    let logs = campaign.telemetry.join("log");
    let recovered = recover(&store, &logs)?;
    let id = run_id(now_ms());
    let mut origin = Origin::new(&id, "collect");
    origin.notes = campaign.notes.clone();
    let writer = Writer {
        store: &store,
        folder: logs.join(&id),
        targets: &campaign.targets,
        origin,
        rotate_every: campaign.rotate_every,
    };
    let shared = Shared {
        opener,
        board,
        stop,
        until_ms: campaign.until_ms,
        asides,
    };
    let origin = std::thread::scope(|scope| {
        let (sender, messages) = sync_channel(QUEUE);
        let writing = scope.spawn(|| {
            // Owned here, so that host threads notice when the writer is gone.
            let messages = messages;
            let written = writer.run(&messages);
            if written.is_err() {
                stop.ring();
            }
            written
        });
        let mut refused = None;
        for (index, target) in campaign.targets.iter().enumerate() {
            let sender = sender.clone();
            let shared = &shared;
            let started = std::thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, move || collect(index, target, shared, &sender));
            if let Err(source) = started {
                stop.ring();
                refused = Some(CampaignError::Thread {
                    host: target.name.clone(),
                    source,
                });
                break;
            }
        }
        drop(sender);
        // A panic of the writer is a bug; it goes on in this thread.
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        refused.map_or(written, Err)
    })?;
    Ok(Summary { origin, recovered })
}

/// Turns what a killed collector left into telemetry, unless one is at work; gives how many logs there were.
///
/// # Errors
/// When a log is damaged at its beginning or the store cannot be written.
pub fn settle(telemetry: &Path) -> Result<usize, CampaignError> {
    let logs = telemetry.join("log");
    if !logs.is_dir() || crate::log::owner(telemetry).is_some() {
        return Ok(0);
    }
    let _lock = CampaignLock::take(telemetry, &this_process())?;
    recover(&Store::at(telemetry), &logs)
}

/// Names a run by its start, so that runs sort and never meet.
fn run_id(now_ms: i64) -> String {
    let name = telemetry::series::instant(now_ms).map(|at| at.strftime("collect-%Y%m%dT%H%M%S").to_string());
    format!(
        "{}-{:03}",
        name.unwrap_or_else(|| "collect".to_string()),
        now_ms.rem_euclid(1000)
    )
}

fn this_process() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let since = telemetry::series::instant(now_ms()).map_or_else(String::new, |at| format!(", since {at:.0}"));
    format!("process {} on {}{since}", std::process::id(), host.trim())
}
