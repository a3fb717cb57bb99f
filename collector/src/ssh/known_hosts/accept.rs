//! Adds a host key to a `known_hosts` file.
//!
//! Input: a file, the name and port of a host, its key. Output: one more line,
//! unless another process wrote it in the meantime. Whether the key deserves
//! it is decided elsewhere.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use telemetry::untrusted::for_terminal;

use super::error::KnownHostsError;
use super::key;
use super::names::{HASH_BYTES, hashed_field, lookup_name};
use super::read::{KnownHosts, content};
use super::verdict::Verdict;

/// So long another process may keep the file; it needs milliseconds.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Adds one line to a `known_hosts` file, made with mode 0600 when it is missing (its folder with 0700).
///
/// The name is hidden as a hash when the file has other hashed names. Nothing
/// is written when the file lists the key already.
///
/// # Errors
/// When the file cannot be written or stays locked for 10 s, when the name or
/// the key is none, and when the file revokes the key or lists another one.
pub fn accept(path: &Path, name: &str, port: u16, key_type: &str, key: &[u8]) -> Result<(), KnownHostsError> {
    if !can_stand_in_the_file(name) {
        let name = for_terminal(name).into_owned();
        return Err(KnownHostsError::Name { name });
    }
    let kind = key::kind_of_algorithm(key_type);
    if key::kind(key) != Some(kind) {
        let key_type = for_terminal(kind).into_owned();
        return Err(KnownHostsError::Key { key_type });
    }
    let cannot_write = |source| KnownHostsError::Write {
        path: path.to_path_buf(),
        source,
    };
    make_folder(path).map_err(cannot_write)?;
    let mut file = open_locked(path)?;
    let text = content(path, &mut file)?;
    let known = KnownHosts::from_bytes(path, &text);
    match known.check(name, port, kind, key) {
        Verdict::Known { .. } => return Ok(()),
        Verdict::Revoked { place } => return Err(KnownHostsError::Revoked { place }),
        Verdict::Changed { known } => {
            if let Some(first) = known.into_iter().next() {
                return Err(KnownHostsError::Differs { place: first.place });
            }
        }
        Verdict::Unknown => {}
    }
    let mut names = lookup_name(name, port);
    if known.has_hashed_names() {
        names = hashed_field(&random_salt().map_err(cannot_write)?, &names).unwrap_or(names);
    }
    let break_before = if text.is_empty() || text.ends_with(b"\n") {
        ""
    } else {
        "\n"
    };
    let line = format!("{break_before}{names} {kind} {}\n", STANDARD.encode(key));
    append(&mut file, text.len() as u64, line.as_bytes()).map_err(cannot_write)
}

/// Writes at the end, and takes half a line back when the disk is full.
fn append(file: &mut File, length_before: u64, line: &[u8]) -> io::Result<()> {
    let written = file.write_all(line).and_then(|()| file.sync_data());
    if written.is_err() {
        // The first error is the one to report.
        let _ = file.set_len(length_before);
    }
    written
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => DirBuilder::new().recursive(true).mode(0o700).create(folder),
        _ => Ok(()),
    }
}

/// Opens the file and locks it against other collectors.
fn open_locked(path: &Path) -> Result<File, KnownHostsError> {
    let cannot_write = |source: io::Error| KnownHostsError::Write {
        path: path.to_path_buf(),
        source,
    };
    let begin = Instant::now();
    loop {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .map_err(cannot_write)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            // `ssh-keygen -R` puts a new file in place; a lock on the old one is worth nothing.
            Ok(()) if is_still_at(path, &file).map_err(cannot_write)? => return Ok(file),
            Ok(()) | Err(Errno::WOULDBLOCK | Errno::INTR) => {}
            Err(error) => return Err(cannot_write(error.into())),
        }
        if begin.elapsed() > LONGEST_WAIT {
            return Err(KnownHostsError::Locked {
                path: path.to_path_buf(),
                waited_s: LONGEST_WAIT.as_secs(),
            });
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn is_still_at(path: &Path, file: &File) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(theirs) => Ok((ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn random_salt() -> io::Result<[u8; HASH_BYTES]> {
    let mut salt = [0; HASH_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut salt)?;
    Ok(salt)
}

/// Refuses names that would be patterns, lists, markers, comments or more than one field.
fn can_stand_in_the_file(name: &str) -> bool {
    let first_is_plain = !name.is_empty() && !name.starts_with(['!', '#', '@', '|', '[']);
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !matches!(letter, ',' | '*' | '?');
    first_is_plain && name.chars().all(plain)
}
