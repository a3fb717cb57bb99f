//! What people assume, as a factor on today's demand for any day to come.

use jiff::civil::Date;

use crate::policy::{GroupGrowth, Growth};

/// Days of a year in the mean.
const DAYS_PER_YEAR: f64 = 365.25;

/// Which of the three cases of an assumption is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// The least that growth may turn out to be.
    Low,
    /// As assumed.
    Mid,
    /// The most.
    High,
}

/// Gives how many times today's demand that of a day is, for a host of these names (its group, its environment).
///
/// Percent a year compound by the day. With a saturation of K times, growth is
/// logistic: it starts as steeply and ends at K (Verhulst 1838). Launches
/// multiply from their day on. 1 where nothing is assumed.
#[must_use]
pub fn factor(growth: &Growth, names: &[&str], today: Date, day: Date, case: Case) -> f64 {
    let years = f64::from((day - today).get_days()) / DAYS_PER_YEAR;
    let assumed = growth.of(names);
    let grown = assumed.map_or(1.0, |assumed| steady(&assumed, shift(growth, case), years));
    let launched: f64 = growth
        .launches
        .iter()
        .filter(|launch| launch.on > today && launch.on <= day)
        .filter(|launch| launch.groups.is_empty() || launch.groups.iter().any(|group| names.contains(&group.as_str())))
        .map(|launch| launch.times)
        .product();
    grown * launched
}

/// Gives by how many percent a year the low or the high case is off the middle.
fn shift(growth: &Growth, case: Case) -> f64 {
    let middle = growth.percent_per_year.unwrap_or(0.0);
    match (case, growth.percent_per_year_low_high) {
        (Case::Low, Some([low, _])) => (low - middle).min(0.0),
        (Case::High, Some([_, high])) => (high - middle).max(0.0),
        _ => 0.0,
    }
}

fn steady(assumed: &GroupGrowth, shift: f64, years: f64) -> f64 {
    let rate = (1.0 + (assumed.percent_per_year + shift).max(-99.0) / 100.0).ln();
    match assumed.saturates_at {
        Some(most) if rate > 0.0 => {
            // Logistic with f(0) = 1 and f'(0) = rate.
            let steepness = rate / (1.0 - 1.0 / most);
            most / (1.0 + (most - 1.0) * (-steepness * years).exp())
        }
        _ => (rate * years).exp(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn growth(text: &str) -> Growth {
        toml::from_str(text).unwrap()
    }

    fn at(growth: &Growth, day: &str) -> f64 {
        factor(
            growth,
            &["web", "production"],
            "2026-01-01".parse().unwrap(),
            day.parse().unwrap(),
            Case::Mid,
        )
    }

    #[test]
    fn percent_a_year_compound() {
        let growth = growth("percent_per_year = 20\npercent_per_year_low_high = [10, 40]");
        assert!((at(&growth, "2028-01-01") - 1.44).abs() < 1e-3);
        let high = factor(
            &growth,
            &[],
            "2026-01-01".parse().unwrap(),
            "2027-01-01".parse().unwrap(),
            Case::High,
        );
        assert!((high - 1.4).abs() < 1e-3, "{high}");
        assert_eq!(at(&Growth::default(), "2030-01-01"), 1.0);
    }

    #[test]
    fn what_saturates_starts_as_steeply_and_stops() {
        let growth = growth("[groups.web]\npercent_per_year = 100\nsaturates_at = 3");
        let week = at(&growth, "2026-01-08");
        assert!((week - 2_f64.powf(7.0 / 365.25)).abs() < 1e-4, "{week}");
        assert!((at(&growth, "2046-01-01") - 3.0).abs() < 1e-3);
        assert!(at(&growth, "2027-01-01") < 2.0);
    }

    #[test]
    fn a_launch_counts_from_its_day_on_and_for_its_groups() {
        let growth = growth(
            "[[launches]]\nname = 'app'\non = '2026-03-01'\ntimes = 2\ngroups = ['web']\n\
             [[launches]]\nname = 'other'\non = '2026-03-01'\ntimes = 5\ngroups = ['db']",
        );
        assert_eq!(at(&growth, "2026-02-28"), 1.0);
        assert_eq!(at(&growth, "2026-03-01"), 2.0);
    }
}
