//! What is known of each host, in the words of a customer? Input: an inventory. Output: a sheet per host and a summary.
//!
//! Only facts that hold now are told; what is not known is absent, never zero.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use telemetry::Inventory;
use telemetry::inventory::{Category, Fact, Role, Service, Sureness};
use telemetry::units::GIBIBYTE;

/// What is known of one host.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct HostSheet {
    /// Its name.
    pub host: String,
    /// Distribution with its version, such as `Debian GNU/Linux 12 (bookworm)`.
    pub os: Option<String>,
    /// Family of the distribution, such as `debian`.
    pub os_family: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// Processor architecture, such as `x86_64`.
    pub architecture: Option<String>,
    /// `physical`, `virtual` or `container`, with what makes it so: `virtual (vmware)`.
    pub kind: Option<String>,
    /// Maker and model of the hardware, or the cloud and its instance type.
    pub model: Option<String>,
    /// Model of the processors.
    pub cpu_model: Option<String>,
    /// Sockets.
    pub sockets: Option<u32>,
    /// Cores of all sockets.
    pub cores: Option<u32>,
    /// Logical processors.
    pub threads: Option<u32>,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Bytes of all disks together, without what is built of them.
    pub disk_bytes: Option<u64>,
    /// Addresses with the length of their network, sorted.
    pub addresses: Vec<String>,
    /// Mounts of other machines, as `/mnt from server:/export (nfs4)`.
    pub network_mounts: Vec<String>,
    /// Services that ran at the last look, sorted by name.
    pub services: Vec<ServiceLine>,
    /// Jobs that run by the clock, as `schedule program`.
    pub jobs: Vec<String>,
    /// Last look, UTC milliseconds.
    pub last_at_ms: Option<i64>,
}

/// One service in a customer's words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceLine {
    /// Name within the host.
    pub service: String,
    /// Product.
    pub product: String,
    /// What it is for.
    pub category: Category,
    /// Version, where something says it.
    pub version: Option<String>,
    /// Its part in a cluster, where something says it.
    pub role: Option<Role>,
    /// Ports it listens on.
    pub ports: Vec<u16>,
    /// Account it runs as, where it was seen.
    pub user: Option<String>,
    /// How sure the match is.
    pub sureness: Sureness,
    /// What the match rests on.
    pub rested_on: Vec<String>,
}

/// How many hosts have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What.
    pub name: String,
    /// Hosts.
    pub hosts: usize,
}

/// What is known of all hosts together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EstateSheet {
    /// The hosts, sorted by name.
    pub hosts: Vec<HostSheet>,
    /// Distributions, the most frequent first.
    pub systems: Vec<Count>,
    /// Kinds of machine, the most frequent first.
    pub kinds: Vec<Count>,
    /// Products, the most frequent first.
    pub products: Vec<Count>,
}

impl EstateSheet {
    /// Makes the sheets of every host that the inventory knows.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        let mut facts: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
        for fact in inventory.current_facts() {
            facts.entry(&fact.host).or_default().push(fact);
        }
        let mut services: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
        for service in inventory.current_services() {
            services.entry(&service.host).or_default().push(service);
        }
        let names: BTreeSet<&str> = facts.keys().chain(services.keys()).copied().collect();
        let none_of_facts = Vec::new();
        let none_of_services = Vec::new();
        let hosts: Vec<HostSheet> = names
            .into_iter()
            .map(|host| {
                HostSheet::of(
                    host,
                    facts.get(host).unwrap_or(&none_of_facts),
                    services.get(host).unwrap_or(&none_of_services),
                )
            })
            .collect();
        Self {
            systems: counted(hosts.iter().filter_map(|host| host.os.clone())),
            kinds: counted(hosts.iter().filter_map(|host| host.kind.clone())),
            products: counted(hosts.iter().flat_map(|host| {
                let products: BTreeSet<String> = host.services.iter().map(|line| line.product.clone()).collect();
                products
            })),
            hosts,
        }
    }

    /// Finds the sheet of a host.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<&HostSheet> {
        let at = self
            .hosts
            .binary_search_by(|sheet| sheet.host.as_str().cmp(name))
            .ok()?;
        self.hosts.get(at)
    }
}

impl HostSheet {
    fn of(host: &str, facts: &[&Fact], services: &[&Service]) -> Self {
        let one = |name: &str| {
            let fact = facts.iter().find(|fact| fact.name == name && fact.item.is_empty());
            fact.map(|fact| fact.value.clone())
        };
        let of = |name: &'static str| {
            facts
                .iter()
                .filter(move |fact| fact.name == name)
                .map(|fact| (fact.item.as_str(), fact.value.as_str()))
        };
        let inside = one("machine.container")
            .or_else(|| one("cloud.provider"))
            .or_else(|| one("machine.hypervisor"));
        let kind = one("machine.kind").map(|kind| match inside {
            Some(inside) => format!("{kind} ({inside})"),
            None => kind,
        });
        let model = match (one("cloud.provider"), one("cloud.instance_type")) {
            (Some(cloud), Some(instance_type)) => Some(format!("{cloud} {instance_type}")),
            _ => {
                let words: Vec<String> = one("hardware.vendor")
                    .into_iter()
                    .chain(one("hardware.model"))
                    .collect();
                (!words.is_empty()).then(|| words.join(" "))
            }
        };
        let disks: Vec<u64> = of("disk.size_bytes")
            .filter_map(|(_, value)| value.parse().ok())
            .collect();
        let kinds: BTreeMap<&str, &str> = of("mount.kind").collect();
        let network_mounts = of("mount.source")
            .map(|(mount, source)| match kinds.get(mount) {
                Some(kind) => format!("{mount} from {source} ({kind})"),
                None => format!("{mount} from {source}"),
            })
            .collect();
        Self {
            host: host.to_string(),
            os: one("os.name"),
            os_family: one("os.family"),
            kernel: one("kernel.release"),
            architecture: one("machine.architecture"),
            kind,
            model,
            cpu_model: one("cpu.model"),
            sockets: one("cpu.sockets").and_then(|value| value.parse().ok()),
            cores: one("cpu.cores").and_then(|value| value.parse().ok()),
            threads: one("cpu.threads").and_then(|value| value.parse().ok()),
            memory_bytes: one("memory.size_bytes").and_then(|value| value.parse().ok()),
            disk_bytes: (!disks.is_empty()).then(|| disks.iter().fold(0, |sum: u64, bytes| sum.saturating_add(*bytes))),
            addresses: of("interface.addresses")
                .flat_map(|(_, value)| value.split(' '))
                .map(str::to_string)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            network_mounts,
            services: services.iter().map(|service| ServiceLine::of(service)).collect(),
            jobs: of("job.schedule")
                .map(|(job, schedule)| format!("{schedule} {job}"))
                .collect(),
            last_at_ms: facts.iter().map(|fact| fact.learnt.last_at_ms).max(),
        }
    }

    /// Says the processors in a few words, such as `2 × 8 cores, 32 threads`.
    #[must_use]
    pub fn processors(&self) -> Option<String> {
        let threads = self.threads?;
        Some(match (self.sockets, self.cores) {
            (Some(sockets), Some(cores)) if sockets > 0 && cores.is_multiple_of(sockets) => {
                format!("{sockets} × {} cores, {threads} threads", cores / sockets)
            }
            (_, Some(cores)) => format!("{cores} cores, {threads} threads"),
            _ => format!("{threads} threads"),
        })
    }

    /// Gives the memory in GiB.
    #[must_use]
    pub fn memory_gib(&self) -> Option<f64> {
        self.memory_bytes.map(|bytes| bytes as f64 / GIBIBYTE)
    }

    /// Gives the size of all disks in GiB.
    #[must_use]
    pub fn disk_gib(&self) -> Option<f64> {
        self.disk_bytes.map(|bytes| bytes as f64 / GIBIBYTE)
    }
}

impl ServiceLine {
    fn of(service: &Service) -> Self {
        Self {
            service: service.service.clone(),
            product: service.product.clone(),
            category: service.category,
            version: service.version.clone(),
            role: service.role,
            ports: service.ports.clone(),
            user: service.user.clone(),
            sureness: service.sureness,
            rested_on: service.rested_on.clone(),
        }
    }

    /// Says the service in a few words, such as `postgresql 15.14 :5432`; a guess says so.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = self.service.clone();
        if let Some(version) = &self.version {
            words.push(' ');
            words.push_str(version);
        }
        if self.sureness == Sureness::Inferred {
            words.push_str(" (inferred)");
        }
        words
    }
}

fn counted(names: impl Iterator<Item = String>) -> Vec<Count> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<Count> = counts.into_iter().map(|(name, hosts)| Count { name, hosts }).collect();
    counts.sort_by(|a, b| b.hosts.cmp(&a.hosts).then_with(|| a.name.cmp(&b.name)));
    counts
}

#[cfg(test)]
mod tests {
    use telemetry::inventory::Learnt;

    use super::*;

    fn fact(name: &str, item: &str, value: &str) -> Fact {
        Fact {
            host: "db-1".to_string(),
            name: name.to_string(),
            item: item.to_string(),
            value: value.to_string(),
            learnt: Learnt::default(),
        }
    }

    #[test]
    fn a_sheet_says_what_is_known_and_nothing_else() {
        let inventory = Inventory {
            facts: vec![
                fact("os.name", "", "Debian GNU/Linux 12 (bookworm)"),
                fact("machine.kind", "", "virtual"),
                fact("machine.hypervisor", "", "vmware"),
                fact("cpu.sockets", "", "2"),
                fact("cpu.cores", "", "16"),
                fact("cpu.threads", "", "32"),
                fact("disk.size_bytes", "sda", "1073741824"),
                fact("disk.size_bytes", "sdb", "1073741824"),
                fact("mount.kind", "/mnt", "nfs4"),
                fact("mount.source", "/mnt", "nas:/export"),
            ],
            ..Inventory::default()
        };
        let estate = EstateSheet::of(&inventory);
        let sheet = estate.host("db-1").cloned().unwrap_or_default();
        assert_eq!(sheet.kind.as_deref(), Some("virtual (vmware)"));
        assert_eq!(sheet.processors().as_deref(), Some("2 × 8 cores, 32 threads"));
        assert_eq!(sheet.disk_gib(), Some(2.0));
        assert_eq!(sheet.memory_gib(), None, "not known is not zero");
        assert_eq!(sheet.network_mounts, ["/mnt from nas:/export (nfs4)"]);
        assert_eq!(estate.systems[0].hosts, 1);
        assert_eq!(estate.host("web-1"), None);
    }
}
