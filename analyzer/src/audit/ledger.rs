//! Where checks write down what they asked and what they found.

use std::fmt::Display;

use super::finding::{AuditReport, Check, Finding, Severity};

/// Two floats that went different ways to the same number differ by no more than this, relatively.
const SAME: f64 = 1e-9;
/// Columns rounded to thousandths differ by half a thousandth from the exact number.
const THOUSANDTH: f64 = 0.000_5;

/// Collects the questions asked about one host or about the whole plan.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    host: Option<String>,
    report: AuditReport,
}

impl Ledger {
    /// Starts a ledger whose findings name a host.
    pub(super) fn of_host(host: &str) -> Self {
        Self {
            host: Some(host.to_string()),
            report: AuditReport::default(),
        }
    }

    /// Counts a question and notes an error unless it holds.
    pub(super) fn expect(
        &mut self,
        check: Check,
        holds: bool,
        words: &str,
        expected: impl Display,
        found: impl Display,
    ) -> bool {
        *self.report.checks_run.entry(check).or_default() += 1;
        if !holds {
            self.note(Severity::Error, check, words, expected, found);
        }
        holds
    }

    /// Counts a question and notes a warning unless it holds.
    pub(super) fn advise(
        &mut self,
        check: Check,
        holds: bool,
        words: &str,
        expected: impl Display,
        found: impl Display,
    ) {
        *self.report.checks_run.entry(check).or_default() += 1;
        if !holds {
            self.note(Severity::Warning, check, words, expected, found);
        }
    }

    /// Expects two values to be equal.
    pub(super) fn same<T: PartialEq + Display>(&mut self, check: Check, words: &str, expected: T, found: T) -> bool {
        let holds = expected == found;
        self.expect(check, holds, words, expected, found)
    }

    /// Expects two values to be equal or both absent.
    pub(super) fn same_option<T: PartialEq + Display>(
        &mut self,
        check: Check,
        words: &str,
        expected: Option<T>,
        found: Option<T>,
    ) -> bool {
        let holds = expected == found;
        self.expect(check, holds, words, shown(expected), shown(found))
    }

    /// Expects two numbers to be equal but for the order of float operations.
    pub(super) fn near(&mut self, check: Check, words: &str, expected: f64, found: f64) -> bool {
        self.expect(check, near(expected, found), words, expected, found)
    }

    /// Expects a column rounded to thousandths to show a number.
    pub(super) fn rounded(&mut self, check: Check, words: &str, expected: Option<f64>, found: Option<f64>) -> bool {
        let holds = match (expected, found) {
            (Some(expected), Some(found)) => {
                near(expected, found) || (expected - found).abs() <= THOUSANDTH * (1.0 + 1e-6)
            }
            (None, None) => true,
            _ => false,
        };
        self.expect(check, holds, words, shown(expected), shown(found))
    }

    /// Takes over what another ledger holds.
    pub(super) fn absorb(&mut self, other: Self) {
        for (check, count) in other.report.checks_run {
            *self.report.checks_run.entry(check).or_default() += count;
        }
        self.report.findings.extend(other.report.findings);
    }

    /// Gives the report, findings in order of host and check.
    pub(super) fn close(mut self) -> AuditReport {
        self.report
            .findings
            .sort_by(|a, b| (&a.host, a.check, &a.words).cmp(&(&b.host, b.check, &b.words)));
        self.report
    }

    fn note(&mut self, severity: Severity, check: Check, words: &str, expected: impl Display, found: impl Display) {
        self.report.findings.push(Finding {
            severity,
            host: self.host.clone(),
            check,
            expected: expected.to_string(),
            found: found.to_string(),
            words: words.to_string(),
        });
    }
}

/// Says whether two numbers are equal but for the order of float operations.
pub(super) fn near(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= SAME * one.abs().max(other.abs()) + 1e-12
}

/// Says whether an offer is enough for a need, giving it the benefit of rounding.
pub(super) fn enough(needed: f64, offered: Option<f64>) -> bool {
    needed <= 0.0 || offered.is_some_and(|offered| offered >= needed * (1.0 - SAME))
}

/// Says whether an offer is enough for a need beyond any rounding.
pub(super) fn surely_enough(needed: f64, offered: Option<f64>) -> bool {
    needed <= 0.0 || offered.is_some_and(|offered| offered >= needed * (1.0 + SAME) || offered == needed)
}

/// Writes a value, or that it is absent.
pub(super) fn shown<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "nothing".to_string(), |value| value.to_string())
}
