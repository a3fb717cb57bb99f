//! Times as people say them, in the assessment's zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::policy::Assessment;

/// Writes instants in one zone, which the page names once.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: TimeZone,
    name: String,
}

impl Clock {
    /// Takes the assessment's zone; UTC, and says so, where it is not known.
    pub(super) fn of(assessment: &Assessment) -> Self {
        match assessment.zone() {
            Ok(zone) => Self {
                zone,
                name: assessment.time_zone.clone(),
            },
            Err(_) => Self {
                zone: TimeZone::UTC,
                name: "UTC".to_string(),
            },
        }
    }

    /// Gives the zone's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Gives the zone.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Writes a minute: "Mon 11 May, 09:31".
    pub(super) fn minute(&self, at_ms: i64) -> String {
        self.write(at_ms, "%a %-d %b, %H:%M")
    }

    /// Writes a minute so that text order is time order: "2026-05-11 09:31".
    pub(super) fn sortable_minute(&self, at_ms: i64) -> String {
        self.write(at_ms, "%Y-%m-%d %H:%M")
    }

    /// Writes a day: "11 May 2026".
    pub(super) fn day(&self, at_ms: i64) -> String {
        self.write(at_ms, "%-d %B %Y")
    }

    fn write(&self, at_ms: i64, format: &str) -> String {
        match Timestamp::from_millisecond(at_ms) {
            Ok(instant) => instant.to_zoned(self.zone.clone()).strftime(format).to_string(),
            Err(_) => "?".to_string(),
        }
    }
}

/// Writes a calendar day: "11 May 2026".
pub(super) fn civil_day(day: jiff::civil::Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_assessments_zone() {
        let mut assessment = Assessment::new("Acme", "ap-southeast-1");
        assessment.time_zone = "Asia/Ho_Chi_Minh".to_string();
        let clock = Clock::of(&assessment);
        // 2026-05-11T02:31:00Z
        assert_eq!(clock.minute(1_778_466_660_000), "Mon 11 May, 09:31");
    }
}
