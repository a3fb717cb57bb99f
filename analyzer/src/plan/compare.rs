//! Where another tool's answer differs from the plan, why, and at what cost and risk each.
//!
//! Input: a plan with its profiles, and answers by host. Output: a [`Comparison`]. Both sides are priced with the
//! same catalog and judged by the same telemetry, so what differs is the choice alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::answers::Answer;
use super::host::share_above;
use super::row::Recommendation;
use super::{Plan, Proposal};
use crate::catalog::{Catalog, Offer, UnknownRegion};
use crate::money::UsdPerMonth;
use crate::policy::Policy;
use crate::profile::{HostProfile, MetricProfile};
use crate::size::risk::outlooks;
use crate::size::{
    CpuEquivalence, Dimension, Drift, Moves, Requirement, Requirements, Searches, SourceCapacity, number, shortfalls,
};

/// Short for more than this share of the time is what users notice.
const NOTICED: f64 = 0.01;
/// Costs that differ by less are the same.
const SAME_COST: f64 = 0.005;

/// One tool's choice for a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// The type.
    pub instance_type: String,
    /// Its vCPUs.
    pub vcpu: u32,
    /// Its memory, GiB.
    pub memory_gib: f64,
    /// What it costs a month on demand.
    pub usd_per_month: UsdPerMonth,
    /// Share of the measured time in which CPU demand is above it; absent where CPU was not measured.
    pub cpu_short: Option<f64>,
    /// Share of the measured time in which memory in use is above it; absent where it was not measured.
    pub memory_short: Option<f64>,
    /// Share of the time in which CPU is expected to be short.
    pub cpu_expected: Option<f64>,
    /// Share of the time in which memory is expected to be short.
    pub memory_expected: Option<f64>,
}

impl Side {
    /// Gives the larger of the expected shares short; nothing where nothing was measured.
    #[must_use]
    pub fn expected(&self) -> Option<f64> {
        let both = self.cpu_expected.into_iter().chain(self.memory_expected);
        both.reduce(f64::max)
    }
}

/// One host that both tools know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The host.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// The plan's choice; absent where it is undecided without a type.
    pub ours: Option<Side>,
    /// The other tool's choice; absent where it names nothing that can be bought.
    pub theirs: Option<Side>,
    /// What theirs costs more a month, negative where it is cheaper; absent where a side is.
    pub theirs_more_usd_per_month: Option<UsdPerMonth>,
    /// Our verdict and theirs, where both have one and they differ.
    pub flip: Option<(String, String)>,
    /// Why the choices differ.
    pub why: String,
}

/// Where the plan and another tool differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Hosts that both know, those first whose cost differs most.
    pub hosts: Vec<Compared>,
    /// Hosts of the plan without an answer.
    pub only_ours: Vec<String>,
    /// Hosts with an answer that the plan does not have.
    pub only_theirs: Vec<String>,
    /// Hosts where both choose the same type.
    pub same: usize,
    /// Hosts where the verdicts differ.
    pub flips: usize,
    /// Cost of ours a month, over hosts where both sides are known.
    pub ours_usd_per_month: UsdPerMonth,
    /// Cost of theirs a month, over the same hosts.
    pub theirs_usd_per_month: UsdPerMonth,
    /// Of the same hosts, those that are short for more than 1 % of the measured time with ours.
    pub ours_short: usize,
    /// The same with theirs.
    pub theirs_short: usize,
}

/// Compares a plan with another tool's answers.
///
/// # Errors
/// When the catalog has no prices for the plan's region.
pub fn compare(
    plan: &Plan,
    profiles: &[HostProfile],
    answers: &[Answer],
    catalog: &Catalog,
) -> Result<Comparison, UnknownRegion> {
    let region = plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region);
    let offers = catalog.offers(region)?;
    let by_name: BTreeMap<&str, &Offer> = offers.iter().map(|offer| (offer.shape.name.as_str(), offer)).collect();
    let profiles: BTreeMap<&str, &HostProfile> = profiles
        .iter()
        .map(|profile| (profile.host.as_str(), profile))
        .collect();
    let answers: BTreeMap<&str, &Answer> = answers.iter().map(|answer| (answer.host.as_str(), answer)).collect();
    let moves = Moves::of(plan.drift.clone().unwrap_or_else(Drift::shipped));
    let shops: BTreeMap<&str, (&Policy, Searches<'_>)> = plan
        .policies
        .iter()
        .map(|(name, policy)| (name.as_str(), (policy, Searches::new(offers, policy))))
        .collect();
    let mut comparison = Comparison::default();
    for row in &plan.recommendations {
        let Some(answer) = answers.get(row.host.as_str()) else {
            comparison.only_ours.push(row.host.clone());
            continue;
        };
        let (Some(profile), Some((policy, searches))) =
            (profiles.get(row.host.as_str()), shops.get(row.environment.as_str()))
        else {
            continue;
        };
        let judge = Judge {
            row,
            profile,
            policy,
            moves: &moves,
        };
        let ours = row.instance_type.as_deref().and_then(|name| by_name.get(name).copied());
        let theirs = match &answer.instance_type {
            Some(name) => by_name.get(name.as_str()).copied(),
            None => by_size(answer, searches),
        };
        comparison.add(judge.compared(answer, ours, theirs, searches));
    }
    let ours: BTreeSet<&str> = plan.recommendations.iter().map(|row| row.host.as_str()).collect();
    comparison.only_theirs = answers
        .keys()
        .filter(|host| !ours.contains(*host))
        .map(|host| (*host).to_string())
        .collect();
    let distance = |one: &Compared| {
        let more = one
            .theirs_more_usd_per_month
            .map_or(0.0, |more| more.approximately().abs());
        (one.theirs_more_usd_per_month.is_some(), more)
    };
    comparison.hosts.sort_by(|a, b| {
        let (a_known, a_more) = distance(a);
        let (b_known, b_more) = distance(b);
        a_known
            .cmp(&b_known)
            .then(b_more.total_cmp(&a_more))
            .then(a.host.cmp(&b.host))
    });
    Ok(comparison)
}

/// Finds the cheapest type that the policy allows with so many vCPUs and so much memory.
fn by_size<'a>(answer: &Answer, searches: &Searches<'a>) -> Option<&'a Offer> {
    let asked = |dimension, target| Requirement {
        dimension,
        low: target,
        target,
        high: target,
        peak: None,
        peak_at_ms: None,
        formula: String::new(),
        measured: false,
    };
    let requirements = Requirements {
        list: vec![
            asked(Dimension::Cpu, answer.vcpu?),
            asked(Dimension::Memory, answer.memory_gib? * telemetry::units::GIBIBYTE),
        ],
    };
    searches.cheapest(&requirements, &CpuEquivalence::OneToOne, true).chosen
}

/// What is the same for both sides of a host.
struct Judge<'a> {
    row: &'a Recommendation,
    profile: &'a HostProfile,
    policy: &'a Policy,
    moves: &'a Moves,
}

impl Judge<'_> {
    fn compared(
        &self,
        answer: &Answer,
        ours: Option<&Offer>,
        theirs: Option<&Offer>,
        searches: &Searches<'_>,
    ) -> Compared {
        let row = self.row;
        let (our_side, their_side) = (ours.map(|offer| self.side(offer)), theirs.map(|offer| self.side(offer)));
        let more = our_side
            .as_ref()
            .zip(their_side.as_ref())
            .map(|(ours, theirs)| theirs.usd_per_month - ours.usd_per_month);
        let verdict = row.proposal.word().to_string();
        let theirs_says = answer.verdict.clone().or_else(|| {
            let current = row.proof.current_type.as_ref()?;
            let keeps = theirs?.shape.name == *current;
            Some(if keeps { Proposal::Keep } else { Proposal::Change }.word().to_string())
        });
        Compared {
            host: row.host.clone(),
            environment: row.environment.clone(),
            flip: theirs_says
                .filter(|theirs| *theirs != verdict)
                .map(|theirs| (verdict, theirs)),
            why: self.why(answer, ours, theirs, searches),
            ours: our_side,
            theirs: their_side,
            theirs_more_usd_per_month: more,
        }
    }

    fn side(&self, offer: &Offer) -> Side {
        let (row, profile) = (self.row, self.profile);
        let cpu = offer.shape.vcpus().as_cores() * row.proof.cpu_equivalence.of(&offer.shape);
        let memory = offer.shape.memory().as_bytes();
        let source = SourceCapacity {
            vcpus: row.source_vcpu,
            memory_bytes: row.source_memory_gib.map(|gib| gib * telemetry::units::GIBIBYTE),
        };
        let expected = outlooks(profile, source, self.policy, self.moves, [0.0, 0.0]).expected(cpu, memory);
        let rounded = |share: f64| (share * 1e6).round() / 1e6;
        let short = |metric: &Option<MetricProfile>, capacity: f64| {
            metric.as_ref().map(|metric| rounded(share_above(metric, capacity)))
        };
        Side {
            instance_type: offer.shape.name.clone(),
            vcpu: offer.shape.vcpu,
            memory_gib: offer.shape.memory_gib(),
            usd_per_month: offer.price.amount.per_month(),
            cpu_short: short(&profile.cpu, cpu),
            memory_short: short(&profile.memory, memory),
            cpu_expected: expected[0].map(|short| rounded(short.share)),
            memory_expected: expected[1].map(|short| rounded(short.share)),
        }
    }

    /// Says in words why the choices differ.
    fn why(&self, answer: &Answer, ours: Option<&Offer>, theirs: Option<&Offer>, searches: &Searches<'_>) -> String {
        let Some(theirs) = theirs else {
            return match &answer.instance_type {
                Some(name) => format!("{name} has no price in this region"),
                None => "no type that the policy allows has the size asked for".to_string(),
            };
        };
        let Some(ours) = ours else {
            return format!("the plan has no type for it: {}", self.row.reason);
        };
        if ours.shape.name == theirs.shape.name {
            return "the same type".to_string();
        }
        let equivalence = &self.row.proof.cpu_equivalence;
        let requirements = Requirements {
            list: self.row.proof.requirements.clone(),
        };
        let lacks = shortfalls(&theirs.shape, &requirements, equivalence);
        if !lacks.is_empty() {
            let words: Vec<String> = lacks.iter().map(ToString::to_string).collect();
            return format!("theirs is too small: {}", words.join("; "));
        }
        if theirs.price.amount <= ours.price.amount {
            return if searches.allow(&theirs.shape.name) {
                "theirs fits too; ours was kept, or CPU credits were not enough".to_string()
            } else {
                "theirs fits, but the policy does not allow it".to_string()
            };
        }
        let times = |dimension: Dimension, offered: f64| {
            let target = requirements.list.iter().find(|one| one.dimension == dimension)?.target;
            (target > 0.0).then(|| format!("{} times the {dimension} needed", number(offered / target)))
        };
        let cpu = theirs.shape.vcpus().as_cores() * equivalence.of(&theirs.shape);
        let parts: Vec<String> = [
            times(Dimension::Cpu, cpu),
            times(Dimension::Memory, theirs.shape.memory().as_bytes()),
        ]
        .into_iter()
        .flatten()
        .collect();
        format!("theirs has {} at a higher price", parts.join(" and "))
    }
}

impl Comparison {
    fn add(&mut self, one: Compared) {
        self.flips += usize::from(one.flip.is_some());
        if let (Some(ours), Some(theirs)) = (&one.ours, &one.theirs) {
            self.same += usize::from(ours.instance_type == theirs.instance_type);
            self.ours_usd_per_month = self.ours_usd_per_month + ours.usd_per_month;
            self.theirs_usd_per_month = self.theirs_usd_per_month + theirs.usd_per_month;
            let noticed = |side: &Side| {
                let mut both = side.cpu_short.into_iter().chain(side.memory_short);
                both.any(|share| share > NOTICED)
            };
            self.ours_short += usize::from(noticed(ours));
            self.theirs_short += usize::from(noticed(theirs));
        }
        self.hosts.push(one);
    }

    /// Sums the comparison up in lines.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let both = self
            .hosts
            .iter()
            .filter(|one| one.theirs_more_usd_per_month.is_some())
            .count();
        let (ours, theirs) = (self.ours_usd_per_month, self.theirs_usd_per_month);
        let share = theirs.approximately() / ours.approximately().max(f64::MIN_POSITIVE) - 1.0;
        let cost = if both == 0 || share.abs() < SAME_COST {
            "the same".to_string()
        } else {
            format!(
                "{:.0} % {}",
                share.abs() * 100.0,
                if share > 0.0 { "more" } else { "less" }
            )
        };
        let mut lines = vec![
            format!(
                "{both} hosts have both answers: {} the same type, {} another; {} verdicts differ",
                self.same,
                both - self.same,
                self.flips
            ),
            format!(
                "compute a month: ours {}, theirs {} ({cost})",
                super::explain::dollars(ours),
                super::explain::dollars(theirs)
            ),
            format!(
                "short of CPU or memory for over 1 % of the measured time: {} hosts with ours, {} with theirs",
                self.ours_short, self.theirs_short
            ),
        ];
        for (words, hosts) in [
            ("only in the plan", &self.only_ours),
            ("only in theirs", &self.only_theirs),
        ] {
            if !hosts.is_empty() {
                lines.push(format!("{} hosts are {words}", hosts.len()));
            }
        }
        lines
    }
}
