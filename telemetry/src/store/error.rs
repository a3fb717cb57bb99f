//! What can be wrong with a telemetry folder, with the place.

use std::path::PathBuf;

use crate::schema::FORMAT_VERSION;

/// A failure to write or read telemetry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused to read or write.
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
    /// Series were handed to the writer in the wrong order.
    #[error("series of `{host}` came out of order while writing `{path}`")]
    OutOfOrder {
        /// The file being written.
        path: PathBuf,
        /// The host whose series came too late.
        host: String,
    },
    /// The Parquet library failed to encode.
    #[error("cannot encode `{path}`")]
    Encode {
        /// The file being written.
        path: PathBuf,
        /// What the library said.
        #[source]
        source: polars_error::PolarsError,
    },
}

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn damaged(path: &std::path::Path, reason: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        }
    }
}
