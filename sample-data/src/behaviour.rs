//! How a machine behaves: the parameters its series are drawn from.

use crate::calendar::Rhythm;

/// Everything that shapes a host's series but its size.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    pub(crate) rhythm: Rhythm,
    pub(crate) cpu: CpuUse,
    pub(crate) memory: MemoryUse,
    pub(crate) disks: Vec<DiskUse>,
    pub(crate) network: NetworkUse,
    pub(crate) filesystems: Vec<FilesystemUse>,
}

/// Busy cores between rest and the crest of a working day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuUse {
    pub(crate) idle_cores: f64,
    pub(crate) crest_cores: f64,
    /// Relative spread of the load that persists over minutes and hours.
    pub(crate) noise: f64,
    pub(crate) bursts_per_day: f64,
    pub(crate) burst_minutes: f64,
    /// Height of a burst, as a share of the crest.
    pub(crate) burst_height: f64,
    pub(crate) system_share: f64,
    /// CPU the hypervisor withholds at the crest, as a share of the host's cores.
    pub(crate) steal_share: f64,
}

/// Shares are of the host's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MemoryUse {
    /// Processes of constant size.
    Steady { anon: f64, cached: f64 },
    /// A large pool that is filled once, connections that follow the load, and page cache.
    Database { anon: f64, cached: f64 },
    /// A heap that fills and is collected, the faster the busier.
    Jvm { heap: f64, cached: f64 },
    /// Keys accumulate from one share to the other over the span.
    Growing { from: f64, to: f64, cached: f64 },
    /// Starts here after each restart; the growth stands in the host's expectation.
    Leak { floor: f64, cached: f64 },
    /// All but a rest is taken; the swap stands in the host's expectation.
    Short { anon: f64 },
}

/// One whole disk.
#[derive(Clone, Debug)]
pub(crate) struct DiskUse {
    pub(crate) device: &'static str,
    /// At the crest; 0 for a machine whose files are all in the page cache.
    pub(crate) reads_per_s: f64,
    pub(crate) writes_per_s: f64,
    /// Writes of logs and journals that go on at rest.
    pub(crate) rest_writes_per_s: f64,
    pub(crate) read_kib: f64,
    pub(crate) write_kib: f64,
    /// What the device can do.
    pub(crate) operations_per_s_limit: f64,
    /// A read's time on an unloaded device.
    pub(crate) wait_ms: f64,
    /// How often a device without steady reads is read for some minutes.
    pub(crate) cold_reads_per_day: f64,
    /// A database flushes its dirty pages every five minutes.
    pub(crate) checkpoints: bool,
}

/// The one physical interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NetworkUse {
    /// At the crest.
    pub(crate) receive_bytes_per_s: f64,
    pub(crate) transmit_bytes_per_s: f64,
    /// Heartbeats, time, logs: at any hour.
    pub(crate) rest_bytes_per_s: f64,
    pub(crate) packet_bytes: f64,
    pub(crate) noise: f64,
}

/// One mounted file system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilesystemUse {
    pub(crate) mount: &'static str,
    pub(crate) device: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) size_gib: f64,
    pub(crate) used_share: f64,
    pub(crate) growth_gib_per_day: f64,
    /// Logs that grow during the day and are rotated away at local midnight.
    pub(crate) rotated_gib: f64,
}

impl CpuUse {
    /// A service between rest and crest, with a few bursts a day.
    pub(crate) const fn between(idle_cores: f64, crest_cores: f64) -> Self {
        Self {
            idle_cores,
            crest_cores,
            noise: 0.08,
            bursts_per_day: 10.0,
            burst_minutes: 6.0,
            burst_height: 0.35,
            system_share: 0.22,
            steal_share: 0.0,
        }
    }
}

impl DiskUse {
    /// A system disk: logs are written, everything read is in the page cache.
    pub(crate) const fn system(device: &'static str, writes_per_s: f64) -> Self {
        Self {
            device,
            reads_per_s: 0.0,
            writes_per_s,
            rest_writes_per_s: 1.5,
            read_kib: 24.0,
            write_kib: 11.0,
            operations_per_s_limit: 3_000.0,
            wait_ms: 0.9,
            cold_reads_per_day: 14.0,
            checkpoints: false,
        }
    }

    /// A data disk of a database or a search index.
    pub(crate) const fn busy(
        device: &'static str,
        reads_per_s: f64,
        writes_per_s: f64,
        read_kib: f64,
        write_kib: f64,
    ) -> Self {
        Self {
            device,
            reads_per_s,
            writes_per_s,
            rest_writes_per_s: 12.0,
            read_kib,
            write_kib,
            operations_per_s_limit: 24_000.0,
            wait_ms: 0.35,
            cold_reads_per_day: 4.0,
            checkpoints: true,
        }
    }
}

impl NetworkUse {
    /// Traffic in millions of bytes per second at the crest.
    pub(crate) const fn megabytes(receive: f64, transmit: f64) -> Self {
        Self {
            receive_bytes_per_s: receive * 1e6,
            transmit_bytes_per_s: transmit * 1e6,
            rest_bytes_per_s: 9_000.0,
            packet_bytes: 620.0,
            noise: 0.10,
        }
    }
}

impl FilesystemUse {
    /// The root file system on the first disk.
    pub(crate) const fn root(device: &'static str, size_gib: f64, used_share: f64) -> Self {
        Self {
            mount: "/",
            device,
            kind: "ext4",
            size_gib,
            used_share,
            growth_gib_per_day: 0.01,
            rotated_gib: 0.6,
        }
    }

    /// A data file system that grows.
    pub(crate) const fn data(
        mount: &'static str,
        device: &'static str,
        size_gib: f64,
        used_share: f64,
        growth_gib_per_day: f64,
    ) -> Self {
        Self {
            mount,
            device,
            kind: "xfs",
            size_gib,
            used_share,
            growth_gib_per_day,
            rotated_gib: 0.0,
        }
    }
}
