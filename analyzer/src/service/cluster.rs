//! Which nodes are one cluster, and why?
//!
//! Nodes of one product and environment are tied by a word that a person
//! stated, by connections between them on a port they listen on, or, for load
//! balancers and where nobody looked at connections, by their names and parts.
//! A node that says it stands alone is tied to none.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::inventory::{Dependency, Role};

use super::target::Target;
use crate::policy::Relational;

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
    pub(super) relational: Option<Relational>,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use telemetry::inventory::{Direction, Learnt, Peer, Transport};

    use super::*;
    use crate::service::target::Licence;

    /// Says why two candidates are one by looking at the two alone: slow, and plainly what is meant.
    fn why(one: &Candidate, other: &Candidate, connected: &BTreeSet<(&str, u16, &str)>, nobody: bool) -> Option<Tie> {
        let talk = |server: &Candidate, client: &Candidate| {
            let ports = &server.ports;
            let mut ports = ports
                .iter()
                .map(|port| (server.host.as_str(), *port, client.host.as_str()));
            ports.any(|link| connected.contains(&link))
        };
        let talk = talk(one, other) || talk(other, one);
        if (&one.product, &one.environment) != (&other.product, &other.environment) {
            return None;
        }
        if talk && follows(one, other) {
            return Some(Tie::Connected);
        }
        if near(one) != near(other) {
            return None;
        }
        if one.cluster.is_some() || other.cluster.is_some() {
            return (one.cluster == other.cluster).then_some(Tie::Stated);
        }
        if one.host == other.host || [one.role, other.role].contains(&Some(Role::Standalone)) {
            return None;
        }
        if talk {
            return Some(Tie::Connected);
        }
        let same_name = stem(&one.host) == stem(&other.host) && stem(&one.host) != one.host;
        let has_part = one.role.is_some() && other.role.is_some();
        let by_name = match one.target {
            Target::Balancer => same_name && one.target == other.target && (has_part || one.group == other.group),
            _ => nobody && same_name && has_part,
        };
        by_name.then_some(Tie::Named)
    }

    fn slowly(candidates: &[Candidate], dependencies: &[Dependency]) -> BTreeSet<Vec<usize>> {
        let connected = connections(dependencies);
        let mut parents: Vec<usize> = (0..candidates.len()).collect();
        for (at, one) in candidates.iter().enumerate() {
            for (offset, other) in candidates[at + 1..].iter().enumerate() {
                if why(one, other, &connected, dependencies.is_empty()).is_some() {
                    let (low, high) = (root(&mut parents, at), root(&mut parents, at + 1 + offset));
                    parents[high.max(low)] = low.min(high);
                }
            }
        }
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..candidates.len() {
            found.entry(root(&mut parents, at)).or_default().push(at);
        }
        found.into_values().collect()
    }

    fn candidate() -> impl Strategy<Value = Candidate> {
        let roles = prop_oneof![
            Just(None),
            Just(Some(Role::Primary)),
            Just(Some(Role::Replica)),
            Just(Some(Role::Member)),
            Just(Some(Role::Arbiter)),
            Just(Some(Role::Standalone)),
        ];
        let products = prop_oneof![
            Just(("haproxy", Target::Balancer)),
            Just(("oracle", Target::Licensed(Licence::Oracle))),
        ];
        let word = |words: &'static [&'static str]| prop::option::of(prop::sample::select(words));
        let host = prop::sample::select(&["db-1", "db-2", "lb-1", "lb-2", "lone"][..]);
        (host, products, roles, word(&["a", "db-"]), word(&["a", "x"]), 0_u16..2).prop_map(
            |(host, (product, target), role, group, cluster, port)| Candidate {
                host: host.to_string(),
                service: product.to_string(),
                product: product.to_string(),
                version: None,
                role,
                ports: vec![port],
                environment: "production".to_string(),
                group: group.map(str::to_string),
                cluster: cluster.map(str::to_string),
                stated: false,
                relational: None,
                target,
            },
        )
    }

    fn dependency() -> impl Strategy<Value = Dependency> {
        let host = || prop::sample::select(&["db-1", "db-2", "lb-1", "lb-2", "lone"][..]);
        let peer = |host: &str| Peer {
            host: Some(host.to_string()),
            address: "10.0.0.1".to_string(),
            service: None,
        };
        (host(), host(), 0_u16..2).prop_map(move |(client, server, port)| Dependency {
            client: peer(client),
            server: peer(server),
            port,
            transport: Transport::Tcp,
            direction: Direction::Listening,
            connections_max: 1,
            looks_seen: 1,
            looks_taken: 1,
            to_server_bytes_per_s: None,
            to_client_bytes_per_s: None,
            learnt: Learnt::default(),
        })
    }

    proptest! {
        #[test]
        fn clusters_are_those_that_pairs_looked_at_one_by_one_give(
            candidates in prop::collection::vec(candidate(), 0..9),
            dependencies in prop::collection::vec(dependency(), 0..7),
        ) {
            let quick: BTreeSet<Vec<usize>> = clusters(&candidates, &dependencies)
                .into_iter()
                .map(|(members, _)| members)
                .collect();
            prop_assert_eq!(quick, slowly(&candidates, &dependencies));
        }
    }
}
