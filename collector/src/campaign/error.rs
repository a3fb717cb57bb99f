//! Why a campaign could not go on as a whole; what befalls one host is no such error.

use std::path::{Path, PathBuf};

use telemetry::StoreError;

use crate::log::{LockError, LogError};

/// A failure of the campaign itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CampaignError {
    /// Another collector is at work.
    #[error("cannot start collecting")]
    Lock(#[from] LockError),
    /// The log could not be written or read.
    #[error("cannot keep the readings")]
    Log(#[from] LogError),
    /// The store could not be written.
    #[error("cannot write the telemetry")]
    Store(#[from] StoreError),
    /// The inventory could not be read or written.
    #[error("cannot keep what was seen of connections")]
    Inventory(#[from] telemetry::inventory::InventoryError),
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A thread for a host could not be started.
    #[error("cannot start a thread for `{host}`")]
    Thread {
        /// The host.
        host: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl CampaignError {
    pub(super) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// Says what the user may do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lock(LockError::Held { .. }) => {
                Some("stop the other collector first, or collect into another assessment")
            }
            Self::Log(error) => error.hint(),
            Self::Thread { .. } => Some("raise the limit of processes (`ulimit -u`), or collect fewer hosts at once"),
            _ => None,
        }
    }
}
