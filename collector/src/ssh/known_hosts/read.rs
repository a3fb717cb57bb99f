//! Reads `known_hosts` files and answers questions about them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::KnownHostsError;
use super::key;
use super::line::{Fault, Line, Marker};
use super::names::lookup_name;
use super::verdict::{OnRecord, Place, Verdict};

/// Larger files are refused: a real one with 100,000 hosts has about 30 MiB.
const LARGEST_FILE_MEBIBYTES: u64 = 128;

/// So many skipped lines are listed; the rest is only counted.
const MOST_SKIPPED_LISTED: usize = 100;

/// The host keys on record.
#[derive(Clone, Debug, Default)]
pub struct KnownHosts {
    entries: Vec<Entry>,
    skipped: Vec<Skipped>,
    skipped_count: usize,
}

/// A line that was skipped because it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The line.
    pub place: Place,
    /// What is wrong with it, as a clause.
    pub why: String,
}

#[derive(Clone, Debug)]
struct Entry {
    place: Place,
    line: Line,
}

impl KnownHosts {
    /// Reads files in order; one that is missing counts as empty.
    ///
    /// A line that cannot be read is skipped and listed, as OpenSSH does.
    ///
    /// # Errors
    /// When a file is there but cannot be read, or is larger than 128 MiB:
    /// a revoked key might stand in it, so nothing is checked without it.
    pub fn read(paths: &[PathBuf]) -> Result<Self, KnownHostsError> {
        let mut known = Self::default();
        for path in paths {
            match File::open(path) {
                Ok(mut file) => known.extend(path, &content(path, &mut file)?),
                Err(error) if is_missing(&error) => {}
                Err(source) => {
                    let path = path.clone();
                    return Err(KnownHostsError::Read { path, source });
                }
            }
        }
        Ok(known)
    }

    /// Reads the text of one file; `path` only says where it is from.
    #[must_use]
    pub fn from_bytes(path: &Path, text: &[u8]) -> Self {
        let mut known = Self::default();
        known.extend(path, text);
        known
    }

    fn extend(&mut self, path: &Path, text: &[u8]) {
        let file: Arc<Path> = Arc::from(path);
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            let place = Place {
                file: Arc::clone(&file),
                line: index + 1,
            };
            match Line::read(line) {
                Ok(Some(line)) => self.entries.push(Entry { place, line }),
                Ok(None) => {}
                Err(fault) => self.skip(place, fault),
            }
        }
    }

    fn skip(&mut self, place: Place, fault: Fault) {
        self.skipped_count += 1;
        if self.skipped.len() < MOST_SKIPPED_LISTED {
            let why = fault.to_string();
            self.skipped.push(Skipped { place, why });
        }
    }

    /// Gives the lines that were skipped, the first hundred of them.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Counts all lines that were skipped.
    #[must_use]
    pub fn skipped_count(&self) -> usize {
        self.skipped_count
    }

    /// Decides whether a key is the one on record for a host.
    ///
    /// The key is the blob that the server showed, `key_type` its kind or the
    /// signature algorithm that was agreed on. For a host with an alias
    /// (`HostKeyAlias`), give the alias and port 22.
    ///
    /// A host on another port than 22 is listed as `[name]:port`; when nothing
    /// is listed so, a line for the plain name is good enough to know the key,
    /// but not to call it changed.
    pub fn check(&self, name: &str, port: u16, key_type: &str, key: &[u8]) -> Verdict {
        let (own, plain) = (lookup_name(name, port), lookup_name(name, 22));
        let same_key = || self.entries.iter().filter(|entry| entry.line.key == key);
        let revoked = same_key()
            .filter(|entry| entry.line.marker == Marker::Revoked)
            .find(|entry| entry.line.names.matches(&own) || entry.line.names.matches(&plain));
        if let Some(entry) = revoked {
            let place = entry.place.clone();
            return Verdict::Revoked { place };
        }
        let listed_as = |name: &str| {
            same_key()
                .filter(|entry| entry.line.marker == Marker::None)
                .find(|entry| entry.line.names.matches(name))
                .map(|entry| entry.place.clone())
        };
        if let Some(place) = listed_as(&own) {
            return Verdict::Known { place };
        }
        let kind = key::kind_of_algorithm(key_type);
        let mut others: Vec<OnRecord> = self.plain_keys(&own).map(Entry::on_record).collect();
        if !others.is_empty() {
            others.sort_by_key(|other| other.key_type != kind);
            return Verdict::Changed { known: others };
        }
        match listed_as(&plain) {
            Some(place) => Verdict::Known { place },
            None => Verdict::Unknown,
        }
    }

    /// Gives the kinds of key on record for a host, such as `ssh-ed25519`, in the order of the files.
    ///
    /// A server should be asked for one of these: any other could not be checked.
    #[must_use]
    pub fn key_types(&self, name: &str, port: u16) -> Vec<String> {
        let (own, plain) = (lookup_name(name, port), lookup_name(name, 22));
        let kinds = |name: &str| {
            let mut kinds: Vec<String> = Vec::new();
            for entry in self.plain_keys(name) {
                if !kinds.contains(&entry.line.kind) {
                    kinds.push(entry.line.kind.clone());
                }
            }
            kinds
        };
        let kinds_of_own = kinds(&own);
        if kinds_of_own.is_empty() && own != plain {
            return kinds(&plain);
        }
        kinds_of_own
    }

    /// Gives the host key algorithms to ask a server for: [`Self::key_types`], with SHA-2 signatures for RSA keys.
    #[must_use]
    pub fn host_key_algorithms(&self, name: &str, port: u16) -> Vec<String> {
        let kinds = self.key_types(name, port);
        let algorithms = kinds.iter().flat_map(|kind| key::algorithms_of_kind(kind));
        algorithms.map(str::to_string).collect()
    }

    /// Gives every line that names a host, whatever its marker.
    pub fn entries_for(&self, name: &str, port: u16) -> impl Iterator<Item = OnRecord> + '_ {
        let name = lookup_name(name, port);
        self.entries
            .iter()
            .filter(move |entry| entry.line.names.matches(&name))
            .map(Entry::on_record)
    }

    /// Tells whether any line hides its host's name.
    pub(super) fn has_hashed_names(&self) -> bool {
        self.entries.iter().any(|entry| entry.line.names.is_hashed())
    }

    fn plain_keys<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.line.marker == Marker::None && entry.line.names.matches(name))
    }
}

impl Entry {
    fn on_record(&self) -> OnRecord {
        OnRecord {
            place: self.place.clone(),
            marker: self.line.marker,
            key_type: self.line.kind.clone(),
            fingerprint: key::fingerprint(&self.line.key),
        }
    }
}

/// Reads a whole file, up to the bound.
pub(super) fn content(path: &Path, file: &mut File) -> Result<Vec<u8>, KnownHostsError> {
    let bound = LARGEST_FILE_MEBIBYTES * 1024 * 1024;
    let mut text = Vec::new();
    let read = file.take(bound + 1).read_to_end(&mut text);
    let path = path.to_path_buf();
    if let Err(source) = read {
        return Err(KnownHostsError::Read { path, source });
    }
    if text.len() as u64 > bound {
        return Err(KnownHostsError::TooLarge {
            path,
            limit_mebibytes: LARGEST_FILE_MEBIBYTES,
        });
    }
    Ok(text)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
