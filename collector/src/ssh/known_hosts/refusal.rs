//! Puts a verdict that is not *known* into words.

use telemetry::untrusted::for_terminal;

use super::key::{fingerprint, kind_of_algorithm};
use super::names::lookup_name;
use super::verdict::{OnRecord, Place, Verdict};

/// Why a host key is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostKeyRefused {
    /// No key is on record for the host.
    #[error("the host key of {host} is not known: {key_type} {fingerprint}")]
    Unknown {
        /// The name in known_hosts.
        host: String,
        /// The kind of key that the server showed.
        key_type: String,
        /// Its fingerprint.
        fingerprint: String,
    },
    /// A key of the same kind is on record, and it is another one.
    #[error(
        "THE HOST KEY OF {host} HAS CHANGED, someone may be listening in: \
         the server shows {key_type} {fingerprint}, on record is {} in {}",
        known.fingerprint,
        known.place
    )]
    Changed {
        /// The name in known_hosts.
        host: String,
        /// The kind of key that the server showed.
        key_type: String,
        /// Its fingerprint.
        fingerprint: String,
        /// The key on record.
        known: OnRecord,
    },
    /// Only keys of other kinds are on record.
    #[error(
        "the host key of {host} cannot be checked, someone may be listening in: \
         the server shows {key_type} {fingerprint}, on record is only a key of the kind {} in {}",
        known.key_type,
        known.place
    )]
    OtherKind {
        /// The name in known_hosts.
        host: String,
        /// The kind of key that the server showed.
        key_type: String,
        /// Its fingerprint.
        fingerprint: String,
        /// The key on record.
        known: OnRecord,
    },
    /// The key is revoked.
    #[error("THE HOST KEY OF {host} IS REVOKED by {place}: {key_type} {fingerprint}")]
    Revoked {
        /// The name in known_hosts.
        host: String,
        /// The kind of key that the server showed.
        key_type: String,
        /// Its fingerprint.
        fingerprint: String,
        /// The line that revokes it.
        place: Place,
    },
}

impl Verdict {
    /// Gives the reason to refuse the key, or nothing when it is known.
    ///
    /// Takes what [`super::KnownHosts::check`] took.
    #[must_use]
    pub fn refusal(&self, name: &str, port: u16, key_type: &str, key: &[u8]) -> Option<HostKeyRefused> {
        let host = for_terminal(&lookup_name(name, port)).into_owned();
        let key_type = for_terminal(kind_of_algorithm(key_type)).into_owned();
        let fingerprint = fingerprint(key);
        let unknown = |host, key_type, fingerprint| HostKeyRefused::Unknown {
            host,
            key_type,
            fingerprint,
        };
        Some(match self {
            Self::Known { .. } => return None,
            Self::Unknown => unknown(host, key_type, fingerprint),
            Self::Revoked { place } => HostKeyRefused::Revoked {
                host,
                key_type,
                fingerprint,
                place: place.clone(),
            },
            Self::Changed { known } => match known.first().cloned() {
                None => unknown(host, key_type, fingerprint),
                Some(known) if known.key_type == key_type => HostKeyRefused::Changed {
                    host,
                    key_type,
                    fingerprint,
                    known,
                },
                Some(known) => HostKeyRefused::OtherKind {
                    host,
                    key_type,
                    fingerprint,
                    known,
                },
            },
        })
    }
}

impl HostKeyRefused {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { host, .. } => format!(
                "compare the fingerprint with what `ssh-keygen -lf` prints for /etc/ssh/ssh_host_*_key.pub on {host} \
                 itself; when it is the same, connect once with `ssh`, or start with `--accept-new`"
            ),
            Self::Changed { host, known, .. } => format!(
                "find out why first: when {host} was set up anew and the fingerprint is right, remove the old key \
                 with `ssh-keygen -f '{}' -R '{host}'`",
                known.place.file.display()
            ),
            Self::OtherKind { host, .. } => format!(
                "when `ssh-keygen -lf` prints the same fingerprint on {host} itself, add that key to known_hosts"
            ),
            Self::Revoked { .. } => {
                "do not connect: the key was declared stolen; ask whoever wrote the @revoked line".to_string()
            }
        })
    }
}
