//! The same work by one OpenSSH client process per host: what their memory comes to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use collector::sampler::COMMAND;

use crate::asyncssh::program;
use crate::estate::{Host, known_hosts};
use crate::procfs;
use crate::servers::Keys;

/// Clients that connect at once.
const AT_ONCE: usize = 8;

/// What one OpenSSH client per host took.
#[derive(Debug)]
pub struct Openssh {
    /// Clients that answered a tick.
    pub clients: usize,
    /// Their memory, shared pages by share, KiB.
    pub proportional_kib: f64,
}

/// Starts one client per host with the same program, has each answer a tick, and weighs them.
pub fn weigh(work: &Path, keys: &Keys, hosts: &[Host], within: Duration) -> Openssh {
    let known = work.join("openssh-known_hosts");
    known_hosts(keys, &known, hosts);
    let program = program();
    let (next, answered) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let clients: Mutex<Vec<Child>> = Mutex::new(Vec::new());
    let (working, through) = mpsc::channel::<()>();
    let proportional_kib = thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            let (next, answered, clients, known, program) = (&next, &answered, &clients, &known, &program);
            let working = working.clone();
            scope.spawn(move || {
                while let Some(host) = hosts.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let mut client = start(keys, host, known);
                    let pipes = (client.stdin.take().unwrap(), client.stdout.take().unwrap());
                    clients.lock().unwrap().push(client);
                    // The pipes are kept, so that the clients go on.
                    let answer = tick(pipes, program);
                    answered.lock().unwrap().extend(answer);
                }
                drop(working);
            });
        }
        drop(working);
        // The channel closes when all threads are through; those that are not end when their clients are killed.
        let _ = through.recv_timeout(within);
        next.store(hosts.len(), Ordering::SeqCst);
        thread::sleep(Duration::from_secs(1));
        let mut clients = clients.lock().unwrap();
        let of = |client: &Child| procfs::proportional_kib(client.id());
        let weight = clients.iter().filter_map(of).sum();
        for client in clients.iter_mut() {
            let _ = client.kill();
            let _ = client.wait();
        }
        weight
    });
    Openssh {
        clients: answered.into_inner().unwrap().len(),
        proportional_kib,
    }
}

fn start(keys: &Keys, host: &Host, known: &Path) -> Child {
    let option = |name: &str, value: &str| format!("-o{name}={value}");
    Command::new("ssh")
        .args([
            "-F",
            "none",
            "-T",
            "-p",
            &host.port.to_string(),
            "-l",
            &keys.account,
            "-i",
        ])
        .arg(keys.path("user"))
        // OpenSSH's default, sntrup761, takes 30 times the CPU, and no memory that stays.
        .arg(option("KexAlgorithms", "curve25519-sha256"))
        .arg(option("UserKnownHostsFile", &known.display().to_string()))
        .args(["-oBatchMode=yes", "-oIdentitiesOnly=yes", "-oConnectTimeout=20"])
        .args([&host.address, COMMAND])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Sends the program and asks for two ticks; gives the pipes back when both were answered.
fn tick((mut stdin, stdout): (ChildStdin, ChildStdout), program: &str) -> Option<(ChildStdin, BufReader<ChildStdout>)> {
    let mut stdout = BufReader::new(stdout);
    write!(stdin, "{program}\nm 1 \nt 2 \n").ok()?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if stdout.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        if line.starts_with(b"@") && line.ends_with(b" E 2\n") {
            return Some((stdin, stdout));
        }
    }
}
