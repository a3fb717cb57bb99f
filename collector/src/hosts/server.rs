//! One server without its way: address, account, credentials and known hosts.
//!
//! Input: what hosts.toml and the ssh configuration say. Output: an
//! [`Endpoint`] whose jump hosts are still missing.

use std::path::PathBuf;

use super::credentials;
use super::environment::Environment;
use super::estate::Host;
use super::hop::Hop;
use super::settings::Settings;
use super::ssh_config::{Found, SshConfigError, Tokens};
use super::target::{Client, Endpoint};

/// The port of SSH.
const USUAL_PORT: u16 = 22;

/// A server to resolve: a host of the file, or a jump host.
pub(super) struct Server<'a> {
    /// For messages and against circles.
    pub(super) name: String,
    /// The name as `ssh` would be given it.
    pub(super) alias: &'a str,
    pub(super) settings: &'a Settings,
    /// Account and port from a text such as `user@host:port`; these go first.
    user: Option<&'a str>,
    port: Option<u16>,
    pub(super) jump_is_inherited: bool,
}

impl<'a> Server<'a> {
    pub(super) fn of(host: &'a Host) -> Self {
        Self {
            name: host.name.clone(),
            alias: host.address.as_deref().unwrap_or(&host.name),
            settings: &host.settings,
            user: None,
            port: None,
            jump_is_inherited: host.jump_is_inherited,
        }
    }

    pub(super) fn of_hop(hop: &'a Hop, settings: &'a Settings) -> Self {
        Self {
            name: hop.host.clone(),
            alias: &hop.host,
            settings,
            user: hop.user.as_deref(),
            port: hop.port,
            jump_is_inherited: false,
        }
    }

    /// Gives the account that hosts.toml or a jump host's text says.
    pub(super) fn said_user(&self) -> Option<&str> {
        self.user
            .or(self.settings.user.as_ref().map(|user| user.value.as_str()))
    }

    /// Puts together everything but the jump hosts.
    pub(super) fn endpoint(
        &self,
        found: &Found,
        client: Client,
        environment: &Environment,
    ) -> Result<Endpoint, SshConfigError> {
        let user = match self.said_user() {
            Some(user) => user.to_string(),
            None => found.user()?.unwrap_or(&environment.user).to_string(),
        };
        let port = match self.port.or(self.settings.port.as_ref().map(|port| port.value)) {
            Some(port) => port,
            None => found.port()?.unwrap_or(USUAL_PORT),
        };
        let alias = match &self.settings.host_key_alias {
            Some(alias) => Some(alias.value.as_str()),
            None => found.word("HostKeyAlias")?.map(|word| word.value),
        };
        let host_key_alias = alias.map(str::to_lowercase);
        let address = match client {
            // It knows the host by this name, and by no other.
            Client::Ssh => self.alias.to_string(),
            Client::BuiltIn => found.host_name(self.alias)?,
        };
        let tokens = Tokens {
            environment,
            alias: self.alias,
            host: &address,
            port,
            user: &user,
            host_key: host_key_alias.as_deref().unwrap_or(&address),
        };
        let credentials = match (&self.settings.login, client) {
            (Some(login), _) => credentials::of_login(&login.value, environment),
            (None, Client::BuiltIn) => credentials::of_config(found, &tokens, environment)?,
            (None, Client::Ssh) => Vec::new(),
        };
        let known_hosts = match (&self.settings.known_hosts, client) {
            (None, Client::Ssh) => Vec::new(),
            _ => self.known_hosts(found, &tokens)?,
        };
        Ok(Endpoint {
            address,
            port,
            user,
            host_key_alias,
            credentials,
            known_hosts,
            jumps: Vec::new(),
            client,
        })
    }

    /// The files of hosts.toml or of the user, and those of the machine, in which keys may be revoked.
    fn known_hosts(&self, found: &Found, tokens: &Tokens<'_>) -> Result<Vec<PathBuf>, SshConfigError> {
        let of_user = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];
        let of_machine = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
        let mut files = match &self.settings.known_hosts {
            Some(files) => files.value.clone(),
            None => named_or_usual(found, "UserKnownHostsFile", of_user, tokens)?,
        };
        files.extend(named_or_usual(found, "GlobalKnownHostsFile", of_machine, tokens)?);
        Ok(files)
    }
}

fn named_or_usual(
    found: &Found,
    keyword: &'static str,
    usual: [&str; 2],
    tokens: &Tokens<'_>,
) -> Result<Vec<PathBuf>, SshConfigError> {
    let Some(words) = found.words(keyword) else {
        let expand = |path: &&str| tokens.environment.expand_home(path);
        return Ok(usual.iter().filter_map(expand).collect());
    };
    let named = words.value.iter().filter(|word| !word.eq_ignore_ascii_case("none"));
    named
        .map(|word| tokens.path(&words.map(|_| word.clone()), keyword))
        .collect()
}
