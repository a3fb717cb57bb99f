//! How a collector ends: by itself, asked to, killed, refused, without room; and what is there afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use collector::log::{Record, read_log};
use collector::rates::{LastInterval, Spacing, rows};
use collector::reading::Reading;
use telemetry::Table;
use telemetry::schema::host;

use crate::sshd::rig::{Rig, is_root};
use crate::sshd::{Assessment, entry, now_ms, text};

const SOON: Duration = Duration::from_secs(30);
const HERE: &str = "[[hosts]]\nname = \"here\"\naddress = \"local\"\n\n";

/// Gives the readings of each host that are in the logs.
fn logged(assessment: &Assessment) -> BTreeMap<String, Vec<Reading>> {
    let mut readings: BTreeMap<String, Vec<Reading>> = BTreeMap::new();
    for path in assessment.logs() {
        let mut names = BTreeMap::new();
        for record in read_log(&path).unwrap().records {
            match record {
                Record::Host { number, name, .. } => {
                    names.insert(number, name);
                }
                Record::Reading { host, reading } => readings.entry(names[&host].clone()).or_default().push(reading),
                _ => {}
            }
        }
    }
    readings
}

#[test]
fn a_collector_that_is_killed_again_and_again_loses_the_open_interval_only() {
    let rig = Rig::new();
    let server = rig.start();
    let assessment = Assessment::with(&(HERE.to_string() + &entry(&rig, "far", &server)));
    let spacing = Spacing {
        interval_ms: 1_000,
        tick_ms: 1_000,
    };
    for round in 0..6_u64 {
        let mut collector = assessment.collect(&["--every", "1s", "--tick", "1s"]);
        collector.wait_for("far", "up", 1, SOON);
        thread::sleep(Duration::from_millis(2_600 + round * 237));
        let killed_ms = now_ms();
        let ended = collector.end_with("KILL", SOON);
        assert_eq!(ended.code, None, "{}", ended.talk);
        let logged = logged(&assessment);
        assert_eq!(logged.len(), 2, "round {round}: {:?}", logged.keys());
        let status = assessment.run(&["status"]);
        assert_eq!(status.status.code(), Some(0), "{}", text(&status.stderr));
        assert!(assessment.logs().is_empty(), "the logs became telemetry");
        let reader = assessment.store().open(Table::Host).unwrap();
        for (name, readings) in logged {
            // Read every second, synced every second, and a busy machine.
            let last = readings.last().unwrap().at_ms;
            assert!(
                killed_ms - last < 4_000,
                "round {round}, {name}: {} ms",
                killed_ms - last
            );
            let kept = assessment.rows(&name);
            let made = rows(&name, &readings, spacing, i64::MIN, LastInterval::Close);
            let expected = made.series.iter().find(|series| series.table == Table::Host).unwrap();
            assert!(!expected.is_empty());
            for (place, at_ms) in expected.at_ms.iter().enumerate() {
                let row = kept.iter().find(|row| row.at_ms == *at_ms);
                let row = row.unwrap_or_else(|| panic!("round {round}: {name} lost {at_ms}: {kept:?}"));
                let busy = expected.value(host::CPU_BUSY_CORES, place).unwrap();
                assert!(
                    (row.busy_cores.unwrap() - busy).abs() <= 0.002 + busy * 0.002,
                    "{row:?} {busy}"
                );
            }
        }
        reader.decode_all(&[host::CPU_BUSY_CORES]).unwrap();
        assert!(assessment.store().leftovers().unwrap().is_empty());
    }
}

#[test]
fn sigterm_ends_a_collector_and_a_second_one_is_refused_while_it_works() {
    let assessment = Assessment::with(HERE);
    let mut first = assessment.collect(&[]);
    first.wait_for("here", "up", 1, SOON);
    let second = assessment.run(&["collect", "--for", "5s"]);
    assert_eq!(second.status.code(), Some(2), "{}", text(&second.stderr));
    let said = text(&second.stderr);
    assert!(said.contains(&format!("process {} ", first.id())), "{said}");
    assert!(said.contains("hint: "), "{said}");
    thread::sleep(Duration::from_secs(5));
    let begun = Instant::now();
    let ended = first.end_with("TERM", SOON);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(ended.code, Some(0), "{}", ended.talk);
    assert!(assessment.rows("here").len() >= 2);
    assert!(assessment.logs().is_empty());
    // Nothing of the first stands in the way of the next.
    let next = assessment.collect(&["--for", "3s"]).end(SOON);
    assert_eq!(next.code, Some(0), "{}", next.talk);
}

#[test]
fn a_full_disk_ends_a_collector_that_keeps_what_it_has() {
    if !is_root() {
        println!("NOT RUN: a disk that fills needs a small file system, which only root can mount");
        return;
    }
    let assessment = Assessment::with(HERE);
    let small = Small::mounted_on(&assessment.telemetry());
    let mut collector = assessment.collect(&["--every", "1s", "--tick", "1s"]);
    collector.wait_for("here", "up", 1, SOON);
    thread::sleep(Duration::from_secs(4));
    small.fill();
    let ended = collector.end(SOON);
    assert_eq!(ended.code, Some(2), "{} {}", ended.talk, ended.events);
    assert!(ended.talk.contains("the disk is full"), "{}", ended.talk);
    assert!(ended.talk.contains("hint: make room"), "{}", ended.talk);
    assert!(!assessment.logs().is_empty(), "what was synced is kept");
    small.make_room();
    assert!(assessment.status("here")["days"].as_f64().is_some());
    let before = assessment.rows("here").len();
    assert!(before >= 2, "{before} rows");
    let next = assessment
        .collect(&["--every", "1s", "--tick", "1s", "--for", "4s"])
        .end(SOON);
    assert_eq!(next.code, Some(0), "{}", next.talk);
    assert!(assessment.rows("here").len() > before);
}

/// A file system in memory of one MiB.
struct Small {
    folder: std::path::PathBuf,
}

impl Small {
    fn mounted_on(folder: &std::path::Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(folder)
            .output()
            .unwrap();
        assert!(
            mounted.status.success(),
            "root may not mount: {}",
            text(&mounted.stderr)
        );
        Self {
            folder: folder.to_path_buf(),
        }
    }

    /// Takes all room that is left.
    fn fill(&self) {
        let filler = fs::write(self.folder.join("filler"), vec![0; 2 << 20]);
        assert!(filler.is_err(), "there is still room");
    }

    fn make_room(&self) {
        fs::remove_file(self.folder.join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}
