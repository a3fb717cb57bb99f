//! The values that an ssh configuration has for one host, with where each was found.

use std::collections::BTreeMap;

use super::error::SshConfigError;
use crate::hosts::hop::{Hop, is_user};
use crate::hosts::place::{FilePlace, Written};

/// A value and the line it comes from.
pub(in crate::hosts) type Sourced<T> = Written<T>;

/// Keywords of which the first value counts.
pub(super) const SINGLE: [&str; 16] = [
    "HostName",
    "Port",
    "User",
    "IdentitiesOnly",
    "IdentityAgent",
    "UserKnownHostsFile",
    "GlobalKnownHostsFile",
    "HostKeyAlias",
    "CanonicalizeHostname",
    "PKCS11Provider",
    "SecurityKeyProvider",
    "GSSAPIAuthentication",
    "RevokedHostKeys",
    "KnownHostsCommand",
    "BindAddress",
    "BindInterface",
];

/// What stands between this machine and the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hosts) enum Proxy {
    /// `ProxyJump`: servers to go through, nearest first; none for `none`.
    Jumps(Vec<Hop>),
    /// `ProxyCommand`: a program of the user's.
    Command,
    /// `ProxyCommand none`.
    NoCommand,
}

/// What an ssh configuration says about one host, not yet expanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::hosts) struct Found {
    pub(super) first: BTreeMap<&'static str, Sourced<Vec<String>>>,
    /// `IdentityFile` lines, each counts.
    pub(in crate::hosts) identity_files: Vec<Sourced<String>>,
    /// `CertificateFile` lines, each counts.
    pub(in crate::hosts) certificate_files: Vec<Sourced<String>>,
    /// `ProxyJump` or `ProxyCommand`, whichever comes first.
    pub(in crate::hosts) proxy: Option<Sourced<Proxy>>,
    /// `Match` lines whose outcome is not known here, with the criterion.
    pub(in crate::hosts) not_evaluated: Vec<Sourced<String>>,
}

impl Found {
    /// Gives the first value of a keyword, all its words.
    pub(in crate::hosts) fn words(&self, keyword: &str) -> Option<&Sourced<Vec<String>>> {
        self.first.get(keyword)
    }

    /// Gives the one word that a keyword takes.
    pub(in crate::hosts) fn word(&self, keyword: &'static str) -> Result<Option<Sourced<&str>>, SshConfigError> {
        let Some(words) = self.first.get(keyword) else {
            return Ok(None);
        };
        match words.value.as_slice() {
            [word] if !word.is_empty() => Ok(Some(Sourced {
                value: word.as_str(),
                place: words.place.clone(),
            })),
            [] | [_] => Err(wrong(&words.place, keyword, "has no value")),
            _ => Err(wrong(&words.place, keyword, "has more than one value")),
        }
    }

    /// Gives the name or address to connect to: `HostName`, or the name that was asked for.
    pub(in crate::hosts) fn host_name(&self, alias: &str) -> Result<String, SshConfigError> {
        super::evaluate::host_name(self, alias)
    }

    /// Gives the account.
    pub(in crate::hosts) fn user(&self) -> Result<Option<&str>, SshConfigError> {
        match self.word("User")? {
            Some(word) if !is_user(word.value) => Err(wrong(&word.place, "User", "has signs that no account has")),
            word => Ok(word.map(|word| word.value)),
        }
    }

    /// Gives the port.
    pub(in crate::hosts) fn port(&self) -> Result<Option<u16>, SshConfigError> {
        let Some(word) = self.word("Port")? else {
            return Ok(None);
        };
        match word.value.parse() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ if word.value == "ssh" => Ok(Some(22)),
            _ => Err(wrong(&word.place, "Port", "is not a number between 1 and 65535")),
        }
    }

    /// Gives a keyword that is `yes` or `no`; other words count as yes, because they switch something on.
    pub(in crate::hosts) fn is_yes(&self, keyword: &'static str) -> Result<bool, SshConfigError> {
        let word = self.word(keyword)?;
        let off = |word: Sourced<&str>| matches!(word.value.to_lowercase().as_str(), "no" | "false" | "none" | "off");
        Ok(word.is_some_and(|word| !off(word)))
    }

    /// Names the first thing that only the user's own `ssh` can do, and where it was asked for.
    ///
    /// `GSSAPIAuthentication` counts only in the user's own file, which
    /// `is_own` recognises: distributions switch it on for everyone.
    pub(in crate::hosts) fn needs_own_ssh(
        &self,
        proxy_counts: bool,
        is_own: impl Fn(&FilePlace) -> bool,
    ) -> Result<Option<Sourced<&'static str>>, SshConfigError> {
        if let Some(proxy) = &self.proxy
            && proxy.value == Proxy::Command
            && proxy_counts
        {
            return Ok(Some(proxy.map(|_| "ProxyCommand")));
        }
        for keyword in [
            "PKCS11Provider",
            "SecurityKeyProvider",
            "GSSAPIAuthentication",
            "RevokedHostKeys",
            "KnownHostsCommand",
            "BindAddress",
            "BindInterface",
            "IdentityAgent",
        ] {
            let Some(words) = self.first.get(keyword) else {
                continue;
            };
            let built_in = match keyword {
                "GSSAPIAuthentication" => !is_own(&words.place) || !self.is_yes(keyword)?,
                "IdentityAgent" => self.word(keyword)?.is_some_and(|word| {
                    matches!(
                        word.value,
                        "none" | "SSH_AUTH_SOCK" | "$SSH_AUTH_SOCK" | "${SSH_AUTH_SOCK}"
                    )
                }),
                "SecurityKeyProvider" => self.word(keyword)?.is_some_and(|word| word.value == "internal"),
                "KnownHostsCommand" => words.value.first().is_some_and(|word| word == "none"),
                _ => !self.is_yes(keyword)?,
            };
            if !built_in {
                return Ok(Some(words.map(|_| keyword)));
            }
        }
        Ok(None)
    }
}

/// Makes the error about a value.
pub(super) fn wrong(place: &FilePlace, keyword: &'static str, what: &str) -> SshConfigError {
    SshConfigError::Value {
        place: place.clone(),
        keyword,
        what: what.to_string(),
    }
}
