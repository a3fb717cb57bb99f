//! What fills up on a managed service, and how it drifts: storage of RDS, brokers and search, memory of caches.
//!
//! Input: a workload as proposed and what its nodes used. Output: a [`Filling`]:
//! the level in the unit in which it was measured, and the capacity turned into
//! that unit: what copies, overhead and reserved memory leave of the proposal.
//! Aurora, DocumentDB, EFS and S3 grow by themselves, and nothing fills up there.

use telemetry::units::GIBIBYTE;

use super::demand::{NodeDemand, WorkloadDemand};
use super::need::Ask;
use super::search::storage_for_a_byte;
use super::{Evidence, Part};
use crate::growth::Drifting;
use crate::service::{Target, Workload};

/// Something that fills up.
#[derive(Clone, Debug, PartialEq)]
pub struct Filling {
    /// What, such as `storage`.
    pub what: &'static str,
    /// How its level drifts, GiB.
    pub drift: Drifting,
    /// The level at which it is full, GiB.
    pub capacity_gib: f64,
    /// What the level rests on.
    pub from: Evidence,
}

/// Finds what fills up; nothing where nothing does, or its level was measured for less than two weeks.
#[must_use]
pub fn filling(workload: &Workload, part: &Part, demand: &WorkloadDemand<'_>) -> Option<Filling> {
    let storage = part.storage_gib;
    let (what, capacity_gib, found) = match &workload.target {
        Target::Relational(_) | Target::Licensed(_) if part.target_service == "rds" => {
            let mounts = ["postgres", "mysql", "mariadb", "oradata", "mssql", "pgsql"];
            let node = demand.leading()?;
            ("storage", storage?, node.drift("data_bytes", &mounts)?)
        }
        Target::Events => {
            let parts: Option<Vec<_>> = demand
                .working()
                .map(|node| node.drift("data_bytes", &["kafka"]))
                .collect();
            ("storage", storage?, together(&parts?, 1.0)?)
        }
        Target::Search => {
            let for_a_byte = storage_for_a_byte(workload.is_production());
            ("storage, primary data", storage? / for_a_byte, of_search(demand)?)
        }
        Target::Cache(_) => {
            let need = part.needs.iter().find(|need| need.ask == Ask::Memory)?;
            let offered = part.class.as_ref()?.offers.get(&Ask::Memory)?;
            let (level, drift) = of_cache(demand)?;
            // The need is that of one shard, for the highest level over all of them.
            (need.amount > 0.0).then_some(("memory", level * offered / need.amount, drift))?
        }
        _ => return None,
    };
    let (drift, from) = found;
    Some(Filling {
        what,
        drift,
        capacity_gib,
        from,
    })
}

/// Gives the primary data: every node says what the whole cluster holds; of file systems half is taken as primary.
fn of_search(demand: &WorkloadDemand<'_>) -> Option<(Drifting, Evidence)> {
    let parts: Option<Vec<_>> = demand
        .working()
        .map(|node| node.drift("primary_data_bytes", &["elasticsearch", "opensearch"]))
        .collect();
    let parts = parts?;
    if parts.iter().all(|(_, from)| *from == Evidence::OwnCounters) {
        return parts
            .into_iter()
            .reduce(|one, other| if other.0.level > one.0.level { other } else { one });
    }
    together(&parts, 0.5)
}

/// Gives the highest memory over the primaries, GiB, and how it drifts; nothing where it is not counted by the cache.
fn of_cache(demand: &WorkloadDemand<'_>) -> Option<(f64, (Drifting, Evidence))> {
    let leading = demand.leading()?;
    let primaries = || demand.working().filter(|one| one.node.role == leading.node.role);
    let highest: Option<Vec<f64>> = primaries()
        .map(|node| Some(node.counter("memory_used_bytes")?.maximum))
        .collect();
    let drifts: Option<Vec<_>> = primaries().map(|node| node.drift("memory_used_bytes", &[])).collect();
    Some((highest?.iter().sum::<f64>() / GIBIBYTE, together(&drifts?, 1.0)?))
}

fn together(parts: &[(Drifting, Evidence)], share: f64) -> Option<(Drifting, Evidence)> {
    let drifts: Vec<Drifting> = parts.iter().map(|(drift, _)| *drift).collect();
    Some((
        Drifting::sum(&drifts, share)?,
        parts.iter().map(|(_, from)| *from).max()?,
    ))
}

impl NodeDemand<'_> {
    /// Gives how a level drifts, GiB: by the service's own counter, else by the file systems of its data.
    fn drift(&self, metric: &str, mounts: &[&str]) -> Option<(Drifting, Evidence)> {
        if self.counter(metric).is_some() {
            let own = self.used?.drifts.get(metric)?;
            return Some((Drifting::sum(&[*own], 1.0 / GIBIBYTE)?, Evidence::OwnCounters));
        }
        let profile = self.host.as_ref()?.profile;
        let of_data = profile
            .filesystems
            .iter()
            .filter(|one| mounts.iter().any(|mount| one.mount.contains(mount)));
        let drifts: Option<Vec<Drifting>> = of_data.map(|one| one.drift).collect();
        Some((Drifting::sum(&drifts?, 1.0 / GIBIBYTE)?, Evidence::WholeHost))
    }
}
