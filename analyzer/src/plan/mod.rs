//! The plan: a recommendation per host, the bill, and what it rests on.
//!
//! Input: profiles, assessment, catalog and a date. Output: a [`Plan`], the
//! same bytes for the same input. Reading and writing `plan/` is in
//! [`files`]; one host's screen is in [`explain`].

mod answers;
mod arm64;
pub mod bought;
mod build;
pub mod commitments;
mod compare;
mod digits;
mod estate;
pub mod explain;
pub mod files;
mod host;
mod known;
mod on_credits;
pub mod outlook;
pub mod phases;
pub mod purchase;
mod risk;
mod row;
pub mod scaling;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use answers::{Answer, AnswersError, read_answers};
pub(crate) use build::PHASE as FIRST_PHASE;
pub use build::{PlanError, PlanInputs, make, make_after};
pub use compare::{Compared, Comparison, Side, compare};
pub use estate::{Estate, Sized, Standing};
pub use on_credits::CreditProof;
pub use risk::{Risk, ShortShare, StepLess};
pub use row::{Alternative, Proof, Proposal, Recommendation, Rejected, plain};

use crate::catalog::YearMonth;
use crate::money::UsdPerMonth;
use crate::policy::{Assessment, Overrides, Policy};
use crate::price::Bill;
use crate::size::{Activity, Drift};

/// Version of `plan/plan.json`; a reader refuses what is older or newer.
pub const PLAN_FORMAT_VERSION: u32 = 1;

/// Everything that was decided, and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// See [`PLAN_FORMAT_VERSION`].
    pub format_version: u32,
    /// Program and version that made it.
    pub program: String,
    /// The day it was made for, as passed in.
    pub planned_on: jiff::civil::Date,
    /// The assessment as read.
    pub assessment: Assessment,
    /// Changes from the command line.
    pub overrides: Overrides,
    /// The policy of each environment that has a host.
    pub policies: BTreeMap<String, Policy>,
    /// The catalog it used.
    pub catalog: CatalogStamp,
    /// Where the telemetry came from.
    pub origins: Vec<OriginStamp>,
    /// One row a host, sorted by name.
    pub recommendations: Vec<Recommendation>,
    /// Hosts that may be retired, with what that saves.
    pub retire: Vec<Retirement>,
    /// Bill of all rows.
    pub bill: Bill,
    /// Sums over the estate.
    pub summary: Summary,
    /// What the reader must know before using it.
    pub warnings: Vec<String>,
    /// Groups that can scale, beside their hosts' rows; absent where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<scaling::Scaling>,
    /// The data tier on managed services, in two phases; absent where no service is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phases: Option<phases::Phases>,
    /// Every way to buy what is proposed; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchases: Option<purchase::Purchases>,
    /// What to commit to; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitments: Option<commitments::PlanCommitments>,
    /// How demand, disks and traffic are expected to develop; absent where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<outlook::PlanOutlook>,
    /// How demand moves, where rule `sizewright` was used: learnt from the estate's own history and what is shipped.
    #[serde(default)]
    pub drift: Option<Drift>,
}

/// Which catalog a plan used, and how old it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogStamp {
    /// Content identifier.
    pub id: String,
    /// Day it was built.
    pub built_on: jiff::civil::Date,
    /// Oldest EC2 price of the region.
    pub prices_oldest: YearMonth,
    /// Newest EC2 price of the region.
    pub prices_newest: YearMonth,
    /// Days between the newest price and the day of the plan.
    pub age_days: i64,
    /// Whether that is more than 90.
    pub stale: bool,
    /// The price list files that the region was refreshed from: offer, version, day, hash; none for older sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_lists: Vec<String>,
}

impl CatalogStamp {
    /// Says how old the newest price was on the day of the plan, also where the plan's day is before the prices'.
    #[must_use]
    pub fn age_words(&self) -> String {
        let days = |count: i64| {
            if count == 1 {
                "1 day".to_string()
            } else {
                format!("{count} days")
            }
        };
        match self.age_days {
            0 => "of the plan's day".to_string(),
            after @ ..0 => format!("dated {} after the plan's day", days(-after)),
            old if self.stale => format!("{} old (stale: older than 90 days)", days(old)),
            old => format!("{} old", days(old)),
        }
    }
}

/// Where telemetry came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OriginStamp {
    /// Name within the store.
    pub id: String,
    /// What brought it.
    pub kind: String,
    /// File names.
    pub sources: Vec<String>,
    /// What was noted while it was brought, such as host keys that were accepted unseen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A host that may not be needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retirement {
    /// The host.
    pub host: String,
    /// Idle or zombie.
    pub activity: Activity,
    /// The evidence.
    pub evidence: String,
    /// What is known of what the plan would spend on it a month, and retiring it saves; absent where nothing is.
    pub saving_usd_per_month: Option<UsdPerMonth>,
    /// Whether something of its cost is not known, so that it saves at least that.
    pub saving_is_at_least: bool,
}

/// Sums over the estate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Hosts with a row.
    pub hosts: usize,
    /// Hosts left out by the assessment.
    pub ignored_hosts: usize,
    /// Rows that keep what they have.
    pub keep: usize,
    /// Rows that change.
    pub change: usize,
    /// Rows that are undecided.
    pub undecided: usize,
    /// vCPUs of the sources that are known.
    pub source_vcpus: f64,
    /// Memory of the sources that is known, GiB.
    pub source_memory_gib: f64,
    /// vCPUs of the proposals.
    pub proposed_vcpus: f64,
    /// Memory of the proposals, GiB.
    pub proposed_memory_gib: f64,
    /// Compute of the plan, a month.
    pub compute_usd_per_month: UsdPerMonth,
    /// Storage of the plan, a month, where known.
    pub storage_usd_per_month: UsdPerMonth,
    /// Compute of the source's own sizes on the same catalog, a month, over rows where both are known.
    pub as_is_compute_usd_per_month: UsdPerMonth,
    /// Further compute saving with arm64 everywhere it is cheaper, a month.
    pub arm64_saving_usd_per_month: UsdPerMonth,
    /// Mean confidence, weighted by cost.
    pub confidence: f64,
    /// First and last sample of the estate, UTC milliseconds.
    pub window_ms: Option<(i64, i64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_of_after_the_plans_day_are_not_said_to_be_so_many_days_old() {
        let month: YearMonth = YearMonth::of(jiff::civil::date(2026, 7, 1));
        let stamp = |age_days: i64| CatalogStamp {
            id: "catalog".to_string(),
            built_on: jiff::civil::date(2026, 7, 1),
            prices_oldest: month,
            prices_newest: month,
            age_days,
            stale: age_days > 90,
            price_lists: Vec::new(),
        };
        let words = [-44, -1, 0, 1, 90, 91].map(|age_days| stamp(age_days).age_words());
        assert_eq!(
            words,
            [
                "dated 44 days after the plan's day",
                "dated 1 day after the plan's day",
                "of the plan's day",
                "1 day old",
                "90 days old",
                "91 days old (stale: older than 90 days)",
            ]
        );
    }
}
