//! Campaigns over made-up hosts: steady, failing, hostile ones; rotated, killed and begun again.

#![allow(clippy::unwrap_used, missing_docs, clippy::print_stdout)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

use collector::campaign::{
    self, Bell, Board, Campaign, CampaignError, Feed, Opened, Opener, Standing, Trouble, patience::Remedy,
};
use collector::hosts::{Reach, Target};
use collector::kernel::{Layout, Parsed};
use collector::reading::{CpuTimes, Filesystem, Memory, Reading};
use collector::sampler::Question;
use sizewright_collector as collector;
use telemetry::schema::host;
use telemetry::{Store, Table};

const INTERVAL: Duration = Duration::from_millis(400);
const TICK: Duration = Duration::from_millis(100);

/// Hosts that use one and a half of their CPUs, each failing in its own way.
#[derive(Default)]
struct Made {
    tries: AtomicU32,
    dropped: AtomicBool,
}

struct MadeFeed<'a> {
    name: &'a str,
    reads: u32,
    begun: Instant,
}

impl Opener for Made {
    fn visit(
        &self,
        target: &Target,
        work: &mut dyn FnMut(&mut dyn Feed) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        if target.name == "refused" {
            self.tries.fetch_add(1, Ordering::Relaxed);
            return Err(Trouble::passing("connection refused"));
        }
        if target.name == "changed-key" {
            return Err(Trouble {
                remedy: Remedy::Stop,
                message: "the host key changed".to_string(),
                hint: Some("ask its owner".to_string()),
            });
        }
        // One visit only: whenever the campaign ends, it is not in the middle of a second.
        if target.name == "drops" && self.dropped.swap(true, Ordering::Relaxed) {
            return Err(Trouble::passing("connection refused"));
        }
        work(&mut MadeFeed {
            name: &target.name,
            reads: 0,
            begun: Instant::now(),
        })
    }
}

impl Feed for MadeFeed<'_> {
    fn opened_by(&self) -> Opened {
        Opened {
            server: "made".to_string(),
            accepted_host_key: (self.name == "new").then(|| "SHA256:abc".to_string()),
        }
    }

    fn layout(&mut self) -> Result<Layout, Trouble> {
        Ok(Layout::default())
    }

    fn read(&mut self, _: &Layout, whole: bool) -> Result<Parsed, Trouble> {
        self.reads += 1;
        if self.name == "drops" && self.reads > 3 {
            return Err(Trouble::passing("the connection ended"));
        }
        let hundredths = 1_000_000 + self.begun.elapsed().as_millis() as u64 / 10;
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        let reading = Reading {
            at_ms,
            uptime_cs: hundredths,
            cpu: Some(CpuTimes {
                user_us: hundredths * 15_000,
                idle_us: hundredths * 25_000,
                ..CpuTimes::default()
            }),
            online_cpus: whole.then_some(4),
            memory: whole.then_some(Memory {
                total_bytes: 8 << 30,
                available_bytes: Some(4 << 30),
                ..Memory::default()
            }),
            ..Reading::default()
        };
        Ok(Parsed {
            reading,
            complaints: Vec::new(),
        })
    }

    fn filesystems(&mut self, _: &Layout) -> Result<Vec<Filesystem>, Trouble> {
        Ok(Vec::new())
    }

    fn ask(&mut self, _: Question) -> Result<Vec<u8>, Trouble> {
        Ok(Vec::new())
    }
}

fn target(name: &str) -> Target {
    Target {
        name: name.to_string(),
        reach: Reach::Local,
        interval: INTERVAL,
        tick: TICK,
        connections: None,
        processes: None,
        environment: None,
        tags: Vec::new(),
    }
}

fn campaign(folder: &Path, hosts: &[&str], seconds: f64) -> (Campaign, Board) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let campaign = Campaign {
        telemetry: folder.to_path_buf(),
        targets: hosts.iter().map(|name| target(name)).collect(),
        until_ms: Some(now + (seconds * 1000.0) as i64),
        rotate_every: Duration::from_millis(700),
        notes: vec!["made".to_string()],
    };
    let board = Board::new(hosts.iter().map(|name| ((*name).to_string(), 100)));
    (campaign, board)
}

#[test]
fn rotation_loses_no_interval_and_failing_hosts_stop_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = ["steady", "new", "drops", "refused", "changed-key"];
    let (campaign, board) = campaign(folder.path(), &hosts, 5.0);
    let made = Made::default();
    let summary = campaign::run(&campaign, &made, &|_| Vec::new(), &board, &Bell::new()).unwrap();
    let store = Store::at(folder.path());
    let reader = store.open(Table::Host).unwrap();
    let index = reader.host_index("steady").unwrap();
    let series = reader
        .read(index..index + 1, &[host::CPU_BUSY_CORES, host::MEMORY_TOTAL_BYTES])
        .unwrap();
    let at = &series[0].at_ms;
    assert!(at.len() >= 9, "{at:?}");
    assert!(
        at.windows(2).all(|pair| pair[1] - pair[0] == 400),
        "an interval is missing: {at:?}"
    );
    for busy in series[0].values(host::CPU_BUSY_CORES) {
        assert!((1.4..1.6).contains(&busy.unwrap()), "{busy:?}");
    }
    assert!(store.leftovers().unwrap().is_empty());
    assert!(logs_left(folder.path()).is_empty());
    let lines = board.lines();
    let standing = |name: &str| lines.iter().find(|line| line.name == name).unwrap();
    assert_eq!(standing("steady").standing, Standing::Up);
    assert_eq!(standing("refused").standing, Standing::Down);
    assert_eq!(standing("drops").standing, Standing::Down);
    assert!(standing("drops").readings >= 3);
    assert_eq!(standing("changed-key").standing, Standing::Stopped);
    assert_eq!(standing("changed-key").hint.as_deref(), Some("ask its owner"));
    assert!(made.tries.load(Ordering::Relaxed) >= 1);
    assert!(
        summary
            .origin
            .notes
            .iter()
            .any(|note| note.contains("new: host key SHA256:abc")),
        "{:?}",
        summary.origin.notes
    );
    assert!(summary.origin.rows["host"] >= 9);
}

fn logs_left(folder: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder.join("log"))
        .into_iter()
        .flatten()
        .flat_map(|run| fs::read_dir(run.unwrap().path()).into_iter().flatten())
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[test]
fn the_bell_ends_a_campaign_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (campaign, board) = campaign(folder.path(), &["steady", "refused"], 600.0);
    let bell = Bell::new();
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(900));
            bell.ring();
        });
        campaign::run(&campaign, &Made::default(), &|_| Vec::new(), &board, &bell).unwrap();
    });
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn the_second_collector_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = collector::log::CampaignLock::take(folder.path(), "process 1").unwrap();
    let (campaign, board) = campaign(folder.path(), &["steady"], 1.0);
    let error = campaign::run(&campaign, &Made::default(), &|_| Vec::new(), &board, &Bell::new()).unwrap_err();
    assert!(matches!(error, CampaignError::Lock(_)));
    assert!(error.hint().unwrap().contains("stop the other"));
    assert_eq!(
        campaign::settle(folder.path()).unwrap(),
        0,
        "a live collector's log is left alone"
    );
}

#[test]
fn a_killed_campaign_leaves_every_acknowledged_reading_and_nothing_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let mut read_before = 0;
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "collects_until_killed", "--ignored", "--nocapture"])
            .env("CAMPAIGN_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::sleep(Duration::from_millis(1_300 + round * 97));
        child.kill().unwrap();
        child.wait().unwrap();
        drop(out.lines());
        // What the log holds is what must become rows.
        let readings: usize = logs_left(folder.path())
            .iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
            .map(|path| collector::log::read_log(path).unwrap().records.len())
            .sum();
        assert!(readings > 0, "round {round}: nothing was kept");
        assert!(campaign::settle(folder.path()).unwrap() > 0);
        let store = Store::at(folder.path());
        let reader = store.open(Table::Host).unwrap();
        let rows = reader.rows();
        assert!(rows > read_before, "round {round}: {rows} rows after {read_before}");
        reader.decode_all(&[host::CPU_BUSY_CORES]).unwrap();
        assert!(logs_left(folder.path()).is_empty());
        read_before = rows;
    }
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn collects_until_killed() {
    let folder = std::env::var("CAMPAIGN_FOLDER").unwrap();
    let (mut campaign, board) = campaign(folder.as_ref(), &["steady", "drops", "refused"], 600.0);
    campaign.rotate_every = Duration::from_secs(1);
    campaign::run(&campaign, &Made::default(), &|_| Vec::new(), &board, &Bell::new()).unwrap();
}

#[test]
fn a_reader_beside_a_campaign_sees_every_interval_that_is_over_once() {
    let folder = tempfile::tempdir().unwrap();
    let (campaign, board) = campaign(folder.path(), &["steady"], 6.0);
    let store = Store::at(folder.path());
    let columns = [host::CPU_BUSY_CORES, host::MEMORY_TOTAL_BYTES];
    let read = |store: &Store| {
        let reader = store.open(Table::Host).unwrap();
        let index = reader.host_index("steady");
        index.and_then(|index| reader.read(index..index + 1, &columns).unwrap().pop())
    };
    let mut seen = Vec::new();
    thread::scope(|scope| {
        let working =
            scope.spawn(|| campaign::run(&campaign, &Made::default(), &|_| Vec::new(), &board, &Bell::new()).unwrap());
        while !working.is_finished() {
            thread::sleep(Duration::from_millis(30));
            let beside = tempfile::tempdir().unwrap();
            let live = Store::at(beside.path());
            campaign::copy_live_rows(folder.path(), &live).unwrap();
            let both = store.clone().reading_along(&live);
            seen.extend(read(&both));
            assert!(both.origins().unwrap().len() <= 1);
        }
    });
    let whole = read(&store).unwrap();
    assert!(seen.len() > 20, "{} looks", seen.len());
    let mut most = 0;
    for part in seen {
        let rows = part.len();
        assert!(rows >= most, "rows that were seen are gone: {rows} of {most}");
        most = rows;
        assert_eq!(part.at_ms[..], whole.at_ms[..rows]);
        for column in columns {
            assert_eq!(part.values(column)[..], whole.values(column)[..rows]);
        }
    }
    assert!(most + 2 >= whole.len(), "{most} of {}", whole.len());
}

#[test]
fn this_machine_can_be_collected_without_ssh() {
    let folder = tempfile::tempdir().unwrap();
    struct Here;
    impl Opener for Here {
        fn visit(&self, _: &Target, work: &mut dyn FnMut(&mut dyn Feed) -> Result<(), Trouble>) -> Result<(), Trouble> {
            campaign::visit_local(work)
        }
    }
    let (campaign, board) = campaign(folder.path(), &["here"], 2.0);
    campaign::run(&campaign, &Here, &|_| Vec::new(), &board, &Bell::new()).unwrap();
    let reader = Store::at(folder.path()).open(Table::Host).unwrap();
    let columns = [host::CPU_CORES, host::CPU_BUSY_CORES, host::MEMORY_TOTAL_BYTES];
    let series = reader.read(0..1, &columns).unwrap();
    assert!(series[0].len() >= 3, "{}", series[0].len());
    let cores = series[0].value(host::CPU_CORES, 1).unwrap();
    assert_eq!(cores as usize, thread::available_parallelism().unwrap().get());
    assert!(series[0].value(host::MEMORY_TOTAL_BYTES, 1).unwrap() > 1e8);
    assert!(Store::at(folder.path()).open(Table::Network).unwrap().rows() > 0);
}
