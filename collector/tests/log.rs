//! The log keeps what it acknowledged, whatever happens to its end.

#![allow(clippy::unwrap_used, missing_docs, clippy::print_stdout)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::{fs, thread, time::Duration};

use collector::log::{CampaignLock, LockError, LogError, LogWriter, Record, logs_in, owner, read_log};
use collector::reading::{CpuTimes, DiskCounters, Reading};
use sizewright_collector as collector;

fn reading(number: u64) -> Record {
    Record::Reading {
        host: (number % 3) as u32,
        reading: Reading {
            at_ms: number as i64 * 10_000,
            uptime_cs: number * 1_000,
            cpu: Some(CpuTimes {
                user_us: number * 123_456,
                ..CpuTimes::default()
            }),
            disks: vec![DiskCounters {
                device: "nvme0n1".to_string(),
                reads: number * 17,
                ..DiskCounters::default()
            }],
            ..Reading::default()
        },
    }
}

#[test]
fn what_was_synced_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = LogWriter::create(folder.path(), 0).unwrap();
    for number in 0..100 {
        log.append(&reading(number)).unwrap();
        if number % 7 == 0 {
            log.sync().unwrap();
        }
    }
    log.sync().unwrap();
    let content = read_log(log.path()).unwrap();
    assert_eq!(content.records, (0..100).map(reading).collect::<Vec<_>>());
    assert_eq!(content.cut_bytes, 0);
    assert_eq!(LogWriter::create(folder.path(), 0).unwrap().sequence(), 2);
    assert_eq!(LogWriter::create(folder.path(), 9).unwrap().sequence(), 10);
}

#[test]
fn a_log_cut_or_flipped_at_any_byte_gives_only_whole_frames() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = LogWriter::create(folder.path(), 0).unwrap();
    for number in 0..6 {
        log.append(&reading(number)).unwrap();
        log.sync().unwrap();
    }
    let bytes = fs::read(log.path()).unwrap();
    let whole = read_log(log.path()).unwrap().records;
    let copy = folder.path().join("copy.log");
    for cut in 0..bytes.len() {
        fs::write(&copy, &bytes[..cut]).unwrap();
        let content = read_log(&copy).unwrap();
        assert!(whole.starts_with(&content.records), "cut at {cut}");
        assert!(content.records.len() < whole.len());
        let mut flipped = bytes.clone();
        flipped[cut] ^= 0x10;
        fs::write(&copy, &flipped).unwrap();
        match read_log(&copy) {
            Ok(content) => assert!(cut >= 8 && whole.starts_with(&content.records), "flipped at {cut}"),
            Err(LogError::Damaged { .. } | LogError::TooOld { .. } | LogError::TooNew { .. }) => assert!(cut < 8),
            Err(other) => panic!("flipped at {cut}: {other}"),
        }
    }
}

#[test]
fn a_full_disk_is_said_and_keeps_what_was_synced() {
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let out = Command::new("sh")
        .args([
            "-c",
            "ulimit -f 8; trap '' XFSZ; exec \"$0\" --exact writes_until_refused --ignored --nocapture",
        ])
        .arg(program)
        .env("LOG_FOLDER", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    let acknowledged: usize = said.lines().filter(|line| line.starts_with("synced ")).count();
    assert!(said.contains("full"), "{said} {}", String::from_utf8_lossy(&out.stderr));
    assert!(acknowledged > 3, "{said}");
    let (_, path) = logs_in(folder.path()).unwrap().pop().unwrap();
    let content = read_log(&path).unwrap();
    assert_eq!(content.records.len(), acknowledged);
    assert_eq!(content.cut_bytes, 0, "the torn frame was cut off");
}

#[test]
#[ignore = "run by the tests above in a process of its own"]
fn writes_until_refused() {
    let folder = std::env::var("LOG_FOLDER").unwrap();
    let mut log = LogWriter::create(folder.as_ref(), 0).unwrap();
    for number in 0.. {
        log.append(&reading(number)).unwrap();
        match log.sync() {
            Ok(()) => println!("\nsynced {number}"),
            Err(error) => {
                println!("\nfull: {error}");
                return;
            }
        }
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    for round in 0..20_u64 {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_refused", "--ignored", "--nocapture"])
            .env("LOG_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let reader = thread::spawn(move || {
            lines
                .lines()
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("synced ")?.parse::<u64>().ok())
                .last()
        });
        thread::sleep(Duration::from_millis(15 + round * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        let Some(last) = reader.join().unwrap() else { continue };
        let (_, path) = logs_in(folder.path()).unwrap().pop().unwrap();
        let records = read_log(&path).unwrap().records;
        assert!(records.len() as u64 > last, "{} of {last}", records.len());
        for (number, record) in records.iter().enumerate() {
            assert_eq!(*record, reading(number as u64));
        }
    }
}

#[test]
fn the_second_collector_is_refused_and_told_who_the_first_is() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(owner(folder.path()), None);
    let lock = CampaignLock::take(folder.path(), "process 7 on probe-1").unwrap();
    let refused = CampaignLock::take(folder.path(), "process 8").unwrap_err();
    assert!(
        matches!(&refused, LockError::Held { owner, .. } if owner == "process 7 on probe-1"),
        "{refused}"
    );
    assert_eq!(owner(folder.path()).as_deref(), Some("process 7 on probe-1"));
    drop(lock);
    assert_eq!(owner(folder.path()), None);
    CampaignLock::take(folder.path(), "process 9").unwrap();
}
