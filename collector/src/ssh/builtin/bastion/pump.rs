//! The thread of a lane: opens channels and moves bytes, and never waits for one of them.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::net::RecvFlags;

use super::forward::{Forward, PIECE};
use super::lane::{Alarm, Ending, Reply, Wish};
use crate::ssh::builtin::wire::{Fault, Step, Wire, wanted};
use crate::ssh::patience::{deadline_in, poll_until};

/// A jump host that needs longer to reach a host holds up who comes next; they get another lane.
const STUCK_AFTER: Duration = Duration::from_secs(1);

/// Longest sleep, so that keep-alives go out in time.
const LONGEST_SLEEP: Duration = Duration::from_secs(2);

/// Sleep while something is under way of whose end the sockets may not tell.
const SHORT_SLEEP: Duration = Duration::from_millis(100);

/// One round is a few system calls; the watchdog cuts the socket when it takes far longer.
const ONE_ROUND: Duration = Duration::from_secs(5);

/// The session of a lane and all that goes through it.
pub(super) struct Pump {
    // Channels before the wire: what drops first closes first.
    forwards: Vec<Forward>,
    closing: Vec<ssh2::Channel>,
    opening: Option<(Wish, Instant)>,
    wire: Wire,
    alarm: Alarm,
    shared: Ending,
}

impl Pump {
    pub(super) fn new(wire: Wire, alarm: Alarm, shared: Ending) -> Self {
        Self {
            forwards: Vec::new(),
            closing: Vec::new(),
            opening: None,
            wire,
            alarm,
            shared,
        }
    }

    /// Works until the session ends or nobody wants it any more.
    pub(super) fn run(mut self) {
        let mut piece = Box::new([0; PIECE]);
        let mut readable: Vec<bool> = Vec::new();
        let mut has_input = true;
        while !self.shared.is_over.load(Ordering::Relaxed) {
            self.wire.begin(deadline_in(ONE_ROUND));
            let done = self.round(has_input, &readable, &mut piece);
            self.wire.end();
            if done.is_err() {
                break;
            }
            match self.sleep(&mut readable) {
                Ok(input) => has_input = input,
                Err(_) => break,
            }
        }
        // Nothing below waits for the jump host any more.
        self.wire.part();
    }

    fn round(&mut self, has_input: bool, readable: &[bool], piece: &mut [u8; PIECE]) -> Result<(), Fault> {
        self.wire.send_keep_alive()?;
        self.open_channels()?;
        for (index, forward) in self.forwards.iter_mut().enumerate() {
            // A forward that is new in this round has not been waited for yet.
            forward.move_up(readable.get(index).copied().unwrap_or(true), piece);
        }
        self.closing
            .retain_mut(|channel| matches!(Step::from(channel.close()), Step::Again));
        let mut ask = has_input;
        loop {
            let mut is_more = false;
            for forward in &mut self.forwards {
                is_more |= forward.move_down(ask, piece)?;
                // One question makes the library read all there is, for every channel.
                ask = false;
            }
            // Closing a channel reads too, so that afterwards there may be something for the others.
            if !is_more && !self.close_finished() {
                break;
            }
        }
        self.shared.forwards.store(self.forwards.len(), Ordering::Relaxed);
        Ok(())
    }

    fn open_channels(&mut self) -> Result<(), Fault> {
        loop {
            let (wish, since) = match self.opening.take() {
                Some(opening) => opening,
                None => match self.next_wish() {
                    Some(wish) => (wish, Instant::now()),
                    None => return Ok(()),
                },
            };
            match Step::from(self.wire.session().channel_direct_tcpip(&wish.address, wish.port, None)) {
                Step::Again => {
                    if since.elapsed() >= STUCK_AFTER {
                        self.be_stuck();
                    }
                    self.opening = Some((wish, since));
                    return Ok(());
                }
                Step::Done(channel) => self.forward(channel, &wish),
                Step::Failed(fault) => {
                    let reply = reply_to(&fault);
                    let is_end = reply.is_none();
                    let _ = wish.reply.try_send(reply.unwrap_or(Reply::Ended));
                    if is_end {
                        return Err(fault);
                    }
                }
            }
            self.shared.is_stuck.store(false, Ordering::Relaxed);
        }
    }

    fn next_wish(&self) -> Option<Wish> {
        let mut wishes = self.shared.wishes();
        let wishes = wishes.as_mut()?;
        loop {
            let wish = wishes.pop_front()?;
            if !wish.is_abandoned.load(Ordering::Relaxed) {
                return Some(wish);
            }
        }
    }

    /// Sends away who waits behind a host that does not answer.
    fn be_stuck(&self) {
        self.shared.is_stuck.store(true, Ordering::Relaxed);
        for wish in self.shared.wishes().iter_mut().flat_map(|wishes| wishes.drain(..)) {
            let _ = wish.reply.try_send(Reply::Stuck);
        }
    }

    fn forward(&mut self, channel: ssh2::Channel, wish: &Wish) {
        let ends = UnixStream::pair().and_then(|(ours, theirs)| {
            ours.set_nonblocking(true)?;
            Ok((ours, theirs))
        });
        let Ok((ours, theirs)) = ends else {
            self.closing.push(channel);
            let _ = wish
                .reply
                .try_send(Reply::Refused("no more sockets can be opened here".to_string()));
            return;
        };
        self.forwards.push(Forward::new(channel, ours));
        self.shared.forwards.store(self.forwards.len(), Ordering::Relaxed);
        // When nobody waits any more, the other end closes here and the forward ends with it.
        let _ = wish.reply.try_send(Reply::Open(OwnedFd::from(theirs)));
    }

    /// Begins to close the channels of what is over; says whether there was any.
    fn close_finished(&mut self) -> bool {
        let (over, going): (Vec<_>, Vec<_>) = self.forwards.drain(..).partition(Forward::is_over);
        self.forwards = going;
        let is_any = !over.is_empty();
        for mut channel in over.into_iter().map(Forward::into_channel) {
            if let Step::Again = Step::from(channel.close()) {
                self.closing.push(channel);
            }
        }
        is_any
    }

    /// Waits for something to do; says whether the jump host sent something.
    fn sleep(&mut self, readable: &mut Vec<bool>) -> Result<bool, Fault> {
        let is_idle = self.forwards.is_empty() && self.closing.is_empty() && self.opening.is_none();
        let is_waiting = self.opening.is_some() || self.forwards.iter().any(Forward::waits_for_channel);
        let longest = if is_waiting { SHORT_SLEEP } else { LONGEST_SLEEP };
        let socket = if is_idle {
            PollFlags::IN
        } else {
            wanted(self.wire.session())
        };
        let mut descriptors = vec![
            PollFd::new(self.alarm.socket(), PollFlags::IN),
            PollFd::new(self.wire.socket(), socket),
        ];
        let mut waited_for = Vec::new();
        for (index, forward) in self.forwards.iter().enumerate() {
            let wanted = forward.wanted();
            if !wanted.is_empty() {
                waited_for.push(index);
                descriptors.push(PollFd::new(forward.local(), wanted));
            }
        }
        poll_until(&mut descriptors, deadline_in(longest)).map_err(|error| Fault::closed(&error.to_string()))?;
        let is_ready = |descriptor: &PollFd<'_>| !descriptor.revents().is_empty();
        readable.clear();
        readable.resize(self.forwards.len(), false);
        for (index, descriptor) in waited_for.iter().zip(descriptors.iter().skip(2)) {
            if let Some(slot) = readable.get_mut(*index) {
                *slot = is_ready(descriptor);
            }
        }
        let has_input = descriptors.get(1).is_some_and(is_ready);
        if descriptors.first().is_some_and(is_ready) {
            self.alarm.clear();
        }
        if is_idle && has_input {
            self.look_while_idle()?;
        }
        Ok(has_input)
    }

    /// Finds out whether the jump host has hung up; without any channel the library cannot be made to read.
    fn look_while_idle(&self) -> Result<(), Fault> {
        let mut byte = [0u8; 1];
        match rustix::net::recv(self.wire.socket(), &mut byte[..], RecvFlags::PEEK) {
            Ok((_, 0)) => Err(Fault::closed("the jump host hung up")),
            Ok(_) => {
                // Something for later, such as a key exchange; it stays ready, so no waiting for it.
                std::thread::sleep(SHORT_SLEEP);
                Ok(())
            }
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(Fault::closed(&error.to_string())),
        }
    }
}

/// Says what a failure to open a channel means; nothing when it is the end of the session.
fn reply_to(fault: &Fault) -> Option<Reply> {
    let Fault::Failed { code, reason } = fault else {
        return Some(Reply::TimedOut);
    };
    match *code {
        libssh2_sys::LIBSSH2_ERROR_CHANNEL_FAILURE if reason.contains("connect failed") => Some(Reply::CannotConnect),
        libssh2_sys::LIBSSH2_ERROR_CHANNEL_FAILURE => Some(Reply::Refused(reason.clone())),
        libssh2_sys::LIBSSH2_ERROR_TIMEOUT => Some(Reply::TimedOut),
        _ => None,
    }
}
