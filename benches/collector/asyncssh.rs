//! The same work by asyncssh in one Python process.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use collector::sampler::{COMMAND, show_commands};

use crate::estate::{Host, known_hosts};
use crate::servers::Keys;

const PACKAGE: &str = "asyncssh==2.24.1";

/// What asyncssh took.
#[derive(Debug, serde::Deserialize)]
pub struct Asyncssh {
    pub hosts: usize,
    pub failures: Vec<String>,
    pub connected_s: f64,
    pub cpu_s: f64,
    pub replies: usize,
    pub bytes: f64,
    pub resident_kib: f64,
    pub version: String,
}

/// Gives the program that runs on a host, as the one line that is sent; its random marks are 0123456789abcdef.
pub fn program() -> String {
    let shown = show_commands();
    let body = shown.split("each time:\n").nth(1).unwrap();
    let body = body.split("\n\n# 3").next().unwrap();
    let statements: Vec<&str> = body.lines().filter(|line| !line.starts_with("# ")).collect();
    statements.join("; ")
}

/// Lets asyncssh read the hosts for so many seconds.
///
/// # Errors
/// Why it did not.
pub fn asyncssh(target: &Path, work: &Path, keys: &Keys, hosts: &[Host], seconds: u64) -> Result<Asyncssh, String> {
    let python = environment(target)?;
    let file = |name: &str| work.join(format!("asyncssh-{name}"));
    let lines: Vec<String> = hosts
        .iter()
        .map(|host| format!("{} {} {}", host.name, host.address, host.port))
        .collect();
    fs::write(file("hosts"), lines.join("\n")).unwrap();
    fs::write(file("program"), program()).unwrap();
    known_hosts(keys, &file("known_hosts"), hosts);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/collector/asyncssh_peer.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(COMMAND)
        .args([file("program"), file("hosts"), file("known_hosts"), keys.path("user")])
        .arg(&keys.account)
        .arg(file("log"))
        .arg(seconds.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(file("errors")).unwrap())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = stdout.read_line(&mut line);
        let _ = sender.send(line);
    });
    let line = receiver.recv_timeout(Duration::from_secs(180 + seconds));
    let _ = child.kill();
    let _ = child.wait();
    let line = line.map_err(|_| "it did not end in time".to_string())?;
    serde_json::from_str(&line).map_err(|error| {
        let said = fs::read_to_string(file("errors")).unwrap_or_default();
        format!("{error}: {}", said.lines().last().unwrap_or_default())
    })
}

/// Makes (once) a Python environment with asyncssh.
fn environment(target: &Path) -> Result<PathBuf, String> {
    let folder = target.join("bench-python-asyncssh");
    let python = folder.join("bin/python");
    let stamp = folder.join("packages.txt");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == PACKAGE) {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let out = command.output().map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&out.stderr).into_owned();
        out.status.success().then_some(()).ok_or_else(said)
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]))?;
    fs::write(&stamp, PACKAGE).map_err(|error| error.to_string())?;
    Ok(python)
}
