//! Cuts connections on which the SSH library does not come back in time.
//!
//! Every wait of ours has a deadline, but the library reads packets in a loop
//! of its own for as long as they come: a hostile server that floods us with
//! packets could keep a thread in there for ever. One thread looks at all
//! deadlines twice a second and shuts the socket of whoever is far past it.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long past its deadline a call may be; only a misbehaving server gets near it.
const GRACE: Duration = Duration::from_secs(3);

/// How often the deadlines are looked at.
const ROUND: Duration = Duration::from_millis(500);

/// A socket, and until when the call on it should have returned.
#[derive(Debug)]
pub(in crate::ssh) struct Watched {
    socket: Arc<OwnedFd>,
    started: Instant,
    /// Milliseconds after `started`; 0 while no call is under way.
    deadline_ms: AtomicU64,
}

impl Watched {
    /// Says until when the call should return that begins now.
    pub(in crate::ssh) fn begin(&self, deadline: Instant) {
        let after = deadline.saturating_duration_since(self.started).as_millis();
        let after = u64::try_from(after).unwrap_or(u64::MAX).max(1);
        self.deadline_ms.store(after, Ordering::Relaxed);
    }

    /// Says that the call returned.
    pub(in crate::ssh) fn end(&self) {
        self.deadline_ms.store(0, Ordering::Relaxed);
    }

    fn is_overdue(&self, grace: Duration) -> bool {
        let deadline = self.deadline_ms.load(Ordering::Relaxed);
        deadline != 0
            && self
                .started
                .checked_add(Duration::from_millis(deadline))
                .and_then(|deadline| deadline.checked_add(grace))
                .is_some_and(|latest| Instant::now() > latest)
    }
}

#[derive(Debug, Default)]
struct State {
    is_over: bool,
    watched: Vec<Weak<Watched>>,
}

#[derive(Debug)]
struct Shared {
    grace: Duration,
    state: Mutex<State>,
    over: Condvar,
}

/// The thread that watches, from the first connection on.
#[derive(Debug)]
pub(in crate::ssh) struct Watchdog {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Watchdog {
    pub(in crate::ssh) fn new() -> Self {
        Self::with_grace(GRACE)
    }

    fn with_grace(grace: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                grace,
                state: Mutex::new(State::default()),
                over: Condvar::new(),
            }),
            thread: Mutex::new(None),
        }
    }

    /// Watches a socket until the result is dropped.
    pub(in crate::ssh) fn watch(&self, socket: &Arc<OwnedFd>) -> Arc<Watched> {
        let watched = Arc::new(Watched {
            socket: Arc::clone(socket),
            started: Instant::now(),
            deadline_ms: AtomicU64::new(0),
        });
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.watched.push(Arc::downgrade(&watched));
        drop(state);
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let shared = Arc::clone(&self.shared);
            // Without the thread all goes well as long as servers behave; no reason to fail.
            *thread = thread::Builder::new()
                .name("ssh-watchdog".to_string())
                .stack_size(64 * 1024)
                .spawn(move || shared.walk())
                .ok();
        }
        watched
    }
}

impl Shared {
    fn walk(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.is_over {
            state.watched.retain(|watched| {
                let watched = watched.upgrade();
                if let Some(overdue) = watched.as_ref().filter(|watched| watched.is_overdue(self.grace)) {
                    let _ = rustix::net::shutdown(&*overdue.socket, rustix::net::Shutdown::Both);
                }
                watched.is_some()
            });
            state = self
                .over
                .wait_timeout(state, ROUND)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.shared.over.notify_all();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_call_far_past_its_deadline_is_cut_and_others_are_not() {
        let watchdog = Watchdog::with_grace(Duration::from_millis(100));
        let pair = || {
            let (ours, theirs) = UnixStream::pair().unwrap();
            theirs.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            (watchdog.watch(&Arc::new(OwnedFd::from(ours))), theirs)
        };
        let (late, mut end_of_late) = pair();
        let (idle, mut end_of_idle) = pair();
        late.begin(Instant::now());
        idle.begin(Instant::now());
        idle.end();
        assert_eq!(end_of_late.read(&mut [0]).unwrap(), 0, "the late one sees its end");
        assert!(end_of_idle.read(&mut [0]).is_err(), "the idle one stays open");
    }
}
