//! What the connections of one campaign share: the gates, the jump hosts, the watchdog.

use std::sync::{Arc, Mutex, PoisonError};

mod gates;
mod watchdog;

pub(super) use gates::Gates;
pub use gates::Limits;
pub(super) use watchdog::{Watchdog, Watched};

use super::builtin::Bastion;
use crate::hosts::target::Endpoint;

/// The place that every thread passes on its way to a host; one per campaign.
///
/// Dropping it ends the connections to the jump hosts.
#[derive(Debug)]
pub struct Lobby {
    gates: Arc<Gates>,
    watchdog: Watchdog,
    bastions: Mutex<Vec<Arc<Bastion>>>,
}

impl Lobby {
    /// Opens a lobby.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            gates: Gates::new(limits),
            watchdog: Watchdog::new(),
            bastions: Mutex::default(),
        }
    }

    /// Sends away who waits for a place and who comes later, so that a campaign can end at once.
    pub fn close(&self) {
        self.gates.close();
    }

    pub(super) fn gates(&self) -> &Arc<Gates> {
        &self.gates
    }

    pub(super) fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    /// Gives a jump host and the way to it, nearest first; who asks for the same gets the same.
    pub(super) fn bastion(&self, endpoint: &Endpoint, before: &[Endpoint]) -> Arc<Bastion> {
        let mut bastions = self.bastions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bastion) = bastions.iter().find(|bastion| bastion.is(endpoint, before)) {
            return Arc::clone(bastion);
        }
        let bastion = Arc::new(Bastion::new(endpoint.clone(), before.to_vec()));
        bastions.push(Arc::clone(&bastion));
        bastion
    }
}

impl Default for Lobby {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}
