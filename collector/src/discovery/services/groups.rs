//! Which processes belong together? Each instance of a product with all it started.

use std::collections::BTreeMap;

use super::fingerprints::{Fingerprint, Fingerprints};
use super::{Look, control_group, recognise};
use crate::discovery::seen::Process;

/// Ancestors that are looked at: deeper trees are no server's.
const ANCESTORS_AT_MOST: usize = 64;

/// One instance of a product.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) fingerprint: &'a Fingerprint,
    /// The process that started the others.
    pub(super) root: &'a Process,
    /// All of them, ascending by number.
    pub(super) processes: Vec<&'a Process>,
    /// What the match rests on.
    pub(super) reasons: Vec<String>,
    /// Ports it listens on, ascending.
    pub(super) ports: Vec<u16>,
    /// How sure it is that the ports are its own: all were seen at its processes.
    pub(super) ports_seen: bool,
}

impl Group<'_> {
    /// Gives the container it runs in.
    pub(super) fn container(&self) -> Option<String> {
        control_group::container(self.root.control_group.as_deref()?)
    }

    pub(super) fn has(&self, pid: u32) -> bool {
        self.processes.binary_search_by_key(&pid, |process| process.pid).is_ok()
    }

    pub(super) fn add_port(&mut self, port: u16) {
        if let Err(place) = self.ports.binary_search(&port) {
            self.ports.insert(place, port);
        }
    }
}

/// Groups the processes of a host, in the order of their first processes' numbers.
pub(super) fn of_processes<'a>(look: &Look<'a>, fingerprints: &'a Fingerprints) -> Vec<Group<'a>> {
    let table = look.table;
    let recognised: BTreeMap<u32, (&Fingerprint, Vec<String>)> = table
        .processes
        .iter()
        .filter_map(|process| Some((process.pid, recognise::recognise(process, fingerprints, look.packages)?)))
        .collect();
    let product = |pid: u32| recognised.get(&pid).map(|(fingerprint, _)| *fingerprint);
    let mut groups: BTreeMap<u32, Group<'a>> = BTreeMap::new();
    let mut one_per_host: BTreeMap<&str, u32> = BTreeMap::new();
    for process in &table.processes {
        let Some(root) = root_of(process, look, &product) else {
            continue;
        };
        let Some(root) = table.process(root) else { continue };
        let Some((fingerprint, reasons)) = recognised.get(&root.pid) else {
            continue;
        };
        let key = if fingerprint.one_per_host {
            *one_per_host.entry(fingerprint.product.as_str()).or_insert(root.pid)
        } else {
            root.pid
        };
        let group = groups.entry(key).or_insert_with(|| Group {
            fingerprint,
            root,
            processes: Vec::new(),
            reasons: reasons.clone(),
            ports: Vec::new(),
            ports_seen: true,
        });
        group.processes.push(process);
    }
    groups.into_values().collect()
}

/// Finds the process that a process belongs to: the highest ancestor of its own product, or the nearest that is a service.
fn root_of<'f>(process: &Process, look: &Look<'_>, product: &impl Fn(u32) -> Option<&'f Fingerprint>) -> Option<u32> {
    let own = product(process.pid);
    let mut root = own.map(|_| process.pid);
    let mut wanted = own;
    let mut at = process;
    for _ in 0..ANCESTORS_AT_MOST {
        let Some(parent) = look
            .table
            .process(at.parent)
            .filter(|parent| parent.pid != at.pid && parent.pid > 1)
        else {
            break;
        };
        at = parent;
        let Some(found) = product(parent.pid) else { continue };
        match wanted {
            Some(wanted) if wanted.product == found.product => root = Some(parent.pid),
            // Another service started it: it stands for itself.
            Some(_) => break,
            None if found.children_apart => break,
            None => {
                wanted = Some(found);
                root = Some(parent.pid);
            }
        }
    }
    root
}
