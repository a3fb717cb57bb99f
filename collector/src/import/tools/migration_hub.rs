//! The import template of AWS Migration Hub, and its recommendations export: means and maxima for each server.

use telemetry::Table;
use telemetry::schema::{disk, host, network};

use super::Options;
use super::fields::Table as Csv;
use super::parsed::Parsed;
use crate::import::error::ImportError;

const MIB: f64 = 1_048_576.0;
const KIB: f64 = 1024.0;

/// Reads one file.
pub(crate) fn read(options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut csv = Csv::open(options.path)?;
    // The recommendations export puts `Server.` before the template's names.
    let mut column = |name: &str| {
        let other = format!("Server.{name}");
        csv.column(&[name, &other])
    };
    let names = ["HostName", "VMware.VMName", "ExternalId", "ServerId"].map(&mut column);
    let logical = column("CPU.NumberOfLogicalCores");
    let cores = column("CPU.NumberOfCores");
    let total = column("RAM.TotalSizeInMB");
    let used = [column("RAM.UsedSizeInMB.Max"), column("RAM.UsedSizeInMB.Avg")];
    let cpu = [column("CPU.UsagePct.Avg"), column("CPU.UsagePct.Max")];
    let (os, os_version, address) = (column("OS.Name"), column("OS.Version"), column("IPAddress"));
    let bytes = [
        (disk::READ_BYTES_PER_S, column("DiskReadsPerSecondInKB.Avg")),
        (disk::READ_BYTES_PER_S_MAX, column("DiskReadsPerSecondInKB.Max")),
        (disk::WRITE_BYTES_PER_S, column("DiskWritesPerSecondInKB.Avg")),
        (disk::WRITE_BYTES_PER_S_MAX, column("DiskWritesPerSecondInKB.Max")),
    ];
    // The template says `DiskReadsOps`, the export `DiskReadOps`.
    let mut either = |a: &str, b: &str| column(a).or_else(|| column(b));
    let operations = [
        (
            disk::READS_PER_S,
            either("DiskReadsOpsPerSecond.Avg", "DiskReadOpsPerSecond.Avg"),
        ),
        (
            disk::READS_PER_S_MAX,
            either("DiskReadsOpsPerSecond.Max", "DiskReadOpsPerSecond.Max"),
        ),
        (
            disk::WRITES_PER_S,
            either("DiskWritesOpsPerSecond.Avg", "DiskWriteOpsPerSecond.Avg"),
        ),
        (
            disk::WRITES_PER_S_MAX,
            either("DiskWritesOpsPerSecond.Max", "DiskWriteOpsPerSecond.Max"),
        ),
    ];
    let net = [
        (network::RECEIVE_BYTES_PER_S, column("NetworkReadsPerSecondInKB.Avg")),
        (
            network::RECEIVE_BYTES_PER_S_MAX,
            column("NetworkReadsPerSecondInKB.Max"),
        ),
        (network::TRANSMIT_BYTES_PER_S, column("NetworkWritesPerSecondInKB.Avg")),
        (
            network::TRANSMIT_BYTES_PER_S_MAX,
            column("NetworkWritesPerSecondInKB.Max"),
        ),
    ];
    csv.tell_unused(parsed);
    let at_ms = options.taken_at(parsed)?;
    parsed.note("a mean and a maximum for each server, over an unknown time: a plan says how little it rests on");
    while csv.next()? {
        parsed.rows_read += 1;
        let stated = names.iter().map(|&name| csv.text(name)).find(|name| !name.is_empty());
        let Some(name) = options.host.or(stated) else {
            return Err(csv.missing(names[0], "host"));
        };
        let id = parsed.host(name);
        let first = |a: f64, b: f64| if a.is_nan() { b } else { a };
        let count = first(csv.number(logical)?, csv.number(cores)?);
        let memory = csv.number(total)? * MIB;
        let used = first(csv.number(used[0])?, csv.number(used[1])?) * MIB;
        let values = [
            (host::CPU_CORES, count),
            (host::CPU_BUSY_CORES, csv.number(cpu[0])? / 100.0 * count),
            (host::CPU_BUSY_CORES_MAX, csv.number(cpu[1])? / 100.0 * count),
            (host::MEMORY_TOTAL_BYTES, memory),
            (host::MEMORY_AVAILABLE_BYTES, memory - used),
        ];
        parsed.host_row(id, at_ms, &values);
        let mut values = Vec::with_capacity(8);
        for (column, at) in bytes {
            values.push((column, csv.number(at)? * KIB));
        }
        for (column, at) in operations {
            values.push((column, csv.number(at)?));
        }
        let labels = parsed.labels(&["all"]);
        parsed.row(Table::Disk, id, labels, at_ms, &values);
        let mut values = Vec::with_capacity(4);
        for (column, at) in net {
            values.push((column, csv.number(at)? * KIB));
        }
        parsed.row(Table::Network, id, labels, at_ms, &values);
        let system = format!("{} {}", csv.text(os), csv.text(os_version));
        parsed.fact(id, "os.name", "", &system);
        parsed.fact(id, "interface.addresses", "stated", csv.text(address));
    }
    Ok(())
}
