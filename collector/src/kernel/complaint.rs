//! What was wrong with a file of the kernel, in words that are safe to print.

use std::collections::BTreeMap;
use std::fmt;

use telemetry::untrusted::for_terminal;

use super::frame::KernelFile;
use super::shortened;

/// Bytes of the offending text that a complaint quotes.
const QUOTED_BYTES: usize = 80;

/// One file of a tick that could not be read as its kind should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which file.
    pub file: KernelFile,
    /// What was wrong with it.
    pub problem: Problem,
    /// The line it was found in, cut short and without control characters.
    pub text: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.file, self.problem)?;
        if !self.text.is_empty() {
            write!(formatter, ": `{}`", self.text)?;
        }
        Ok(())
    }
}

/// What can be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A line that every kernel prints is not there.
    #[error("has no line `{0}`")]
    Missing(&'static str),
    /// A line ends too early.
    #[error("has {found} fields where {least} are needed")]
    TooFewFields {
        /// Fields on the line.
        found: usize,
        /// Fields that are needed.
        least: usize,
    },
    /// Something stands where a number belongs.
    #[error("has something else where a number belongs")]
    NotANumber,
    /// A number is larger than a counter can be.
    #[error("has a number that is too large")]
    TooLarge,
    /// Two numbers cannot both be true.
    #[error("contradicts itself")]
    Contradiction,
}

/// A file that did not parse: what was wrong and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unparsable {
    pub(super) problem: Problem,
    pub(super) text: String,
}

impl Problem {
    /// Puts the line that a problem was found in beside it.
    pub(super) fn on(self, line: &str) -> Unparsable {
        Unparsable {
            problem: self,
            text: for_terminal(shortened(line.trim(), QUOTED_BYTES)).into_owned(),
        }
    }
}

/// The complaints of one tick: the first of each file.
#[derive(Default)]
pub(super) struct Complaints(BTreeMap<KernelFile, Unparsable>);

impl Complaints {
    /// Notes what was wrong with a file, unless it was complained of before.
    pub(super) fn note(&mut self, file: KernelFile, unparsable: Unparsable) {
        self.0.entry(file).or_insert(unparsable);
    }

    /// Passes on what was parsed; notes what was not.
    pub(super) fn parsed<T>(&mut self, file: KernelFile, outcome: Result<T, Unparsable>) -> Option<T> {
        outcome.map_err(|unparsable| self.note(file, unparsable)).ok()
    }

    /// Gives them in the order of the files.
    pub(super) fn into_list(self) -> Vec<Complaint> {
        let complaint = |(file, Unparsable { problem, text })| Complaint { file, problem, text };
        self.0.into_iter().map(complaint).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_short_and_safe_to_print() {
        let mut complaints = Complaints::default();
        let line = format!("MemTotal: \u{1b}[31m{}", "9".repeat(5000));
        complaints.note(KernelFile::Meminfo, Problem::NotANumber.on(&line));
        complaints.note(KernelFile::Meminfo, Problem::TooLarge.on("a second one"));
        let list = complaints.into_list();
        assert_eq!(list.len(), 1);
        let words = list[0].to_string();
        assert!(
            words.starts_with("meminfo has something else where a number belongs: `MemTotal: \\u{1b}[31m9"),
            "{words}"
        );
        assert!(words.len() < 200, "{words}");
    }
}
