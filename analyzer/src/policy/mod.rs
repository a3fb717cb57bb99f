//! How careful to be, for whom: the assessment file, environments and rules.
//!
//! Input: the text of `assessment.toml`. Output: an [`Assessment`], which gives
//! each host its environment, group, tags and [`Policy`]. Nothing is read from
//! disk here.

mod assessment;
mod costs;
mod event;
mod group;
mod growth;
mod network;
mod pattern;
mod relational;
mod rule;
mod waves;

pub use assessment::{Assessment, AssessmentError, Benchmarked, Environment, HostRule, Membership, Overrides};
pub use costs::{Costs, OnPremises, SupportPlan, Transition};
pub use event::{EventRule, Every};
pub use group::GroupRule;
pub use growth::{GroupGrowth, Growth, Launch};
pub use network::{Network, NotANetwork};
pub use pattern::matches;
pub use relational::Relational;
pub use rule::{Rule, RuleError, Statistic};
pub use waves::WaveRule;

use serde::{Deserialize, Serialize};
use telemetry::units::{Bytes, Cores};

use crate::catalog::Architecture;

/// What a proposal in one environment must satisfy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// From demand to requirement.
    pub rule: Rule,
    /// The risk dial of rule `sizewright`: the share of the time a host may be short of CPU, 0.005 = 0.5 %.
    pub risk: f64,
    /// Extra CPU on top of the rule, as a fraction (0.2 = 20 % more).
    pub cpu_headroom: f64,
    /// Extra memory on top of the rule, as a fraction.
    pub memory_headroom: f64,
    /// Extra disk operations and throughput on top of P99.5, as a fraction.
    pub disk_headroom: f64,
    /// Extra network bandwidth on top of P99.5, as a fraction.
    pub network_headroom: f64,
    /// Never ask for more CPU or memory than the source has; see method §2.
    pub cap_at_source: bool,
    /// Architectures a proposal may have.
    pub architectures: Vec<Architecture>,
    /// Families a proposal may come from, as patterns (`m7*`); empty allows all.
    pub families: Vec<String>,
    /// Families a proposal may not come from, as patterns.
    pub excluded_families: Vec<String>,
    /// Whether previous generations may be proposed.
    pub previous_generations: bool,
    /// Whether bare-metal types may be proposed.
    pub bare_metal: bool,
    /// Whether types that run on credits (t3, t4g …) may be proposed.
    pub burstable: bool,
    /// Fewest vCPUs of a proposal.
    pub minimum_vcpus: u32,
    /// Least memory of a proposal, GiB.
    pub minimum_memory_gib: f64,
    /// Growth of the used storage over the planning horizon, as a fraction.
    pub storage_growth: f64,
    /// How full a proposed volume may be at the end of the horizon, as a fraction.
    pub storage_fill: f64,
    /// Confidence below which the proposal is *undecided*, 0 to 1.
    pub minimum_confidence: f64,
    /// Where relational databases go: `rds`, `aurora` or `cheapest`.
    #[serde(skip_serializing_if = "Relational::is_default")]
    pub relational: Relational,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            rule: Rule::Sizewright,
            risk: risk_of("production"),
            cpu_headroom: 0.0,
            memory_headroom: 0.0,
            disk_headroom: 0.2,
            network_headroom: 0.2,
            cap_at_source: true,
            architectures: vec![Architecture::X86_64],
            families: Vec::new(),
            // High-performance computing types come in few zones and are made for clusters of their own.
            excluded_families: vec!["hpc*".to_string()],
            previous_generations: false,
            bare_metal: false,
            burstable: false,
            minimum_vcpus: 1,
            minimum_memory_gib: 0.5,
            storage_growth: 0.2,
            storage_fill: 0.8,
            minimum_confidence: 0.5,
            relational: Relational::Rds,
        }
    }
}

/// Gives the risk dial of an environment that does not state one: 0.5 % in production, 2 % before it, 5 % in development.
#[must_use]
pub fn risk_of(environment: &str) -> f64 {
    let name = environment.to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    if begins(&["dev", "test", "sandbox", "lab"]) {
        0.05
    } else if begins(&["stag", "pre", "uat", "qa", "accept"]) {
        0.02
    } else {
        0.005
    }
}

impl Policy {
    /// Least memory of a proposal.
    #[must_use]
    pub fn minimum_memory(&self) -> Bytes {
        Bytes::from_gibibytes(self.minimum_memory_gib)
    }

    /// Fewest vCPUs of a proposal.
    #[must_use]
    pub fn minimum_cores(&self) -> Cores {
        Cores::from_cores(f64::from(self.minimum_vcpus))
    }

    /// Says whether the family may be proposed.
    #[must_use]
    pub fn allows_family(&self, family: &str) -> bool {
        let listed = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, family));
        (self.families.is_empty() || listed(&self.families)) && !listed(&self.excluded_families)
    }

    /// Names what is not a usable number, for the message to the user.
    ///
    /// # Errors
    /// The field and what it must be.
    pub fn check(&self) -> Result<(), String> {
        let fractions = [
            ("cpu_headroom", self.cpu_headroom),
            ("memory_headroom", self.memory_headroom),
            ("disk_headroom", self.disk_headroom),
            ("network_headroom", self.network_headroom),
            ("storage_growth", self.storage_growth),
        ];
        for (name, value) in fractions {
            if !(0.0..=10.0).contains(&value) {
                return Err(format!(
                    "`{name}` is {value}; expected a fraction from 0 to 10, such as 0.2 for 20 %"
                ));
            }
        }
        if !(0.000_1..=0.2).contains(&self.risk) {
            return Err(format!(
                "`risk` is {}; expected a share of the time from 0.0001 to 0.2, such as 0.005 for 0.5 %",
                self.risk
            ));
        }
        if !(0.05..=1.0).contains(&self.storage_fill) {
            return Err(format!(
                "`storage_fill` is {}; expected a fraction from 0.05 to 1",
                self.storage_fill
            ));
        }
        if !(0.0..=1.0).contains(&self.minimum_confidence) {
            return Err(format!(
                "`minimum_confidence` is {}; expected 0 to 1",
                self.minimum_confidence
            ));
        }
        if self.architectures.is_empty() {
            return Err("`architectures` is empty; expected at least one of x86_64, arm64".to_string());
        }
        Ok(())
    }
}
