//! A jump host: few sessions to it carry the connections to all hosts behind it.
//!
//! A session to a jump host is a *lane*. One lane is enough as long as all is
//! well. But the library opens one channel at a time per session, and a host
//! that swallows packets keeps the jump host trying for a minute or two: the
//! lane is then *stuck*, what already goes through it goes on, and the next
//! host gets another lane. So one dead host never holds up the living ones,
//! unless eight of them do so at the same time.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

mod forward;
mod lane;
mod pump;

use lane::{Lane, Reply};

use super::{dial, establish};
use crate::hosts::target::Endpoint;
use crate::ssh::Settings;
use crate::ssh::error::{FORWARD, SshError};
use crate::ssh::lobby::Lobby;
use crate::ssh::patience::deadline_in;
use crate::ssh::place::Place;
use crate::ssh::route::key_at;
use crate::ssh::secret::Secrets;

/// Sessions to one jump host: no more than hosts may be connecting through it at once.
const MOST_LANES: usize = 8;

/// So long a failure to reach the jump host is the answer to everybody behind it.
const FAILURE_COUNTS_FOR: Duration = Duration::from_secs(5);

/// The same for a failure that time alone does not mend: hundreds of hosts must not cost hundreds of refused logins.
const FINAL_FAILURE_COUNTS_FOR: Duration = Duration::from_secs(3600);

/// A jump host and the lanes to it.
#[derive(Debug)]
pub(in crate::ssh) struct Bastion {
    endpoint: Endpoint,
    /// The way to it, nearest first.
    before: Vec<Endpoint>,
    key: String,
    lanes: Mutex<Vec<Arc<Lane>>>,
    /// Held while a lane is made, so that all others wait for that one.
    making: Mutex<Option<Failure>>,
}

#[derive(Debug)]
struct Failure {
    error: Arc<SshError>,
    /// Nothing for one that counts as long as the campaign lasts.
    until: Option<Instant>,
}

impl Bastion {
    pub(in crate::ssh) fn new(endpoint: Endpoint, before: Vec<Endpoint>) -> Self {
        Self {
            key: format!("through {}", key_at(&before, &endpoint)),
            endpoint,
            before,
            lanes: Mutex::default(),
            making: Mutex::default(),
        }
    }

    /// Tells whether it is the one that is reached in this way.
    pub(in crate::ssh) fn is(&self, endpoint: &Endpoint, before: &[Endpoint]) -> bool {
        self.endpoint == *endpoint && self.before == before
    }

    /// Gives the name under which the gates count those who connect through it.
    pub(in crate::ssh) fn key(&self) -> &str {
        &self.key
    }

    /// Connects to a host behind the jump host; the result carries what a TCP connection would.
    pub(super) fn reach(
        &self,
        endpoint: &Endpoint,
        settings: &Settings,
        secrets: &dyn Secrets,
        lobby: &Lobby,
    ) -> Result<OwnedFd, SshError> {
        let mut deadline = None;
        loop {
            let lane = self.lane(settings, secrets, lobby)?;
            // The time to connect begins when there is a lane; making one has time-outs of its own.
            let deadline = *deadline.get_or_insert_with(|| deadline_in(settings.connect_timeout));
            match lane.open(&endpoint.address, endpoint.port, deadline) {
                Reply::Open(socket) => return Ok(socket),
                // Somebody before us waits for a host that does not answer: another lane.
                Reply::Stuck | Reply::Ended if Instant::now() < deadline => {}
                Reply::CannotConnect => {
                    return Err(SshError::Unreachable {
                        place: Place::of(endpoint),
                        source: io::Error::other(format!("{} cannot connect to it", Place::of(&self.endpoint))),
                    });
                }
                Reply::Refused(reason) => {
                    return Err(self.failed(SshError::Channel {
                        place: Place::of(&self.endpoint),
                        what: FORWARD,
                        reason,
                    }));
                }
                Reply::Stuck | Reply::Ended | Reply::TimedOut => {
                    return Err(SshError::TimedOut {
                        place: Place::of(endpoint),
                        what: "accept a connection from the jump host",
                        after: settings.connect_timeout,
                    });
                }
            }
        }
    }

    /// Gives a lane that is free to open a channel, and makes one when there is none.
    fn lane(&self, settings: &Settings, secrets: &dyn Secrets, lobby: &Lobby) -> Result<Arc<Lane>, SshError> {
        if let Some(lane) = self.free_lane() {
            return Ok(lane);
        }
        let mut failure = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = self.free_lane() {
            return Ok(lane);
        }
        let still_counts = |failure: &&Failure| failure.until.is_none_or(|until| Instant::now() < until);
        if let Some(failure) = failure.as_ref().filter(still_counts) {
            return Err(self.failed(Arc::clone(&failure.error)));
        }
        if self.lanes().len() >= MOST_LANES {
            return Err(self.failed(SshError::Channel {
                place: Place::of(&self.endpoint),
                what: FORWARD,
                reason: format!("all {MOST_LANES} sessions wait for hosts that do not answer"),
            }));
        }
        match self.make_lane(settings, secrets, lobby) {
            Ok(lane) => {
                let lane = Arc::new(lane);
                *failure = None;
                self.lanes().push(Arc::clone(&lane));
                Ok(lane)
            }
            // The jump host before this one remembers its own failures.
            Err(error @ (SshError::Stopped { .. } | SshError::Jump { .. })) => Err(error),
            Err(error) => {
                let is_final = error.is_final();
                let counts_for = if is_final {
                    FINAL_FAILURE_COUNTS_FOR
                } else {
                    FAILURE_COUNTS_FOR
                };
                let until = (!error.is_password_refused()).then(|| deadline_in(counts_for));
                let error = Arc::new(error);
                *failure = Some(Failure {
                    error: Arc::clone(&error),
                    until,
                });
                Err(self.failed(error))
            }
        }
    }

    fn make_lane(&self, settings: &Settings, secrets: &dyn Secrets, lobby: &Lobby) -> Result<Lane, SshError> {
        let endpoint = &self.endpoint;
        // Whoever needs a lane holds a counted place already; see `Gates::enter`.
        let enter = || {
            let pass = lobby.gates().enter(vec![key_at(&self.before, endpoint)], false);
            pass.ok_or_else(|| SshError::Stopped {
                place: Place::of(endpoint),
            })
        };
        let (socket, below, _pass) = match self.before.split_last() {
            None => {
                let addresses = dial::resolve(endpoint)?;
                let pass = enter()?;
                let socket = dial::dial(endpoint, &addresses, settings.connect_timeout, settings.keep_alive)?;
                (socket, None, pass)
            }
            Some((last, before)) => {
                let below = lobby.bastion(last, before);
                let pass = enter()?;
                (below.reach(endpoint, settings, secrets, lobby)?, Some(below), pass)
            }
        };
        let (wire, _facts) = establish(endpoint, socket, settings, secrets, lobby)?;
        Lane::start(wire, below).map_err(|error| SshError::Closed {
            place: Place::of(endpoint),
            reason: format!("it cannot be served: {error}"),
        })
    }

    /// Picks a lane that lives and is not stuck, and lets go of those that are of no use any more.
    fn free_lane(&self) -> Option<Arc<Lane>> {
        let mut free = None;
        self.lanes().retain(|lane| {
            // Counted are the list and whoever is waiting for the lane.
            let is_unused = lane.is_unused() && Arc::strong_count(lane) == 1;
            if !lane.is_alive() || is_unused && (lane.is_stuck() || free.is_some()) {
                return false;
            }
            if free.is_none() && !lane.is_stuck() {
                free = Some(Arc::clone(lane));
            }
            true
        });
        free
    }

    fn lanes(&self) -> MutexGuard<'_, Vec<Arc<Lane>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: impl Into<Arc<SshError>>) -> SshError {
        SshError::Jump {
            place: Place::of(&self.endpoint),
            source: source.into(),
        }
    }
}
