//! How each host is doing, for a live view and for the end of the run.
//!
//! Host threads write it, one line each; the view copies it when it draws.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a host is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not tried yet, or its first try is under way.
    #[default]
    Waiting,
    /// Connected and read.
    Up,
    /// Its connection was lost or never made; it is tried again.
    Down,
    /// Given up for this run.
    Stopped,
}

/// One host's line.
#[derive(Clone, Debug, Default)]
pub struct HostLine {
    /// The host.
    pub name: String,
    /// What it is doing.
    pub standing: Standing,
    /// Readings taken.
    pub readings: u64,
    /// The collector's clock at the last reading, UTC milliseconds.
    pub last_at_ms: Option<i64>,
    /// Milliseconds between two readings.
    pub tick_ms: i64,
    /// Why it is down, or was last.
    pub trouble: Option<String>,
    /// What may be done about it.
    pub hint: Option<String>,
}

impl HostLine {
    /// Says whether a host that is up has not been read for three ticks.
    #[must_use]
    pub fn lags(&self, now_ms: i64) -> bool {
        self.standing == Standing::Up && self.last_at_ms.is_some_and(|last| now_ms - last > 3 * self.tick_ms)
    }
}

/// The lines of all hosts.
#[derive(Debug)]
pub struct Board {
    lines: Mutex<Vec<HostLine>>,
}

impl Board {
    /// Starts a board with every host waiting.
    #[must_use]
    pub fn new(hosts: impl IntoIterator<Item = (String, i64)>) -> Self {
        let line = |(name, tick_ms)| HostLine {
            name,
            tick_ms,
            ..HostLine::default()
        };
        Self {
            lines: Mutex::new(hosts.into_iter().map(line).collect()),
        }
    }

    /// Copies the lines as they stand.
    #[must_use]
    pub fn lines(&self) -> Vec<HostLine> {
        self.locked().clone()
    }

    pub(super) fn change(&self, host: usize, change: impl FnOnce(&mut HostLine)) {
        if let Some(line) = self.locked().get_mut(host) {
            change(line);
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<HostLine>> {
        // A thread that panicked while it held the board left a whole line behind.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
