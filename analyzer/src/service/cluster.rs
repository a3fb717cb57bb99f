//! Which nodes are one cluster, and why?
//!
//! Nodes of one product and environment are tied by a word that a person
//! stated, by connections between them on a port they listen on, or, for load
//! balancers and where nobody looked at connections, by their names and parts.
//! A node that says it stands alone is tied to none.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::inventory::{Dependency, Role};

use super::target::Target;

/// A node before it is known what it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) host: String,
    pub(super) service: String,
    pub(super) product: String,
    pub(super) version: Option<String>,
    pub(super) role: Option<Role>,
    pub(super) ports: Vec<u16>,
    pub(super) environment: String,
    pub(super) group: Option<String>,
    pub(super) cluster: Option<String>,
    pub(super) stated: bool,
    pub(super) target: Target,
}

/// Why two nodes are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    Stated,
    Connected,
    Named,
}

/// Gives clusters as positions of their nodes, each with why; every candidate is in exactly one.
pub(super) fn clusters(candidates: &[Candidate], dependencies: &[Dependency]) -> Vec<(Vec<usize>, String)> {
    let mut parents: Vec<usize> = (0..candidates.len()).collect();
    let mut whys: Vec<BTreeSet<Tie>> = vec![BTreeSet::new(); candidates.len()];
    let mut by_kind: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, one) in candidates.iter().enumerate() {
        by_kind.entry((&one.product, &one.environment)).or_default().push(at);
    }
    let connected = connections(dependencies);
    for members in by_kind.values() {
        // Nodes that may be tied have a word, a group or a beginning in common: few of many.
        let mut likely: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &at in members {
            let one = &candidates[at];
            let near = one.cluster.as_deref().or(one.group.as_deref());
            likely
                .entry(near.unwrap_or_else(|| stem(&one.host)))
                .or_default()
                .push(at);
        }
        for near in likely.values() {
            for (first, &one) in near.iter().enumerate() {
                for &other in &near[first + 1..] {
                    if let Some(why) = why(
                        &candidates[one],
                        &candidates[other],
                        &connected,
                        dependencies.is_empty(),
                    ) {
                        join(&mut parents, &mut whys, one, other, why);
                    }
                }
            }
        }
    }
    // Primaries and replicas may have names and groups that nothing has in common: their connections tie them.
    let mut on_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, one) in candidates.iter().enumerate() {
        on_host.entry(&one.host).or_default().push(at);
    }
    for (server, port, client) in &connected {
        let (Some(servers), Some(clients)) = (on_host.get(server), on_host.get(client)) else {
            continue;
        };
        for &one in servers.iter().filter(|&&one| candidates[one].ports.contains(port)) {
            for &other in clients {
                let same = candidates[one].product == candidates[other].product
                    && candidates[one].environment == candidates[other].environment;
                if same && follows(&candidates[one], &candidates[other]) {
                    join(&mut parents, &mut whys, one, other, Tie::Connected);
                }
            }
        }
    }
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..candidates.len() {
        found.entry(root(&mut parents, at)).or_default().push(at);
    }
    found
        .into_iter()
        .map(|(first, members)| {
            let words = because(&members, whys[first].iter().next().copied());
            (members, words)
        })
        .collect()
}

fn join(parents: &mut [usize], whys: &mut [BTreeSet<Tie>], one: usize, other: usize, why: Tie) {
    let (one, other) = (root(parents, one), root(parents, other));
    let (low, high) = (one.min(other), one.max(other));
    parents[high] = low;
    let taken = std::mem::take(&mut whys[high]);
    whys[low].extend(taken);
    whys[low].insert(why);
}

fn because(members: &[usize], why: Option<Tie>) -> String {
    match why {
        None if members.len() == 1 => "it stands alone".to_string(),
        Some(Tie::Stated) => "services.toml or a tag says that they are one cluster".to_string(),
        Some(Tie::Connected) => "they run the same product and talk to each other on its port".to_string(),
        Some(Tie::Named) | None => "they run the same product and have a group or name in common".to_string(),
    }
}

/// Says whether one node follows the other: a primary and its replica, by what both say.
fn follows(one: &Candidate, other: &Candidate) -> bool {
    let part = |candidate: &Candidate| candidate.role;
    matches!(
        (part(one), part(other)),
        (Some(Role::Primary), Some(Role::Replica))
            | (Some(Role::Replica), Some(Role::Primary | Role::Replica))
            | (Some(Role::Arbiter), Some(_))
            | (Some(_), Some(Role::Arbiter))
    ) && one.role != Some(Role::Standalone)
        && other.role != Some(Role::Standalone)
}

fn why(
    one: &Candidate,
    other: &Candidate,
    connected: &BTreeSet<(&str, u16, &str)>,
    nobody_looked: bool,
) -> Option<Tie> {
    if one.cluster.is_some() || other.cluster.is_some() {
        return (one.cluster == other.cluster).then_some(Tie::Stated);
    }
    if one.host == other.host || [one.role, other.role].contains(&Some(Role::Standalone)) {
        return None;
    }
    let talk = |server: &Candidate, client: &Candidate| {
        server
            .ports
            .iter()
            .any(|port| connected.contains(&(server.host.as_str(), *port, client.host.as_str())))
    };
    if talk(one, other) || talk(other, one) {
        return Some(Tie::Connected);
    }
    let same_name = stem(&one.host) == stem(&other.host) && stem(&one.host) != one.host;
    let has_part = one.role.is_some() && other.role.is_some();
    let by_name = match one.target {
        // The two of a pair do not talk TCP to each other.
        Target::Balancer => same_name && one.target == other.target && (has_part || one.group == other.group),
        _ => nobody_looked && same_name && has_part,
    };
    by_name.then_some(Tie::Named)
}

/// Server, port and client of every connection between two hosts.
fn connections(dependencies: &[Dependency]) -> BTreeSet<(&str, u16, &str)> {
    dependencies
        .iter()
        .filter_map(|row| Some((row.server.host.as_deref()?, row.port, row.client.host.as_deref()?)))
        .filter(|(server, _, client)| server != client)
        .collect()
}

/// Gives the beginning of a host's name before its number.
pub(super) fn stem(host: &str) -> &str {
    host.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

fn root(parents: &mut [usize], of: usize) -> usize {
    let mut at = of;
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}
