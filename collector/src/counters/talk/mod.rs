//! The conversations with services: bytes out, bytes in, bounded in length and time.

mod http;
mod line;
mod memcached;
mod mongodb;
mod redis;
mod scram;
mod shell;
mod show;
mod sql;

pub(super) use http::{elasticsearch, haproxy_page, nginx, rabbitmq_management};
pub(super) use line::haproxy_socket;
pub(super) use memcached::memcached;
pub(super) use mongodb::mongodb;
pub(super) use redis::redis;
pub(super) use shell::{jvm, rabbitmq_control};
pub use show::show_questions;
pub(super) use sql::{mysql, postgresql};

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use super::asked::Spot;
use super::unavailable::{Unavailable, Why};
use crate::campaign::Feed;
use crate::ssh::{Channel, Way};

/// Time for one conversation with a service itself.
const WITHIN: Duration = Duration::from_secs(5);
/// Bytes of one answer at most.
const MOST_BYTES: usize = 4 << 20;

/// Takes the answer to a question that may be refused: what the service said before is worth having without it.
fn or_missing<T>(answer: Option<Result<T, Unavailable>>, question: &str) -> (Option<T>, Option<String>) {
    match answer {
        Some(Ok(answer)) => (Some(answer), None),
        Some(Err(refused)) => (None, Some(format!("{question}: {refused}"))),
        None => (None, None),
    }
}

/// The connection to a host, and how bytes get through it.
pub struct Line<'f> {
    /// The connection.
    pub feed: &'f mut dyn Feed,
    /// Channels are forbidden: a program of the host carries the bytes.
    pub carried: bool,
}

/// A conversation with a deadline.
pub(super) struct Talk<'a> {
    channel: Box<dyn Channel + 'a>,
    until: Instant,
    /// What was read and not yet used.
    buffer: Vec<u8>,
}

impl<'a> Talk<'a> {
    fn new(channel: Box<dyn Channel + 'a>, within: Duration) -> Self {
        Self {
            channel,
            until: Instant::now() + within,
            buffer: Vec::new(),
        }
    }

    /// Opens a way to a service: a channel through the connection, or a program of the host that carries bytes where
    /// channels are forbidden.
    pub(super) fn open(feed: &'a mut Line<'_>, spot: &Spot) -> Result<Self, Unavailable> {
        let way = match spot {
            Spot::Tcp { address, port, .. } => Way::Tcp { address, port: *port },
            Spot::Socket { path } => Way::Socket { path },
        };
        if feed.carried {
            return shell::carried(feed, spot);
        }
        Ok(Self::new(feed.feed.beside(&way)?, WITHIN))
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Unavailable> {
        self.channel.set_timeout(self.left()?);
        self.channel
            .write_all(bytes)
            .and_then(|()| self.channel.flush())
            .map_err(|error| Unavailable::of_io(&error))
    }

    fn left(&self) -> Result<Duration, Unavailable> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Unavailable::new(Why::Slow, "it did not answer in time"));
        }
        Ok(left)
    }

    /// Reads more; says whether there was any.
    fn fill(&mut self) -> Result<bool, Unavailable> {
        if self.buffer.len() > MOST_BYTES {
            return Err(Unavailable::new(Why::Odd, "its answer is too long"));
        }
        self.channel.set_timeout(self.left()?);
        let mut piece = [0; 8192];
        let read = self
            .channel
            .read(&mut piece)
            .map_err(|error| Unavailable::of_io(&error))?;
        self.buffer.extend_from_slice(piece.get(..read).unwrap_or_default());
        Ok(read > 0)
    }

    /// Reads through the end of a line; gives the line without its end.
    fn line(&mut self) -> Result<String, Unavailable> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_string());
            }
            if !self.fill()? {
                return Err(Unavailable::new(Why::Unreachable, "it ended the conversation"));
            }
        }
    }

    /// Reads so many bytes.
    fn exactly(&mut self, count: usize) -> Result<Vec<u8>, Unavailable> {
        if count > MOST_BYTES {
            return Err(Unavailable::new(Why::Odd, "its answer is too long"));
        }
        while self.buffer.len() < count {
            if !self.fill()? {
                return Err(Unavailable::new(Why::Unreachable, "it ended the conversation"));
            }
        }
        Ok(self.buffer.drain(..count).collect())
    }

    /// Reads to the end.
    fn rest(&mut self) -> Result<Vec<u8>, Unavailable> {
        while self.fill()? {}
        Ok(std::mem::take(&mut self.buffer))
    }
}
