//! Which processes run? The text of the process table in, [`ProcessTable`] out.
//!
//! ```text
//! clock_ticks:100            lines that no process can forge: units, accounts,
//! 12/status:Uid: 0 0 0 0     user numbers, control groups
//! ==> uptime <==             then blocks of one file each, as `head` prints them
//! ==> 12/stat <==
//! ==> 12/cmdline <==         one line each; zero bytes come as 036
//! ```
//!
//! A process chooses its own name and arguments, so both are hostile. A name has
//! 15 letters at most, too few to forge the header of a block with its line
//! break. Of the arguments there is exactly one line, and the line behind a
//! header is never taken for a header. Arguments are cleaned of secrets here,
//! before anything else sees them.

mod stat;

use std::collections::BTreeMap;

use telemetry::untrusted::for_terminal;

use self::stat::Stat;
use super::redact::redact;
use super::seen::Process;

/// Processes that are kept at most: four times the usual limit of Linux.
const PROCESSES_AT_MOST: usize = 1 << 17;
/// Clock ticks a second where the host does not say it: every current build of Linux for servers.
const USUAL_CLOCK_TICKS: u32 = 100;
/// Bytes of a page where the host does not say it.
const USUAL_PAGE_BYTES: u32 = 4096;
/// Letters of a path of a control group at most.
const CONTROL_GROUP_LETTERS: usize = 512;
/// What separates arguments in the frame.
const SEPARATOR: u8 = 0o036;

/// What one look at the process table saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessTable {
    /// The processes, ascending by number.
    pub processes: Vec<Process>,
    /// Clock ticks a second; the usual number where the host did not say it.
    pub clock_ticks_per_s: u32,
    /// Time since boot, hundredths of a second.
    pub uptime_cs: Option<u64>,
    /// CPU time that the whole host was busy since boot, without steal, clock ticks; absent in a container, where the
    /// number is that of the machine around it.
    pub host_busy_ticks: Option<u64>,
    /// The account that asked, where it was asked for.
    pub account: Option<u32>,
    /// Names of accounts by number, where they were asked for.
    pub users: BTreeMap<u32, String>,
    /// Other accounts' processes are hidden (`hidepid`), so what is not seen may be there all the same.
    pub hidden: bool,
    /// The answer was cut because it was too long: there are more processes than these.
    pub cut: bool,
    /// Processes whose line could not be understood.
    pub not_understood: usize,
}

impl ProcessTable {
    /// Gives the name of an account, or its number where no name is known.
    #[must_use]
    pub fn user(&self, uid: u32) -> String {
        self.users.get(&uid).cloned().unwrap_or_else(|| uid.to_string())
    }

    /// Finds a process by its number.
    #[must_use]
    pub fn process(&self, pid: u32) -> Option<&Process> {
        let at = self.processes.binary_search_by_key(&pid, |process| process.pid).ok()?;
        self.processes.get(at)
    }
}

/// Reads the answer to `Processes` or `ProcessesInFull`; never fails: what cannot be understood is counted or left out.
#[must_use]
pub fn processes(frame: &[u8]) -> ProcessTable {
    let mut reader = Reader::default();
    for line in frame.split(|&byte| byte == b'\n') {
        reader.line(line);
    }
    reader.finish()
}

/// Which part of the frame a line belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Plain,
    Uptime,
    Stat(u32),
    /// Right behind the header of arguments: whatever stands here is arguments.
    Arguments(u32),
    /// Arguments were read: blanks or a header follow.
    BetweenArguments,
}

/// What is known of one process before it is put together.
#[derive(Debug, Default)]
struct Parts {
    stat: Vec<u8>,
    uid: Option<u32>,
    /// The control group, with how good the line was that said it.
    control_group: Option<(u8, String)>,
    arguments: Vec<String>,
}

#[derive(Debug, Default)]
struct Reader {
    part: Part,
    parts: BTreeMap<u32, Parts>,
    table: ProcessTable,
    page_bytes: Option<u32>,
    host_busy_ticks: Option<u64>,
    container: bool,
    arguments_begun: bool,
}

impl Reader {
    fn line(&mut self, line: &[u8]) {
        if let Part::Arguments(pid) = self.part {
            self.part = Part::BetweenArguments;
            if let Some(parts) = self.parts.get_mut(&pid) {
                parts.arguments = arguments(line);
            }
            return;
        }
        if let Some(header) = header(line) {
            self.header(header);
            return;
        }
        match self.part {
            Part::Plain => {
                let text = String::from_utf8_lossy(line);
                if let Some((key, value)) = text.split_once(':') {
                    self.plain(key, value);
                }
            }
            Part::Uptime => {
                if let Some(uptime) = std::str::from_utf8(line).ok().and_then(uptime_cs) {
                    self.table.uptime_cs = Some(uptime);
                }
            }
            Part::Stat(pid) => {
                if let Some(parts) = self.parts.get_mut(&pid) {
                    if !parts.stat.is_empty() {
                        parts.stat.push(b'\n');
                    }
                    parts.stat.extend_from_slice(line);
                }
            }
            Part::Arguments(_) | Part::BetweenArguments => {}
        }
    }

    fn header(&mut self, header: Header) {
        self.part = match header {
            Header::Uptime => Part::Uptime,
            // After the first arguments no header of another kind is real.
            Header::Stat(_) if self.arguments_begun => Part::BetweenArguments,
            Header::Stat(pid) => {
                if self.parts.len() < PROCESSES_AT_MOST {
                    // A second block of the same number is not of the kernel.
                    self.parts.entry(pid).or_default().stat.clear();
                }
                Part::Stat(pid)
            }
            Header::Arguments(pid) => {
                self.arguments_begun = true;
                Part::Arguments(pid)
            }
            Header::Other => Part::BetweenArguments,
        };
    }

    fn plain(&mut self, key: &str, value: &str) {
        let value = value.trim();
        match key {
            "clock_ticks" => self.table.clock_ticks_per_s = value.parse().unwrap_or(0),
            "page_bytes" => self.page_bytes = page_bytes(value),
            "container" => self.container = !value.is_empty(),
            "account" => self.table.account = value.parse().ok(),
            "stat" => self.host_busy_ticks = busy_ticks(value),
            "user" => {
                if let Some((name, uid)) = value.split_once(':')
                    && let Ok(uid) = uid.parse()
                {
                    let users = &mut self.table.users;
                    users.entry(uid).or_insert_with(|| for_terminal(name).into_owned());
                }
            }
            _ => self.of_process(key, value),
        }
    }

    fn of_process(&mut self, key: &str, value: &str) {
        let Some((pid, file)) = key.split_once('/') else { return };
        let Some(pid) = number(pid) else { return };
        if self.parts.len() >= PROCESSES_AT_MOST {
            return;
        }
        match file {
            "status" => {
                // Real, effective, saved, of the file system: sockets belong to the effective one.
                let uid = value.split_ascii_whitespace().nth(2).and_then(|uid| uid.parse().ok());
                self.parts.entry(pid).or_default().uid = uid;
            }
            "cgroup" => {
                let Some((rank, path)) = control_group(value) else {
                    return;
                };
                let known = &mut self.parts.entry(pid).or_default().control_group;
                if known.as_ref().is_none_or(|(other, _)| rank < *other) {
                    *known = Some((rank, path));
                }
            }
            _ => {}
        }
    }

    fn finish(mut self) -> ProcessTable {
        let page_bytes = u64::from(self.page_bytes.unwrap_or(USUAL_PAGE_BYTES));
        if !(1..=100_000).contains(&self.table.clock_ticks_per_s) {
            self.table.clock_ticks_per_s = USUAL_CLOCK_TICKS;
        }
        let last = self.parts.len().saturating_sub(1);
        for (place, (pid, parts)) in self.parts.into_iter().enumerate() {
            if parts.stat.is_empty() {
                // It ended between two looks at its files.
                continue;
            }
            let Some(stat) = Stat::read(&parts.stat, pid) else {
                self.table.not_understood += 1;
                self.table.cut |= place == last && self.part == Part::Stat(pid);
                continue;
            };
            self.table.processes.push(Process {
                pid,
                parent: stat.parent,
                uid: parts.uid,
                name: stat.name,
                arguments: parts.arguments,
                control_group: parts.control_group.map(|(_, path)| path),
                started_ticks: stat.started_ticks,
                cpu_ticks: stat.cpu_ticks,
                children_ticks: stat.children_ticks,
                resident_bytes: stat.resident_pages.saturating_mul(page_bytes),
            });
        }
        self.table.cut |= frame_was_cut(self.part, self.arguments_begun);
        self.table.hidden = !self.table.processes.is_empty() && self.table.process(1).is_none();
        self.table.host_busy_ticks = self.host_busy_ticks.filter(|_| !self.container);
        self.table
    }
}

/// Tells whether the arguments end in the middle: `/dev/null` is the last file that is asked for.
fn frame_was_cut(part: Part, arguments_begun: bool) -> bool {
    arguments_begun && matches!(part, Part::Arguments(_))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Header {
    Uptime,
    Stat(u32),
    Arguments(u32),
    Other,
}

/// Recognises the header of a block.
fn header(line: &[u8]) -> Option<Header> {
    let path = line.strip_prefix(b"==> ")?.strip_suffix(b" <==")?;
    let path = std::str::from_utf8(path).ok()?;
    match path {
        "uptime" => return Some(Header::Uptime),
        "/dev/null" => return Some(Header::Other),
        _ => {}
    }
    let (pid, file) = path.split_once('/')?;
    let pid = number(pid)?;
    match file {
        "stat" => Some(Header::Stat(pid)),
        "cmdline" => Some(Header::Arguments(pid)),
        _ => None,
    }
}

/// Reads digits only: `+1` and blanks are no number of a process.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn arguments(line: &[u8]) -> Vec<String> {
    let line = line.strip_suffix(&[SEPARATOR]).unwrap_or(line);
    if line.is_empty() {
        return Vec::new();
    }
    let raw: Vec<String> = line
        .split(|&byte| byte == SEPARATOR)
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect();
    redact(&raw)
}

fn page_bytes(value: &str) -> Option<u32> {
    let bytes = match value.strip_prefix("KernelPageSize:") {
        Some(kilobytes) => kilobytes
            .split_whitespace()
            .next()?
            .parse::<u32>()
            .ok()?
            .checked_mul(1024)?,
        None => value.parse().ok()?,
    };
    (bytes.is_power_of_two() && (1024..=1 << 20).contains(&bytes)).then_some(bytes)
}

/// Sums user, nice, system, irq and softirq of the line `cpu`; guests are part of user and nice already.
fn busy_ticks(line: &str) -> Option<u64> {
    let mut fields = line.strip_prefix("cpu ")?.split_ascii_whitespace();
    let numbers: Vec<u64> = fields.by_ref().map_while(|field| field.parse().ok()).collect();
    let at = |place: usize| numbers.get(place).copied();
    let irqs = at(5).unwrap_or(0).checked_add(at(6).unwrap_or(0))?;
    at(0)?.checked_add(at(1)?)?.checked_add(at(2)?)?.checked_add(irqs)
}

fn uptime_cs(line: &str) -> Option<u64> {
    let (seconds, hundredths) = line.split_ascii_whitespace().next()?.split_once('.')?;
    seconds
        .parse::<u64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(hundredths.parse::<u64>().ok()?)
}

/// Gives the path of a control group and how good the line is: the one hierarchy of version 2, systemd's own, any other.
fn control_group(line: &str) -> Option<(u8, String)> {
    let mut fields = line.splitn(3, ':');
    let (hierarchy, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
    if !path.starts_with('/') || path == "/" {
        return None;
    }
    let rank = match (hierarchy, controllers) {
        ("0", "") => 1,
        (_, "name=systemd") => 0,
        _ => 2,
    };
    let path: String = path.chars().take(CONTROL_GROUP_LETTERS).collect();
    Some((rank, for_terminal(&path).into_owned()))
}

#[cfg(test)]
mod tests;
