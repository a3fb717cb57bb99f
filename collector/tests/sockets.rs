//! Sockets of real machines: recorded text, and connections that this test opens.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Command;

use sizewright_collector::campaign::visit_local;
use sizewright_collector::discovery::seen::{Connection, Listener};
use sizewright_collector::discovery::sockets::sockets;
use sizewright_collector::sampler::Question;
use telemetry::inventory::Transport;

#[test]
fn recorded_text_of_real_machines_is_understood() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
    let Ok(tulpen) = std::fs::read(fixtures.join("commands/ubuntu-18.04--ss-sudo-tulpen.out")) else {
        eprintln!("not run: ../shared/fixtures is not there");
        return;
    };
    let lines = String::from_utf8_lossy(&tulpen).lines().count() - 1;
    let found = sockets(&tulpen);
    assert!(
        found.listeners.len() * 10 >= lines * 9,
        "{} of {lines}",
        found.listeners.len()
    );
    let avahi = found
        .listeners
        .iter()
        .find(|one| one.pid == Some(1510) && one.port == 5353);
    assert_eq!(avahi.and_then(|one| one.uid), Some(112));
    let wide = std::fs::read(fixtures.join("commands/generic--ss-wide.out")).unwrap();
    let wide = sockets(&wide);
    assert!(
        wide.listeners
            .iter()
            .all(|one| one.pid.is_some() && one.control_group.is_some())
    );
    assert!(wide.listeners.len() > 5);
    for name in ["centos-7.7--ss-sudo-a.out", "ubuntu-18.04--ss-sudo-a.out"] {
        // With names for ports nothing can be known of most lines, and nothing must go wrong.
        let _ = sockets(&std::fs::read(fixtures.join("commands").join(name)).unwrap());
    }
    let mut proc = Vec::new();
    for name in ["udp", "udp6", "tcp6", "tcp"] {
        proc.extend(format!("==> net/{name} <==\n").into_bytes());
        proc.extend(std::fs::read(fixtures.join("proc/net").join(name)).unwrap());
        proc.push(b'\n');
    }
    let found = sockets(&proc);
    assert!(found.listeners.len() >= 2, "{found:?}");
    let broken = std::fs::read(fixtures.join("proc/net/udp_broken")).unwrap();
    assert_eq!(
        sockets(&[b"==> net/udp <==\n".as_slice(), &broken].concat()).listeners,
        []
    );
}

/// Asks this machine, or the namespace it runs in, as a target is asked.
fn asked() -> Vec<u8> {
    let mut reply = Vec::new();
    visit_local(&mut |feed| {
        reply = feed.ask(Question::Sockets)?;
        Ok(())
    })
    .unwrap();
    reply
}

#[test]
fn sockets_of_this_machine_are_found_by_both_ways() {
    let four = TcpListener::bind("127.0.0.1:0").unwrap();
    let six = TcpListener::bind("[::1]:0").unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(four.local_addr().unwrap()).unwrap();
    let (mut server, _) = four.accept().unwrap();
    client.write_all(&[1; 12_345]).unwrap();
    server.read_exact(&mut [0; 12_345]).unwrap();
    let files = Command::new("head")
        .args(["-n", "11000", "net/udp", "net/udp6", "net/tcp6", "net/tcp"])
        .current_dir("/proc")
        .output()
        .unwrap();
    let (told, listed) = (sockets(&asked()), sockets(&files.stdout));
    assert!(!listed.by_ss);
    for found in [&told, &listed] {
        for (transport, at) in [
            (Transport::Tcp, four.local_addr().unwrap()),
            (Transport::Tcp, six.local_addr().unwrap()),
            (Transport::Udp, datagrams.local_addr().unwrap()),
        ] {
            let is_it = |one: &&Listener| (one.transport, one.address, one.port) == (transport, at.ip(), at.port());
            let one = found.listeners.iter().find(is_it).unwrap();
            assert_eq!(one.uid, Some(rustix::process::getuid().as_raw()));
            assert!(one.inode.is_some());
        }
        let ends = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        let is_it = |one: &&Connection| one.local == (ends.0.ip(), ends.0.port());
        let one = found.connections.iter().find(is_it).unwrap();
        assert_eq!(one.remote, (ends.1.ip(), ends.1.port()));
        assert!(!one.closed);
    }
    if told.by_ss {
        let own = told
            .listeners
            .iter()
            .find(|one| one.port == four.local_addr().unwrap().port());
        assert_eq!(own.unwrap().pid, Some(std::process::id()));
        let at = client.local_addr().unwrap().port();
        let sent = told.connections.iter().find(|one| one.local.1 == at).unwrap();
        // The kernel counts the opening as a byte.
        assert!((12_345..12_400).contains(&sent.sent_bytes.unwrap()), "{sent:?}");
        assert_eq!(sent.received_bytes, Some(0));
        let other = told.connections.iter().find(|one| one.remote.1 == at).unwrap();
        assert!((12_345..12_400).contains(&other.received_bytes.unwrap()), "{other:?}");
    }
}
