//! The hosts of an assessment as every what-if sees them, worked out once.
//!
//! Input: what [`super::make`] takes. Output: an [`Estate`], which sizes an
//! environment under any policy and gives what its volumes cost, through the
//! same steps as the plan and without its words. A test holds both to the
//! same types and amounts, host by host.

use std::collections::BTreeMap;

use rayon::prelude::*;
use telemetry::store::HostQuality;

use super::build::{PlanError, PlanInputs, Setting, quality_by_host};
use super::host::{as_is_policy, no_credits_since, source_capacity, undecided_because};
use super::known::Known;
use crate::catalog::models::ModelScore;
use crate::catalog::{Catalog, Offer, UnknownRegion, YearMonth};
use crate::money::UsdPerMonth;
use crate::policy::{Assessment, Membership, Policy};
use crate::profile::HostProfile;
use crate::size::{
    Activity, Confidence, CpuEquivalence, Drift, Searches, SourceCapacity, Storage, activity, confidence, pick,
    storage, weakest,
};

/// A host, with what no policy changes.
#[derive(Debug)]
pub struct Standing<'a> {
    /// What it asked for over time.
    pub profile: &'a HostProfile,
    /// Where it belongs.
    pub member: Membership,
    /// What the machine has.
    source: SourceCapacity,
    equivalence: CpuEquivalence,
    confidence: Confidence,
    /// Whether it works at all.
    pub activity: Activity,
}

impl Standing<'_> {
    /// Says how the host's cores become vCPUs.
    #[must_use]
    pub fn equivalence(&self) -> &CpuEquivalence {
        &self.equivalence
    }

    /// Takes another score of a source core, to ask what follows from it; a host that is not scored stays so.
    pub(crate) fn set_source_score(&mut self, score: f64) {
        if let CpuEquivalence::Scored { source_score, .. } = &mut self.equivalence {
            *source_score = score;
        }
    }
}

/// What a policy makes of a host.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sized<'a> {
    /// The offer; nothing where none fits or nothing is known to size by.
    pub offer: Option<&'a Offer>,
    /// Whether a size is proposed, or the present one only shown.
    pub is_decided: bool,
    /// At most this share of the time short of CPU or memory is expected; absent where it is not known.
    pub short: Option<f64>,
}

/// The hosts of an assessment, ready to be sized again and again.
#[derive(Debug)]
pub struct Estate<'a> {
    /// The engagement.
    pub assessment: &'a Assessment,
    /// Specifications and prices.
    pub catalog: &'a Catalog,
    /// Hosts that the assessment does not leave out, by name.
    pub hosts: Vec<Standing<'a>>,
    month: YearMonth,
    known: Known<'a>,
}

impl<'a> Estate<'a> {
    /// Looks at every host; of the inputs' overrides nothing is taken.
    ///
    /// # Errors
    /// When there is no host.
    pub fn of(inputs: &PlanInputs<'a>) -> Result<Self, PlanError> {
        let known = inputs.inventory.map(Known::of).unwrap_or_default();
        let quality = quality_by_host(inputs.origins);
        let mut members: Vec<(&HostProfile, Membership)> = inputs
            .profiles
            .par_iter()
            .map(|profile| {
                let member = inputs.assessment.membership(&profile.host);
                (profile, known.complete(&profile.host, member))
            })
            .collect();
        members.retain(|(_, member)| !member.ignored);
        members.sort_by(|a, b| a.0.host.cmp(&b.0.host));
        if members.is_empty() {
            return Err(PlanError::NoHosts);
        }
        let weakest = weakest(inputs.catalog);
        let scores: BTreeMap<&str, Option<ModelScore>> = members
            .iter()
            .filter_map(|(_, member)| member.cpu_model.as_deref())
            .collect::<std::collections::BTreeSet<_>>()
            .into_par_iter()
            .map(|model| (model, inputs.catalog.cpu_model(model)))
            .collect();
        let equivalences: Vec<CpuEquivalence> = members
            .par_iter()
            .map(|(profile, member)| {
                let source = source_capacity(profile, member);
                let busy = profile.cpu.as_ref().map(|metric| metric.quantile(0.99));
                CpuEquivalence::find_by(
                    member,
                    source.vcpus,
                    busy,
                    || weakest,
                    |model| scores.get(model)?.clone(),
                )
            })
            .collect();
        let hosts = members
            .into_par_iter()
            .zip(equivalences)
            .map(|((profile, member), equivalence)| {
                let quality: HostQuality = quality.get(profile.host.as_str()).copied().unwrap_or_default();
                Standing {
                    source: source_capacity(profile, &member),
                    confidence: confidence(profile, &quality, equivalence != CpuEquivalence::OneToOne),
                    activity: activity(profile).0,
                    profile,
                    member,
                    equivalence,
                }
            })
            .collect();
        Ok(Self {
            assessment: inputs.assessment,
            catalog: inputs.catalog,
            hosts,
            month: YearMonth::of(inputs.today),
            known,
        })
    }

    /// Learns how demand of the chosen hosts moves.
    #[must_use]
    pub fn drift(&self, hosts: &[usize]) -> Drift {
        Drift::learn(hosts.iter().map(|&host| self.hosts[host].profile))
    }

    /// Sizes the chosen hosts, which belong to one environment, each with its demand multiplied by `1 + growth`.
    ///
    /// What the source has grows along, so that a cap at the source leaves room for what is to come.
    ///
    /// # Errors
    /// When the catalog has no prices for the region.
    pub fn size(
        &self,
        hosts: &[usize],
        region: &str,
        policy: &Policy,
        drift: &Drift,
        growth: f64,
    ) -> Result<Vec<Sized<'a>>, UnknownRegion> {
        Ok(self.size_among(hosts, self.catalog.offers(region)?, region, policy, drift, growth))
    }

    /// Sizes hosts as [`Self::size`] does, among offers that need not be those of the catalog; cheapest first.
    pub(crate) fn size_among<'o>(
        &self,
        hosts: &[usize],
        offers: &'o [Offer],
        region: &str,
        policy: &Policy,
        drift: &Drift,
        growth: f64,
    ) -> Vec<Sized<'o>> {
        let searches = Searches::new(offers, policy).with_drift(drift.clone());
        let as_is = as_is_policy(policy);
        let without_credits = Policy {
            burstable: false,
            ..policy.clone()
        };
        let setting = Setting {
            policy,
            searches: &searches,
            offers,
            ebs: None,
            catalog: self.catalog,
            region,
            month: self.month,
            known: &self.known,
        };
        let size = |host: usize| {
            let standing = &self.hosts[host];
            let profile = standing.profile;
            let undecided = undecided_because(standing.source, profile, &standing.confidence, policy).is_some();
            let policy = match () {
                () if undecided => &as_is,
                () if no_credits_since(profile, &standing.member, &setting).is_some() => &without_credits,
                () => policy,
            };
            let may_be_arm64 = standing.member.arm64_ready != Some(false);
            let (source, equivalence) = (standing.source, &standing.equivalence);
            let picked = if growth == 0.0 {
                pick(profile, source, policy, equivalence, &searches, may_be_arm64)
            } else {
                let factor = 1.0 + growth;
                let grown = profile.grown(factor);
                let source = SourceCapacity {
                    vcpus: source.vcpus.map(|vcpus| vcpus * factor),
                    memory_bytes: source.memory_bytes.map(|bytes| bytes * factor),
                };
                pick(&grown, source, policy, equivalence, &searches, may_be_arm64)
            };
            let is_sized = (profile.cpu.is_some() || standing.source.vcpus.is_some())
                && (profile.memory.is_some() || standing.source.memory_bytes.is_some());
            let offer = picked.offer.filter(|_| is_sized);
            Sized {
                offer,
                is_decided: offer.is_some() && !undecided,
                short: picked.short.filter(|_| offer.is_some()),
            }
        };
        hosts.par_iter().with_min_len(64).map(|&host| size(host)).collect()
    }

    /// Gives what the volumes of the chosen hosts cost a month; nothing where that is not known.
    #[must_use]
    pub fn storage(&self, hosts: &[usize], region: &str, policy: &Policy, growth: f64) -> Vec<Option<UsdPerMonth>> {
        let ebs = self.catalog.ebs(region).ok();
        let cost = |host: usize| {
            let profile = self.hosts[host].profile;
            let storage = if growth == 0.0 {
                storage(profile, policy, ebs, self.month)
            } else {
                storage(&profile.grown(1.0 + growth), policy, ebs, self.month)
            };
            match storage {
                Storage::Known(volumes) => Some(volumes.iter().map(|volume| volume.per_month()).sum()),
                Storage::Unknown { .. } => None,
            }
        };
        hosts.par_iter().with_min_len(64).map(|&host| cost(host)).collect()
    }
}
