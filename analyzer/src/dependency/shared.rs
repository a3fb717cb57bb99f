//! Which servers are shared infrastructure, that ties nothing together?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use telemetry::inventory::{Category, Service, Transport};

use super::link::{Link, Node};

/// Below this many hosts, one that half of them use may well be the one database of the one application.
const HOSTS_AT_LEAST: usize = 10;

/// Ports of infrastructure that every host talks to, whatever it is for.
const PORTS: &[(u16, &str)] = &[
    (22, "remote access"),
    (25, "mail"),
    (53, "names"),
    (67, "addresses"),
    (88, "directory"),
    (111, "remote procedure calls"),
    (123, "time"),
    (161, "monitoring"),
    (162, "monitoring"),
    (389, "directory"),
    (464, "directory"),
    (514, "logs"),
    (587, "mail"),
    (636, "directory"),
    (1514, "logs"),
    (3268, "directory"),
    (4505, "configuration"),
    (4506, "configuration"),
    (5044, "logs"),
    (5666, "monitoring"),
    (6514, "logs"),
    (8140, "configuration"),
    (9100, "monitoring"),
    (9101, "backup"),
    (9102, "backup"),
    (9103, "backup"),
    (10050, "monitoring"),
    (10051, "monitoring"),
    (13724, "backup"),
    (24224, "logs"),
];

/// Why something is set aside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum SharedWhy {
    /// The port is that of a service that every host uses.
    Port {
        /// What for.
        use_for: &'static str,
    },
    /// The service on the port was recognised as infrastructure.
    Service {
        /// Its product.
        product: String,
    },
    /// At least half of all hosts use it, from more than one environment.
    ManyClients {
        /// How many.
        clients: usize,
        /// Of how many other hosts.
        of: usize,
    },
    /// It asks at least half of all hosts on the same port, in more than one environment.
    ManyServers {
        /// How many.
        servers: usize,
        /// Of how many other hosts.
        of: usize,
    },
}

impl fmt::Display for SharedWhy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port { use_for } => write!(out, "port of {use_for}"),
            Self::Service { product } => write!(out, "runs {product}"),
            Self::ManyClients { clients, of } => write!(out, "used by {clients} of {of} other hosts"),
            Self::ManyServers { servers, of } => write!(out, "asks {servers} of {of} other hosts"),
        }
    }
}

/// Something that is set aside.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shared {
    /// The server; the asking host where it asks many.
    pub node: Node,
    /// The port.
    pub port: u16,
    /// The transport.
    pub transport: Transport,
    /// Why.
    pub why: SharedWhy,
    /// Hosts at the other end.
    pub hosts: usize,
}

/// Marks the links that are shared and lists what they lead to, sorted.
pub(super) fn set_aside(
    links: &mut [Link],
    hosts: usize,
    services: &[&Service],
    environment: &dyn Fn(&str) -> String,
) -> Vec<Shared> {
    let mut clients: BTreeMap<(Node, Transport, u16), BTreeSet<String>> = BTreeMap::new();
    let mut servers: BTreeMap<(Node, Transport, u16), BTreeSet<String>> = BTreeMap::new();
    let mut reaching: BTreeMap<(Node, Transport, u16), BTreeSet<Node>> = BTreeMap::new();
    let mut reached: BTreeMap<(Node, Transport, u16), BTreeSet<Node>> = BTreeMap::new();
    for link in links.iter().filter(|link| link.client != link.server) {
        let to = (link.server.clone(), link.transport, link.port);
        let from = (link.client.clone(), link.transport, link.port);
        reaching.entry(to).or_default().insert(link.client.clone());
        reached.entry(from).or_default().insert(link.server.clone());
        let Some((client, server)) = link.between_hosts() else {
            continue;
        };
        let (client, server) = (client.to_string(), server.to_string());
        let to = (link.server.clone(), link.transport, link.port);
        clients.entry(to).or_default().insert(client);
        let from = (link.client.clone(), link.transport, link.port);
        servers.entry(from).or_default().insert(server);
    }
    let others = hosts.saturating_sub(1);
    let is_many = |peers: &BTreeSet<String>| {
        let environments: BTreeSet<String> = peers.iter().map(|host| environment(host)).collect();
        hosts >= HOSTS_AT_LEAST && peers.len() * 2 >= others && environments.len() > 1
    };
    let mut shared: BTreeMap<(Node, Transport, u16, SharedWhy), BTreeSet<Node>> = BTreeMap::new();
    for link in links.iter_mut().filter(|link| link.client != link.server) {
        let to = (link.server.clone(), link.transport, link.port);
        let from = (link.client.clone(), link.transport, link.port);
        let (node, why) = if let Some(&(_, use_for)) = PORTS.iter().find(|(port, _)| *port == link.port) {
            // A bastion reaches every host: it is the one that is shared, not each of them.
            let asks = reached.get(&from).map_or(0, BTreeSet::len);
            let is_asked = reaching.get(&to).map_or(0, BTreeSet::len);
            let node = if asks > is_asked { &link.client } else { &link.server };
            (node, SharedWhy::Port { use_for })
        } else if let Some(product) = infrastructure(link, services) {
            (&link.server, SharedWhy::Service { product })
        } else if let Some(peers) = clients.get(&to).filter(|peers| is_many(peers)) {
            let clients = peers.len();
            (&link.server, SharedWhy::ManyClients { clients, of: others })
        } else if let Some(peers) = servers.get(&from).filter(|peers| is_many(peers)) {
            let servers = peers.len();
            (&link.client, SharedWhy::ManyServers { servers, of: others })
        } else {
            continue;
        };
        let other = if *node == link.server {
            &link.client
        } else {
            &link.server
        };
        let key = (node.clone(), link.transport, link.port, why.clone());
        shared.entry(key).or_default().insert(other.clone());
        link.shared = Some(why);
    }
    shared
        .into_iter()
        .map(|((node, transport, port, why), peers)| Shared {
            node,
            port,
            transport,
            why,
            hosts: peers.iter().filter(|peer| matches!(peer, Node::Host(_))).count(),
        })
        .collect()
}

/// Gives the product when the server's service on this port is infrastructure.
fn infrastructure(link: &Link, services: &[&Service]) -> Option<String> {
    let Node::Host(host) = &link.server else { return None };
    let found = services
        .iter()
        .find(|service| &service.host == host && service.ports.contains(&link.port))?;
    (found.category == Category::Infrastructure).then(|| found.product.clone())
}
