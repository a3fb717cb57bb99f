//! `hosts.toml` as a whole: from its text to targets.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::document::Document;
use super::duration;
use super::environment::Environment;
use super::error::{HostsError, Problem};
use super::estate::{Estate, Host};
use super::resolve::Resolver;
use super::settings::Settings;
use super::source::shown;
use super::ssh_config::SshConfig;
use super::target::Target;
use super::warning::Warning;
use crate::counters::{Account, Stated};

/// The hosts of an assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostsFile {
    /// Whom to reach, in the order of the file; names are unique.
    pub targets: Vec<Target>,
    /// What of the ssh configuration was not taken into account.
    pub warnings: Vec<Warning>,
    /// What is said of the counters of services, by host; a host of which nothing is said is missing.
    pub services: BTreeMap<String, Stated>,
    /// Accounts that ask services for their counters, in the order of the file.
    pub accounts: Vec<Account>,
}

/// Gives the commented `hosts.toml` that an assessment starts with; it names no host.
#[must_use]
pub fn template() -> &'static str {
    include_str!("template.toml")
}

impl HostsFile {
    /// Reads a `hosts.toml` and gives whom to reach; [`Self::with_warnings`] also says what was ignored.
    ///
    /// # Errors
    /// As [`Self::with_warnings`].
    pub fn read(path: &Path, environment: &Environment) -> Result<Vec<Target>, HostsError> {
        Ok(Self::with_warnings(path, environment)?.targets)
    }

    /// Reads a `hosts.toml` and resolves it against the environment and its ssh configuration.
    ///
    /// # Errors
    /// When a file cannot be read or a line cannot be understood; with the line, the cause and a hint.
    pub fn with_warnings(path: &Path, environment: &Environment) -> Result<Self, HostsError> {
        let text = fs::read_to_string(path).map_err(|source| HostsError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        Self::from_toml(&text, path, environment)
    }

    /// Resolves the text of a `hosts.toml`; relative paths in it start at the folder of `path`.
    ///
    /// # Errors
    /// As [`Self::with_warnings`].
    pub fn from_toml(text: &str, path: &Path, environment: &Environment) -> Result<Self, HostsError> {
        let document = Document::read(text, path, environment)?;
        let estate = Estate::of(&document)?;
        let mut resolver = Resolver {
            environment,
            config: SshConfig::read(environment).map_err(HostsError::SshConfigFile)?,
            estate: &estate,
            for_text_jumps: Settings {
                jump: None,
                host_key_alias: None,
                ..document.defaults.clone()
            },
            warnings: Vec::new(),
        };
        let mut targets = Vec::new();
        let mut services = BTreeMap::new();
        for host in &estate.hosts {
            // Jump hosts that are not measured are checked all the same.
            let reach = resolver.reach(host)?;
            let target = target(host, reach)?;
            let said = &host.settings;
            if said.services.is_some() || said.counters.is_some() {
                let stated = Stated {
                    off: said.counters.as_ref().is_some_and(|on| !on.value),
                    asked: said
                        .services
                        .as_ref()
                        .map(|services| services.value.clone())
                        .unwrap_or_default(),
                };
                services.insert(host.name.clone(), stated);
            }
            if host.collect {
                targets.push(target);
            }
        }
        Ok(Self {
            targets,
            warnings: resolver.warnings,
            services,
            accounts: document.accounts.clone(),
        })
    }
}

fn target(host: &Host, reach: super::target::Reach) -> Result<Target, HostsError> {
    let settings = &host.settings;
    let interval = settings
        .interval
        .as_ref()
        .map_or(duration::DEFAULT_INTERVAL, |interval| interval.value);
    let tick = settings
        .tick
        .as_ref()
        .map_or_else(|| duration::tick_for(interval), |tick| tick.value);
    if tick > interval || !interval.as_secs().is_multiple_of(tick.as_secs().max(1)) {
        let written = settings.tick.as_ref().or(settings.interval.as_ref());
        return Err(HostsError::Line {
            place: written.map_or(&host.place, |written| &written.place).clone(),
            problem: Problem::Tick {
                host: shown(&host.name),
                tick: duration::written(tick),
                interval: duration::written(interval),
            },
        });
    }
    Ok(Target {
        name: host.name.clone(),
        reach,
        interval,
        tick,
        connections: settings
            .connections
            .as_ref()
            .map_or(Some(duration::DEFAULT_CONNECTIONS), |every| every.value),
        processes: settings
            .processes
            .as_ref()
            .map_or(Some(duration::DEFAULT_PROCESSES), |every| every.value),
        environment: settings
            .environment
            .as_ref()
            .map(|environment| environment.value.clone()),
        tags: settings.tags.clone(),
    })
}
