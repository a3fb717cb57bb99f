//! Bills of managed services, worked out by hand from the price list, to the cent; and the traps of the catalog.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use sizewright_analyzer::catalog::nodes::CacheEngine;
use sizewright_analyzer::catalog::rds::AURORA_IO_OPTIMIZED_HUNDREDTHS;
use sizewright_analyzer::catalog::{Architecture, Catalog, RdsEngine, YearMonth};
use sizewright_analyzer::managed::{HostView, NodeDemand, Setting, Sized, WorkloadDemand, size};
use sizewright_analyzer::policy::{Policy, Relational};
use sizewright_analyzer::profile::{FilesystemProfile, HostProfile, MemoryMeasure, MetricProfile, Observation, Source};
use sizewright_analyzer::service::{BrokerKind, HostMemory, Node, Stat, Target, Used, Workload};
use sizewright_analyzer::size::CpuEquivalence;
use telemetry::inventory::Role;
use telemetry::units::GIBIBYTE;

const SINGAPORE: &str = "ap-southeast-1";
const VIRGINIA: &str = "us-east-1";

/// A metric that never changes.
fn always(value: f64) -> MetricProfile {
    MetricProfile {
        samples: 20_160,
        mean: value,
        quantiles: [0.5, 0.9, 0.95, 0.99, 0.995].map(|level| (level, value)).to_vec(),
        maximum: value,
        maximum_at_ms: 60_000,
        hour_of_week_mean: vec![value as f32; 168],
        hour_of_week_p95: vec![value as f32; 168],
        daily_maxima: vec![(0, value)],
        first_half_mean: value,
        second_half_mean: value,
    }
}

fn stat(value: f64) -> Stat {
    Stat {
        samples: 4_032,
        mean: value,
        p95: value,
        p99: value,
        p995: value,
        maximum: value,
        maximum_at_ms: 60_000,
        last: value,
        growth_per_day: 0.0,
    }
}

/// A host of 8 cores and 64 GiB with a data file system.
fn profile(name: &str, data_gib: f64) -> HostProfile {
    HostProfile {
        host: name.to_string(),
        observed: Observation {
            first_at_ms: 60_000,
            last_at_ms: 14 * 86_400_000,
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
        cpu: Some(always(2.0)),
        cpu_interval_maxima: Some(always(2.0)),
        steal_mean_cores: None,
        censored: 0,
        memory: Some(always(20.0 * GIBIBYTE)),
        disk_operations: Some(always(300.0)),
        disk_bytes: Some(always(4_000_000.0)),
        network_receive: Some(always(1_000_000.0)),
        network_transmit: Some(always(2_000_000.0)),
        filesystems: vec![FilesystemProfile {
            mount: "/export".to_string(),
            device: "/dev/sdb1".to_string(),
            kind: "xfs".to_string(),
            size_bytes: 2_000.0 * GIBIBYTE,
            used_bytes: data_gib * GIBIBYTE,
            growth_bytes_per_day: 0.0,
            drift: None,
        }],
        devices: Vec::new(),
        cpu_decaying_p90: None,
        last_week_p99: None,
        history: None,
        busiest_hour: None,
        credits: None,
    }
}

/// Sizes nodes that all did the same, each asking for so many cores.
fn sized(region: &str, target: (&str, Target), roles: &[Option<Role>], cores: f64, metrics: &[(&str, f64)]) -> Sized {
    sized_as(region, target, roles, cores, metrics, None)
}

/// Sizes nodes where a person says where a relational database goes.
fn sized_as(
    region: &str,
    (product, target): (&str, Target),
    roles: &[Option<Role>],
    cores: f64,
    metrics: &[(&str, f64)],
    relational: Option<Relational>,
) -> Sized {
    let nodes: Vec<Node> = roles
        .iter()
        .enumerate()
        .map(|(at, role)| Node {
            host: format!("host-{at}"),
            service: product.to_string(),
            version: None,
            role: *role,
            serves_clients: Some(*role != Some(Role::Replica)),
            stated: false,
        })
        .collect();
    let workload = Workload {
        name: format!("host-0/{product}"),
        product: product.to_string(),
        target,
        environment: "production".to_string(),
        group: None,
        nodes,
        companions: Vec::new(),
        formed_because: String::new(),
        relational,
    };
    let profiles: Vec<HostProfile> = workload.nodes.iter().map(|node| profile(&node.host, 500.0)).collect();
    let used = Used {
        metrics: metrics
            .iter()
            .map(|(name, value)| ((*name).to_string(), stat(*value)))
            .collect::<BTreeMap<_, _>>(),
        ..Used::default()
    };
    let memory = HostMemory {
        anon_bytes: Some(stat(20.0 * GIBIBYTE)),
        cached_bytes: Some(stat(30.0 * GIBIBYTE)),
        reads_per_s: Some(stat(100.0)),
        writes_per_s: Some(stat(200.0)),
    };
    let demand = WorkloadDemand {
        nodes: workload
            .nodes
            .iter()
            .zip(&profiles)
            .map(|(node, profile)| NodeDemand {
                node,
                host: Some(HostView {
                    profile,
                    cpu_demand_cores: Some(cores),
                    equivalence: &CpuEquivalence::OneToOne,
                    working_services: 1,
                    rule: "test",
                }),
                used: Some(&used),
                memory: Some(&memory),
            })
            .collect(),
    };
    size(
        &workload,
        &demand,
        &Setting {
            catalog: Catalog::embedded(),
            region,
            policy: &Policy::default(),
            month: "2026-05".parse::<YearMonth>().unwrap(),
        },
    )
}

/// The known sum in dollars and cents, and how many lines have no price.
fn bill(sized: &Sized) -> (String, usize) {
    let lines: Vec<_> = sized.parts.iter().flat_map(|part| part.lines.clone()).collect();
    let known: rust_decimal::Decimal = lines
        .iter()
        .filter_map(|line| line.amount)
        .map(|amount| amount.as_decimal())
        .sum();
    let cents = known.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    (
        format!("{cents:.2}"),
        lines.iter().filter(|line| line.amount.is_none()).count(),
    )
}

fn class(sized: &Sized) -> &str {
    sized.parts[0].class.as_ref().unwrap().name.as_str()
}

fn other(sized: &Sized, name: &str) -> (String, usize) {
    let other = sized.others.iter().find(|other| other.name == name).unwrap();
    let cost = other.cost();
    (
        format!("{:.2}", cost.known.rounded_to_cents().as_decimal()),
        cost.unknown_lines,
    )
}

#[test]
fn postgresql_in_two_zones_with_a_follower() {
    let metrics = [
        ("buffer_size_bytes", 24.0 * GIBIBYTE),
        ("connections", 40.0),
        ("hit_fraction", 0.999),
        ("data_bytes", 60.0 * GIBIBYTE),
        ("log_written_bytes_per_s", 4_096.0 * 50.0),
    ];
    let roles = [Some(Role::Primary), Some(Role::Replica)];
    let target = || ("postgresql", Target::Relational(RdsEngine::Postgres));
    // Memory: (24 + 40 × 10 MiB) × 1.15 = 28.05 GiB, so 32; three cores.
    let virginia = sized(VIRGINIA, target(), &roles, 3.0, &metrics);
    assert_eq!(class(&virginia), "db.r6g.xlarge");
    assert_eq!(virginia.parts.len(), 1, "what only follows becomes the standby");
    // 730 × 0.899 = 656.27; 60 GiB × 1.2 / 0.8 = 90 GiB × 0.23 = 20.70.
    assert_eq!(bill(&virginia), ("676.97".to_string(), 0));
    // 2 × 730 × 0.519 = 757.74; 60 GiB × 0.10 = 6.00; (100 + 50)/s × 2.628 = 394.2 million × 0.20 = 78.84.
    assert_eq!(other(&virginia, "Aurora Standard"), ("842.58".to_string(), 0));
    // 2 × 730 × 0.519 × 1.30 = 985.062; 60 × 0.225 = 13.50.
    assert_eq!(other(&virginia, "Aurora I/O-Optimized"), ("998.56".to_string(), 0));
    // 730 × 1.079 = 787.67; the catalog has no RDS storage price in Singapore.
    let singapore = sized(SINGAPORE, target(), &roles, 3.0, &metrics);
    assert_eq!(
        (class(&singapore), bill(&singapore)),
        ("db.r6g.xlarge", ("787.67".to_string(), 1))
    );
}

#[test]
fn aurora_where_it_is_asked_for_and_the_cheapest_of_three() {
    let metrics = |log_units_per_s: f64| {
        [
            ("buffer_size_bytes", 24.0 * GIBIBYTE),
            ("connections", 40.0),
            ("hit_fraction", 0.999),
            ("data_bytes", 60.0 * GIBIBYTE),
            ("log_written_bytes_per_s", 4_096.0 * log_units_per_s),
        ]
    };
    let roles = [Some(Role::Primary), Some(Role::Replica)];
    let asked = |region: &str, log_units_per_s: f64, relational: Relational| {
        let target = ("postgresql", Target::Relational(RdsEngine::Postgres));
        let metrics = metrics(log_units_per_s);
        sized_as(region, target, &roles, 3.0, &metrics, Some(relational))
    };
    let only = |sized: &Sized| {
        assert_eq!(sized.parts.len(), 1);
        let part = &sized.parts[0];
        (part.target_service.clone(), part.what.clone(), part.count)
    };
    // The figures of the test above: RDS 676.97, Aurora Standard 842.58, I/O-Optimized 998.56.
    let aurora = asked(VIRGINIA, 50.0, Relational::Aurora);
    assert_eq!(
        only(&aurora),
        ("aurora".to_string(), "cluster, Standard".to_string(), 2)
    );
    assert_eq!(bill(&aurora), ("842.58".to_string(), 0));
    assert_eq!(other(&aurora, "RDS"), ("676.97".to_string(), 0), "RDS stands beside it");
    assert!(
        aurora.notes[0].contains("RDS is the cheapest that holds"),
        "{:?}",
        aurora.notes
    );
    let cheapest = asked(VIRGINIA, 50.0, Relational::Cheapest);
    assert_eq!(only(&cheapest).0, "rds");
    assert_eq!(bill(&cheapest), ("676.97".to_string(), 0));

    // (100 + 2,000)/s × 2.628 = 5,518.8 million × 0.20 = 1,103.76 in requests, so that I/O-Optimized is the cheaper one.
    let busy = asked(VIRGINIA, 2_000.0, Relational::Aurora);
    assert_eq!(only(&busy).1, "cluster, I/O-Optimized");
    assert_eq!(bill(&busy), ("998.56".to_string(), 0));
    assert_eq!(other(&busy, "Aurora Standard"), ("1867.50".to_string(), 0));
    assert!(busy.others.iter().all(|other| other.name != "Aurora I/O-Optimized"));

    // Singapore: RDS lacks its storage's price, so that it is never the cheapest for sure.
    let open = asked(SINGAPORE, 50.0, Relational::Cheapest);
    let words = &open.notes.iter().find(|note| note.starts_with("side by side")).unwrap();
    assert!(
        words.contains("RDS at least USD 787.67 (1 of unknown price)"),
        "{words}"
    );

    // MariaDB moves to MySQL's dialect only where a person says so of it.
    let maria = |relational| {
        let target = ("mariadb", Target::Relational(RdsEngine::Mariadb));
        sized_as(VIRGINIA, target, &roles, 3.0, &metrics(50.0), relational)
    };
    assert_eq!(only(&maria(None)).0, "rds");
    let moved = maria(Some(Relational::Aurora));
    assert_eq!(only(&moved).0, "aurora");
    assert!(moved.notes.iter().any(|note| note.contains("MySQL's dialect")));
}

#[test]
fn valkey_with_a_replica_in_another_zone() {
    let metrics = [
        ("memory_used_bytes", 8.0 * GIBIBYTE),
        ("reads_per_s", 9_500.0),
        ("writes_per_s", 500.0),
        ("operations_per_s", 10_000.0),
        ("cpu_busy_cores", 0.3),
    ];
    let roles = [Some(Role::Primary), Some(Role::Replica)];
    let target = || ("redis", Target::Cache(CacheEngine::Valkey));
    // 8 GiB × 1.1 / 0.75 = 11.73 GiB: a large of the memory family has 13.07, of the standard one 6.38.
    let virginia = sized(VIRGINIA, target(), &roles, 0.5, &metrics);
    assert_eq!((class(&virginia), virginia.parts[0].count), ("cache.r6g.large", 2));
    // 2 × 730 × 0.1648 and 0.1976; Redis 0.206 and 0.247.
    assert_eq!(bill(&virginia), ("240.61".to_string(), 0));
    assert_eq!(other(&virginia, "Redis OSS"), ("300.76".to_string(), 0));
    let singapore = sized(SINGAPORE, target(), &roles, 0.5, &metrics);
    assert_eq!(bill(&singapore), ("288.50".to_string(), 0));
    assert_eq!(other(&singapore, "Redis OSS"), ("360.62".to_string(), 0));
}

#[test]
fn documents_on_three_instances() {
    let metrics = [
        ("memory_resident_bytes", 20.0 * GIBIBYTE),
        ("data_bytes", 100.0 * GIBIBYTE),
    ];
    let roles = [Some(Role::Primary), Some(Role::Replica), Some(Role::Replica)];
    let virginia = sized(VIRGINIA, ("mongodb", Target::Documents), &roles, 2.0, &metrics);
    assert_eq!((class(&virginia), virginia.parts[0].count), ("db.r5.xlarge", 3));
    // 3 × 730 × 0.554 = 1,213.26; 120 GiB × 0.10 = 12.00; 300/s × 2.628 = 788.4 million × 0.20 = 157.68.
    assert_eq!(bill(&virginia), ("1382.94".to_string(), 0));
    let singapore = sized(SINGAPORE, ("mongodb", Target::Documents), &roles, 2.0, &metrics);
    assert_eq!(
        class(&singapore),
        "db.r5.xlarge",
        "the class is the same where no price is known"
    );
    assert_eq!(
        bill(&singapore),
        ("0.00".to_string(), 3),
        "instances, storage, requests"
    );
}

#[test]
fn rabbitmq_in_a_cluster_of_three() {
    let metrics = [
        ("memory_used_bytes", GIBIBYTE),
        ("connections", 100.0),
        ("messages", 1_000.0),
    ];
    let target = || ("rabbitmq", Target::Broker(BrokerKind::RabbitMq));
    // Two of three carry three cores: 1.5 each, so a large of two.
    let virginia = sized(VIRGINIA, target(), &[None; 3], 1.0, &metrics);
    assert_eq!((class(&virginia), virginia.parts[0].count), ("mq.m5.large", 3));
    // 730 × 0.864 = 630.72; 3 × 1 GiB × 0.10 = 0.30.
    assert_eq!(bill(&virginia), ("631.02".to_string(), 0));
    assert_eq!(
        bill(&sized(SINGAPORE, target(), &[None; 3], 1.0, &metrics)),
        ("0.00".to_string(), 2)
    );
}

#[test]
fn a_load_balancer_by_its_busiest_unit() {
    let metrics = [
        ("connections_opened_per_s", 50.0),
        ("connections", 900.0),
        ("sent_bytes_per_s", 200_000.0),
        ("received_bytes_per_s", 20_000.0),
    ];
    let target = || ("haproxy", Target::Balancer);
    // 50 / 25 = 2 units; 730 × 0.022507 = 16.43; 2 × 730 × 0.008 = 11.68.
    let virginia = sized(VIRGINIA, target(), &[Some(Role::Primary)], 0.5, &metrics);
    assert_eq!(bill(&virginia), ("28.11".to_string(), 0));
    // 730 × 0.0252 = 18.396; units have no price in Singapore.
    let singapore = sized(SINGAPORE, target(), &[Some(Role::Primary)], 0.5, &metrics);
    assert_eq!(bill(&singapore), ("18.40".to_string(), 1));
}

#[test]
fn files_by_what_is_used() {
    // 500 GiB at 0.30 and 0.36; 500 × 50 KiB/s = 24.4 MiB/s come with it, 3.8 × 1.2 are needed.
    for (region, dollars) in [(VIRGINIA, "150.00"), (SINGAPORE, "180.00")] {
        let sized = sized(region, ("nfs-server", Target::Files), &[None], 0.5, &[]);
        assert_eq!(bill(&sized), (dollars.to_string(), 0), "{region}");
    }
}

#[test]
fn more_demand_never_costs_less() {
    let target = || ("postgresql", Target::Relational(RdsEngine::Postgres));
    let mut before = rust_decimal::Decimal::ZERO;
    for cores in [0.5, 1.0, 2.0, 3.0, 5.0, 9.0, 17.0, 33.0] {
        let metrics = [
            ("buffer_size_bytes", cores * 4.0 * GIBIBYTE),
            ("connections", 40.0),
            ("hit_fraction", 0.999),
            ("data_bytes", 60.0 * GIBIBYTE),
        ];
        let sized = sized(VIRGINIA, target(), &[Some(Role::Primary)], cores, &metrics);
        let cost = bill(&sized).0.parse::<rust_decimal::Decimal>().unwrap();
        assert!(cost >= before, "{cores} cores cost {cost} after {before}");
        before = cost;
    }
}

#[test]
fn the_traps_of_the_catalog() {
    let catalog = Catalog::embedded();
    assert_eq!(AURORA_IO_OPTIMIZED_HUNDREDTHS, 130);
    // Both are rounded, and the sources round large ones to whole cents: half a per cent.
    let rounding =
        |price: rust_decimal::Decimal| rust_decimal::Decimal::new(15, 4).max(price * rust_decimal::Decimal::new(5, 3));
    for region in [SINGAPORE, VIRGINIA] {
        for engine in [RdsEngine::Postgres, RdsEngine::Mysql, RdsEngine::Mariadb] {
            let mut arm64 = 0;
            for offer in catalog.rds_offers(region, engine).unwrap() {
                let (Some(single), Some(multi)) = (&offer.single_az, &offer.multi_az) else {
                    continue;
                };
                let off = multi.amount.as_decimal() - single.amount.as_decimal() * rust_decimal::Decimal::from(2);
                assert!(
                    off.abs() <= rounding(multi.amount.as_decimal()),
                    "{} {engine}: Multi-AZ is not twice Single-AZ",
                    offer.class.name
                );
                let shape = catalog.shape(offer.class.shape_name());
                arm64 += usize::from(shape.is_some_and(|shape| shape.architecture == Architecture::Arm64));
            }
            assert!(arm64 > 20, "{engine} in {region} hides Graviton: {arm64}");
        }
        let of = |engine: CacheEngine| -> BTreeMap<String, rust_decimal::Decimal> {
            let offers = catalog.cache_offers(region, engine).unwrap();
            offers
                .map(|offer| (offer.node.name.clone(), offer.on_demand.amount.as_decimal()))
                .collect()
        };
        let redis = of(CacheEngine::Redis);
        let valkey = of(CacheEngine::Valkey);
        assert!(valkey.len() > 30);
        for (node, price) in valkey {
            assert_eq!(
                price,
                redis[&node] * rust_decimal::Decimal::new(8, 1),
                "{node} in {region}"
            );
        }
    }
    // Extended support is a row of its own and no instance's price.
    let extended = catalog
        .service_prices(VIRGINIA, "AmazonRDS")
        .filter(|row| row.item.contains("Extended Support"));
    for row in extended {
        let same = catalog
            .rds_offers(VIRGINIA, RdsEngine::Mysql)
            .unwrap()
            .filter(|offer| {
                offer
                    .single_az
                    .as_ref()
                    .is_some_and(|price| price.amount.as_decimal() == row.price.amount.as_decimal())
            })
            .count();
        assert_eq!(same, 0, "{}", row.item);
    }
    // Aurora's Standard price is below RDS's times 1.30: were it I/O-Optimized it would be above.
    let of = |engine: RdsEngine| {
        let mut offers = catalog.rds_offers(VIRGINIA, engine).unwrap();
        let offer = offers.find(|offer| offer.class.name == "db.r6g.xlarge").unwrap();
        offer.single_az.as_ref().unwrap().amount.as_decimal()
    };
    let ratio = of(RdsEngine::AuroraPostgresql) / of(RdsEngine::Postgres);
    assert!(
        ratio > rust_decimal::Decimal::ONE && ratio < rust_decimal::Decimal::new(13, 1),
        "{ratio}"
    );
}
