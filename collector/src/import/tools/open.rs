//! Files as lines or as a whole, also when gzip has packed them; folders as the files in them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::super::error::ImportError;

/// Bytes read at a time.
const BUFFER: usize = 1 << 18;
/// Most bytes a file may have that is read as a whole, also once unpacked: a hostile archive ends here.
const WHOLE_AT_MOST: u64 = 4 << 30;
/// A longer line is none of any tool's.
const LINE_AT_MOST: usize = 16 << 20;

/// Opens a file to be read from its beginning.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>, ImportError> {
    let io = |source| ImportError::io(path, source);
    let mut reader = BufReader::with_capacity(BUFFER, File::open(path).map_err(io)?);
    let start = reader.fill_buf().map_err(io)?;
    if start.is_empty() {
        return Err(ImportError::NoRows {
            path: path.to_path_buf(),
            found: "is empty",
        });
    }
    Ok(if start.starts_with(b"\x1f\x8b") {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// Reads a whole file.
pub(crate) fn whole(path: &Path) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    open(path)?
        .take(WHOLE_AT_MOST)
        .read_to_end(&mut bytes)
        .map_err(|source| ImportError::io(path, source))?;
    if bytes.len() as u64 == WHOLE_AT_MOST {
        return Err(ImportError::NoRows {
            path: path.to_path_buf(),
            found: "is larger than 4 GiB and cannot be read in parts",
        });
    }
    Ok(bytes)
}

/// Gives the first bytes of a file, unpacked.
pub(crate) fn start(path: &Path, bytes: u64) -> Result<Vec<u8>, ImportError> {
    let mut start = Vec::new();
    open(path)?
        .take(bytes)
        .read_to_end(&mut start)
        .map_err(|source| ImportError::io(path, source))?;
    Ok(start)
}

/// Replaces folders by the files in them, in order of their names; hidden files and folders within are left out.
pub(crate) fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut folders = vec![path.clone()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).map_err(|source| ImportError::io(&folder, source))? {
                let entry = entry.map_err(|source| ImportError::io(&folder, source))?;
                let kind = entry
                    .file_type()
                    .map_err(|source| ImportError::io(&entry.path(), source))?;
                let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                match (is_hidden, kind.is_dir(), kind.is_file()) {
                    (false, true, _) => folders.push(entry.path()),
                    (false, _, true) => found.push(entry.path()),
                    _ => {}
                }
            }
        }
        if found.is_empty() {
            return Err(ImportError::NoRows {
                path: path.clone(),
                found: "is a folder without files",
            });
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// The lines of a text file, one at a time.
pub(crate) struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    line: Vec<u8>,
    /// Number of the line that was given last.
    pub number: u64,
    /// Whether that line ended; the last one of a file that was cut off does not.
    pub is_complete: bool,
}

impl Lines {
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        Ok(Self::of(path, open(path)?))
    }

    /// Reads lines of text that does not come from the file itself, such as what another program makes of it.
    pub fn of(path: &Path, reader: Box<dyn BufRead>) -> Self {
        Self {
            path: path.to_path_buf(),
            reader,
            line: Vec::with_capacity(512),
            number: 0,
            is_complete: true,
        }
    }

    /// Gives the next line without its end; nothing at the end of the file.
    pub fn next(&mut self) -> Result<Option<&[u8]>, ImportError> {
        self.line.clear();
        let mut limited = (&mut self.reader).take(LINE_AT_MOST as u64);
        let read = limited
            .read_until(b'\n', &mut self.line)
            .map_err(|source| ImportError::io(&self.path, source))?;
        if read == 0 {
            return Ok(None);
        }
        if read == LINE_AT_MOST {
            return Err(ImportError::NoRows {
                path: self.path.clone(),
                found: "has a line of more than 16 MiB",
            });
        }
        self.number += 1;
        self.is_complete = self.line.last() == Some(&b'\n');
        while matches!(self.line.last(), Some(b'\n' | b'\r')) {
            self.line.pop();
        }
        Ok(Some(&self.line))
    }

    /// Gives the line that was given last once more.
    pub fn current(&self) -> &[u8] {
        &self.line
    }
}
