//! Why a host's shell did not answer as it should.

/// A failure of the talk with a target's shell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SamplerError {
    /// The shell never said that it was ready.
    #[error("the shell did not start: it said `{said}`")]
    NotReady {
        /// The end of what it said, safe to print.
        said: String,
    },
    /// The connection ended.
    #[error("the connection ended")]
    Closed,
    /// A reply was larger than any host's.
    #[error("the reply is larger than {most} bytes")]
    TooMuch {
        /// What is allowed.
        most: usize,
    },
    /// No whole reply in time.
    #[error("no reply within {seconds} seconds")]
    TimedOut {
        /// The time that was given.
        seconds: u64,
    },
    /// The channel failed.
    #[error("the connection failed")]
    Io(#[source] std::io::Error),
}

impl SamplerError {
    /// Says whether trying again is of no use: the account has no usable shell.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::NotReady { said } if !said.is_empty())
    }

    /// Says what the user may do.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotReady { .. } => {
                Some("the account needs a plain POSIX shell: not rbash, nologin, or a forced command")
            }
            _ => None,
        }
    }
}
