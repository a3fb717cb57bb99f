//! What is this machine? Facts from the answer to [`Question::Inventory`](crate::sampler::Question).
//!
//! Input: the text of a host, which is hostile: it may lie, be cut, or try to
//! break what shows it. Output: facts, each with when, from where and with what
//! privilege it was learnt; sorted, without control characters, bounded. What
//! the host does not say is no fact.

mod answer;
mod arm;
mod containers;
mod cpu;
mod disks;
mod jobs;
mod machine;
mod network;
mod os_release;
mod packages;
mod programs;
mod system;

use std::collections::BTreeMap;

use telemetry::inventory::{CPU_BENCHMARK, CPU_BENCHMARK_AT_LEAST, CPU_BENCHMARK_UNAVAILABLE, Fact, Learnt, Privilege};
use telemetry::untrusted::for_terminal;

use self::answer::Answer;
use super::benchmark::Outcome;
use crate::kernel::{self, Layout};
use crate::reading::Filesystem;

/// Facts of one host that are kept.
const FACTS_AT_MOST: usize = 20_000;
/// Bytes of a name of a thing, and of a value.
const ITEM_BYTES_AT_MOST: usize = 255;
const VALUE_BYTES_AT_MOST: usize = 1_000;

/// Facts about one host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The facts, sorted by name and item.
    pub facts: Vec<Fact>,
    /// What the host is built of, as the counters need it.
    pub layout: Layout,
    /// Every installed package with its version; the facts name only those that matter.
    pub packages: Vec<(String, String)>,
    /// With what power the host was asked.
    pub privilege: Privilege,
}

/// Reads the answer of a host; `at_ms` is the collector's clock, UTC milliseconds.
#[must_use]
pub fn facts(host: &str, at_ms: i64, frame: &[u8]) -> Found {
    let text = String::from_utf8_lossy(frame);
    let answer = Answer::split(&text);
    let layout = kernel::layout(frame);
    let privilege = system::privilege(&answer);
    let mut notes = Notes::new(host, at_ms, privilege);
    system::note(&answer, &layout, &mut notes);
    machine::note(&answer, &layout, &mut notes);
    cpu::note(&answer, &mut notes);
    disks::note(&answer, &layout, &mut notes);
    network::note(&answer, &layout, &mut notes);
    let packages = packages::note(&answer, &mut notes);
    containers::note(&answer, &mut notes);
    jobs::note(&answer, &mut notes);
    Found {
        privilege,
        facts: notes.into_facts(),
        layout,
        packages,
    }
}

/// Gives the facts about file systems whose sizes were asked for.
#[must_use]
pub fn filesystem_facts(
    host: &str,
    at_ms: i64,
    privilege: Privilege,
    layout: &Layout,
    sizes: &[Filesystem],
) -> Vec<Fact> {
    let mut notes = Notes::new(host, at_ms, privilege);
    disks::note_mounts(layout, sizes, &mut notes);
    notes.into_facts()
}

/// Gives the facts about programs that no package of the system brought.
#[must_use]
pub fn program_facts(host: &str, at_ms: i64, privilege: Privilege, frame: &[u8]) -> Vec<Fact> {
    let mut notes = Notes::new(host, at_ms, privilege);
    programs::note(&String::from_utf8_lossy(frame), &mut notes);
    notes.into_facts()
}

/// Gives the fact of a benchmark that was asked for.
///
/// Each kind has a source of its own, so that a refusal does not make an earlier reading history.
#[must_use]
pub fn benchmark_facts(host: &str, at_ms: i64, privilege: Privilege, outcome: &Outcome) -> Vec<Fact> {
    let mut notes = Notes::new(host, at_ms, privilege);
    match outcome {
        Outcome::Measured(benchmark) => notes.one(CPU_BENCHMARK, benchmark.to_string(), "benchmark"),
        Outcome::AtLeast(benchmark, why) => notes.one(
            CPU_BENCHMARK_AT_LEAST,
            format!("{benchmark}; {why}"),
            "benchmark of a busy host",
        ),
        Outcome::Unavailable(why) => notes.one(CPU_BENCHMARK_UNAVAILABLE, why, "benchmark that was not made"),
    }
    notes.into_facts()
}

/// Collects facts: cleans them, keeps the first of each name and item.
pub(crate) struct Notes<'h> {
    host: &'h str,
    at_ms: i64,
    privilege: Privilege,
    facts: BTreeMap<(&'static str, String), (String, &'static str)>,
}

impl<'h> Notes<'h> {
    pub(crate) fn new(host: &'h str, at_ms: i64, privilege: Privilege) -> Self {
        Self {
            host,
            at_ms,
            privilege,
            facts: BTreeMap::new(),
        }
    }

    /// Notes a fact that a host has once.
    pub(crate) fn one(&mut self, name: &'static str, value: impl AsRef<str>, how: &'static str) {
        self.of(name, "", value, how);
    }

    /// Notes a fact about one of several things; an empty value is none.
    pub(crate) fn of(&mut self, name: &'static str, item: &str, value: impl AsRef<str>, how: &'static str) {
        let value = clean(value.as_ref(), VALUE_BYTES_AT_MOST);
        if value.is_empty() || self.facts.len() >= FACTS_AT_MOST {
            return;
        }
        self.facts
            .entry((name, clean(item, ITEM_BYTES_AT_MOST)))
            .or_insert((value, how));
    }

    /// Gives the value of a fact that was noted.
    pub(crate) fn known(&self, name: &'static str) -> Option<&str> {
        self.facts.get(&(name, String::new())).map(|(value, _)| value.as_str())
    }

    fn into_facts(self) -> Vec<Fact> {
        self.facts
            .into_iter()
            .map(|((name, item), (value, how))| Fact {
                host: self.host.to_string(),
                name: name.to_string(),
                item,
                value,
                learnt: Learnt {
                    first_at_ms: self.at_ms,
                    last_at_ms: self.at_ms,
                    how: how.to_string(),
                    privilege: self.privilege,
                },
            })
            .collect()
    }
}

/// Makes text of a host fit to be kept: short, blanks for runs of them, control characters as visible escapes.
fn clean(text: &str, most: usize) -> String {
    let text = text.trim();
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    for_terminal(text.trim_end()).into_owned()
}

/// Reads a number that no machine exceeds; anything else is nothing.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    (text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests;
