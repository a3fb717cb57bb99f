//! What is used in each hour, by what can be committed to.

use std::collections::BTreeMap;

use super::layers::Outlook;

/// Hours of a year of 365 days, as AWS counts terms.
pub const HOURS_PER_YEAR: u32 = 8_760;

/// Something whose use can be committed to: a family in a region, a class of nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sku {
    /// Its name.
    pub name: String,
    /// Use in each hour, on-demand dollars.
    pub uses: Vec<f64>,
    /// What a committed on-demand dollar costs under a plan bound to this alone
    /// (reserved instances, EC2 instance savings plan); absent where no rate is known.
    pub bound_rate: Option<f64>,
    /// The same under a plan that covers several (compute savings plan).
    pub flexible_rate: Option<f64>,
}

/// Why curves cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CurveError {
    /// Two curves cover different numbers of hours.
    #[error("the curve of `{name}` has {found} hours; expected {expected}, as the first has")]
    Hours {
        /// Whose curve.
        name: String,
        /// Its hours.
        found: usize,
        /// Hours of the first curve.
        expected: usize,
    },
    /// A use or rate is no number, or below zero.
    #[error("`{name}` has a use or rate that is negative or no number")]
    Value {
        /// Whose.
        name: String,
    },
}

/// Curves of several things over the same hours; hours that are alike are kept once, with their number.
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    /// Bound rate of each.
    pub(super) bound: Vec<Option<f64>>,
    /// Flexible rate of each.
    pub(super) flexible: Vec<Option<f64>>,
    /// Use by distinct hour, then by SKU.
    pub(super) hours: Vec<Vec<f64>>,
    /// How often each distinct hour occurs.
    pub(super) weights: Vec<f64>,
    /// All hours.
    pub(super) total_hours: f64,
}

impl Fleet {
    /// Takes curves together.
    ///
    /// # Errors
    /// When they cover different numbers of hours or hold a value that is negative or no number.
    pub fn new(skus: &[Sku]) -> Result<Self, CurveError> {
        let expected = skus.first().map_or(0, |sku| sku.uses.len());
        for sku in skus {
            if sku.uses.len() != expected {
                return Err(CurveError::Hours {
                    name: sku.name.clone(),
                    found: sku.uses.len(),
                    expected,
                });
            }
            let rates = sku.bound_rate.iter().chain(&sku.flexible_rate);
            if !sku
                .uses
                .iter()
                .chain(rates)
                .all(|value| value.is_finite() && *value >= 0.0)
            {
                return Err(CurveError::Value { name: sku.name.clone() });
            }
        }
        let mut distinct: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
        let (mut hours, mut weights): (Vec<Vec<f64>>, Vec<f64>) = (Vec::new(), Vec::new());
        for hour in 0..expected {
            let uses: Vec<f64> = skus.iter().map(|sku| sku.uses[hour]).collect();
            let key = uses.iter().map(|one| one.to_bits()).collect();
            let at = *distinct.entry(key).or_insert_with(|| {
                hours.push(uses);
                weights.push(0.0);
                hours.len() - 1
            });
            weights[at] += 1.0;
        }
        Ok(Self {
            bound: skus.iter().map(|sku| sku.bound_rate).collect(),
            flexible: skus.iter().map(|sku| sku.flexible_rate).collect(),
            hours,
            total_hours: weights.iter().sum(),
            weights,
        })
    }

    /// Gives the number of hours.
    #[must_use]
    pub fn total_hours(&self) -> f64 {
        self.total_hours
    }

    /// Gives the hours of so many years under outlooks, each as often as it is likely; as many hours as before in all.
    ///
    /// What costs least over these costs least in expectation over the term, since a commitment stays what it is.
    #[must_use]
    pub fn under(&self, outlooks: &[Outlook], years: usize) -> Self {
        // Years and outlooks of the same factor are the same hours.
        let mut factors: BTreeMap<u64, f64> = BTreeMap::new();
        for outlook in outlooks {
            for year in 0..years {
                let factor = outlook.factor(year).max(0.0);
                *factors.entry(factor.to_bits()).or_default() += outlook.probability / years as f64;
            }
        }
        if factors.is_empty() {
            return self.clone();
        }
        let likely: f64 = factors.values().sum();
        let mut out = Self {
            hours: Vec::with_capacity(self.hours.len() * factors.len()),
            weights: Vec::with_capacity(self.hours.len() * factors.len()),
            ..self.clone()
        };
        for (factor, share) in factors {
            let factor = f64::from_bits(factor);
            for (uses, weight) in self.hours.iter().zip(&self.weights) {
                out.hours.push(uses.iter().map(|used| used * factor).collect());
                out.weights.push(weight * share / likely);
            }
        }
        out
    }

    /// Gives what each thing is bound to at least cost if nothing else covers it; 0 where no plan is for it alone.
    #[must_use]
    pub fn bound_levels(&self) -> Vec<f64> {
        let rates = self.bound.iter().enumerate();
        rates
            .map(|(sku, rate)| rate.map_or(0.0, |rate| self.level_alone(sku, rate)))
            .collect()
    }

    /// Gives the order in which a flexible plan covers: highest saving first, as AWS does.
    pub(super) fn by_saving(&self) -> Vec<(usize, f64)> {
        let mut order: Vec<(usize, f64)> = self
            .flexible
            .iter()
            .enumerate()
            .filter_map(|(sku, rate)| Some((sku, (*rate)?)))
            .filter(|(_, rate)| *rate < 1.0)
            .collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        order
    }

    /// Gives the level of one that costs least at a rate if nothing else covers it: see [`super::level::optimum`].
    pub(super) fn level_alone(&self, sku: usize, rate: f64) -> f64 {
        if rate >= 1.0 {
            return 0.0;
        }
        let mut uses: Vec<(f64, f64)> = self
            .hours
            .iter()
            .zip(&self.weights)
            .map(|(uses, weight)| (uses[sku], *weight))
            .collect();
        uses.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let most_above = rate.max(0.0) * self.total_hours + 1e-9;
        let mut above = 0.0;
        for (used, weight) in uses {
            above += weight;
            if above > most_above {
                return used;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::apply::apply;
    use super::super::level::optimum;
    use super::super::savings_plan::best_savings_plan;
    use super::*;
    use proptest::prelude::*;

    fn fleet(uses: Vec<f64>, rate: f64) -> Fleet {
        Fleet::new(&[Sku {
            name: "m7i".to_string(),
            uses,
            bound_rate: Some(rate),
            flexible_rate: Some(rate),
        }])
        .unwrap()
    }

    #[test]
    fn what_is_likely_to_halve_is_committed_to_by_half() {
        let halves = Outlook {
            name: "halves".to_string(),
            probability: 0.5,
            factors: vec![1.0, 0.5, 0.5],
        };
        let stays = Outlook {
            name: "stays".to_string(),
            probability: 0.5,
            factors: vec![1.0],
        };
        let fleet = fleet(vec![10.0; 24], 0.7);
        // Above 5 it is used in 4 of 6 years: less than 0.7.
        let three = fleet.under(&[halves, stays], 3);
        assert_eq!(three.bound_levels(), [5.0]);
        assert!((three.total_hours() - 24.0).abs() < 1e-9);
        assert_eq!(fleet.bound_levels(), [10.0]);
    }

    proptest! {
        #[test]
        fn no_other_level_is_expected_to_cost_less(
            uses in prop::collection::vec(0_u32..20, 1..30),
            factors in prop::collection::vec((1_u32..5, prop::collection::vec(0_u32..8, 3)), 1..4),
            hundredths in 20_u32..95,
        ) {
            let outlooks: Vec<Outlook> = factors
                .iter()
                .map(|(likely, factors)| Outlook {
                    name: String::new(),
                    probability: f64::from(*likely),
                    factors: factors.iter().map(|quarters| f64::from(*quarters) / 4.0).collect(),
                })
                .collect();
            let fleet = fleet(uses.iter().map(|one| f64::from(*one)).collect(), f64::from(hundredths) / 100.0);
            let expected = |usd_per_hour: f64| -> f64 {
                let commitments = super::super::apply::Commitments {
                    bound_uses: vec![0.0],
                    flexible_usd_per_hour: usd_per_hour,
                };
                let years = |outlook: &Outlook| -> f64 {
                    (0..3).map(|year| apply(&fleet, &commitments, outlook.factor(year)).cost_usd()).sum()
                };
                outlooks.iter().map(|outlook| outlook.probability * years(outlook)).sum()
            };
            let best = expected(best_savings_plan(&fleet.under(&outlooks, 3), &[]).usd_per_hour);
            for step in 0..200 {
                let other = expected(f64::from(step) / 4.0);
                prop_assert!(best <= other * (1.0 + 1e-9) + 1e-9, "{best} against {other} at {step}");
            }
        }

        #[test]
        fn one_year_as_it_is_changes_nothing(uses in prop::collection::vec(0_u32..20, 1..40), hundredths in 20_u32..95) {
            let rate = f64::from(hundredths) / 100.0;
            let uses: Vec<f64> = uses.into_iter().map(f64::from).collect();
            let fleet = fleet(uses.clone(), rate);
            let as_it_is = Outlook { name: String::new(), probability: 1.0, factors: vec![1.0] };
            prop_assert_eq!(fleet.under(&[as_it_is], 1).bound_levels(), fleet.bound_levels());
            prop_assert_eq!(fleet.bound_levels()[0], optimum(&uses, rate));
        }
    }
}
