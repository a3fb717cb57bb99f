//! The program runs in every shell at hand, and a hostile shell costs bounded memory and time.

#![allow(clippy::unwrap_used, missing_docs, clippy::print_stdout)]

mod piped;

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use collector::kernel;
use collector::sampler::{COMMAND, Request, Sampler, SamplerError};
use piped::Piped;
use sizewright_collector as collector;

/// Starts the sampler with the shell in the place of `/bin/sh`.
fn started(shell: &str) -> Sampler<'static> {
    let command = COMMAND.replace("/bin/sh", shell);
    Sampler::start(Box::new(Piped::run(&command)), 0x1234).unwrap()
}

#[test]
fn every_shell_at_hand_gives_readings() {
    let mut ran = Vec::new();
    for shell in [
        "sh",
        "dash",
        "bash",
        "bash --posix",
        "busybox sh",
        "mksh",
        "ksh93",
        "yash",
    ] {
        let program = shell.split(' ').next().unwrap();
        if !["/bin", "/usr/bin"]
            .iter()
            .any(|folder| Path::new(folder).join(program).exists())
        {
            continue;
        }
        let mut sampler = started(shell);
        let layout = kernel::layout(&sampler.request(Request::Layout).unwrap().text);
        assert!(
            layout.boot_id.is_some() && layout.machine.is_some(),
            "{shell}: {layout:?}"
        );
        assert!(!layout.interfaces.is_empty(), "{shell}");
        let whole = sampler.request(Request::Whole).unwrap();
        let parsed = kernel::reading(&whole.text, &layout, whole.at_ms).unwrap();
        assert!(parsed.complaints.is_empty(), "{shell}: {:?}", parsed.complaints);
        let reading = parsed.reading;
        assert!(
            reading.cpu.is_some() && reading.memory.is_some() && reading.load.is_some(),
            "{shell}"
        );
        assert_eq!(
            reading.online_cpus.map(|cpus| cpus as usize),
            std::thread::available_parallelism().ok().map(|n| n.get())
        );
        let tick = sampler.request(Request::Tick).unwrap();
        let fine = kernel::reading(&tick.text, &layout, tick.at_ms).unwrap().reading;
        assert!(
            fine.cpu.is_some() && fine.memory.is_none() && fine.online_cpus.is_none(),
            "{shell}"
        );
        assert!(fine.uptime_cs >= reading.uptime_cs);
        let mounts = layout.local_mounts();
        let points: Vec<String> = mounts.iter().map(|mount| mount.mount_point.clone()).collect();
        let sizes = sampler.request(Request::Filesystems(&points)).unwrap();
        assert_eq!(kernel::filesystems(&sizes.text, &mounts).len(), mounts.len(), "{shell}");
        assert!(sampler.request(Request::KeepAlive).unwrap().text.is_empty());
        let minute = whole.text.len() + 5 * tick.text.len();
        println!("{shell}: {minute} bytes a minute at a tick of 10 s");
        assert!(minute < 20_000, "{shell}: {minute}");
        ran.push(shell);
    }
    assert!(ran.contains(&"sh") && ran.contains(&"bash"), "{ran:?}");
}

#[test]
fn banners_before_the_shell_is_ready_do_not_matter() {
    let command = format!("echo Welcome; echo '@0000 B 1'; {COMMAND}");
    let mut sampler = Sampler::start(Box::new(Piped::run(&command)), 7).unwrap();
    assert!(!sampler.request(Request::Tick).unwrap().text.is_empty());
}

#[test]
fn an_account_without_a_shell_is_said_to_be_so() {
    let gone = Piped::run("echo This account is currently not available.");
    // It has ended before anything is sent to it, as on a slow line.
    std::thread::sleep(Duration::from_millis(100));
    let refused = Sampler::start(Box::new(gone), 7);
    let error = refused.err().unwrap();
    assert!(error.is_final(), "{error}");
    assert!(error.to_string().contains("not available"), "{error}");
    assert!(error.hint().unwrap().contains("POSIX"));
}

#[test]
fn a_shell_that_never_stops_talking_is_cut_off() {
    let error = Sampler::start(Box::new(Piped::run("yes")), 7).err().unwrap();
    assert!(matches!(error, SamplerError::NotReady { .. }), "{error}");
    let program = "read -r s; echo '@0000000000000007 R 1'; read -r q; echo '@0000000000000007 B 1'; exec yes";
    let mut sampler = Sampler::start(Box::new(Piped::run(program)), 7).unwrap();
    let error = sampler.request(Request::Tick).unwrap_err();
    assert!(matches!(error, SamplerError::TooMuch { .. }), "{error}");
}

#[test]
fn the_loop_ends_with_its_input() {
    let mut shell = Piped::run(COMMAND);
    writeln!(shell, "while read -r q; do :; done").unwrap();
    drop(shell.child.stdin.take());
    let started = Instant::now();
    while shell.child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(5), "it is still there");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_tick_costs_the_target_little() {
    let mut sampler = started("sh");
    sampler.request(Request::Tick).unwrap();
    let started_at = Instant::now();
    for _ in 0..50 {
        sampler.request(Request::Tick).unwrap();
    }
    println!("{:.2} ms a tick, wall clock", started_at.elapsed().as_secs_f64() * 20.0);
}
