//! How is each host reached, once hosts.toml, the ssh configuration and the built-in defaults are put together?
//!
//! What hosts.toml says goes first (host, groups, defaults), then the ssh
//! configuration, then what is usual.
//!
//! A host that is left to the user's own `ssh` keeps the name that `ssh` knows
//! it by, and whatever hosts.toml does not name (credentials, known hosts,
//! jump hosts) stays empty: `ssh` reads its configuration itself.

use super::certificate::is_hardware_key;
use super::environment::Environment;
use super::error::{HostsError, Problem};
use super::estate::{Estate, Host};
use super::hop::Hop;
use super::place::FilePlace;
use super::server::Server;
use super::settings::Settings;
use super::source::shown;
use super::ssh_config::{Asked, Found, Proxy, SshConfig, SshConfigError};
use super::target::{Client, Endpoint, Reach};
use super::warning::{self, Ignored, Warning};

/// Jump hosts behind each other; OpenSSH has no bound, and real chains have two.
const LONGEST_CHAIN: usize = 16;

/// Puts the sources together for one host after the other.
pub(super) struct Resolver<'a> {
    pub(super) environment: &'a Environment,
    pub(super) config: SshConfig,
    pub(super) estate: &'a Estate,
    /// What holds for jump hosts that are named only as text.
    pub(super) for_text_jumps: Settings,
    pub(super) warnings: Vec<Warning>,
}

/// Who speaks SSH, when that is settled before a server is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Open,
    Fixed(Client),
}

/// Where jump hosts were named.
enum Jumps<'s> {
    InFile(&'s [String]),
    InConfig(Vec<Hop>),
}

impl Resolver<'_> {
    /// Says how a host is reached.
    pub(super) fn reach(&mut self, host: &Host) -> Result<Reach, HostsError> {
        if host.is_local() {
            return Ok(Reach::Local);
        }
        let server = Server::of(host);
        let choice = match &host.settings.client {
            Some(client) => Choice::Fixed(client.value),
            None => Choice::Open,
        };
        let endpoint = self.endpoint(host, &server, choice, true, &mut Vec::new())?;
        // One jump host that needs the user's ssh takes the whole way with it.
        let needs_ssh = endpoint.client == Client::Ssh || endpoint.jumps.iter().any(|jump| jump.client == Client::Ssh);
        if choice == Choice::Open && needs_ssh {
            let endpoint = self.endpoint(host, &server, Choice::Fixed(Client::Ssh), true, &mut Vec::new())?;
            return Ok(Reach::Ssh(endpoint));
        }
        Ok(Reach::Ssh(endpoint))
    }

    fn endpoint(
        &mut self,
        host: &Host,
        server: &Server<'_>,
        choice: Choice,
        with_jumps: bool,
        chain: &mut Vec<String>,
    ) -> Result<Endpoint, HostsError> {
        if chain.contains(&server.name) || chain.len() >= LONGEST_CHAIN {
            chain.push(server.name.clone());
            return Err(self.circle(host, chain));
        }
        chain.push(server.name.clone());
        let asked = Asked {
            alias: server.alias,
            user: server.said_user(),
            local_user: &self.environment.user,
        };
        let in_config = |source| HostsError::SshConfig {
            host: shown(&server.name),
            source,
        };
        let found = self.config.about(&asked).map_err(in_config)?;
        let client = self.client(host, server.settings, &found, choice).map_err(in_config)?;
        let mut endpoint = server.endpoint(&found, client, self.environment).map_err(in_config)?;
        if with_jumps {
            endpoint.jumps = self.jumps(host, server, &found, (choice, client), chain)?;
        }
        chain.pop();
        Ok(endpoint)
    }

    /// Decides who speaks SSH, and notes what is not taken into account.
    fn client(
        &mut self,
        host: &Host,
        settings: &Settings,
        found: &Found,
        choice: Choice,
    ) -> Result<Client, SshConfigError> {
        for criterion in &found.not_evaluated {
            let ignored = Ignored::Criterion(criterion.value.clone());
            warning::add(&mut self.warnings, &host.name, &criterion.place, ignored);
        }
        if choice == Choice::Fixed(Client::Ssh) {
            return Ok(Client::Ssh);
        }
        if found.is_yes("CanonicalizeHostname")?
            && let Some(words) = found.words("CanonicalizeHostname")
        {
            warning::add(&mut self.warnings, &host.name, &words.place, Ignored::CanonicalNames);
        }
        let own_file = self.environment.user_ssh_config.as_deref();
        let own_folder = self.environment.home.join(".ssh");
        let is_own = |place: &FilePlace| own_file == Some(&*place.file) || place.file.starts_with(&own_folder);
        // Jump hosts of hosts.toml take the place of the configuration's proxy.
        let needs = found.needs_own_ssh(settings.jump.is_none(), is_own)?;
        match (choice, needs) {
            (Choice::Fixed(client), Some(needs)) => {
                warning::add(
                    &mut self.warnings,
                    &host.name,
                    &needs.place,
                    Ignored::Keyword(needs.value),
                );
                Ok(client)
            }
            (Choice::Fixed(client), None) => Ok(client),
            (Choice::Open, Some(_)) => Ok(Client::Ssh),
            (Choice::Open, None) => match &settings.login {
                Some(login) if login.value.keys.iter().any(|key| is_hardware_key(key)) => Ok(Client::Ssh),
                Some(_) => Ok(Client::BuiltIn),
                None => Ok(self.client_for_keys(found)),
            },
        }
    }

    /// A key in a hardware token needs the user's ssh; files whose names have tokens are not looked at here.
    fn client_for_keys(&self, found: &Found) -> Client {
        let mut files = found
            .identity_files
            .iter()
            .filter_map(|file| self.environment.expand_home(&file.value));
        if files.any(|file| is_hardware_key(&file)) {
            Client::Ssh
        } else {
            Client::BuiltIn
        }
    }

    fn jumps(
        &mut self,
        host: &Host,
        server: &Server<'_>,
        found: &Found,
        (choice, client): (Choice, Client),
        chain: &mut Vec<String>,
    ) -> Result<Vec<Endpoint>, HostsError> {
        let jumps = match (&server.settings.jump, &found.proxy) {
            (Some(jump), _) => Jumps::InFile(&jump.value),
            (None, Some(proxy)) if client == Client::BuiltIn => match &proxy.value {
                Proxy::Jumps(hops) => Jumps::InConfig(hops.clone()),
                Proxy::Command | Proxy::NoCommand => return Ok(Vec::new()),
            },
            // The user's own ssh reads its ProxyJump itself.
            (None, _) => return Ok(Vec::new()),
        };
        let choice = match client {
            Client::Ssh => Choice::Fixed(Client::Ssh),
            Client::BuiltIn => choice,
        };
        let mut endpoints = Vec::new();
        match jumps {
            Jumps::InFile(names) => {
                for name in names {
                    if server.jump_is_inherited && *name == server.name {
                        // The defaults send everyone over this host; it is itself reached without.
                        break;
                    }
                    let is_first = endpoints.is_empty();
                    let jump = self.jump_in_file(host, name, choice, is_first, chain)?;
                    endpoints.extend(flattened(jump));
                }
            }
            Jumps::InConfig(hops) => {
                let nothing = Settings::default();
                for hop in &hops {
                    let is_first = endpoints.is_empty();
                    let jump = self.endpoint(host, &Server::of_hop(hop, &nothing), choice, is_first, chain)?;
                    endpoints.extend(flattened(jump));
                }
            }
        }
        Ok(endpoints)
    }

    fn jump_in_file(
        &mut self,
        host: &Host,
        name: &str,
        choice: Choice,
        with_jumps: bool,
        chain: &mut Vec<String>,
    ) -> Result<Endpoint, HostsError> {
        let estate = self.estate;
        if let Some(jump) = estate.find(name) {
            if jump.is_local() {
                let problem = Problem::LocalJump { name: shown(name) };
                return Err(at(place_of_jump(host), problem));
            }
            let choice = match (choice, &jump.settings.client) {
                (Choice::Open, Some(client)) => Choice::Fixed(client.value),
                _ => choice,
            };
            return self.endpoint(host, &Server::of(jump), choice, with_jumps, chain);
        }
        let hop = Hop::read(name).map_err(|what| {
            let problem = Problem::Hidden { key: "jump host", what };
            at(place_of_jump(host), problem)
        })?;
        let settings = self.for_text_jumps.clone();
        self.endpoint(host, &Server::of_hop(&hop, &settings), choice, with_jumps, chain)
    }

    fn circle(&self, host: &Host, chain: &[String]) -> HostsError {
        let chain = chain.iter().map(|name| shown(name)).collect::<Vec<_>>().join(" → ");
        at(place_of_jump(host), Problem::JumpLoop { chain })
    }
}

/// Puts a jump host behind those that lead to it.
fn flattened(mut jump: Endpoint) -> Vec<Endpoint> {
    let mut endpoints = std::mem::take(&mut jump.jumps);
    endpoints.push(jump);
    endpoints
}

fn place_of_jump(host: &Host) -> &FilePlace {
    host.settings.jump.as_ref().map_or(&host.place, |jump| &jump.place)
}

fn at(place: &FilePlace, problem: Problem) -> HostsError {
    HostsError::Line {
        place: place.clone(),
        problem,
    }
}
