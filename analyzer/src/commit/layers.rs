//! Several terms over one curve: each layer of use takes what is cheapest for it.
//!
//! A layer is a slice of use between two levels of the sorted curve; the share
//! of hours in which use reaches it is its utilisation, and that is all that
//! decides how it is bought. Growth and shrinkage are outlooks: a layer is used
//! in year y of outlook s in the share p(s, y) of the hours.

use serde::{Deserialize, Serialize};

use super::level::count;

/// Something one can commit to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Its name.
    pub name: String,
    /// Years one commits for; 1 may be bought anew each year.
    pub years: usize,
    /// What a committed unit costs for one on demand.
    pub rate: f64,
}

/// How use may develop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// Its name.
    pub name: String,
    /// How likely it is; all add up to 1.
    pub probability: f64,
    /// Use of each year as a multiple of the curve; further years are as the last.
    pub factors: Vec<f64>,
}

impl Outlook {
    /// Gives the multiple of a year, counted from 0.
    #[must_use]
    pub fn factor(&self, year: usize) -> f64 {
        self.factors.get(year).or(self.factors.last()).copied().unwrap_or(1.0)
    }
}

/// A slice of use that is bought now under one term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermLevel {
    /// Name of the term.
    pub term: String,
    /// Lower edge, in the unit of the uses.
    pub from: f64,
    /// Upper edge.
    pub to: f64,
}

/// How a curve is best bought over several years.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layered {
    /// What is bought now, from the bottom; use above the last is on demand.
    pub levels: Vec<TermLevel>,
    /// Expected cost of all years, in the unit of the uses times hours.
    pub cost: f64,
    /// Expected cost of all years on demand.
    pub on_demand_cost: f64,
}

/// Gives the cheapest way to buy a curve over `years`, layer by layer.
///
/// A layer bought for all years costs its rate in every hour. A layer bought
/// for one year, or not at all, is decided anew every year, when it is known
/// which outlook came true: year one costs the less of the one-year rate and
/// the expected utilisation, a later year of an outlook the less of that rate
/// and the utilisation there. Layers do not touch each other, so choosing each
/// alone is the optimum of the whole.
#[must_use]
pub fn layered(uses: &[f64], terms: &[Term], outlooks: &[Outlook], years: usize) -> Layered {
    let mut sorted: Vec<f64> = uses.iter().copied().filter(|one| one.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let best = |wanted: &dyn Fn(&Term) -> bool| {
        terms
            .iter()
            .filter(|term| wanted(term))
            .min_by(|a, b| a.rate.total_cmp(&b.rate).then_with(|| a.name.cmp(&b.name)))
    };
    let (long, short) = (
        best(&|term| years > 1 && term.years == years),
        best(&|term| term.years == 1),
    );
    let cases: Vec<Case> = outlooks
        .iter()
        .flat_map(|outlook| {
            (0..years).map(|year| Case {
                probability: outlook.probability,
                year,
                factor: outlook.factor(year).max(0.0),
            })
        })
        .collect();
    let mut edges: Vec<f64> = cases
        .iter()
        .flat_map(|case| sorted.iter().map(|one| one * case.factor))
        .filter(|edge| *edge > 0.0)
        .collect();
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();

    let mut below = vec![0_usize; cases.len()];
    let mut out = Layered {
        levels: Vec::new(),
        cost: 0.0,
        on_demand_cost: 0.0,
    };
    let mut from = 0.0;
    for to in edges {
        let mut used = 0.0;
        let mut first_year = 0.0;
        let mut later = 0.0;
        let short_rate = short.map_or(1.0, |term| term.rate);
        for (case, below) in cases.iter().zip(&mut below) {
            // Hours in which use reaches past the lower edge of this layer.
            while *below < sorted.len() && sorted[*below] * case.factor <= from {
                *below += 1;
            }
            let share = count(sorted.len() - *below) / count(sorted.len());
            used += case.probability * share;
            if case.year == 0 {
                first_year += case.probability * share;
            } else {
                later += case.probability * share.min(short_rate);
            }
        }
        let by_year = first_year.min(short_rate) + later;
        let whole = long.map_or(f64::INFINITY, |term| term.rate * count(years));
        let width = (to - from) * count(sorted.len());
        out.cost += width * by_year.min(whole);
        out.on_demand_cost += width * used;
        let chosen = if whole < by_year {
            long
        } else if short_rate < first_year {
            short
        } else {
            None
        };
        if let Some(term) = chosen {
            match out.levels.last_mut() {
                Some(last) if last.term == term.name && last.to >= from => last.to = to,
                _ => out.levels.push(TermLevel {
                    term: term.name.clone(),
                    from,
                    to,
                }),
            }
        }
        from = to;
    }
    out
}

struct Case {
    probability: f64,
    year: usize,
    factor: f64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::level::{cost_at, optimum};
    use super::*;
    use proptest::prelude::*;

    fn term(years: usize, rate: f64) -> Term {
        Term {
            name: format!("{years}y"),
            years,
            rate,
        }
    }

    fn outlook(probability: f64, factors: &[f64]) -> Outlook {
        Outlook {
            name: "as it is".to_string(),
            probability,
            factors: factors.to_vec(),
        }
    }

    #[test]
    fn what_always_runs_is_bought_for_long_and_what_often_runs_for_a_year() {
        // 4 always, 2 more in three of four hours, 2 more in one of four.
        let uses = [4.0, 6.0, 6.0, 8.0];
        let bought = layered(
            &uses,
            &[term(1, 0.7), term(3, 0.5)],
            &[outlook(1.0, &[1.0, 0.5, 0.5])],
            3,
        );
        // Up to 4 is used in 1, then in years two and three: up to 2 always, 2..3 in 3/4, 3..4 in 1/4 of the hours.
        // 0..2: 3 x 0.5 < 0.7 + 2 x 0.7. 2..3: 1.5 < 0.7 + 1.4. 3..4: 1.5 > 0.7 + 2 x 0.25.
        assert_eq!(
            bought.levels,
            [
                TermLevel {
                    term: "3y".to_string(),
                    from: 0.0,
                    to: 3.0
                },
                TermLevel {
                    term: "1y".to_string(),
                    from: 3.0,
                    to: 6.0
                },
            ]
        );
        // 0..3 for long; 3..4: 0.7 + 2 x 0.25; 4..6: 0.7 + nothing; 6..8: 0.25 on demand; each in four hours.
        let expected = 4.0 * (3.0 * 1.5 + 1.2 + 2.0 * 0.7 + 2.0 * 0.25);
        assert!((bought.cost - expected).abs() < 1e-9, "{bought:?}");
    }

    #[test]
    fn what_is_expected_to_shrink_is_not_committed_to_for_long() {
        let uses = vec![10.0; 50];
        let shrinks = [outlook(0.5, &[1.0]), outlook(0.5, &[1.0, 0.0])];
        let bought = layered(&uses, &[term(1, 0.7), term(3, 0.6)], &shrinks, 3);
        // For long 1.8; year by year 0.7 + (0.7 + 0.7) / 2 = 1.4.
        assert_eq!(bought.levels[0].term, "1y");
        assert!((bought.cost - 50.0 * 10.0 * 1.4).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn one_term_and_no_growth_is_the_newsvendors_level(
            uses in prop::collection::vec(0_u32..30, 1..60),
            hundredths in 1_u32..100,
        ) {
            let uses: Vec<f64> = uses.into_iter().map(f64::from).collect();
            let rate = f64::from(hundredths) / 100.0;
            let bought = layered(&uses, &[term(1, rate)], &[outlook(1.0, &[1.0])], 1);
            prop_assert!((bought.cost - cost_at(&uses, rate, optimum(&uses, rate))).abs() < 1e-6);
        }

        #[test]
        fn no_pair_of_levels_is_cheaper(
            uses in prop::collection::vec(0_u32..6, 2..8),
            short in 40_u32..100,
            long in 30_u32..90,
            growth in prop::collection::vec(0_u32..=4, 3),
        ) {
            let uses: Vec<f64> = uses.into_iter().map(f64::from).collect();
            let (short, long) = (f64::from(short) / 100.0, f64::from(long) / 100.0);
            let factors: Vec<f64> = growth.iter().map(|half| f64::from(*half) / 2.0).collect();
            let bought = layered(&uses, &[term(1, short), term(3, long)], &[outlook(1.0, &factors)], 3);
            // Every level for long, and in each year the best of every level for a year above it.
            let mut best = f64::INFINITY;
            for half in 0..=24 {
                let committed = f64::from(half) / 2.0;
                let mut cost = 0.0;
                for factor in &factors {
                    let left: Vec<f64> = uses.iter().map(|one| (one * factor - committed).max(0.0)).collect();
                    let by_year = (0..=24).map(|half| cost_at(&left, short, f64::from(half) / 2.0));
                    cost += long * committed * count(uses.len()) + by_year.fold(f64::INFINITY, f64::min);
                }
                best = best.min(cost);
            }
            prop_assert!((bought.cost - best).abs() < 1e-6, "{} against {best}", bought.cost);
        }
    }
}
