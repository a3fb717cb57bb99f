//! What a tier asks of a policy, and which sizes it may be made of.

use super::group::foresight;
use super::{is_production, short_share};
use crate::catalog::{Architecture, Catalog, Offer};
use crate::policy::{Assessment, GroupRule, Policy};
use crate::scale::{Fleet, Goal, Load, Metric, Proposal, SizeOffer, WarmPool, propose};
use crate::size::{Candidates, CpuEquivalence};

/// Stopped instances are started in this many minutes.
const WARM_START_MINUTES: u32 = 1;
/// Zones of what customers depend on: N − 1 of three carry the load with half as much again, of two with twice as much.
const PRODUCTION_ZONES: [u32; 2] = [3, 2];

/// A load with everything that decides which instances may carry it.
pub(super) struct Tier<'a> {
    pub(super) assessment: &'a Assessment,
    pub(super) policy: &'a Policy,
    pub(super) region: &'a str,
    pub(super) environment: &'a str,
    pub(super) rule: &'a GroupRule,
    pub(super) load: &'a Load,
    /// What every instance must hold.
    pub(super) memory_gib: f64,
    /// Network that the whole tier needs, Mbit/s.
    pub(super) megabits: f64,
    pub(super) equivalence: &'a CpuEquivalence,
    pub(super) arm64_ready: bool,
    /// What alarms look at.
    pub(super) metric: Metric,
}

impl Tier<'_> {
    /// Proposes type and policy, or says why there is none.
    pub(super) fn propose(&self, catalog: &Catalog) -> Result<Proposal, String> {
        let zone = self.assessment.zone().unwrap_or(jiff::tz::TimeZone::UTC);
        let foresight = foresight(self.assessment, self.rule, self.load);
        let sizes = self.sizes(catalog);
        let goal = Goal {
            metric: self.metric,
            ..goal(self.environment, self.rule)
        };
        propose(self.load, &zone, &foresight, &sizes, &fleets(self.rule, &goal), &goal).ok_or_else(|| {
            if sizes.iter().any(|size| size.allowed) {
                "its load is nothing at all".to_string()
            } else {
                format!(
                    "no type that the policy allows holds {:.1} GiB and its share of the network",
                    self.memory_gib
                )
            }
        })
    }

    /// Gives the sizes that hold a member's memory and their share of the network.
    fn sizes<'c>(&self, catalog: &'c Catalog) -> Vec<SizeOffer<'c>> {
        let Ok(offers) = catalog.offers(self.region) else {
            return Vec::new();
        };
        let crest = self.load.quantile(0.999).unwrap_or(0.0);
        let allowed = |offer: &Offer| {
            let architecture = offer.shape.architecture;
            self.policy.architectures.iter().any(|allowed| match allowed {
                Architecture::Arm64 => architecture.runs_arm64_linux() && self.arm64_ready,
                _ => architecture.runs_x86_64_linux(),
            })
        };
        Candidates::new(offers, self.policy, |_| true)
            .offers()
            .iter()
            .map(|&offer| SizeOffer {
                offer,
                cores: offer.shape.vcpus().as_cores() * self.equivalence.of(&offer.shape),
                allowed: allowed(offer),
            })
            .filter(|size| {
                let share = if crest > 0.0 {
                    (size.cores / crest).min(1.0)
                } else {
                    1.0
                };
                let baseline = size.offer.shape.network.baseline.as_bytes_per_second() * 8.0 / 1e6;
                let beside = self.arm64_ready && size.offer.shape.architecture.runs_arm64_linux();
                size.offer.shape.memory_gib() >= self.memory_gib
                    && baseline >= self.megabits * share
                    && (size.allowed || beside)
            })
            .collect()
    }
}

/// Gives what a group must reach.
pub(super) fn goal(environment: &str, rule: &GroupRule) -> Goal {
    let production = is_production(environment);
    Goal {
        short_share: short_share(environment, rule),
        survives_zone_loss: rule.survives_zone_loss.unwrap_or(production),
        redundant: production,
        least_units: rule.minimum.unwrap_or(0),
        most_units: rule.maximum,
        ..Goal::default()
    }
}

/// Gives the fleets to choose among: zones of what must bear the loss of one, where two are to be had for it.
fn fleets(rule: &GroupRule, goal: &Goal) -> Vec<Fleet> {
    let usual = Fleet::default();
    let boot_minutes = rule.boot_minutes.unwrap_or(usual.boot_minutes);
    let zones: &[u32] = match (goal.survives_zone_loss, goal.redundant) {
        (true, _) => &PRODUCTION_ZONES,
        (false, true) => &PRODUCTION_ZONES[1..],
        (false, false) => &[1],
    };
    zones
        .iter()
        .map(|&zones| Fleet {
            boot_minutes,
            warm_up_minutes: boot_minutes,
            zones,
            imbalance: rule.imbalance.unwrap_or(usual.imbalance),
            draining_seconds: rule.draining_seconds.unwrap_or(usual.draining_seconds),
            warm_pool: rule.warm_pool.map(|instances| WarmPool {
                instances,
                start_minutes: WARM_START_MINUTES,
            }),
            ..usual.clone()
        })
        .collect()
}
