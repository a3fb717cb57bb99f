//! A setting over a range: cost and risk of every scenario as lines, one above the other.

use super::axis::{Scale, round_ticks};
use super::drawing::{Anchor, Drawing, Text};
use super::font::Weight;
use super::palette::{AXIS, CATEGORIES, GRID, Ink, OTHER, QUIET_TEXT, TEXT};
use super::words::{name, short_dollars};
use crate::scenario::Sweep;

const WIDTH: u32 = 900;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 690.0;
const COST: (f64, f64) = (84.0, 300.0);
const RISK: (f64, f64) = (352.0, 452.0);
const HEIGHT: u32 = 496;
const NAME_LETTERS: usize = 24;
/// Names at the right end keep this distance.
const LINE_HEIGHT: f64 = 15.0;

/// Draws the curves; nothing with less than two values or no scenario.
#[must_use]
pub fn sweep_chart(sweep: &Sweep) -> Option<Drawing> {
    let (first, last) = (*sweep.numbers.first()?, *sweep.numbers.last()?);
    if first >= last || sweep.curves.is_empty() {
        return None;
    }
    let x = Scale::even((first, last), (LEFT, RIGHT));
    let title = format!("Cost and risk over {}", name(&sweep.key, NAME_LETTERS));
    let mut drawing = Drawing::new(WIDTH, HEIGHT, title.clone());
    drawing.text(Text {
        at: (16.0, 22.0),
        words: title,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    let subtitle = "US dollars a month above, expected share of the time short of CPU or memory below";
    drawing.words((16.0, 41.0), subtitle, 12.0, Anchor::Start, QUIET_TEXT);

    let costs: Vec<Vec<Option<f64>>> = sweep
        .curves
        .iter()
        .map(|curve| {
            curve
                .totals
                .iter()
                .map(|total| Some(total.known.approximately()))
                .collect()
        })
        .collect();
    let risks: Vec<Vec<Option<f64>>> = sweep
        .curves
        .iter()
        .map(|curve| curve.risks.iter().map(|risk| risk.map(|risk| risk * 100.0)).collect())
        .collect();
    let names: Vec<String> = sweep
        .curves
        .iter()
        .map(|curve| name(&curve.scenario, NAME_LETTERS))
        .collect();
    panel(
        &mut drawing,
        COST,
        &x,
        &sweep.numbers,
        &costs,
        Some(&names),
        &short_dollars,
    );
    panel(&mut drawing, RISK, &x, &sweep.numbers, &risks, None, &|share| {
        format!("{} %", (share * 100.0).round() / 100.0)
    });
    let step = (sweep.values.len() - 1).div_ceil(10).max(1);
    for (place, words) in sweep.values.iter().enumerate().step_by(step) {
        let at = (x.pixel(sweep.numbers[place]), RISK.1 + 20.0);
        drawing.words(at, words.clone(), 12.0, Anchor::Middle, QUIET_TEXT);
    }
    Some(drawing)
}

fn ink(place: usize) -> Ink {
    CATEGORIES.get(place).copied().unwrap_or(OTHER)
}

fn panel(
    drawing: &mut Drawing,
    (top, bottom): (f64, f64),
    x: &Scale,
    values: &[f64],
    curves: &[Vec<Option<f64>>],
    names: Option<&[String]>,
    words: &dyn Fn(f64) -> String,
) {
    let most = curves.iter().flatten().flatten().copied().fold(0.0, f64::max);
    let y = Scale::even((0.0, if most > 0.0 { most * 1.05 } else { 1.0 }), (bottom, top));
    for tick in round_ticks(most, 5) {
        let at = y.pixel(tick);
        drawing.line(
            vec![(LEFT, at), (RIGHT, at)],
            1.0,
            if tick == 0.0 { AXIS } else { GRID },
        );
        drawing.words((LEFT - 8.0, at + 4.0), words(tick), 12.0, Anchor::End, QUIET_TEXT);
    }
    let mut ends: Vec<(f64, usize)> = Vec::new();
    for (place, curve) in curves.iter().enumerate() {
        let points: Vec<(f64, f64)> = values
            .iter()
            .zip(curve)
            .filter_map(|(&value, cost)| Some((x.pixel(value), y.pixel((*cost)?))))
            .collect();
        for &point in points.iter().filter(|_| points.len() <= 30) {
            drawing.dot(point, 2.5, ink(place));
        }
        ends.extend(points.last().map(|end| (end.1, place)));
        drawing.line(points, 2.0, ink(place));
    }
    let Some(names) = names else { return };
    // From the top, each at its line's end or below the name before it.
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut free = f64::NEG_INFINITY;
    for (end, place) in ends {
        let at = end.max(free);
        free = at + LINE_HEIGHT;
        drawing.words(
            (RIGHT + 10.0, at + 4.0),
            names[place].clone(),
            12.0,
            Anchor::Start,
            ink(place),
        );
    }
}
