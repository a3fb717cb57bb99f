//! Performance Co-Pilot (and collectl through `collectl2pcp`): what `pmrep -o csv` writes, plain or with `-k`.
//!
//! Columns are metrics, an instance behind the first hyphen
//! (`disk.dev.read-sda`). The file names no units: they are pmrep's own (KiB of
//! memory and disks, bytes of networks, rates of counters by second), so no
//! option of scaling must have been given. Of CPU time the file shows itself
//! whether it is in milliseconds or seconds a second.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::Table;
use telemetry::schema::{ColumnId, disk, filesystem, host, network};

use super::Options;
use super::devices::{counting_disks, interface_counts};
use super::fields::Table as Csv;
use super::parsed::Parsed;
use super::when;
use crate::import::error::{ImportError, shown};

const KIB: f64 = 1024.0;

/// Modes of CPU time, all of which together are the time that there is.
const MODES: [&str; 8] = [
    "user",
    "nice",
    "sys",
    "idle",
    "wait.total",
    "steal",
    "irq.hard",
    "irq.soft",
];

/// Metrics of the whole host: column, what a value is multiplied by.
const HOST: [(&str, ColumnId, f64); 8] = [
    ("kernel.all.load-1 minute", host::LOAD1, 1.0),
    ("kernel.all.runnable", host::RUNNABLE, 1.0),
    ("mem.physmem", host::MEMORY_TOTAL_BYTES, KIB),
    ("mem.util.available", host::MEMORY_AVAILABLE_BYTES, KIB),
    ("mem.util.cached", host::MEMORY_CACHED_BYTES, KIB),
    ("mem.util.anonpages", host::MEMORY_ANON_BYTES, KIB),
    // Microseconds a second.
    ("kernel.all.pressure.cpu.some.total", host::PRESSURE_CPU_SOME, 1e-6),
    (
        "kernel.all.pressure.memory.some.total",
        host::PRESSURE_MEMORY_SOME,
        1e-6,
    ),
];

/// Metrics of disks and interfaces.
const DEVICES: [(Table, &str, ColumnId, f64); 9] = [
    (Table::Disk, "disk.dev.read", disk::READS_PER_S, 1.0),
    (Table::Disk, "disk.dev.write", disk::WRITES_PER_S, 1.0),
    (Table::Disk, "disk.dev.read_bytes", disk::READ_BYTES_PER_S, KIB),
    (Table::Disk, "disk.dev.write_bytes", disk::WRITE_BYTES_PER_S, KIB),
    // Milliseconds a second.
    (Table::Disk, "disk.dev.avactive", disk::BUSY_FRACTION, 1e-3),
    (
        Table::Network,
        "network.interface.in.bytes",
        network::RECEIVE_BYTES_PER_S,
        1.0,
    ),
    (
        Table::Network,
        "network.interface.out.bytes",
        network::TRANSMIT_BYTES_PER_S,
        1.0,
    ),
    (
        Table::Network,
        "network.interface.in.packets",
        network::RECEIVE_PACKETS_PER_S,
        1.0,
    ),
    (
        Table::Network,
        "network.interface.out.packets",
        network::TRANSMIT_PACKETS_PER_S,
        1.0,
    ),
];

/// A device and its columns of the file.
type Device = (Table, String, Vec<(usize, ColumnId, f64)>);

/// Which columns of a file are what.
struct Layout {
    modes: Vec<(&'static str, usize)>,
    cores: Option<usize>,
    host: Vec<(usize, ColumnId, f64)>,
    swap: Option<(usize, usize)>,
    devices: Vec<Device>,
    mounts: Vec<Mount>,
}

/// A file system: its device, and the columns of mount point, size and use.
struct Mount {
    device: String,
    mount: usize,
    size: usize,
    used: usize,
}

/// Reads one file.
pub(crate) fn read(options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut csv = Csv::open(options.path)?;
    let time = Some(csv.needed(&["Time"])?);
    // `-k` writes these two before the time.
    let host_column = csv.column(&["Host"]);
    let interval = csv.column(&["Interval"]);
    let layout = layout(&mut csv, parsed);
    csv.tell_unused(parsed);
    if layout.modes.is_empty() && layout.host.is_empty() && layout.devices.is_empty() {
        return Err(ImportError::MissingColumn {
            path: options.path.to_path_buf(),
            place: "the import".to_string(),
            name: "kernel.all.cpu.user".to_string(),
            known: shown(&csv.names().join(", ")),
            nearest: None,
        });
    }
    let mut earlier: BTreeMap<String, i64> = BTreeMap::new();
    while csv.next()? {
        parsed.rows_read += 1;
        let name = match (options.host, csv.text(host_column)) {
            (Some(name), _) => name.to_string(),
            // What a local context calls its host says nothing.
            (None, "" | "localhost") => options.stem(),
            (None, name) => name.to_string(),
        };
        let at_ms = at(&csv, time, options)?;
        let since = earlier.insert(name.clone(), at_ms).map(|before| at_ms - before);
        let seconds = match csv.number(interval)? {
            stated if stated > 0.0 => stated,
            _ => since.filter(|ms| *ms > 0).map_or(f64::NAN, |ms| ms as f64 / 1000.0),
        };
        row(&csv, &layout, &name, at_ms, seconds, options, parsed)?;
    }
    parsed
        .note("units are pmrep's own; a file that was written with -b, -y, -q or another scale would be read wrongly");
    Ok(())
}

/// Finds what the file has.
fn layout(csv: &mut Csv, parsed: &mut Parsed) -> Layout {
    let names: Vec<String> = csv.names().to_vec();
    let mut find = |name: &str| csv.exact(name);
    let modes = MODES
        .iter()
        .filter_map(|mode| Some((*mode, find(&format!("kernel.all.cpu.{mode}"))?)))
        .collect();
    let cores = find("hinv.ncpu");
    let of_host = HOST
        .iter()
        .filter_map(|(name, column, factor)| Some((find(name)?, *column, *factor)))
        .collect();
    let swap = find("mem.util.swapTotal").zip(find("mem.util.swapFree"));
    let mut devices: Vec<Device> = Vec::new();
    for (table, metric, column, factor) in DEVICES {
        let before = format!("{metric}-");
        for name in &names {
            let Some(device) = name.strip_prefix(&before).filter(|device| !device.is_empty()) else {
                continue;
            };
            let Some(place) = find(name) else { continue };
            match devices
                .iter_mut()
                .find(|(other, known, _)| *other == table && known == device)
            {
                Some((_, _, columns)) => columns.push((place, column, factor)),
                None => devices.push((table, device.to_string(), vec![(place, column, factor)])),
            }
        }
    }
    let disks: Vec<String> = devices
        .iter()
        .filter(|(table, ..)| *table == Table::Disk)
        .map(|(_, device, _)| device.clone())
        .collect();
    let disks: Vec<&str> = disks.iter().map(String::as_str).collect();
    let counted: BTreeSet<&str> = counting_disks(&disks).into_iter().collect();
    devices.retain(|(table, device, _)| {
        let counts = match table {
            Table::Disk => counted.contains(device.as_str()),
            _ => interface_counts(device),
        };
        if !counts {
            parsed.leave_out("columns of partitions, volumes and virtual interfaces, which count elsewhere");
        }
        counts
    });
    let mut mounts = Vec::new();
    for name in &names {
        let Some(device) = name.strip_prefix("filesys.mountdir-") else {
            continue;
        };
        let columns = (
            find(name),
            find(&format!("filesys.capacity-{device}")),
            find(&format!("filesys.used-{device}")),
        );
        if let (Some(mount), Some(size), Some(used)) = columns {
            mounts.push(Mount {
                device: device.to_string(),
                mount,
                size,
                used,
            });
        }
    }
    Layout {
        modes,
        cores,
        host: of_host,
        swap,
        devices,
        mounts,
    }
}

/// Reads `2026-11-29 02:32:06`, and with `-k` its offset: `UTC+7`, `UTC-3:30`.
fn at(csv: &Csv, time: Option<usize>, options: &Options<'_>) -> Result<i64, ImportError> {
    let text = csv.text(time);
    let Some((local, offset)) = text.split_once(" UTC") else {
        return csv.time(time, options.zone);
    };
    let (sign, digits) = match offset.split_at_checked(1) {
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => (1, "0"),
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let seconds = || Some(sign * (hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60));
    seconds()
        .and_then(|seconds| jiff::tz::Offset::from_seconds(seconds).ok())
        .and_then(|offset| when::iso(local, &offset.to_time_zone()))
        .ok_or_else(|| csv.bad(time, when::EXPECTED))
}

fn row(
    csv: &Csv,
    layout: &Layout,
    name: &str,
    at_ms: i64,
    seconds: f64,
    options: &Options<'_>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let id = parsed.host(name);
    let mut values = vec![(host::INTERVAL_S, seconds)];
    for (place, column, factor) in &layout.host {
        values.push((*column, csv.number(Some(*place))? * factor));
    }
    if let Some((total, free)) = layout.swap {
        values.push((
            host::SWAP_USED_BYTES,
            (csv.number(Some(total))? - csv.number(Some(free))?) * KIB,
        ));
    }
    cpu(csv, layout, name, options, parsed, &mut values)?;
    // An interval alone is no row.
    if values[1..].iter().any(|(_, value)| !value.is_nan()) {
        parsed.host_row(id, at_ms, &values);
    }
    for (table, device, columns) in &layout.devices {
        let interval = match table {
            Table::Disk => disk::INTERVAL_S,
            _ => network::INTERVAL_S,
        };
        let mut values = vec![(interval, seconds)];
        for (place, column, factor) in columns {
            values.push((*column, csv.number(Some(*place))? * factor));
        }
        if values[1..].iter().any(|(_, value)| !value.is_nan()) {
            let labels = parsed.labels(&[device]);
            parsed.row(*table, id, labels, at_ms, &values);
        }
    }
    for mount in &layout.mounts {
        let place = csv.text(Some(mount.mount)).to_string();
        if !place.starts_with('/') {
            continue;
        }
        let size = csv.number(Some(mount.size))? * KIB;
        let used = csv.number(Some(mount.used))? * KIB;
        // The type of a file system has no metric.
        let labels = parsed.labels(&[&place, &mount.device, ""]);
        parsed.row(
            Table::Filesystem,
            id,
            labels,
            at_ms,
            &[(filesystem::SIZE_BYTES, size), (filesystem::USED_BYTES, used)],
        );
    }
    Ok(())
}

/// CPU time by mode: its sum tells the CPUs there are and the unit.
fn cpu(
    csv: &Csv,
    layout: &Layout,
    name: &str,
    options: &Options<'_>,
    parsed: &mut Parsed,
    values: &mut Vec<(ColumnId, f64)>,
) -> Result<(), ImportError> {
    let mut by_mode = BTreeMap::new();
    for (mode, place) in &layout.modes {
        by_mode.insert(*mode, csv.number(Some(*place))?);
    }
    let stated = csv.number(layout.cores)?;
    let known = if stated > 0.0 {
        Some(stated)
    } else {
        options.cores(name)
    };
    if let Some(cores) = known {
        values.push((host::CPU_CORES, cores));
    }
    // The first row of a file has no rates.
    let Some(user) = by_mode.get("user").copied().filter(|user| !user.is_nan()) else {
        return Ok(());
    };
    let mode = |name: &str| by_mode.get(name).copied().filter(|value| !value.is_nan());
    let (Some(system), Some(idle)) = (mode("sys"), mode("idle")) else {
        parsed.leave_out("rows of CPU time without kernel.all.cpu.sys and kernel.all.cpu.idle, which tell nothing");
        return Ok(());
    };
    let sum: f64 = MODES.iter().filter_map(|name| mode(name)).sum();
    let Some((unit, cores)) = unit_of(sum, known) else {
        parsed.leave_out("rows of CPU time that is neither milliseconds nor seconds a second of the CPUs there are");
        return Ok(());
    };
    if known.is_none() {
        values.push((host::CPU_CORES, cores));
    }
    let of = |name: &str| mode(name).unwrap_or_default() * unit;
    let busy = (sum * unit - idle * unit - of("wait.total") - of("steal")).max(0.0);
    values.push((host::CPU_BUSY_CORES, busy));
    values.push((host::CPU_USER_CORES, user * unit + of("nice")));
    values.push((host::CPU_SYSTEM_CORES, system * unit + of("irq.hard") + of("irq.soft")));
    if let Some(wait) = mode("wait.total") {
        values.push((host::CPU_IOWAIT_CORES, wait * unit));
    }
    if let Some(steal) = mode("steal") {
        values.push((host::CPU_STEAL_CORES, steal * unit));
    }
    Ok(())
}

/// Tells what CPU time is multiplied by to be cores, and how many cores that makes.
///
/// All modes of a CPU together are 1,000 ms or 1 s a second; a fifth may be
/// missing where a mode was not asked for, or too much where ticks slip.
fn unit_of(sum: f64, cores: Option<f64>) -> Option<(f64, f64)> {
    let fits = |ratio: f64| (0.8..=1.2).contains(&ratio);
    match cores {
        Some(cores) if fits(sum / (1000.0 * cores)) => Some((1e-3, cores)),
        Some(cores) if fits(sum / cores) => Some((1.0, cores)),
        Some(_) => None,
        // Nobody has 400 CPUs in a file that does not say how many; 0.4 CPUs nobody has at all.
        None if sum >= 400.0 => Some((1e-3, (sum / 1000.0).round())),
        None if sum >= 0.8 => Some((1.0, sum.round())),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_the_modes_tells_the_unit() {
        assert_eq!(unit_of(1_999.0, Some(2.0)), Some((1e-3, 2.0)));
        assert_eq!(unit_of(1.98, Some(2.0)), Some((1.0, 2.0)));
        assert_eq!(unit_of(1_999.0, Some(8.0)), None);
        assert_eq!(unit_of(7_990.0, None), Some((1e-3, 8.0)));
        assert_eq!(unit_of(3.9, None), Some((1.0, 4.0)));
        assert_eq!(unit_of(0.1, None), None);
    }
}
