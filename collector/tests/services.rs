//! Real services are found, as root and as an ordinary account; the process table is read in every shell at hand.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod estate;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use collector::campaign::{self, Aside, Bell, Board, Campaign, Feed, Opener, Trouble, visit_local};
use collector::discovery::process_groups::{Members, OTHER, ProcessGroups, usage};
use collector::discovery::processes::{ProcessTable, processes};
use collector::discovery::services::{Fingerprints, Found, Look, find_with_processes};
use collector::discovery::sockets::listeners;
use collector::hosts::{Reach, Target};
use collector::sampler::{Question, Request, Sampler};
use estate::{Estate, exists, is_root, shell_loop};
use sizewright_collector as collector;
use telemetry::inventory::Category;
use telemetry::schema::process_group;
use telemetry::{Store, Table};

struct Seen {
    table: ProcessTable,
    found: Vec<Found>,
    text: String,
}

fn ask(sampler: &mut Sampler<'_>, question: Question) -> Vec<u8> {
    sampler.request(Request::Question(question)).unwrap().text
}

fn look(sampler: &mut Sampler<'_>) -> Seen {
    let text = ask(sampler, Question::ProcessesInFull);
    let table = processes(&text);
    let listeners = listeners(&ask(sampler, Question::Sockets));
    let look = Look {
        host: "h",
        at_ms: 1,
        table: &table,
        listeners: &listeners,
        packages: &[],
        keep_arguments: true,
    };
    let found = find_with_processes(&look, &Fingerprints::built_in());
    let text = format!("{table:?}{found:?}");
    Seen { table, found, text }
}

#[test]
fn real_services_are_found_as_root_and_as_an_ordinary_account() {
    let mut estate = Estate::new();
    estate.everything();
    let mut accounts = vec![None];
    if is_root() {
        accounts.push(Some("games"));
    } else {
        println!("not run as root: looked as this account only, which is an ordinary one");
    }
    for account in accounts {
        let mut sampler = Sampler::start(Box::new(shell_loop("/bin/sh", account)), 7).unwrap();
        let seen = look(&mut sampler);
        let (mut right, mut wrong) = (0, Vec::new());
        for running in &estate.running {
            // Some start by a wrapper: what counts is the group of its processes.
            let is_child = |pid: u32| {
                let mut at = seen.table.process(pid);
                for _ in 0..10 {
                    match at {
                        Some(process) if process.pid == running.pid => return true,
                        Some(process) => at = seen.table.process(process.parent),
                        None => return false,
                    }
                }
                false
            };
            let services: Vec<&Found> = seen
                .found
                .iter()
                .filter(|found| found.pids.iter().any(|&pid| is_child(pid)))
                .collect();
            let of_product = services.iter().find(|found| found.service.product == running.product);
            let sees_ports = account.is_none() && is_root();
            let port_right = |found: &&&Found| {
                running
                    .port
                    .filter(|_| sees_ports || running.port_is_plain)
                    .is_none_or(|port| found.service.ports.contains(&port))
            };
            match of_product.filter(port_right) {
                Some(_) => right += 1,
                None => wrong.push(format!(
                    "{} {:?} is {:?}",
                    running.product,
                    running.port,
                    services
                        .iter()
                        .map(|found| (&found.service.service, &found.service.ports))
                        .collect::<Vec<_>>()
                )),
            }
            for found in &services {
                let is_database = matches!(found.service.category, Category::Database | Category::DocumentDatabase);
                assert!(
                    !is_database || found.service.product == running.product,
                    "{:?}",
                    found.service
                );
            }
        }
        println!(
            "as {}: {right} of {}",
            account.unwrap_or("this account"),
            estate.running.len()
        );
        assert!(wrong.is_empty(), "as {account:?}: {wrong:#?}");
        assert!(!seen.text.contains("canary-7f3K9q"), "a password came through");
    }
}

#[test]
fn a_hostile_process_does_no_harm() {
    let mut estate = Estate::new();
    let hostile = "redis-server \u{1b}[2J\u{7} <script>alert(1)</script> =HYPERLINK(\"http://x\") \n==> 1/cmdline <==\nevil --password=canary-7f3K9q";
    estate.stand_in("redis", hostile);
    let mut sampler = Sampler::start(Box::new(shell_loop("/bin/sh", None)), 7).unwrap();
    let seen = look(&mut sampler);
    let service = seen
        .found
        .iter()
        .find(|found| found.pids.contains(&estate.running[0].pid))
        .unwrap();
    assert_eq!(service.service.product, "redis");
    for harm in ["\u{1b}", "\u{7}", "<script", "=HYPERLINK", "canary-7f3K9q"] {
        assert!(
            !format!("{:?}", service.service).contains(harm) && !seen.text.contains(harm),
            "{harm:?}"
        );
    }
    assert_ne!(
        seen.table.process(1).map(|first| first.arguments.join(" ")).as_deref(),
        Some("evil")
    );
}

#[test]
fn every_shell_at_hand_reads_the_process_table() {
    let mut ran = Vec::new();
    for shell in [
        "/bin/sh",
        "dash",
        "bash",
        "bash --posix",
        "busybox sh",
        "mksh",
        "ksh93",
        "yash",
    ] {
        if !exists(shell.split(' ').next().unwrap().trim_start_matches("/bin/")) {
            continue;
        }
        let channel = shell_loop(shell, None);
        let own = channel.pid();
        let mut sampler = Sampler::start(Box::new(channel), 7).unwrap();
        let full = look(&mut sampler).table;
        let own = full
            .process(own)
            .unwrap_or_else(|| panic!("{shell}: its own process is missing"));
        assert!(
            own.arguments.len() > 1 && own.uid == full.account && own.resident_bytes > 0,
            "{shell}: {own:?}"
        );
        assert!(
            !full.cut && full.not_understood == 0 && full.uptime_cs.is_some(),
            "{shell}"
        );
        assert!(full.users.contains_key(&0), "{shell}");
        let plain = processes(&ask(&mut sampler, Question::Processes));
        assert!(plain.processes.len() * 10 > full.processes.len() * 9, "{shell}");
        assert!(
            plain.processes.iter().all(|process| process.arguments.is_empty()),
            "{shell}"
        );
        ran.push(shell);
    }
    println!("{ran:?}");
    assert!(ran.len() >= 2, "{ran:?}");
}

#[test]
fn the_tools_of_busybox_do() {
    assert!(exists("busybox"), "tests/install-tools.sh test installs busybox");
    let folder = tempfile::tempdir().unwrap();
    let names = ["head", "grep", "sed", "cut", "tr", "id", "sh", "getconf"];
    for name in names {
        std::os::unix::fs::symlink("/usr/bin/busybox", folder.path().join(name)).unwrap();
    }
    // The program sets its own path: here it gets one with nothing but busybox in it.
    let wrapped = format!(
        "PATH={}; readonly PATH; exec 2>/dev/null; cd /proc; K=; T=; ",
        folder.path().display()
    );
    let shown = collector::sampler::show_commands();
    let functions: Vec<&str> = shown.lines().filter(|line| line.starts_with("Process")).collect();
    let script = format!("{wrapped}{}; ProcessesInFull", functions.join("; "));
    let output = std::process::Command::new("/usr/bin/busybox")
        .args(["sh", "-c", &script])
        .output()
        .unwrap();
    let table = processes(&output.stdout);
    let own = table.process(std::process::id()).unwrap();
    assert!(own.arguments.len() > 1, "{own:?}");
    assert!(
        own.uid.is_some() && own.resident_bytes > 0 && table.uptime_cs.is_some() && table.host_busy_ticks.is_some()
    );
}

/// Reads what this machine was busy, beside the code that is tested.
fn busy_ticks() -> u64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap();
    let fields: Vec<u64> = text
        .lines()
        .next()
        .unwrap()
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse().unwrap())
        .collect();
    fields[0] + fields[1] + fields[2] + fields[5] + fields[6]
}

#[test]
fn what_services_use_is_consistent_with_the_host() {
    let mut estate = Estate::new();
    estate.redis();
    let port = estate.running[0].port.unwrap();
    let mut sampler = Sampler::start(Box::new(shell_loop("/bin/sh", None)), 7).unwrap();
    let busy_before = busy_ticks();
    let before = look(&mut sampler);
    let mut members = Members::of(&before.found, &before.table);
    // Two seconds of work for the service.
    let begun = Instant::now();
    while begun.elapsed().as_secs() < 2 {
        let done = std::process::Command::new("redis-benchmark")
            .args([
                "-p",
                &port.to_string(),
                "-a",
                "canary-7f3K9q",
                "-n",
                "20000",
                "-t",
                "set",
                "-q",
            ])
            .output()
            .unwrap();
        assert!(done.status.success());
    }
    let now = processes(&ask(&mut sampler, Question::Processes));
    members.follow(&before.table, &now);
    let rows = usage(&before.table, &now, &members);
    let own = before
        .found
        .iter()
        .find(|found| found.pids.contains(&estate.running[0].pid))
        .unwrap();
    let of_redis = rows.iter().find(|row| row.service == own.service.service).unwrap();
    let total: f64 = rows.iter().filter_map(|row| row.cpu_busy_cores).sum();
    let host = (busy_ticks() - busy_before) as f64 / 100.0 / of_redis.interval_s;
    println!(
        "redis {:?}, all {total:.3}, host {host:.3} cores, remainder of the {}",
        of_redis.cpu_busy_cores,
        if now.host_busy_ticks.is_some() {
            "host"
        } else {
            "processes: this is a container"
        }
    );
    assert!(of_redis.cpu_busy_cores.unwrap() > 0.05, "it worked for two seconds");
    // The kernel counts the host by ticks and processes by time run: short bursts differ by a little.
    let slack = 0.15 * host + 0.1;
    assert!(total <= host + slack, "{total} of {host}");
    assert!(
        now.host_busy_ticks.is_none() || total >= host - slack,
        "{total} of {host}"
    );
    assert!(rows.iter().any(|row| row.service == OTHER));
}

#[test]
fn the_process_table_costs_the_target_little() {
    let mut sampler = Sampler::start(Box::new(shell_loop("/bin/sh", None)), 7).unwrap();
    let first = ask(&mut sampler, Question::ProcessesInFull);
    let count = processes(&first).processes.len();
    for question in [Question::Processes, Question::ProcessesInFull] {
        let begun = Instant::now();
        let mut bytes = 0;
        for _ in 0..20 {
            bytes = ask(&mut sampler, question).len();
        }
        println!(
            "{question:?}: {:.1} ms, {bytes} bytes, {count} processes",
            begun.elapsed().as_secs_f64() * 50.0
        );
    }
}

/// This machine, under the name of each target.
struct ThisMachine;

impl Opener for ThisMachine {
    fn visit(&self, _: &Target, work: &mut dyn FnMut(&mut dyn Feed) -> Result<(), Trouble>) -> Result<(), Trouble> {
        visit_local(work)
    }
}

#[test]
fn a_campaign_writes_what_each_service_uses() {
    let mut estate = Estate::new();
    estate.redis();
    let folder = tempfile::tempdir().unwrap();
    let second = Duration::from_secs(1);
    let target = Target {
        name: "here".to_string(),
        reach: Reach::Local,
        interval: second,
        tick: second,
        connections: None,
        processes: Some(second),
        environment: None,
        tags: Vec::new(),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let campaign = Campaign {
        telemetry: folder.path().to_path_buf(),
        targets: vec![target],
        until_ms: Some(now + 4_500),
        rotate_every: Duration::from_secs(60),
        notes: Vec::new(),
    };
    let board = Board::new([("here".to_string(), 1_000)]);
    let groups = ProcessGroups::new(Fingerprints::built_in());
    let asides = |target: &Target| -> Vec<Box<dyn Aside>> {
        target
            .processes
            .map(|every| groups.aside(&target.name, every))
            .into_iter()
            .collect()
    };
    campaign::run(&campaign, &ThisMachine, &asides, &board, &Bell::new()).unwrap();
    let reader = Store::at(folder.path()).open(Table::ProcessGroup).unwrap();
    let index = reader.host_index("here").unwrap();
    let wanted = [
        process_group::CPU_BUSY_CORES,
        process_group::RESIDENT_BYTES,
        process_group::PROCESSES,
    ];
    let series = reader.read(index..index + 1, &wanted).unwrap();
    let of = |name: &str| series.iter().find(|series| series.labels[0].starts_with(name)).unwrap();
    for name in ["redis", OTHER] {
        let cpu: Vec<Option<f64>> = of(name).values(process_group::CPU_BUSY_CORES);
        assert!(cpu.len() >= 2 && cpu.iter().all(Option::is_some), "{name}: {cpu:?}");
        assert!(
            of(name)
                .values(process_group::PROCESSES)
                .iter()
                .all(|count| count.is_some_and(|count| count >= 1.0))
        );
    }
    assert!(
        of("redis")
            .values(process_group::RESIDENT_BYTES)
            .iter()
            .all(|bytes| bytes.is_some_and(|bytes| bytes > 1e6))
    );
}
