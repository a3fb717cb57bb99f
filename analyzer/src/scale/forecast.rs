//! What each hour will need, as it could have been said at the time.
//!
//! Input: a [`Load`], a time zone and what people know ahead ([`Foresight`]).
//! Output: an [`HourForecast`]: for every hour of the series the crest that was
//! forecast from the hours before it, and how far off such forecasts had been.
//!
//! As AWS's predictive scaling does, the forecast is made anew every six hours
//! from at most the last weeks. The point is a blend of the same hour of the
//! week (mean of up to four weeks) and the same hour of the day (mean of the
//! last days), scaled by how the last day compared with its own forecast. The
//! residual is the ratio of what came to what was forecast, over the last 28
//! days. Nothing of an hour or later is used for it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::load::{Load, quantile};

/// Levels at which residuals are kept.
pub const LEVELS: [f64; 8] = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98];
/// Hours between two forecasts (AWS: every 6 hours).
const REFRESH: usize = 6;
const DAY: usize = 24;
const WEEK: usize = 7 * DAY;
/// Weeks that the same hour of the week is averaged over.
const WEEKS: usize = 4;
/// Hours of residuals that are looked at.
const RESIDUAL_HOURS: usize = 28 * DAY;
/// Share of the minutes of an hour that its crest covers.
const CREST: f64 = 0.95;
/// Hours of history before the first forecast (AWS: 24 hours).
const LEAST_HISTORY: usize = DAY;

/// What people know ahead of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Foresight {
    /// Days that differ: holidays, pay days, Tet, campaigns.
    #[serde(default)]
    pub events: Vec<Event>,
    /// Growth over the history that is planned for, as a factor; 1 is none, absent is none.
    #[serde(default)]
    pub growth: Option<f64>,
}

/// A stretch of time in which the load is a multiple of the usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// First minute since 1970.
    pub first_minute: i64,
    /// The minute after the last.
    pub end_minute: i64,
    /// How many times the usual.
    pub times: f64,
}

impl Foresight {
    fn factor(&self, minute: i64) -> f64 {
        self.events
            .iter()
            .filter(|event| (event.first_minute..event.end_minute).contains(&minute) && event.times > 0.0)
            .map(|event| event.times)
            .product()
    }
}

/// Forecast crests by hour of a series, in the load's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct HourForecast {
    /// Minute of the series at which each hour starts; the first may be before the series.
    first_hour_minute: i64,
    /// Forecast of the hour's crest; `NaN` where there was too little history.
    points: Vec<f32>,
    /// Residual ratios at [`LEVELS`], by day of the series.
    residuals: Vec<[f32; LEVELS.len()]>,
    /// Share of the hour of the week in the blend.
    weekly: f64,
    growth: f64,
}

impl HourForecast {
    /// Forecasts every hour of a load from the hours before it; the blend is the one that errs least on the first `fit` minutes.
    #[must_use]
    pub fn rolling(load: &Load, zone: &TimeZone, foresight: &Foresight, fit: usize) -> Self {
        let crests = Crests::of(load, zone, foresight);
        let fit_hours = (fit / 60).min(crests.values.len());
        let blends = [0.0, 0.25, 0.5, 0.75, 1.0];
        let candidates = blends.map(|weekly| (weekly, crests.points(weekly)));
        let mut best = 0;
        let mut least = f64::INFINITY;
        for (index, (_, points)) in candidates.iter().enumerate() {
            let error = mean_error(&crests.values[..fit_hours], &points[..fit_hours]);
            if error < least {
                least = error;
                best = index;
            }
        }
        let (weekly, points) = candidates.into_iter().nth(best).unwrap_or_default();
        let residuals = residuals(&crests.values, &points);
        let points = points
            .iter()
            .enumerate()
            .map(|(hour, point)| (f64::from(*point) * crests.factors[hour]) as f32)
            .collect();
        Self {
            first_hour_minute: crests.first_hour_minute,
            points,
            residuals,
            weekly,
            growth: foresight.growth.unwrap_or(1.0),
        }
    }

    /// Gives the share of the hour of the week in the blend.
    #[must_use]
    pub fn weekly_share(&self) -> f64 {
        self.weekly
    }

    /// Gives the minute of the series at which an hour starts, and its forecast at a level of residuals, hour by hour.
    pub fn at_level(&self, level: f64) -> impl Iterator<Item = (i64, Option<f64>)> + '_ {
        let at = LEVELS
            .iter()
            .position(|known| *known >= level - 1e-9)
            .unwrap_or(LEVELS.len() - 1);
        self.points.iter().enumerate().map(move |(hour, point)| {
            let forecast =
                (!point.is_nan()).then(|| f64::from(*point) * f64::from(self.residuals[hour / DAY][at]) * self.growth);
            (self.first_hour_minute + 60 * hour as i64, forecast)
        })
    }
}

/// The crest of each local hour, with events taken out.
struct Crests {
    first_hour_minute: i64,
    values: Vec<f32>,
    factors: Vec<f64>,
    hour_of_week: Vec<usize>,
}

impl Crests {
    fn of(load: &Load, zone: &TimeZone, foresight: &Foresight) -> Self {
        let week = load.minutes_of_week(zone);
        let into_hour = week.first().map_or(0, |minute| i64::from(minute % 60));
        let first_hour_minute = -into_hour;
        let mut values = Vec::with_capacity(week.len() / 60 + 2);
        let mut factors = Vec::with_capacity(values.capacity());
        let mut hour_of_week = Vec::with_capacity(values.capacity());
        let mut start = first_hour_minute;
        let mut minutes: Vec<f32> = Vec::with_capacity(60);
        while start < week.len() as i64 {
            let from = start.max(0) as usize;
            let until = ((start + 60) as usize).min(week.len());
            minutes.clear();
            minutes.extend(load.per_minute()[from..until].iter().filter(|value| !value.is_nan()));
            let factor = foresight.factor(load.first_minute() + from as i64);
            let crest = if minutes.len() < 20 {
                None
            } else {
                quantile(&mut minutes, CREST)
            };
            values.push(crest.map_or(f32::NAN, |crest| (crest / factor) as f32));
            factors.push(factor);
            hour_of_week.push(usize::from(week[from]) / 60);
            start += 60;
        }
        Self {
            first_hour_minute,
            values,
            factors,
            hour_of_week,
        }
    }

    /// Forecasts each hour from what was known at the last refresh before it.
    fn points(&self, weekly: f64) -> Vec<f32> {
        let mut points = vec![f32::NAN; self.values.len()];
        for refresh in (0..self.values.len()).step_by(REFRESH) {
            if refresh < LEAST_HISTORY {
                continue;
            }
            let level = self.level(refresh, &points);
            for (hour, slot) in points.iter_mut().enumerate().skip(refresh).take(REFRESH) {
                if let Some(point) = self.blend(hour, refresh, weekly) {
                    *slot = (point * level) as f32;
                }
            }
        }
        points
    }

    /// How the last day compared with its own forecast, damped by half.
    fn level(&self, refresh: usize, points: &[f32]) -> f64 {
        let (mut came, mut said) = (0.0, 0.0);
        let day = refresh - DAY..refresh;
        for (value, point) in self.values[day.clone()].iter().zip(&points[day]) {
            if !value.is_nan() && !point.is_nan() {
                came += f64::from(*value);
                said += f64::from(*point);
            }
        }
        if said > 0.0 && came > 0.0 {
            (came / said).clamp(0.5, 2.0).sqrt()
        } else {
            1.0
        }
    }

    fn blend(&self, hour: usize, known: usize, weekly: f64) -> Option<f64> {
        let same_hour = self.mean_back(hour, known, WEEK, WEEKS);
        let weekend = self.hour_of_week[hour] >= 5 * DAY;
        // A day of the same kind, working day or week-end, else any.
        let day = self
            .mean_of_days(hour, known, |other| (self.hour_of_week[other] >= 5 * DAY) == weekend)
            .or_else(|| self.mean_of_days(hour, known, |_| true));
        match (same_hour, day) {
            (Some(week), Some(day)) => Some(weekly * week + (1.0 - weekly) * day),
            (one, other) => one.or(other),
        }
    }

    fn mean_back(&self, hour: usize, known: usize, step: usize, times: usize) -> Option<f64> {
        let values = (1..=times)
            .filter_map(|back| hour.checked_sub(back * step))
            .filter(|&earlier| earlier < known)
            .map(|earlier| self.values[earlier]);
        mean(values)
    }

    /// The last three days of a kind, of at most the last eight.
    fn mean_of_days(&self, hour: usize, known: usize, alike: impl Fn(usize) -> bool) -> Option<f64> {
        let values = (1..=8)
            .filter_map(|back| hour.checked_sub(back * DAY))
            .filter(|&earlier| earlier < known && alike(earlier) && !self.values[earlier].is_nan())
            .take(3)
            .map(|earlier| self.values[earlier]);
        mean(values)
    }
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f64> {
    let (sum, count) = values
        .filter(|value| !value.is_nan())
        .fold((0.0, 0_u32), |(sum, count), value| (sum + f64::from(value), count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn mean_error(values: &[f32], points: &[f32]) -> f64 {
    let (mut error, mut count) = (0.0, 0_u32);
    for (value, point) in values.iter().zip(points) {
        if !value.is_nan() && !point.is_nan() {
            error += f64::from((value - point).abs());
            count += 1;
        }
    }
    if count == 0 {
        f64::INFINITY
    } else {
        error / f64::from(count)
    }
}

/// Residual ratios before each day; before there are any, forecasts stand as they are.
fn residuals(values: &[f32], points: &[f32]) -> Vec<[f32; LEVELS.len()]> {
    let days = values.len().div_ceil(DAY);
    let mut out = Vec::with_capacity(days);
    let mut ratios: Vec<f32> = Vec::with_capacity(RESIDUAL_HOURS);
    for day in 0..days {
        let end = day * DAY;
        let from = end.saturating_sub(RESIDUAL_HOURS);
        ratios.clear();
        ratios.extend(
            values[from..end]
                .iter()
                .zip(&points[from..end])
                .filter(|(value, point)| !value.is_nan() && **point > 0.0)
                .map(|(value, point)| value / point),
        );
        let mut at_levels = [1.0; LEVELS.len()];
        if ratios.len() >= DAY {
            for (slot, level) in at_levels.iter_mut().zip(LEVELS) {
                *slot = quantile(&mut ratios, level).map_or(1.0, |ratio| ratio as f32);
            }
        }
        out.push(at_levels);
    }
    out
}
