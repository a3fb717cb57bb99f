//! The reply about processes, a line of three hyphens, the reply about sockets: is it read without harm, and what runs told?
#![no_main]

use libfuzzer_sys::fuzz_target;
use subject::discovery::processes::processes;
use subject::discovery::services::{Fingerprints, Look, find_with_processes};
use subject::discovery::sockets::listeners;
use subject::split;

thread_local! {
    static FINGERPRINTS: Fingerprints = Fingerprints::built_in();
}

fuzz_target!(|input: &[u8]| {
    let (front, back) = split(input);
    let (table, sockets) = if front.is_empty() { (back, front) } else { (front, back) };
    let table = processes(table);
    let listeners = listeners(sockets);
    assert!(table.processes.windows(2).all(|pair| pair[0].pid < pair[1].pid));
    for process in &table.processes {
        let texts = process.arguments.iter().chain(&process.control_group);
        let harmful = |text: &str| text.chars().any(char::is_control);
        assert!(!harmful(&process.name) && !texts.into_iter().any(|text| harmful(text)), "{process:?}");
    }
    let look = Look {
        host: "h",
        at_ms: 0,
        table: &table,
        listeners: &listeners,
        packages: &[],
        keep_arguments: true,
    };
    let found = FINGERPRINTS.with(|fingerprints| find_with_processes(&look, fingerprints));
    let mut names: Vec<&str> = found.iter().map(|found| found.service.service.as_str()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two services of one name");
    let mut pids: Vec<u32> = found.iter().flat_map(|found| found.pids.iter().copied()).collect();
    pids.sort_unstable();
    let owned = pids.len();
    pids.dedup();
    assert_eq!(pids.len(), owned, "a process of two services");
});
