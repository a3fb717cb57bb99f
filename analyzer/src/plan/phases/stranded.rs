//! Which commitments of phase `rehost` would phase `replatform` strand?

use serde::{Deserialize, Serialize};

use super::Phases;
use crate::money::UsdPerMonth;
use crate::plan::Plan;

/// A host that runs on EC2 in the first phase only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stranded {
    /// The host.
    pub host: String,
    /// Its type in phase `rehost`.
    pub instance_type: Option<String>,
    /// What it costs on demand a month: what must not be committed to for longer than the first phase lasts.
    pub compute_usd_per_month: Option<UsdPerMonth>,
    /// The workloads that take its place.
    pub replaced_by: Vec<String>,
}

/// Gives the hosts that run in the first phase and are gone in the second, the dearest first.
pub(super) fn stranded(plan: &Plan, phases: &Phases) -> Vec<Stranded> {
    let by_host = phases.by_host();
    let mut found: Vec<Stranded> = plan
        .recommendations
        .iter()
        .filter(|row| {
            let is_gone = |hosts: &[String]| hosts.binary_search(&row.host).is_ok();
            is_gone(&phases.replatform.retired_hosts) && !is_gone(&phases.rehost.retired_hosts)
        })
        .map(|row| Stranded {
            host: row.host.clone(),
            instance_type: row.instance_type.clone(),
            compute_usd_per_month: row.compute_usd_per_month,
            replaced_by: by_host.get(row.host.as_str()).map_or_else(Vec::new, |here| {
                here.iter().map(|one| one.workload.name.clone()).collect()
            }),
        })
        .collect();
    found.sort_by(|one, other| {
        other
            .compute_usd_per_month
            .cmp(&one.compute_usd_per_month)
            .then_with(|| one.host.cmp(&other.host))
    });
    found
}
