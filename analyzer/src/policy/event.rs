//! `[[events]]` of assessment.toml: days on which the load is a multiple of the usual.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};

/// Most times that an event is repeated in either direction.
const MOST_REPETITIONS: i32 = 600;

/// Days that people know of: a holiday, pay day, Tet, a campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// Its name.
    pub name: String,
    /// First day, in the assessment's time zone.
    pub from: Date,
    /// Last day; the first unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// How many times the usual: 0.4 for a quiet holiday, 3 for a campaign.
    pub times: f64,
    /// Whether it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
}

/// How often an event comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// On the same days of every month; the last day of a shorter one.
    Month,
    /// On the same days of every year.
    Year,
}

impl EventRule {
    /// Gives the minutes since 1970 of each time it takes place between two of them: first, and the one after the last.
    #[must_use]
    pub fn minutes(&self, first_minute: i64, end_minute: i64, zone: &TimeZone) -> Vec<(i64, i64)> {
        let repetitions = match self.every {
            None => 0..=0,
            Some(_) => -MOST_REPETITIONS..=MOST_REPETITIONS,
        };
        let after = |times: i32| -> Span {
            match self.every {
                Some(Every::Year) => times.years(),
                _ => times.months(),
            }
        };
        let minute = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_second().div_euclid(60));
        repetitions
            .filter_map(|times| {
                let from = self.from.checked_add(after(times)).ok()?;
                let to = self.to.unwrap_or(self.from).checked_add(after(times)).ok()?;
                Some((minute(from)?, minute(to.tomorrow().ok()?)?))
            })
            .filter(|&(from, end)| from < end_minute && end > first_minute)
            .collect()
    }

    /// Says what is out of range, if anything.
    ///
    /// # Errors
    /// With the field and what was expected.
    pub(super) fn check(&self) -> Result<(), String> {
        if !(self.times.is_finite() && self.times > 0.0 && self.times <= 1_000.0) {
            return Err(format!(
                "`times` is {}; expected more than 0 and at most 1000",
                self.times
            ));
        }
        if self.to.is_some_and(|to| to < self.from) {
            return Err("`to` is before `from`".to_string());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(every: Option<Every>) -> EventRule {
        EventRule {
            name: "pay day".to_string(),
            from: "2026-01-31".parse().unwrap(),
            to: None,
            times: 2.0,
            every,
        }
    }

    #[test]
    fn an_event_is_whole_days_of_the_zone() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let minutes = event(None).minutes(0, i64::MAX / 2, &zone);
        // Midnight in Saigon is 17:00 UTC of the day before.
        let start: jiff::Timestamp = "2026-01-30T17:00:00Z".parse().unwrap();
        assert_eq!(minutes, [(start.as_second() / 60, start.as_second() / 60 + 1_440)]);
    }

    #[test]
    fn what_comes_monthly_ends_a_short_month() {
        let from: jiff::Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let minutes = event(Some(Every::Month)).minutes(
            from.as_second() / 60,
            from.as_second() / 60 + 59 * 1_440,
            &TimeZone::UTC,
        );
        let day = |minute: i64| jiff::Timestamp::from_second(minute * 60).unwrap().to_string();
        let days: Vec<String> = minutes.iter().map(|(from, _)| day(*from)).collect();
        assert_eq!(days, ["2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"]);
        assert_eq!(
            event(Some(Every::Year)).minutes(
                from.as_second() / 60,
                from.as_second() / 60 + 59 * 1_440,
                &TimeZone::UTC
            ),
            []
        );
    }

    #[test]
    fn a_factor_of_nothing_is_refused() {
        let mut event = event(None);
        event.times = 0.0;
        assert!(event.check().unwrap_err().contains("times"));
    }
}
