//! A scenario against the assessment: the policy and terms of every environment.
//!
//! Input: [`Settings`] and an [`Estate`]. Output: a [`Case`], or what in the
//! scenario stands for nothing: an environment without hosts, a pattern that
//! matches none.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use telemetry::untrusted::for_terminal;

use super::error::ScenarioError;
use super::key::EC2;
use super::private::PrivatePrices;
use super::purchase::Buying;
use super::schedule::Schedule;
use super::settings::{Setting, Settings};
use super::value::Value;
use crate::catalog::names::nearest;
use crate::plan::Estate;
use crate::policy::{Overrides, Policy, Relational, matches};
use crate::price::purchase::PurchaseKind;
use crate::size::Activity;

/// What a scenario makes of an assessment.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) region: String,
    pub(super) environments: BTreeMap<String, Terms>,
    pub(super) private: PrivatePrices,
    /// Places in the estate of the hosts that are in; all of them where nothing is said.
    pub(super) hosts: Option<BTreeSet<usize>>,
    pub(super) on_premises: Option<Decimal>,
    /// The phase; nothing where every host is on EC2.
    pub(super) phase: Option<String>,
}

/// How one environment is sized and paid for.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) policy: Policy,
    pub(super) growth: f64,
    pub(super) high_availability: bool,
    pub(super) schedule: Schedule,
    pub(super) purchase: Buying,
    /// Where relational databases go in a phase, where the scenario says so.
    pub(super) relational: Option<Relational>,
}

impl Case {
    pub(super) fn of(settings: &Settings, estate: &Estate<'_>) -> Result<Self, ScenarioError> {
        let names: BTreeSet<&str> = estate
            .hosts
            .iter()
            .map(|host| host.member.environment.as_str())
            .collect();
        let assessment = estate.assessment;
        for (name, place) in settings.environments() {
            // What the assessment names may be without hosts today; what nobody names is a slip.
            let is_named = assessment.environments.contains_key(name)
                || assessment.default_environment == name
                || assessment
                    .hosts
                    .iter()
                    .any(|rule| rule.environment.as_deref() == Some(name));
            if !names.contains(name) && !is_named {
                return Err(ScenarioError::UnknownEnvironment {
                    place: place.to_string(),
                    name: for_terminal(name).into_owned(),
                    nearest: nearest(name, names.iter().copied()),
                });
            }
        }
        let region = match settings.whole("region").map(|setting| &setting.value) {
            Some(Value::Text(region)) => region.clone(),
            _ => assessment.region.clone(),
        };
        estate.catalog.known_region(&region)?;
        let environments = names
            .into_iter()
            .map(|name| Ok((name.to_string(), Terms::of(settings, estate, name)?)))
            .collect::<Result<_, ScenarioError>>()?;
        Ok(Self {
            region,
            environments,
            private: PrivatePrices::of(settings, estate.catalog)?,
            hosts: hosts(settings, estate)?,
            phase: match settings.whole("phase").map(|setting| &setting.value) {
                Some(Value::Text(phase)) if phase != EC2 => Some(phase.clone()),
                _ => None,
            },
            on_premises: match settings.whole("on_premises").map(|setting| &setting.value) {
                Some(Value::Dollars(amount)) => Some(*amount),
                _ => None,
            },
        })
    }
}

/// Chooses the hosts; nothing where no setting speaks of hosts.
fn hosts(settings: &Settings, estate: &Estate<'_>) -> Result<Option<BTreeSet<usize>>, ScenarioError> {
    let patterns = |name: &'static str| -> Result<Option<&[String]>, ScenarioError> {
        let Some(setting) = settings.whole(name) else {
            return Ok(None);
        };
        let Value::Words(words) = &setting.value else {
            return Ok(None);
        };
        let is_there = |pattern: &str| estate.hosts.iter().any(|host| matches(pattern, &host.profile.host));
        match words.iter().find(|pattern| !is_there(pattern)) {
            Some(pattern) => Err(nothing(setting, name, pattern, "no host")),
            None => Ok(Some(words)),
        }
    };
    let (only, without) = (patterns("hosts.only")?, patterns("hosts.without")?);
    let idle_out = flag(settings.whole("hosts.without_idle")).unwrap_or(false);
    if only.is_none() && without.is_none() && !idle_out {
        return Ok(None);
    }
    let named = |patterns: &[String], host: &str| patterns.iter().any(|pattern| matches(pattern, host));
    let kept: BTreeSet<usize> = (0..estate.hosts.len())
        .filter(|&place| {
            let host = &estate.hosts[place];
            let name = host.profile.host.as_str();
            only.is_none_or(|only| named(only, name))
                && !without.is_some_and(|without| named(without, name))
                && !(idle_out && matches!(host.activity, Activity::Idle | Activity::Zombie))
        })
        .collect();
    if kept.is_empty() {
        return Err(ScenarioError::NoHosts);
    }
    Ok(Some(kept))
}

impl Terms {
    fn of(settings: &Settings, estate: &Estate<'_>, environment: &str) -> Result<Self, ScenarioError> {
        let said = |name: &str| settings.of_environment(environment, name);
        let fraction = |name: &str| said(name).and_then(|setting| setting.value.fraction());
        let bad = |reason: String| ScenarioError::Policy {
            environment: for_terminal(environment).into_owned(),
            reason,
        };
        let mut policy = estate
            .assessment
            .policy(environment, &Overrides::default())
            .map_err(|error| bad(error.to_string()))?;
        if let Some(Value::Rule(rule)) = said("rule").map(|setting| &setting.value) {
            policy.rule = *rule;
        }
        let shares: [(&str, &mut f64); 7] = [
            ("risk", &mut policy.risk),
            ("disk_headroom", &mut policy.disk_headroom),
            ("network_headroom", &mut policy.network_headroom),
            ("storage_growth", &mut policy.storage_growth),
            ("storage_fill", &mut policy.storage_fill),
            ("minimum_confidence", &mut policy.minimum_confidence),
            ("headroom", &mut policy.cpu_headroom),
        ];
        for (name, field) in shares {
            *field = fraction(name).unwrap_or(*field);
        }
        policy.memory_headroom = fraction("headroom").unwrap_or(policy.memory_headroom);
        policy.cpu_headroom = fraction("cpu_headroom").unwrap_or(policy.cpu_headroom);
        policy.memory_headroom = fraction("memory_headroom").unwrap_or(policy.memory_headroom);
        let flags: [(&str, &mut bool); 3] = [
            ("cap_at_source", &mut policy.cap_at_source),
            ("previous_generations", &mut policy.previous_generations),
            ("burstable", &mut policy.burstable),
        ];
        for (name, field) in flags {
            *field = flag(said(name)).unwrap_or(*field);
        }
        for (name, field) in [
            ("families", &mut policy.families),
            ("excluded_families", &mut policy.excluded_families),
        ] {
            let Some(setting) = said(name) else { continue };
            let Value::Words(words) = &setting.value else { continue };
            let families = estate.catalog.families();
            if let Some(pattern) = words
                .iter()
                .find(|pattern| !families.iter().any(|family| matches(pattern, family)))
            {
                return Err(nothing(setting, name, pattern, "no EC2 family"));
            }
            field.clone_from(words);
        }
        if let Some(Value::Architectures(architectures)) = said("architectures").map(|setting| &setting.value) {
            policy.architectures.clone_from(architectures);
        }
        if let Some(Value::Count(count)) = said("minimum_vcpus").map(|setting| &setting.value) {
            policy.minimum_vcpus = *count;
        }
        if let Some(Value::Gibibytes(gib)) = said("minimum_memory").map(|setting| &setting.value) {
            policy.minimum_memory_gib = *gib;
        }
        policy.check().map_err(bad)?;
        Ok(Self {
            policy,
            growth: fraction("growth").unwrap_or(0.0),
            high_availability: flag(said("high_availability")).unwrap_or(false),
            schedule: match said("schedule").map(|setting| &setting.value) {
                Some(Value::Schedule(schedule)) => *schedule,
                _ => Schedule::ALWAYS,
            },
            purchase: match said("purchase").map(|setting| &setting.value) {
                Some(Value::Purchase(purchase)) => *purchase,
                _ => Buying::All(PurchaseKind::OnDemand),
            },
            relational: match said("relational").map(|setting| &setting.value) {
                Some(Value::Text(word)) => Relational::of_word(word),
                _ => None,
            },
        })
    }
}

fn flag(setting: Option<&Setting>) -> Option<bool> {
    match setting?.value {
        Value::Flag(flag) => Some(flag),
        _ => None,
    }
}

pub(super) fn nothing(setting: &Setting, key: &str, pattern: &str, what: &'static str) -> ScenarioError {
    ScenarioError::MatchesNothing {
        place: setting.place.clone(),
        key: key.to_string(),
        pattern: for_terminal(pattern).into_owned(),
        what,
    }
}
