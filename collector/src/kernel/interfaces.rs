//! Which interfaces count? Each byte that leaves or enters the host once: physical ports, not what is built of them.
//!
//! Input: what `/sys/class/net` says of every interface, or, where it cannot
//! be read, names alone. Output: one decision per interface.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::is_plain_name;

/// Interfaces that one interface may be built of.
const LOWER_AT_MOST: usize = 256;
/// The kernel's number for a loop-back (`ARPHRD_LOOPBACK`).
const LOOPBACK_TYPE: u32 = 772;

/// What `/sys/class/net` says of one interface, and whether it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Hardware (or a hypervisor's device) stands behind it.
    pub has_device: bool,
    /// The bond, bridge or paravirtual interface it belongs to.
    pub master: Option<String>,
    /// Interfaces it is built of.
    pub lower: Vec<String>,
    /// The kernel's number for its kind of link; 1 is Ethernet.
    pub link_type: Option<u32>,
    /// Its counters are collected.
    pub counts: bool,
}

impl Interface {
    /// Reads `NAME device=1 master=bond0 lower=a,b type=1`.
    pub(super) fn parse(text: &str) -> Option<(String, Self)> {
        let mut words = text.split_ascii_whitespace();
        let name = interface_name(words.next()?)?;
        let mut interface = Self::default();
        for word in words {
            match word.split_once('=') {
                Some(("device", value)) => interface.has_device = value == "1",
                Some(("master", value)) => interface.master = interface_name(value),
                Some(("type", value)) => interface.link_type = value.parse().ok(),
                Some(("lower", value)) => {
                    interface.lower = value
                        .split(',')
                        .filter_map(interface_name)
                        .take(LOWER_AT_MOST)
                        .collect();
                }
                _ => {}
            }
        }
        Some((name, interface))
    }

    fn is_loopback(&self, name: &str) -> bool {
        name == "lo" || self.link_type == Some(LOOPBACK_TYPE)
    }
}

/// Keeps the name of an interface when it can be one.
pub(super) fn interface_name(name: &str) -> Option<String> {
    is_plain_name(name).then(|| name.to_owned())
}

/// Decides for every listed interface whether it counts.
pub(super) fn decide(interfaces: &mut BTreeMap<String, Interface>, default_route: Option<&str>) {
    let physical: BTreeSet<String> = interfaces
        .iter()
        .filter(|(name, interface)| interface.has_device && !interface.is_loopback(name))
        .map(|(name, _)| name.clone())
        .collect();
    let masters: BTreeMap<String, String> = interfaces
        .iter()
        .filter_map(|(name, interface)| Some((name.clone(), interface.master.clone()?)))
        .collect();
    let route = default_route.filter(|route| interfaces.contains_key(*route));
    for (name, interface) in interfaces.iter_mut() {
        interface.counts = if interface.is_loopback(name) {
            false
        } else if !physical.is_empty() {
            physical.contains(name) && !is_counted_elsewhere(name, interface, &physical, &masters)
        } else if let Some(route) = route {
            // A container has virtual interfaces only: the one that leads out.
            name == route
        } else {
            counts_by_name(name)
        };
    }
}

/// Tells whether the traffic of a physical interface is in the counters of another one.
fn is_counted_elsewhere(
    name: &str,
    interface: &Interface,
    physical: &BTreeSet<String>,
    masters: &BTreeMap<String, String>,
) -> bool {
    // A virtual function under a paravirtual interface (netvsc on Azure and Hyper-V, virtio's standby): the master
    // counts what takes the fast path too. A bond has no device, so its members count instead of it.
    let is_under_physical = interface
        .master
        .as_ref()
        .is_some_and(|master| physical.contains(master));
    // A switch port behind a processor's own interface: what it carries passes that one, which is not its member.
    let is_over_physical = interface
        .lower
        .iter()
        .any(|lower| physical.contains(lower) && masters.get(lower).is_none_or(|master| master != name));
    // A partition of InfiniBand (`ib0.8001`) has the device of its parent.
    let is_part = name
        .split_once('.')
        .is_some_and(|(parent, _)| physical.contains(parent));
    is_under_physical || is_over_physical || is_part
}

/// Decides by name alone, where `/sys/class/net` could not be read.
pub(crate) fn counts_by_name(name: &str) -> bool {
    const VIRTUAL: [&str; 34] = [
        "bond",
        "bonding",
        "br-",
        "cali",
        "cilium",
        "cni",
        "docker",
        "dummy",
        "erspan",
        "flannel",
        "gre",
        "ifb",
        "ip6",
        "kube-",
        "lxc",
        "lxd",
        "macvlan",
        "macvtap",
        "nodelocaldns",
        "ovs-",
        "podman",
        "sit",
        "tap",
        "team",
        "tun",
        "veth",
        "virbr",
        "vlan",
        "vmnet",
        "vnet",
        "vti",
        "vxlan",
        "wg",
        "tailscale",
    ];
    let is_bridge = name
        .strip_prefix("br")
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let is_part = name.contains(['.', '@']);
    is_plain_name(name) && name != "lo" && !is_bridge && !is_part && !VIRTUAL.iter().any(|kind| name.starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(listing: &[&str], route: Option<&str>) -> Vec<String> {
        let mut interfaces: BTreeMap<String, Interface> =
            listing.iter().filter_map(|line| Interface::parse(line)).collect();
        decide(&mut interfaces, route);
        interfaces
            .into_iter()
            .filter(|(_, interface)| interface.counts)
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn members_of_a_bond_count_and_what_is_built_on_them_does_not() {
        let listing = [
            "lo device=0 master= lower= type=772",
            "eno1 device=1 master=bond0 lower= type=1",
            "eno2 device=1 master=bond0 lower= type=1",
            "bond0 device=0 master=br0 lower=eno1,eno2 type=1",
            "bond0.100 device=0 master= lower=bond0 type=1",
            "br0 device=0 master= lower=bond0,veth1 type=1",
            "veth1 device=0 master=br0 lower= type=1",
            "docker0 device=0 master= lower= type=1",
            "tun0 device=0 master= lower= type=65534",
        ];
        assert_eq!(counted(&listing, Some("br0")), ["eno1", "eno2"]);
    }

    #[test]
    fn the_fast_path_of_azure_is_not_counted_twice() {
        let listing = [
            "eth0 device=1 master= lower=enP1s1 type=1",
            "enP1s1 device=1 master=eth0 lower= type=1",
        ];
        assert_eq!(counted(&listing, None), ["eth0"]);
    }

    #[test]
    fn a_switch_port_and_an_infiniband_partition_are_not_counted_beside_their_carrier() {
        let listing = [
            "eth0 device=1 master= lower= type=1",
            "lan1 device=1 master=br0 lower=eth0 type=1",
            "ib0 device=1 master= lower= type=32",
            "ib0.8001 device=1 master= lower= type=32",
        ];
        assert_eq!(counted(&listing, None), ["eth0", "ib0"]);
    }

    #[test]
    fn a_container_has_the_interface_of_its_default_route() {
        let listing = [
            "lo device=0 type=772",
            "eth0 device=0 master= lower= type=1",
            "eth1 device=0 master= lower= type=1",
        ];
        assert_eq!(counted(&listing, Some("eth1")), ["eth1"]);
        assert_eq!(
            counted(&listing, Some("gone")),
            ["eth0", "eth1"],
            "by name when the route leads nowhere"
        );
        assert_eq!(counted(&listing, None), ["eth0", "eth1"]);
        assert!(counted(&["lo device=1 type=772"], Some("lo")).is_empty());
    }

    #[test]
    fn names_alone_tell_ports_from_what_is_built_on_them() {
        for name in [
            "eth0",
            "ens5",
            "eno1",
            "enp0s31f6",
            "venet0",
            "ib0",
            "bridge-like",
            "broadcom0",
        ] {
            assert!(counts_by_name(name), "{name}");
        }
        for name in [
            "lo", "bond0", "br0", "br-12ab", "virbr0", "veth1a2b", "docker0", "tun0", "eth0.100", "cali12", "wg0", "",
            "*", "a\u{7}",
        ] {
            assert!(!counts_by_name(name), "{name:?}");
        }
    }
}
