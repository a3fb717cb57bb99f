//! A host as grouping sees it: what it is called, what runs on it, and why it might not come and go.
//!
//! Input: what the assessment, tags and discovery say of a host. Output: the
//! name of the group it might be in, and an obstacle where there is one.

use std::collections::BTreeMap;

use crate::policy::{GroupRule, matches};

/// Local data that grows faster than this is state, GiB a day.
const STATEFUL_GROWTH_GIB: f64 = 0.5;
/// Products that keep data, by the beginning of their names.
const STATEFUL: [&str; 24] = [
    "postgres",
    "mysql",
    "mariadb",
    "oracle",
    "mssql",
    "sqlserver",
    "mongo",
    "redis",
    "memcached",
    "valkey",
    "cassandra",
    "elasticsearch",
    "opensearch",
    "rabbitmq",
    "activemq",
    "kafka",
    "zookeeper",
    "etcd",
    "nfs",
    "samba",
    "ceph",
    "gluster",
    "minio",
    "influx",
];
/// Words that people name such hosts by, besides the products.
const STATEFUL_WORDS: [&str; 10] = [
    "db",
    "database",
    "databases",
    "pg",
    "sql",
    "mq",
    "es",
    "cache",
    "storage",
    "backup",
];
/// Tags that say that software on the host is paid for by the machine.
const LICENCE_TAGS: [&str; 4] = ["licence", "license", "licensed", "licenced"];

/// A host as grouping sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// Its name.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// The group that the assessment places it in.
    pub stated_group: Option<String>,
    /// What it is for, as a tag says.
    pub role: Option<String>,
    /// Products that run on it, such as `nginx`.
    pub services: Vec<String>,
    /// Whether somebody looked at what runs on it.
    pub looked_at: bool,
    /// The service on it that keeps data, where discovery found one.
    pub keeps_data: Option<String>,
    /// The load balancer on it, where it does nothing else.
    pub balances: Option<String>,
    /// Software that is paid for by the machine, as a tag says.
    pub licence: Option<String>,
    /// Growth of its local data, GiB a day; unknown where not measured.
    pub growth_gib_per_day: Option<f64>,
}

impl Member {
    /// Reads what tags say: `role`, `services` (or `service`, comma-separated) and `licence`.
    #[must_use]
    pub fn from_tags(host: &str, environment: &str, group: Option<&str>, tags: &BTreeMap<String, String>) -> Self {
        let services = tags.get("services").or(tags.get("service")).map_or("", String::as_str);
        let services: Vec<String> = services
            .split(',')
            .map(|name| name.trim().to_string())
            .filter(|name| !name.is_empty())
            .collect();
        Self {
            host: host.to_string(),
            environment: environment.to_string(),
            stated_group: group.map(str::to_string),
            role: tags.get("role").cloned(),
            looked_at: !services.is_empty(),
            services,
            keeps_data: None,
            balances: None,
            licence: LICENCE_TAGS
                .iter()
                .find_map(|tag| tags.get(*tag))
                .filter(|value| !matches!(value.as_str(), "no" | "none" | "false"))
                .cloned(),
            growth_gib_per_day: None,
        }
    }
}

/// Gives the name of the group that a host might be in, and where the name is from.
pub(super) fn name_of(member: &Member, rules: &BTreeMap<String, GroupRule>) -> (String, &'static str) {
    let stated = rules
        .iter()
        .find(|(_, rule)| rule.hosts.iter().any(|pattern| matches(pattern, &member.host)));
    if let Some((name, _)) = stated {
        return (name.clone(), "listed in assessment.toml");
    }
    if let Some(name) = &member.stated_group {
        return (name.clone(), "the same group in assessment.toml");
    }
    if let Some(role) = &member.role {
        return (role.clone(), "the same role");
    }
    let stem = member
        .host
        .trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-' || letter == '.');
    let stem = if stem.is_empty() { &member.host } else { stem };
    (stem.to_string(), "names that differ only in their number")
}

/// Says why a host cannot scale out, if so.
pub(super) fn obstacle(member: &Member, rule: &GroupRule) -> Option<String> {
    let because = rule
        .because
        .as_ref()
        .map_or(String::new(), |because| format!(": {because}"));
    if rule.scale == Some(false) {
        return Some(format!("assessment.toml keeps its group at a static size{because}"));
    }
    if let Some(licence) = member.licence.as_ref().filter(|_| rule.maximum.is_none()) {
        return Some(format!(
            "its licence ({licence}) counts machines: say `maximum` of its group if there may be more"
        ));
    }
    match rule.stateless {
        Some(true) => return None,
        Some(false) => return Some(format!("assessment.toml says its group keeps state{because}")),
        None => {}
    }
    if let Some(service) = &member.balances {
        return Some(format!(
            "it only balances load ({service}): an Elastic Load Balancer takes its place and scales by itself"
        ));
    }
    let stateful = member.services.iter().find(|service| {
        let service = service.to_lowercase();
        STATEFUL.iter().any(|product| service.starts_with(product))
    });
    if let Some(service) = member.keeps_data.as_ref().or(stateful) {
        return Some(format!("it runs {service}, which keeps data"));
    }
    if !member.looked_at
        && let Some(word) = stateful_word(member)
    {
        return Some(format!(
            "its name says `{word}`, which keeps data, and nobody looked at what runs on it: say `stateless` of its group"
        ));
    }
    match member.growth_gib_per_day {
        Some(growth) if growth > STATEFUL_GROWTH_GIB => Some(format!(
            "its local data grows by {growth:.1} GiB a day, so it keeps state"
        )),
        _ => None,
    }
}

/// Finds a word in a host's group, role or name that stands for something that keeps data.
fn stateful_word(member: &Member) -> Option<String> {
    let names = [
        member.stated_group.as_deref(),
        member.role.as_deref(),
        Some(member.host.as_str()),
    ];
    names
        .into_iter()
        .flatten()
        .flat_map(|name| name.split(|letter: char| !letter.is_alphanumeric()))
        .map(|word| {
            word.trim_end_matches(|letter: char| letter.is_ascii_digit())
                .to_lowercase()
        })
        .find(|word| {
            STATEFUL_WORDS.contains(&word.as_str()) || STATEFUL.iter().any(|product| word.starts_with(product))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_say_role_services_and_licence() {
        let tags = BTreeMap::from(
            [
                ("role", "frontend"),
                ("services", "nginx, php-fpm"),
                ("license", "by socket"),
            ]
            .map(|(key, value)| (key.to_string(), value.to_string())),
        );
        let member = Member::from_tags("a", "production", None, &tags);
        assert_eq!(member.role.as_deref(), Some("frontend"));
        assert_eq!(member.services, ["nginx", "php-fpm"]);
        assert_eq!(member.licence.as_deref(), Some("by socket"));
    }
}
