//! The hours of the week in which hosts run, and what share of a month that is.
//!
//! Input: text such as `Mon-Fri 08-19, Sat 09-13` or `always`. Output: a
//! [`Schedule`]. Hours are whole, from one midnight to the next.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::money::HOURS_PER_MONTH;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Hours of a week.
const HOURS_OF_WEEK: u32 = 168;

/// When hosts run: bit `h` of a day is its hour from `h` to `h + 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule([u32; 7]);

/// All hours of a day.
const WHOLE_DAY: u32 = (1 << 24) - 1;

impl Schedule {
    /// Day and night.
    pub const ALWAYS: Self = Self([WHOLE_DAY; 7]);

    /// Counts the hours of a week.
    #[must_use]
    pub fn hours_per_week(self) -> u32 {
        self.0.iter().map(|day| day.count_ones()).sum()
    }

    /// Says whether hosts run in an hour of the week, counted from Monday's first.
    #[must_use]
    pub fn runs(self, hour_of_week: usize) -> bool {
        (self.0[hour_of_week / 24 % 7] >> (hour_of_week % 24)) & 1 == 1
    }

    /// Gives the hours of a month of 730, to four decimals.
    #[must_use]
    pub fn hours_per_month(self) -> Decimal {
        if self == Self::ALWAYS {
            return Decimal::from(HOURS_PER_MONTH);
        }
        let hours = Decimal::from(HOURS_PER_MONTH * self.hours_per_week());
        (hours / Decimal::from(HOURS_OF_WEEK)).round_dp(4)
    }
}

impl FromStr for Schedule {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text.trim() == "always" {
            return Ok(Self::ALWAYS);
        }
        let mut days = [0; 7];
        for part in text.split(',') {
            let (names, hours) = part.trim().split_once(char::is_whitespace).ok_or(())?;
            let day = |name: &str| DAYS.iter().position(|known| known.eq_ignore_ascii_case(name)).ok_or(());
            let (first, last) = match names.split_once('-') {
                Some((first, last)) => (day(first)?, day(last)?),
                None => (day(names)?, day(names)?),
            };
            let (start, stop) = hours.trim().split_once('-').ok_or(())?;
            let hour = |text: &str| -> Result<u32, ()> {
                let plain = text.strip_suffix(":00").unwrap_or(text);
                let digits = (1..=2).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_digit());
                if digits { plain.parse().map_err(|_| ()) } else { Err(()) }
            };
            let (start, stop) = (hour(start)?, hour(stop)?);
            if start >= stop || stop > 24 {
                return Err(());
            }
            let bits = (WHOLE_DAY >> (24 - (stop - start))) << start;
            // `Sat-Mon` goes over the end of the week.
            let count = (last + 7 - first) % 7;
            for step in 0..=count {
                days[(first + step) % 7] |= bits;
            }
        }
        Ok(Self(days))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALWAYS {
            return out.write_str("always");
        }
        let mut parts = Vec::new();
        let mut day = 0;
        while day < DAYS.len() {
            let mut last = day;
            while last + 1 < DAYS.len() && self.0[last + 1] == self.0[day] {
                last += 1;
            }
            let names = if last == day {
                DAYS[day].to_string()
            } else {
                format!("{}-{}", DAYS[day], DAYS[last])
            };
            parts.extend(spans(self.0[day]).map(|(start, stop)| format!("{names} {start:02}-{stop:02}")));
            day = last + 1;
        }
        out.write_str(&parts.join(", "))
    }
}

/// Gives the runs of hours of a day.
fn spans(day: u32) -> impl Iterator<Item = (u32, u32)> {
    let runs = move |hour: &u32| day >> hour & 1 == 1 && (*hour == 0 || day >> (hour - 1) & 1 == 0);
    (0..24).filter(runs).map(move |start| {
        let length = (day >> start).trailing_ones();
        (start, start + length)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hours_are_counted_and_told_as_written() {
        for (text, hours) in [
            ("Mon-Fri 08-19", 55),
            ("Mon-Fri 08-19, Sat 09-13", 59),
            ("always", 168),
            ("Mon 00-06, Mon 20-24", 10),
            ("Mon-Sun 00-12", 84),
        ] {
            let schedule: Schedule = text.parse().unwrap();
            assert_eq!(schedule.hours_per_week(), hours, "{text}");
            assert_eq!(schedule.to_string(), text);
            assert_eq!(schedule.to_string().parse::<Schedule>().unwrap(), schedule);
        }
        let over_the_end: Schedule = "sat-mon 00-24".parse().unwrap();
        assert_eq!(over_the_end.hours_per_week(), 72);
    }

    #[test]
    fn a_month_is_730_hours() {
        assert_eq!(Schedule::ALWAYS.hours_per_month(), Decimal::from(730));
        let office: Schedule = "Mon-Fri 08-19".parse().unwrap();
        // 730 × 55 / 168
        assert_eq!(office.hours_per_month().to_string(), "238.9881");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in [
            "",
            "Mon",
            "Mon 8",
            "Mon 19-08",
            "Mon 08-25",
            "Monday 08-19",
            "08-19",
            "Mon 08-08",
            "Mon +8-19",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
