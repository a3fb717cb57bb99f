//! Where the time is cut: fitted before, judged after.

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;
/// Longest part to fit on, and to judge on, days: what a plan asks for.
const LONGEST: i64 = 30;
/// Shortest part, days: below it there is not even one turn of demand to learn from.
const SHORTEST: i64 = 4;

/// A part to fit on and the part after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Start of the fitted part, UTC milliseconds.
    pub from_ms: i64,
    /// End of the fitted part and start of the judged one.
    pub at_ms: i64,
    /// End of the judged part.
    pub to_ms: i64,
}

impl Cut {
    /// Gives the days of each part.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.at_ms - self.from_ms) / DAY_MS
    }
}

/// There is too little history to judge a rule.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "{days:.1} days of telemetry are too few for a back-test; it needs {needed} days for parts of {SHORTEST} days, and {ideal} for parts of {LONGEST}"
)]
pub struct TooShort {
    /// What there is.
    pub days: f64,
    /// What is needed at least.
    pub needed: i64,
    /// What it takes to fit and judge on 30 days each, three times.
    pub ideal: i64,
}

/// Cuts a span three times, into parts of a third of it, 30 days at most.
///
/// # Errors
/// When the span is too short.
pub fn cuts(first_ms: i64, last_ms: i64) -> Result<Vec<Cut>, TooShort> {
    let days = (last_ms - first_ms) / DAY_MS;
    let length = (days / 3).min(LONGEST);
    if length < SHORTEST {
        return Err(TooShort {
            days: (last_ms - first_ms) as f64 / DAY_MS as f64,
            needed: 3 * SHORTEST,
            ideal: 3 * LONGEST,
        });
    }
    // The last cut ends with the telemetry; with 90 days the three begin 15 days apart.
    let slack = (days - 2 * length).min(length);
    let mut cuts: Vec<Cut> = [0, slack / 2, slack]
        .into_iter()
        .map(|offset| {
            let from_ms = last_ms - (2 * length + slack - offset) * DAY_MS;
            Cut {
                from_ms,
                at_ms: from_ms + length * DAY_MS,
                to_ms: from_ms + 2 * length * DAY_MS,
            }
        })
        .collect();
    cuts.dedup();
    Ok(cuts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn three_months_make_three_cuts_of_thirty_days() {
        let cuts = cuts(0, 91 * DAY_MS).unwrap();
        assert_eq!(cuts.len(), 3);
        assert!(cuts.iter().all(|cut| cut.days() == 30));
        assert_eq!(cuts[2].to_ms, 91 * DAY_MS);
        assert_eq!(cuts[1].from_ms - cuts[0].from_ms, 15 * DAY_MS);
    }

    #[test]
    fn two_weeks_make_shorter_parts_and_one_week_none() {
        let two_weeks = cuts(0, 14 * DAY_MS).unwrap();
        assert!(two_weeks.iter().all(|cut| cut.days() == 4 && cut.from_ms >= 0));
        let error = cuts(0, 7 * DAY_MS).unwrap_err();
        assert_eq!((error.needed, error.ideal), (12, 90));
        assert!(error.to_string().contains("7.0 days"), "{error}");
    }
}
