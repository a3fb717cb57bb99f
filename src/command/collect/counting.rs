//! Which services are asked for their counters during `collect`, and where goes what they say of themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use collector::campaign::Aside;
use collector::counters::{Asked, Counters, Ledger};
use collector::hosts::{HostsFile, Target};
use collector::ssh::Secrets;
use telemetry::inventory::{self, Inventory, Service};

use crate::printer::Printer;

/// Time between two looks at whether there are new facts.
const KEEP_EVERY: Duration = Duration::from_secs(60);

/// The services of all hosts and what is learnt of them.
pub struct Counting {
    folder: PathBuf,
    found: BTreeMap<String, Vec<Service>>,
    /// Addresses of each host, as the inventory has them.
    addresses: BTreeMap<String, Vec<String>>,
    ledger: Arc<Ledger>,
}

impl Counting {
    /// Takes the services that discovery found; without it only those count that hosts.toml names.
    pub fn new(folder: PathBuf, printer: &Printer) -> Self {
        let mut found: BTreeMap<String, Vec<Service>> = BTreeMap::new();
        let mut addresses: BTreeMap<String, Vec<String>> = BTreeMap::new();
        match inventory::read(&folder) {
            Ok(inventory) => {
                for fact in inventory.current_facts() {
                    if fact.name == "interface.addresses" {
                        let known = addresses.entry(fact.host.clone()).or_default();
                        known.extend(fact.value.split(' ').map(str::to_string));
                    }
                }
                for service in inventory.services {
                    found.entry(service.host.clone()).or_default().push(service);
                }
            }
            Err(error) => printer.warning(&format!("services that were found before are not asked: {error}")),
        }
        Self {
            folder,
            found,
            addresses,
            ledger: Arc::default(),
        }
    }

    /// Gives what makes the questions to the services of a host.
    pub fn asides<'a>(
        &'a self,
        file: &'a HostsFile,
        secrets: &'a Arc<dyn Secrets>,
    ) -> impl Fn(&Target) -> Vec<Box<dyn Aside>> + Sync + 'a {
        let found = &self.found;
        let addresses = &self.addresses;
        let ledger = &self.ledger;
        move |target| {
            let services = found.get(&target.name).map(Vec::as_slice).unwrap_or_default();
            let addresses = addresses.get(&target.name).map(Vec::as_slice).unwrap_or_default();
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            let asked = Asked::of_host(file.services.get(&target.name), services);
            let asked = asked.into_iter().map(|one| one.or_at(&addresses)).collect();
            let ledger = Arc::clone(ledger);
            let counters = Counters::new(&target.name, asked, &file.accounts, Arc::clone(secrets), ledger);
            if counters.is_empty() {
                return Vec::new();
            }
            vec![Box::new(counters)]
        }
    }

    /// Gives what keeps facts while the campaign runs.
    pub fn keeper(&self) -> Keeper<'_> {
        Keeper {
            counting: self,
            kept: Instant::now(),
        }
    }
}

/// Writes what services said of themselves into the inventory.
pub struct Keeper<'a> {
    counting: &'a Counting,
    kept: Instant,
}

impl Keeper<'_> {
    /// Writes new facts, at most once a minute.
    pub fn keep(&mut self, printer: &Printer) {
        if self.kept.elapsed() >= KEEP_EVERY {
            self.kept = Instant::now();
            if let Some(facts) = self.counting.ledger.new_facts() {
                self.write(facts, printer);
            }
        }
    }

    /// Writes all facts, with when they were last seen.
    pub fn finish(&self, printer: &Printer) {
        self.write(self.counting.ledger.facts(), printer);
    }

    fn write(&self, facts: Vec<inventory::Fact>, printer: &Printer) {
        if facts.is_empty() {
            return;
        }
        let newer = Inventory {
            facts,
            ..Inventory::default()
        };
        if let Err(error) = inventory::add(&self.counting.folder, newer) {
            printer.warning(&format!("what services say of themselves is not kept: {error}"));
        }
    }
}
