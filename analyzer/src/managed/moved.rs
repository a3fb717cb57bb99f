//! What must be copied when a workload moves, and how fast it changes meanwhile.

use serde::{Deserialize, Serialize};
use telemetry::units::{GIBIBYTE, MEBIBYTE};

use super::demand::{NodeDemand, WorkloadDemand};
use crate::service::{Target, Workload};

/// Data that moves with a workload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// What is copied once, GiB; absent where it is not known.
    pub data_gib: Option<f64>,
    /// What changes meanwhile, MiB/s; absent where it is not known.
    pub change_mib_per_s: Option<f64>,
    /// What the change rests on, in words.
    pub change_from: String,
    /// Growth of what is held, GiB a day; absent where it is not known.
    pub growth_gib_per_day: Option<f64>,
}

/// Finds what moves: of a cluster that holds the same data its leading node's, of shards and brokers all.
#[must_use]
pub fn moved(workload: &Workload, demand: &WorkloadDemand<'_>) -> Moved {
    let (metric, mounts): (&str, &[&str]) = match &workload.target {
        Target::Relational(_) | Target::Licensed(_) => (
            "data_bytes",
            &["postgres", "mysql", "mariadb", "oradata", "mssql", "pgsql"],
        ),
        Target::Documents => ("data_bytes", &["mongo"]),
        Target::Events => ("data_bytes", &["kafka"]),
        Target::Search => ("primary_data_bytes", &["elasticsearch", "opensearch"]),
        Target::Files => ("data_bytes", &["export", "srv", "share", "data"]),
        // Caches fill themselves, brokers are drained, load balancers hold nothing.
        Target::Cache(_) | Target::Broker(_) | Target::Balancer | Target::Stays(_) => return Moved::default(),
    };
    // Every search node says what the whole cluster holds; brokers say nothing, and their file systems are added up.
    let says_all = demand
        .leading()
        .is_some_and(|node| node.counter("primary_data_bytes").is_some());
    let all = matches!(workload.target, Target::Events) || (matches!(workload.target, Target::Search) && !says_all);
    let nodes: Vec<&NodeDemand<'_>> = if all {
        demand.working().collect()
    } else {
        demand.leading().into_iter().collect()
    };
    let stored: Option<Vec<_>> = nodes.iter().map(|node| node.stored(metric, mounts)).collect();
    let logged: Option<f64> = nodes
        .iter()
        .map(|node| Some(node.counter("log_written_bytes_per_s")?.mean))
        .sum();
    let growth = stored
        .as_ref()
        .map(|stored| stored.iter().map(|one| one.growth_bytes_per_day).sum::<f64>() / 86_400.0);
    let (change, from) = match (logged, growth) {
        (Some(logged), _) => (Some(logged), "what it writes to its transaction log on average"),
        (None, Some(growth)) => (Some(growth), "its growth, which is the least that changes"),
        (None, None) => (None, "not known"),
    };
    Moved {
        data_gib: stored.map(|stored| super::need::rounded(stored.iter().map(|one| one.bytes).sum::<f64>() / GIBIBYTE)),
        change_mib_per_s: change.map(|bytes| super::need::rounded(bytes / MEBIBYTE)),
        change_from: from.to_string(),
        growth_gib_per_day: growth.map(|per_s| super::need::rounded(per_s * 86_400.0 / GIBIBYTE)),
    }
}
