//! Finds and signals the processes that a test started.

use std::collections::HashMap;
use std::fs;

use rustix::process::{Pid, Signal, kill_process};

#[derive(Debug)]
pub struct Process {
    pub id: i32,
    pub name: String,
    parent: i32,
}

/// Gives all processes below one, parents before children.
pub fn below(root: i32) -> Vec<Process> {
    let mut by_parent: HashMap<i32, Vec<Process>> = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        if let Some(process) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
            .and_then(read)
        {
            by_parent.entry(process.parent).or_default().push(process);
        }
    }
    let mut found = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for process in by_parent.remove(&parent).unwrap_or_default() {
            parents.push(process.id);
            found.push(process);
        }
    }
    found
}

pub fn signal(id: i32, name: &str) {
    let signal = match name {
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        "KILL" => Signal::KILL,
        "TERM" => Signal::TERM,
        other => panic!("no signal {other} here"),
    };
    if let Some(id) = Pid::from_raw(id) {
        let _ = kill_process(id, signal);
    }
}

fn read(id: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (start, rest) = stat.rsplit_once(')')?;
    let (_, name) = start.split_once('(')?;
    let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
    Some(Process {
        id,
        name: name.to_string(),
        parent,
    })
}
