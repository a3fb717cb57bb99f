//! The map of dependencies on the page, and what moves together.

use minijinja::Value;
use serde::Serialize;

use super::shown::shown;
use crate::dependency::{DependencyMap, MoveGroup, Node, Tie, svg};

/// Groups, ties and shared servers that are listed; JSON has all.
const GROUPS: usize = 30;
const TIES: usize = 5;
const SHARED: usize = 40;
const HOSTS: usize = 60;

/// The section's values; the template escapes them, but for the picture, which is escaped where it is drawn.
#[derive(Debug, Serialize)]
pub(super) struct MapSection {
    summary: String,
    svg: Value,
    groups: Vec<GroupRow>,
    free: Vec<String>,
    shared: Vec<SharedRow>,
}

#[derive(Debug, Serialize)]
struct GroupRow {
    count: usize,
    hosts: Vec<String>,
    environments: String,
    ties: Vec<String>,
    inside: String,
    outside: String,
}

#[derive(Debug, Serialize)]
struct SharedRow {
    node: String,
    port: String,
    why: String,
    hosts: usize,
}

/// Describes the map.
pub(super) fn map_section(map: &DependencyMap) -> MapSection {
    let named = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut summary = format!(
        "{} between {} and {}; {} must move together as a whole.",
        named(map.links.len(), "link", "links"),
        named(map.hosts.len(), "host", "hosts"),
        named(map.externals.len(), "network outside", "networks outside"),
        named(map.move_groups.len(), "group of hosts", "groups of hosts"),
    );
    if map.undecided_links > 0 {
        summary.push_str(&format!(
            " Of {} it is undecided which end is the server: nobody was seen to listen.",
            named(map.undecided_links, "link", "links")
        ));
    }
    let free = map.free_hosts();
    let more = free.len().saturating_sub(HOSTS);
    let mut free: Vec<String> = free.into_iter().take(HOSTS).map(shown).collect();
    if more > 0 {
        free.push(format!("and {more} more"));
    }
    MapSection {
        summary,
        svg: Value::from_safe_string(svg(map)),
        groups: map.move_groups.iter().take(GROUPS).map(group_row).collect(),
        free,
        shared: map
            .shared
            .iter()
            .take(SHARED)
            .map(|shared| SharedRow {
                node: match &shared.node {
                    Node::Host(name) | Node::Network(name) => super::shown::shown(name),
                },
                port: shared.port.to_string(),
                why: super::shown::shown(&shared.why.to_string()),
                hosts: shared.hosts,
            })
            .collect(),
    }
}

fn group_row(group: &MoveGroup) -> GroupRow {
    let mut hosts: Vec<String> = group.hosts.iter().take(HOSTS).map(|host| shown(host)).collect();
    if group.hosts.len() > HOSTS {
        hosts.push(format!("and {} more", group.hosts.len() - HOSTS));
    }
    let environments: Vec<String> = group.environments.iter().map(|name| shown(name)).collect();
    let mut ties: Vec<String> = group.ties.iter().take(TIES).map(tie).collect();
    if group.ties.len() > TIES {
        ties.push(format!("and {} more links", group.ties.len() - TIES));
    }
    GroupRow {
        count: group.hosts.len(),
        hosts,
        environments: environments.join(", "),
        ties,
        inside: group.inside.to_string(),
        outside: group.outside.to_string(),
    }
}

fn tie(tie: &Tie) -> String {
    let service = tie
        .service
        .as_deref()
        .map_or_else(String::new, |name| format!("{} ", shown(name)));
    format!(
        "{} → {}, {service}{}: {}",
        shown(&tie.client),
        shown(&tie.server),
        tie.port,
        tie.traffic
    )
}
