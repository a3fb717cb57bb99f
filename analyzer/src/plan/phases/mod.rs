//! Two phases in one plan: `rehost` (EC2, and RDS for relational databases) and `replatform` (managed services).
//!
//! Input: a [`Plan`] of every host on EC2, the services that are known, and what
//! they used. Output: [`Phases`]: each workload on its managed service, which
//! hosts retire when, a bill a phase, and the difference line by line. A host
//! that retires in phase `rehost` keeps its row as phase `ec2-only`: what it
//! would cost to run its database on it, in neither phase's total.

mod bill;
mod difference;
mod explain;
mod remaining;
mod rows;
mod runway;
mod sized;
mod stranded;
mod transfer;
mod waves;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use telemetry::{Inventory, StoreError};

pub(crate) use bill::lines_of;
pub use difference::{Difference, Work};
pub use explain::{explain_service, lines_of_host};
pub use remaining::Remaining;
pub use rows::{host_rows, service_lines};
pub(crate) use rows::{part_cells, parts_of_phase, sum};
pub use stranded::Stranded;
pub use transfer::Transfer;
pub use waves::Wave;
pub use zones::ZoneCheck;

use super::{Plan, Proposal};
use crate::catalog::Catalog;
use crate::dependency::DependencyMap;
use crate::managed::{Moved, OtherWay, Part};
use crate::price::{Bill, Total};
use crate::profile::HostProfile;
use crate::readiness::{Finding, SaidByService};
use crate::service::{StatedService, Target, UsedByService, Workload, WorkloadInputs, workloads};

/// Lift and shift: EC2, and RDS for relational databases.
pub const REHOST: &str = "rehost";
/// Managed services.
pub const REPLATFORM: &str = "replatform";
/// Rows of hosts that retire or shrink in phase `rehost`: with their database on EC2, in no phase's total.
pub const EC2_ONLY: &str = "ec2-only";

/// One part of a workload as proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedPart {
    /// What runs, what it must hold, what it costs.
    pub part: Part,
    /// 0 to 1.
    pub confidence: f64,
    /// What weakens the confidence.
    pub confidence_reason: String,
    /// Change or undecided.
    pub proposal: Proposal,
}

/// A workload and where it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedWorkload {
    /// The workload.
    pub workload: Workload,
    /// The phase in which it moves to its managed service; absent where it stays on EC2.
    pub moves_in: Option<String>,
    /// Its parts; none where it stays on EC2.
    pub parts: Vec<PlannedPart>,
    /// Other ways to run it, side by side.
    pub others: Vec<OtherWay>,
    /// Why it stays on EC2, where it does.
    pub stays_because: Option<String>,
    /// What was assumed, in words.
    pub assumed: Vec<String>,
    /// What else there is to know, in words.
    pub notes: Vec<String>,
    /// What must be copied.
    pub moved: Moved,
    /// Counters of its leading node over time, for charts: end, mean and highest value of each stretch.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub courses: BTreeMap<String, Vec<(i64, f64, f64)>>,
    /// The day on which the proposed storage is full as it grows; absent where it does not, or nothing is provisioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_on: Option<jiff::civil::Date>,
    /// When what it is given is full: storage, or memory of a cache; none where nothing fills, or less than two weeks are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runways: Vec<super::outlook::Runway>,
    /// What to look at before it moves, the heaviest first.
    pub readiness: Vec<Finding>,
}

impl PlannedWorkload {
    /// Says whether it runs on its managed service in a phase.
    #[must_use]
    pub fn is_moved_in(&self, phase: &str) -> bool {
        match self.moves_in.as_deref() {
            Some(REHOST) => true,
            Some(_) => phase == REPLATFORM,
            None => false,
        }
    }
}

/// One phase: who runs where and what that costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// `rehost` or `replatform`.
    pub name: String,
    /// Hosts that run on EC2 in it.
    pub ec2_hosts: usize,
    /// Hosts that are gone in it, since all that ran on them moved, sorted.
    pub retired_hosts: Vec<String>,
    /// Parts of managed services that run in it.
    pub managed_parts: usize,
    /// The lines of managed services alone; EC2's are those of the hosts that stay.
    pub managed_bill: Bill,
    /// EC2 of the hosts that stay, a month.
    pub ec2: Total,
    /// Both together.
    pub total: Total,
}

/// The two phases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Phases {
    /// The workloads, by name.
    pub workloads: Vec<PlannedWorkload>,
    /// Services that stay on each host, by host.
    pub staying: BTreeMap<String, Vec<String>>,
    /// Hosts that some of their services leave, by phase and host, and what stays of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remaining: Vec<Remaining>,
    /// EC2, and RDS for relational databases.
    pub rehost: Phase,
    /// Managed services.
    pub replatform: Phase,
    /// From the first to the second, line by line.
    pub differences: Vec<Difference>,
    /// Operation work that goes away.
    pub work: Vec<Work>,
    /// What moves when, in order.
    pub waves: Vec<Wave>,
    /// How long copying takes, by workload.
    pub transfers: Vec<Transfer>,
    /// Whether the rest carries the peak when a zone is gone, by tier.
    pub zones: Vec<ZoneCheck>,
    /// What a commitment of phase `rehost` would strand.
    pub stranded: Vec<Stranded>,
}

impl Phases {
    /// Gives a phase by its name.
    #[must_use]
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        [&self.rehost, &self.replatform]
            .into_iter()
            .find(|phase| phase.name == name)
    }

    /// Gives the hosts that need a smaller type in a phase, since some of their services have left, by host.
    #[must_use]
    pub fn shrunk(&self, phase: &str) -> BTreeMap<&str, &Remaining> {
        shrunk(&self.remaining, phase)
    }

    /// Gives the workloads by the hosts that they run on: for many hosts faster than [`Phases::of_host`] for each.
    #[must_use]
    pub fn by_host(&self) -> BTreeMap<&str, Vec<&PlannedWorkload>> {
        let mut found: BTreeMap<&str, Vec<&PlannedWorkload>> = BTreeMap::new();
        for one in &self.workloads {
            for node in &one.workload.nodes {
                let here = found.entry(&node.host).or_default();
                if !here.iter().any(|other| other.workload.name == one.workload.name) {
                    here.push(one);
                }
            }
        }
        found
    }

    /// Finds the workloads that run on a host, wholly or in part.
    pub fn of_host<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a PlannedWorkload> {
        self.workloads
            .iter()
            .filter(move |planned| planned.workload.nodes.iter().any(|node| node.host == host))
    }
}

/// Reads what the services of the named hosts used.
pub type ReadUsed<'a> = dyn Fn(&BTreeSet<&str>) -> Result<UsedByService, StoreError> + 'a;

/// What [`phases`] needs beside the plan.
pub struct PhaseInputs<'a> {
    /// Specifications and prices.
    pub catalog: &'a Catalog,
    /// Profiles of the plan's hosts.
    pub profiles: &'a [HostProfile],
    /// What discovery found.
    pub inventory: &'a Inventory,
    /// What `services.toml` states.
    pub stated: &'a [StatedService],
    /// Reads counters and process groups.
    pub read: &'a ReadUsed<'a>,
}

/// Adds the two phases to a plan; a plan of an estate whose services are not known stays as it is.
///
/// # Errors
/// When telemetry cannot be read.
pub fn add_phases(plan: &mut Plan, inputs: &PhaseInputs<'_>) -> Result<(), StoreError> {
    let hosts: Vec<String> = plan.recommendations.iter().map(|row| row.host.clone()).collect();
    let estate = workloads(&WorkloadInputs {
        assessment: &plan.assessment,
        hosts: &hosts,
        inventory: inputs.inventory,
        stated: inputs.stated,
    });
    if estate.workloads.is_empty() {
        return Ok(());
    }
    let wanted: BTreeSet<&str> = estate
        .workloads
        .iter()
        .flat_map(|workload| &workload.nodes)
        .map(|node| node.host.as_str())
        .collect();
    let used = (inputs.read)(&wanted)?;
    let mut staying = estate.staying.clone();
    let said = SaidByService::of(inputs.inventory);
    let planned = sized::all(plan, &estate, &used, &said, inputs);
    for one in planned.iter().filter(|one| one.moves_in.is_none()) {
        for node in &one.workload.nodes {
            let here = staying.entry(node.host.clone()).or_default();
            if !here.contains(&node.service) {
                here.push(node.service.clone());
                here.sort();
            }
        }
    }
    let retired = |phase: &str| retired(&planned, &staying, phase);
    let (gone_first, gone) = (retired(REHOST), retired(REPLATFORM));
    let what = (planned.as_slice(), &staying);
    let mut remaining = remaining::remaining(plan, what, &used, &gone_first, REHOST, inputs);
    remaining.extend(remaining::remaining(plan, what, &used, &gone, REPLATFORM, inputs));
    let smaller: BTreeSet<String> = shrunk(&remaining, REHOST).keys().map(ToString::to_string).collect();
    relabel(plan, &gone_first.union(&smaller).cloned().collect());
    let mut phases = Phases {
        rehost: bill::phase(plan, &planned, REHOST, gone_first, &remaining),
        replatform: bill::phase(plan, &planned, REPLATFORM, gone, &remaining),
        workloads: planned,
        remaining,
        staying,
        ..Phases::default()
    };
    phases.differences = difference::differences(plan, &phases);
    phases.work = difference::work(&phases);
    phases.transfers = transfer::transfers(plan, &phases, inputs.catalog);
    let map = DependencyMap::of(&plan.assessment, &hosts, inputs.inventory);
    phases.waves = waves::waves(plan, &phases, &map, inputs.profiles);
    phases.zones = zones::checks(plan, &phases, inputs.profiles);
    phases.stranded = stranded::stranded(plan, &phases);
    plan.phases = Some(phases);
    Ok(())
}

/// Gives what stays of the hosts that need a smaller type in a phase.
fn shrunk<'a>(remaining: &'a [Remaining], phase: &str) -> BTreeMap<&'a str, &'a Remaining> {
    remaining
        .iter()
        .filter(|one| one.phase == phase && one.row.is_some())
        .map(|one| (one.host.as_str(), one))
        .collect()
}

/// Gives the hosts on which nothing is left in a phase.
fn retired(planned: &[PlannedWorkload], staying: &BTreeMap<String, Vec<String>>, phase: &str) -> BTreeSet<String> {
    let mut left: BTreeMap<&str, bool> = BTreeMap::new();
    for one in planned {
        for node in &one.workload.nodes {
            let all_moved = left.entry(&node.host).or_insert(true);
            *all_moved &= one.is_moved_in(phase);
        }
    }
    left.into_iter()
        .filter(|(host, all_moved)| *all_moved && staying.get(*host).is_none_or(Vec::is_empty))
        .map(|(host, _)| host.to_string())
        .collect()
}

/// Names the rows and lines of hosts that are gone, or smaller, in phase `rehost` for what they are: an alternative.
fn relabel(plan: &mut Plan, gone: &BTreeSet<String>) {
    for row in &mut plan.recommendations {
        if gone.contains(&row.host) {
            row.phase = EC2_ONLY.to_string();
        }
    }
    for line in &mut plan.bill.lines {
        if gone.contains(&line.host) {
            line.phase = EC2_ONLY.to_string();
        }
    }
}

/// Gives the phase in which a target moves.
fn phase_of(target: &Target) -> &'static str {
    if target.moves_in_rehost() { REHOST } else { REPLATFORM }
}
