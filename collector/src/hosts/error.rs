//! What can be wrong with `hosts.toml`, with file, line, cause and hint.
//!
//! Values may be shown, except where a secret could stand: the text of a
//! password never enters a message, and TOML errors are told without the line
//! that they quote.

use std::io;
use std::path::PathBuf;

use super::place::FilePlace;
use super::ssh_config::SshConfigError;

/// A failure to learn whom to reach.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostsError {
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line of the file is wrong.
    #[error("{place}: {problem}")]
    Line {
        /// The line.
        place: FilePlace,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The ssh configuration cannot be understood.
    #[error("cannot tell how to reach `{host}`")]
    SshConfig {
        /// The host that needs it.
        host: String,
        /// What is wrong with it.
        #[source]
        source: SshConfigError,
    },
    /// The ssh configuration cannot be read.
    #[error("cannot read the ssh configuration")]
    SshConfigFile(#[source] SshConfigError),
}

/// What is wrong with a line of `hosts.toml`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It is no TOML.
    #[error("this is not TOML: {message}")]
    Toml {
        /// What the reader says, without the text of the line.
        message: String,
    },
    /// A key that does not exist.
    #[error("`{key}` is not known in {section}")]
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands, such as `[defaults]`.
        section: String,
        /// The known key that is nearest.
        nearest: Option<String>,
        /// All known keys.
        known: Vec<&'static str>,
    },
    /// A value of a wrong kind or out of bounds.
    #[error("`{key}` is {found}, expected {expected}")]
    Value {
        /// The key.
        key: String,
        /// What stands there, made safe; never a secret.
        found: String,
        /// What should.
        expected: String,
    },
    /// A password or pass phrase stands in the file.
    #[error("`{key}` must not hold a secret: this file is copied, shared and kept")]
    Secret {
        /// The key.
        key: String,
    },
    /// A name or address that cannot be used.
    #[error("{what_is} `{text}` {what}")]
    Text {
        /// `the name`, `the address` …
        what_is: &'static str,
        /// The text, made safe.
        text: String,
        /// What is wrong with it, as a clause.
        what: String,
        /// How to write it instead.
        instead: Option<String>,
    },
    /// An address that may hold a password, so it is not shown.
    #[error("the {key} {what}")]
    Hidden {
        /// The key.
        key: &'static str,
        /// What is wrong with it, as a clause.
        what: &'static str,
    },
    /// A host has no name.
    #[error("this host has no name")]
    NoName,
    /// Two hosts have the same name.
    #[error("`{name}` is a host already, see line {first_line}")]
    Twice {
        /// The name.
        name: String,
        /// The line of the first one.
        first_line: usize,
    },
    /// A range of names has addresses of another count.
    #[error("{names} names have {addresses} addresses")]
    Addresses {
        /// How many names.
        names: usize,
        /// How many addresses.
        addresses: usize,
    },
    /// More hosts than one collector carries.
    #[error("there are more than {most} hosts")]
    TooMany {
        /// The bound.
        most: usize,
    },
    /// Two keys that exclude each other.
    #[error("`{one}` and `{other}` exclude each other")]
    Both {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A certificate without the one key that it certifies.
    #[error("`certificate` belongs to one key, and `key` names {keys}")]
    Certificate {
        /// How many keys are named.
        keys: usize,
    },
    /// A key or certificate file that is not there.
    #[error("there is no file `{path}`")]
    NoFile {
        /// The file.
        path: String,
    },
    /// A member pattern that fits no host.
    #[error("the member `{pattern}` fits no host")]
    NoMember {
        /// The pattern.
        pattern: String,
    },
    /// Two groups of a host say different things.
    #[error("`{host}` is also in group `{other_group}`, which says something else about `{key}` (line {other_line})")]
    Disagree {
        /// The host.
        host: String,
        /// The key they disagree about.
        key: &'static str,
        /// The other group.
        other_group: String,
        /// The line in the other group.
        other_line: usize,
    },
    /// The tick does not divide the interval.
    #[error("the tick of {tick} does not divide the interval of {interval} (host `{host}`)")]
    Tick {
        /// The host.
        host: String,
        /// The tick.
        tick: String,
        /// The interval.
        interval: String,
    },
    /// Jump hosts that lead in a circle.
    #[error("the jump hosts lead in a circle: {chain}")]
    JumpLoop {
        /// The names, in order.
        chain: String,
    },
    /// A jump host that is this machine.
    #[error("`{name}` is this machine, which is no jump host")]
    LocalJump {
        /// The name.
        name: String,
    },
}

impl HostsError {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("`sizewright init DIR` writes one to start from".to_string())
            }
            Self::Read { .. } => None,
            Self::Line { problem, .. } => problem.hint(),
            Self::SshConfig { source, .. } | Self::SshConfigFile(source) => source.hint(),
        }
    }
}

impl Problem {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownKey {
                nearest: Some(nearest), ..
            } => format!("did you mean `{nearest}`?"),
            Self::UnknownKey { known, .. } => format!("known are: {}", known.join(", ")),
            Self::Secret { .. } => "write `password = \"prompt\"` to be asked for it once, or \
                 `password_command = \"pass show servers\"` for a program that prints it"
                .to_string(),
            Self::Text { instead, .. } => return instead.clone(),
            Self::Hidden { .. } => "write host and account only, as in `user@host:port`".to_string(),
            Self::NoName => "write `name = \"…\"`; a host without `address` is reached by its name".to_string(),
            Self::Twice { .. } => "give each host a name of its own".to_string(),
            Self::Addresses { .. } => "give `address` a range as long as that of `name`, or leave it out".to_string(),
            Self::Both { .. } => "keep one of them".to_string(),
            Self::Certificate { .. } => "name one key beside it, or leave `certificate` out".to_string(),
            Self::NoFile { .. } => "a relative path starts at the folder of hosts.toml; `~/` is the home folder".to_string(),
            Self::NoMember { .. } => "a pattern chooses among the hosts of this file; a name without `*` adds one".to_string(),
            Self::Disagree { key, .. } => format!("say `{key}` at the host itself, which goes before its groups"),
            Self::Tick { .. } => "choose a tick such as a half, a fifth or a sixth of the interval".to_string(),
            Self::JumpLoop { .. } => {
                "one of them must be reached directly: `jump = \"none\"` here, or `ProxyJump none` in the ssh configuration"
                    .to_string()
            }
            Self::LocalJump { .. } => "leave `jump` out to connect from this machine".to_string(),
            Self::Toml { .. } | Self::Value { .. } | Self::TooMany { .. } => return None,
        })
    }
}
