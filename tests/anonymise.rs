//! A copy without names plans like the original, holds no name, and leads back with its key only.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use telemetry::inventory::{Category, Fact, Inventory, Learnt, Service, Sureness};
use telemetry::{Store, Table};

fn sizewright(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(arguments)
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    output
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Words that stand nowhere but in this customer's estate.
const SECRETS: [&str; 11] = [
    "lotusd",
    "lotus_svc",
    "Lotus Pay",
    "topsecret",
    "lotus-billing",
    "5e:a1:00:c0:ff:ee",
    "lotusarchive",
    "prod-",
    "lotus-orders",
    "lotus-sessions",
    "lotus-gone",
];

fn extra(inventory: &mut Inventory) {
    let learnt = Learnt {
        first_at_ms: 1,
        last_at_ms: 2,
        how: "/etc/lotusd/main.conf of prod-pg-01".to_string(),
        ..Learnt::default()
    };
    inventory.services.push(Service {
        host: "prod-pg-01".to_string(),
        service: "lotusd".to_string(),
        product: "unknown".to_string(),
        category: Category::Unknown,
        version: None,
        role: None,
        ports: vec![7_777],
        process: Some("lotusd".to_string()),
        user: Some("lotus_svc".to_string()),
        unit: Some("lotus-billing.service".to_string()),
        arguments: Some("--name topsecret".to_string()),
        processes: 1,
        rested_on: vec![
            "process name lotusd".to_string(),
            "path /srv/lotusarchive/bin".to_string(),
        ],
        sureness: Sureness::Seen,
        learnt: learnt.clone(),
    });
    for (name, item, value) in [
        ("host.name", "", "prod-pg-01.lotus-billing"),
        ("interface.addresses", "eth0", "10.20.0.31/24 2001:db8:7::1/64"),
        ("interface.mac", "eth0", "5e:a1:00:c0:ff:ee"),
        ("mount.source", "/srv/lotusarchive", "10.20.0.99:/export/lotusarchive"),
        ("cpu.model", "", "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"),
    ] {
        inventory.facts.push(Fact {
            host: "prod-pg-01".to_string(),
            name: name.to_string(),
            item: item.to_string(),
            value: value.to_string(),
            learnt: learnt.clone(),
        });
    }
}

/// Gives every byte that can be read from a folder, decoded where it is encoded.
fn everything(folder: &Path) -> String {
    let mut all = String::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            all.push_str(&format!("{}\n", path.strip_prefix(folder).unwrap().display()));
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap()));
            }
        }
    }
    let inventory = telemetry::inventory::read(&folder.join("inventory")).unwrap();
    all.push_str(&serde_json::to_string(&inventory).unwrap());
    let store = Store::at(folder.join("telemetry"));
    for table in Table::ALL {
        let reader = store.open(table).unwrap();
        for series in reader.read(0..reader.hosts().len(), &[]).unwrap() {
            all.push_str(&format!("{} {:?}\n", series.host, series.labels));
        }
    }
    all
}

fn plan(folder: &Path) -> serde_json::Value {
    sizewright(&["-C", &name(folder), "plan", "--as-of", "2026-05-18", "--quiet"]);
    serde_json::from_slice(&fs::read(folder.join("plan/plan.json")).unwrap()).unwrap()
}

/// Gives the rows of a plan by host, each with names replaced.
fn rows(plan: &serde_json::Value, names: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let rows = plan["recommendations"].as_array().unwrap().iter();
    rows.map(|row| {
        let mut text = row.to_string();
        // Longest first: no name is the beginning of a longer one that is still to come.
        let mut names: Vec<_> = names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, pseudonym) in names {
            // Keys of JSON stay: an owner may be called `quality`, as a part of the proof is.
            let pieces: Vec<&str> = text.split(&format!("\"{name}\"")).collect();
            let mut replaced = pieces[0].to_string();
            for piece in &pieces[1..] {
                let word = if piece.starts_with(':') { name } else { pseudonym };
                replaced.push_str(&format!("\"{word}\"{piece}"));
            }
            // Parts of a path have pseudonyms of their own.
            text = replaced
                .replace(&format!("/{name}\""), &format!("/{pseudonym}\""))
                .replace(&format!("/{name}/"), &format!("/{pseudonym}/"));
        }
        let host = serde_json::from_str::<serde_json::Value>(&text).unwrap()["host"]
            .as_str()
            .unwrap()
            .to_string();
        (host, text)
    })
    .collect()
}

#[test]
fn a_copy_plans_alike_names_nobody_and_leads_back() {
    let work = tempfile::tempdir().unwrap();
    let (demo, copy, again) = (
        work.path().join("demo"),
        work.path().join("copy"),
        work.path().join("again"),
    );
    sizewright(&[
        "demo",
        "--out",
        &name(&demo),
        "--as-of",
        "2026-05-18",
        "--no-charts",
        "--quiet",
    ]);
    let inventory_folder = demo.join("inventory");
    let mut known = telemetry::inventory::read(&inventory_folder).unwrap();
    extra(&mut known);
    telemetry::inventory::write(&inventory_folder, &known).unwrap();
    let known = telemetry::inventory::read(&inventory_folder).unwrap();
    fs::write(
        demo.join("hosts.toml"),
        "[defaults]\nuser = \"lotus_svc\"\n[[hosts]]\nname = \"prod-pg-01\"\naddress = \"10.20.0.31\"\n[[hosts]]\nname = \"prod-web-01\"\naddress = \"local\"\n",
    )
    .unwrap();

    let stated = concat!(
        "[[services]]\nhosts = \"prod-pg-0?\"\nproduct = \"postgresql\"\ncluster = \"lotus-orders\"\ntarget = \"aurora\"\n",
        "[[services]]\nhosts = \"prod-web-01\"\nproduct = \"memcached\"\nservice = \"lotus-sessions\"\nversion = \"1.6\"\n",
        "[[services]]\nhosts = \"lotus-gone-*\"\nproduct = \"redis\"\n",
    );
    fs::write(demo.join("services.toml"), stated).unwrap();

    sizewright(&["-C", &name(&demo), "anonymise", &name(&copy), "--quiet"]);
    let key = work.path().join("copy.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let names: serde_json::Value = serde_json::from_slice(&fs::read(&key).unwrap()).unwrap();
    let names: BTreeMap<String, String> = names["names"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(pseudonym, name)| (name.as_str().unwrap().to_string(), pseudonym.clone()))
        .collect();

    let said = everything(&copy);
    let store = Store::at(demo.join("telemetry"));
    let hosts = store.open(Table::Host).unwrap().hosts().to_vec();
    assert_eq!(hosts.len(), 55);
    for word in hosts.iter().map(String::as_str).chain(SECRETS) {
        assert!(!said.contains(word), "{word} is in the copy");
    }
    for row in &known.dependencies {
        for peer in [&row.client, &row.server]
            .into_iter()
            .filter(|peer| !peer.address.starts_with("127."))
        {
            assert!(
                !said.contains(&format!("\"{}\"", peer.address)),
                "{} is in the copy",
                peer.address
            );
        }
    }
    assert!(said.contains("Gold 6148"), "what names nobody stays");

    let (original, other) = (plan(&demo), plan(&copy));
    let (expected, found) = (rows(&original, &names), rows(&other, &BTreeMap::new()));
    assert_eq!(expected.len(), 55);
    for (host, row) in &expected {
        assert_eq!(
            Some(row),
            found.get(host),
            "a plan of the copy equals the plan of the original but for names"
        );
    }
    assert_eq!(original["summary"], other["summary"]);
    // In phase `replatform` a pair of load balancers, which only its names tie, is two in a copy without names.
    let total = |plan: &serde_json::Value| plan["phases"]["rehost"]["total"].clone();
    assert!(total(&original)["known"].is_string(), "{}", total(&original));
    assert_eq!(
        total(&original),
        total(&other),
        "services.toml of the copy moves the same"
    );
    let services = fs::read_to_string(copy.join("services.toml")).unwrap();
    let pg = names.get("prod-pg-01").unwrap();
    assert!(services.contains(pg) && services.contains("aurora"), "{services}");
    assert_eq!(
        services.matches("product = \"postgresql\"").count(),
        3,
        "one entry a host"
    );
    assert!(
        !services.contains("redis"),
        "a pattern that no host matches may be a name"
    );

    // Private networks stay private, subnets stay subnets.
    let moved = telemetry::inventory::read(&copy.join("inventory")).unwrap();
    let subnet = |address: &str| address.rsplit_once('.').map(|(subnet, _)| subnet.to_string());
    let subnets = |rows: &Inventory| {
        let addresses = rows.dependencies.iter().map(|row| row.server.address.clone());
        addresses
            .filter_map(|address| subnet(&address))
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    assert_eq!(subnets(&known), subnets(&moved));

    sizewright(&[
        "-C",
        &name(&copy),
        "anonymise",
        &name(&again),
        "--reverse",
        &name(&key),
        "--quiet",
    ]);
    let mut without_arguments = known.clone();
    for service in &mut without_arguments.services {
        service.arguments = None;
    }
    assert_eq!(
        telemetry::inventory::read(&again.join("inventory")).unwrap(),
        without_arguments
    );
    let back = Store::at(again.join("telemetry"));
    for table in Table::ALL {
        let (one, other) = (store.open(table).unwrap(), back.open(table).unwrap());
        let columns: Vec<_> = (0..table.columns().len())
            .filter_map(|at| table.column_at(at))
            .collect();
        let read =
            |reader: &telemetry::store::TableReader| reader.read(0..reader.hosts().len().min(9), &columns).unwrap();
        assert_eq!(one.hosts(), other.hosts());
        assert_eq!(read(&one), read(&other), "{}", table.name());
    }
    assert_eq!(store.origins().unwrap(), back.origins().unwrap());
    assert_eq!(rows(&plan(&again), &BTreeMap::new()), rows(&original, &BTreeMap::new()));
    assert!(
        fs::read_to_string(again.join("hosts.toml"))
            .unwrap()
            .contains("10.20.0.31")
    );
    let services = fs::read_to_string(again.join("services.toml")).unwrap();
    for word in ["prod-pg-01", "prod-web-01", "lotus-orders", "lotus-sessions"] {
        assert!(services.contains(word), "{word} leads back: {services}");
    }
}

#[test]
fn the_same_key_gives_the_same_pseudonyms_and_nothing_is_overwritten() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("acme");
    sizewright(&["init", &name(&folder), "--quiet"]);
    fs::write(folder.join("hosts.toml"), "hosts = [\"db-1.acme.example\"]\n").unwrap();
    let (one, two) = (work.path().join("one"), work.path().join("two"));
    let key = name(&work.path().join("one.key"));
    sizewright(&["-C", &name(&folder), "anonymise", &name(&one), "--quiet"]);
    sizewright(&["-C", &name(&folder), "anonymise", &name(&two), "--key", &key, "--quiet"]);
    assert_eq!(
        fs::read(one.join("hosts.toml")).unwrap(),
        fs::read(two.join("hosts.toml")).unwrap()
    );
    assert!(!fs::read_to_string(one.join("hosts.toml")).unwrap().contains("acme"));
    let refused = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(["-C", &name(&folder), "anonymise", &name(&two)])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2), "the folder is not empty");
}
