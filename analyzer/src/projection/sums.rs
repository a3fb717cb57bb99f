//! Sums of a path: by month, in all, today's worth, and when it has paid for itself.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

use super::ProjectionLine;
use crate::money::Usd;

/// Sums of lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Each month, the first first.
    pub by_month: Vec<Usd>,
    /// All months.
    pub total: Usd,
    /// Lines whose price is not known: the sums then read "at least".
    pub unknown_lines: usize,
    /// What all months are worth today, dollars; each is discounted from its end.
    pub net_present_value: f64,
    /// The first month from which on it has, in all, cost no more than staying; absent where not within the months.
    pub payback_month: Option<u32>,
}

impl Sums {
    /// Sums lines over so many months.
    #[must_use]
    pub fn of(lines: &[ProjectionLine], months: u32, discount_percent_per_year: f64) -> Self {
        let mut by_month = vec![Decimal::ZERO; months as usize];
        let mut unknown_lines = 0;
        for line in lines {
            match (line.amount, by_month.get_mut(line.month.saturating_sub(1) as usize)) {
                (Some(amount), Some(sum)) => *sum += amount.as_decimal(),
                (None, _) => unknown_lines += 1,
                (Some(_), None) => {}
            }
        }
        let yearly = 1.0 + discount_percent_per_year / 100.0;
        let net_present_value = by_month
            .iter()
            .zip(1..)
            .map(|(sum, month)| sum.to_f64().unwrap_or(0.0) / yearly.powf(f64::from(month) / 12.0))
            .sum();
        Self {
            total: Usd::from_decimal(by_month.iter().sum()),
            by_month: by_month.into_iter().map(Usd::from_decimal).collect(),
            unknown_lines,
            net_present_value,
            payback_month: None,
        }
    }

    /// Gives what was paid until the end of each month.
    #[must_use]
    pub fn cumulative(&self) -> Vec<Usd> {
        self.by_month
            .iter()
            .scan(Usd::ZERO, |sum, month| {
                *sum = *sum + *month;
                Some(*sum)
            })
            .collect()
    }

    /// Finds the month from which on this has cost no more than staying, until the end.
    pub(super) fn pay_back(&mut self, staying: &Self) {
        let pairs: Vec<bool> = self
            .cumulative()
            .iter()
            .zip(staying.cumulative())
            .map(|(own, theirs)| *own <= theirs)
            .collect();
        let last_dearer = pairs.iter().rposition(|cheaper| !cheaper);
        let first = last_dearer.map_or(0, |at| at + 1);
        self.payback_month = (first < pairs.len()).then(|| first as u32 + 1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::ProjectedCost;
    use super::*;

    fn sums(amounts: &[i64], discount: f64) -> Sums {
        let lines: Vec<ProjectionLine> = amounts
            .iter()
            .zip(1..)
            .map(|(amount, month)| {
                let price = Some(Usd::from_decimal(Decimal::from(*amount)));
                ProjectionLine::new(
                    month,
                    ProjectedCost::Compute,
                    "x",
                    (Decimal::ONE, "month"),
                    price,
                    "test",
                )
            })
            .collect();
        Sums::of(&lines, amounts.len() as u32, discount)
    }

    #[test]
    fn moving_pays_from_the_month_in_which_the_sums_meet() {
        let staying = sums(&[100; 6], 0.0);
        // 300, 350, 400, 450 against 100, 200, 300, 400, 500: cheaper in all from the fifth month on.
        let mut moving = sums(&[300, 50, 50, 50, 50, 50], 0.0);
        moving.pay_back(&staying);
        assert_eq!(moving.payback_month, Some(5));
        let mut never = sums(&[101; 6], 0.0);
        never.pay_back(&staying);
        assert_eq!(never.payback_month, None);
        let mut at_once = sums(&[100; 6], 0.0);
        at_once.pay_back(&staying);
        assert_eq!(at_once.payback_month, Some(1));
    }

    #[test]
    fn a_dollar_in_a_year_is_worth_less() {
        let mut amounts = [0; 12];
        amounts[11] = 110;
        assert!((sums(&amounts, 10.0).net_present_value - 100.0).abs() < 1e-9);
        assert_eq!(sums(&amounts, 0.0).net_present_value, 110.0);
    }
}
