//! The staging and development machines: virtual, on an over-committed hypervisor.

use telemetry::units::Bytes;

use super::tiers::{database, front, office, service};
use super::{BROADWELL, HASWELL, ROME, host};
use crate::behaviour::{Behaviour, CpuUse, DiskUse, FilesystemUse, MemoryUse, NetworkUse};
use crate::calendar::Rhythm;
use crate::estate::{Expectation, HostSpec};

pub(super) fn hosts() -> Vec<HostSpec> {
    let mut hosts = staging();
    hosts.extend(development());
    for host in &mut hosts {
        if host.expectation.is_none() {
            host.behaviour.cpu.steal_share = 0.025;
        }
    }
    hosts
}

fn staging() -> Vec<HostSpec> {
    let in_office_hours = |behaviour| Behaviour {
        rhythm: Rhythm::Office,
        ..behaviour
    };
    let short_of_memory = Behaviour {
        memory: MemoryUse::Short { anon: 0.90 },
        ..in_office_hours(service(0.9, 0.0, 0.8))
    };
    let between_tests = Behaviour {
        rhythm: Rhythm::Asleep,
        cpu: CpuUse {
            bursts_per_day: 6.0,
            burst_minutes: 4.0,
            burst_height: 1.0,
            ..CpuUse::between(0.045, 0.14)
        },
        memory: MemoryUse::Steady {
            anon: 0.05,
            cached: 0.12,
        },
        disks: vec![DiskUse {
            rest_writes_per_s: 0.6,
            cold_reads_per_day: 1.0,
            ..DiskUse::system("sda", 3.0)
        }],
        network: NetworkUse {
            receive_bytes_per_s: 900.0,
            transmit_bytes_per_s: 600.0,
            rest_bytes_per_s: 15.0,
            packet_bytes: 110.0,
            noise: 0.1,
        },
        filesystems: vec![FilesystemUse {
            rotated_gib: 0.05,
            ..FilesystemUse::root("/dev/sda1", 60.0, 0.17)
        }],
    };
    vec![
        host("stg-web-01", "web", 2, 4, in_office_hours(front(0.35, 0.3, 1.1)))
            .made(BROADWELL)
            .running(&["nginx"]),
        host("stg-api-01", "payments-api", 2, 4, short_of_memory)
            .made(BROADWELL)
            .running(&["java payments-api"])
            .expecting(Expectation::Swapping {
                swap_used: Bytes::from_gibibytes(1.5),
            }),
        host(
            "stg-pg-01",
            "postgresql",
            4,
            16,
            in_office_hours(database(
                0.7,
                0.33,
                0.48,
                DiskUse::busy("sdb", 120.0, 160.0, 9.0, 12.0),
                FilesystemUse::data("/var/lib/postgresql", "/dev/sdb1", 300.0, 0.33, 0.2),
            )),
        )
        .made(BROADWELL)
        .running(&["postgresql primary"]),
        host("stg-loadtest-01", "load-test", 8, 16, between_tests)
            .made(BROADWELL)
            .running(&["k6"])
            .expecting(Expectation::Idle {
                cpu_share: 0.05,
                traffic_per_day: Bytes::from_bytes(5e6),
            }),
    ]
    .into_iter()
    .map(|host| host.owned_by("quality"))
    .collect()
}

fn development() -> Vec<HostSpec> {
    let builds = Behaviour {
        cpu: CpuUse {
            bursts_per_day: 110.0,
            burst_minutes: 22.0,
            burst_height: 1.5,
            noise: 0.15,
            ..CpuUse::between(0.3, 6.5)
        },
        memory: MemoryUse::Steady {
            anon: 0.38,
            cached: 0.45,
        },
        disks: vec![
            DiskUse::system("sda", 10.0),
            DiskUse {
                checkpoints: false,
                ..DiskUse::busy("sdb", 140.0, 900.0, 28.0, 34.0)
            },
        ],
        filesystems: vec![
            FilesystemUse::root("/dev/sda1", 80.0, 0.38),
            FilesystemUse::data("/var/lib/docker", "/dev/sdb1", 500.0, 0.55, 3.5),
        ],
        ..office(
            CpuUse::between(0.0, 0.0),
            MemoryUse::Steady { anon: 0.0, cached: 0.0 },
            6.0,
        )
    };
    let all_in_one = office(
        CpuUse::between(0.1, 1.1),
        MemoryUse::Jvm {
            heap: 0.66,
            cached: 0.18,
        },
        0.9,
    );
    let scratch_database = Behaviour {
        rhythm: Rhythm::Office,
        ..database(
            0.5,
            0.40,
            0.36,
            DiskUse::busy("sdb", 60.0, 90.0, 12.0, 14.0),
            FilesystemUse::data("/var/lib/mysql", "/dev/sdb1", 200.0, 0.44, 0.3),
        )
    };
    vec![
        host("dev-ci-01", "ci", 16, 32, builds)
            .made(ROME)
            .running(&["gitlab-runner", "docker"]),
        host("dev-app-01", "all-in-one", 4, 16, all_in_one.clone())
            .made(BROADWELL)
            .running(&["java payments-api", "java ledger", "redis", "rabbitmq"]),
        host("dev-app-02", "all-in-one", 4, 16, all_in_one)
            .made(BROADWELL)
            .running(&["java payments-api", "java fraud-scoring", "redis"]),
        host("dev-db-01", "databases", 2, 8, scratch_database)
            .made(HASWELL)
            .running(&["mysql primary", "mongodb standalone"]),
    ]
    .into_iter()
    .map(|host| host.owned_by("engineering"))
    .collect()
}
