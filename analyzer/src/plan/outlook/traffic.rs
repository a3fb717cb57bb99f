//! What goes over the network between hosts, to the internet and to networks that stay.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::dependency::{DependencyMap, Node};

/// Bytes of a GB, as AWS bills transfer.
const GB: f64 = 1e9;
/// Seconds of a month of 730 hours.
const SECONDS: f64 = 730.0 * 3_600.0;

/// Traffic of a kind in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// What is known, GB a month.
    pub gb_per_month: f64,
    /// Links whose bytes are not known; the true figure is higher.
    pub unknown_links: usize,
}

/// Traffic of the estate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanTraffic {
    /// Whether anyone looked; where nobody did, nothing is known.
    pub is_known: bool,
    /// Between hosts of the plan, both directions.
    pub between_hosts: Flow,
    /// From hosts to public addresses.
    pub to_internet: Flow,
    /// From hosts to private addresses outside the plan: offices and what stays on premises.
    pub to_premises: Flow,
}

/// Sums the links of a map.
pub(super) fn of_map(map: &DependencyMap) -> PlanTraffic {
    let mut out = PlanTraffic {
        is_known: !map.links.is_empty(),
        ..PlanTraffic::default()
    };
    for link in &map.links {
        match (&link.client, &link.server) {
            (Node::Host(client), Node::Host(server)) if client != server => {
                add(&mut out.between_hosts, link.to_server_bytes_per_s);
                add(&mut out.between_hosts, link.to_client_bytes_per_s);
            }
            (Node::Network(network), Node::Host(_)) => add(out.outside(network), link.to_client_bytes_per_s),
            (Node::Host(_), Node::Network(network)) => add(out.outside(network), link.to_server_bytes_per_s),
            _ => {}
        }
    }
    for flow in [&mut out.between_hosts, &mut out.to_internet, &mut out.to_premises] {
        flow.gb_per_month = (flow.gb_per_month * 1000.0).round() / 1000.0;
    }
    out
}

impl PlanTraffic {
    fn outside(&mut self, network: &str) -> &mut Flow {
        if is_public(network) {
            &mut self.to_internet
        } else {
            &mut self.to_premises
        }
    }
}

fn add(flow: &mut Flow, bytes_per_s: Option<f64>) {
    match bytes_per_s {
        Some(bytes) => flow.gb_per_month += bytes * SECONDS / GB,
        None => flow.unknown_links += 1,
    }
}

/// Says whether a network is one of public addresses; one with a name is the user's own.
fn is_public(network: &str) -> bool {
    let address = network.split('/').next().and_then(|first| first.parse::<IpAddr>().ok());
    match address {
        Some(IpAddr::V4(address)) => !(address.is_private() || address.is_loopback() || address.is_link_local()),
        Some(IpAddr::V6(address)) => {
            let first = address.segments()[0];
            // Unique local (fc00::/7) and link-local (fe80::/10).
            !(address.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_named_networks_are_premises() {
        assert!(is_public("203.0.113.0/24") && is_public("2001:db8::/64"));
        for private in ["10.1.2.0/24", "192.168.0.0/24", "office", "fd00::/64", "169.254.0.0/24"] {
            assert!(!is_public(private), "{private}");
        }
    }
}
