//! The assessment file that belongs to an estate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::estate::{Estate, HostSpec};

/// Environments in the order people name them, with the beginning of their hosts' names.
const ENVIRONMENTS: [(&str, &str, &str); 3] = [
    ("production", "prod-", "what customers depend on"),
    ("staging", "stg-", "rehearsal of every release"),
    ("development", "dev-", "nobody waits for it at night"),
];

impl Estate {
    /// Writes the text of the estate's `assessment.toml`: environments, and tiers by name pattern.
    #[must_use]
    pub fn assessment_toml(&self) -> String {
        let mut text = String::new();
        // Writing into a `String` cannot fail.
        let _ = write!(
            text,
            "# The assessment of the sample estate, seed {seed}.\n\
             name = \"{name}\"\n\
             region = \"{region}\"\n\
             currency = \"USD\"\n\
             time_zone = \"{zone}\"\n",
            seed = self.seed,
            name = self.name,
            region = self.region,
            zone = self.time_zone,
        );
        text.push_str(
            "\n# Networks outside the estate that have a name.\n\
             [networks]\noffice = \"10.8.0.0/16\"\n\"name servers\" = \"10.0.0.0/24\"\n\"card networks\" = \"198.18.5.0/24\"\n",
        );
        for (environment, _, comment) in ENVIRONMENTS {
            let _ = write!(
                text,
                "\n# {comment}\n[environments.{environment}]\n# rule = \"sizewright\"\n"
            );
        }
        for (environment, beginning, _) in ENVIRONMENTS {
            let _ = write!(
                text,
                "\n[[hosts]]\npattern = \"{beginning}*\"\nenvironment = \"{environment}\"\n"
            );
        }
        text.push_str("\n# Hosts that do the same work.\n");
        for (pattern, hosts) in self.by_pattern() {
            let _ = write!(
                text,
                "\n[[hosts]]\npattern = \"{pattern}\"\ngroup = \"{}\"\n",
                hosts[0].group
            );
            if !hosts[0].tags.is_empty() {
                let tags: Vec<String> = hosts[0]
                    .tags
                    .iter()
                    .map(|(key, value)| format!("{key} = \"{value}\""))
                    .collect();
                let _ = writeln!(text, "tags = {{ {} }}", tags.join(", "));
            }
        }
        text
    }

    /// Gathers the hosts whose names differ only in their number.
    fn by_pattern(&self) -> BTreeMap<String, Vec<&HostSpec>> {
        let mut patterns: BTreeMap<String, Vec<&HostSpec>> = BTreeMap::new();
        for host in &self.hosts {
            let stem = host.name.trim_end_matches(|letter: char| letter.is_ascii_digit());
            patterns.entry(format!("{stem}??")).or_default().push(host);
        }
        patterns
    }
}
