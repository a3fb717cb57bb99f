//! The whole path against a real sshd: init, hosts.toml, check, collect, status, plan.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A real OpenSSH server on a loopback port, with keys of its own.
struct Server {
    folder: tempfile::TempDir,
    port: u16,
    child: Child,
}

impl Server {
    fn start() -> Self {
        let program = "/usr/sbin/sshd";
        assert!(
            Path::new(program).exists(),
            "{program} is missing; install openssh-server"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(file(key))
                .status()
                .unwrap();
            assert!(made.success());
        }
        fs::copy(file("user.pub"), file("authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host_key = fs::read_to_string(file("host.pub")).unwrap();
        fs::write(file("known_hosts"), format!("[127.0.0.1]:{port} {host_key}")).unwrap();
        fs::write(
            file("sshd_config"),
            format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
                 PermitRootLogin yes\nPidFile none\n",
                file("host").display(),
                file("authorized").display()
            ),
        )
        .unwrap();
        // Where sshd locks itself in when root starts it; a package makes it at boot, containers have no boot.
        let _ = fs::create_dir_all("/run/sshd");
        let child = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(file("sshd_config"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "sshd did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { folder, port, child }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn hosts(&self, known_hosts: &Path) -> String {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        format!(
            "[defaults]\nuser = {:?}\nkey = {:?}\nknown_hosts = {:?}\nport = {}\n\n[[hosts]]\nname = \"db-1\"\naddress = \"127.0.0.1\"\n\n\
             [[hosts]]\nname = \"web-1\"\naddress = \"127.0.0.1\"\n",
            String::from_utf8_lossy(&user).trim(),
            self.path("user"),
            known_hosts,
            self.port
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sizewright(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn assessment(hosts: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let acme = folder.path().join("acme").display().to_string();
    assert_eq!(sizewright(&["init", &acme]).status.code(), Some(0));
    assert!(
        Path::new(&acme).join("hosts.toml").is_file(),
        "init writes a hosts.toml to start from"
    );
    fs::write(Path::new(&acme).join("hosts.toml"), hosts).unwrap();
    (folder, acme)
}

#[test]
fn from_init_to_plan_over_a_real_sshd() {
    let server = Server::start();
    let (_folder, acme) = assessment(&server.hosts(&server.path("known_hosts")));
    let check = sizewright(&["-C", &acme, "collect", "--check", "--format", "json"]);
    assert_eq!(
        check.status.code(),
        Some(0),
        "{} {}",
        text(&check.stdout),
        text(&check.stderr)
    );
    let rows: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!(rows[0]["host"], "db-1");
    assert_eq!(rows[1]["reached"], "yes");
    assert!(
        rows[1]["opened_by"].as_str().unwrap_or_default().contains("OpenSSH"),
        "{rows}"
    );

    let collected = sizewright(&["-C", &acme, "collect", "--for", "8s", "--every", "2s", "--tick", "1s"]);
    assert_eq!(collected.status.code(), Some(0), "{}", text(&collected.stderr));
    assert!(text(&collected.stderr).contains("2 up"), "{}", text(&collected.stderr));
    // A second run goes on in the same assessment.
    let again = sizewright(&["-C", &acme, "collect", "--for", "5s", "--every", "2s", "--tick", "1s"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));

    let status = sizewright(&["-C", &acme, "status", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status.as_array().unwrap().len(), 2, "{status}");
    let plan = sizewright(&["-C", &acme, "plan"]);
    assert!(matches!(plan.status.code(), Some(0 | 1)), "{}", text(&plan.stderr));
    let csv = fs::read_to_string(Path::new(&acme).join("plan/recommendations.csv")).unwrap();
    assert!(csv.contains("web-1"), "{csv}");
}

#[test]
fn an_unknown_host_key_is_refused_with_its_fingerprint_and_accepted_only_when_asked() {
    let server = Server::start();
    let empty = server.path("empty_known_hosts");
    let (_folder, acme) = assessment(&server.hosts(&empty));
    let refused = sizewright(&["-C", &acme, "collect", "--check"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stdout);
    let fingerprint = Command::new("ssh-keygen")
        .arg("-lf")
        .arg(server.path("host.pub"))
        .output()
        .unwrap();
    let fingerprint = text(&fingerprint.stdout);
    let fingerprint = fingerprint.split(' ').nth(1).unwrap();
    let flat: String = said
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '│')
        .collect();
    assert!(flat.contains(&fingerprint[..20]), "{said}");
    let file = empty.display().to_string();
    let accepted = sizewright(&["-C", &acme, "collect", "--check", "--accept-new", &file]);
    assert_eq!(
        accepted.status.code(),
        Some(0),
        "{} {}",
        text(&accepted.stdout),
        text(&accepted.stderr)
    );
    let known = sizewright(&["-C", &acme, "collect", "--check"]);
    assert_eq!(known.status.code(), Some(0), "{}", text(&known.stdout));

    // Whoever reads the plan is told.
    let fresh = server.path("fresh_known_hosts").display().to_string();
    let (_folder, acme) = assessment(&server.hosts(&server.path("no_known_hosts")));
    let quick = ["--for", "5s", "--every", "1s", "--tick", "1s"];
    let collected = sizewright(&[&["-C", &acme, "collect", "--accept-new", &fresh][..], &quick].concat());
    assert_eq!(collected.status.code(), Some(0), "{}", text(&collected.stderr));
    let planned = sizewright(&["-C", &acme, "plan"]);
    assert!(
        matches!(planned.status.code(), Some(0 | 1)),
        "{}",
        text(&planned.stderr)
    );
    let plan = fs::read_to_string(Path::new(&acme).join("plan/plan.json")).unwrap();
    assert!(
        plan.contains(fingerprint) && plan.contains("was accepted unseen (--accept-new)"),
        "{plan}"
    );
}

#[test]
fn what_the_own_ssh_connected_to_is_told_too() {
    let server = Server::start();
    let hosts = server.hosts(&server.path("known_hosts")) + "client = \"ssh\"\n";
    let (_folder, acme) = assessment(&hosts);
    let check = sizewright(&["-C", &acme, "collect", "--check", "--format", "json"]);
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stdout));
    let rows: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let opened = rows[1]["opened_by"].as_str().unwrap_or_default();
    assert!(opened.contains("OpenSSH") && opened.contains("by `ssh`"), "{rows}");
}

#[test]
fn flags_that_cannot_be_meant_are_refused_before_anything_runs() {
    let (_folder, acme) = assessment("[[hosts]]\nname = \"web-1\"\naddress = \"local\"\n");
    let cases: [(&[&str], &[&str]); 4] = [
        (&["--only", "wbe-1", "--check"], &["`wbe-1`", "did you mean `web-1`?"]),
        (&["--only", "web-*", "--only", "db", "--check"], &["`db`"]),
        (&["--every", "60s", "--tick", "7s"], &["7s", "does not divide", "60s"]),
        (&["--every", "2h"], &["2h", "expected"]),
    ];
    for (flags, words) in cases {
        let refused = sizewright(&[&["-C", &acme, "collect"], flags].concat());
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains("hint: "), "{said}");
        for word in words {
            assert!(said.contains(word), "{flags:?}: {said}");
        }
    }
    // A tick of hosts.toml that does not fit the interval of the command line gives way.
    let collected = sizewright(&["-C", &acme, "collect", "--for", "5s", "--every", "2s"]);
    assert_eq!(collected.status.code(), Some(0), "{}", text(&collected.stderr));
}

#[test]
fn a_host_that_is_not_there_is_named_and_the_exit_code_is_1() {
    let server = Server::start();
    let mut hosts = server.hosts(&server.path("known_hosts"));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    hosts.push_str(&format!(
        "\n[[hosts]]\nname = \"gone-1\"\naddress = \"127.0.0.1\"\nport = {port}\n"
    ));
    let (_folder, acme) = assessment(&hosts);
    let collected = sizewright(&["-C", &acme, "collect", "--for", "3s", "--every", "2s", "--tick", "1s"]);
    assert_eq!(collected.status.code(), Some(1), "{}", text(&collected.stderr));
    assert!(
        text(&collected.stdout).contains("gone-1"),
        "{}",
        text(&collected.stdout)
    );
    assert!(!text(&collected.stdout).contains("db-1"));
}

#[test]
fn this_machine_is_a_host_without_ssh() {
    let (_folder, acme) = assessment("[[hosts]]\nname = \"here\"\naddress = \"local\"\n");
    let collected = sizewright(&["-C", &acme, "collect", "--for", "5s", "--every", "2s", "--tick", "1s"]);
    assert_eq!(collected.status.code(), Some(0), "{}", text(&collected.stderr));
    let status = sizewright(&["-C", &acme, "status"]);
    assert!(text(&status.stdout).contains("here"), "{}", text(&status.stdout));
}

#[test]
fn what_runs_on_the_hosts_can_be_read_before_anything_runs() {
    let shown = sizewright(&["collect", "--show-commands"]);
    assert_eq!(shown.status.code(), Some(0));
    let shown = text(&shown.stdout);
    for word in ["grep -v", "uptime", "No root", "/bin/sh -c"] {
        assert!(shown.contains(word), "{word}");
    }
}

#[test]
fn a_missing_or_wrong_hosts_file_is_said_with_its_place() {
    let (folder, acme) = assessment("[[hosts]]\nname = \"a\"\nprot = 22\n");
    let wrong = sizewright(&["-C", &acme, "collect", "--check"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
    assert!(
        text(&wrong.stderr).contains("hosts.toml") && text(&wrong.stderr).contains('3'),
        "{}",
        text(&wrong.stderr)
    );
    assert!(text(&wrong.stderr).contains("port"), "{}", text(&wrong.stderr));
    fs::remove_file(folder.path().join("acme/hosts.toml")).unwrap();
    let missing = sizewright(&["-C", &acme, "collect"]);
    assert_eq!(missing.status.code(), Some(2), "{}", text(&missing.stderr));
}
