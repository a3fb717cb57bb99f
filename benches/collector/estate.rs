//! An assessment with as many hosts as wanted, and the program that collects it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::servers::{Keys, Server};

/// The program that is measured.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_sizewright");

/// The address that stands for this machine, read without SSH.
const LOCAL: &str = "local";

/// An assessment folder.
#[derive(Clone, Debug)]
pub struct Estate {
    pub folder: PathBuf,
}

/// One host of it.
#[derive(Clone, Debug)]
pub struct Host {
    pub name: String,
    pub address: String,
    pub port: u16,
}

/// Gives so many hosts, each an address of its own, dealt out to the servers in turn.
pub fn hosts(count: usize, servers: &[Server]) -> Vec<Host> {
    (0..count)
        .map(|number| Host {
            name: format!("host-{number:04}"),
            address: format!(
                "127.{}.{}.{}",
                1 + number / 62_500,
                1 + number / 250 % 250,
                1 + number % 250
            ),
            port: servers[number % servers.len()].port,
        })
        .collect()
}

/// Gives so many hosts that are one server's single address: as behind a port forwarder.
pub fn names_of_one_server(count: usize, server: &Server) -> Vec<Host> {
    (0..count)
        .map(|number| Host {
            name: format!("name-{number:04}"),
            address: "127.0.0.1".to_string(),
            port: server.port,
        })
        .collect()
}

/// Gives so many names of this machine, read without SSH.
pub fn names_of_this_machine(count: usize) -> Vec<Host> {
    (0..count)
        .map(|number| Host {
            name: format!("local-{number}"),
            address: LOCAL.to_string(),
            port: 0,
        })
        .collect()
}

/// Writes known_hosts with a line for every host, as a user would have it.
pub fn known_hosts(keys: &Keys, path: &Path, hosts: &[Host]) {
    let key = keys.host_key();
    let lines: String = hosts
        .iter()
        .filter(|host| host.address != LOCAL)
        .fold(String::new(), |mut text, host| {
            let _ = writeln!(text, "[{}]:{} {key}", host.address, host.port);
            text
        });
    fs::write(path, lines).unwrap();
}

impl Estate {
    /// Makes the assessment anew; `defaults` are lines of `[defaults]`.
    pub fn make(folder: PathBuf, keys: &Keys, hosts: &[Host], defaults: &str) -> Self {
        let _ = fs::remove_dir_all(&folder);
        let made = Command::new(PROGRAM)
            .args(["init", "--quiet"])
            .arg(&folder)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "sizewright init {}", folder.display());
        let known = folder.join("known_hosts");
        known_hosts(keys, &known, hosts);
        // Every host is this machine and would show the processes and sockets of all others: a thousand of each, asked
        // a thousand times. What one look at them costs is measured by the bench of discovery.
        let mut text = format!(
            "[defaults]\nuser = {:?}\nkey = {:?}\nknown_hosts = {known:?}\nprocesses = false\nconnections = false\n\
             {defaults}\n",
            keys.account,
            keys.path("user")
        );
        for host in hosts {
            let _ = write!(
                text,
                "\n[[hosts]]\nname = {:?}\naddress = {:?}\n",
                host.name, host.address
            );
            if host.address != LOCAL {
                let _ = writeln!(text, "port = {}", host.port);
            }
        }
        fs::write(folder.join("hosts.toml"), text).unwrap();
        Self { folder }
    }

    pub fn telemetry(&self) -> PathBuf {
        self.folder.join("telemetry")
    }

    /// Gives the command that collects it.
    pub fn collect(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .arg("-C")
            .arg(&self.folder)
            .args(["collect", "--format", "json"]);
        command.args(arguments).stdin(Stdio::null());
        // Neither an agent nor the configuration of whoever runs the bench takes part.
        command.env_remove("SSH_AUTH_SOCK").env("HOME", &self.folder);
        command
    }
}
