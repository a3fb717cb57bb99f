//! Bound and flexible plans together: what each thing should be bound to, and what the plan over all adds.

use super::apply::{Commitments, cost};
use super::curve::Fleet;
use super::savings_plan::best_savings_plan;

/// Rounds of the search; each stops early when nothing improves.
const ROUNDS: usize = 12;
/// Bound levels up to which pairs of them are moved together at the end: more would take too long.
const PAIRS_UP_TO: usize = 6;
/// Steps of a line search; each leaves 0.618 of the interval.
const STEPS: usize = 44;

/// The mix that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// What to commit to.
    pub commitments: Commitments,
    /// What all hours cost then, dollars.
    pub cost_usd: f64,
}

/// Finds the mix of bound plans and one flexible plan that costs least.
///
/// The cost is jointly convex in all levels (in every hour AWS's order is the
/// cheapest use of what is committed to), so the search goes downhill along
/// each bound level, along the exact flexible level, and along exchanges of a
/// bound level for flexible dollars that cover the same use. Convex but not
/// smooth, it could stop short of the optimum where several levels would have
/// to move at once; so it starts from both ends, and with few bound levels it
/// then moves them singly and in pairs, the flexible level being exact at every
/// step. Tests hold that within 0.1 % of trying everything; with many bound
/// levels it is what a search downhill finds.
#[must_use]
pub fn best_mix(fleet: &Fleet) -> Mix {
    let order = fleet.by_saving();
    let count = fleet.bound.len();
    let none = Commitments {
        bound_uses: vec![0.0; count],
        flexible_usd_per_hour: 0.0,
    };
    let mut bound_first = none.clone();
    for sku in 0..count {
        along_bound(fleet, &order, &mut bound_first, sku);
    }
    let mut flexible_first = none;
    flexible_first.flexible_usd_per_hour = best_savings_plan(fleet, &[]).usd_per_hour;
    let mut best: Option<Mix> = None;
    for start in [bound_first, flexible_first] {
        let found = downhill(fleet, &order, start);
        if best.as_ref().is_none_or(|known| found.cost_usd < known.cost_usd) {
            best = Some(found);
        }
    }
    let best = best.unwrap_or(Mix {
        commitments: Commitments::default(),
        cost_usd: 0.0,
    });
    if count <= PAIRS_UP_TO {
        together(fleet, best)
    } else {
        best
    }
}

/// Moves bound levels singly and in pairs, with the exact flexible level at every step, until nothing improves.
fn together(fleet: &Fleet, mut best: Mix) -> Mix {
    let bound: Vec<usize> = (0..fleet.bound.len())
        .filter(|&sku| fleet.bound[sku].is_some_and(|rate| rate < 1.0))
        .collect();
    let mut moves: Vec<Vec<(usize, f64)>> = bound.iter().map(|&sku| vec![(sku, 1.0)]).collect();
    for (at, &one) in bound.iter().enumerate() {
        for &other in &bound[at + 1..] {
            moves.push(vec![(one, 1.0), (other, 1.0)]);
            moves.push(vec![(one, 1.0), (other, -1.0)]);
            if let (Some(here), Some(there)) = (fleet.flexible[one], fleet.flexible[other])
                && here > 0.0
                && there > 0.0
            {
                // What takes as many dollars of the flexible plan.
                moves.push(vec![(one, 1.0), (other, -here / there)]);
            }
        }
    }
    for _ in 0..ROUNDS {
        let before = best.cost_usd;
        for one in &moves {
            along_move(fleet, one, &mut best);
        }
        if before - best.cost_usd <= before.abs() * 1e-9 {
            break;
        }
    }
    best
}

/// Moves bound levels along a direction to where all costs least.
fn along_move(fleet: &Fleet, direction: &[(usize, f64)], best: &mut Mix) {
    let start = best.commitments.bound_uses.clone();
    // How far it can go back and forth before a level is below zero or above all use.
    let (mut from, mut to) = (f64::NEG_INFINITY, f64::INFINITY);
    for &(sku, by) in direction {
        let (down, up) = (-start[sku] / by, (fleet.highest(sku).max(start[sku]) - start[sku]) / by);
        from = from.max(down.min(up));
        to = to.min(down.max(up));
    }
    if from >= to {
        return;
    }
    let at = |step: f64| {
        let mut levels = start.clone();
        for &(sku, by) in direction {
            levels[sku] = (levels[sku] + by * step).max(0.0);
        }
        levels
    };
    let step = lowest(from, to, 0.0, &mut |step| best_savings_plan(fleet, &at(step)).cost_usd);
    let levels = at(step);
    let flexible = best_savings_plan(fleet, &levels);
    if flexible.cost_usd < best.cost_usd {
        *best = Mix {
            commitments: Commitments {
                bound_uses: levels,
                flexible_usd_per_hour: flexible.usd_per_hour,
            },
            cost_usd: flexible.cost_usd,
        };
    }
}

fn downhill(fleet: &Fleet, order: &[(usize, f64)], mut at: Commitments) -> Mix {
    let mut known = cost(fleet, order, &at);
    for _ in 0..ROUNDS {
        let before = known;
        at.flexible_usd_per_hour = best_savings_plan(fleet, &at.bound_uses).usd_per_hour;
        for sku in 0..fleet.bound.len() {
            along_bound(fleet, order, &mut at, sku);
            along_exchange(fleet, order, &mut at, sku);
        }
        known = cost(fleet, order, &at);
        if before - known <= before.abs() * 1e-9 {
            break;
        }
    }
    Mix {
        commitments: at,
        cost_usd: known,
    }
}

/// Moves one bound level to where the cost is least, all else as it is.
fn along_bound(fleet: &Fleet, order: &[(usize, f64)], at: &mut Commitments, sku: usize) {
    if fleet.bound[sku].is_none_or(|rate| rate >= 1.0) {
        return;
    }
    let present = at.bound_uses[sku];
    let mut trial = at.clone();
    let mut price = |level: f64| {
        trial.bound_uses[sku] = level;
        cost(fleet, order, &trial)
    };
    let level = lowest(0.0, fleet.highest(sku), present, &mut price);
    at.bound_uses[sku] = level;
}

/// Exchanges one bound level for flexible dollars that cover the same use, as far as it pays.
fn along_exchange(fleet: &Fleet, order: &[(usize, f64)], at: &mut Commitments, sku: usize) {
    let (Some(bound), Some(flexible)) = (fleet.bound[sku], fleet.flexible[sku]) else {
        return;
    };
    if bound >= 1.0 || flexible >= 1.0 {
        return;
    }
    let (present, dollars) = (at.bound_uses[sku], at.flexible_usd_per_hour);
    let dollars_at = |level: f64| (dollars + (present - level) * flexible).max(0.0);
    let highest = if flexible > 0.0 {
        (present + dollars / flexible).min(fleet.highest(sku))
    } else {
        present
    };
    let mut trial = at.clone();
    let mut price = |level: f64| {
        trial.bound_uses[sku] = level;
        trial.flexible_usd_per_hour = dollars_at(level);
        cost(fleet, order, &trial)
    };
    let level = lowest(0.0, highest.max(present), present, &mut price);
    at.bound_uses[sku] = level;
    at.flexible_usd_per_hour = dollars_at(level);
}

/// Gives where a convex function is least between two points; the present point where nothing is better.
fn lowest(from: f64, to: f64, present: f64, price: &mut dyn FnMut(f64) -> f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_895;
    let (mut low, mut high) = (from, to);
    let (mut left, mut right) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut at_left, mut at_right) = (price(left), price(right));
    for _ in 0..STEPS {
        if at_left <= at_right {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - RATIO * (high - low);
            at_left = price(left);
        } else {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + RATIO * (high - low);
            at_right = price(right);
        }
    }
    let mut best = (price(present), present);
    for level in [from, to, low, high] {
        let here = price(level);
        if here < best.0 {
            best = (here, level);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::curve::Sku;
    use super::*;
    use proptest::prelude::*;

    fn fleet(curves: &[(Vec<u32>, u32, u32)]) -> Fleet {
        let hours = curves.iter().map(|(uses, _, _)| uses.len()).min().unwrap_or(0);
        let skus: Vec<Sku> = curves
            .iter()
            .enumerate()
            .map(|(number, (uses, bound, flexible))| Sku {
                name: number.to_string(),
                uses: uses.iter().take(hours).map(|one| f64::from(*one)).collect(),
                bound_rate: Some(f64::from(*bound) / 100.0),
                flexible_rate: Some(f64::from(*flexible) / 100.0),
            })
            .collect();
        Fleet::new(&skus).unwrap()
    }

    /// Tries every pair of bound levels in halves, each with the exact flexible level.
    fn by_trying(fleet: &Fleet) -> f64 {
        let mut best = f64::INFINITY;
        for first in 0..=12 {
            for second in 0..=12 {
                let bound = [f64::from(first) / 2.0, f64::from(second) / 2.0];
                best = best.min(best_savings_plan(fleet, &bound[..fleet.bound.len()]).cost_usd);
                if fleet.bound.len() == 1 {
                    break;
                }
            }
        }
        best
    }

    #[test]
    fn what_moves_about_gets_the_flexible_plan_and_what_stands_still_the_bound_one() {
        // Two families that share ten dollars of work between them, and one that stands still.
        let day: Vec<u32> = (0..24).map(|hour| if hour < 12 { 6 } else { 0 }).collect();
        let night: Vec<u32> = day.iter().map(|used| 6 - used).collect();
        let mix = best_mix(&fleet(&[(day, 60, 70), (night, 60, 70), (vec![5; 24], 60, 70)]));
        assert!(mix.commitments.bound_uses[0] < 1e-6 && mix.commitments.bound_uses[1] < 1e-6);
        assert!((mix.commitments.bound_uses[2] - 5.0).abs() < 1e-6, "{mix:?}");
        assert!((mix.commitments.flexible_usd_per_hour - 6.0 * 0.7).abs() < 1e-6);
        assert!((mix.cost_usd - 24.0 * (5.0 * 0.6 + 6.0 * 0.7)).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn it_is_within_a_thousandth_of_trying_everything(
            curves in prop::collection::vec((prop::collection::vec(0_u32..=6, 6..10), 30_u32..80, 30_u32..95), 1..=2),
        ) {
            let fleet = fleet(&curves);
            let (found, tried) = (best_mix(&fleet).cost_usd, by_trying(&fleet));
            prop_assert!(found <= tried * 1.001 + 1e-9, "{found} against {tried}");
        }
    }
}
