//! The talk with the shell: a request line out, a framed reply in, bounded in bytes and time.
//!
//! A reply stands between `@NONCE B id` and `@NONCE E id`, each on a line of its
//! own. The nonce is random, so what a login script prints cannot be taken for a
//! mark; the number tells a late reply from the one that is awaited.

use std::io::{ErrorKind, Read as _, Write as _};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use telemetry::untrusted::for_terminal;

use super::error::SamplerError;
use super::script::{plain_mounts, program};
use crate::kernel::FRAME_BYTES_AT_MOST;
use crate::ssh::{BesideError, Channel, Way};

/// Bytes that may come before the shell is ready: banners, messages of the day, login scripts.
const NOISE_BYTES_AT_MOST: usize = 64 << 10;
/// Bytes read at once: a tick's answer is about three kibibytes, and with hundreds of hosts what is read into counts.
const READ_BYTES: usize = 4_096;
/// Time for a tick.
const TICK_WITHIN: Duration = Duration::from_secs(10);
/// Time for what is read once per connection, and for the shell to start.
const LAYOUT_WITHIN: Duration = Duration::from_secs(30);

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'m> {
    /// What moves fast.
    Tick,
    /// What moves slowly too.
    Whole,
    /// What the host is built of.
    Layout,
    /// Sizes of the file systems with these mount points; those with odd letters are left out.
    Filesystems(&'m [String]),
    /// Nothing: only whether it still answers.
    KeepAlive,
    /// What is asked beside the counters.
    Question(Question),
}

/// What is asked beside the counters, for discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// CPU time and memory of every process.
    Processes,
    /// What every process is: its account, arguments and control group as well.
    ProcessesInFull,
    /// Sockets that listen and connections that stand.
    Sockets,
    /// Facts about the machine.
    Inventory,
    /// For which processor programs outside the system's folders were built.
    Programs,
    /// A benchmark of a few seconds: the one question that loads the host, asked only where the user said so.
    Benchmark,
}

impl Question {
    /// Gives the letter of the request.
    fn letter(self) -> char {
        match self {
            Self::Processes => 'p',
            Self::ProcessesInFull => 'a',
            Self::Sockets => 'n',
            Self::Inventory => 'i',
            Self::Programs => 'x',
            Self::Benchmark => 's',
        }
    }
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What stood between the marks.
    pub text: Vec<u8>,
    /// The collector's clock in the middle of request and reply, UTC milliseconds.
    pub at_ms: i64,
}

/// A running shell loop on a target.
pub struct Sampler<'a> {
    channel: Box<dyn Channel + 'a>,
    nonce: String,
    next: u64,
    /// Bytes that were read and not yet used.
    buffer: Vec<u8>,
}

impl<'a> Sampler<'a> {
    /// Sends the program and waits until the shell is ready; noise before that is skipped.
    ///
    /// # Errors
    /// When no shell answers.
    pub fn start(channel: Box<dyn Channel + 'a>, nonce: u64) -> Result<Self, SamplerError> {
        let nonce = format!("{nonce:016x}");
        let mut sampler = Self {
            channel,
            nonce: nonce.clone(),
            next: 1,
            buffer: Vec::new(),
        };
        let program = program(&nonce);
        let not_ready = |noise: &[u8]| SamplerError::NotReady {
            said: last_words(noise),
        };
        // A shell that ended at once takes nothing any more, but what it said before is still there to be read.
        let is_taken = sampler.send(&program).is_ok();
        let ready = format!("@{nonce} R 1\n").into_bytes();
        let until = Instant::now() + LAYOUT_WITHIN;
        match sampler.read_through(&ready, NOISE_BYTES_AT_MOST, until) {
            Ok(_) => Ok(sampler),
            Err(SamplerError::Closed | SamplerError::TooMuch { .. }) => Err(not_ready(&sampler.buffer)),
            Err(_) if !is_taken => Err(not_ready(&sampler.buffer)),
            Err(error) => Err(error),
        }
    }

    /// Asks, and waits for the reply.
    ///
    /// # Errors
    /// When it does not come whole and in time; the sampler is of no use after that.
    pub fn request(&mut self, request: Request<'_>) -> Result<Frame, SamplerError> {
        let (letter, within) = match request {
            Request::Tick => ('t', TICK_WITHIN),
            Request::Whole => ('m', TICK_WITHIN),
            Request::Layout => ('l', LAYOUT_WITHIN),
            Request::Filesystems(_) => ('f', TICK_WITHIN),
            Request::KeepAlive => ('k', TICK_WITHIN),
            Request::Question(question) => (question.letter(), LAYOUT_WITHIN),
        };
        let mounts = match request {
            Request::Filesystems(mounts) => plain_mounts(mounts).join(" "),
            _ => String::new(),
        };
        let number = self.next;
        self.next += 1;
        let sent_ms = now_ms();
        let until = Instant::now() + within;
        self.send(&format!("{letter} {number} {mounts}"))?;
        let begin = format!("@{} B {number}\n", self.nonce).into_bytes();
        let end = format!("@{} E {number}\n", self.nonce).into_bytes();
        // Late replies of earlier numbers, and anything else the host says, go by here.
        self.read_through(&begin, FRAME_BYTES_AT_MOST, until)?;
        let text = self.read_through(&end, FRAME_BYTES_AT_MOST, until)?;
        Ok(Frame {
            text,
            at_ms: sent_ms + (now_ms() - sent_ms) / 2,
        })
    }

    /// Opens another channel on the same connection; the loop waits meanwhile.
    ///
    /// # Errors
    /// When the host refuses, nobody listens, or the connection is gone.
    pub fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        self.channel.beside(way)
    }

    fn send(&mut self, line: &str) -> Result<(), SamplerError> {
        self.channel.set_timeout(TICK_WITHIN);
        self.channel
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| self.channel.flush())
            .map_err(|error| failure(error, TICK_WITHIN))
    }

    /// Reads up to and with a mark that stands on a line of its own; gives what came before it.
    fn read_through(&mut self, mark: &[u8], most: usize, until: Instant) -> Result<Vec<u8>, SamplerError> {
        let mut searched = 0;
        loop {
            if let Some(at) = find_line(&self.buffer, mark, searched) {
                let rest = self.buffer.split_off(at + mark.len());
                let mut text = std::mem::replace(&mut self.buffer, rest);
                text.truncate(at);
                return Ok(text);
            }
            searched = self.buffer.len().saturating_sub(mark.len());
            if self.buffer.len() > most {
                return Err(SamplerError::TooMuch { most });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(failure(ErrorKind::TimedOut.into(), TICK_WITHIN));
            }
            self.channel.set_timeout(left);
            let filled = self.buffer.len();
            self.buffer.resize(filled + READ_BYTES, 0);
            let read = self.channel.read(self.buffer.get_mut(filled..).unwrap_or_default());
            self.buffer
                .truncate(filled + read.as_ref().copied().unwrap_or(0).min(READ_BYTES));
            match read {
                Ok(0) => return Err(SamplerError::Closed),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(failure(error, TICK_WITHIN)),
            }
        }
    }
}

impl Drop for Sampler<'_> {
    fn drop(&mut self) {
        // Best effort: the loop ends with the channel anyway.
        self.channel.set_timeout(Duration::from_millis(200));
        let _ = self.channel.write_all(b"q\n");
    }
}

/// Finds a mark at the beginning of a line, from a place on.
fn find_line(buffer: &[u8], mark: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(found) = buffer
        .get(at..)?
        .windows(mark.len())
        .position(|window| window == mark)
        .map(|offset| at + offset)
    {
        if found == 0 || buffer.get(found - 1) == Some(&b'\n') {
            return Some(found);
        }
        at = found + 1;
    }
    None
}

fn failure(error: std::io::Error, within: Duration) -> SamplerError {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => SamplerError::TimedOut {
            seconds: within.as_secs(),
        },
        ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => SamplerError::Closed,
        _ => SamplerError::Io(error),
    }
}

fn last_words(noise: &[u8]) -> String {
    let text = String::from_utf8_lossy(noise.get(noise.len().saturating_sub(200)..).unwrap_or_default());
    for_terminal(text.trim()).into_owned()
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
