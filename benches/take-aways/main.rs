//! Measures the figures of bringing data in and taking it away: sar text, an RVTools workbook, report.xlsx, report.html.
//!
//! Run with `make bench ONLY=take-aways`. Everything is generated; nothing of
//! another tool is needed.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

#[path = "../figures/mod.rs"]
mod figures;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use figures::{Figures, Goal};
use telemetry::schema::{host, network};
use telemetry::store::Origin;
use telemetry::{Series, Store, Table};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sizewright");
const HOW: &str = "make bench ONLY=take-aways";
/// Bytes of sar text, as the goal names them.
const SAR_BYTES: u64 = 1_000_000_000;
/// Machines of the workbook.
const MACHINES: u32 = 100_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let work = tempfile::tempdir().unwrap();
    let mut figures = Figures::of("take-aways");
    sar(work.path(), &mut figures);
    rvtools(work.path(), &mut figures);
    reports(work.path(), 1_000, "report.html", &mut figures);
    reports(work.path(), 10_000, "report.xlsx", &mut figures);
    figures.finish(&root.join("target")).unwrap();
}

fn assessment(folder: &Path) {
    let text = "name = \"bench\"\nregion = \"us-east-1\"\n";
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("assessment.toml"), text).unwrap();
}

fn run(folder: &Path, words: &[&str]) -> f64 {
    let begun = Instant::now();
    let ran = Command::new(PROGRAM)
        .arg("-C")
        .arg(folder)
        .arg("-q")
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    assert!(
        matches!(ran.status.code(), Some(0 | 1)),
        "{words:?}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    seconds
}

/// A gigabyte of `sar -A` text of machines with 16 CPUs: most of it is rows of single CPUs and of interrupts.
fn sar(work: &Path, figures: &mut Figures) {
    let folder = work.join("sa");
    std::fs::create_dir_all(&folder).unwrap();
    let mut bytes = 0;
    let mut files = 0;
    while bytes < SAR_BYTES {
        let text = report(files);
        bytes += text.len() as u64;
        let mut file = std::fs::File::create(folder.join(format!("host-{files:04}"))).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        files += 1;
    }
    let assessment_folder = work.join("sar");
    assessment(&assessment_folder);
    let seconds = run(&assessment_folder, &["import", "sar", folder.to_str().unwrap()]);
    figures.add(
        "importing 1 GB of sar text",
        bytes as f64 / 1e6 / seconds,
        "MB/s",
        Goal::AtLeast(150.0),
        format!("{files} hosts' days, written to the store; {HOW}"),
    );
    std::fs::remove_dir_all(folder).unwrap();
}

/// One host's day, a row every minute.
fn report(number: usize) -> String {
    const CPUS: usize = 16;
    const ROWS: u32 = 1_439;
    let mut text = format!("Linux 5.14.0 (host-{number:04}) \t2026-05-01 \t_x86_64_\t({CPUS} CPU)\n");
    let time = |row: u32| format!("{:02}:{:02}:01", row / 60, row % 60);
    let mut section = |header: &str, lines: &dyn Fn(&mut String, &str, u32)| {
        let _ = write!(text, "\n{}    {header}\n", time(0));
        for row in 1..=ROWS {
            lines(&mut text, &time(row), row);
        }
    };
    let noise =
        |row: u32, salt: u32| f64::from((row.wrapping_mul(2_654_435_761) ^ salt.wrapping_mul(97)) % 3000) / 100.0;
    section(
        "    CPU      %usr     %nice      %sys   %iowait    %steal      %irq     %soft    %guest    %gnice     %idle",
        &|text, time, row| {
            for cpu in 0..=CPUS {
                let busy = noise(row, cpu as u32);
                let name = if cpu == 0 {
                    "all".to_string()
                } else {
                    (cpu - 1).to_string()
                };
                let _ = writeln!(
                    text,
                    "{time}    {name:>7}    {busy:6.2}      0.00      1.00      0.50      0.00      0.00      0.00      0.00      0.00    {:6.2}",
                    98.5 - busy
                );
            }
        },
    );
    section("        INTR    intr/s", &|text, time, row| {
        for interrupt in 0..24 {
            let _ = writeln!(text, "{time}    {interrupt:>9}    {:6.2}", noise(row, interrupt));
        }
    });
    section(
        "kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit  kbactive   kbinact   kbdirty",
        &|text, time, row| {
            let used = 20_000_000 + row * 1000;
            let total = 65_536_000;
            let _ = writeln!(
                text,
                "{time}    {:>9} {:>9} {used:>9} {:9.2}    100000   4000000  10000000     10.00   5000000   5000000        10",
                total - used,
                total - used + 4_000_000,
                f64::from(used) / f64::from(total) * 100.0
            );
        },
    );
    section(
        "      DEV       tps     rkB/s     wkB/s   areq-sz    aqu-sz     await     %util",
        &|text, time, row| {
            for disk in ["sda", "sdb", "dm-0", "dm-1"] {
                let rate = noise(row, disk.len() as u32);
                let _ = writeln!(
                    text,
                    "{time}    {disk:>9} {rate:9.2} {rate:9.2} {rate:9.2}     10.00      0.01      1.00      0.50"
                );
            }
        },
    );
    section(
        "    IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s   rxcmp/s   txcmp/s  rxmcst/s   %ifutil",
        &|text, time, row| {
            for interface in ["eth0", "lo"] {
                let rate = noise(row, interface.len() as u32);
                let _ = writeln!(
                    text,
                    "{time}    {interface:>9} {rate:9.2} {rate:9.2} {rate:9.2} {rate:9.2}      0.00      0.00      0.00      0.00"
                );
            }
        },
    );
    text
}

fn rvtools(work: &Path, figures: &mut Figures) {
    let path = work.join("rvtools.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("vInfo").unwrap();
    let names = [
        "VM",
        "Powerstate",
        "Template",
        "CPUs",
        "Memory",
        "Provisioned MiB",
        "In Use MiB",
        "Datacenter",
        "Cluster",
        "Host",
        "OS according to the configuration file",
        "OS according to the VMware Tools",
        "Primary IP Address",
        "VM UUID",
    ];
    for (column, name) in names.iter().enumerate() {
        sheet.write_string(0, column as u16, *name).unwrap();
    }
    for row in 1..=MACHINES {
        sheet.write_string(row, 0, format!("vm-{row:06}")).unwrap();
        sheet.write_string(row, 1, "poweredOn").unwrap();
        sheet.write_string(row, 2, "False").unwrap();
        for (column, number) in [(3, 4.0), (4, 8192.0), (5, 102_400.0), (6, 40_960.0)] {
            sheet.write_number(row, column, number).unwrap();
        }
        for (column, text) in [
            (7, "dc-1"),
            (8, "cluster-1"),
            (9, "esx-1"),
            (10, "Other Linux"),
            (11, "Debian 12"),
        ] {
            sheet.write_string(row, column, text).unwrap();
        }
        sheet
            .write_string(row, 12, format!("10.{}.{}.{}", row >> 16, row >> 8 & 255, row & 255))
            .unwrap();
        sheet.write_string(row, 13, format!("4200-{row:012}")).unwrap();
    }
    book.save(&path).unwrap();
    let folder = work.join("rv");
    assessment(&folder);
    let seconds = run(&folder, &["import", "rvtools", path.to_str().unwrap()]);
    figures.add(
        "importing an RVTools workbook of 100,000 rows",
        seconds,
        "s",
        Goal::AtMost(10.0),
        HOW,
    );
}

/// Plans an estate of so many hosts and writes its report.
fn reports(work: &Path, hosts: usize, file: &str, figures: &mut Figures) {
    let folder = work.join(format!("estate-{hosts}"));
    assessment(&folder);
    estate(&folder, hosts);
    run(&folder, &["plan"]);
    let seconds = run(&folder, &["report", "--no-charts"]);
    let size = std::fs::metadata(folder.join("report").join(file)).unwrap().len();
    let goal = if file == "report.html" { 10.0 } else { 15.0 };
    figures.add(
        format!("report of {hosts} hosts, page and workbook ({file})"),
        seconds,
        "s",
        Goal::AtMost(goal),
        format!("profiles are taken again; {HOW}"),
    );
    let goal = if file == "report.html" {
        Goal::AtMost(10.0)
    } else {
        Goal::Reported
    };
    figures.add(
        format!("size of {file} for {hosts} hosts"),
        size as f64 / 1e6,
        "MB",
        goal,
        HOW,
    );
}

/// A day of five-minute telemetry for each host.
fn estate(folder: &Path, hosts: usize) {
    let store = Store::at(folder.join("telemetry"));
    let mut writer = store.begin("bench").unwrap();
    let start = 1_777_593_600_000_i64;
    let mut tables: [Vec<Series>; 2] = [Vec::new(), Vec::new()];
    for number in 0..hosts {
        let name = format!("host-{number:05}");
        let mut series = Series::new(Table::Host, name.clone(), vec![]);
        let mut net = Series::new(Table::Network, name, vec!["eth0".to_string()]);
        let cores = f64::from(2_u32 << (number % 4));
        for step in 1..=288_i64 {
            let at = start + step * 300_000;
            let share = 0.1 + 0.6 * ((step as f64 / 288.0) * std::f64::consts::PI).sin() * ((number % 7) as f64 / 7.0);
            series.push(
                at,
                &[
                    (host::INTERVAL_S, 300.0),
                    (host::CPU_CORES, cores),
                    (host::CPU_BUSY_CORES, share * cores),
                    (host::MEMORY_TOTAL_BYTES, cores * 4_294_967_296.0),
                    (host::MEMORY_AVAILABLE_BYTES, cores * 2_147_483_648.0),
                ],
            );
            net.push(
                at,
                &[
                    (network::INTERVAL_S, 300.0),
                    (network::RECEIVE_BYTES_PER_S, 1e5),
                    (network::TRANSMIT_BYTES_PER_S, 1e5),
                ],
            );
        }
        tables[0].push(series);
        tables[1].push(net);
    }
    for series in tables {
        writer.write(series).unwrap();
    }
    writer.commit(&Origin::new("bench", "bench")).unwrap();
}
