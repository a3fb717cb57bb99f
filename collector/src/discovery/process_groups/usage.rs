//! What did each service use between two looks at the process table? A pure function.
//!
//! CPU time is counted three ways, so that little is lost between two looks:
//! a process that was there before by the difference of its own time, a new one
//! from its start, and one that has ended through the time of its children that
//! its parent has waited for, less what was counted of it before. A database
//! that starts a process per connection is measured so, too.

use std::collections::BTreeMap;

use super::OTHER;
use super::members::{Key, Members, key};
use crate::discovery::processes::ProcessTable;
use crate::discovery::seen::Process;

/// Ancestors that are looked at for one that has waited for a process that ended.
const ANCESTORS_AT_MOST: usize = 64;

/// What one service used.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// The service's name; [`OTHER`] for the remainder.
    pub service: String,
    /// Length of the interval, seconds.
    pub interval_s: f64,
    /// CPUs it kept busy in the interval.
    pub cpu_busy_cores: Option<f64>,
    /// Resident memory at its end, bytes; pages that processes share count for each of them.
    pub resident_bytes: Option<f64>,
    /// Processes at its end.
    pub processes: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    cpu_ticks: u64,
    /// A process was there before and not seen: its time cannot be told.
    unknown: bool,
    resident_bytes: u64,
    processes: u32,
}

/// Tells what each service used between two looks, and what remains of the host; nothing when the host was started
/// anew in between, no time passed, or a look was cut.
///
/// The remainder's CPU is what the host was busy and no service took; in a container, where the host's time is not to be
/// had, it is that of the other processes.
#[must_use]
pub fn usage(before: &ProcessTable, now: &ProcessTable, members: &Members) -> Vec<Usage> {
    let (Some(from_cs), Some(to_cs)) = (before.uptime_cs, now.uptime_cs) else {
        return Vec::new();
    };
    if to_cs <= from_cs || before.cut || now.cut {
        return Vec::new();
    }
    let ticks_per_s = f64::from(now.clock_ticks_per_s.max(1));
    let interval_s = (to_cs - from_cs) as f64 / 100.0;
    let earlier: BTreeMap<Key, &Process> = before.processes.iter().map(|process| (key(process), process)).collect();
    let counted_before = counted_of_ended(before, now, &earlier);
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    let mut rest = Sum::default();
    for process in &now.processes {
        let sum = match members.service(process) {
            Some(service) => sums.entry(service).or_default(),
            None => &mut rest,
        };
        sum.processes += 1;
        sum.resident_bytes = sum.resident_bytes.saturating_add(process.resident_bytes);
        let (own, children) = match earlier.get(&key(process)) {
            Some(earlier) => (
                process.cpu_ticks.saturating_sub(earlier.cpu_ticks),
                process.children_ticks.saturating_sub(earlier.children_ticks),
            ),
            None => {
                // One tick of grace: start and uptime are rounded differently.
                let started_since =
                    process.started_ticks.saturating_add(1) as f64 / ticks_per_s >= from_cs as f64 / 100.0;
                sum.unknown |= !started_since;
                (process.cpu_ticks, process.children_ticks)
            }
        };
        let children = children.saturating_sub(counted_before.get(&process.pid).copied().unwrap_or(0));
        sum.cpu_ticks = sum.cpu_ticks.saturating_add(own).saturating_add(children);
    }
    let of_services: u64 = sums.values().map(|sum| sum.cpu_ticks).fold(0, u64::saturating_add);
    if let (Some(from), Some(to)) = (before.host_busy_ticks, now.host_busy_ticks) {
        rest.cpu_ticks = to.saturating_sub(from).saturating_sub(of_services);
        // Where a service's part is not known, neither is what remains.
        rest.unknown = to < from || sums.values().any(|sum| sum.unknown);
    }
    let as_usage = |service: &str, sum: Sum, all_seen: bool| Usage {
        service: service.to_string(),
        interval_s,
        cpu_busy_cores: (!sum.unknown).then(|| sum.cpu_ticks as f64 / ticks_per_s / interval_s),
        resident_bytes: all_seen.then_some(sum.resident_bytes as f64),
        processes: sum.processes,
    };
    let mut all: Vec<Usage> = sums
        .into_iter()
        .map(|(service, sum)| as_usage(service, sum, true))
        .collect();
    let mut remainder = as_usage(OTHER, rest, !now.hidden);
    if now.hidden && now.host_busy_ticks.is_none() {
        remainder.cpu_busy_cores = None;
    }
    all.push(remainder);
    all
}

/// For each process that is still there: the time that was counted of its descendants that have ended since, which its
/// children's time may hold once more.
fn counted_of_ended(
    before: &ProcessTable,
    now: &ProcessTable,
    earlier: &BTreeMap<Key, &Process>,
) -> BTreeMap<u32, u64> {
    let mut counted: BTreeMap<u32, u64> = BTreeMap::new();
    let is_alive = |process: &Process| now.process(process.pid).is_some_and(|now| key(now) == key(process));
    for ended in earlier.values().filter(|process| !is_alive(process)) {
        let mut at: &Process = ended;
        for _ in 0..ANCESTORS_AT_MOST {
            let Some(parent) = before.process(at.parent).filter(|parent| parent.pid != at.pid) else {
                break;
            };
            if is_alive(parent) {
                // An ancestor that ended as well is counted by its own turn, with its children's time.
                let known = ended.cpu_ticks.saturating_add(ended.children_ticks);
                let sum = counted.entry(parent.pid).or_default();
                *sum = sum.saturating_add(known);
                break;
            }
            at = parent;
        }
    }
    counted
}
