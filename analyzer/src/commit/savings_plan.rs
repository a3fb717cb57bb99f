//! One savings plan over several things: its exact level by convex breakpoints.

use super::curve::Fleet;

/// The best level of a plan that covers several things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanLevel {
    /// Dollars to commit to an hour, at the plan's rates.
    pub usd_per_hour: f64,
    /// What all hours cost then, on demand included, dollars.
    pub cost_usd: f64,
}

/// Gives the commitment of a flexible plan that costs least.
///
/// In an hour the plan's C dollars cover the use with the highest saving first;
/// a further dollar then saves 1 / r of what it covers next. So the cost of an
/// hour is convex and piecewise linear in C, with breakpoints where one thing's
/// use is covered and the next begins, and so is the sum over all hours. Sorted
/// by C, the breakpoints are walked until a further dollar saves less than it
/// costs: exact, in n log n of things times hours. `bound_uses` is what other
/// plans cover already, by SKU, and may be empty.
#[must_use]
pub fn best_savings_plan(fleet: &Fleet, bound_uses: &[f64]) -> PlanLevel {
    let order = fleet.by_saving();
    let open = |uses: &[f64], sku: usize| (uses[sku] - bound_uses.get(sku).copied().unwrap_or(0.0)).max(0.0);
    // (level at which the saving changes, by how much a further dollar saves less from there on)
    let mut breaks: Vec<(f64, f64)> = Vec::with_capacity(fleet.hours.len() * order.len());
    let mut saved_by_a_dollar = 0.0;
    for (uses, weight) in fleet.hours.iter().zip(&fleet.weights) {
        let (mut level, mut at_present) = (0.0, None::<f64>);
        for &(sku, rate) in &order {
            let use_here = open(uses, sku);
            if use_here <= 0.0 || rate <= 0.0 {
                continue;
            }
            match at_present {
                None => saved_by_a_dollar += weight / rate,
                Some(before) => breaks.push((level, weight * (before - 1.0 / rate))),
            }
            level += use_here * rate;
            at_present = Some(1.0 / rate);
        }
        if let Some(before) = at_present {
            breaks.push((level, weight * before));
        }
    }
    breaks.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let paid_for_a_dollar = fleet.total_hours;
    let tolerance = paid_for_a_dollar * 1e-12;
    let mut level = 0.0;
    for (at, less) in breaks {
        if saved_by_a_dollar <= paid_for_a_dollar + tolerance {
            break;
        }
        level = at;
        saved_by_a_dollar -= less;
    }
    let mut bound: Vec<f64> = bound_uses.to_vec();
    bound.resize(fleet.bound.len(), 0.0);
    let cost_usd = super::apply::cost(
        fleet,
        &order,
        &super::apply::Commitments {
            bound_uses: bound,
            flexible_usd_per_hour: level,
        },
    );
    PlanLevel {
        usd_per_hour: level,
        cost_usd,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::apply::{Commitments, cost};
    use super::super::curve::Sku;
    use super::super::level::{cost_at, optimum};
    use super::*;
    use proptest::prelude::*;

    fn fleet(curves: Vec<(Vec<u32>, u32)>) -> Fleet {
        let hours = curves.iter().map(|(uses, _)| uses.len()).min().unwrap_or(0);
        let skus: Vec<Sku> = curves
            .into_iter()
            .enumerate()
            .map(|(number, (uses, hundredths))| Sku {
                name: number.to_string(),
                uses: uses.into_iter().take(hours).map(f64::from).collect(),
                bound_rate: None,
                flexible_rate: Some(f64::from(hundredths) / 100.0),
            })
            .collect();
        Fleet::new(&skus).unwrap()
    }

    proptest! {
        #[test]
        fn no_level_of_a_fine_grid_is_cheaper(
            curves in prop::collection::vec((prop::collection::vec(0_u32..9, 4..12), 20_u32..110), 1..4),
        ) {
            let fleet = fleet(curves);
            let best = best_savings_plan(&fleet, &[]);
            let order = fleet.by_saving();
            for step in 0..600 {
                let commitments = Commitments {
                    bound_uses: vec![0.0; fleet.bound.len()],
                    flexible_usd_per_hour: f64::from(step) / 20.0,
                };
                let other = cost(&fleet, &order, &commitments);
                prop_assert!(best.cost_usd <= other + 1e-9, "{step}: {} against {other}", best.cost_usd);
            }
        }

        #[test]
        fn over_one_thing_it_is_the_newsvendors_level(
            uses in prop::collection::vec(0_u32..30, 1..80),
            hundredths in 20_u32..100,
        ) {
            let rate = f64::from(hundredths) / 100.0;
            let curve: Vec<f64> = uses.iter().map(|one| f64::from(*one)).collect();
            let best = best_savings_plan(&fleet(vec![(uses, hundredths)]), &[]);
            let level = optimum(&curve, rate);
            prop_assert!((best.cost_usd - cost_at(&curve, rate, level)).abs() < 1e-6);
        }
    }
}
