//! What can go wrong with the `known_hosts` files themselves.

use std::io;
use std::path::PathBuf;

use super::verdict::Place;

/// A failure to read or to extend a `known_hosts` file; no host key counts as checked then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KnownHostsError {
    /// A file is there but cannot be read.
    #[error("cannot read the known host keys in `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is larger than any real one.
    #[error("`{}` is larger than {limit_mebibytes} MiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        limit_mebibytes: u64,
    },
    /// A key cannot be added to the file.
    #[error("cannot add a host key to `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process keeps the file locked.
    #[error("`{}` has been locked by another process for {waited_s} s", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// The name of a host cannot stand in the file.
    #[error("`{name}` cannot be listed in known_hosts: it has characters that mean something else there")]
    Name {
        /// The name, made safe for a terminal.
        name: String,
    },
    /// What should be added is no public key of the kind that was said.
    #[error("the host key is not of the kind `{key_type}`")]
    Key {
        /// The kind, made safe for a terminal.
        key_type: String,
    },
    /// The file revokes the key that should be added.
    #[error("the host key is revoked in {place}")]
    Revoked {
        /// The line.
        place: Place,
    },
    /// The file lists another key for the host than the one that should be added.
    #[error("another host key is listed in {place}")]
    Differs {
        /// The line.
        place: Place,
    },
}

impl KnownHostsError {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { path, .. } => Some(format!(
                "make `{}` readable, or name other files with `known_hosts` in hosts.toml",
                path.display()
            )),
            Self::TooLarge { .. } => Some("name another file with `known_hosts` in hosts.toml".to_string()),
            Self::Locked { .. } => Some("wait for the other process to end, then start again".to_string()),
            Self::Name { .. } => Some("give the host a plain name with `host_key_alias` in hosts.toml".to_string()),
            Self::Revoked { .. } | Self::Differs { .. } => {
                Some("ask whoever runs the host for the fingerprint of its key before going on".to_string())
            }
            Self::Write { .. } | Self::Key { .. } => None,
        }
    }
}
