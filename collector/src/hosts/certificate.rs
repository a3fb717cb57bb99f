//! Which key does a certificate certify?

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Larger files are no public keys.
const LARGEST_PUBLIC_KEY_BYTES: u64 = 64 * 1024;

/// Gives the file of the public key that belongs to a private one.
pub(super) fn public_file(key: &Path) -> PathBuf {
    with_ending(key, ".pub")
}

/// Finds the certificate of a key: the one of these that certifies it, else the one beside it.
pub(super) fn of_key(key: &Path, candidates: &[PathBuf], keys: usize) -> Option<PathBuf> {
    let public = public_blob(&public_file(key));
    let certifies = |candidate: &&PathBuf| {
        let (Some(public), Some(certificate)) = (&public, public_blob(candidate)) else {
            return false;
        };
        match (certified_key(&certificate), after_first_field(public)) {
            (Some(certified), Some(fields)) => !fields.is_empty() && certified.starts_with(fields),
            _ => false,
        }
    };
    let beside = || Some(with_ending(key, "-cert.pub")).filter(|path| path.is_file());
    // Without the public key nothing can be compared; one key and one certificate belong together.
    let only = || match candidates {
        [only] if keys == 1 && public.is_none() => Some(only.clone()),
        _ => None,
    };
    candidates.iter().find(certifies).cloned().or_else(only).or_else(beside)
}

/// Tells whether a public key lives in a hardware token, which only the user's own `ssh` can reach.
pub(super) fn is_hardware_key(key: &Path) -> bool {
    let file = if is_public(key) {
        key.to_path_buf()
    } else {
        public_file(key)
    };
    public_text(&file).is_some_and(|text| text.starts_with("sk-"))
}

/// Tells whether a file named as a key is the public part.
pub(super) fn is_public(key: &Path) -> bool {
    key.extension().is_some_and(|ending| ending == "pub")
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_os_string();
    path.push(ending);
    PathBuf::from(path)
}

fn public_text(file: &Path) -> Option<String> {
    let about = fs::metadata(file).ok()?;
    let sensible = about.is_file() && about.len() <= LARGEST_PUBLIC_KEY_BYTES;
    sensible.then(|| fs::read_to_string(file).ok()).flatten()
}

fn public_blob(file: &Path) -> Option<Vec<u8>> {
    let text = public_text(file)?;
    STANDARD.decode(text.split_ascii_whitespace().nth(1)?).ok()
}

/// A certificate is its kind, a nonce, and then the fields of the key that follow the key's kind.
fn certified_key(certificate: &[u8]) -> Option<&[u8]> {
    let after_kind = after_first_field(certificate)?;
    after_first_field(after_kind)
}

fn after_first_field(blob: &[u8]) -> Option<&[u8]> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    rest.get(usize::try_from(u32::from_be_bytes(*length)).ok()?..)
}
