//! What discovery learnt of a host that sizing uses: its CPU model, whether it is a database, and whether it may run on arm64.
//!
//! The assessment goes before discovery: what a person states stands.

use std::collections::BTreeMap;

use telemetry::Inventory;
use telemetry::inventory::{Category, Service};

use crate::policy::Membership;

/// The fact that names a host's CPU, as `/proc/cpuinfo` does.
const CPU_MODEL: &str = "cpu.model";

/// What is known of hosts beside their numbers, by host.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    cpu_models: BTreeMap<&'a str, &'a str>,
    databases: BTreeMap<&'a str, &'a str>,
    services: BTreeMap<&'a str, Vec<&'a Service>>,
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
        let databases = inventory
            .current_services()
            .into_iter()
            .filter(|service| matches!(service.category, Category::Database | Category::DocumentDatabase))
            .map(|service| (service.host.as_str(), service.product.as_str()))
            .collect();
        let mut services: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
        for service in inventory.current_services() {
            services.entry(service.host.as_str()).or_default().push(service);
        }
        Self {
            cpu_models,
            databases,
            services,
        }
    }

    /// Fills in what the assessment leaves open.
    pub(super) fn complete(&self, host: &str, mut member: Membership) -> Membership {
        let learnt = self.cpu_models.get(host).map(|model| (*model).to_string());
        member.cpu_model = member.cpu_model.or(learnt);
        member
    }

    /// Says what was found on a host that speaks for and against arm64; nothing where no service was.
    pub(super) fn arm64(&self, host: &str) -> Option<String> {
        super::arm64::remark(self.services.get(host)?)
    }

    /// Gives the database that runs on a host, if one does.
    pub(super) fn database(&self, host: &str) -> Option<&'a str> {
        self.databases.get(host).copied()
    }
}

#[cfg(test)]
mod tests {
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
