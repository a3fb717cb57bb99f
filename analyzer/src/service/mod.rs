//! Which service must move where? Input: inventory, assessment, `services.toml`, telemetry of services. Output: [`Workload`]s.
//!
//! ```text
//! services (discovered or stated) ─► target by product ─► clusters by replication ─► workloads
//! tables service, process_group, host, disk ─► what each service used
//! ```
//!
//! A workload is what is sized as one: a service alone, or a cluster with its
//! replicas. What is not known stays absent; why a service stays where it is
//! is a sentence.

mod classify;
mod cluster;
mod counters;
mod stated;
mod target;

pub use classify::{Estate, WorkloadInputs, workloads};
pub use counters::{HostMemory, ServiceReader, Stat, Used, UsedByService};
pub use stated::{StatedService, StatedServicesError, stated_services};
pub use target::{BrokerKind, Licence, Target, is_product};

use serde::{Deserialize, Serialize};
use telemetry::inventory::Role;

use crate::policy::Relational;

/// One service on one host, as a part of a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The host.
    pub host: String,
    /// Name within the host.
    pub service: String,
    /// Version, where something says it.
    pub version: Option<String>,
    /// Its part in the cluster, where something says it.
    pub role: Option<Role>,
    /// Whether others than its own cluster talk to it; absent where nobody looked at connections.
    pub serves_clients: Option<bool>,
    /// Whether it was stated by hand instead of being discovered.
    pub stated: bool,
}

/// What is sized as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Host and service of the first node, such as `prod-pg-01/postgresql`.
    pub name: String,
    /// The product.
    pub product: String,
    /// Where it goes.
    pub target: Target,
    /// Its environment.
    pub environment: String,
    /// The group of its first host, if any.
    pub group: Option<String>,
    /// Its nodes: the primary first, then by host.
    pub nodes: Vec<Node>,
    /// Services that only serve it and go with it, such as a pooler, as host and service.
    pub companions: Vec<(String, String)>,
    /// Why these nodes are one.
    pub formed_because: String,
    /// Where a person says that a relational database goes, whatever the policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relational: Option<Relational>,
}

impl Workload {
    /// Gives the node that takes the writes, or the first.
    #[must_use]
    pub fn primary(&self) -> Option<&Node> {
        self.nodes
            .iter()
            .find(|node| node.role == Some(Role::Primary))
            .or_else(|| self.nodes.first())
    }

    /// Says whether customers depend on its environment; what is not known to be less is.
    #[must_use]
    pub fn is_production(&self) -> bool {
        is_production(&self.environment)
    }
}

/// Says whether an environment is one that customers depend on; what is not known to be less is.
#[must_use]
pub fn is_production(environment: &str) -> bool {
    let lesser = [
        "dev", "test", "stag", "stg", "uat", "qa", "sandbox", "demo", "preprod", "pre-prod", "nonprod", "non-prod",
        "lab", "accept",
    ];
    let name = environment.to_lowercase();
    !lesser.iter().any(|beginning| name.starts_with(beginning))
}
