//! Interfaces with speed, bond and addresses; gateway and name servers.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::answer::Answer;
use super::{Notes, number};
use crate::kernel::Layout;

const NET: &str = "/sys/class/net";
/// Addresses of one interface that are kept.
const ADDRESSES_AT_MOST: usize = 32;

pub(super) fn note(answer: &Answer<'_>, layout: &Layout, notes: &mut Notes<'_>) {
    for (name, interface) in &layout.interfaces {
        let is_bond = answer.word(&format!("{NET}/{name}/bonding/mode"));
        // The ends of containers' cables come and go by the hundred.
        if !interface.counts && is_bond.is_none() && !interface.has_device && interface.lower.is_empty() {
            continue;
        }
        for (fact, file) in [("interface.mtu_bytes", "mtu"), ("interface.state", "operstate")] {
            if let Some(word) = answer.word(&format!("{NET}/{name}/{file}")) {
                notes.of(fact, name, word, NET);
            }
        }
        if let Some(word) = answer
            .word(&format!("{NET}/{name}/address"))
            .filter(|word| is_mac(word))
        {
            notes.of("interface.mac", name, word, NET);
        }
        // Virtual ports say -1 or nothing.
        let speed = answer.word(&format!("{NET}/{name}/speed")).and_then(number);
        if let Some(speed) = speed.filter(|megabits| (1..=1_600_000).contains(megabits)) {
            notes.of("interface.speed_mbps", name, speed.to_string(), NET);
        }
        if let Some(mode) = is_bond {
            notes.of(
                "interface.bond_mode",
                name,
                mode.split(' ').next().unwrap_or_default(),
                NET,
            );
        }
        notes.of("interface.members", name, interface.lower.join(" "), NET);
    }
    addresses(answer, notes);
    gateway(answer, notes);
    let servers: Vec<String> = answer
        .lines("/etc/resolv.conf")
        .iter()
        .filter_map(|line| line.trim().strip_prefix("nameserver")?.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_string())
        .take(8)
        .collect();
    notes.one("network.name_servers", servers.join(" "), "/etc/resolv.conf");
}

fn addresses(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    let mut by_interface: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in answer.lines("address") {
        // `2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0`
        let mut words = line.split_whitespace().skip(1);
        let (Some(interface), Some("inet" | "inet6"), Some(address)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let interface = interface.split('@').next().unwrap_or_default();
        let (plain, length) = address.split_once('/').unwrap_or((address, ""));
        let Ok(parsed) = plain.parse::<IpAddr>() else { continue };
        if parsed.is_loopback() || is_link_local(parsed) {
            continue;
        }
        let known = by_interface.entry(interface).or_default();
        if known.len() < ADDRESSES_AT_MOST && number(length).is_some_and(|bits| bits <= 128) {
            known.push(format!("{parsed}/{length}"));
        }
    }
    for (interface, addresses) in by_interface {
        notes.of("interface.addresses", interface, addresses.join(" "), "ip addr");
    }
    // Without the program `ip`: addresses of the routing table, whose interface is not said.
    let mut known: Vec<String> = Vec::new();
    for line in answer.lines("local") {
        let address = line
            .split_once("-- ")
            .and_then(|(_, address)| address.trim().parse::<Ipv4Addr>().ok());
        if let Some(address) = address.filter(|address| !address.is_loopback())
            && known.len() < ADDRESSES_AT_MOST
        {
            known.push(address.to_string());
        }
    }
    known.sort();
    known.dedup();
    notes.one("network.addresses", known.join(" "), "/proc/net/fib_trie");
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
    }
}

fn gateway(answer: &Answer<'_>, notes: &mut Notes<'_>) {
    for line in answer.lines("net/route") {
        let mut words = line.split_whitespace().skip(1);
        if let (Some("00000000"), Some(gateway)) = (words.next(), words.next())
            && gateway.len() == 8
            && let Ok(bits) = u32::from_str_radix(gateway, 16)
            && bits != 0
        {
            // The kernel prints the number as this machine's memory holds it; every Linux with SSH in use is little-endian
            // but mainframes and old POWER, where the gateway is of no use to sizing.
            notes.one(
                "network.gateway",
                Ipv4Addr::from(bits.swap_bytes()).to_string(),
                "/proc/net/route",
            );
            return;
        }
    }
}

fn is_mac(word: &str) -> bool {
    word.len() == 17 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':') && word != "00:00:00:00:00:00"
}
