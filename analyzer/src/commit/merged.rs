//! A curve of few hours in the place of one of many: hours that are much alike become their mean.
//!
//! What a commitment costs is convex in the use of an hour, so the cost over
//! means is never above that over the hours themselves (Jensen): what is found
//! on few hours is where to begin, and its cost a lower bound.

use super::curve::Fleet;

impl Fleet {
    /// Gives a fleet of at most so many hours; itself where it has no more.
    ///
    /// Hours are parted where their uses differ most, half of them on each side,
    /// until there are as few in each part as wanted; each part becomes its mean.
    pub(super) fn merged(&self, most_hours: usize) -> Self {
        if self.hours.len() <= most_hours {
            return self.clone();
        }
        let mut out = Self {
            hours: Vec::with_capacity(most_hours),
            weights: Vec::with_capacity(most_hours),
            ..self.clone()
        };
        let mut places: Vec<usize> = (0..self.hours.len()).collect();
        self.part(&mut places, most_hours.max(1), &mut out);
        out
    }

    fn part(&self, places: &mut [usize], parts: usize, out: &mut Self) {
        if places.is_empty() {
            return;
        }
        let weight: f64 = places.iter().map(|&place| self.weights[place]).sum();
        let mean = |sku: usize| {
            let sum: f64 = places
                .iter()
                .map(|&place| self.weights[place] * self.hours[place][sku])
                .sum();
            sum / weight
        };
        let means: Vec<f64> = (0..self.bound.len()).map(mean).collect();
        if parts <= 1 || places.len() == 1 {
            out.hours.push(means);
            out.weights.push(weight);
            return;
        }
        let spread = |sku: usize| -> f64 {
            let squares = places
                .iter()
                .map(|&place| self.weights[place] * (self.hours[place][sku] - means[sku]).powi(2));
            squares.sum()
        };
        let widest = (0..means.len())
            .map(|sku| (sku, spread(sku)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
            .map_or(0, |(sku, _)| sku);
        let middle = places.len() / 2;
        places.select_nth_unstable_by(middle, |a, b| {
            self.hours[*a][widest].total_cmp(&self.hours[*b][widest]).then(a.cmp(b))
        });
        let (low, high) = places.split_at_mut(middle);
        self.part(low, parts / 2, out);
        self.part(high, parts - parts / 2, out);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::apply::{Commitments, apply};
    use super::super::curve::Sku;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn few_hours_use_as_much_and_never_cost_more(
            uses in prop::collection::vec((0.0_f64..9.0, 0.0_f64..9.0), 1..60),
            parts in 1_usize..20,
            bound in 0.0_f64..9.0,
            flexible in 0.0_f64..9.0,
        ) {
            let sku = |of: fn(&(f64, f64)) -> f64, rate: f64| Sku {
                name: String::new(),
                uses: uses.iter().map(of).collect(),
                bound_rate: Some(rate),
                flexible_rate: Some(rate + 0.1),
            };
            let fleet = Fleet::new(&[sku(|uses| uses.0, 0.5), sku(|uses| uses.1, 0.6)]).unwrap();
            let few = fleet.merged(parts);
            prop_assert!(few.hours.len() <= parts);
            let commitments = Commitments { bound_uses: vec![bound, 0.0], flexible_usd_per_hour: flexible };
            let (all, means) = (apply(&fleet, &commitments, 1.0), apply(&few, &commitments, 1.0));
            prop_assert!((all.used_usd - means.used_usd).abs() < 1e-9 * (1.0 + all.used_usd));
            prop_assert!(means.cost_usd() <= all.cost_usd() * (1.0 + 1e-12));
        }
    }
}
