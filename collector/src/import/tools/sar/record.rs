//! What the numbers of sar mean, whichever layout they came in.
//!
//! Percentages become CPUs, sectors and kibibytes become bytes, and each byte
//! counts once: partitions, volumes and virtual interfaces are left out.

use std::collections::HashMap;

use telemetry::Table;
use telemetry::schema::{disk, filesystem, host, network};

use super::super::devices::{counting_disks, interface_counts};
use super::super::parsed::{HostId, Parsed};

/// What one section of a report measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Section {
    Cpu,
    Memory,
    Swap,
    SwapPages,
    Io,
    Queue,
    Disk,
    Network,
    Filesystem,
    PressureCpu,
    PressureIo,
    PressureMemory,
}

/// Most columns that a section uses.
pub(super) const MOST_WANTED: usize = 10;
/// Numbers of one row in the order of [`Section::wanted`], NaN where absent.
pub(super) type Numbers = [f64; MOST_WANTED];

/// Bytes of a page that swap is counted in.
const PAGE_BYTES: f64 = 4096.0;
const KIB: f64 = 1024.0;
const MIB: f64 = 1_048_576.0;
const SECTOR: f64 = 512.0;

impl Section {
    /// Lists the columns that are used, each with the names it had over the years.
    ///
    /// Text and `sadf -d` write `%idle` and `kbmemfree`, JSON writes `idle` and `memfree`: see [`plain_name`].
    pub(super) const fn wanted(self) -> &'static [&'static [&'static str]] {
        match self {
            Section::Cpu => &[
                &["idle%", "idle"],
                &["iowait%", "iowait"],
                &["steal%", "steal"],
                &["usr%", "user%", "usr", "user"],
                &["nice%", "nice"],
                &["sys%", "system%", "sys", "system"],
                &["irq%", "irq"],
                &["soft%", "soft"],
                &["guest%", "guest"],
                &["gnice%", "gnice"],
            ],
            Section::Memory => &[
                &["memfree"],
                &["memused"],
                &["memused%"],
                &["avail"],
                &["buffers"],
                &["cached"],
                &["slab"],
                &["anonpg"],
                &["swpused"],
            ],
            Section::Swap => &[&["swpused"]],
            Section::SwapPages => &[&["pswpin"], &["pswpout"]],
            Section::Io => &[&["rtps"], &["wtps"]],
            Section::Queue => &[&["runq-sz"], &["ldavg-1"]],
            Section::Disk => &[&["tps"], &["rkB"], &["wkB"], &["rd_sec"], &["wr_sec"], &["util%"]],
            Section::Network => &[&["rxpck"], &["txpck"], &["rxkB"], &["txkB"], &["rxbyt"], &["txbyt"]],
            Section::Filesystem => &[&["MBfsfree"], &["MBfsused"]],
            Section::PressureCpu => &[&["scpu%"]],
            Section::PressureIo => &[&["sio%"]],
            Section::PressureMemory => &[&["smem%"]],
        }
    }

    /// Lists the names of the column that tells rows of one time apart; nothing where there is one row a time.
    pub(super) const fn item(self) -> &'static [&'static str] {
        match self {
            Section::Cpu => &["CPU", "cpu", "number"],
            Section::Disk => &["DEV", "disk-device", "dev"],
            Section::Network => &["IFACE", "iface"],
            Section::Filesystem => &[
                "FILESYSTEM",
                "MOUNT",
                "MOUNTPOINT",
                "filesystem",
                "mountpoint",
                "fsname",
            ],
            _ => &[],
        }
    }

    /// Recognises a section by the plain names of its columns.
    pub(super) fn of(names: &[String]) -> Option<Self> {
        let has = |name: &str| names.iter().any(|one| one == name);
        let is = |section: Section, column: &str| {
            let has_item = section.item().is_empty() || section.item().iter().any(|item| has(item));
            (has(column) && has_item).then_some(section)
        };
        [
            (Section::Cpu, "idle%"),
            (Section::Memory, "memfree"),
            (Section::Swap, "swpused"),
            (Section::SwapPages, "pswpin"),
            (Section::Io, "rtps"),
            (Section::Queue, "runq-sz"),
            (Section::Disk, "tps"),
            (Section::Network, "rxpck"),
            (Section::Filesystem, "MBfsfree"),
            (Section::PressureCpu, "scpu%"),
            (Section::PressureIo, "sio%"),
            (Section::PressureMemory, "smem%"),
        ]
        .into_iter()
        .find_map(|(section, column)| is(section, column))
    }
}

/// Writes a column's name as this module knows it: `%idle` as `idle%`, `kbmemfree` as `memfree`, `rkB/s` as `rkB`.
pub(super) fn plain_name(name: &str) -> String {
    let name = name.strip_suffix("/s").unwrap_or(name);
    if let Some(rest) = name.strip_prefix('%') {
        return format!("{rest}%");
    }
    if let Some(rest) = name.strip_suffix("-percent") {
        return format!("{rest}%");
    }
    name.strip_prefix("kb").unwrap_or(name).to_string()
}

/// Where the wanted columns of a section stand in its rows.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub section: Section,
    /// Position of the item.
    pub item: Option<usize>,
    /// Position of each wanted column.
    pub wanted: Vec<Option<usize>>,
    /// Columns of a row.
    pub count: usize,
    /// Names as written, for messages.
    pub names: Vec<String>,
}

impl Columns {
    /// Understands a header; nothing where the section is not used.
    pub(super) fn of(names: &[&str]) -> Option<Self> {
        let plain: Vec<String> = names.iter().map(|name| plain_name(name)).collect();
        let section = Section::of(&plain)?;
        let position = |known: &[&str]| {
            known
                .iter()
                .find_map(|wanted| plain.iter().position(|name| name == wanted))
        };
        Some(Self {
            section,
            item: position(section.item()),
            wanted: section.wanted().iter().map(|known| position(known)).collect(),
            count: names.len(),
            names: names.iter().map(|name| (*name).to_string()).collect(),
        })
    }
}

/// When a row was measured, and over how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub at_ms: i64,
    /// NaN where unknown.
    pub seconds: f64,
}

/// Turns rows of sections into rows of the tables.
pub(super) struct Recorder<'p> {
    pub parsed: &'p mut Parsed,
    pub host: HostId,
    /// CPUs that the header, or a restart, states.
    pub cores: Option<f64>,
    /// The user says that cache counts as available where sar does not tell.
    pub cache_is_available: bool,
    block: Option<(Section, Interval)>,
    /// Per-CPU rows of the block.
    cpus: u32,
    all: Option<Numbers>,
    disks: Vec<(String, Numbers)>,
    /// Reads and writes of the whole host, by time.
    reads_and_writes: HashMap<i64, (f64, f64)>,
}

impl<'p> Recorder<'p> {
    pub(super) fn new(parsed: &'p mut Parsed, host: HostId, cache_is_available: bool) -> Self {
        Self {
            parsed,
            host,
            cores: None,
            cache_is_available,
            block: None,
            cpus: 0,
            all: None,
            disks: Vec::new(),
            reads_and_writes: HashMap::new(),
        }
    }

    /// Ends what belongs to one section and time.
    pub(super) fn end_block(&mut self) {
        let Some((section, interval)) = self.block.take() else {
            return;
        };
        match section {
            Section::Cpu => {
                if let Some(all) = self.all.take() {
                    self.cpu(interval, &all);
                }
                self.cpus = 0;
            }
            Section::Disk => self.disks(interval),
            _ => {}
        }
    }

    fn begin(&mut self, section: Section, interval: Interval) {
        if self
            .block
            .is_none_or(|(known, since)| known != section || since.at_ms != interval.at_ms)
        {
            self.end_block();
            self.block = Some((section, interval));
        }
    }

    /// Counts the row of one CPU; its numbers are in those of all.
    pub(super) fn one_cpu(&mut self, interval: Interval) {
        self.begin(Section::Cpu, interval);
        self.cpus += 1;
    }

    /// Takes a row.
    pub(super) fn row(&mut self, section: Section, item: &str, interval: Interval, numbers: &Numbers) {
        self.begin(section, interval);
        let at = interval.at_ms;
        let seconds = (host::INTERVAL_S, interval.seconds);
        let host = self.host;
        let n = numbers;
        match section {
            Section::Cpu => self.all = Some(*numbers),
            Section::Disk => self.disks.push((item.to_string(), *numbers)),
            Section::Io => {
                self.reads_and_writes.insert(at, (n[0], n[1]));
            }
            Section::Memory => self.memory(interval, numbers),
            Section::Swap => self
                .parsed
                .host_row(host, at, &[seconds, (host::SWAP_USED_BYTES, n[0] * KIB)]),
            Section::SwapPages => self.parsed.host_row(
                host,
                at,
                &[
                    seconds,
                    (host::SWAP_IN_BYTES_PER_S, n[0] * PAGE_BYTES),
                    (host::SWAP_OUT_BYTES_PER_S, n[1] * PAGE_BYTES),
                ],
            ),
            Section::Queue => {
                self.parsed
                    .host_row(host, at, &[seconds, (host::RUNNABLE, n[0]), (host::LOAD1, n[1])]);
            }
            Section::PressureCpu => {
                self.parsed
                    .host_row(host, at, &[seconds, (host::PRESSURE_CPU_SOME, n[0] / 100.0)]);
            }
            Section::PressureIo => {
                self.parsed
                    .host_row(host, at, &[seconds, (host::PRESSURE_IO_SOME, n[0] / 100.0)]);
            }
            Section::PressureMemory => {
                self.parsed
                    .host_row(host, at, &[seconds, (host::PRESSURE_MEMORY_SOME, n[0] / 100.0)]);
            }
            Section::Network => self.network(item, interval, numbers),
            Section::Filesystem => {
                // sar names the device or the mount point, never both, and no type.
                let device = if item.starts_with("/dev/") { item } else { "unknown" };
                let labels = self.parsed.labels(&[item, device, "unknown"]);
                self.parsed.row(
                    Table::Filesystem,
                    host,
                    labels,
                    at,
                    &[
                        (filesystem::SIZE_BYTES, (n[0] + n[1]) * MIB),
                        (filesystem::USED_BYTES, n[1] * MIB),
                    ],
                );
            }
        }
    }

    fn cpu(&mut self, interval: Interval, n: &Numbers) {
        let counted = (self.cpus > 0).then(|| f64::from(self.cpus));
        let Some(cores) = counted.or(self.cores) else {
            self.parsed
                .leave_out("CPU rows without a number of CPUs (export with `-P ALL`, or give --vcpus)");
            return;
        };
        let of = |percent: f64| percent / 100.0 * cores;
        let or_zero = |number: f64| if number.is_nan() { 0.0 } else { number };
        let [idle, iowait, steal, usr, nice, sys, irq, soft, guest, gnice] = *n;
        // Only `-u ALL` has irq, and only there guests are apart from user and interrupts from system.
        let user = usr + or_zero(nice) + or_zero(guest) + or_zero(gnice);
        let system = sys + or_zero(irq) + or_zero(soft);
        let busy = (100.0 - idle - or_zero(iowait) - or_zero(steal)).max(0.0);
        self.parsed.host_row(
            self.host,
            interval.at_ms,
            &[
                (host::INTERVAL_S, interval.seconds),
                (host::CPU_CORES, cores),
                (host::CPU_BUSY_CORES, of(busy)),
                (host::CPU_USER_CORES, of(user)),
                (host::CPU_SYSTEM_CORES, of(system)),
                (host::CPU_IOWAIT_CORES, of(iowait)),
                (host::CPU_STEAL_CORES, of(steal)),
            ],
        );
    }

    fn memory(&mut self, interval: Interval, n: &Numbers) {
        let [free, _, _, avail, buffers, cached, _, anon, swap_used, _] = *n;
        // A file that `sadf -c` brought up to date has zero where its old format had nothing.
        let measured = |number: f64| if number == 0.0 { f64::NAN } else { number };
        let (avail, anon) = (measured(avail), measured(anon));
        let total = memory_total(n);
        if total.is_none() {
            self.parsed
                .leave_out("memory rows whose parts do not add up to one total");
        }
        let mut available = avail;
        if avail.is_nan() && self.cache_is_available {
            self.parsed
                .note("memory available is free + buffers + cached, as asked for; shared memory (tmpfs, PostgreSQL) is counted in it");
            available = free + buffers + cached;
        } else if avail.is_nan() {
            self.parsed.note(
                "this sar does not tell available memory (kbavail), so memory in use is unknown and is kept as it is; \
                 --cache-is-available takes free + buffers + cached",
            );
        }
        self.parsed.host_row(
            self.host,
            interval.at_ms,
            &[
                (host::INTERVAL_S, interval.seconds),
                (host::MEMORY_TOTAL_BYTES, total.unwrap_or(f64::NAN) * KIB),
                (host::MEMORY_AVAILABLE_BYTES, available * KIB),
                (host::MEMORY_CACHED_BYTES, cached * KIB),
                (host::MEMORY_ANON_BYTES, anon * KIB),
                (host::SWAP_USED_BYTES, swap_used * KIB),
            ],
        );
    }

    fn network(&mut self, item: &str, interval: Interval, n: &Numbers) {
        if !interface_counts(item) {
            self.parsed.unused(&format!("interface {item}"));
            return;
        }
        let [rxpck, txpck, rxkb, txkb, rxbyt, txbyt, ..] = *n;
        let bytes = |kib: f64, bytes: f64| if kib.is_nan() { bytes } else { kib * KIB };
        let labels = self.parsed.labels(&[item]);
        self.parsed.row(
            Table::Network,
            self.host,
            labels,
            interval.at_ms,
            &[
                (network::INTERVAL_S, interval.seconds),
                (network::RECEIVE_BYTES_PER_S, bytes(rxkb, rxbyt)),
                (network::TRANSMIT_BYTES_PER_S, bytes(txkb, txbyt)),
                (network::RECEIVE_PACKETS_PER_S, rxpck),
                (network::TRANSMIT_PACKETS_PER_S, txpck),
            ],
        );
    }

    fn disks(&mut self, interval: Interval) {
        let disks = std::mem::take(&mut self.disks);
        let names: Vec<&str> = disks.iter().map(|(name, _)| name.as_str()).collect();
        let counting = counting_disks(&names);
        let whole = self.reads_and_writes.get(&interval.at_ms).copied();
        for (name, n) in &disks {
            if !counting.contains(&name.as_str()) {
                self.parsed.unused(&format!("device {name}"));
                continue;
            }
            let [tps, rkb, wkb, rd_sec, wr_sec, util, ..] = *n;
            let bytes = |kib: f64, sectors: f64| if kib.is_nan() { sectors * SECTOR } else { kib * KIB };
            let (read, write) = (bytes(rkb, rd_sec), bytes(wkb, wr_sec));
            let share = share_of_reads(whole, read, write);
            self.parsed
                .note("sar tells the operations of a disk as one number; they are split into reads and writes as those of the whole host, or as its bytes");
            let labels = self.parsed.labels(&[name]);
            self.parsed.row(
                Table::Disk,
                self.host,
                labels,
                interval.at_ms,
                &[
                    (disk::INTERVAL_S, interval.seconds),
                    (disk::READS_PER_S, tps * share),
                    (disk::WRITES_PER_S, tps * (1.0 - share)),
                    (disk::READ_BYTES_PER_S, read),
                    (disk::WRITE_BYTES_PER_S, write),
                    (disk::BUSY_FRACTION, util / 100.0),
                ],
            );
        }
    }
}

/// Gives which share of a disk's operations were reads.
fn share_of_reads(whole: Option<(f64, f64)>, read: f64, write: f64) -> f64 {
    let share = |a: f64, b: f64| (a + b > 0.0).then(|| a / (a + b));
    // Bytes of one direction only: nothing was done in the other.
    let by_bytes = share(read, write);
    match by_bytes {
        Some(share) if share == 0.0 || share == 1.0 => share,
        _ => whole
            .and_then(|(reads, writes)| share(reads, writes))
            .or(by_bytes)
            .unwrap_or(0.5),
    }
}

/// Finds the total among what `kbmemused` meant over the years: the candidate that fits `%memused`, which is of the total.
///
/// sysstat counted as used all that is not free, later all but free, buffers, cache and slab, and then all that is not
/// available.
fn memory_total(n: &Numbers) -> Option<f64> {
    let [free, used, percent, avail, buffers, cached, slab, ..] = *n;
    let avail = if avail == 0.0 { f64::NAN } else { avail };
    let candidates = [free + used, free + used + buffers + cached + slab, used + avail];
    let stated = used / percent * 100.0;
    // The percentage has two decimals; half of the last one either way, and what moved between the readings.
    let tolerance = (0.006 / percent).max(0.000_5) + 0.001;
    let fitting: Vec<f64> = candidates
        .into_iter()
        .filter(|total| total.is_finite() && ((total / stated) - 1.0).abs() <= tolerance)
        .collect();
    let nearest = fitting
        .iter()
        .copied()
        .min_by(|a, b| (a - stated).abs().total_cmp(&(b - stated).abs()))?;
    // Several that fit must say the same.
    fitting
        .iter()
        .all(|total| (total / nearest - 1.0).abs() < 0.01)
        .then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found_whatever_used_means() {
        let n = |free, used, percent, avail, buffers, cached, slab| {
            [
                free,
                used,
                percent,
                avail,
                buffers,
                cached,
                slab,
                f64::NAN,
                f64::NAN,
                f64::NAN,
            ]
        };
        let nan = f64::NAN;
        // RHEL 7: used is all that is not free.
        let old = memory_total(&n(94_959_832.0, 3_793_868.0, 3.84, nan, 1_924.0, 638_168.0, nan));
        assert_eq!(old, Some(98_753_700.0));
        // sysstat 12.7: used is all that is not available.
        let new = memory_total(&n(
            1_437_740.0,
            3_755_444.0,
            46.11,
            4_389_516.0,
            260_172.0,
            2_821_596.0,
            445_740.0,
        ));
        assert_eq!(new, Some(8_144_960.0));
        // In between: used leaves out buffers, cache and slab.
        let between = memory_total(&n(1_000.0, 4_000.0, 40.0, 5_000.0, 500.0, 4_000.0, 500.0));
        assert_eq!(between, Some(10_000.0));
        assert_eq!(memory_total(&n(1_000.0, 4_000.0, 95.0, nan, 1.0, 1.0, 1.0)), None);
    }

    #[test]
    fn operations_are_split_but_their_sum_stays() {
        assert_eq!(share_of_reads(Some((30.0, 10.0)), 5.0, 5.0), 0.75);
        assert_eq!(share_of_reads(Some((30.0, 10.0)), 0.0, 5.0), 0.0);
        assert_eq!(share_of_reads(None, 5.0, 15.0), 0.25);
    }
}
