//! What was paid until each month: staying against each way to go, with the month in which moving has paid.

use super::axis::{Scale, round_ticks};
use super::drawing::{Anchor, Drawing};
use super::font::Weight;
use super::palette::{AXIS, CATEGORIES, GRID, Ink, QUIET_TEXT, TEXT, TODAY, WHITE, faint};
use super::side_labels::{SideLabel, write};
use super::words::short_dollars;
use crate::money::Usd;
use crate::projection::{Path, Projection, Sums};

const WIDTH: u32 = 1000;
const HEIGHT: u32 = 470;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 760.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 416.0;
const LABEL: f64 = 11.0;

/// Draws the cumulative cost of every path; nothing without a path.
#[must_use]
pub fn projection_chart(projection: &Projection) -> Option<Drawing> {
    let last = |sums: &Sums| sums.total.approximately();
    let top = projection.paths.iter().map(|path| last(&path.high)).fold(0.0, f64::max);
    if projection.paths.is_empty() || top <= 0.0 {
        return None;
    }
    let months = f64::from(projection.months);
    let x = Scale::even((0.0, months), (LEFT, RIGHT));
    let y = Scale::even((0.0, top), (BOTTOM, TOP));
    let words = format!("What is paid until each month, over {} months", projection.months);
    let mut drawing = Drawing::new(WIDTH, HEIGHT, words.clone());
    drawing.words((LEFT - 46.0, 30.0), words, 18.0, Anchor::Start, TEXT);
    let subtitle = if projection.staying().is_some() {
        "US dollars; a band is from least to most growth; a ring: from here on moving has cost no more than staying"
    } else {
        "US dollars; a band is from least to most growth; the cost of staying is not stated"
    };
    drawing.words((LEFT - 46.0, 52.0), subtitle, 12.0, Anchor::Start, QUIET_TEXT);
    for tick in round_ticks(top, 5) {
        drawing.line(vec![(LEFT, y.pixel(tick)), (RIGHT, y.pixel(tick))], 1.0, GRID);
        let at = (LEFT - 8.0, y.pixel(tick) + 4.0);
        drawing.words(at, short_dollars(tick), LABEL, Anchor::End, QUIET_TEXT);
    }
    drawing.line(vec![(LEFT, BOTTOM), (RIGHT, BOTTOM)], 1.0, AXIS);
    let every = if projection.months > 36 { 12 } else { 6 };
    for month in (0..=projection.months).step_by(every) {
        let at = (x.pixel(f64::from(month)), BOTTOM + 18.0);
        drawing.words(at, month.to_string(), LABEL, Anchor::Middle, QUIET_TEXT);
    }
    let axis = format!("months from {}", projection.first_month);
    drawing.words((RIGHT, BOTTOM + 38.0), axis, LABEL, Anchor::End, QUIET_TEXT);

    let place = |sums: &Sums| -> Vec<(f64, f64)> {
        let paid = sums.cumulative();
        std::iter::once((x.pixel(0.0), y.pixel(0.0)))
            .chain(
                paid.iter()
                    .zip(1..)
                    .map(|(paid, month)| (x.pixel(f64::from(month)), y.pixel(Usd::approximately(*paid)))),
            )
            .collect()
    };
    let mut labels = Vec::new();
    let mut colours = CATEGORIES.iter().copied().cycle();
    let inks: Vec<Ink> = projection
        .paths
        .iter()
        .map(|path| {
            if path.is_staying {
                TODAY
            } else {
                colours.next().unwrap_or(TODAY)
            }
        })
        .collect();
    for (path, ink) in projection.paths.iter().zip(&inks) {
        let mut band = place(&path.high);
        band.extend(place(&path.low).into_iter().rev());
        drawing.area(band, faint(*ink, 0.12));
    }
    for (path, ink) in projection.paths.iter().zip(&inks) {
        let line = place(&path.mid);
        let end = line.last().map_or(BOTTOM, |at| at.1);
        drawing.line(line, 2.5, *ink);
        labels.push(SideLabel {
            y: end,
            lines: vec![path.name.clone(), label(projection, path)],
            weight: Weight::Semibold,
            ink: *ink,
        });
    }
    // Rings last, so that no line covers them.
    for (path, ink) in projection.paths.iter().zip(&inks) {
        let Some(month) = path.mid.payback_month.filter(|_| !path.is_staying) else {
            continue;
        };
        if let Some(at) = place(&path.mid).get(month as usize) {
            drawing.dot(*at, 6.5, *ink);
            drawing.dot(*at, 4.0, WHITE);
        }
    }
    write(&mut drawing, RIGHT, (TOP, BOTTOM), labels);
    Some(drawing)
}

/// Says what a path costs in all, and when it has paid.
fn label(projection: &Projection, path: &Path) -> String {
    let at_least = if path.mid.unknown_lines > 0 { "at least " } else { "" };
    let total = format!("{at_least}{}", short_dollars(path.mid.total.approximately()));
    match (path.is_staying, projection.staying(), path.mid.payback_month) {
        (false, Some(_), Some(month)) => format!("{total}, paid back in month {month}"),
        (false, Some(_), None) => format!("{total}, not paid back"),
        _ => total,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rust_decimal::Decimal;

    fn path(name: &str, is_staying: bool, monthly: i64, payback_month: Option<u32>) -> Path {
        let sums = |percent: i64| Sums {
            by_month: vec![Usd::from_decimal(Decimal::from(monthly * percent) / Decimal::ONE_HUNDRED); 12],
            total: Usd::from_decimal(Decimal::from(12 * monthly * percent) / Decimal::ONE_HUNDRED),
            unknown_lines: usize::from(!is_staying),
            net_present_value: 0.0,
            payback_month,
        };
        Path {
            name: name.to_string(),
            is_staying,
            low: sums(90),
            mid: sums(100),
            high: sums(120),
            lines: Vec::new(),
        }
    }

    #[test]
    fn the_chart_names_every_path_and_when_it_pays() {
        let projection = Projection {
            first_month: "2026-06".parse().unwrap(),
            months: 12,
            discount_percent_per_year: 0.0,
            paths: vec![
                path("on premises", true, 1_000, None),
                path("rehost <&>", false, 800, Some(1)),
            ],
            runs_out: Vec::new(),
            notes: Vec::new(),
            judgement: String::new(),
        };
        let svg = projection_chart(&projection).unwrap().svg();
        assert!(svg.contains("rehost &lt;&amp;&gt;"), "{svg}");
        assert!(
            svg.contains("paid back in month 1") && svg.contains("at least"),
            "{svg}"
        );
        assert!(svg.contains("months from 2026-06"));
        let nothing = Projection {
            paths: Vec::new(),
            ..projection
        };
        assert!(projection_chart(&nothing).is_none());
    }
}
