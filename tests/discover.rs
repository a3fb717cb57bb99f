//! Discovery as a user runs it: real services behind a real sshd, seen by an ordinary account.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

// The rig names the crate as its own tests do.
extern crate collector as sizewright_collector;

#[path = "../collector/tests/estate/mod.rs"]
mod estate;
mod sshd;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use estate::Estate;
use estate::typed::{Typed, cases, telling};
use sshd::rig::{Rig, Sshd, account::Account, own_name};
use sshd::{Assessment, text};
use telemetry::inventory::{self, Category, Inventory, Privilege, Sureness};

/// The password in the arguments of the estate's Redis.
const CANARY: &str = "canary-7f3K9q";
const HOSTILE: &str =
    "redis-server \u{1b}[2J\u{7} <script>alert(1)</script> =HYPERLINK(\"http://x\") \nevil \u{202e}txt";

/// A server, an account of no power on it, and an assessment that names it.
struct Scene {
    rig: Rig,
    server: Sshd,
    account: Option<Account>,
    assessment: Assessment,
}

impl Scene {
    /// As [`new`](Self::new), and the same server once more by the name `as-root`, seen by who runs the test.
    fn seen_twice() -> Self {
        let scene = Self::new("");
        let own = sshd::entry(&scene.rig, "as-root", &scene.server);
        let path = scene.assessment.root().join("hosts.toml");
        let hosts = fs::read_to_string(&path).unwrap();
        fs::write(path, hosts + &own).unwrap();
        scene
    }

    fn new(more_hosts: &str) -> Self {
        let rig = Rig::new();
        let server = rig.start();
        let account = Account::make();
        let user = account.as_ref().map_or_else(own_name, |account| account.name.clone());
        let hosts = sshd::entry(&rig, "all-in-one", &server).replace(
            &format!("user = {:?}", own_name()),
            &format!("user = {user:?}\ntags = [\"shop\"]"),
        );
        let assessment = Assessment::with(&(hosts + more_hosts));
        Self {
            rig,
            server,
            account,
            assessment,
        }
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.assessment.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn inventory(&self) -> Inventory {
        inventory::read(&self.assessment.root().join("inventory")).unwrap()
    }
}

/// Gives every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found
}

/// Gives all that an assessment holds: its files as they are, and what is packed in the inventory's.
fn everything(root: &Path) -> String {
    let mut all: String = files(root)
        .iter()
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        .collect();
    all.push_str(&format!("{:?}", inventory::read(&root.join("inventory")).unwrap()));
    all
}

#[test]
fn root_and_an_ordinary_account_find_what_runs_and_no_secret_reaches_the_disk() {
    let mut estate = Estate::new();
    estate.redis();
    estate.redis();
    estate.memcached();
    estate.postgresql();
    estate.mariadb();
    estate.nginx();
    estate.haproxy();
    estate.apache();
    estate.rabbitmq();
    estate.stand_in("redis", HOSTILE);
    let cases = cases();
    let typed: Vec<Typed> = cases.iter().map(Typed::start).collect();
    assert!(typed.len() >= 100, "{} command lines", typed.len());
    let scene = Scene::seen_twice();

    let rows: serde_json::Value = serde_json::from_str(&scene.said(&["discover", "--format", "json"])).unwrap();
    assert_eq!(
        (&rows[0]["reached"], &rows[1]["reached"]),
        (&"yes".into(), &"yes".into()),
        "{rows}"
    );
    let known = scene.inventory();
    let of = |host: &str| -> Vec<_> {
        let all = known.current_services();
        all.into_iter().filter(|service| service.host == host).collect()
    };
    let (found, as_root) = (of("all-in-one"), of("as-root"));
    let wanted: BTreeSet<&str> = estate.running.iter().map(|running| running.product).collect();
    for product in &wanted {
        let services: Vec<_> = found.iter().filter(|service| service.product == *product).collect();
        assert!(!services.is_empty(), "{product} is not found: {rows}");
        assert!(
            as_root.iter().any(|service| service.product == *product),
            "{product}: {as_root:?}"
        );
    }
    // Nothing else of the test is a database: what only carries a database's arguments is its client.
    let databases: BTreeSet<&str> = found
        .iter()
        .filter(|service| service.category == Category::Database && service.sureness != Sureness::Inferred)
        .map(|service| service.product.as_str())
        .collect();
    println!("{databases:?}; {} services, {} facts", found.len(), known.facts.len());
    if scene.account.is_some() {
        for (host, privilege) in [("all-in-one", Privilege::User), ("as-root", Privilege::Root)] {
            let of_host = known.facts.iter().filter(|fact| fact.host == host);
            let privileges: BTreeSet<Privilege> = of_host.map(|fact| fact.learnt.privilege).collect();
            assert_eq!(privileges, BTreeSet::from([privilege]), "{host}");
        }
        // Root sees whose every port is.
        for running in estate.running.iter().filter(|running| running.port.is_some()) {
            let has = |service: &&&inventory::Service| running.port.is_some_and(|port| service.ports.contains(&port));
            let owner = as_root.iter().find(has).map(|service| service.product.as_str());
            assert_eq!(owner, Some(running.product));
        }
    }
    let fact = |name: &str| {
        let of_name = |fact: &&&inventory::Fact| fact.name == name;
        known
            .current_facts()
            .iter()
            .find(of_name)
            .map(|fact| fact.value.clone())
    };
    let release = fs::read_to_string("/etc/os-release").unwrap();
    let name = fact("os.name").unwrap();
    assert!(release.contains(&name), "{name}");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(fact("kernel.release").as_deref(), Some(kernel.trim()));
    for name in ["cpu.model", "cpu.threads", "memory.size_bytes", "machine.architecture"] {
        assert!(fact(name).is_some(), "{name} is not known");
    }

    // What one would hand to a customer, in every form.
    let status = scene.said(&["status"]);
    let told = scene.assessment.run(&["report"]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    let page = fs::read_to_string(scene.assessment.root().join("report/report.html")).unwrap();
    for product in &wanted {
        assert!(status.contains(product) && page.contains(product), "{product}");
    }
    assert!(page.contains("all-in-one") && page.replace("&#x2f;", "/").contains(&name));
    for harm in ["\u{1b}", "\u{7}", "<script>alert", "\u{202e}", "=HYPERLINK"] {
        assert!(!page.contains(harm) && !status.contains(harm), "{harm:?}");
    }

    let all = everything(scene.assessment.root());
    assert!(!all.contains(CANARY));
    let secrets: Vec<&str> = cases.iter().flat_map(telling).collect();
    let kept: Vec<&&str> = secrets.iter().filter(|secret| all.contains(**secret)).collect();
    println!("{} secrets of {} command lines", secrets.len(), cases.len());
    assert!(kept.is_empty(), "on disk: {kept:?}");
    let with_arguments = found.iter().filter(|service| service.arguments.is_some()).count();
    assert!(with_arguments > 3, "arguments are kept unless told otherwise");

    // Again: nothing is forgotten, and what stays the same is one row with a longer time.
    scene.said(&["discover", "--no-arguments"]);
    let again = scene.inventory();
    let first = |inventory: &Inventory, product: &str| {
        let services = inventory.current_services();
        let is_it = |service: &&&inventory::Service| service.host == "all-in-one" && service.product == product;
        let service = services.iter().find(is_it).unwrap();
        (service.learnt.first_at_ms, service.learnt.last_at_ms)
    };
    let (before, after) = (first(&known, "postgresql"), first(&again, "postgresql"));
    assert_eq!(before.0, after.0);
    assert!(after.1 > before.1);
}

#[test]
fn names_only_keeps_no_argument() {
    let mut estate = Estate::new();
    estate.redis();
    let scene = Scene::new("");
    scene.said(&["discover", "--no-arguments", "--quiet"]);
    let known = scene.inventory();
    assert!(known.services.iter().any(|service| service.product == "redis"));
    let kept: Vec<_> = known
        .services
        .iter()
        .filter(|service| service.arguments.is_some())
        .collect();
    assert!(kept.is_empty(), "{kept:?}");
}

#[test]
fn a_host_that_is_not_there_costs_the_others_nothing() {
    let port = sshd::rig::free_port();
    let scene = Scene::new(&format!(
        "[[hosts]]\nname = \"gone\"\naddress = \"127.0.0.1\"\nport = {port}\nuser = \"assessor\"\n"
    ));
    let output = scene.assessment.run(&["discover"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("gone: ") && said.contains("1 of 2 hosts"), "{said}");
    let known = scene.inventory();
    assert!(known.facts.iter().all(|fact| fact.host == "all-in-one") && !known.facts.is_empty());
    let refused = scene.assessment.run(&["discover", "--only", "al-in-one"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("did you mean `all-in-one`?"),
        "{}",
        text(&refused.stderr)
    );
}
