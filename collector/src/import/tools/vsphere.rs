//! Performance counters of vCenter as CSV: what `Get-Stat | Export-Csv` writes, and exports of the raw API.
//!
//! The raw API counts per cent in hundredths and says so by the unit `percent`;
//! PowerCLI writes `%` and whole per cents. Hypervisors' own rows are not used.

use telemetry::Table;
use telemetry::schema::{ColumnId, disk, host, network};

use super::Options;
use super::fields::Table as Csv;
use super::parsed::Parsed;
use super::when;
use crate::import::error::{ImportError, shown};

const KIB: f64 = 1024.0;

/// Reads one file.
pub(crate) fn read(options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut csv = Csv::open(options.path)?;
    let entity = csv.column(&["Entity", "entity_name", "VM", "Name"]);
    let kind = csv.column(&["entity_kind", "EntityType"]);
    let metric = Some(csv.needed(&["MetricId", "metric", "counter"])?);
    let unit = Some(csv.needed(&["Unit"])?);
    let value = Some(csv.needed(&["Value"])?);
    let at = csv.column(&["Timestamp", "time", "at"]);
    let offset = csv.column(&["t_seconds"]);
    let instance = csv.column(&["Instance"]);
    let seconds = csv.column(&["IntervalSecs", "interval_s"]);
    csv.tell_unused(parsed);
    let start = if at.is_none() && offset.is_some() {
        parsed.note("times are seconds since a start that the file does not tell; --at says when that was");
        Some(options.taken_at(parsed)?)
    } else {
        None
    };
    while csv.next()? {
        parsed.rows_read += 1;
        // `VirtualMachine-vm-12` and `HostSystem-host-9` in PowerCLI's EntityId.
        let kind = csv.text(kind);
        if kind.starts_with("HostSystem") || kind.starts_with("Datastore") {
            parsed.leave_out(&format!("rows of {}", shown(kind)));
            continue;
        }
        // Rows of one CPU, disk or adapter are in the row of the whole, whose instance is empty.
        if !csv.text(instance).is_empty() {
            parsed.leave_out("rows of single CPUs, disks and adapters, which the machine's own rows contain");
            continue;
        }
        let name = csv.text(metric).to_string();
        let number = csv.number(value)?;
        // The API says that it has no value by -1.
        if number < 0.0 {
            parsed.leave_out("values of -1, which vSphere writes for none");
            continue;
        }
        let unit = csv.text(unit).to_string();
        let name_of_host = match (options.host, csv.text(entity)) {
            (Some(host), _) => host.to_string(),
            (None, "") if entity.is_none() => options.stem(),
            (None, "") => return Err(csv.missing(entity, "host")),
            (None, entity) => entity.to_string(),
        };
        let at_ms = match start {
            Some(start) => when::plausible(start + (csv.number(offset)? * 1000.0) as i64)
                .ok_or_else(|| csv.bad(offset, when::EXPECTED))?,
            None => csv.time(at, options.zone)?,
        };
        let interval = csv.number(seconds)?;
        let percent = || match unit.as_str() {
            "percent" => Some(number / 10_000.0),
            "%" => Some(number / 100.0),
            _ => None,
        };
        let kibibytes = |unit: &str| match unit {
            "kiloBytes" | "KB" | "kiloBytesPerSecond" | "KBps" => Some(number * KIB),
            "megaBytes" | "MB" | "megaBytesPerSecond" | "MBps" => Some(number * KIB * KIB),
            _ => None,
        };
        let id = parsed.host(&name_of_host);
        match name.as_str() {
            "cpu.usage.average" => {
                let share = percent().ok_or_else(|| csv.bad(metric, "a metric in `percent` or `%`"))?;
                match options.cores(&name_of_host) {
                    Some(cores) => parsed.host_row(
                        id,
                        at_ms,
                        &[
                            (host::INTERVAL_S, interval),
                            (host::CPU_CORES, cores),
                            (host::CPU_BUSY_CORES, share * cores),
                        ],
                    ),
                    None => parsed.leave_out(
                        "rows of cpu.usage, a share of CPUs whose number is unknown: import RVTools first, or give --vcpus",
                    ),
                }
            }
            "mem.active.average" => {
                if let Some(bytes) = kibibytes(&unit) {
                    parsed.host_row(
                        id,
                        at_ms,
                        &[(host::INTERVAL_S, interval), (host::MEMORY_ACTIVE_BYTES, bytes)],
                    );
                }
            }
            _ => match rate(&name) {
                Some((table, interval_of, label, column)) => {
                    let per_second = if unit == "number" {
                        Some(number)
                    } else {
                        kibibytes(&unit)
                    };
                    let per_second = per_second
                        .ok_or_else(|| csv.bad(metric, "a metric in kiloBytesPerSecond, KBps, MBps or number"))?;
                    let labels = parsed.labels(&[label]);
                    parsed.row(
                        table,
                        id,
                        labels,
                        at_ms,
                        &[(interval_of, interval), (column, per_second)],
                    );
                }
                None => parsed.unused(&format!("metric {}", shown(&name))),
            },
        }
    }
    parsed.note("mem.active is what the hypervisor saw touched; it is never sized on, so memory is kept as it is");
    Ok(())
}

fn rate(metric: &str) -> Option<(Table, ColumnId, &'static str, ColumnId)> {
    Some(match metric {
        "disk.read.average" => (Table::Disk, disk::INTERVAL_S, "all", disk::READ_BYTES_PER_S),
        "disk.write.average" => (Table::Disk, disk::INTERVAL_S, "all", disk::WRITE_BYTES_PER_S),
        "disk.numberReadAveraged.average" => (Table::Disk, disk::INTERVAL_S, "all", disk::READS_PER_S),
        "disk.numberWriteAveraged.average" => (Table::Disk, disk::INTERVAL_S, "all", disk::WRITES_PER_S),
        "net.received.average" => (Table::Network, network::INTERVAL_S, "all", network::RECEIVE_BYTES_PER_S),
        "net.transmitted.average" => (
            Table::Network,
            network::INTERVAL_S,
            "all",
            network::TRANSMIT_BYTES_PER_S,
        ),
        _ => return None,
    })
}
