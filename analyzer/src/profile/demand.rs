//! From stored columns to demand: what the workload asked for, interval by interval.
//!
//! CPU demand is busy plus steal, since stolen time was wanted and not given.
//! Memory demand is total minus available, plus swap in use. Disk and network
//! demand are sums over devices. Source: method §1.

use std::borrow::Cow;

use telemetry::schema::{disk, host, network};
use telemetry::{ColumnId, NOT_MEASURED, Series};

/// A demand series: raw numbers beside their times.
pub(crate) struct Demand<'a> {
    pub(crate) at_ms: Cow<'a, [i64]>,
    pub(crate) raw: Cow<'a, [i64]>,
}

/// Gives the CPUs kept busy plus those stolen, in thousandths.
pub(crate) fn cpu(series: &Series) -> Option<Cow<'_, [i64]>> {
    let busy = series.raw(host::CPU_BUSY_CORES)?;
    match series.raw(host::CPU_STEAL_CORES) {
        None => Some(Cow::Borrowed(busy)),
        Some(steal) => Some(Cow::Owned(
            busy.iter()
                .zip(steal)
                .map(|(&busy, &steal)| match (busy, steal) {
                    (NOT_MEASURED, _) => NOT_MEASURED,
                    (busy, NOT_MEASURED) => busy,
                    (busy, steal) => busy + steal,
                })
                .collect(),
        )),
    }
}

/// Gives the CPU demand of a host as ends of intervals (UTC milliseconds) and busy cores; what was not measured is left out.
#[must_use]
pub fn cpu_samples(series: &Series) -> Vec<(i64, f64)> {
    let column = &series.table.columns()[host::CPU_BUSY_CORES.index()];
    let demand = cpu(series).unwrap_or_default();
    series
        .at_ms
        .iter()
        .zip(demand.iter())
        .filter_map(|(&at, &raw)| Some((at, column.to_value(raw)?)))
        .collect()
}

/// Gives total minus available plus swap in use, in bytes; never the hypervisor's active memory.
pub(crate) fn memory(series: &Series) -> Option<Vec<i64>> {
    let total = series.raw(host::MEMORY_TOTAL_BYTES)?;
    let available = series.raw(host::MEMORY_AVAILABLE_BYTES)?;
    let used = |total: i64, available: i64| {
        if total == NOT_MEASURED || available == NOT_MEASURED {
            NOT_MEASURED
        } else {
            total - available
        }
    };
    Some(match series.raw(host::SWAP_USED_BYTES) {
        None => total
            .iter()
            .zip(available)
            .map(|(&total, &available)| used(total, available))
            .collect(),
        Some(swap) => total
            .iter()
            .zip(available)
            .zip(swap)
            .map(|((&total, &available), &swap)| match (used(total, available), swap) {
                (NOT_MEASURED, _) => NOT_MEASURED,
                (used, NOT_MEASURED) => used,
                (used, swap) => used + swap,
            })
            .collect(),
    })
}

/// Adds up columns over the series of all devices of a host.
///
/// A device that did not measure an interval adds nothing to it; an interval
/// that no device measured stays unmeasured.
pub(crate) fn total<'a>(devices: &'a [Series], columns: &[ColumnId]) -> Option<Demand<'a>> {
    let mut parts: Vec<(&[i64], &[i64])> = Vec::with_capacity(devices.len() * columns.len());
    for device in devices {
        for &column in columns {
            if let Some(raw) = device.raw(column) {
                parts.push((&device.at_ms, raw));
            }
        }
    }
    let (&(first_at, first_raw), rest) = parts.split_first()?;
    if rest.is_empty() {
        return Some(Demand {
            at_ms: Cow::Borrowed(first_at),
            raw: Cow::Borrowed(first_raw),
        });
    }
    if rest.iter().all(|(at, _)| *at == first_at) {
        let mut sum = first_raw.to_vec();
        for (_, raw) in rest {
            for (sum, &raw) in sum.iter_mut().zip(*raw) {
                *sum = add(*sum, raw);
            }
        }
        return Some(Demand {
            at_ms: Cow::Borrowed(first_at),
            raw: Cow::Owned(sum),
        });
    }
    let mut rows: Vec<(i64, i64)> = parts
        .iter()
        .flat_map(|(at, raw)| at.iter().copied().zip(raw.iter().copied()))
        .collect();
    rows.sort_by_key(|&(at, _)| at);
    let mut at_ms = Vec::new();
    let mut sum: Vec<i64> = Vec::new();
    for (at, raw) in rows {
        match (at_ms.last(), sum.last_mut()) {
            (Some(&last), Some(value)) if last == at => *value = add(*value, raw),
            _ => {
                at_ms.push(at);
                sum.push(raw);
            }
        }
    }
    Some(Demand {
        at_ms: Cow::Owned(at_ms),
        raw: Cow::Owned(sum),
    })
}

fn add(sum: i64, raw: i64) -> i64 {
    match (sum, raw) {
        (NOT_MEASURED, raw) => raw,
        (sum, NOT_MEASURED) => sum,
        (sum, raw) => sum + raw,
    }
}

/// Columns that make disk operations.
pub(crate) const DISK_OPERATIONS: [ColumnId; 2] = [disk::READS_PER_S, disk::WRITES_PER_S];
/// Columns that make disk bytes.
pub(crate) const DISK_BYTES: [ColumnId; 2] = [disk::READ_BYTES_PER_S, disk::WRITE_BYTES_PER_S];
/// Column of received bytes.
pub(crate) const NETWORK_RECEIVE: [ColumnId; 1] = [network::RECEIVE_BYTES_PER_S];
/// Column of sent bytes.
pub(crate) const NETWORK_TRANSMIT: [ColumnId; 1] = [network::TRANSMIT_BYTES_PER_S];

/// Columns of the host table that [`cpu`] needs.
pub(crate) const CPU_COLUMNS: [ColumnId; 2] = [host::CPU_BUSY_CORES, host::CPU_STEAL_CORES];
/// Columns of the host table that a profile needs.
pub(crate) const HOST_COLUMNS: [ColumnId; 9] = [
    host::CPU_CORES,
    host::CPU_BUSY_CORES,
    host::CPU_BUSY_CORES_MAX,
    host::CPU_STEAL_CORES,
    host::MEMORY_TOTAL_BYTES,
    host::MEMORY_AVAILABLE_BYTES,
    host::MEMORY_ACTIVE_BYTES,
    host::SWAP_USED_BYTES,
    host::PRESSURE_CPU_SOME,
];
/// Columns of the disk table that a profile needs.
pub(crate) const DISK_COLUMNS: [ColumnId; 4] = [
    disk::READS_PER_S,
    disk::WRITES_PER_S,
    disk::READ_BYTES_PER_S,
    disk::WRITE_BYTES_PER_S,
];
/// Columns of the network table that a profile needs.
pub(crate) const NETWORK_COLUMNS: [ColumnId; 2] = [network::RECEIVE_BYTES_PER_S, network::TRANSMIT_BYTES_PER_S];
/// Columns of the disk table that a chart needs.
pub(crate) const DISK_COLUMNS_WITH_MAXIMA: [ColumnId; 8] = [
    disk::READS_PER_S,
    disk::WRITES_PER_S,
    disk::READ_BYTES_PER_S,
    disk::WRITE_BYTES_PER_S,
    disk::READS_PER_S_MAX,
    disk::WRITES_PER_S_MAX,
    disk::READ_BYTES_PER_S_MAX,
    disk::WRITE_BYTES_PER_S_MAX,
];
/// Columns of the network table that a chart needs.
pub(crate) const NETWORK_COLUMNS_WITH_MAXIMA: [ColumnId; 4] = [
    network::RECEIVE_BYTES_PER_S,
    network::TRANSMIT_BYTES_PER_S,
    network::RECEIVE_BYTES_PER_S_MAX,
    network::TRANSMIT_BYTES_PER_S_MAX,
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use telemetry::Table;

    #[test]
    fn stolen_time_is_demand() {
        let mut series = Series::new(Table::Host, "a", vec![]);
        series.push(1, &[(host::CPU_BUSY_CORES, 1.0), (host::CPU_STEAL_CORES, 0.5)]);
        series.push(2, &[(host::CPU_BUSY_CORES, 1.0)]);
        assert_eq!(cpu(&series).unwrap().as_ref(), [1500, 1000]);
    }

    #[test]
    fn devices_with_other_times_add_up_where_they_meet() {
        let mut sda = Series::new(Table::Disk, "a", vec!["sda".into()]);
        sda.push(1, &[(disk::READS_PER_S, 1.0)]);
        sda.push(2, &[(disk::READS_PER_S, 1.0)]);
        let mut sdb = Series::new(Table::Disk, "a", vec!["sdb".into()]);
        sdb.push(2, &[(disk::READS_PER_S, 2.0)]);
        sdb.push(3, &[(disk::READS_PER_S, 4.0)]);
        let devices = [sda, sdb];
        let total = total(&devices, &DISK_OPERATIONS).unwrap();
        assert_eq!(total.at_ms.as_ref(), [1, 2, 3]);
        assert_eq!(total.raw.as_ref(), [100, 300, 400]);
    }
}
