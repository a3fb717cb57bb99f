//! Which class of a managed service carries a workload, and at what price? Method §6.
//!
//! ```text
//! workload + what it used ─► demand (each with its evidence) ─► needs ─► cheapest class that fits ─► lines
//!                                                             └► alternatives, each with its own bill
//! ```
//!
//! Every need says what it rests on: the service's own counters, its process
//! group's share of the host, or the whole host. A price that is not known
//! makes a line without an amount, never a zero.

mod aurora;
mod balancer;
mod cache;
mod choose;
mod demand;
mod docdb;
mod files;
mod filling;
mod licensed;
mod line;
mod moved;
mod mq;
mod msk;
mod need;
mod rds;
mod rds_storage;
mod relational;
mod search;

pub use choose::{Class, Lack, RejectedClass};
pub use demand::{HostView, NodeDemand, WorkloadDemand};
pub use filling::{Filling, filling};
pub use line::{Cost, Line};
pub use moved::{Moved, moved};
pub use need::{Ask, Evidence, Need};
pub(crate) use relational::instead;
pub(crate) use search::storage_for_a_byte;

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, YearMonth};
use crate::policy::Policy;
use crate::service::{Target, Workload};

/// Hours of a month; method §8.
pub(crate) const HOURS: u32 = crate::money::HOURS_PER_MONTH;

/// What decides where the cheapest class already holds all that is asked.
pub const SMALLEST_CLASS: &str = "smallest class";

/// What is the same for every workload of an environment.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Specifications and prices.
    pub catalog: &'a Catalog,
    /// Region code.
    pub region: &'a str,
    /// How careful to be.
    pub policy: &'a Policy,
    /// The month of the plan.
    pub month: YearMonth,
}

/// Instances of a managed service that stand for a node or a whole cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The host whose service it takes the place of; the first node's for a cluster.
    pub host: String,
    /// Name of the service within the host.
    pub service: String,
    /// What it is: `primary`, `read replica`, `cluster`, `data nodes` …
    pub what: String,
    /// The AWS service, as the column `target_service` has it.
    pub target_service: String,
    /// Engine and major version, as the column `engine` has it.
    pub engine: String,
    /// `single-az`, `multi-az` or `cluster`.
    pub deployment: String,
    /// The class; absent where nothing fits or the service has none.
    pub class: Option<Class>,
    /// How many of it.
    pub count: u32,
    /// Zones it is spread over.
    pub zones: u32,
    /// What it must hold and do.
    pub needs: Vec<Need>,
    /// What keeps it from being cheaper.
    pub binding: Option<Ask>,
    /// Nearest cheaper classes and what each lacks.
    pub rejected: Vec<RejectedClass>,
    /// Storage, GiB.
    pub storage_gib: Option<f64>,
    /// The lines of its bill.
    pub lines: Vec<Line>,
    /// Why this class, in a sentence.
    pub reason: String,
    /// Busy source cores that one vCPU of the class carries.
    pub cpu_equivalence: Option<f64>,
}

impl Part {
    /// Sums the lines.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost::of(&self.lines)
    }

    /// Names what keeps it from being cheaper: what the cheaper classes lack, or that there is no smaller class.
    ///
    /// Nothing where no class is chosen, or the service has none.
    #[must_use]
    pub fn binding_words(&self) -> Option<&'static str> {
        match (self.binding, &self.class) {
            (Some(ask), _) => Some(ask.words()),
            (None, Some(_)) => Some(SMALLEST_CLASS),
            (None, None) => None,
        }
    }

    /// Gives the weakest evidence among the needs that decide: CPU, memory, heap or capacity units, else any.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let deciding = [Ask::Cpu, Ask::SingleThread, Ask::Memory, Ask::Heap, Ask::CapacityUnits];
        let weakest = |all: bool| {
            let needs = self.needs.iter().filter(|need| all || deciding.contains(&need.ask));
            needs.map(|need| need.from).max()
        };
        weakest(false).or_else(|| weakest(true)).unwrap_or(Evidence::Assumed)
    }
}

/// Another way to run the workload, with its own bill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherWay {
    /// What it is, such as `Aurora I/O-Optimized`.
    pub name: String,
    /// What would run, such as `2 × db.r6g.xlarge`.
    pub what: String,
    /// The lines of its bill.
    pub lines: Vec<Line>,
    /// Why it is, or is not, the better one.
    pub remark: String,
}

impl OtherWay {
    /// Sums the lines.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost::of(&self.lines)
    }
}

/// What is proposed for a workload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sized {
    /// Its parts; none where it stays on EC2.
    pub parts: Vec<Part>,
    /// Other ways, side by side.
    pub others: Vec<OtherWay>,
    /// Why it stays on EC2, where it does.
    pub stays_because: Option<String>,
    /// What was assumed, in words.
    pub assumed: Vec<String>,
    /// What the capacity rests on, in words.
    pub notes: Vec<String>,
}

impl Sized {
    fn stays(because: impl Into<String>) -> Self {
        Self {
            stays_because: Some(because.into()),
            ..Self::default()
        }
    }
}

/// Sizes a workload on the managed service it goes to.
#[must_use]
pub fn size(workload: &Workload, demand: &WorkloadDemand<'_>, setting: &Setting<'_>) -> Sized {
    match &workload.target {
        Target::Relational(engine) => rds::size(workload, demand, *engine, setting),
        Target::Licensed(licence) => licensed::size(workload, demand, *licence, setting),
        Target::Cache(engine) => cache::size(workload, demand, *engine, setting),
        Target::Documents => docdb::size(workload, demand, setting),
        Target::Broker(kind) => mq::size(workload, demand, *kind, setting),
        Target::Events => msk::size(workload, demand, setting),
        Target::Search => search::size(workload, demand, setting),
        Target::Balancer => balancer::size(workload, demand, setting),
        Target::Files => files::size(workload, demand, setting),
        Target::Stays(because) => Sized::stays(because.clone()),
    }
}
