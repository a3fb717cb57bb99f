//! The cheapest of several kinds of unit for one load.
//!
//! Input: a [`Stage`] and the kinds of unit that it could be served by, each
//! with its price. Output: the kind whose chosen policy cost least on the first
//! part, with its selection. A search replays some hundred policies, so that
//! only the kinds that could cost least are searched: price times the
//! unit-minutes that each minute needs, one by one.

use super::Fleet;
use super::propose::per_month;
use super::search::{Goal, Selection, Stage};
use crate::money::{UsdPerHour, UsdPerMonth};

/// Kinds of unit that are searched in full.
const SEARCHED: usize = 4;

/// A kind of unit that a load could be served by.
#[derive(Debug)]
pub struct UnitKind<T> {
    /// What it is.
    pub what: T,
    /// Source cores that one carries.
    pub cores: f64,
    /// How a fleet of it behaves.
    pub fleet: Fleet,
    /// What a policy of it must reach.
    pub goal: Goal,
    /// Price of one.
    pub price: UsdPerHour,
}

/// Gives the kind of unit whose policy cost least on the first part; of equals the first that was given.
#[must_use]
pub fn cheapest<T>(stage: &Stage, kinds: Vec<UnitKind<T>>) -> Option<(T, Selection)> {
    let mut ranked: Vec<(f64, usize, UnitKind<T>)> = kinds
        .into_iter()
        .enumerate()
        .map(|(place, kind)| {
            let least = stage.in_units(kind.cores, &kind.fleet).least_on_fit(&kind.goal);
            (kind.price.approximately() * least as f64, place, kind)
        })
        .collect();
    ranked.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let searched = ranked.into_iter().take(SEARCHED).map(|(_, place, kind)| {
        let selection = stage.in_units(kind.cores, &kind.fleet).select(&kind.goal);
        let cost: UsdPerMonth = per_month(kind.price, &selection.chosen.fitted);
        (cost, place, kind.what, selection)
    });
    searched
        .min_by_key(|(cost, place, ..)| (*cost, *place))
        .map(|(_, _, what, selection)| (what, selection))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::tz::TimeZone;
    use rust_decimal::Decimal;

    use super::*;
    use crate::scale::{Foresight, Load};

    /// Two weeks of days that rise from one core to nine and fall again.
    fn stage() -> Stage {
        let minutes = (0..14 * 1_440)
            .map(|minute| {
                let hour = f64::from(minute % 1_440) / 60.0;
                (1.0 + 8.0 * (hour / 24.0 * std::f64::consts::PI).sin()) as f32
            })
            .collect();
        Stage::new(&Load::from_minutes(0, minutes), &TimeZone::UTC, &Foresight::default())
    }

    fn kind(name: &'static str, cores: f64, price: &str) -> UnitKind<&'static str> {
        UnitKind {
            what: name,
            cores,
            fleet: Fleet::default(),
            goal: Goal::default(),
            price: UsdPerHour::from_decimal(price.parse::<Decimal>().unwrap()),
        }
    }

    #[test]
    fn the_cheapest_for_its_work_is_found_among_more_kinds_than_are_searched() {
        let kinds = || {
            vec![
                kind("dear", 2.0, "0.40"),
                kind("dearer", 2.0, "0.50"),
                kind("right", 2.0, "0.10"),
                kind("same", 2.0, "0.10"),
                kind("far too large", 64.0, "3.20"),
                kind("slow", 1.0, "0.09"),
            ]
        };
        let stage = stage();
        assert_eq!(cheapest(&stage, kinds()).unwrap().0, "right");
        // What the searches of all of them say.
        let all = kinds().into_iter().map(|kind| {
            let selection = stage.in_units(kind.cores, &kind.fleet).select(&kind.goal);
            (per_month(kind.price, &selection.chosen.fitted), kind.what)
        });
        assert_eq!(all.min_by_key(|(cost, _)| *cost).unwrap().1, "right");
        assert!(cheapest::<()>(&stage, Vec::new()).is_none());
    }
}
