//! One group: its load, the sizes it may be made of, and the proposal.

use serde::{Deserialize, Serialize};
use telemetry::StoreError;

use super::{Placed, ScalingInputs, host_load, is_production, short_share};
use crate::catalog::Offer;
use crate::money::UsdPerMonth;
use crate::plan::Plan;
use crate::policy::{Assessment, GroupRule};
use crate::scale::{Event, Fleet, Foresight, Goal, Group, Load, Proposal, SizeOffer, WarmPool, propose};
use crate::size::{Candidates, CpuEquivalence};

/// Share of the span in which all members must have been measured together.
const LEAST_TOGETHER: f64 = 0.5;
/// Least share of minutes short that a history of weeks can tell apart from luck (method §7).
const FINEST_SHORT_SHARE: f64 = 0.005;
/// Stopped instances are started in this many minutes.
const WARM_START_MINUTES: u32 = 1;

/// A group that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupScaling {
    /// Who is in it and why.
    pub group: Group,
    /// What every instance must hold, GiB; absent where no member's memory is known.
    pub memory_need_gib: Option<f64>,
    /// Instances that today carry the load.
    pub hosts: usize,
    /// Days from the first to the last minute of common data.
    pub days: f64,
    /// Mean load, busy source cores.
    pub mean_cores: Option<f64>,
    /// P99.9 of the load's minutes, busy source cores.
    pub crest_cores: Option<f64>,
    /// Sum of the members' own P99.9: what they would be sized for one by one.
    pub sum_of_crests_cores: Option<f64>,
    /// What is proposed; absent where nothing can be.
    pub proposal: Option<Proposal>,
    /// Why nothing is proposed.
    pub undecided_because: Option<String>,
    /// Compute a month of the plan's rows of the same hosts; absent where one is not known.
    pub rehost_usd_per_month: Option<UsdPerMonth>,
    /// What must be known before it is used.
    pub warnings: Vec<String>,
    /// Whether an instance may be taken back at two minutes' notice, as the user says.
    pub tolerates_interruption: bool,
}

impl GroupScaling {
    /// Says whether capacity should move: a policy is proposed and it is not static.
    #[must_use]
    pub fn scales(&self) -> bool {
        self.proposal
            .as_ref()
            .is_some_and(|proposal| !proposal.selection.chosen.policy.is_fixed())
    }

    /// Gives what it saves a month against the plan's rows; negative where it costs more, absent where either is not known.
    #[must_use]
    pub fn saving_usd_per_month(&self) -> Option<UsdPerMonth> {
        Some(self.rehost_usd_per_month? - self.proposal.as_ref()?.usd_per_month)
    }
}

/// Gives what people know ahead, for a group whose load spans these minutes and a year beyond.
#[must_use]
pub fn foresight(assessment: &Assessment, rule: &GroupRule, load: &Load) -> Foresight {
    let zone = assessment.zone().unwrap_or(jiff::tz::TimeZone::UTC);
    let first = load.first_minute();
    let end = first + load.per_minute().len() as i64 + 366 * 1_440;
    let events = assessment.events.iter().flat_map(|event| {
        event
            .minutes(first, end, &zone)
            .into_iter()
            .map(|(first_minute, end_minute)| Event {
                name: event.name.clone(),
                first_minute,
                end_minute,
                times: event.times,
            })
    });
    Foresight {
        events: events.collect(),
        growth: rule.growth,
    }
}

/// Gives the load of a group in the cores of its first host, and each member's own; nothing where they were never measured together.
///
/// # Errors
/// When telemetry cannot be read.
pub fn group_load(
    plan: &Plan,
    hosts: &[String],
    inputs: &ScalingInputs<'_>,
) -> Result<Option<(Load, Vec<Load>)>, StoreError> {
    let mut loads = Vec::new();
    let mut first_score = None;
    for host in hosts {
        let Some(load) = host_load(host, inputs)? else { continue };
        let row = plan.recommendations.iter().find(|row| row.host == *host);
        let score = row.and_then(|row| match &row.proof.cpu_equivalence {
            CpuEquivalence::Scored { source_score, .. } => Some(*source_score),
            CpuEquivalence::OneToOne => None,
        });
        let first = *first_score.get_or_insert(score);
        loads.push(match (first, score) {
            (Some(first), Some(score)) if first != score => load.times(score / first),
            _ => load,
        });
    }
    Ok(Load::sum(&loads).map(|sum| (sum, loads)))
}

pub(super) fn propose_group(
    plan: &Plan,
    group: &Group,
    rule: &GroupRule,
    hosts: &[&Placed<'_>],
    inputs: &ScalingInputs<'_>,
) -> Result<GroupScaling, StoreError> {
    let loads = group_load(plan, &group.hosts, inputs)?;
    let memory = rule.memory_gib.or_else(|| {
        hosts
            .iter()
            .filter_map(|host| host.row.memory_demand_gib)
            .reduce(f64::max)
    });
    let rehost: Option<Vec<UsdPerMonth>> = hosts.iter().map(|host| host.row.compute_usd_per_month).collect();
    let crest = |load: &Load| load.quantile(0.999);
    let mut out = GroupScaling {
        group: group.clone(),
        memory_need_gib: memory,
        hosts: hosts.len(),
        days: loads.as_ref().map_or(0.0, |(sum, _)| sum.days()),
        mean_cores: loads.as_ref().and_then(|(sum, _)| sum.mean()),
        crest_cores: loads.as_ref().and_then(|(sum, _)| crest(sum)),
        sum_of_crests_cores: loads.as_ref().and_then(|(_, own)| own.iter().map(crest).sum()),
        proposal: None,
        undecided_because: None,
        rehost_usd_per_month: rehost.map(|costs| costs.into_iter().sum()),
        warnings: Vec::new(),
        tolerates_interruption: rule.tolerates_interruption == Some(true),
    };
    let Some((sum, _)) = loads else {
        out.undecided_because = Some("its hosts were never measured at the same time".to_string());
        return Ok(out);
    };
    let together = sum.measured() as f64 / sum.per_minute().len().max(1) as f64;
    if together < LEAST_TOGETHER {
        out.undecided_because = Some(format!(
            "all of its hosts were measured together in only {:.0} % of the time; their sum is not known",
            together * 100.0
        ));
        return Ok(out);
    }
    let Some(memory) = memory else {
        out.undecided_because = Some("the memory of its hosts is not known; say `memory_gib` of the group".to_string());
        return Ok(out);
    };
    let goal = goal(group, rule);
    let fleet = fleet(group, rule);
    warn(&mut out, rule, &goal, &sum, hosts);
    let sizes = sizes(plan, hosts, inputs, memory, crest(&sum).unwrap_or(0.0));
    let zone = plan.assessment.zone().unwrap_or(jiff::tz::TimeZone::UTC);
    out.proposal = propose(
        &sum,
        &zone,
        &foresight(&plan.assessment, rule, &sum),
        &sizes,
        &fleet,
        &goal,
    );
    if out.proposal.is_none() {
        out.undecided_because = Some(if sizes.iter().any(|size| size.allowed) {
            "its load is nothing at all".to_string()
        } else {
            format!("no type that the policy allows holds {memory:.1} GiB and its share of the network")
        });
    }
    Ok(out)
}

fn goal(group: &Group, rule: &GroupRule) -> Goal {
    let production = is_production(&group.environment);
    Goal {
        short_share: short_share(&group.environment, rule),
        survives_zone_loss: rule.survives_zone_loss.unwrap_or(production),
        redundant: production,
        least_units: rule.minimum.unwrap_or(0),
        most_units: rule.maximum,
        ..Goal::default()
    }
}

fn fleet(group: &Group, rule: &GroupRule) -> Fleet {
    let usual = Fleet::default();
    let boot_minutes = rule.boot_minutes.unwrap_or(usual.boot_minutes);
    Fleet {
        boot_minutes,
        warm_up_minutes: boot_minutes,
        // N − 1 of three zones carry the load with half as much again, of two with twice as much.
        zones: if is_production(&group.environment) { 3 } else { 1 },
        imbalance: rule.imbalance.unwrap_or(usual.imbalance),
        draining_seconds: rule.draining_seconds.unwrap_or(usual.draining_seconds),
        warm_pool: rule.warm_pool.map(|instances| WarmPool {
            instances,
            start_minutes: WARM_START_MINUTES,
        }),
        ..usual
    }
}

fn warn(out: &mut GroupScaling, rule: &GroupRule, goal: &Goal, sum: &Load, hosts: &[&Placed<'_>]) {
    if sum.is_interpolated() {
        out.warnings.push(format!(
            "samples are {:.0} minutes apart; minutes between are drawn on a straight line and have no bursts",
            sum.interval_s() / 60.0
        ));
    }
    if goal.short_share < FINEST_SHORT_SHARE {
        out.warnings.push(format!(
            "a shortage of {:.2} % is too rare to be foretold from weeks of history; expect up to several times as much",
            goal.short_share * 100.0
        ));
    }
    if rule.boot_minutes.is_none() {
        out.warnings
            .push("boot time is taken as 5 minutes; measure it and say `boot_minutes` of the group".to_string());
    }
    if rule.stateless.is_none() {
        out.warnings.push(
            "ask its owners whether sessions or files stay on an instance; say `stateless` of the group".to_string(),
        );
    }
    let censored: usize = hosts.iter().map(|host| host.row.proof.censored).sum();
    if censored > 0 {
        out.warnings.push(format!(
            "CPU was at its ceiling in {censored} intervals: true demand is at least what was replayed"
        ));
    }
    let first = hosts.first().map(|host| &host.row.proof.cpu_equivalence);
    if hosts.iter().any(|host| Some(&host.row.proof.cpu_equivalence) != first) {
        out.warnings.push(
            "its hosts have different CPUs; loads are converted to the first one's cores where both are scored"
                .to_string(),
        );
    }
}

/// Gives the sizes that hold a member's memory and their share of the network.
fn sizes<'a>(
    plan: &Plan,
    hosts: &[&Placed<'_>],
    inputs: &ScalingInputs<'a>,
    memory_gib: f64,
    crest_cores: f64,
) -> Vec<SizeOffer<'a>> {
    let Some(first) = hosts.first() else { return Vec::new() };
    let (Some(policy), Ok(offers)) = (
        plan.policies.get(&first.row.environment),
        inputs.catalog.offers(&first.row.region),
    ) else {
        return Vec::new();
    };
    let equivalence = &first.row.proof.cpu_equivalence;
    let megabits: f64 = hosts.iter().filter_map(|host| host.row.network_mbps_demand).sum();
    let arm64_ready = hosts.iter().all(|host| host.member.arm64_ready != Some(false));
    let allowed = |offer: &Offer| {
        let architecture = offer.shape.architecture;
        policy.architectures.iter().any(|allowed| match allowed {
            crate::catalog::Architecture::Arm64 => architecture.runs_arm64_linux() && arm64_ready,
            _ => architecture.runs_x86_64_linux(),
        })
    };
    Candidates::new(offers, policy, |_| true)
        .offers()
        .iter()
        .map(|&offer| SizeOffer {
            offer,
            cores: offer.shape.vcpus().as_cores() * equivalence.of(&offer.shape),
            allowed: allowed(offer),
        })
        .filter(|size| {
            let share = if crest_cores > 0.0 {
                (size.cores / crest_cores).min(1.0)
            } else {
                1.0
            };
            let baseline = size.offer.shape.network.baseline.as_bytes_per_second() * 8.0 / 1e6;
            size.offer.shape.memory_gib() >= memory_gib && baseline >= megabits * share && (size.allowed || arm64_ready)
        })
        .collect()
}
