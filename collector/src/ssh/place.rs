//! Names an SSH server in messages.
//!
//! Input: an endpoint, whose words come from the user's files, or text of a
//! server. Output: text that is short and safe to print.

use std::fmt;
use std::sync::Arc;

use telemetry::untrusted::for_terminal;

use crate::hosts::target::Endpoint;

/// Longest text of a server in a message, in characters; what OpenSSH says fits.
const LONGEST_TEXT: usize = 240;

/// An SSH server and the account on it, as `user@address:port`, safe to print.
///
/// Shared, so that every error can name one and stay small.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place(Arc<str>);

impl Place {
    /// Names an endpoint.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let address = &endpoint.address;
        let address = if address.contains(':') {
            format!("[{address}]")
        } else {
            address.clone()
        };
        Self(printable(&format!("{}@{address}:{}", endpoint.user, endpoint.port)).into())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes text of a server safe and short: no control characters, one line, at most 240 characters of it.
#[must_use]
pub fn printable(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(LONGEST_TEXT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    for_terminal(&short).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::target::Client;

    fn endpoint(address: &str) -> Endpoint {
        Endpoint {
            address: address.to_string(),
            port: 22,
            user: "ops".to_string(),
            host_key_alias: None,
            credentials: Vec::new(),
            known_hosts: Vec::new(),
            jumps: Vec::new(),
            client: Client::BuiltIn,
        }
    }

    #[test]
    fn an_address_with_colons_stands_in_brackets() {
        assert_eq!(Place::of(&endpoint("::1")).to_string(), "ops@[::1]:22");
        assert_eq!(Place::of(&endpoint("db-2")).to_string(), "ops@db-2:22");
    }

    #[test]
    fn control_characters_do_not_reach_a_message() {
        let place = Place::of(&endpoint("db\u{1b}[2J\n")).to_string();
        assert!(!place.chars().any(char::is_control), "{place}");
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = printable(&"é".repeat(10_000));
        assert_eq!(text.chars().count(), LONGEST_TEXT + 1);
    }
}
