//! Which hosts get charts: all of a small estate, the costliest of a large one.

use crate::plan::Plan;

/// Names the hosts whose charts a report draws, sorted by name.
///
/// Beyond `limit` the costliest are kept, since a meeting talks about those;
/// among equals the one with the higher CPU demand, then the earlier name.
#[must_use]
pub fn charted_hosts(plan: &Plan, limit: usize) -> Vec<&str> {
    let mut rows: Vec<_> = plan.recommendations.iter().collect();
    if rows.len() > limit {
        rows.sort_by(|a, b| {
            b.compute_usd_per_month
                .cmp(&a.compute_usd_per_month)
                .then_with(|| {
                    let demand = |row: &crate::plan::Recommendation| row.cpu_demand_cores.unwrap_or(0.0);
                    demand(b).total_cmp(&demand(a))
                })
                .then_with(|| a.host.cmp(&b.host))
        });
    }
    let mut hosts: Vec<&str> = rows.into_iter().map(|row| row.host.as_str()).collect();
    hosts.truncate(limit);
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}
