//! One commitment over one curve: the newsvendor's level.

/// Gives the committed level of use that costs least, in the unit of the uses.
///
/// `uses` is what is used in each hour, `rate` what a committed unit costs for
/// one on demand, 0 to 1. The cost of a level C is r·C a hour and the price of
/// what is used above C, so it falls while use exceeds C in more than the share
/// r of the hours: the optimum is the (1 − r) quantile of hourly use (the
/// critical ratio of the newsvendor problem; Arrow, Harris, Marschak 1951). Of
/// several optima it is the lowest: the same cost with less committed.
///
/// Nothing is committed to where nothing is used or a commitment saves nothing.
#[must_use]
pub fn optimum(uses: &[f64], rate: f64) -> f64 {
    if uses.is_empty() || rate >= 1.0 {
        return 0.0;
    }
    // The lowest level above which at most the share `rate` of the hours lies.
    let most_above = (rate.max(0.0) * count(uses.len()) + 1e-9).floor();
    let above_nothing = count(uses.iter().filter(|one| **one > 0.0).count());
    if above_nothing <= most_above {
        return 0.0;
    }
    let mut sorted = uses.to_vec();
    let rank = sorted.len() - 1 - (most_above as usize).min(sorted.len() - 1);
    let (_, level, _) = sorted.select_nth_unstable_by(rank, f64::total_cmp);
    level.max(0.0)
}

/// Gives the best level in whole units, such as reserved instances: the floor or the ceiling of the optimum.
#[must_use]
pub fn whole_units(uses: &[f64], rate: f64) -> f64 {
    let level = optimum(uses, rate);
    let (floor, ceiling) = (level.floor(), level.ceil());
    if cost_at(uses, rate, ceiling) < cost_at(uses, rate, floor) {
        ceiling
    } else {
        floor
    }
}

/// Gives the cost of all hours at a committed level, in the unit of the uses.
#[must_use]
pub fn cost_at(uses: &[f64], rate: f64, level: f64) -> f64 {
    let above: f64 = uses.iter().map(|one| (one - level).max(0.0)).sum();
    rate * level * count(uses.len()) + above
}

/// Turns a count of hours into a factor.
pub(super) fn count(hours: usize) -> f64 {
    hours as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_level_of_a_day_and_night_load_is_known() {
        // Eight hours of ten, sixteen of four: at 0.72 the day's load is not worth committing to, at 0.3 it is.
        let uses: Vec<f64> = (0..24).map(|hour| if hour < 8 { 10.0 } else { 4.0 }).collect();
        assert_eq!(optimum(&uses, 0.72), 4.0);
        assert_eq!(optimum(&uses, 0.3), 10.0);
        assert_eq!(cost_at(&uses, 0.72, 4.0), 0.72 * 4.0 * 24.0 + 6.0 * 8.0);
        assert_eq!(optimum(&[], 0.5), 0.0);
        assert_eq!(optimum(&uses, 1.0), 0.0);
        assert_eq!(optimum(&[0.0, 0.0, 0.0, 8.0], 0.5), 0.0);
    }

    proptest! {
        #[test]
        fn no_level_is_cheaper_than_the_optimum(
            uses in prop::collection::vec(0_u32..40, 1..60),
            hundredths in 0_u32..=110,
        ) {
            let uses: Vec<f64> = uses.into_iter().map(f64::from).collect();
            let rate = f64::from(hundredths) / 100.0;
            let best = cost_at(&uses, rate, optimum(&uses, rate));
            for half in 0..100 {
                let level = f64::from(half) / 2.0;
                prop_assert!(best <= cost_at(&uses, rate, level) + 1e-9, "level {level}");
            }
        }

        #[test]
        fn whole_units_are_the_best_whole_units(
            uses in prop::collection::vec(0.0_f64..12.0, 1..60),
            hundredths in 1_u32..100,
        ) {
            let rate = f64::from(hundredths) / 100.0;
            let best = cost_at(&uses, rate, whole_units(&uses, rate));
            for units in 0..15 {
                prop_assert!(best <= cost_at(&uses, rate, f64::from(units)) + 1e-9, "{units}");
            }
        }
    }
}
