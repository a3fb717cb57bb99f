//! The charts of one host: from its series, profile and recommendation to plain numbers in units people use.

use jiff::tz::TimeZone;
use telemetry::schema::{disk, host, network};
use telemetry::units::{GIBIBYTE, MEBIBYTE};
use telemetry::{ColumnId, Series};

use super::drawing::Drawing;
use super::time_series::{Capacity, Level, TimeSeries, Track, time_series};
use crate::catalog::{Shape, VolumeType};
use crate::plan::Recommendation;
use crate::profile::{HostProfile, HostSeries, MetricProfile};
use crate::size::Storage;

/// Bits of a byte per second, in Mbit/s.
const MEGABITS_PER_BYTE: f64 = 8.0 / 1e6;

/// What of a host is charted over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostMetric {
    /// CPU demand, cores.
    Cpu,
    /// Memory in use, GiB.
    Memory,
    /// Disk operations, IOPS.
    DiskOperations,
    /// Disk bytes, MiB/s.
    DiskThroughput,
    /// Bytes received and sent, Mbit/s.
    Network,
}

impl HostMetric {
    /// Every chart of a host, in the order they are shown.
    pub const ALL: [HostMetric; 5] = [
        HostMetric::Cpu,
        HostMetric::Memory,
        HostMetric::DiskOperations,
        HostMetric::DiskThroughput,
        HostMetric::Network,
    ];

    /// Gives the name in words, such as "disk operations".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            HostMetric::Cpu => "CPU",
            HostMetric::Memory => "memory",
            HostMetric::DiskOperations => "disk operations",
            HostMetric::DiskThroughput => "disk throughput",
            HostMetric::Network => "network",
        }
    }

    /// Gives the name for files and identifiers, such as `disk-operations`.
    #[must_use]
    pub const fn file_part(self) -> &'static str {
        match self {
            HostMetric::Cpu => "cpu",
            HostMetric::Memory => "memory",
            HostMetric::DiskOperations => "disk-operations",
            HostMetric::DiskThroughput => "disk-throughput",
            HostMetric::Network => "network",
        }
    }

    /// Gives the unit of the axis.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            HostMetric::Cpu => "cores",
            HostMetric::Memory => "GiB",
            HostMetric::DiskOperations => "IOPS",
            HostMetric::DiskThroughput => "MiB/s",
            HostMetric::Network => "Mbit/s",
        }
    }

    /// Turns the base unit (cores, bytes, a second) into the axis's.
    fn shown(self, value: f64) -> f64 {
        match self {
            HostMetric::Cpu | HostMetric::DiskOperations => value,
            HostMetric::Memory => value / GIBIBYTE,
            HostMetric::DiskThroughput => value / MEBIBYTE,
            HostMetric::Network => value * MEGABITS_PER_BYTE,
        }
    }
}

/// What the charts of a host are made of.
#[derive(Clone, Copy, Debug)]
pub struct HostChartInputs<'a> {
    /// Its measurements.
    pub series: &'a HostSeries,
    /// Its profile, for quantiles and today's size.
    pub profile: &'a HostProfile,
    /// Its recommendation, for the proposal's capacities; without one only today's are drawn.
    pub recommendation: Option<&'a Recommendation>,
    /// The proposed instance type, for its disk and network limits; without it they are not drawn.
    pub shape: Option<&'a Shape>,
    /// The assessment's zone.
    pub zone: &'a TimeZone,
}

/// Draws one metric of a host over time; nothing where it was not measured.
#[must_use]
pub fn host_chart(metric: HostMetric, inputs: &HostChartInputs<'_>) -> Option<Drawing> {
    let tracks = tracks(metric, inputs.series);
    time_series(&TimeSeries {
        host: &inputs.profile.host,
        dimension: metric.words(),
        unit: metric.unit(),
        levels: levels(metric, inputs.profile),
        capacities: capacities(metric, inputs),
        tracks,
        zone: inputs.zone,
    })
}

/// Takes the demand and, where one column makes it, the highest sub-samples.
fn tracks(metric: HostMetric, series: &HostSeries) -> Vec<Track> {
    let one = |demand: Option<(Vec<i64>, Vec<f64>)>, parts: &[Series], columns: &[ColumnId], name: &str| {
        let (at_ms, values) = demand?;
        let highest = highest_parts(&at_ms, parts, columns)
            .map(|values| values.into_iter().map(|value| metric.shown(value)).collect());
        let values = values.into_iter().map(|value| metric.shown(value)).collect();
        Some(Track {
            name: name.to_string(),
            at_ms,
            values,
            highest,
        })
    };
    let on_host = series.host.as_slice();
    let tracks = match metric {
        HostMetric::Cpu => [one(series.cpu(), on_host, &[host::CPU_BUSY_CORES_MAX], ""), None],
        HostMetric::Memory => [one(series.memory(), &[], &[], ""), None],
        HostMetric::DiskOperations => {
            let columns = [disk::READS_PER_S_MAX, disk::WRITES_PER_S_MAX];
            [one(series.disk_operations(), &series.disks, &columns, ""), None]
        }
        HostMetric::DiskThroughput => {
            let columns = [disk::READ_BYTES_PER_S_MAX, disk::WRITE_BYTES_PER_S_MAX];
            [one(series.disk_bytes(), &series.disks, &columns, ""), None]
        }
        HostMetric::Network => [
            one(
                series.network_receive(),
                &series.networks,
                &[network::RECEIVE_BYTES_PER_S_MAX],
                "receive",
            ),
            one(
                series.network_transmit(),
                &series.networks,
                &[network::TRANSMIT_BYTES_PER_S_MAX],
                "transmit",
            ),
        ],
    };
    tracks.into_iter().flatten().collect()
}

/// Gives, for each instant, the highest sub-sample of any single column of any part; nothing where there is none.
///
/// Maxima of several devices need not coincide, so their sum may never have
/// been reached; the highest single one certainly was.
fn highest_parts(at_ms: &[i64], parts: &[Series], columns: &[ColumnId]) -> Option<Vec<f64>> {
    let mut highest = vec![f64::NAN; at_ms.len()];
    let mut any = false;
    for part in parts {
        for &column in columns {
            let Some(raw) = part.raw(column) else { continue };
            let mut row = 0;
            for (own, &at) in part.at_ms.iter().enumerate().take(raw.len()) {
                while row < at_ms.len() && at_ms[row] < at {
                    row += 1;
                }
                if row == at_ms.len() {
                    break;
                }
                if at_ms[row] == at
                    && let Some(value) = part.value(column, own)
                    && (highest[row].is_nan() || value > highest[row])
                {
                    highest[row] = value;
                    any = true;
                }
            }
        }
    }
    any.then_some(highest)
}

fn levels(metric: HostMetric, profile: &HostProfile) -> Vec<Level> {
    let busier =
        |one: &'_ Option<MetricProfile>, other: &'_ Option<MetricProfile>| -> Option<(MetricProfile, &'static str)> {
            match (one, other) {
                (Some(receive), Some(transmit)) if transmit.quantile(0.995) > receive.quantile(0.995) => {
                    Some((transmit.clone(), " transmit"))
                }
                (Some(receive), _) => Some((receive.clone(), " receive")),
                (None, Some(transmit)) => Some((transmit.clone(), " transmit")),
                (None, None) => None,
            }
        };
    let known = match metric {
        HostMetric::Cpu => profile.cpu.clone().map(|metric| (metric, "")),
        HostMetric::Memory => profile.memory.clone().map(|metric| (metric, "")),
        HostMetric::DiskOperations => profile.disk_operations.clone().map(|metric| (metric, "")),
        HostMetric::DiskThroughput => profile.disk_bytes.clone().map(|metric| (metric, "")),
        HostMetric::Network => busier(&profile.network_receive, &profile.network_transmit),
    };
    let Some((quantiles, of)) = known else {
        return Vec::new();
    };
    [("P95", 0.95), ("P99.5", 0.995)]
        .map(|(name, level)| Level {
            name: format!("{name}{of}"),
            value: metric.shown(quantiles.quantile(level)),
        })
        .to_vec()
}

fn capacities(metric: HostMetric, inputs: &HostChartInputs<'_>) -> Vec<Capacity> {
    let today = match metric {
        HostMetric::Cpu => inputs.profile.source.vcpus,
        HostMetric::Memory => inputs.profile.source.memory_bytes.map(|bytes| metric.shown(bytes)),
        HostMetric::DiskOperations | HostMetric::DiskThroughput | HostMetric::Network => None,
    };
    let today = today.map(|value| Capacity {
        of: String::new(),
        value,
        proposed: false,
    });
    let proposed = inputs.recommendation.and_then(|row| {
        let count = f64::from(row.instance_count.max(1));
        let (value, of) = match metric {
            // What the proposal carries, in cores of the machine that was measured.
            HostMetric::Cpu => (
                f64::from(row.vcpu?) * count * row.cpu_equivalence?,
                row.instance_type.clone()?,
            ),
            HostMetric::Memory => (row.memory_gib? * count, row.instance_type.clone()?),
            HostMetric::DiskOperations => (disk_operations(row, inputs.shape)?, "volumes and EBS limit".to_string()),
            HostMetric::DiskThroughput => (
                metric.shown(disk_bytes_per_second(row, inputs.shape)?),
                "volumes and EBS limit".to_string(),
            ),
            HostMetric::Network => {
                let baseline = inputs.shape?.network.baseline.as_bytes_per_second();
                (
                    metric.shown(baseline * count),
                    format!("{} baseline", inputs.shape?.name),
                )
            }
        };
        Some(Capacity {
            of,
            value,
            proposed: true,
        })
    });
    today.into_iter().chain(proposed).collect()
}

/// Gives what the proposed volumes do together, within what the type allows.
fn disk_operations(row: &Recommendation, shape: Option<&Shape>) -> Option<f64> {
    let of_volumes = match &row.proof.storage {
        Storage::Known(volumes) => volumes
            .iter()
            .map(|volume| volume.provisioned_iops.map(f64::from))
            .sum::<Option<f64>>(),
        Storage::Unknown { .. } => None,
    };
    let of_shape = shape
        .and_then(|shape| shape.ebs)
        .map(|ebs| ebs.baseline_iops.as_operations_per_second());
    lower(of_volumes, of_shape)
}

fn disk_bytes_per_second(row: &Recommendation, shape: Option<&Shape>) -> Option<f64> {
    let of_volumes = match &row.proof.storage {
        // Only gp3 has a throughput to set; io2 and st1 follow other limits.
        Storage::Known(volumes) if volumes.iter().all(|volume| volume.kind == VolumeType::Gp3) => volumes
            .iter()
            .map(|volume| volume.provisioned_mib_per_second.map(|rate| f64::from(rate) * MEBIBYTE))
            .sum::<Option<f64>>(),
        Storage::Known(_) | Storage::Unknown { .. } => None,
    };
    let of_shape = shape
        .and_then(|shape| shape.ebs)
        .map(|ebs| ebs.baseline.as_bytes_per_second());
    lower(of_volumes, of_shape)
}

fn lower(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
    .filter(|value| *value > 0.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use telemetry::Table;

    /// Tells whether two rates are the same to the bits that are kept.
    fn is_about(got: f64, expected: f64) -> bool {
        (got / expected - 1.0).abs() < 0.002
    }

    #[test]
    fn the_highest_sub_sample_is_one_that_was_reached() {
        let mut sda = Series::new(Table::Disk, "a", vec!["sda".into()]);
        sda.push(
            60_000,
            &[
                (disk::READS_PER_S, 10.0),
                (disk::READS_PER_S_MAX, 50.0),
                (disk::WRITES_PER_S_MAX, 20.0),
            ],
        );
        sda.push(120_000, &[(disk::READS_PER_S, 10.0)]);
        let mut sdb = Series::new(Table::Disk, "a", vec!["sdb".into()]);
        sdb.push(60_000, &[(disk::READS_PER_S, 10.0), (disk::READS_PER_S_MAX, 30.0)]);
        let series = HostSeries {
            disks: vec![sda, sdb],
            ..HostSeries::default()
        };
        let tracks = tracks(HostMetric::DiskOperations, &series);
        let highest = tracks[0].highest.as_ref().unwrap();
        assert_eq!(tracks[0].values, [20.0, 10.0]);
        assert!(is_about(highest[0], 50.0), "{}", highest[0]);
        assert!(highest[1].is_nan());
    }

    #[test]
    fn network_has_two_tracks_in_megabits() {
        let mut port = Series::new(Table::Network, "a", vec!["eth0".into()]);
        port.push(
            60_000,
            &[
                (network::RECEIVE_BYTES_PER_S, 1e6),
                (network::TRANSMIT_BYTES_PER_S, 2e6),
            ],
        );
        let series = HostSeries {
            networks: vec![port],
            ..HostSeries::default()
        };
        let tracks = tracks(HostMetric::Network, &series);
        for (track, expected) in tracks.iter().zip([8.0, 16.0]) {
            assert!(is_about(track.values[0], expected), "{}", track.values[0]);
        }
        assert_eq!(tracks[1].name, "transmit");
    }

    #[test]
    fn what_was_not_measured_has_no_chart() {
        assert!(tracks(HostMetric::Memory, &HostSeries::default()).is_empty());
    }
}
