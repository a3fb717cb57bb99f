//! StratoZone (Google Migration Center): `vmInfo`, `diskInfo` and `perfInfo`, joined by the machine's id.

use std::collections::BTreeMap;
use std::path::PathBuf;

use telemetry::Table;
use telemetry::schema::{disk, filesystem, host, network};

use super::Options;
use super::fields::Table as Csv;
use super::parsed::{HostId, Parsed};
use crate::import::error::{ImportError, shown};

const GIB: f64 = 1_073_741_824.0;

/// What vmInfo says of one machine.
#[derive(Clone, Copy)]
struct Machine {
    host: HostId,
    cores: f64,
    memory_bytes: f64,
}

/// Reads files that belong together.
pub(crate) fn read(paths: &[PathBuf], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut machines: BTreeMap<String, Machine> = BTreeMap::new();
    let (mut performance, mut disks) = (Vec::new(), Vec::new());
    let at_ms = options.taken_at(parsed)?;
    for path in paths {
        let mut csv = Csv::open(path)?;
        if csv.has("AllocatedProcessorCoreCount") {
            machines_of(&mut csv, options, at_ms, &mut machines, parsed)?;
        } else if csv.has("CpuUtilizationPercentage") {
            performance.push(csv);
        } else if csv.has("DiskLabel") {
            disks.push(csv);
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            parsed.unused(&format!("file {}", shown(&name)));
        }
    }
    for csv in &mut disks {
        disks_of(csv, at_ms, &machines, parsed)?;
    }
    for csv in &mut performance {
        performance_of(csv, options, &machines, parsed)?;
    }
    Ok(())
}

fn machines_of(
    csv: &mut Csv,
    options: &Options<'_>,
    at_ms: i64,
    machines: &mut BTreeMap<String, Machine>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let machine = Some(csv.needed(&["MachineId"])?);
    let name = csv.column(&["MachineName"]);
    let cores = csv.column(&["AllocatedProcessorCoreCount"]);
    let memory = Some(csv.needed(&["MemoryGiB"])?);
    let (os, version, address) = (
        csv.column(&["OsName"]),
        csv.column(&["OsVersion"]),
        csv.column(&["PrimaryIPAddress"]),
    );
    csv.tell_unused(parsed);
    while csv.next()? {
        parsed.rows_read += 1;
        let key = csv.text(machine);
        if key.is_empty() {
            return Err(csv.missing(machine, "host"));
        }
        let stated = Some(csv.text(name)).filter(|name| !name.is_empty()).unwrap_or(key);
        let host = parsed.host(options.host.unwrap_or(stated));
        let found = Machine {
            host,
            cores: csv.number(cores)?,
            memory_bytes: csv.number(memory)? * GIB,
        };
        machines.insert(key.to_string(), found);
        let values = [
            (host::CPU_CORES, found.cores),
            (host::MEMORY_TOTAL_BYTES, found.memory_bytes),
        ];
        parsed.host_row(host, at_ms, &values);
        let os = format!("{} {}", csv.text(os), csv.text(version));
        parsed.fact(host, "os.name", "", &os);
        parsed.fact(host, "interface.addresses", "primary", csv.text(address));
    }
    Ok(())
}

fn disks_of(
    csv: &mut Csv,
    at_ms: i64,
    machines: &BTreeMap<String, Machine>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let machine = Some(csv.needed(&["MachineId"])?);
    let label = csv.column(&["DiskLabel"]);
    let (size, used) = (csv.column(&["SizeInGib"]), csv.column(&["UsedInGib"]));
    csv.tell_unused(parsed);
    while csv.next()? {
        parsed.rows_read += 1;
        let Some(found) = machines.get(csv.text(machine)) else {
            parsed.leave_out("disks of machines that are in no vmInfo file");
            continue;
        };
        let label = Some(csv.text(label))
            .filter(|label| !label.is_empty())
            .unwrap_or("unknown");
        let labels = parsed.labels(&[label, label, "unknown"]);
        let values = [
            (filesystem::SIZE_BYTES, csv.number(size)? * GIB),
            (filesystem::USED_BYTES, csv.number(used)? * GIB),
        ];
        parsed.row(Table::Filesystem, found.host, labels, at_ms, &values);
    }
    Ok(())
}

fn performance_of(
    csv: &mut Csv,
    options: &Options<'_>,
    machines: &BTreeMap<String, Machine>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let machine = Some(csv.needed(&["MachineId"])?);
    let at = Some(csv.needed(&["TimeStamp"])?);
    let cpu = csv.column(&["CpuUtilizationPercentage"]);
    let available = csv.column(&["AvailableMemoryBytes"]);
    let (reads, writes) = (
        csv.column(&["DiskReadOperationsPerSec"]),
        csv.column(&["DiskWriteOperationsPerSec"]),
    );
    let (sent, received) = (
        csv.column(&["NetworkBytesPerSecSent"]),
        csv.column(&["NetworkBytesPerSecReceived"]),
    );
    csv.tell_unused(parsed);
    while csv.next()? {
        parsed.rows_read += 1;
        let Some(found) = machines.get(csv.text(machine)) else {
            parsed.leave_out("rows of perfInfo of machines that are in no vmInfo file");
            continue;
        };
        let at_ms = csv.time(at, options.zone)?;
        let values = [
            (host::CPU_CORES, found.cores),
            (host::CPU_BUSY_CORES, csv.number(cpu)? / 100.0 * found.cores),
            (host::MEMORY_TOTAL_BYTES, found.memory_bytes),
            (host::MEMORY_AVAILABLE_BYTES, csv.number(available)?),
        ];
        parsed.host_row(found.host, at_ms, &values);
        let all = parsed.labels(&["all"]);
        let values = [
            (disk::READS_PER_S, csv.number(reads)?),
            (disk::WRITES_PER_S, csv.number(writes)?),
        ];
        parsed.row(Table::Disk, found.host, all, at_ms, &values);
        let values = [
            (network::RECEIVE_BYTES_PER_S, csv.number(received)?),
            (network::TRANSMIT_BYTES_PER_S, csv.number(sent)?),
        ];
        parsed.row(Table::Network, found.host, all, at_ms, &values);
    }
    Ok(())
}
