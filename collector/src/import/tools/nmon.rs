//! nmon recordings of Linux and AIX: sections by snapshot, `ZZZZ` says when each was taken.
//!
//! On AIX a logical CPU is a thread; `LPAR` tells the processors that were
//! really used, so those are taken and the virtual processors are the CPUs.

use std::collections::HashMap;

use jiff::civil::Date;
use telemetry::Table;
use telemetry::schema::{disk, host, network};

use super::devices::{counting_disks, interface_counts};
use super::open::Lines;
use super::parsed::{HostId, Parsed};
use super::{Options, when};
use crate::import::error::{ImportError, RowPlace, shown};

const MIB: f64 = 1_048_576.0;
const KIB: f64 = 1024.0;
/// `CPU_ALL` and what else belongs to one snapshot.
const USED: [&str; 13] = [
    "CPU_ALL",
    "LPAR",
    "MEM",
    "MEMNEW",
    "PROC",
    "VM",
    "NET",
    "NETPACKET",
    "DISKBUSY",
    "DISKREAD",
    "DISKWRITE",
    "DISKXFER",
    "PAGE",
];

/// Reads one recording.
pub(crate) fn read(options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut lines = Lines::open(options.path)?;
    let mut recording = Recording::default();
    while let Some(line) = lines.next()? {
        let text = String::from_utf8_lossy(line).into_owned();
        let place = RowPlace {
            row: lines.number,
            line: Some(lines.number),
        };
        if lines.number == 1 && !text.starts_with("AAA,") && !text.starts_with("CPU") && !text.starts_with("ZZZZ") {
            return Err(ImportError::BadRow {
                path: options.path.to_path_buf(),
                place,
                found: format!("the file begins with `{}`", shown(&text)),
                expected: "`AAA,progname,nmon`, which nmon writes first".to_string(),
            });
        }
        match recording.take(&text, options, parsed) {
            Ok(()) => {}
            Err(_) if !lines.is_complete => parsed.leave_out("last line, which is cut off"),
            Err((column, value)) => {
                return Err(ImportError::BadValue {
                    path: options.path.to_path_buf(),
                    place,
                    column: shown(&column),
                    value: shown(&value),
                    expected: "what nmon writes there: a number, or in ZZZZ a time and a date".to_string(),
                });
            }
        }
    }
    recording.end_snapshot(options, parsed);
    Ok(())
}

/// A field that is wrong: the column and its value.
type Wrong = (String, String);

#[derive(Default)]
struct Recording {
    name: Option<String>,
    host: Option<HostId>,
    cpus: Option<f64>,
    is_aix: bool,
    /// Columns of each section, from its first line. Long lists of disks go on in `DISKREAD1` and so on.
    headers: HashMap<String, Vec<String>>,
    /// Rows of the snapshot at hand.
    rows: HashMap<String, Vec<f64>>,
    snapshot: Option<String>,
    at_ms: Option<i64>,
    before_ms: Option<i64>,
    interval_s: f64,
}

impl Recording {
    fn take(&mut self, line: &str, options: &Options<'_>, parsed: &mut Parsed) -> Result<(), Wrong> {
        let mut fields = line.split(',');
        let section = fields.next().unwrap_or_default();
        match section {
            "AAA" => self.about(fields.next(), fields.next(), fields.next(), options, parsed),
            "ZZZZ" => return self.time(&line.split(',').collect::<Vec<_>>(), options, parsed),
            "BBBP" | "BBBC" | "BBBL" | "BBBN" | "BBBD" | "BBBV" | "BBBG" | "TOP" | "UARG" | "ERROR" => {}
            _ if USED.iter().any(|used| is_part_of(section, used)) => {
                let second = fields.next().unwrap_or_default();
                let is_row = second
                    .strip_prefix('T')
                    .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
                if !is_row {
                    let names = fields.map(|name| name.trim().to_string()).collect();
                    self.headers.insert(section.to_string(), names);
                    return Ok(());
                }
                let Some(names) = self.headers.get(section) else {
                    return Ok(());
                };
                let mut row = Vec::with_capacity(names.len());
                for (position, text) in fields.enumerate() {
                    let number = super::fields::number(text).ok_or_else(|| {
                        let name = names.get(position).cloned().unwrap_or_default();
                        (format!("{section} {name}"), text.to_string())
                    })?;
                    row.push(number);
                }
                parsed.rows_read += 1;
                self.rows.insert(section.to_string(), row);
            }
            // Each CPU is a section of its own; they are in CPU_ALL.
            _ if section.trim_start_matches(['P', 'S']).starts_with("CPU") => {}
            _ => {
                if let Some("T0001") = fields.next() {
                    parsed.unused(&format!("section {}", shown(section)));
                }
            }
        }
        Ok(())
    }

    fn about(
        &mut self,
        key: Option<&str>,
        value: Option<&str>,
        more: Option<&str>,
        options: &Options<'_>,
        parsed: &mut Parsed,
    ) {
        let value = value.unwrap_or_default();
        match key {
            Some("host") => {
                let name = options.host.unwrap_or(value).to_string();
                self.host = Some(parsed.host(&name));
                self.name = Some(name);
            }
            // `cpus,64,28`: most, and online.
            Some("cpus") => {
                self.cpus = more
                    .filter(|more| !more.is_empty())
                    .unwrap_or(value)
                    .trim()
                    .parse()
                    .ok()
            }
            Some("AIX") => self.is_aix = true,
            Some("interval") => self.interval_s = value.parse().unwrap_or(f64::NAN),
            Some("OS") => {
                if let (Some(host), Some(release)) = (self.host, more) {
                    parsed.fact(host, "kernel.release", "", release);
                }
            }
            _ => {}
        }
    }

    /// `ZZZZ,T0001,13:18:32,07-DEC-2012`.
    fn time(&mut self, fields: &[&str], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), Wrong> {
        self.end_snapshot(options, parsed);
        let wrong = || ("ZZZZ".to_string(), fields.join(","));
        let snapshot = fields.get(1).ok_or_else(wrong)?;
        let time = fields
            .get(2)
            .and_then(|time| when::time_of_day(time, None))
            .ok_or_else(wrong)?;
        let date = fields.get(3).and_then(|date| named_date(date)).ok_or_else(wrong)?;
        let at = when::local(date.to_datetime(time), options.zone).ok_or_else(wrong)?;
        self.before_ms = self.at_ms;
        self.at_ms = Some(at);
        self.snapshot = Some((*snapshot).to_string());
        Ok(())
    }

    fn number(&self, section: &str, names: &[&str]) -> f64 {
        let Some((header, row)) = self.headers.get(section).zip(self.rows.get(section)) else {
            return f64::NAN;
        };
        names
            .iter()
            .find_map(|name| header.iter().position(|one| one == name))
            .and_then(|position| row.get(position))
            .copied()
            .unwrap_or(f64::NAN)
    }

    /// Gives the devices of a section with their numbers, also of its continuations.
    fn devices(&self, section: &str) -> Vec<(&str, f64)> {
        let mut devices = Vec::new();
        let mut parts: Vec<&String> = self.rows.keys().filter(|key| is_part_of(key, section)).collect();
        parts.sort();
        for part in parts {
            let header = self.headers.get(part).map_or(&[][..], Vec::as_slice);
            devices.extend(
                header
                    .iter()
                    .zip(&self.rows[part])
                    .filter(|(name, _)| !name.is_empty())
                    .map(|(name, number)| (name.as_str(), *number)),
            );
        }
        devices
    }

    fn end_snapshot(&mut self, options: &Options<'_>, parsed: &mut Parsed) {
        if let (Some(_), Some(at), Some(id)) = (self.snapshot.take(), self.at_ms, self.host) {
            let interval = match self.before_ms {
                Some(before) if at > before => (at - before) as f64 / 1000.0,
                _ => self.interval_s,
            };
            self.host_row(id, at, interval, options, parsed);
            self.networks(id, at, interval, parsed);
            self.disks(id, at, interval, parsed);
        }
        self.rows.clear();
    }

    fn host_row(&self, id: HostId, at: i64, interval: f64, options: &Options<'_>, parsed: &mut Parsed) {
        let cpu = |names: &[&str]| self.number("CPU_ALL", names);
        let used = self.number("LPAR", &["PhysicalCPU"]);
        let (cores, busy, user, system, iowait, steal) = if self.is_aix && !used.is_nan() {
            parsed.note(
                "AIX partition: CPUs are its virtual processors and busy is the physical processor it used; POWER cores \
                 carry more than a vCPU, so check the CPU equivalence",
            );
            let nan = f64::NAN;
            (self.number("LPAR", &["virtualCPUs"]), used, nan, nan, nan, nan)
        } else {
            let counted = self.number("CPU_ALL", &["CPUs"]);
            let counted = if counted > 0.0 { Some(counted) } else { None };
            let cores = options.vcpus.or(counted).or(self.cpus).unwrap_or(f64::NAN);
            if cores.is_nan() {
                parsed.leave_out("CPU rows without a number of CPUs");
            }
            let of = |percent: f64| percent / 100.0 * cores;
            let zero = |number: f64| if number.is_nan() { 0.0 } else { number };
            let (idle, wait, steal) = (cpu(&["Idle%"]), cpu(&["Wait%"]), cpu(&["Steal%"]));
            (
                cores,
                of((100.0 - idle - zero(wait) - zero(steal)).max(0.0)),
                of(cpu(&["User%"])),
                of(cpu(&["Sys%"])),
                of(wait),
                of(steal),
            )
        };
        let memory = |names: &[&str]| self.number("MEM", names);
        let (total, available, cached) = if self.is_aix {
            let total = memory(&["Real total(MB)"]);
            let cache = self.number("MEMNEW", &["FScache%"]);
            // AIX gives file pages back before it pages out; without MEMNEW nobody knows how many there are.
            let available = memory(&["Real free(MB)"]) + cache / 100.0 * total;
            (total, available, cache / 100.0 * total)
        } else {
            let available = memory(&["memavailable"]);
            let cache = memory(&["memfree"]) + memory(&["buffers"]) + memory(&["cached"]);
            if available.is_nan() && !options.cache_is_available {
                parsed.note(
                    "this nmon does not tell available memory, so memory in use is unknown and is kept as it is; \
                     --cache-is-available takes free + buffers + cached",
                );
            }
            let available = if available.is_nan() && options.cache_is_available {
                cache
            } else {
                available
            };
            (memory(&["memtotal"]), available, memory(&["cached"]))
        };
        // Older nmon writes -1 for what the kernel did not say.
        let swap = memory(&["swaptotal"]) - memory(&["swapfree"]);
        parsed.host_row(
            id,
            at,
            &[
                (host::INTERVAL_S, interval),
                (host::CPU_CORES, cores),
                (host::CPU_BUSY_CORES, busy),
                (host::CPU_USER_CORES, user),
                (host::CPU_SYSTEM_CORES, system),
                (host::CPU_IOWAIT_CORES, iowait),
                (host::CPU_STEAL_CORES, steal),
                (host::RUNNABLE, self.number("PROC", &["Runnable"])),
                (host::MEMORY_TOTAL_BYTES, total * MIB),
                (host::MEMORY_AVAILABLE_BYTES, available * MIB),
                (host::MEMORY_CACHED_BYTES, cached * MIB),
                (host::SWAP_USED_BYTES, swap * MIB),
            ],
        );
    }

    fn networks(&self, id: HostId, at: i64, interval: f64, parsed: &mut Parsed) {
        let mut interfaces: HashMap<&str, [f64; 4]> = HashMap::new();
        for (section, scale) in [("NET", KIB), ("NETPACKET", 1.0)] {
            for (name, number) in self.devices(section) {
                // `eth0-read-KB/s`, `eth0-write-KB/s`, `en1-reads/s`.
                let Some((interface, direction)) = name
                    .split_once("-read")
                    .map(|(name, _)| (name, 0))
                    .or_else(|| name.split_once("-write").map(|(name, _)| (name, 1)))
                else {
                    continue;
                };
                let position = direction + if section == "NET" { 0 } else { 2 };
                interfaces.entry(interface).or_insert([f64::NAN; 4])[position] = number * scale;
            }
        }
        let mut sorted: Vec<_> = interfaces.into_iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        for (name, [receive, transmit, receive_packets, transmit_packets]) in sorted {
            if !interface_counts(name) {
                parsed.unused(&format!("interface {}", shown(name)));
                continue;
            }
            let labels = parsed.labels(&[name]);
            parsed.row(
                Table::Network,
                id,
                labels,
                at,
                &[
                    (network::INTERVAL_S, interval),
                    (network::RECEIVE_BYTES_PER_S, receive),
                    (network::TRANSMIT_BYTES_PER_S, transmit),
                    (network::RECEIVE_PACKETS_PER_S, receive_packets),
                    (network::TRANSMIT_PACKETS_PER_S, transmit_packets),
                ],
            );
        }
    }

    fn disks(&self, id: HostId, at: i64, interval: f64, parsed: &mut Parsed) {
        let reads = self.devices("DISKREAD");
        let of = |section: &str| -> HashMap<&str, f64> { self.devices(section).into_iter().collect() };
        let (writes, transfers, busy) = (of("DISKWRITE"), of("DISKXFER"), of("DISKBUSY"));
        let names: Vec<&str> = reads.iter().map(|(name, _)| *name).collect();
        let counting = counting_disks(&names);
        for (name, read) in &reads {
            if !counting.contains(name) {
                parsed.unused(&format!("device {}", shown(name)));
                continue;
            }
            let get = |of: &HashMap<&str, f64>| of.get(name).copied().unwrap_or(f64::NAN);
            let (write, transfers) = (get(&writes), get(&transfers));
            parsed.note(
                "nmon tells the transfers of a disk as one number; they are split into reads and writes as its bytes",
            );
            let share = if read + write > 0.0 { read / (read + write) } else { 0.5 };
            let labels = parsed.labels(&[name]);
            parsed.row(
                Table::Disk,
                id,
                labels,
                at,
                &[
                    (disk::INTERVAL_S, interval),
                    (disk::READS_PER_S, transfers * share),
                    (disk::WRITES_PER_S, transfers * (1.0 - share)),
                    (disk::READ_BYTES_PER_S, read * KIB),
                    (disk::WRITE_BYTES_PER_S, write * KIB),
                    (disk::BUSY_FRACTION, get(&busy) / 100.0),
                ],
            );
        }
    }
}

/// Says whether a section is one, or a continuation of it such as `DISKREAD1`.
fn is_part_of(section: &str, whole: &str) -> bool {
    section
        .strip_prefix(whole)
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Reads `07-DEC-2012`, whatever the clock of this machine says.
fn named_date(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ];
    let mut parts = text.trim().split('-');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.to_ascii_uppercase();
    let month = MONTHS.iter().position(|name| *name == month)? as i8 + 1;
    Date::new(parts.next()?.parse().ok()?, month, day).ok()
}
