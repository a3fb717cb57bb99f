//! A connection by the library: runs commands, one at a time.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use ssh2::{ExtendedData, Session};

use super::bastion::Bastion;
use super::wire::{Fault, Step, Wire};
use crate::sampler::COMMAND;
use crate::ssh::error::SshError;
use crate::ssh::patience::deadline_in;
use crate::ssh::place::Place;
use crate::ssh::transport::{BesideError, Channel, Connection, ConnectionFacts, Way};

/// How much a command may print ahead of our reading, in bytes: bounds the memory per host, and suffices for 10 MB/s
/// at a round trip of 25 ms.
const WINDOW: u32 = 256 * 1024;

/// The size of packets, in bytes, as OpenSSH's own client asks for.
const PACKET: u32 = 32 * 1024;

/// Most that is taken in one read, in bytes: the library opens the window again, with a packet of its own, as soon as
/// less than three quarters of it and the length of a read are free.
const MOST_PER_READ: usize = 16 * 1024;

/// Channels whose close the server has not confirmed; more of them mean that it does not answer any more.
const MOST_CLOSING: usize = 16;

/// An authenticated session.
pub(super) struct BuiltIn {
    // Channels before the wire: what drops first closes first.
    spare: Option<ssh2::Channel>,
    closing: Vec<ssh2::Channel>,
    wire: Wire,
    place: Place,
    facts: ConnectionFacts,
    read_timeout: Duration,
    /// The jump host must not be let go while somebody is behind it.
    _bastion: Option<Arc<Bastion>>,
}

impl BuiltIn {
    /// Takes an authenticated session and opens the first channel.
    ///
    /// A server counts a connection as unauthenticated (MaxStartups) until some
    /// time after it told us otherwise; its answer to this is the first proof.
    pub(super) fn new(
        mut wire: Wire,
        place: Place,
        facts: ConnectionFacts,
        read_timeout: Duration,
        bastion: Option<Arc<Bastion>>,
    ) -> Result<Self, SshError> {
        let spare = match wire.drive(deadline_in(read_timeout), open_channel) {
            Ok(channel) => Some(channel),
            // It may allow no sessions; the first command will tell.
            Err(Fault::Failed { code, .. }) if code == libssh2_sys::LIBSSH2_ERROR_CHANNEL_FAILURE => None,
            Err(fault) => return Err(lost(fault, &place, "open a channel", read_timeout)),
        };
        Ok(Self {
            spare,
            closing: Vec::new(),
            wire,
            place,
            facts,
            read_timeout,
            _bastion: bastion,
        })
    }

    /// Closes a channel without waiting: the rest is done before the next command.
    fn close(&mut self, mut channel: ssh2::Channel) {
        if let Step::Again = Step::from(channel.close()) {
            self.closing.push(channel);
        }
    }

    fn finish_closing(&mut self) -> Result<(), SshError> {
        for channel in std::mem::take(&mut self.closing) {
            self.close(channel);
        }
        if self.closing.len() < MOST_CLOSING {
            return Ok(());
        }
        self.wire.cut();
        Err(SshError::Closed {
            place: self.place.clone(),
            reason: "the server does not close the channels of ended commands".to_string(),
        })
    }

    fn start(&mut self, channel: &mut ssh2::Channel, command: &str) -> Result<(), Fault> {
        let deadline = deadline_in(self.read_timeout);
        self.wire.drive(deadline, |_| {
            Step::from(channel.handle_extended_data(ExtendedData::Ignore))
        })?;
        self.wire.drive(deadline, |_| Step::from(channel.exec(command)))
    }
}

impl BuiltIn {
    fn run(&mut self, command: &str) -> Result<RunningCommand<'_>, SshError> {
        self.finish_closing()?;
        let mut channel = match self.spare.take() {
            Some(channel) => channel,
            None => {
                let opened = self.wire.drive(deadline_in(self.read_timeout), open_channel);
                opened.map_err(|fault| refused(fault, &self.place, self.read_timeout))?
            }
        };
        if let Err(fault) = self.start(&mut channel, command) {
            self.close(channel);
            return Err(refused(fault, &self.place, self.read_timeout));
        }
        let timeout = self.read_timeout;
        Ok(RunningCommand {
            connection: self,
            channel: Some(channel),
            timeout,
        })
    }

    /// Opens a channel to a port or socket of the host.
    fn forward(
        &mut self,
        mut open: impl FnMut(&mut Session) -> Result<ssh2::Channel, ssh2::Error>,
    ) -> Result<RunningCommand<'_>, BesideError> {
        self.finish_closing().map_err(BesideError::Lost)?;
        let opened = self
            .wire
            .drive(deadline_in(self.read_timeout), |session| Step::from(open(session)));
        match opened {
            Ok(channel) => {
                let timeout = self.read_timeout;
                Ok(RunningCommand {
                    connection: self,
                    channel: Some(channel),
                    timeout,
                })
            }
            Err(Fault::Failed { code, reason }) if code == libssh2_sys::LIBSSH2_ERROR_CHANNEL_FAILURE => {
                // Of the four answers of RFC 4254 §5.1, one alone says that somebody tried and nobody was there.
                Err(if reason.contains("connect failed") {
                    BesideError::Unreachable { reason }
                } else {
                    BesideError::Forbidden { reason }
                })
            }
            Err(fault) => {
                // The library would give the half-opened channel to whoever opens the next.
                self.wire.cut();
                Err(BesideError::Lost(lost(
                    fault,
                    &self.place,
                    "open a channel to a service",
                    self.read_timeout,
                )))
            }
        }
    }
}

impl Connection for BuiltIn {
    fn exec<'a>(&'a mut self, command: &str) -> Result<Box<dyn Channel + 'a>, SshError> {
        Ok(Box::new(self.run(command)?))
    }

    fn facts(&self) -> ConnectionFacts {
        self.facts.clone()
    }
}

impl Drop for BuiltIn {
    fn drop(&mut self) {
        // The socket goes first, so that dropping channels and session cannot wait for the peer.
        self.wire.part();
    }
}

/// A command and its output.
struct RunningCommand<'a> {
    connection: &'a mut BuiltIn,
    channel: Option<ssh2::Channel>,
    timeout: Duration,
}

impl RunningCommand<'_> {
    fn drive<T>(&mut self, mut step: impl FnMut(&mut ssh2::Channel) -> io::Result<T>) -> io::Result<T> {
        let Some(channel) = &mut self.channel else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let done = self
            .connection
            .wire
            .drive(deadline_in(self.timeout), |_| Step::from(step(channel)));
        done.map_err(|fault| {
            let kind = match fault {
                Fault::TimedOut => io::ErrorKind::TimedOut,
                Fault::Failed { .. } => io::ErrorKind::ConnectionAborted,
            };
            io::Error::new(kind, lost(fault, &self.connection.place, "answer", self.timeout))
        })
    }
}

impl Read for RunningCommand<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(MOST_PER_READ);
        let buffer = buffer.get_mut(..length).unwrap_or_default();
        self.drive(|channel| channel.read(buffer))
    }
}

impl Write for RunningCommand<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let written = self.drive(|channel| match channel.write(buffer) {
            // The server has no room for now.
            Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
            other => other,
        });
        if written.is_err() {
            // A packet may have gone out in part, and then nothing else can follow it.
            self.connection.wire.cut();
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Channel for RunningCommand<'_> {
    fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    fn facts(&self) -> ConnectionFacts {
        self.connection.facts.clone()
    }

    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        let beside = match *way {
            Way::Shell => self.connection.run(COMMAND).map_err(|error| match error {
                SshError::Channel { reason, .. } => BesideError::Forbidden { reason },
                other => BesideError::Lost(other),
            })?,
            Way::Tcp { address, port } => self
                .connection
                .forward(|session| session.channel_direct_tcpip(address, port, None))?,
            Way::Socket { path } => self
                .connection
                .forward(|session| session.channel_direct_streamlocal(path, None))?,
        };
        Ok(Box::new(beside))
    }
}

impl Drop for RunningCommand<'_> {
    fn drop(&mut self) {
        if let Some(channel) = self.channel.take() {
            self.connection.close(channel);
        }
    }
}

fn open_channel(session: &mut Session) -> Step<ssh2::Channel> {
    Step::from(session.channel_open("session", WINDOW, PACKET, None))
}

fn refused(fault: Fault, place: &Place, after: Duration) -> SshError {
    match fault {
        Fault::Failed {
            code:
                libssh2_sys::LIBSSH2_ERROR_CHANNEL_FAILURE
                | libssh2_sys::LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED
                | libssh2_sys::LIBSSH2_ERROR_REQUEST_DENIED
                | libssh2_sys::LIBSSH2_ERROR_INVAL,
            reason,
        } => SshError::Channel {
            place: place.clone(),
            what: "run a command",
            reason,
        },
        other => lost(other, place, "start a command", after),
    }
}

fn lost(fault: Fault, place: &Place, what: &'static str, after: Duration) -> SshError {
    let place = place.clone();
    match fault {
        Fault::TimedOut => SshError::TimedOut { place, what, after },
        Fault::Failed { reason, .. } => SshError::Closed { place, reason },
    }
}
