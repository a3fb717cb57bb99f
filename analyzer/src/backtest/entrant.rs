//! Who takes part: every rule as it ships and capped at the source, ours at several dials.

use serde::{Deserialize, Serialize};

use crate::catalog::Architecture;
use crate::policy::{Policy, Rule};

/// The dials at which ours takes part.
pub const DIALS: [f64; 9] = [0.0025, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.075, 0.10];

/// The rules of other tools.
const OTHERS: [&str; 12] = [
    "as-is",
    "peak",
    "azure-migrate",
    "compute-optimizer",
    "compute-optimizer-savings",
    "compute-optimizer-balanced",
    "compute-optimizer-performance",
    "migration-hub:p95+20%",
    "vpa",
    "krr",
    "crane",
    "netflix",
];

/// Which offers may be chosen from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything the policy allows.
    Catalog,
    /// One family, as the default assessments of other tools have it.
    Family(String),
    /// Everything the policy allows, and arm64.
    WithArm64,
}

impl Scope {
    /// Gives the words of a table.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Scope::Catalog => "whole catalog".to_string(),
            Scope::Family(family) => format!("{family} only"),
            Scope::WithArm64 => "with arm64".to_string(),
        }
    }
}

/// One rule with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entrant {
    /// The rule.
    pub rule: Rule,
    /// Whether requirements are capped at what the source has.
    pub capped: bool,
    /// The dial, for ours.
    pub dial: Option<f64>,
    /// Which offers it chooses from.
    pub scope: Scope,
}

impl Entrant {
    /// Gives the name of a table's row.
    #[must_use]
    pub fn name(&self) -> String {
        match self.dial {
            Some(dial) => format!("{} {}%", self.rule, (dial * 1e6).round() / 1e4),
            None if self.capped => format!("{} capped", self.rule),
            None => self.rule.to_string(),
        }
    }

    /// Gives the policy it is sized by.
    #[must_use]
    pub fn policy(&self, base: &Policy) -> Policy {
        let mut policy = Policy {
            rule: self.rule,
            cap_at_source: self.capped,
            cpu_headroom: 0.0,
            memory_headroom: 0.0,
            risk: self.dial.unwrap_or(base.risk),
            ..base.clone()
        };
        match &self.scope {
            Scope::Catalog => {}
            Scope::Family(family) => policy.families = vec![family.clone()],
            Scope::WithArm64 => {
                if !policy.architectures.contains(&Architecture::Arm64) {
                    policy.architectures.push(Architecture::Arm64);
                }
            }
        }
        policy
    }
}

/// Gives all entrants of a league; `family` is the single family.
#[must_use]
pub fn entrants(family: &str) -> Vec<Entrant> {
    let mut list = Vec::new();
    let family = Scope::Family(family.to_string());
    for scope in [Scope::Catalog, family, Scope::WithArm64] {
        for name in OTHERS {
            let Ok(rule) = name.parse::<Rule>() else { continue };
            for capped in [false, true] {
                // What the source has is capped by itself; arm64 is compared for the rule that is proposed only.
                if (rule == Rule::AsIs && capped) || scope == Scope::WithArm64 {
                    continue;
                }
                list.push(Entrant {
                    rule,
                    capped,
                    dial: None,
                    scope: scope.clone(),
                });
            }
        }
        for dial in DIALS {
            list.push(Entrant {
                rule: Rule::Sizewright,
                capped: true,
                dial: Some(dial),
                scope: scope.clone(),
            });
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_takes_part_once_as_it_ships_and_once_capped() {
        let list = entrants("m7i");
        let of = |scope: &Scope| list.iter().filter(|one| one.scope == *scope).count();
        assert_eq!(of(&Scope::Catalog), 2 * OTHERS.len() - 1 + DIALS.len());
        assert_eq!(of(&Scope::WithArm64), DIALS.len());
        for name in OTHERS {
            assert!(list.iter().any(|one| one.name() == name), "{name}");
        }
    }
}
