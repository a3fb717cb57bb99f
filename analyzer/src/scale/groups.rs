//! Which hosts do the same work and can scale out together, and why others cannot.
//!
//! Input: hosts with their role and services, what the user states of groups,
//! and a way to read a host's CPU. Output: [`Grouping`]: groups with the reason
//! each was formed, and hosts that stand alone with the reason. CPU is only
//! read of hosts that might be in a group. Where services come from (discovery
//! or tags) is the caller's business. Source: method §7.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::load::Load;
use super::member::{Member, name_of, obstacle};
use super::together::{LEAST_CORRELATION, Moving, Steps};
use crate::policy::GroupRule;

/// Hosts that can scale out together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Name under which `assessment.toml` may say more of it.
    pub rule: String,
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

/// Groups hosts; `load` reads the CPU of one in busy cores, nothing where it was not measured.
///
/// # Errors
/// The first that `load` gives.
pub fn groups<E: Send>(
    members: &[Member],
    rules: &BTreeMap<String, GroupRule>,
    load: &(dyn Fn(&str) -> Result<Option<Load>, E> + Sync),
) -> Result<Grouping, E> {
    let mut sets: BTreeMap<(String, String), Vec<&Member>> = BTreeMap::new();
    for member in members {
        let (name, _) = name_of(member, rules);
        sets.entry((name, member.environment.clone())).or_default().push(member);
    }
    let mut grouping = Grouping::default();
    for ((name, environment), set) in &sets {
        let rule = rules.get(name).cloned().unwrap_or_default();
        let mut formed = Forming {
            rule: &rule,
            fit: set.clone(),
            unfit: Vec::new(),
            together: None,
        };
        formed.leave_out_obstacles();
        formed.leave_out_strangers();
        formed.leave_out_others_load(load)?;
        formed.leave_out_singletons();
        let Forming {
            fit, unfit, together, ..
        } = formed;
        grouping.alone.extend(unfit.into_iter().map(|(member, because)| Alone {
            host: member.host.clone(),
            group: name.clone(),
            because,
        }));
        let Some(first) = fit.first() else { continue };
        let (_, origin) = name_of(first, rules);
        let mut hosts: Vec<String> = fit.iter().map(|member| member.host.clone()).collect();
        hosts.sort();
        grouping.groups.push(Group {
            name: name.clone(),
            rule: name.clone(),
            environment: environment.clone(),
            hosts,
            because: because(&fit, &rule, origin, together),
        });
    }
    grouping.alone.sort_by(|one, other| one.host.cmp(&other.host));
    let names: Vec<String> = grouping.groups.iter().map(|group| group.rule.clone()).collect();
    for group in &mut grouping.groups {
        if names.iter().filter(|name| **name == group.rule).count() > 1 {
            group.name = format!("{}-{}", group.rule, group.environment);
        }
    }
    Ok(grouping)
}

/// A group on its way: who is still in, and who is out with why.
struct Forming<'a> {
    rule: &'a GroupRule,
    fit: Vec<&'a Member>,
    unfit: Vec<(&'a Member, String)>,
    /// Least rank correlation of those that are in.
    together: Option<f64>,
}

impl Forming<'_> {
    fn leave_out_obstacles(&mut self) {
        let rule = self.rule;
        self.leave_out(|member| obstacle(member, rule));
    }

    /// Of those whose services are known, the ones without the service that most have.
    fn leave_out_strangers(&mut self) {
        if self.rule.stateless == Some(true) || !self.rule.hosts.is_empty() {
            return;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for service in self.fit.iter().flat_map(|member| &member.services) {
            *counts.entry(service).or_default() += 1;
        }
        let Some((usual, _)) = counts
            .into_iter()
            .max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name)))
        else {
            return;
        };
        let usual = usual.to_string();
        self.leave_out(|member| {
            (!member.services.is_empty() && !member.services.contains(&usual))
                .then(|| format!("it runs {} where the others run {usual}", member.services.join(", ")))
        });
    }

    /// Those that were not measured, and those that move on their own.
    fn leave_out_others_load<E: Send>(
        &mut self,
        load: &(dyn Fn(&str) -> Result<Option<Load>, E> + Sync),
    ) -> Result<(), E> {
        let nobody_to_compare = self.fit.len() < 2 && self.rule.hosts.is_empty() && self.rule.stateless != Some(true);
        if nobody_to_compare {
            return Ok(());
        }
        let steps: Vec<Option<Steps>> = self
            .fit
            .par_iter()
            .map(|member| Ok(load(&member.host)?.as_ref().and_then(Steps::of)))
            .collect::<Result<_, E>>()?;
        let mut moving = Moving::default();
        let measured: Vec<String> = self
            .fit
            .iter()
            .zip(steps)
            .filter_map(|(member, steps)| {
                moving.add(steps?);
                Some(member.host.clone())
            })
            .collect();
        self.leave_out(|member| (!measured.contains(&member.host)).then(|| "its CPU was not measured".to_string()));
        if self.rule.hosts.is_empty() && self.rule.stateless != Some(true) {
            let apart = moving.leave_out_what_moves_apart();
            self.leave_out(|member| {
                let at = measured.iter().position(|host| *host == member.host)?;
                let correlation = apart.iter().find(|(index, _)| *index == at)?.1;
                Some(match correlation {
                    Some(value) => format!(
                        "its load does not move with the others' (rank correlation {value:.2}, {LEAST_CORRELATION} is needed)"
                    ),
                    None => "its load has less than a day in common with the others'".to_string(),
                })
            });
        }
        self.together = moving.least();
        Ok(())
    }

    fn leave_out_singletons(&mut self) {
        if self.fit.len() == 1 && self.rule.hosts.is_empty() && self.rule.stateless != Some(true) {
            self.leave_out(|_| {
                Some("there is only one of it: say `stateless = true` of its group if there may be more".to_string())
            });
        }
    }

    fn leave_out(&mut self, why: impl Fn(&Member) -> Option<String>) {
        let all = std::mem::take(&mut self.fit);
        for member in all {
            match why(member) {
                Some(because) => self.unfit.push((member, because)),
                None => self.fit.push(member),
            }
        }
    }
}

/// Says why a group was formed.
fn because(fit: &[&Member], rule: &GroupRule, origin: &str, together: Option<f64>) -> String {
    if let Some(because) = &rule.because {
        return because.clone();
    }
    let mut words = vec![origin.to_string()];
    let common = fit.first().and_then(|first| {
        let in_all = |service: &&String| fit.iter().all(|member| member.services.contains(service));
        first.services.iter().find(in_all)
    });
    match common {
        Some(service) => words.push(format!("all run {service}")),
        None if fit.iter().all(|member| !member.looked_at) => {
            words.push("what runs on them was not looked at".to_string());
        }
        None => {}
    }
    words.push(if rule.stateless == Some(true) {
        "stated to be stateless".to_string()
    } else {
        "no service that keeps data is known on them".to_string()
    });
    if let Some(least) = together {
        words.push(format!(
            "load that moves together (rank correlation {least:.2} at the least)"
        ));
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::convert::Infallible;

    use super::*;

    fn member(host: &str, services: &[&str]) -> Member {
        Member {
            host: host.to_string(),
            environment: "production".to_string(),
            services: services.iter().map(|name| (*name).to_string()).collect(),
            looked_at: !services.is_empty(),
            growth_gib_per_day: Some(0.0),
            ..Member::default()
        }
    }

    fn day(minute: usize) -> f32 {
        (minute % 1_440) as f32
    }

    /// Three days; hosts that end in 3 move the other way round, hosts that end in 9 were not measured.
    fn load(host: &str) -> Result<Option<Load>, Infallible> {
        let value = |minute: usize| {
            if host.ends_with('3') {
                1_440.0 - day(minute)
            } else {
                2.0 * day(minute)
            }
        };
        Ok((!host.ends_with('9')).then(|| Load::from_minutes(0, (0..4_320).map(value).collect())))
    }

    fn grouped(members: &[Member], rules: &BTreeMap<String, GroupRule>) -> Grouping {
        groups(members, rules, &load).unwrap()
    }

    fn why<'a>(grouping: &'a Grouping, host: &str) -> &'a str {
        &grouping.alone.iter().find(|alone| alone.host == host).unwrap().because
    }

    #[test]
    fn hosts_of_one_name_that_move_together_are_a_group_and_the_others_say_why_not() {
        let members = [
            member("web-01", &["nginx"]),
            member("web-02", &["nginx"]),
            member("web-03", &["nginx"]),
            member("web-04", &["Redis 7"]),
            member("web-05", &["haproxy"]),
            member("web-09", &["nginx"]),
            Member {
                licence: Some("per core".to_string()),
                ..member("web-06", &["nginx"])
            },
            Member {
                growth_gib_per_day: Some(4.0),
                ..member("web-07", &["nginx"])
            },
            member("mail-1", &["postfix"]),
            Member {
                balances: Some("haproxy".to_string()),
                ..member("web-08", &["haproxy"])
            },
        ];
        let grouping = grouped(&members, &BTreeMap::new());
        assert_eq!(grouping.groups.len(), 1, "{grouping:?}");
        assert_eq!(grouping.groups[0].hosts, ["web-01", "web-02"]);
        assert!(
            grouping.groups[0].because.contains("all run nginx"),
            "{}",
            grouping.groups[0].because
        );
        for (host, word) in [
            ("web-03", "rank correlation"),
            ("web-04", "Redis 7"),
            ("web-05", "where the others run nginx"),
            ("web-06", "per core"),
            ("web-07", "4.0 GiB a day"),
            ("web-09", "not measured"),
            ("mail-1", "only one"),
            ("web-08", "Elastic Load Balancer"),
        ] {
            assert!(why(&grouping, host).contains(word), "{host}: {}", why(&grouping, host));
        }
    }

    #[test]
    fn what_the_user_states_goes_over_what_is_found() {
        let members = [member("db-1", &["postgresql"]), member("db-3", &["postgresql"])];
        let rule = |stateless, scale| {
            let rule = GroupRule {
                stateless,
                scale,
                ..GroupRule::default()
            };
            BTreeMap::from([("db".to_string(), rule)])
        };
        assert!(grouped(&members, &rule(None, None)).groups.is_empty());
        assert_eq!(grouped(&members, &rule(Some(true), None)).groups[0].hosts.len(), 2);
        assert!(grouped(&members, &rule(Some(true), Some(false))).groups.is_empty());
    }

    #[test]
    fn where_nobody_looked_a_name_can_say_that_data_is_kept() {
        let grouping = grouped(
            &[member("prod-pg-01", &[]), member("prod-pg-02", &[])],
            &BTreeMap::new(),
        );
        assert!(why(&grouping, "prod-pg-01").contains("`pg`"));
        let stated = Member {
            stated_group: Some("rabbitmq".to_string()),
            ..member("a-1", &[])
        };
        assert!(why(&grouped(&[stated], &BTreeMap::new()), "a-1").contains("rabbitmq"));
        // Somebody looked: it is no database.
        let members = [member("db-front-1", &["nginx"]), member("db-front-2", &["nginx"])];
        assert_eq!(grouped(&members, &BTreeMap::new()).groups.len(), 1);
    }

    #[test]
    fn the_same_name_in_two_environments_is_two_groups() {
        let staging = |host: &str| Member {
            environment: "staging".to_string(),
            ..member(host, &[])
        };
        let members = [
            member("web-1", &[]),
            member("web-2", &[]),
            staging("web-4"),
            staging("web-5"),
        ];
        let names: Vec<String> = grouped(&members, &BTreeMap::new())
            .groups
            .into_iter()
            .map(|group| group.name)
            .collect();
        assert_eq!(names, ["web-production", "web-staging"]);
    }
}
