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

/// What the company says of the years to come; invented, like its hosts.
const MONEY: &str = "
# What the company says of the years to come (invented, like its hosts); see `sizewright project`.
[growth]
percent_per_year = 12
percent_per_year_low_high = [4, 25]

[growth.groups.web]
percent_per_year = 30
saturates_at = 3.0

[costs]
tax_percent = 8
support_plan = \"business\"
discount_percent_per_year = 8
snapshot_share = 0.4
internet_gb_per_month = 4000
premises_gb_per_month = 300

[transition]
months = 6
double_running_months = 1
vpn_connections = 2
services_usd = 90000

[on_premises]
hardware_usd = 640000
depreciation_years = 5
maintenance_percent_per_year = 12
power_kw = 11
pue = 1.8
usd_per_kwh = 0.11
racks = 3
usd_per_rack_month = 1200
licenses_usd_per_year = 96000
staff = 3
usd_per_staff_year = 36000
staff_share_after = 0.4
network_usd_per_month = 1500
uncertainty_percent = 15
";

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
        text.push_str(MONEY);
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
