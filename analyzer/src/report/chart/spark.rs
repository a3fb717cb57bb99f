//! A line of daily maxima, small enough for a row of a table.

use super::drawing::{Drawing, Point};
use super::palette::{BLUE, GREEN, VERMILION, faint};

const WIDTH: u32 = 120;
const HEIGHT: u32 = 26;
/// Days shown; a table row has no room for more, and the last ones matter.
const MOST_DAYS: i32 = 35;

/// Draws the highest value of each local day, and a proposal's capacity as a line.
///
/// `daily_maxima` are days since 1970-01-01, ascending, with their highest
/// value, as a profile has them; a day that is missing is a gap. Nothing is
/// drawn without a day.
#[must_use]
pub fn sparkline(daily_maxima: &[(i32, f64)], capacity: Option<f64>) -> Option<Drawing> {
    let last = daily_maxima.last()?.0;
    let days: Vec<(i32, f64)> = daily_maxima
        .iter()
        .copied()
        .filter(|&(day, value)| day > last - MOST_DAYS && value.is_finite())
        .collect();
    let first = days.first()?.0;
    let highest = days.iter().map(|&(_, value)| value).fold(0.0, f64::max);
    let near = capacity.filter(|&capacity| capacity.is_finite() && capacity <= 3.0 * highest);
    let top = near
        .map_or(highest, |capacity| capacity.max(highest))
        .max(f64::MIN_POSITIVE);

    let (left, right, upper, lower) = (3.0, f64::from(WIDTH) - 3.0, 4.0, f64::from(HEIGHT) - 2.0);
    let place = |(day, value): (i32, f64)| -> Point {
        let way = if last > first {
            f64::from(day - first) / f64::from(last - first)
        } else {
            0.5
        };
        (left + way * (right - left), lower - value / top * (lower - upper))
    };
    let mut drawing = Drawing::new(WIDTH, HEIGHT, format!("highest value of each of {} days", days.len()));
    if let Some(capacity) = near {
        let y = place((first, capacity)).1;
        drawing.line(vec![(left, y), (right, y)], 1.0, GREEN);
    }
    for run in days.chunk_by(|a, b| b.0 == a.0 + 1) {
        let line: Vec<Point> = run.iter().map(|&day| place(day)).collect();
        let (Some(&from), Some(&to)) = (line.first(), line.last()) else {
            continue;
        };
        if run.len() == 1 {
            drawing.dot(from, 1.4, BLUE);
            continue;
        }
        let under = line.iter().copied().chain([(to.0, lower), (from.0, lower)]).collect();
        drawing.area(under, faint(BLUE, 0.18));
        drawing.line(line, 1.3, BLUE);
    }
    if let Some(&peak) = days.iter().find(|&&(_, value)| value == highest) {
        drawing.dot(place(peak), 2.0, VERMILION);
    }
    Some(drawing)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_sparkline_is_tiny() {
        let days: Vec<(i32, f64)> = (0..400).map(|day| (day, f64::from(day * 7919 % 100) / 10.0)).collect();
        let svg = sparkline(&days, Some(12.0)).unwrap().svg();
        assert!(svg.len() < 1500, "{}", svg.len());
        let month = sparkline(&days[..30], Some(12.0)).unwrap().svg();
        assert!(month.len() < 1500, "{}", month.len());
    }

    #[test]
    fn a_missing_day_is_a_gap() {
        let svg = sparkline(&[(1, 1.0), (2, 2.0), (5, 1.0), (6, 3.0)], None)
            .unwrap()
            .svg();
        assert_eq!(svg.matches("stroke-width=\"1.3\"").count(), 2);
    }

    #[test]
    fn no_day_is_no_sparkline_and_zero_is_a_flat_one() {
        assert!(sparkline(&[], None).is_none());
        assert!(
            !sparkline(&[(1, 0.0), (2, 0.0)], Some(4.0))
                .unwrap()
                .svg()
                .contains("NaN")
        );
    }
}
