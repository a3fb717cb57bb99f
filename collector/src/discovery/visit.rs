//! One visit to a host: everything that discovery asks, in one connection.

use std::sync::{Mutex, PoisonError};

use telemetry::inventory::{Fact, Service};

use super::benchmark::{self, Outcome};
use super::facts::{self, facts};
use super::flows::{Look, Watcher};
use super::processes::processes;
use super::services::{self, Fingerprints, Package};
use super::sockets::sockets;
use crate::campaign::{Feed, Trouble};
use crate::kernel::Layout;
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
    /// What came of the benchmark, where one was asked for.
    pub benchmark: Option<Outcome>,
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
    /// Whether a benchmark is run, and the lock that lets one host at a time: virtual machines may share a machine.
    pub benchmark: Option<&'a Mutex<()>>,
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
    // Late, since a file system that hangs ends the talk.
    let mut is_talking = true;
    match feed.ask(Question::Programs) {
        Ok(frame) => visited
            .facts
            .extend(facts::program_facts(host, at_ms, found.privilege, &frame)),
        Err(trouble) => {
            visited
                .gaps
                .push(format!("for which processor programs were built: {}", trouble.message));
            is_talking = false;
        }
    }
    let sizes = match feed.filesystems(&found.layout) {
        Ok(sizes) => sizes,
        Err(trouble) => {
            visited.gaps.push(format!("sizes of file systems: {}", trouble.message));
            is_talking = false;
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
    if let Some(turn) = manner.benchmark {
        let outcome = if is_talking {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            run_benchmark(feed, &found.layout)
        } else {
            Outcome::Unavailable("the host did not answer any more".to_string())
        };
        visited
            .facts
            .extend(facts::benchmark_facts(host, now_ms(), found.privilege, &outcome));
        visited.benchmark = Some(outcome);
    }
    Ok(visited)
}

/// Runs the benchmark, unless the host is busy.
fn run_benchmark(feed: &mut dyn Feed, layout: &Layout) -> Outcome {
    let busy = match feed.read(layout, true) {
        Ok(parsed) => benchmark::too_busy(&parsed.reading),
        Err(trouble) => Some(trouble.message),
    };
    match busy {
        Some(why) => Outcome::Unavailable(why),
        None => match feed.ask(Question::Benchmark) {
            Ok(frame) => benchmark::outcome(&frame),
            Err(trouble) => Outcome::Unavailable(trouble.message),
        },
    }
}
