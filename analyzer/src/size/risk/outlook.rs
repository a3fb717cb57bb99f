//! The demand that may come: a host's own quantiles, moved as hosts like it moved before.
//!
//! Input: quantiles of one dimension and the shifts of the host's third.
//! Output: an [`Outlook`], which says of any capacity for which share of the
//! time it may be short. The distribution is that of `quantile × exp(shift)`,
//! every shift as likely as another.

use std::sync::Arc;

use crate::profile::MetricProfile;

/// Being short for more than this share of the time is what users notice.
pub(crate) const NOTICED: f64 = 0.01;

/// What may be asked of a host in one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Ascending values, each with the share of the time that lies above it.
    steps: Vec<(f64, f64)>,
    /// Ascending factors, equally likely.
    factors: Arc<[f64]>,
    /// What the source has: as much is never short of what was served there.
    ceiling: f64,
}

/// How likely a capacity is too small.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Short {
    /// Expected share of the time.
    pub share: f64,
    /// Probability that it is more than 1 % of the time.
    pub noticed: f64,
}

impl Outlook {
    /// Lays out a metric's quantiles and the ascending factors; `ceiling` is the source's capacity, infinite where unknown.
    #[must_use]
    pub fn new(metric: &MetricProfile, factors: Arc<[f64]>, ceiling: f64) -> Self {
        let mut steps = Vec::with_capacity(metric.quantiles.len() + 1);
        steps.extend(metric.quantiles.iter().map(|&(level, value)| (value, 1.0 - level)));
        steps.push((metric.maximum, 0.0));
        Self {
            steps,
            factors,
            ceiling,
        }
    }

    /// Says how likely a capacity is too small.
    #[must_use]
    pub fn short(&self, capacity: f64) -> Short {
        if capacity >= self.ceiling {
            return Short::default();
        }
        let mut short = Short::default();
        let mut step = self.steps.len();
        // Factors rise, so what fits under the capacity falls, and the step only moves down.
        for factor in &self.factors[self.all_fit(capacity)..] {
            while step > 0 && self.steps[step - 1].0 * factor > capacity {
                step -= 1;
            }
            let share = if step == 0 { 1.0 } else { self.steps[step - 1].1 };
            short.share += share;
            short.noticed += f64::from(u8::from(share > NOTICED));
        }
        let count = self.factors.len().max(1) as f64;
        Short {
            share: short.share / count,
            noticed: short.noticed / count,
        }
    }

    /// Says how likely a capacity is too small; nothing when its expected share is above `most`.
    ///
    /// The worst futures are looked at first, so that what is much too small is refused after a few.
    #[must_use]
    pub fn short_within(&self, capacity: f64, most: f64) -> Option<Short> {
        if capacity >= self.ceiling {
            return Some(Short::default());
        }
        let count = self.factors.len().max(1) as f64;
        let limit = most * count * (1.0 + 1e-9);
        let mut sum = 0.0;
        let mut step = 0;
        for factor in self.factors.iter().rev() {
            while step < self.steps.len() && self.steps[step].0 * factor <= capacity {
                step += 1;
            }
            sum += if step == 0 { 1.0 } else { self.steps[step - 1].1 };
            if sum > limit {
                return None;
            }
            // The highest demand of this future fits, and of all that are left.
            if step == self.steps.len() {
                break;
            }
        }
        // Summed in the same order as elsewhere, so that the numbers are the same.
        let short = self.short(capacity);
        (short.share <= most).then_some(short)
    }

    /// Counts the futures whose highest demand fits under a capacity: the first ones, and never short.
    fn all_fit(&self, capacity: f64) -> usize {
        let highest = self.steps.last().map_or(0.0, |(value, _)| *value);
        self.factors.partition_point(|factor| highest * factor <= capacity)
    }

    /// Gives the shares of the time short, one for each equally likely future, ascending.
    #[must_use]
    pub fn futures(&self, capacity: f64) -> Vec<f64> {
        let mut shares: Vec<f64> = self
            .factors
            .iter()
            .map(|factor| {
                let fits = self.steps.iter().rposition(|(value, _)| value * factor <= capacity);
                match fits {
                    _ if capacity >= self.ceiling => 0.0,
                    Some(step) => self.steps[step].1,
                    None => 1.0,
                }
            })
            .collect();
        shares.sort_by(f64::total_cmp);
        shares
    }

    /// Gives the lowest and the highest share of the time short among the futures, of which 98 % lie between.
    #[must_use]
    pub fn interval(&self, capacity: f64) -> (f64, f64) {
        let futures = self.futures(capacity);
        (
            futures.first().copied().unwrap_or(0.0),
            futures.last().copied().unwrap_or(1.0),
        )
    }

    /// Gives the least capacity that is short for no longer than this one.
    #[must_use]
    pub fn as_good_as(&self, capacity: f64) -> f64 {
        if capacity >= self.ceiling {
            return self.ceiling.min(self.highest());
        }
        let mut least = 0.0_f64;
        let mut step = self.steps.len();
        let start = self.all_fit(capacity).saturating_sub(1);
        // Factors rise, so the step that fits under the capacity only moves down.
        for factor in &self.factors[start..] {
            while step > 0 && self.steps[step - 1].0 * factor > capacity {
                step -= 1;
            }
            if step == 0 {
                break;
            }
            least = least.max(self.steps[step - 1].0 * factor);
        }
        least
    }

    /// Gives what the demand may be multiplied by, ascending, each as likely as another.
    #[must_use]
    pub fn factors(&self) -> &[f64] {
        &self.factors
    }

    /// Gives what the source has, infinite where nothing caps.
    #[must_use]
    pub fn ceiling(&self) -> f64 {
        self.ceiling
    }

    /// Gives the highest demand of all futures.
    fn highest(&self) -> f64 {
        self.steps.last().map_or(0.0, |(value, _)| *value) * self.factors.last().copied().unwrap_or(1.0)
    }

    /// Gives the least capacity, at most the source's, that is short for no more than a share of the time.
    #[must_use]
    pub fn needed(&self, share: f64) -> f64 {
        let mut high = self.highest().min(self.ceiling);
        let mut low = 0.0;
        if self.short(low).share <= share {
            return low;
        }
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.short(middle).share <= share {
                high = middle;
            } else {
                low = middle;
            }
            if high - low <= high * 1e-13 {
                break;
            }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric() -> MetricProfile {
        MetricProfile {
            samples: 1000,
            mean: 1.0,
            quantiles: vec![(0.5, 1.0), (0.9, 2.0), (0.99, 4.0)],
            maximum: 8.0,
            maximum_at_ms: 0,
            hour_of_week_mean: vec![],
            hour_of_week_p95: vec![],
            daily_maxima: vec![],
            first_half_mean: 1.0,
            second_half_mean: 1.0,
        }
    }

    fn factors(shifts: &[f64]) -> Arc<[f64]> {
        shifts.iter().map(|shift| shift.exp()).collect()
    }

    #[test]
    fn without_movement_the_outlook_is_the_past() {
        let outlook = Outlook::new(&metric(), factors(&[0.0]), f64::INFINITY);
        assert_eq!(outlook.short(8.0).share, 0.0);
        assert!((outlook.short(4.0).share - 0.01).abs() < 1e-12);
        assert!((outlook.short(3.9).share - 0.1).abs() < 1e-12);
        assert!((outlook.needed(0.01 + 1e-12) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn what_the_source_has_is_never_short() {
        let outlook = Outlook::new(&metric(), factors(&[-0.5, 0.0, 2.0]), 10.0);
        assert_eq!(outlook.short(10.0), Short::default());
        assert!(outlook.needed(0.0) <= 10.0);
        assert!(outlook.short(9.9).share > 0.0);
    }

    #[test]
    fn the_least_capacity_that_is_as_good_loses_nothing() {
        let outlook = Outlook::new(&metric(), factors(&[-0.3, -0.1, 0.0, 0.1, 0.7]), 30.0);
        for step in 1..400 {
            let capacity = f64::from(step) * 0.1;
            let least = outlook.as_good_as(capacity);
            assert!(least <= capacity);
            assert_eq!(outlook.short(least).share, outlook.short(capacity).share);
            assert!(least == 0.0 || outlook.short(least * 0.999_999).share >= outlook.short(capacity).share);
        }
    }

    #[test]
    fn refusing_early_refuses_the_same() {
        let outlook = Outlook::new(&metric(), factors(&[-0.3, -0.1, 0.0, 0.1, 0.7]), 30.0);
        for step in 0..400 {
            let capacity = f64::from(step) * 0.1;
            let short = outlook.short(capacity);
            for most in [0.0, 0.01, 0.05, 0.3, 1.0] {
                let within = outlook.short_within(capacity, most);
                assert_eq!(within, (short.share <= most).then_some(short));
            }
        }
    }

    #[test]
    fn more_capacity_is_never_short_for_longer() {
        let outlook = Outlook::new(&metric(), factors(&[-0.3, -0.1, 0.0, 0.1, 0.7]), 30.0);
        let mut before = 2.0;
        for step in 0..400 {
            let capacity = f64::from(step) * 0.1;
            let short = outlook.short(capacity);
            let futures = outlook.futures(capacity);
            assert!(short.share <= before);
            assert!((futures.iter().sum::<f64>() / 5.0 - short.share).abs() < 1e-12);
            before = short.share;
        }
    }

    #[test]
    fn what_is_needed_is_enough_and_less_is_not() {
        let outlook = Outlook::new(&metric(), factors(&[-0.3, -0.1, 0.0, 0.1, 0.7]), f64::INFINITY);
        for share in [0.0, 0.001, 0.005, 0.02, 0.05, 0.3] {
            let needed = outlook.needed(share);
            assert!(outlook.short(needed).share <= share);
            assert!(outlook.short(needed * 0.999_999).share > share);
        }
    }
}
