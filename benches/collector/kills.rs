//! `kill -9` at random moments: is every acknowledged interval there afterwards, and everything readable?
//!
//! An interval is acknowledged once its readings are in the synced log, or its
//! row is in the store; both are looked at from outside right before the kill.
//! Half of the collectors are the program; half run the same campaign with the
//! log turned into a segment every second instead of every 15 minutes, so that
//! kills hit that too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use collector::campaign::{self, Bell, Board, Campaign, Reacher};
use collector::hosts::{Environment, HostsFile};
use collector::log::{Record, logs_in, read_log};
use collector::rates::{LastInterval, Spacing, rows};
use collector::reading::Reading;
use collector::ssh::{Limits, Lobby, SecretStore, Settings};
use telemetry::schema::host;
use telemetry::{Store, Table};

use crate::estate::{Estate, hosts, names_of_this_machine};
use crate::many::stored;
use crate::servers::{Keys, Server};

/// Collectors at a time.
const COLLECTORS: usize = 8;
/// Hosts of each over SSH; they need a while to connect.
const HOSTS: usize = 2;
/// Names of this machine of each, which are read at once.
const LOCAL_HOSTS: usize = 2;
/// Longest life of a collector.
const LONGEST: Duration = Duration::from_secs(8);

/// What the kills cost.
#[derive(Clone, Debug, Default)]
pub struct Toll {
    pub kills: usize,
    /// Intervals that were acknowledged before a kill.
    pub acknowledged: usize,
    /// Those that were not in the store at the end.
    pub lost: usize,
    /// Times that a log or a table could not be read, after a kill or at the end.
    pub unreadable: Vec<String>,
    /// Rows of table `host` in the end.
    pub rows: usize,
}

type Intervals = BTreeMap<String, BTreeSet<i64>>;

/// Kills collectors so many times in all.
pub fn kill(work: &Path, keys: &Keys, times: usize) -> Toll {
    let servers = [Server::start(keys, "kills-0"), Server::start(keys, "kills-1")];
    let spacing = "interval = \"1s\"\ntick = \"1s\"";
    let mut named = hosts(HOSTS, &servers);
    named.extend(names_of_this_machine(LOCAL_HOSTS));
    let estates: Vec<Estate> = (0..COLLECTORS)
        .map(|number| Estate::make(work.join(format!("kills-{number}")), keys, &named, spacing))
        .collect();
    let each = times.div_ceil(COLLECTORS);
    let tolls: Vec<Toll> = thread::scope(|scope| {
        let threads: Vec<_> = estates
            .iter()
            .enumerate()
            .map(|(number, estate)| scope.spawn(move || kill_one(estate, number, each)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    tolls.into_iter().fold(Toll::default(), |mut sum, one| {
        sum.kills += one.kills;
        sum.acknowledged += one.acknowledged;
        sum.lost += one.lost;
        sum.rows += one.rows;
        sum.unreadable.extend(one.unreadable);
        sum
    })
}

fn kill_one(estate: &Estate, number: usize, times: usize) -> Toll {
    let mut toll = Toll::default();
    let mut acknowledged = Intervals::new();
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1));
    for _ in 0..times {
        let mut command = if number.is_multiple_of(2) {
            estate.collect(&[])
        } else {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.arg("collect").arg(&estate.folder).env_remove("SSH_AUTH_SOCK");
            command
        };
        let begun = Instant::now();
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = quiet.spawn().unwrap();
        // More of the moments lie early: taking in what the last one left is over soon.
        let life = LONGEST.mul_f64(random.next().powf(1.5));
        thread::sleep(life.saturating_sub(begun.elapsed()));
        for (host, ends) in seen(&estate.telemetry()) {
            acknowledged.entry(host).or_default().extend(ends);
        }
        thread::sleep(Duration::from_millis(40).mul_f64(random.next()));
        toll.kills += usize::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        let _ = child.wait();
        toll.unreadable.extend(unreadable(&estate.telemetry()));
    }
    // What any command does first.
    if let Err(error) = campaign::settle(&estate.telemetry()) {
        toll.unreadable.push(error.to_string());
    }
    toll.unreadable.extend(unreadable(&estate.telemetry()));
    let there = stored(&estate.telemetry()).unwrap_or_default();
    toll.rows = there.values().map(BTreeSet::len).sum();
    for (host, ends) in &acknowledged {
        toll.acknowledged += ends.len();
        let there = there.get(host);
        toll.lost += ends
            .iter()
            .filter(|end| !there.is_some_and(|there| there.contains(end)))
            .count();
    }
    toll
}

/// Gives the intervals that are acknowledged at this moment.
fn seen(telemetry: &Path) -> Intervals {
    // The log first: what leaves it meanwhile is in the store by then.
    let mut seen = Intervals::new();
    for folder in fs::read_dir(telemetry.join("log")).into_iter().flatten().flatten() {
        for (_, path) in logs_in(&folder.path()).unwrap_or_default() {
            let records = read_log(&path).map(|content| content.records).unwrap_or_default();
            for (host, ends) in intervals(records) {
                seen.entry(host).or_default().extend(ends);
            }
        }
    }
    for (host, ends) in stored(telemetry).unwrap_or_default() {
        seen.entry(host).or_default().extend(ends);
    }
    seen
}

/// Gives the intervals that are over in a log.
fn intervals(records: Vec<Record>) -> Intervals {
    let mut readings: BTreeMap<u32, (String, i64, Vec<Reading>)> = BTreeMap::new();
    for record in records {
        match record {
            Record::Host { number, name, .. } => {
                readings.insert(number, (name, i64::MIN, Vec::new()));
            }
            Record::DoneUntil { host, at_ms } => {
                readings.entry(host).and_modify(|(_, done, _)| *done = at_ms);
            }
            Record::Reading { host, reading } => {
                readings
                    .entry(host)
                    .and_modify(|(_, _, readings)| readings.push(reading));
            }
            Record::Note { .. } | Record::Measured { .. } | Record::Looked { .. } => {}
        }
    }
    let spacing = Spacing {
        interval_ms: 1_000,
        tick_ms: 1_000,
    };
    let of = |(name, done, readings): (String, i64, Vec<Reading>)| {
        let rows = rows(&name, &readings, spacing, done, LastInterval::Open);
        let host = rows.series.into_iter().filter(|series| series.table == Table::Host);
        let ends = host.flat_map(|series| {
            let known = |row: &usize| series.value(host::CPU_BUSY_CORES, *row).is_some();
            (0..series.len())
                .filter(known)
                .map(|row| series.at_ms[row])
                .collect::<Vec<_>>()
        });
        (name.clone(), ends.collect())
    };
    readings.into_values().map(of).collect()
}

/// Tries to read everything; gives what could not be.
fn unreadable(telemetry: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    for folder in fs::read_dir(telemetry.join("log")).into_iter().flatten().flatten() {
        match logs_in(&folder.path()) {
            Ok(logs) => failures.extend(
                logs.iter()
                    .filter_map(|(_, path)| Some(read_log(path).err()?.to_string())),
            ),
            Err(error) => failures.push(error.to_string()),
        }
    }
    let store = Store::at(telemetry);
    for table in Table::ALL {
        let columns: Vec<_> = table
            .columns()
            .iter()
            .filter_map(|column| table.column(column.name))
            .collect();
        let read = store.open(table).and_then(|reader| reader.decode_all(&columns));
        failures.extend(read.err().map(|error| error.to_string()));
    }
    failures
}

/// Collects an assessment as the program does, but for the segments: one every second. Never returns by itself.
pub fn collect_in_short_segments(folder: &Path) {
    let file = HostsFile::with_warnings(&folder.join("hosts.toml"), &Environment::of_this_process()).unwrap();
    let campaign = Campaign {
        telemetry: folder.join("telemetry"),
        targets: file.targets,
        until_ms: None,
        rotate_every: Duration::from_secs(1),
        notes: Vec::new(),
    };
    let secrets = SecretStore::new(None);
    let reacher = Reacher {
        settings: Settings::default(),
        secrets: &secrets,
        lobby: Lobby::new(Limits::default()),
    };
    let board = Board::new(campaign.targets.iter().map(|target| (target.name.clone(), 1_000)));
    campaign::run(&campaign, &reacher, &|_| Vec::new(), &board, &Bell::new()).unwrap();
}

/// Marsaglia's xorshift: the same moments in every run.
struct Random(u64);

impl Random {
    /// Gives a number from 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
