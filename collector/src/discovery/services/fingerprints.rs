//! By what a service is recognised: the built-in list and what the user adds to it.
//!
//! The list is `fingerprints.toml` beside this file; docs/discovery.md explains
//! its keys. An assessment may hold a file of the same form, whose products go
//! first; one with the name of a built-in product takes its place.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use telemetry::inventory::{Category, Role};
use telemetry::untrusted::for_terminal;

use super::pattern::is_pattern_usable;

const BUILT_IN: &str = include_str!("fingerprints.toml");

/// Every product that can be recognised; the first that matches a process counts.
#[derive(Clone, Debug)]
pub struct Fingerprints {
    pub(super) products: Vec<Fingerprint>,
}

/// How one product is recognised.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fingerprint {
    /// Its name: small letters, digits and hyphens.
    pub(super) product: String,
    pub(super) category: Category,
    /// A process that answers one of these belongs to it.
    #[serde(default, rename = "match")]
    pub(super) rules: Vec<Rule>,
    /// Its usual TCP ports, the main one first.
    #[serde(default)]
    pub(super) ports: Vec<u16>,
    /// Its usual UDP ports.
    #[serde(default)]
    pub(super) udp_ports: Vec<u16>,
    /// Names of packages that bring it.
    #[serde(default)]
    pub(super) packages: Vec<String>,
    /// Paths of its configuration and programs, looked for in arguments as further evidence.
    #[serde(default)]
    pub(super) configuration: Vec<String>,
    /// Where arguments tell its version: text before and behind `{}`.
    #[serde(default)]
    pub(super) version: Vec<String>,
    /// What tells its part in a cluster; the first that holds counts.
    #[serde(default)]
    pub(super) role: Vec<RoleRule>,
    /// All its processes are one service, however many were started apart.
    #[serde(default)]
    pub(super) one_per_host: bool,
    /// What it starts does not belong to it: containers, sessions, jobs.
    #[serde(default)]
    pub(super) children_apart: bool,
    /// It is a service only if it listens: interpreters run many small tools too.
    #[serde(default)]
    pub(super) only_with_port: bool,
    /// Its name is completed by what it runs: the jar, class or script.
    #[serde(default)]
    pub(super) named_by_program: bool,
    /// It takes the processes of another product if one of its own packages is there and none of the other's.
    #[serde(default)]
    pub(super) stands_for: Option<String>,
}

/// What a process must be like; all parts that are given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// The kernel's name of the process or the file name of its program: one of these patterns.
    #[serde(default)]
    pub(super) process: Vec<String>,
    /// Some argument: one of these patterns; with a blank in it, of all arguments joined by blanks.
    #[serde(default)]
    pub(super) argument: Vec<String>,
    /// The unit or the path of the control group: one of these patterns.
    #[serde(default)]
    pub(super) unit: Vec<String>,
    /// No argument is like one of these.
    #[serde(default)]
    pub(super) unless: Vec<String>,
    /// It is a thread of the kernel.
    #[serde(default)]
    pub(super) kernel: bool,
}

/// What tells the part in a cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleRule {
    pub(super) role: Role,
    /// An argument or title of one of its processes: one of these patterns.
    #[serde(default)]
    pub(super) argument: Vec<String>,
    /// It listens on one of these ports.
    #[serde(default)]
    pub(super) port: Vec<u16>,
    /// It listens on this much above another of its ports.
    #[serde(default)]
    pub(super) port_above: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default, rename = "fingerprint")]
    fingerprints: Vec<Fingerprint>,
}

/// Why a file of fingerprints is of no use.
#[derive(Debug, thiserror::Error)]
pub enum FingerprintError {
    /// It is not TOML, or has keys or values that do not exist.
    #[error("`{}` is no list of fingerprints", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A fingerprint cannot work.
    #[error("`{}`: fingerprint `{product}` {problem}", path.display())]
    Fingerprint {
        /// The file.
        path: PathBuf,
        /// The product.
        product: String,
        /// What is wrong.
        problem: &'static str,
    },
}

impl FingerprintError {
    /// Says what the user can do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "docs/discovery.md shows how to add a fingerprint"
    }
}

impl Fingerprints {
    /// Gives the built-in list.
    ///
    /// # Panics
    /// Never: a test reads the list.
    #[must_use]
    #[allow(clippy::expect_used, reason = "the list is part of the program and tested")]
    pub fn built_in() -> Self {
        let products = read(BUILT_IN, Path::new("fingerprints.toml")).expect("the built-in list is right");
        Self { products }
    }

    /// Puts the products of a user's file before the others; of two with one name the user's counts.
    ///
    /// # Errors
    /// When the text is no list of fingerprints; `path` is for the message only.
    pub fn extended_by(mut self, text: &str, path: &Path) -> Result<Self, FingerprintError> {
        let mut products = read(text, path)?;
        self.products
            .retain(|known| products.iter().all(|own| own.product != known.product));
        products.append(&mut self.products);
        Ok(Self { products })
    }

    /// Gives the names of all products with what each is for.
    pub fn products(&self) -> impl Iterator<Item = (&str, Category)> {
        self.products
            .iter()
            .map(|fingerprint| (fingerprint.product.as_str(), fingerprint.category))
    }

    /// Tells whether a package brings one of the products, so that it is worth keeping.
    #[must_use]
    pub fn knows_package(&self, name: &str) -> bool {
        let mut all = self.products.iter().flat_map(|fingerprint| &fingerprint.packages);
        all.any(|pattern| super::pattern::matches(pattern, name))
    }
}

fn read(text: &str, path: &Path) -> Result<Vec<Fingerprint>, FingerprintError> {
    let document: Document = toml::from_str(text).map_err(|source| FingerprintError::Syntax {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    for (at, fingerprint) in document.fingerprints.iter().enumerate() {
        let twice = document
            .fingerprints
            .iter()
            .take(at)
            .any(|other| other.product == fingerprint.product);
        if let Some(problem) = problem_of(fingerprint).or_else(|| twice.then_some("is there twice")) {
            return Err(FingerprintError::Fingerprint {
                path: path.to_owned(),
                product: for_terminal(&fingerprint.product).into_owned(),
                problem,
            });
        }
    }
    Ok(document.fingerprints)
}

fn problem_of(fingerprint: &Fingerprint) -> Option<&'static str> {
    let name = &fingerprint.product;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
        return Some("needs a name of small letters, digits and hyphens");
    }
    let rules = &fingerprint.rules;
    let nothing = rules.is_empty() && fingerprint.stands_for.is_none() && fingerprint.ports.is_empty();
    if nothing && fingerprint.udp_ports.is_empty() {
        return Some("has neither `match` nor `ports`");
    }
    if rules
        .iter()
        .any(|rule| rule.process.is_empty() && rule.argument.is_empty() && rule.unit.is_empty())
    {
        return Some("has a `match` that every process answers");
    }
    let mut patterns = rules
        .iter()
        .flat_map(|rule| [&rule.process, &rule.argument, &rule.unit, &rule.unless])
        .chain(fingerprint.role.iter().map(|role| &role.argument))
        .flatten();
    if patterns.any(|pattern| !is_pattern_usable(pattern)) {
        return Some("has a pattern that matches everything or is too long");
    }
    if fingerprint
        .version
        .iter()
        .any(|pattern| pattern.matches("{}").count() != 1)
    {
        return Some("has a `version` without one `{}`");
    }
    None
}
