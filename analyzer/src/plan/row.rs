//! One recommendation: the contract columns of `plan/recommendations.*` and its proof.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use telemetry::store::HostQuality;

use super::on_credits::CreditProof;
use super::risk::Risk;
use crate::catalog::{PriceMethod, YearMonth};
use crate::money::{UsdPerHour, UsdPerMonth};
use crate::profile::BusiestHour;
use crate::size::{Activity, Confidence, CpuEquivalence, Dimension, Requirement, Shortfall, Storage};

/// What is proposed for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proposal {
    /// It already is what it should be.
    Keep,
    /// It should be something else.
    Change,
    /// Not enough is known; the row shows the as-is size where that is known.
    Undecided,
}

impl Proposal {
    /// Gives the word used in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Proposal::Keep => "keep",
            Proposal::Change => "change",
            Proposal::Undecided => "undecided",
        }
    }
}

/// One host and phase. Absent means unknown, and `reason` says why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// Migration phase: `rehost`.
    pub phase: String,
    /// The host's name, exactly as its source gave it.
    pub host: String,
    /// The service on it, where the row is for one.
    pub service: Option<String>,
    /// Its environment.
    pub environment: String,
    /// Logical CPUs of the source.
    pub source_vcpu: Option<f64>,
    /// Memory of the source, GiB.
    pub source_memory_gib: Option<f64>,
    /// The AWS service it goes to: `ec2`.
    pub target_service: String,
    /// The proposed type.
    pub instance_type: Option<String>,
    /// How many.
    pub instance_count: u32,
    /// vCPUs of the proposal.
    pub vcpu: Option<u32>,
    /// Memory of the proposal, GiB.
    pub memory_gib: Option<f64>,
    /// Architecture of the proposal.
    pub architecture: Option<String>,
    /// Region.
    pub region: String,
    /// `single-az`, `multi-az` or `cluster`.
    pub deployment: String,
    /// Database engine, where the row is for one.
    pub engine: Option<String>,
    /// `on-demand`.
    pub purchase_option: String,
    /// Price of one instance hour.
    pub price_usd_per_hour: Option<UsdPerHour>,
    /// Instances, a month.
    pub compute_usd_per_month: Option<UsdPerMonth>,
    /// Volumes, a month.
    pub storage_usd_per_month: Option<UsdPerMonth>,
    /// Both, a month; absent when either is unknown.
    pub total_usd_per_month: Option<UsdPerMonth>,
    /// CPU the proposal must carry, source cores.
    pub cpu_demand_cores: Option<f64>,
    /// Busy source cores that one vCPU of the proposal carries.
    pub cpu_equivalence: Option<f64>,
    /// Memory the proposal must carry, GiB.
    pub memory_demand_gib: Option<f64>,
    /// Disk operations per second the proposal must carry.
    pub disk_iops_demand: Option<f64>,
    /// Disk bytes the proposal must carry, MB (10^6) per second.
    pub disk_mbps_demand: Option<f64>,
    /// Network the proposal must carry in its busier direction, Mbit per second.
    pub network_mbps_demand: Option<f64>,
    /// Proposed volumes together, GiB.
    pub storage_gib: Option<f64>,
    /// The dimension that keeps the proposal from being cheaper.
    pub binding_dimension: Option<Dimension>,
    /// End of the interval in which the binding dimension peaked, UTC milliseconds.
    pub peak_at_ms: Option<i64>,
    /// The sizing rule.
    pub rule: String,
    /// The larger of the shares of measured intervals in which CPU, or memory, demand exceeded the proposal (in-sample).
    pub violation_probability: Option<f64>,
    /// 0 to 1.
    pub confidence: f64,
    /// What weakens the confidence.
    pub confidence_reason: String,
    /// Keep, change or undecided.
    pub proposal: Proposal,
    /// Why.
    pub reason: String,
    /// The next cheaper type that was rejected.
    pub next_cheaper: Option<String>,
    /// What it lacked.
    pub next_cheaper_shortfall: Option<String>,
    /// The proof.
    pub proof: Proof,
}

/// A cheaper candidate that was rejected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    /// Its type.
    pub instance_type: String,
    /// vCPUs.
    pub vcpu: u32,
    /// Memory, GiB.
    pub memory_gib: f64,
    /// Price of an hour.
    pub price_usd_per_hour: UsdPerHour,
    /// What it lacked; never empty.
    pub shortfalls: Vec<Shortfall>,
}

/// Another way to run the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Its type.
    pub instance_type: String,
    /// vCPUs.
    pub vcpu: u32,
    /// Memory, GiB.
    pub memory_gib: f64,
    /// Price of an hour.
    pub price_usd_per_hour: UsdPerHour,
    /// Saved a month against the proposal; negative when dearer.
    pub saving_usd_per_month: UsdPerMonth,
    /// Whether it may simply be taken, or what must be checked first.
    pub remark: String,
}

/// The evidence behind a recommendation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The host's group, if any.
    pub group: Option<String>,
    /// What a shape must offer, dimension by dimension, with formula, bounds and peak.
    pub requirements: Vec<Requirement>,
    /// How source cores became vCPUs.
    pub cpu_equivalence: CpuEquivalence,
    /// The five nearest cheaper types and what each lacked.
    pub rejected: Vec<Rejected>,
    /// The cheapest type on arm64, where the proposal is not on arm64.
    pub arm64: Option<Alternative>,
    /// Cost a month of the type it runs on today, where it is an EC2 type.
    pub current_type: Option<String>,
    /// Compute cost a month of the current type.
    pub current_usd_per_month: Option<UsdPerMonth>,
    /// What the source's own size would cost: the cheapest type with its vCPUs and memory.
    pub as_is: Option<Alternative>,
    /// Proposed volumes.
    pub storage: Storage,
    /// Whether the host works at all, and the evidence.
    pub activity: Activity,
    /// Evidence for the activity.
    pub activity_evidence: String,
    /// How sure, and what would help.
    pub confidence: Confidence,
    /// How likely the proposal is too small, and what a smaller one would save and risk, under rule `sizewright`.
    #[serde(default)]
    pub risk: Option<Risk>,
    /// How the host would do on a type with CPU credits, where the policy allows them and one is cheaper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_credits: Option<CreditProof>,
    /// Why no type with CPU credits was considered although the policy allows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_credits_since: Option<String>,
    /// The hour in which CPU demand was highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busiest_hour: Option<BusiestHour>,
    /// Whether CPU ran so near the source's ceiling that more may have been wanted than was served.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_saturated: bool,
    /// What would be proposed afresh, where the proposal of an earlier plan was kept.
    #[serde(default)]
    pub kept_instead_of: Option<String>,
    /// What was measured, in words.
    pub measured: Vec<String>,
    /// What was assumed, in words.
    pub assumed: Vec<String>,
    /// End of the first interval, UTC milliseconds.
    pub first_at_ms: i64,
    /// End of the last interval, UTC milliseconds.
    pub last_at_ms: i64,
    /// Samples over expected samples, 0 to 1.
    pub coverage: f64,
    /// Usual interval, seconds.
    pub interval_s: f64,
    /// Intervals at the CPU ceiling.
    pub censored: usize,
    /// Odd rows of the source.
    pub quality: HostQuality,
    /// How the price is known.
    pub price_method: Option<PriceMethod>,
    /// Which month the price is of.
    pub price_as_of: Option<YearMonth>,
}

/// Writes a decimal without trailing zeros.
#[must_use]
pub fn plain(amount: Decimal) -> String {
    amount.normalize().to_string()
}
