//! Why a frame is no reading at all.

use super::FRAME_BYTES_AT_MOST;
use super::complaint::Problem;

/// A frame that cannot be made into a reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KernelTextError {
    /// None of the files is in it.
    #[error("the reply holds no file of /proc")]
    NoFile,
    /// Without the host's own clock nothing can be compared with an earlier reading.
    #[error("the reply does not hold /proc/uptime")]
    NoUptime,
    /// The host's own clock cannot be read.
    #[error("/proc/uptime cannot be read: `{text}`")]
    BadUptime {
        /// What stood there, cut short and without control characters.
        text: String,
        /// What was wrong with it.
        #[source]
        problem: Problem,
    },
    /// No host says that much.
    #[error("the reply of {bytes} bytes is longer than {FRAME_BYTES_AT_MOST} bytes")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

impl KernelTextError {
    /// Says what the user can do, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoFile | Self::NoUptime => Some(
                "log in with the same account and try `cat /proc/uptime`: a chroot may be without /proc".to_owned(),
            ),
            Self::BadUptime { .. } | Self::TooLong { .. } => None,
        }
    }
}
