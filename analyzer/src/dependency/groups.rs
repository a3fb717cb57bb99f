//! Which hosts must move together, why, and what would cross the line if they did not?

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use telemetry::inventory::Transport;

use super::link::{Link, Node, Traffic};

/// What ties two hosts of a group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tie {
    /// The client.
    pub client: String,
    /// The server.
    pub server: String,
    /// The server's service, where known.
    pub service: Option<String>,
    /// The server's port.
    pub port: u16,
    /// The transport.
    pub transport: Transport,
    /// What goes over it.
    pub traffic: Traffic,
}

/// Hosts that talk to each other, and so move together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MoveGroup {
    /// Its hosts, sorted.
    pub hosts: Vec<String>,
    /// Their environments, sorted.
    pub environments: Vec<String>,
    /// Why they are together, the busiest first.
    pub ties: Vec<Tie>,
    /// What goes between its hosts: at most this would cross the VPN or Direct Connect if the group were split.
    pub inside: Traffic,
    /// What goes to hosts and networks outside the group: this crosses when the group moves and they stay.
    pub outside: Traffic,
    /// By host, sorted: what would cross if it alone moved and the rest of the group stayed.
    pub alone: BTreeMap<String, Traffic>,
}

/// Gives the groups of two hosts or more, the largest first.
///
/// They are the connected components of the links that are not set aside (union by parent, Tarjan 1975); every host
/// is in one group at most, and the order of links and hosts does not matter.
pub(super) fn groups(hosts: &[String], links: &[Link], environment: &dyn Fn(&str) -> String) -> Vec<MoveGroup> {
    let number: BTreeMap<&str, usize> = hosts.iter().enumerate().map(|(at, host)| (host.as_str(), at)).collect();
    let mut parents: Vec<usize> = (0..hosts.len()).collect();
    let tying: Vec<(&Link, usize, usize)> = links
        .iter()
        .filter(|link| link.shared.is_none())
        .filter_map(|link| {
            let (client, server) = link.between_hosts()?;
            Some((link, *number.get(client)?, *number.get(server)?))
        })
        .collect();
    for &(_, client, server) in &tying {
        let (one, other) = (root(&mut parents, client), root(&mut parents, server));
        let (low, high) = (one.min(other), one.max(other));
        if let Some(parent) = parents.get_mut(high) {
            *parent = low;
        }
    }
    let roots: Vec<usize> = (0..hosts.len()).map(|at| root(&mut parents, at)).collect();
    let mut members: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for (host, &of) in hosts.iter().zip(&roots) {
        members.entry(of).or_default().insert(host.clone());
    }
    members.retain(|_, members| members.len() > 1);
    // Every link is looked at once: it lies inside one group, or crosses the line of one or two.
    let mut inside: BTreeMap<usize, Vec<&Link>> = BTreeMap::new();
    for &(link, client, _) in &tying {
        if let Some(&of) = roots.get(client) {
            inside.entry(of).or_default().push(link);
        }
    }
    let mut outside: BTreeMap<usize, Traffic> = BTreeMap::new();
    let group_of = |node: &Node| match node {
        Node::Host(host) => roots.get(*number.get(host.as_str())?).copied(),
        Node::Network(_) => None,
    };
    for link in links {
        let (client, server) = (group_of(&link.client), group_of(&link.server));
        if client != server {
            for of in [client, server].into_iter().flatten() {
                outside.entry(of).or_default().add(link);
            }
        }
    }
    let mut groups: Vec<MoveGroup> = members
        .iter()
        .map(|(of, members)| {
            let ties = inside.get(of).map_or(&[][..], Vec::as_slice);
            group(members, ties, outside.get(of).copied().unwrap_or_default(), environment)
        })
        .collect();
    groups.sort_by(|a, b| b.hosts.len().cmp(&a.hosts.len()).then_with(|| a.hosts.cmp(&b.hosts)));
    groups
}

fn root(parents: &mut [usize], of: usize) -> usize {
    let mut at = of;
    while let Some(&parent) = parents.get(at) {
        if parent == at {
            break;
        }
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(own) = parents.get_mut(at) {
            *own = above;
        }
        at = above;
    }
    at
}

fn group(
    members: &BTreeSet<String>,
    tying: &[&Link],
    outside: Traffic,
    environment: &dyn Fn(&str) -> String,
) -> MoveGroup {
    let mut ties: Vec<Tie> = Vec::new();
    let mut inside = Traffic::default();
    let mut alone: BTreeMap<String, Traffic> = members.iter().map(|host| (host.clone(), Traffic::default())).collect();
    for link in tying {
        let Some((client, server)) = link.between_hosts() else {
            continue;
        };
        inside.add(link);
        for host in [client, server] {
            if let Some(traffic) = alone.get_mut(host) {
                traffic.add(link);
            }
        }
        let mut traffic = Traffic::default();
        traffic.add(link);
        ties.push(Tie {
            client: client.to_string(),
            server: server.to_string(),
            service: link.server_service.clone(),
            port: link.port,
            transport: link.transport,
            traffic,
        });
    }
    let busy = |tie: &Tie| tie.traffic.known_bytes_per_s;
    ties.sort_by(|a, b| {
        let key = |tie: &Tie| (tie.server.clone(), tie.port, tie.client.clone());
        busy(b).total_cmp(&busy(a)).then_with(|| key(a).cmp(&key(b)))
    });
    let environments: BTreeSet<String> = members.iter().map(|host| environment(host)).collect();
    MoveGroup {
        hosts: members.iter().cloned().collect(),
        environments: environments.into_iter().collect(),
        ties,
        inside,
        outside,
        alone,
    }
}
