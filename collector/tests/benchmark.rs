//! The benchmark as hosts run it: in every shell at hand, the same work, nothing left behind.
#![allow(clippy::unwrap_used, missing_docs, clippy::print_stdout)]

mod piped;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use collector::discovery::benchmark::{Outcome, outcome};
use collector::sampler::{COMMAND, Question, Request, Sampler};
use piped::Piped;
use sizewright_collector as collector;

/// Gives the names of all processes below one.
fn below(pid: u32) -> Vec<String> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let mut names = Vec::new();
    for child in children.split_whitespace() {
        let name = std::fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
        names.push(name.trim().to_string());
        names.extend(below(child.parse().unwrap()));
    }
    names
}

#[test]
fn every_shell_at_hand_does_the_same_work_in_seconds() {
    let mut made = BTreeSet::new();
    let mut ran = Vec::new();
    for shell in ["dash", "bash", "busybox sh", "mksh", "yash"] {
        let program = shell.split(' ').next().unwrap();
        if !["/bin", "/usr/bin"]
            .iter()
            .any(|folder| Path::new(folder).join(program).exists())
        {
            continue;
        }
        let piped = Piped::run(&COMMAND.replace("/bin/sh", shell));
        let pid = piped.child.id();
        let mut sampler = Sampler::start(Box::new(piped), 0x1234).unwrap();
        let start = Instant::now();
        let frame = sampler.request(Request::Question(Question::Benchmark)).unwrap();
        println!("{shell}: {:?}, {}", start.elapsed(), outcome(&frame.text));
        // A busy machine makes it a lower bound; the work is the same.
        let (Outcome::Measured(reading) | Outcome::AtLeast(reading, _)) = outcome(&frame.text) else {
            panic!("{shell}: {}", String::from_utf8_lossy(&frame.text));
        };
        assert!(
            reading.runs >= 1 && reading.cpu_ms >= 20 && reading.tick_ms > 0,
            "{reading:?}"
        );
        made.insert((reading.program, reading.output_bytes));
        let still = below(pid);
        assert!(
            !still
                .iter()
                .any(|name| ["gzip", "awk", "wc", "nice"].contains(&name.as_str())),
            "{still:?}"
        );
        // The shell answers on, and with the number it was asked with.
        assert!(sampler.request(Request::Tick).is_ok(), "{shell}");
        ran.push(shell);
    }
    assert!(ran.len() >= 2, "{ran:?}");
    assert_eq!(made.len(), 1, "{made:?}");
}
