//! The sizing rules by name: ours and those of the tools a customer may know.
//!
//! Source of each: method §2. The arithmetic is in `size::requirement`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A statistic of a series, as `migration-hub` lets one choose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// Arithmetic mean.
    Mean,
    /// Highest value.
    Maximum,
    /// A quantile, 0 to 1.
    Quantile(f64),
}

/// From demand to requirement.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Ours: each host's own demand, moved as hosts of the fleet moved before, weighed against the price of more capacity.
    Sizewright,
    /// Maximum of CPU and memory.
    Peak,
    /// Azure Migrate's default: P95 × 1.3.
    AzureMigrate,
    /// Compute Optimizer's default: CPU P99.5 / 0.8, memory maximum / 0.8.
    ComputeOptimizer,
    /// Compute Optimizer's "maximum savings": CPU P90, memory maximum / 0.9.
    ComputeOptimizerSavings,
    /// Compute Optimizer's "balanced": CPU P95 / 0.7, memory maximum / 0.7.
    ComputeOptimizerBalanced,
    /// Compute Optimizer's "maximum performance": CPU P99.5 / 0.7, memory maximum / 0.7.
    ComputeOptimizerPerformance,
    /// Migration Hub: a statistic and a percentage on top, the same for CPU and memory.
    MigrationHub {
        /// Which statistic.
        statistic: Statistic,
        /// Added on top, as a fraction.
        added: f64,
    },
    /// Kubernetes Vertical Pod Autoscaler: P90 of a histogram with a half-life of 24 hours × 1.15; memory P90 of daily peaks × 1.15.
    Vpa,
    /// Robusta KRR: CPU P95, memory maximum × 1.15.
    Krr,
    /// Crane: P99 of the last 7 days × 1.15.
    Crane,
    /// Netflix: mean of the busiest hour of the week with size-dependent headroom; memory maximum × 1.25.
    Netflix,
    /// What the source has.
    AsIs,
}

/// A rule name that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a sizing rule; expected one of {expected}")]
pub struct RuleError {
    name: String,
    expected: String,
}

/// Rules without a parameter, in the order of the documentation.
const NAMED: [(&str, Rule); 12] = [
    ("sizewright", Rule::Sizewright),
    ("peak", Rule::Peak),
    ("azure-migrate", Rule::AzureMigrate),
    ("compute-optimizer", Rule::ComputeOptimizer),
    ("compute-optimizer-savings", Rule::ComputeOptimizerSavings),
    ("compute-optimizer-balanced", Rule::ComputeOptimizerBalanced),
    ("compute-optimizer-performance", Rule::ComputeOptimizerPerformance),
    ("vpa", Rule::Vpa),
    ("krr", Rule::Krr),
    ("crane", Rule::Crane),
    ("netflix", Rule::Netflix),
    ("as-is", Rule::AsIs),
];

impl Rule {
    /// Names of all rules; `migration-hub` takes `:statistic[+percent]`, such as `migration-hub:p95+20%`.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        let mut names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        names.push("migration-hub:p95+20%");
        names
    }

    /// Says whether the rule needs the tail of the demand and how it moved from part to part of the window.
    #[must_use]
    pub fn needs_history(&self) -> bool {
        matches!(self, Rule::Sizewright)
    }

    /// Says whether the rule needs a histogram that forgets with a half-life of a day.
    #[must_use]
    pub fn needs_decaying_histogram(&self) -> bool {
        matches!(self, Rule::Vpa)
    }

    /// Says whether the rule looks at the last seven days apart.
    #[must_use]
    pub fn needs_last_week(&self) -> bool {
        matches!(self, Rule::Crane)
    }

    /// Gives the quantile the rule needs beyond the usual ones.
    #[must_use]
    pub fn extra_quantile(&self) -> Option<f64> {
        match self {
            Rule::MigrationHub {
                statistic: Statistic::Quantile(level),
                ..
            } => Some(*level),
            _ => None,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Rule::MigrationHub { statistic, added } = self {
            match statistic {
                Statistic::Mean => write!(out, "migration-hub:avg")?,
                Statistic::Maximum => write!(out, "migration-hub:max")?,
                Statistic::Quantile(level) => write!(out, "migration-hub:p{}", round(level * 100.0))?,
            }
            if *added > 0.0 {
                write!(out, "+{}%", round(added * 100.0))?;
            }
            return Ok(());
        }
        let name = NAMED.iter().find(|(_, rule)| rule == self).map_or("", |(name, _)| name);
        out.write_str(name)
    }
}

fn round(percent: f64) -> f64 {
    (percent * 1000.0).round() / 1000.0
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(name: &str) -> Result<Self, RuleError> {
        if let Some((_, rule)) = NAMED.iter().find(|(known, _)| *known == name) {
            return Ok(*rule);
        }
        name.strip_prefix("migration-hub")
            .and_then(migration_hub)
            .ok_or_else(|| RuleError {
                name: name.to_string(),
                expected: Rule::names().join(", "),
            })
    }
}

/// Reads `:p95+20%`, `:avg`, `:max+0%`; nothing after the name means `:max`.
fn migration_hub(text: &str) -> Option<Rule> {
    if text.is_empty() {
        return Some(Rule::MigrationHub {
            statistic: Statistic::Maximum,
            added: 0.0,
        });
    }
    let text = text.strip_prefix(':')?;
    let (statistic, added) = match text.split_once('+') {
        Some((statistic, percent)) => {
            let percent: f64 = percent.strip_suffix('%').unwrap_or(percent).parse().ok()?;
            (statistic, percent / 100.0)
        }
        None => (text, 0.0),
    };
    let statistic = match statistic {
        "avg" | "mean" => Statistic::Mean,
        "max" => Statistic::Maximum,
        quantile => {
            let percent: f64 = quantile.strip_prefix('p')?.parse().ok()?;
            (percent > 0.0 && percent < 100.0).then_some(Statistic::Quantile(percent / 100.0))?
        }
    };
    (0.0..=10.0)
        .contains(&added)
        .then_some(Rule::MigrationHub { statistic, added })
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_name_reads_back_as_itself() {
        for name in Rule::names() {
            assert_eq!(name.parse::<Rule>().unwrap().to_string(), name);
        }
        assert_eq!(
            "migration-hub:avg".parse::<Rule>().unwrap().to_string(),
            "migration-hub:avg"
        );
    }

    #[test]
    fn an_unknown_rule_lists_the_known_ones() {
        let error = "p42".parse::<Rule>().unwrap_err().to_string();
        assert!(error.contains("`p42`") && error.contains("azure-migrate"), "{error}");
        assert!("migration-hub:p101".parse::<Rule>().is_err());
    }
}
