//! Real OpenSSH servers on loopback, with keys of their own, that end with the bench.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::procfs::{self, Process};

const SSHD: &str = "/usr/sbin/sshd";

/// A folder with keys.
pub struct Keys {
    folder: PathBuf,
    /// Who runs the bench, and logs in.
    pub account: String,
}

impl Keys {
    /// Makes the keys anew.
    pub fn make(folder: &Path) -> Self {
        assert!(Path::new(SSHD).exists(), "{SSHD} is missing; install openssh-server");
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).unwrap();
        for key in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", key, "-f"]);
            assert!(keygen.arg(folder.join(key)).status().unwrap().success());
        }
        let account = Command::new("id").arg("-un").output().unwrap().stdout;
        let account = String::from_utf8(account).unwrap().trim().to_string();
        if account == "root" {
            // Where sshd locks itself in; a package makes it at boot, containers have no boot.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        Self {
            folder: folder.to_path_buf(),
            account,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Gives the public host key without its remark.
    pub fn host_key(&self) -> String {
        let text = fs::read_to_string(self.path("host.pub")).unwrap();
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }
}

/// A running server; MaxStartups is OpenSSH's default.
pub struct Server {
    pub port: u16,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a server. It answers on every 127.x.y.z, so that each can stand for a host.
    pub fn start(keys: &Keys, name: &str) -> Self {
        Self::start_within(keys, name, &[])
    }

    /// Starts a server by another program, such as `unshare` with its arguments.
    pub fn start_within(keys: &Keys, name: &str, wrapper: &[&str]) -> Self {
        // Another program may take the free port before the server does.
        for _ in 0..5 {
            let server = Self::launch(keys, name, wrapper);
            if server.is_ready() {
                return server;
            }
        }
        panic!(
            "sshd does not start; see {}",
            keys.path(&format!("{name}.log")).display()
        );
    }

    fn launch(keys: &Keys, name: &str, wrapper: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = keys.path(&format!("{name}.config"));
        let text = format!(
            "ListenAddress 0.0.0.0:{port}\nAllowUsers *@127.0.0.0/8\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n\
             UsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             LogLevel VERBOSE\nSetEnv HOME={}\n",
            keys.path("host").display(),
            keys.path("user.pub").display(),
            // Shells would run the start files of whoever runs the bench, which may do anything and take any time.
            keys.folder.display()
        );
        fs::write(&settings, text).unwrap();
        let log = keys.path(&format!("{name}.log"));
        // When the bench is killed, its end of the pipe closes and the shell takes the server along.
        let child = Command::new("/bin/sh")
            .args(["-c", "\"$@\" </dev/null & server=$!; read -r _; kill $server", "sh"])
            .args(wrapper)
            .args([SSHD, "-D", "-e", "-f"])
            .arg(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { port, child, log }
    }

    fn is_ready(&self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if self.log().contains("Server listening on") {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Gives what the server has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Gives every process that serves connections, the commands they run included.
    pub fn processes(&self) -> Vec<Process> {
        procfs::below(self.child.id())
    }

    /// Reads off the log how connections fared.
    pub fn admissions(&self) -> Admissions {
        Admissions::read(&self.log())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for process in self.processes() {
            procfs::signal(process.id, Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How connections fared between knocking and being let in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Admissions {
    /// Connections that the server answered.
    pub connections: usize,
    /// Connections that it dropped because too many had not authenticated yet (MaxStartups).
    pub refused: usize,
    /// Most that had not authenticated yet at any one time.
    pub most_at_once: usize,
}

impl Admissions {
    fn read(log: &str) -> Self {
        let mut now: i64 = 0;
        let mut admissions = Self::default();
        for line in log.lines() {
            if line.starts_with("Connection from ") {
                admissions.connections += 1;
                now += 1;
                admissions.most_at_once = admissions.most_at_once.max(usize::try_from(now).unwrap_or(0));
            } else if line.starts_with("Accepted publickey for ") || line.contains("[preauth]") {
                now -= 1;
            } else if line.contains("MaxStartups") {
                admissions.refused += 1;
            }
        }
        admissions
    }

    /// Adds up what several servers saw; the most at once is that of the busiest.
    pub fn of(servers: &[Server]) -> Self {
        servers
            .iter()
            .map(Server::admissions)
            .fold(Self::default(), |sum, one| Self {
                connections: sum.connections + one.connections,
                refused: sum.refused + one.refused,
                most_at_once: sum.most_at_once.max(one.most_at_once),
            })
    }
}
