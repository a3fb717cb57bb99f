//! One group: its load, the sizes it may be made of, and the proposal.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};
use telemetry::StoreError;

use super::tier::{Tier, goal};
use super::{Placed, ReadHost, ScalingInputs, host_load};
use crate::catalog::{Catalog, YearMonth};
use crate::commit::RECENT_WEEKS;
use crate::money::{HOURS_PER_MONTH, UsdPerHour, UsdPerMonth};
use crate::plan::Plan;
use crate::policy::{Assessment, GroupRule};
use crate::scale::{
    Event, Foresight, Goal, Group, Load, Metric, Proposal, Replayed, hours_per_month, minutes_of_week, replayed,
};
use crate::size::CpuEquivalence;

/// Share of the span in which all members must have been measured together.
const LEAST_TOGETHER: f64 = 0.5;
/// Least share of minutes short that a history of weeks can tell apart from luck (method §7).
const FINEST_SHORT_SHARE: f64 = 0.005;

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
    /// Instances that were ready in the mean of each hour of the week from Monday, in the part held out; empty where nothing is proposed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours_of_week: Vec<f64>,
    /// Instances that were ready in each hour of the last two weeks of that part, each week from Monday; empty where it is shorter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent_hours: Vec<f64>,
    /// Whether an instance may be taken back at two minutes' notice, as the user says.
    pub tolerates_interruption: bool,
    /// Compute a month with the replayed share of what is above the minimum as spot, by an old list of spot prices: for its
    /// order of magnitude, never in the bill; absent where the list has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_spot: Option<WithSpot>,
}

/// What spot would make of a group's bill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithSpot {
    /// Compute a month.
    pub usd_per_month: UsdPerMonth,
    /// The spot price it rests on.
    pub spot_usd_per_hour: UsdPerHour,
    /// Which month that price is of.
    pub as_of: YearMonth,
}

impl GroupScaling {
    /// Says whether capacity should move: a policy is proposed and it is not static.
    #[must_use]
    pub fn scales(&self) -> bool {
        self.proposal
            .as_ref()
            .is_some_and(|proposal| !proposal.selection.chosen.policy.is_fixed())
    }

    /// Gives the share that may be spot: none unless its owners bear interruptions and the replayed ones stayed within the goal.
    #[must_use]
    pub fn spot_share(&self) -> f64 {
        self.proposal.as_ref().map_or(0.0, |proposal| {
            let held = proposal.interrupted.short_share <= proposal.selection.goal.short_share;
            if self.tolerates_interruption && held {
                proposal.interrupted.spot_share
            } else {
                0.0
            }
        })
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
pub fn group_load(plan: &Plan, hosts: &[String], read: &ReadHost<'_>) -> Result<Option<(Load, Vec<Load>)>, StoreError> {
    let mut loads = Vec::new();
    let mut first_score = None;
    for host in hosts {
        let Some(load) = host_load(host, read)? else { continue };
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
    let loads = group_load(plan, &group.hosts, inputs.read)?;
    let crest = |load: &Load| load.quantile(0.999);
    let mut out = GroupScaling::of_hosts(group, rule, hosts);
    let Some((sum, own)) = loads else {
        out.undecided_because = Some("its hosts were never measured at the same time".to_string());
        return Ok(out);
    };
    out.describe(&sum);
    out.sum_of_crests_cores = own.iter().map(crest).sum();
    let together = sum.measured() as f64 / sum.per_minute().len().max(1) as f64;
    if together < LEAST_TOGETHER {
        out.undecided_because = Some(format!(
            "all of its hosts were measured together in only {:.0} % of the time; their sum is not known",
            together * 100.0
        ));
        return Ok(out);
    }
    out.warn(rule, &goal(&group.environment, rule), &sum);
    out.warn_of_hosts(hosts);
    out.propose(plan, rule, hosts, &sum, inputs);
    out.follow_the_week(plan, rule, &sum);
    Ok(out)
}

impl GroupScaling {
    /// Starts with what is known of the hosts.
    pub(super) fn of_hosts(group: &Group, rule: &GroupRule, hosts: &[&Placed<'_>]) -> Self {
        let rehost: Option<Vec<UsdPerMonth>> = hosts.iter().map(|host| host.row.compute_usd_per_month).collect();
        let need = hosts
            .iter()
            .filter_map(|host| host.row.memory_demand_gib)
            .reduce(f64::max);
        Self {
            group: group.clone(),
            memory_need_gib: rule.memory_gib.or(need),
            hosts: hosts.len(),
            days: 0.0,
            mean_cores: None,
            crest_cores: None,
            sum_of_crests_cores: None,
            proposal: None,
            undecided_because: None,
            rehost_usd_per_month: rehost
                .filter(|costs| !costs.is_empty())
                .map(|costs| costs.into_iter().sum()),
            warnings: Vec::new(),
            hours_of_week: Vec::new(),
            recent_hours: Vec::new(),
            tolerates_interruption: rule.tolerates_interruption == Some(true),
            with_spot: None,
        }
    }

    /// Adds what the load is.
    pub(super) fn describe(&mut self, load: &Load) {
        self.days = load.days();
        self.mean_cores = load.mean();
        self.crest_cores = load.quantile(0.999);
    }

    /// Adds the proposal, or why there is none.
    pub(super) fn propose(
        &mut self,
        plan: &Plan,
        rule: &GroupRule,
        hosts: &[&Placed<'_>],
        load: &Load,
        inputs: &ScalingInputs<'_>,
    ) {
        let Some(first) = hosts.first() else { return };
        let Some(policy) = plan.policies.get(&first.row.environment) else {
            return;
        };
        let Some(memory_gib) = self.memory_need_gib else {
            self.undecided_because =
                Some("the memory of its hosts is not known; say `memory_gib` of the group".to_string());
            return;
        };
        let tier = Tier {
            assessment: &plan.assessment,
            policy,
            region: &first.row.region,
            environment: &self.group.environment,
            rule,
            load,
            memory_gib,
            megabits: hosts.iter().filter_map(|host| host.row.network_mbps_demand).sum(),
            equivalence: &first.row.proof.cpu_equivalence,
            arm64_ready: hosts.iter().all(|host| host.member.arm64_ready != Some(false)),
            metric: Metric::Cpu,
        };
        self.take(tier.propose(inputs.catalog));
        self.price_spot(inputs.catalog, &first.row.region);
    }

    /// Adds what the replayed share of spot would cost.
    fn price_spot(&mut self, catalog: &Catalog, region: &str) {
        let Some(proposal) = &self.proposal else { return };
        let Some(spot) = catalog.old_spot(region, &proposal.instance_type) else {
            return;
        };
        let outcome = &proposal.selection.chosen.held_out;
        let always = Decimal::from(proposal.selection.chosen.policy.minimum) * Decimal::from(HOURS_PER_MONTH);
        let above = (hours_per_month(outcome) - always).max(Decimal::ZERO);
        let share = Decimal::from_f64(proposal.interrupted.spot_share).unwrap_or_default();
        let saved = proposal.price_usd_per_hour.as_decimal() - spot.amount.as_decimal();
        self.with_spot = Some(WithSpot {
            usd_per_month: UsdPerMonth::from_decimal(
                proposal.usd_per_month.as_decimal() - (above * share * saved).round_dp(6),
            ),
            spot_usd_per_hour: spot.amount,
            as_of: spot.as_of,
        });
    }

    /// Adds how many instances were ready in each hour of the week.
    fn follow_the_week(&mut self, plan: &Plan, rule: &GroupRule, load: &Load) {
        let Some(proposal) = &self.proposal else { return };
        let zone = plan.assessment.zone().unwrap_or(jiff::tz::TimeZone::UTC);
        let foresight = foresight(&plan.assessment, rule, load);
        let per_unit = proposal.cores_per_instance / (1.0 + proposal.fleet.imbalance);
        let replayed = replayed(load, &zone, &foresight, proposal);
        self.hours_of_week = hours_of_week(&replayed, &zone, per_unit);
        self.recent_hours = recent_hours(&replayed, &zone, per_unit);
    }

    pub(super) fn take(&mut self, proposed: Result<Proposal, String>) {
        match proposed {
            Ok(proposal) => self.proposal = Some(proposal),
            Err(why) => self.undecided_because = Some(why),
        }
    }

    pub(super) fn warn(&mut self, rule: &GroupRule, goal: &Goal, load: &Load) {
        if load.is_interpolated() {
            self.warnings.push(format!(
                "samples are {:.0} minutes apart; minutes between are drawn on a straight line and have no bursts",
                load.interval_s() / 60.0
            ));
        }
        if goal.short_share < FINEST_SHORT_SHARE {
            self.warnings.push(format!(
                "a shortage of {:.2} % is too rare to be foretold from weeks of history; expect up to several times as much",
                goal.short_share * 100.0
            ));
        }
        if rule.boot_minutes.is_none() {
            self.warnings
                .push("boot time is taken as 5 minutes; measure it and say `boot_minutes` of the group".to_string());
        }
        if rule.stateless.is_none() {
            self.warnings.push(
                "ask its owners whether sessions or files stay on an instance; say `stateless` of the group"
                    .to_string(),
            );
        }
    }

    fn warn_of_hosts(&mut self, hosts: &[&Placed<'_>]) {
        let censored: usize = hosts.iter().map(|host| host.row.proof.censored).sum();
        if censored > 0 {
            self.warnings.push(format!(
                "CPU was at its ceiling in {censored} intervals: true demand is at least what was replayed"
            ));
        }
        let first = hosts.first().map(|host| &host.row.proof.cpu_equivalence);
        if hosts.iter().any(|host| Some(&host.row.proof.cpu_equivalence) != first) {
            self.warnings.push(
                "its hosts have different CPUs; loads are converted to the first one's cores where both are scored"
                    .to_string(),
            );
        }
    }
}

/// Gives the instances that were ready in the mean of each hour of the week; empty where an hour was never seen.
fn hours_of_week(replayed: &Replayed, zone: &jiff::tz::TimeZone, per_unit: f64) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); 168];
    let minutes = minutes_of_week(replayed.first_minute, replayed.ready.len(), zone);
    for (ready, minute) in replayed.ready.iter().zip(minutes) {
        let sum = &mut sums[usize::from(minute) / 60];
        sum.0 += f64::from(*ready) / per_unit;
        sum.1 += 1;
    }
    if sums.iter().any(|(_, minutes)| *minutes == 0) {
        return Vec::new();
    }
    means(&sums)
}

/// Gives the instances that were ready in each hour of the last weeks, week by week; empty where there are fewer weeks.
fn recent_hours(replayed: &Replayed, zone: &jiff::tz::TimeZone, per_unit: f64) -> Vec<f64> {
    const MINUTES_OF_WEEK: usize = 168 * 60;
    let wanted = RECENT_WEEKS * MINUTES_OF_WEEK;
    let Some(skipped) = replayed.ready.len().checked_sub(wanted) else {
        return Vec::new();
    };
    let mut sums = vec![(0.0, 0_u32); RECENT_WEEKS * 168];
    let minutes = minutes_of_week(replayed.first_minute, replayed.ready.len(), zone);
    let recent = replayed.ready.iter().zip(minutes).skip(skipped);
    for (at, (ready, minute)) in recent.enumerate() {
        let sum = &mut sums[at / MINUTES_OF_WEEK * 168 + usize::from(minute) / 60];
        sum.0 += f64::from(*ready) / per_unit;
        sum.1 += 1;
    }
    // An hour that the clocks leave out is nowhere.
    if sums.iter().any(|(_, minutes)| *minutes == 0) {
        return Vec::new();
    }
    means(&sums)
}

fn means(sums: &[(f64, u32)]) -> Vec<f64> {
    sums.iter()
        .map(|(sum, minutes)| (sum / f64::from(*minutes) * 1000.0).round() / 1000.0)
        .collect()
}
