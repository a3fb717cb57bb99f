//! How many handshakes go on at once, in all and towards each server.
//!
//! An OpenSSH server with its default `MaxStartups 10:30:100` begins to refuse
//! connections at random when ten have not authenticated yet; 500 host threads
//! that start together would run into that at once. They queue here instead,
//! first come first served, except that who waits for one busy server does not
//! hold up those who want another.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How many handshakes may go on at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all. More only makes each slower: a handshake is mostly arithmetic.
    pub at_once: usize,
    /// Towards one server or through one jump host. Ten is where OpenSSH begins to refuse.
    pub per_server: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once: 16,
            per_server: 8,
        }
    }
}

/// The gates; shared by all threads of a campaign.
#[derive(Debug)]
pub(in crate::ssh) struct Gates {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    is_closed: bool,
    inside: usize,
    at_server: HashMap<String, usize>,
    queue: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    servers: Vec<String>,
    counted: bool,
    turn: Arc<Turn>,
}

/// Wakes one waiting thread; a condition of its own each, so that no crowd wakes for one place.
#[derive(Debug, Default)]
struct Turn {
    outcome: Mutex<Option<bool>>,
    called: Condvar,
}

impl Turn {
    fn call(&self, may_enter: bool) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(may_enter);
        self.called.notify_one();
    }

    fn wait(&self) -> bool {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *outcome {
                Some(may_enter) => return may_enter,
                None => outcome = self.called.wait(outcome).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// A place inside; given back when it is dropped.
#[derive(Debug)]
pub(in crate::ssh) struct Pass {
    gates: Arc<Gates>,
    servers: Vec<String>,
    counted: bool,
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.gates.lock();
        if self.counted {
            state.inside = state.inside.saturating_sub(1);
        }
        for server in &self.servers {
            if let Some(inside) = state.at_server.get_mut(server) {
                *inside = inside.saturating_sub(1);
                if *inside == 0 {
                    state.at_server.remove(server);
                }
            }
        }
        state.let_in(&self.gates.limits);
    }
}

impl Gates {
    pub(in crate::ssh) fn new(limits: Limits) -> Arc<Self> {
        let limits = Limits {
            at_once: limits.at_once.max(1),
            per_server: limits.per_server.max(1),
        };
        Arc::new(Self {
            limits,
            state: Mutex::new(State::default()),
        })
    }

    /// Waits for a place at all of `servers`; nothing when the gates were closed.
    ///
    /// All places are taken in one step, so that nobody waits for one while
    /// holding another. `counted` places count towards the limit in all; the
    /// connection to a jump host does not, because whoever needs it holds a
    /// counted place already.
    pub(in crate::ssh) fn enter(self: &Arc<Self>, servers: Vec<String>, counted: bool) -> Option<Pass> {
        let turn = Arc::new(Turn::default());
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        state.queue.push_back(Waiting {
            servers: servers.clone(),
            counted,
            turn: Arc::clone(&turn),
        });
        state.let_in(&self.limits);
        drop(state);
        turn.wait().then(|| Pass {
            gates: Arc::clone(self),
            servers,
            counted,
        })
    }

    /// Sends everybody away who waits or comes later.
    pub(in crate::ssh) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        for waiting in state.queue.drain(..) {
            waiting.turn.call(false);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Calls everybody for whom there is room, in the order in which they came.
    fn let_in(&mut self, limits: &Limits) {
        let mut index = 0;
        while let Some(waiting) = self.queue.get(index) {
            let room_inside = !waiting.counted || self.inside < limits.at_once;
            let room_at = |server: &String| {
                self.at_server
                    .get(server)
                    .is_none_or(|inside| *inside < limits.per_server)
            };
            if !(room_inside && waiting.servers.iter().all(room_at)) {
                index += 1;
                continue;
            }
            let Some(waiting) = self.queue.remove(index) else {
                return;
            };
            self.inside += usize::from(waiting.counted);
            for server in waiting.servers {
                *self.at_server.entry(server).or_default() += 1;
            }
            waiting.turn.call(true);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn server(name: &str) -> Vec<String> {
        vec![name.to_string()]
    }

    #[test]
    fn never_more_than_the_limits_are_inside() {
        let gates = Gates::new(Limits::default());
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (at_b, most_at_b) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for index in 0..200 {
                let (gates, inside, most, at_b, most_at_b) = (&gates, &inside, &most, &at_b, &most_at_b);
                scope.spawn(move || {
                    let is_b = index % 2 == 0;
                    let name = if is_b {
                        "b:22".to_string()
                    } else {
                        format!("h{index}:22")
                    };
                    let pass = gates.enter(server(&name), true).unwrap();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    if is_b {
                        most_at_b.fetch_max(at_b.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    }
                    thread::sleep(Duration::from_millis(2));
                    at_b.fetch_sub(usize::from(is_b), Ordering::SeqCst);
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(pass);
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 16);
        assert!(most_at_b.load(Ordering::SeqCst) <= 8);
        assert!(gates.lock().at_server.is_empty());
        assert_eq!(gates.lock().inside, 0);
    }

    #[test]
    fn as_many_as_the_limits_say_enter_without_waiting() {
        let gates = Gates::new(Limits::default());
        let mut passes: Vec<Pass> = (0..8).map(|_| gates.enter(server("b"), true).unwrap()).collect();
        passes.extend((0..8).map(|number| gates.enter(server(&format!("h{number}")), true).unwrap()));
        thread::scope(|scope| {
            let one_more = scope.spawn(|| gates.enter(server("other"), true).is_some());
            while gates.lock().queue.is_empty() {
                thread::yield_now();
            }
            assert!(
                gates.enter(server("jump"), false).is_some(),
                "a jump host does not count"
            );
            drop(passes.pop());
            assert!(one_more.join().unwrap());
        });
    }

    #[test]
    fn a_busy_server_does_not_hold_up_the_others() {
        let limits = Limits {
            at_once: 4,
            per_server: 1,
        };
        let gates = Gates::new(limits);
        let busy = gates.enter(server("a"), true).unwrap();
        thread::scope(|scope| {
            let second = scope.spawn(|| gates.enter(server("a"), true).is_some());
            while gates.lock().queue.is_empty() {
                thread::yield_now();
            }
            assert!(gates.enter(server("b"), true).is_some());
            drop(busy);
            assert!(second.join().unwrap());
        });
    }

    #[test]
    fn closing_sends_everybody_away() {
        let limits = Limits {
            at_once: 1,
            per_server: 1,
        };
        let gates = Gates::new(limits);
        let inside = gates.enter(server("a"), true);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| gates.enter(server("b"), true).is_none());
            while gates.lock().queue.is_empty() {
                thread::yield_now();
            }
            gates.close();
            assert!(waiting.join().unwrap());
        });
        drop(inside);
        assert!(gates.enter(server("c"), true).is_none());
    }
}
