//! Appends records to a log; they count once synced.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::error::LogError;
use super::read::logs_in;
use super::record::Record;
use super::{FRAME_BYTES_AT_MOST, MAGIC, VERSION};

/// A buffer this long is written, though not synced, before more is added.
const BUFFER_BYTES: usize = 4 << 20;

/// Writes one log.
#[derive(Debug)]
pub struct LogWriter {
    path: PathBuf,
    sequence: u64,
    file: File,
    /// Bytes of the file that are synced.
    synced: u64,
    frames: Vec<u8>,
    payload: Vec<u8>,
}

impl LogWriter {
    /// Starts a new log in a folder, numbered after `last` and after every log that is there.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn create(folder: &Path, last: u64) -> Result<Self, LogError> {
        fs::create_dir_all(folder).map_err(|source| LogError::io("create folder", folder, source))?;
        let there = logs_in(folder)?.last().map_or(0, |(sequence, _)| *sequence);
        let sequence = there.max(last) + 1;
        let path = folder.join(format!("{sequence:010}.log"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| LogError::io("create", &path, source))?;
        let mut header = MAGIC.to_vec();
        header.push(VERSION);
        file.write_all(&header)
            .and_then(|()| file.sync_all())
            .map_err(|source| LogError::io("write", &path, source))?;
        if let Ok(folder) = File::open(folder) {
            // Some network file systems refuse to sync a folder; the file itself is synced.
            let _ = folder.sync_all();
        }
        Ok(Self {
            path,
            sequence,
            file,
            synced: header.len() as u64,
            frames: Vec::new(),
            payload: Vec::new(),
        })
    }

    /// Gives the log's number.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Gives the log's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Counts the synced bytes.
    #[must_use]
    pub fn synced_bytes(&self) -> u64 {
        self.synced
    }

    /// Adds a record to what the next [`LogWriter::sync`] writes.
    ///
    /// # Errors
    /// When the record cannot be encoded.
    pub fn append(&mut self, record: &Record) -> Result<(), LogError> {
        let bytes = postcard::to_allocvec(record).map_err(|error| LogError::Record(error.to_string()))?;
        if bytes.len() > FRAME_BYTES_AT_MOST {
            return Err(LogError::Record(format!("it takes {} bytes", bytes.len())));
        }
        if self.payload.len() + bytes.len() > BUFFER_BYTES {
            self.close_frame();
        }
        self.payload.extend_from_slice(&bytes);
        Ok(())
    }

    fn close_frame(&mut self) {
        if self.payload.is_empty() {
            return;
        }
        self.frames
            .extend_from_slice(&(self.payload.len() as u32).to_le_bytes());
        self.frames
            .extend_from_slice(&crc32fast::hash(&self.payload).to_le_bytes());
        self.frames.append(&mut self.payload);
    }

    /// Writes and syncs what was added: it counts now.
    ///
    /// # Errors
    /// When the disk refuses; what was synced before is still whole, and what was added since is given up.
    pub fn sync(&mut self) -> Result<(), LogError> {
        self.close_frame();
        if self.frames.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&self.frames).and_then(|()| self.file.sync_data());
        let bytes = self.frames.len() as u64;
        self.frames.clear();
        match written {
            Ok(()) => {
                self.synced += bytes;
                Ok(())
            }
            Err(source) => {
                // Cut the torn frame off; a reader would do the same.
                let _ = self.file.set_len(self.synced);
                Err(LogError::io("write", &self.path, source))
            }
        }
    }
}
