//! Reads a log back, up to where it is whole.

use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::error::LogError;
use super::record::Record;
use super::{FRAME_BYTES_AT_MOST, MAGIC, VERSION};

/// What a log holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogContent {
    /// Its records, in the order they were written.
    pub records: Vec<Record>,
    /// Bytes at the end that are not a whole frame: what a killed writer had in hand, or damage.
    pub cut_bytes: u64,
}

/// Reads a log.
///
/// # Errors
/// When it cannot be read, is no log, or is of another version; a damaged end is no error ([`LogContent::cut_bytes`]).
pub fn read_log(path: &Path) -> Result<LogContent, LogError> {
    let io = |source| LogError::io("read", path, source);
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut file = BufReader::new(file);
    let mut header = [0; 8];
    if length < header.len() as u64 {
        // Killed before the header was synced: nothing counted yet.
        return Ok(LogContent {
            records: Vec::new(),
            cut_bytes: length,
        });
    }
    file.read_exact(&mut header).map_err(io)?;
    let [magic @ .., version] = header;
    if magic != *MAGIC {
        return Err(LogError::Damaged {
            path: path.to_path_buf(),
            cause: "it does not begin as a log does".to_string(),
        });
    }
    let path_buf = || path.to_path_buf();
    match version {
        VERSION => {}
        version if version < VERSION => {
            return Err(LogError::TooOld {
                path: path_buf(),
                version,
            });
        }
        version => {
            return Err(LogError::TooNew {
                path: path_buf(),
                version,
            });
        }
    }
    let mut content = LogContent::default();
    let mut whole = header.len() as u64;
    let mut payload = Vec::new();
    while let Some(records) = next_frame(&mut file, length - whole, &mut payload).map_err(io)? {
        content.records.extend(records);
        whole += 8 + payload.len() as u64;
    }
    content.cut_bytes = length - whole;
    Ok(content)
}

/// Reads one frame; nothing at the end, or where the rest is not a whole frame.
fn next_frame(file: &mut impl std::io::Read, left: u64, payload: &mut Vec<u8>) -> std::io::Result<Option<Vec<Record>>> {
    if left < 8 {
        return Ok(None);
    }
    let mut word = [0; 4];
    file.read_exact(&mut word)?;
    let length = u32::from_le_bytes(word) as usize;
    file.read_exact(&mut word)?;
    let sum = u32::from_le_bytes(word);
    if length == 0 || length > FRAME_BYTES_AT_MOST || length as u64 > left - 8 {
        return Ok(None);
    }
    payload.resize(length, 0);
    file.read_exact(payload)?;
    if crc32fast::hash(payload) != sum {
        return Ok(None);
    }
    let mut records = Vec::new();
    let mut rest: &[u8] = payload;
    while !rest.is_empty() {
        match postcard::take_from_bytes::<Record>(rest) {
            Ok((record, after)) => {
                records.push(record);
                rest = after;
            }
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(records))
}

/// Lists the logs of a folder with their numbers, ascending; a missing folder has none.
///
/// # Errors
/// When the folder cannot be listed.
pub fn logs_in(folder: &Path) -> Result<Vec<(u64, PathBuf)>, LogError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(LogError::io("list", folder, source)),
    };
    let mut logs = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| LogError::io("list", folder, source))?.path();
        let number = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(".log")?.parse().ok());
        if let Some(number) = number {
            logs.push((number, path));
        }
    }
    logs.sort();
    Ok(logs)
}
