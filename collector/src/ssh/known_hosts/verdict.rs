//! What was found about a host key, and where.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::line::Marker;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file.
    pub file: Arc<Path>,
    /// The line, the first is 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// A key that a file lists for a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OnRecord {
    /// Where it stands.
    pub place: Place,
    /// What the line says about it.
    pub marker: Marker,
    /// Its kind, such as `ssh-ed25519`.
    pub key_type: String,
    /// Its fingerprint, such as `SHA256:…`.
    pub fingerprint: String,
}

/// Whether a host key is the one on record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a host key whose verdict is not looked at is not checked"]
pub enum Verdict {
    /// It is; the connection is to the host that was meant.
    Known {
        /// The line that lists it.
        place: Place,
    },
    /// No plain key is listed for the host.
    Unknown,
    /// Other keys are listed for the host, but not this one.
    ///
    /// As in OpenSSH this holds also when only keys of other kinds are listed:
    /// someone in the middle may have chosen the kind.
    Changed {
        /// The keys that are listed, those of the same kind first.
        known: Vec<OnRecord>,
    },
    /// The key is marked as revoked; this wins over everything else.
    Revoked {
        /// The line that revokes it.
        place: Place,
    },
}
