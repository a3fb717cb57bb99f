//! What a failure means: its kind, whether to try again, and what the user can do.

use super::error::{FORWARD, PASSWORD, SshError};

/// Kinds of failure, for events and for deciding when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The name has no address.
    Address,
    /// Nobody answers there.
    Unreachable,
    /// No agreement on how to speak.
    Handshake,
    /// The host key is unknown, changed, revoked or cannot be checked.
    HostKey,
    /// No credential was accepted, or none could be had.
    Authentication,
    /// The entry in `hosts.toml` or the local set-up does not work.
    Settings,
    /// The server refuses to run a command or to forward.
    Refused,
    /// The connection ended.
    Closed,
    /// Something took too long.
    TimedOut,
    /// The collector is ending.
    Stopped,
}

impl FailureKind {
    /// Gives the word for events.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Unreachable => "unreachable",
            Self::Handshake => "handshake",
            Self::HostKey => "host-key",
            Self::Authentication => "authentication",
            Self::Settings => "settings",
            Self::Refused => "refused",
            Self::Closed => "closed",
            Self::TimedOut => "timed-out",
            Self::Stopped => "stopped",
        }
    }
}

impl SshError {
    /// Gives the kind of failure; one on the way counts as the jump host's own.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Resolve { .. } => FailureKind::Address,
            Self::Refused { .. } | Self::Unreachable { .. } => FailureKind::Unreachable,
            Self::Handshake { .. } | Self::NoCommonAlgorithm { .. } => FailureKind::Handshake,
            Self::HostKey { .. } | Self::HostKeyRefusedBySsh { .. } | Self::KnownHosts { .. } => FailureKind::HostKey,
            Self::Authentication { .. } | Self::Secret { .. } => FailureKind::Authentication,
            Self::KeyFile { .. } | Self::Unsupported { .. } | Self::Program { .. } => FailureKind::Settings,
            Self::Channel { .. } => FailureKind::Refused,
            Self::Closed { .. } => FailureKind::Closed,
            Self::TimedOut { .. } => FailureKind::TimedOut,
            Self::Jump { source, .. } => source.kind(),
            Self::Stopped { .. } => FailureKind::Stopped,
        }
    }

    /// Tells whether trying again soon is useless or harmful: it could lock an account, or nothing will have changed.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Jump { source, .. } => source.is_final(),
            Self::Secret { source, .. } => source.is_final(),
            _ => matches!(
                self.kind(),
                FailureKind::HostKey | FailureKind::Authentication | FailureKind::Settings
            ),
        }
    }

    /// Tells whether a password was refused: then it must not be sent again, or the account may be locked.
    #[must_use]
    pub fn is_password_refused(&self) -> bool {
        match self {
            Self::Authentication { tried, .. } => tried.iter().any(|one| one.credential == PASSWORD),
            Self::Jump { source, .. } => source.is_password_refused(),
            _ => false,
        }
    }

    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Resolve { .. } => Some("check `address` in hosts.toml, and the name server".to_string()),
            Self::Refused { .. } => Some("check `port` in hosts.toml, and that sshd runs there".to_string()),
            Self::Unreachable { .. } => {
                Some("check the route and the firewalls; a `jump` host may be needed".to_string())
            }
            Self::Handshake { .. } => Some(
                "the server may refuse us for now (MaxStartups, a ban after failures); see its own log".to_string(),
            ),
            Self::NoCommonAlgorithm { .. } => {
                Some("set `client = \"ssh\"` for this host: your own `ssh` may speak what it needs".to_string())
            }
            Self::HostKey { source, .. } => source.hint(),
            Self::HostKeyRefusedBySsh { .. } => {
                Some("compare the fingerprint on the host itself, then connect once with `ssh`".to_string())
            }
            Self::KnownHosts { source, .. } => source.hint(),
            Self::Authentication { accepted, .. } => Some(advice_for(accepted)),
            Self::Secret { source, .. } => source.hint(),
            Self::KeyFile { source, .. } => source.hint(),
            Self::Channel { what, .. } if *what == FORWARD => {
                Some("the jump host needs `AllowTcpForwarding yes`, and must reach the address itself".to_string())
            }
            Self::Jump { source, .. } => source.hint(),
            Self::Program { .. } => Some("install an OpenSSH client of 8.0 or later".to_string()),
            Self::Unsupported { .. } => Some("change the entry in hosts.toml".to_string()),
            Self::Channel { .. } | Self::Closed { .. } | Self::TimedOut { .. } | Self::Stopped { .. } => None,
        }
    }
}

fn advice_for(accepted: &[String]) -> String {
    let takes = |method: &str| accepted.iter().any(|one| one == method);
    if takes("publickey") {
        "put the public key into ~/.ssh/authorized_keys of that account, or name another `key` in hosts.toml"
    } else if takes("password") || takes("keyboard-interactive") {
        "set `password = \"prompt\"` or `password_command` for this host in hosts.toml"
    } else if accepted.iter().any(|one| one.starts_with("gssapi")) {
        "set `client = \"ssh\"` for this host: your own `ssh` speaks Kerberos"
    } else {
        "check `user` and the credentials in hosts.toml; the server's log says why it refused"
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::hosts::target::{Client, Endpoint};
    use crate::ssh::error::Tried;
    use crate::ssh::place::Place;

    fn place() -> Place {
        Place::of(&Endpoint {
            address: "db-2".to_string(),
            port: 22,
            user: "ops".to_string(),
            host_key_alias: None,
            credentials: Vec::new(),
            known_hosts: Vec::new(),
            jumps: Vec::new(),
            client: Client::BuiltIn,
        })
    }

    #[test]
    fn a_refused_password_is_told_from_a_refused_key() {
        let refused = |credential: &str| SshError::Authentication {
            place: place(),
            tried: vec![Tried {
                credential: credential.to_string(),
                outcome: "refused".to_string(),
            }],
            accepted: vec!["publickey".to_string()],
        };
        assert!(refused(PASSWORD).is_password_refused());
        assert!(!refused("key `/k`").is_password_refused());
        assert!(refused("key `/k`").is_final());
        assert_eq!(
            refused("key `/k`").to_string(),
            "ops@db-2:22 accepts none of the credentials: tried key `/k` (refused); the server takes publickey"
        );
    }

    #[test]
    fn a_failure_on_the_way_keeps_its_kind() {
        let jump = |source| SshError::Jump {
            place: place(),
            source: Arc::new(source),
        };
        let timed_out = SshError::TimedOut {
            place: place(),
            what: "answer",
            after: Duration::from_secs(5),
        };
        assert!(!jump(timed_out).is_final());
        let refused = SshError::Authentication {
            place: place(),
            tried: Vec::new(),
            accepted: vec!["gssapi-with-mic".to_string()],
        };
        let jump = jump(refused);
        assert!(jump.is_final());
        assert_eq!(jump.kind(), FailureKind::Authentication);
        assert!(jump.hint().is_some_and(|hint| hint.contains("client = \"ssh\"")));
    }
}
