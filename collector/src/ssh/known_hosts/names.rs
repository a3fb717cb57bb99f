//! Does the first field of a `known_hosts` line mean this host?
//!
//! Input: the field, as patterns or as a hash, and a name. Output: yes or no.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha1::Sha1;

use super::line::Fault;

/// Bytes of a salt and of a hash: both are as long as SHA-1's result.
pub(super) const HASH_BYTES: usize = 20;

/// OpenSSH's buffer for one pattern of a list; a list with a longer one matches nothing.
const LONGEST_PATTERN: usize = 1023;

/// Gives the name under which `known_hosts` lists a host: `[name]:port`, or the bare name for port 22.
#[must_use]
pub fn lookup_name(name: &str, port: u16) -> String {
    let name = name.to_ascii_lowercase();
    match port {
        0 | 22 => name,
        _ => format!("[{name}]:{port}"),
    }
}

/// The hosts that a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// One host, whose name is hidden: `|1|salt|hash`.
    Hashed {
        /// Key of the HMAC.
        salt: [u8; HASH_BYTES],
        /// HMAC-SHA1 of the name.
        hash: [u8; HASH_BYTES],
    },
    /// Names with `*` and `?`, separated by commas, each perhaps negated with `!`.
    Patterns(Vec<u8>),
}

impl Names {
    /// Reads the first field of a line.
    pub(super) fn read(field: &[u8]) -> Result<Self, Fault> {
        if field.first() != Some(&b'|') {
            return Ok(Self::Patterns(field.to_ascii_lowercase()));
        }
        let mut parts = field
            .strip_prefix(b"|1|")
            .ok_or(Fault::HashedName)?
            .split(|&byte| byte == b'|');
        let (Some(salt), Some(hash), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Fault::HashedName);
        };
        Ok(Self::Hashed {
            salt: twenty_bytes(salt)?,
            hash: twenty_bytes(hash)?,
        })
    }

    /// Tells whether the line is about this host; the name comes from [`lookup_name`].
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Hashed { salt, hash } => hash_of(salt, name) == Some(*hash),
            Self::Patterns(list) => list_matches(list, name.as_bytes()),
        }
    }

    pub(super) fn is_hashed(&self) -> bool {
        matches!(self, Self::Hashed { .. })
    }
}

/// Writes a name hidden, as `HashKnownHosts` does.
pub(super) fn hashed_field(salt: &[u8; HASH_BYTES], name: &str) -> Option<String> {
    let hash = hash_of(salt, name)?;
    Some(format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash)))
}

fn hash_of(salt: &[u8; HASH_BYTES], name: &str) -> Option<[u8; HASH_BYTES]> {
    // An HMAC takes a key of any length, so this is never nothing.
    let mut hmac = Hmac::<Sha1>::new_from_slice(salt).ok()?;
    hmac.update(name.as_bytes());
    Some(hmac.finalize().into_bytes().into())
}

fn twenty_bytes(text: &[u8]) -> Result<[u8; HASH_BYTES], Fault> {
    let bytes = STANDARD.decode(text).map_err(|_| Fault::HashedName)?;
    <[u8; HASH_BYTES]>::try_from(bytes.as_slice()).map_err(|_| Fault::HashedName)
}

/// Matches a comma list: one pattern must match, and no negated one may.
fn list_matches(list: &[u8], name: &[u8]) -> bool {
    let mut found = false;
    for pattern in list.split(|&byte| byte == b',') {
        let (negated, pattern) = match pattern.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        if pattern.len() > LONGEST_PATTERN {
            return false;
        }
        if pattern_matches(pattern, name) {
            if negated {
                return false;
            }
            found = true;
        }
    }
    found
}

/// Matches `*` (any text) and `?` (one byte), without recursion.
fn pattern_matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(&byte) = name.get(n) {
        match pattern.get(p) {
            Some(b'*') => {
                last_star = Some((p, n));
                p += 1;
            }
            Some(&wanted) if wanted == b'?' || wanted == byte => {
                p += 1;
                n += 1;
            }
            _ => {
                // Let the last star take one byte more.
                let Some((star, taken)) = last_star else {
                    return false;
                };
                p = star + 1;
                n = taken + 1;
                last_star = Some((star, n));
            }
        }
    }
    pattern.iter().skip(p).all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn matches(field: &str, name: &str) -> bool {
        Names::read(field.as_bytes()).unwrap().matches(name)
    }

    #[test]
    fn a_negated_pattern_wins_wherever_it_stands() {
        assert!(matches("web-*,db-1", "web-7"));
        assert!(!matches("web-*,!web-7", "web-7"));
        assert!(!matches("!web-7,web-*", "web-7"));
        assert!(!matches("!db-1", "web-7"), "a negation alone matches nothing");
        assert!(matches("10.0.?.*", "10.0.4.17"));
        assert!(!matches("10.0.?.*", "10.0.44.17"));
    }

    #[test]
    fn capitals_in_a_line_do_not_matter() {
        assert!(matches("DB-1.Example", &lookup_name("db-1.EXAMPLE", 22)));
    }

    #[test]
    fn a_port_other_than_22_stands_in_the_name() {
        assert_eq!(lookup_name("Db-1", 22), "db-1");
        assert_eq!(lookup_name("Db-1", 2222), "[db-1]:2222");
        assert_eq!(lookup_name("::1", 2222), "[::1]:2222");
    }

    #[test]
    fn a_hidden_name_is_found_again() {
        let field = hashed_field(&[7; HASH_BYTES], "db-1").unwrap();
        assert!(matches(&field, "db-1"));
        assert!(!matches(&field, "db-2"));
        for damaged in ["|1|", "|1|AAAA|AAAA", "|2|a|b", "|1|a|b|c", "|"] {
            assert!(Names::read(damaged.as_bytes()).is_err(), "{damaged}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_ends_soon() {
        let pattern = "*a".repeat(500) + "b";
        assert!(!matches(&pattern, &"a".repeat(2000)));
    }
}
