//! What stays of a host when only some of its services leave, and which type that needs.
//!
//! Input: what each process group of the host used. Output: [`Remaining`], a
//! row sized for what stays, or the reason why the host keeps its size. Only
//! CPU and memory are known by process group: disks and network are kept whole.
//!
//! The share that stays is bounded from above. At each of mean, P95, P99, P99.5
//! and maximum the groups that stay are added up, as if they peaked together;
//! what no group accounts for (the system, short-lived processes) stays whole;
//! and the sum is divided by what the host did at that level, or by all groups
//! together where that is less, since groups are measured in longer intervals.
//! The largest of the five shares counts, and every value of the host's profile
//! is multiplied by it.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{PhaseInputs, PlannedWorkload};
use crate::catalog::YearMonth;
use crate::plan::build::Setting;
use crate::plan::host::recommend;
use crate::plan::known::Known;
use crate::plan::{Plan, Proposal, Recommendation};
use crate::price::BillLine;
use crate::profile::{HostProfile, MetricProfile};
use crate::service::{Stat, Used, UsedByService};
use crate::size::{Searches, number};

/// A host that keeps some of its services in a phase while others leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remaining {
    /// The phase.
    pub phase: String,
    /// The host.
    pub host: String,
    /// Services that leave in it or before, sorted.
    pub leaves: Vec<String>,
    /// Share of the host's CPU that stays at most; absent where it is not known.
    pub cpu_share: Option<f64>,
    /// Share of the host's memory that stays at most; absent where it is not known.
    pub memory_share: Option<f64>,
    /// What was taken out on what evidence, or why nothing was.
    pub words: String,
    /// The row for what stays; absent where the host keeps its size.
    pub row: Option<Box<Recommendation>>,
    /// The lines of that row.
    pub lines: Vec<BillLine>,
}

/// Finds the hosts that some services leave in a phase and sizes what stays, by host.
pub(super) fn remaining(
    plan: &Plan,
    (planned, staying): (&[PlannedWorkload], &BTreeMap<String, Vec<String>>),
    used: &UsedByService,
    retired: &BTreeSet<String>,
    phase: &str,
    inputs: &PhaseInputs<'_>,
) -> Vec<Remaining> {
    let mut leaving: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in planned.iter().filter(|one| one.is_moved_in(phase)) {
        let nodes = one.workload.nodes.iter().map(|node| (&node.host, &node.service));
        let companions = one.workload.companions.iter().map(|(host, service)| (host, service));
        for (host, service) in nodes.chain(companions).filter(|(host, _)| !retired.contains(*host)) {
            leaving.entry(host).or_default().insert(service);
        }
    }
    if leaving.is_empty() {
        return Vec::new();
    }
    let mut groups: BTreeMap<&str, BTreeMap<&str, &Used>> = BTreeMap::new();
    for ((host, service), one) in &used.services {
        if leaving.contains_key(host.as_str()) {
            groups.entry(host).or_default().insert(service, one);
        }
    }
    let mut working: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (host, services) in staying {
        working
            .entry(host)
            .or_default()
            .extend(services.iter().map(String::as_str));
    }
    for node in planned.iter().flat_map(|one| &one.workload.nodes) {
        working.entry(&node.host).or_default().insert(&node.service);
    }
    let region = plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region);
    let Ok(offers) = inputs.catalog.offers(region) else {
        return Vec::new();
    };
    let searches: BTreeMap<&str, Searches<'_>> = plan
        .policies
        .iter()
        .map(|(name, policy)| {
            let searches = Searches::new(offers, policy);
            let searches = match &plan.drift {
                Some(drift) => searches.with_drift(drift.clone()),
                None => searches,
            };
            (name.as_str(), searches)
        })
        .collect();
    let known = Known::of(inputs.inventory);
    let profiles: BTreeMap<&str, &HostProfile> = inputs
        .profiles
        .iter()
        .map(|profile| (profile.host.as_str(), profile))
        .collect();
    let nothing = BTreeMap::new();
    let leaving: Vec<(&str, BTreeSet<&str>)> = leaving.into_iter().collect();
    leaving
        .par_iter()
        .filter_map(|(host, leaves)| {
            let at = plan.recommendations.binary_search_by(|row| row.host.as_str().cmp(host));
            let before = plan.recommendations.get(at.ok()?)?;
            let setting = Setting {
                policy: plan.policies.get(&before.environment)?,
                searches: searches.get(before.environment.as_str())?,
                offers,
                ebs: inputs.catalog.ebs(region).ok(),
                catalog: inputs.catalog,
                region,
                month: YearMonth::of(plan.planned_on),
                known: &known,
            };
            let stays: BTreeSet<&str> = working.get(host).into_iter().flatten().copied().collect();
            let stays = stays.difference(leaves).copied().collect();
            let here = Here {
                before,
                profile: profiles.get(host)?,
                leaves,
                stays,
                groups: groups.get(host).unwrap_or(&nothing),
            };
            Some(here.sized(plan, phase, &setting))
        })
        .collect()
}

/// One host before it loses services.
struct Here<'a> {
    before: &'a Recommendation,
    profile: &'a HostProfile,
    leaves: &'a BTreeSet<&'a str>,
    /// Services that work on it and stay.
    stays: BTreeSet<&'a str>,
    /// What its process groups used.
    groups: &'a BTreeMap<&'a str, &'a Used>,
}

impl Here<'_> {
    fn sized(&self, plan: &Plan, phase: &str, setting: &Setting<'_>) -> Remaining {
        let leaves: Vec<String> = self.leaves.iter().map(|name| (*name).to_string()).collect();
        let kept = |words: String| Remaining {
            phase: phase.to_string(),
            host: self.before.host.clone(),
            leaves: leaves.clone(),
            cpu_share: None,
            memory_share: None,
            words: format!("without {} it keeps its size: {words}", leaves.join(", ")),
            row: None,
            lines: Vec::new(),
        };
        if self.before.proposal == Proposal::Undecided {
            return kept("it is undecided as a whole".to_string());
        }
        let (cpu, memory) = match self.shares() {
            Ok(shares) => shares,
            Err(words) => return kept(words),
        };
        let profile = scaled(self.profile, cpu, memory);
        let member = plan.assessment.membership(&self.before.host);
        let member = setting.known.complete(&self.before.host, member);
        let (mut row, mut lines) = recommend(&profile, &member, &self.before.proof.quality, setting, None);
        let words = format!(
            "without {}: by process groups at most {} % of the host's CPU and {} % of its memory stay ({}); disks, network and volumes are kept whole",
            leaves.join(", "),
            number(cpu * 100.0),
            number(memory * 100.0),
            self.evidence()
        );
        let is_less = row
            .compute_usd_per_month
            .zip(self.before.compute_usd_per_month)
            .is_some_and(|(after, before)| after < before);
        if row.proposal == Proposal::Undecided || !is_less {
            return Remaining {
                cpu_share: Some(cpu),
                memory_share: Some(memory),
                ..kept(format!("no cheaper type holds what stays; {words}"))
            };
        }
        row.phase = phase.to_string();
        row.reason = format!("{words}; {}", row.reason);
        row.proof.assumed.push(words.clone());
        for line in &mut lines {
            line.phase = phase.to_string();
        }
        Remaining {
            phase: phase.to_string(),
            host: self.before.host.clone(),
            leaves,
            cpu_share: Some(cpu),
            memory_share: Some(memory),
            words,
            row: Some(Box::new(row)),
            lines,
        }
    }

    /// Gives the shares of CPU and memory that stay at most, or why they are not known.
    fn shares(&self) -> Result<(f64, f64), String> {
        let has = |name: &str| {
            let group = self.groups.get(name);
            group.is_some_and(|group| group.cpu_cores.is_some() && group.resident_bytes.is_some())
        };
        let unknown: Vec<&str> = self.stays.iter().copied().filter(|name| !has(name)).collect();
        if !unknown.is_empty() {
            return Err(format!(
                "nothing is known per process group of {}, which stays",
                unknown.join(", ")
            ));
        }
        if !self.leaves.iter().any(|name| has(name)) {
            return Err("nothing is known per process group of what leaves".to_string());
        }
        let of = |host: Option<&MetricProfile>, group: fn(&Used) -> Option<&Stat>| {
            let groups = self.groups.iter();
            let stats = groups.filter_map(|(name, used)| Some((self.leaves.contains(name), group(used)?)));
            Some(share(host?, &stats.collect::<Vec<_>>()))
        };
        let cpu = of(self.profile.cpu.as_ref(), |group| group.cpu_cores.as_ref());
        let memory = of(self.profile.memory.as_ref(), |group| group.resident_bytes.as_ref());
        cpu.zip(memory)
            .ok_or_else(|| "the host's own CPU or memory is not known".to_string())
    }

    /// Says at P99 what stays, of how much.
    fn evidence(&self) -> String {
        let stay = self.groups.iter().filter(|(name, _)| !self.leaves.contains(**name));
        let cores: Vec<String> = stay
            .filter_map(|(name, used)| Some(format!("{name} {} cores", number(used.cpu_cores.as_ref()?.p99))))
            .collect();
        let whole = self.profile.cpu.as_ref().map_or(0.0, |cpu| cpu.quantile(0.99));
        let cores = if cores.is_empty() {
            "no process group".to_string()
        } else {
            cores.join(" + ")
        };
        format!("P99: {cores}, of the host's {} cores", number(whole))
    }
}

/// How a level is read of a group, and the host's own.
type Level = (fn(&Stat) -> f64, f64);

/// Gives the largest share that stays over the levels (see the module) of groups that leave, or do not.
fn share(host: &MetricProfile, groups: &[(bool, &Stat)]) -> f64 {
    let sum = |all: bool, of: fn(&Stat) -> f64| -> f64 {
        let counted = groups.iter().filter(|(leaves, _)| all || !leaves);
        counted.map(|(_, stat)| of(stat)).sum()
    };
    let levels: [Level; 5] = [
        (|stat| stat.mean, host.mean),
        (|stat| stat.p95, host.quantile(0.95)),
        (|stat| stat.p99, host.quantile(0.99)),
        (|stat| stat.p995, host.quantile(0.995)),
        (|stat| stat.maximum, host.maximum),
    ];
    let unaccounted = (host.mean - sum(true, |stat| stat.mean)).max(0.0);
    let share = levels
        .into_iter()
        .map(|(of, whole)| {
            let whole = whole.min(sum(true, of) + unaccounted);
            let stays = sum(false, of) + unaccounted;
            if whole > 0.0 { (stays / whole).min(1.0) } else { 1.0 }
        })
        .fold(0.0, f64::max);
    // Upwards, so that what tables show is never less than what was taken.
    (share * 1_000.0).ceil() / 1_000.0
}

/// Gives the profile of what stays.
fn scaled(profile: &HostProfile, cpu: f64, memory: f64) -> HostProfile {
    let metric = |metric: &Option<MetricProfile>, by: f64| metric.as_ref().map(|metric| times(metric, by));
    let mut stays = HostProfile {
        cpu: metric(&profile.cpu, cpu),
        cpu_interval_maxima: metric(&profile.cpu_interval_maxima, cpu),
        steal_mean_cores: profile.steal_mean_cores.map(|cores| cores * cpu),
        memory: metric(&profile.memory, memory),
        cpu_decaying_p90: profile.cpu_decaying_p90.map(|cores| cores * cpu),
        last_week_p99: profile
            .last_week_p99
            .map(|(cores, bytes)| (cores * cpu, bytes.map(|bytes| bytes * memory))),
        // The balance of credits was followed for the whole host only.
        credits: None,
        ..profile.clone()
    };
    if let Some(hour) = &mut stays.busiest_hour {
        hour.mean *= cpu;
        hour.highest *= cpu;
    }
    if let Some(history) = &mut stays.history {
        for (past, by) in [(&mut history.cpu, cpu), (&mut history.memory, memory)] {
            for (_, value) in past.iter_mut().flat_map(|past| &mut past.daily_p95) {
                *value *= by;
            }
        }
    }
    stays
}

fn times(metric: &MetricProfile, by: f64) -> MetricProfile {
    let narrow = |values: &[f32]| values.iter().map(|&value| (f64::from(value) * by) as f32).collect();
    MetricProfile {
        mean: metric.mean * by,
        quantiles: metric
            .quantiles
            .iter()
            .map(|&(level, value)| (level, value * by))
            .collect(),
        maximum: metric.maximum * by,
        hour_of_week_mean: narrow(&metric.hour_of_week_mean),
        hour_of_week_p95: narrow(&metric.hour_of_week_p95),
        daily_maxima: metric
            .daily_maxima
            .iter()
            .map(|&(day, value)| (day, value * by))
            .collect(),
        first_half_mean: metric.first_half_mean * by,
        second_half_mean: metric.second_half_mean * by,
        ..metric.clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stat(values: &[f64]) -> Stat {
        let pairs: Vec<(i64, f64)> = values
            .iter()
            .zip(1..)
            .map(|(&value, at)| (at * 300_000, value))
            .collect();
        Stat::of(&pairs).unwrap()
    }

    fn metric(values: &[f64]) -> MetricProfile {
        let stat = stat(values);
        MetricProfile {
            samples: stat.samples,
            mean: stat.mean,
            quantiles: vec![(0.95, stat.p95), (0.99, stat.p99), (0.995, stat.p995)],
            maximum: stat.maximum,
            maximum_at_ms: stat.maximum_at_ms,
            hour_of_week_mean: Vec::new(),
            hour_of_week_p95: Vec::new(),
            daily_maxima: vec![(0, stat.maximum)],
            first_half_mean: stat.mean,
            second_half_mean: stat.mean,
        }
    }

    #[test]
    fn a_service_that_peaks_alone_keeps_the_whole_peak() {
        // By night the database takes four cores, by day the application does: neither share is a half.
        let (day, night) = (
            [vec![4.0; 50], vec![0.0; 50]].concat(),
            [vec![0.0; 50], vec![4.0; 50]].concat(),
        );
        let host: Vec<f64> = day.iter().zip(&night).map(|(one, other)| one + other).collect();
        let (application, database) = (stat(&day), stat(&night));
        let found = share(&metric(&host), &[(false, &application), (true, &database)]);
        assert_eq!(found, 1.0);
        // Side by side, each a half at any time.
        let half = stat(&vec![2.0; 100]);
        assert_eq!(share(&metric(&vec![4.0; 100]), &[(false, &half), (true, &half)]), 0.5);
        // Of four cores the groups account for three: the fourth stays.
        let (one, two) = (stat(&[1.0; 100]), stat(&[2.0; 100]));
        assert_eq!(share(&metric(&vec![4.0; 100]), &[(false, &one), (true, &two)]), 0.5);
    }

    proptest! {
        #[test]
        fn what_stays_never_asks_for_more_than_the_scaled_host_has(
            loads in prop::collection::vec((0.0_f64..8.0, 0.0_f64..8.0), 10..300),
            rest in 0.0_f64..2.0,
        ) {
            let stays: Vec<f64> = loads.iter().map(|(stays, _)| *stays).collect();
            let leaves: Vec<f64> = loads.iter().map(|(_, leaves)| *leaves).collect();
            let host: Vec<f64> = loads.iter().map(|(stays, leaves)| stays + leaves + rest).collect();
            let truth = metric(&stays.iter().map(|value| value + rest).collect::<Vec<_>>());
            let (staying, leaving) = (stat(&stays), stat(&leaves));
            let by = share(&metric(&host), &[(false, &staying), (true, &leaving)]);
            prop_assert!((0.0..=1.0).contains(&by));
            let found = times(&metric(&host), by);
            for level in [0.95, 0.99, 0.995, 1.0] {
                prop_assert!(found.quantile(level) >= truth.quantile(level) - 1e-9, "{} at {}", by, level);
            }
            prop_assert!(found.mean >= truth.mean - 1e-9);
        }
    }
}
