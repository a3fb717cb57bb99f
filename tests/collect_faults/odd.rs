//! Hosts that are odd or hostile: they cost bounded memory, are told of, and hold up nobody.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use telemetry::Table;
use telemetry::schema::{disk, network};

use crate::sshd::rig::{Rig, Sshd};
use crate::sshd::{Assessment, assert_plausible, entry, longest_pause_ms, now_ms};

const SOON: Duration = Duration::from_secs(30);

/// Starts a server whose every command is the script, playing a host.
fn playing(rig: &Rig, part: &str, boot: &Path) -> Sshd {
    let script = rig.write("played.sh", include_str!("played.sh"));
    let command = format!("/bin/sh {} {part} {}", script.display(), boot.display());
    rig.server().line(&format!("ForceCommand {command}")).start()
}

fn booted(rig: &Rig, name: &str, ago_ms: i64, id: &str) -> std::path::PathBuf {
    // Beside and renamed, as the script reads it at any moment.
    let beside = rig.write(&format!("{name}.beside"), &format!("{} {id}\n", now_ms() - ago_ms));
    let path = rig.path(name);
    fs::rename(beside, &path).unwrap();
    path
}

#[test]
fn hostile_hosts_cost_little_and_are_named() {
    let rig = Rig::new();
    let boot = booted(&rig, "boot", 1_000_000, "11111111-1111-4111-8111-111111111111");
    let parts = [
        "garbage-first",
        "garbage-inside",
        "flood-first",
        "flood-inside",
        "flood-lines",
        "absurd",
    ];
    let good = rig.start();
    let servers: Vec<Sshd> = parts.iter().map(|part| playing(&rig, part, &boot)).collect();
    let mut hosts = entry(&rig, "good", &good);
    for (part, server) in parts.iter().zip(&servers) {
        hosts += &entry(&rig, part, server);
    }
    let assessment = Assessment::with(&hosts);
    let mut collector = assessment.collect(&[]);
    collector.wait_for("good", "up", 1, SOON);
    collector.wait_for("absurd", "up", 1, SOON);
    for part in &parts[..5] {
        let mut troubles = Vec::new();
        for state in ["down", "given up"] {
            troubles.extend(
                collector
                    .events(part)
                    .into_iter()
                    .filter(|event| event["state"] == state),
            );
        }
        let event = match troubles.pop() {
            Some(event) => event,
            None => collector.wait_for(part, "down", 1, SOON),
        };
        let trouble = event["trouble"].as_str().unwrap();
        assert!(
            !trouble.chars().any(char::is_control) && trouble.len() < 1_000,
            "{event}"
        );
    }
    // Floods are tried again and again meanwhile.
    thread::sleep(Duration::from_secs(8));
    let peak = collector.peak_memory_kibibytes();
    assert!(peak < 128 << 10, "{peak} KiB");
    let ended = collector.end_with("TERM", Duration::from_secs(10));
    assert_eq!(ended.code, Some(1), "{}", ended.talk);
    for part in &parts[..5] {
        assert!(ended.events.contains(part), "{part} is not named");
    }
    assert!(!ended.talk.contains('\u{1b}') && !ended.events.contains('\u{1b}'));
    let rows = assessment.rows("good");
    assert!(rows.len() >= 4 && longest_pause_ms(&rows) <= 4_000, "{rows:?}");
    assert_plausible("absurd", &assessment.rows("absurd"));
    let notes = assessment.notes();
    assert!(notes.iter().any(|note| note.starts_with("absurd: ")), "{notes:?}");
}

#[test]
fn a_reboot_is_a_gap_and_no_rate() {
    let rig = Rig::new();
    let boot = booted(&rig, "boot", 500_000_000, "11111111-1111-4111-8111-111111111111");
    let server = playing(&rig, "well", &boot);
    let assessment = Assessment::with(&entry(&rig, "played", &server));
    let mut collector = assessment.collect(&[]);
    collector.wait_for("played", "up", 1, SOON);
    thread::sleep(Duration::from_secs(5));
    // As a snapshot that is resumed: the counters start again and the connection holds.
    booted(&rig, "boot", 5_000, "11111111-1111-4111-8111-111111111111");
    thread::sleep(Duration::from_secs(4));
    // As a machine that starts again.
    booted(&rig, "boot", 2_000, "22222222-2222-4222-8222-222222222222");
    server.kill_sessions();
    collector.wait_for("played", "up", 2, SOON);
    thread::sleep(Duration::from_secs(5));
    let ended = collector.end_with("TERM", Duration::from_secs(10));
    assert_eq!(ended.code, Some(0), "{}", ended.talk);
    let rows = assessment.rows("played");
    assert!(rows.len() >= 5, "{rows:?}");
    for row in &rows {
        assert!((1.4..1.6).contains(&row.busy_cores.unwrap()), "{row:?}");
    }
    for (table, column, value) in [
        (Table::Disk, disk::READS_PER_S, 1_000.0),
        (Table::Network, network::RECEIVE_BYTES_PER_S, 1_000_000.0),
    ] {
        let series = assessment.store().open(table).unwrap().read(0..1, &[column]).unwrap();
        for found in series[0].values(column) {
            assert!((found.unwrap() / value - 1.0).abs() < 0.1, "{found:?} {value}");
        }
    }
    let origins = assessment.store().origins().unwrap();
    assert!(origins[0].quality["played"].gaps >= 2, "{:?}", origins[0].quality);
}

#[test]
fn banners_messages_of_the_day_and_other_locales_do_not_matter() {
    let rig = Rig::new();
    let locales = rig.path("locales");
    fs::create_dir(&locales).unwrap();
    let made = Command::new("localedef")
        .args(["-i", "de_DE", "-f", "UTF-8"])
        .arg(locales.join("de_DE.UTF-8"))
        .output()
        .expect("localedef is missing: install locales");
    assert!(
        locales.join("de_DE.UTF-8").is_dir(),
        "the locale cannot be made, install locales: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    let noise = rig.write(
        "noisy.sh",
        &format!(
            "yes 'Willkommen! 1,5 GB frei. @0123456789abcdef R 1' | head -n 700\nexport LOCPATH={} LC_ALL=de_DE.UTF-8\n\
             /usr/bin/printf 'Es gilt: %.1f\\n' 1,5\nexec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
            locales.display()
        ),
    );
    let banner = rig.write(
        "banner",
        &"Nur für Befugte!\u{1b}[2J @0123456789abcdef B 1\n".repeat(100),
    );
    let server = rig
        .server()
        .line(&format!("Banner {}", banner.display()))
        .line(&format!("ForceCommand /bin/sh {}", noise.display()))
        .start();
    let assessment = Assessment::with(&entry(&rig, "noisy", &server));
    let mut collector = assessment.collect(&["--for", "9s"]);
    collector.wait_for("noisy", "up", 1, SOON);
    let ended = collector.end(SOON);
    assert_eq!(ended.code, Some(0), "{} {}", ended.talk, ended.events);
    let rows = assessment.rows("noisy");
    assert!(rows.len() >= 2, "{rows:?}");
    assert_plausible("noisy", &rows);
    let mounts = assessment.store().open(Table::Filesystem).unwrap();
    let here = Command::new("df").arg("-P").output().unwrap();
    let has_disk = String::from_utf8_lossy(&here.stdout).contains("/dev/");
    assert_eq!(mounts.rows() > 0, has_disk, "df in another language");
    assert!(
        !assessment.notes().iter().any(|note| note.contains("number")),
        "{:?}",
        assessment.notes()
    );
}
