//! What does `~/.ssh/config` say about a host?
//!
//! Input: the user's and the machine's ssh configuration, and the name that a
//! host is asked for by. Output: the values OpenSSH would take ([`Found`]), and
//! warnings about what is not evaluated here.
//!
//! The first value wins, as in OpenSSH; `Host`, `Include`, and `Match` with
//! `all`, `host`, `originalhost`, `user`, `localuser`, `final` and `canonical`
//! are understood. What it deliberately does not do: run the command of a
//! `Match exec`, ask the DNS for canonical names, or complain about keywords
//! that do not concern the collector.

mod criteria;
mod error;
mod evaluate;
mod found;
mod glob;
mod line;
mod read;
mod tokens;

pub use error::SshConfigError;
pub(super) use evaluate::Asked;
pub(super) use found::{Found, Proxy};
pub(super) use read::SshConfig;
pub(super) use tokens::Tokens;
