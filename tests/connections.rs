//! `collect` sees real connections of this machine, keeps them when it is killed, and maps them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use telemetry::inventory::{Dependency, Direction};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sizewright"));
    command.env("HOME", "/nonexistent");
    command
}

fn assessment(work: &Path, connections: &str) -> PathBuf {
    let folder = work.join("acme");
    assert!(
        program()
            .args(["init", &folder.display().to_string(), "--quiet"])
            .status()
            .unwrap()
            .success()
    );
    let text = format!("[[hosts]]\nname = \"here\"\naddress = \"local\"\nconnections = {connections}\n");
    fs::write(folder.join("hosts.toml"), text).unwrap();
    folder
}

/// A conversation over loopback that goes on until dropped: about 400 kB/s to the server, a tenth back.
struct Talk {
    port: u16,
    over: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Talk {
    fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let at = listener.local_addr().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let (serving, talking) = (Arc::clone(&over), Arc::clone(&over));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut room = [0; 4_000];
            while !serving.load(Ordering::Relaxed) && stream.read_exact(&mut room).is_ok() {
                let _ = stream.write_all(&room[..400]);
            }
        });
        let client = std::thread::spawn(move || {
            let mut stream = TcpStream::connect(at).unwrap();
            let mut room = [0; 400];
            while !talking.load(Ordering::Relaxed) {
                if stream.write_all(&[7; 4_000]).is_err() || stream.read_exact(&mut room).is_err() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        Self {
            port: at.port(),
            over,
            threads: vec![server, client],
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn dependency(folder: &Path, port: u16) -> Option<Dependency> {
    let inventory = telemetry::inventory::read(&folder.join("inventory")).unwrap();
    inventory.dependencies.into_iter().find(|row| row.port == port)
}

#[test]
fn a_conversation_is_seen_with_its_bytes() {
    let work = tempfile::tempdir().unwrap();
    let folder = assessment(work.path(), "\"1s\"");
    let (four, six) = (Talk::start("127.0.0.1:0"), Talk::start("[::1]:0"));
    let at = folder.display().to_string();
    let collected = program()
        .args([
            "-C", &at, "collect", "--for", "5s", "--every", "2s", "--tick", "1s", "--quiet",
        ])
        .output()
        .unwrap();
    assert!(
        collected.status.success(),
        "{}",
        String::from_utf8_lossy(&collected.stderr)
    );
    for port in [four.port, six.port] {
        let row = dependency(&folder, port).unwrap();
        assert_eq!(row.client.host.as_deref(), Some("here"));
        assert_eq!(row.server.host.as_deref(), Some("here"));
        assert_eq!(
            (row.direction, row.connections_max),
            (Direction::Listening, 1),
            "{row:?}"
        );
        assert!(row.looks_seen >= 3 && row.looks_seen <= row.looks_taken, "{row:?}");
        // `ss` tells bytes; a machine without it does not, and then nothing is said.
        if row.learnt.how == "ss" {
            let (to_server, to_client) = (row.to_server_bytes_per_s.unwrap(), row.to_client_bytes_per_s.unwrap());
            assert!(to_server > 20_000.0 && to_server < 1e6, "{row:?}");
            assert!((0.05..0.2).contains(&(to_client / to_server)), "{row:?}");
        } else {
            assert_eq!(row.to_server_bytes_per_s, None);
        }
    }
    let map = program()
        .args(["-C", &at, "discover", "--graph", "json"])
        .output()
        .unwrap();
    let map: serde_json::Value = serde_json::from_slice(&map.stdout).unwrap();
    assert_eq!(map["hosts"][0]["host"], "here");
}

#[test]
fn what_a_killed_collector_saw_is_not_lost() {
    let work = tempfile::tempdir().unwrap();
    let folder = assessment(work.path(), "\"1s\"");
    let talk = Talk::start("127.0.0.1:0");
    let at = folder.display().to_string();
    let mut collector = program()
        .args(["-C", &at, "collect", "--every", "2s", "--tick", "1s", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(5));
    collector.kill().unwrap();
    collector.wait().unwrap();
    assert_eq!(dependency(&folder, talk.port), None, "it is in the log yet");
    let status = program().args(["-C", &at, "status"]).output().unwrap();
    assert!(status.status.success());
    let row = dependency(&folder, talk.port).unwrap();
    assert!(row.looks_seen >= 2, "{row:?}");
}

#[test]
fn connections_are_not_looked_at_when_the_user_says_so() {
    let work = tempfile::tempdir().unwrap();
    let folder = assessment(work.path(), "false");
    let _talk = Talk::start("127.0.0.1:0");
    let at = folder.display().to_string();
    let collected = program()
        .args([
            "-C", &at, "collect", "--for", "3s", "--every", "2s", "--tick", "1s", "--quiet",
        ])
        .output()
        .unwrap();
    assert!(collected.status.success());
    assert!(!folder.join("inventory/dependencies.parquet").exists());
}
