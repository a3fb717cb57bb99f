//! Performance Co-Pilot: `pmrep -o csv`, plain and with `-k`. The text is made for the tests in the layout that
//! pmrep 6.0.3 writes.

use sizewright_collector::import::Tool;
use telemetry::Table;

use super::{Work, near, said};

const PLAIN: &str = "Time,\"kernel.all.load-1 minute\",\"kernel.all.load-5 minute\",\"kernel.all.cpu.user\",\"kernel.all.cpu.nice\",\"kernel.all.cpu.sys\",\"kernel.all.cpu.idle\",\"kernel.all.cpu.wait.total\",\"kernel.all.cpu.steal\",\"hinv.ncpu\",\"mem.physmem\",\"mem.util.available\",\"mem.util.swapTotal\",\"mem.util.swapFree\",\"disk.dev.read-sda\",\"disk.dev.read-sda1\",\"disk.dev.read_bytes-sda\",\"disk.dev.avactive-sda\",\"network.interface.in.bytes-lo\",\"network.interface.in.bytes-eth0\",\"filesys.capacity-/dev/sda1\",\"filesys.used-/dev/sda1\",\"filesys.mountdir-/dev/sda1\"
2026-05-01 10:00:00,0.500,0.400,,,,,,,4,16777216,8388608,2097152,1048576,,,,,,,104857600,52428800,\"/\"
2026-05-01 10:01:00,1.500,0.700,1200.000,100.000,300.000,2200.000,150.000,50.000,4,16777216,4194304,2097152,1048576,10.000,9.000,640.000,250.000,77.000,125000.000,104857600,52428800,\"/\"
";

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

#[test]
fn units_are_pmreps_own_and_the_first_row_has_no_rates() {
    let mut work = Work::new();
    work.options.zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let file = work.write("web-1.csv", PLAIN);
    let report = work.import(Tool::Pmrep, &[file]);
    assert_eq!(report.rows["host"], 2);
    assert_eq!(report.rows["disk"], 1);
    assert_eq!(report.rows["network"], 1);
    let (first, second) = (at("2026-05-01T03:00:00Z"), at("2026-05-01T03:01:00Z"));
    assert_eq!(work.host("web-1", first, "cpu_busy_cores"), None, "no rate yet");
    near(
        work.host("web-1", first, "memory_available_bytes"),
        8.0 * 1024_f64.powi(3),
        1e7,
    );
    let host = |column| work.host("web-1", second, column);
    near(host("interval_s"), 60.0, 0.001);
    near(host("cpu_cores"), 4.0, 0.001);
    // 1.2 user, 0.1 nice, 0.3 system; waiting and steal are not busy.
    near(host("cpu_busy_cores"), 1.6, 0.005);
    near(host("cpu_user_cores"), 1.3, 0.005);
    near(host("cpu_system_cores"), 0.3, 0.002);
    near(host("cpu_iowait_cores"), 0.15, 0.002);
    near(host("cpu_steal_cores"), 0.05, 0.002);
    near(host("load1"), 1.5, 0.001);
    near(host("memory_total_bytes"), 16.0 * 1024_f64.powi(3), 1e7);
    near(host("swap_used_bytes"), 1024_f64.powi(3), 1e7);
    let disk = |column| work.value(Table::Disk, "web-1", "sda", second, column);
    near(disk("reads_per_s"), 10.0, 0.05);
    near(disk("read_bytes_per_s"), 640.0 * 1024.0, 2_000.0);
    near(disk("busy_fraction"), 0.25, 0.002);
    assert_eq!(
        work.value(Table::Disk, "web-1", "sda1", second, "reads_per_s"),
        None,
        "each byte once"
    );
    near(
        work.value(Table::Network, "web-1", "eth0", second, "receive_bytes_per_s"),
        125_000.0,
        500.0,
    );
    assert_eq!(
        work.value(Table::Network, "web-1", "lo", second, "receive_bytes_per_s"),
        None
    );
    near(
        work.value(Table::Filesystem, "web-1", "/", second, "used_bytes"),
        50.0 * 1024_f64.powi(3),
        1e8,
    );
}

#[test]
fn the_extended_form_tells_host_interval_and_offset() {
    let work = Work::new();
    let file = work.write(
        "archive.csv",
        "Host,Interval,Time,\"kernel.all.cpu.user\",\"kernel.all.cpu.sys\",\"kernel.all.cpu.idle\"\n\
         db-7,0,2026-05-01 10:00:00 UTC+7,,,\n\
         db-7,30,2026-05-01 10:00:30 UTC+7,500.000,250.000,7250.000\n\
         db-8,30,2026-05-01 10:00:30 UTC-3:30,0.500,0.250,1.250\n",
    );
    let report = work.import(Tool::Pmrep, &[file]);
    assert_eq!(report.rows["host"], 2);
    let seven = at("2026-05-01T03:00:30Z");
    near(work.host("db-7", seven, "interval_s"), 30.0, 0.001);
    // Nothing says how many CPUs; all modes together are eight.
    near(work.host("db-7", seven, "cpu_cores"), 8.0, 0.001);
    near(work.host("db-7", seven, "cpu_busy_cores"), 0.75, 0.002);
    // In seconds a second, as with -y s.
    let eight = at("2026-05-01T13:30:30Z");
    near(work.host("db-8", eight, "cpu_cores"), 2.0, 0.001);
    near(work.host("db-8", eight, "cpu_busy_cores"), 0.75, 0.002);
}

#[test]
fn cpu_time_of_another_scale_is_left_out_and_said() {
    let work = Work::new();
    let file = work.write(
        "odd.csv",
        "Time,\"kernel.all.cpu.user\",\"kernel.all.cpu.sys\",\"kernel.all.cpu.idle\",\"hinv.ncpu\",\"kernel.all.load-1 minute\"\n\
         2026-05-01 10:00:30,50.0,25.0,25.0,4,1.0\n",
    );
    let report = work.try_import(Tool::Pmrep, &[file]).unwrap();
    let text = format!("{report:?}");
    assert!(text.contains("neither milliseconds nor seconds"), "{text}");
    let when = at("2026-05-01T10:00:30Z");
    assert_eq!(work.host("odd", when, "cpu_busy_cores"), None);
    near(work.host("odd", when, "load1"), 1.0, 0.001);
}

#[test]
fn a_file_without_a_metric_that_is_known_is_refused() {
    let work = Work::new();
    let file = work.write("sar.csv", "Time,\"%user\",\"%idle\"\n2026-05-01 10:00:30,50.0,50.0\n");
    let text = said(&work.try_import(Tool::Pmrep, &[file]).unwrap_err());
    assert!(text.contains("kernel.all.cpu.user"), "{text}");
}
