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

/// A server's port, or the port that a client asks for.
type End<'a> = (&'a Node, Transport, u16);

/// Who is at the other ends of a [`End`].
#[derive(Default)]
struct Peers<'a> {
    all: BTreeSet<&'a Node>,
    /// Those that are hosts.
    hosts: BTreeSet<&'a str>,
    /// Whether at least half of all hosts are among them, from more than one environment.
    are_many: bool,
}

/// Marks the links that are shared and lists what they lead to, sorted.
///
/// `services` has those of each host, in the inventory's order.
pub(super) fn set_aside(
    links: &mut [Link],
    hosts: usize,
    services: &BTreeMap<&str, Vec<&Service>>,
    environment: &dyn Fn(&str) -> String,
) -> Vec<Shared> {
    let others = hosts.saturating_sub(1);
    let whys = reasons(links, others, services, environment);
    let mut shared: BTreeMap<(Node, Transport, u16, SharedWhy), BTreeSet<Node>> = BTreeMap::new();
    for (link, why) in links.iter_mut().zip(whys) {
        let Some((is_client, why)) = why else { continue };
        let (node, other) = if is_client {
            (&link.client, &link.server)
        } else {
            (&link.server, &link.client)
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

/// Says of each link whether its client (else its server) is shared, and why; nothing where it ties.
fn reasons(
    links: &[Link],
    others: usize,
    services: &BTreeMap<&str, Vec<&Service>>,
    environment: &dyn Fn(&str) -> String,
) -> Vec<Option<(bool, SharedWhy)>> {
    let mut clients: BTreeMap<End<'_>, Peers<'_>> = BTreeMap::new();
    let mut servers: BTreeMap<End<'_>, Peers<'_>> = BTreeMap::new();
    for link in links.iter().filter(|link| link.client != link.server) {
        let to = clients.entry((&link.server, link.transport, link.port)).or_default();
        let from = servers.entry((&link.client, link.transport, link.port)).or_default();
        to.all.insert(&link.client);
        from.all.insert(&link.server);
        if let Some((client, server)) = link.between_hosts() {
            to.hosts.insert(client);
            from.hosts.insert(server);
        }
    }
    for peers in clients.values_mut().chain(servers.values_mut()) {
        peers.are_many = others + 1 >= HOSTS_AT_LEAST && peers.hosts.len() * 2 >= others && {
            let environments: BTreeSet<String> = peers.hosts.iter().map(|host| environment(host)).collect();
            environments.len() > 1
        };
    }
    let reason = |link: &Link| -> Option<(bool, SharedWhy)> {
        let asking = clients.get(&(&link.server, link.transport, link.port))?;
        let asked = servers.get(&(&link.client, link.transport, link.port))?;
        if let Some(&(_, use_for)) = PORTS.iter().find(|(port, _)| *port == link.port) {
            // A bastion reaches every host: it is the one that is shared, not each of them.
            return Some((asked.all.len() > asking.all.len(), SharedWhy::Port { use_for }));
        }
        if let Some(product) = infrastructure(link, services) {
            return Some((false, SharedWhy::Service { product }));
        }
        if asking.are_many {
            let clients = asking.hosts.len();
            return Some((false, SharedWhy::ManyClients { clients, of: others }));
        }
        let servers = asked.hosts.len();
        asked
            .are_many
            .then_some((true, SharedWhy::ManyServers { servers, of: others }))
    };
    links
        .iter()
        .map(|link| (link.client != link.server).then(|| reason(link)).flatten())
        .collect()
}

/// Gives the product when the server's service on this port is infrastructure.
fn infrastructure(link: &Link, services: &BTreeMap<&str, Vec<&Service>>) -> Option<String> {
    let Node::Host(host) = &link.server else { return None };
    let here = services.get(host.as_str())?;
    let found = here.iter().find(|service| service.ports.contains(&link.port))?;
    (found.category == Category::Infrastructure).then(|| found.product.clone())
}
