//! RVTools workbooks of every version: what VMware says of each machine's size, disks and operating system.
//!
//! A workbook is a specification at one moment, no measurement over time: hosts
//! get their CPUs, memory and disks, and a plan keeps them as they are until
//! something measures them. RVTools writes MB where it means MiB; later
//! versions write MiB. Templates and machines that are off are left out and counted.

use std::collections::{BTreeMap, BTreeSet};

use telemetry::Table;
use telemetry::schema::{filesystem, host};

use super::Options;
use super::parsed::Parsed;
use super::workbook::{Cells, Workbook};
use crate::import::error::{ImportError, RowPlace, shown};

const MIB: f64 = 1_048_576.0;

/// Names of a column over the versions.
const VM: &[&str] = &["VM", "VM Name", "Name"];
const STATE: &[&str] = &["Powerstate"];
const TEMPLATE: &[&str] = &["Template"];
const CPUS: &[&str] = &["CPUs", "vCPUs"];
const MEMORY: &[&str] = &["Memory", "Memory MiB", "Memory MB", "Size MiB", "Size MB"];
const PROVISIONED: &[&str] = &["Provisioned MiB", "Provisioned MB"];
const IN_USE: &[&str] = &["In Use MiB", "In Use MB"];
const CAPACITY: &[&str] = &["Capacity MiB", "Capacity MB"];
const CONSUMED: &[&str] = &["Consumed MiB", "Consumed MB"];
const DISK: &[&str] = &["Disk"];
const ACTIVE: &[&str] = &["Active", "Active MiB", "Active MB"];
const OS_TOOLS: &[&str] = &["OS according to the VMware Tools"];
const OS_CONFIGURED: &[&str] = &["OS according to the configuration file", "OS"];
const ADDRESS: &[&str] = &["Primary IP Address"];
const ID: &[&str] = &["VM UUID", "VM ID"];
const SITE: &[&str] = &["Datacenter"];
const CLUSTER: &[&str] = &["Cluster"];

/// Columns of one sheet, found by their names.
#[derive(Default)]
struct Sheet {
    name: &'static str,
    header: Vec<String>,
}

impl Sheet {
    fn at(&self, known: &[&str]) -> Option<usize> {
        let found = known.iter().find_map(|wanted| {
            self.header
                .iter()
                .position(|name| name.trim().eq_ignore_ascii_case(wanted))
        });
        // Workbooks that were cleaned by hand may have lost the title of the first column, never the column.
        if known == VM && found.is_none() && !self.header.is_empty() {
            return Some(0);
        }
        found
    }

    fn text<'c>(&self, cells: &'c Cells, known: &[&str]) -> &'c str {
        self.at(known).and_then(|at| cells.get(&at)).map_or("", String::as_str)
    }

    fn number(
        &self,
        options: &Options<'_>,
        place: RowPlace,
        cells: &Cells,
        known: &[&str],
    ) -> Result<f64, ImportError> {
        let text = self.text(cells, known);
        // Some locales group thousands.
        let plain: String = text
            .chars()
            .filter(|letter| !matches!(letter, ' ' | '\u{a0}' | '\u{202f}'))
            .collect();
        super::fields::number(&plain)
            .or_else(|| super::fields::number(&plain.replace(',', "")))
            .ok_or_else(|| {
                let column = self.at(known).map_or("", |at| self.header[at].as_str());
                Workbook::bad(options.path, self.name, place, column, text, "a number such as 4096")
            })
    }
}

/// A machine of sheet vInfo.
struct Machine {
    /// Name in the assessment.
    host: String,
    provisioned_mib: f64,
    in_use_mib: f64,
    has_partitions: bool,
}

/// Reads one workbook.
pub(crate) fn read(options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut book = Workbook::open(options.path)?;
    let sheets = book.sheets();
    if !sheets.iter().any(|sheet| sheet == "vInfo") {
        return Err(ImportError::NothingUsable {
            path: options.path.to_path_buf(),
            tool: "rvtools",
            reasons: format!("it has no sheet vInfo, only {}", shown(&sheets.join(", "))),
        });
    }
    let at_ms = match options.at_ms.or(book.saved_at_ms) {
        Some(at) => at,
        None => options.taken_at(parsed)?,
    };
    let mut machines = info(&mut book, options, at_ms, parsed)?;
    for sheet in &sheets {
        match sheet.as_str() {
            "vInfo" => {}
            "vPartition" => partitions(&mut book, options, at_ms, &mut machines, parsed)?,
            "vMemory" => memory(&mut book, options, at_ms, &machines, parsed)?,
            _ => parsed.unused(&format!("sheet {}", shown(sheet))),
        }
    }
    let mut without = 0_u64;
    for machine in machines.values().filter(|machine| !machine.has_partitions) {
        without += 1;
        if machine.provisioned_mib.is_nan() && machine.in_use_mib.is_nan() {
            continue;
        }
        let id = parsed.host(&machine.host);
        let labels = parsed.labels(&["all disks", "all disks", "unknown"]);
        let values = [
            (filesystem::SIZE_BYTES, machine.provisioned_mib * MIB),
            (filesystem::USED_BYTES, machine.in_use_mib * MIB),
        ];
        parsed.row(Table::Filesystem, id, labels, at_ms, &values);
    }
    if without > 0 {
        parsed.note(format!(
            "{without} machines have no row in vPartition (VMware Tools tell it): their disks are what the datastore holds, together"
        ));
    }
    parsed.note(
        "a workbook is a specification: CPU and memory in use were not measured, so a plan keeps sizes as they are",
    );
    Ok(())
}

fn info(
    book: &mut Workbook,
    options: &Options<'_>,
    at_ms: i64,
    parsed: &mut Parsed,
) -> Result<BTreeMap<String, Machine>, ImportError> {
    let mut machines: BTreeMap<String, Machine> = BTreeMap::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let sheet = std::cell::RefCell::new(Sheet::default());
    let known = [
        VM,
        STATE,
        TEMPLATE,
        CPUS,
        MEMORY,
        PROVISIONED,
        IN_USE,
        OS_TOOLS,
        OS_CONFIGURED,
        ADDRESS,
        ID,
        SITE,
        CLUSTER,
    ];
    book.read(
        "vInfo",
        |header| choose(&sheet, "vInfo", header, &known),
        |place, cells| {
            let sheet = sheet.borrow();
            parsed.rows_read += 1;
            let name = sheet.text(cells, VM);
            if name.is_empty() {
                parsed.leave_out("rows of vInfo without a name");
                return Ok(());
            }
            if sheet.text(cells, TEMPLATE).eq_ignore_ascii_case("true") {
                parsed.leave_out("templates");
                return Ok(());
            }
            let state = sheet.text(cells, STATE);
            if !state.is_empty() && !state.eq_ignore_ascii_case("poweredOn") {
                parsed.leave_out(&format!("machines that are {}", shown(state)));
                return Ok(());
            }
            let cpus = sheet.number(options, place, cells, CPUS)?;
            let memory = sheet.number(options, place, cells, MEMORY)?;
            // The same name in two data centres is two machines; told apart by where they are, then by number.
            let mut host = options.host.unwrap_or(name).to_string();
            if names.contains(&host) {
                let place = sheet.text(cells, if sheet.at(SITE).is_some() { SITE } else { CLUSTER });
                parsed.leave_out("second uses of a name; those machines carry their data centre or a number in it");
                host = format!("{name}@{place}");
                let mut number = 2;
                while names.contains(&host) {
                    host = format!("{name}@{place}#{number}");
                    number += 1;
                }
            }
            names.insert(host.clone());
            let id = parsed.host(&host);
            let values = [(host::CPU_CORES, cpus), (host::MEMORY_TOTAL_BYTES, memory * MIB)];
            parsed.host_row(id, at_ms, &values);
            let tools = sheet.text(cells, OS_TOOLS);
            let os = if tools.is_empty() {
                sheet.text(cells, OS_CONFIGURED)
            } else {
                tools
            };
            parsed.fact(id, "os.name", "", os);
            parsed.fact(id, "machine.hypervisor", "", "vmware");
            parsed.fact(id, "machine.kind", "", "virtual");
            parsed.fact(id, "interface.addresses", "primary", sheet.text(cells, ADDRESS));
            let machine = Machine {
                host,
                provisioned_mib: sheet.number(options, place, cells, PROVISIONED)?,
                in_use_mib: sheet.number(options, place, cells, IN_USE)?,
                has_partitions: false,
            };
            // Other sheets name a machine by its id where there is one.
            let key = key(&sheet, cells, name);
            machines.entry(key).or_insert(machine);
            Ok(())
        },
    )?;
    Ok(machines)
}

fn key(sheet: &Sheet, cells: &Cells, name: &str) -> String {
    // Only what all versions' sheets share: name, data centre, cluster.
    let _ = ID;
    format!("{name}\0{}\0{}", sheet.text(cells, SITE), sheet.text(cells, CLUSTER))
}

/// Finds a machine by the row of another sheet, which may not say where it is.
fn machine_of<'m>(machines: &'m BTreeMap<String, Machine>, sheet: &Sheet, cells: &Cells) -> Option<&'m String> {
    let name = sheet.text(cells, VM);
    let exact = key(sheet, cells, name);
    machines.get_key_value(&exact).map(|(key, _)| key).or_else(|| {
        let prefix = format!("{name}\0");
        machines
            .range(prefix.clone()..)
            .map(|(key, _)| key)
            .next()
            .filter(|key| key.starts_with(&prefix))
    })
}

fn partitions(
    book: &mut Workbook,
    options: &Options<'_>,
    at_ms: i64,
    machines: &mut BTreeMap<String, Machine>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let sheet = std::cell::RefCell::new(Sheet::default());
    let known = [VM, DISK, CAPACITY, CONSUMED, SITE, CLUSTER];
    book.read(
        "vPartition",
        |header| choose(&sheet, "vPartition", header, &known),
        |place, cells| {
            let sheet = sheet.borrow();
            parsed.rows_read += 1;
            let Some(key) = machine_of(machines, &sheet, cells).cloned() else {
                parsed.leave_out("rows of vPartition of machines that were left out or are not in vInfo");
                return Ok(());
            };
            let size = sheet.number(options, place, cells, CAPACITY)?;
            let used = sheet.number(options, place, cells, CONSUMED)?;
            let mount = sheet.text(cells, DISK);
            let mount = if mount.is_empty() { "unknown" } else { mount };
            if let Some(machine) = machines.get_mut(&key) {
                machine.has_partitions = true;
                let id = parsed.host(&machine.host);
                let labels = parsed.labels(&[mount, mount, "unknown"]);
                let values = [
                    (filesystem::SIZE_BYTES, size * MIB),
                    (filesystem::USED_BYTES, used * MIB),
                ];
                parsed.row(Table::Filesystem, id, labels, at_ms, &values);
            }
            Ok(())
        },
    )
}

fn memory(
    book: &mut Workbook,
    options: &Options<'_>,
    at_ms: i64,
    machines: &BTreeMap<String, Machine>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let sheet = std::cell::RefCell::new(Sheet::default());
    let known = [VM, ACTIVE, SITE, CLUSTER];
    book.read(
        "vMemory",
        |header| choose(&sheet, "vMemory", header, &known),
        |place, cells| {
            let sheet = sheet.borrow();
            parsed.rows_read += 1;
            let Some(machine) = machine_of(machines, &sheet, cells).and_then(|key| machines.get(key)) else {
                return Ok(());
            };
            let active = sheet.number(options, place, cells, ACTIVE)?;
            let id = parsed.host(&machine.host);
            parsed.host_row(id, at_ms, &[(host::MEMORY_ACTIVE_BYTES, active * MIB)]);
            Ok(())
        },
    )
}

fn choose(sheet: &std::cell::RefCell<Sheet>, name: &'static str, header: &[String], known: &[&[&str]]) -> Vec<usize> {
    let found = Sheet {
        name,
        header: header.to_vec(),
    };
    let positions = known.iter().filter_map(|names| found.at(names)).collect();
    *sheet.borrow_mut() = found;
    positions
}
