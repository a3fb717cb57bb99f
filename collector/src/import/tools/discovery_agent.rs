//! The agent export of AWS Application Discovery Service: `systemPerformance` every 15 minutes, names in `osInfo`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use telemetry::Table;
use telemetry::schema::{disk, filesystem, host, network};

use super::Options;
use super::fields::Table as Csv;
use super::parsed::Parsed;
use crate::import::error::ImportError;

const KIB: f64 = 1024.0;
const MIB: f64 = 1_048_576.0;
const GIB: f64 = 1_073_741_824.0;

/// Reads files that belong together.
pub(crate) fn read(paths: &[PathBuf], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut performance = Vec::new();
    for path in paths {
        let mut csv = Csv::open(path)?;
        if csv.has("total_cpu_usage_pct") {
            performance.push(csv);
        } else if csv.has("host_name") && csv.has("os_name") {
            let agent = Some(csv.needed(&["agent_id"])?);
            let (host, os) = (csv.column(&["host_name"]), csv.column(&["os_name"]));
            let (version, cpu, hypervisor) = (
                csv.column(&["os_version"]),
                csv.column(&["cpu_type"]),
                csv.column(&["hypervisor"]),
            );
            while csv.next()? {
                parsed.rows_read += 1;
                let name = csv.text(host);
                if name.is_empty() {
                    continue;
                }
                names.insert(csv.text(agent).to_string(), name.to_string());
                let id = parsed.host(name);
                let os = format!("{} {}", csv.text(os), csv.text(version));
                parsed.fact(id, "os.name", "", &os);
                parsed.fact(id, "cpu.model", "", csv.text(cpu));
                parsed.fact(id, "machine.hypervisor", "", csv.text(hypervisor));
            }
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            parsed.unused(&format!("file {}", crate::import::error::shown(&name)));
        }
    }
    for mut csv in performance {
        rows(&mut csv, &names, options, parsed)?;
    }
    Ok(())
}

fn rows(
    csv: &mut Csv,
    names: &BTreeMap<String, String>,
    options: &Options<'_>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let agent = Some(csv.needed(&["agent_id"])?);
    let at = Some(csv.needed(&["timestamp"])?);
    let processors = Some(csv.needed(&["total_num_logical_processors"])?);
    let cpu = csv.column(&["total_cpu_usage_pct"]);
    let (ram, free) = (csv.column(&["total_ram_in_mb"]), csv.column(&["total_free_ram_in_mb"]));
    let (size, left) = (
        csv.column(&["total_disk_size_in_gb"]),
        csv.column(&["total_disk_free_size_in_gb"]),
    );
    let disk_columns = [
        (
            disk::READ_BYTES_PER_S,
            csv.column(&["total_disk_bytes_read_per_sec_in_kbps"]),
            KIB,
        ),
        (
            disk::WRITE_BYTES_PER_S,
            csv.column(&["total_disk_bytes_written_per_sec_in_kbps"]),
            KIB,
        ),
        (disk::READS_PER_S, csv.column(&["total_disk_read_ops_per_sec"]), 1.0),
        (disk::WRITES_PER_S, csv.column(&["total_disk_write_ops_per_sec"]), 1.0),
    ];
    let network_columns = [
        (
            network::RECEIVE_BYTES_PER_S,
            csv.column(&["total_network_bytes_read_per_sec_in_kbps"]),
        ),
        (
            network::TRANSMIT_BYTES_PER_S,
            csv.column(&["total_network_bytes_written_per_sec_in_kbps"]),
        ),
    ];
    csv.tell_unused(parsed);
    parsed.note("the agent's free memory leaves out cache, so memory in use is an upper bound");
    while csv.next()? {
        parsed.rows_read += 1;
        let agent = csv.text(agent);
        let named = names.get(agent).map(String::as_str);
        if named.is_none() && options.host.is_none() {
            parsed.leave_out("rows whose agent is in no osInfo file; the agent's id is their host");
        }
        let id = parsed.host(options.host.or(named).unwrap_or(agent));
        let at_ms = csv.time(at, options.zone)?;
        let cores = csv.number(processors)?;
        let values = [
            (host::CPU_CORES, cores),
            (host::CPU_BUSY_CORES, csv.number(cpu)? / 100.0 * cores),
            (host::MEMORY_TOTAL_BYTES, csv.number(ram)? * MIB),
            (host::MEMORY_AVAILABLE_BYTES, csv.number(free)? * MIB),
        ];
        parsed.host_row(id, at_ms, &values);
        let all = parsed.labels(&["all"]);
        let mut values = Vec::with_capacity(4);
        for (column, at, scale) in disk_columns {
            values.push((column, csv.number(at)? * scale));
        }
        parsed.row(Table::Disk, id, all, at_ms, &values);
        let mut values = Vec::with_capacity(2);
        for (column, at) in network_columns {
            values.push((column, csv.number(at)? * KIB));
        }
        parsed.row(Table::Network, id, all, at_ms, &values);
        let labels = parsed.labels(&["all disks", "all disks", "unknown"]);
        let (size, left) = (csv.number(size)?, csv.number(left)?);
        let values = [
            (filesystem::SIZE_BYTES, size * GIB),
            (filesystem::USED_BYTES, (size - left) * GIB),
        ];
        parsed.row(Table::Filesystem, id, labels, at_ms, &values);
    }
    Ok(())
}
