//! What of the ssh configuration was not taken into account.

use std::fmt;

use telemetry::untrusted::for_terminal;

use super::place::FilePlace;

/// Something that the user should know but that stops nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line of the ssh configuration.
    pub place: FilePlace,
    /// What was not taken into account.
    pub ignored: Ignored,
    /// The first host that it concerns.
    pub host: String,
    /// How many hosts it concerns, at least one.
    pub hosts: usize,
    /// The last one, so that a host that is looked at twice counts once.
    last_host: String,
}

/// What was not taken into account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ignored {
    /// A `Match` with this criterion: its block was skipped.
    Criterion(String),
    /// A keyword that only `ssh` understands, on a host with `client = "built-in"`.
    Keyword(&'static str),
    /// `CanonicalizeHostname`: names are not completed by asking the DNS.
    CanonicalNames,
}

impl Warning {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match &self.ignored {
            Ignored::Criterion(_) => "say in hosts.toml what that block sets, or leave the host to your own ssh with \
                 `client = \"ssh\"` (with `user` and `port`, if the block sets them)"
                .to_string(),
            Ignored::Keyword(_) => "remove `client = \"built-in\"` from hosts.toml to use your own ssh".to_string(),
            Ignored::CanonicalNames => "write full names in hosts.toml, or use `client = \"ssh\"`".to_string(),
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        match &self.ignored {
            Ignored::Criterion(criterion) => {
                write!(
                    f,
                    "`Match {}` is not evaluated, its block was skipped",
                    for_terminal(criterion)
                )?;
            }
            Ignored::Keyword(keyword) => write!(f, "{keyword} is ignored, because the client is \"built-in\"")?,
            Ignored::CanonicalNames => f.write_str("CanonicalizeHostname is not followed")?,
        }
        match self.hosts {
            0 | 1 => write!(f, " (host `{}`)", for_terminal(&self.host)),
            hosts => write!(f, " (host `{}` and {} more)", for_terminal(&self.host), hosts - 1),
        }
    }
}

/// Adds a warning, or counts one more host of the same.
pub(super) fn add(warnings: &mut Vec<Warning>, host: &str, place: &FilePlace, ignored: Ignored) {
    match warnings
        .iter_mut()
        .find(|known| known.place == *place && known.ignored == ignored)
    {
        Some(known) if known.last_host == host => {}
        Some(known) => {
            known.hosts += 1;
            known.last_host = host.to_string();
        }
        None => warnings.push(Warning {
            place: place.clone(),
            ignored,
            host: host.to_string(),
            hosts: 1,
            last_host: host.to_string(),
        }),
    }
}
