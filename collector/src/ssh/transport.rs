//! The seam between the collector and whatever speaks SSH.
//!
//! A connection runs commands; a channel is a command's input and output. Both
//! block, with deadlines, and belong to one thread. Two implementations: the
//! library inside this program and the user's own `ssh`.

use std::io::{Read, Write};
use std::time::Duration;

use super::error::SshError;

/// What can be reached beside a running command, on the same connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'a> {
    /// A shell that reads its program from standard input ([`COMMAND`](crate::sampler::COMMAND)).
    Shell,
    /// A TCP port, as the host itself reaches it.
    Tcp {
        /// Name or address.
        address: &'a str,
        /// Port.
        port: u16,
    },
    /// A unix socket.
    Socket {
        /// Its path.
        path: &'a str,
    },
}

/// Why nothing could be opened beside a running command.
#[derive(Debug, thiserror::Error)]
pub enum BesideError {
    /// The host does not forward connections, or not of this kind.
    #[error("the host does not forward connections: {reason}")]
    Forbidden {
        /// What it said, safe to print.
        reason: String,
    },
    /// Nobody listens there, or the account may not go there.
    #[error("nobody can be reached there: {reason}")]
    Unreachable {
        /// What the host said, safe to print.
        reason: String,
    },
    /// The connection is gone.
    #[error("the connection is gone")]
    Lost(#[source] SshError),
}

/// An authenticated connection to one host.
pub trait Connection {
    /// Starts a command; what it prints on standard error is thrown away.
    ///
    /// # Errors
    /// When the server refuses or the connection is gone.
    fn exec<'a>(&'a mut self, command: &str) -> Result<Box<dyn Channel + 'a>, SshError>;

    /// Tells how the connection was made, for the record of the campaign.
    ///
    /// With the user's own `ssh` that is known only of a running command ([`Channel::facts`]).
    fn facts(&self) -> ConnectionFacts;
}

/// A running command: reading gives its output, writing feeds its input.
///
/// A read that lasts longer than the time-out ends in an error of kind
/// [`std::io::ErrorKind::TimedOut`]; the end of output is `Ok(0)`.
pub trait Channel: Read + Write {
    /// Sets how long one read or write may last.
    fn set_timeout(&mut self, timeout: Duration);

    /// Tells how the connection was made that this command runs on.
    fn facts(&self) -> ConnectionFacts;

    /// Opens another channel while this one stays; this one is not used until the other is dropped.
    ///
    /// # Errors
    /// When the host refuses, nobody listens, or the connection is gone.
    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError>;
}

/// How a connection was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// What the server calls itself, such as `SSH-2.0-OpenSSH_9.2`.
    pub server: String,
    /// Kind of the host key, such as `ssh-ed25519`.
    pub host_key: String,
    /// The host key's fingerprint, such as `SHA256:…`.
    pub fingerprint: String,
    /// The key was not known before and was accepted because the user said so (`--accept-new`).
    pub host_key_was_accepted: bool,
    /// Which credential was taken, in words, without the secret.
    pub authenticated_by: String,
    /// Bytes received over the wire so far, where known.
    pub received_bytes: Option<u64>,
}
