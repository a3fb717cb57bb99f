#![allow(clippy::unwrap_used)]
//! Text of real machines, text that no machine prints, and sockets of this machine.

use std::net::IpAddr;

use proptest::prelude::*;
use telemetry::inventory::Transport;

use super::*;

const SS: &str = "\
Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process
udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* uid:101 ino:9 sk:1 cgroup:/system.slice/systemd-resolved.service
udp ESTAB 0 0 10.0.0.5:40000 10.0.0.1:53 ino:10 sk:9
tcp LISTEN 0 128 *:8080 *:* users:((\"java\",pid=77,fd=9)) uid:1001 ino:11 sk:2 cgroup:/system.slice/tomcat.service v6only:0
 cubic cwnd:10
tcp LISTEN 0 128 [::1]:631 [::]:* ino:12 sk:3
tcp ESTAB 0 0 [::ffff:10.0.0.5]:8080 [::ffff:10.0.0.9]:51000 users:((\"java\",pid=77,fd=12),(\"x\",pid=8,fd=1)) uid:1001 ino:13 sk:4
 bytes_acked:1201 bytes_received:777
tcp ESTAB 0 0 10.0.0.5:51022 10.0.0.7:5432 uid:1001 ino:14 sk:5
 bytes_acked:9 bytes_received:100000
tcp TIME-WAIT 0 0 10.0.0.5:51023 10.0.0.7:5432 timer:(timewait,36sec,0) ino:0 sk:6
tcp ESTAB 0 0 [fe80::1]%eth0:22 [fe80::2%eth0]:50000 ino:15 sk:7
";

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn ss_tells_listeners_with_account_process_and_unit() {
    let found = sockets(SS.as_bytes());
    assert!(found.by_ss && !found.cut);
    let ports: Vec<(Transport, u16)> = found.listeners.iter().map(|one| (one.transport, one.port)).collect();
    assert_eq!(
        ports,
        [(Transport::Udp, 53), (Transport::Tcp, 8080), (Transport::Tcp, 631)]
    );
    let java = &found.listeners[1];
    assert!(java.address.is_unspecified());
    assert_eq!((java.uid, java.pid, java.inode), (Some(1001), Some(77), Some(11)));
    assert_eq!(java.control_group.as_deref(), Some("/system.slice/tomcat.service"));
    assert_eq!(found.listeners[2].uid, Some(0), "the superuser's number is not printed");
    assert_eq!(found.listeners[0].address, address("127.0.0.53"));
}

#[test]
fn ss_tells_bytes_of_each_connection() {
    let connections = connections(SS.as_bytes());
    assert_eq!(connections.len(), 5);
    let served = &connections[1];
    assert_eq!(served.local, (address("10.0.0.5"), 8080), "a mapped address is IPv4");
    assert_eq!((served.sent_bytes, served.received_bytes), (Some(1201), Some(777)));
    assert_eq!((served.pid, served.uid), (Some(77), Some(1001)));
    let closed = &connections[3];
    assert!(closed.closed);
    assert_eq!((closed.uid, closed.sent_bytes), (None, None));
    assert_eq!(connections[4].remote, (address("fe80::2"), 50_000));
    assert_eq!(connections[4].sent_bytes, None, "what is not told is not zero");
    assert_eq!(connections[0].transport, Transport::Udp);
}

#[test]
fn proc_tells_the_same_without_bytes() {
    let text = "==> net/udp <==\n  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  338: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 9 2 0 0\n\n==> net/tcp6 <==\n   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 11 1 0 100 0 0 10 0\n   1: 0000000000000000FFFF00000500000A:1F90 0000000000000000FFFF00000900000A:C738 01 00000000:00000000 00:00000000 00000000  1001        0 13 1 0 20 4 30 10 -1\n\n==> net/tcp <==\n   0: 0500000A:C74F 0700000A:1538 06 00000000:00000000 03:000016F8 00000000     0        0 0 3 0\n   1: 0500000A:C74F 0700000A:1538 08 00000000:00000000 03:000016F8 00000000     0        0 0 3 0\n";
    let found = sockets(text.as_bytes());
    assert!(!found.by_ss);
    assert_eq!(found.listeners.len(), 2);
    assert_eq!((found.listeners[1].port, found.listeners[1].uid), (8080, Some(1001)));
    assert_eq!(
        found.connections.len(),
        2,
        "a connection that waits to be closed is none"
    );
    assert_eq!(found.connections[0].local, (address("10.0.0.5"), 8080));
    assert_eq!(found.connections[0].remote, (address("10.0.0.9"), 51_000));
    assert!(found.connections[1].closed && found.connections[1].uid.is_none());
}

#[test]
fn names_that_look_like_fields_do_not_change_a_socket() {
    let line = "tcp LISTEN 0 1 0.0.0.0:5432 0.0.0.0:* users:((\"a,pid=1,fd=1\",pid=42,fd=3)) uid:26 ino:7 sk:1\n";
    let found = listeners(line.as_bytes());
    assert_eq!((found[0].pid, found[0].uid), (Some(42), Some(26)));
    let old = "tcp LISTEN 0 1 :::22 :::* users:((\"sshd\",1215,4)) ino:7 sk:1\n";
    assert_eq!(listeners(old.as_bytes())[0].pid, Some(1215));
}

#[test]
fn a_reply_without_end_is_bounded() {
    let mut text = String::new();
    for number in 0..60_000_u32 {
        text.push_str(&format!(
            "tcp ESTAB 0 0 10.0.0.1:{} 10.1.0.1:443\n",
            number % 60_000 + 1
        ));
    }
    let found = sockets(text.as_bytes());
    assert!(found.cut);
    assert_eq!(found.connections.len(), SOCKETS_AT_MOST);
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "(?s).{0,400}", prefix in prop::sample::select(vec!["", "==> net/tcp <==\n", "tcp ESTAB 0 0 ", " bytes_acked:"])) {
        let text = format!("{prefix}{text}");
        let found = sockets(text.as_bytes());
        for one in &found.listeners {
            let group = one.control_group.as_deref().unwrap_or_default();
            prop_assert!(!group.chars().any(char::is_control));
        }
    }

    #[test]
    fn what_the_kernel_writes_is_read_back(address in any::<std::net::Ipv4Addr>(), port in 1_u16.., remote_port in 1_u16..) {
        let hexadecimal = |address: std::net::Ipv4Addr| format!("{:08X}", u32::from_le_bytes(address.octets()));
        let text = format!("==> net/tcp <==\n 0: {}:{port:04X} 0100007F:{remote_port:04X} 01 0:0 00:0 0 5 0 6\n", hexadecimal(address));
        let found = connections(text.as_bytes());
        prop_assert_eq!(found[0].local, (IpAddr::V4(address), port));
        prop_assert_eq!(found[0].remote.1, remote_port);
        prop_assert_eq!(found[0].uid, Some(5));
    }
}
