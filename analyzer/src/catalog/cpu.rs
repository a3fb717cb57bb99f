//! How fast CPUs are relative to one another, as far as the catalog knows.
//!
//! Input: `CoreMark` runs on EC2, SPEC results of CPUs in public tables.
//! Output: [`CpuScore`] per shape and the tables that CPU equivalence is
//! computed from. SPEC figures here are medians over published results, not
//! SPEC metrics; per-core figures are derived.

use serde::{Deserialize, Serialize};

use super::price::YearMonth;

/// The family whose vCPU counts as one.
pub const REFERENCE_FAMILY: &str = "m7i";

/// Throughput of one vCPU relative to one of [`REFERENCE_FAMILY`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CpuScore {
    /// The ratio; 1.5 does half as much again as a vCPU of m7i.
    pub per_vcpu: f64,
    /// Where the ratio comes from.
    pub source: CpuScoreSource,
}

/// Where a CPU score comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CpuScoreSource {
    /// `CoreMark` on this very instance type.
    CoremarkOfType,
    /// Median `CoreMark` of the family's types with 2 to 16 vCPU.
    CoremarkOfFamily,
}

/// `CoreMark` of a family, over its types with 2 to 16 vCPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyScore {
    /// The family, such as `m7i`.
    pub family: String,
    /// CPU models seen on its instances.
    pub cpu_models: Vec<String>,
    /// Sustained clock.
    pub clock_ghz: Option<f64>,
    /// Logical CPUs per core.
    pub threads_per_core: u32,
    /// Types that were run.
    pub types_run: u32,
    /// Median per vCPU.
    pub coremark_per_vcpu: f64,
    /// Lowest and highest per vCPU among the types.
    pub coremark_range: (f64, f64),
    /// Median per physical core.
    pub coremark_per_core: f64,
    /// Median per vCPU relative to [`REFERENCE_FAMILY`]'s.
    pub per_vcpu: f64,
    /// Day of the latest run, as the source writes it.
    pub latest_run: String,
}

impl FamilyScore {
    /// Gives the family's score for a shape without a run of its own.
    #[must_use]
    pub const fn score(&self) -> CpuScore {
        CpuScore {
            per_vcpu: self.per_vcpu,
            source: CpuScoreSource::CoremarkOfFamily,
        }
    }
}

/// Published `SPECrate2017_int_base` results of a processor, summarised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpecRate {
    /// The processor, in the words of the results.
    pub processor: String,
    /// Maker and generation.
    pub generation: String,
    /// Cores of one chip.
    pub cores_per_chip: u32,
    /// Threads per core that the runs used; 1 and 2 are separate rows.
    pub threads_per_core: u32,
    /// Results summarised.
    pub results: u32,
    /// Median per chip; derived from multi-chip results.
    pub per_chip_median: f64,
    /// Median per core; derived.
    pub per_core_median: f64,
    /// Best per core; derived.
    pub per_core_best: f64,
    /// Median of the speed metric, one thread at a time.
    pub specspeed_median: f64,
    /// Month that one of the results was published in.
    pub published: YearMonth,
}

/// Published `SPECpower_ssj2008` results of a processor, summarised.
///
/// Covers chips older than SPEC CPU 2017. Results of several nodes together
/// are not normalised; see [`Self::may_be_several_nodes`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpecPower {
    /// The processor, in the words of the results.
    pub processor: String,
    /// Clock in MHz.
    pub mhz: u32,
    /// Results summarised.
    pub results: u32,
    /// Median operations per second per core at full load; derived.
    pub ssj_ops_per_core_median: f64,
    /// Year of the first result.
    pub first_year: Option<i16>,
    /// Year of the last result.
    pub last_year: i16,
    /// Cores, chips and threads of one of the systems.
    pub example: SpecPowerSystem,
}

/// One of the systems behind a [`SpecPower`] row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecPowerSystem {
    /// Cores in all.
    pub cores: u32,
    /// Chips in all.
    pub chips: u32,
    /// Threads in all.
    pub threads: u32,
}

impl SpecPower {
    /// Says whether the example may be several nodes, whose per-core figure is then doubtful.
    ///
    /// More than four chips: single systems with eight exist, but multi-node
    /// results are more common, and the table does not tell them apart.
    #[must_use]
    pub const fn may_be_several_nodes(&self) -> bool {
        self.example.chips > 4
    }
}
