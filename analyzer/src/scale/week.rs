//! Where each minute stands in the local week.
//!
//! Input: minutes since 1970 and a time zone. Output: minutes of the week;
//! 0 is Monday midnight. Clock changes are followed.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::load::WEEK;

/// Gives the minute of the local week of each of `count` minutes from `first_minute` on.
#[must_use]
pub(crate) fn minutes_of_week(first_minute: i64, count: usize, zone: &TimeZone) -> Vec<u16> {
    let mut out = Vec::with_capacity(count);
    while out.len() < count {
        let minute = first_minute + out.len() as i64;
        let (offset, until) = offset_minutes(minute, zone);
        let local = minute + offset;
        // 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday.
        let mut at = (local + 3 * 1_440).rem_euclid(WEEK as i64) as usize;
        let stretch = usize::try_from(until - minute)
            .unwrap_or(usize::MAX)
            .min(count - out.len());
        for _ in 0..stretch {
            out.push(at as u16);
            at += 1;
            if at == WEEK {
                at = 0;
            }
        }
    }
    out
}

/// Gives the zone's distance from UTC in minutes, and the minute until which it stays so.
fn offset_minutes(minute: i64, zone: &TimeZone) -> (i64, i64) {
    let Ok(instant) = Timestamp::from_second(minute.saturating_mul(60)) else {
        return (0, i64::MAX);
    };
    let offset = i64::from(zone.to_offset(instant).seconds()).div_euclid(60);
    let until = zone.following(instant).next().map_or(i64::MAX, |change| {
        change.timestamp().as_second().div_euclid(60).max(minute + 1)
    });
    (offset, until)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn monday_morning_in_vietnam_and_a_clock_change_in_berlin() {
        let minute = |text: &str| text.parse::<Timestamp>().unwrap().as_second() / 60;
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        // 2026-05-04 is a Monday; 02:30 UTC is 09:30 there.
        assert_eq!(minutes_of_week(minute("2026-05-04T02:30:00Z"), 1, &zone), [570]);
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        // On Sunday 2026-03-29 at 01:00 UTC the clock goes from 2 to 3.
        let week = minutes_of_week(minute("2026-03-29T00:59:00Z"), 2, &zone);
        assert_eq!(week, [6 * 1440 + 119, 6 * 1440 + 180]);
    }
}
