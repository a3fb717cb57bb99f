//! What is in a public key as it travels: its kind and its fingerprint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The longest name of a key kind that is believed; OpenSSH's own stay below 60 bytes.
const LONGEST_KIND: usize = 128;

/// Gives the fingerprint of a public key as OpenSSH prints it: `SHA256:` and unpadded base64.
///
/// The key is the decoded blob, as in the second word of a `.pub` file.
#[must_use]
pub fn fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key)))
}

/// Reads the kind that a public key blob names itself, such as `ssh-ed25519`.
///
/// Nothing when the blob does not begin with a sensible name or ends after it.
pub(super) fn kind(key: &[u8]) -> Option<&str> {
    let (length, rest) = key.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if length == 0 || length > LONGEST_KIND || length >= rest.len() {
        return None;
    }
    let kind = std::str::from_utf8(rest.get(..length)?).ok()?;
    kind.bytes().all(|byte| byte.is_ascii_graphic()).then_some(kind)
}

/// Gives the kind of key behind a signature algorithm: `rsa-sha2-512` is made with an `ssh-rsa` key.
pub(super) fn kind_of_algorithm(algorithm: &str) -> &str {
    match algorithm {
        "rsa-sha2-512" | "rsa-sha2-256" => "ssh-rsa",
        other => other,
    }
}

/// Gives the signature algorithms to ask a server for, to be shown a key of this kind.
///
/// An `ssh-rsa` key signs with SHA-2; SHA-1 is not asked for.
pub(super) fn algorithms_of_kind(kind: &str) -> Vec<&str> {
    match kind {
        "ssh-rsa" => vec!["rsa-sha2-512", "rsa-sha2-256"],
        other => vec![other],
    }
}

#[cfg(test)]
pub(super) fn sample_key(kind: &str, seed: u8) -> Vec<u8> {
    let mut key = u32::try_from(kind.len()).unwrap_or(0).to_be_bytes().to_vec();
    key.extend_from_slice(kind.as_bytes());
    key.extend_from_slice(&[0, 0, 0, 32]);
    key.extend_from_slice(&[seed; 32]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_names_its_kind() {
        assert_eq!(kind(&sample_key("ssh-ed25519", 1)), Some("ssh-ed25519"));
        assert_eq!(kind(b""), None);
        assert_eq!(kind(&[0, 0, 0, 200, 1, 2, 3]), None);
        assert_eq!(kind(&[0xff; 8]), None);
        assert_eq!(kind(&[0, 0, 0, 2, b'a', b'b']), None, "a kind without a key is no key");
    }

    #[test]
    fn a_fingerprint_is_unpadded_base64_of_sha256() {
        assert_eq!(fingerprint(b""), "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
    }
}
