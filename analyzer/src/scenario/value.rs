//! A setting's value: text with its unit, understood.
//!
//! Input: one text or several, from TOML or the command line. Output: a
//! [`Value`], or what was expected instead.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::purchase::{self, Buying};
use super::schedule::Schedule;
use crate::catalog::Architecture;
use crate::policy::Rule;

/// A value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A sizing rule.
    Rule(Rule),
    /// A fraction, exactly as written: 0.2 for `20%`.
    Share(Decimal),
    /// Yes or no.
    Flag(bool),
    /// Names or patterns, sorted, each once.
    Words(Vec<String>),
    /// Architectures, sorted, each once.
    Architectures(Vec<Architecture>),
    /// A whole number.
    Count(u32),
    /// Memory, GiB.
    Gibibytes(f64),
    /// How instances are paid for.
    Purchase(Buying),
    /// When hosts run.
    Schedule(Schedule),
    /// A name.
    Text(String),
    /// US dollars a month.
    Dollars(Decimal),
    /// US dollars for a unit, and where that price is from.
    Price(Decimal, String),
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A sizing rule.
    Rule,
    /// A percentile, which stands for rule `migration-hub`.
    Percentile,
    /// A share from the first to the second number of per cent.
    Share(i64, i64),
    /// `true` or `false`.
    Flag,
    /// Names or patterns.
    Words,
    /// Architectures.
    Architectures,
    /// A whole number.
    Count,
    /// Memory with its unit.
    Gibibytes,
    /// How instances are paid for.
    Purchase,
    /// When hosts run.
    Schedule,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A name.
    Text,
    /// US dollars a month.
    Dollars,
    /// US dollars for a unit, and where that price is from.
    Price,
}

impl Kind {
    /// Reads a value.
    ///
    /// # Errors
    /// What was expected, with an example.
    pub fn read(self, texts: &[String]) -> Result<Value, String> {
        let several = matches!(self, Kind::Words | Kind::Architectures);
        let one = match texts {
            [one] => one.trim(),
            _ if several => "",
            _ => return Err(format!("one value, not a list: {}", self.expected())),
        };
        let read = match self {
            Kind::Rule => return one.parse().map(Value::Rule).map_err(|_| self.expected()),
            Kind::Percentile => format!("migration-hub:{one}")
                .parse()
                .ok()
                .filter(|_| one.starts_with('p'))
                .map(Value::Rule),
            Kind::Share(least, most) => {
                let hundred = Decimal::ONE_HUNDRED;
                let within =
                    |share: &Decimal| (Decimal::from(least)..=Decimal::from(most)).contains(&(share * hundred));
                share(one).filter(within).map(Value::Share)
            }
            Kind::Flag => match one {
                "true" | "yes" => Some(Value::Flag(true)),
                "false" | "no" => Some(Value::Flag(false)),
                _ => None,
            },
            Kind::Words => {
                let words = sorted(
                    texts
                        .iter()
                        .map(|text| text.trim().to_string())
                        .filter(|text| !text.is_empty()),
                );
                (!words.is_empty()).then_some(Value::Words(words))
            }
            Kind::Architectures => {
                let read = |text: &String| match text.trim() {
                    "x86_64" => Some(Architecture::X86_64),
                    "arm64" => Some(Architecture::Arm64),
                    _ => None,
                };
                let all: Option<Vec<Architecture>> = texts.iter().map(read).collect();
                all.map(sorted).filter(|all| !all.is_empty()).map(Value::Architectures)
            }
            Kind::Count => one.parse().ok().map(Value::Count),
            Kind::Gibibytes => {
                let (number, factor) = match one.strip_suffix("GiB") {
                    Some(number) => (number, 1.0),
                    None => (one.strip_suffix("MiB").unwrap_or("no unit"), 1.0 / 1024.0),
                };
                let gib = number.trim().parse::<f64>().ok().map(|number| number * factor);
                gib.filter(|gib| (0.0..=100_000.0).contains(gib)).map(Value::Gibibytes)
            }
            Kind::Purchase => purchase::read(one).map(Value::Purchase),
            Kind::Schedule => one.parse().ok().map(Value::Schedule),
            Kind::OneOf(words) => words.contains(&one).then(|| Value::Text(one.to_string())),
            Kind::Text => (!one.is_empty()).then(|| Value::Text(one.to_string())),
            Kind::Dollars => dollars(one).map(Value::Dollars),
            Kind::Price => one.split_once(" from ").and_then(|(amount, source)| {
                let source = source.trim();
                let amount = dollars(amount.trim())?;
                (!source.is_empty()).then(|| Value::Price(amount, source.to_string()))
            }),
        };
        read.ok_or_else(|| self.expected())
    }

    /// Says what a value must be, with an example.
    #[must_use]
    pub fn expected(self) -> String {
        match self {
            Kind::Rule => format!("a sizing rule, one of {}", Rule::names().join(", ")),
            Kind::Percentile => "a percentile above 0 and below 100, such as `p95`".to_string(),
            Kind::Share(least, most) => format!("a share from {least}% to {most}%, such as `20%`"),
            Kind::Flag => "true or false".to_string(),
            Kind::Words => "names or patterns, such as `m7*`".to_string(),
            Kind::Architectures => "x86_64, arm64 or both".to_string(),
            Kind::Count => "a whole number, such as `2`".to_string(),
            Kind::Gibibytes => "memory with its unit, such as `2 GiB`".to_string(),
            Kind::Purchase => purchase::EXPECTED.to_string(),
            Kind::Schedule => "days and whole hours, such as `Mon-Fri 08-19`, or `always`".to_string(),
            Kind::OneOf(words) => format!("one of {}", words.join(", ")),
            Kind::Text => "a name".to_string(),
            Kind::Dollars => "US dollars a month, such as `41000`".to_string(),
            Kind::Price => {
                "US dollars for a unit and where the price is from, such as `0.1512 from our agreement of 2026-04`"
                    .to_string()
            }
        }
    }
}

impl Value {
    /// Gives a share as a fraction; nothing for another kind of value.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        match self {
            // Through its text, so that `20%` is the 0.2 that assessment.toml would say.
            Value::Share(share) => share.normalize().to_string().parse().ok().or_else(|| share.to_f64()),
            _ => None,
        }
    }
}

/// Reads `20%` or `0.2`, exactly.
pub(super) fn share(text: &str) -> Option<Decimal> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => {
            let percent: Decimal = percent.trim().parse().ok()?;
            Some((percent / Decimal::ONE_HUNDRED).normalize())
        }
        None => text.parse::<Decimal>().ok().map(|share| share.normalize()),
    }
}

/// Reads `41000`, `41,000` or `USD 41,000`.
fn dollars(text: &str) -> Option<Decimal> {
    let plain = text.strip_prefix("USD").unwrap_or(text).trim().replace(',', "");
    plain.parse::<Decimal>().ok().filter(|amount| *amount >= Decimal::ZERO)
}

fn sorted<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort();
    values.dedup();
    values
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Rule(rule) => write!(out, "{rule}"),
            Value::Share(share) => write!(out, "{}%", (share * Decimal::ONE_HUNDRED).normalize()),
            Value::Flag(flag) => write!(out, "{flag}"),
            Value::Words(words) => out.write_str(&words.join(",")),
            Value::Architectures(all) => {
                let words: Vec<&str> = all.iter().map(|architecture| architecture.word()).collect();
                out.write_str(&words.join(","))
            }
            Value::Count(count) => write!(out, "{count}"),
            Value::Gibibytes(gib) => write!(out, "{gib} GiB"),
            Value::Purchase(purchase) => write!(out, "{purchase}"),
            Value::Schedule(schedule) => write!(out, "{schedule}"),
            Value::Text(text) => out.write_str(text),
            Value::Dollars(amount) => write!(out, "{}", amount.normalize()),
            Value::Price(amount, source) => write!(out, "{} from {source}", amount.normalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(kind: Kind, text: &str) -> Result<Value, String> {
        kind.read(&[text.to_string()])
    }

    #[test]
    fn shares_are_exact_and_bounded() {
        let share = read(Kind::Share(0, 100), "12.5%").unwrap();
        assert_eq!(share, Value::Share("0.125".parse().unwrap()));
        assert_eq!(share.fraction(), Some(0.125));
        assert_eq!(read(Kind::Share(0, 100), "0.2").unwrap().fraction(), Some(0.2));
        for text in ["101%", "-1%", "NaN", "1e3", "", "%", "twenty"] {
            assert!(read(Kind::Share(0, 100), text).is_err(), "{text}");
        }
    }

    #[test]
    fn lists_are_sets() {
        let list = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_string()).collect();
            Kind::Architectures.read(&texts)
        };
        assert_eq!(list(&["arm64", "x86_64"]), list(&["x86_64", "arm64", "arm64"]));
        assert!(list(&[]).is_err() && list(&["sparc"]).is_err());
    }

    #[test]
    fn values_are_told_as_they_are_read() {
        for (kind, text) in [
            (Kind::Rule, "compute-optimizer"),
            (Kind::Share(0, 100), "12.5%"),
            (Kind::Gibibytes, "1.5 GiB"),
            (Kind::Schedule, "Mon-Fri 08-19"),
            (Kind::Purchase, "reserved-3y-all-upfront"),
            (Kind::Purchase, "optimised"),
            (Kind::Dollars, "41000"),
            (Kind::Price, "0.1512 from our agreement of 2026-04"),
        ] {
            assert_eq!(read(kind, text).unwrap().to_string(), text);
        }
        assert_eq!(read(Kind::Percentile, "p95").unwrap().to_string(), "migration-hub:p95");
        assert!(read(Kind::Percentile, "max").is_err());
        // A price of one's own without its source is none.
        for text in ["0.15", "0.15 from ", "-1 from us", "from us", "cheap from us"] {
            assert!(read(Kind::Price, text).is_err(), "{text}");
        }
        assert!(read(Kind::Gibibytes, "2").unwrap_err().contains("GiB"));
    }
}
