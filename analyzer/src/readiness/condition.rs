//! When a rule holds: of a version, a fact, a size, or always.

use serde::Deserialize;
use telemetry::inventory::Fact;

use crate::service::{Node, Workload};

/// What must be so for a rule to hold; all that is said must be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Condition {
    /// Bounds of the version, such as `>=13, <14`.
    versions: Option<String>,
    /// Name of a fact, without `service.`.
    fact: Option<String>,
    /// What the part of the fact's item must contain, in any of its words.
    part: Vec<String>,
    /// What the fact's value must be, in any of these words.
    value: Vec<String>,
    /// What the fact's value must not be.
    value_is_not: Vec<String>,
    /// The fact's value as a number must be above this.
    above: Option<f64>,
    /// The workload has at least so many nodes.
    nodes_from: Option<usize>,
    /// A companion of this product goes with it.
    companion: Option<String>,
}

impl Condition {
    /// Says whether its bounds can be read.
    #[cfg(test)]
    pub(super) fn is_sound(&self) -> bool {
        self.versions
            .as_ref()
            .is_none_or(|bounds| bounds.split(',').all(|bound| parsed(bound).is_some()))
    }
}

/// Says what was seen where a condition holds; nothing where it does not.
pub(super) fn met(condition: &Condition, node: &Node, workload: &Workload, facts: &[&Fact]) -> Option<String> {
    let mut seen: Vec<String> = Vec::new();
    if let Some(bounds) = &condition.versions {
        let version = node.version.as_deref()?;
        let number = number(version)?;
        let inside = bounds.split(',').all(|bound| {
            parsed(bound).is_some_and(|(word, limit)| match word {
                "<" => number < limit,
                "<=" => number <= limit,
                ">" => number > limit,
                ">=" => number >= limit,
                _ => number == limit,
            })
        });
        inside.then_some(())?;
        seen.push(format!("version {version}"));
    }
    if let Some(name) = &condition.fact {
        let fact = facts.iter().find(|fact| {
            let part = fact.item.split_once('/').map_or("", |(_, part)| part);
            let any = |words: &[String], text: &str| {
                words.is_empty()
                    || words
                        .iter()
                        .any(|word| text.to_lowercase().contains(&word.to_lowercase()))
            };
            fact.name.strip_prefix("service.") == Some(name)
                && any(&condition.part, part)
                && any(&condition.value, &fact.value)
                && (condition.value_is_not.is_empty()
                    || !condition
                        .value_is_not
                        .iter()
                        .any(|word| fact.value.eq_ignore_ascii_case(word)))
                && condition
                    .above
                    .is_none_or(|limit| fact.value.parse::<f64>().is_ok_and(|value| value > limit))
        })?;
        let part = fact.item.split_once('/').map_or("", |(_, part)| part);
        seen.push(format!("{} {part} {}", name.replace('_', " "), fact.value).replace("  ", " "));
    }
    if let Some(least) = condition.nodes_from {
        (workload.nodes.len() >= least).then_some(())?;
        seen.push(format!("{} nodes", workload.nodes.len()));
    }
    if let Some(companion) = &condition.companion {
        let with = workload
            .companions
            .iter()
            .find(|(host, service)| *host == node.host && service.starts_with(companion.as_str()))?;
        seen.push(format!("{} goes with it", with.1));
    }
    if seen.is_empty() {
        seen.push(format!("it runs {}", workload.product));
    }
    Some(seen.join(", "))
}

/// Reads the first two numbers of a version.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<u32>().unwrap_or(u32::MAX));
    Some((parts.next()?, parts.next().unwrap_or(0)))
}

fn parsed(bound: &str) -> Option<(&str, (u32, u32))> {
    let bound = bound.trim();
    let at = bound.find(|letter: char| letter.is_ascii_digit())?;
    let (word, version) = bound.split_at(at);
    let word = word.trim();
    ["<", "<=", ">", ">=", "="].contains(&word).then_some(())?;
    Some((word, number(version)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_their_numbers() {
        assert_eq!(number("7.17.18"), Some((7, 17)));
        assert_eq!(number("PostgreSQL 11"), Some((11, 0)));
        assert!(number("7.9") < number("7.10"));
        assert_eq!(parsed(">=7.11"), Some((">=", (7, 11))));
        assert_eq!(parsed("about 3"), None);
    }
}
