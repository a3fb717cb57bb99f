//! What can go wrong between us and a host over SSH.
//!
//! Text of servers is hostile: it is made safe and short before it gets here.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::builtin::KeyFileError;
use super::known_hosts::{HostKeyRefused, KnownHostsError};
use super::place::Place;
use super::secret::SecretError;

/// A failure to reach a host, to prove who we are, or to run a command.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SshError {
    /// The name has no address.
    #[error("the address of {place} cannot be found")]
    Resolve {
        /// The server.
        place: Place,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody listens at the port.
    #[error("{place} refuses connections")]
    Refused {
        /// The server.
        place: Place,
    },
    /// There is no way to the address.
    #[error("{place} cannot be reached")]
    Unreachable {
        /// The server.
        place: Place,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The connection ended before host and collector had agreed on keys.
    #[error("the SSH handshake with {place} failed: {reason}")]
    Handshake {
        /// The server.
        place: Place,
        /// What happened, safe to print.
        reason: String,
    },
    /// The server speaks only algorithms that the library lacks or refuses.
    #[error("{place} and this program have no algorithm in common: {reason}")]
    NoCommonAlgorithm {
        /// The server.
        place: Place,
        /// What was asked for, safe to print.
        reason: String,
    },
    /// The host key is unknown, has changed or is revoked.
    #[error("{place} is not trusted")]
    HostKey {
        /// The server.
        place: Place,
        /// Which of them, with the fingerprint.
        #[source]
        source: Box<HostKeyRefused>,
    },
    /// The host key is refused by the `ssh` program.
    #[error("{place} is not trusted: {reason}")]
    HostKeyRefusedBySsh {
        /// The server.
        place: Place,
        /// What `ssh` said, safe to print.
        reason: String,
    },
    /// The files of known host keys cannot be used.
    #[error("the host key of {place} cannot be checked")]
    KnownHosts {
        /// The server.
        place: Place,
        /// Why.
        #[source]
        source: KnownHostsError,
    },
    /// No credential was accepted.
    #[error("{place} accepts none of the credentials: {}", listed(tried, accepted))]
    Authentication {
        /// The server.
        place: Place,
        /// What was tried, in order, with the outcome.
        tried: Vec<Tried>,
        /// What the server said it accepts, safe to print.
        accepted: Vec<String>,
    },
    /// A password or pass phrase cannot be had.
    #[error("no secret for {place}")]
    Secret {
        /// The server.
        place: Place,
        /// Why.
        #[source]
        source: SecretError,
    },
    /// A private key cannot be used.
    #[error("the key file `{}` cannot be used for {place}", path.display())]
    KeyFile {
        /// The server.
        place: Place,
        /// The key file.
        path: PathBuf,
        /// Why.
        #[source]
        source: KeyFileError,
    },
    /// An entry of `hosts.toml` cannot be followed.
    #[error("{place}: {reason}")]
    Unsupported {
        /// The server.
        place: Place,
        /// What is asked for and by whom it is not done.
        reason: String,
    },
    /// The server refuses to run a command or to forward a connection.
    #[error("{place} refuses to {what}: {reason}")]
    Channel {
        /// The server.
        place: Place,
        /// What was asked of it.
        what: &'static str,
        /// What it said, safe to print.
        reason: String,
    },
    /// The connection ended.
    #[error("the connection to {place} ended: {reason}")]
    Closed {
        /// The server.
        place: Place,
        /// How, safe to print.
        reason: String,
    },
    /// Something took too long.
    #[error("{place} did not {what} within {} s", after.as_secs_f32())]
    TimedOut {
        /// The server.
        place: Place,
        /// What was waited for.
        what: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// A server on the way could not be passed.
    #[error("cannot go through the jump host {place}")]
    Jump {
        /// The jump host.
        place: Place,
        /// Why; shared by all hosts behind it.
        #[source]
        source: Arc<SshError>,
    },
    /// The `ssh` program cannot be started or does not understand its arguments.
    #[error("the `ssh` program cannot be used for {place}: {reason}")]
    Program {
        /// The server.
        place: Place,
        /// Why, safe to print.
        reason: String,
    },
    /// The collector is ending.
    #[error("the connection to {place} was not made because the collector is ending")]
    Stopped {
        /// The server.
        place: Place,
    },
}

/// A credential that was tried and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The credential in words, without the secret.
    pub credential: String,
    /// What came of it.
    pub outcome: String,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.credential, self.outcome)
    }
}

/// What a credential is called that is a password.
pub(super) const PASSWORD: &str = "password";

/// What is asked of a jump host.
pub(super) const FORWARD: &str = "forward a connection";

fn listed(tried: &[Tried], accepted: &[String]) -> String {
    let tried = if tried.is_empty() {
        "there was none to try".to_string()
    } else {
        let tried: Vec<String> = tried.iter().map(Tried::to_string).collect();
        format!("tried {}", tried.join(", "))
    };
    if accepted.is_empty() {
        tried
    } else {
        format!("{tried}; the server takes {}", accepted.join(", "))
    }
}
