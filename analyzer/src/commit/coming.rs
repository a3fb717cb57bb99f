//! Which hours of a history the coming use is expected to be like.
//!
//! A level chosen on a whole history answers for months that are over. Use
//! moves, and its last weeks say most about the next ones, while their hours
//! keep what a mean would lose: days, nights, and how far they scatter. Two
//! weeks are the reach of the short median among the forecasts' members, and
//! twice each hour of the week. On the first halves of sums of real machines'
//! use they came nearer to hindsight than the whole history (1.2 % above it
//! against 1.8 % at a rate of 0.72, 2.5 % against 3.8 % at 0.5), on steady
//! generated series as near, and nearer on those that rise or fall
//! (docs/cost.md). On the four cuts of `make bench ONLY=cost`, also within first
//! halves, both are alike (0.6 % and 0.6 %, 1.3 % and 1.2 %). They foresee no
//! rise that has not begun, and no rule that was tried does.

/// Hours of a week.
const WEEK: usize = 168;
/// Weeks that count where a history has enough.
pub const RECENT_WEEKS: usize = 2;
/// Weeks of history below which all of it counts: what is left out must be as much as what stays.
const LEAST_WEEKS: usize = 2 * RECENT_WEEKS;

/// The hours that stand for those to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coming<'h> {
    /// Their use, in the unit and order of the history.
    pub uses: &'h [f64],
    /// Whether earlier hours were left out.
    pub is_recent: bool,
}

/// Gives the hours of a history, oldest first, that the coming use is expected to be like: those of the last two weeks.
///
/// Of less than four weeks it is all of them.
#[must_use]
pub fn coming(history: &[f64]) -> Coming<'_> {
    if history.len() < LEAST_WEEKS * WEEK {
        return Coming {
            uses: history,
            is_recent: false,
        };
    }
    Coming {
        uses: &history[history.len() - RECENT_WEEKS * WEEK..],
        is_recent: true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::level::{cost_at, optimum};
    use super::*;
    use proptest::prelude::*;

    /// Office hours of 10 and nights of 4, each hour times what a function of the hour says.
    fn series(weeks: usize, times: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..weeks * WEEK)
            .map(|hour| if (8..18).contains(&(hour % 24)) { 10.0 } else { 4.0 } * times(hour))
            .collect()
    }

    #[test]
    fn what_rose_is_committed_to_and_what_fell_is_not() {
        let rose = series(8, |hour| if hour < 5 * WEEK { 1.0 } else { 2.0 });
        assert_eq!(optimum(coming(&rose).uses, 0.72), 8.0);
        assert_eq!(optimum(&rose, 0.72), 4.0);
        let fell = series(8, |hour| if hour < 5 * WEEK { 2.0 } else { 1.0 });
        assert_eq!(optimum(coming(&fell).uses, 0.5), 4.0);
        assert_eq!(optimum(&fell, 0.5), 8.0);
    }

    #[test]
    fn a_short_history_counts_as_a_whole() {
        let short = series(3, |_| 1.0);
        assert_eq!(
            coming(&short),
            Coming {
                uses: &short,
                is_recent: false
            }
        );
        assert_eq!(coming(&[]).uses.len(), 0);
        assert_eq!(coming(&series(4, |_| 1.0)).uses.len(), RECENT_WEEKS * WEEK);
    }

    proptest! {
        /// The law of no harm: what repeats itself is committed to as before.
        #[test]
        fn of_what_repeats_by_the_week_it_is_the_same_level(
            week in prop::collection::vec(0_u32..50, WEEK..=WEEK),
            weeks in 4_usize..12,
            hundredths in 30_u32..95,
        ) {
            let history: Vec<f64> = week.iter().map(|one| f64::from(*one)).cycle().take(weeks * WEEK).collect();
            let rate = f64::from(hundredths) / 100.0;
            let (recent, whole) = (optimum(coming(&history).uses, rate), optimum(&history, rate));
            // Where a share of the hours falls between two, either level costs the same.
            let (one, other) = (cost_at(&history, rate, recent), cost_at(&history, rate, whole));
            prop_assert!((one - other).abs() <= 1e-9 * (1.0 + other), "{recent} or {whole}");
        }
    }
}
