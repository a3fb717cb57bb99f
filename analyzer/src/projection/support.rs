//! What AWS support plans cost: shares of the bill by tiers, with a least amount.

use rust_decimal::Decimal;

use crate::policy::SupportPlan;

/// Says where a plan's tiers are from and when that was read.
///
/// Developer: AWS's own price list of it. Business and Enterprise: AWS's page is
/// not kept in public text; two advisers each quote the same tiers in 2026. The
/// plans that AWS sells since 2025-12 under other names are not among them.
pub(super) const fn source(plan: SupportPlan) -> &'static str {
    match plan {
        SupportPlan::Basic => "AWS: Basic support is free",
        SupportPlan::Developer => {
            "AWS price list AWSDeveloperSupport of 2018-05, read 2026-11 (an estimate: AWS renamed its plans in 2025-12)"
        }
        SupportPlan::Business => {
            "tiers as thenegotiationexperts.com and awsnegotiations.com quote them, read 2026-11 (an estimate: AWS renamed its plans in 2025-12)"
        }
        SupportPlan::Enterprise => {
            "tiers as atonementlicensing.com and redresscompliance.com quote them, read 2026-11 (an estimate: AWS renamed its plans in 2025-12)"
        }
    }
}

/// A plan's least amount a month, and its tiers: percent of the bill above each amount.
fn tiers(plan: SupportPlan) -> (i64, &'static [(i64, i64)]) {
    match plan {
        SupportPlan::Basic => (0, &[]),
        SupportPlan::Developer => (29, &[(0, 3)]),
        SupportPlan::Business => (100, &[(0, 10), (10_000, 7), (80_000, 5), (250_000, 3)]),
        SupportPlan::Enterprise => (15_000, &[(0, 10), (150_000, 7), (500_000, 5), (1_000_000, 3)]),
    }
}

/// Gives the name of a plan.
pub(super) fn name(plan: SupportPlan) -> &'static str {
    match plan {
        SupportPlan::Basic => "Basic",
        SupportPlan::Developer => "Developer",
        SupportPlan::Business => "Business",
        SupportPlan::Enterprise => "Enterprise",
    }
}

/// Gives what a plan costs for a month's bill.
pub(super) fn support(plan: SupportPlan, bill: Decimal) -> Decimal {
    let (least, tiers) = tiers(plan);
    let mut sum = Decimal::ZERO;
    for (at, (above, percent)) in tiers.iter().enumerate() {
        let from = Decimal::from(*above);
        let until = tiers.get(at + 1).map(|(next, _)| Decimal::from(*next));
        let within = until.map_or(bill, |until| bill.min(until)) - from;
        if within > Decimal::ZERO {
            sum += within * Decimal::new(*percent, 2);
        }
    }
    sum.max(Decimal::from(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_add_up() {
        // 10 % of 10,000 + 7 % of 70,000 + 5 % of 10,000.
        let bill = Decimal::from(90_000);
        assert_eq!(support(SupportPlan::Business, bill), Decimal::from(1_000 + 4_900 + 500));
        assert_eq!(support(SupportPlan::Business, Decimal::from(500)), Decimal::from(100));
        assert_eq!(
            support(SupportPlan::Enterprise, Decimal::from(1_000)),
            Decimal::from(15_000)
        );
        assert_eq!(support(SupportPlan::Basic, bill), Decimal::ZERO);
    }
}
