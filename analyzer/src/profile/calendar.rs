//! Which hour of the week and which day each row belongs to, in local time.
//!
//! A run is a stretch of rows within one local hour; statistics by hour of
//! week and by day are taken run by run. An interval that ends at 10:00 sharp
//! belongs to the hour from 9.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Hours in a week; hour 0 is Monday from midnight.
pub const HOURS_OF_WEEK: usize = 168;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// Rows within one local hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) rows: Range<usize>,
    pub(crate) hour_of_week: usize,
    /// Local day, counted from 1970-01-01.
    pub(crate) day: i32,
}

/// Splits ascending times into runs.
pub(crate) fn runs(at_ms: &[i64], zone: &TimeZone) -> Vec<Run> {
    let mut runs = Vec::with_capacity(at_ms.len() / 60 + 2);
    let mut start = 0;
    let mut offsets = Offsets::new(zone);
    while start < at_ms.len() {
        let inside = at_ms[start] - 1;
        let (offset_ms, offset_ends) = offsets.at(inside);
        let local = inside + offset_ms;
        let hour = local.div_euclid(HOUR_MS);
        // Both bounds are on the last instant inside the interval, one millisecond before its end.
        let hour_ends = (hour + 1) * HOUR_MS - offset_ms;
        let end_ms = hour_ends.min(offset_ends);
        let rows = gallop(&at_ms[start..], |at| at - 1 < end_ms);
        let day = hour.div_euclid(24);
        // 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday.
        let weekday = (day + 3).rem_euclid(7);
        runs.push(Run {
            rows: start..start + rows,
            hour_of_week: (weekday * 24 + hour.rem_euclid(24)) as usize,
            day: day as i32,
        });
        start += rows;
    }
    runs
}

/// Gives the local day, counted from 1970-01-01, of an interval that ends at this instant.
pub(crate) fn local_day(at_ms: i64, zone: &TimeZone) -> i32 {
    let (offset_ms, _) = Offsets::new(zone).at(at_ms - 1);
    (at_ms - 1 + offset_ms).div_euclid(DAY_MS) as i32
}

/// Counts the leading entries that hold; at least one.
fn gallop(at_ms: &[i64], holds: impl Fn(i64) -> bool) -> usize {
    let mut width = 1;
    while width < at_ms.len() && holds(at_ms[width]) {
        width *= 2;
    }
    let low = width / 2;
    let high = width.min(at_ms.len());
    (low + at_ms[low..high].partition_point(|&at| holds(at))).max(1)
}

/// The zone's distance from UTC and until when it stays so.
struct Offsets<'a> {
    zone: &'a TimeZone,
    known: Option<(i64, i64, i64)>,
}

impl<'a> Offsets<'a> {
    fn new(zone: &'a TimeZone) -> Self {
        Self { zone, known: None }
    }

    fn at(&mut self, at_ms: i64) -> (i64, i64) {
        if let Some((from, offset, until)) = self.known
            && (from..until).contains(&at_ms)
        {
            return (offset, until);
        }
        let Ok(instant) = Timestamp::from_millisecond(at_ms) else {
            return (0, i64::MAX);
        };
        let offset = i64::from(self.zone.to_offset(instant).seconds()) * 1000;
        let until = self
            .zone
            .following(instant)
            .next()
            .map_or(i64::MAX, |transition| transition.timestamp().as_millisecond());
        self.known = Some((at_ms, offset, until));
        (offset, until)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn monday_morning_in_vietnam_is_hour_nine() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        // 2026-05-04 is a Monday; 02:30 UTC is 09:30 there.
        let at = "2026-05-04T02:30:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let runs = runs(&[at], &zone);
        assert_eq!(runs[0].hour_of_week, 9);
    }

    #[test]
    fn an_interval_that_ends_on_the_hour_belongs_to_the_hour_before() {
        let start = "2026-05-04T00:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let at: Vec<i64> = (1..=180).map(|minute| start + minute * 60_000).collect();
        let runs = runs(&at, &TimeZone::UTC);
        let rows: Vec<usize> = runs.iter().map(|run| run.rows.len()).collect();
        assert_eq!(rows, [60, 60, 60]);
        assert_eq!(runs[0].hour_of_week, 0);
    }

    #[test]
    fn a_clock_change_ends_a_run() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // On 2026-03-29 at 01:00 UTC the clock goes from 2 to 3.
        let start = "2026-03-29T00:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let at: Vec<i64> = (1..=120).map(|minute| start + minute * 60_000).collect();
        let hours: Vec<usize> = runs(&at, &zone).iter().map(|run| run.hour_of_week % 24).collect();
        assert_eq!(hours, [1, 3]);
    }
}
