//! What does one line of `known_hosts` say?
//!
//! Input: the bytes of a line. Output: an entry, nothing (blank, comment), or
//! what is wrong with it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key;
use super::names::Names;

/// Longer lines are skipped; the longest real ones (RSA keys of 16,384 bits, many names) stay below 16 KiB.
const LONGEST_LINE: usize = 64 * 1024;

/// What a line says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marker {
    /// The key is the host's.
    None,
    /// `@cert-authority`: the key signs host certificates.
    CertAuthority,
    /// `@revoked`: the key must not be accepted any more.
    Revoked,
}

/// A line that names hosts and a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) marker: Marker,
    pub(super) names: Names,
    pub(super) kind: String,
    pub(super) key: Vec<u8>,
}

/// Why a line is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Longer than any real line.
    TooLong,
    /// A word with `@` in front that is no marker.
    UnknownMarker,
    /// It begins like a hashed name but is none.
    HashedName,
    /// Fewer than the three fields names, kind and key.
    TooShort,
    /// The key is not base64.
    NotBase64,
    /// The key is not of the kind that stands before it.
    OtherKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "it is longer than 64 KiB",
            Self::UnknownMarker => "its marker is neither @revoked nor @cert-authority",
            Self::HashedName => "its hashed name is damaged",
            Self::TooShort => "it has no host names, kind and key",
            Self::NotBase64 => "its key is not base64",
            Self::OtherKind => "its key is not of the kind that it says",
        })
    }
}

impl Line {
    /// Reads a line; nothing when it is blank or a comment.
    pub(super) fn read(line: &[u8]) -> Result<Option<Self>, Fault> {
        if line.len() > LONGEST_LINE {
            return Err(Fault::TooLong);
        }
        let mut fields = line
            .split(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
            .filter(|field| !field.is_empty());
        let Some(mut first) = fields.next().filter(|field| !field.starts_with(b"#")) else {
            return Ok(None);
        };
        let mut marker = Marker::None;
        if first.starts_with(b"@") {
            marker = match first {
                b"@revoked" => Marker::Revoked,
                b"@cert-authority" => Marker::CertAuthority,
                _ => return Err(Fault::UnknownMarker),
            };
            first = fields.next().ok_or(Fault::TooShort)?;
            if first.starts_with(b"@") {
                return Err(Fault::UnknownMarker);
            }
        }
        let names = Names::read(first)?;
        // Whatever follows the key is a comment.
        let kind = fields
            .next()
            .filter(|field| !field.starts_with(b"#"))
            .ok_or(Fault::TooShort)?;
        let blob = fields.next().ok_or(Fault::TooShort)?;
        let key = STANDARD.decode(blob).map_err(|_| Fault::NotBase64)?;
        match key::kind(&key) {
            Some(own) if own.as_bytes() == kind => Ok(Some(Self {
                marker,
                names,
                kind: own.to_string(),
                key,
            })),
            _ => Err(Fault::OtherKind),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::ssh::known_hosts::key::sample_key;

    fn text(kind: &str) -> String {
        format!("{kind} {}", STANDARD.encode(sample_key(kind, 1)))
    }

    #[test]
    fn comments_and_blank_lines_say_nothing() {
        for line in ["", "   ", "# db-1 ssh-ed25519 AAAA", "\t#", "\r"] {
            assert_eq!(Line::read(line.as_bytes()), Ok(None), "{line:?}");
        }
    }

    #[test]
    fn a_line_has_names_kind_and_key_and_perhaps_a_comment() {
        let key = text("ssh-ed25519");
        for line in [
            format!("db-1 {key}"),
            format!("  db-1\t{key}   root@db-1 # new\r"),
            format!("db-1 {key} \u{e9}\u{0}"),
        ] {
            let entry = Line::read(line.as_bytes()).unwrap().unwrap();
            assert_eq!((entry.marker, entry.kind.as_str()), (Marker::None, "ssh-ed25519"));
            assert!(entry.names.matches("db-1"));
        }
    }

    #[test]
    fn markers_are_told_apart() {
        let key = text("ssh-ed25519");
        let marker = |line: String| Line::read(line.as_bytes()).map(|line| line.unwrap().marker);
        assert_eq!(marker(format!("@revoked * {key}")), Ok(Marker::Revoked));
        assert_eq!(
            marker(format!("@cert-authority\t*.example {key}")),
            Ok(Marker::CertAuthority)
        );
        assert_eq!(marker(format!("@revoke * {key}")), Err(Fault::UnknownMarker));
        assert_eq!(marker(format!("@revoked @revoked * {key}")), Err(Fault::UnknownMarker));
        assert_eq!(marker("@revoked".to_string()), Err(Fault::TooShort));
    }

    #[test]
    fn a_damaged_line_says_what_is_wrong() {
        let key = text("ssh-ed25519");
        let fault = |line: &str| Line::read(line.as_bytes()).unwrap_err();
        assert_eq!(fault("db-1"), Fault::TooShort);
        assert_eq!(fault("db-1 ssh-ed25519"), Fault::TooShort);
        assert_eq!(fault("db-1 ssh-ed25519 %%%"), Fault::NotBase64);
        assert_eq!(
            fault(&format!("db-1 {}", key.replace("ssh-ed25519", "ssh-rsa"))),
            Fault::OtherKind
        );
        assert_eq!(fault("db-1 1024 35 1234567"), Fault::NotBase64);
        assert_eq!(fault(&"x".repeat(LONGEST_LINE + 1)), Fault::TooLong);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Line::read(&line);
        }

        #[test]
        fn any_bytes_after_a_name_are_read_without_a_panic(rest in "[@|!*?, #\\[\\]a-z0-9A-Z+/=\t-]{0,200}") {
            let _ = Line::read(rest.as_bytes()).map(|line| line.map(|line| line.names.matches("db-1")));
        }
    }
}
