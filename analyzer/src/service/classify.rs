//! From services to workloads.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::Inventory;
use telemetry::inventory::{Category, Dependency, Role, Service};

use super::cluster::{Candidate, clusters};
use super::stated::StatedService;
use super::target::{COMPANIONS, Target};
use super::{Node, Workload};
use crate::policy::{Assessment, Membership, Relational, matches};

/// Tag of a host whose services stay on EC2 (`data_tier = "ec2"`) or whose relational databases go to Aurora.
const KEEP_TAG: &str = "data_tier";
/// Tag that says which cluster the services of a host belong to.
const CLUSTER_TAG: &str = "cluster";
/// From this share of what a web server sends on, it comes from programs behind it, a web server is a proxy.
const RELAYED_FROM: f64 = 0.7;

/// What workloads are found in.
#[derive(Clone, Copy, Debug)]
pub struct WorkloadInputs<'a> {
    /// The engagement: environments, groups, tags.
    pub assessment: &'a Assessment,
    /// The hosts of the plan.
    pub hosts: &'a [String],
    /// What discovery found.
    pub inventory: &'a Inventory,
    /// What a person stated.
    pub stated: &'a [StatedService],
}

/// What runs where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estate {
    /// What is sized as one, by name.
    pub workloads: Vec<Workload>,
    /// By host: services that stay on it, sorted; hosts with none are absent.
    pub staying: BTreeMap<String, Vec<String>>,
    /// Hosts of which it is known what runs on them.
    pub known_hosts: BTreeSet<String>,
}

/// Finds the workloads of the plan's hosts.
#[must_use]
pub fn workloads(inputs: &WorkloadInputs<'_>) -> Estate {
    let members: BTreeMap<&str, Membership> = inputs
        .hosts
        .iter()
        .map(|host| (host.as_str(), inputs.assessment.membership(host)))
        .collect();
    let services = all_services(inputs);
    let relays = Relays::of(inputs.inventory);
    let mut candidates = Vec::new();
    let mut companions: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let mut estate = Estate::default();
    let products: BTreeMap<&str, BTreeSet<&str>> = by_host(&services);
    for (service, stated) in &services {
        let Some(member) = members.get(service.host.as_str()) else {
            continue;
        };
        estate.known_hosts.insert(service.host.clone());
        let here = &products[service.host.as_str()];
        if is_companion(&service.product, here) {
            let names = (service.host.clone(), service.service.clone());
            companions.entry(&service.host).or_default().push(names);
            continue;
        }
        let stays = |reason: &str| Some(Target::Stays(reason.to_string()));
        let asked = stated.and_then(|one| one.target.as_deref());
        let target = match Target::of_product(&service.product) {
            None => None,
            Some(_) if asked == Some("ec2") => stays("services.toml says that it stays on EC2"),
            Some(_) if member.tags.get(KEEP_TAG).map(String::as_str) == Some("ec2") => {
                stays("the tag data_tier says that it stays on EC2")
            }
            Some(Target::Balancer) if service.product == "nginx" && asked != Some("managed") => {
                (relays.is_proxy(&service.host)).then_some(Target::Balancer)
            }
            target => target,
        };
        match target {
            Some(target) => candidates.push(Candidate {
                host: service.host.clone(),
                service: service.service.clone(),
                product: service.product.clone(),
                version: service.version.clone(),
                role: service.role,
                ports: service.ports.clone(),
                environment: member.environment.clone(),
                group: member.group.clone(),
                cluster: stated
                    .and_then(|one| one.cluster.clone())
                    .or_else(|| member.tags.get(CLUSTER_TAG).cloned()),
                stated: stated.is_some(),
                relational: asked
                    .or(member.tags.get(KEEP_TAG).map(String::as_str))
                    .and_then(Relational::of_word),
                target,
            }),
            None if !matches!(service.category, Category::Infrastructure | Category::Unknown) => {
                let staying = estate.staying.entry(service.host.clone()).or_default();
                staying.push(service.service.clone());
            }
            None => {}
        }
    }
    let mut served: BTreeMap<&str, Vec<&Dependency>> = BTreeMap::new();
    for row in &inputs.inventory.dependencies {
        if let Some(server) = row.server.host.as_deref() {
            served.entry(server).or_default().push(row);
        }
    }
    let nobody_looked = inputs.inventory.dependencies.is_empty();
    let mut workloads: Vec<Workload> = clusters(&candidates, &inputs.inventory.dependencies)
        .into_iter()
        .map(|(nodes, because)| workload(&nodes, &candidates, because, &companions, (nobody_looked, &served)))
        .collect();
    workloads.sort_by(|one, other| one.name.cmp(&other.name));
    for workload in &workloads {
        if matches!(workload.target, Target::Stays(_)) {
            for node in &workload.nodes {
                let staying = estate.staying.entry(node.host.clone()).or_default();
                staying.push(node.service.clone());
            }
        }
    }
    for staying in estate.staying.values_mut() {
        staying.sort();
        staying.dedup();
    }
    estate.workloads = workloads;
    estate
}

fn workload(
    nodes: &[usize],
    candidates: &[Candidate],
    because: String,
    companions: &BTreeMap<&str, Vec<(String, String)>>,
    (nobody_looked, served): (bool, &BTreeMap<&str, Vec<&Dependency>>),
) -> Workload {
    let mut members: Vec<&Candidate> = nodes.iter().map(|&at| &candidates[at]).collect();
    let place = |role: Option<Role>| match role {
        Some(Role::Primary) => 0,
        Some(Role::Arbiter) => 2,
        _ => 1,
    };
    members.sort_by(|one, other| (place(one.role), &one.host).cmp(&(place(other.role), &other.host)));
    let first = members[0];
    let hosts: BTreeSet<&str> = members.iter().map(|one| one.host.as_str()).collect();
    let serves = |one: &Candidate| -> Option<bool> {
        if nobody_looked {
            return None;
        }
        let of_host = served.get(one.host.as_str()).into_iter().flatten();
        let of_service = of_host
            .filter(|row| one.ports.contains(&row.port) || row.server.service.as_deref() == Some(one.service.as_str()));
        let mut from = of_service.map(|row| row.client.host.as_deref());
        // What runs on the same host is a client too, where the host is not only this service's.
        Some(from.any(|client| client.is_none_or(|client| !hosts.contains(client))))
    };
    Workload {
        name: format!("{}/{}", first.host, first.service),
        product: first.product.clone(),
        target: first.target.clone(),
        environment: first.environment.clone(),
        group: first.group.clone(),
        nodes: members
            .iter()
            .map(|one| Node {
                host: one.host.clone(),
                service: one.service.clone(),
                version: one.version.clone(),
                role: one.role,
                serves_clients: serves(one),
                stated: one.stated,
            })
            .collect(),
        companions: members
            .iter()
            .flat_map(|one| companions.get(one.host.as_str()).into_iter().flatten())
            .filter(|(host, service)| {
                let of = COMPANIONS.iter().find(|(name, _)| service.starts_with(name));
                hosts.contains(host.as_str())
                    && of.is_some_and(|(_, products)| products.contains(&first.product.as_str()))
            })
            .cloned()
            .collect(),
        formed_because: because,
        relational: members.iter().find_map(|one| one.relational),
    }
}

/// What discovery found, completed and corrected by what is stated.
fn all_services<'a>(inputs: &WorkloadInputs<'a>) -> Vec<(Service, Option<&'a StatedService>)> {
    let mut all: BTreeMap<(String, String), (Service, Option<&StatedService>)> = inputs
        .inventory
        .current_services()
        .into_iter()
        .map(|service| ((service.host.clone(), service.service.clone()), (service.clone(), None)))
        .collect();
    for one in inputs.stated {
        for host in inputs.hosts.iter().filter(|host| matches(&one.hosts, host)) {
            let name = one.service.clone().unwrap_or_else(|| one.product.clone());
            let entry = all
                .entry((host.clone(), name.clone()))
                .or_insert_with(|| (bare(host, &name, &one.product), None));
            entry.0.version = one.version.clone().or_else(|| entry.0.version.take());
            entry.0.role = one.role.or(entry.0.role);
            entry.1 = Some(one);
        }
    }
    all.into_values().collect()
}

fn bare(host: &str, service: &str, product: &str) -> Service {
    Service {
        host: host.to_string(),
        service: service.to_string(),
        product: product.to_string(),
        category: Category::Unknown,
        version: None,
        role: None,
        ports: Vec::new(),
        process: None,
        user: None,
        unit: None,
        arguments: None,
        processes: 0,
        rested_on: vec!["services.toml".to_string()],
        sureness: telemetry::inventory::Sureness::Confirmed,
        learnt: telemetry::inventory::Learnt {
            how: "services.toml".to_string(),
            privilege: telemetry::inventory::Privilege::Stated,
            ..telemetry::inventory::Learnt::default()
        },
    }
}

fn by_host<'a>(services: &'a [(Service, Option<&StatedService>)]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut products: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (service, _) in services {
        products.entry(&service.host).or_default().insert(&service.product);
    }
    products
}

fn is_companion(product: &str, here: &BTreeSet<&str>) -> bool {
    COMPANIONS
        .iter()
        .any(|(name, of)| *name == product && of.iter().any(|one| here.contains(one)))
}

/// How much of what web servers send comes from servers behind them.
struct Relays<'a> {
    /// By host: bytes per second to clients, and from servers on other hosts.
    by_host: BTreeMap<&'a str, (f64, f64)>,
}

impl<'a> Relays<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let keep_data = [
            Category::Database,
            Category::DocumentDatabase,
            Category::Cache,
            Category::Queue,
            Category::Search,
            Category::Coordination,
            Category::Files,
        ];
        let stores: BTreeSet<(&str, u16)> = inventory
            .services
            .iter()
            .filter(|service| keep_data.contains(&service.category))
            .flat_map(|service| service.ports.iter().map(|port| (service.host.as_str(), *port)))
            .collect();
        let mut by_host: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for row in &inventory.dependencies {
            let (server, client) = (row.server.host.as_deref(), row.client.host.as_deref());
            let Some(bytes) = row.to_client_bytes_per_s.filter(|_| server != client) else {
                continue;
            };
            if let Some(server) = server
                && [80, 443, 8080, 8443].contains(&row.port)
            {
                by_host.entry(server).or_default().0 += bytes;
            }
            if let Some(client) = client.filter(|_| server.is_some_and(|server| !stores.contains(&(server, row.port))))
            {
                by_host.entry(client).or_default().1 += bytes;
            }
        }
        Self { by_host }
    }

    /// Says whether most of what a host sends on web ports comes from servers behind it.
    fn is_proxy(&self, host: &str) -> bool {
        self.by_host
            .get(host)
            .is_some_and(|&(sent, relayed)| sent > 0.0 && relayed >= RELAYED_FROM * sent)
    }
}
