//! What a class must hold and do, and what each number rests on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing a workload asks of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Busy cores of the source.
    Cpu,
    /// Busy cores of the one thread that runs commands.
    SingleThread,
    /// Memory.
    Memory,
    /// Client connections.
    Connections,
    /// Commands per second.
    Operations,
    /// Network in the busier direction.
    Network,
    /// Disk operations per second.
    DiskOperations,
    /// Disk bytes.
    DiskThroughput,
    /// What is stored.
    Storage,
    /// Messages per second.
    Messages,
    /// Java heap.
    Heap,
    /// Shards that a heap must keep.
    Shards,
    /// Capacity units of a load balancer.
    CapacityUnits,
}

impl Ask {
    /// Gives the name in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Ask::Cpu => "CPU",
            Ask::SingleThread => "one thread's CPU",
            Ask::Memory => "memory",
            Ask::Connections => "connections",
            Ask::Operations => "operations",
            Ask::Network => "network",
            Ask::DiskOperations => "disk operations",
            Ask::DiskThroughput => "disk throughput",
            Ask::Storage => "storage",
            Ask::Messages => "messages",
            Ask::Heap => "heap",
            Ask::Shards => "shards",
            Ask::CapacityUnits => "capacity units",
        }
    }

    /// Gives the unit of the amounts.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Ask::Cpu | Ask::SingleThread => "source cores",
            Ask::Memory | Ask::Storage | Ask::Heap => "GiB",
            Ask::Connections => "connections",
            Ask::Operations => "operations/s",
            Ask::Network => "Mbit/s",
            Ask::DiskOperations => "IOPS",
            Ask::DiskThroughput => "MiB/s",
            Ask::Messages => "messages/s",
            Ask::Shards => "shards",
            Ask::CapacityUnits => "units",
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.words())
    }
}

/// What a number rests on, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The service's own counters.
    OwnCounters,
    /// Its process group's share of the host.
    ProcessGroup,
    /// The whole host, since nothing tells the service apart.
    WholeHost,
    /// Nothing was measured: an assumption that is named.
    Assumed,
}

impl Evidence {
    /// Gives it in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Evidence::OwnCounters => "the service's own counters",
            Evidence::ProcessGroup => "its process group's share of the host",
            Evidence::WholeHost => "the whole host",
            Evidence::Assumed => "an assumption",
        }
    }
}

/// What a class must offer in one thing, and how the number came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// What is asked for.
    pub ask: Ask,
    /// How much a class must offer, in [`Ask::unit`].
    pub amount: f64,
    /// Highest value that was measured, in [`Ask::unit`]; absent where nothing was.
    pub peak: Option<f64>,
    /// End of the interval of the peak, UTC milliseconds.
    pub peak_at_ms: Option<i64>,
    /// What it rests on.
    pub from: Evidence,
    /// The formula with its numbers filled in.
    pub formula: String,
}

impl Need {
    /// Makes a need; amounts are rounded to thousandths so that tables and plan agree.
    pub(super) fn new(ask: Ask, amount: f64, from: Evidence, formula: String) -> Self {
        Self {
            ask,
            amount: rounded(amount),
            peak: None,
            peak_at_ms: None,
            from,
            formula,
        }
    }

    pub(super) fn with_peak(mut self, peak: f64, at_ms: i64) -> Self {
        self.peak = Some(rounded(peak));
        self.peak_at_ms = Some(at_ms);
        self
    }

    /// Gives the same need of one of so many equal parts.
    pub(super) fn split(&self, parts: u32) -> Self {
        let mut own = self.clone();
        if parts > 1 {
            own.amount = rounded(self.amount / f64::from(parts));
            own.formula = format!("{} / {parts} parts", self.formula);
        }
        own
    }
}

/// Rounds to thousandths.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
