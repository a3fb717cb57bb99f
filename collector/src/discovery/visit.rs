//! One visit to a host: everything that discovery asks, in one connection.

use telemetry::inventory::{Fact, Service};

use super::facts::{self, facts};
use super::flows::{Look, Watcher};
use super::processes::processes;
use super::services::{self, Fingerprints, Package};
use super::sockets::sockets;
use crate::campaign::{Feed, Trouble};
use crate::sampler::Question;

/// What one visit found.
#[derive(Clone, Debug, Default)]
pub struct Visited {
    /// Facts about the machine.
    pub facts: Vec<Fact>,
    /// Services that run on it.
    pub services: Vec<Service>,
    /// Its connections.
    pub look: Look,
    /// What could not be learnt, and why, in words.
    pub gaps: Vec<String>,
}

/// How a visit is made.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// What services are recognised by.
    pub fingerprints: &'a Fingerprints,
    /// Whether arguments, cleaned of secrets, are kept.
    pub keep_arguments: bool,
}

/// Asks a host everything; `now_ms` gives the collector's clock, UTC milliseconds.
///
/// # Errors
/// When the connection is of no use before the facts are there. What fails after that is a gap: a file system that
/// hangs does not cost the rest.
pub fn visit(
    host: &str,
    feed: &mut dyn Feed,
    manner: Manner<'_>,
    now_ms: &dyn Fn() -> i64,
) -> Result<Visited, Trouble> {
    let frame = feed.ask(Question::Inventory)?;
    let at_ms = now_ms();
    let found = facts(host, at_ms, &frame);
    let mut visited = Visited {
        facts: found.facts,
        ..Visited::default()
    };
    if visited.facts.is_empty() {
        visited.gaps.push("the host said nothing about itself".to_string());
    }
    let table = processes(&feed.ask(Question::ProcessesInFull)?);
    let seen = sockets(&feed.ask(Question::Sockets)?);
    visited.look = Watcher::default().look(&seen, at_ms);
    let packages: Vec<Package> = found
        .packages
        .into_iter()
        .map(|(name, version)| Package {
            name,
            version: Some(version),
        })
        .collect();
    visited.services = services::find(
        &services::Look {
            host,
            at_ms,
            table: &table,
            listeners: &seen.listeners,
            packages: &packages,
            keep_arguments: manner.keep_arguments,
        },
        manner.fingerprints,
    );
    if table.hidden {
        visited.gaps.push("processes of other accounts are hidden".to_string());
    }
    if table.cut || seen.cut {
        visited
            .gaps
            .push("there are more processes or connections than were told".to_string());
    }
    // The last question, since a file system that hangs ends the talk.
    let sizes = match feed.filesystems(&found.layout) {
        Ok(sizes) => sizes,
        Err(trouble) => {
            visited.gaps.push(format!("sizes of file systems: {}", trouble.message));
            Vec::new()
        }
    };
    visited.facts.extend(facts::filesystem_facts(
        host,
        at_ms,
        found.privilege,
        &found.layout,
        &sizes,
    ));
    Ok(visited)
}
