//! Goes through a configuration for one host, as OpenSSH does: the first value wins.

use super::criteria::{self, Outcome, Subject};
use super::error::SshConfigError;
use super::found::{Found, Proxy, SINGLE, Sourced, wrong};
use super::line::Directive;
use super::read::{ConfigFile, ConfigLine, SshConfig};
use super::tokens::percent;
use crate::hosts::hop::{Hop, is_host};
use crate::hosts::pattern::fits;

/// The host in question, and what was said about it before any file was read.
#[derive(Clone, Copy, Debug)]
pub(in crate::hosts) struct Asked<'a> {
    /// The name as it would be given to `ssh`.
    pub(in crate::hosts) alias: &'a str,
    /// The account, when hosts.toml says it, as with `ssh -l`.
    pub(in crate::hosts) user: Option<&'a str>,
    /// The account here, which is also the default there.
    pub(in crate::hosts) local_user: &'a str,
}

impl SshConfig {
    /// Gives what the configuration says about a host.
    pub(in crate::hosts) fn about(&self, asked: &Asked<'_>) -> Result<Found, SshConfigError> {
        let mut pass = Pass {
            asked,
            found: Found::default(),
            active: true,
            second: None,
            wants_second: false,
        };
        pass.files(&self.files)?;
        if pass.wants_second {
            pass.second = Some(host_name(&pass.found, asked.alias)?);
            pass.files(&self.files)?;
        }
        Ok(pass.found)
    }
}

/// Gives the name or address to connect to: `HostName`, or the name that was asked for.
pub(super) fn host_name(found: &Found, alias: &str) -> Result<String, SshConfigError> {
    let Some(word) = found.word("HostName")? else {
        return Ok(alias.to_lowercase());
    };
    let expanded = percent(word.value, |token| (token == 'h').then(|| alias.to_string()));
    let name = expanded.map_err(|what| wrong(&word.place, "HostName", &what))?;
    if !is_host(&name) {
        return Err(wrong(&word.place, "HostName", "is no host name or address"));
    }
    Ok(name.to_lowercase())
}

struct Pass<'a> {
    asked: &'a Asked<'a>,
    found: Found,
    active: bool,
    /// The host name that the first reading found, while this is the second.
    second: Option<String>,
    wants_second: bool,
}

impl Pass<'_> {
    fn files(&mut self, files: &[ConfigFile]) -> Result<(), SshConfigError> {
        for file in files {
            self.active = true;
            self.file(file, false)?;
        }
        Ok(())
    }

    /// `never`: the file is included from a block that does not hold, so no `Host` in it may.
    fn file(&mut self, file: &ConfigFile, never: bool) -> Result<(), SshConfigError> {
        for line in &file.lines {
            match line.directive.keyword.as_str() {
                "host" => self.active = !never && self.host_fits(line)?,
                "match" => self.active = !never && self.match_holds(line)?,
                "include" => {
                    let before = self.active;
                    for included in &line.included {
                        self.file(included, never || !before)?;
                        self.active = before;
                    }
                }
                _ if self.active => self.take(line)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn host_fits(&self, line: &ConfigLine) -> Result<bool, SshConfigError> {
        let mut fitting = false;
        for pattern in words(line, "Host")? {
            match pattern.strip_prefix('!') {
                Some(negated) if fits(negated, self.asked.alias) => return Ok(false),
                Some(_) => {}
                None => fitting |= fits(&pattern, self.asked.alias),
            }
        }
        Ok(fitting)
    }

    fn match_holds(&mut self, line: &ConfigLine) -> Result<bool, SshConfigError> {
        let host = match &self.second {
            Some(host) => host.clone(),
            None => host_name(&self.found, self.asked.alias)?,
        };
        let from_file = self.found.user()?;
        let subject = Subject {
            alias: self.asked.alias,
            host: &host,
            user: self.asked.user.or(from_file).unwrap_or(self.asked.local_user),
            local_user: self.asked.local_user,
            is_final: self.second.is_some(),
        };
        let (outcome, wants_second) = criteria::evaluate(&line.directive.rest, &subject);
        self.wants_second |= wants_second;
        match outcome {
            Outcome::Holds => Ok(true),
            Outcome::Fails => Ok(false),
            Outcome::NotKnown(criterion) => {
                let value = Sourced {
                    value: criterion,
                    place: line.place.clone(),
                };
                if !self.found.not_evaluated.contains(&value) {
                    self.found.not_evaluated.push(value);
                }
                Ok(false)
            }
            Outcome::Wrong(what) => Err(wrong(&line.place, "Match", what)),
        }
    }

    fn take(&mut self, line: &ConfigLine) -> Result<(), SshConfigError> {
        match line.directive.keyword.as_str() {
            "identityfile" => add(&mut self.found.identity_files, line, "IdentityFile"),
            "certificatefile" => add(&mut self.found.certificate_files, line, "CertificateFile"),
            "proxyjump" | "proxycommand" if self.found.proxy.is_none() => {
                let value = proxy(&line.directive).map_err(|(keyword, what)| wrong(&line.place, keyword, what))?;
                self.found.proxy = Some(Sourced {
                    value,
                    place: line.place.clone(),
                });
                Ok(())
            }
            keyword => {
                let Some(keyword) = SINGLE.into_iter().find(|known| known.eq_ignore_ascii_case(keyword)) else {
                    return Ok(());
                };
                if !self.found.first.contains_key(keyword) {
                    let value = words(line, keyword)?;
                    let place = line.place.clone();
                    self.found.first.insert(keyword, Sourced { value, place });
                }
                Ok(())
            }
        }
    }
}

fn words(line: &ConfigLine, keyword: &'static str) -> Result<Vec<String>, SshConfigError> {
    match line.directive.words() {
        Some(words) if words.iter().all(String::is_empty) => Err(wrong(&line.place, keyword, "has no value")),
        Some(words) => Ok(words),
        None => Err(wrong(&line.place, keyword, "has a quote that is not closed")),
    }
}

fn add(list: &mut Vec<Sourced<String>>, line: &ConfigLine, keyword: &'static str) -> Result<(), SshConfigError> {
    let mut words = words(line, keyword)?;
    match (words.pop(), words.is_empty()) {
        (Some(value), true) => {
            if list.iter().all(|known| known.value != value) {
                let place = line.place.clone();
                list.push(Sourced { value, place });
            }
            Ok(())
        }
        _ => Err(wrong(&line.place, keyword, "has more than one value")),
    }
}

fn proxy(directive: &Directive) -> Result<Proxy, (&'static str, &'static str)> {
    // Both take the rest of the line as it stands, after one more `=` if there is one.
    let text = directive.rest.trim_start_matches([' ', '\t', '=']);
    if directive.keyword == "proxycommand" {
        return match text {
            "" => Err(("ProxyCommand", "has no value")),
            _ if text.eq_ignore_ascii_case("none") => Ok(Proxy::NoCommand),
            _ => Ok(Proxy::Command),
        };
    }
    let text = text.split('#').next().unwrap_or(text).trim_end();
    if text.eq_ignore_ascii_case("none") {
        return Ok(Proxy::Jumps(Vec::new()));
    }
    let hops: Result<Vec<Hop>, _> = text.split(',').map(Hop::read).collect();
    let hops = hops.map_err(|what| ("ProxyJump", what))?;
    if hops.iter().any(|hop| hop.host.contains('%') && !hop.host.contains(':')) {
        return Err(("ProxyJump", "has a token such as `%h`, which is not known here"));
    }
    Ok(Proxy::Jumps(hops))
}
