//! When what a managed service was given is full.

use jiff::civil::Date;

use crate::managed::Filling;
use crate::plan::outlook::Runway;

/// Gives when it is full, with the 80 % interval, ten years ahead at most.
pub(super) fn runway(filling: &Filling, today: Date) -> Runway {
    let days = filling.drift.reaches(filling.capacity_gib);
    let day = |ahead: Option<usize>| {
        let ahead = i64::try_from(ahead?).ok()?;
        today.checked_add(jiff::Span::new().days(ahead)).ok()
    };
    let thousandths = |value: f64| (value * 1000.0).round() / 1000.0;
    let beyond = days
        .likely
        .or(days.early)
        .is_some_and(|ahead| ahead > filling.drift.days);
    Runway {
        what: filling.what.to_string(),
        capacity: thousandths(filling.capacity_gib),
        used: thousandths(filling.drift.level),
        unit: "GiB".to_string(),
        has_interval: true,
        early: day(days.early),
        likely: day(days.likely),
        late: day(days.late),
        basis: if beyond { "assumption" } else { "data" }.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::Drifting;
    use crate::managed::Evidence;

    #[test]
    fn what_fills_by_two_gib_a_day_is_full_on_a_known_day() {
        let drift = Drifting {
            level: 60.0,
            drift_per_day: 2.0,
            deviation_per_day: 0.0,
            days: 30,
        };
        let mut filling = Filling {
            what: "storage",
            drift,
            capacity_gib: 100.0,
            from: Evidence::OwnCounters,
        };
        let today = jiff::civil::date(2026, 3, 1);
        let found = runway(&filling, today);
        assert_eq!(found.likely, Some(jiff::civil::date(2026, 3, 21)));
        assert_eq!((found.early, found.late), (found.likely, found.likely));
        assert_eq!(found.basis, "data");
        filling.capacity_gib = 200.0;
        assert_eq!(runway(&filling, today).basis, "assumption");
        filling.drift.drift_per_day = 0.0;
        assert_eq!(runway(&filling, today).likely, None);
    }
}
