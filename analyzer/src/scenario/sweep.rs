//! One setting over a range of values: the curve of cost and risk of every scenario.

use rust_decimal::Decimal;
use serde::Serialize;
use telemetry::untrusted::for_terminal;

use super::comparison::Named;
use super::error::ScenarioError;
use super::key::{Key, Path};
use super::pricer::Pricer;
use super::settings::Settings;
use super::value::{Kind, share};
use crate::price::Total;

/// More points than this are a slip of the step.
const MOST_POINTS: usize = 500;

/// A setting and the values it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The key.
    pub key: String,
    /// Whether values are shares.
    pub is_share: bool,
    /// The values, ascending.
    pub values: Vec<Decimal>,
}

/// The curves of scenarios over a setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sweep {
    /// The key.
    pub key: String,
    /// The values as they are written, such as `5%`.
    pub values: Vec<String>,
    /// The values as numbers; of a share in per cent.
    pub numbers: Vec<f64>,
    /// Whether they are shares.
    pub is_share: bool,
    /// A curve a scenario.
    pub curves: Vec<Curve>,
}

/// What a scenario costs and risks at every value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// The scenario.
    pub scenario: String,
    /// Cost a month.
    pub totals: Vec<Total>,
    /// Mean expected share of the time short; absent where not known.
    pub risks: Vec<Option<f64>>,
}

impl Range {
    /// Reads `headroom=0%..50%:5%`.
    ///
    /// # Errors
    /// When the key has no numbers, or the range cannot be understood.
    pub fn read(typed: &str) -> Result<Self, ScenarioError> {
        let bad = |expected: &str| ScenarioError::Value {
            place: format!("--sweep {}", for_terminal(typed)),
            key: "sweep".to_string(),
            value: format!("`{}`", for_terminal(typed)),
            expected: expected.to_string(),
        };
        const EXPECTED: &str = "key=from..to:step, such as `headroom=0%..50%:5%`";
        let (key, range) = typed.split_once('=').ok_or_else(|| bad(EXPECTED))?;
        let parts: Vec<&str> = key.trim().split('.').collect();
        let known = Key::of(&Path::of(&parts));
        let is_share = match known.map(|key| key.kind) {
            Some(Kind::Share(..)) => true,
            Some(Kind::Count) => false,
            Some(_) => return Err(bad("a key whose values are shares or numbers, such as `headroom`")),
            None => {
                // The same message, with the nearest keys, as everywhere.
                Settings::default().set(&parts, &[String::new()], &format!("--sweep {}", for_terminal(typed)))?;
                return Err(bad(EXPECTED));
            }
        };
        let (ends, step) = range.rsplit_once(':').ok_or_else(|| bad(EXPECTED))?;
        let (from, to) = ends.split_once("..").ok_or_else(|| bad(EXPECTED))?;
        let number = |text: &str| share(text).ok_or_else(|| bad(EXPECTED));
        let (from, to, step) = (number(from)?, number(to)?, number(step)?);
        if step <= Decimal::ZERO || to < from {
            return Err(bad("a range that ascends, by a step above nothing"));
        }
        let values: Vec<Decimal> = std::iter::successors(Some(from), |value| value.checked_add(step))
            .take_while(|value| *value <= to)
            .take(MOST_POINTS + 1)
            .collect();
        if values.len() > MOST_POINTS {
            return Err(bad(&format!("at most {MOST_POINTS} values")));
        }
        Ok(Self {
            key: key.trim().to_string(),
            is_share,
            values,
        })
    }

    fn text(&self, value: Decimal) -> String {
        if self.is_share {
            format!("{}%", (value * Decimal::ONE_HUNDRED).normalize())
        } else {
            value.normalize().to_string()
        }
    }
}

/// Prices every scenario at every value.
///
/// # Errors
/// When a value cannot be used.
pub fn sweep(pricer: &Pricer<'_, '_>, scenarios: &[Named], range: &Range) -> Result<Sweep, ScenarioError> {
    let mut curves: Vec<Curve> = scenarios
        .iter()
        .map(|scenario| Curve {
            scenario: scenario.name.clone(),
            totals: Vec::new(),
            risks: Vec::new(),
        })
        .collect();
    for &value in &range.values {
        let mut on_top = Settings::default();
        on_top.set_typed(&format!("{}={}", range.key, range.text(value)))?;
        for (scenario, curve) in scenarios.iter().zip(&mut curves) {
            let outcome = pricer.price(&scenario.settings.with(&on_top))?;
            curve.totals.push(outcome.total());
            curve.risks.push(outcome.whole.risk());
        }
        // Sizes of one value are not asked for again.
        pricer.forget();
    }
    let shown = |value: &Decimal| {
        let number = if range.is_share {
            value * Decimal::ONE_HUNDRED
        } else {
            *value
        };
        number.normalize().to_string().parse().unwrap_or(f64::NAN)
    };
    Ok(Sweep {
        key: range.key.clone(),
        values: range.values.iter().map(|value| range.text(*value)).collect(),
        numbers: range.values.iter().map(shown).collect(),
        is_share: range.is_share,
        curves,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_range_is_read_with_its_unit() {
        let range = Range::read("headroom=0%..50%:5%").unwrap();
        assert_eq!(range.values.len(), 11);
        assert_eq!(range.text(range.values[1]), "5%");
        assert_eq!(Range::read("minimum_vcpus=1..8:1").unwrap().values.len(), 8);
        assert_eq!(Range::read("discounts.ec2=0..0.1:0.05").unwrap().values.len(), 3);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for typed in [
            "headroom",
            "headroom=1",
            "headroom=0..1",
            "headroom=50%..0%:5%",
            "headroom=0%..50%:0%",
            "headroom=0%..50%:0.001%",
            "region=a..b:1",
        ] {
            assert!(Range::read(typed).is_err(), "{typed}");
        }
        assert!(
            Range::read("hedroom=0..1:1")
                .unwrap_err()
                .to_string()
                .contains("`headroom`")
        );
    }
}
