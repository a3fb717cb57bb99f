//! RVTools, vCenter, Azure Migrate and StratoZone.

use rust_xlsxwriter::Workbook;
use sizewright_collector::import::Tool;
use telemetry::Table;

use super::{Work, fixture, near, said};

#[test]
fn every_version_of_rvtools_gives_its_machines() {
    let (Some(old), Some(middle), Some(new)) = (
        fixture("exports/rvtools/BillSampleNextRvtoolsFinal.xlsx"),
        fixture("exports/rvtools/SizingWorkshop-RVTools.xlsx"),
        fixture("exports/rvtools/rvtools-small-complete.xlsx"),
    ) else {
        return;
    };
    let work = Work::new();
    let report = work.import(Tool::RvTools, &[old]);
    assert_eq!(report.hosts, 109);
    assert_eq!(work.host("ADCSCA01", 0, "cpu_cores"), Some(4.0));
    near(
        work.host("ADCSCA01", 0, "memory_total_bytes"),
        2048.0 * 1_048_576.0,
        0.0,
    );
    // vPartition of this workbook has lost the title `VM`: its first column says a data centre.
    near(
        work.value(Table::Filesystem, "ADCSCA01", "C:\\", 0, "used_bytes"),
        23_180.0 * 1_048_576.0,
        0.0,
    );
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("20 machines that are poweredOff"))
    );
    assert!(report.notes.iter().any(|note| note.contains("2 templates")));
    assert_eq!(work.import(Tool::RvTools, &[middle]).hosts, 763);
    assert_eq!(work.import(Tool::RvTools, &[new]).hosts, 2);
    near(
        work.host("sample-db-01", 0, "memory_active_bytes"),
        14_336.0 * 1_048_576.0,
        0.0,
    );
    assert_eq!(
        work.host("sample-db-01", 0, "cpu_busy_cores"),
        None,
        "a specification, no measurement"
    );
}

fn workbook(path: &std::path::Path, cpus: &str, far: bool) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("vInfo").unwrap();
    for (column, name) in ["VM", "Powerstate", "Template", "CPUs", "Memory MiB", "Datacenter"]
        .iter()
        .enumerate()
    {
        sheet.write_string(0, column as u16, *name).unwrap();
    }
    for (row, site) in [(1, "north"), (2, "south")] {
        sheet.write_string(row, 0, "web").unwrap();
        sheet.write_string(row, 1, "poweredOn").unwrap();
        sheet.write_string(row, 2, "False").unwrap();
        sheet.write_string(row, 3, cpus).unwrap();
        sheet.write_number(row, 4, 4096.0).unwrap();
        sheet.write_string(row, 5, site).unwrap();
    }
    if far {
        sheet.write_string(1_048_575, 16_383, "stray").unwrap();
    }
    book.save(path).unwrap();
}

#[test]
fn a_stray_cell_in_the_last_row_costs_nothing_and_twins_are_told_apart() {
    let mut work = Work::new();
    work.options.at_ms = Some(1_777_593_600_000);
    let path = work.path("far.xlsx");
    workbook(&path, "4", true);
    let report = work.import(Tool::RvTools, &[path]);
    assert_eq!(report.hosts, 2);
    assert_eq!(work.host("web", 0, "cpu_cores"), Some(4.0));
    assert_eq!(work.host("web@south", 0, "cpu_cores"), Some(4.0));
}

#[test]
fn a_cell_that_is_no_number_is_named_with_its_sheet() {
    let work = Work::new();
    let path = work.path("bad.xlsx");
    workbook(&path, "four", false);
    let text = said(&work.try_import(Tool::RvTools, &[path]).unwrap_err());
    for part in ["bad.xlsx", "row 1", "vInfo!CPUs", "four"] {
        assert!(text.contains(part), "{text}");
    }
    let text = said(
        &work
            .try_import(Tool::RvTools, &[work.write("no.xlsx", "PK is not enough")])
            .unwrap_err(),
    );
    assert!(text.contains("cannot read the workbook"), "{text}");
}

#[test]
fn vcenter_counts_per_cent_in_hundredths_and_takes_cpus_from_rvtools() {
    let mut work = Work::new();
    work.options.at_ms = Some(1_777_593_600_000);
    let book = work.path("vms.xlsx");
    workbook(&book, "4", false);
    work.import(Tool::RvTools, &[book]);
    let csv = "Entity,MetricId,Unit,Value,Timestamp,Instance,IntervalSecs\n\
        web,cpu.usage.average,%,25.0,5/1/2026 12:20:00 AM,,300\n\
        web,cpu.usage.average,%,90.0,5/1/2026 12:20:00 AM,0,300\n\
        web,disk.read.average,KBps,1000,5/1/2026 12:20:00 AM,,300\n";
    work.import(Tool::Vsphere, &[work.write("stat.csv", csv)]);
    let at = "2026-05-01T00:20:00Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_millisecond();
    near(work.host("web", at, "cpu_busy_cores"), 1.0, 0.001);
    near(
        work.value(Table::Disk, "web", "all", at, "read_bytes_per_s"),
        1_024_000.0,
        2_000.0,
    );
    if let Some(path) = fixture("exports/vsphere/govmomi_vpx_realtime_20s.csv") {
        let host = "govmomi_vpx_realtime_20s";
        work.options.vcpus = Some(4.0);
        let report = work.import(Tool::Vsphere, &[path]);
        assert_eq!(report.rows["host"], 100);
        // The first value is 776 hundredths of a per cent.
        near(
            work.host(host, 1_777_593_600_000, "cpu_busy_cores"),
            4.0 * 0.0776,
            0.001,
        );
        assert!(
            report
                .notes
                .iter()
                .any(|note| note.contains("10000 rows of HostSystem"))
        );
    }
}

#[test]
fn azure_migrate_s_template_is_read_with_every_disk() {
    let Some(header) = fixture("exports/azure/azure_migrate_import_template.header.csv") else {
        return;
    };
    let header = std::fs::read_to_string(header).unwrap();
    let names: Vec<&str> = header.trim().split(',').collect();
    let row: Vec<&str> = names
        .iter()
        .map(|name| match *name {
            "*Server name" => "erp-1",
            "*Cores" => "8",
            "*Memory (In MB)" => "16384",
            "*OS name" => "Ubuntu Linux",
            "CPU utilization percentage" => "25%",
            "Memory utilization percentage" => "50",
            "Network In throughput" => "1",
            "Disk 1 size (In GB)" => "100",
            "Disk 2 size (In GB)" => "50",
            "Storage in use (In GB)" => "60",
            "Disk 2 read ops (operations per second)" => "40",
            _ => "",
        })
        .collect();
    let mut work = Work::new();
    work.options.at_ms = Some(1_777_593_600_000);
    let path = work.write("azure.csv", &format!("{}\n{}\n", header.trim(), row.join(",")));
    work.import(Tool::AzureMigrate, &[path]);
    near(work.host("erp-1", 0, "cpu_busy_cores"), 2.0, 0.001);
    near(
        work.host("erp-1", 0, "memory_available_bytes"),
        8192.0 * 1_048_576.0,
        0.0,
    );
    near(work.value(Table::Disk, "erp-1", "disk 2", 0, "reads_per_s"), 40.0, 0.1);
    near(
        work.value(Table::Filesystem, "erp-1", "all disks", 0, "size_bytes"),
        150.0 * 1_073_741_824.0,
        0.0,
    );
}

#[test]
fn stratozone_s_files_are_joined_by_machine() {
    let mut work = Work::new();
    work.options.at_ms = Some(1_777_593_600_000);
    let machines = work.write(
        "vmInfo.csv",
        "MachineId,MachineName,PrimaryIPAddress,AllocatedProcessorCoreCount,MemoryGiB,OsName,OsVersion\nm-1,app,10.0.0.1,4,16,Debian,12\n",
    );
    let performance = work.write(
        "perfInfo.csv",
        "MachineId,TimeStamp,CpuUtilizationPercentage,AvailableMemoryBytes,DiskReadOperationsPerSec,DiskWriteOperationsPerSec,NetworkBytesPerSecSent,NetworkBytesPerSecReceived\n\
         m-1,2026-05-01 00:05:00,50,4294967296,10,5,1000,2000\nm-9,2026-05-01 00:05:00,50,1,1,1,1,1\n",
    );
    let disks = work.write(
        "diskInfo.csv",
        "MachineId,DiskLabel,SizeInGib,UsedInGib,StorageTypeLabel\nm-1,sda,100,40,ssd\n",
    );
    let report = work.import(Tool::StratoZone, &[performance, disks, machines]);
    let at = "2026-05-01T00:05:00Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_millisecond();
    near(work.host("app", at, "cpu_busy_cores"), 2.0, 0.001);
    near(
        work.value(Table::Filesystem, "app", "sda", 0, "used_bytes"),
        40.0 * 1_073_741_824.0,
        0.0,
    );
    assert!(
        report.notes.iter().any(|note| note.contains("1 rows of perfInfo")),
        "{:?}",
        report.notes
    );
}
