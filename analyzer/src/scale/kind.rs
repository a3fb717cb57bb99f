//! What kind of load it is, which says how much any policy can do for it.
//!
//! Input: the first part of a need. Output: [`Kind`], by two measures: how far
//! load rises while an instance boots, and how much of it the hour of the week
//! explains.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::derive::tracking_target;
use super::load::{Load, Need};

/// Tracking target that the series' own rises allow, from which on it is smooth.
const SMOOTH_TARGET: f64 = 0.8;
/// Share of the variance that the hour of the week explains, from which on a load has a rhythm.
const RHYTHM: f64 = 0.5;

/// What kind of load it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Hardly rises while an instance boots.
    Smooth,
    /// Follows the hour of the week.
    Diurnal,
    /// Rises faster than instances boot, at no hour in particular.
    Spiky,
    /// Rises from week to week.
    Growing,
}

impl Kind {
    /// Judges the first part of a load.
    #[must_use]
    pub fn of(load: &Load, need: &Need, minutes_of_week: &[u16], boot_minutes: u32) -> Self {
        if super::derive::growth(load) > 1.0 {
            Self::Growing
        } else if tracking_target(need, boot_minutes, 0.99).is_some_and(|target| target >= SMOOTH_TARGET) {
            Self::Smooth
        } else if explained_by_hour(need, minutes_of_week) >= RHYTHM {
            Self::Diurnal
        } else {
            Self::Spiky
        }
    }

    /// Says what to expect of it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Smooth => "smooth: a policy comes close to what every minute needs",
            Self::Diurnal => "diurnal: a forecast goes ahead of the day",
            Self::Spiky => "spiky: it rises faster than instances boot, so any policy pays for headroom",
            Self::Growing => "growing: what was fitted on the past is too low, so only what reacts is trusted",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Smooth => "smooth",
            Self::Diurnal => "diurnal",
            Self::Spiky => "spiky",
            Self::Growing => "growing",
        })
    }
}

/// Gives the share of the variance that the means of the hours of the day explain, working days and week-ends apart.
fn explained_by_hour(need: &Need, minutes_of_week: &[u16]) -> f64 {
    let mut hours = [(0.0_f64, 0_u32); 48];
    let mut all = (0.0_f64, 0.0_f64, 0_u32);
    for (value, minute) in need.per_minute().iter().zip(minutes_of_week) {
        if value.is_nan() {
            continue;
        }
        let value = f64::from(*value);
        let minute = usize::from(*minute);
        let hour = minute / 60 % 24 + if minute >= 5 * super::DAY { 24 } else { 0 };
        hours[hour].0 += value;
        hours[hour].1 += 1;
        all = (all.0 + value, all.1 + value * value, all.2 + 1);
    }
    let count = f64::from(all.2.max(1));
    let mean = all.0 / count;
    let variance = all.1 / count - mean * mean;
    let between: f64 = hours
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|&(sum, hour_count)| {
            let hour_count = f64::from(hour_count);
            hour_count / count * (sum / hour_count - mean).powi(2)
        })
        .sum();
    if variance > 0.0 { between / variance } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::WEEK;

    fn kind(value: impl Fn(usize) -> f32) -> Kind {
        let load = Load::from_minutes(4 * 1_440, (0..2 * WEEK).map(value).collect());
        let week = load.minutes_of_week(&jiff::tz::TimeZone::UTC);
        Kind::of(&load, &Need::new(&load, 1.0, 0.0), &week, 5)
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        assert_eq!(kind(|_| 5.0), Kind::Smooth);
        assert_eq!(
            kind(|minute| if minute % 1_440 / 60 % 4 == 1 { 9.0 } else { 2.0 }),
            Kind::Diurnal
        );
        assert_eq!(kind(|minute| if minute % 397 < 20 { 9.0 } else { 2.0 }), Kind::Spiky);
        assert_eq!(kind(|minute| 1.0 + minute as f32 / 5_000.0), Kind::Growing);
    }
}
