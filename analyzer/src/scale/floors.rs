//! When the minimum of a group changes: its schedule and its forecast, laid on the minutes of a series.
//!
//! Input: a policy, the series' place in the week, the forecast. Output:
//! [`Floors`] for a replay. Where both ask, the larger counts.

use super::forecast::HourForecast;
use super::policy::{PredictiveMode, ScalingPolicy};
use super::replay::Floors;

/// Lays a policy's schedule and forecast on a series of which `minutes_of_week` gives every minute's place; `per_unit` is what one unit of capacity carries, imbalance taken off.
#[must_use]
pub fn floors(
    policy: &ScalingPolicy,
    minutes_of_week: &[u16],
    forecast: Option<&HourForecast>,
    per_unit: f64,
) -> Floors {
    let scheduled = scheduled(policy, minutes_of_week);
    let predicted = predicted(policy, forecast, per_unit, minutes_of_week.len());
    if scheduled.is_empty() && predicted.is_empty() {
        return Floors::default();
    }
    merge(&scheduled, &predicted)
}

fn scheduled(policy: &ScalingPolicy, minutes_of_week: &[u16]) -> Vec<(u32, u32)> {
    let Some(schedule) = policy.schedule.as_ref().filter(|schedule| !schedule.actions.is_empty()) else {
        return Vec::new();
    };
    let Some(&first) = minutes_of_week.first() else {
        return Vec::new();
    };
    let mut out = vec![(0, schedule.at(usize::from(first)))];
    // The index of the next action: the first that is later in the week than now.
    let mut next = schedule.actions.partition_point(|(from, _)| *from <= first) % schedule.actions.len();
    for (minute, pair) in minutes_of_week.windows(2).enumerate() {
        let (before, now) = (pair[0], pair[1]);
        let mut passed = 0;
        // A clock change may jump over several actions; each is met once.
        while passed < schedule.actions.len() {
            let at = schedule.actions[next].0;
            let met = if before < now {
                before < at && at <= now
            } else if now + 1 == before || now == before {
                false
            } else {
                at > before || at <= now
            };
            if !met {
                break;
            }
            out.push((minute as u32 + 1, schedule.actions[next].1));
            next = (next + 1) % schedule.actions.len();
            passed += 1;
        }
    }
    out
}

fn predicted(
    policy: &ScalingPolicy,
    forecast: Option<&HourForecast>,
    per_unit: f64,
    minutes: usize,
) -> Vec<(u32, u32)> {
    let (Some(predictive), Some(forecast)) = (policy.predictive, forecast) else {
        return Vec::new();
    };
    if predictive.mode == PredictiveMode::ForecastOnly {
        return Vec::new();
    }
    let hours: Vec<(i64, u32)> = forecast
        .at_level(predictive.level)
        .map(|(start, load)| {
            let units = load.map_or(0.0, |load| {
                (load / (per_unit * predictive.target) - 1e-4).ceil().max(0.0)
            });
            (start, units as u32)
        })
        .collect();
    let lead = i64::from(predictive.lead_minutes);
    let mut out = Vec::with_capacity(hours.len() * 2);
    let mut before = 0;
    for &(start, units) in &hours {
        // A rise is asked for ahead of its hour, a fall waits until the hour has begun.
        let at = if units > before { start - lead } else { start };
        if units != before && at < minutes as i64 {
            out.push((at.max(0) as u32, units));
            before = units;
        }
    }
    out
}

/// Gives the larger of two step functions.
fn merge(one: &[(u32, u32)], other: &[(u32, u32)]) -> Floors {
    let mut changes: Vec<(u32, u32)> = Vec::with_capacity(one.len() + other.len());
    let (mut i, mut j) = (0, 0);
    let (mut a, mut b) = (0, 0);
    while i < one.len() || j < other.len() {
        let at = match (one.get(i), other.get(j)) {
            (Some(x), Some(y)) => x.0.min(y.0),
            (Some(x), None) => x.0,
            (None, Some(y)) => y.0,
            (None, None) => break,
        };
        while one.get(i).is_some_and(|x| x.0 <= at) {
            a = one[i].1;
            i += 1;
        }
        while other.get(j).is_some_and(|y| y.0 <= at) {
            b = other[j].1;
            j += 1;
        }
        let floor = a.max(b);
        if changes.last().is_none_or(|last| last.1 != floor) {
            changes.push((at, floor));
        }
    }
    Floors { changes }
}
