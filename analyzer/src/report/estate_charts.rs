//! The charts of the whole estate, in the order they are shown, each with its name for files.

use super::chart::{
    Drawing, EstateMeasure, cost_by_environment, cost_by_family, estate_hosts, estate_scatter, size_comparison,
};
use crate::plan::Plan;

/// Draws the estate; a chart whose figures are not known is left out.
pub(super) fn drawings(plan: &Plan) -> Vec<(&'static str, Drawing)> {
    let scatter = estate_scatter(&estate_hosts(&plan.recommendations), EstateMeasure::ProposedVcpu);
    [
        ("scatter", scatter),
        ("cost-by-environment", cost_by_environment(plan)),
        ("cost-by-family", cost_by_family(plan)),
        ("size-comparison", size_comparison(plan)),
    ]
    .into_iter()
    .filter_map(|(slug, drawing)| Some((slug, drawing?)))
    .collect()
}
