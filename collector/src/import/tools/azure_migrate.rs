//! The import template of Azure Migrate: a size and single figures of use for each server.

use telemetry::Table;
use telemetry::schema::{disk, filesystem, host, network};

use super::Options;
use super::fields::{Column, Table as Csv};
use super::parsed::Parsed;
use crate::import::error::ImportError;

const MIB: f64 = 1_048_576.0;
const GIB: f64 = 1_073_741_824.0;
/// Disks of a server that the template has columns for.
const DISKS: usize = 20;

/// Reads one file.
pub(crate) fn read(options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut csv = Csv::open(options.path)?;
    let name = Some(csv.needed(&["*Server name"])?);
    let cores = Some(csv.needed(&["*Cores"])?);
    let memory = Some(csv.needed(&["*Memory (In MB)"])?);
    let os = csv.column(&["*OS name"]);
    let os_version = csv.column(&["OS version"]);
    let architecture = csv.column(&["OS architecture"]);
    let addresses = csv.column(&["IP addresses"]);
    let hypervisor = csv.column(&["Hypervisor"]);
    let cpu_used = csv.column(&["CPU utilization percentage"]);
    let memory_used = csv.column(&["Memory utilization percentage"]);
    let received = csv.column(&["Network In throughput", "Network In throughput (MB per second)"]);
    let sent = csv.column(&["Network Out throughput", "Network Out throughput (MB per second)"]);
    let used_gb = csv.column(&["Storage in use (In GB)"]);
    let used_mb = csv.column(&["Storage in use (In MB)", "*Storage allocated (In MB)"]);
    let disks: Vec<[Column; 6]> = (1..=DISKS)
        .map(|number| {
            let mut column = |names: &[String]| {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                csv.column(&names)
            };
            let of = |what: &str| vec![format!("Disk {number} {what}")];
            [
                column(&of("size (In GB)")),
                column(&of("size (In MB)")),
                column(&of("read throughput (MB per second)")),
                column(&of("write throughput (MB per second)")),
                column(&of("read ops (operations per second)")),
                column(&of("write ops (operations per second)")),
            ]
        })
        .collect();
    csv.tell_unused(parsed);
    let at_ms = options.taken_at(parsed)?;
    parsed.note("one figure of use a server, over an unknown time: a plan says how little it rests on");
    while csv.next()? {
        parsed.rows_read += 1;
        let server = options.host.unwrap_or_else(|| csv.text(name));
        if server.is_empty() {
            return Err(csv.missing(name, "host"));
        }
        let id = parsed.host(server);
        let count = csv.number(cores)?;
        let total = csv.number(memory)? * MIB;
        let share = |column| Ok::<f64, ImportError>(csv.number(column)? / 100.0);
        let values = [
            (host::CPU_CORES, count),
            (host::CPU_BUSY_CORES, share(cpu_used)? * count),
            (host::MEMORY_TOTAL_BYTES, total),
            (host::MEMORY_AVAILABLE_BYTES, (1.0 - share(memory_used)?) * total),
        ];
        parsed.host_row(id, at_ms, &values);
        let labels = parsed.labels(&["all"]);
        let values = [
            (network::RECEIVE_BYTES_PER_S, csv.number(received)? * MIB),
            (network::TRANSMIT_BYTES_PER_S, csv.number(sent)? * MIB),
        ];
        parsed.row(Table::Network, id, labels, at_ms, &values);
        let mut size = f64::NAN;
        for (number, [gb, mb, read, write, reads, writes]) in disks.iter().enumerate() {
            let bytes = match (csv.number(*gb)?, csv.number(*mb)?) {
                (gb, _) if !gb.is_nan() => gb * GIB,
                (_, mb) => mb * MIB,
            };
            if !bytes.is_nan() {
                size = if size.is_nan() { bytes } else { size + bytes };
            }
            let device = format!("disk {}", number + 1);
            let labels = parsed.labels(&[&device]);
            let values = [
                (disk::READ_BYTES_PER_S, csv.number(*read)? * MIB),
                (disk::WRITE_BYTES_PER_S, csv.number(*write)? * MIB),
                (disk::READS_PER_S, csv.number(*reads)?),
                (disk::WRITES_PER_S, csv.number(*writes)?),
            ];
            parsed.row(Table::Disk, id, labels, at_ms, &values);
        }
        let used = match (csv.number(used_gb)?, csv.number(used_mb)?) {
            (gb, _) if !gb.is_nan() => gb * GIB,
            (_, mb) => mb * MIB,
        };
        let labels = parsed.labels(&["all disks", "all disks", "unknown"]);
        let values = [(filesystem::SIZE_BYTES, size), (filesystem::USED_BYTES, used)];
        parsed.row(Table::Filesystem, id, labels, at_ms, &values);
        let version = format!("{} {}", csv.text(os), csv.text(os_version));
        for (fact, value) in [
            ("os.name", version.as_str()),
            ("machine.architecture", csv.text(architecture)),
            ("machine.hypervisor", csv.text(hypervisor)),
        ] {
            parsed.fact(id, fact, "", value);
        }
        for address in csv.text(addresses).split([';', ',']) {
            parsed.fact(id, "interface.addresses", "stated", address);
        }
    }
    Ok(())
}
