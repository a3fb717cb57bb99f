//! What is used in each hour, by what can be committed to.

use std::collections::BTreeMap;

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
