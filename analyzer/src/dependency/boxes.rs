//! Hosts that do the same work become one box, so that a map of 200 hosts can be read.

use std::collections::{BTreeMap, BTreeSet};

use super::link::{Link, Node, Traffic};
use super::map::{DependencyMap, HostNode};
use super::tier::Tier;

/// A box of the picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Work {
    pub(super) title: String,
    /// Nothing for a network outside.
    pub(super) place: Option<(String, Tier)>,
    /// Names or addresses, shortened.
    pub(super) lines: Vec<String>,
    /// Everything in it, for the tooltip.
    pub(super) members: Vec<String>,
    /// Its hosts talk to each other.
    pub(super) among_themselves: bool,
    /// Others use it as shared infrastructure.
    pub(super) shared: bool,
}

/// All links between two boxes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wire {
    pub(super) from: usize,
    pub(super) to: usize,
    /// What the server listens on, such as `postgresql 5432`.
    pub(super) ports: BTreeSet<String>,
    pub(super) connections: u32,
    pub(super) traffic: Traffic,
    pub(super) links: usize,
    pub(super) undecided: bool,
}

/// Gives the boxes, and the wires between those that are not set aside.
pub(super) fn boxes(map: &DependencyMap) -> (Vec<Work>, Vec<Wire>) {
    let mut gathered: BTreeMap<(String, Tier, String), Vec<&HostNode>> = BTreeMap::new();
    for host in &map.hosts {
        let work = host.group.clone().unwrap_or_else(|| stem(&host.host).to_string());
        gathered
            .entry((host.environment.clone(), host.tier, work))
            .or_default()
            .push(host);
    }
    let mut works: Vec<Work> = Vec::new();
    let mut number: BTreeMap<Node, usize> = BTreeMap::new();
    for ((environment, tier, title), hosts) in gathered {
        let members: Vec<String> = hosts.iter().map(|host| host.host.clone()).collect();
        let services: BTreeSet<&str> = hosts
            .iter()
            .flat_map(|host| host.services.iter().map(String::as_str))
            .collect();
        let mut lines = shortened(&members);
        lines.extend(services.into_iter().map(str::to_string));
        for host in &members {
            number.insert(Node::Host(host.clone()), works.len());
        }
        works.push(Work {
            title,
            place: Some((environment, tier)),
            lines,
            members,
            among_themselves: false,
            shared: false,
        });
    }
    let drawn = |link: &&Link| link.shared.is_none();
    for external in &map.externals {
        let node = Node::Network(external.network.clone());
        let is_drawn = map
            .links
            .iter()
            .filter(drawn)
            .any(|link| link.client == node || link.server == node);
        if !is_drawn {
            continue;
        }
        number.insert(node, works.len());
        works.push(Work {
            title: external.network.clone(),
            place: None,
            lines: vec![match external.addresses {
                1 => "1 address".to_string(),
                several => format!("{several} addresses"),
            }],
            members: Vec::new(),
            among_themselves: false,
            shared: false,
        });
    }
    for shared in &map.shared {
        if let Some(work) = number.get(&shared.node).and_then(|&at| works.get_mut(at)) {
            work.shared = true;
        }
    }
    let mut wires: BTreeMap<(usize, usize), Wire> = BTreeMap::new();
    for link in map.links.iter().filter(drawn) {
        let (Some(&from), Some(&to)) = (number.get(&link.client), number.get(&link.server)) else {
            continue;
        };
        if from == to {
            if let Some(work) = works.get_mut(from).filter(|_| link.client != link.server) {
                work.among_themselves = true;
            }
            continue;
        }
        let wire = wires.entry((from, to)).or_insert_with(|| Wire {
            from,
            to,
            ports: BTreeSet::new(),
            connections: 0,
            traffic: Traffic::default(),
            links: 0,
            undecided: false,
        });
        wire.ports.insert(match &link.server_service {
            Some(service) => format!("{service} {}", link.port),
            None => link.port.to_string(),
        });
        wire.connections = wire.connections.saturating_add(link.connections_max);
        wire.traffic.add(link);
        wire.links += 1;
        wire.undecided |= link.direction == telemetry::inventory::Direction::Undecided;
    }
    (works, wires.into_values().collect())
}

/// Gives the beginning that numbered hosts have in common: `prod-api` of `prod-api-01`.
fn stem(host: &str) -> &str {
    let first = host.split('.').next().unwrap_or(host);
    let stem = first
        .trim_end_matches(|letter: char| letter.is_ascii_digit())
        .trim_end_matches(['-', '_']);
    if stem.is_empty() { host } else { stem }
}

/// Joins numbered names: `prod-api-01 … 04 (4)`; at most four lines, the last says how many more there are.
fn shortened(hosts: &[String]) -> Vec<String> {
    let mut by_stem: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for host in hosts {
        by_stem.entry(stem(host)).or_default().push(host);
    }
    let mut lines: Vec<String> = by_stem
        .into_iter()
        .map(|(stem, hosts)| match hosts.as_slice() {
            [only] => (*only).clone(),
            [first, .., last] => {
                let rest = last.strip_prefix(stem).unwrap_or(last).trim_start_matches(['-', '_']);
                format!("{first} … {rest} ({})", hosts.len())
            }
            [] => String::new(),
        })
        .collect();
    if lines.len() > 4 {
        let more = lines.len() - 3;
        lines.truncate(3);
        lines.push(format!("and {more} more"));
    }
    lines
}
