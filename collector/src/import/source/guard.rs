//! Reads a text file for the CSV parser: counts, bounds, and makes separators one byte.
//!
//! The parser knows separators of one byte only, so a longer one is replaced by
//! the unit separator (0x1f) on the way. And it keeps a row in memory until the
//! row ends, so a quote that is never closed would take the whole file in: the
//! bytes of one row are bounded here.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The byte that stands for a separator of several bytes: made for this in ASCII, and never typed.
pub(super) const UNIT_SEPARATOR: u8 = 0x1f;

/// The longest row, with what the parser reads ahead: no export has longer ones.
const MOST_BYTES_PER_ROW: u64 = 64 << 20;

/// What the guard and the loop over the rows tell each other.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Bytes read from the file so far.
    pub bytes: AtomicU64,
    /// Bytes read when the last row ended.
    pub at_row_end: AtomicU64,
}

impl Meter {
    pub(super) fn row_ended(&self) {
        self.at_row_end
            .store(self.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// A file on its way to the CSV parser.
pub(super) struct GuardedText {
    file: File,
    meter: Arc<Meter>,
    /// Empty when the separator is one byte.
    separator: Vec<u8>,
    /// Bytes of the file that may be the start of a separator.
    held: Vec<u8>,
    /// Bytes ready to be given out, from `given` on.
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl GuardedText {
    pub(super) fn new(file: File, separator: &str, meter: Arc<Meter>) -> Self {
        let separator = if separator.len() > 1 {
            separator.as_bytes().to_vec()
        } else {
            Vec::new()
        };
        Self {
            file,
            meter,
            separator,
            held: Vec::new(),
            ready: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    fn read_file(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let bytes = self.meter.bytes.fetch_add(read as u64, Ordering::Relaxed) + read as u64;
        if bytes - self.meter.at_row_end.load(Ordering::Relaxed) > MOST_BYTES_PER_ROW {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a row is longer than 64 MiB; perhaps a quote is never closed",
            ));
        }
        Ok(read)
    }

    /// Moves what is held to `ready`, separators replaced; keeps back what may be half a separator.
    fn replace(&mut self) -> io::Result<()> {
        if self.held.contains(&UNIT_SEPARATOR) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file holds the control character 0x1f, which cannot be told from a separator of several characters",
            ));
        }
        self.ready.clear();
        self.given = 0;
        let mut at = 0;
        while at < self.held.len() {
            let rest = &self.held[at..];
            if rest.starts_with(&self.separator) {
                self.ready.push(UNIT_SEPARATOR);
                at += self.separator.len();
            } else if !self.ended && self.separator.starts_with(rest) {
                break;
            } else {
                self.ready.push(rest[0]);
                at += 1;
            }
        }
        self.held.drain(..at);
        Ok(())
    }
}

impl Read for GuardedText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.separator.is_empty() {
            return self.read_file(buffer);
        }
        while self.given == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            let mut fresh = vec![0; buffer.len().max(1)];
            let read = self.read_file(&mut fresh)?;
            self.ended = read == 0;
            self.held.extend_from_slice(&fresh[..read]);
            self.replace()?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use super::*;

    fn read_in_steps(text: &str, separator: &str, step: usize) -> io::Result<String> {
        let mut file = tempfile::tempfile()?;
        file.write_all(text.as_bytes())?;
        std::io::Seek::rewind(&mut file)?;
        let mut guarded = GuardedText::new(file, separator, Arc::default());
        let mut out = Vec::new();
        let mut buffer = vec![0; step];
        loop {
            let read = guarded.read(&mut buffer)?;
            if read == 0 {
                return Ok(String::from_utf8(out).unwrap());
            }
            out.extend_from_slice(&buffer[..read]);
        }
    }

    #[test]
    fn long_separators_become_one_byte_wherever_a_read_ends() {
        for step in 1..6 {
            assert_eq!(
                read_in_steps("a;\tb;c;\t;\n;", ";\t", step).unwrap(),
                "a\u{1f}b;c\u{1f};\n;"
            );
            assert_eq!(read_in_steps("a¦b", "¦", step).unwrap(), "a\u{1f}b");
            assert_eq!(read_in_steps("a,b", ",", step).unwrap(), "a,b");
        }
    }

    #[test]
    fn the_stand_in_itself_is_refused() {
        assert!(read_in_steps("a\u{1f}b", "||", 4).is_err());
        assert!(read_in_steps("a\u{1f}b", "|", 4).is_ok());
    }
}
