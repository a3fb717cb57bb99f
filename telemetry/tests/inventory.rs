//! The inventory on disk: what is written is read, history stays, and what is damaged is said with its path.
#![allow(clippy::unwrap_used)]

use std::fs;

use proptest::prelude::*;
use sizewright_telemetry as telemetry;
use telemetry::Inventory;
use telemetry::inventory::{
    Category, Dependency, Direction, Fact, InventoryError, Learnt, Peer, Privilege, Role, Service, Sureness, Transport,
    add, read, write,
};

fn learnt(first_at_ms: i64, last_at_ms: i64) -> Learnt {
    Learnt {
        first_at_ms,
        last_at_ms,
        how: "/proc/meminfo".to_string(),
        privilege: Privilege::User,
    }
}

fn fact(name: &str, item: &str, value: &str, at_ms: i64) -> Fact {
    Fact {
        host: "db-1".to_string(),
        name: name.to_string(),
        item: item.to_string(),
        value: value.to_string(),
        learnt: learnt(at_ms, at_ms),
    }
}

fn service(name: &str, at_ms: i64) -> Service {
    Service {
        host: "db-1".to_string(),
        service: name.to_string(),
        product: "redis".to_string(),
        category: Category::Cache,
        version: Some("7.0.15".to_string()),
        role: Some(Role::Primary),
        ports: vec![6379, 16379],
        process: Some("redis-server".to_string()),
        user: None,
        unit: Some("redis-server.service".to_string()),
        arguments: Some("redis-server 127.0.0.1:6379".to_string()),
        processes: 1,
        rested_on: vec!["process name redis-server".to_string(), "port 6379".to_string()],
        sureness: Sureness::Confirmed,
        learnt: learnt(at_ms, at_ms),
    }
}

fn dependency(client: &str, at_ms: i64) -> Dependency {
    Dependency {
        client: Peer {
            host: None,
            address: client.to_string(),
            service: None,
        },
        server: Peer {
            host: Some("db-1".to_string()),
            address: "10.0.0.5".to_string(),
            service: Some("redis".to_string()),
        },
        port: 6379,
        transport: Transport::Tcp,
        direction: Direction::Listening,
        connections_max: 3,
        looks_seen: 2,
        looks_taken: 10,
        to_server_bytes_per_s: Some(100.0),
        to_client_bytes_per_s: None,
        learnt: learnt(at_ms, at_ms),
    }
}

fn inventory() -> Inventory {
    let mut inventory = Inventory {
        facts: vec![
            fact("memory.bytes", "", "8589934592", 1_700_000_000_000),
            fact("disk.model", "sda", "Übergröße; a=b", 1_700_000_000_000),
        ],
        services: vec![
            service("redis", 1_700_000_000_000),
            service("redis-6380", 1_700_000_000_000),
        ],
        dependencies: vec![dependency("192.0.2.7", 1_700_000_000_000), dependency("2001:db8::7", 5)],
    };
    inventory.sort();
    inventory
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(read(folder.path()).unwrap(), Inventory::default());
    write(folder.path(), &inventory()).unwrap();
    assert_eq!(read(folder.path()).unwrap(), inventory());
    write(folder.path(), &Inventory::default()).unwrap();
    assert_eq!(read(folder.path()).unwrap(), Inventory::default());
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        3,
        "nothing is left beside"
    );
}

#[test]
fn other_readers_see_plain_columns() {
    use polars::prelude::{DataType, ParquetReader, SerReader as _, TimeUnit, TimeZone};

    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &inventory()).unwrap();
    let frame = |name: &str| {
        let file = fs::File::open(folder.path().join(name)).unwrap();
        ParquetReader::new(file).finish().unwrap()
    };
    let services = frame("services.parquet");
    let text = |column: &str| {
        services
            .column(column)
            .unwrap()
            .str()
            .unwrap()
            .get(0)
            .unwrap()
            .to_string()
    };
    assert_eq!(text("ports"), "6379 16379");
    assert_eq!(text("rested_on"), "process name redis-server; port 6379");
    assert_eq!(text("category"), "cache");
    assert_eq!(services.column("user").unwrap().null_count(), 2);
    let at = services.column("first_at").unwrap();
    assert_eq!(
        at.dtype(),
        &DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC))
    );
    assert_eq!(
        frame("dependencies.parquet")
            .column("port")
            .unwrap()
            .i64()
            .unwrap()
            .get(0),
        Some(6379)
    );
    assert_eq!(frame("facts.parquet").height(), 2);
}

#[test]
fn versions_and_damage_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &inventory()).unwrap();
    let path = folder.path().join("facts.parquet");
    let whole = fs::read(&path).unwrap();
    let key = b"sizewright.format_version";
    let value_at = whole.windows(key.len()).rposition(|window| window == key).unwrap() + key.len() + 2;
    assert_eq!(whole[value_at], b'1', "the version stands right after its key");
    for (digit, too_new) in [(b'0', false), (b'2', true)] {
        let mut other = whole.clone();
        other[value_at] = digit;
        fs::write(&path, other).unwrap();
        let error = read(folder.path()).unwrap_err();
        match error {
            InventoryError::TooNew { .. } => assert!(too_new),
            InventoryError::TooOld { .. } => assert!(!too_new),
            ref other => panic!("{other}"),
        }
        assert!(error.to_string().contains("facts.parquet"), "{error}");
    }
    fs::copy(folder.path().join("services.parquet"), &path).unwrap();
    assert!(matches!(read(folder.path()), Err(InventoryError::Damaged { .. })));
    // Cut at any byte, or with any byte changed in a page, it is never taken for another inventory of the same length.
    for length in (0..whole.len()).step_by(7) {
        fs::write(&path, &whole[..length]).unwrap();
        let error = read(folder.path()).unwrap_err();
        assert!(matches!(error, InventoryError::Damaged { .. }), "{length}: {error}");
    }
}

#[test]
fn adding_merges_with_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let first = Inventory {
        facts: vec![fact("memory.bytes", "", "1", 100)],
        ..Inventory::default()
    };
    add(folder.path(), first).unwrap();
    let second = Inventory {
        facts: vec![fact("memory.bytes", "", "1", 200), fact("cpu.threads", "", "4", 200)],
        ..Inventory::default()
    };
    let whole = add(folder.path(), second).unwrap();
    assert_eq!(read(folder.path()).unwrap(), whole);
    assert_eq!(whole.facts.len(), 2);
    assert_eq!(whole.facts[1].learnt, learnt(100, 200));
}

#[test]
fn another_value_stays_beside_the_older_one() {
    let mut known = Inventory {
        facts: vec![
            fact("memory.bytes", "", "1", 100),
            fact("disk.bytes", "sda", "10", 100),
            fact("disk.bytes", "sdb", "20", 100),
        ],
        services: vec![service("redis", 100), service("redis-6380", 100)],
        dependencies: vec![dependency("192.0.2.7", 100)],
    };
    let mut later = service("redis", 200);
    later.version = None;
    later.processes = 2;
    known.merge(Inventory {
        facts: vec![fact("memory.bytes", "", "2", 200), fact("disk.bytes", "sda", "10", 200)],
        services: vec![later],
        dependencies: vec![dependency("192.0.2.7", 200)],
    });
    assert_eq!(known.facts.len(), 4, "nothing is erased");
    let current: Vec<(&str, &str)> = known
        .current_facts()
        .iter()
        .map(|fact| (fact.name.as_str(), fact.value.as_str()))
        .collect();
    assert_eq!(current, [("disk.bytes", "10"), ("memory.bytes", "2")], "sdb is gone");
    let services = known.current_services();
    assert_eq!(services.len(), 1);
    assert_eq!(services[0].processes, 2);
    assert_eq!(services[0].version.as_deref(), Some("7.0.15"), "known from before");
    assert_eq!(services[0].learnt, learnt(100, 200));
    assert_eq!(known.dependencies[0].looks_seen, 4);
    assert_eq!(known.dependencies[0].connections_max, 3);
}

fn some_facts() -> impl Strategy<Value = Vec<Fact>> {
    let one = ("[ab]", "[xy]?", "[12]", 0..50_i64).prop_map(|(name, item, value, at)| fact(&name, &item, &value, at));
    proptest::collection::vec(one, 0..20)
}

fn of(facts: Vec<Fact>) -> Inventory {
    let mut inventory = Inventory::default();
    inventory.merge(Inventory {
        facts,
        ..Inventory::default()
    });
    inventory
}

proptest! {
    #[test]
    fn facts_merge_in_any_order_and_twice(a in some_facts(), b in some_facts()) {
        let (a, b) = (of(a), of(b));
        let mut one = a.clone();
        one.merge(b.clone());
        let mut other = b.clone();
        other.merge(a.clone());
        prop_assert_eq!(&one, &other);
        one.merge(b);
        prop_assert_eq!(&one, &other);
        for fact in &a.facts {
            prop_assert!(one.facts.iter().any(|kept| (&kept.name, &kept.item, &kept.value) == (&fact.name, &fact.item, &fact.value)
                && kept.learnt.first_at_ms <= fact.learnt.first_at_ms && kept.learnt.last_at_ms >= fact.learnt.last_at_ms));
        }
    }
}
