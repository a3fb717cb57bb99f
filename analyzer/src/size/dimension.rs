//! The dimensions a shape is checked in, and what each lacks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing a workload asks of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Busy CPUs of the source, in vCPUs of the shape.
    Cpu,
    /// Memory in use.
    Memory,
    /// Disk operations, against the EBS baseline.
    DiskOperations,
    /// Disk bytes, against the EBS baseline.
    DiskThroughput,
    /// Network bytes in the busier direction, against the baseline.
    Network,
    /// Highest disk operations, against what EBS reaches for half an hour a day.
    DiskOperationsPeak,
    /// Highest disk bytes, against what EBS reaches for half an hour a day.
    DiskThroughputPeak,
    /// Highest network bytes, against what the shape reaches in bursts.
    NetworkPeak,
}

impl Dimension {
    /// Every dimension, in the order they are checked.
    pub const ALL: [Dimension; 8] = [
        Dimension::Cpu,
        Dimension::Memory,
        Dimension::DiskOperations,
        Dimension::DiskThroughput,
        Dimension::Network,
        Dimension::DiskOperationsPeak,
        Dimension::DiskThroughputPeak,
        Dimension::NetworkPeak,
    ];

    /// Gives the name in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Dimension::Cpu => "CPU",
            Dimension::Memory => "memory",
            Dimension::DiskOperations => "disk operations",
            Dimension::DiskThroughput => "disk throughput",
            Dimension::Network => "network",
            Dimension::DiskOperationsPeak => "peak disk operations",
            Dimension::DiskThroughputPeak => "peak disk throughput",
            Dimension::NetworkPeak => "peak network",
        }
    }

    /// Gives the unit in which [`Dimension::show`] prints.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Dimension::Cpu => "vCPU",
            Dimension::Memory => "GiB",
            Dimension::DiskOperations | Dimension::DiskOperationsPeak => "IOPS",
            Dimension::DiskThroughput | Dimension::DiskThroughputPeak => "MiB/s",
            Dimension::Network | Dimension::NetworkPeak => "Mbit/s",
        }
    }

    /// Turns an amount in the dimension's base unit (cores, bytes, operations or bytes per second) into [`Dimension::unit`].
    #[must_use]
    pub fn show(self, amount: f64) -> f64 {
        match self {
            Dimension::Cpu | Dimension::DiskOperations | Dimension::DiskOperationsPeak => amount,
            Dimension::Memory => amount / telemetry::units::GIBIBYTE,
            Dimension::DiskThroughput | Dimension::DiskThroughputPeak => amount / telemetry::units::MEBIBYTE,
            Dimension::Network | Dimension::NetworkPeak => amount * 8.0 / 1e6,
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.words())
    }
}

/// Why a candidate was rejected: it offers less than is needed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shortfall {
    /// Where it falls short.
    pub dimension: Dimension,
    /// What is needed, in the dimension's base unit.
    pub needed: f64,
    /// What the shape offers; absent where AWS does not say.
    pub offered: Option<f64>,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needed = number(self.dimension.show(self.needed));
        let unit = self.dimension.unit();
        match self.offered {
            Some(offered) => write!(
                out,
                "{}: needs {needed} {unit}, offers {}",
                self.dimension,
                number(self.dimension.show(offered))
            ),
            None => write!(out, "{}: needs {needed} {unit}, not stated by AWS", self.dimension),
        }
    }
}

/// Writes a number with three significant digits, or whole from 100 on.
#[must_use]
pub fn number(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => "?".to_string(),
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        size if size >= 0.9995 || size == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
