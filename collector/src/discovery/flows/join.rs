//! Both ends of a connection become one row: addresses become hosts, ports become services.

use std::collections::BTreeMap;
use std::net::IpAddr;

use telemetry::inventory::{Dependency, Direction, Learnt, Peer, Service, Transport};

use super::tally::{FlowKey, FlowTally, HostTally, Tally};

/// An address that two hosts had within this time is of neither for certain: a container bridge, not one that moved.
const MOVED_AFTER_MS: i64 = 300_000;

/// What one end saw of a dependency.
#[derive(Clone, Debug)]
struct View {
    row: Dependency,
    /// The view of the client; it wins where both ends tell bytes.
    by_client: bool,
}

pub(super) fn dependencies(tally: &Tally, services: &[Service]) -> Vec<Dependency> {
    let owners = owners(tally);
    let mut views: BTreeMap<(Transport, u16, String, String, bool), View> = BTreeMap::new();
    for (host, looked) in &tally.hosts {
        for (key, flow) in &looked.flows {
            let view = view(host, looked, key, flow, tally, &owners, services);
            let name = |peer: &Peer| match &peer.host {
                Some(host) => format!("h{host}"),
                None => format!("a{}", peer.address),
            };
            let place = (
                view.row.transport,
                view.row.port,
                name(&view.row.server),
                name(&view.row.client),
                view.by_client,
            );
            match views.get_mut(&place) {
                Some(known) => known.row.add_up(&view.row),
                None => drop(views.insert(place, view)),
            }
        }
    }
    let mut rows: Vec<Dependency> = Vec::new();
    // The client's view of a pair sorts after the server's.
    for view in views.into_values() {
        match rows.last_mut() {
            Some(known) if known.is_same_as(&view.row) => known.see_from_other_end(view.row),
            _ => rows.push(view.row),
        }
    }
    rows.sort_by(|a, b| {
        a.identity()
            .2
            .cmp(&b.identity().2)
            .then_with(|| a.identity().cmp(&b.identity()))
    });
    rows
}

fn view(
    host: &str,
    looked: &HostTally,
    key: &FlowKey,
    flow: &FlowTally,
    tally: &Tally,
    owners: &BTreeMap<IpAddr, Vec<(&str, i64)>>,
    services: &[Service],
) -> View {
    let remote_host = owner(key, host, looked, owners, tally);
    let (mut serves, mut port, mut direction) = (key.serves, key.port, flow.direction);
    if direction != Direction::Listening
        && let Some(peer) = remote_host.as_deref().and_then(|peer| tally.hosts.get(peer))
    {
        let listens = |port: u16| peer.listening.contains(&(key.transport, port));
        let remote_port = if serves { flow.other_port } else { Some(port) };
        if let Some(remote_port) = remote_port.filter(|&port| listens(port)) {
            (serves, port, direction) = (false, remote_port, Direction::Listening);
        }
    }
    let own = Peer {
        host: Some(host.to_string()),
        address: key.local.to_string(),
        service: service(services, host, serves.then_some(port), key.process.as_deref()),
    };
    let peer_service = remote_host
        .as_deref()
        .and_then(|peer| service(services, peer, (!serves).then_some(port), None));
    let peer = Peer {
        host: remote_host,
        address: key.remote.to_string(),
        service: peer_service,
    };
    let per_second = |bytes: Option<u64>| {
        let bytes = bytes.filter(|_| looked.timed_ms > 0)?;
        Some(bytes as f64 * 1000.0 / looked.timed_ms as f64)
    };
    let (sent, received) = (per_second(flow.sent_bytes), per_second(flow.received_bytes));
    let (client, server) = if serves { (peer, own) } else { (own, peer) };
    let row = Dependency {
        client,
        server,
        port,
        transport: key.transport,
        direction,
        connections_max: flow.open_max,
        looks_seen: flow.looks_seen,
        looks_taken: looked.looks,
        to_server_bytes_per_s: if serves { received } else { sent },
        to_client_bytes_per_s: if serves { sent } else { received },
        learnt: Learnt {
            first_at_ms: flow.first_at_ms,
            last_at_ms: flow.last_at_ms,
            how: if looked.by_ss { "ss" } else { "/proc/net" }.to_string(),
            privilege: looked.privilege,
        },
    };
    View {
        row,
        by_client: !serves,
    }
}

/// Gives, for each address, the hosts that had it and when last.
fn owners(tally: &Tally) -> BTreeMap<IpAddr, Vec<(&str, i64)>> {
    let mut owners: BTreeMap<IpAddr, Vec<(&str, i64)>> = BTreeMap::new();
    for (host, looked) in &tally.hosts {
        for (&address, &last) in &looked.addresses {
            owners.entry(address).or_default().push((host, last));
        }
    }
    owners
}

/// Says whose address the peer's is, if that is certain.
fn owner(
    key: &FlowKey,
    host: &str,
    looked: &HostTally,
    owners: &BTreeMap<IpAddr, Vec<(&str, i64)>>,
    tally: &Tally,
) -> Option<String> {
    if key.remote.is_loopback() || key.remote == key.local || looked.addresses.contains_key(&key.remote) {
        return Some(host.to_string());
    }
    match owners.get(&key.remote)?.as_slice() {
        [(only, _)] => Some((*only).to_string()),
        several => {
            // A virtual address moves from host to host; one that several have at a time tells nothing.
            let (latest, at_ms) = several.iter().max_by_key(|(_, at_ms)| at_ms)?;
            let others = several.iter().filter(|(name, _)| name != latest);
            let moved = others.clone().all(|(_, other)| at_ms - other > MOVED_AFTER_MS);
            let listens = |name: &str| {
                let known = tally.hosts.get(name);
                !key.serves && known.is_some_and(|known| known.listening.contains(&(key.transport, key.port)))
            };
            let mut listening = several.iter().filter(|(name, _)| listens(name));
            match (moved, listening.next(), listening.next()) {
                (true, _, _) => Some((*latest).to_string()),
                (false, Some((only, _)), None) => Some((*only).to_string()),
                _ => None,
            }
        }
    }
}

/// Names the service of an end: by its port, else by its process, else the process itself.
fn service(services: &[Service], host: &str, port: Option<u16>, process: Option<&str>) -> Option<String> {
    let mut here = services.iter().filter(|one| one.host == host);
    let found = match (port, process) {
        (Some(port), _) => here.find(|one| one.ports.contains(&port)),
        (None, Some(process)) => here.find(|one| one.process.as_deref() == Some(process)),
        (None, None) => None,
    };
    found
        .map(|one| one.service.clone())
        .or_else(|| process.map(str::to_string))
}

trait Joined {
    fn add_up(&mut self, other: &Dependency);
    fn see_from_other_end(&mut self, other: Dependency);
}

impl Joined for Dependency {
    /// Takes in another flow of the same look and end: another process, another address.
    fn add_up(&mut self, other: &Dependency) {
        let sum = |own: Option<f64>, more: Option<f64>| match (own, more) {
            (Some(own), Some(more)) => Some(own + more),
            (own, more) => own.or(more),
        };
        if other.connections_max > self.connections_max {
            self.client.service.clone_from(&other.client.service);
        }
        self.connections_max = self.connections_max.saturating_add(other.connections_max);
        self.looks_seen = self.looks_seen.max(other.looks_seen);
        self.direction = self.direction.min(other.direction);
        self.to_server_bytes_per_s = sum(self.to_server_bytes_per_s, other.to_server_bytes_per_s);
        self.to_client_bytes_per_s = sum(self.to_client_bytes_per_s, other.to_client_bytes_per_s);
        self.learnt.first_at_ms = self.learnt.first_at_ms.min(other.learnt.first_at_ms);
        self.learnt.last_at_ms = self.learnt.last_at_ms.max(other.learnt.last_at_ms);
    }

    /// Takes in what the client saw of the same; nothing is counted twice.
    fn see_from_other_end(&mut self, client_view: Dependency) {
        let share = |row: &Dependency| f64::from(row.looks_seen) / f64::from(row.looks_taken.max(1));
        if share(&client_view) >= share(self) {
            (self.looks_seen, self.looks_taken) = (client_view.looks_seen, client_view.looks_taken);
        }
        self.connections_max = self.connections_max.max(client_view.connections_max);
        self.direction = self.direction.min(client_view.direction);
        self.to_server_bytes_per_s = client_view.to_server_bytes_per_s.or(self.to_server_bytes_per_s);
        self.to_client_bytes_per_s = client_view.to_client_bytes_per_s.or(self.to_client_bytes_per_s);
        self.client.service = client_view.client.service.or(self.client.service.take());
        self.server.service = self.server.service.take().or(client_view.server.service);
        self.learnt.first_at_ms = self.learnt.first_at_ms.min(client_view.learnt.first_at_ms);
        self.learnt.last_at_ms = self.learnt.last_at_ms.max(client_view.learnt.last_at_ms);
    }
}
