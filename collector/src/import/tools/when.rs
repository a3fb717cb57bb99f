//! Times as other tools write them, as UTC milliseconds; nothing where no machine can have been measured then.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// 1990-01-01 UTC.
const EARLIEST_MS: i64 = 631_152_000_000;
/// 2200-01-01 UTC.
const LATEST_MS: i64 = 7_258_118_400_000;

/// What every time must be, for messages.
pub(crate) const EXPECTED: &str = "a time between 1990 and 2200";

/// Gives a time only if a measurement can have been taken then.
pub(crate) fn plausible(at_ms: i64) -> Option<i64> {
    (EARLIEST_MS..LATEST_MS).contains(&at_ms).then_some(at_ms)
}

/// Turns local time into UTC; of the two readings in the hour a clock is set back, the earlier one.
pub(crate) fn local(at: DateTime, zone: &TimeZone) -> Option<i64> {
    let at = zone.to_ambiguous_timestamp(at).earlier().ok()?;
    plausible(at.as_millisecond())
}

/// Turns seconds since 1970 into milliseconds.
pub(crate) fn seconds(seconds: f64) -> Option<i64> {
    // Beyond 2^53 ms lies nothing plausible, so the cast loses nothing that is kept.
    plausible((seconds * 1000.0).round() as i64)
}

/// Reads ISO 8601 and its relatives: `2026-05-01T10:00:00Z`, `2026-05-01 10:00:00[.5][+07:00| UTC]`, `2026/05/01 10:00`.
pub(crate) fn iso(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return plausible(at.as_millisecond());
    }
    if let Some(text) = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")) {
        return iso(text, &TimeZone::UTC);
    }
    let text = text.replace('/', "-");
    if let Ok(at) = text.parse::<DateTime>() {
        return local(at, zone);
    }
    let at = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| DateTime::strptime(format, &text).ok())?;
    local(at, zone)
}

/// Reads a time of day, with or without AM or PM and fractions.
pub(crate) fn time_of_day(text: &str, half: Option<&str>) -> Option<Time> {
    let (hour, rest) = text.split_once([':', '.'])?;
    let (minute, second) = match rest.split_once([':', '.']) {
        Some((minute, second)) => (minute, second.split(['.', ',']).next()?),
        None => (rest, "0"),
    };
    let mut hour: i8 = hour.parse().ok()?;
    match half.map(str::to_ascii_uppercase).as_deref() {
        Some("AM") if hour == 12 => hour = 0,
        Some("PM") if hour < 12 => hour += 12,
        _ => {}
    }
    Time::new(hour, minute.parse().ok()?, second.parse().ok()?, 0).ok()
}

/// Reads a date with slashes, dots or hyphens; `day` tells which of two numbers is the day, where the file's name says so.
///
/// American order (month first) stands where both readings are possible and nothing tells.
pub(crate) fn date(text: &str, day: Option<i8>) -> Option<(Date, bool)> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let number = |text: &str| text.parse::<i16>().ok();
    if a.len() == 4 {
        let date = Date::new(number(a)?, number(b)? as i8, number(c)? as i8).ok()?;
        return Some((date, false));
    }
    let year = match (c.len(), number(c)?) {
        (4, year) => year,
        // sysstat began in 1999.
        (2, year) if year < 90 => 2000 + year,
        (2, year) => 1900 + year,
        _ => return None,
    };
    let (first, second) = (number(a)? as i8, number(b)? as i8);
    let month_first = Date::new(year, first, second).ok();
    let day_first = Date::new(year, second, first).ok();
    // Dots are written where the day comes first.
    let is_dotted = text.contains('.');
    match (month_first, day_first) {
        (Some(date), None) | (None, Some(date)) => Some((date, false)),
        (Some(month_first), Some(day_first)) if month_first != day_first => match day {
            Some(day) if day_first.day() == day && month_first.day() != day => Some((day_first, false)),
            Some(day) if month_first.day() == day => Some((month_first, false)),
            _ if is_dotted => Some((day_first, false)),
            _ => Some((month_first, true)),
        },
        (Some(date), Some(_)) => Some((date, false)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let hanoi = TimeZone::get("Asia/Ho_Chi_Minh").ok();
        assert_eq!(iso("2019-04-18 13:20:19 UTC", &TimeZone::UTC), Some(1_555_593_619_000));
        assert_eq!(iso("2014-02-19T00:18:00Z", &TimeZone::UTC), Some(1_392_769_080_000));
        assert_eq!(
            hanoi.and_then(|zone| iso("2019-04-18 20:20:19", &zone)),
            Some(1_555_593_619_000)
        );
        assert_eq!(iso("0019-04-18 20:20:19", &TimeZone::UTC), None);
        assert_eq!(time_of_day("12:10:01", Some("AM")), Time::new(0, 10, 1, 0).ok());
        assert_eq!(time_of_day("01:10:01", Some("PM")), Time::new(13, 10, 1, 0).ok());
        assert_eq!(time_of_day("13:18.31", None), Time::new(13, 18, 31, 0).ok());
    }

    #[test]
    fn an_ambiguous_date_is_said_to_be_one() {
        let read = |text, day| date(text, day).map(|(date, guessed)| (date.to_string(), guessed));
        assert_eq!(read("03/28/16", None), Some(("2016-03-28".to_string(), false)));
        assert_eq!(read("28/03/2016", None), Some(("2016-03-28".to_string(), false)));
        assert_eq!(read("06/01/20", None), Some(("2020-06-01".to_string(), true)));
        assert_eq!(read("06/01/20", Some(6)), Some(("2020-01-06".to_string(), false)));
        assert_eq!(read("06.01.2020", None), Some(("2020-01-06".to_string(), false)));
        assert_eq!(read("2020-01-06", None), Some(("2020-01-06".to_string(), false)));
        assert_eq!(read("13/13/20", None), None);
    }
}
