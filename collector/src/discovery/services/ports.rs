//! Which service listens on which port?
//!
//! With the process of a socket it is plain. Without (an ordinary account sees
//! only its own), a socket still tells the account it belongs to: of that
//! account's services it belongs to the one that names the port in its
//! arguments, else to the one whose usual port it is, else to the only one. A
//! port below 1024 that root opened may be that of a server which then became
//! another account.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::inventory::{Category, Learnt, Privilege, Service, Sureness, Transport};

use super::fingerprints::Fingerprints;
use super::groups::Group;
use super::naming::Names;
use super::pattern::matches_any;
use super::{Found, Look, describe};
use crate::discovery::seen::{Listener, Process};

/// Ports of unknown owners that are told at most.
const UNKNOWN_AT_MOST: usize = 100;

/// Ports that any account may listen on begin here (`ip(7)`, `ip_unprivileged_port_start`).
const FREE_PORTS_FROM: u16 = 1024;

/// A port whose service was not found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LoosePort {
    transport: Transport,
    port: u16,
    uid: Option<u32>,
    /// The process that listens, where it was seen.
    pid: Option<u32>,
}

/// Gives every listener to the service it belongs to; gives back those that belong to none.
pub(super) fn give_to_owners(groups: &mut [Group<'_>], look: &Look<'_>) -> BTreeSet<LoosePort> {
    let mut loose = BTreeSet::new();
    let published = published(look);
    for listener in look.listeners {
        if let Some(inner) = published.get(&listener.port)
            && listener.transport == Transport::Tcp
        {
            if let Some(group) = behind_proxy(groups, *inner) {
                add(group, listener, None);
                let reason = format!("port {} published by docker-proxy from {inner}", listener.port);
                if !group.reasons.contains(&reason) {
                    group.reasons.push(reason);
                }
            } else {
                loose.insert(loose_port(listener));
            }
            continue;
        }
        if let Some(pid) = listener.pid {
            if let Some(group) = groups.iter_mut().find(|group| group.has(pid)) {
                add(group, listener, Some(pid));
                continue;
            }
        } else if let Some(place) = owner_by_account(groups, listener, look)
            && let Some(group) = groups.get_mut(place)
        {
            add(group, listener, None);
            continue;
        }
        loose.insert(loose_port(listener));
    }
    loose
}

fn loose_port(listener: &Listener) -> LoosePort {
    LoosePort {
        transport: listener.transport,
        port: listener.port,
        uid: listener.uid,
        pid: listener.pid,
    }
}

/// Adds a port; a UDP port only if it is the product's own, since clients wait on others for answers.
fn add(group: &mut Group<'_>, listener: &Listener, pid: Option<u32>) {
    if listener.transport == Transport::Udp && !group.fingerprint.udp_ports.contains(&listener.port) {
        return;
    }
    if pid.is_none() {
        group.ports_seen = false;
    }
    group.add_port(listener.port);
}

/// Gives the ports that docker-proxy publishes, with the ports inside the containers.
fn published(look: &Look<'_>) -> BTreeMap<u16, u16> {
    let value = |process: &Process, option: &str| {
        let at = process.arguments.iter().position(|argument| argument == option)?;
        process.arguments.get(at + 1)?.parse::<u16>().ok()
    };
    let proxies = look.table.processes.iter().filter(|process| {
        process.name.starts_with("docker-proxy") || super::recognise::program(process) == "docker-proxy"
    });
    proxies
        .filter_map(|process| Some((value(process, "-host-port")?, value(process, "-container-port")?)))
        .collect()
}

/// Finds the one service in a container whose usual port is the one inside.
fn behind_proxy<'g, 'a>(groups: &'g mut [Group<'a>], inner: u16) -> Option<&'g mut Group<'a>> {
    let mut candidates = groups
        .iter_mut()
        .filter(|group| group.container().is_some() && knows_port(group, inner));
    let only = candidates.next()?;
    candidates.next().is_none().then_some(only)
}

fn knows_port(group: &Group<'_>, port: u16) -> bool {
    group.fingerprint.ports.contains(&port) || names_port(group, port)
}

/// Tells whether an argument of the service names a port: `-p 6380`, `*:6380`, `--port=6380`.
fn names_port(group: &Group<'_>, port: u16) -> bool {
    let digits = port.to_string();
    let names = |argument: &String| {
        argument.match_indices(digits.as_str()).any(|(at, found)| {
            let before = argument.get(..at).and_then(|text| text.chars().next_back());
            let behind = argument.get(at + found.len()..).and_then(|text| text.chars().next());
            let bounded =
                |letter: Option<char>| letter.is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '.');
            bounded(before) && bounded(behind) && before != Some('/')
        }) || argument.strip_prefix("-p").or_else(|| argument.strip_prefix("-P")) == Some(digits.as_str())
    };
    group.processes.iter().flat_map(|process| &process.arguments).any(names)
}

fn owner_by_account(groups: &[Group<'_>], listener: &Listener, look: &Look<'_>) -> Option<usize> {
    let uid = listener.uid?;
    let of_account: Vec<usize> = groups
        .iter()
        .enumerate()
        .filter(|(_, group)| group.processes.iter().any(|process| process.uid == Some(uid)))
        .map(|(place, _)| place)
        .collect();
    let usual = |group: &Group<'_>| match listener.transport {
        Transport::Tcp => group.fingerprint.ports.contains(&listener.port),
        Transport::Udp => group.fingerprint.udp_ports.contains(&listener.port),
    };
    let only = |holds: &dyn Fn(&Group<'_>) -> bool| {
        let mut chosen = of_account
            .iter()
            .copied()
            .filter(|&place| groups.get(place).is_some_and(holds));
        let first = chosen.next()?;
        chosen.next().is_none().then_some(first)
    };
    // What runs in a container listens inside it; only if nothing else can be meant it shares the host's network.
    let here = |group: &Group<'_>| group.container().is_none();
    // `ss` tells the control group of a socket to everybody.
    if let Some(unit) = listener.control_group.as_deref().and_then(super::control_group::unit) {
        let in_unit = |group: &Group<'_>| {
            let own = group.root.control_group.as_deref().and_then(super::control_group::unit);
            own.as_deref() == Some(unit.as_str())
        };
        if let Some(place) = only(&in_unit) {
            return Some(place);
        }
    }
    let named = only(&|group| here(group) && listener.transport == Transport::Tcp && names_port(group, listener.port));
    let by_rule = named
        .or_else(|| only(&|group| here(group) && usual(group)))
        .or_else(|| only(&|group| usual(group)));
    if by_rule.is_some() || listener.transport == Transport::Udp {
        return by_rule;
    }
    // Only root may open a port below 1024: many servers do so first and become another account then.
    if uid == 0 && listener.port < FREE_PORTS_FROM {
        let mut elsewhere = (0..groups.len()).filter(|&place| {
            let group = groups.get(place);
            group.is_some_and(|group| here(group) && (usual(group) || serves_web(group, listener.port)))
        });
        if let (Some(place), None) = (elsewhere.next(), elsewhere.next()) {
            return Some(place);
        }
    }
    // The account's only service, if nothing else runs under the account.
    let place = only(&here)?;
    let group = groups.get(place)?;
    let all_its_own = look
        .table
        .processes
        .iter()
        .filter(|process| process.uid == Some(uid))
        .all(|process| group.has(process.pid));
    all_its_own.then_some(place)
}

/// Says whether a port is the web's and the service one that answers it, whatever its own usual ports are.
fn serves_web(group: &Group<'_>, port: u16) -> bool {
    matches!(port, 80 | 443) && matches!(group.fingerprint.category, Category::Web | Category::Proxy)
}

/// Tells what listens without a process that was recognised.
pub(super) fn without_process(
    loose: &BTreeSet<LoosePort>,
    look: &Look<'_>,
    fingerprints: &Fingerprints,
    names: &mut Names,
) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut told: BTreeSet<u16> = BTreeSet::new();
    for port in loose {
        if found.len() >= UNKNOWN_AT_MOST {
            break;
        }
        let hidden = look.table.hidden && port.pid.is_none();
        let usual = fingerprints.products.iter().find(|fingerprint| match port.transport {
            Transport::Tcp => fingerprint.ports.contains(&port.port),
            Transport::Udp => fingerprint.udp_ports.contains(&port.port),
        });
        let is_tcp = port.transport == Transport::Tcp;
        match usual {
            Some(fingerprint) if hidden => {
                let same = found
                    .iter_mut()
                    .find(|other| other.service.product == fingerprint.product);
                if let Some(same) =
                    same.filter(|same| fingerprint.one_per_host || names_a_second_port(same, fingerprint.ports.first()))
                {
                    if let Err(place) = same.service.ports.binary_search(&port.port) {
                        same.service.ports.insert(place, port.port);
                        same.service.rested_on.push(format!("port {}", port.port));
                    }
                    continue;
                }
                let package = look
                    .packages
                    .iter()
                    .find(|package| matches_any(&fingerprint.packages, &package.name));
                let mut rested_on = vec![format!(
                    "port {} alone: processes of other accounts are hidden",
                    port.port
                )];
                rested_on.extend(package.map(|package| format!("package {}", package.name)));
                let name = names.of_port(&fingerprint.product, port.port);
                let mut service = blank(look, name, &fingerprint.product, fingerprint.category, port);
                service.version = super::recognise::version(fingerprint, &[], look.packages);
                service.rested_on = rested_on;
                found.push(Found {
                    service,
                    pids: Vec::new(),
                    children_apart: true,
                });
            }
            _ if is_tcp && told.insert(port.port) => {
                let process = port.pid.and_then(|pid| look.table.process(pid));
                if let Some(process) = process
                    && let Some(same) = found.iter_mut().find(|other| other.pids.contains(&process.pid))
                {
                    same.service.ports.push(port.port);
                    same.service.rested_on.push(format!("port {}", port.port));
                    continue;
                }
                let mut service = blank(look, names.unknown(port.port), "unknown", Category::Unknown, port);
                service.rested_on = vec![match process {
                    Some(process) => format!("port {} of process {}", port.port, process.name),
                    None => format!("port {} of a process that was not told apart", port.port),
                }];
                if let Some(process) = process {
                    service.process = Some(process.name.clone());
                    service.unit = describe::unit(process);
                    service.arguments = describe::arguments(process, look);
                    service.processes = 1;
                    service.sureness = Sureness::Seen;
                }
                found.push(Found {
                    service,
                    pids: process.map(|process| process.pid).into_iter().collect(),
                    children_apart: false,
                });
            }
            _ => {}
        }
    }
    found
}

/// Tells whether a port is a further one of a service that was found by its main port.
fn names_a_second_port(found: &Found, main: Option<&u16>) -> bool {
    main.is_some_and(|main| found.service.ports.contains(main))
}

fn blank(look: &Look<'_>, name: String, product: &str, category: Category, port: &LoosePort) -> Service {
    Service {
        host: look.host.to_string(),
        service: name,
        product: product.to_string(),
        category,
        version: None,
        role: None,
        ports: vec![port.port],
        process: None,
        user: port.uid.map(|uid| look.table.user(uid)),
        unit: None,
        arguments: None,
        processes: 0,
        rested_on: Vec::new(),
        sureness: Sureness::Inferred,
        learnt: Learnt {
            first_at_ms: look.at_ms,
            last_at_ms: look.at_ms,
            how: "listening sockets".to_string(),
            privilege: privilege(look),
        },
    }
}

/// Tells with what privilege the account looked.
pub(super) fn privilege(look: &Look<'_>) -> Privilege {
    match look.table.account {
        Some(0) => Privilege::Root,
        _ => Privilege::User,
    }
}
