//! What the whole-program tests of collecting share: servers of the collector's rig, an assessment, a collector at work.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

#[path = "../../collector/tests/sshd/mod.rs"]
pub mod rig;

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use telemetry::schema::host;
use telemetry::{ColumnId, Store, Table};

use self::rig::{Rig, Sshd, own_name, processes};

/// An assessment in a folder of its own.
pub struct Assessment {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

/// One row of table `host`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    pub at_ms: i64,
    pub busy_cores: Option<f64>,
    pub cores: Option<f64>,
}

/// Gives the entry of hosts.toml for a server of the rig.
pub fn entry(rig: &Rig, name: &str, server: &Sshd) -> String {
    let endpoint = rig.endpoint(server);
    format!(
        "[[hosts]]\nname = {name:?}\naddress = \"127.0.0.1\"\nport = {}\nuser = {:?}\nkey = {:?}\nknown_hosts = {:?}\n\n",
        server.port,
        own_name(),
        rig.path("user"),
        endpoint.known_hosts[0],
    )
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

impl Assessment {
    pub fn with(hosts: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("acme");
        let made = Command::new(env!("CARGO_BIN_EXE_sizewright"))
            .arg("init")
            .arg(&root)
            .output()
            .unwrap();
        assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
        fs::write(root.join("hosts.toml"), hosts).unwrap();
        Self { _folder: folder, root }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn telemetry(&self) -> PathBuf {
        self.root.join("telemetry")
    }

    pub fn store(&self) -> Store {
        Store::at(self.telemetry())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sizewright"));
        command.arg("-C").arg(&self.root).args(arguments).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts a collector that reads every second and stores every second second, unless told otherwise.
    pub fn collect(&self, arguments: &[&str]) -> Collector {
        let mut command = self.command(&["--format", "json", "collect"]);
        if !arguments.contains(&"--every") {
            command.args(["--every", "2s", "--tick", "1s"]);
        }
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let events = heard(child.stdout.take().unwrap());
        let talk = heard(child.stderr.take().unwrap());
        Collector { child, events, talk }
    }

    /// Reads the rows of a host from the store alone.
    pub fn rows(&self, name: &str) -> Vec<Row> {
        rows_of(&self.store(), name)
    }

    /// Gives a host's line of `status`.
    pub fn status(&self, name: &str) -> serde_json::Value {
        let status = self.run(&["status", "--format", "json"]);
        assert_eq!(status.status.code(), Some(0), "{}", text(&status.stderr));
        let lines: Vec<serde_json::Value> = serde_json::from_slice(&status.stdout).unwrap();
        let line = lines.iter().find(|line| line["host"] == name);
        line.unwrap_or_else(|| panic!("no {name} in {lines:?}")).clone()
    }

    /// Gives what the records of all runs say in words.
    pub fn notes(&self) -> Vec<String> {
        let origins = self.store().origins().unwrap();
        origins.into_iter().flat_map(|origin| origin.notes).collect()
    }

    /// Lists the logs that are there.
    pub fn logs(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.telemetry().join("log")).into_iter().flatten();
        runs.flat_map(|run| collector::log::logs_in(&run.unwrap().path()).unwrap())
            .map(|(_, path)| path)
            .collect()
    }
}

pub fn rows_of(store: &Store, name: &str) -> Vec<Row> {
    let reader = store.open(Table::Host).unwrap();
    let Some(index) = reader.host_index(name) else {
        return Vec::new();
    };
    let columns: [ColumnId; 2] = [host::CPU_BUSY_CORES, host::CPU_CORES];
    let series = reader.read(index..index + 1, &columns).unwrap().pop().unwrap();
    let row = |place: usize| Row {
        at_ms: series.at_ms[place],
        busy_cores: series.value(host::CPU_BUSY_CORES, place),
        cores: series.value(host::CPU_CORES, place),
    };
    (0..series.len()).map(row).collect()
}

/// Gives the longest time between two neighbouring rows, in milliseconds.
pub fn longest_pause_ms(rows: &[Row]) -> i64 {
    let pauses = rows.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms);
    pauses.max().unwrap_or(0)
}

/// Fails when a row says what no machine does.
pub fn assert_plausible(name: &str, rows: &[Row]) {
    for row in rows {
        let busy = row.busy_cores.unwrap_or(0.0);
        let most = row.cores.unwrap_or(4096.0) * 1.25 + 0.1;
        assert!((0.0..=most).contains(&busy), "{name}: {row:?}");
    }
}

/// A collector at work; killed when dropped.
pub struct Collector {
    child: Child,
    events: Arc<Mutex<String>>,
    talk: Arc<Mutex<String>>,
}

/// How a collector ended.
pub struct Ended {
    pub code: Option<i32>,
    pub events: String,
    pub talk: String,
}

impl Collector {
    pub fn id(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Gives the events of a host that were told so far, oldest first.
    pub fn events(&self, name: &str) -> Vec<serde_json::Value> {
        let events = self.events.lock().unwrap().clone();
        let all = events
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        all.filter(|event| event["host"] == name).collect()
    }

    /// Waits until a host has come into a state so many times; gives the last such event.
    pub fn wait_for(&mut self, name: &str, state: &str, times: usize, within: Duration) -> serde_json::Value {
        let begun = Instant::now();
        loop {
            let events = self.events(name);
            let such: Vec<&serde_json::Value> = events.iter().filter(|event| event["state"] == state).collect();
            if such.len() >= times {
                return such[times - 1].clone();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                begun.elapsed() < within && ended.is_none(),
                "{name} is not {state} for the {times}. time after {within:?} ({ended:?}): {events:?} {}",
                self.talk.lock().unwrap()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Gives the most memory it has had so far, in KiB.
    pub fn peak_memory_kibibytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Sends a signal, waits for the end and gives what was said.
    pub fn end_with(self, signal: &str, within: Duration) -> Ended {
        processes::signal(self.id(), signal);
        self.end(within)
    }

    /// Waits for the end and gives what was said.
    pub fn end(mut self, within: Duration) -> Ended {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                begun.elapsed() < within,
                "the collector has not ended after {within:?}: {}",
                self.talk.lock().unwrap()
            );
            thread::sleep(Duration::from_millis(20));
        };
        // What it wrote last may still be on its way through the pipes.
        thread::sleep(Duration::from_millis(100));
        let events = self.events.lock().unwrap().clone();
        let talk = self.talk.lock().unwrap().clone();
        Ended {
            code: status.code(),
            events,
            talk,
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps what comes out of a pipe.
fn heard(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let heard = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&heard);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut kept = kept.lock().unwrap();
            kept.push_str(&line);
            kept.push('\n');
        }
    });
    heard
}
