//! Service counters through the whole program: hosts.toml, collect over a real sshd, telemetry, inventory, no secret.

#![allow(clippy::unwrap_used, missing_docs)]

// The modules of the collector's tests name it by its full name.
extern crate collector as sizewright_collector;

#[path = "../collector/tests/counters/running.rs"]
mod running;
#[path = "../collector/tests/sshd/mod.rs"]
mod sshd;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use running::Running;
use telemetry::schema::service::VALUE;
use telemetry::{Store, Table};

const CANARY: &str = "canary-9f27-never-seen";

/// Looks for a word in every file of a folder.
fn files_with(folder: &Path, word: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, word, found);
        } else if fs::read(&path)
            .unwrap()
            .windows(word.len())
            .any(|window| window == word.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
}

/// Gives the processes that show a word in their arguments.
fn arguments_with(word: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let arguments = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    let texts = arguments.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "));
    texts.filter(|text| text.contains(word)).collect()
}

#[test]
fn counters_become_telemetry_and_facts_and_no_password_is_seen_anywhere() {
    let rig = sshd::Rig::new();
    let server = rig.start();
    let endpoint = rig.endpoint(&server);
    let mariadb = Running::mariadb();
    let redis = Running::redis(None);
    redis.write(10);
    mariadb.set_password("monitor", CANARY);
    let secret = rig.write("secret", &format!("{CANARY}\n"));
    let folder = tempfile::tempdir().unwrap();
    let acme = folder.path().join("acme");
    let sizewright = env!("CARGO_BIN_EXE_sizewright");
    assert!(
        Command::new(sizewright)
            .arg("init")
            .arg(&acme)
            .stdout(Stdio::null())
            .status()
            .unwrap()
            .success()
    );
    let hosts = format!(
        "[defaults]\nuser = {:?}\nkey = {:?}\nknown_hosts = {:?}\nport = {}\n\
         [[hosts]]\nname = \"db-1\"\naddress = \"127.0.0.1\"\nservices = [\"mariadb:{}\", \"redis:{}\", \"memcached:1\"]\n\
         [[hosts]]\nname = \"off-1\"\naddress = \"127.0.0.1\"\nservices = [\"redis:{}\"]\ncounters = false\n\
         [[accounts]]\nproduct = \"mysql\"\nhosts = [\"db-*\"]\nuser = \"monitor\"\npassword_command = \"cat {}\"\n",
        endpoint.user,
        rig.path("user"),
        endpoint.known_hosts[0],
        server.port,
        mariadb.port,
        redis.port,
        redis.port,
        secret.display()
    );
    fs::write(acme.join("hosts.toml"), hosts).unwrap();
    // Two minutes of the clock are touched, so that totals become rates.
    let mut collect = Command::new(sizewright)
        .arg("-C")
        .arg(&acme)
        .args(["collect", "--for", "64s", "--every", "4s", "--tick", "2s"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = Vec::new();
    let mut looks = 0;
    while collect.try_wait().unwrap().is_none() {
        shown.extend(arguments_with(CANARY));
        looks += 1;
        std::thread::sleep(Duration::from_millis(15));
    }
    let output = collect.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(looks > 100);
    assert_eq!(shown, Vec::<String>::new(), "a process showed the password");
    assert!(!said.contains(CANARY), "{said}");
    let mut found = Vec::new();
    files_with(&acme, CANARY, &mut found);
    assert_eq!(found, Vec::<String>::new());

    let reader = Store::at(acme.join("telemetry")).open(Table::Service).unwrap();
    let mut metrics = BTreeSet::new();
    for series in reader.read(0..reader.hosts().len(), &[VALUE]).unwrap() {
        assert_eq!(series.host, "db-1", "counters = false");
        assert!((0..series.len()).all(|row| series.value(VALUE, row).is_some_and(|value| value >= 0.0)));
        metrics.insert(series.labels.join(" "));
    }
    for wanted in [
        "mariadb operations_per_s",
        "mariadb buffer_size_bytes",
        "mariadb data_bytes",
        "redis operations_per_s",
        "redis keys",
    ] {
        assert!(metrics.contains(wanted), "{wanted} is not among {metrics:?}");
    }
    let inventory = telemetry::inventory::read(&acme.join("inventory")).unwrap();
    let fact = |name: &str, item: &str| {
        let facts = inventory.facts.iter();
        let mut facts = facts.filter(|fact| fact.host == "db-1" && fact.name == name && fact.item == item);
        facts.next().map(|fact| fact.value.clone()).unwrap_or_default()
    };
    assert!(fact("service.version", "mariadb").contains("MariaDB"));
    assert_eq!(fact("service.role", "redis"), "standalone");
    assert!(
        fact("service.counters", "memcached").starts_with("unavailable: "),
        "{:?}",
        fact("service.counters", "memcached")
    );
    // The reader of the plan is told too.
    let mut notes = Vec::new();
    files_with(
        &acme.join("telemetry/origins"),
        "memcached: its counters are unavailable",
        &mut notes,
    );
    assert_eq!(notes.len(), 1);
}
