//! How long does copying take, by which tool, and what does the replication server cost?
//!
//! A first copy goes at the link's share for copying less what changes
//! meanwhile; where more changes than the link carries it never catches up.

use serde::{Deserialize, Serialize};

use super::{Phases, PlannedWorkload};
use crate::catalog::Catalog;
use crate::catalog::services::ManagedService;
use crate::money::UsdPerHour;
use crate::plan::Plan;
use crate::service::Target;

/// Link speed where nobody stated one, Mbit/s.
const ASSUMED_LINK_MBPS: f64 = 1_000.0;
const BITS_PER_GIB: f64 = 8.0 * 1_073_741_824.0;
const BITS_PER_MIB: f64 = 8.0 * 1_048_576.0;
/// Memory-optimised replication servers by data and change: up to so many GiB and MiB/s; an assumption of this program.
const DMS: [(f64, f64, &str); 4] = [
    (200.0, 5.0, "dms.r5.large"),
    (1_000.0, 20.0, "dms.r5.xlarge"),
    (5_000.0, 60.0, "dms.r5.2xlarge"),
    (f64::MAX, f64::MAX, "dms.r5.4xlarge"),
];

/// One workload's way to AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transfer {
    /// The workload.
    pub workload: String,
    /// The phase in which it is copied.
    pub phase: String,
    /// The tool.
    pub tool: String,
    /// What is copied once, GiB.
    pub data_gib: Option<f64>,
    /// What changes meanwhile, MiB/s.
    pub change_mib_per_s: Option<f64>,
    /// Share of the link that copying has, Mbit/s.
    pub link_mbps: f64,
    /// Hours until the copy has caught up; absent where something is not known or it never does.
    pub hours: Option<f64>,
    /// Class of the DMS replication server, for databases.
    pub dms_class: Option<String>,
    /// Its price an hour; absent where the catalog has none.
    pub dms_usd_per_hour: Option<UsdPerHour>,
    /// How the hours came about, in words.
    pub words: String,
}

/// Gives the transfers of all workloads that move.
pub(super) fn transfers(plan: &Plan, phases: &Phases, catalog: &Catalog) -> Vec<Transfer> {
    let rule = &plan.assessment.waves;
    let link = rule.link_mbps.unwrap_or(ASSUMED_LINK_MBPS) * rule.link_share;
    let stated = if rule.link_mbps.is_some() { "stated" } else { "assumed" };
    let region = plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region);
    phases
        .workloads
        .iter()
        .filter(|one| one.moves_in.is_some())
        .map(|one| {
            let moved = &one.moved;
            let (hours, words) = match (moved.data_gib, moved.change_mib_per_s) {
                (None, _) if !holds_data(&one.workload.target) => {
                    (Some(0.0), "nothing is copied: it fills or is drained by itself".to_string())
                }
                (None, _) => (None, "how much it holds is not known".to_string()),
                (Some(data), change) => {
                    let change_mbps = change.unwrap_or(0.0) * BITS_PER_MIB / 1e6;
                    let free = link - change_mbps;
                    if free <= 0.0 {
                        let words = format!(
                            "{change_mbps:.0} Mbit/s change and the link has {link:.0}: it never catches up; a snapshot by disk, or a faster link"
                        );
                        (None, words)
                    } else {
                        let hours = data * BITS_PER_GIB / (free * 1e6) / 3_600.0;
                        let words = format!(
                            "{data:.0} GiB at {link:.0} Mbit/s of the {stated} link, less {change_mbps:.1} Mbit/s that change ({})",
                            moved.change_from
                        );
                        (Some((hours * 100.0).round() / 100.0), words)
                    }
                }
            };
            let dms_class = is_database(&one.workload.target).then(|| dms_class(one).to_string());
            let price = dms_class.as_ref().and_then(|class| {
                let row = catalog
                    .managed(region, ManagedService::Dms)
                    .find(|row| row.class == *class)?;
                Some(row.price.amount)
            });
            Transfer {
                workload: one.workload.name.clone(),
                phase: one.moves_in.clone().unwrap_or_default(),
                tool: tool(&one.workload.target).to_string(),
                data_gib: moved.data_gib,
                change_mib_per_s: moved.change_mib_per_s,
                link_mbps: link,
                hours,
                dms_class,
                dms_usd_per_hour: price,
                words,
            }
        })
        .collect()
}

fn dms_class(one: &PlannedWorkload) -> &'static str {
    let data = one.moved.data_gib.unwrap_or(0.0);
    let change = one.moved.change_mib_per_s.unwrap_or(0.0);
    DMS.iter()
        .find(|(gib, mib, _)| data <= *gib && change <= *mib)
        .map_or("dms.r5.4xlarge", |(_, _, class)| class)
}

fn holds_data(target: &Target) -> bool {
    !matches!(target, Target::Cache(_) | Target::Broker(_) | Target::Balancer)
}

fn is_database(target: &Target) -> bool {
    matches!(target, Target::Relational(_) | Target::Licensed(_) | Target::Documents)
}

fn tool(target: &Target) -> &'static str {
    match target {
        Target::Relational(_) | Target::Licensed(_) => {
            "native replication or DMS: full load, then changes until the switch"
        }
        Target::Documents => "DMS: full load, then the change stream until the switch",
        Target::Cache(_) => "starts empty and warms up, or an RDB file through S3",
        Target::Broker(_) => "new broker beside the old one; queues are drained, or shovel and federation",
        Target::Events => "MirrorMaker 2, consumers first",
        Target::Search => "reindex from the source, or a snapshot where versions allow",
        Target::Balancer => "DNS, with a short time to live before",
        Target::Files => "DataSync, once and then differences",
        Target::Stays(_) => "none",
    }
}
