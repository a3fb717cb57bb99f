//! `assessment.toml`: one engagement's name, region, environments and hosts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use telemetry::inventory::CpuBenchmark;

use super::costs::{Costs, OnPremises, Transition};
use super::event::EventRule;
use super::group::GroupRule;
use super::growth::Growth;
use super::network::Network;
use super::pattern::matches;
use super::rule::Rule;
use super::waves::WaveRule;
use super::{Policy, risk_of};
use crate::catalog::Architecture;

/// One engagement, as `assessment.toml` states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// Name of the engagement, shown on the report.
    pub name: String,
    /// AWS region to plan for.
    pub region: String,
    /// Currency of the report; prices are in US dollars.
    #[serde(default = "us_dollars")]
    pub currency: String,
    /// IANA name of the zone in which hours of the week are counted.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// The environment of hosts that no rule places.
    #[serde(default = "production")]
    pub default_environment: String,
    /// Policies by environment.
    #[serde(default)]
    pub environments: BTreeMap<String, Environment>,
    /// Networks that have a name, such as `office = "10.8.0.0/16"`; addresses outside the assessment are shown by them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub networks: BTreeMap<String, Network>,
    /// Which hosts belong where; the first pattern that names a thing decides it.
    #[serde(default)]
    pub hosts: Vec<HostRule>,
    /// What is known of groups that may scale out, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, GroupRule>,
    /// Days that people know of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventRule>,
    /// The way to AWS and how much moves at once.
    #[serde(default, skip_serializing_if = "WaveRule::is_default")]
    pub waves: WaveRule,
    /// What people assume of growth.
    #[serde(default, skip_serializing_if = "Growth::is_empty")]
    pub growth: Growth,
    /// What AWS charges beside the plan's rows.
    #[serde(default, skip_serializing_if = "Costs::is_empty")]
    pub costs: Costs,
    /// How the estate moves.
    #[serde(default, skip_serializing_if = "Transition::is_empty")]
    pub transition: Transition,
    /// What the estate costs where it is.
    #[serde(default, skip_serializing_if = "OnPremises::is_empty")]
    pub on_premises: OnPremises,
}

/// A policy as written: the default policy of that kind of environment with some fields changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Environment(toml::Table);

/// Hosts by name pattern, and what is known of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostRule {
    /// Pattern of the host's name, with `*` and `?`.
    pub pattern: String,
    /// Their environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Hosts that do the same work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The EC2 type they run on today, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_type: Option<String>,
    /// Logical CPUs, where telemetry does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<u32>,
    /// Memory in GiB, where telemetry does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_gib: Option<f64>,
    /// CPU model, as `/proc/cpuinfo` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// What one source CPU does compared with a vCPU of m7i, where the user knows better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_score: Option<f64>,
    /// Whether the workload runs on arm64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arm64_ready: Option<bool>,
    /// Free labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Leave these hosts out of the plan.
    pub ignore: bool,
}

/// Where a host belongs, after all patterns were applied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    /// Its environment.
    pub environment: String,
    /// Its group, if any.
    pub group: Option<String>,
    /// The EC2 type it runs on today, if any.
    pub current_type: Option<String>,
    /// Logical CPUs by hand.
    pub vcpus: Option<u32>,
    /// Memory by hand, GiB.
    pub memory_gib: Option<f64>,
    /// CPU model by hand.
    pub cpu_model: Option<String>,
    /// CPU score by hand.
    pub cpu_score: Option<f64>,
    /// What discovery measured on one thread of it, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_benchmark: Option<Benchmarked>,
    /// arm64 readiness by hand.
    pub arm64_ready: Option<bool>,
    /// Labels of all matching patterns; an earlier pattern's value stands.
    pub tags: BTreeMap<String, String>,
    /// Whether the host is left out.
    pub ignored: bool,
}

/// A benchmark that discovery ran on a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmarked {
    /// What it measured.
    pub reading: CpuBenchmark,
    /// The day, UTC.
    pub on: Date,
}

/// Changes from the command line that go over every environment's policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// Another rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// Another risk dial, a share of the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<f64>,
    /// Another extra CPU and memory, as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headroom: Option<f64>,
    /// Whether to cap at the source's capacity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_at_source: Option<bool>,
    /// Other architectures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architectures: Option<Vec<Architecture>>,
    /// Other families.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub families: Option<Vec<String>>,
    /// Whether types that run on credits may be proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burstable: Option<bool>,
    /// Another region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// What is wrong with an assessment file.
#[derive(Debug, thiserror::Error)]
pub enum AssessmentError {
    /// The file is not TOML or has a field of the wrong kind; the source names line and column.
    #[error("assessment.toml cannot be understood")]
    Toml(#[source] Box<toml::de::Error>),
    /// A policy is not usable.
    #[error("policy of environment `{environment}` cannot be used: {reason}")]
    Policy {
        /// The environment.
        environment: String,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// A group is not usable.
    #[error("group `{group}` cannot be used: {reason}")]
    Group {
        /// The group.
        group: String,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// An event is not usable.
    #[error("event `{event}` cannot be used: {reason}")]
    Event {
        /// The event.
        event: String,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// The way to AWS is not usable.
    #[error("section `waves` cannot be used: {reason}")]
    Waves {
        /// What is wrong and what was expected.
        reason: String,
    },
    /// A section about growth or cost is not usable.
    #[error("[{section}] cannot be used: {reason}")]
    Section {
        /// The section.
        section: &'static str,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// The time zone is not known.
    #[error("time zone `{name}` is not known; expected an IANA name such as `Asia/Ho_Chi_Minh`")]
    TimeZone {
        /// The name as written.
        name: String,
    },
}

impl Assessment {
    /// Reads the text of `assessment.toml` and checks every policy in it.
    ///
    /// # Errors
    /// When it is not TOML, a field is unknown, or a policy or the time zone is not usable.
    pub fn from_toml(text: &str) -> Result<Self, AssessmentError> {
        let assessment: Self = toml::from_str(text).map_err(|error| AssessmentError::Toml(Box::new(error)))?;
        assessment.zone()?;
        for name in assessment.environments.keys() {
            assessment.policy(name, &Overrides::default())?;
        }
        for (name, group) in &assessment.groups {
            group.check().map_err(|reason| AssessmentError::Group {
                group: name.clone(),
                reason,
            })?;
        }
        assessment
            .waves
            .check()
            .map_err(|reason| AssessmentError::Waves { reason })?;
        for event in &assessment.events {
            event.check().map_err(|reason| AssessmentError::Event {
                event: event.name.clone(),
                reason,
            })?;
        }
        for (section, checked) in [
            ("growth", assessment.growth.check()),
            ("costs", assessment.costs.check()),
            ("transition", assessment.transition.check()),
            ("on_premises", assessment.on_premises.check()),
        ] {
            checked.map_err(|reason| AssessmentError::Section { section, reason })?;
        }
        Ok(assessment)
    }

    /// Starts an assessment without any file: every host in production.
    #[must_use]
    pub fn new(name: &str, region: &str) -> Self {
        Self {
            name: name.to_string(),
            region: region.to_string(),
            currency: us_dollars(),
            time_zone: utc(),
            default_environment: production(),
            environments: BTreeMap::new(),
            networks: BTreeMap::new(),
            hosts: Vec::new(),
            groups: BTreeMap::new(),
            events: Vec::new(),
            waves: WaveRule::default(),
            growth: Growth::default(),
            costs: Costs::default(),
            transition: Transition::default(),
            on_premises: OnPremises::default(),
        }
    }

    /// Gives the time zone in which hours of the week are counted.
    ///
    /// # Errors
    /// When its name is not known.
    pub fn zone(&self) -> Result<jiff::tz::TimeZone, AssessmentError> {
        jiff::tz::TimeZone::get(&self.time_zone).map_err(|_| AssessmentError::TimeZone {
            name: self.time_zone.clone(),
        })
    }

    /// Says where a host belongs: for each thing the first matching pattern that names it decides.
    #[must_use]
    pub fn membership(&self, host: &str) -> Membership {
        let mut member = Membership::default();
        for rule in self.hosts.iter().filter(|rule| matches(&rule.pattern, host)) {
            if member.environment.is_empty()
                && let Some(environment) = &rule.environment
            {
                member.environment.clone_from(environment);
            }
            member.group = member.group.or_else(|| rule.group.clone());
            member.current_type = member.current_type.or_else(|| rule.current_type.clone());
            member.vcpus = member.vcpus.or(rule.vcpus);
            member.memory_gib = member.memory_gib.or(rule.memory_gib);
            member.cpu_model = member.cpu_model.or_else(|| rule.cpu_model.clone());
            member.cpu_score = member.cpu_score.or(rule.cpu_score);
            member.arm64_ready = member.arm64_ready.or(rule.arm64_ready);
            member.ignored |= rule.ignore;
            for (key, value) in &rule.tags {
                member.tags.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        if member.environment.is_empty() {
            member.environment = member
                .tags
                .get("environment")
                .cloned()
                .unwrap_or_else(|| self.default_environment.clone());
        }
        member
    }

    /// Gives the policy of an environment: built-in defaults, then the file, then the overrides.
    ///
    /// # Errors
    /// When a field is unknown or out of range; the message names it.
    pub fn policy(&self, environment: &str, overrides: &Overrides) -> Result<Policy, AssessmentError> {
        let bad = |reason: String| AssessmentError::Policy {
            environment: environment.to_string(),
            reason,
        };
        let mut policy = match self.environments.get(environment) {
            Some(Environment(table)) => table
                .clone()
                .try_into::<Policy>()
                .map_err(|error| bad(error.message().to_string()))?,
            None => Policy::default(),
        };
        let stated = |field: &str| {
            let written = self.environments.get(environment);
            written.is_some_and(|Environment(table)| table.contains_key(field))
        };
        if !stated("risk") {
            policy.risk = risk_of(environment);
        }
        if let Some(risk) = overrides.risk {
            policy.risk = risk;
        }
        if let Some(rule) = overrides.rule {
            policy.rule = rule;
        }
        if let Some(headroom) = overrides.headroom {
            policy.cpu_headroom = headroom;
            policy.memory_headroom = headroom;
        }
        if let Some(cap) = overrides.cap_at_source {
            policy.cap_at_source = cap;
        }
        if let Some(architectures) = &overrides.architectures {
            policy.architectures.clone_from(architectures);
        }
        if let Some(families) = &overrides.families {
            policy.families.clone_from(families);
        }
        if let Some(burstable) = overrides.burstable {
            policy.burstable = burstable;
        }
        policy.check().map_err(bad)?;
        Ok(policy)
    }
}

fn us_dollars() -> String {
    "USD".to_string()
}

fn utc() -> String {
    "UTC".to_string()
}

fn production() -> String {
    "production".to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = r#"
        name = "Acme"
        region = "ap-southeast-1"
        [environments.production]
        rule = "peak"
        [environments.development]
        burstable = true
        [[hosts]]
        pattern = "prod-db-*"
        group = "database"
        tags = { tier = "data" }
        [[hosts]]
        pattern = "prod-*"
        environment = "production"
        [[hosts]]
        pattern = "dev-*"
        environment = "development"
    "#;

    #[test]
    fn patterns_add_up_and_the_first_word_stands() {
        let assessment = Assessment::from_toml(TEXT).unwrap();
        let member = assessment.membership("prod-db-01");
        assert_eq!(member.environment, "production");
        assert_eq!(member.group.as_deref(), Some("database"));
        assert_eq!(assessment.membership("elsewhere").environment, "production");
    }

    #[test]
    fn an_environment_changes_only_what_it_names() {
        let assessment = Assessment::from_toml(TEXT).unwrap();
        let policy = assessment.policy("development", &Overrides::default()).unwrap();
        assert!(policy.burstable);
        assert_eq!(policy.rule, Rule::Sizewright);
        assert_eq!(policy.risk, 0.05);
        let production = assessment.policy("production", &Overrides::default()).unwrap();
        assert_eq!(production.risk, 0.005);
    }

    #[test]
    fn a_misspelt_field_is_named() {
        let text = "name='a'\nregion='us-east-1'\n[environments.production]\nrul='peak'";
        let error = Assessment::from_toml(text).unwrap_err().to_string();
        assert!(error.contains("rul"), "{error}");
    }
}
