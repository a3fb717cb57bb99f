//! Dots that share a place, laid around it so that each can be seen.
//!
//! The order of the seeds in a sunflower (Vogel 1979): even, round, and the
//! same for the same count.

use std::collections::BTreeMap;

use super::drawing::Point;

/// The golden angle, radians.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;
/// Dots may always move this far, pixels: less could not be seen.
const LEAST_REACH: f64 = 5.0;
/// Part of a full place that its dots cover; circles cannot cover all of it.
const FILL: f64 = 0.8;

/// Gives how far dots may move from their place, across and down: not into a neighbouring place.
pub(super) fn reach(places: &[Point], most: f64) -> Point {
    let nearest = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        let gaps = values.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0.5);
        (gaps.fold(f64::INFINITY, f64::min) * 0.46).clamp(LEAST_REACH, most.max(LEAST_REACH))
    };
    (nearest(places.iter().map(|place| place.0).collect()), nearest(places.iter().map(|place| place.1).collect()))
}

/// Gives by how much dots must shrink (at most 1) for the fullest place to hold its own within reach.
pub(super) fn shrinkage(places: &[Point], radii: &[f64], reach: Point) -> f64 {
    let mut areas: BTreeMap<(i64, i64), (f64, usize)> = BTreeMap::new();
    for (place, radius) in places.iter().zip(radii) {
        let area = areas.entry(key(place)).or_default();
        *area = (area.0 + radius * radius, area.1 + 1);
    }
    let crowds = areas.values().filter(|area| area.1 > 1);
    let fullest = crowds.map(|area| area.0).fold(0.0, f64::max);
    if fullest > 0.0 { (FILL * reach.0 * reach.1 / fullest).sqrt().min(1.0) } else { 1.0 }
}

fn key(place: &Point) -> (i64, i64) {
    ((place.0 * 2.0).round() as i64, (place.1 * 2.0).round() as i64)
}

/// Moves dots of the same place apart: `distance` from each other where there is room within reach.
pub(super) fn laid_out(places: &[Point], distance: f64, reach: Point) -> Vec<Point> {
    let mut counts: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    for place in places {
        *counts.entry(key(place)).or_default() += 1;
    }
    let mut seen: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    places
        .iter()
        .map(|place| {
            let index = seen.entry(key(place)).or_default();
            let count = counts.get(&key(place)).copied().unwrap_or(1);
            // Half a distance times the root of the index keeps neighbours about one distance apart.
            let step = |reach: f64| (distance * 0.56).min(reach / (count as f64).sqrt());
            let away = (*index as f64).sqrt();
            let angle = GOLDEN_ANGLE * *index as f64;
            *index += 1;
            (place.0 + away * step(reach.0) * angle.cos(), place.1 + away * step(reach.1) * angle.sin())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_dot_stays_and_a_crowd_stays_near() {
        let mut places = vec![(10.0, 10.0); 500];
        places.push((90.0, 10.0));
        let laid = laid_out(&places, 6.0, (20.0, 10.0));
        assert_eq!(laid[500], (90.0, 10.0));
        assert!(laid[..500].iter().all(|place| (place.0 - 10.0).abs() <= 20.0 && (place.1 - 10.0).abs() <= 10.0));
        assert_ne!(laid[1], laid[2]);
    }

    #[test]
    fn crowds_do_not_reach_into_each_other() {
        let places = [(10.0, 10.0), (40.0, 10.0), (100.0, 60.0)];
        let reach = reach(&places, 30.0);
        assert!((reach.0 - 13.8).abs() < 1e-9 && (reach.1 - 23.0).abs() < 1e-9, "{reach:?}");
    }

    #[test]
    fn dots_shrink_only_when_a_place_is_full() {
        assert_eq!(shrinkage(&[(1.0, 1.0); 3], &[2.0; 3], (20.0, 20.0)), 1.0);
        let full = shrinkage(&[(1.0, 1.0); 400], &[4.0; 400], (20.0, 20.0));
        assert!((full * 4.0).powi(2) * 400.0 <= 0.81 * 400.0);
    }
}
