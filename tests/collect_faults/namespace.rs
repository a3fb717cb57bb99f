//! A network namespace with one server in it, whose packets can be made to vanish.

use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::sshd::rig::{Rig, own_name, run};

/// The namespace and the cable into it; both are taken away when dropped.
pub struct Namespace {
    name: String,
    cable: String,
    near: String,
    far: String,
}

/// A server in the namespace.
pub struct FarServer {
    address: String,
    child: Child,
}

const PORT: u16 = 2222;

impl Namespace {
    /// Makes it; fails when root may not.
    pub fn make() -> Self {
        let id = std::process::id();
        // A network of 4 addresses in the range for benchmarks (RFC 2544), which nobody routes.
        let (third, fourth) = (id / 64 % 256, id % 64 * 4);
        let namespace = Self {
            name: format!("sizewright-{id}"),
            cable: format!("sw{}", id % 1_000_000),
            near: format!("198.18.{third}.{}", fourth + 1),
            far: format!("198.18.{third}.{}", fourth + 2),
        };
        let Self { name, cable, near, far } = &namespace;
        let inside = format!("{cable}i");
        ip(&["netns", "add", name]);
        ip(&["link", "add", cable, "type", "veth", "peer", "name", &inside]);
        ip(&["link", "set", &inside, "netns", name]);
        ip(&["addr", "add", &format!("{near}/30"), "dev", cable]);
        ip(&["link", "set", cable, "up"]);
        ip(&["-n", name, "addr", "add", &format!("{far}/30"), "dev", &inside]);
        ip(&["-n", name, "link", "set", &inside, "up"]);
        ip(&["-n", name, "link", "set", "lo", "up"]);
        namespace
    }

    /// Makes all packets vanish on both ways without a word, or lets them through again.
    ///
    /// They are sent to a hardware address that nobody has: that needs no packet filter in the kernel.
    pub fn drop_packets(&self, vanish: bool) {
        let Self { name, cable, near, far } = self;
        let inside = format!("{cable}i");
        let nobody = "02:00:00:00:00:99";
        for (way, address, device) in [(&[] as &[&str], far, cable), (&["-n", name], near, &inside)] {
            let mut words = way.to_vec();
            if vanish {
                words.extend(["neigh", "replace", address, "lladdr", nobody]);
                words.extend(["dev", device, "nud", "permanent"]);
            } else {
                words.extend(["neigh", "del", address, "dev", device]);
            }
            ip(&words);
        }
    }

    /// Starts a server in the namespace that knows the rig's keys.
    pub fn start(&self, rig: &Rig) -> FarServer {
        let authorized = rig.write("authorized-far", &(rig.public("user") + "\n"));
        let settings = rig.write(
            "sshd_config-far",
            &format!(
                "ListenAddress {}:{PORT}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\n\
                 PermitRootLogin yes\nPasswordAuthentication no\nSetEnv HOME={}\n",
                self.far,
                rig.path("host").display(),
                authorized.display(),
                rig.path("").display(),
            ),
        );
        let child = Command::new("ip")
            .args(["netns", "exec", &self.name, "/usr/sbin/sshd", "-D", "-e", "-f"])
            .arg(settings)
            .stdin(Stdio::null())
            .stderr(fs::File::create(rig.path("sshd-far.log")).unwrap())
            .spawn()
            .unwrap();
        let server = FarServer {
            address: self.far.clone(),
            child,
        };
        let begun = Instant::now();
        while TcpStream::connect((self.far.as_str(), PORT)).is_err() {
            let said = fs::read_to_string(rig.path("sshd-far.log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(10), "no server there: {said}");
            thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

/// Gives the entry of hosts.toml for the server in the namespace.
pub fn entry_in(rig: &Rig, name: &str, server: &FarServer) -> String {
    let FarServer { address, .. } = server;
    let known = rig.write(
        "known_hosts-far",
        &format!("[{address}]:{PORT} {}\n", rig.public("host")),
    );
    format!(
        "[[hosts]]\nname = {name:?}\naddress = {address:?}\nport = {PORT}\nuser = {:?}\nkey = {:?}\nknown_hosts = {known:?}\n\n",
        own_name(),
        rig.path("user"),
    )
}

fn ip(words: &[&str]) {
    run("ip", words);
}

impl Drop for FarServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Sessions of a server live on without it.
        let inside = Command::new("ip").args(["netns", "pids", &self.name]).output();
        for id in inside
            .map(|inside| String::from_utf8_lossy(&inside.stdout).into_owned())
            .unwrap_or_default()
            .split_whitespace()
        {
            let _ = Command::new("kill").args(["-KILL", id]).status();
        }
        for words in [["link", "del", &self.cable], ["netns", "del", &self.name]] {
            let _ = Command::new("ip").args(words).stderr(Stdio::null()).status();
        }
    }
}
