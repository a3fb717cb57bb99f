//! What the kernel says of processes: CPU time, memory, who started whom.

use std::collections::HashMap;
use std::fs;

/// `USER_HZ`, the unit of CPU times in `/proc/PID/stat`: 100 on every architecture that Debian runs on.
const CLOCK_TICKS_PER_S: f64 = 100.0;

/// A process as it stands in the process table.
#[derive(Clone, Debug)]
pub struct Process {
    pub id: u32,
    pub parent: u32,
    pub name: String,
    /// CPU time of its children that have ended, seconds.
    pub ended_children_s: f64,
    /// CPU time of its own, all threads, seconds.
    pub own_s: f64,
}

/// Reads one process; nothing when it is gone.
pub fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (front, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let ticks = |field: usize| Some(fields.get(field)?.parse::<f64>().ok()? / CLOCK_TICKS_PER_S);
    Some(Process {
        id,
        parent: fields.get(1)?.parse().ok()?,
        name: front.split_once('(')?.1.to_string(),
        own_s: ticks(11)? + ticks(12)?,
        ended_children_s: ticks(13)? + ticks(14)?,
    })
}

/// Gives every process below one, nearest first.
pub fn below(top: u32) -> Vec<Process> {
    let mut children: HashMap<u32, Vec<Process>> = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(process) = id.and_then(process) {
            children.entry(process.parent).or_default().push(process);
        }
    }
    let mut found: Vec<Process> = children.remove(&top).unwrap_or_default();
    let mut next = 0;
    while let Some(id) = found.get(next).map(|process| process.id) {
        found.extend(children.remove(&id).unwrap_or_default());
        next += 1;
    }
    found
}

/// Gives the CPU time of a process with one thread, in seconds, to the nanosecond.
pub fn exact_cpu_s(id: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{id}/schedstat")).ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

/// Gives the CPU time of a process with all its threads, seconds.
pub fn cpu_s(id: u32) -> Option<f64> {
    process(id).map(|process| process.own_s)
}

/// Gives a line of `/proc/PID/status` such as `VmRSS`, KiB.
pub fn status_kib(id: u32, name: &str) -> Option<f64> {
    line_kib(&format!("/proc/{id}/status"), name)
}

/// Gives the memory that a process adds to the machine's (its share of what is shared), KiB.
pub fn proportional_kib(id: u32) -> Option<f64> {
    line_kib(&format!("/proc/{id}/smaps_rollup"), "Pss")
}

fn line_kib(path: &str, name: &str) -> Option<f64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Sends a signal; that the process is gone is no failure.
pub fn signal(id: u32, signal: rustix::process::Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}
