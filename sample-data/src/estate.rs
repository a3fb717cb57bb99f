//! What an estate is: hosts, what they are for, and what must be found out about some of them.

use std::collections::BTreeMap;

use serde::Serialize;
use telemetry::Series;
use telemetry::units::{Bytes, BytesPerSecond, Cores, OperationsPerSecond};

use crate::behaviour::Behaviour;
use crate::machine::Machine;

/// A company's machines over a span of days.
#[derive(Clone, Debug, Serialize)]
pub struct Estate {
    /// Name of the assessment.
    pub name: String,
    /// IANA name of the zone whose clock people there live by.
    pub time_zone: String,
    /// Cloud region the company would move to.
    pub region: String,
    /// The machines, sorted by name.
    pub hosts: Vec<HostSpec>,
    /// Beginning of the first interval, UTC milliseconds; a midnight.
    pub start_ms: i64,
    /// Days of telemetry.
    pub days: u32,
    /// Everything random follows from it.
    pub seed: u64,
}

/// One machine: the facts a discovery would find, and why it is in the estate.
#[derive(Clone, Debug, Serialize)]
pub struct HostSpec {
    /// Name, as telemetry has it.
    pub name: String,
    /// `production`, `staging` or `development`.
    pub environment: String,
    /// Hosts that do the same work.
    pub group: String,
    /// Further tags, such as the owner.
    pub tags: BTreeMap<String, String>,
    /// Operating system with its version.
    pub os: String,
    /// Logical CPUs at the end of the span.
    pub cores: u32,
    /// Memory; a whole number of MiB.
    pub memory: Bytes,
    /// What runs on it, such as `postgresql primary`.
    pub roles: Vec<String>,
    /// The model as the kernel names it.
    pub cpu_model: String,
    /// The known right answer, if this host has one.
    pub expectation: Option<Expectation>,
    #[serde(skip)]
    pub(crate) behaviour: Behaviour,
}

/// A known right answer with the facts that the telemetry shows; times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Expectation {
    /// Does nearly nothing; even its sub-samples and its traffic stay below both limits.
    Idle {
        /// Limit of the CPU, as a share of the host's cores.
        cpu_share: f64,
        /// Limit of the traffic of a day, both directions together.
        traffic_per_day: Bytes,
    },
    /// Does nothing; no interval and no sub-sample reaches either limit.
    Zombie {
        /// Limit of the CPU, as a share of the host's cores.
        cpu_share: f64,
        /// Limit of the traffic, both directions together.
        traffic: BytesPerSecond,
    },
    /// Memory in use grows linearly until the service is restarted.
    MemoryLeak {
        /// Growth.
        per_day: Bytes,
        /// When the service was restarted and gave all back.
        restarts_at_ms: Vec<i64>,
    },
    /// Needs at least nine tenths of its cores in one window and less than a twentieth at any other time.
    MonthlyBatch {
        /// Beginning of the peak.
        from_ms: i64,
        /// End of the peak.
        until_ms: i64,
    },
    /// Runs at its ceiling for hours each day, so its true demand is hidden.
    Pinned {
        /// What it would use on a working day's crest if it could.
        demand: Cores,
        /// Each day has at least this many hours at 95 % of the cores or more.
        hours_per_day: f64,
    },
    /// No table has a sample within the window.
    Gap {
        /// End of the last interval before.
        from_ms: i64,
        /// Beginning of the first interval after.
        until_ms: i64,
    },
    /// Far larger than its work.
    OverProvisioned {
        /// The 99th percentile of the busy CPUs, within a fifth.
        busy: Cores,
        /// The most memory in use, within a fifth.
        memory: Bytes,
    },
    /// Memory is short: swap is in use and read back.
    Swapping {
        /// Swap in use at the busiest time, within a fifth.
        swap_used: Bytes,
    },
    /// Got more cores within the span.
    Resized {
        /// When.
        at_ms: i64,
        /// Logical CPUs before.
        cores_before: u32,
        /// Logical CPUs after.
        cores_after: u32,
    },
    /// Disk operations are what a new machine must be chosen by; CPU stays below a quarter.
    DiskBound {
        /// Reads and writes per second at the 99th percentile, within a fifth.
        operations: OperationsPerSecond,
    },
    /// Network bandwidth is what a new machine must be chosen by; CPU stays below a quarter.
    NetworkBound {
        /// Bytes sent per second at the 99th percentile, within a fifth.
        transmit: BytesPerSecond,
    },
}

impl Estate {
    /// Gives the name of the origin under which the estate stands in a store.
    #[must_use]
    pub fn origin_id(&self) -> String {
        format!("demo-{}", self.seed)
    }

    /// Finds a host by its name.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<&HostSpec> {
        self.hosts.iter().find(|host| host.name == name)
    }

    /// Makes the series of one host: all tables, the whole span.
    ///
    /// They depend on the estate's seed and the host's name alone, never on
    /// other hosts. Sorted by table, then labels; rows as [`Estate::write`] stores them.
    #[must_use]
    pub fn series(&self, host: &HostSpec) -> Vec<Series> {
        let mut machine = Machine::new(host, self.seed, self.start_ms, self.days);
        let mut whole: Vec<Series> = Vec::new();
        for day in 0..self.days {
            for part in machine.day(day) {
                match whole
                    .iter_mut()
                    .find(|series| series.table == part.table && series.labels == part.labels)
                {
                    Some(series) => series.append(&part),
                    None => whole.push(part),
                }
            }
        }
        whole
    }
}
