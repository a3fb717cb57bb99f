//! What the sampler does on a host: how often it forks, and whether it writes anything.
//!
//! The server runs in namespaces of its own: process numbers are given out to
//! nobody else there, so their difference counts forks; every file system is
//! read-only but for empty ones where programs write, so a file would be found.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::estate::{Estate, hosts};
use crate::running::{Running, now_ms};
use crate::servers::{Keys, Server};

/// Where a program might write; all else is read-only.
const WRITABLE: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

const SETUP: &str = "mount --make-rprivate / && while read -r d m x; do mount -o remount,bind,ro \"$m\"; done </proc/self/mounts; \
                     for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs tmpfs $d || exit 1; done; exec \"$@\"";

/// What was seen on the host.
#[derive(Debug)]
pub struct Seen {
    pub ticks: usize,
    pub forks: u32,
    pub files: usize,
}

/// Reads one host every second for a while and watches it.
///
/// # Errors
/// Why it could not be watched: it takes root, and `unshare` and `nsenter`.
pub fn watch(work: &Path, keys: &Keys, seconds: i64) -> Result<Seen, String> {
    if keys.account != "root" {
        return Err("only root can put a server into namespaces of its own".to_string());
    }
    if WRITABLE.iter().any(|place| work.starts_with(place)) {
        return Err(format!("{} would be hidden from the server", work.display()));
    }
    let wrapper = [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "/bin/sh",
        "-c",
        SETUP,
        "sh",
    ];
    let server = [Server::start_within(keys, "namespaces", &wrapper)];
    let inside = server[0].processes().into_iter().find(|process| process.name == "sshd");
    let inside = inside.ok_or("sshd is not to be found")?.id;
    let spacing = "interval = \"5s\"\ntick = \"1s\"";
    let estate = Estate::make(work.join("one-host"), keys, &hosts(1, &server), spacing);
    let running = Running::start(&estate);
    let sampling = running.wait_until_sampling(1, Duration::from_secs(30));
    sampling.ok_or("the host was not reached")?;
    // After the first ticks: connecting and the layout fork too.
    thread::sleep(Duration::from_secs(3));
    let last = running.ticks().values().flatten().max().copied();
    let between = last.ok_or("no reading")? + 500;
    sleep_until(between + 3_000);
    let before = next_number(inside)?;
    sleep_until(between + 3_000 + seconds * 1_000);
    let after = next_number(inside)?;
    thread::sleep(Duration::from_millis(1_500));
    let range = between + 3_000..between + 3_000 + seconds * 1_000;
    let ticks = running
        .ticks()
        .values()
        .flatten()
        .filter(|at| range.contains(at))
        .count();
    let files = WRITABLE.iter().map(|place| files_in(inside, place)).sum();
    running.stop();
    Ok(Seen {
        ticks,
        // The first question itself took a number.
        forks: after - before - 1,
        files,
    })
}

/// Asks for the number that the next process gets in the namespace of another.
fn next_number(inside: u32) -> Result<u32, String> {
    let out = Command::new("nsenter")
        .args(["--target", &inside.to_string(), "--pid", "/bin/sh", "-c", "echo $$"])
        .output()
        .map_err(|error| format!("nsenter: {error}"))?;
    let text = String::from_utf8_lossy(&out.stdout);
    text.trim()
        .parse()
        .map_err(|_| String::from_utf8_lossy(&out.stderr).into_owned())
}

/// Counts what lies in a folder as another process sees it.
fn files_in(inside: u32, place: &str) -> usize {
    let mut folders = vec![format!("/proc/{inside}/root{place}").into()];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir::<std::path::PathBuf>(folder).unwrap().flatten() {
            count += 1;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    count
}

fn sleep_until(at_ms: i64) {
    thread::sleep(Duration::from_millis(u64::try_from(at_ms - now_ms()).unwrap_or(0)));
}
