//! What one tick said of a host: the kernel's counters, as they stood.
//!
//! Parsers ([`crate::kernel`]) make readings from kernel text, the local probe
//! makes them from the machine itself, the log keeps them, and [`crate::rates`]
//! turns them into the rows of the telemetry tables. Counters are absolute and
//! only ever compared with an earlier reading of the same boot. What was not
//! read is `None` or absent, never zero.

use serde::{Deserialize, Serialize};

/// One tick of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The collector's clock in the middle of request and reply, UTC milliseconds.
    pub at_ms: i64,
    /// The host's own monotonic clock: hundredths of a second since its boot.
    pub uptime_cs: u64,
    /// Names the boot; another name means that every counter started again.
    pub boot_id: Option<u128>,
    /// Time the CPUs spent.
    pub cpu: Option<CpuTimes>,
    /// CPU time of the container the account lives in, when it is one.
    pub cgroup_cpu: Option<CgroupCpu>,
    /// Logical CPUs that were online; read once a minute.
    pub online_cpus: Option<u32>,
    /// Memory and swap; read once a minute.
    pub memory: Option<Memory>,
    /// Load; read once a minute.
    pub load: Option<Load>,
    /// Pages moved to and from swap since boot; read once a minute.
    pub paging: Option<Paging>,
    /// Stall time since boot; read once a minute.
    pub pressure: Pressure,
    /// Whole disks that count once each.
    pub disks: Vec<DiskCounters>,
    /// Physical interfaces that count once each.
    pub interfaces: Vec<InterfaceCounters>,
    /// File systems; read every quarter of an hour.
    pub filesystems: Vec<Filesystem>,
}

/// CPU time since boot over all CPUs, microseconds (scaled from the kernel's clock ticks).
///
/// Guest time is within user time, as in the kernel's own line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuTimes {
    /// User mode, nice or not, guests included.
    pub user_us: u64,
    /// Kernel mode, interrupts included.
    pub system_us: u64,
    /// Idle.
    pub idle_us: u64,
    /// Idle while a disk request was outstanding; may go backwards.
    pub iowait_us: u64,
    /// Wanted to run but not given by the hypervisor.
    pub steal_us: u64,
}

/// CPU time and limit of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CgroupCpu {
    /// CPU time used, microseconds.
    pub usage_us: u64,
    /// The part in user mode, microseconds.
    pub user_us: Option<u64>,
    /// The part in the kernel, microseconds.
    pub system_us: Option<u64>,
    /// Thousandths of a CPU that it may use; nothing when unlimited.
    pub limit_millicores: Option<u64>,
}

/// Memory and swap as they stood, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Memory the kernel manages (or the container's limit).
    pub total_bytes: u64,
    /// Memory that could be had without swapping.
    pub available_bytes: Option<u64>,
    /// The kernel did not say what is available: it was estimated from its lists.
    pub available_is_estimated: bool,
    /// Page cache.
    pub cached_bytes: Option<u64>,
    /// Memory of processes that no file backs.
    pub anon_bytes: Option<u64>,
    /// Swap in use.
    pub swap_used_bytes: Option<u64>,
}

/// Load as it stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Load average over a minute, hundredths.
    pub load1_hundredths: u32,
    /// Threads that were runnable.
    pub runnable: u32,
}

/// Swap traffic since boot, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    /// Read from swap.
    pub swap_in_bytes: u64,
    /// Written to swap.
    pub swap_out_bytes: u64,
}

/// Time since boot in which some task was stalled, microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressure {
    /// Waiting for a CPU.
    pub cpu_some_us: Option<u64>,
    /// Waiting for memory.
    pub memory_some_us: Option<u64>,
    /// Waiting for a disk.
    pub io_some_us: Option<u64>,
}

/// Counters of one disk since it appeared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskCounters {
    /// Kernel name, such as `nvme0n1`.
    pub device: String,
    /// Reads completed.
    pub reads: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Time of all reads, milliseconds; a 32-bit counter.
    pub read_ms: u64,
    /// Writes completed.
    pub writes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Time of all writes, milliseconds; a 32-bit counter.
    pub write_ms: u64,
    /// Time with a request outstanding, milliseconds; a 32-bit counter.
    pub busy_ms: u64,
}

/// Counters of one interface since it appeared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceCounters {
    /// Kernel name, such as `eth0`.
    pub interface: String,
    /// Bytes received.
    pub receive_bytes: u64,
    /// Packets received.
    pub receive_packets: u64,
    /// Bytes sent.
    pub transmit_bytes: u64,
    /// Packets sent.
    pub transmit_packets: u64,
}

/// One mounted file system as it stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filesystem {
    /// Mount point.
    pub mount: String,
    /// What is mounted.
    pub device: String,
    /// Its kind, such as `xfs`.
    pub kind: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Bytes in use.
    pub used_bytes: u64,
}
