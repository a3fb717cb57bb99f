//! Reads private and public key files as far as authentication needs it.
//!
//! Input: a path. Output: the text for the library, whether it is encrypted,
//! and the public half, which an OpenSSH key file carries in clear: with it
//! the library decrypts an encrypted key once per connection instead of twice.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::blob::{kind_of_key, string};

/// Far above the largest real key file, in bytes.
const LARGEST_FILE: u64 = 128 * 1024;

/// How an OpenSSH private key file begins, once decoded.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// A failure to use a key file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file: the key, its public half or its certificate.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is no key.
    #[error("`{}` is {what}", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The key is encrypted and does not open, or is of a kind that the library lacks.
    #[error("the pass phrase is wrong, or the library does not know this kind of key")]
    DoesNotOpen,
    /// The key is of a kind that the library lacks.
    #[error("the library does not know this kind of key")]
    UnknownKind,
}

impl KeyFileError {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::NoKey { .. } => Some("name a private key in OpenSSH or PEM format".to_string()),
            Self::DoesNotOpen => Some("check the pass phrase with `ssh-keygen -y -f` and the file".to_string()),
            Self::UnknownKind => {
                Some("set `client = \"ssh\"` for this host, or load the key into an agent".to_string())
            }
        }
    }
}

/// A private key file.
pub(super) struct PrivateKey {
    /// The file as it is, for the library.
    pub(super) text: Zeroizing<String>,
    /// A pass phrase is needed.
    pub(super) is_encrypted: bool,
    /// The public half as in a `.pub` file, where it could be found without a pass phrase.
    pub(super) public: Option<String>,
}

impl PrivateKey {
    /// Reads a private key file.
    pub(super) fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_text(path)?;
        let no_key = |what| KeyFileError::NoKey {
            path: path.to_path_buf(),
            what,
        };
        if text.contains("-----BEGIN OPENSSH PRIVATE KEY-----") {
            let container = Zeroizing::new(decoded_body(&text).ok_or_else(|| no_key("damaged"))?);
            let (is_encrypted, public) = open_container(&container).ok_or_else(|| no_key("damaged"))?;
            let public = kind_of_key(public).map(|kind| format!("{kind} {}", STANDARD.encode(public)));
            return Ok(Self {
                is_encrypted,
                public,
                text,
            });
        }
        if !text.contains("PRIVATE KEY-----") {
            let is_public = public_blob(&text).is_some();
            return Err(no_key(if is_public { "a public key" } else { "no private key" }));
        }
        let is_encrypted =
            text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED");
        Ok(Self {
            is_encrypted,
            public: None,
            text,
        })
    }

    /// Gives the public key blob, where known.
    pub(super) fn public_blob(&self) -> Option<Vec<u8>> {
        self.public.as_deref().and_then(public_blob)
    }
}

/// Reads the public key blob that belongs to a path: a `.pub` file, a private key, or the `.pub` beside it.
pub(super) fn public_blob_of(path: &Path) -> Result<Vec<u8>, KeyFileError> {
    let text = read_text(path)?;
    if let Some(blob) = public_blob(&text) {
        return Ok(blob);
    }
    if let Some(blob) = PrivateKey::read(path).ok().and_then(|key| key.public_blob()) {
        return Ok(blob);
    }
    let mut beside = path.as_os_str().to_os_string();
    beside.push(".pub");
    let beside = PathBuf::from(beside);
    public_blob(&read_text(&beside)?).ok_or(KeyFileError::NoKey {
        path: beside,
        what: "no public key",
    })
}

/// Reads a certificate or public key file: the kind and the base64 text of its first line, without the remark.
pub(super) fn public_line(path: &Path) -> Result<String, KeyFileError> {
    let text = read_text(path)?;
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (Some(kind), Some(body)) if public_blob(&text).is_some() => Ok(format!("{kind} {body}")),
        _ => Err(KeyFileError::NoKey {
            path: path.to_path_buf(),
            what: "no public key or certificate",
        }),
    }
}

fn public_blob(text: &str) -> Option<Vec<u8>> {
    let mut words = text.lines().next()?.split_whitespace();
    let (kind, body) = (words.next()?, words.next()?);
    let blob = STANDARD.decode(body).ok()?;
    (kind_of_key(&blob)? == kind).then_some(blob)
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let mut text = Zeroizing::new(String::new());
    let read = File::open(path).and_then(|file| {
        // The room is there from the start, so that no copy of a key is left behind when the text grows.
        text.reserve_exact(usize::try_from(LARGEST_FILE).unwrap_or(usize::MAX));
        file.take(LARGEST_FILE).read_to_string(&mut text)
    });
    match read {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length < LARGEST_FILE) => Ok(text),
        Ok(_) => Err(KeyFileError::NoKey {
            path: path.to_path_buf(),
            what: "too large for a key",
        }),
        Err(source) => Err(KeyFileError::Read {
            path: path.to_path_buf(),
            source,
        }),
    }
}

/// Decodes what stands between the first line and the last.
fn decoded_body(text: &str) -> Option<Vec<u8>> {
    let lines = text
        .lines()
        .map(str::trim)
        .skip_while(|line| !line.starts_with("-----BEGIN"));
    let body: Zeroizing<String> = Zeroizing::new(lines.skip(1).take_while(|line| !line.starts_with("-----")).collect());
    STANDARD.decode(body.as_bytes()).ok()
}

/// Reads the clear part of an OpenSSH key container (`PROTOCOL.key`): is it encrypted, and the public key.
fn open_container(container: &[u8]) -> Option<(bool, &[u8])> {
    let rest = container.strip_prefix(MAGIC)?;
    let (cipher, rest) = string(rest)?;
    let (_derivation, rest) = string(rest)?;
    let (_options, rest) = string(rest)?;
    let (number_of_keys, rest) = rest.split_first_chunk::<4>()?;
    if u32::from_be_bytes(*number_of_keys) == 0 {
        return None;
    }
    let (public, _private) = string(rest)?;
    Some((cipher != b"none", public))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn container(cipher: &[u8]) -> String {
        let mut bytes = MAGIC.to_vec();
        let mut put = |piece: &[u8]| {
            bytes.extend_from_slice(&u32::try_from(piece.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(piece);
        };
        put(cipher);
        put(b"bcrypt");
        put(b"");
        bytes.extend_from_slice(&1u32.to_be_bytes());
        let public = b"\0\0\0\x0bssh-ed25519\0\0\0\x01k";
        bytes.extend_from_slice(&u32::try_from(public.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(public);
        format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            STANDARD.encode(bytes)
        )
    }

    #[test]
    fn the_public_half_is_read_without_the_pass_phrase() {
        for (cipher, is_encrypted) in [(&b"none"[..], false), (b"aes256-ctr", true)] {
            let (_folder, path) = written(&container(cipher));
            let key = PrivateKey::read(&path).unwrap();
            assert_eq!(key.is_encrypted, is_encrypted);
            assert!(key.public.unwrap().starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"));
        }
    }

    #[test]
    fn a_file_cut_at_any_byte_is_an_error_and_no_panic() {
        let whole = container(b"none");
        for length in 0..whole.len() - 40 {
            let (_folder, path) = written(&whole[..length]);
            let _ = PrivateKey::read(&path);
            let _ = public_blob_of(&path);
        }
        assert!(open_container(&[0xff; 64]).is_none());
    }

    #[test]
    fn a_public_key_is_not_taken_for_a_private_one() {
        let (_folder, path) = written("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAWs= remark\n");
        let error = PrivateKey::read(&path).err().unwrap();
        assert!(error.to_string().ends_with("is a public key"), "{error}");
        assert_eq!(public_line(&path).unwrap(), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAWs=");
    }

    #[test]
    fn an_endless_file_is_refused() {
        let error = PrivateKey::read(Path::new("/dev/zero")).err().unwrap();
        assert!(error.to_string().contains("too large"), "{error}");
    }
}
