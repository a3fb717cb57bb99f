//! Bound and flexible plans together: what each thing should be bound to, and what the plan over all adds.

use super::apply::{Commitments, cost, cost_and_slope};
use super::curve::Fleet;
use super::savings_plan::best_savings_plan;
use super::shrink::least;

/// Hours on which the search begins; more are merged first.
const FEW_HOURS: usize = 256;
/// How near to the least cost the search gets on few hours, as a share of it.
const WITHIN: f64 = 1e-5;
/// Steps for each unknown times unknown after which it gives up on that: three times what is usual.
const STEPS_PER_SQUARE: usize = 60;
/// Rounds of walking downhill at the end; each stops early when little improves.
const ROUNDS: usize = 4;
/// What little is, as a share of the cost.
const LITTLE: f64 = 2e-5;
/// How far around a level the first round looks, as a share of its highest.
const AROUND: f64 = 0.1;
/// Steps of a line search; each leaves 0.618 of the interval.
const STEPS: usize = 8;

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
/// cheapest use of what is committed to), but not smooth. An ellipsoid shrinks
/// around the optimum until its bound says that no mix costs less but for a
/// hundred-thousandth; so many hours are merged into few for that, and the
/// levels are then walked downhill on all hours.
#[must_use]
pub fn best_mix(fleet: &Fleet) -> Mix {
    let flexible = best_savings_plan(fleet, &[]).usd_per_hour;
    let highest = highest(fleet);
    let skus: Vec<usize> = (0..highest.len()).filter(|&sku| highest[sku] > 0.0).collect();
    let mut start = Commitments {
        bound_uses: vec![0.0; highest.len()],
        flexible_usd_per_hour: flexible,
    };
    let order = fleet.by_saving();
    if skus.is_empty() {
        return priced(fleet, &order, start);
    }
    if flexible <= 0.0 {
        // Bound plans do not touch each other.
        start.bound_uses = highest;
        return priced(fleet, &order, start);
    }
    let few = fleet.merged(FEW_HOURS);
    let search = Search {
        fleet: &few,
        order: &order,
        skus: &skus,
        highest: &highest,
        flexible,
    };
    let (found, _) = search.run(start);
    let search = Search { fleet, ..search };
    search.plain(search.downhill(found))
}

/// Gives what each thing would be bound to if nothing else were bought: with a flexible plan beside it it is never more.
///
/// A unit that is bound saves at most a dollar in each hour that uses it, and
/// less where the flexible plan covers it already. Where the flexible plan is
/// as cheap nothing is bound: its dollars cover the same and may cover other use.
fn highest(fleet: &Fleet) -> Vec<f64> {
    let rates = fleet.bound.iter().zip(&fleet.flexible).enumerate();
    rates
        .map(|(sku, (bound, flexible))| match bound {
            Some(rate) if flexible.is_none_or(|flexible| *rate < flexible) => fleet.level_alone(sku, *rate),
            _ => 0.0,
        })
        .collect()
}

fn priced(fleet: &Fleet, order: &[(usize, f64)], commitments: Commitments) -> Mix {
    Mix {
        cost_usd: cost(fleet, order, &commitments),
        commitments,
    }
}

/// A search for the levels that cost least.
struct Search<'f> {
    fleet: &'f Fleet,
    order: &'f [(usize, f64)],
    /// What is worth binding.
    skus: &'f [usize],
    /// By SKU.
    highest: &'f [f64],
    flexible: f64,
}

impl Search<'_> {
    /// Shrinks an ellipsoid around the levels that cost least; gives them, and a cost below which no levels are.
    fn run(&self, start: Commitments) -> (Commitments, f64) {
        let count = self.skus.len() + 1;
        let highest: Vec<f64> = self
            .skus
            .iter()
            .map(|&sku| self.highest[sku])
            .chain([self.flexible])
            .collect();
        let cost = cost(self.fleet, self.order, &start);
        let from: Vec<f64> = self.levels(&start);
        let mut at = start;
        let mut whole = vec![0.0; at.bound_uses.len() + 1];
        let mut price = |levels: &[f64], slope: &mut [f64]| {
            self.set(&mut at, levels);
            let cost = cost_and_slope(self.fleet, self.order, &at, &mut whole);
            for (slope, &sku) in slope.iter_mut().zip(self.skus) {
                *slope = whole[sku];
            }
            slope[count - 1] = whole[whole.len() - 1];
            cost
        };
        let found = least(
            &highest,
            (from, cost),
            WITHIN,
            STEPS_PER_SQUARE * count * count,
            &mut price,
        );
        self.set(&mut at, &found.at);
        (at, found.at_least)
    }

    fn levels(&self, at: &Commitments) -> Vec<f64> {
        let bound = self.skus.iter().map(|&sku| at.bound_uses[sku]);
        bound.chain([at.flexible_usd_per_hour]).collect()
    }

    fn set(&self, at: &mut Commitments, levels: &[f64]) {
        for (&sku, level) in self.skus.iter().zip(levels) {
            at.bound_uses[sku] = *level;
        }
        at.flexible_usd_per_hour = levels[self.skus.len()];
    }

    /// Walks downhill along each level, and along exchanges of one for flexible dollars that cover the same use.
    fn downhill(&self, mut at: Commitments) -> Mix {
        at.flexible_usd_per_hour = best_savings_plan(self.fleet, &at.bound_uses).usd_per_hour;
        let mut known = cost(self.fleet, self.order, &at);
        let mut around = AROUND;
        for _ in 0..ROUNDS {
            let before = known;
            for &sku in self.skus {
                for dollars_for_a_unit in [0.0, self.fleet.flexible[sku].unwrap_or(0.0)] {
                    known = self.along(&mut at, sku, dollars_for_a_unit, around, known);
                }
            }
            at.flexible_usd_per_hour = best_savings_plan(self.fleet, &at.bound_uses).usd_per_hour;
            known = known.min(cost(self.fleet, self.order, &at));
            if before - known <= before.abs() * LITTLE {
                break;
            }
            around /= 2.0;
        }
        priced(self.fleet, self.order, at)
    }

    /// Leaves out what hardly matters, and covers as a whole what is covered nearly so.
    fn plain(&self, mut mix: Mix) -> Mix {
        let most = mix.cost_usd * (1.0 + LITTLE / 10.0);
        for place in 0..=self.skus.len() {
            let mut levels = self.levels(&mix.commitments);
            let ends = [0.0, self.skus.get(place).map_or(0.0, |&sku| self.highest[sku])];
            for end in ends {
                levels[place] = end;
                let mut trial = mix.commitments.clone();
                self.set(&mut trial, &levels);
                let trial = priced(self.fleet, self.order, trial);
                if trial.cost_usd <= most {
                    mix = trial;
                    break;
                }
            }
        }
        mix
    }

    /// Moves one bound level, with so many flexible dollars less for each unit more, to where the cost is least.
    fn along(&self, at: &mut Commitments, sku: usize, dollars_for_a_unit: f64, around: f64, known: f64) -> f64 {
        let (present, dollars) = (at.bound_uses[sku], at.flexible_usd_per_hour);
        let dollars_at = |level: f64| (dollars + (present - level) * dollars_for_a_unit).max(0.0);
        let width = around * self.highest[sku];
        let mut high = (present + width).min(self.highest[sku]);
        if dollars_for_a_unit > 0.0 {
            high = high.min(present + dollars / dollars_for_a_unit);
        }
        let mut trial = at.clone();
        let mut price = |level: f64| {
            trial.bound_uses[sku] = level;
            trial.flexible_usd_per_hour = dollars_at(level);
            cost(self.fleet, self.order, &trial)
        };
        let (cost, level) = lowest(
            (present - width).max(0.0),
            high.max(present),
            (known, present),
            &mut price,
        );
        at.bound_uses[sku] = level;
        at.flexible_usd_per_hour = dollars_at(level);
        cost
    }
}

/// Gives the least cost of a convex function between two points and where it is; the present point where nothing is better.
fn lowest(from: f64, to: f64, present: (f64, f64), price: &mut dyn FnMut(f64) -> f64) -> (f64, f64) {
    const RATIO: f64 = 0.618_033_988_749_895;
    let (mut low, mut high) = (from, to);
    let (mut left, mut right) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut at_left, mut at_right) = (price(left), price(right));
    let mut best = present;
    for step in 0..STEPS {
        for here in [(at_left, left), (at_right, right)] {
            if here.0 < best.0 {
                best = here;
            }
        }
        if step + 1 == STEPS {
            break;
        }
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
    for end in [from, to] {
        let here = price(end);
        if here < best.0 {
            best = (here, end);
        }
    }
    best
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn over_many_hours_it_is_within_a_thousandth_of_what_no_mix_is_below(
            families in prop::collection::vec((30_u32..80, 5_u32..25, 0.0_f64..9.0, 0.0_f64..6.0), 1..=6),
            seed in any::<u64>(),
            noise in 0.0_f64..0.6,
        ) {
            let mut state = seed;
            let mut random = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f64 / (1_u64 << 24) as f64
            };
            let skus: Vec<Sku> = families
                .iter()
                .map(|(bound, more, amplitude, phase)| Sku {
                    name: String::new(),
                    uses: (0..1_000)
                        .map(|hour| {
                            let day = (f64::from(hour % 24) / 24.0 * std::f64::consts::TAU + phase).sin();
                            (10.0 + amplitude * day) * (1.0 + noise * (random() - 0.5))
                        })
                        .collect(),
                    bound_rate: Some(f64::from(*bound) / 100.0),
                    flexible_rate: Some(f64::from(bound + more).min(95.0) / 100.0),
                })
                .collect();
            let fleet = Fleet::new(&skus).unwrap();
            let found = best_mix(&fleet);
            let (order, highest) = (fleet.by_saving(), highest(&fleet));
            let all: Vec<usize> = (0..highest.len()).filter(|&sku| highest[sku] > 0.0).collect();
            let flexible = best_savings_plan(&fleet, &[]).usd_per_hour;
            prop_assume!(!all.is_empty() && flexible > 0.0);
            let whole = Search { fleet: &fleet, order: &order, skus: &all, highest: &highest, flexible };
            let (_, least) = whole.run(found.commitments.clone());
            prop_assert!(found.cost_usd <= least * 1.001, "{} against {least}", found.cost_usd);
            prop_assert!(least > 0.0);
        }
    }
}
