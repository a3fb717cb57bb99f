//! What is known of hosts beside their numbers: facts, services, dependencies.
//!
//! Discovery writes them, the analyzer reads them. Each row says when and how it
//! was learnt and with what privilege; a later look adds to the history and
//! never erases it.

mod benchmark;
mod columns;
mod dependency;
mod error;
mod fact;
pub mod file;
mod learnt;
mod merge;
mod service;

pub use benchmark::{CPU_BENCHMARK, CPU_BENCHMARK_AT_LEAST, CPU_BENCHMARK_UNAVAILABLE, CpuBenchmark};
pub use dependency::{Dependency, Direction, End, Peer, Transport};
pub use error::InventoryError;
pub use fact::Fact;
pub use file::{add, read, write};
pub use learnt::{Learnt, Privilege};
pub use service::{Category, Role, Service, Sureness};

use serde::{Deserialize, Serialize};

/// Everything that is known of the hosts of an assessment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// Facts, sorted by host, name, item and time; older values stay as history.
    pub facts: Vec<Fact>,
    /// Services, sorted by host and name.
    pub services: Vec<Service>,
    /// Who talks to whom, sorted by server, port and client.
    pub dependencies: Vec<Dependency>,
}
