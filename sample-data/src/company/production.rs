//! The production machines that customers depend on: edge, services, stores.

use telemetry::units::{Bytes, BytesPerSecond, Cores, OperationsPerSecond};

use super::tiers::{broker, cache, database, front, service};
use super::{BROADWELL, CASCADE_LAKE, HASWELL, ROME, SKYLAKE, at, host};
use crate::behaviour::{Behaviour, CpuUse, DiskUse, FilesystemUse, MemoryUse};
use crate::estate::{Expectation, HostSpec};

pub(super) fn hosts() -> Vec<HostSpec> {
    let mut hosts = edge();
    hosts.extend(services());
    hosts.extend(relational());
    hosts.extend(stores());
    hosts
}

/// Load balancers and web servers.
fn edge() -> Vec<HostSpec> {
    let proxy = Behaviour {
        cpu: CpuUse {
            bursts_per_day: 8.0,
            burst_height: 0.2,
            system_share: 0.62,
            ..CpuUse::between(0.05, 0.9)
        },
        ..front(0.9, 214.0, 220.0)
    };
    let standby = Behaviour {
        cpu: CpuUse::between(0.04, 0.12),
        ..front(0.12, 0.06, 0.05)
    };
    let mut hosts = vec![
        host("prod-lb-01", "load-balancer", 8, 8, proxy)
            .made(CASCADE_LAKE)
            .running(&["haproxy active", "keepalived"])
            .expecting(Expectation::NetworkBound {
                transmit: BytesPerSecond::from_bytes_per_second(270e6),
            }),
        host("prod-lb-02", "load-balancer", 8, 8, standby)
            .made(CASCADE_LAKE)
            .running(&["haproxy standby", "keepalived"]),
    ];
    for (number, crest_cores) in [(1, 1.9), (2, 1.8), (3, 2.0)] {
        hosts.push(
            host(
                &format!("prod-web-{number:02}"),
                "web",
                4,
                8,
                front(crest_cores, 6.0, 24.0),
            )
            .made(BROADWELL)
            .running(&["nginx"]),
        );
    }
    hosts.into_iter().map(|host| host.owned_by("platform")).collect()
}

/// The company's own services.
fn services() -> Vec<HostSpec> {
    let mut hosts = Vec::new();
    for (number, crest_cores) in [(1, 3.4), (2, 3.3), (3, 3.5), (4, 3.2)] {
        hosts.push(
            host(
                &format!("prod-api-{number:02}"),
                "payments-api",
                8,
                16,
                service(crest_cores, 0.62, 9.0),
            )
            .made(BROADWELL)
            .running(&["java payments-api"])
            .owned_by("payments"),
        );
    }
    hosts.push(
        host("prod-ledger-01", "ledger", 16, 32, service(5.6, 0.70, 7.0))
            .made(SKYLAKE)
            .running(&["java ledger"])
            .owned_by("ledger"),
    );
    hosts.push(
        host("prod-ledger-02", "ledger", 16, 32, service(5.8, 0.70, 7.0))
            .made(SKYLAKE)
            .running(&["java ledger"])
            .owned_by("ledger")
            .expecting(Expectation::Resized {
                at_ms: at(8, 0),
                cores_before: 8,
                cores_after: 16,
            }),
    );
    hosts.push(
        host("prod-fraud-01", "fraud-scoring", 4, 16, service(6.0, 0.48, 4.0))
            .made(HASWELL)
            .running(&["java fraud-scoring"])
            .owned_by("risk")
            .expecting(Expectation::Pinned {
                demand: Cores::from_cores(6.0),
                hours_per_day: 3.0,
            }),
    );
    hosts.push(
        host("prod-fraud-02", "fraud-scoring", 16, 32, service(6.2, 0.30, 4.0))
            .made(ROME)
            .running(&["java fraud-scoring"])
            .owned_by("risk"),
    );
    hosts.push(
        host(
            "prod-notify-01",
            "notifications",
            4,
            8,
            Behaviour {
                memory: MemoryUse::Leak {
                    floor: 0.28,
                    cached: 0.10,
                },
                ..service(0.9, 0.0, 1.5)
            },
        )
        .made(BROADWELL)
        .running(&["node notifications"])
        .owned_by("messaging")
        .expecting(Expectation::MemoryLeak {
            per_day: Bytes::from_gibibytes(1.1),
            restarts_at_ms: vec![at(3, 20), at(7, 20), at(11, 20)],
        }),
    );
    hosts.push(
        host("prod-notify-02", "notifications", 4, 8, service(0.9, 0.42, 1.5))
            .made(BROADWELL)
            .running(&["java notifications"])
            .owned_by("messaging"),
    );
    hosts
}

/// PostgreSQL and MySQL.
fn relational() -> Vec<HostSpec> {
    let postgresql = |crest_cores, reads, writes| {
        database(
            crest_cores,
            0.31,
            0.55,
            DiskUse::busy("nvme0n1", reads, writes, 9.5, 13.0),
            FilesystemUse::data("/var/lib/postgresql", "/dev/nvme0n1p1", 900.0, 0.46, 2.1),
        )
    };
    let mut primary = postgresql(6.1, 1_300.0, 2_200.0);
    primary.disks.push(DiskUse {
        checkpoints: false,
        ..DiskUse::busy("nvme1n1", 0.0, 700.0, 16.0, 18.0)
    });
    primary.filesystems.push(FilesystemUse::data(
        "/var/lib/postgresql/wal",
        "/dev/nvme1n1p1",
        200.0,
        0.18,
        0.0,
    ));
    let mysql = |crest_cores, reads, writes| {
        database(
            crest_cores,
            0.70,
            0.14,
            DiskUse {
                operations_per_s_limit: 18_000.0,
                ..DiskUse::busy("nvme0n1", reads, writes, 16.0, 15.5)
            },
            FilesystemUse::data("/var/lib/mysql", "/dev/nvme0n1p1", 1_400.0, 0.58, 3.4),
        )
    };
    vec![
        host("prod-pg-01", "postgresql", 16, 128, primary)
            .made(SKYLAKE)
            .running(&["postgresql primary", "pgbouncer"]),
        host("prod-pg-02", "postgresql", 16, 128, postgresql(3.4, 1_700.0, 1_500.0))
            .made(SKYLAKE)
            .running(&["postgresql replica"]),
        host("prod-pg-03", "postgresql", 8, 64, postgresql(2.2, 900.0, 1_500.0))
            .made(SKYLAKE)
            .running(&["postgresql replica"]),
        host("prod-mysql-01", "mysql", 8, 32, mysql(1.1, 9_000.0, 2_400.0))
            .made(SKYLAKE)
            .running(&["mysql primary"])
            .expecting(Expectation::DiskBound {
                operations: OperationsPerSecond::from_operations_per_second(14_500.0),
            }),
        host("prod-mysql-02", "mysql", 8, 32, mysql(0.9, 1_800.0, 1_900.0))
            .made(SKYLAKE)
            .running(&["mysql replica"]),
    ]
    .into_iter()
    .map(|host| host.owned_by("databases"))
    .collect()
}

/// Documents, keys, messages and search.
fn stores() -> Vec<HostSpec> {
    let mut hosts = Vec::new();
    for (number, role, crest_cores, reads) in [
        (1, "mongodb primary", 2.6, 700.0),
        (2, "mongodb secondary", 1.5, 350.0),
        (3, "mongodb secondary", 1.4, 350.0),
    ] {
        let behaviour = database(
            crest_cores,
            0.44,
            0.38,
            DiskUse::busy("sdb", reads, 900.0, 22.0, 19.0),
            FilesystemUse::data("/var/lib/mongodb", "/dev/sdb1", 600.0, 0.41, 1.2),
        );
        let mongo = host(&format!("prod-mongo-{number:02}"), "mongodb", 8, 64, behaviour)
            .made(ROME)
            .running(&[role])
            .owned_by("databases");
        hosts.push(match number {
            3 => mongo.expecting(Expectation::Gap {
                from_ms: at(9, 2),
                until_ms: at(9, 11),
            }),
            _ => mongo,
        });
    }
    for (number, role, crest_cores) in [(1, "redis primary", 0.95), (2, "redis replica", 0.4)] {
        hosts.push(
            host(
                &format!("prod-redis-{number:02}"),
                "redis",
                4,
                32,
                cache(crest_cores, 0.38, 0.47),
            )
            .made(CASCADE_LAKE)
            .running(&[role])
            .owned_by("platform"),
        );
    }
    for (number, crest_cores) in [(1, 1.1), (2, 0.9), (3, 0.8)] {
        let mut behaviour = broker(crest_cores);
        behaviour.cpu.steal_share = 0.012;
        hosts.push(
            host(&format!("prod-mq-{number:02}"), "rabbitmq", 4, 16, behaviour)
                .made(BROADWELL)
                .running(&["rabbitmq"])
                .owned_by("messaging"),
        );
    }
    for (number, crest_cores) in [(1, 3.4), (2, 3.6), (3, 3.1)] {
        let behaviour = Behaviour {
            memory: MemoryUse::Database {
                anon: 0.50,
                cached: 0.40,
            },
            ..database(
                crest_cores,
                0.0,
                0.0,
                DiskUse {
                    checkpoints: false,
                    ..DiskUse::busy("sdb", 420.0, 520.0, 38.0, 64.0)
                },
                FilesystemUse::data("/var/lib/elasticsearch", "/dev/sdb1", 1_800.0, 0.52, 6.5),
            )
        };
        hosts.push(
            host(&format!("prod-es-{number:02}"), "elasticsearch", 8, 64, behaviour)
                .made(ROME)
                .running(&["elasticsearch data", "elasticsearch master"])
                .owned_by("platform"),
        );
    }
    hosts
}
