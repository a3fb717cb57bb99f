//! The inventory on the page: what is there, which machines, which services.

use std::collections::BTreeMap;

use serde::Serialize;
use telemetry::inventory::{Category, Role, Sureness};

use super::amount::{count, counted};
use super::shown::shown;
use crate::inventory::{Count, EstateSheet, HostSheet, ServiceLine};

/// Rows that are listed; JSON has all.
const MACHINES: usize = 1_000;
const SERVICES: usize = 2_000;
const LIST: usize = 20;
const NAMES: usize = 8;
/// Machines that are shown without being asked for.
const SHORT: usize = 12;

/// The section's values; the template escapes them.
#[derive(Debug, Serialize)]
pub(super) struct InventorySection {
    summary: String,
    products: Vec<ProductRow>,
    lists: Vec<List>,
    /// So few machines that all of them are shown at once.
    is_short: bool,
    machines_summary: String,
    machines: Vec<MachineRow>,
    more_machines: Option<String>,
    services_summary: String,
    services: Vec<ServiceRow>,
    more_services: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProductRow {
    product: String,
    purpose: &'static str,
    hosts: usize,
    names: Vec<String>,
    more: Option<String>,
}

/// Pairs under a title.
#[derive(Debug, Serialize)]
struct List {
    title: &'static str,
    note: &'static str,
    /// The second of each pair is a number.
    counts: bool,
    rows: Vec<(String, String)>,
    more: Option<String>,
}

#[derive(Debug, Serialize)]
struct MachineRow {
    host: String,
    system: Option<String>,
    kernel: Option<String>,
    kind: Option<String>,
    model: Option<String>,
    processors: Option<String>,
    cpu_model: Option<String>,
    memory: Option<String>,
    disks: Option<String>,
    addresses: Vec<String>,
    services: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ServiceRow {
    host: String,
    service: String,
    product: String,
    purpose: &'static str,
    version: Option<String>,
    role: Option<&'static str>,
    ports: String,
    user: Option<String>,
    sureness: &'static str,
    rested_on: String,
}

/// Describes the inventory.
pub(super) fn inventory_section(estate: &EstateSheet) -> InventorySection {
    let services = estate.hosts.iter().map(|host| host.services.len()).sum::<usize>();
    let lists = [
        counts("Systems", &estate.systems),
        counts("Machines", &estate.kinds),
        pairs(
            "Mounted from elsewhere",
            "moves with them, or stays reachable",
            estate,
            |host| &host.network_mounts,
        ),
        jobs(estate),
    ];
    let machines: Vec<MachineRow> = estate.hosts.iter().take(MACHINES).map(machine_row).collect();
    let rows: Vec<ServiceRow> = estate
        .hosts
        .iter()
        .flat_map(|host| host.services.iter().map(|line| service_row(&host.host, line)))
        .take(SERVICES)
        .collect();
    InventorySection {
        summary: format!(
            "{} and {} of {} are known.",
            counted(estate.hosts.len(), "host", "hosts"),
            counted(services, "service", "services"),
            counted(estate.products.len(), "product", "products"),
        ),
        products: products(estate),
        lists: lists.into_iter().filter(|list| !list.rows.is_empty()).collect(),
        is_short: estate.hosts.len() <= SHORT,
        machines_summary: counted(estate.hosts.len(), "host", "hosts"),
        more_machines: more(estate.hosts.len(), machines.len()),
        machines,
        services_summary: counted(services, "service", "services"),
        more_services: more(services, rows.len()),
        services: rows,
    }
}

fn more(all: usize, listed: usize) -> Option<String> {
    (all > listed).then(|| count(all - listed))
}

fn products(estate: &EstateSheet) -> Vec<ProductRow> {
    let mut found: BTreeMap<(&str, Category), Vec<&str>> = BTreeMap::new();
    for host in &estate.hosts {
        for line in &host.services {
            let names = found.entry((&line.product, line.category)).or_default();
            if names.last() != Some(&host.host.as_str()) {
                names.push(&host.host);
            }
        }
    }
    let mut rows: Vec<_> = found.into_iter().collect();
    rows.sort_by_key(|((product, category), names)| (*category, std::cmp::Reverse(names.len()), *product));
    rows.into_iter()
        .map(|((product, category), names)| ProductRow {
            product: shown(product),
            purpose: purpose(category),
            hosts: names.len(),
            more: more(names.len(), NAMES),
            names: names.into_iter().take(NAMES).map(shown).collect(),
        })
        .collect()
}

fn counts(title: &'static str, found: &[Count]) -> List {
    List {
        title,
        note: "",
        counts: true,
        rows: found
            .iter()
            .take(LIST)
            .map(|one| (shown(&one.name), counted(one.hosts, "host", "hosts")))
            .collect(),
        more: more(found.len(), LIST),
    }
}

fn pairs(
    title: &'static str,
    note: &'static str,
    estate: &EstateSheet,
    lines: impl Fn(&HostSheet) -> &Vec<String>,
) -> List {
    let all = estate
        .hosts
        .iter()
        .flat_map(|host| lines(host).iter().map(|line| (shown(&host.host), shown(line))));
    let total = estate.hosts.iter().map(|host| lines(host).len()).sum();
    List {
        title,
        note,
        counts: false,
        rows: all.take(LIST).collect(),
        more: more(total, LIST),
    }
}

/// Lists jobs, those of the fewest hosts first: what every host does says nothing of this one.
fn jobs(estate: &EstateSheet) -> List {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for host in &estate.hosts {
        for job in &host.jobs {
            found.entry(job).or_default().push(&host.host);
        }
    }
    let mut found: Vec<(&str, Vec<&str>)> = found.into_iter().collect();
    found.sort_by_key(|(job, hosts)| (hosts.len(), *job));
    let on = |hosts: &[&str]| match hosts {
        [one] => shown(one),
        many => counted(many.len(), "host", "hosts"),
    };
    List {
        title: "Jobs by the clock",
        note: "where a peak by night may come from",
        counts: false,
        more: more(found.len(), LIST),
        rows: found
            .iter()
            .take(LIST)
            .map(|(job, hosts)| (shown(job), on(hosts)))
            .collect(),
    }
}

fn machine_row(host: &HostSheet) -> MachineRow {
    let words = |text: &Option<String>| text.as_deref().map(shown);
    let gibibytes = |value: Option<f64>| value.map(|value| format!("{value:.1}"));
    MachineRow {
        host: shown(&host.host),
        system: words(&host.os),
        kernel: words(&host.kernel),
        kind: words(&host.kind),
        model: words(&host.model),
        processors: host.processors(),
        cpu_model: words(&host.cpu_model),
        memory: gibibytes(host.memory_gib()),
        disks: gibibytes(host.disk_gib()),
        addresses: host
            .addresses
            .iter()
            .take(NAMES)
            .map(|address| shown(address))
            .collect(),
        services: host.services.iter().map(|line| shown(&line.words())).collect(),
    }
}

fn service_row(host: &str, line: &ServiceLine) -> ServiceRow {
    let ports: Vec<String> = line.ports.iter().map(u16::to_string).collect();
    ServiceRow {
        host: shown(host),
        service: shown(&line.service),
        product: shown(&line.product),
        purpose: purpose(line.category),
        version: line.version.as_deref().map(shown),
        role: line.role.map(role),
        ports: ports.join(", "),
        user: line.user.as_deref().map(shown),
        sureness: match line.sureness {
            Sureness::Inferred => "inferred",
            Sureness::Seen => "seen",
            Sureness::Confirmed => "confirmed",
        },
        rested_on: shown(&line.rested_on.join(", ")),
    }
}

fn purpose(category: Category) -> &'static str {
    match category {
        Category::Database => "relational database",
        Category::DocumentDatabase => "document database",
        Category::Cache => "cache",
        Category::Queue => "queue",
        Category::Search => "search",
        Category::Coordination => "coordination",
        Category::Web => "web server",
        Category::Proxy => "load balancer or proxy",
        Category::Application => "application",
        Category::Containers => "containers",
        Category::Files => "files",
        Category::Infrastructure => "infrastructure",
        Category::Unknown => "not recognised",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Primary => "primary",
        Role::Replica => "replica",
        Role::Member => "member",
        Role::Arbiter => "arbiter",
        Role::Standalone => "standalone",
    }
}
