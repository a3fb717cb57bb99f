//! The inventory without names. What may say anything is replaced as a whole.

use telemetry::inventory::{Dependency, Fact, Inventory, Peer, Service};

use super::Disguise;

/// Beginnings of facts whose values name no one: what a machine is, not whose.
const PLAIN_FACTS: &[&str] = &[
    "boot.",
    "cloud.",
    "container.engine",
    "container.running",
    "cpu.",
    "disk.kind",
    "disk.model",
    "disk.removable",
    "disk.size_bytes",
    "disk.vendor",
    "filesystem.kind",
    "filesystem.size_bytes",
    "hardware.bios",
    "hardware.chassis",
    "hardware.model",
    "hardware.vendor",
    "interface.bond_mode",
    "interface.mtu_bytes",
    "interface.speed_mbps",
    "interface.state",
    "kernel.",
    "machine.",
    "program.built_for",
    "memory.",
    "mount.kind",
    "os.",
    "package.version",
    "packages.",
    "swap.size",
    "time.zone",
    "volume.kind",
    "volume.raid_level",
    "volume.size_bytes",
];

/// Gives the inventory in other names. Arguments of processes are left out.
pub fn inventory(original: &Inventory, disguise: &mut Disguise) -> Inventory {
    let mut copy = Inventory {
        // Names first: free text below is searched for those that are known.
        services: original
            .services
            .iter()
            .map(|service| named(service, disguise))
            .collect(),
        dependencies: original
            .dependencies
            .iter()
            .map(|row| Dependency {
                client: peer(&row.client, disguise),
                server: peer(&row.server, disguise),
                ..row.clone()
            })
            .collect(),
        facts: original.facts.iter().map(|one| fact(one, disguise)).collect(),
    };
    for service in &mut copy.services {
        for words in &mut service.rested_on {
            *words = disguise.text(words);
        }
        service.learnt.how = disguise.text(&service.learnt.how);
    }
    copy.sort();
    copy
}

fn named(service: &Service, disguise: &mut Disguise) -> Service {
    Service {
        host: disguise.host(&service.host),
        service: service_name(&service.service, disguise),
        process: service.process.as_ref().map(|name| disguise.product("process", name)),
        user: service.user.as_ref().map(|name| disguise.product("user", name)),
        unit: service.unit.as_ref().map(|name| {
            let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
            match ending {
                "service" | "scope" | "slice" | "socket" if !stem.contains('/') => {
                    format!("{}.{ending}", disguise.product("unit", stem))
                }
                _ => disguise.product("unit", name),
            }
        }),
        // They may say anything, and no plan rests on them.
        arguments: None,
        ..service.clone()
    }
}

/// Gives the other name of a service, the same in inventory and telemetry.
pub(super) fn service_name(name: &str, disguise: &mut Disguise) -> String {
    disguise.product("service", name)
}

fn peer(peer: &Peer, disguise: &mut Disguise) -> Peer {
    Peer {
        host: peer.host.as_ref().map(|host| disguise.host(host)),
        address: disguise.host(&peer.address),
        service: peer.service.as_ref().map(|name| service_name(name, disguise)),
    }
}

fn fact(fact: &Fact, disguise: &mut Disguise) -> Fact {
    let is_plain = PLAIN_FACTS.iter().any(|beginning| fact.name.starts_with(beginning));
    let is_package = fact.name.starts_with("package");
    let value = if is_plain {
        disguise.text(&fact.value)
    } else {
        list(&fact.value, disguise)
    };
    Fact {
        host: disguise.host(&fact.host),
        item: if is_package {
            fact.item.clone()
        } else {
            one(&fact.item, disguise)
        },
        value,
        learnt: telemetry::inventory::Learnt {
            how: disguise.text(&fact.learnt.how),
            ..fact.learnt.clone()
        },
        name: fact.name.clone(),
    }
}

/// Replaces each word of a value: addresses with their prefix, paths, devices, numbers by their kind, others as a whole.
fn list(value: &str, disguise: &mut Disguise) -> String {
    let is_gap = |letter: char| letter == ' ' || letter == ',' || letter == ';';
    let mut out = String::with_capacity(value.len());
    for piece in value.split_inclusive(is_gap) {
        let word = piece.trim_end_matches(is_gap);
        out.push_str(&one(word, disguise));
        out.push_str(piece.get(word.len()..).unwrap_or_default());
    }
    out
}

fn one(word: &str, disguise: &mut Disguise) -> String {
    if let Some((address, bits)) = word.split_once('/')
        && let Ok(address) = address.parse::<std::net::IpAddr>()
        && bits.parse::<u8>().is_ok()
    {
        return format!("{}/{bits}", disguise.address(address));
    }
    if word.parse::<std::net::IpAddr>().is_ok() {
        return disguise.host(word);
    }
    disguise.device(word)
}
