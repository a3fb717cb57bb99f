//! What can be wrong with an inventory folder, with the place.

use std::path::{Path, PathBuf};

use super::file::FORMAT_VERSION;
use crate::store::StoreError;

/// A failure to write or read an inventory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// The operating system refused to read or lock.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The file could not be written.
    #[error("cannot keep the inventory")]
    Write(#[source] StoreError),
    /// The file is not what this program wrote, or has changed since.
    #[error("`{path}` is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The file was written by an older program whose format is no longer read.
    #[error("`{path}` is too old: format version {version}, this program reads {FORMAT_VERSION}")]
    TooOld {
        /// The file.
        path: PathBuf,
        /// The version it names.
        version: u32,
    },
    /// The file was written by a newer program.
    #[error("`{path}` is too new: format version {version}, this program reads {FORMAT_VERSION}")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The version it names.
        version: u32,
    },
}

impl InventoryError {
    pub(super) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn damaged(path: &Path, reason: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        }
    }
}
