//! A tier that is only known by its requests: what it would be, with or without a plan.

use serde::{Deserialize, Serialize};

use super::group::GroupScaling;
use super::tier::{Tier, goal};
use crate::catalog::Catalog;
use crate::plan::Plan;
use crate::policy::{Assessment, AssessmentError, GroupRule, Overrides};
use crate::scale::{Group, Load, Metric, RequestCost, RequestsError};
use crate::size::CpuEquivalence;

/// Share of the CPU's variance that requests must explain for alarms to watch them instead of the CPU.
const EXPLAINED: f64 = 0.8;

/// A tier proposed from its requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestScaling {
    /// The proposal.
    pub scaling: GroupScaling,
    /// Requests that a busy core serves a second.
    pub requests_per_core_second: f64,
    /// How that was learnt; absent where it was given.
    pub learnt: Option<RequestCost>,
    /// Requests a minute that keep one proposed instance fully busy; absent where alarms watch the CPU.
    pub requests_per_target_minute: Option<f64>,
}

/// Why requests make no tier.
#[derive(Debug, thiserror::Error)]
pub enum RequestScalingError {
    /// Nothing says what a request takes.
    #[error("nothing says how many requests a core serves; the group's CPU is not known either")]
    NoCost,
    /// It cannot be learnt.
    #[error(transparent)]
    Requests(#[from] RequestsError),
    /// The policy is not usable.
    #[error(transparent)]
    Assessment(#[from] AssessmentError),
}

/// Proposes a tier for a series of requests; gives its load too.
///
/// `known` is the group of the plan with its CPU, where there is one; `per_core_second`
/// goes over what could be learnt from that. Without a group the tier has the
/// default environment's policy and no CPU model: one core is one vCPU.
///
/// # Errors
/// When nothing says what a request takes, or a policy is not usable.
pub fn scale_requests(
    assessment: &Assessment,
    catalog: &Catalog,
    name: &str,
    requests: &Load,
    per_core_second: Option<f64>,
    known: Option<(&Plan, &GroupScaling, &Load)>,
) -> Result<(RequestScaling, Load), RequestScalingError> {
    let learnt = match (per_core_second, known) {
        (Some(_), _) => None,
        (None, Some((_, _, cpu))) => Some(RequestCost::learn(requests, cpu)?),
        (None, None) => return Err(RequestScalingError::NoCost),
    };
    let (core_seconds, idle) = match (per_core_second, &learnt) {
        (Some(rate), _) => (1.0 / rate, 0.0),
        (None, Some(cost)) => (cost.core_seconds, cost.idle_cores),
        (None, None) => return Err(RequestScalingError::NoCost),
    };
    let load = requests.times(core_seconds).plus(idle);
    let metric = match &learnt {
        Some(cost) if cost.explained < EXPLAINED => Metric::Cpu,
        _ => Metric::Requests,
    };
    let rule = assessment.groups.get(name).cloned().unwrap_or_default();
    let scaling = match known {
        Some((plan, group, _)) => of_group(plan, catalog, group, &load, metric)?,
        None => of_nothing(assessment, catalog, name, &rule, &load, metric)?,
    };
    let mut scaling = scaling;
    if metric == Metric::Cpu {
        scaling.warnings.push(format!(
            "requests explain less than {:.0} % of the CPU, so that alarms watch the CPU and not the requests",
            EXPLAINED * 100.0
        ));
    }
    // What runs without any request takes its part of every instance, as in the busiest minutes.
    let for_requests = load
        .quantile(0.999)
        .filter(|crest| *crest > 0.0)
        .map_or(1.0, |crest| (1.0 - idle / crest).clamp(0.0, 1.0));
    let per_target = |proposal: &crate::scale::Proposal| {
        60.0 * proposal.cores_per_instance / (1.0 + proposal.fleet.imbalance) * for_requests / core_seconds
    };

    Ok((
        RequestScaling {
            requests_per_target_minute: scaling
                .proposal
                .as_ref()
                .filter(|_| metric == Metric::Requests)
                .map(per_target),
            scaling,
            requests_per_core_second: 1.0 / core_seconds,
            learnt,
        },
        load,
    ))
}

fn of_group(
    plan: &Plan,
    catalog: &Catalog,
    group: &GroupScaling,
    load: &Load,
    metric: Metric,
) -> Result<GroupScaling, AssessmentError> {
    let rule = plan
        .assessment
        .groups
        .get(&group.group.rule)
        .cloned()
        .unwrap_or_default();
    let rows: Vec<_> = plan
        .recommendations
        .iter()
        .filter(|row| group.group.hosts.contains(&row.host))
        .collect();
    let environment = &group.group.environment;
    let policy = plan.assessment.policy(environment, &plan.overrides)?;
    let mut out = GroupScaling {
        proposal: None,
        undecided_because: None,
        warnings: Vec::new(),
        sum_of_crests_cores: None,
        ..group.clone()
    };
    out.describe(load);
    out.warn(&rule, &goal(environment, &rule), load);
    let one_to_one = CpuEquivalence::OneToOne;
    let tier = Tier {
        assessment: &plan.assessment,
        policy: &policy,
        region: rows
            .first()
            .map_or(plan.assessment.region.as_str(), |row| row.region.as_str()),
        environment,
        rule: &rule,
        load,
        memory_gib: out.memory_need_gib.unwrap_or(0.0),
        megabits: rows.iter().filter_map(|row| row.network_mbps_demand).sum(),
        equivalence: rows.first().map_or(&one_to_one, |row| &row.proof.cpu_equivalence),
        arm64_ready: group
            .group
            .hosts
            .iter()
            .all(|host| plan.assessment.membership(host).arm64_ready != Some(false)),
        metric,
    };
    out.take(tier.propose(catalog));
    Ok(out)
}

fn of_nothing(
    assessment: &Assessment,
    catalog: &Catalog,
    name: &str,
    rule: &GroupRule,
    load: &Load,
    metric: Metric,
) -> Result<GroupScaling, AssessmentError> {
    let environment = assessment.default_environment.clone();
    let policy = assessment.policy(&environment, &Overrides::default())?;
    let group = Group {
        name: name.to_string(),
        rule: name.to_string(),
        environment: environment.clone(),
        hosts: Vec::new(),
        because: "known by its requests only".to_string(),
    };
    let mut out = GroupScaling::of_hosts(&group, rule, &[]);
    out.describe(load);
    out.warn(rule, &goal(&environment, rule), load);
    if out.memory_need_gib.is_none() {
        out.warnings.push(format!(
            "memory of an instance is not known: say `memory_gib` in [groups.{name}]"
        ));
    }
    let tier = Tier {
        assessment,
        policy: &policy,
        region: &assessment.region,
        environment: &environment,
        rule,
        load,
        memory_gib: out.memory_need_gib.unwrap_or(0.0),
        megabits: 0.0,
        equivalence: &CpuEquivalence::OneToOne,
        arm64_ready: true,
        metric,
    };
    out.take(tier.propose(catalog));
    Ok(out)
}
