//! Measures the figures of discovery: what is found, how fast, at what cost on a host, and whether a secret is kept.
//!
//! Run with `make bench ONLY=discovery`, as root: then hosts are seen by an
//! ordinary account, made for the bench and removed after it. Services are
//! real ones on loopback; hosts are addresses 127.x.y.z of real OpenSSH servers.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_docs,
    dead_code
)]

// The services name the crate as its own tests do.
extern crate collector as sizewright_collector;

#[path = "../collector/estate.rs"]
mod estate;
#[path = "../figures/mod.rs"]
mod figures;
#[path = "../collector/procfs.rs"]
mod procfs;
#[path = "../collector/servers.rs"]
mod servers;
#[path = "../../collector/tests/estate/mod.rs"]
mod services;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use estate::{Estate, PROGRAM, hosts};
use figures::{Figures, Goal};
use servers::{Keys, Server};
use services::typed::{Typed, cases, telling};
use telemetry::inventory::{self, Category, Inventory, Service};

const HOW: &str = "make bench ONLY=discovery";
/// Hosts that are looked at in one pass, and the servers that they are dealt out to.
const HOSTS: usize = 200;
const SERVERS: usize = 8;
/// Process tables of real hosts are longer than a bench machine's: so many more processes are there.
const MORE_PROCESSES: usize = 100;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let work = target().join("bench-data/discovery");
    std::fs::create_dir_all(&work).unwrap();
    // sshd reads the list of keys as the account that logs in: it must be able to get there.
    let public = tempfile::tempdir().unwrap();
    std::fs::set_permissions(public.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut keys = Keys::make(&public.path().join("keys"));
    let account = Ordinary::make();
    if let Some(account) = &account {
        keys.account = account.0.clone();
    }
    let mut figures = Figures::of("discovery");

    let mut company = services::Estate::new();
    company.everything();
    let one = [Server::start(&keys, "one")];
    let assessment = Estate::make(work.join("one"), &keys, &hosts(1, &one), "");
    discover(&assessment);
    let known = inventory::read(&assessment.folder.join("inventory")).unwrap();
    let found: Vec<&Service> = known.current_services();
    let right = company
        .running
        .iter()
        .filter(|running| is_found(running, &found))
        .count();
    let share = 100.0 * right as f64 / company.running.len() as f64;
    figures.add(
        "services found with the right product, ordinary account",
        share,
        "%",
        Goal::AtLeast(95.0),
        format!("{right} of {}; {HOW}", company.running.len()),
    );
    let databases: Vec<&&Service> = found
        .iter()
        .filter(|service| is_wrong_database(service, &company))
        .collect();
    for service in &databases {
        eprintln!("  called a database: {service:?}");
    }
    figures.add(
        "services wrongly called a database",
        databases.len() as f64,
        "services",
        Goal::AtMost(0.0),
        HOW,
    );
    let cases = cases();
    let typed: Vec<Typed> = cases.iter().map(Typed::start).collect();
    discover(&assessment);
    let known = inventory::read(&assessment.folder.join("inventory")).unwrap();
    let all = everything(&assessment.folder, &known);
    let secrets: Vec<&str> = cases.iter().flat_map(telling).collect();
    let kept = secrets.iter().filter(|secret| all.contains(**secret)).count();
    figures.add(
        "secrets of the list in the assessment's folder",
        kept as f64,
        "secrets",
        Goal::AtMost(0.0),
        format!(
            "{} secrets in {} running command lines; {HOW}",
            secrets.len(),
            cases.len()
        ),
    );
    drop((typed, company, one));

    let crowd: Vec<Typed> = cases.iter().cycle().take(MORE_PROCESSES).map(Typed::start).collect();
    let many: Vec<Server> = (0..SERVERS)
        .map(|number| Server::start(&keys, &format!("server-{number}")))
        .collect();
    let assessment = Estate::make(work.join("many"), &keys, &hosts(HOSTS, &many), "");
    let before = busy_s();
    let begun = Instant::now();
    discover(&assessment);
    let wall = begun.elapsed();
    let cpu = (busy_s() - before) / HOSTS as f64;
    let known = inventory::read(&assessment.folder.join("inventory")).unwrap();
    let named: std::collections::BTreeSet<&str> = known.facts.iter().map(|fact| fact.host.as_str()).collect();
    assert_eq!(named.len(), HOSTS, "every host was reached");
    figures.add(
        format!("discover of {HOSTS} hosts"),
        wall.as_secs_f64(),
        "s",
        Goal::AtMost(60.0),
        format!("servers and discover share two cores; {HOW}"),
    );
    figures.add(
        "CPU of one visit on the host, its sshd included",
        cpu,
        "s",
        Goal::AtMost(2.0),
        format!(
            "what the machine was busy but for sizewright's own; {} processes in the table; {HOW}",
            procfs::below(1).len()
        ),
    );
    drop(crowd);
    figures.finish(&root.join("target")).unwrap();
}

/// Runs the command that is measured.
fn discover(assessment: &Estate) {
    let ran = Command::new(PROGRAM)
        .arg("-C")
        .arg(&assessment.folder)
        .args(["discover", "--quiet"])
        .env_remove("SSH_AUTH_SOCK")
        .env("HOME", &assessment.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(ran.success(), "sizewright discover");
}

fn is_found(running: &services::Running, found: &[&Service]) -> bool {
    found.iter().any(|service| {
        service.product == running.product
            && running
                .port
                .filter(|_| running.port_is_plain)
                .is_none_or(|port| service.ports.contains(&port))
    })
}

/// Says whether a service is called a database that nobody started.
fn is_wrong_database(service: &Service, company: &services::Estate) -> bool {
    matches!(service.category, Category::Database | Category::DocumentDatabase)
        && !company.running.iter().any(|running| running.product == service.product)
}

/// Gives all that an assessment holds: its files as they are, and what is packed in the inventory's.
fn everything(folder: &Path, known: &Inventory) -> String {
    let mut all = format!("{known:?}");
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => all.push_str(&String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap())),
            }
        }
    }
    all
}

/// Gives how long this machine's CPUs have been busy with anything but the programs that this one started, seconds.
fn busy_s() -> f64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap();
    let fields = text.lines().next().unwrap().split_whitespace().skip(1);
    let ticks: Vec<f64> = fields.map(|field| field.parse().unwrap()).collect();
    // user, nice, system, irq, softirq; guests are within user.
    let busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6];
    let own = procfs::process(std::process::id()).unwrap();
    busy / 100.0 - own.ended_children_s - own.own_s
}

/// An account without any power, removed when dropped; only root can make one.
struct Ordinary(String);

impl Ordinary {
    fn make() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("not run as root: hosts are seen by this account");
            return None;
        }
        let name = format!("sizewright-b{}", std::process::id());
        let made = Command::new("useradd")
            .args(["--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", &name])
            .status()
            .unwrap();
        assert!(made.success(), "useradd {name}");
        // sshd lets nobody in whose account is locked.
        let unlocked = Command::new("usermod").args(["-p", "*", &name]).status().unwrap();
        assert!(unlocked.success());
        Some(Self(name))
    }
}

impl Drop for Ordinary {
    fn drop(&mut self) {
        let _ = Command::new("userdel")
            .arg("--force")
            .arg(&self.0)
            .stderr(Stdio::null())
            .status();
    }
}

/// Gives the folder in which cargo builds.
fn target() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.ancestors()
        .find(|path| path.join("release").is_dir())
        .unwrap()
        .to_path_buf()
}
