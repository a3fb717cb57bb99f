//! Which hosts must move together, why, and what would cross the line if they did not?

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use telemetry::inventory::Transport;

use super::link::{Link, Traffic};

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
    let mut members: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for (at, host) in hosts.iter().enumerate() {
        members.entry(root(&mut parents, at)).or_default().insert(host.clone());
    }
    let mut groups: Vec<MoveGroup> = members
        .into_values()
        .filter(|members| members.len() > 1)
        .map(|members| group(&members, &tying, links, environment))
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
    tying: &[(&Link, usize, usize)],
    links: &[Link],
    environment: &dyn Fn(&str) -> String,
) -> MoveGroup {
    let mut ties: Vec<Tie> = Vec::new();
    let mut inside = Traffic::default();
    let mut alone: BTreeMap<String, Traffic> = members.iter().map(|host| (host.clone(), Traffic::default())).collect();
    for (link, _, _) in tying {
        let Some((client, server)) = link.between_hosts().filter(|(client, _)| members.contains(*client)) else {
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
    let mut outside = Traffic::default();
    let is_member = |node: &super::Node| matches!(node, super::Node::Host(host) if members.contains(host));
    for link in links {
        if is_member(&link.client) != is_member(&link.server) {
            outside.add(link);
        }
    }
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
