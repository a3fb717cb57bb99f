//! One SSH session of the library on one socket, with deadlines of our own.
//!
//! The session is always in its non-blocking mode and we wait for the socket:
//! then a deadline is a deadline, keep-alives do not cut reads short (in the
//! library's blocking mode they do), and closing never waits for the peer.
//! A wire belongs to one thread; only the watchdog touches the socket too.

use std::io;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::net::Shutdown;
use ssh2::{BlockDirections, ErrorCode, Session};

use crate::ssh::lobby::{Lobby, Watched};
use crate::ssh::patience::poll_until;
use crate::ssh::place::printable;

/// What the library says when it wants to be called again.
const AGAIN: ErrorCode = ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_EAGAIN);

/// Why a step of the protocol did not succeed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The deadline came first.
    TimedOut,
    /// The library or the peer said no; the number is the library's, 0 for none.
    Failed {
        /// The library's number.
        code: i32,
        /// What it said, safe to print.
        reason: String,
    },
}

/// What one call of the library came to.
pub(super) enum Step<T> {
    /// It is done.
    Done(T),
    /// The socket has to be waited for, then the same call again.
    Again,
    /// It failed.
    Failed(Fault),
}

impl<T> From<Result<T, ssh2::Error>> for Step<T> {
    fn from(result: Result<T, ssh2::Error>) -> Self {
        match result {
            Ok(value) => Self::Done(value),
            Err(error) if error.code() == AGAIN => Self::Again,
            Err(error) => Self::Failed(Fault::from(&error)),
        }
    }
}

impl<T> From<io::Result<T>> for Step<T> {
    fn from(result: io::Result<T>) -> Self {
        match result {
            Ok(value) => Self::Done(value),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Self::Again,
            Err(error) => Self::Failed(Fault::Failed {
                code: 0,
                reason: printable(&error.to_string()),
            }),
        }
    }
}

impl From<&ssh2::Error> for Fault {
    fn from(error: &ssh2::Error) -> Self {
        let code = match error.code() {
            ErrorCode::Session(code) | ErrorCode::SFTP(code) => code,
        };
        Self::Failed {
            code,
            reason: printable(error.message()),
        }
    }
}

/// A session and its socket.
pub(super) struct Wire {
    session: Session,
    socket: Arc<OwnedFd>,
    watched: Arc<Watched>,
    /// From when on keep-alives are sent while waiting; not before authentication.
    keep_alive: Option<(Duration, Instant)>,
}

impl Wire {
    /// Puts a session on a connected socket.
    pub(super) fn new(socket: OwnedFd, lobby: &Lobby) -> Result<Self, Fault> {
        let mut session = Session::new().map_err(|error| Fault::from(&error))?;
        let socket = Arc::new(socket);
        rustix::io::ioctl_fionbio(&socket, true).map_err(|error| Fault::Failed {
            code: 0,
            reason: error.to_string(),
        })?;
        session.set_tcp_stream(Arc::clone(&socket));
        session.set_blocking(false);
        Ok(Self {
            session,
            watched: lobby.watchdog().watch(&socket),
            socket,
            keep_alive: None,
        })
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn socket(&self) -> &Arc<OwnedFd> {
        &self.socket
    }

    /// Tells the watchdog until when the work on the session should be done that begins now.
    pub(super) fn begin(&self, deadline: Instant) {
        self.watched.begin(deadline);
    }

    /// Tells the watchdog that the work is done.
    pub(super) fn end(&self) {
        self.watched.end();
    }

    /// Begins to send keep-alives, at most once per `interval`, while waiting for the peer.
    pub(super) fn keep_alive(&mut self, interval: Duration) {
        let seconds = u32::try_from(interval.as_secs()).unwrap_or(u32::MAX);
        if seconds > 0 {
            // Without asking for replies: the library never takes them out of its queue.
            self.session.set_keepalive(false, seconds);
            self.keep_alive = Some((interval, Instant::now()));
        }
    }

    /// Calls the library until the step is done, waiting for the socket between calls.
    pub(super) fn drive<T, S: Into<Step<T>>>(
        &mut self,
        deadline: Instant,
        mut step: impl FnMut(&mut Session) -> S,
    ) -> Result<T, Fault> {
        self.watched.begin(deadline);
        let result = loop {
            // The library's wrapper panics on some malformed messages of the server.
            let step = catch_unwind(AssertUnwindSafe(|| step(&mut self.session).into()));
            match step {
                Ok(Step::Done(value)) => break Ok(value),
                Ok(Step::Failed(fault)) => break Err(fault),
                Ok(Step::Again) => {}
                Err(_) => break Err(Fault::closed("the server sent a malformed message")),
            }
            if let Err(fault) = self.wait(deadline) {
                break Err(fault);
            }
        };
        self.watched.end();
        result
    }

    fn wait(&mut self, deadline: Instant) -> Result<(), Fault> {
        loop {
            let next_keep_alive = self.keep_alive.map(|(interval, last)| last + interval);
            let until = next_keep_alive.map_or(deadline, |next| next.min(deadline));
            let mut socket = [PollFd::new(&self.socket, wanted(&self.session))];
            match poll_until(&mut socket, until) {
                Ok(true) => return Ok(()),
                Ok(false) if Instant::now() >= deadline => return Err(Fault::TimedOut),
                Ok(false) => self.send_keep_alive()?,
                Err(error) => return Err(Fault::closed(&error.to_string())),
            }
        }
    }

    /// Sends a keep-alive when one is due.
    ///
    /// Only into a socket with room: one that is sent in part can never be
    /// finished, because the library forgets it.
    pub(super) fn send_keep_alive(&mut self) -> Result<(), Fault> {
        let Some((interval, last)) = &mut self.keep_alive else {
            return Ok(());
        };
        if last.elapsed() < *interval {
            return Ok(());
        }
        *last = Instant::now();
        let mut socket = [PollFd::new(&self.socket, PollFlags::OUT)];
        if matches!(poll_until(&mut socket, Instant::now()), Ok(true)) {
            self.session.keepalive_send().map_err(|error| Fault::from(&error))?;
        }
        Ok(())
    }

    /// Says good-bye, as far as that goes without waiting, and ends the connection.
    pub(super) fn part(&self) {
        if self.session.authenticated() {
            let _ = self.session.disconnect(None, "done", None);
        }
        self.cut();
    }

    /// Ends the connection at once, without waiting for the peer.
    ///
    /// Afterwards nothing in the library waits any more, so that channels and
    /// session can be dropped.
    pub(super) fn cut(&self) {
        let _ = rustix::net::shutdown(&self.socket, Shutdown::Both);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.part();
    }
}

/// What of the socket the library waits for; something always, or nobody would notice the end.
pub(super) fn wanted(session: &Session) -> PollFlags {
    match session.block_directions() {
        BlockDirections::Outbound => PollFlags::OUT,
        BlockDirections::Both => PollFlags::IN | PollFlags::OUT,
        BlockDirections::Inbound | BlockDirections::None => PollFlags::IN,
    }
}

impl Fault {
    pub(super) fn closed(reason: &str) -> Self {
        Self::Failed {
            code: libssh2_sys::LIBSSH2_ERROR_SOCKET_DISCONNECT,
            reason: printable(reason),
        }
    }
}
