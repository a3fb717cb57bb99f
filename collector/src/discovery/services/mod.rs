//! Which services run on a host? Processes, listeners and packages in, [`Service`]s out.
//!
//! ```text
//! processes ─► recognise ─► groups ─┐
//! listeners ────────────────────────┴► ports ─► naming, describe ─► Service
//! ```
//!
//! A process counts before a port: what listens on 5432 and is seen to be
//! something else is no database. A port alone says something only where other
//! accounts' processes are hidden, and then the service is called inferred.

use telemetry::inventory::Service;

use super::processes::ProcessTable;
use super::seen::Listener;

mod control_group;
mod describe;
pub mod fingerprints;
mod groups;
mod naming;
mod pattern;
mod ports;
mod recognise;

pub use fingerprints::{FingerprintError, Fingerprints};

/// What one look at a host saw, as far as services are told from it.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The host's name in the assessment.
    pub host: &'a str,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// The process table, in full.
    pub table: &'a ProcessTable,
    /// Sockets that listen; empty where they were not asked for.
    pub listeners: &'a [Listener],
    /// Packages that are installed; empty where they were not asked for.
    pub packages: &'a [Package],
    /// Whether arguments are kept in the result; they are used to recognise services all the same.
    pub keep_arguments: bool,
}

/// A package that is installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name, without architecture.
    pub name: String,
    /// Its version, where known.
    pub version: Option<String>,
}

/// A service with the processes that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The service.
    pub service: Service,
    /// Numbers of its processes, ascending; empty when they were hidden.
    pub pids: Vec<u32>,
    /// What its processes start does not belong to it: containers, sessions, jobs.
    pub children_apart: bool,
}

/// Tells which services run on a host, sorted by name.
#[must_use]
pub fn find(look: &Look<'_>, fingerprints: &Fingerprints) -> Vec<Service> {
    find_with_processes(look, fingerprints)
        .into_iter()
        .map(|found| found.service)
        .collect()
}

/// Tells which services run on a host and which processes belong to each, sorted by name.
#[must_use]
pub fn find_with_processes(look: &Look<'_>, fingerprints: &Fingerprints) -> Vec<Found> {
    let mut groups = groups::of_processes(look, fingerprints);
    let loose = ports::give_to_owners(&mut groups, look);
    groups.retain(|group| !group.fingerprint.only_with_port || !group.ports.is_empty());
    let mut found = Vec::with_capacity(groups.len());
    let mut names = naming::Names::of(&groups);
    for group in &groups {
        found.push(describe::group(group, names.name(group), look));
    }
    found.extend(ports::without_process(&loose, look, fingerprints, &mut names));
    found.sort_by(|one, other| one.service.service.cmp(&other.service.service));
    found
}

#[cfg(test)]
mod tests;
