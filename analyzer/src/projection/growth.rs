//! How many times today's cost a month's is, by what people assume of demand.

use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use crate::growth::{Case, factor};
use crate::plan::Plan;
use crate::plan::bought::Bought;

/// Decimals of a factor: a bill of a million is right to the dollar.
const DECIMALS: u32 = 6;

/// Gives the first day of a month of a projection, counted from 0.
pub(super) fn day(start: Date, month: u32) -> Date {
    start.checked_add(i64::from(month).months()).unwrap_or(Date::MAX)
}

/// Factors of a phase's rows, weighted by their cost.
pub(super) struct Growing<'a> {
    plan: &'a Plan,
    rows: &'a [Bought<'a>],
}

impl<'a> Growing<'a> {
    pub(super) fn of(plan: &'a Plan, rows: &'a [Bought<'a>]) -> Self {
        Self { plan, rows }
    }

    /// Gives how many times today's the compute of a month costs.
    ///
    /// A host's size stays while it carries the demand. Beyond, its cost follows demand: over the whole catalog price
    /// is near proportional to capacity. Below half of what it carries, the next smaller size does, and so on.
    pub(super) fn compute(&self, month: u32, case: Case) -> Decimal {
        self.weighted(
            |row| row.compute.map(|cost| cost.approximately()),
            |row| {
                let use_of_size = self.factor(row, month, case) / row.room.max(1.0);
                if use_of_size >= 0.5 {
                    use_of_size.max(1.0)
                } else {
                    2.0 * use_of_size
                }
            },
        )
    }

    /// Gives how many times today's the storage of a month costs: data grows evenly.
    pub(super) fn storage(&self, month: u32, case: Case) -> Decimal {
        self.weighted(
            |row| row.storage.map(|cost| cost.approximately()),
            |row| self.factor(row, month, case).max(1.0),
        )
    }

    /// Gives how many times today's the demand of a month is.
    pub(super) fn demand(&self, month: u32, case: Case) -> Decimal {
        self.weighted(
            |row| row.compute.map(|cost| cost.approximately()),
            |row| self.factor(row, month, case),
        )
    }

    fn factor(&self, row: &Bought<'_>, month: u32, case: Case) -> f64 {
        let today = self.plan.planned_on;
        let start = self.plan.assessment.transition.start.unwrap_or(today);
        factor(
            &self.plan.assessment.growth,
            &row.names(),
            today,
            day(start, month),
            case,
        )
    }

    fn weighted(&self, weight: impl Fn(&Bought<'_>) -> Option<f64>, times: impl Fn(&Bought<'_>) -> f64) -> Decimal {
        let (mut sum, mut all) = (0.0, 0.0);
        for row in self.rows {
            let weight = weight(row).unwrap_or(0.0);
            sum += weight * times(row);
            all += weight;
        }
        let mean = if all > 0.0 { sum / all } else { 1.0 };
        Decimal::from_f64(mean).unwrap_or(Decimal::ONE).round_dp(DECIMALS)
    }
}
