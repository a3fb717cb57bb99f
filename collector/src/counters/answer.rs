//! What a service said: numbers by the names of our metrics, and facts.

use super::metric::Metric;

/// Facts of one answer at most; a service with more databases names its largest.
const FACTS_AT_MOST: usize = 200;
/// Longest text of a fact, in characters.
const LONGEST_FACT: usize = 300;

/// One number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// How it stands now.
    Level(f64),
    /// Counted since the service started; becomes a rate.
    Total(f64),
}

/// The answer of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Numbers.
    pub values: Vec<(Metric, Value)>,
    /// Seconds since the service started, where it says so.
    pub uptime_s: Option<f64>,
    /// Name after `service.`, part of the service (a database, a table; empty for the whole), value.
    pub facts: Vec<(&'static str, String, String)>,
    /// What was left out, such as a statement that the account may not run.
    pub missing: Vec<String>,
}

impl Answer {
    /// Takes a number as it stands; what is missing, negative or not finite is left out.
    pub fn level(&mut self, metric: Metric, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite() && *value >= 0.0) {
            self.values.push((metric, Value::Level(value)));
        }
    }

    /// Takes a number that was counted; what is missing, negative or not finite is left out.
    pub fn total(&mut self, metric: Metric, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite() && *value >= 0.0) {
            self.values.push((metric, Value::Total(value)));
        }
    }

    /// Takes a fact about the whole service.
    pub fn fact(&mut self, name: &'static str, value: &str) {
        self.fact_of(name, "", value);
    }

    /// Takes a fact about a part of the service.
    pub fn fact_of(&mut self, name: &'static str, part: &str, value: &str) {
        if self.facts.len() < FACTS_AT_MOST && !value.trim().is_empty() {
            self.facts.push((name, harmless(part), harmless(value)));
        }
    }

    /// Gives the level or total of a metric, for tests and checks.
    #[must_use]
    pub fn value(&self, metric: Metric) -> Option<f64> {
        self.values
            .iter()
            .find(|(known, _)| *known == metric)
            .map(|(_, value)| match value {
                Value::Level(value) | Value::Total(value) => *value,
            })
    }

    /// Gives a fact about the whole service.
    #[must_use]
    pub fn fact_named(&self, name: &str) -> Option<&str> {
        self.facts
            .iter()
            .find(|(known, part, _)| *known == name && part.is_empty())
            .map(|(_, _, value)| value.as_str())
    }

    /// Says whether nothing at all was learnt.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.facts.is_empty()
    }
}

fn harmless(text: &str) -> String {
    let short: String = text.trim().chars().take(LONGEST_FACT).collect();
    telemetry::untrusted::for_terminal(&short).into_owned()
}

/// Reads a number of a service's text.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|value| value.is_finite())
}
