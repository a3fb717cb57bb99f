//! The key file: a secret, and what each pseudonym stands for.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Version of the file; a reader takes no other.
const VERSION: u32 = 1;

/// What leads from pseudonyms back to names.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    format_version: u32,
    /// 32 bytes in hexadecimal, from which pseudonyms follow.
    secret: String,
    /// Name by pseudonym.
    names: BTreeMap<String, String>,
}

impl Key {
    /// Makes a key with a new secret.
    pub fn new() -> Result<Self, Failure> {
        let mut secret = [0_u8; 32];
        fs::File::open("/dev/urandom")
            .and_then(|mut random| random.read_exact(&mut secret))
            .map_err(|error| Failure::internal(error).while_trying("cannot make a secret"))?;
        Ok(Self {
            format_version: VERSION,
            secret: secret.iter().map(|byte| format!("{byte:02x}")).collect(),
            names: BTreeMap::new(),
        })
    }

    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let trying = || format!("cannot use the key `{}`", path.display());
        let text = fs::read_to_string(path).map_err(|error| Failure::user(error).while_trying(trying()))?;
        // The file's own text is a secret: what is wrong with it is said without it.
        let key: Self = serde_json::from_str(&text).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Failure::data(anyhow::anyhow!("it is not a key file: {place}")).while_trying(trying())
        })?;
        if key.format_version != VERSION || key.secret().is_none() {
            let version = key.format_version;
            let error = anyhow::anyhow!("it has format version {version}; this program reads {VERSION}");
            return Err(Failure::data(error).while_trying(trying()));
        }
        Ok(key)
    }

    /// Writes the key to a new file that only its owner may read.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let trying = || format!("cannot write the key `{}`", path.display());
        let text = serde_json::to_vec_pretty(self).map_err(Failure::internal)?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| Failure::user(error).while_trying(trying()))?;
        file.write_all(&text)
            .and_then(|()| file.sync_all())
            .map_err(|error| Failure::user(error).while_trying(trying()))
    }

    /// Gives the secret.
    pub(super) fn secret(&self) -> Option<[u8; 32]> {
        let mut secret = [0; 32];
        if self.secret.len() != 64 || !self.secret.is_ascii() {
            return None;
        }
        for (place, byte) in secret.iter_mut().enumerate() {
            *byte = u8::from_str_radix(self.secret.get(place * 2..place * 2 + 2)?, 16).ok()?;
        }
        Some(secret)
    }

    pub(super) fn names(&self) -> &BTreeMap<String, String> {
        &self.names
    }

    pub(super) fn learn(&mut self, pseudonym: String, name: String) {
        self.names.insert(pseudonym, name);
    }
}
