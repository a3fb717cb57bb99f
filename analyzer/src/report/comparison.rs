//! What the plan saves, only over rows where both sides are known.
//!
//! The source's own size on the same catalog is the yardstick: it leaves out
//! what the source costs today, which nobody measured.

use crate::money::UsdPerMonth;
use crate::plan::{Plan, Recommendation};

/// Compute a month at the source's own sizes and at the proposed ones, over the same rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Comparison {
    /// Rows where both are known.
    pub(super) rows: usize,
    /// At the source's own sizes.
    pub(super) as_is: UsdPerMonth,
    /// At the proposed sizes.
    pub(super) proposed: UsdPerMonth,
}

impl Comparison {
    /// Adds up a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut comparison = Self::default();
        for (as_is, proposed) in plan.recommendations.iter().filter_map(both) {
            comparison.rows += 1;
            comparison.as_is = comparison.as_is + as_is;
            comparison.proposed = comparison.proposed + proposed;
        }
        comparison
    }

    /// Gives the share that is saved, negative where the plan is dearer; nothing without a yardstick.
    pub(super) fn saved_share(&self) -> Option<f64> {
        let as_is = self.as_is.approximately();
        (as_is > 0.0).then(|| 1.0 - self.proposed.approximately() / as_is)
    }
}

/// Gives what a row saves a month against the source's own size; negative where it is dearer.
pub(super) fn saving(row: &Recommendation) -> Option<UsdPerMonth> {
    both(row).map(|(as_is, proposed)| as_is - proposed)
}

/// Gives the share that a row saves against the source's own size.
pub(super) fn saved_share(row: &Recommendation) -> Option<f64> {
    let (as_is, proposed) = both(row)?;
    let as_is = as_is.approximately();
    (as_is > 0.0).then(|| 1.0 - proposed.approximately() / as_is)
}

/// Gives the compute cost a month of the source's own size and of the proposal.
fn both(row: &Recommendation) -> Option<(UsdPerMonth, UsdPerMonth)> {
    let as_is = row.proof.as_is.as_ref()?.price_usd_per_hour.per_month();
    Some((as_is, row.compute_usd_per_month?))
}
