//! When, how and with what privilege something was learnt.

use serde::{Deserialize, Serialize};

/// The account's power when something was learnt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    /// An ordinary account.
    #[default]
    User,
    /// One command allowed by `sudo -n`.
    Sudo,
    /// The superuser.
    Root,
    /// Told by a service that was asked with a credential.
    Credential,
    /// Said by the user in a file of the assessment.
    Stated,
}

/// When and how something was learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learnt {
    /// First time it was seen so, UTC milliseconds.
    pub first_at_ms: i64,
    /// Last time it was seen so, UTC milliseconds.
    pub last_at_ms: i64,
    /// Where from, such as `/etc/os-release`.
    pub how: String,
    /// With what privilege.
    pub privilege: Privilege,
}
