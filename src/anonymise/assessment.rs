//! assessment.toml without names: every pattern becomes the hosts that it matches.

use std::collections::BTreeSet;

use analyzer::policy::{Assessment, GroupRule, HostRule, Network, matches};

use super::Disguise;

/// Tags whose values say what a host is for and not whose it is.
const PLAIN_TAGS: [&str; 3] = ["environment", "tier", "role"];

/// Gives the assessment in other names.
///
/// A rule by pattern becomes one rule for each host that it matches, in the same place, so that each host belongs
/// where it did; rules that match none are left out, since their pattern may be a name.
pub fn assessment(original: &Assessment, hosts: &BTreeSet<String>, disguise: &mut Disguise) -> Assessment {
    let mut copy = original.clone();
    copy.name = disguise.word("assessment", &original.name);
    copy.networks = original
        .networks
        .iter()
        .map(|(name, network)| {
            let first = disguise.network(network.first());
            (disguise.word("network", name), Network::of(first, network.bits()))
        })
        .collect();
    copy.groups = original
        .groups
        .iter()
        .map(|(name, group)| {
            let matched = |host: &&String| group.hosts.iter().any(|pattern| matches(pattern, host));
            let known: Vec<&String> = hosts.iter().filter(matched).collect();
            let rest = GroupRule {
                hosts: known.into_iter().map(|host| disguise.host(host)).collect(),
                because: group.because.as_ref().map(|because| disguise.word("reason", because)),
                ..group.clone()
            };
            (disguise.product("group", name), rest)
        })
        .collect();
    for event in &mut copy.events {
        event.name = disguise.word("event", &event.name);
    }
    // A name of [growth] is an environment's, which is no secret, or a group's.
    let mut grows = |name: &String| {
        if original.environments.contains_key(name) {
            name.clone()
        } else {
            disguise.product("group", name)
        }
    };
    copy.growth.groups = original
        .growth
        .groups
        .iter()
        .map(|(name, growth)| (grows(name), growth.clone()))
        .collect();
    for launch in &mut copy.growth.launches {
        launch.groups = launch.groups.iter().map(&mut grows).collect();
    }
    for launch in &mut copy.growth.launches {
        launch.name = disguise.word("launch", &launch.name);
    }
    copy.hosts = Vec::new();
    for rule in &original.hosts {
        let rest = changed(rule, disguise);
        if rule.pattern == "*" {
            copy.hosts.push(rest);
            continue;
        }
        for host in hosts.iter().filter(|host| matches(&rule.pattern, host)) {
            copy.hosts.push(HostRule {
                pattern: disguise.host(host),
                ..rest.clone()
            });
        }
    }
    copy
}

fn changed(rule: &HostRule, disguise: &mut Disguise) -> HostRule {
    let mut changed = rule.clone();
    changed.group = rule.group.as_ref().map(|group| disguise.product("group", group));
    for (key, value) in &mut changed.tags {
        if !PLAIN_TAGS.contains(&key.as_str()) {
            *value = disguise.word("tag", value);
        }
    }
    changed
}
