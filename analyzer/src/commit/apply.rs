//! What commitments do hour by hour, in the order in which AWS applies them.
//!
//! First what is bound to one family (reserved instances, then EC2 instance
//! savings plans), then the savings plan that covers all, on the highest saving
//! first (AWS, "How Savings Plans apply to your usage"). What is left is on
//! demand. A committed dollar that finds no use in an hour is paid all the same.

use super::curve::Fleet;

/// What is committed to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commitments {
    /// By SKU: use that a bound plan covers in each hour, on-demand dollars.
    pub bound_uses: Vec<f64>,
    /// Dollars an hour of the flexible plan, at its own rates.
    pub flexible_usd_per_hour: f64,
}

/// What became of commitments over all hours, in dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Applied {
    /// Paid for commitments, used or not.
    pub committed_usd: f64,
    /// Paid of that for hours in which nothing used it.
    pub unused_usd: f64,
    /// Paid on demand.
    pub on_demand_usd: f64,
    /// Use that commitments covered, on-demand dollars.
    pub covered_usd: f64,
    /// All use, on-demand dollars.
    pub used_usd: f64,
}

impl Applied {
    /// Gives what is paid in all.
    #[must_use]
    pub fn cost_usd(&self) -> f64 {
        self.committed_usd + self.on_demand_usd
    }

    /// Gives the share of use that commitments cover, 0 to 1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        ratio(self.covered_usd, self.used_usd)
    }

    /// Gives the share of the commitment that is used, 0 to 1; 1 where nothing is committed.
    #[must_use]
    pub fn utilisation(&self) -> f64 {
        1.0 - ratio(self.unused_usd, self.committed_usd)
    }

    /// Gives what is saved against on demand, as a share.
    #[must_use]
    pub fn saving(&self) -> f64 {
        if self.used_usd > 0.0 {
            1.0 - self.cost_usd() / self.used_usd
        } else {
            0.0
        }
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Applies commitments to the use of every hour, times `growth`.
#[must_use]
pub fn apply(fleet: &Fleet, commitments: &Commitments, growth: f64) -> Applied {
    let order = fleet.by_saving();
    let mut sum = Applied::default();
    for (uses, weight) in fleet.hours.iter().zip(&fleet.weights) {
        sum.add_hour(fleet, commitments, &order, uses, growth, *weight);
    }
    sum
}

impl Applied {
    fn add_hour(
        &mut self,
        fleet: &Fleet,
        commitments: &Commitments,
        order: &[(usize, f64)],
        uses: &[f64],
        growth: f64,
        weight: f64,
    ) {
        let bound = |sku: usize| commitments.bound_uses.get(sku).copied().unwrap_or(0.0);
        for (sku, used) in uses.iter().enumerate() {
            let (used, level) = (used * growth, bound(sku));
            let rate = fleet.bound[sku].unwrap_or(1.0);
            self.used_usd += weight * used;
            self.committed_usd += weight * rate * level;
            self.unused_usd += weight * rate * (level - used).max(0.0);
            self.covered_usd += weight * used.min(level);
        }
        let mut left = commitments.flexible_usd_per_hour;
        self.committed_usd += weight * left;
        let mut covered = 0.0;
        for &(sku, rate) in order {
            let open = (uses[sku] * growth - bound(sku)).max(0.0);
            let taken = (open * rate).min(left);
            left -= taken;
            if rate > 0.0 {
                covered += taken / rate;
            }
            if left <= 0.0 {
                break;
            }
        }
        self.unused_usd += weight * left;
        self.covered_usd += weight * covered;
        let open: f64 = uses
            .iter()
            .enumerate()
            .map(|(sku, used)| (used * growth - bound(sku)).max(0.0))
            .sum();
        self.on_demand_usd += weight * (open - covered).max(0.0);
    }
}

/// Gives what is paid for each SKU over all hours; together it is all that is paid.
///
/// Flexible dollars that no use takes are shared by what each SKU takes of them,
/// or by use where none takes any.
#[must_use]
pub fn paid_by_sku(fleet: &Fleet, commitments: &Commitments) -> Vec<f64> {
    let order = fleet.by_saving();
    let count = fleet.bound.len();
    let (mut paid, mut taken, mut used) = (vec![0.0; count], vec![0.0; count], vec![0.0; count]);
    let bound = |sku: usize| commitments.bound_uses.get(sku).copied().unwrap_or(0.0);
    let mut unused = 0.0;
    for (uses, weight) in fleet.hours.iter().zip(&fleet.weights) {
        for (sku, here) in uses.iter().enumerate() {
            used[sku] += weight * here;
            paid[sku] += weight * (fleet.bound[sku].unwrap_or(1.0) * bound(sku) + (here - bound(sku)).max(0.0));
        }
        let mut left = commitments.flexible_usd_per_hour;
        for &(sku, rate) in order.iter().filter(|(_, rate)| *rate > 0.0) {
            let dollars = ((uses[sku] - bound(sku)).max(0.0) * rate).min(left);
            left -= dollars;
            taken[sku] += weight * dollars;
            paid[sku] += weight * (dollars - dollars / rate);
        }
        unused += weight * left;
    }
    let by = if taken.iter().sum::<f64>() > 0.0 { taken } else { used };
    let whole: f64 = by.iter().sum();
    for (paid, share) in paid.iter_mut().zip(by) {
        *paid += if whole > 0.0 { unused * share / whole } else { 0.0 };
    }
    paid
}

/// Gives what is paid in all, times nothing else: the inside of every search.
pub(super) fn cost(fleet: &Fleet, order: &[(usize, f64)], commitments: &Commitments) -> f64 {
    let bound = &commitments.bound_uses;
    let fixed: f64 = bound
        .iter()
        .zip(&fleet.bound)
        .map(|(level, rate)| level * rate.unwrap_or(1.0))
        .sum();
    let mut open_cost = 0.0;
    for (uses, weight) in fleet.hours.iter().zip(&fleet.weights) {
        let mut open: f64 = uses
            .iter()
            .zip(bound)
            .map(|(used, level)| (used - level).max(0.0))
            .sum();
        let mut left = commitments.flexible_usd_per_hour;
        for &(sku, rate) in order {
            if left <= 0.0 {
                break;
            }
            let taken = ((uses[sku] - bound[sku]).max(0.0) * rate).min(left);
            left -= taken;
            open -= taken / rate.max(f64::MIN_POSITIVE);
        }
        open_cost += weight * open.max(0.0);
    }
    fleet.total_hours * (fixed + commitments.flexible_usd_per_hour) + open_cost
}

/// Gives the same cost and by how much it changes with each bound level and, last, with the flexible dollars.
///
/// A unit that a bound plan covers saves a dollar where it was paid on demand,
/// and frees its flexible dollars for what comes next where it was covered.
pub(super) fn cost_and_slope(
    fleet: &Fleet,
    order: &[(usize, f64)],
    commitments: &Commitments,
    slope: &mut [f64],
) -> f64 {
    let bound = &commitments.bound_uses;
    let mut fixed = commitments.flexible_usd_per_hour;
    for ((level, rate), slope) in bound.iter().zip(&fleet.bound).zip(slope.iter_mut()) {
        let rate = rate.unwrap_or(1.0);
        fixed += level * rate;
        *slope = fleet.total_hours * rate;
    }
    let flexible = bound.len();
    slope[flexible] = fleet.total_hours;
    let mut open_cost = 0.0;
    for (uses, weight) in fleet.hours.iter().zip(&fleet.weights) {
        let mut open = 0.0;
        for ((used, level), slope) in uses.iter().zip(bound).zip(slope.iter_mut()) {
            if used > level {
                open += used - level;
                *slope -= weight;
            }
        }
        let mut left = commitments.flexible_usd_per_hour;
        // What a further dollar would save, and how many of the order are covered as a whole.
        let (mut saved_by_a_dollar, mut covered) = (0.0, 0);
        for &(sku, rate) in order {
            let wanted = (uses[sku] - bound[sku]).max(0.0) * rate;
            if wanted > left {
                open -= left / rate.max(f64::MIN_POSITIVE);
                saved_by_a_dollar = 1.0 / rate.max(f64::MIN_POSITIVE);
                break;
            }
            left -= wanted;
            open -= wanted / rate.max(f64::MIN_POSITIVE);
            covered += 1;
        }
        slope[flexible] -= weight * saved_by_a_dollar;
        for &(sku, rate) in &order[..covered] {
            if uses[sku] > bound[sku] {
                slope[sku] += weight * (1.0 - rate * saved_by_a_dollar);
            }
        }
        open_cost += weight * open.max(0.0);
    }
    fleet.total_hours * fixed + open_cost
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::curve::Sku;
    use super::*;

    fn sku(name: &str, uses: &[f64], bound: f64, flexible: f64) -> Sku {
        Sku {
            name: name.to_string(),
            uses: uses.to_vec(),
            bound_rate: Some(bound),
            flexible_rate: Some(flexible),
        }
    }

    #[test]
    fn reservations_go_first_and_the_highest_saving_next() {
        // One hour. m7i uses 10 of which 4 are reserved at 0.6; the plan of 5 dollars an hour covers r7i
        // (rate 0.5) first: 4 of use cost 2; the 3 dollars left cover 3 / 0.75 = 4 of m7i's open 6.
        let fleet = Fleet::new(&[sku("m7i", &[10.0], 0.6, 0.75), sku("r7i", &[4.0], 0.45, 0.5)]).unwrap();
        let commitments = Commitments {
            bound_uses: vec![4.0, 0.0],
            flexible_usd_per_hour: 5.0,
        };
        let applied = apply(&fleet, &commitments, 1.0);
        let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-12, "{got} is not {wanted}");
        near(applied.committed_usd, 4.0 * 0.6 + 5.0);
        near(applied.unused_usd, 0.0);
        near(applied.covered_usd, 4.0 + 4.0 + 4.0);
        near(applied.on_demand_usd, 2.0);
        near(applied.coverage(), 12.0 / 14.0);
        near(cost(&fleet, &fleet.by_saving(), &commitments), applied.cost_usd());
        // A further reserved unit of m7i takes one that is paid on demand; one of r7i frees 0.5 dollars for 2/3 of m7i.
        let mut slope = [0.0; 3];
        near(
            cost_and_slope(&fleet, &fleet.by_saving(), &commitments, &mut slope),
            applied.cost_usd(),
        );
        near(slope[0], 0.6 - 1.0);
        near(slope[1], 0.45 - 0.5 / 0.75);
        near(slope[2], 1.0 - 1.0 / 0.75);
        // At half the use 1 of the reservation and most of the plan is idle.
        let shrunk = apply(&fleet, &commitments, 0.3);
        near(shrunk.covered_usd, 3.0 + 1.2);
        near(shrunk.unused_usd, 0.6 + (5.0 - 1.2 * 0.5));
        assert!(shrunk.utilisation() < 0.4);
    }

    proptest::proptest! {
        #[test]
        fn what_each_pays_is_all_that_is_paid(
            uses in proptest::collection::vec((0.0_f64..9.0, 0.1_f64..9.0), 1..30),
            bound in (0.0_f64..9.0, 0.0_f64..9.0),
            flexible in 0.0_f64..12.0,
        ) {
            let one: Vec<f64> = uses.iter().map(|uses| uses.0).collect();
            let other: Vec<f64> = uses.iter().map(|uses| uses.1).collect();
            let fleet = Fleet::new(&[sku("m7i", &one, 0.6, 0.75), sku("r7i", &other, 0.45, 0.5)]).unwrap();
            let commitments = Commitments {
                bound_uses: vec![bound.0, bound.1],
                flexible_usd_per_hour: flexible,
            };
            let paid = paid_by_sku(&fleet, &commitments);
            let whole = apply(&fleet, &commitments, 1.0).cost_usd();
            proptest::prop_assert!((paid.iter().sum::<f64>() - whole).abs() < 1e-9 * (1.0 + whole));
            proptest::prop_assert!(paid.iter().all(|paid| *paid >= -1e-12));
        }
    }
}
