//! One session to a jump host, served by a thread of its own.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use rustix::net::Shutdown;

use super::Bastion;
use super::pump::Pump;
use crate::ssh::builtin::wire::Wire;

/// Stack of the thread, in bytes; like those of the hosts.
const STACK: usize = 256 * 1024;

/// What came of the wish to connect to a host.
#[derive(Debug)]
pub(super) enum Reply {
    /// Connected; this end is ours.
    Open(OwnedFd),
    /// The jump host cannot connect to it.
    CannotConnect,
    /// The jump host will not.
    Refused(String),
    /// The lane waits for another host that does not answer.
    Stuck,
    /// The lane has ended.
    Ended,
    /// Nothing came of it in time.
    TimedOut,
}

/// A wish to connect to a host.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) address: String,
    pub(super) port: u16,
    pub(super) reply: SyncSender<Reply>,
    /// Nobody waits for the reply any more.
    pub(super) is_abandoned: Arc<AtomicBool>,
}

/// What the thread of a lane and those who use it share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Nothing once the lane has ended.
    wishes: Mutex<Option<VecDeque<Wish>>>,
    wake: UnixStream,
    pub(super) is_over: AtomicBool,
    pub(super) is_stuck: AtomicBool,
    pub(super) forwards: AtomicUsize,
}

impl Shared {
    pub(super) fn wishes(&self) -> MutexGuard<'_, Option<VecDeque<Wish>>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        // A full pipe wakes just as well.
        let _ = (&self.wake).write(&[1]);
    }
}

/// One session to a jump host.
#[derive(Debug)]
pub(super) struct Lane {
    shared: Arc<Shared>,
    socket: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
    /// The jump host before this one must not be let go.
    _below: Option<Arc<Bastion>>,
}

impl Lane {
    /// Puts a session in the care of a new thread.
    pub(super) fn start(wire: Wire, below: Option<Arc<Bastion>>) -> io::Result<Self> {
        let (wake, sleeper) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        sleeper.set_nonblocking(true)?;
        let shared = Arc::new(Shared {
            wishes: Mutex::new(Some(VecDeque::new())),
            wake,
            is_over: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
            forwards: AtomicUsize::new(0),
        });
        let socket = Arc::clone(wire.socket());
        let pump = Pump::new(wire, Alarm(sleeper), Ending(Arc::clone(&shared)));
        let thread = thread::Builder::new()
            .name("ssh-jump".to_string())
            .stack_size(STACK)
            .spawn(move || pump.run())?;
        Ok(Self {
            shared,
            socket,
            thread: Some(thread),
            _below: below,
        })
    }

    /// Connects to a host from the jump host.
    pub(super) fn open(&self, address: &str, port: u16, deadline: Instant) -> Reply {
        let (reply, answer) = mpsc::sync_channel(1);
        let is_abandoned = Arc::new(AtomicBool::new(false));
        let wish = Wish {
            address: address.to_string(),
            port,
            reply,
            is_abandoned: Arc::clone(&is_abandoned),
        };
        match self.shared.wishes().as_mut() {
            Some(wishes) => wishes.push_back(wish),
            None => return Reply::Ended,
        }
        self.shared.wake();
        match answer.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(reply) => reply,
            Err(RecvTimeoutError::Disconnected) => Reply::Ended,
            Err(RecvTimeoutError::Timeout) => {
                is_abandoned.store(true, Ordering::Relaxed);
                Reply::TimedOut
            }
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.shared.wishes().is_some()
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.shared.is_stuck.load(Ordering::Relaxed)
    }

    /// Tells whether no connection goes through it.
    pub(super) fn is_unused(&self) -> bool {
        self.shared.forwards.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.shared.wake();
        // Whatever the thread is doing with the socket comes to its end at once.
        let _ = rustix::net::shutdown(&self.socket, Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Wakes the thread.
#[derive(Debug)]
pub(super) struct Alarm(UnixStream);

impl Alarm {
    pub(super) fn socket(&self) -> &UnixStream {
        &self.0
    }

    pub(super) fn clear(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.0).read(&mut bytes), Ok(length) if length == bytes.len()) {}
    }
}

/// Tells everybody that the lane has ended, also when its thread panics.
#[derive(Debug)]
pub(super) struct Ending(Arc<Shared>);

impl std::ops::Deref for Ending {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Dropping the wishes answers them.
        drop(self.0.wishes().take());
    }
}
