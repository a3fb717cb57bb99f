//! The map for Graphviz: environments as clusters, every name quoted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use telemetry::untrusted::for_terminal;

use super::link::{Link, Node, Traffic};
use super::map::{DependencyMap, HostNode};

/// Writes the map in the DOT language; links that are set aside are dotted and do not pull.
#[must_use]
pub fn dot(map: &DependencyMap) -> String {
    let mut out = String::from(
        "digraph dependencies {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n",
    );
    let mut environments: BTreeMap<&str, Vec<&HostNode>> = BTreeMap::new();
    for host in &map.hosts {
        environments.entry(&host.environment).or_default().push(host);
    }
    for (number, (environment, hosts)) in environments.iter().enumerate() {
        // Writing into a `String` cannot fail.
        let _ = writeln!(
            out,
            "  subgraph cluster_{number} {{\n    label={};",
            quoted(environment)
        );
        for host in hosts {
            let mut lines = vec![host.host.clone()];
            lines.extend(host.services.iter().cloned());
            let label: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
            let _ = writeln!(
                out,
                "    {} [label=\"{}\"];",
                id(&Node::Host(host.host.clone())),
                label.join("\\n")
            );
        }
        out.push_str("  }\n");
    }
    for external in &map.externals {
        let node = Node::Network(external.network.clone());
        let _ = writeln!(
            out,
            "  {} [label={}, shape=ellipse];",
            id(&node),
            quoted(&external.network)
        );
    }
    for link in &map.links {
        let aside = if link.shared.is_some() {
            ", style=dotted, constraint=false"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "  {} -> {} [label={}{aside}];",
            id(&link.client),
            id(&link.server),
            quoted(&label(link))
        );
    }
    out.push_str("}\n");
    out
}

fn label(link: &Link) -> String {
    let mut traffic = Traffic::default();
    traffic.add(link);
    let service = link.server_service.as_deref().unwrap_or_default();
    let undecided = match link.direction {
        telemetry::inventory::Direction::Undecided => ", direction undecided",
        _ => "",
    };
    format!("{service} {}, {traffic}{undecided}", link.port)
        .trim_start()
        .to_string()
}

/// Names of hosts and of networks may be the same text, so they are told apart.
fn id(node: &Node) -> String {
    match node {
        Node::Host(name) => quoted(&format!("host {name}")),
        Node::Network(name) => quoted(&format!("network {name}")),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Within quotes DOT knows the backslash and the quote only.
fn escaped(text: &str) -> String {
    for_terminal(text).replace('\\', "\\\\").replace('"', "\\\"")
}
