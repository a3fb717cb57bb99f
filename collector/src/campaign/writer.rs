//! The one thread that writes: readings into the log, synced every second; logs into segments.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use telemetry::Store;
use telemetry::series::day_of;
use telemetry::store::Origin;

use super::error::CampaignError;
use super::host::now_ms;
use super::segments::turn;
use crate::discovery::flows::Look;
use crate::hosts::Target;
use crate::log::{LogError, LogWriter, Measured, Record};
use crate::rates::LastInterval;
use crate::reading::Reading;

pub(super) use crate::log::Note;

/// Longest time that a reading waits to be synced, and so to count.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// What host threads send.
#[allow(clippy::large_enum_variant, reason = "nearly all messages are readings")]
#[derive(Debug)]
pub(super) enum Message {
    /// A reading of a host.
    Reading {
        /// Its place among the targets.
        host: usize,
        /// What it said.
        reading: Reading,
    },
    /// A row that was measured beside the readings.
    Measured {
        /// The host's place among the targets.
        host: usize,
        /// The row.
        measured: Measured,
    },
    /// A look at a host's connections.
    Looked {
        /// The host's place among the targets.
        host: usize,
        /// What was seen.
        look: Look,
    },
    /// Something that happened.
    Note {
        /// The host, when it was about one.
        host: Option<usize>,
        /// When, UTC milliseconds.
        at_ms: i64,
        /// What.
        note: Note,
    },
}

/// Writes the log of one run and turns it into telemetry.
pub(super) struct Writer<'a> {
    pub(super) store: &'a Store,
    pub(super) folder: PathBuf,
    pub(super) targets: &'a [Target],
    pub(super) origin: Origin,
    pub(super) rotate_every: Duration,
}

impl Writer<'_> {
    /// Writes until every sender is gone; gives the run's record.
    ///
    /// # Errors
    /// When the disk refuses; what was synced stays and is turned into telemetry by the next start.
    pub(super) fn run(mut self, messages: &Receiver<Message>) -> Result<Origin, CampaignError> {
        self.store.write_record(&self.origin)?;
        let mut log = LogWriter::create(&self.folder, 0)?;
        self.name_hosts(&mut log)?;
        let mut begun = Instant::now();
        let mut synced = Instant::now();
        let mut over = false;
        while !over {
            match messages.recv_timeout(SYNC_EVERY.saturating_sub(synced.elapsed())) {
                Ok(message) => log.append(&record(message))?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => over = true,
            }
            if over || synced.elapsed() >= SYNC_EVERY {
                log.sync()?;
                synced = Instant::now();
            }
            if !over && begun.elapsed() >= self.rotate_every {
                log = self.rotate(log)?;
                begun = Instant::now();
            }
        }
        turn(
            self.store,
            &mut self.origin,
            log.path(),
            log.sequence(),
            LastInterval::Close,
        )?;
        self.store.write_record(&self.origin)?;
        self.store.merge_days(&self.origin.id, day_of(now_ms()))?;
        remove(&log)?;
        // Not empty only when someone put something there.
        let _ = fs::remove_dir(&self.folder);
        Ok(self.origin)
    }

    /// Starts the next log with what the open intervals need, then makes a segment of the old one and removes it.
    fn rotate(&mut self, mut old: LogWriter) -> Result<LogWriter, CampaignError> {
        old.sync()?;
        let turned = turn(
            self.store,
            &mut self.origin,
            old.path(),
            old.sequence(),
            LastInterval::Open,
        )?;
        let mut log = LogWriter::create(&self.folder, old.sequence())?;
        self.name_hosts(&mut log)?;
        for (host, (at_ms, readings)) in turned.carried {
            log.append(&Record::DoneUntil { host, at_ms })?;
            for reading in readings {
                log.append(&Record::Reading { host, reading })?;
            }
        }
        log.sync()?;
        self.store.write_record(&self.origin)?;
        remove(&old)?;
        self.store.merge_days(&self.origin.id, day_of(now_ms()))?;
        Ok(log)
    }

    fn name_hosts(&self, log: &mut LogWriter) -> Result<(), LogError> {
        for (number, target) in self.targets.iter().enumerate() {
            let milliseconds = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
            log.append(&Record::Host {
                number: number as u32,
                name: target.name.clone(),
                interval_ms: milliseconds(target.interval),
                tick_ms: milliseconds(target.tick),
            })?;
        }
        log.sync()
    }
}

fn record(message: Message) -> Record {
    match message {
        Message::Reading { host, reading } => Record::Reading {
            host: host as u32,
            reading,
        },
        Message::Measured { host, measured } => Record::Measured {
            host: host as u32,
            measured,
        },
        Message::Looked { host, look } => Record::Looked {
            host: host as u32,
            look,
        },
        Message::Note { host, at_ms, note } => Record::Note {
            host: host.map(|host| host as u32),
            at_ms,
            note,
        },
    }
}

fn remove(log: &LogWriter) -> Result<(), LogError> {
    fs::remove_file(log.path()).map_err(|source| LogError::io("remove", log.path(), source))
}
