//! How the usual kinds of services behave.

use crate::behaviour::{Behaviour, CpuUse, DiskUse, FilesystemUse, MemoryUse, NetworkUse};
use crate::calendar::Rhythm;

/// A web server or proxy: little memory, much traffic.
pub(super) fn front(crest_cores: f64, receive: f64, transmit: f64) -> Behaviour {
    Behaviour {
        rhythm: Rhythm::Customers,
        cpu: CpuUse {
            bursts_per_day: 18.0,
            system_share: 0.38,
            ..CpuUse::between(0.05, crest_cores)
        },
        memory: MemoryUse::Steady {
            anon: 0.14,
            cached: 0.40,
        },
        disks: vec![DiskUse::system("sda", 22.0)],
        network: NetworkUse {
            packet_bytes: 780.0,
            ..NetworkUse::megabytes(receive, transmit)
        },
        filesystems: vec![FilesystemUse {
            rotated_gib: 3.0,
            ..FilesystemUse::root("/dev/sda1", 60.0, 0.28)
        }],
    }
}

/// A service on the JVM.
pub(super) fn service(crest_cores: f64, heap: f64, megabytes: f64) -> Behaviour {
    Behaviour {
        rhythm: Rhythm::Customers,
        cpu: CpuUse::between(0.12, crest_cores),
        memory: MemoryUse::Jvm { heap, cached: 0.16 },
        disks: vec![DiskUse::system("sda", 14.0)],
        network: NetworkUse::megabytes(megabytes, megabytes * 1.2),
        filesystems: vec![FilesystemUse {
            rotated_gib: 2.0,
            ..FilesystemUse::root("/dev/sda1", 80.0, 0.31)
        }],
    }
}

/// A database with a system disk and a data disk.
pub(super) fn database(
    crest_cores: f64,
    anon: f64,
    cached: f64,
    data: DiskUse,
    filesystem: FilesystemUse,
) -> Behaviour {
    Behaviour {
        rhythm: Rhythm::Customers,
        cpu: CpuUse {
            system_share: 0.27,
            ..CpuUse::between(0.15, crest_cores)
        },
        memory: MemoryUse::Database { anon, cached },
        disks: vec![data, DiskUse::system("sda", 4.0)],
        network: NetworkUse::megabytes(2.5 * crest_cores, 6.0 * crest_cores),
        filesystems: vec![FilesystemUse::root("/dev/sda2", 60.0, 0.22), filesystem],
    }
}

/// An in-memory cache: one busy thread, keys that accumulate.
pub(super) fn cache(crest_cores: f64, from: f64, to: f64) -> Behaviour {
    Behaviour {
        rhythm: Rhythm::Customers,
        cpu: CpuUse {
            system_share: 0.45,
            ..CpuUse::between(0.04, crest_cores)
        },
        memory: MemoryUse::Growing { from, to, cached: 0.08 },
        disks: vec![DiskUse::system("sda", 6.0)],
        network: NetworkUse {
            packet_bytes: 240.0,
            ..NetworkUse::megabytes(14.0 * crest_cores, 38.0 * crest_cores)
        },
        filesystems: vec![FilesystemUse::root("/dev/sda1", 60.0, 0.2)],
    }
}

/// A message broker.
pub(super) fn broker(crest_cores: f64) -> Behaviour {
    Behaviour {
        memory: MemoryUse::Steady {
            anon: 0.22,
            cached: 0.34,
        },
        disks: vec![DiskUse {
            rest_writes_per_s: 8.0,
            ..DiskUse::system("sda", 240.0)
        }],
        network: NetworkUse {
            packet_bytes: 420.0,
            ..NetworkUse::megabytes(5.0, 7.5)
        },
        filesystems: vec![
            FilesystemUse::root("/dev/sda2", 40.0, 0.24),
            FilesystemUse::data("/var/lib/rabbitmq", "/dev/sda3", 60.0, 0.11, 0.02),
        ],
        ..front(crest_cores, 0.0, 0.0)
    }
}

/// A machine with one disk that people use in office hours.
pub(super) fn office(cpu: CpuUse, memory: MemoryUse, megabytes: f64) -> Behaviour {
    Behaviour {
        rhythm: Rhythm::Office,
        cpu,
        memory,
        disks: vec![DiskUse::system("sda", 12.0)],
        network: NetworkUse::megabytes(megabytes, megabytes * 0.7),
        filesystems: vec![FilesystemUse::root("/dev/sda1", 80.0, 0.35)],
    }
}
