//! Understands what `ssh` says on standard error.
//!
//! Input: bytes, of which servers write some (banners). Output: facts about
//! the connection, whether it stands, and otherwise an error. After the server
//! let us in nothing is believed any more, because the command writes there too.

use crate::ssh::error::{SshError, Tried};
use crate::ssh::place::{Place, printable};
use crate::ssh::transport::ConnectionFacts;

/// Longer lines are cut, in bytes.
const LONGEST_LINE: usize = 1024;

/// So many lines that are no chatter are kept.
const MOST_LINES: usize = 20;

/// After the server let us in, so much is read in one go and thrown away, in bytes.
const ENOUGH: usize = 256 * 1024;

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Narration {
    line: Vec<u8>,
    lines: Vec<String>,
    facts: ConnectionFacts,
    accepted: Vec<String>,
    key: Option<String>,
    is_authenticated: bool,
    heard_since: usize,
}

impl Narration {
    /// Takes more of what `ssh` says.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        if self.is_authenticated {
            self.heard_since = self.heard_since.saturating_add(bytes.len());
        }
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.understand(String::from_utf8_lossy(&line).trim());
            } else if self.line.len() < LONGEST_LINE {
                self.line.push(*byte);
            }
        }
    }

    pub(super) fn is_authenticated(&self) -> bool {
        self.is_authenticated
    }

    /// Tells whether more was read in this go than it can be worth; asking begins the next go.
    pub(super) fn has_heard_enough(&mut self) -> bool {
        let is_enough = self.heard_since > ENOUGH;
        if is_enough {
            self.heard_since = 0;
        }
        is_enough
    }

    pub(super) fn facts(&self) -> ConnectionFacts {
        self.facts.clone()
    }

    /// Gives the last line that is no chatter, safe to print.
    pub(super) fn last_words(&self) -> Option<String> {
        self.lines.last().cloned()
    }

    fn understand(&mut self, line: &str) {
        if !self.is_authenticated {
            self.learn(line);
        }
        if !line.is_empty() && !line.starts_with("debug1: ") && !line.starts_with("OpenSSH_") {
            if self.lines.len() == MOST_LINES {
                self.lines.remove(0);
            }
            self.lines.push(printable(line));
        }
    }

    fn learn(&mut self, line: &str) {
        if let Some(rest) = after(line, "debug1: Remote protocol version ") {
            let mut parts = rest.splitn(2, ", remote software version ");
            if let (Some(protocol), Some(software)) = (parts.next(), parts.next()) {
                self.facts.server = printable(&format!("SSH-{protocol}-{software}"));
            }
        } else if let Some(rest) = after(line, "debug1: Server host key: ") {
            let mut words = rest.split_whitespace();
            self.facts.host_key = printable(words.next().unwrap_or_default());
            self.facts.fingerprint = words.next().map(printable).unwrap_or_default();
        } else if let Some(rest) = after(line, "debug1: Authentications that can continue: ") {
            self.accepted = rest.split(',').take(16).map(printable).collect();
        } else if let Some(rest) = after(line, "debug1: Server accepts key: ") {
            self.key = rest.split_whitespace().next().map(printable);
        } else if line.starts_with("Warning: Permanently added ") {
            self.facts.host_key_was_accepted = true;
        } else if let Some(rest) = after(line, "Authenticated to ") {
            let method = rest.rsplit('"').nth(1).unwrap_or("unknown");
            self.facts.authenticated_by = match self.key.as_deref().filter(|_| method == "publickey") {
                Some(key) => format!("key `{key}` by `ssh`"),
                None => format!("{} by `ssh`", printable(method)),
            };
            self.is_authenticated = true;
        }
    }

    /// Says why `ssh` gave up.
    pub(super) fn failure(&self, place: &Place) -> SshError {
        let place = place.clone();
        let said = |words: &[&str]| {
            let has = |line: &&String| words.iter().any(|word| line.contains(word));
            self.lines.iter().rev().find(has).cloned()
        };
        if said(&["REMOTE HOST IDENTIFICATION HAS CHANGED"]).is_some() {
            let reason = self.with_fingerprint("THE HOST KEY HAS CHANGED, someone may be listening in");
            return SshError::HostKeyRefusedBySsh { place, reason };
        }
        if said(&["REVOKED HOST KEY", "revoked"]).is_some() {
            let reason = self.with_fingerprint("THE HOST KEY IS REVOKED");
            return SshError::HostKeyRefusedBySsh { place, reason };
        }
        if let Some(line) = said(&["host key is known for", "Host key verification failed"]) {
            let reason = self.with_fingerprint(&line);
            return SshError::HostKeyRefusedBySsh { place, reason };
        }
        if let Some(line) = said(&["Permission denied", "Too many authentication failures"]) {
            return SshError::Authentication {
                place,
                tried: vec![Tried {
                    credential: "your own `ssh`".to_string(),
                    outcome: line.clone(),
                }],
                accepted: self.accepted_or(&line),
            };
        }
        if let Some(reason) = said(&["no matching ", "Unable to negotiate"]) {
            return SshError::NoCommonAlgorithm { place, reason };
        }
        let source = |line: String| std::io::Error::other(line);
        if let Some(line) = said(&["Could not resolve hostname"]) {
            return SshError::Resolve {
                place,
                source: source(line),
            };
        }
        if let Some(reason) = said(&["administratively prohibited", "stdio forwarding failed"]) {
            return SshError::Channel {
                place,
                what: crate::ssh::error::FORWARD,
                reason,
            };
        }
        if said(&["Connection refused"]).is_some() {
            return SshError::Refused { place };
        }
        if let Some(line) = said(&[
            "timed out",
            "No route to host",
            "Network is unreachable",
            "Permission denied (connect)",
        ]) {
            return SshError::Unreachable {
                place,
                source: source(line),
            };
        }
        if let Some(reason) = said(&[
            "Bad configuration",
            "unknown option",
            "illegal option",
            "Unsupported option",
            "command-line",
        ]) {
            return SshError::Program { place, reason };
        }
        let reason = self
            .last_words()
            .unwrap_or_else(|| "`ssh` ended without a word".to_string());
        SshError::Handshake { place, reason }
    }

    fn with_fingerprint(&self, reason: &str) -> String {
        match self.facts.fingerprint.as_str() {
            "" => reason.to_string(),
            fingerprint => format!("{reason}: {} {fingerprint}", self.facts.host_key),
        }
    }

    /// Gives what the server accepts, which `Permission denied (publickey,password).` says too.
    fn accepted_or(&self, line: &str) -> Vec<String> {
        if !self.accepted.is_empty() {
            return self.accepted.clone();
        }
        let list = line
            .rsplit_once('(')
            .and_then(|(_, rest)| rest.split_once(')'))
            .map(|(list, _)| list);
        list.into_iter()
            .flat_map(|list| list.split(','))
            .map(printable)
            .collect()
    }
}

fn after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.strip_prefix(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::target::{Client, Endpoint};
    use crate::ssh::FailureKind;

    fn place() -> Place {
        Place::of(&Endpoint {
            address: "db-2".to_string(),
            port: 22,
            user: "ops".to_string(),
            host_key_alias: None,
            credentials: Vec::new(),
            known_hosts: Vec::new(),
            jumps: Vec::new(),
            client: Client::Ssh,
        })
    }

    fn heard(text: &str) -> Narration {
        let mut narration = Narration::default();
        // In pieces that cut lines, as a pipe may.
        for piece in text.as_bytes().chunks(7) {
            narration.hear(piece);
        }
        narration
    }

    #[test]
    fn a_connection_that_stands_tells_its_facts() {
        let narration = heard(
            "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.22\n\
             debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2+deb12u10\n\
             debug1: Server host key: ssh-ed25519 SHA256:abc\n\
             debug1: Server accepts key: /keys/one ED25519 SHA256:def explicit\n\
             Authenticated to 127.0.0.1 ([127.0.0.1]:2222) using \"publickey\".\n\
             debug1: Remote protocol version 2.0, remote software version LIES\n",
        );
        assert!(narration.is_authenticated());
        let facts = narration.facts();
        assert_eq!(facts.server, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10");
        assert_eq!(facts.host_key, "ssh-ed25519");
        assert_eq!(facts.fingerprint, "SHA256:abc");
        assert_eq!(facts.authenticated_by, "key `/keys/one` by `ssh`");
    }

    #[test]
    fn each_way_to_fail_has_its_kind() {
        let cases = [
            (
                "ssh: Could not resolve hostname x: Name or service not known",
                FailureKind::Address,
            ),
            (
                "ssh: connect to host x port 22: Connection refused",
                FailureKind::Unreachable,
            ),
            (
                "ssh: connect to host x port 22: Connection timed out",
                FailureKind::Unreachable,
            ),
            (
                "No ED25519 host key is known for [x]:2 and you have requested strict checking.",
                FailureKind::HostKey,
            ),
            (
                "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
                FailureKind::HostKey,
            ),
            (
                "ops@x: Permission denied (publickey,password).",
                FailureKind::Authentication,
            ),
            (
                "Unable to negotiate with x port 22: no matching host key type found.",
                FailureKind::Handshake,
            ),
            (
                "kex_exchange_identification: Connection closed by remote host",
                FailureKind::Handshake,
            ),
            (
                "command-line line 0: Bad configuration option: x",
                FailureKind::Settings,
            ),
        ];
        for (line, kind) in cases {
            assert_eq!(heard(&format!("{line}\n")).failure(&place()).kind(), kind, "{line}");
        }
    }

    #[test]
    fn what_a_server_writes_is_bounded_and_safe() {
        let flood = format!("{}\u{1b}[2J\n", "x\u{7}".repeat(1_000_000));
        let narration = heard(&flood.repeat(2));
        assert!(narration.line.len() <= LONGEST_LINE);
        let reason = narration.failure(&place()).to_string();
        assert!(reason.len() < 4000 && !reason.chars().any(char::is_control));
    }
}
