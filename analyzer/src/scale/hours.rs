//! When is nobody there? Start and stop times of what need not run day and night.
//!
//! Input: a [`Load`] and a time zone. Output: [`OfficeHours`]: for each day of
//! the week when to start and stop, what that saves, and the hours in which
//! somebody had worked outside. An hour is active when its mean stands clearly
//! above rest; a day starts before its first hour that is usually active.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::load::{Load, quantile};

/// How far between rest (P20 of the hours) and crest (P95) an active hour stands.
const ACTIVE_FROM: f64 = 0.2;
/// A crest below this many times the rest is no rhythm.
const LEAST_CONTRAST: f64 = 2.0;
/// Share of the weeks in which an hour was active, from which on it is kept.
const USUAL: f64 = 0.2;
/// Hours of data below which nothing is proposed: two weeks.
const LEAST_HOURS: usize = 14 * 24;

/// When hosts run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfficeHours {
    /// For each day from Monday: hour of start and of stop (up to 24); absent where the day is off.
    pub days: Vec<Option<(u8, u8)>>,
    /// Share of the week in which nothing runs.
    pub saving: f64,
    /// Hours of the history in which somebody worked outside.
    pub worked_outside: usize,
    /// Minutes since 1970 of the start of the latest of them, at most ten.
    pub latest_outside: Vec<i64>,
    /// Hours of the history.
    pub hours: usize,
}

impl OfficeHours {
    /// Says on which days and from when to when, days alike together: `Mon-Fri 08-19`.
    #[must_use]
    pub fn words(&self) -> String {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let mut parts: Vec<String> = Vec::new();
        let count = self.days.len().min(DAYS.len());
        let mut day = 0;
        while day < count {
            let mut last = day;
            while last + 1 < count && self.days[last + 1] == self.days[day] {
                last += 1;
            }
            if let Some((start, stop)) = self.days[day] {
                let days = if last == day {
                    DAYS[day].to_string()
                } else {
                    format!("{}-{}", DAYS[day], DAYS[last])
                };
                parts.push(format!("{days} {start:02}-{stop:02}"));
            }
            day = last + 1;
        }
        if parts.is_empty() {
            "never".to_string()
        } else {
            parts.join(", ")
        }
    }
}

/// Why there are no hours to propose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoHours {
    /// Less than two weeks of data.
    ShortHistory,
    /// The load has no rest, or nothing but rest.
    NoRhythm,
    /// Work is done at nearly all hours.
    AlwaysOn,
}

impl NoHours {
    /// Says it in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::ShortHistory => "two weeks of history are needed",
            Self::NoRhythm => "the load has no rest that could be told from work",
            Self::AlwaysOn => "work is done at nearly all hours",
        }
    }
}

/// Mines start and stop times from a history.
///
/// # Errors
/// When there is nothing to propose, with why.
pub fn office_hours(load: &Load, zone: &TimeZone) -> Result<OfficeHours, NoHours> {
    let hours = hourly(load, zone);
    if hours.len() < LEAST_HOURS {
        return Err(NoHours::ShortHistory);
    }
    let mut means: Vec<f32> = hours.iter().map(|hour| hour.mean).collect();
    let rest = quantile(&mut means, 0.2).unwrap_or(0.0);
    let crest = quantile(&mut means, 0.95).unwrap_or(0.0);
    if crest < LEAST_CONTRAST * rest || crest <= 0.0 {
        return Err(NoHours::NoRhythm);
    }
    let threshold = rest + ACTIVE_FROM * (crest - rest);
    let mut seen = [(0_u32, 0_u32); 168];
    for hour in &hours {
        let (active, all) = &mut seen[hour.of_week];
        *active += u32::from(f64::from(hour.mean) > threshold);
        *all += 1;
    }
    let usual = |hour: usize| seen[hour].1 > 0 && f64::from(seen[hour].0) >= USUAL * f64::from(seen[hour].1);
    let days: Vec<Option<(u8, u8)>> = (0..7)
        .map(|day| {
            let first = (0..24).find(|hour| usual(day * 24 + hour))?;
            let last = (0..24).rev().find(|hour| usual(day * 24 + hour))?;
            Some((first as u8, last as u8 + 1))
        })
        .collect();
    let on: u32 = days.iter().flatten().map(|(start, stop)| u32::from(stop - start)).sum();
    if on > 140 {
        return Err(NoHours::AlwaysOn);
    }
    let runs = |hour_of_week: usize| {
        let hour = (hour_of_week % 24) as u8;
        days[hour_of_week / 24].is_some_and(|(start, stop)| (start..stop).contains(&hour))
    };
    let outside: Vec<&Hour> = hours
        .iter()
        .filter(|hour| f64::from(hour.mean) > threshold && !runs(hour.of_week))
        .collect();
    Ok(OfficeHours {
        saving: 1.0 - f64::from(on) / 168.0,
        worked_outside: outside.len(),
        latest_outside: outside.iter().rev().take(10).map(|hour| hour.first_minute).collect(),
        hours: hours.len(),
        days,
    })
}

struct Hour {
    first_minute: i64,
    of_week: usize,
    mean: f32,
}

fn hourly(load: &Load, zone: &TimeZone) -> Vec<Hour> {
    let week = load.minutes_of_week(zone);
    let mut out = Vec::with_capacity(week.len() / 60 + 1);
    let mut at = 0;
    while at < week.len() {
        let hour = week[at] / 60;
        let mut end = at + 1;
        while end < week.len() && week[end] / 60 == hour && end - at < 60 {
            end += 1;
        }
        let (sum, count) = load.per_minute()[at..end]
            .iter()
            .filter(|value| !value.is_nan())
            .fold((0.0_f32, 0_u16), |(sum, count), value| (sum + value, count + 1));
        if count >= 30 {
            out.push(Hour {
                first_minute: load.first_minute() + at as i64,
                of_week: usize::from(hour),
                mean: sum / f32::from(count),
            });
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scale::{DAY, WEEK};

    /// Four weeks from a Monday, work from 9 to 18 on working days.
    fn office(extra: impl Fn(usize) -> bool) -> Load {
        let values = (0..4 * WEEK).map(|minute| {
            let working = minute % WEEK < 5 * DAY && (540..1_080).contains(&(minute % DAY));
            if working || extra(minute) { 3.0 } else { 0.1 }
        });
        Load::from_minutes(4 * 1_440, values.collect())
    }

    #[test]
    fn office_hours_are_found_with_their_saving() {
        let hours = office_hours(&office(|_| false), &TimeZone::UTC).unwrap();
        assert_eq!(
            hours.days,
            [
                Some((9, 18)),
                Some((9, 18)),
                Some((9, 18)),
                Some((9, 18)),
                Some((9, 18)),
                None,
                None
            ]
        );
        assert!((hours.saving - (1.0 - 45.0 / 168.0)).abs() < 1e-9);
        assert_eq!(hours.words(), "Mon-Fri 09-18");
        assert_eq!(hours.worked_outside, 0);
    }

    #[test]
    fn one_late_evening_does_not_keep_every_evening_on_but_is_told() {
        // The last Wednesday from 20 to 22 o'clock: one week in four is usual, so it takes more weeks than that.
        let late = |minute: usize| {
            minute / WEEK == 3 && (20 * 60..22 * 60).contains(&(minute % DAY)) && minute % WEEK / DAY == 2
        };
        let values: Vec<f32> = office(|_| false).per_minute().repeat(2);
        let values: Vec<f32> = values
            .iter()
            .enumerate()
            .map(|(minute, value)| if late(minute) { 3.0 } else { *value })
            .collect();
        let hours = office_hours(&Load::from_minutes(4 * 1_440, values), &TimeZone::UTC).unwrap();
        assert_eq!(hours.days[2], Some((9, 18)));
        assert_eq!(hours.worked_outside, 2);
        assert_eq!(hours.latest_outside.len(), 2);
    }

    #[test]
    fn a_load_without_rest_has_no_hours() {
        let flat = Load::from_minutes(0, vec![2.0; 4 * WEEK]);
        assert_eq!(office_hours(&flat, &TimeZone::UTC), Err(NoHours::NoRhythm));
        assert_eq!(
            office_hours(&Load::from_minutes(0, vec![2.0; DAY]), &TimeZone::UTC),
            Err(NoHours::ShortHistory)
        );
    }
}
