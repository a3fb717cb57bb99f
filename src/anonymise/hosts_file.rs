//! hosts.toml without names: whom to reach, resolved; no key, no password, no jump host.

use std::fmt::Write as _;

use collector::hosts::{Reach, Target};

use super::Disguise;

/// Writes a hosts.toml of the same hosts in other names.
pub fn hosts_file(targets: &[Target], disguise: &mut Disguise) -> String {
    let mut text =
        String::from("# Hosts of a copy without names. Keys, passwords and jump hosts are not part of it.\n");
    let quoted = |text: &str| toml::Value::String(text.to_string()).to_string();
    for target in targets {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "\n[[hosts]]\nname = {}\n", quoted(&disguise.host(&target.name)));
        match &target.reach {
            Reach::Local => text.push_str("address = \"local\"\n"),
            Reach::Ssh(endpoint) => {
                let _ = writeln!(text, "address = {}", quoted(&disguise.host(&endpoint.address)));
                let _ = writeln!(text, "user = {}", quoted(&disguise.word("user", &endpoint.user)));
                if endpoint.port != 22 {
                    let _ = writeln!(text, "port = {}", endpoint.port);
                }
            }
        }
        let _ = writeln!(text, "interval = \"{}s\"", target.interval.as_secs());
        let _ = writeln!(text, "tick = \"{}s\"", target.tick.as_secs());
        match target.connections {
            Some(every) => {
                let _ = writeln!(text, "connections = \"{}s\"", every.as_secs());
            }
            None => text.push_str("connections = false\n"),
        }
        if let Some(environment) = &target.environment {
            let _ = writeln!(text, "environment = {}", quoted(environment));
        }
        if !target.tags.is_empty() {
            let tags: Vec<String> = target
                .tags
                .iter()
                .map(|tag| quoted(&disguise.word("tag", tag)))
                .collect();
            let _ = writeln!(text, "tags = [{}]", tags.join(", "));
        }
    }
    text
}
