//! Horizontal bars with their values written at the end.

use super::axis::{Scale, round_ticks};
use super::drawing::{Anchor, Drawing, Text};
use super::font::{self, Weight};
use super::palette::{AXIS, GRID, Ink, QUIET_TEXT, TEXT, WHITE};
use super::words::short_dollars;

const WIDTH: u32 = 900;
const MARGIN: f64 = 16.0;
const ROW_HEIGHT: f64 = 30.0;
const BAR_HEIGHT: f64 = 18.0;
/// The names' column is no wider than this.
const WIDEST_NAMES: f64 = 240.0;

/// Bars of dollars a month.
#[derive(Clone, Debug)]
pub(super) struct Bars {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// Names and colours of the parts, when a bar has several.
    pub(super) parts: Vec<(String, Ink)>,
    pub(super) rows: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// Safe to show.
    pub(super) name: String,
    /// Amounts and their colours, from the left.
    pub(super) parts: Vec<(f64, Ink)>,
    /// What stands at the end.
    pub(super) value: String,
}

impl Bar {
    fn length(&self) -> f64 {
        self.parts.iter().map(|part| part.0.max(0.0)).sum()
    }
}

/// Draws the bars; nothing without a bar.
pub(super) fn draw(bars: &Bars) -> Option<Drawing> {
    if bars.rows.is_empty() {
        return None;
    }
    let top = if bars.parts.is_empty() { 56.0 } else { 80.0 };
    let bottom = top + bars.rows.len() as f64 * ROW_HEIGHT;
    let height = (bottom + 34.0).ceil() as u32;
    let mut drawing = Drawing::new(WIDTH, height, format!("{}: {}", bars.title, bars.subtitle));
    let (at, words) = ((MARGIN, 22.0), bars.title.clone());
    drawing.text(Text {
        at,
        words,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    drawing.words((MARGIN, 41.0), bars.subtitle.clone(), 12.0, Anchor::Start, QUIET_TEXT);
    let mut x = MARGIN;
    for (name, ink) in &bars.parts {
        drawing.rectangle((x, 54.0), (x + 12.0, 66.0), *ink);
        drawing.words((x + 18.0, 64.4), name.clone(), 12.0, Anchor::Start, TEXT);
        x += 18.0 + font::width(name, 12.0, Weight::Regular) + 20.0;
    }

    let width = |text: &str, weight| font::width(text, 13.0, weight);
    let names = bars
        .rows
        .iter()
        .map(|row| width(&row.name, Weight::Regular))
        .fold(0.0, f64::max);
    let values = bars
        .rows
        .iter()
        .map(|row| width(&row.value, Weight::Semibold))
        .fold(0.0, f64::max);
    let left = MARGIN + names.min(WIDEST_NAMES) + 12.0;
    let right = f64::from(WIDTH) - MARGIN - values - 10.0;
    let longest = bars.rows.iter().map(Bar::length).fold(0.0, f64::max);
    let scale = Scale::even((0.0, longest), (left, right));

    for tick in round_ticks(longest, 5) {
        let x = scale.pixel(tick);
        drawing.line(vec![(x, top), (x, bottom)], 1.0, if tick == 0.0 { AXIS } else { GRID });
        drawing.words(
            (x, bottom + 18.0),
            short_dollars(tick),
            12.0,
            Anchor::Middle,
            QUIET_TEXT,
        );
    }
    for (index, row) in bars.rows.iter().enumerate() {
        let middle = top + (index as f64 + 0.5) * ROW_HEIGHT;
        drawing.words((left - 10.0, middle + 4.6), row.name.clone(), 13.0, Anchor::End, TEXT);
        let mut from = 0.0;
        for &(amount, ink) in &row.parts {
            let to = from + amount.max(0.0);
            if amount > 0.0 {
                let (upper, lower) = (middle - BAR_HEIGHT / 2.0, middle + BAR_HEIGHT / 2.0);
                drawing.rectangle((scale.pixel(from), upper), (scale.pixel(to), lower), ink);
            }
            from = to;
        }
        let at = (scale.pixel(from) + 8.0, middle + 4.6);
        let words = row.value.clone();
        let end = at.0 + width(&words, Weight::Semibold) + 3.0;
        drawing.rectangle((at.0 - 3.0, middle - 9.0), (end, middle + 9.0), WHITE);
        drawing.text(Text {
            at,
            words,
            size: 13.0,
            weight: Weight::Semibold,
            anchor: Anchor::Start,
            ink: TEXT,
        });
    }
    Some(drawing)
}
