//! Is this host key the one on record?
//!
//! Input: files in OpenSSH's `known_hosts` format, the name and port of a host,
//! and the key that its server showed. Output: a [`Verdict`]. It decides as
//! OpenSSH does, and stricter in one point: a revoked key is refused also when
//! it is revoked under the host's plain name and the port is not 22.
//!
//! The library that speaks SSH has a matcher of its own; it accepts revoked
//! keys, takes one damaged line for a damaged file, and knows no wildcards.
//!
//! What it deliberately does not do: trust certificates of a
//! `@cert-authority` (such lines match no plain key), read `RevokedHostKeys`
//! lists, or ask the DNS.

mod accept;
mod error;
mod key;
mod line;
mod names;
mod read;
mod refusal;
mod verdict;

pub use accept::accept;
pub use error::KnownHostsError;
pub use key::fingerprint;
pub use line::Marker;
pub use names::lookup_name;
pub use read::{KnownHosts, Skipped};
pub use refusal::HostKeyRefused;
pub use verdict::{OnRecord, Place, Verdict};
