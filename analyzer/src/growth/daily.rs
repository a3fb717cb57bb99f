//! One value a day.

use serde::{Deserialize, Serialize};

/// Days of a week.
pub(super) const WEEK: usize = 7;

/// One value for each day; days without a measurement are gaps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Daily {
    /// The first day, counted from 1970-01-01.
    pub first_day: i32,
    /// A value for each day from the first on.
    pub values: Vec<Option<f64>>,
}

impl Daily {
    /// Takes days in ascending order; of a day that comes twice the later value stands.
    #[must_use]
    pub fn of(days: impl IntoIterator<Item = (i32, f64)>) -> Self {
        let mut out = Self::default();
        for (day, value) in days {
            if out.values.is_empty() {
                out.first_day = day;
            }
            let Ok(at) = usize::try_from(day - out.first_day) else {
                continue;
            };
            if at >= out.values.len() {
                out.values.resize(at + 1, None);
            }
            out.values[at] = value.is_finite().then_some(value);
        }
        out
    }

    /// Gives the number of days from the first to the last, gaps included.
    #[must_use]
    pub fn days(&self) -> usize {
        self.values.len()
    }

    /// Gives the number of days with a value.
    #[must_use]
    pub fn measured(&self) -> usize {
        self.values.iter().flatten().count()
    }

    /// Gives the first days.
    #[must_use]
    pub fn until(&self, days: usize) -> Self {
        Self {
            first_day: self.first_day,
            values: self.values[..days.min(self.values.len())].to_vec(),
        }
    }

    /// Gives the mean absolute difference to the same day a week before: what a seasonal naive forecast errs.
    ///
    /// Nothing where no two days a week apart were measured.
    #[must_use]
    pub fn weekly_naive_error(&self) -> Option<f64> {
        let pairs: Vec<f64> = self
            .values
            .iter()
            .zip(self.values.iter().skip(WEEK))
            .filter_map(|(before, after)| Some(((*after)? - (*before)?).abs()))
            .collect();
        (!pairs.is_empty()).then(|| pairs.iter().sum::<f64>() / pairs.len() as f64)
    }

    /// Gives the day of the week of a day of the series, 0 for the first day's.
    pub(super) fn weekday(at: usize) -> usize {
        at % WEEK
    }
}

/// Gives the median; nothing of nothing.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    Some(if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_missing_day_is_a_gap_and_no_zero() {
        let daily = Daily::of([(10, 1.0), (11, f64::NAN), (13, 4.0)]);
        assert_eq!(daily.values, [Some(1.0), None, None, Some(4.0)]);
        assert_eq!((daily.first_day, daily.days(), daily.measured()), (10, 4, 2));
        assert_eq!(daily.weekly_naive_error(), None);
        let weeks = Daily::of((0..14).map(|day| (day, if day < 7 { 1.0 } else { 3.0 })));
        assert_eq!(weeks.weekly_naive_error(), Some(2.0));
    }
}
