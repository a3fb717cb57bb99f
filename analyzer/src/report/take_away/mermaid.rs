//! The architecture as a Mermaid flowchart: hosts by environment, networks outside, who talks to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use telemetry::untrusted::for_terminal;

use crate::dependency::{DependencyMap, Node};

/// Writes the flowchart; links of shared infrastructure are left out, as in the map.
#[must_use]
pub fn mermaid(map: &DependencyMap) -> String {
    let mut out = String::from("flowchart LR\n");
    let mut ids: BTreeMap<Node, String> = BTreeMap::new();
    let mut environments: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for node in &map.hosts {
        let id = format!("h{}", ids.len());
        ids.insert(Node::Host(node.host.clone()), id.clone());
        let mut label = label(&node.host);
        for service in &node.services {
            label.push_str("<br/>");
            label.push_str(&self::label(service));
        }
        environments.entry(&node.environment).or_default().push((id, label));
    }
    for (position, (environment, hosts)) in environments.iter().enumerate() {
        let _ = writeln!(out, "  subgraph e{position}[\"{}\"]", label(environment));
        for (id, label) in hosts {
            let _ = writeln!(out, "    {id}[\"{label}\"]");
        }
        out.push_str("  end\n");
    }
    for network in &map.externals {
        let id = format!("n{}", ids.len());
        let _ = writeln!(out, "  {id}([\"{}\"])", label(&network.network));
        ids.insert(Node::Network(network.network.clone()), id);
    }
    let mut drawn = BTreeSet::new();
    for link in map.links.iter().filter(|link| link.shared.is_none()) {
        if let (Some(client), Some(server)) = (ids.get(&link.client), ids.get(&link.server))
            && drawn.insert((client, server, link.port))
        {
            let _ = writeln!(out, "  {client} -->|{}| {server}", link.port);
        }
    }
    out
}

/// Writes text so that it stays text: signs of the language become entities.
fn label(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in for_terminal(text).chars() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | '-' | '_' | ':' | ',' | '/' => out.push(letter),
            letter if letter.is_alphanumeric() => out.push(letter),
            letter => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_name_cannot_leave_its_label() {
        assert_eq!(label("a\"]; click x \"js\""), "a#34;#93;#59; click x #34;js#34;");
        assert_eq!(label("<b>máy</b>"), "#60;b#62;máy#60;/b#62;");
    }
}
