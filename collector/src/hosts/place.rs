//! A line of a file, for messages.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use telemetry::untrusted::for_terminal;

/// A line of a file that the user wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePlace {
    /// The file.
    pub file: Arc<Path>,
    /// The line, the first is 1.
    pub line: usize,
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", for_terminal(&self.file.display().to_string()), self.line)
    }
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written<T> {
    pub(super) value: T,
    pub(super) place: FilePlace,
}

impl<T> Written<T> {
    pub(super) fn map<U>(&self, change: impl FnOnce(&T) -> U) -> Written<U> {
        Written {
            value: change(&self.value),
            place: self.place.clone(),
        }
    }
}
