//! How far is an import, and should it stop?

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::ImportError;

/// What an import is at; each step reads the whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Takes the digest of the content.
    Fingerprint,
    /// Reads hosts and times: the usual interval and the gaps of each host.
    Survey,
    /// Reads, judges and writes the rows.
    Rows,
}

impl Step {
    /// Gives the name in sentences, as a verb.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Step::Fingerprint => "fingerprinting",
            Step::Survey => "surveying",
            Step::Rows => "importing",
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is going on.
    pub step: Step,
    /// Bytes read so far, over all steps.
    pub bytes_done: u64,
    /// Bytes to read in all: the file once for each step.
    pub bytes_total: u64,
    /// Rows written so far.
    pub rows: u64,
}

/// Who watches an import: is told of progress, and may stop it.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Called after every batch.
    pub progress: &'a dyn Fn(Progress),
    /// Looked at after every batch; nothing is imported once it is true.
    pub cancelled: &'a AtomicBool,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl Watch<'static> {
    /// Nobody watches.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            progress: &|_| {},
            cancelled: &NEVER,
        }
    }
}

impl Watch<'_> {
    /// Tells how much of a step is done, from 0 to 1, and stops when asked to.
    pub(crate) fn reached(
        &self,
        path: &Path,
        step: Step,
        file_bytes: u64,
        fraction: f64,
        rows: u64,
    ) -> Result<(), ImportError> {
        let steps_before = match step {
            Step::Fingerprint => 0,
            Step::Survey => 1,
            Step::Rows => 2,
        };
        (self.progress)(Progress {
            step,
            bytes_done: steps_before * file_bytes + (file_bytes as f64 * fraction) as u64,
            bytes_total: 3 * file_bytes,
            rows,
        });
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(ImportError::Cancelled {
                path: path.to_path_buf(),
            });
        }
        Ok(())
    }
}
