//! One row of the inventory from one instance of a product.

use telemetry::inventory::{Learnt, Role, Service, Sureness};
use telemetry::untrusted::for_terminal;

use super::fingerprints::RoleRule;
use super::groups::Group;
use super::pattern::{found_in, matches_any};
use super::{Found, Look, control_group, ports, recognise};
use crate::discovery::seen::Process;

/// Letters of the arguments that are kept in the inventory.
const ARGUMENTS_LETTERS: usize = 2_000;

/// Describes an instance.
pub(super) fn group(group: &Group<'_>, name: String, look: &Look<'_>) -> Found {
    let fingerprint = group.fingerprint;
    let root = group.root;
    let mut rested_on = group.reasons.clone();
    let usual = |port: &&u16| fingerprint.ports.contains(port) || fingerprint.udp_ports.contains(port);
    let usual_port = group.ports.iter().find(usual);
    for port in &group.ports {
        rested_on.push(if group.ports_seen {
            format!("port {port}")
        } else {
            format!("port {port}, inferred from the socket's account")
        });
    }
    if let Some(path) = configuration(group) {
        rested_on.push(format!("path {path}"));
    }
    if let Some(unit) = unit(root) {
        rested_on.push(format!("unit {unit}"));
    }
    let package = look
        .packages
        .iter()
        .find(|package| matches_any(&fingerprint.packages, &package.name));
    if let Some(package) = package {
        let line = format!("package {}", package.name);
        if !rested_on.contains(&line) {
            rested_on.push(line);
        }
    }
    let sureness = if usual_port.is_some() && group.ports_seen {
        Sureness::Confirmed
    } else {
        Sureness::Seen
    };
    let service = Service {
        host: look.host.to_string(),
        service: name,
        product: fingerprint.product.clone(),
        category: fingerprint.category,
        version: recognise::version(fingerprint, &group.processes, look.packages),
        role: role(group),
        ports: group.ports.clone(),
        process: Some(root.name.clone()),
        user: root.uid.map(|uid| look.table.user(uid)),
        unit: unit(root),
        arguments: arguments(root, look),
        processes: u32::try_from(group.processes.len()).unwrap_or(u32::MAX),
        rested_on,
        sureness,
        learnt: Learnt {
            first_at_ms: look.at_ms,
            last_at_ms: look.at_ms,
            how: "process table".to_string(),
            privilege: ports::privilege(look),
        },
    };
    Found {
        service,
        pids: group.processes.iter().map(|process| process.pid).collect(),
        children_apart: fingerprint.children_apart,
    }
}

/// Gives the unit or container of a process.
pub(super) fn unit(process: &Process) -> Option<String> {
    control_group::unit(process.control_group.as_deref()?)
}

/// Gives the arguments as one line, if they are kept.
pub(super) fn arguments(process: &Process, look: &Look<'_>) -> Option<String> {
    if !look.keep_arguments || process.arguments.is_empty() {
        return None;
    }
    let line: String = process.arguments.join(" ").chars().take(ARGUMENTS_LETTERS).collect();
    Some(for_terminal(&line).into_owned())
}

/// Finds an argument with one of the product's usual paths.
fn configuration<'g>(group: &'g Group<'_>) -> Option<&'g str> {
    let paths = &group.fingerprint.configuration;
    let has = |argument: &&String| paths.iter().any(|path| argument.contains(path.as_str()));
    let arguments = group
        .processes
        .iter()
        .flat_map(|process| process.arguments.iter().skip(1));
    let found = arguments.into_iter().find(has)?;
    let path = found.split_once('=').map_or(found.as_str(), |(_, value)| value);
    path.get(..path.floor_char_boundary(200))
}

/// Tells the part in a cluster, where process or port tells.
fn role(group: &Group<'_>) -> Option<Role> {
    let holds = |rule: &&RoleRule| {
        let by_port = rule.port.iter().any(|port| group.ports.contains(port));
        let by_bus = rule.port_above.is_some_and(|above| {
            let bus = |port: &u16| port.checked_add(above).is_some_and(|bus| group.ports.contains(&bus));
            group.ports.iter().any(bus)
        });
        let by_argument = || {
            group.processes.iter().any(|process| {
                found_in(&rule.argument, &process.arguments).is_some() || matches_any(&rule.argument, &process.name)
            })
        };
        by_port || by_bus || by_argument()
    };
    group.fingerprint.role.iter().find(holds).map(|rule| rule.role)
}
