//! What does a host's own telemetry say of its recommendation? Input: the plan, one host's series, catalog. Output: an [`OwnProof`].
//!
//! The plan says what is proposed and why; this says how it would have gone: the back-test of this host alone, when one
//! size smaller would have been short, how sure the share of the time short is over days, and which change of an
//! assumption changes the verdict. It is worked out for one host when somebody asks, never for a fleet.

mod flips;
mod interval;
mod own;
mod served;
mod words;

use serde::{Deserialize, Serialize};
use telemetry::Inventory;
use telemetry::store::Origin;

pub use flips::{Assumption, Flip, Flips};
pub use interval::{STATED, Violation};
pub use own::{OwnBacktest, Turn};
pub use served::Shortage;
pub use words::Section;

use self::served::{Offered, Rows};
use crate::catalog::{Catalog, Shape};
use crate::money::UsdPerMonth;
use crate::plan::{Plan, PlanInputs, Proposal, Recommendation};
use crate::policy::Overrides;
use crate::profile::{HostProfile, HostSeries, MetricScratch, ProfileOptions, profile_host};
use crate::size::{CpuEquivalence, Drift};

/// What a host's proof is made from.
#[derive(Clone, Copy, Debug)]
pub struct ProofInputs<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The host's row of it.
    pub row: &'a Recommendation,
    /// The host's telemetry.
    pub series: &'a HostSeries,
    /// What discovery learnt, as the plan knew it.
    pub inventory: Option<&'a Inventory>,
    /// Records of the telemetry's origins.
    pub origins: &'a [Origin],
    /// The catalog that the plan names.
    pub catalog: &'a Catalog,
}

/// What a host's own telemetry says of its recommendation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnProof {
    /// How long the proposal would have been short, with the interval over days; absent where nothing is proposed.
    pub violations: Option<Violations>,
    /// What smaller types would have meant, the nearest first.
    pub smaller: Vec<Smaller>,
    /// The rule judged on this host's own past.
    pub backtest: OwnBacktest,
    /// What changes the verdict; absent where nothing is proposed.
    pub flips: Option<Flips>,
}

/// Shares of the measured time in which the proposal would have been short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Violations {
    /// Of CPU; absent where it was not measured.
    pub cpu: Option<Violation>,
    /// Of memory; absent where it was not measured.
    pub memory: Option<Violation>,
    /// Of one or the other at the same moment.
    pub either: Option<Violation>,
}

/// A smaller type, and when it would have been short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Smaller {
    /// Its type.
    pub instance_type: String,
    /// Which one it is: one size smaller of the same family, or the next cheaper.
    pub which: Which,
    /// What it saves a month.
    pub saving_usd_per_month: UsdPerMonth,
    /// When it would have been short.
    pub shortage: Shortage,
}

/// Why a smaller type is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The next smaller size of the proposed family.
    OneSizeSmaller,
    /// The nearest cheaper type that lacks nothing but CPU or memory.
    NextCheaper,
}

impl<'a> ProofInputs<'a> {
    fn plan_inputs(&self) -> PlanInputs<'a> {
        const NO_OVERRIDES: &Overrides = &Overrides {
            rule: None,
            risk: None,
            headroom: None,
            cap_at_source: None,
            architectures: None,
            families: None,
            burstable: None,
            region: None,
        };
        PlanInputs {
            assessment: &self.plan.assessment,
            overrides: NO_OVERRIDES,
            profiles: &[],
            inventory: self.inventory,
            origins: self.origins,
            catalog: self.catalog,
            today: self.plan.planned_on,
        }
    }
}

/// Cuts a series to what the plan saw, so that telemetry that came later changes nothing.
fn seen(row: &Recommendation, series: &HostSeries) -> HostSeries {
    series.between(row.proof.first_at_ms - 1, row.proof.last_at_ms)
}

/// Profiles a host as the plan did, on what the plan saw; nothing without a row of telemetry.
#[must_use]
pub fn profile_of(plan: &Plan, row: &Recommendation, series: &HostSeries) -> Option<HostProfile> {
    let policy = plan.policies.get(&row.environment);
    let options = ProfileOptions {
        credits: policy.is_some_and(|policy| policy.burstable),
        history: true,
        ..plan
            .assessment
            .zone()
            .map(|zone| ProfileOptions::for_rules(zone, policy.map(|policy| &policy.rule)))
            .unwrap_or_default()
    };
    profile_host(&row.host, &seen(row, series), &options, &mut MetricScratch::default())
}

/// Works out what a host's telemetry says of its recommendation.
#[must_use]
pub fn own_proof(inputs: &ProofInputs<'_>) -> OwnProof {
    let series = seen(inputs.row, inputs.series);
    let row = inputs.row;
    let policy = inputs
        .plan
        .policies
        .get(&row.environment)
        .filter(|_| row.proposal != Proposal::Undecided);
    let (Some(policy), Some(chosen)) = (policy, row.instance_type.as_deref()) else {
        return OwnProof {
            violations: None,
            smaller: Vec::new(),
            backtest: OwnBacktest::NotJudged("nothing is proposed for it".to_string()),
            flips: None,
        };
    };
    let profile = profile_of(inputs.plan, row, inputs.series);
    let drift = inputs.plan.drift.clone().unwrap_or_else(Drift::shipped);
    OwnProof {
        violations: violations(inputs, &series),
        smaller: smaller(inputs, &series),
        backtest: own::own_backtest(inputs, policy, &series),
        flips: profile.and_then(|profile| flips::flips(inputs, policy, &drift, &profile, chosen)),
    }
}

/// Works out how long the proposal would have been short, with the interval over days; nothing without proposal or telemetry.
#[must_use]
pub fn violations_of(row: &Recommendation, catalog: &Catalog, series: &HostSeries) -> Option<Violations> {
    let shape = catalog.shape(row.instance_type.as_deref()?)?;
    let rows = Rows::of(series, row.source_vcpu)?;
    let days = rows.days(Offered {
        cpu: shape.vcpus().as_cores() * row.proof.cpu_equivalence.of(shape),
        memory: shape.memory().as_bytes(),
    });
    Some(Violations {
        cpu: interval::violation(&row.host, &days, |day| day.cpu),
        memory: interval::violation(&row.host, &days, |day| day.memory),
        either: interval::violation(&row.host, &days, |day| day.either),
    })
}

fn violations(inputs: &ProofInputs<'_>, series: &HostSeries) -> Option<Violations> {
    violations_of(inputs.row, inputs.catalog, series)
}

/// Looks at the next smaller size of the family and at the next cheaper type.
fn smaller(inputs: &ProofInputs<'_>, series: &HostSeries) -> Vec<Smaller> {
    let row = inputs.row;
    let found = || {
        let offers = inputs.catalog.offers(&row.region).ok()?;
        let rows = Rows::of(series, row.source_vcpu)?;
        let own = offers
            .iter()
            .find(|offer| Some(offer.shape.name.as_str()) == row.instance_type.as_deref())?;
        let one_size = offers
            .iter()
            .filter(|offer| offer.shape.family == own.shape.family && !offer.shape.name.contains("metal"))
            // What credits would do is in the plan; vCPUs alone would say too little of it.
            .filter(|offer| offer.shape.vcpu < own.shape.vcpu && !own.shape.is_burstable())
            .max_by_key(|offer| offer.shape.vcpu)
            .map(|offer| (offer, Which::OneSizeSmaller));
        let step_less = row.proof.risk.as_ref().and_then(|risk| risk.step_less.as_ref());
        let cheaper = step_less
            .and_then(|less| offers.iter().find(|offer| offer.shape.name == less.instance_type))
            .filter(|offer| one_size.is_none_or(|(one, _)| one.shape.name != offer.shape.name))
            .map(|offer| (offer, Which::NextCheaper));
        let equivalence = &row.proof.cpu_equivalence;
        let list: Vec<Smaller> = one_size
            .into_iter()
            .chain(cheaper)
            .map(|(offer, which)| Smaller {
                instance_type: offer.shape.name.clone(),
                which,
                saving_usd_per_month: own.price.amount.per_month() - offer.price.amount.per_month(),
                shortage: rows.shortage(offered(&offer.shape, equivalence)),
            })
            .collect();
        Some(list)
    };
    found().unwrap_or_default()
}

fn offered(shape: &Shape, equivalence: &CpuEquivalence) -> Offered {
    Offered {
        cpu: shape.vcpus().as_cores() * equivalence.of(shape),
        memory: shape.memory().as_bytes(),
    }
}
