//! Whether and how steeply demand climbs.

use super::daily::{Daily, WEEK, median};

/// Weeks of history below which no trend is believed. Method §8.
const LEAST_WEEKS: usize = 8;
/// How far from none a slope must be, in standard errors. Method §8.
const LEAST_T: f64 = 2.0;
/// Share of the slope that is carried on. Method §8.
const SHARE: f64 = 0.5;

/// Gives the slope by which the next day is higher, before damping: half the Theil–Sen slope where it is believed, else 0.
///
/// It is believed from eight weeks on, when the least-squares slope of the
/// weekly means is more than two standard errors from none: days within a week
/// resemble each other, so that they would count too often.
#[must_use]
pub fn damped_slope_per_day(history: &Daily) -> f64 {
    if history.days() < LEAST_WEEKS * WEEK {
        return 0.0;
    }
    let weeks: Vec<(f64, f64)> = history
        .values
        .rchunks(WEEK)
        .rev()
        .enumerate()
        .filter_map(|(week, days)| {
            let measured: Vec<f64> = days.iter().flatten().copied().collect();
            let enough = days.len() == WEEK && measured.len() > WEEK / 2;
            enough.then(|| (week as f64, measured.iter().sum::<f64>() / measured.len() as f64))
        })
        .collect();
    if weeks.len() < LEAST_WEEKS || t_of_slope(&weeks).abs() <= LEAST_T {
        return 0.0;
    }
    SHARE * theil_sen(&weeks) / WEEK as f64
}

/// Gives the median of the slopes of all pairs of points (Sen 1968); 0 of fewer than two.
#[must_use]
pub fn theil_sen(points: &[(f64, f64)]) -> f64 {
    let mut slopes: Vec<f64> = points
        .iter()
        .enumerate()
        .flat_map(|(at, from)| points[at + 1..].iter().map(move |to| (from, to)))
        .filter(|(from, to)| to.0 != from.0)
        .map(|(from, to)| (to.1 - from.1) / (to.0 - from.0))
        .collect();
    median(&mut slopes).unwrap_or(0.0)
}

/// Gives the least-squares slope in its standard errors; infinite where every point lies on a slope.
fn t_of_slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let sxx: f64 = points.iter().map(|point| (point.0 - mean_x).powi(2)).sum();
    let sxy: f64 = points.iter().map(|point| (point.0 - mean_x) * (point.1 - mean_y)).sum();
    let slope = sxy / sxx;
    if slope == 0.0 || !slope.is_finite() {
        return 0.0;
    }
    let rest: f64 = points
        .iter()
        .map(|point| (point.1 - mean_y - slope * (point.0 - mean_x)).powi(2))
        .sum();
    slope / (rest / (n - 2.0) / sxx).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_climb_of_nine_weeks_is_half_believed_and_one_of_seven_not() {
        let climb = |days: i32| Daily::of((0..days).map(|day| (day, 10.0 + 0.1 * f64::from(day))));
        assert!((damped_slope_per_day(&climb(63)) - 0.05).abs() < 1e-9);
        assert_eq!(damped_slope_per_day(&climb(49)), 0.0);
    }

    #[test]
    fn noise_is_no_trend() {
        let noise = Daily::of((0..70).map(|day| (day, 10.0 + f64::from((day * 37) % 11))));
        assert_eq!(damped_slope_per_day(&noise), 0.0);
        assert_eq!(damped_slope_per_day(&Daily::of((0..70).map(|day| (day, 3.0)))), 0.0);
    }

    #[test]
    fn one_wild_point_does_not_tilt_the_slope() {
        let mut points: Vec<(f64, f64)> = (0..9).map(|at| (f64::from(at), 2.0 * f64::from(at))).collect();
        points[4].1 = 900.0;
        assert!((theil_sen(&points) - 2.0).abs() < 1e-9);
        assert_eq!(theil_sen(&[]), 0.0);
    }
}
