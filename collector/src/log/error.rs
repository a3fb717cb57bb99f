//! Why a log could not be written or read.

use std::io;
use std::path::{Path, PathBuf};

/// A failure of the campaign's log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// There is no room left; what was synced before is whole.
    #[error("the disk is full at `{}`", path.display())]
    Full {
        /// The log.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is no log, or its beginning is damaged.
    #[error("`{}` is damaged: {cause}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// An older program wrote it.
    #[error("`{}` is too old: version {version}", path.display())]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// A newer program wrote it.
    #[error("`{}` is too new: version {version}", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// A record is larger than a frame can be, or cannot be encoded.
    #[error("a record cannot be written: {0}")]
    Record(String),
}

impl LogError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let full = matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        );
        let path = path.to_path_buf();
        if full {
            Self::Full { path, source }
        } else {
            Self::Io { action, path, source }
        }
    }

    /// Says what the user may do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Full { .. } => Some("make room and start `sizewright collect` again: it goes on where it stopped"),
            Self::TooNew { .. } => Some("a newer sizewright wrote it; use that one"),
            Self::TooOld { .. } => Some("an older sizewright wrote it; use that one to finish the campaign"),
            _ => None,
        }
    }
}
