//! Waves over working days, a bar each.

use super::axis::{Scale, round_ticks};
use super::drawing::{Anchor, Drawing, Text};
use super::font::{self, Weight};
use super::palette::{AXIS, BLUE, GREEN, GRID, QUIET_TEXT, TEXT};
use super::words::{figure, name};

const WIDTH: u32 = 900;
const MARGIN: f64 = 16.0;
const ROW_HEIGHT: f64 = 26.0;
const BAR_HEIGHT: f64 = 15.0;
const TOP: f64 = 84.0;
/// Letters of a row's name.
const NAME_LETTERS: usize = 34;

/// A bar of the chart.
#[derive(Clone, Debug)]
pub struct GanttBar {
    /// What it is; may hold names from anywhere.
    pub name: String,
    /// First working day, from 0 on.
    pub first_day: u32,
    /// Working days.
    pub days: u32,
    /// Whether it is of the second phase.
    pub is_second: bool,
    /// What stands behind the bar.
    pub value: String,
}

/// Draws the waves; nothing without one.
#[must_use]
pub fn gantt(title: &str, subtitle: &str, phases: [&'static str; 2], bars: &[GanttBar]) -> Option<Drawing> {
    let last = bars.iter().map(|bar| bar.first_day + bar.days).max()?;
    let bottom = TOP + bars.len() as f64 * ROW_HEIGHT;
    let mut drawing = Drawing::new(WIDTH, (bottom + 40.0).ceil() as u32, format!("{title}: {subtitle}"));
    drawing.text(Text {
        at: (MARGIN, 22.0),
        words: title.to_string(),
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    drawing.words((MARGIN, 41.0), subtitle.to_string(), 12.0, Anchor::Start, QUIET_TEXT);
    let mut at = MARGIN;
    for (phase, ink) in phases.into_iter().zip([BLUE, GREEN]) {
        drawing.rectangle((at, 54.0), (at + 12.0, 66.0), ink);
        drawing.words((at + 18.0, 64.4), phase, 12.0, Anchor::Start, TEXT);
        at += 18.0 + font::width(phase, 12.0, Weight::Regular) + 20.0;
    }
    let names: Vec<String> = bars.iter().map(|bar| name(&bar.name, NAME_LETTERS)).collect();
    let widest = |texts: &mut dyn Iterator<Item = &String>| {
        texts
            .map(|text| font::width(text, 12.0, Weight::Regular))
            .fold(0.0, f64::max)
    };
    let left = MARGIN + widest(&mut names.iter()) + 12.0;
    let values = widest(&mut bars.iter().map(|bar| &bar.value));
    let right = f64::from(WIDTH) - MARGIN - values - 10.0;
    let scale = Scale::even((0.0, f64::from(last)), (left, right));
    for tick in round_ticks(f64::from(last), 6) {
        let x = scale.pixel(tick);
        drawing.line(vec![(x, TOP), (x, bottom)], 1.0, if tick == 0.0 { AXIS } else { GRID });
        drawing.words((x, bottom + 17.0), figure(tick), 12.0, Anchor::Middle, QUIET_TEXT);
    }
    drawing.words((left, bottom + 34.0), "working days", 12.0, Anchor::Start, QUIET_TEXT);
    for (row, (bar, shown)) in bars.iter().zip(&names).enumerate() {
        let middle = TOP + (row as f64 + 0.5) * ROW_HEIGHT;
        drawing.words((left - 10.0, middle + 4.4), shown.clone(), 12.0, Anchor::End, TEXT);
        let (from, to) = (f64::from(bar.first_day), f64::from(bar.first_day + bar.days));
        let (upper, lower) = (middle - BAR_HEIGHT / 2.0, middle + BAR_HEIGHT / 2.0);
        let ink = if bar.is_second { GREEN } else { BLUE };
        drawing.rectangle((scale.pixel(from), upper), (scale.pixel(to), lower), ink);
        let end = (scale.pixel(to) + 8.0, middle + 4.4);
        drawing.words(end, bar.value.clone(), 12.0, Anchor::Start, QUIET_TEXT);
    }
    Some(drawing)
}
