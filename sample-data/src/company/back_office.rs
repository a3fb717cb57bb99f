//! The production machines behind the shop: batch, reporting, documents, access, leftovers.

use telemetry::units::{Bytes, BytesPerSecond, Cores};

use super::tiers::{database, office, service};
use super::{BROADWELL, CASCADE_LAKE, HASWELL, ROME, at, host};
use crate::behaviour::{Behaviour, CpuUse, DiskUse, FilesystemUse, MemoryUse, NetworkUse};
use crate::calendar::Rhythm;
use crate::estate::{Expectation, HostSpec};

pub(super) fn hosts() -> Vec<HostSpec> {
    let settlement = Behaviour {
        rhythm: Rhythm::Monthly,
        cpu: CpuUse {
            noise: 0.008,
            bursts_per_day: 3.0,
            burst_height: 0.01,
            ..CpuUse::between(0.12, 15.0)
        },
        memory: MemoryUse::Jvm {
            heap: 0.45,
            cached: 0.2,
        },
        disks: vec![DiskUse::busy("sda", 350.0, 600.0, 48.0, 40.0)],
        ..service(0.0, 0.0, 12.0)
    };
    let reporting = Behaviour {
        rhythm: Rhythm::Night,
        cpu: CpuUse {
            bursts_per_day: 60.0,
            burst_minutes: 25.0,
            burst_height: 0.5,
            ..CpuUse::between(0.4, 17.0)
        },
        disks: vec![
            DiskUse::system("sda", 5.0),
            DiskUse {
                checkpoints: false,
                ..DiskUse::busy("nvme0n1", 2_600.0, 900.0, 120.0, 96.0)
            },
            DiskUse {
                checkpoints: false,
                ..DiskUse::busy("nvme1n1", 2_500.0, 850.0, 120.0, 96.0)
            },
        ],
        ..database(
            17.0,
            0.42,
            0.44,
            DiskUse::system("sda", 5.0),
            FilesystemUse::data("/srv/warehouse", "/dev/md0", 4_000.0, 0.61, 8.0),
        )
    };
    let documents = Behaviour {
        cpu: CpuUse {
            bursts_per_day: 3.0,
            burst_height: 0.15,
            ..CpuUse::between(0.08, 1.18)
        },
        memory: MemoryUse::Steady {
            anon: 0.11,
            cached: 0.3,
        },
        ..service(1.18, 0.0, 2.2)
    };
    let bastion = Behaviour {
        cpu: CpuUse {
            bursts_per_day: 25.0,
            burst_height: 0.9,
            ..CpuUse::between(0.015, 0.22)
        },
        ..office(
            CpuUse::between(0.0, 0.0),
            MemoryUse::Steady {
                anon: 0.12,
                cached: 0.3,
            },
            0.15,
        )
    };
    let forgotten = Behaviour {
        rhythm: Rhythm::Flat,
        cpu: CpuUse {
            noise: 0.04,
            bursts_per_day: 0.0,
            ..CpuUse::between(0.011, 0.013)
        },
        memory: MemoryUse::Steady {
            anon: 0.09,
            cached: 0.22,
        },
        disks: vec![DiskUse {
            rest_writes_per_s: 0.4,
            cold_reads_per_day: 0.3,
            ..DiskUse::system("sda", 0.0)
        }],
        network: NetworkUse {
            receive_bytes_per_s: 20.0,
            transmit_bytes_per_s: 15.0,
            rest_bytes_per_s: 120.0,
            packet_bytes: 92.0,
            noise: 0.1,
        },
        filesystems: vec![FilesystemUse::root("/dev/sda1", 120.0, 0.71)],
    };
    vec![
        host("prod-batch-01", "settlement", 16, 64, settlement)
            .made(CASCADE_LAKE)
            .running(&["java settlement"])
            .owned_by("ledger")
            .expecting(Expectation::MonthlyBatch {
                // 20:00 to 23:00 of the 15th where the company works.
                from_ms: at(11, 13),
                until_ms: at(11, 16),
            }),
        host("prod-report-01", "reporting", 32, 256, reporting)
            .made(ROME)
            .running(&["postgresql warehouse", "java reporting"])
            .owned_by("finance"),
        host("prod-kyc-01", "documents", 16, 64, documents)
            .made(CASCADE_LAKE)
            .running(&["java documents"])
            .owned_by("risk")
            .expecting(Expectation::OverProvisioned {
                busy: Cores::from_cores(1.5),
                memory: Bytes::from_gibibytes(10.5),
            }),
        host("prod-bastion-01", "access", 2, 4, bastion)
            .made(BROADWELL)
            .running(&["sshd bastion"])
            .owned_by("platform"),
        host("prod-legacy-01", "legacy", 4, 8, forgotten)
            .made(HASWELL)
            .running(&["vsftpd"])
            .owned_by("nobody")
            .expecting(Expectation::Zombie {
                cpu_share: 0.01,
                traffic: BytesPerSecond::from_bytes_per_second(1_000.0),
            }),
    ]
}
