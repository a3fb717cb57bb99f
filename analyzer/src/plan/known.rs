//! What discovery learnt of a host that sizing uses: its CPU model, whether it is a database, and whether it may run on arm64.
//!
//! The assessment goes before discovery: what a person states stands.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use telemetry::Inventory;
use telemetry::inventory::{CPU_BENCHMARK, Category, CpuBenchmark, Service};

use super::arm64::Evidence;
use crate::policy::{Benchmarked, Membership};

/// The fact that names a host's CPU, as `/proc/cpuinfo` does.
const CPU_MODEL: &str = "cpu.model";
/// The fact that names an installed package.
const PACKAGE: &str = "package.version";
/// The fact that says for which processor a program was built.
const BUILT_FOR: &str = "program.built_for";

/// What is known of hosts beside their numbers, by host.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    cpu_models: BTreeMap<&'a str, &'a str>,
    benchmarks: BTreeMap<&'a str, Benchmarked>,
    databases: BTreeMap<&'a str, &'a str>,
    services: BTreeMap<&'a str, Vec<&'a Service>>,
    packages: BTreeMap<&'a str, Vec<&'a str>>,
    programs: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
}

impl<'a> Known<'a> {
    /// Reads what holds now.
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let cpu_models = inventory
            .current_facts()
            .into_iter()
            .filter(|fact| fact.name == CPU_MODEL && fact.item.is_empty())
            .map(|fact| (fact.host.as_str(), fact.value.as_str()))
            .collect();
        let benchmarks = inventory
            .current_facts()
            .into_iter()
            .filter(|fact| fact.name == CPU_BENCHMARK && fact.item.is_empty())
            .filter_map(|fact| {
                let at = Timestamp::from_millisecond(fact.learnt.last_at_ms).ok()?;
                let benchmarked = Benchmarked {
                    reading: CpuBenchmark::read(&fact.value)?,
                    on: at.to_zoned(TimeZone::UTC).date(),
                };
                Some((fact.host.as_str(), benchmarked))
            })
            .collect();
        let databases = inventory
            .current_services()
            .into_iter()
            .filter(|service| matches!(service.category, Category::Database | Category::DocumentDatabase))
            .map(|service| (service.host.as_str(), service.product.as_str()))
            .collect();
        let mut packages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut programs: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for fact in inventory.current_facts() {
            let host = fact.host.as_str();
            if fact.name == PACKAGE {
                packages.entry(host).or_default().push(&fact.item);
            } else if fact.name == BUILT_FOR {
                programs.entry(host).or_default().push((&fact.item, &fact.value));
            }
        }
        let mut services: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
        for service in inventory.current_services() {
            services.entry(service.host.as_str()).or_default().push(service);
        }
        Self {
            cpu_models,
            benchmarks,
            databases,
            services,
            packages,
            programs,
        }
    }

    /// Fills in what the assessment leaves open.
    pub(super) fn complete(&self, host: &str, mut member: Membership) -> Membership {
        let learnt = self.cpu_models.get(host).map(|model| (*model).to_string());
        member.cpu_model = member.cpu_model.or(learnt);
        member.cpu_benchmark = member.cpu_benchmark.or_else(|| self.benchmarks.get(host).cloned());
        member
    }

    /// Says what was found on a host that speaks for and against arm64; nothing where nothing was.
    pub(super) fn arm64(&self, host: &str) -> Option<String> {
        fn of<'m, T>(map: &'m BTreeMap<&str, Vec<T>>, host: &str) -> &'m [T] {
            map.get(host).map_or(&[], Vec::as_slice)
        }
        super::arm64::remark(Evidence {
            services: of(&self.services, host),
            packages: of(&self.packages, host),
            programs: of(&self.programs, host),
        })
    }

    /// Gives the database that runs on a host, if one does.
    pub(super) fn database(&self, host: &str) -> Option<&'a str> {
        self.databases.get(host).copied()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use telemetry::inventory::{Fact, Learnt};

    fn fact(name: &str, value: &str, at: i64) -> Fact {
        Fact {
            host: "a".to_string(),
            name: name.to_string(),
            item: String::new(),
            value: value.to_string(),
            learnt: Learnt {
                first_at_ms: at,
                last_at_ms: at,
                how: "cpuinfo".to_string(),
                ..Learnt::default()
            },
        }
    }

    #[test]
    fn the_last_benchmark_that_counts_is_handed_on_with_its_day() {
        let words = "gzip 1.12: 1700000 bytes in 480 ms of CPU time (± 10 ms), the best of 6";
        let benchmark = |value: &str, at: i64| {
            let mut fact = fact(CPU_BENCHMARK, value, at);
            fact.learnt.how = "benchmark".to_string();
            fact
        };
        let inventory = Inventory {
            facts: vec![
                fact("cpu.model", "M", 5),
                benchmark(&words.replace("480", "500"), 1),
                benchmark(words, 1_778_500_000_000),
            ],
            ..Inventory::default()
        };
        let found = Known::of(&inventory)
            .complete("a", Membership::default())
            .cpu_benchmark
            .unwrap();
        assert_eq!(found.reading.cpu_ms, 480);
        assert_eq!(found.on.to_string(), "2026-05-11");
        let odd = Inventory {
            facts: vec![benchmark("very fast", 2)],
            ..Inventory::default()
        };
        assert_eq!(Known::of(&odd).complete("a", Membership::default()).cpu_benchmark, None);
    }

    #[test]
    fn the_last_model_that_was_seen_counts_and_what_is_stated_goes_before_it() {
        let inventory = Inventory {
            facts: vec![
                fact("cpu.model", "Old", 1),
                fact("cpu.model", "New", 2),
                fact("cpu.vendor", "V", 2),
            ],
            ..Inventory::default()
        };
        let known = Known::of(&inventory);
        let model = |member: Membership| known.complete("a", member).cpu_model;
        assert_eq!(model(Membership::default()).as_deref(), Some("New"));
        let stated = Membership {
            cpu_model: Some("Stated".to_string()),
            ..Membership::default()
        };
        assert_eq!(model(stated).as_deref(), Some("Stated"));
        assert_eq!(known.complete("b", Membership::default()).cpu_model, None);
        assert_eq!(known.database("a"), None);
    }
}
