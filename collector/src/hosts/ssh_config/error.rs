//! What can be wrong with an ssh configuration.

use std::io;
use std::path::PathBuf;

use crate::hosts::place::FilePlace;

/// A value or a file of an ssh configuration that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SshConfigError {
    /// The file is there but cannot be read.
    #[error("cannot read the ssh configuration `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is larger than any real one.
    #[error("the ssh configuration `{}` is larger than 8 MiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Someone else could have written the file.
    #[error("the ssh configuration `{}` can be written by others", path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
    },
    /// Files include each other without end.
    #[error("{place}: files include each other more than {depth} deep")]
    TooDeep {
        /// The line that includes once too often.
        place: FilePlace,
        /// The bound.
        depth: usize,
    },
    /// Too many files are included.
    #[error("{place}: more than {most} files are included")]
    TooManyFiles {
        /// The line that includes once too often.
        place: FilePlace,
        /// The bound.
        most: usize,
    },
    /// A value is none that the keyword can have.
    #[error("{place}: {keyword} {what}")]
    Value {
        /// The line.
        place: FilePlace,
        /// The keyword.
        keyword: &'static str,
        /// What is wrong, as a clause.
        what: String,
    },
}

impl SshConfigError {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Read { path, .. } => format!("make `{}` readable", path.display()),
            Self::TooLarge { path } => format!(
                "look into `{}`: it does not look like an ssh configuration",
                path.display()
            ),
            Self::Permissions { path } => {
                format!(
                    "ssh refuses it too: `chmod go-w {}`, and let it belong to you or root",
                    path.display()
                )
            }
            Self::TooDeep { .. } | Self::TooManyFiles { .. } => "remove the Include that leads in a circle".to_string(),
            Self::Value { .. } => "correct that line, or say the value in hosts.toml, which goes first".to_string(),
        })
    }
}
