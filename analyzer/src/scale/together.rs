//! Does the load of hosts move together? Spearman's rank correlation of each with the rest.
//!
//! Input: loads. Output: for each the correlation with the mean of the others,
//! in steps of five minutes on common time, of the last thirty days. What
//! moves least with the others goes first, so that it does not spoil their
//! mean. Source: method §7.

use rayon::prelude::*;

use super::load::Load;

/// Least rank correlation of a host's CPU with the rest of its group.
pub const LEAST_CORRELATION: f64 = 0.6;
/// Minutes that are averaged before ranks are compared.
const STEP: i64 = 5;
/// Fewest common steps for a correlation: a day's.
const LEAST_STEPS: usize = 288;
/// Most steps that are looked at: thirty days'.
const MOST_STEPS: usize = 30 * LEAST_STEPS;
/// What is left out in one round, as a share of those that are in.
const AT_ONCE: usize = 4;

/// A load in steps of five minutes.
#[derive(Clone, Debug)]
pub struct Steps {
    first: i64,
    values: Vec<f32>,
}

impl Steps {
    /// Averages a load's minutes; nothing where none was measured.
    #[must_use]
    pub fn of(load: &Load) -> Option<Self> {
        let first = load.first_minute().div_euclid(STEP);
        let into = load.first_minute().rem_euclid(STEP) as usize;
        let minutes = load.per_minute();
        let head = (STEP as usize - into).min(minutes.len());
        let mean = |step: &[f32]| step.iter().sum::<f32>() / step.len() as f32;
        let mut values: Vec<f32> = Vec::with_capacity(minutes.len() / STEP as usize + 2);
        values.push(mean(&minutes[..head]));
        values.extend(minutes[head..].chunks(STEP as usize).map(mean));
        let skipped = values.len().saturating_sub(MOST_STEPS);
        values.drain(..skipped);
        values.iter().any(|value| !value.is_nan()).then_some(Self {
            first: first + skipped as i64,
            values,
        })
    }

    fn at(&self, step: i64) -> f32 {
        usize::try_from(step - self.first)
            .ok()
            .and_then(|index| self.values.get(index))
            .copied()
            .unwrap_or(f32::NAN)
    }
}

/// Loads that are compared with each other.
#[derive(Clone, Debug, Default)]
pub struct Moving {
    all: Vec<Steps>,
    kept: Vec<usize>,
}

impl Moving {
    /// Adds one; its index is how many were added before.
    pub fn add(&mut self, steps: Steps) {
        self.kept.push(self.all.len());
        self.all.push(steps);
    }

    /// Leaves out whatever does not move with the rest, worst first; gives indices and correlations.
    pub fn leave_out_what_moves_apart(&mut self) -> Vec<(usize, Option<f64>)> {
        let mut out = Vec::new();
        while self.kept.len() > 1 {
            let mut apart: Vec<(usize, Option<f64>)> = self
                .correlations()
                .into_iter()
                .filter(|(_, correlation)| correlation.is_none_or(|value| value < LEAST_CORRELATION))
                .collect();
            if apart.is_empty() {
                break;
            }
            let key = |correlation: Option<f64>| correlation.unwrap_or(-2.0);
            apart.sort_by(|one, other| key(one.1).total_cmp(&key(other.1)).then(one.0.cmp(&other.0)));
            // Two that move apart say nothing of which is the odd one: both go.
            let most = if self.kept.len() == 2 {
                2
            } else {
                (self.kept.len() / AT_ONCE).max(1)
            };
            apart.truncate(most);
            self.kept.retain(|index| !apart.iter().any(|(gone, _)| gone == index));
            out.extend(apart);
        }
        out
    }

    /// Gives the least correlation of those that are kept; nothing where there are not two.
    #[must_use]
    pub fn least(&self) -> Option<f64> {
        if self.kept.len() < 2 {
            return None;
        }
        self.correlations()
            .into_iter()
            .filter_map(|(_, correlation)| correlation)
            .reduce(f64::min)
    }

    fn correlations(&self) -> Vec<(usize, Option<f64>)> {
        let kept: Vec<&Steps> = self.kept.iter().map(|&index| &self.all[index]).collect();
        let end = |steps: &&Steps| steps.first + steps.values.len() as i64;
        let (Some(first), Some(last)) = (kept.iter().map(|steps| steps.first).min(), kept.iter().map(end).max()) else {
            return Vec::new();
        };
        let length = (last - first) as usize;
        let mut sums = vec![(0.0_f64, 0_u32); length];
        for steps in &kept {
            let skip = (steps.first - first) as usize;
            for (sum, value) in sums[skip..].iter_mut().zip(&steps.values) {
                if !value.is_nan() {
                    *sum = (sum.0 + f64::from(*value), sum.1 + 1);
                }
            }
        }
        // A step counts when more than half of the others were measured in it.
        let enough = (kept.len() as u32 - 1).div_ceil(2).max(1);
        self.kept
            .par_iter()
            .map(|&index| {
                let own = &self.all[index];
                let pairs: Vec<(f32, f32)> = (0..length)
                    .filter_map(|step| {
                        let value = own.at(first + step as i64);
                        let (sum, count) = sums[step];
                        let others = count.checked_sub(1)?;
                        (!value.is_nan() && others >= enough)
                            .then(|| (value, ((sum - f64::from(value)) / f64::from(others)) as f32))
                    })
                    .collect();
                (index, spearman(&pairs))
            })
            .collect()
    }
}

/// Gives the rank correlation of pairs; nothing with less than a day of them.
fn spearman(pairs: &[(f32, f32)]) -> Option<f64> {
    if pairs.len() < LEAST_STEPS {
        return None;
    }
    let a = ranks(pairs.iter().map(|pair| pair.0));
    let b = ranks(pairs.iter().map(|pair| pair.1));
    let middle = (pairs.len() as f64 + 1.0) / 2.0;
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        ab += (a - middle) * (b - middle);
        aa += (a - middle) * (a - middle);
        bb += (b - middle) * (b - middle);
    }
    // What never moves does not move together with anything.
    Some(if aa > 0.0 && bb > 0.0 {
        ab / (aa * bb).sqrt()
    } else {
        0.0
    })
}

/// Gives ranks from 1; equal values share the mean of theirs.
fn ranks(values: impl Iterator<Item = f32>) -> Vec<f64> {
    let mut order: Vec<(f32, u32)> = values.zip(0..).collect();
    order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let mut out = vec![0.0; order.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && order[end].0 == order[start].0 {
            end += 1;
        }
        let rank = (start + end + 1) as f64 / 2.0;
        for &(_, at) in &order[start..end] {
            out[at as usize] = rank;
        }
        start = end;
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn steps(first: i64, value: impl Fn(usize) -> f32) -> Steps {
        Steps::of(&Load::from_minutes(first, (0..4_320).map(value).collect())).unwrap()
    }

    fn day(minute: usize) -> f32 {
        (minute % 1_440) as f32
    }

    #[test]
    fn equal_ranks_are_shared_and_order_is_all_that_counts() {
        assert_eq!(ranks([3.0, 1.0, 3.0].into_iter()), [2.5, 1.0, 2.5]);
        let mut moving = Moving::default();
        moving.add(steps(0, day));
        moving.add(steps(0, |minute| day(minute).sqrt()));
        assert!(moving.least().unwrap() > 0.999);
        assert!(moving.leave_out_what_moves_apart().is_empty());
    }

    #[test]
    fn the_odd_ones_go_and_the_others_stay() {
        let mut moving = Moving::default();
        for host in 0..9 {
            moving.add(steps(0, move |minute| {
                if host % 3 == 2 {
                    1_440.0 - day(minute)
                } else {
                    day(minute) * (1.0 + host as f32)
                }
            }));
        }
        let mut gone: Vec<usize> = moving
            .leave_out_what_moves_apart()
            .into_iter()
            .map(|(index, _)| index)
            .collect();
        gone.sort_unstable();
        assert_eq!(gone, [2, 5, 8]);
        assert!(moving.least().unwrap() > 0.999);
    }

    #[test]
    fn less_than_a_day_in_common_is_no_correlation() {
        let mut moving = Moving::default();
        moving.add(steps(0, day));
        moving.add(steps(3_600, day));
        assert_eq!(moving.leave_out_what_moves_apart(), [(0, None), (1, None)]);
    }

    #[test]
    fn steps_stand_on_the_clock_whatever_minute_a_load_begins_with() {
        let one = steps(3, |minute| (minute + 3) as f32);
        let other = steps(10, |minute| (minute + 10) as f32);
        assert_eq!(one.at(4), other.at(4));
        assert!(one.at(1_000).is_nan());
    }
}
