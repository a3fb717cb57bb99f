//! What a later look adds to what was known: nothing is erased.

use std::collections::BTreeMap;

use super::{Dependency, Fact, Inventory, Learnt, Service};

impl Inventory {
    /// Takes in what another look found.
    ///
    /// A fact with the same value is known for longer; another value is a row more, and the older one stays as history.
    /// A service is described as it was seen last. Looks at a dependency add up.
    pub fn merge(&mut self, newer: Self) {
        let mut facts: BTreeMap<_, Fact> = BTreeMap::new();
        for fact in std::mem::take(&mut self.facts).into_iter().chain(newer.facts) {
            let key = (
                fact.host.clone(),
                fact.name.clone(),
                fact.item.clone(),
                fact.value.clone(),
            );
            match facts.get_mut(&key) {
                Some(known) => known.learnt.extend(fact.learnt),
                None => drop(facts.insert(key, fact)),
            }
        }
        self.facts = facts.into_values().collect();
        let mut services: BTreeMap<_, Service> = BTreeMap::new();
        for service in std::mem::take(&mut self.services).into_iter().chain(newer.services) {
            let key = (service.host.clone(), service.service.clone());
            match services.get_mut(&key) {
                Some(known) => known.see(service),
                None => drop(services.insert(key, service)),
            }
        }
        self.services = services.into_values().collect();
        let mut dependencies: Vec<Dependency> = std::mem::take(&mut self.dependencies);
        dependencies.extend(newer.dependencies);
        // Stable: of rows about the same, the known one stays first.
        dependencies.sort_by(|a, b| a.identity().cmp(&b.identity()));
        let mut merged: Vec<Dependency> = Vec::with_capacity(dependencies.len());
        for dependency in dependencies {
            match merged.last_mut() {
                Some(known) if known.is_same_as(&dependency) => known.absorb(&dependency),
                _ => merged.push(dependency),
            }
        }
        self.dependencies = merged;
        self.sort();
    }

    /// Brings rows into the order in which they are written: the same rows, the same bytes.
    pub fn sort(&mut self) {
        self.facts.sort_by(|a, b| {
            let key = |fact: &Fact| (fact.learnt.first_at_ms, fact.learnt.last_at_ms);
            (&a.host, &a.name, &a.item, key(a), &a.value).cmp(&(&b.host, &b.name, &b.item, key(b), &b.value))
        });
        self.services
            .sort_by(|a, b| (&a.host, &a.service).cmp(&(&b.host, &b.service)));
        self.dependencies.sort_by(|a, b| {
            (&a.server, a.port, a.transport, &a.client).cmp(&(&b.server, b.port, b.transport, &b.client))
        });
    }

    /// Gives the facts that hold as far as is known: the latest value of each.
    ///
    /// What came from the same source as a later look and was not seen in it again is history: a disk that was taken
    /// out, a package that was removed.
    #[must_use]
    pub fn current_facts(&self) -> Vec<&Fact> {
        let mut looks: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for fact in &self.facts {
            let last = looks.entry((&fact.host, &fact.learnt.how)).or_insert(i64::MIN);
            *last = (*last).max(fact.learnt.last_at_ms);
        }
        let mut current: BTreeMap<(&str, &str, &str), &Fact> = BTreeMap::new();
        let rank = |fact: &Fact| (fact.learnt.last_at_ms, fact.learnt.privilege, fact.learnt.first_at_ms);
        for fact in &self.facts {
            if looks.get(&(fact.host.as_str(), fact.learnt.how.as_str())) != Some(&fact.learnt.last_at_ms) {
                continue;
            }
            let known = current.entry((&fact.host, &fact.name, &fact.item)).or_insert(fact);
            if rank(fact) > rank(known) {
                *known = fact;
            }
        }
        current.into_values().collect()
    }

    /// Gives the services that were there at the latest look at their host.
    #[must_use]
    pub fn current_services(&self) -> Vec<&Service> {
        let mut looks: BTreeMap<&str, i64> = BTreeMap::new();
        for service in &self.services {
            let last = looks.entry(&service.host).or_insert(i64::MIN);
            *last = (*last).max(service.learnt.last_at_ms);
        }
        self.services
            .iter()
            .filter(|service| looks.get(service.host.as_str()) == Some(&service.learnt.last_at_ms))
            .collect()
    }
}

impl Learnt {
    /// Takes in that the same was seen at another time, by whatever way.
    fn extend(&mut self, other: Self) {
        let first_at_ms = self.first_at_ms.min(other.first_at_ms);
        let last_at_ms = self.last_at_ms.max(other.last_at_ms);
        if (other.last_at_ms, other.privilege) > (self.last_at_ms, self.privilege) {
            *self = other;
        }
        self.first_at_ms = first_at_ms;
        self.last_at_ms = last_at_ms;
    }
}

impl Service {
    /// Takes in that it was seen at another time; the later description stands.
    fn see(&mut self, other: Self) {
        let first_at_ms = self.learnt.first_at_ms.min(other.learnt.first_at_ms);
        if other.learnt.last_at_ms >= self.learnt.last_at_ms {
            let known = std::mem::replace(self, other);
            if known.product == self.product {
                // A look with less power does not make unknown what was known.
                self.version = self.version.take().or(known.version);
                self.role = self.role.take().or(known.role);
            }
        }
        self.learnt.first_at_ms = first_at_ms;
    }
}
