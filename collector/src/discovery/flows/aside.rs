//! Looks at the sockets of one host beside its counters, so that short connections are caught.

use std::time::Duration;

use super::look::{Look, Watcher};
use crate::campaign::{Aside, Feed, Trouble};
use crate::discovery::sockets::sockets;
use crate::log::Measured;
use crate::sampler::Question;

/// Looks once per period.
#[derive(Debug)]
pub struct ConnectionsAside {
    every_ms: i64,
    last_ms: Option<i64>,
    watcher: Watcher,
    looked: Vec<Look>,
}

impl ConnectionsAside {
    /// Makes one that looks this often.
    #[must_use]
    pub fn every(period: Duration) -> Self {
        Self {
            every_ms: i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1),
            last_ms: None,
            watcher: Watcher::default(),
            looked: Vec::new(),
        }
    }
}

impl Aside for ConnectionsAside {
    fn is_due(&self, now_ms: i64) -> bool {
        // Ticks jitter: one that comes a moment early must not wait for the next.
        self.last_ms
            .is_none_or(|last| now_ms - last >= self.every_ms - self.every_ms / 20)
    }

    fn ask(&mut self, feed: &mut dyn Feed, now_ms: i64) -> Result<Vec<Measured>, Trouble> {
        self.last_ms = Some(now_ms);
        let reply = feed.ask(Question::Sockets)?;
        self.looked.push(self.watcher.look(&sockets(&reply), now_ms));
        Ok(Vec::new())
    }

    fn looks(&mut self) -> Vec<Look> {
        std::mem::take(&mut self.looked)
    }
}
