#![allow(clippy::unwrap_used)]
//! Looks at several hosts become dependencies, whatever the order.

use std::net::IpAddr;

use proptest::prelude::*;
use telemetry::inventory::{Dependency, Direction, Transport};

use super::*;
use crate::discovery::sockets::sockets;

fn look(text: &str, at_ms: i64) -> Look {
    Watcher::default().look(&sockets(text.as_bytes()), at_ms)
}

const APP: &str = "\
tcp LISTEN 0 128 *:8080 *:* users:((\"java\",pid=7,fd=1)) uid:1001 ino:1 sk:1
tcp ESTAB 0 0 10.0.0.5:51022 10.0.0.7:5432 users:((\"java\",pid=7,fd=2)) uid:1001 ino:2 sk:2
 bytes_acked:1000 bytes_received:5000
tcp ESTAB 0 0 10.0.0.5:8080 203.0.113.9:50000 users:((\"java\",pid=7,fd=3)) uid:1001 ino:3 sk:3
 bytes_acked:70 bytes_received:10
tcp ESTAB 0 0 127.0.0.1:51000 127.0.0.1:8080 users:((\"nginx\",pid=9,fd=3)) uid:33 ino:4 sk:4
tcp ESTAB 0 0 127.0.0.1:8080 127.0.0.1:51000 users:((\"java\",pid=7,fd=5)) uid:1001 ino:5 sk:5
";
const DATABASE: &str = "\
tcp LISTEN 0 128 0.0.0.0:5432 0.0.0.0:* ino:1 sk:1
tcp LISTEN 0 128 10.0.0.7:40000 0.0.0.0:* ino:9 sk:1
tcp ESTAB 0 0 10.0.0.7:5432 10.0.0.5:51022 ino:2 sk:2
tcp TIME-WAIT 0 0 10.0.0.7:5432 10.0.0.5:51020
";

fn tally() -> Tally {
    let mut tally = Tally::default();
    tally.add("app", &look(APP, 1_000));
    tally.add("db", &look(DATABASE, 2_000));
    tally
}

fn between<'d>(rows: &'d [Dependency], client: &str, server: &str) -> Vec<&'d Dependency> {
    let name = |peer: &telemetry::inventory::Peer| peer.host.clone().unwrap_or_else(|| peer.address.clone());
    let is = |row: &&Dependency| name(&row.client) == client && name(&row.server) == server;
    rows.iter().filter(is).collect()
}

#[test]
fn two_ends_of_a_connection_are_one_dependency() {
    let rows = tally().dependencies(&[]);
    let found = between(&rows, "app", "db");
    assert_eq!(found.len(), 1, "{rows:?}");
    let row = found[0];
    assert_eq!(
        (row.port, row.direction, row.connections_max),
        (5432, Direction::Listening, 1)
    );
    assert_eq!(row.client.service.as_deref(), Some("java"));
    assert_eq!(
        (row.client.address.as_str(), row.server.address.as_str()),
        ("10.0.0.5", "10.0.0.7")
    );
    assert_eq!(row.to_server_bytes_per_s, None, "one look tells no rate");
}

#[test]
fn a_loopback_connection_stays_within_the_host_and_an_external_keeps_its_address() {
    let rows = tally().dependencies(&[]);
    let own = between(&rows, "app", "app");
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!((own[0].port, own[0].client.service.as_deref()), (8080, Some("nginx")));
    assert_eq!(own[0].server.service.as_deref(), Some("java"));
    let external = between(&rows, "203.0.113.9", "app");
    assert_eq!((external.len(), external[0].port), (1, 8080));
}

#[test]
fn bytes_are_differences_per_connection() {
    let mut watcher = Watcher::default();
    let first = watcher.look(&sockets(APP.as_bytes()), 0);
    assert_eq!(first.since_ms, None);
    let later = APP.replace(
        "bytes_acked:1000 bytes_received:5000",
        "bytes_acked:3000 bytes_received:9000",
    );
    let opened = "tcp ESTAB 0 0 10.0.0.5:51099 10.0.0.7:5432 users:((\"java\",pid=7,fd=2)) uid:1001 ino:8 sk:2\n bytes_acked:500 bytes_received:100\n";
    let second = watcher.look(&sockets(format!("{later}{opened}").as_bytes()), 10_000);
    let flow = second.flows.iter().find(|flow| flow.port == 5432).unwrap();
    assert_eq!(
        (flow.open, flow.sent_bytes, flow.received_bytes),
        (2, Some(2500), Some(4100))
    );
    let mut tally = Tally::default();
    tally.add("app", &first);
    tally.add("app", &second);
    tally.know("db", "::ffff:10.0.0.7".parse::<IpAddr>().unwrap(), 0);
    let rows = tally.dependencies(&[]);
    let row = between(&rows, "app", "db")[0];
    assert_eq!(
        (row.to_server_bytes_per_s, row.to_client_bytes_per_s),
        (Some(250.0), Some(410.0))
    );
    assert_eq!((row.looks_seen, row.looks_taken, row.connections_max), (2, 2, 2));
    assert_eq!(row.direction, Direction::ByPort, "nobody saw it listen");
}

#[test]
fn ephemeral_against_ephemeral_is_undecided_until_one_end_is_seen_to_listen() {
    let mut tally = Tally::default();
    tally.add(
        "a",
        &look("tcp ESTAB 0 0 10.0.0.1:40000 10.0.0.2:50000 ino:1 sk:1\n", 1),
    );
    let rows = tally.dependencies(&[]);
    assert_eq!((rows[0].direction, rows[0].port), (Direction::Undecided, 40_000));
    tally.add("b", &look("tcp LISTEN 0 1 0.0.0.0:50000 0.0.0.0:* ino:1 sk:1\ntcp ESTAB 0 0 10.0.0.2:50000 10.0.0.1:40000 ino:2 sk:1\n", 2));
    let rows = tally.dependencies(&[]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].direction, rows[0].port), (Direction::Listening, 50_000));
    assert_eq!(rows[0].server.host.as_deref(), Some("b"));
}

#[test]
fn connections_that_were_just_closed_are_seen() {
    let rows = {
        let mut tally = Tally::default();
        tally.add(
            "db",
            &look(
                "tcp LISTEN 0 1 *:5432 *:* ino:1 sk:1\ntcp TIME-WAIT 0 0 10.0.0.7:5432 10.0.0.5:51020\n",
                5,
            ),
        );
        tally.dependencies(&[])
    };
    assert_eq!(
        (rows[0].connections_max, rows[0].looks_seen, rows[0].port),
        (0, 1, 5432)
    );
}

#[test]
fn an_address_of_two_hosts_at_a_time_is_of_neither() {
    let bridge = "tcp LISTEN 0 1 172.17.0.1:53 0.0.0.0:* ino:1 sk:1\n";
    let mut tally = Tally::default();
    tally.add("a", &look(bridge, 1_000));
    tally.add("b", &look(bridge, 2_000));
    tally.add(
        "c",
        &look("tcp ESTAB 0 0 10.0.0.3:40000 172.17.0.1:80 ino:1 sk:1\n", 3_000),
    );
    assert_eq!(tally.dependencies(&[])[0].server.host, None);
    // A virtual address that has moved belongs to where it is now.
    tally.add("b", &look(bridge, 900_000));
    assert_eq!(tally.dependencies(&[])[0].server.host.as_deref(), Some("b"));
}

#[test]
fn a_look_that_is_read_twice_is_counted_once() {
    let rows = tally().dependencies(&[]);
    let mut known = rows[0].clone();
    known.absorb(&rows[0]);
    assert_eq!(known, rows[0]);
    let mut later = rows[0].clone();
    later.learnt.first_at_ms += 10_000;
    later.learnt.last_at_ms += 10_000;
    known.absorb(&later);
    assert_eq!(known.looks_taken, 2 * rows[0].looks_taken);
}

proptest! {
    #[test]
    fn the_order_of_looks_does_not_matter(seed in prop::collection::vec((0_u8..4, 0_u8..4, 0_u16..6, 0_u8..3), 1..20)) {
        let looks: Vec<(String, Look)> = seed
            .iter()
            .enumerate()
            .map(|(at, (host, peer, port, kind))| {
                let text = match kind {
                    0 => format!("tcp LISTEN 0 1 10.0.0.{host}:{} 0.0.0.0:* ino:1 sk:1\n", 80 + port),
                    1 => format!("tcp ESTAB 0 0 10.0.0.{host}:4000{port} 10.0.0.{peer}:{} ino:1 sk:1\n", 80 + port),
                    _ => format!("tcp ESTAB 0 0 10.0.0.{host}:4000{port} 10.0.0.{peer}:5000{port} ino:1 sk:1\n"),
                };
                (format!("h{host}"), look(&text, at as i64))
            })
            .collect();
        let rows = |looks: &[(String, Look)]| {
            let mut tally = Tally::default();
            for (host, look) in looks {
                tally.add(host, look);
            }
            tally.dependencies(&[])
        };
        let forward = rows(&looks);
        let backward: Vec<_> = looks.iter().rev().cloned().collect();
        prop_assert_eq!(&forward, &rows(&backward));
        for (place, row) in forward.iter().enumerate() {
            prop_assert!(forward[..place].iter().all(|other| !other.is_same_as(row)), "twice: {:?}", row);
            prop_assert!(row.looks_seen <= row.looks_taken);
            prop_assert_eq!(row.transport, Transport::Tcp);
        }
    }
}
