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
    let mut tie = |one: usize, other: usize, why: Tie| join(&mut parents, &mut whys, one, other, why);
    for (one, other) in stated_pairs(candidates) {
        tie(one, other, Tie::Stated);
    }
    for (one, other) in connected_pairs(candidates, dependencies) {
        tie(one, other, Tie::Connected);
    }
    for (one, other) in named_pairs(candidates, dependencies.is_empty()) {
        tie(one, other, Tie::Named);
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

/// What nodes that may be tied have in common: product, environment, and a word, a group or a beginning.
fn near(one: &Candidate) -> (&str, &str, &str) {
    let word = one.cluster.as_deref().or(one.group.as_deref());
    (&one.product, &one.environment, word.unwrap_or_else(|| stem(&one.host)))
}

/// Ties all of one word, each to the first.
fn stated_pairs(candidates: &[Candidate]) -> Vec<(usize, usize)> {
    let mut first: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let stated = candidates.iter().enumerate().filter(|(_, one)| one.cluster.is_some());
    stated
        .filter_map(|(at, one)| {
            let known = *first.entry(near(one)).or_insert(at);
            (known != at).then_some((known, at))
        })
        .collect()
}

/// Ties what talks to each other on a port that one listens on.
fn connected_pairs(candidates: &[Candidate], dependencies: &[Dependency]) -> Vec<(usize, usize)> {
    let mut on_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, one) in candidates.iter().enumerate() {
        on_host.entry(&one.host).or_default().push(at);
    }
    let mut pairs = Vec::new();
    for (server, port, client) in connections(dependencies) {
        let (Some(servers), Some(clients)) = (on_host.get(server), on_host.get(client)) else {
            continue;
        };
        for &at in servers.iter().filter(|&&at| candidates[at].ports.contains(&port)) {
            let one = &candidates[at];
            let is_tied = |other: &Candidate| {
                let same = one.product == other.product && one.environment == other.environment;
                let by_word = one.cluster.is_some() || other.cluster.is_some();
                let alone = [one.role, other.role].contains(&Some(Role::Standalone));
                // Primaries and replicas may have names and groups that nothing has in common.
                same && (follows(one, other) || (near(one) == near(other) && !by_word && !alone))
            };
            let tied = clients.iter().filter(|&&client| is_tied(&candidates[client]));
            pairs.extend(tied.map(|&client| (at, client)));
        }
    }
    pairs
}

/// Ties, each to the first, those whose names differ in their number only: the two of a pair of load balancers do not
/// talk TCP to each other, and where nobody looked at connections names are all there is.
fn named_pairs(candidates: &[Candidate], nobody_looked: bool) -> Vec<(usize, usize)> {
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, one) in candidates.iter().enumerate() {
        let is_balancer = one.target == Target::Balancer;
        let is_named = one.cluster.is_none() && one.role != Some(Role::Standalone) && stem(&one.host) != one.host;
        if !is_named || !(is_balancer || nobody_looked) {
            continue;
        }
        let key = (near(one), stem(&one.host), is_balancer);
        if one.role.is_some() {
            alike.entry((key, None)).or_default().push(at);
        }
        if is_balancer {
            alike.entry((key, Some(one.group.as_deref()))).or_default().push(at);
        }
    }
    let mut pairs = Vec::new();
    for members in alike.values() {
        let hosts: BTreeSet<&str> = members.iter().map(|&at| candidates[at].host.as_str()).collect();
        // Two services on one host are two, whatever they are called, unless another host ties both.
        if hosts.len() > 1 {
            pairs.extend(members[1..].iter().map(|&at| (members[0], at)));
        }
    }
    pairs
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
