//! Which service does a process belong to, until the next full look?

use std::collections::BTreeMap;

use crate::discovery::processes::ProcessTable;
use crate::discovery::seen::Process;
use crate::discovery::services::Found;

/// The thread of the kernel that starts all others.
const KERNEL_THREADS: u32 = 2;

/// A process and its start: a number alone may be given again.
pub(super) type Key = (u32, u64);

pub(super) fn key(process: &Process) -> Key {
    (process.pid, process.started_ticks)
}

/// The processes that are known, with the service each belongs to.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// Names of the services, each once.
    services: Vec<Service>,
    /// The service of each process; nothing for those that belong to none.
    of: BTreeMap<Key, Option<usize>>,
}

#[derive(Clone, Debug)]
struct Service {
    name: String,
    children_apart: bool,
}

impl Members {
    /// Takes them from a full look.
    #[must_use]
    pub fn of(found: &[Found], table: &ProcessTable) -> Self {
        let mut members = Self::default();
        let mut by_pid: BTreeMap<u32, usize> = BTreeMap::new();
        for (place, found) in found.iter().enumerate() {
            members.services.push(Service {
                name: found.service.service.clone(),
                children_apart: found.children_apart,
            });
            by_pid.extend(found.pids.iter().map(|pid| (*pid, place)));
        }
        for process in &table.processes {
            members.of.insert(key(process), by_pid.get(&process.pid).copied());
        }
        members
    }

    /// Names the service of a process.
    #[must_use]
    pub fn service(&self, process: &Process) -> Option<&str> {
        let place = (*self.of.get(&key(process))?)?;
        Some(self.services.get(place)?.name.as_str())
    }

    /// Takes in the processes of a later look: those that a service started belong to it. Gives how many are unknown
    /// that were there at the look before, too: those are worth a full look.
    pub fn follow(&mut self, earlier: &ProcessTable, now: &ProcessTable) -> usize {
        let mut unknown = 0;
        let mut of = BTreeMap::new();
        // Parents come before their children nearly always, numbers being given in order; else it takes a look more.
        for process in &now.processes {
            let known = self.of.get(&key(process)).or_else(|| of.get(&key(process))).copied();
            if let Some(known) = known {
                of.insert(key(process), known);
                continue;
            }
            let parent = now.process(process.parent).filter(|parent| parent.pid > 1);
            let inherited = parent
                .and_then(|parent| {
                    of.get(&key(parent))
                        .or_else(|| self.of.get(&key(parent)))
                        .copied()
                        .flatten()
                })
                .filter(|&place| self.services.get(place).is_some_and(|service| !service.children_apart));
            if inherited.is_some() || process.parent == KERNEL_THREADS {
                of.insert(key(process), inherited);
            } else if earlier
                .process(process.pid)
                .is_some_and(|before| key(before) == key(process))
            {
                unknown += 1;
            }
        }
        self.of = of;
        unknown
    }
}
