//! Connections to hosts over SSH.
//!
//! Input: an [`Endpoint`](crate::hosts::target::Endpoint), [`Settings`],
//! whoever knows the [`Secrets`], and the [`Lobby`] in which all threads of a
//! campaign queue. Output: a [`Connection`], made and used on one thread.
//!
//! Two implementations stand behind the same seam: the library inside this
//! program, and the user's own `ssh` for what the library lacks.

use std::path::PathBuf;
use std::time::Duration;

mod builtin;
mod error;
mod failure;
pub mod known_hosts;
mod lobby;
mod openssh;
mod patience;
mod place;
mod route;
mod secret;
pub mod transport;

pub use builtin::KeyFileError;
pub use error::{SshError, Tried};
pub use failure::FailureKind;
pub use lobby::{Limits, Lobby};
pub use place::Place;
pub use secret::{Prompt, Secret, SecretError, SecretRequest, SecretStore, Secrets};
pub use transport::{BesideError, Channel, Connection, ConnectionFacts, Way};

use crate::hosts::target::{Client, Endpoint};

/// How long things may take, and whether unknown hosts are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For the TCP connection, over all addresses of a name.
    pub connect_timeout: Duration,
    /// For the key exchange.
    pub handshake_timeout: Duration,
    /// For authentication, after the key exchange; the time in which the user is asked does not count.
    pub authentication_timeout: Duration,
    /// For a read, unless the channel says otherwise, and for starting a command.
    pub read_timeout: Duration,
    /// How often a silent connection is given a sign of life.
    pub keep_alive: Duration,
    /// The socket of the agent; none: the one that SSH_AUTH_SOCK names.
    pub agent: Option<PathBuf>,
    /// The known_hosts file into which keys of unknown hosts are written; none: unknown hosts are refused.
    pub accept_new: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            handshake_timeout: Duration::from_secs(10),
            authentication_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(30),
            agent: None,
            accept_new: None,
        }
    }
}

/// Connects to an endpoint.
///
/// Waits for a place in the lobby first. With the user's own `ssh` nothing is
/// sent yet: each command is a connection of its own, so that only the first
/// command tells whether the host can be reached.
///
/// # Errors
/// When the server cannot be reached, is not trusted, or trusts none of the
/// credentials; [`SshError::is_final`] says whether to try again.
pub fn connect(
    endpoint: &Endpoint,
    settings: &Settings,
    secrets: &dyn Secrets,
    lobby: &Lobby,
) -> Result<Box<dyn Connection>, SshError> {
    if let Some(reason) = route::fault_in(endpoint) {
        let place = Place::of(endpoint);
        return Err(SshError::Unsupported { place, reason });
    }
    match endpoint.client {
        Client::BuiltIn => builtin::connect(endpoint, settings, secrets, lobby),
        Client::Ssh => openssh::connect(endpoint, settings, lobby),
    }
}
