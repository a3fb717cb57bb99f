//! One look at one host: its connections by peer and port, and what they carried since the last look.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use telemetry::inventory::{Direction, Privilege, Transport};

use crate::discovery::seen::Connection;
use crate::discovery::sockets::Sockets;

/// First port that Linux gives to clients unless told otherwise (`ip_local_port_range`).
const FIRST_EPHEMERAL_PORT: u16 = 32_768;
/// Flows kept of one look: a host that talks to more peers is a scanner or under attack.
const FLOWS_AT_MOST: usize = 5_000;
/// Addresses of its own kept of one look.
const ADDRESSES_AT_MOST: usize = 500;

/// What one look at the sockets of a host says about its peers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The collector's clock, UTC milliseconds.
    pub at_ms: i64,
    /// Since the look before, milliseconds; nothing for the first.
    pub since_ms: Option<i64>,
    /// With what privilege.
    pub privilege: Privilege,
    /// Through `ss`, which tells bytes.
    pub by_ss: bool,
    /// Not every connection was told or kept.
    pub cut: bool,
    /// Addresses of the host that its sockets use, without loopback.
    pub addresses: Vec<IpAddr>,
    /// Ports that the host listens on, other than on loopback alone.
    pub listening: Vec<(Transport, u16)>,
    /// Its connections.
    pub flows: Vec<Flow>,
}

/// Connections of one host that have peer, port and process in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The transport.
    pub transport: Transport,
    /// This host is the server.
    pub serves: bool,
    /// How that is known.
    pub direction: Direction,
    /// This host's address.
    pub local: IpAddr,
    /// The peer's address.
    pub remote: IpAddr,
    /// The server's port.
    pub port: u16,
    /// The client's port, kept only where it is not decided which is which.
    pub other_port: Option<u16>,
    /// The process of this end, where the account may see it.
    pub process: Option<String>,
    /// Open connections.
    pub open: u32,
    /// Connections that were closed within the last minute.
    pub closed: u32,
    /// Bytes that this host sent since the last look, where the kernel tells for at least one connection.
    pub sent_bytes: Option<u64>,
    /// Bytes that it received.
    pub received_bytes: Option<u64>,
}

type Ends = (Transport, (IpAddr, u16), (IpAddr, u16));

/// Bytes sent and received since each connection was opened.
type BytesByEnds = HashMap<Ends, (u64, u64)>;

/// Looks at one host again and again, and remembers what each connection had carried.
#[derive(Debug, Default)]
pub struct Watcher {
    last: Option<(i64, BytesByEnds)>,
}

impl Watcher {
    /// Takes a look.
    ///
    /// Bytes of a connection are the difference to the last look; of one that was opened since, all it has carried.
    /// What was carried between the last look at a connection and its end is not seen, so rates are at least as high
    /// as what is told.
    pub fn look(&mut self, sockets: &Sockets, at_ms: i64) -> Look {
        let listening: BTreeSet<(Transport, u16)> =
            sockets.listeners.iter().map(|one| (one.transport, one.port)).collect();
        let reachable = sockets.listeners.iter().filter(|one| !one.address.is_loopback());
        let mut look = Look {
            at_ms,
            since_ms: self
                .last
                .as_ref()
                .map(|(last, _)| at_ms - last)
                .filter(|&time| time > 0),
            privilege: privilege(sockets),
            by_ss: sockets.by_ss,
            cut: sockets.cut,
            addresses: addresses(sockets),
            listening: reachable
                .map(|one| (one.transport, one.port))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            flows: Vec::new(),
        };
        let before = self.last.take().map(|(_, carried)| carried);
        let mut now: HashMap<Ends, (u64, u64)> = HashMap::new();
        let mut flows: BTreeMap<_, Flow> = BTreeMap::new();
        for connection in &sockets.connections {
            let one = flow(connection, &listening);
            let ends = (connection.transport, connection.local, connection.remote);
            let carried = connection.sent_bytes.zip(connection.received_bytes);
            if let Some(carried) = carried {
                now.insert(ends, carried);
            }
            let passed = match (carried, &before) {
                (Some((sent, received)), Some(before)) => {
                    let (sent_before, received_before) = before.get(&ends).copied().unwrap_or_default();
                    if sent >= sent_before && received >= received_before {
                        Some((sent - sent_before, received - received_before))
                    } else {
                        // Another connection between the same ports.
                        Some((sent, received))
                    }
                }
                _ => None,
            };
            let key = (
                one.transport,
                one.serves,
                one.port,
                one.other_port,
                one.remote,
                one.local,
                one.process.clone(),
            );
            if flows.len() >= FLOWS_AT_MOST && !flows.contains_key(&key) {
                look.cut = true;
                continue;
            }
            let flow = flows.entry(key).or_insert(one);
            if connection.closed {
                flow.closed = flow.closed.saturating_add(1);
            } else {
                flow.open = flow.open.saturating_add(1);
            }
            if let Some((sent, received)) = passed {
                flow.sent_bytes = Some(flow.sent_bytes.unwrap_or(0).saturating_add(sent));
                flow.received_bytes = Some(flow.received_bytes.unwrap_or(0).saturating_add(received));
            }
        }
        look.flows = flows.into_values().collect();
        self.last = Some((at_ms, now));
        look
    }
}

/// Says which end is the server: who listens; else the port below the ephemeral ones; else nobody knows.
fn flow(connection: &Connection, listening: &BTreeSet<(Transport, u16)>) -> Flow {
    let (local, local_port) = connection.local;
    let (remote, remote_port) = connection.remote;
    let is_ephemeral = |port: u16| port >= FIRST_EPHEMERAL_PORT;
    let (serves, direction) = if listening.contains(&(connection.transport, local_port)) {
        (true, Direction::Listening)
    } else if local == remote && listening.contains(&(connection.transport, remote_port)) {
        (false, Direction::Listening)
    } else {
        match (is_ephemeral(local_port), is_ephemeral(remote_port)) {
            (true, true) => (local_port < remote_port, Direction::Undecided),
            // The listener was closed, or is in a container's own network.
            (false, true) => (true, Direction::ByPort),
            // It does not listen here, so it listens there.
            (_, false) => (false, Direction::ByPort),
        }
    };
    let (port, other) = if serves {
        (local_port, remote_port)
    } else {
        (remote_port, local_port)
    };
    Flow {
        transport: connection.transport,
        serves,
        direction,
        local,
        remote,
        port,
        other_port: (direction == Direction::Undecided).then_some(other),
        process: connection.process.clone(),
        open: 0,
        closed: 0,
        sent_bytes: None,
        received_bytes: None,
    }
}

/// Gives the addresses that are the host's own: those its sockets are bound to.
fn addresses(sockets: &Sockets) -> Vec<IpAddr> {
    let bound = sockets.listeners.iter().map(|one| one.address);
    let used = sockets.connections.iter().map(|one| one.local.0);
    let own: BTreeSet<IpAddr> = bound.chain(used).filter(|&address| names_one_host(address)).collect();
    own.into_iter().take(ADDRESSES_AT_MOST).collect()
}

/// Says whether an address may tell one host from others: neither loopback, link-local, multicast nor unspecified.
pub(super) fn names_one_host(address: IpAddr) -> bool {
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !(address.is_loopback() || address.is_unspecified() || address.is_multicast() || link_local)
}

/// Says with what power the sockets were seen: only the superuser sees the processes of other accounts.
fn privilege(sockets: &Sockets) -> Privilege {
    let with_process = sockets.listeners.iter().filter(|one| one.pid.is_some());
    let accounts: BTreeSet<Option<u32>> = with_process.map(|one| one.uid).collect();
    if accounts.len() > 1 || accounts.contains(&Some(0)) {
        Privilege::Root
    } else {
        Privilege::User
    }
}
