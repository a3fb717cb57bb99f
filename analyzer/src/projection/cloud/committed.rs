//! What commitments cost in a month, and what of the use stays on demand beside them.
//!
//! A term is bought once the last host has moved, and anew when it ends, to fit
//! what is used then. Use is taken as the same in all hours, as the strategies
//! are that `project` chooses from: what is covered is then the lower of use
//! and level.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::super::growth::Growing;
use super::super::{ProjectedCost, ProjectionLine};
use crate::growth::Case;
use crate::money::{HOURS_PER_MONTH, Usd};
use crate::plan::commitments::{FamilyTerms, Strategy};

/// Decimals of a share of the plan.
const DECIMALS: u32 = 6;
/// Months of the two terms that AWS sells.
const YEAR: u32 = 12;
const THREE_YEARS: u32 = 36;

/// A month of a way.
pub(super) struct At<'a> {
    pub(super) month: u32,
    /// The month in which commitments are bought first.
    pub(super) starts: u32,
    pub(super) growing: &'a Growing<'a>,
    pub(super) case: Case,
}

impl At<'_> {
    /// Gives the month in which what runs now was bought, for terms of so many months, and use then as a multiple of today's.
    fn bought(&self, term: u32) -> (u32, Decimal) {
        let month = self.starts + (self.month - self.starts) / term * term;
        (month, self.growing.compute(month, self.case))
    }

    fn line(&self, item: &str, covers: &str, usd_per_hour: Decimal, (month, fit): (u32, Decimal)) -> ProjectionLine {
        ProjectionLine::new(
            self.month + 1,
            ProjectedCost::Commitment,
            format!("{item} for {covers}"),
            (Decimal::from(HOURS_PER_MONTH), "hour"),
            // As AWS takes it: a tenth of a cent an hour.
            Some(Usd::from_decimal(usd_per_hour.round_dp(3))),
            format!("plan: commitments, {fit} times, bought in month {}", month + 1),
        )
    }
}

/// Adds what a strategy costs in a month, what it leaves on demand included.
pub(super) fn lines(lines: &mut Vec<ProjectionLine>, strategy: &Strategy, at: &At<'_>) {
    let times = at.growing.compute(at.month, at.case);
    let open = if strategy.terms.is_empty() {
        let bought = at.bought(strategy.years * YEAR);
        for line in &strategy.lines {
            let usd_per_hour = line.usd_per_hour.as_decimal() * bought.1;
            lines.push(at.line(&line.item, &line.covers, usd_per_hour, bought));
        }
        let coverage = Decimal::from_f64(strategy.coverage)
            .unwrap_or_default()
            .round_dp(DECIMALS);
        times - coverage * bought.1
    } else {
        let used: Decimal = strategy
            .terms
            .iter()
            .map(|one| one.used_usd_per_hour.as_decimal())
            .sum();
        let open: Decimal = strategy.terms.iter().map(|one| of_family(lines, one, times, at)).sum();
        open.checked_div(used).unwrap_or_default()
    };
    let open = open.max(Decimal::ZERO).round_dp(DECIMALS);
    if open > Decimal::ZERO {
        lines.push(ProjectionLine::new(
            at.month + 1,
            ProjectedCost::Compute,
            format!("{} beyond commitments, on demand, of today's", strategy.scope),
            (open, "plan-month"),
            Some(Usd::from_decimal(strategy.used_usd_per_month.as_decimal())),
            "plan: compute_usd_per_month of its rows",
        ));
    }
}

/// Adds what a family is bought for under two terms; gives its use an hour that neither covers.
fn of_family(lines: &mut Vec<ProjectionLine>, family: &FamilyTerms, times: Decimal, at: &At<'_>) -> Decimal {
    let mut covered = Decimal::ZERO;
    for (term, months) in [(&family.long, THREE_YEARS), (&family.short, YEAR)] {
        let Some(term) = term else { continue };
        let bought = at.bought(months);
        // What is bought for longer is there already.
        let level = term.up_to_usd_per_hour.as_decimal() * bought.1 - covered;
        if level <= Decimal::ZERO {
            continue;
        }
        covered += level;
        let line = at.line(&term.item, &family.covers, level * term.rate, bought);
        if line.unit_price.is_some_and(|price| price > Usd::ZERO) {
            lines.push(line);
        }
    }
    (family.used_usd_per_hour.as_decimal() * times - covered).max(Decimal::ZERO)
}
