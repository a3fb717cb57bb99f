//! Machines of the data tier that complete it: a product of each kind that a managed service may take the place of.

use super::tiers::{broker, cache, database, front, office};
use super::{BROADWELL, CASCADE_LAKE, ROME, SKYLAKE, host};
use crate::behaviour::{Behaviour, CpuUse, DiskUse, FilesystemUse, MemoryUse, NetworkUse};
use crate::calendar::Rhythm;
use crate::estate::HostSpec;

pub(super) fn hosts() -> Vec<HostSpec> {
    let mut hosts = relational();
    hosts.extend(events());
    hosts.extend(shared());
    hosts.extend(staging());
    hosts
}

/// Databases with a licence, and one beside its application.
fn relational() -> Vec<HostSpec> {
    let licensed = |crest, reads, writes, mount, used| {
        database(
            crest,
            0.58,
            0.2,
            DiskUse::busy("sdb", reads, writes, 12.0, 14.0),
            FilesystemUse::data(mount, "/dev/sdb1", 800.0, used, 0.9),
        )
    };
    let crm = Behaviour {
        rhythm: Rhythm::Office,
        ..database(
            1.6,
            0.46,
            0.3,
            DiskUse::busy("sdb", 180.0, 140.0, 14.0, 14.0),
            FilesystemUse::data("/var/lib/mysql", "/dev/sdb1", 250.0, 0.36, 0.25),
        )
    };
    vec![
        host(
            "prod-oracle-01",
            "oracle",
            8,
            64,
            licensed(2.7, 900.0, 600.0, "/u01/oradata", 0.55),
        )
        .made(SKYLAKE)
        .running(&["oracle standalone"])
        .owned_by("databases"),
        host(
            "prod-mssql-01",
            "sql-server",
            8,
            32,
            licensed(1.9, 500.0, 420.0, "/var/opt/mssql", 0.34),
        )
        .made(CASCADE_LAKE)
        .running(&["sql-server standalone"])
        .owned_by("databases"),
        host("prod-crm-01", "crm", 4, 16, crm)
            .made(BROADWELL)
            .running(&["mariadb standalone", "apache crm"])
            .owned_by("sales"),
    ]
}

/// Three brokers of a log of events.
fn events() -> Vec<HostSpec> {
    [(1, 1.5), (2, 1.4), (3, 1.6)]
        .into_iter()
        .map(|(number, crest)| {
            let behaviour = Behaviour {
                memory: MemoryUse::Steady {
                    anon: 0.24,
                    cached: 0.6,
                },
                disks: vec![
                    DiskUse {
                        checkpoints: false,
                        ..DiskUse::busy("sdb", 40.0, 260.0, 96.0, 110.0)
                    },
                    DiskUse::system("sda", 4.0),
                ],
                network: NetworkUse {
                    packet_bytes: 1_100.0,
                    ..NetworkUse::megabytes(24.0, 38.0)
                },
                filesystems: vec![
                    FilesystemUse::root("/dev/sda1", 60.0, 0.2),
                    FilesystemUse::data("/var/lib/kafka", "/dev/sdb1", 2_000.0, 0.42, 2.4),
                ],
                ..front(crest, 0.0, 0.0)
            };
            host(&format!("prod-kafka-{number:02}"), "kafka", 8, 32, behaviour)
                .made(ROME)
                .running(&["kafka broker"])
                .owned_by("messaging")
        })
        .collect()
}

/// A host with two caches, and the file server.
fn shared() -> Vec<HostSpec> {
    let two_caches = cache(0.9, 0.52, 0.55);
    let files = Behaviour {
        memory: MemoryUse::Steady {
            anon: 0.08,
            cached: 0.78,
        },
        disks: vec![
            DiskUse {
                checkpoints: false,
                ..DiskUse::busy("sdb", 210.0, 130.0, 92.0, 84.0)
            },
            DiskUse::system("sda", 4.0),
        ],
        filesystems: vec![
            FilesystemUse::root("/dev/sda1", 60.0, 0.2),
            FilesystemUse::data("/export", "/dev/sdb1", 6_000.0, 0.48, 5.2),
        ],
        ..office(
            CpuUse::between(0.1, 0.7),
            MemoryUse::Steady { anon: 0.0, cached: 0.0 },
            14.0,
        )
    };
    vec![
        host("prod-cache-01", "session-cache", 4, 16, two_caches)
            .made(CASCADE_LAKE)
            .running(&["memcached", "valkey standalone"])
            .owned_by("platform"),
        host("prod-nas-01", "file-server", 4, 16, files)
            .made(BROADWELL)
            .running(&["nfs-server", "samba"])
            .owned_by("platform"),
    ]
}

/// What staging has of it.
fn staging() -> Vec<HostSpec> {
    let in_office_hours = |mut behaviour: Behaviour| {
        behaviour.rhythm = Rhythm::Office;
        behaviour.cpu.steal_share = 0.025;
        behaviour
    };
    let search = Behaviour {
        memory: MemoryUse::Database {
            anon: 0.5,
            cached: 0.34,
        },
        ..database(
            0.8,
            0.0,
            0.0,
            DiskUse {
                checkpoints: false,
                ..DiskUse::busy("sdb", 40.0, 60.0, 30.0, 40.0)
            },
            FilesystemUse::data("/var/lib/opensearch", "/dev/sdb1", 200.0, 0.32, 0.3),
        )
    };
    vec![
        host("stg-amq-01", "activemq", 2, 8, in_office_hours(broker(0.35))).running(&["activemq"]),
        host("stg-os-01", "search", 4, 16, in_office_hours(search)).running(&["opensearch data"]),
        host("stg-proxy-01", "proxy", 2, 4, in_office_hours(front(0.2, 0.4, 1.2))).running(&["nginx proxy"]),
    ]
    .into_iter()
    .map(|host| host.owned_by("quality"))
    .collect()
}
