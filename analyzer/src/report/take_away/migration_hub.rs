//! The import file of AWS Migration Hub (which MGN and AWS Transform read too): a row a server.
//!
//! Columns and names are those of the import template; what the plan does not
//! know stays empty. Waves are the groups that move together.

use std::collections::HashMap;

use telemetry::untrusted::for_spreadsheet;

use crate::dependency::DependencyMap;
use crate::inventory::EstateSheet;
use crate::plan::Plan;
use crate::plan::files::PlanFileError;

/// Columns of the template, in order.
const COLUMNS: [&str; 34] = [
    "ExternalId",
    "SMBiosId",
    "IPAddress",
    "MACAddress",
    "HostName",
    "VMware.MoRefId",
    "VMware.VCenterId",
    "CPU.NumberOfProcessors",
    "CPU.NumberOfCores",
    "CPU.NumberOfLogicalCores",
    "OS.Name",
    "OS.Version",
    "VMware.VMName",
    "RAM.TotalSizeInMB",
    "RAM.UsedSizeInMB.Avg",
    "RAM.UsedSizeInMB.Max",
    "CPU.UsagePct.Avg",
    "CPU.UsagePct.Max",
    "DiskReadsPerSecondInKB.Avg",
    "DiskWritesPerSecondInKB.Avg",
    "DiskReadsPerSecondInKB.Max",
    "DiskWritesPerSecondInKB.Max",
    "DiskReadsOpsPerSecond.Avg",
    "DiskWritesOpsPerSecond.Avg",
    "DiskReadsOpsPerSecond.Max",
    "DiskWritesOpsPerSecond.Max",
    "NetworkReadsPerSecondInKB.Avg",
    "NetworkWritesPerSecondInKB.Avg",
    "NetworkReadsPerSecondInKB.Max",
    "NetworkWritesPerSecondInKB.Max",
    "Applications",
    "ApplicationWave",
    "Tags",
    "ServerId",
];

/// Writes the file.
///
/// # Errors
/// When the table cannot be formed.
pub fn migration_hub(plan: &Plan, inventory: &EstateSheet, map: &DependencyMap) -> Result<Vec<u8>, PlanFileError> {
    let mut waves: HashMap<&str, usize> = HashMap::new();
    for (position, group) in map.move_groups.iter().enumerate() {
        waves.extend(group.hosts.iter().map(|host| (host.as_str(), position + 1)));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let mut written = std::collections::BTreeSet::new();
    for row in &plan.recommendations {
        // A server is one row, however many services of it are planned.
        if !written.insert(&row.host) {
            continue;
        }
        let sheet = inventory.host(&row.host);
        let whole = |number: Option<f64>| number.map(|number| format!("{number:.0}")).unwrap_or_default();
        let address = sheet
            .and_then(|sheet| sheet.addresses.first())
            .map(|address| address.split('/').next().unwrap_or_default().to_string());
        let record: Vec<String> = COLUMNS
            .iter()
            .map(|column| match *column {
                "ExternalId" | "HostName" => for_spreadsheet(&row.host).into_owned(),
                "IPAddress" => for_spreadsheet(&address.clone().unwrap_or_default()).into_owned(),
                "CPU.NumberOfProcessors" => whole(sheet.and_then(|sheet| sheet.sockets).map(f64::from)),
                "CPU.NumberOfCores" => whole(sheet.and_then(|sheet| sheet.cores).map(f64::from)),
                "CPU.NumberOfLogicalCores" => whole(row.source_vcpu),
                "OS.Name" => {
                    for_spreadsheet(sheet.and_then(|sheet| sheet.os.as_deref()).unwrap_or_default()).into_owned()
                }
                "RAM.TotalSizeInMB" => whole(row.source_memory_gib.map(|gib| gib * 1024.0)),
                "Applications" => for_spreadsheet(row.proof.group.as_deref().unwrap_or_default()).into_owned(),
                "ApplicationWave" => waves
                    .get(row.host.as_str())
                    .map(|wave| format!("wave-{wave}"))
                    .unwrap_or_default(),
                _ => String::new(),
            })
            .collect();
        writer.write_record(&record)?;
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}
