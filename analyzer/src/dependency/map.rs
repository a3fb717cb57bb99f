//! The whole map: hosts, networks outside, links, what is shared, what moves together.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use telemetry::inventory::{Inventory, Service};

use super::groups::{MoveGroup, groups};
use super::link::{Link, Node, links, node};
use super::shared::{Shared, set_aside};
use super::tier::Tier;
use crate::policy::{Assessment, Membership};

/// A host on the map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostNode {
    /// Its name.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// Hosts that do the same work, where the assessment says so.
    pub group: Option<String>,
    /// Its tier.
    pub tier: Tier,
    /// Its services, each with its ports.
    pub services: Vec<String>,
}

/// A network outside the assessment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalNode {
    /// Its name in `assessment.toml`, or its prefix.
    pub network: String,
    /// Addresses of it that were seen.
    pub addresses: usize,
}

/// Who needs whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DependencyMap {
    /// Hosts, sorted by name.
    pub hosts: Vec<HostNode>,
    /// Networks outside, sorted by name.
    pub externals: Vec<ExternalNode>,
    /// Links, sorted by client, server, transport and port.
    pub links: Vec<Link>,
    /// What is set aside as shared infrastructure.
    pub shared: Vec<Shared>,
    /// What moves together, the largest first; other hosts are tied to none.
    pub move_groups: Vec<MoveGroup>,
    /// Links of which it is not decided which end is the server.
    pub undecided_links: usize,
}

impl DependencyMap {
    /// Makes the map of the hosts that are named and of those that the inventory knows.
    #[must_use]
    pub fn of(assessment: &Assessment, hosts: &[String], inventory: &Inventory) -> Self {
        let mut names: BTreeSet<String> = hosts.iter().cloned().collect();
        let ends = inventory.dependencies.iter().flat_map(|row| [&row.client, &row.server]);
        names.extend(ends.clone().filter_map(|peer| peer.host.clone()));
        names.extend(inventory.services.iter().map(|service| service.host.clone()));
        // Each name is held against the assessment's patterns once, however many links it has.
        let members: BTreeMap<String, Membership> = names
            .into_iter()
            .map(|host| (host.clone(), assessment.membership(&host)))
            .collect();
        let ignored = |host: &str| members.get(host).is_some_and(|member| member.ignored);
        let hosts: Vec<String> = members.keys().filter(|host| !ignored(host)).cloned().collect();
        let mut services: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
        for service in &inventory.services {
            services.entry(&service.host).or_default().push(service);
        }
        let environment = |host: &str| {
            let member = members.get(host);
            member.map_or_else(String::new, |member| member.environment.clone())
        };
        let mut links = links(&inventory.dependencies, assessment);
        links.retain(|link| {
            let is_ignored = |node: &Node| matches!(node, Node::Host(host) if ignored(host));
            !is_ignored(&link.client) && !is_ignored(&link.server)
        });
        let shared = set_aside(&mut links, hosts.len(), &services, &environment);
        let move_groups = groups(&hosts, &links, &environment);
        let mut externals: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for peer in ends.filter(|peer| peer.host.is_none()) {
            if let Node::Network(network) = node(peer, assessment) {
                externals.entry(network).or_default().insert(&peer.address);
            }
        }
        Self {
            hosts: hosts
                .iter()
                .map(|host| {
                    let member = members.get(host).cloned().unwrap_or_default();
                    let here = services.get(host.as_str()).map_or(&[][..], Vec::as_slice);
                    HostNode {
                        host: host.clone(),
                        tier: Tier::of(member.tags.get("tier"), here),
                        environment: member.environment,
                        group: member.group,
                        services: here.iter().map(|service| described(service)).collect(),
                    }
                })
                .collect(),
            externals: externals
                .into_iter()
                .map(|(network, addresses)| ExternalNode {
                    network,
                    addresses: addresses.len(),
                })
                .collect(),
            undecided_links: links
                .iter()
                .filter(|link| link.direction == telemetry::inventory::Direction::Undecided)
                .count(),
            links,
            shared,
            move_groups,
        }
    }

    /// Gives the hosts that nothing ties to another, sorted.
    #[must_use]
    pub fn free_hosts(&self) -> Vec<&str> {
        let tied: BTreeSet<&str> = self
            .move_groups
            .iter()
            .flat_map(|group| group.hosts.iter().map(String::as_str))
            .collect();
        let names = self.hosts.iter().map(|host| host.host.as_str());
        names.filter(|host| !tied.contains(host)).collect()
    }

    /// Writes the map as JSON; `docs/dependencies.md` says what each field means.
    ///
    /// # Errors
    /// When a number is not finite: a defect of this program.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

fn described(service: &Service) -> String {
    let ports: Vec<String> = service.ports.iter().take(3).map(ToString::to_string).collect();
    if ports.is_empty() {
        service.product.clone()
    } else {
        format!("{} {}", service.product, ports.join(" "))
    }
}
