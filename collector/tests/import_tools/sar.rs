//! sar in every layout, and nmon.

use sizewright_collector::import::Tool;
use telemetry::Table;

use super::{Work, fixture, near, said};

/// 2019-04-18 13:20:19 UTC, the first time of sysstat's own expected output.
const FIRST: i64 = 1_555_593_619_000;

const REPORT: &str = "Linux 5.14.0-1.el9.x86_64 (web-1) \t2026-05-01 \t_x86_64_\t(4 CPU)

23:40:01        CPU     %user     %nice   %system   %iowait    %steal     %idle
23:50:01        all     10.00      0.00      5.00      1.00      4.00     80.00
00:00:01        all     20.00      0.00      5.00      0.00      0.00     75.00
Average:        all     15.00      0.00      5.00      0.50      2.00     77.50

23:40:01    kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit  kbactive   kbinact   kbdirty
23:50:01      1000000   6000000   2000000     25.00    100000   4400000   1000000     10.00    500000    500000        10
00:00:01      1000000   5000000   3000000     37.50    100000   3400000   1000000     10.00    500000    500000        10

23:40:01          tps      rtps      wtps   bread/s   bwrtn/s
23:50:01       100.00     75.00     25.00   1000.00   1000.00
00:00:01         0.00      0.00      0.00      0.00      0.00

23:40:01          DEV       tps     rkB/s     wkB/s   areq-sz    aqu-sz     await     %util
23:50:01          sda    100.00    500.00    500.00     10.00      0.01      1.00     12.50
23:50:01         dm-0    100.00    500.00    500.00     10.00      0.01      1.00     12.50
00:00:01          sda      0.00      0.00      0.00      0.00      0.00      0.00      0.00
00:00:01         dm-0      0.00      0.00      0.00      0.00      0.00      0.00      0.00
";

#[test]
fn a_report_over_midnight_goes_on_the_next_day() {
    let mut work = Work::new();
    work.options.zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let report = work.import(Tool::Sar, &[work.write("sa01.txt", REPORT)]);
    // 23:50:01 in Hanoi is 16:50:01 UTC.
    let first: i64 = "2026-05-01T16:50:01Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_millisecond();
    let second = first + 600_000;
    assert_eq!(
        (report.first_at_ms, report.last_at_ms, report.hosts),
        (first, second, 1)
    );
    near(work.host("web-1", first, "cpu_busy_cores"), 0.6, 1e-6);
    near(work.host("web-1", second, "cpu_busy_cores"), 1.0, 1e-6);
    near(work.host("web-1", first, "cpu_steal_cores"), 0.16, 1e-6);
    near(work.host("web-1", first, "interval_s"), 600.0, 0.0);
    near(work.host("web-1", first, "cpu_cores"), 4.0, 0.0);
    near(
        work.host("web-1", first, "memory_total_bytes"),
        8_000_000.0 * 1024.0,
        1_048_576.0,
    );
    near(
        work.host("web-1", first, "memory_available_bytes"),
        6_000_000.0 * 1024.0,
        1_048_576.0,
    );
    near(work.value(Table::Disk, "web-1", "sda", first, "reads_per_s"), 75.0, 0.2);
    near(
        work.value(Table::Disk, "web-1", "sda", first, "writes_per_s"),
        25.0,
        0.1,
    );
    assert_eq!(
        work.value(Table::Disk, "web-1", "dm-0", 0, "reads_per_s"),
        None,
        "counted once"
    );
    assert_eq!(report.quality.duplicate_times, 0);
}

#[test]
fn a_report_of_twelve_hours_reads_the_same() {
    let text = "Linux 3.10.0 (old) \t05/01/2026 \t_x86_64_\t(2 CPU)\n\n\
        12:00:01 AM     CPU     %user     %nice   %system   %iowait    %steal     %idle\n\
        12:10:01 AM     all     50.00      0.00      0.00      0.00      0.00     50.00\n\
        01:00:01 PM     all     25.00      0.00      0.00      0.00      0.00     75.00\n";
    let work = Work::new();
    work.import(Tool::Sar, &[work.write("sar01", text)]);
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    near(
        work.host("old", at("2026-05-01T00:10:01Z"), "cpu_busy_cores"),
        1.0,
        1e-6,
    );
    near(
        work.host("old", at("2026-05-01T13:00:01Z"), "cpu_busy_cores"),
        0.5,
        1e-6,
    );
}

#[test]
fn a_damaged_row_names_file_line_column_and_value() {
    let work = Work::new();
    let path = work.write(
        "sa.txt",
        &REPORT.replace(
            "     10.00      0.00      5.00      1.00",
            "     10.00      0.00      5.00      1x00",
        ),
    );
    let error = work.try_import(Tool::Sar, &[path]).unwrap_err();
    let text = said(&error);
    for part in ["sa.txt", "line 4", "%iowait", "1x00"] {
        assert!(text.contains(part), "{text}");
    }
    let short = work.write("short.txt", &REPORT.replace("      4.00     80.00", "      4.00"));
    let text = said(&work.try_import(Tool::Sar, &[short]).unwrap_err());
    assert!(text.contains("line 4") && text.contains("a row of 6 fields"), "{text}");
    assert!(work.store().origins().unwrap().is_empty(), "nothing is half imported");
}

#[test]
fn a_folder_takes_the_good_files_and_names_the_bad_one() {
    let work = Work::new();
    work.write("sa/web-1/sa01", REPORT);
    work.write("sa/web-2/sa01", &REPORT.replace("web-1", "web-2"));
    work.write("sa/web-3/sa01", "this is no report\n");
    let report = work.try_import(Tool::Sar, &[work.path("sa")]).unwrap();
    assert_eq!(report.failed.len(), 1);
    assert!(report.failed[0].0.ends_with("web-3/sa01"));
    assert_eq!(report.imported.unwrap().hosts, 2);
    // A new day in the folder: what is known stays, what is new comes in.
    work.write("sa/web-1/sa02", &REPORT.replace("2026-05-01", "2026-05-03"));
    std::fs::remove_file(work.path("sa/web-3/sa01")).unwrap();
    let report = work.try_import(Tool::Sar, &[work.path("sa")]).unwrap();
    assert_eq!(report.known.len(), 2);
    assert_eq!(report.imported.unwrap().rows["host"], 2);
    assert!(
        work.try_import(Tool::Sar, &[work.path("sa")])
            .unwrap()
            .imported
            .is_none()
    );
    assert_eq!(work.store().origins().unwrap().len(), 2);
}

#[test]
fn a_restart_changes_the_cpus_and_a_cut_off_line_is_left_out() {
    let text = format!(
        "{}\n\n00:05:00  LINUX RESTART (8 CPU)\n\n00:10:01        CPU     %user     %nice   %system   %iowait    %steal     %idle\n00:20:01        all     50.00      0.00      0.00      0.00      0.00     50.00\n00:30:01        all     50.",
        REPORT.split("\n\n23:40:01    kbmemfree").next().unwrap()
    );
    let work = Work::new();
    let report = work.import(Tool::Sar, &[work.write("sa01", &text)]);
    let at = "2026-05-02T00:20:01Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_millisecond();
    near(work.host("web-1", at, "cpu_busy_cores"), 4.0, 1e-6);
    assert!(
        report.notes.iter().any(|note| note.contains("cut off")),
        "{:?}",
        report.notes
    );
}

#[test]
fn memory_without_kbavail_is_unknown_unless_asked_for() {
    let text = "Linux 3.10.0 (db) \t2026-05-01 \t_x86_64_\t(2 CPU)\n\n\
        00:00:01    kbmemfree kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit\n\
        00:10:01      1000000   7000000     87.50    100000   4400000   1000000     10.00\n";
    let mut work = Work::new();
    let path = work.write("sa01", text);
    let report = work.import(Tool::Sar, std::slice::from_ref(&path));
    assert_eq!(work.host("db", 0, "memory_available_bytes"), None);
    near(
        work.host("db", 0, "memory_total_bytes"),
        8_000_000.0 * 1024.0,
        1_048_576.0,
    );
    assert!(report.notes.iter().any(|note| note.contains("--cache-is-available")));
    work = Work::new();
    work.options.cache_is_available = true;
    work.import(Tool::Sar, &[work.write("sa01", text)]);
    near(
        work.host("db", 0, "memory_available_bytes"),
        5_500_000.0 * 1024.0,
        1_048_576.0,
    );
}

#[test]
fn the_layouts_of_one_recording_say_the_same() {
    let (Some(delimited), Some(json)) = (fixture("sysstat/expected.sadf-d"), fixture("sysstat/expected.sadf-j")) else {
        return;
    };
    let (one, other) = (Work::new(), Work::new());
    let a = one.import(Tool::Sar, &[delimited]);
    let b = other.import(Tool::Sar, &[json]);
    assert_eq!(a.rows, b.rows);
    assert_eq!(a.rows["host"], 5);
    for column in [
        "interval_s",
        "cpu_cores",
        "cpu_busy_cores",
        "cpu_user_cores",
        "cpu_system_cores",
        "cpu_iowait_cores",
        "cpu_steal_cores",
        "load1",
        "runnable",
        "memory_total_bytes",
        "memory_available_bytes",
        "memory_anon_bytes",
        "swap_used_bytes",
        "swap_in_bytes_per_s",
        "pressure_memory_some",
        "pressure_io_some",
    ] {
        for at in [FIRST, FIRST + 10_000, FIRST + 20_000, FIRST + 30_000] {
            let (a, b) = (
                one.host("SYSSTAT.TEST", at, column),
                other.host("SYSSTAT.TEST", at, column),
            );
            assert_eq!(a, b, "{column} at {at}");
        }
        assert!(one.host("SYSSTAT.TEST", FIRST + 10_000, column).is_some(), "{column}");
    }
    // Worked out by hand: 8 CPUs, 100 - 82.88 idle - 0.12 iowait.
    near(one.host("SYSSTAT.TEST", FIRST, "cpu_busy_cores"), 1.36, 0.001);
    assert_eq!(
        one.host("SYSSTAT.TEST", FIRST + 10_000, "cpu_cores"),
        Some(7.0),
        "CPU 6 was off"
    );
    near(
        one.host("SYSSTAT.TEST", FIRST + 10_000, "pressure_io_some"),
        0.0139,
        0.000_1,
    );
}

#[test]
fn the_text_of_a_48_cpu_host_is_read() {
    let Some(path) = fixture("sysstat/sar-A-48cpu-rhel.txt") else {
        return;
    };
    let work = Work::new();
    let report = work.import(Tool::Sar, &[path]);
    assert_eq!(report.rows["host"], 36);
    assert_eq!(report.rows["disk"], 72, "dev8-0 and dev8-16, not the volumes on them");
    assert_eq!(report.rows["network"], 144, "four ports, not lo and virbr0");
    let host = "hostname.example.com";
    assert_eq!(work.host(host, 0, "cpu_cores"), Some(48.0));
    near(work.host(host, 0, "cpu_busy_cores"), 0.0144, 0.001);
    near(
        work.host(host, 0, "memory_total_bytes"),
        98_753_700.0 * 1024.0,
        1_048_576.0,
    );
    near(
        work.value(Table::Disk, host, "dev8-0", 0, "write_bytes_per_s"),
        1.71 * 512.0,
        16.0,
    );
}

#[test]
fn sysstat_s_text_and_xml_are_read() {
    let (Some(text), Some(xml)) = (fixture("sysstat/expected.sar-A"), fixture("sysstat/data-12.7.6.xml")) else {
        return;
    };
    let work = Work::new();
    work.import(Tool::Sar, &[text]);
    near(work.host("SYSSTAT.TEST", 0, "cpu_busy_cores"), 1.53, 0.001);
    let report = work.import(Tool::Sar, &[xml]);
    assert_eq!(report.rows["host"], 2);
    near(work.host("brooks.home", 0, "cpu_busy_cores"), 8.0 * 0.0162, 0.001);
    near(
        work.host("brooks.home", 0, "memory_available_bytes"),
        11_371_284.0 * 1024.0,
        1_048_576.0,
    );
}

#[test]
fn binary_files_go_through_the_system_s_sadf() {
    let Some(path) = fixture("sysstat/data-12.0.0") else {
        return;
    };
    let work = Work::new();
    let has_sadf = std::process::Command::new("sadf").arg("-V").output().is_ok();
    let outcome = work.try_import(Tool::Sar, &[path]);
    if !has_sadf {
        let text = said(&outcome.unwrap_err());
        assert!(text.contains("not installed here"), "{text}");
        return;
    }
    assert_eq!(outcome.unwrap().imported.unwrap().rows["host"], 1);
    near(work.host("linux.home", 0, "cpu_cores"), 8.0, 0.0);
    let old = fixture("sysstat/data-9.1.6").unwrap();
    work.import(Tool::Sar, &[old]);
    near(work.host("kluane.home", 0, "cpu_cores"), 8.0, 0.0);
    assert_eq!(
        work.host("kluane.home", 0, "memory_available_bytes"),
        None,
        "the old format has none, and none is not zero"
    );
    for damaged in [
        "data-trunc",
        "data-12.6.0-file_act-size-err",
        "data-12.6.0-file_hdr-rec_size-err",
    ] {
        let path = fixture(&format!("sysstat/{damaged}")).unwrap();
        let text = said(&work.try_import(Tool::Sar, &[path]).unwrap_err());
        assert!(text.contains("cannot read") && text.contains(damaged), "{text}");
    }
}

#[test]
fn nmon_of_linux_and_aix_is_read() {
    let (Some(plain), Some(packed), Some(aix)) = (
        fixture("nmon/test.nmon"),
        fixture("nmon/linux_150818_1024.nmon.gz"),
        fixture("nmon/aixlpar.nmon.gz"),
    ) else {
        return;
    };
    let work = Work::new();
    let report = work.import(Tool::Nmon, &[plain, packed, aix]);
    assert_eq!(report.hosts, 3);
    assert_eq!(work.host("the-gibson", 0, "cpu_cores"), Some(6.0));
    near(
        work.host("the-gibson", 0, "memory_total_bytes"),
        15_922.5 * 1_048_576.0,
        1_048_576.0,
    );
    assert_eq!(work.host("linux", 0, "cpu_cores"), Some(4.0));
    // LPAR of T0001: 1.257 physical processors of 7 virtual ones, whatever CPU_ALL says of threads.
    near(work.host("aixlpar", 0, "cpu_busy_cores"), 1.257, 0.001);
    assert_eq!(work.host("aixlpar", 0, "cpu_cores"), Some(7.0));
    near(
        work.host("aixlpar", 0, "memory_total_bytes"),
        43_008.0 * 1_048_576.0,
        1_048_576.0,
    );
    assert!(
        work.value(Table::Disk, "aixlpar", "hdisk6", 0, "read_bytes_per_s")
            .is_some()
    );
}
