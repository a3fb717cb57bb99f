//! Dots that share a place, laid around it so that each can be seen.
//!
//! Crowds of one place are laid as the seeds of a sunflower (Vogel 1979): even,
//! round, and the same for the same count. Columns of dots at many heights are
//! fanned aside, and keep their heights.

use std::collections::BTreeMap;

use super::drawing::Point;

/// The golden angle, radians.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;
/// The golden ratio's fraction: its multiples spread evenly over 0 to 1.
const GOLDEN_FRACTION: f64 = 0.618_033_988_749_895;
/// Dots may always move this far, pixels: less could not be seen.
const LEAST_REACH: f64 = 5.0;
/// Part of a full place that its dots cover; circles cannot cover all of it.
const FILL: f64 = 0.8;
/// Dots do not shrink below this part of their size; a fuller place then overlaps.
const MOST_SHRINKAGE: f64 = 0.6;

type Key = (i64, i64);

fn key(place: &Point) -> Key {
    ((place.0 * 2.0).round() as i64, (place.1 * 2.0).round() as i64)
}

/// How far the dots of each place may move without running into another place's.
#[derive(Clone, Debug)]
pub(super) struct Reaches(BTreeMap<Key, f64>);

impl Reaches {
    /// Takes half the way to each place's nearest neighbour, at most `most` pixels.
    pub(super) fn of(places: &[Point], most: f64) -> Self {
        let mut own: BTreeMap<Key, (Point, usize)> = BTreeMap::new();
        for place in places {
            own.entry(key(place)).or_insert((*place, 0)).1 += 1;
        }
        let reach = |place: &Point| {
            let ways = own
                .values()
                .map(|(other, _)| (other.0 - place.0).hypot(other.1 - place.1));
            (ways.filter(|way| *way > 0.0).fold(f64::INFINITY, f64::min) * 0.47)
                .clamp(LEAST_REACH, most.max(LEAST_REACH))
        };
        // A lone dot does not move, so its way to others need not be known.
        Self(
            own.iter()
                .filter(|(_, own)| own.1 > 1)
                .map(|(key, own)| (*key, reach(&own.0)))
                .collect(),
        )
    }

    fn at(&self, place: &Point) -> f64 {
        self.0.get(&key(place)).copied().unwrap_or(LEAST_REACH)
    }

    /// Gives by how much dots must shrink for every place to hold its own.
    pub(super) fn shrinkage(&self, places: &[Point], radii: &[f64]) -> f64 {
        let mut areas: BTreeMap<Key, (f64, usize)> = BTreeMap::new();
        for (place, radius) in places.iter().zip(radii) {
            let area = areas.entry(key(place)).or_default();
            *area = (area.0 + radius * radius, area.1 + 1);
        }
        let crowds = areas.iter().filter(|(_, area)| area.1 > 1);
        let rooms = crowds.filter_map(|(key, area)| Some((FILL * self.0.get(key)?.powi(2) / area.0).sqrt()));
        rooms.fold(1.0, f64::min).max(MOST_SHRINKAGE)
    }

    /// Moves dots of the same place apart: `distance` from each other where there is room.
    pub(super) fn laid_out(&self, places: &[Point], distance: f64) -> Vec<Point> {
        let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
        for place in places {
            *counts.entry(key(place)).or_default() += 1;
        }
        let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
        let move_one = |place: &Point| {
            let index = seen.entry(key(place)).or_default();
            let count = counts.get(&key(place)).copied().unwrap_or(1);
            // Half a distance times the root of the index keeps neighbours about one distance apart.
            let step = (distance * 0.56).min(self.at(place) / (count as f64).sqrt());
            let away = step * (*index as f64).sqrt();
            let angle = GOLDEN_ANGLE * *index as f64;
            *index += 1;
            (place.0 + away * angle.cos(), place.1 + away * angle.sin())
        };
        places.iter().map(move_one).collect()
    }
}

/// Moves dots of one column aside, the farther the more of them are at their height, at most `reach`.
pub(super) fn fanned(places: &[Point], distance: f64, reach: f64) -> Vec<Point> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| key(&places[a]).cmp(&key(&places[b])).then(a.cmp(&b)));
    let mut fanned = places.to_vec();
    for column in order.chunk_by(|&a, &b| key(&places[a]).0 == key(&places[b]).0) {
        let (mut from, mut to) = (0, 0);
        for (index, &dot) in column.iter().enumerate() {
            let height = places[dot].1;
            while height - places[column[from]].1 > distance {
                from += 1;
            }
            while to < column.len() && places[column[to]].1 - height <= distance {
                to += 1;
            }
            let near = (to - from).saturating_sub(1) as f64;
            let aside = ((index as f64 * GOLDEN_FRACTION).fract() - 0.5) * 2.0;
            fanned[dot].0 += aside * (near * distance * 0.3).min(reach);
        }
    }
    fanned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_dot_stays_and_a_crowd_stays_near() {
        let mut places = vec![(10.0, 10.0); 500];
        places.push((50.0, 10.0));
        let laid = Reaches::of(&places, 30.0).laid_out(&places, 6.0);
        assert_eq!(laid[500], (50.0, 10.0));
        assert!(
            laid[..500]
                .iter()
                .all(|place| (place.0 - 10.0).hypot(place.1 - 10.0) <= 20.0)
        );
        assert_ne!(laid[1], laid[2]);
    }

    #[test]
    fn dots_shrink_only_when_a_place_is_full() {
        let shrinkage = |count: usize| {
            let places = vec![(1.0, 1.0); count];
            Reaches::of(&places, 20.0).shrinkage(&places, &vec![2.0; count])
        };
        assert_eq!(shrinkage(3), 1.0);
        assert_eq!(shrinkage(1), 1.0);
        assert!(shrinkage(150) < 1.0 && shrinkage(150) > MOST_SHRINKAGE);
        assert_eq!(shrinkage(100_000), MOST_SHRINKAGE);
    }

    #[test]
    fn a_fanned_column_keeps_its_heights_and_its_lone_dots() {
        let mut places: Vec<Point> = (0..50).map(|dot| (10.0, 10.0 + f64::from(dot) * 0.2)).collect();
        places.push((10.0, 300.0));
        let fanned = fanned(&places, 4.0, 12.0);
        assert_eq!(fanned[50], places[50]);
        assert!(
            fanned
                .iter()
                .zip(&places)
                .all(|(new, old)| new.1 == old.1 && (new.0 - old.0).abs() <= 12.0)
        );
        assert!(fanned[..50].iter().any(|place| place.0 != 10.0));
    }
}
