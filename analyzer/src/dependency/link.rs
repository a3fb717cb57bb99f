//! A link of the map: client, server, port, and what goes over it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use telemetry::inventory::{Dependency, Direction, Peer, Transport};

use super::shared::SharedWhy;
use crate::policy::{Assessment, Network};

/// Bits that externals of one network have in common, unless the network has a name: a subnet of the usual size.
const IPV4_BITS: u8 = 24;
const IPV6_BITS: u8 = 64;

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A host of the assessment.
    Host(String),
    /// A network outside it, by its name in `assessment.toml` or its prefix.
    Network(String),
}

/// Bytes per second, with what is not known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Traffic {
    /// Sum of what is known, both directions.
    pub known_bytes_per_s: f64,
    /// Links of which a direction is not known; the true sum is higher.
    pub unknown_links: usize,
}

impl Traffic {
    /// Adds a link.
    pub(super) fn add(&mut self, link: &Link) {
        let parts = [link.to_server_bytes_per_s, link.to_client_bytes_per_s];
        self.known_bytes_per_s += parts.iter().flatten().sum::<f64>();
        self.unknown_links += usize::from(parts.contains(&None));
    }
}

/// A client that talks to a server's port.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Who opened it.
    pub client: Node,
    /// Who listened.
    pub server: Node,
    /// The client's service or process, where known.
    pub client_service: Option<String>,
    /// The server's service, where known.
    pub server_service: Option<String>,
    /// The server's port.
    pub port: u16,
    /// The transport.
    pub transport: Transport,
    /// How it is known which end is the server.
    pub direction: Direction,
    /// Most connections seen at one look.
    pub connections_max: u32,
    /// Share of the looks that saw it.
    pub seen_share: f64,
    /// Mean bytes per second to the server; absent where unknown.
    pub to_server_bytes_per_s: Option<f64>,
    /// Mean bytes per second to the client; absent where unknown.
    pub to_client_bytes_per_s: Option<f64>,
    /// Why it is set aside as shared infrastructure, if it is.
    pub shared: Option<SharedWhy>,
}

impl Link {
    /// Gives both ends when both are hosts, and not the same.
    #[must_use]
    pub fn between_hosts(&self) -> Option<(&str, &str)> {
        match (&self.client, &self.server) {
            (Node::Host(client), Node::Host(server)) if client != server => Some((client, server)),
            _ => None,
        }
    }
}

/// Names what an end is: a host, or the network of an address outside.
pub(super) fn node(peer: &Peer, assessment: &Assessment) -> Node {
    if let Some(host) = &peer.host {
        return Node::Host(host.clone());
    }
    let Ok(address) = peer.address.parse::<IpAddr>() else {
        return Node::Network("unknown".to_string());
    };
    let named = assessment
        .networks
        .iter()
        .filter(|(_, network)| network.contains(address));
    // Of networks within each other the smallest says most.
    match named.max_by_key(|(_, network)| network.bits()) {
        Some((name, _)) => Node::Network(name.clone()),
        None => {
            let bits = if address.to_canonical().is_ipv4() {
                IPV4_BITS
            } else {
                IPV6_BITS
            };
            Node::Network(Network::of(address, bits).to_string())
        }
    }
}

/// Makes links of dependencies; those with externals of one network become one. Sorted.
pub(super) fn links(dependencies: &[Dependency], assessment: &Assessment) -> Vec<Link> {
    let mut links: BTreeMap<(Node, Node, Transport, u16), Link> = BTreeMap::new();
    for row in dependencies {
        let client = node(&row.client, assessment);
        let server = node(&row.server, assessment);
        let key = (client.clone(), server.clone(), row.transport, row.port);
        let link = Link {
            client,
            server,
            client_service: row.client.service.clone(),
            server_service: row.server.service.clone(),
            port: row.port,
            transport: row.transport,
            direction: row.direction,
            connections_max: row.connections_max,
            seen_share: f64::from(row.looks_seen) / f64::from(row.looks_taken.max(1)),
            to_server_bytes_per_s: row.to_server_bytes_per_s,
            to_client_bytes_per_s: row.to_client_bytes_per_s,
            shared: None,
        };
        match links.get_mut(&key) {
            Some(known) => known.join(link),
            None => drop(links.insert(key, link)),
        }
    }
    links.into_values().collect()
}

impl Link {
    /// Takes in another address of the same network. A sum of which a part is unknown is unknown.
    fn join(&mut self, other: Self) {
        let both = |own: Option<f64>, other: Option<f64>| Some(own? + other?);
        self.to_server_bytes_per_s = both(self.to_server_bytes_per_s, other.to_server_bytes_per_s);
        self.to_client_bytes_per_s = both(self.to_client_bytes_per_s, other.to_client_bytes_per_s);
        self.connections_max = self.connections_max.saturating_add(other.connections_max);
        self.seen_share = self.seen_share.max(other.seen_share);
        self.direction = self.direction.min(other.direction);
        self.client_service = self.client_service.take().or(other.client_service);
        self.server_service = self.server_service.take().or(other.server_service);
    }
}
