//! Measures the figures of the collector: many hosts at once, what it costs on a host, peers, kills.
//!
//! Run with `make bench ONLY=collector`. Hosts are addresses 127.x.y.z of real
//! OpenSSH servers that the bench starts on free ports with keys of its own;
//! servers, collector and peers share the machine, so walls of time are
//! pessimistic, while CPU times and memory are each process's own.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

mod asyncssh;
mod estate;
mod gate;
mod kills;
mod many;
mod openssh;
mod procfs;
mod report;
mod running;
mod servers;
mod target;
mod wire;

#[path = "../figures/mod.rs"]
mod figures;

use std::path::{Path, PathBuf};
use std::time::Duration;

use figures::Figures;
use servers::{Keys, Server};

/// Servers that they are dealt out to: 16 handshakes at once, so two at each.
const SERVERS: usize = 8;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [job, folder] = arguments.as_slice()
        && job == "collect"
    {
        kills::collect_in_short_segments(Path::new(folder));
        return;
    }
    raise_limit_of_files();
    let target = target();
    let work = target.join("bench-data/collector");
    std::fs::create_dir_all(&work).unwrap();
    let keys = Keys::make(&work.join("keys"));
    let wanted = |part: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == part);
    let mut figures = Figures::of("collector");
    let hold = Duration::from_secs(number(report::HOLD).unwrap_or(150) as u64);
    let hosts = number(report::HOSTS).unwrap_or(500);

    if wanted("many") {
        eprintln!("{hosts} hosts, held for {} s", hold.as_secs());
        let one = with_servers(&keys, 1, |servers| {
            many::hold(&work, &keys, servers, 1, Duration::from_secs(5))
        });
        let main = with_servers(&keys, SERVERS, |servers| many::hold(&work, &keys, servers, hosts, hold));
        report::many(&mut figures, &main, &one);
        if wanted("peers") {
            eprintln!("asyncssh, {hosts} hosts");
            let peer = with_servers(&keys, SERVERS, |servers| {
                asyncssh::asyncssh(&target, &work, &keys, &estate::hosts(hosts, servers), 60)
            });
            report::asyncssh(&mut figures, &main, peer);
            eprintln!("OpenSSH's client, {hosts} processes");
            let peer = with_servers(&keys, SERVERS, |servers| {
                openssh::weigh(&work, &keys, &estate::hosts(hosts, servers), Duration::from_secs(90))
            });
            report::openssh(&mut figures, &main, &one, &peer);
        }
    }
    if wanted("thousand") {
        eprintln!("1,000 hosts");
        let hold = Duration::from_secs(65);
        let run = with_servers(&keys, 2 * SERVERS, |servers| {
            many::hold(&work, &keys, servers, 1_000, hold)
        });
        report::thousand(&mut figures, &run);
    }
    if wanted("gate") {
        eprintln!("one server, one bastion");
        report::gate(
            &mut figures,
            gate::towards_one_server(&work, &keys, 200),
            gate::through_one_bastion(&work, &keys, 100),
        );
    }
    if wanted("target") {
        eprintln!("forks and files on a host");
        report::target(&mut figures, target::watch(&work, &keys, 15));
    }
    if wanted("kills") {
        eprintln!("kill -9");
        report::kills(&mut figures, &kills::kill(&work, &keys, 200));
    }
    figures
        .finish(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
        .unwrap();
}

/// Reads a number from the environment.
fn number(variable: &str) -> Option<usize> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
    )
}

/// Starts servers for a piece of work, and ends them after it.
fn with_servers<T>(keys: &Keys, count: usize, work: impl FnOnce(&[Server]) -> T) -> T {
    let servers: Vec<Server> = (0..count)
        .map(|number| Server::start(keys, &format!("server-{number}")))
        .collect();
    work(&servers)
}

/// Gives the folder in which cargo builds.
fn target() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.ancestors()
        .find(|path| path.join("release").is_dir())
        .unwrap()
        .to_path_buf()
}

/// Lets this process, and what it starts, open as many files as the system allows: three pipes per OpenSSH client.
fn raise_limit_of_files() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit);
}
