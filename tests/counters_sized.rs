//! From what a service answers to the size it gets: DocumentDB and OpenSearch rest on the services' own counters.
//!
//! The answers are those that real servers gave and that were published, and others in the form that the servers' own
//! manuals document: MongoDB manual, `serverStatus`, `hello`, `listDatabases`; Elasticsearch guide, "Nodes stats API",
//! "Cluster health API", "cat shards API".

#![allow(clippy::unwrap_used, missing_docs)]

use analyzer::catalog::{Catalog, YearMonth};
use analyzer::managed::{Ask, Evidence, HostView, Need, NodeDemand, Setting, Sized, WorkloadDemand, size};
use analyzer::policy::Policy;
use analyzer::profile::{HostProfile, MemoryMeasure, MetricProfile, Observation, Source};
use analyzer::service::{Node, Stat, Target, Used, Workload};
use analyzer::size::CpuEquivalence;
use collector::counters::Answer;
use collector::counters::read::{elasticsearch, mongodb};
use serde_json::{Value, json};
use telemetry::inventory::Role;
use telemetry::units::GIBIBYTE;

fn metric(value: f64) -> MetricProfile {
    MetricProfile {
        samples: 20_160,
        mean: value,
        quantiles: [0.5, 0.9, 0.95, 0.99, 0.995].map(|level| (level, value)).to_vec(),
        maximum: value,
        maximum_at_ms: 60_000,
        hour_of_week_mean: Vec::new(),
        hour_of_week_p95: Vec::new(),
        daily_maxima: vec![(0, value)],
        first_half_mean: value,
        second_half_mean: value,
    }
}

/// A host of eight cores and 64 GiB that does little.
fn host() -> HostProfile {
    HostProfile {
        host: "db-1".to_string(),
        observed: Observation {
            first_at_ms: 60_000,
            last_at_ms: 20_160 * 60_000,
            interval_s: 60.0,
            samples: 20_160,
            expected: 20_160,
            gaps: 0,
            longest_gap_s: 60.0,
            longest_gap_from_ms: 0,
        },
        source: Source {
            vcpus: Some(8.0),
            memory_bytes: Some(64.0 * GIBIBYTE),
            resized: false,
        },
        memory_measure: MemoryMeasure::Available,
        cpu: Some(metric(1.0)),
        cpu_interval_maxima: None,
        steal_mean_cores: None,
        censored: 0,
        memory: Some(metric(50.0 * GIBIBYTE)),
        disk_operations: None,
        disk_bytes: None,
        network_receive: None,
        network_transmit: None,
        filesystems: Vec::new(),
        devices: Vec::new(),
        cpu_decaying_p90: None,
        last_week_p99: None,
        history: None,
        busiest_hour: None,
        credits: None,
    }
}

/// Sizes one node by what it answered.
fn sized(product: &str, answer: &Answer) -> Sized {
    let workload = Workload {
        name: format!("db-1/{product}"),
        product: product.to_string(),
        target: Target::of_product(product).unwrap(),
        environment: "development".to_string(),
        group: None,
        nodes: vec![Node {
            host: "db-1".to_string(),
            service: product.to_string(),
            version: None,
            role: Some(Role::Primary),
            serves_clients: Some(true),
            stated: false,
        }],
        companions: Vec::new(),
        formed_because: String::new(),
        relational: None,
    };
    let used = Used {
        metrics: answer
            .values
            .iter()
            .filter_map(|(metric, _)| {
                let value = answer.value(*metric)?;
                Some((metric.name().to_string(), Stat::of(&[(300_000, value)])?))
            })
            .collect(),
        ..Used::default()
    };
    let profile = host();
    let demand = WorkloadDemand {
        nodes: vec![NodeDemand {
            node: &workload.nodes[0],
            host: Some(HostView {
                profile: &profile,
                cpu_demand_cores: None,
                equivalence: &CpuEquivalence::OneToOne,
                working_services: 1,
                rule: "sizewright",
            }),
            used: Some(&used),
            memory: None,
        }],
    };
    let setting = Setting {
        catalog: Catalog::embedded(),
        region: "us-east-1",
        policy: &Policy::default(),
        month: "2026-05".parse::<YearMonth>().unwrap(),
    };
    size(&workload, &demand, &setting)
}

fn need(sized: &Sized, ask: Ask) -> &Need {
    sized.parts[0].needs.iter().find(|need| need.ask == ask).unwrap()
}

#[test]
fn documentdb_holds_what_mongod_says_of_itself() {
    let all: Value =
        serde_json::from_slice(include_bytes!("../collector/tests/counters/answers/mongodb-7.0.json")).unwrap();
    let status = (&all["serverStatus"], &all["listDatabases"]);
    let answer = mongodb::read(&all["hello"], &all["buildInfo"], status.0, Some(status.1));
    let sized = sized("mongodb", &answer);
    // Cache and resident set are 1 GiB each: × 1.15. The host's 50 GiB in use are not the service's.
    let memory = need(&sized, Ask::Memory);
    assert_eq!((memory.amount, memory.from), (1.15, Evidence::OwnCounters));
    // 3 GiB of databases and 20 % growth by the policy.
    let storage = need(&sized, Ask::Storage);
    assert_eq!((storage.amount, storage.from), (3.6, Evidence::OwnCounters));

    // A router and an arbiter keep no data, and answer without a storage engine.
    let router = json!({"isWritablePrimary": true, "msg": "isdbgrid", "maxWireVersion": 13, "ok": 1.0});
    let plain = json!({"connections": {"current": 9, "available": 810}, "mem": {"resident": 38}, "ok": 1.0});
    let answer = mongodb::read(&router, &json!({"version": "5.0.9"}), &plain, None);
    assert_eq!(answer.fact_named("role"), Some("arbiter"));
    assert!(
        !answer
            .values
            .iter()
            .any(|(metric, _)| metric.name() == "buffer_size_bytes")
    );
    let arbiter = json!({"setName": "rs0", "arbiterOnly": true, "secondary": false, "maxWireVersion": 13});
    let answer = mongodb::read(&arbiter, &Value::Null, &plain, None);
    assert_eq!(answer.fact_named("role"), Some("arbiter"));
}

#[test]
fn opensearch_holds_what_elasticsearch_says_of_itself() {
    let all: Value = serde_json::from_slice(include_bytes!(
        "../collector/tests/counters/answers/elasticsearch-8.json"
    ))
    .unwrap();
    let answer = elasticsearch::read(&all["root"], &all["health"], &all["stats"], Some(&all["shards"]));
    let sized = sized("elasticsearch", &answer);
    // 2 GiB of heap in use at most 75 % full; one node in development.
    let heap = need(&sized, Ask::Heap);
    assert_eq!((heap.amount, heap.from), (2.667, Evidence::OwnCounters));
    let shards = need(&sized, Ask::Shards);
    assert_eq!((shards.amount, shards.from), (3.0, Evidence::OwnCounters));
    assert_eq!(need(&sized, Ask::Storage).from, Evidence::OwnCounters);

    // OpenSearch names its distribution; a node that only holds votes has neither documents nor searches.
    let root = json!({"cluster_name": "logs", "version": {"distribution": "opensearch", "number": "2.11.1"}});
    let health = json!({"status": "green", "number_of_nodes": 1, "active_shards": 12, "unassigned_shards": 0});
    let stats = json!({"nodes": {"u1dM": {
        "roles": ["cluster_manager"],
        "jvm": {"uptime_in_millis": 5_000, "mem": {"heap_used_in_bytes": 104_857_600_u64}},
        "fs": {"total": {}},
    }}});
    let answer = elasticsearch::read(&root, &health, &stats, None);
    assert_eq!(answer.fact_named("product"), Some("opensearch"));
    assert_eq!(answer.fact_named("role"), Some("standalone"));
    assert_eq!(answer.uptime_s, Some(5.0));
    let named = |name: &str| answer.values.iter().any(|(metric, _)| metric.name() == name);
    assert!(named("heap_used_bytes") && !named("searches_per_s") && !named("disk_free_bytes"));
}

#[test]
fn opensearch_holds_what_a_real_elasticsearch_said() {
    let read = |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).unwrap() };
    let answer = elasticsearch::read(
        &json!({"version": {"number": "7.9.2"}}),
        &read(include_bytes!(
            "../collector/tests/counters/recorded/elasticsearch-cluster-health.json"
        )),
        &read(include_bytes!(
            "../collector/tests/counters/recorded/elasticsearch-7.9-nodes-stats.json"
        )),
        Some(&read(include_bytes!(
            "../collector/tests/counters/recorded/elasticsearch-cat-shards.json"
        ))),
    );
    let sized = sized("elasticsearch", &answer);
    // 18,251,576,896 bytes of heap in use are 16.998 GiB; at most 75 % full that is 22.664, and 1,140 shards want 25 a
    // gibibyte: two nodes share both, since one has 31 GiB at most.
    let heap = need(&sized, Ask::Heap);
    assert_eq!((heap.amount, heap.from), (11.332, Evidence::OwnCounters));
    let shards = need(&sized, Ask::Shards);
    assert_eq!((shards.amount, shards.from), (570.0, Evidence::OwnCounters));
}

#[test]
fn documentdb_holds_what_a_real_mongod_said() {
    let status = collector::counters::read::bson::read(include_bytes!(
        "../collector/tests/counters/recorded/mongodb-2.6-server-status.bson"
    ))
    .unwrap();
    let answer = mongodb::read(&Value::Null, &Value::Null, &status, None);
    let sized = sized("mongodb", &answer);
    let memory = need(&sized, Ask::Memory);
    // 10 MiB are resident, all that this engine keeps itself: × 1.15.
    assert_eq!((memory.amount, memory.from), (0.011, Evidence::OwnCounters));
    // It was not asked for its databases and the host has no disk here: no storage is claimed, not even none.
    assert!(sized.parts[0].needs.iter().all(|need| need.ask != Ask::Storage));
}
