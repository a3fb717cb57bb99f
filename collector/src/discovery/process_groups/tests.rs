#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::discovery::processes::ProcessTable;
use crate::discovery::seen::Process;
use crate::discovery::services::{Fingerprints, Look, find_with_processes};

fn process(pid: u32, parent: u32, name: &str, started: u64, cpu: u64, children: u64) -> Process {
    Process {
        pid,
        parent,
        name: name.to_string(),
        arguments: vec![name.to_string()],
        started_ticks: started,
        cpu_ticks: cpu,
        children_ticks: children,
        resident_bytes: 1 << 20,
        ..Process::default()
    }
}

fn table(uptime_s: u64, busy: Option<u64>, processes: Vec<Process>) -> ProcessTable {
    ProcessTable {
        processes,
        clock_ticks_per_s: 100,
        uptime_cs: Some(uptime_s * 100),
        host_busy_ticks: busy,
        ..ProcessTable::default()
    }
}

fn members(table: &ProcessTable) -> Members {
    let look = Look {
        host: "h",
        at_ms: 0,
        table,
        listeners: &[],
        packages: &[],
        keep_arguments: false,
    };
    Members::of(&find_with_processes(&look, &Fingerprints::built_in()), table)
}

fn cores(usage: &[Usage], service: &str) -> Option<f64> {
    usage
        .iter()
        .find(|usage| usage.service == service)
        .unwrap()
        .cpu_busy_cores
}

#[test]
fn services_and_the_rest_make_up_the_host() {
    let before = table(
        100,
        Some(5_000),
        vec![
            process(1, 0, "init", 1, 10, 0),
            process(10, 1, "redis-server", 50, 100, 0),
            process(20, 1, "tool", 50, 7, 0),
        ],
    );
    let now = table(
        160,
        Some(9_000),
        vec![
            process(1, 0, "init", 1, 10, 0),
            process(10, 1, "redis-server", 50, 1_300, 0),
            process(20, 1, "tool", 50, 607, 0),
        ],
    );
    let usage = usage(&before, &now, &members(&before));
    assert_eq!(cores(&usage, "redis"), Some(0.2));
    assert_eq!(cores(&usage, OTHER), Some(2_800.0 / 100.0 / 60.0));
    assert_eq!(usage.last().unwrap().processes, 2);
}

#[test]
fn short_lived_processes_count_through_their_parent() {
    // A backend that was seen with 30 ticks, used 20 more and ended; two that came and went unseen with 500.
    let before = table(
        100,
        None,
        vec![
            process(10, 1, "postgres", 50, 100, 1_000),
            process(11, 10, "postgres", 9_000, 30, 0),
        ],
    );
    let now = table(
        160,
        None,
        vec![
            process(10, 1, "postgres", 50, 100, 1_000 + 50 + 500),
            process(12, 10, "postgres", 15_000, 40, 0),
        ],
    );
    let mut members = members(&before);
    assert_eq!(
        members.follow(&before, &now),
        0,
        "a child of a service is no unknown process"
    );
    let usage = usage(&before, &now, &members);
    assert_eq!(cores(&usage, "postgresql"), Some(560.0 / 100.0 / 60.0));
}

#[test]
fn a_number_that_is_given_again_is_another_process() {
    let before = table(100, None, vec![process(10, 1, "redis-server", 50, 5_000, 0)]);
    let now = table(160, None, vec![process(10, 1, "redis-server", 12_000, 60, 0)]);
    let members = members(&now);
    assert_eq!(cores(&usage(&before, &now, &members), "redis"), Some(0.01));
}

#[test]
fn what_was_there_before_and_not_seen_is_not_told() {
    let before = table(100, None, vec![]);
    let now = table(160, None, vec![process(10, 1, "redis-server", 50, 5_000, 0)]);
    assert_eq!(cores(&usage(&before, &now, &members(&now)), "redis"), None);
}

#[test]
fn a_restart_and_a_cut_table_give_no_rows() {
    let before = table(100, Some(1), vec![process(10, 1, "redis-server", 50, 5_000, 0)]);
    let mut now = before.clone();
    assert!(usage(&before, &now, &Members::default()).is_empty(), "no time passed");
    now.uptime_cs = Some(1_000);
    assert!(usage(&before, &now, &Members::default()).is_empty());
    now.uptime_cs = Some(20_000);
    now.cut = true;
    assert!(usage(&before, &now, &Members::default()).is_empty());
}

#[test]
fn a_hidden_table_does_not_tell_the_memory_of_the_rest() {
    let before = table(100, Some(0), vec![process(10, 1, "redis-server", 50, 0, 0)]);
    let mut now = table(160, Some(600), vec![process(10, 1, "redis-server", 50, 60, 0)]);
    now.hidden = true;
    let usage = usage(&before, &now, &members(&now));
    let rest = usage.last().unwrap();
    assert_eq!(
        (rest.cpu_busy_cores, rest.resident_bytes),
        (Some(540.0 / 100.0 / 60.0), None)
    );
}

#[test]
fn a_stranger_is_worth_a_full_look_when_it_stays() {
    let before = table(100, None, vec![process(1, 0, "init", 1, 0, 0)]);
    let mut members = members(&before);
    let first = table(
        160,
        None,
        vec![process(1, 0, "init", 1, 0, 0), process(30, 1, "newd", 11_000, 0, 0)],
    );
    assert_eq!(members.follow(&before, &first), 0, "it may be gone at once");
    assert_eq!(members.follow(&first, &first), 1);
}

proptest! {
    #[test]
    fn nothing_is_negative_and_services_never_exceed_what_processes_used(
        early in prop::collection::vec((2_u32..40, 0_u32..40, 0_u64..3, 0_u64..500, 0_u64..500), 0..30),
        late in prop::collection::vec((2_u32..40, 0_u32..40, 0_u64..3, 0_u64..500, 0_u64..500), 0..30),
        busy in prop::option::of((0_u64..100_000, 0_u64..100_000)),
    ) {
        let make = |rows: &[(u32, u32, u64, u64, u64)]| {
            let mut all: Vec<Process> = rows.iter()
                .map(|&(pid, parent, start, cpu, children)| process(pid, parent, if pid % 3 == 0 { "redis-server" } else { "tool" }, start * 5_000, cpu, children))
                .collect();
            all.sort_by_key(|process| process.pid);
            all.dedup_by_key(|process| process.pid);
            all
        };
        let before = table(100, busy.map(|busy| busy.0), make(&early));
        let now = table(160, busy.map(|busy| busy.1), make(&late));
        let members = members(&now);
        let rows = usage(&before, &now, &members);
        let used: u64 = now.processes.iter().map(|process| process.cpu_ticks + process.children_ticks).sum();
        let mut of_services = 0.0;
        for row in &rows {
            prop_assert!(row.cpu_busy_cores.is_none_or(|cores| cores >= 0.0 && cores.is_finite()));
            if row.service != OTHER {
                of_services += row.cpu_busy_cores.unwrap_or(0.0) * row.interval_s * 100.0;
            }
        }
        prop_assert!(of_services <= used as f64 + 1e-6);
        prop_assert_eq!(rows.iter().map(|row| row.processes as usize).sum::<usize>(), now.processes.len());
    }
}
