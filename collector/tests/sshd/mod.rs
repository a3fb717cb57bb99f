//! A rig with real OpenSSH servers on loopback ports, for tests.
//!
//! Everything lives in a temporary folder; servers and agents end when they
//! are dropped, also when a test panics, and when the test process is killed.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

pub mod account;
pub mod agent;
pub mod processes;
pub mod visitor;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sizewright_collector::hosts::target::{Client, Credential, Endpoint};

const SSHD: &str = "/usr/sbin/sshd";

/// A folder with keys, for one test.
pub struct Rig {
    folder: tempfile::TempDir,
    servers: AtomicUsize,
}

/// Runs a program and fails with what it said.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} cannot be started ({error}); install openssh-client"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} failed: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Tells who runs the tests.
pub fn own_name() -> String {
    run("id", &["-un"]).trim().to_string()
}

pub fn is_root() -> bool {
    run("id", &["-u"]).trim() == "0"
}

impl Rig {
    pub fn new() -> Self {
        assert!(
            Path::new(SSHD).exists(),
            "{SSHD} is missing: these tests need a real SSH server; install openssh-server"
        );
        if is_root() {
            // Where sshd locks itself in; a package makes it at boot, containers have no boot.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let rig = Self {
            folder: tempfile::tempdir().unwrap(),
            servers: AtomicUsize::new(0),
        };
        rig.key("host", &["-t", "ed25519"]);
        rig.key("user", &["-t", "ed25519"]);
        rig
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Makes a key pair without a pass phrase.
    pub fn key(&self, name: &str, arguments: &[&str]) -> PathBuf {
        self.locked_key(name, "", arguments)
    }

    /// Makes a key pair with a pass phrase.
    pub fn locked_key(&self, name: &str, phrase: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        let mut all = vec!["-q", "-N", phrase, "-C", name, "-f", path.to_str().unwrap()];
        all.extend(arguments);
        run("ssh-keygen", &all);
        path
    }

    /// Reads the public half of a key of the rig, without its remark.
    pub fn public(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap();
        let words: Vec<&str> = text.split_whitespace().take(2).collect();
        words.join(" ")
    }

    /// Plans a server that knows the key `user` and shows the host key `host`.
    pub fn server(&self) -> Plan<'_> {
        Plan {
            rig: self,
            host_keys: vec!["host".to_string()],
            authorized: vec!["user".to_string()],
            lines: Vec::new(),
            port: None,
        }
    }

    /// Starts a server as it comes.
    pub fn start(&self) -> Sshd {
        self.server().start()
    }

    /// Gives the way to a server with the key `user` and the right host key on record.
    pub fn endpoint(&self, server: &Sshd) -> Endpoint {
        let line = format!("[127.0.0.1]:{} {}\n", server.port, self.public("host"));
        Endpoint {
            address: "127.0.0.1".to_string(),
            port: server.port,
            user: own_name(),
            host_key_alias: None,
            credentials: vec![self.credential("user")],
            known_hosts: vec![self.write(&format!("known_hosts-{}", server.port), &line)],
            jumps: Vec::new(),
            client: Client::BuiltIn,
        }
    }

    pub fn credential(&self, key: &str) -> Credential {
        Credential::KeyFile {
            path: self.path(key),
            certificate: None,
        }
    }
}

/// A server that is not started yet.
pub struct Plan<'a> {
    rig: &'a Rig,
    host_keys: Vec<String>,
    authorized: Vec<String>,
    lines: Vec<String>,
    port: Option<u16>,
}

impl Plan<'_> {
    pub fn host_keys(mut self, names: &[&str]) -> Self {
        self.host_keys = names.iter().map(ToString::to_string).collect();
        self
    }

    pub fn authorize(mut self, names: &[&str]) -> Self {
        self.authorized = names.iter().map(ToString::to_string).collect();
        self
    }

    /// Adds a line to its configuration; the first line for a setting counts.
    pub fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_string());
        self
    }

    /// Takes this port, as a server does that is started again.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    pub fn start(self) -> Sshd {
        // Another program may take the free port before the server does.
        for _ in 0..5 {
            if let Some(server) = self.try_start() {
                return server;
            }
        }
        panic!("sshd found no free port");
    }

    fn try_start(&self) -> Option<Sshd> {
        let rig = self.rig;
        let number = rig.servers.fetch_add(1, Ordering::SeqCst);
        let port = self.port.unwrap_or_else(free_port);
        let authorized: Vec<String> = self.authorized.iter().map(|name| rig.public(name)).collect();
        let authorized = rig.write(&format!("authorized_keys-{number}"), &(authorized.join("\n") + "\n"));
        let mut text = self.lines.join("\n");
        text += &format!(
            "\nListenAddress 127.0.0.1:{port}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n",
            authorized.display()
        );
        // Shells would run the start files of whoever runs the tests, which may do anything and take any time.
        text += &format!("SetEnv HOME={}\n", rig.folder.path().display());
        for name in &self.host_keys {
            text += &format!("HostKey {}\n", rig.path(name).display());
        }
        let settings = rig.write(&format!("sshd_config-{number}"), &text);
        let log = rig.path(&format!("sshd-{number}.log"));
        // When the test process is killed, its end of the pipe closes and the shell takes the server along.
        let child = Command::new("/bin/sh")
            .args(["-c", "\"$@\" </dev/null & server=$!; read -r _; kill $server", "sh"])
            .args([SSHD, "-D", "-e", "-f"])
            .arg(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let server = Sshd { port, child, log };
        server.is_ready().then_some(server)
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running server.
pub struct Sshd {
    pub port: u16,
    child: Child,
    log: PathBuf,
}

impl Sshd {
    /// Gives what the server has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Counts lines of the log, once there are as many as expected or two seconds have passed.
    pub fn count_in_log(&self, words: &str, expected: usize) -> usize {
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            let count = self.log().lines().filter(|line| line.contains(words)).count();
            if count >= expected || Instant::now() > deadline {
                return count;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Gives the processes that serve connections, and not the commands they run.
    pub fn sessions(&self) -> Vec<i32> {
        let all = processes::below(i32::try_from(self.child.id()).unwrap());
        // The shell's child is the listener, all others called sshd serve connections.
        let listener = all.iter().find(|one| one.name == "sshd").map(|one| one.id);
        let sessions = all
            .iter()
            .filter(|one| one.name.starts_with("sshd") && Some(one.id) != listener);
        sessions.map(|one| one.id).collect()
    }

    /// Stops all sessions; they keep their connections and answer nothing. Gives which.
    pub fn freeze(&self) -> Vec<i32> {
        let sessions = self.sessions();
        for session in &sessions {
            processes::signal(*session, "STOP");
        }
        sessions
    }

    /// Lets all sessions go on.
    pub fn thaw(&self) {
        for session in self.sessions() {
            processes::signal(session, "CONT");
        }
    }

    /// Kills all sessions at once.
    pub fn kill_sessions(&self) {
        for session in self.sessions() {
            processes::signal(session, "KILL");
        }
    }

    fn is_ready(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            let log = self.log();
            if log.contains("Server listening on") {
                return true;
            }
            if log.contains("Address already in use") {
                return false;
            }
            assert!(!log.contains("rror"), "sshd does not start: {log}");
            thread::sleep(Duration::from_millis(5));
        }
        panic!("sshd is not ready after 10 s: {}", self.log());
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let own = i32::try_from(self.child.id()).unwrap_or(0);
        // Those that are stopped die of KILL only, and have to be found while their parents live.
        for process in processes::below(own) {
            processes::signal(process.id, "KILL");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
