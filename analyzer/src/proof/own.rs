//! Would the plan have been right for this host before? Fitted on a part of its history and judged on what followed.
//!
//! The futures are the shipped ones: those of the fleet were learnt over the whole window, the judged days among it.

use serde::{Deserialize, Serialize};

use super::ProofInputs;
use super::served::{Offered, Rows, Shortage};
use crate::backtest::cuts;
use crate::money::UsdPerMonth;
use crate::plan::{Estate, PlanInputs};
use crate::policy::Policy;
use crate::profile::{HostSeries, MetricScratch, ProfileOptions, profile_host};
use crate::size::Drift;

/// The back-test of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnBacktest {
    /// It was judged, once for each cut.
    Judged(Vec<Turn>),
    /// It was not, and why; with too little history, how much is needed.
    NotJudged(String),
}

/// One cut of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Start of the fitted part, UTC milliseconds.
    pub from_ms: i64,
    /// End of the fitted part and start of the judged one.
    pub at_ms: i64,
    /// End of the judged part.
    pub to_ms: i64,
    /// What would have been proposed.
    pub instance_type: String,
    /// What it costs a month.
    pub usd_per_month: UsdPerMonth,
    /// The share of the time short of CPU or memory that was asked for, at most; absent where it is not known.
    pub asked: Option<f64>,
    /// What came.
    pub shortage: Shortage,
}

/// Judges the plan's rule on one host's own past.
pub(super) fn own_backtest(inputs: &ProofInputs<'_>, policy: &Policy, series: &HostSeries) -> OwnBacktest {
    let times = series.host.as_ref().map_or(&[][..], |host| &host.at_ms);
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
        return OwnBacktest::NotJudged("neither CPU nor memory was measured".to_string());
    };
    let cuts = match cuts(first, last) {
        Ok(cuts) => cuts,
        Err(too_short) => return OwnBacktest::NotJudged(too_short.to_string()),
    };
    let turns: Vec<Turn> = cuts
        .iter()
        .filter_map(|cut| {
            let (instance_type, usd_per_month, asked, offered) =
                proposal(inputs, policy, &series.between(cut.from_ms, cut.at_ms))?;
            let rows = Rows::of(&series.between(cut.at_ms, cut.to_ms), inputs.row.source_vcpu)?;
            Some(Turn {
                from_ms: cut.from_ms,
                at_ms: cut.at_ms,
                to_ms: cut.to_ms,
                instance_type,
                usd_per_month,
                asked,
                shortage: rows.shortage(offered),
            })
        })
        .collect();
    if turns.is_empty() {
        return OwnBacktest::NotJudged("on no part of its history could a size be proposed and judged".to_string());
    }
    OwnBacktest::Judged(turns)
}

/// Proposes a type from a part of the history, by the plan's policy.
fn proposal(
    inputs: &ProofInputs<'_>,
    policy: &Policy,
    part: &HostSeries,
) -> Option<(String, UsdPerMonth, Option<f64>, Offered)> {
    let options = ProfileOptions {
        credits: policy.burstable,
        history: true,
        ..ProfileOptions::for_rules(inputs.plan.assessment.zone().ok()?, [&policy.rule])
    };
    let profile = profile_host(&inputs.row.host, part, &options, &mut MetricScratch::default())?;
    let profiles = [profile];
    let estate = Estate::of(&PlanInputs {
        profiles: &profiles,
        ..inputs.plan_inputs()
    })
    .ok()?;
    // A part is shorter than the window, which alone may make it less sure than the policy asks for.
    let policy = Policy {
        minimum_confidence: 0.0,
        ..policy.clone()
    };
    let sized = estate
        .size(&[0], &inputs.row.region, &policy, &Drift::shipped(), 0.0)
        .ok()?;
    let sized = sized.first()?;
    let offer = sized.offer?;
    let offered = Offered {
        cpu: offer.shape.vcpus().as_cores() * estate.hosts[0].equivalence().of(&offer.shape),
        memory: offer.shape.memory().as_bytes(),
    };
    Some((
        offer.shape.name.clone(),
        offer.price.amount.per_month(),
        sized.short,
        offered,
    ))
}
