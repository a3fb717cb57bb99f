//! The tables of telemetry: which columns, in which unit, at which resolution.
//!
//! One source of truth: the writer, the reader, the importers and the
//! documentation all take the columns from here. A number is kept as a whole
//! multiple of the column's resolution, and a rate to nine leading bits (0.2 %),
//! which is finer than any minute's rate is repeatable; in Parquet it is an `INT64` annotated as `DECIMAL`, so every
//! other reader sees the true value in the unit of the name.

use serde::{Deserialize, Serialize};

/// Version of the files' layout; a reader refuses what is older or newer.
pub const FORMAT_VERSION: u32 = 1;

/// How a number stands in the raw 64-bit column when it was not measured.
pub const NOT_MEASURED: i64 = i64::MIN;

/// A table of the telemetry store; the folder has the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Processor, memory, swap and pressure; a row per host and interval.
    Host,
    /// Operations and bytes of one whole disk; a row per host, device and interval.
    Disk,
    /// Size and use of one mounted file system.
    Filesystem,
    /// Bytes and packets of one physical interface.
    Network,
    /// A service's own counters, one metric a row.
    Service,
    /// What share of the host a service takes.
    ProcessGroup,
}

impl Table {
    /// Every table, in the order of the documentation.
    pub const ALL: [Table; 6] = [
        Table::Host,
        Table::Disk,
        Table::Filesystem,
        Table::Network,
        Table::Service,
        Table::ProcessGroup,
    ];

    /// Gives the name, which is also the folder's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Table::Host => "host",
            Table::Disk => "disk",
            Table::Filesystem => "filesystem",
            Table::Network => "network",
            Table::Service => "service",
            Table::ProcessGroup => "process_group",
        }
    }

    /// Finds a table by its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Gives the text columns after `host`: what tells apart the series of one host.
    #[must_use]
    pub const fn labels(self) -> &'static [&'static str] {
        match self {
            Table::Host => &[],
            Table::Disk => &["device"],
            Table::Filesystem => &["mount", "device", "type"],
            Table::Network => &["interface"],
            Table::Service => &["service", "metric"],
            Table::ProcessGroup => &["service"],
        }
    }

    /// Gives the number columns, in file order.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Table::Host => host::COLUMNS,
            Table::Disk => disk::COLUMNS,
            Table::Filesystem => filesystem::COLUMNS,
            Table::Network => network::COLUMNS,
            Table::Service => service::COLUMNS,
            Table::ProcessGroup => process_group::COLUMNS,
        }
    }

    /// Gives the number column at a position, if there is one.
    #[must_use]
    pub fn column_at(self, position: usize) -> Option<ColumnId> {
        (position < self.columns().len()).then_some(ColumnId(position))
    }

    /// Finds a number column by its name.
    #[must_use]
    pub fn column(self, name: &str) -> Option<ColumnId> {
        self.columns()
            .iter()
            .position(|column| column.name == name)
            .map(ColumnId)
    }
}

/// Position of a number column within its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub(crate) usize);

impl ColumnId {
    /// Gives the position among the table's number columns.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// A number column: its name (with the unit in it) and its resolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Name in files, mapping files and notebooks; ends in its unit.
    pub name: &'static str,
    /// Digits kept after the decimal point.
    pub decimals: u8,
    /// Numbers are kept as multiples of this many units of the last kept digit.
    pub grid: i64,
    /// Of a rate, how many leading bits are kept; all of them where nothing is said.
    pub significant_bits: Option<u32>,
    /// One sentence for the documentation.
    pub doc: &'static str,
}

impl Column {
    /// Raw units that make one of the column's unit (10 to the power of the decimals).
    #[must_use]
    pub const fn scale(&self) -> i64 {
        10_i64.pow(self.decimals as u32)
    }

    /// Turns a value into its raw whole number, or [`NOT_MEASURED`] when it is not finite.
    ///
    /// The error is at most half the column's resolution, and of a rate at
    /// most half of the last bit kept (0.2 % with nine bits).
    #[must_use]
    pub fn to_raw(&self, value: f64) -> i64 {
        if !value.is_finite() {
            return NOT_MEASURED;
        }
        let steps = (value * self.scale() as f64 / self.grid as f64).round() as i64;
        let steps = match self.significant_bits {
            Some(bits) => to_significant_bits(steps, bits),
            None => steps,
        };
        steps.saturating_mul(self.grid).max(NOT_MEASURED + 1)
    }

    /// Turns a raw whole number back into the value; nothing when it was not measured.
    #[must_use]
    pub fn to_value(&self, raw: i64) -> Option<f64> {
        (raw != NOT_MEASURED).then(|| raw as f64 / self.scale() as f64)
    }
}

/// Rounds to the nearest number with so many leading bits; halves away from zero.
fn to_significant_bits(steps: i64, bits: u32) -> i64 {
    let length = u64::BITS - steps.unsigned_abs().leading_zeros();
    let dropped = length.saturating_sub(bits);
    if dropped == 0 {
        return steps;
    }
    let half = 1_u64 << (dropped - 1);
    let rounded = ((steps.unsigned_abs().saturating_add(half)) >> dropped) << dropped;
    i64::try_from(rounded).unwrap_or(i64::MAX) * steps.signum()
}

/// Memory is kept in steps of 1 MiB: 0.2 % of a 512 MiB machine.
const MEMORY_GRID: i64 = 1 << 20;
/// Data rates are kept in steps of 16 bytes per second.
const RATE_GRID: i64 = 16;
/// Rates are kept to nine leading bits, 0.2 % at worst: what lies below is the noise of where an interval was cut, and
/// takes half the disk.
const RATE_BITS: Option<u32> = Some(9);

macro_rules! columns {
    ($(#[$doc:meta])* $module:ident { $($id:ident $name:literal $decimals:literal $grid:expr => $bits:expr, $text:literal;)* }) => {
        $(#[$doc])*
        pub mod $module {
            use super::{Column, ColumnId};
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, dead_code)]
            enum Position { $($id),* }
            $(#[doc = $text] pub const $id: ColumnId = ColumnId(Position::$id as usize);)*
            /// The columns in file order.
            pub const COLUMNS: &[Column] = &[
                $(Column { name: $name, decimals: $decimals, grid: $grid, significant_bits: $bits, doc: $text }),*
            ];
        }
    };
}

columns! {
    /// Columns of the `host` table.
    host {
        INTERVAL_S "interval_s" 3 1 => None, "Length of the interval that ends at `at`, seconds.";
        CPU_CORES "cpu_cores" 0 1 => None, "Logical CPUs that were online.";
        CPU_BUSY_CORES "cpu_busy_cores" 3 1 => None, "Mean CPUs busy: everything but idle and iowait, steal apart.";
        CPU_BUSY_CORES_MAX "cpu_busy_cores_max" 3 1 => None, "Highest sub-sample of the busy CPUs within the interval.";
        CPU_USER_CORES "cpu_user_cores" 3 1 => None, "CPUs busy in user mode.";
        CPU_SYSTEM_CORES "cpu_system_cores" 3 1 => None, "CPUs busy in the kernel.";
        CPU_IOWAIT_CORES "cpu_iowait_cores" 3 1 => None, "CPUs idle while a disk request was outstanding.";
        CPU_STEAL_CORES "cpu_steal_cores" 3 1 => None, "CPUs that wanted to run but were not given by the hypervisor.";
        LOAD1 "load1" 2 1 => None, "Load average over one minute.";
        RUNNABLE "runnable" 0 1 => None, "Threads that were runnable at the end of the interval.";
        MEMORY_TOTAL_BYTES "memory_total_bytes" 0 super::MEMORY_GRID => None, "Memory the kernel manages.";
        MEMORY_AVAILABLE_BYTES "memory_available_bytes" 0 super::MEMORY_GRID => None, "Memory that could be had without swapping.";
        MEMORY_CACHED_BYTES "memory_cached_bytes" 0 super::MEMORY_GRID => None, "Page cache.";
        MEMORY_ANON_BYTES "memory_anon_bytes" 0 super::MEMORY_GRID => None, "Memory of processes that no file backs.";
        MEMORY_ACTIVE_BYTES "memory_active_bytes" 0 super::MEMORY_GRID => None, "Memory a hypervisor saw touched of late; not the memory in use, never sized on.";
        SWAP_USED_BYTES "swap_used_bytes" 0 super::MEMORY_GRID => None, "Swap in use.";
        SWAP_IN_BYTES_PER_S "swap_in_bytes_per_s" 0 super::RATE_GRID => super::RATE_BITS, "Rate of reading from swap.";
        SWAP_OUT_BYTES_PER_S "swap_out_bytes_per_s" 0 super::RATE_GRID => super::RATE_BITS, "Rate of writing to swap.";
        PRESSURE_CPU_SOME "pressure_cpu_some" 4 1 => None, "Fraction of time some task waited for a CPU.";
        PRESSURE_MEMORY_SOME "pressure_memory_some" 4 1 => None, "Fraction of time some task waited for memory.";
        PRESSURE_IO_SOME "pressure_io_some" 4 1 => None, "Fraction of time some task waited for a disk.";
    }
}

columns! {
    /// Columns of the `disk` table.
    disk {
        INTERVAL_S "interval_s" 3 1 => None, "Length of the interval that ends at `at`, seconds.";
        READS_PER_S "reads_per_s" 2 1 => super::RATE_BITS, "Read operations per second.";
        WRITES_PER_S "writes_per_s" 2 1 => super::RATE_BITS, "Write operations per second.";
        READ_BYTES_PER_S "read_bytes_per_s" 0 super::RATE_GRID => super::RATE_BITS, "Bytes read per second.";
        WRITE_BYTES_PER_S "write_bytes_per_s" 0 super::RATE_GRID => super::RATE_BITS, "Bytes written per second.";
        BUSY_FRACTION "busy_fraction" 4 1 => None, "Fraction of time with a request outstanding.";
        READ_WAIT_MS "read_wait_ms" 2 1 => None, "Mean time of a read, milliseconds.";
        WRITE_WAIT_MS "write_wait_ms" 2 1 => None, "Mean time of a write, milliseconds.";
        READS_PER_S_MAX "reads_per_s_max" 2 1 => super::RATE_BITS, "Highest sub-sample of the read operations.";
        WRITES_PER_S_MAX "writes_per_s_max" 2 1 => super::RATE_BITS, "Highest sub-sample of the write operations.";
        READ_BYTES_PER_S_MAX "read_bytes_per_s_max" 0 super::RATE_GRID => super::RATE_BITS, "Highest sub-sample of the bytes read.";
        WRITE_BYTES_PER_S_MAX "write_bytes_per_s_max" 0 super::RATE_GRID => super::RATE_BITS, "Highest sub-sample of the bytes written.";
    }
}

columns! {
    /// Columns of the `filesystem` table.
    filesystem {
        SIZE_BYTES "size_bytes" 0 super::MEMORY_GRID => None, "Size of the file system.";
        USED_BYTES "used_bytes" 0 super::MEMORY_GRID => None, "Bytes in use.";
    }
}

columns! {
    /// Columns of the `network` table.
    network {
        INTERVAL_S "interval_s" 3 1 => None, "Length of the interval that ends at `at`, seconds.";
        RECEIVE_BYTES_PER_S "receive_bytes_per_s" 0 super::RATE_GRID => super::RATE_BITS, "Bytes received per second.";
        TRANSMIT_BYTES_PER_S "transmit_bytes_per_s" 0 super::RATE_GRID => super::RATE_BITS, "Bytes sent per second.";
        RECEIVE_PACKETS_PER_S "receive_packets_per_s" 2 1 => super::RATE_BITS, "Packets received per second.";
        TRANSMIT_PACKETS_PER_S "transmit_packets_per_s" 2 1 => super::RATE_BITS, "Packets sent per second.";
        RECEIVE_BYTES_PER_S_MAX "receive_bytes_per_s_max" 0 super::RATE_GRID => super::RATE_BITS, "Highest sub-sample of the bytes received.";
        TRANSMIT_BYTES_PER_S_MAX "transmit_bytes_per_s_max" 0 super::RATE_GRID => super::RATE_BITS, "Highest sub-sample of the bytes sent.";
        RECEIVE_PACKETS_PER_S_MAX "receive_packets_per_s_max" 2 1 => super::RATE_BITS, "Highest sub-sample of the packets received.";
        TRANSMIT_PACKETS_PER_S_MAX "transmit_packets_per_s_max" 2 1 => super::RATE_BITS, "Highest sub-sample of the packets sent.";
    }
}

columns! {
    /// Columns of the `service` table.
    service {
        VALUE "value" 3 1 => None, "The metric's value, in the unit its name ends in.";
    }
}

columns! {
    /// Columns of the `process_group` table.
    process_group {
        INTERVAL_S "interval_s" 3 1 => None, "Length of the interval that ends at `at`, seconds.";
        CPU_BUSY_CORES "cpu_busy_cores" 3 1 => None, "CPUs the group kept busy.";
        RESIDENT_BYTES "resident_bytes" 0 super::MEMORY_GRID => None, "Resident memory of the group.";
        PROCESSES "processes" 0 1 => None, "Processes in the group.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_columns_agree() {
        assert_eq!(Table::Host.column("cpu_busy_cores"), Some(host::CPU_BUSY_CORES));
        assert_eq!(
            Table::Network.column("transmit_packets_per_s_max"),
            Some(network::TRANSMIT_PACKETS_PER_S_MAX)
        );
        for table in Table::ALL {
            assert_eq!(Table::from_name(table.name()), Some(table));
        }
    }

    #[test]
    fn a_rate_keeps_its_leading_bits() {
        let reads = Table::Disk.columns()[disk::READS_PER_S.index()];
        assert_eq!(reads.to_raw(5.11), 511, "few steps are kept exactly");
        for value in [5.13, 97.77, 1234.56, 98_765.43, 7e9] {
            let kept = reads.to_value(reads.to_raw(value)).unwrap_or(f64::NAN);
            assert!((kept / value - 1.0).abs() <= 0.002, "{value} is kept as {kept}");
            assert_eq!(reads.to_raw(kept), reads.to_raw(value), "what was kept stays");
        }
        assert_eq!(to_significant_bits(-1023, 9), -1024);
        assert_eq!(to_significant_bits(i64::MAX, 9), i64::MAX);
    }

    #[test]
    fn a_value_keeps_its_resolution() {
        let busy = Table::Host.columns()[host::CPU_BUSY_CORES.index()];
        assert_eq!(busy.to_raw(1.2345), 1235);
        assert_eq!(busy.to_value(1235), Some(1.235));
        assert_eq!(busy.to_raw(f64::NAN), NOT_MEASURED);
        assert_eq!(busy.to_value(NOT_MEASURED), None);
    }
}
