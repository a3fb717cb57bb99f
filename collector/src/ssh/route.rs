//! The way to a host: through which servers, in which order.

use crate::hosts::target::Endpoint;

/// Lists the jump hosts of an endpoint, nearest first, those of a jump host before itself.
pub(super) fn hops(endpoint: &Endpoint) -> Vec<Endpoint> {
    let mut chain = Vec::new();
    for jump in &endpoint.jumps {
        chain.extend(hops(jump));
        chain.push(Endpoint {
            jumps: Vec::new(),
            ..jump.clone()
        });
    }
    chain
}

/// Names a server for the gates: the same address behind another jump host is another server.
pub(super) fn key_at(chain: &[Endpoint], endpoint: &Endpoint) -> String {
    let mut key = String::new();
    for hop in chain.iter().chain([endpoint]) {
        if !key.is_empty() {
            key.push('>');
        }
        key.push_str(&hop.address.to_lowercase());
        key.push(':');
        key.push_str(&hop.port.to_string());
    }
    key
}

/// Finds what is wrong with an endpoint before anybody is asked to connect to it.
pub(super) fn fault_in(endpoint: &Endpoint) -> Option<String> {
    let is_plain =
        |text: &str| !text.is_empty() && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    if !is_plain(&endpoint.address) || endpoint.address.starts_with('-') {
        return Some("the address is empty, begins with `-`, or has spaces or control characters in it".to_string());
    }
    if !is_plain(&endpoint.user) || endpoint.user.starts_with('-') {
        return Some("the user is empty, begins with `-`, or has spaces or control characters in it".to_string());
    }
    if endpoint.port == 0 {
        return Some("there is no port 0".to_string());
    }
    endpoint.jumps.iter().find_map(|jump| {
        let fault = fault_in(jump)?;
        Some(format!("jump host {}: {fault}", super::place::Place::of(jump)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::target::Client;

    fn endpoint(address: &str, jumps: Vec<Endpoint>) -> Endpoint {
        Endpoint {
            address: address.to_string(),
            port: 22,
            user: "ops".to_string(),
            host_key_alias: None,
            credentials: Vec::new(),
            known_hosts: Vec::new(),
            jumps,
            client: Client::BuiltIn,
        }
    }

    #[test]
    fn the_jump_hosts_of_a_jump_host_come_before_it() {
        let far = endpoint("far", vec![endpoint("near", Vec::new())]);
        let target = endpoint("target", vec![far, endpoint("last", Vec::new())]);
        let chain = hops(&target);
        let addresses: Vec<&str> = chain.iter().map(|hop| hop.address.as_str()).collect();
        assert_eq!(addresses, ["near", "far", "last"]);
        assert_eq!(key_at(&chain, &target), "near:22>far:22>last:22>target:22");
    }

    #[test]
    fn what_could_be_taken_for_an_option_is_refused() {
        for address in ["-oProxyCommand=id", "", "a b", "a\nb", "a\0b"] {
            assert!(fault_in(&endpoint(address, Vec::new())).is_some(), "{address:?}");
        }
        let jump = endpoint("-J", Vec::new());
        assert!(fault_in(&endpoint("ok", vec![jump])).is_some_and(|fault| fault.contains("jump host")));
        assert_eq!(fault_in(&endpoint("db-2.example", Vec::new())), None);
    }
}
