//! Which hosts does `hosts.toml` name, and what holds for each of them?
//!
//! Input: the sections as written. Output: one [`Host`] for each name, ranges
//! expanded, with what its groups and the defaults say about it.

use std::collections::HashMap;

use super::document::{Document, Entry};
use super::error::{HostsError, Problem};
use super::hop::is_host;
use super::pattern::fits;
use super::place::{FilePlace, Written};
use super::range::{RangeFault, expand};
use super::settings::Settings;
use super::source::shown;

/// Hosts in one file: several times what one collector carries.
const MOST_HOSTS: usize = 50_000;

/// One host, not yet resolved against the ssh configuration.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) place: FilePlace,
    /// As written; nothing when the name is the address.
    pub(super) address: Option<String>,
    pub(super) collect: bool,
    /// What holds for it: its own settings, then its groups', then the defaults.
    pub(super) settings: Settings,
    /// The jump hosts are not its own but of a group or the defaults.
    pub(super) jump_is_inherited: bool,
}

impl Host {
    pub(super) fn is_local(&self) -> bool {
        self.address.as_deref() == Some("local")
    }
}

/// All hosts, in the order of the file; those that only a group names come last.
#[derive(Clone, Debug, Default)]
pub(super) struct Estate {
    pub(super) hosts: Vec<Host>,
    places: HashMap<String, usize>,
}

impl Estate {
    /// Expands a document.
    pub(super) fn of(document: &Document) -> Result<Self, HostsError> {
        let mut estate = Self::default();
        for entry in &document.hosts {
            estate.add(entry)?;
        }
        let mut members = Vec::new();
        for group in &document.groups {
            for member in &group.members {
                if !member.value.contains(['*', '?']) {
                    estate.add_missing(member)?;
                }
            }
        }
        for group in &document.groups {
            members.push(estate.members(&group.members)?);
        }
        let own: Vec<Settings> = estate.hosts.iter().map(|host| host.settings.clone()).collect();
        let mut from_groups: Vec<Vec<usize>> = vec![Vec::new(); own.len()];
        for (group, members) in members.iter().enumerate() {
            for &member in members {
                if let Some(groups) = from_groups.get_mut(member)
                    && groups.last() != Some(&group)
                {
                    groups.push(group);
                }
            }
        }
        for ((host, own), groups) in estate.hosts.iter_mut().zip(&own).zip(&from_groups) {
            inherit(host, own, groups, document)?;
        }
        Ok(estate)
    }

    /// Finds a host by its name.
    pub(super) fn find(&self, name: &str) -> Option<&Host> {
        self.hosts.get(*self.places.get(name)?)
    }

    fn add(&mut self, entry: &Entry) -> Result<(), HostsError> {
        let names = expanded("the name", &entry.name)?;
        let addresses = match &entry.address {
            None => None,
            Some(address) if address.value == "local" => Some(vec![address.value.clone()]),
            Some(address) => Some(checked_addresses(address)?),
        };
        if let Some(addresses) = &addresses
            && addresses.len() != names.len()
        {
            let problem = Problem::Addresses {
                names: names.len(),
                addresses: addresses.len(),
            };
            return Err(at(entry.place(), problem));
        }
        for (index, name) in names.into_iter().enumerate() {
            check_name(&name, entry)?;
            if let Some(first) = self.find(&name) {
                let problem = Problem::Twice {
                    name: shown(&name),
                    first_line: first.place.line,
                };
                return Err(at(entry.place(), problem));
            }
            if self.hosts.len() >= MOST_HOSTS {
                return Err(at(entry.place(), Problem::TooMany { most: MOST_HOSTS }));
            }
            self.places.insert(name.clone(), self.hosts.len());
            self.hosts.push(Host {
                name,
                place: entry.place().clone(),
                address: addresses.as_ref().and_then(|all| all.get(index).cloned()),
                collect: entry.collect,
                settings: entry.settings.clone(),
                jump_is_inherited: entry.settings.jump.is_none(),
            });
        }
        Ok(())
    }

    /// Adds the members that are no host yet.
    fn add_missing(&mut self, member: &Written<String>) -> Result<(), HostsError> {
        for name in expanded("the member", member)? {
            if self.find(&name).is_none() {
                self.add(&Entry::named(member.map(|_| name)))?;
            }
        }
        Ok(())
    }

    fn members(&self, members: &[Written<String>]) -> Result<Vec<usize>, HostsError> {
        let mut found = Vec::new();
        for member in members {
            if member.value.contains(['*', '?']) {
                let before = found.len();
                let all = self.hosts.iter().enumerate();
                found.extend(
                    all.filter(|(_, host)| fits(&member.value, &host.name))
                        .map(|(index, _)| index),
                );
                if found.len() == before {
                    let pattern = shown(&member.value);
                    return Err(at(&member.place, Problem::NoMember { pattern }));
                }
            } else {
                let names = expanded("the member", member)?;
                found.extend(names.iter().filter_map(|name| self.places.get(name).copied()));
            }
        }
        Ok(found)
    }
}

/// Takes over what a host's groups and the defaults say.
fn inherit(host: &mut Host, own: &Settings, groups: &[usize], document: &Document) -> Result<(), HostsError> {
    let groups: Vec<_> = groups.iter().filter_map(|&group| document.groups.get(group)).collect();
    for (index, later) in groups.iter().enumerate() {
        for earlier in groups.iter().take(index) {
            if let Some(contradiction) = earlier.settings.contradiction(&later.settings, own) {
                let problem = Problem::Disagree {
                    host: shown(&host.name),
                    key: contradiction.key,
                    other_group: earlier.name.clone(),
                    other_line: contradiction.one.line,
                };
                return Err(at(&contradiction.other, problem));
            }
        }
    }
    for group in groups {
        host.settings.add_tag(&group.name);
        host.settings.inherit(&group.settings);
    }
    host.settings.inherit(&document.defaults);
    Ok(())
}

fn expanded(what_is: &'static str, text: &Written<String>) -> Result<Vec<String>, HostsError> {
    expand(&text.value).map_err(|fault| {
        let example = "a range is written as in `web-[01:20]`".to_string();
        let problem = Problem::Text {
            what_is,
            text: shown(&text.value),
            what: fault.what(),
            instead: (fault != RangeFault::TooMany).then_some(example),
        };
        at(&text.place, problem)
    })
}

fn check_name(name: &str, entry: &Entry) -> Result<(), HostsError> {
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"*?![],@/\\\"'`".contains(letter);
    let usable = !name.is_empty() && name.len() <= 255 && !name.starts_with('-') && name.chars().all(plain);
    // A host without an address is reached by its name.
    let reachable = entry.address.is_some() || is_host(name);
    if usable && reachable {
        return Ok(());
    }
    if name.contains('@') {
        let problem = Problem::Hidden {
            key: "name",
            what: "has an `@` in it; the account is written as `user = \"…\"`",
        };
        return Err(at(entry.place(), problem));
    }
    let what = match usable {
        true => "is no host name, and there is no `address`",
        false => "has signs that a name cannot have, or is too long",
    };
    Err(at(entry.place(), wrong_text("the name", name, what, None)))
}

fn checked_addresses(address: &Written<String>) -> Result<Vec<String>, HostsError> {
    if address.value.contains('@') {
        let problem = Problem::Hidden {
            key: "address",
            what: "has an `@` in it; the account is written as `user = \"…\"`",
        };
        return Err(at(&address.place, problem));
    }
    let with_port = address.value.rsplit_once(':').filter(|(host, port)| {
        let port_follows = port.parse::<u16>().is_ok() && !host.is_empty();
        port_follows && (is_host(host) || host.ends_with(']')) && !is_host(&address.value)
    });
    if let Some((host, port)) = with_port {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let instead = format!("write address = \"{}\" and port = {}", shown(host), shown(port));
        let problem = wrong_text("the address", &address.value, "has a port in it", Some(instead));
        return Err(at(&address.place, problem));
    }
    let addresses = expanded("the address", address)?;
    match addresses.iter().find(|address| !is_host(address)) {
        None => Ok(addresses),
        Some(wrong) => {
            let problem = wrong_text("the address", wrong, "is no host name and no IP address", None);
            Err(at(&address.place, problem))
        }
    }
}

fn wrong_text(what_is: &'static str, text: &str, what: &str, instead: Option<String>) -> Problem {
    Problem::Text {
        what_is,
        text: shown(text),
        what: what.to_string(),
        instead,
    }
}

fn at(place: &FilePlace, problem: Problem) -> HostsError {
    HostsError::Line {
        place: place.clone(),
        problem,
    }
}
