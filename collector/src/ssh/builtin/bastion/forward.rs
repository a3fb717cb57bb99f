//! One connection through a jump host: what comes in at one end goes out at the other.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;

use rustix::event::PollFlags;

use crate::ssh::builtin::wire::{Fault, Step};

/// What is moved at once, in bytes.
pub(super) const PIECE: usize = 16 * 1024;

/// A channel of the session and our end of a socket pair.
pub(super) struct Forward {
    channel: ssh2::Channel,
    local: UnixStream,
    /// Read from the socket, not yet taken by the channel.
    up: Vec<u8>,
    /// Read from the channel, not yet taken by the socket.
    down: Vec<u8>,
    local_has_ended: bool,
    remote_has_ended: bool,
}

impl Forward {
    pub(super) fn new(channel: ssh2::Channel, local: UnixStream) -> Self {
        Self {
            channel,
            local,
            up: Vec::new(),
            down: Vec::new(),
            local_has_ended: false,
            remote_has_ended: false,
        }
    }

    pub(super) fn local(&self) -> &UnixStream {
        &self.local
    }

    /// Says what to wait for at the socket.
    ///
    /// Nothing is a real answer: a socket whose other end is closed is always
    /// ready, and must not be waited for while the channel has no room.
    pub(super) fn wanted(&self) -> PollFlags {
        let mut wanted = PollFlags::empty();
        if self.up.is_empty() && !self.local_has_ended {
            wanted |= PollFlags::IN;
        }
        if !self.down.is_empty() {
            wanted |= PollFlags::OUT;
        }
        wanted
    }

    /// Tells whether the jump host has to take something before we can go on.
    pub(super) fn waits_for_channel(&self) -> bool {
        !self.up.is_empty()
    }

    /// Tells whether nothing more can come of it.
    pub(super) fn is_over(&self) -> bool {
        self.local_has_ended && self.up.is_empty() || self.remote_has_ended && self.down.is_empty()
    }

    /// Gives the channel, to be closed; the socket is closed here.
    pub(super) fn into_channel(self) -> ssh2::Channel {
        self.channel
    }

    /// Moves what can be moved from the socket to the channel.
    pub(super) fn move_up(&mut self, is_readable: bool, piece: &mut [u8; PIECE]) {
        if is_readable && self.up.is_empty() && !self.local_has_ended {
            match self.local.read(piece) {
                Ok(0) => self.local_has_ended = true,
                Ok(length) => self.up.extend_from_slice(piece.get(..length).unwrap_or_default()),
                Err(error) if is_for_now(&error) => {}
                Err(_) => self.local_has_ended = true,
            }
        }
        while !self.up.is_empty() {
            match self.channel.write(&self.up) {
                Ok(0) => return,
                Ok(length) => drop(self.up.drain(..length.min(self.up.len()))),
                Err(error) if is_for_now(&error) => return,
                Err(_) => {
                    self.up.clear();
                    self.local_has_ended = true;
                }
            }
        }
        // Most connections are silent most of the time.
        self.up = Vec::new();
    }

    /// Moves what can be moved from the channel to the socket; says whether there may be more.
    ///
    /// With `ask`, the channel is read even when the library has nothing for it:
    /// that makes the library read from the jump host.
    pub(super) fn move_down(&mut self, ask: bool, piece: &mut [u8; PIECE]) -> Result<bool, Fault> {
        self.flush_down();
        if !self.down.is_empty() || self.remote_has_ended {
            return Ok(false);
        }
        if !ask && self.channel.read_window().available == 0 && !self.channel.eof() {
            return Ok(false);
        }
        let length = match Step::from(self.channel.read(piece)) {
            Step::Again => return Ok(false),
            Step::Failed(fault) => return Err(fault),
            Step::Done(0) => {
                self.remote_has_ended = self.channel.eof();
                return Ok(false);
            }
            Step::Done(length) => length,
        };
        self.down.extend_from_slice(piece.get(..length).unwrap_or_default());
        self.flush_down();
        Ok(true)
    }

    fn flush_down(&mut self) {
        while !self.down.is_empty() {
            match self.local.write(&self.down) {
                Ok(length) => drop(self.down.drain(..length.min(self.down.len()))),
                Err(error) if is_for_now(&error) => return,
                Err(_) => {
                    self.down.clear();
                    self.local_has_ended = true;
                }
            }
        }
        self.down = Vec::new();
    }
}

fn is_for_now(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
