//! What can be said about a host, its group, or all hosts, and which of them counts.

use std::path::PathBuf;
use std::time::Duration;

use super::place::{FilePlace, Written};
use super::target::{Client, SecretSource};
use crate::counters::Asked;

/// The keys of [`Settings`], as they are written.
pub(super) const KEYS: [&str; 19] = [
    "port",
    "user",
    "key",
    "certificate",
    "agent",
    "password",
    "password_command",
    "jump",
    "known_hosts",
    "host_key_alias",
    "client",
    "interval",
    "tick",
    "connections",
    "processes",
    "environment",
    "tags",
    "services",
    "counters",
];

/// What was said in one section; whatever was not said is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) port: Option<Written<u16>>,
    pub(super) user: Option<Written<String>>,
    pub(super) login: Option<Written<Login>>,
    /// Jump hosts as they were written; empty for `jump = "none"`.
    pub(super) jump: Option<Written<Vec<String>>>,
    pub(super) known_hosts: Option<Written<Vec<PathBuf>>>,
    pub(super) host_key_alias: Option<Written<String>>,
    pub(super) client: Option<Written<Client>>,
    pub(super) interval: Option<Written<Duration>>,
    pub(super) tick: Option<Written<Duration>>,
    /// How often connections are looked at; nothing inside: never.
    pub(super) connections: Option<Written<Option<Duration>>>,
    /// How often the process table is read; nothing inside: never.
    pub(super) processes: Option<Written<Option<Duration>>>,
    pub(super) environment: Option<Written<String>>,
    /// Services whose counters are read, as they were written.
    pub(super) services: Option<Written<Vec<Asked>>>,
    /// Whether counters of services are read at all.
    pub(super) counters: Option<Written<bool>>,
    /// Tags add up, all else is replaced.
    pub(super) tags: Vec<String>,
}

/// The way to prove who we are; taken as a whole from the nearest section that says anything about it.
///
/// So a key of the defaults is not tried on a host that has a password of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) keys: Vec<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) agent: Option<bool>,
    pub(super) password: Option<SecretSource>,
}

impl Settings {
    /// Takes over what is not said here.
    pub(super) fn inherit(&mut self, weaker: &Self) {
        fn take<T: Clone>(own: &mut Option<T>, weaker: &Option<T>) {
            if own.is_none() {
                own.clone_from(weaker);
            }
        }
        take(&mut self.port, &weaker.port);
        take(&mut self.user, &weaker.user);
        take(&mut self.login, &weaker.login);
        take(&mut self.jump, &weaker.jump);
        take(&mut self.known_hosts, &weaker.known_hosts);
        take(&mut self.host_key_alias, &weaker.host_key_alias);
        take(&mut self.client, &weaker.client);
        take(&mut self.interval, &weaker.interval);
        take(&mut self.tick, &weaker.tick);
        take(&mut self.connections, &weaker.connections);
        take(&mut self.processes, &weaker.processes);
        take(&mut self.environment, &weaker.environment);
        take(&mut self.services, &weaker.services);
        take(&mut self.counters, &weaker.counters);
        for tag in &weaker.tags {
            self.add_tag(tag);
        }
    }

    /// Adds a tag once.
    pub(super) fn add_tag(&mut self, tag: &str) {
        if !self.tags.iter().any(|known| known == tag) {
            self.tags.push(tag.to_string());
        }
    }

    /// Finds the first key that two sections say different things about, unless `stronger` decides it.
    pub(super) fn contradiction(&self, other: &Self, stronger: &Self) -> Option<Contradiction> {
        fn differ<T: PartialEq>(
            key: &'static str,
            one: &Option<Written<T>>,
            other: &Option<Written<T>>,
            stronger: &Option<Written<T>>,
        ) -> Option<Contradiction> {
            match (one, other, stronger) {
                (Some(one), Some(other), None) if one.value != other.value => Some(Contradiction {
                    key,
                    one: one.place.clone(),
                    other: other.place.clone(),
                }),
                _ => None,
            }
        }
        differ("port", &self.port, &other.port, &stronger.port)
            .or_else(|| differ("user", &self.user, &other.user, &stronger.user))
            .or_else(|| differ("key", &self.login, &other.login, &stronger.login))
            .or_else(|| differ("jump", &self.jump, &other.jump, &stronger.jump))
            .or_else(|| {
                differ(
                    "known_hosts",
                    &self.known_hosts,
                    &other.known_hosts,
                    &stronger.known_hosts,
                )
            })
            .or_else(|| {
                let alias = &stronger.host_key_alias;
                differ("host_key_alias", &self.host_key_alias, &other.host_key_alias, alias)
            })
            .or_else(|| differ("client", &self.client, &other.client, &stronger.client))
            .or_else(|| differ("interval", &self.interval, &other.interval, &stronger.interval))
            .or_else(|| differ("tick", &self.tick, &other.tick, &stronger.tick))
            .or_else(|| {
                differ(
                    "connections",
                    &self.connections,
                    &other.connections,
                    &stronger.connections,
                )
            })
            .or_else(|| differ("processes", &self.processes, &other.processes, &stronger.processes))
            .or_else(|| {
                differ(
                    "environment",
                    &self.environment,
                    &other.environment,
                    &stronger.environment,
                )
            })
            .or_else(|| differ("services", &self.services, &other.services, &stronger.services))
            .or_else(|| differ("counters", &self.counters, &other.counters, &stronger.counters))
    }
}

/// Two places that say different things about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contradiction {
    pub(super) key: &'static str,
    pub(super) one: FilePlace,
    pub(super) other: FilePlace,
}
