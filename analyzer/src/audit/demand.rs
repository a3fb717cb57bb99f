//! What a host asked for, recomputed from raw series by plain sorting.
//!
//! Input: the raw columns of a host. Output: [`Measured`], the values that
//! were measured, beside their times and in order. Nothing of the profile's
//! summaries is used.

use telemetry::schema::{disk, host, network};
use telemetry::{ColumnId, NOT_MEASURED, Series};

use crate::profile::HostSeries;

/// The measured values of one dimension.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    pub(super) at_ms: Vec<i64>,
    pub(super) values: Vec<f64>,
    ascending: Vec<f64>,
}

impl Measured {
    /// Keeps what was measured; nothing when nothing was.
    fn of(rows: impl Iterator<Item = (i64, Option<f64>)>) -> Option<Self> {
        let (at_ms, values): (Vec<i64>, Vec<f64>) =
            rows.filter_map(|(at, value)| value.map(|value| (at, value))).unzip();
        let mut ascending = values.clone();
        ascending.sort_by(f64::total_cmp);
        (!values.is_empty()).then_some(Self {
            at_ms,
            values,
            ascending,
        })
    }

    /// Gives the smallest value that at least this share of the values do not exceed.
    pub(super) fn quantile(&self, level: f64) -> f64 {
        // Whole numbers, so that 95 % of 20 values are 19 and not 20 by a rounding error.
        let billionths = (level * 1e9).round() as u128;
        let rank = (billionths * self.ascending.len() as u128)
            .div_ceil(1_000_000_000)
            .max(1) as usize;
        self.ascending[rank.min(self.ascending.len()) - 1]
    }

    /// Gives the highest value.
    pub(super) fn maximum(&self) -> f64 {
        self.ascending[self.ascending.len() - 1]
    }

    /// Gives the first time at which the highest value was reached.
    pub(super) fn maximum_at_ms(&self) -> i64 {
        let highest = self.maximum();
        let first = self.values.iter().position(|value| *value == highest).unwrap_or(0);
        self.at_ms[first]
    }

    /// Gives the arithmetic mean.
    pub(super) fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Keeps the rows after an instant; nothing when none is left.
    pub(super) fn after(&self, at_ms: i64) -> Option<Self> {
        Self::of(
            self.at_ms
                .iter()
                .zip(&self.values)
                .filter(|(at, _)| **at > at_ms)
                .map(|(&at, &value)| (at, Some(value))),
        )
    }
}

/// Everything the audit needs of one host's raw series.
#[derive(Debug, Default)]
pub(super) struct HostDemand {
    pub(super) cpu: Option<Measured>,
    pub(super) memory: Option<Measured>,
    pub(super) disk_operations: Option<Measured>,
    pub(super) disk_bytes: Option<Measured>,
    pub(super) receive: Option<Measured>,
    pub(super) transmit: Option<Measured>,
    /// Received and sent bytes together.
    pub(super) traffic: Option<Measured>,
}

impl HostDemand {
    /// Adds up the raw columns.
    pub(super) fn of(series: &HostSeries) -> Self {
        let own = series.host.as_ref();
        Self {
            cpu: own.and_then(cpu),
            memory: own.and_then(memory),
            disk_operations: over_devices(&series.disks, &[disk::READS_PER_S, disk::WRITES_PER_S]),
            disk_bytes: over_devices(&series.disks, &[disk::READ_BYTES_PER_S, disk::WRITE_BYTES_PER_S]),
            receive: over_devices(&series.networks, &[network::RECEIVE_BYTES_PER_S]),
            transmit: over_devices(&series.networks, &[network::TRANSMIT_BYTES_PER_S]),
            traffic: over_devices(
                &series.networks,
                &[network::RECEIVE_BYTES_PER_S, network::TRANSMIT_BYTES_PER_S],
            ),
        }
    }

    /// Gives the direction with the higher P99.5, the received one if they are equal.
    pub(super) fn busier(&self) -> Option<&Measured> {
        match (&self.receive, &self.transmit) {
            (Some(receive), Some(transmit)) if transmit.quantile(0.995) > receive.quantile(0.995) => Some(transmit),
            (receive, transmit) => receive.as_ref().or(transmit.as_ref()),
        }
    }

    /// Gives the direction with the higher maximum, the received one if they are equal.
    pub(super) fn higher(&self) -> Option<&Measured> {
        match (&self.receive, &self.transmit) {
            (Some(receive), Some(transmit)) if transmit.maximum() > receive.maximum() => Some(transmit),
            (receive, transmit) => receive.as_ref().or(transmit.as_ref()),
        }
    }
}

/// Busy plus stolen CPUs.
fn cpu(series: &Series) -> Option<Measured> {
    Measured::of((0..series.len()).map(|row| {
        let busy = raw(series, host::CPU_BUSY_CORES, row);
        let stolen = raw(series, host::CPU_STEAL_CORES, row).unwrap_or(0);
        (
            series.at_ms[row],
            busy.map(|busy| (busy + stolen) as f64 / scale(series, host::CPU_BUSY_CORES)),
        )
    }))
}

/// Total minus available plus swap in use.
fn memory(series: &Series) -> Option<Measured> {
    Measured::of((0..series.len()).map(|row| {
        let total = raw(series, host::MEMORY_TOTAL_BYTES, row);
        let available = raw(series, host::MEMORY_AVAILABLE_BYTES, row);
        let swapped = raw(series, host::SWAP_USED_BYTES, row).unwrap_or(0);
        (
            series.at_ms[row],
            total
                .zip(available)
                .map(|(total, available)| (total - available + swapped) as f64),
        )
    }))
}

/// Sums columns of all devices, time by time; what no device measured stays unmeasured.
pub(super) fn over_devices(devices: &[Series], columns: &[ColumnId]) -> Option<Measured> {
    let per_unit = scale(devices.first()?, *columns.first()?);
    let mut parts: Vec<(i64, i64)> = devices
        .iter()
        .flat_map(|series| columns.iter().map(move |column| (series, *column)))
        .flat_map(|(series, column)| {
            (0..series.len()).filter_map(move |row| Some((series.at_ms[row], raw(series, column, row)?)))
        })
        .collect();
    parts.sort_unstable();
    Measured::of(parts.chunk_by(|a, b| a.0 == b.0).map(|same| {
        (
            same[0].0,
            Some(same.iter().map(|(_, raw)| raw).sum::<i64>() as f64 / per_unit),
        )
    }))
}

/// Gives one raw number; nothing when it was not measured.
pub(super) fn raw(series: &Series, column: ColumnId, row: usize) -> Option<i64> {
    series.raw(column)?.get(row).copied().filter(|raw| *raw != NOT_MEASURED)
}

/// Gives the raw units that make one of the column's unit.
pub(super) fn scale(series: &Series, column: ColumnId) -> f64 {
    series.table.columns()[column.index()].scale() as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use telemetry::Table;

    #[test]
    fn nineteen_of_twenty_values_are_the_95th_percentile() {
        let measured = Measured::of((1..=20).map(|value| (i64::from(value), Some(f64::from(value))))).unwrap();
        assert_eq!(measured.quantile(0.95), 19.0);
        assert_eq!(measured.quantile(1.0), 20.0);
        assert_eq!(measured.maximum_at_ms(), 20);
    }

    #[test]
    fn what_no_device_measured_stays_unmeasured() {
        let mut sda = Series::new(Table::Disk, "a", vec!["sda".into()]);
        sda.push(1, &[(disk::READS_PER_S, 1.0)]);
        sda.push(2, &[]);
        let total = over_devices(&[sda], &[disk::READS_PER_S, disk::WRITES_PER_S]).unwrap();
        assert_eq!(total.at_ms, [1]);
        assert_eq!(total.values, [1.0]);
    }

    proptest! {
        #[test]
        fn a_quantile_is_the_least_value_that_covers_its_share(
            values in prop::collection::vec(0_u16..500, 1..200),
            percent in 1_u32..=100,
        ) {
            let measured = Measured::of(
                values.iter().enumerate().map(|(at, value)| (at as i64, Some(f64::from(*value)))),
            ).unwrap();
            let quantile = measured.quantile(f64::from(percent) / 100.0);
            let covered = |limit: f64| values.iter().filter(|value| f64::from(**value) <= limit).count() * 100;
            prop_assert!(covered(quantile) >= percent as usize * values.len());
            prop_assert!(covered(quantile - 1.0) < percent as usize * values.len());
        }
    }
}
