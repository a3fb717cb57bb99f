//! Whom to reach, and how?
//!
//! Input: `hosts.toml`, the ssh configuration, and the [`Environment`] of the
//! user. Output: one [`Target`] for each host, with nothing left to look up.
//!
//! What it deliberately does not do: resolve names, connect, or hold a
//! password. It reads files and asks whether key files are there.

mod accounts;
mod certificate;
mod credentials;
mod document;
mod duration;
mod environment;
mod error;
mod estate;
mod file;
mod hop;
mod pattern;
mod place;
mod range;
mod resolve;
mod section;
mod select;
mod server;
mod settings;
mod source;
mod spacing;
mod ssh_config;
pub mod target;
mod warning;

pub use environment::Environment;
pub use error::{HostsError, Problem};
pub use file::{HostsFile, template};
pub use pattern::fits as fits_pattern;
pub use place::FilePlace;
pub use range::MOST_NAMES;
pub use select::{NothingSelected, idle_pattern, select};
pub use spacing::SpacingError;
pub use ssh_config::SshConfigError;
pub use target::{Client, Credential, Endpoint, Reach, SecretSource, Target};
pub use warning::{Ignored, Warning};
