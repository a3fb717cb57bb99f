//! Whom to reach and how: one resolved entry of `hosts.toml`.

use std::path::PathBuf;
use std::time::Duration;

/// A host to collect from, with every default and `~/.ssh/config` entry already applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in the assessment; unique.
    pub name: String,
    /// How to get at it.
    pub reach: Reach,
    /// How often a row is stored.
    pub interval: Duration,
    /// How often counters are read within an interval.
    pub tick: Duration,
    /// How often its connections are looked at; never when absent.
    pub connections: Option<Duration>,
    /// How often its process table is read, for what each service uses; never when absent.
    pub processes: Option<Duration>,
    /// `production`, `staging` …, as the user named it.
    pub environment: Option<String>,
    /// The user's own labels.
    pub tags: Vec<String>,
}

/// The way to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This machine, without SSH.
    Local,
    /// Over SSH.
    Ssh(Endpoint),
}

/// Which program speaks SSH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Client {
    /// The SSH library inside this program.
    #[default]
    BuiltIn,
    /// The user's own `ssh`: for ProxyCommand, GSSAPI, hardware keys, and what the library lacks.
    Ssh,
}

/// One SSH server and the account on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Name or address to connect to.
    pub address: String,
    /// Port, 22 unless said otherwise.
    pub port: u16,
    /// Account.
    pub user: String,
    /// Name under which the host key is looked up, when it is not `address` (HostKeyAlias).
    pub host_key_alias: Option<String>,
    /// Ways to prove who we are, tried in this order.
    pub credentials: Vec<Credential>,
    /// Files with known host keys, first match counts.
    pub known_hosts: Vec<PathBuf>,
    /// Servers to go through, nearest first; each is connected to from the one before it.
    pub jumps: Vec<Endpoint>,
    /// Which program speaks SSH.
    pub client: Client,
}

impl Endpoint {
    /// Gives the name that the host key is looked up by.
    #[must_use]
    pub fn host_key_name(&self) -> &str {
        self.host_key_alias.as_deref().unwrap_or(&self.address)
    }
}

/// A way to prove who we are. Never holds the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// Any key in the running agent, or only that of this public key file (`IdentitiesOnly`).
    Agent {
        /// Offer only this key.
        only: Option<PathBuf>,
    },
    /// A private key file; its pass phrase is asked for when it is encrypted.
    KeyFile {
        /// The private key.
        path: PathBuf,
        /// A certificate that goes with it.
        certificate: Option<PathBuf>,
    },
    /// A password, also answered to keyboard-interactive questions.
    Password(SecretSource),
}

/// Where a password or pass phrase comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SecretSource {
    /// Asked for on the terminal, once per account.
    Prompt,
    /// The first line that a command prints.
    Command(String),
}
