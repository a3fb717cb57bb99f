//! Local days: where week-ends lie, and which dates an axis names.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// A name at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DateTick {
    pub(super) at_ms: i64,
    pub(super) name: String,
}

/// Most days whose week-ends are shaded; beyond, the shades are thinner than a pixel.
const MOST_SHADED_DAYS: i64 = 200;

/// Writes an instant as people say it: "Fri 15 May 02:41".
pub(super) fn minute_name(at_ms: i64, zone: &TimeZone) -> String {
    local(at_ms, zone).map_or_else(
        || "?".to_string(),
        |local| local.strftime("%a %-d %b %H:%M").to_string(),
    )
}

/// Gives the stretches of Saturday and Sunday within `from_ms..to_ms`.
pub(super) fn weekends(from_ms: i64, to_ms: i64, zone: &TimeZone) -> Vec<(i64, i64)> {
    let Some(first) = local(from_ms, zone) else {
        return Vec::new();
    };
    if (to_ms - from_ms) / 86_400_000 > MOST_SHADED_DAYS {
        return Vec::new();
    }
    let mut stretches = Vec::new();
    let back = i64::from(first.weekday().to_monday_zero_offset());
    let mut monday = first.date().checked_sub(back.days()).ok();
    while let Some(day) = monday {
        let saturday = day.checked_add(5.days()).ok();
        let next = day.checked_add(7.days()).ok();
        let (Some(start), Some(end)) = (midnight(saturday, zone), midnight(next, zone)) else {
            break;
        };
        if start >= to_ms {
            break;
        }
        if end > from_ms {
            stretches.push((start.max(from_ms), end.min(to_ms)));
        }
        monday = next;
    }
    stretches
}

/// Gives the dates an axis names, at most `most`: hours, days, Mondays or months, whichever fits.
pub(super) fn date_ticks(from_ms: i64, to_ms: i64, zone: &TimeZone, most: usize) -> Vec<DateTick> {
    let most = most.max(1);
    let hours = (to_ms - from_ms) as f64 / 3_600_000.0;
    let days = hours / 24.0;
    if days <= 1.5 {
        let every = [1, 2, 3, 4, 6, 12, 24]
            .into_iter()
            .find(|&every| hours / f64::from(every) <= most as f64);
        return hour_ticks(from_ms, to_ms, zone, every.unwrap_or(24));
    }
    if days > 7.0 * most as f64 {
        return month_ticks(from_ms, to_ms, zone, most);
    }
    let every = [1, 2, 7, 14]
        .into_iter()
        .find(|&every| days / f64::from(every) <= most as f64)
        .unwrap_or(14);
    let Some(first) = local(from_ms, zone) else {
        return Vec::new();
    };
    let start = if every >= 7 {
        let ahead = (7 - i64::from(first.weekday().to_monday_zero_offset())) % 7;
        first.date().checked_add(ahead.days())
    } else {
        Ok(first.date())
    };
    let mut ticks = Vec::new();
    let mut date = start.ok();
    while let Some(day) = date {
        let Some(at_ms) = midnight(Some(day), zone) else { break };
        if at_ms > to_ms {
            break;
        }
        if at_ms >= from_ms {
            ticks.push(DateTick {
                at_ms,
                name: day.strftime("%a %-d %b").to_string(),
            });
        }
        date = day.checked_add(i64::from(every).days()).ok();
    }
    ticks
}

fn hour_ticks(from_ms: i64, to_ms: i64, zone: &TimeZone, every: i32) -> Vec<DateTick> {
    let mut ticks: Vec<DateTick> = Vec::new();
    // Every quarter of an hour, since a zone may be off UTC by one; kept where the local clock shows the hour.
    let quarter = 900_000;
    let mut at_ms = (from_ms + quarter - 1).div_euclid(quarter) * quarter;
    while at_ms <= to_ms {
        if let Some(local) = local(at_ms, zone)
            && local.minute() == 0
            && i32::from(local.hour()) % every == 0
        {
            let format = if ticks.is_empty() || local.hour() == 0 {
                "%a %-d %b %H:%M"
            } else {
                "%H:%M"
            };
            ticks.push(DateTick {
                at_ms,
                name: local.strftime(format).to_string(),
            });
        }
        at_ms += quarter;
    }
    ticks
}

fn month_ticks(from_ms: i64, to_ms: i64, zone: &TimeZone, most: usize) -> Vec<DateTick> {
    let Some(first) = local(from_ms, zone) else {
        return Vec::new();
    };
    let months = (to_ms - from_ms) as f64 / 86_400_000.0 / 30.0;
    let every = [1, 2, 3, 6, 12]
        .into_iter()
        .find(|&every| months / f64::from(every) <= most as f64)
        .unwrap_or(12);
    let mut ticks = Vec::new();
    let mut date = Some(first.date().first_of_month());
    while let Some(day) = date {
        let Some(at_ms) = midnight(Some(day), zone) else { break };
        if at_ms > to_ms {
            break;
        }
        if at_ms >= from_ms && (i32::from(day.month()) - 1) % every == 0 {
            ticks.push(DateTick {
                at_ms,
                name: day.strftime("%b %Y").to_string(),
            });
        }
        date = day.checked_add(1.month()).ok();
    }
    ticks
}

/// Gives the short name of a day of the week, Monday being 0.
pub(super) fn weekday_name(day: usize) -> &'static str {
    match Weekday::from_monday_zero_offset((day % 7) as i8) {
        Ok(Weekday::Monday) | Err(_) => "Mon",
        Ok(Weekday::Tuesday) => "Tue",
        Ok(Weekday::Wednesday) => "Wed",
        Ok(Weekday::Thursday) => "Thu",
        Ok(Weekday::Friday) => "Fri",
        Ok(Weekday::Saturday) => "Sat",
        Ok(Weekday::Sunday) => "Sun",
    }
}

fn local(at_ms: i64, zone: &TimeZone) -> Option<Zoned> {
    Timestamp::from_millisecond(at_ms)
        .ok()
        .map(|instant| instant.to_zoned(zone.clone()))
}

fn midnight(date: Option<Date>, zone: &TimeZone) -> Option<i64> {
    let start = date?.to_zoned(zone.clone()).ok()?;
    Some(start.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_weekend_is_that_of_the_assessments_zone() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        // Saturday 2026-05-09 starts in Vietnam at 17:00 UTC on Friday.
        let stretches = weekends(at("2026-05-04T00:00:00Z"), at("2026-05-13T00:00:00Z"), &zone);
        assert_eq!(stretches, [(at("2026-05-08T17:00:00Z"), at("2026-05-10T17:00:00Z"))]);
    }

    #[test]
    fn a_window_that_starts_on_sunday_starts_shaded() {
        let stretches = weekends(at("2026-05-10T06:00:00Z"), at("2026-05-12T00:00:00Z"), &TimeZone::UTC);
        assert_eq!(stretches, [(at("2026-05-10T06:00:00Z"), at("2026-05-11T00:00:00Z"))]);
    }

    #[test]
    fn a_month_names_its_mondays() {
        let ticks = date_ticks(
            at("2026-05-01T00:00:00Z"),
            at("2026-05-31T00:00:00Z"),
            &TimeZone::UTC,
            8,
        );
        let names: Vec<&str> = ticks.iter().map(|tick| tick.name.as_str()).collect();
        assert_eq!(names, ["Mon 4 May", "Mon 11 May", "Mon 18 May", "Mon 25 May"]);
    }

    #[test]
    fn a_day_names_its_hours_and_a_year_its_months() {
        let day = date_ticks(
            at("2026-05-01T00:00:00Z"),
            at("2026-05-02T00:00:00Z"),
            &TimeZone::UTC,
            9,
        );
        assert_eq!(day[0].name, "Fri 1 May 00:00");
        assert_eq!(day[1].name, "03:00");
        let year = date_ticks(
            at("2026-01-01T00:00:00Z"),
            at("2026-12-31T00:00:00Z"),
            &TimeZone::UTC,
            8,
        );
        assert_eq!(year[1].name, "Mar 2026");
    }

    #[test]
    fn a_minute_is_named_in_local_time() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        assert_eq!(minute_name(at("2026-05-14T19:41:00Z"), &zone), "Fri 15 May 02:41");
    }
}
