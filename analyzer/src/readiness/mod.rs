//! What must be looked at before a service moves? Input: a workload and what its service says of itself. Output: [`Finding`]s.
//!
//! The rules are data (`readiness.toml`): each has a condition on product,
//! version or fact, what to do, where it is from, and the month it was known
//! for; a month that is not sure reads `check`. Nothing here changes a size.

mod condition;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use telemetry::Inventory;
use telemetry::inventory::Fact;

use crate::service::Workload;
use condition::{Condition, met};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It cannot move as it is.
    Blocker,
    /// It takes work first.
    Effort,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// Gives the word used in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Blocker => "blocker",
            Severity::Effort => "effort",
            Severity::Note => "note",
        }
    }
}

/// Something to look at before a workload moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the rule.
    pub id: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What was seen, in words.
    pub evidence: String,
    /// What that means.
    pub says: String,
    /// What to do.
    pub remedy: String,
    /// Where the rule is from.
    pub source: String,
    /// Month the rule was known for (`YYYY-MM`), or `check`.
    pub as_of: String,
}

/// One rule of the data file.
#[derive(Clone, Debug, Deserialize)]
struct Rule {
    id: String,
    products: Vec<String>,
    severity: Severity,
    says: String,
    remedy: String,
    source: String,
    as_of: String,
    #[serde(flatten)]
    condition: Condition,
}

#[derive(Deserialize)]
struct Document {
    rules: Vec<Rule>,
}

static TEXT: &str = include_str!("readiness.toml");

fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    // A test reads the file as strictly; a program with a broken one says nothing rather than something wrong.
    RULES.get_or_init(|| toml::from_str::<Document>(TEXT).map_or_else(|_| Vec::new(), |document| document.rules))
}

/// Facts that services say of themselves, by host and service.
#[derive(Debug, Default)]
pub struct SaidByService<'a> {
    facts: BTreeMap<(String, String), Vec<&'a Fact>>,
}

impl<'a> SaidByService<'a> {
    /// Gathers what holds now.
    #[must_use]
    pub fn of(inventory: &'a Inventory) -> Self {
        let mut facts: BTreeMap<(String, String), Vec<&Fact>> = BTreeMap::new();
        for fact in inventory.current_facts() {
            if fact.name.starts_with("service.") {
                let service = fact.item.split('/').next().unwrap_or(&fact.item);
                let key = (fact.host.clone(), service.to_string());
                facts.entry(key).or_default().push(fact);
            }
        }
        Self { facts }
    }

    fn about(&self, host: &str, service: &str) -> &[&'a Fact] {
        let key = (host.to_string(), service.to_string());
        self.facts.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Gives the findings of a workload, the heaviest first.
#[must_use]
pub fn findings(workload: &Workload, said: &SaidByService<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for rule in rules().iter().filter(|rule| rule.products.contains(&workload.product)) {
        let seen: Vec<String> = workload
            .nodes
            .iter()
            .filter_map(|node| {
                let facts = said.about(&node.host, &node.service);
                Some(format!(
                    "{}: {}",
                    node.host,
                    met(&rule.condition, node, workload, facts)?
                ))
            })
            .collect();
        let Some(first) = seen.first() else { continue };
        let evidence = match seen.len() {
            1 => first.clone(),
            others => format!("{first}, and {} more", others - 1),
        };
        found.push(Finding {
            id: rule.id.clone(),
            severity: rule.severity,
            evidence,
            says: rule.says.clone(),
            remedy: rule.remedy.clone(),
            source: rule.source.clone(),
            as_of: rule.as_of.clone(),
        });
    }
    found.sort_by(|one, other| (one.severity, &one.id).cmp(&(other.severity, &other.id)));
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_month_or_says_check() {
        let document: Document = toml::from_str(TEXT).unwrap();
        assert!(document.rules.len() >= 25);
        let mut ids: Vec<&str> = document.rules.iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), document.rules.len(), "each has its own name");
        for rule in &document.rules {
            let dated = rule.as_of == "check" || rule.as_of.parse::<crate::catalog::YearMonth>().is_ok();
            assert!(dated, "{}: {}", rule.id, rule.as_of);
            assert!(!rule.source.is_empty() && !rule.remedy.is_empty(), "{}", rule.id);
            for product in &rule.products {
                assert!(crate::service::Target::of_product(product).is_some(), "{product}");
            }
            assert!(rule.condition.is_sound(), "{}", rule.id);
        }
    }
}
