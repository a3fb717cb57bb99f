//! The point forecast: the median of five members, and a damped trend.

use super::daily::{Daily, median};
use super::members::{indexed_smoothing, robust_smoothing, seasonal_naive, short_median, weekday_mean};
use super::trend::damped_slope_per_day;

/// By which the slope of each further day shrinks. Method §8.
const DAMPING: f64 = 0.9;

/// Forecasts the days that follow a history; nothing where there is no day to go by.
///
/// Gives `horizon` values in the unit of the history, never below zero.
#[must_use]
pub fn forecast(history: &Daily, horizon: usize) -> Option<Vec<f64>> {
    let members = [
        seasonal_naive(history, horizon),
        indexed_smoothing(history, horizon),
        short_median(history, horizon),
        weekday_mean(history, horizon),
        robust_smoothing(history, horizon),
    ];
    let slope = damped_slope_per_day(history);
    let (mut climbed, mut step) = (0.0, slope);
    (0..horizon)
        .map(|ahead| {
            let mut values: Vec<f64> = members.iter().flatten().map(|member| member[ahead]).collect();
            step *= DAMPING;
            climbed += step;
            Some((median(&mut values)? + climbed).max(0.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_steady_host_stays_as_it_is() {
        let ahead = forecast(&Daily::of((0..40).map(|day| (day, 2.5))), 30).unwrap();
        assert!(ahead.iter().all(|value| (value - 2.5).abs() < 1e-9), "{ahead:?}");
        assert_eq!(forecast(&Daily::default(), 5), None);
    }

    proptest! {
        #[test]
        fn it_has_the_unit_of_its_history(
            values in prop::collection::vec(0.01_f64..50.0, 20..90),
            times in 0.1_f64..10.0,
        ) {
            let history = |times: f64| {
                Daily::of(values.iter().zip(0..).map(|(value, day)| (day, value * times)))
            };
            let (one, scaled) = (forecast(&history(1.0), 20).unwrap(), forecast(&history(times), 20).unwrap());
            for (one, scaled) in one.iter().zip(scaled) {
                prop_assert!((one * times - scaled).abs() < 1e-6 * (1.0 + scaled.abs()));
                prop_assert!(scaled >= 0.0);
            }
        }
    }
}
