//! The five members of the ensemble; each is simple, and wrong in its own way.
//!
//! Each takes the history and gives a value for each of the days to come, or
//! nothing where it has too little to go by.

use super::daily::{Daily, WEEK, median};

/// Smoothing factors that are tried.
const ALPHAS: [f64; 10] = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9];
/// Weeks that the weekday index and the weekday mean look back.
const WEEKS: usize = 4;
/// Days of the short median.
const SHORT: usize = 14;
/// Days of history below which nothing is smoothed: two weeks.
const LEAST_DAYS: usize = 14;

/// The same day of the last week that has one.
pub(super) fn seasonal_naive(history: &Daily, horizon: usize) -> Option<Vec<f64>> {
    by_weekday(history, horizon, |values| values.last().copied())
}

/// The mean of the same weekday over the last four weeks.
pub(super) fn weekday_mean(history: &Daily, horizon: usize) -> Option<Vec<f64>> {
    by_weekday(history, horizon, |values| {
        let last = &values[values.len().saturating_sub(WEEKS)..];
        (!last.is_empty()).then(|| last.iter().sum::<f64>() / last.len() as f64)
    })
}

/// The median of the last 14 days.
pub(super) fn short_median(history: &Daily, horizon: usize) -> Option<Vec<f64>> {
    let from = history.days().saturating_sub(SHORT);
    let mut last: Vec<f64> = history.values[from..].iter().flatten().copied().collect();
    Some(vec![median(&mut last)?; horizon])
}

/// Exponential smoothing whose factor errs least by absolute error one day ahead; a flat line.
pub(super) fn robust_smoothing(history: &Daily, horizon: usize) -> Option<Vec<f64>> {
    if history.measured() < LEAST_DAYS {
        return None;
    }
    let values: Vec<f64> = history.values.iter().flatten().copied().collect();
    let (level, _) = smoothed(&values, f64::abs)?;
    Some(vec![level; horizon])
}

/// Exponential smoothing of the values without their weekday, times the weekday's index.
pub(super) fn indexed_smoothing(history: &Daily, horizon: usize) -> Option<Vec<f64>> {
    if history.measured() < LEAST_DAYS {
        return None;
    }
    let index = weekday_index(history)?;
    let plain: Vec<f64> = history
        .values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| Some((*value)? / index[Daily::weekday(at)]))
        .collect();
    let (level, _) = smoothed(&plain, |error| error * error)?;
    Some(
        (0..horizon)
            .map(|ahead| level * index[Daily::weekday(history.days() + ahead)])
            .collect(),
    )
}

/// What each weekday is of its week, by the median over the weeks; 1 in the mean. Nothing where a weekday was never seen.
fn weekday_index(history: &Daily) -> Option<[f64; WEEK]> {
    let mut ratios: [Vec<f64>; WEEK] = Default::default();
    let weeks = history.values.rchunks(WEEK);
    let mut end = history.days();
    for week in weeks {
        let measured: Vec<f64> = week.iter().flatten().copied().collect();
        let mean = measured.iter().sum::<f64>() / measured.len().max(1) as f64;
        let start = end - week.len();
        if measured.len() >= WEEK - 1 && mean > 0.0 {
            for (at, value) in week.iter().enumerate() {
                if let Some(value) = value {
                    ratios[Daily::weekday(start + at)].push(value / mean);
                }
            }
        }
        end = start;
    }
    let mut index = [1.0; WEEK];
    for (one, ratios) in index.iter_mut().zip(&mut ratios) {
        *one = median(ratios)?.max(0.05);
    }
    let mean = index.iter().sum::<f64>() / WEEK as f64;
    Some(index.map(|one| one / mean))
}

/// Gives the last level under the factor whose forecasts one step ahead err least, and that error.
fn smoothed(values: &[f64], loss: impl Fn(f64) -> f64) -> Option<(f64, f64)> {
    let start = values.len().min(WEEK);
    let first = values.get(..start).filter(|first| !first.is_empty())?;
    let first = first.iter().sum::<f64>() / start as f64;
    ALPHAS
        .iter()
        .map(|alpha| {
            let (mut level, mut error) = (first, 0.0);
            for value in values {
                error += loss(value - level);
                level += alpha * (value - level);
            }
            (level, error)
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// Forecasts each day from the measured values of its weekday, oldest first.
fn by_weekday(history: &Daily, horizon: usize, point: impl Fn(&[f64]) -> Option<f64>) -> Option<Vec<f64>> {
    let mut weekdays: [Vec<f64>; WEEK] = Default::default();
    for (at, value) in history.values.iter().enumerate() {
        if let Some(value) = value {
            weekdays[Daily::weekday(at)].push(*value);
        }
    }
    (0..horizon)
        .map(|ahead| point(&weekdays[Daily::weekday(history.days() + ahead)]))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Five weeks of 10 on the first five days of the week and 4 on the others.
    fn office() -> Daily {
        Daily::of((0..35).map(|day| (day, if day % 7 < 5 { 10.0 } else { 4.0 })))
    }

    #[test]
    fn members_that_know_the_week_repeat_it() {
        let week = [10.0, 10.0, 10.0, 10.0, 10.0, 4.0, 4.0, 10.0];
        for member in [seasonal_naive, weekday_mean, indexed_smoothing] {
            let ahead = member(&office(), 8).unwrap();
            for (got, wanted) in ahead.iter().zip(week) {
                assert!((got - wanted).abs() < 1e-9, "{ahead:?}");
            }
        }
        assert_eq!(short_median(&office(), 2).unwrap(), [10.0, 10.0]);
    }

    #[test]
    fn what_has_too_little_says_nothing() {
        let short = Daily::of((0..6).map(|day| (day, 1.0)));
        assert_eq!(seasonal_naive(&short, 7), None);
        assert_eq!(
            seasonal_naive(&Daily::of((0..7).map(|day| (day, 1.0))), 3).unwrap(),
            [1.0; 3]
        );
        assert_eq!(indexed_smoothing(&short, 1), None);
        assert_eq!(robust_smoothing(&short, 1), None);
        assert_eq!(short_median(&Daily::default(), 1), None);
    }
}
