//! Tables of what is known of the estate: hosts, services, dependencies, waves.

use super::{Kind, Table, Value, number, optional, text, word};
use crate::dependency::{DependencyMap, Node};
use crate::inventory::EstateSheet;
use crate::plan::Plan;

/// Gives a row a host, of the plan or of the inventory.
pub(super) fn hosts(plan: &Plan, inventory: &EstateSheet) -> Table {
    let mut table = Table::new(
        "hosts",
        "One host: what it is, and over what time it was measured.",
        &[
            ("host", Kind::Text),
            ("environment", Kind::Text),
            ("operating_system", Kind::Text),
            ("kind", Kind::Text),
            ("model", Kind::Text),
            ("processor", Kind::Text),
            ("vcpu", Kind::Number),
            ("memory_gib", Kind::Number),
            ("disk_gib", Kind::Number),
            ("addresses", Kind::Text),
            ("services", Kind::Text),
            ("activity", Kind::Text),
            ("first_sample_at", Kind::Time),
            ("last_sample_at", Kind::Time),
            ("interval_s", Kind::Number),
            ("coverage", Kind::Number),
        ],
    );
    let planned = plan.recommendations.iter().map(|row| row.host.as_str());
    let known = inventory.hosts.iter().map(|sheet| sheet.host.as_str());
    let mut names: Vec<&str> = planned.chain(known).collect();
    names.sort_unstable();
    names.dedup();
    let rows: std::collections::HashMap<&str, &crate::plan::Recommendation> = plan
        .recommendations
        .iter()
        .map(|row| (row.host.as_str(), row))
        .collect();
    for name in names {
        let row = rows.get(name);
        let sheet = inventory.host(name);
        let known = |get: fn(&crate::inventory::HostSheet) -> Option<String>| optional(sheet.and_then(get));
        table.rows.push(vec![
            text(name),
            text(row.map_or_else(
                || plan.assessment.membership(name).environment,
                |row| row.environment.clone(),
            )),
            known(|sheet| sheet.os.clone()),
            known(|sheet| sheet.kind.clone()),
            known(|sheet| sheet.model.clone()),
            known(|sheet| sheet.cpu_model.clone()),
            number(
                row.and_then(|row| row.source_vcpu)
                    .or(sheet.and_then(|sheet| sheet.threads).map(f64::from)),
            ),
            number(
                row.and_then(|row| row.source_memory_gib)
                    .or(sheet.and_then(|sheet| sheet.memory_gib())),
            ),
            number(sheet.and_then(|sheet| sheet.disk_gib())),
            known(|sheet| (!sheet.addresses.is_empty()).then(|| sheet.addresses.join(", "))),
            known(|sheet| {
                let words: Vec<String> = sheet.services.iter().map(|line| line.words()).collect();
                (!words.is_empty()).then(|| words.join(", "))
            }),
            row.map_or(Value::Empty, |row| word(&row.proof.activity)),
            row.map_or(Value::Empty, |row| Value::Time(row.proof.first_at_ms)),
            row.map_or(Value::Empty, |row| Value::Time(row.proof.last_at_ms)),
            number(row.map(|row| row.proof.interval_s)),
            number(row.map(|row| row.proof.coverage)),
        ]);
    }
    table
}

/// Gives a row a service.
pub(super) fn services(inventory: &EstateSheet) -> Table {
    let mut table = Table::new(
        "services",
        "One service on a host.",
        &[
            ("host", Kind::Text),
            ("service", Kind::Text),
            ("product", Kind::Text),
            ("category", Kind::Text),
            ("version", Kind::Text),
            ("role", Kind::Text),
            ("ports", Kind::Text),
            ("account", Kind::Text),
            ("sureness", Kind::Text),
            ("rests_on", Kind::Text),
        ],
    );
    for sheet in &inventory.hosts {
        for line in &sheet.services {
            let ports: Vec<String> = line.ports.iter().map(u16::to_string).collect();
            table.rows.push(vec![
                text(&sheet.host),
                text(&line.service),
                text(&line.product),
                word(&line.category),
                optional(line.version.as_deref()),
                line.role.as_ref().map_or(Value::Empty, word),
                optional((!ports.is_empty()).then(|| ports.join(", "))),
                optional(line.user.as_deref()),
                word(&line.sureness),
                optional((!line.rested_on.is_empty()).then(|| line.rested_on.join("; "))),
            ]);
        }
    }
    table
}

/// Gives a row a link of the map.
pub(super) fn dependencies(map: &DependencyMap) -> Table {
    let mut table = Table::new(
        "dependencies",
        "One client that talks to a port of a server.",
        &[
            ("client", Kind::Text),
            ("client_service", Kind::Text),
            ("server", Kind::Text),
            ("server_service", Kind::Text),
            ("port", Kind::Number),
            ("transport", Kind::Text),
            ("direction", Kind::Text),
            ("most_connections", Kind::Number),
            ("seen_share", Kind::Number),
            ("to_server_bytes_per_s", Kind::Number),
            ("to_client_bytes_per_s", Kind::Number),
            ("is_shared", Kind::Text),
        ],
    );
    for link in &map.links {
        let name = |node: &Node| match node {
            Node::Host(name) => text(name),
            Node::Network(name) => text(format!("network {name}")),
        };
        table.rows.push(vec![
            name(&link.client),
            optional(link.client_service.as_deref()),
            name(&link.server),
            optional(link.server_service.as_deref()),
            number(Some(f64::from(link.port))),
            word(&link.transport),
            word(&link.direction),
            number(Some(f64::from(link.connections_max))),
            number(Some(link.seen_share)),
            number(link.to_server_bytes_per_s),
            number(link.to_client_bytes_per_s),
            text(if link.shared.is_some() { "yes" } else { "no" }),
        ]);
    }
    table
}

/// Gives a row a host of a group that moves together; hosts that are tied to none come last, without a wave.
pub(super) fn waves(map: &DependencyMap) -> Table {
    let mut table = Table::new(
        "waves",
        "One host, in the group that must move together.",
        &[
            ("wave", Kind::Number),
            ("host", Kind::Text),
            ("environment", Kind::Text),
            ("hosts_in_wave", Kind::Number),
            ("crosses_alone_bytes_per_s", Kind::Number),
            ("inside_bytes_per_s", Kind::Number),
            ("outside_bytes_per_s", Kind::Number),
        ],
    );
    let environment = |host: &str| {
        let node = map.hosts.iter().find(|node| node.host == host);
        optional(node.map(|node| node.environment.clone()))
    };
    for (position, group) in map.move_groups.iter().enumerate() {
        for host in &group.hosts {
            table.rows.push(vec![
                Value::Number((position + 1) as f64),
                text(host),
                environment(host),
                Value::Number(group.hosts.len() as f64),
                number(group.alone.get(host).map(|traffic| traffic.known_bytes_per_s)),
                number(Some(group.inside.known_bytes_per_s)),
                number(Some(group.outside.known_bytes_per_s)),
            ]);
        }
    }
    for host in map.free_hosts() {
        let mut row = vec![Value::Empty, text(host), environment(host)];
        row.resize(7, Value::Empty);
        table.rows.push(row);
    }
    table
}
