//! Which hosts do the same work and can scale out together, and why others cannot.
//!
//! Input: hosts with their role, services and CPU, and what the user states of
//! groups. Output: [`Grouping`]: groups with the reason each was formed, and
//! hosts that stand alone with the reason. Where services come from (discovery
//! or tags) is the caller's business. Source: method §7.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::load::Load;
use crate::policy::{GroupRule, matches};

/// Least rank correlation of a host's CPU with the rest of its group.
pub const LEAST_CORRELATION: f64 = 0.6;
/// Local data that grows faster than this is state, GiB a day.
const STATEFUL_GROWTH_GIB: f64 = 0.5;
/// Minutes that are averaged before ranks are compared.
const STEP: usize = 5;
/// Fewest common steps for a correlation: a day's.
const LEAST_STEPS: usize = 288;
/// Products that keep data, by the beginning of their names.
const STATEFUL: [&str; 24] = [
    "postgres", "mysql", "mariadb", "oracle", "mssql", "sqlserver", "mongo", "redis", "memcached", "valkey", "cassandra",
    "elasticsearch", "opensearch", "rabbitmq", "activemq", "kafka", "zookeeper", "etcd", "nfs", "samba", "ceph", "gluster",
    "minio", "influx",
];

/// A host as grouping sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// The group that the assessment places it in.
    pub stated_group: Option<String>,
    /// What it is for, as a tag says.
    pub role: Option<String>,
    /// Products that listen on it, such as `nginx`.
    pub services: Vec<String>,
    /// Growth of its local data, GiB a day; unknown where not measured.
    pub growth_gib_per_day: Option<f64>,
    /// Its CPU in busy cores; unknown where not measured.
    pub load: Option<Load>,
}

/// Hosts that can scale out together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The environment of all of them.
    pub environment: String,
    /// Its hosts, sorted.
    pub hosts: Vec<String>,
    /// Why it was formed.
    pub because: String,
}

/// A host that does not scale out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alone {
    /// The host.
    pub host: String,
    /// The group it might have been in.
    pub group: String,
    /// Why not.
    pub because: String,
}

/// All hosts, each in a group or alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grouping {
    /// The groups, by name.
    pub groups: Vec<Group>,
    /// The others, by name.
    pub alone: Vec<Alone>,
}

/// Groups hosts.
#[must_use]
pub fn groups(members: &[Member], rules: &BTreeMap<String, GroupRule>) -> Grouping {
    let mut sets: BTreeMap<(String, String), Vec<&Member>> = BTreeMap::new();
    for member in members {
        let (name, _) = name_of(member, rules);
        sets.entry((name, member.environment.clone())).or_default().push(member);
    }
    let several = |name: &str| sets.keys().filter(|(other, _)| other == name).count() > 1;
    let mut grouping = Grouping::default();
    for ((name, environment), set) in &sets {
        let rule = rules.get(name).cloned().unwrap_or_default();
        let shown = if several(name) { format!("{name}-{environment}") } else { name.clone() };
        let alone = |member: &Member, because: String| Alone {
            host: member.host.clone(),
            group: shown.clone(),
            because,
        };
        let (mut fit, mut unfit): (Vec<&Member>, Vec<Alone>) = (Vec::new(), Vec::new());
        for &member in set {
            match obstacle(member, &rule) {
                Some(because) => unfit.push(alone(member, because)),
                None => fit.push(member),
            }
        }
        let mut least = None;
        // The host that moves least with the others goes first, so that it does not spoil their sum.
        while fit.len() > 1 && rule.hosts.is_empty() {
            let correlations: Vec<Option<f64>> = fit.iter().map(|member| with_the_rest(member, &fit)).collect();
            let key = |correlation: Option<f64>| correlation.unwrap_or(-2.0);
            let worst = (0..fit.len()).min_by(|&one, &other| key(correlations[one]).total_cmp(&key(correlations[other])));
            let Some(worst) = worst.filter(|&worst| key(correlations[worst]) < LEAST_CORRELATION) else {
                least = correlations.into_iter().flatten().reduce(f64::min);
                break;
            };
            let because = match correlations[worst] {
                Some(value) => format!(
                    "its load does not move with the others' (rank correlation {value:.2}, {LEAST_CORRELATION} is needed)"
                ),
                None => "its load has less than a day in common with the others'".to_string(),
            };
            unfit.push(alone(fit.remove(worst), because));
        }
        if fit.len() == 1 && rule.hosts.is_empty() && rule.stateless != Some(true) {
            unfit.extend(fit.drain(..).map(|member| alone(member, "there is only one of it: say `stateless = true` of its group if there may be more".to_string())));
        }
        grouping.alone.extend(unfit);
        if let Some(first) = fit.first() {
            let (_, origin) = name_of(first, rules);
            let together = least.map_or(String::new(), |least| format!(", load that moves together (rank correlation {least:.2} at the least)"));
            let state = if rule.stateless == Some(true) { "stated to be stateless" } else { "no service that keeps data is known on them" };
            grouping.groups.push(Group {
                name: shown,
                environment: environment.clone(),
                hosts: fit.iter().map(|member| member.host.clone()).collect(),
                because: rule.because.clone().unwrap_or_else(|| format!("{origin}, {state}{together}")),
            });
        }
    }
    for group in &mut grouping.groups {
        group.hosts.sort();
    }
    grouping.alone.sort_by(|one, other| one.host.cmp(&other.host));
    grouping
}

/// Gives the name of the group that a host might be in, and where the name is from.
fn name_of(member: &Member, rules: &BTreeMap<String, GroupRule>) -> (String, &'static str) {
    let stated = rules.iter().find(|(_, rule)| rule.hosts.iter().any(|pattern| matches(pattern, &member.host)));
    if let Some((name, _)) = stated {
        return (name.clone(), "listed in assessment.toml");
    }
    if let Some(name) = &member.stated_group {
        return (name.clone(), "the same group in assessment.toml");
    }
    if let Some(role) = &member.role {
        return (role.clone(), "the same role");
    }
    let stem = member.host.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-' || letter == '.');
    let stem = if stem.is_empty() { &member.host } else { stem };
    (stem.to_string(), "names that differ only in their number")
}

/// Says why a host cannot scale out, if so.
fn obstacle(member: &Member, rule: &GroupRule) -> Option<String> {
    let because = rule.because.as_ref().map_or(String::new(), |because| format!(": {because}"));
    if rule.scale == Some(false) {
        return Some(format!("assessment.toml keeps its group at a static size{because}"));
    }
    match rule.stateless {
        Some(true) => return member.load.is_none().then(|| "its CPU was not measured".to_string()),
        Some(false) => return Some(format!("assessment.toml says its group keeps state{because}")),
        None => {}
    }
    let stateful = member.services.iter().find(|service| {
        let service = service.to_lowercase();
        STATEFUL.iter().any(|product| service.starts_with(product))
    });
    if let Some(service) = stateful {
        return Some(format!("it runs {service}, which keeps data"));
    }
    match member.growth_gib_per_day {
        Some(growth) if growth > STATEFUL_GROWTH_GIB => {
            return Some(format!("its local data grows by {growth:.1} GiB a day, so it keeps state"));
        }
        _ => {}
    }
    member.load.is_none().then(|| "its CPU was not measured".to_string())
}

/// Gives the rank correlation of a host with the sum of the others; nothing with less than a day in common.
fn with_the_rest(member: &Member, all: &[&Member]) -> Option<f64> {
    let own = member.load.as_ref()?;
    let others: Vec<Load> = all
        .iter()
        .filter(|other| other.host != member.host)
        .filter_map(|other| other.load.clone())
        .collect();
    let rest = Load::sum(&others)?;
    rank_correlation(own, &rest)
}

/// Gives Spearman's rank correlation of two loads on their common time, in steps of five minutes.
#[must_use]
pub fn rank_correlation(one: &Load, other: &Load) -> Option<f64> {
    let first = one.first_minute().max(other.first_minute());
    let skip = |load: &Load| usize::try_from(first - load.first_minute()).unwrap_or(usize::MAX);
    let values = |load: &Load| load.per_minute().get(skip(load)..).unwrap_or_default().to_vec();
    let (a, b) = (values(one), values(other));
    let mean = |step: &[f32]| step.iter().sum::<f32>() / step.len() as f32;
    let pairs: Vec<(f32, f32)> = a
        .chunks_exact(STEP)
        .zip(b.chunks_exact(STEP))
        .map(|(a, b)| (mean(a), mean(b)))
        .filter(|(a, b)| !a.is_nan() && !b.is_nan())
        .collect();
    if pairs.len() < LEAST_STEPS {
        return None;
    }
    let a = ranks(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
    let b = ranks(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>());
    let middle = (pairs.len() as f64 + 1.0) / 2.0;
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        ab += (a - middle) * (b - middle);
        aa += (a - middle) * (a - middle);
        bb += (b - middle) * (b - middle);
    }
    // What never moves does not move together with anything.
    Some(if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 })
}

/// Gives ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut out = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && values[order[end]] == values[order[start]] {
            end += 1;
        }
        let rank = (start + end + 1) as f64 / 2.0;
        for &at in &order[start..end] {
            out[at] = rank;
        }
        start = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(host: &str, services: &[&str], value: impl Fn(usize) -> f32) -> Member {
        Member {
            host: host.to_string(),
            environment: "production".to_string(),
            stated_group: None,
            role: None,
            services: services.iter().map(|name| (*name).to_string()).collect(),
            growth_gib_per_day: Some(0.0),
            load: Some(Load::from_minutes(0, (0..4_320).map(value).collect())),
        }
    }

    fn day(minute: usize) -> f32 {
        (minute % 1_440) as f32
    }

    #[test]
    fn hosts_of_one_name_that_move_together_are_a_group_and_the_others_say_why_not() {
        let members = [
            member("web-01", &["nginx"], day),
            member("web-02", &["nginx"], |minute| day(minute) * 2.0),
            member("web-03", &["nginx"], |minute| 1_440.0 - day(minute)),
            member("web-04", &["Redis 7"], day),
            member("mail-1", &["postfix"], day),
        ];
        let grouping = groups(&members, &BTreeMap::new());
        assert_eq!(grouping.groups.len(), 1, "{grouping:?}");
        assert_eq!(grouping.groups[0].hosts, ["web-01", "web-02"]);
        let why = |host: &str| grouping.alone.iter().find(|alone| alone.host == host).map(|alone| alone.because.clone()).unwrap_or_default();
        assert!(why("web-03").contains("rank correlation"), "{}", why("web-03"));
        assert!(why("web-04").contains("Redis 7"));
        assert!(why("mail-1").contains("only one"));
    }

    #[test]
    fn what_the_user_states_goes_over_what_is_found() {
        let members = [member("db-1", &["postgresql"], day), member("db-2", &["postgresql"], day)];
        let rule = |stateless, scale| BTreeMap::from([("db".to_string(), GroupRule { stateless, scale, ..GroupRule::default() })]);
        assert!(groups(&members, &rule(None, None)).groups.is_empty());
        assert_eq!(groups(&members, &rule(Some(true), None)).groups.len(), 1);
        assert!(groups(&members, &rule(Some(true), Some(false))).groups.is_empty());
    }

    #[test]
    fn equal_ranks_are_shared_and_order_is_all_that_counts() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0]), [2.5, 1.0, 2.5]);
        let one = Load::from_minutes(0, (0..4_320).map(day).collect());
        let other = Load::from_minutes(0, (0..4_320).map(|minute| day(minute).sqrt()).collect());
        assert!(rank_correlation(&one, &other).is_some_and(|value| value > 0.999));
    }
}
