//! Scenarios side by side: what each costs by environment, and what makes the difference.
//!
//! Input: a [`Comparison`]. Output: bars of every scenario, and the steps from
//! the base to one of them. Amounts are exact until they become lengths.

use std::collections::BTreeMap;

use super::axis::{Scale, round_ticks};
use super::bars::{Bar, Bars, draw};
use super::drawing::{Anchor, Drawing, Text};
use super::font::{self, Weight};
use super::palette::{AXIS, BLUE, CATEGORIES, GREEN, GRID, Ink, OTHER, QUIET_TEXT, TEXT, TODAY, VERMILION, WHITE};
use super::words::{dollars, name, short_dollars};
use crate::scenario::{Column, Comparison};

/// Environments with a colour of their own; what is beyond is summed as one.
const MOST_ENVIRONMENTS: usize = 6;
/// Scenarios of a chart.
const MOST_SCENARIOS: usize = 20;
const NAME_LETTERS: usize = 34;

/// Draws what every scenario costs a month, by environment; nothing without two of them.
#[must_use]
pub fn scenario_bars(comparison: &Comparison) -> Option<Drawing> {
    if comparison.columns.len() < 2 {
        return None;
    }
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for column in &comparison.columns {
        for (environment, figures) in &column.environments {
            *sums.entry(environment).or_default() += figures.total.known.approximately();
        }
    }
    let mut order: Vec<(&str, f64)> = sums.into_iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let own: Vec<&str> = order.iter().take(MOST_ENVIRONMENTS).map(|(name, _)| *name).collect();
    let mut parts: Vec<(String, Ink)> = own
        .iter()
        .zip(CATEGORIES)
        .map(|(environment, ink)| (name(environment, NAME_LETTERS), ink))
        .collect();
    if order.len() > own.len() {
        parts.push((format!("{} other environments", order.len() - own.len()), OTHER));
    }
    let base = comparison.columns[0].whole.total.known.approximately();
    let rows = comparison.columns.iter().take(MOST_SCENARIOS).map(|column| {
        let amount = |environment: &str| {
            let figures = column.environments.get(environment);
            figures.map_or(0.0, |figures| figures.total.known.approximately())
        };
        let mut lengths: Vec<(f64, Ink)> = own
            .iter()
            .zip(CATEGORIES)
            .map(|(environment, ink)| (amount(environment), ink))
            .collect();
        let all: f64 = column
            .environments
            .values()
            .map(|figures| figures.total.known.approximately())
            .sum();
        let rest = all - lengths.iter().map(|(length, _)| length).sum::<f64>();
        lengths.push((if order.len() > own.len() { rest } else { 0.0 }, OTHER));
        Bar {
            name: name(&column.name, NAME_LETTERS),
            parts: lengths,
            value: worth(column, base, column.name == comparison.base),
        }
    });
    draw(&Bars {
        title: "What each scenario costs a month".to_string(),
        subtitle: format!(
            "US dollars, by environment; in brackets against {}",
            name(&comparison.base, NAME_LETTERS)
        ),
        parts,
        rows: rows.collect(),
    })
}

fn worth(column: &Column, base: f64, is_base: bool) -> String {
    let total = column.whole.total;
    let amount = dollars(total.known.approximately());
    let amount = if total.is_at_least() {
        format!("at least {amount}")
    } else {
        amount
    };
    let change = (total.known.approximately() / base - 1.0) * 100.0;
    if is_base || !change.is_finite() || change.round() == 0.0 {
        return amount;
    }
    format!("{amount} ({})", signed_percent(change))
}

fn signed_percent(percent: f64) -> String {
    let sign = if percent < 0.0 { "−" } else { "+" };
    format!("{sign}{:.0}%", percent.abs())
}

const WIDTH: u32 = 900;
const MARGIN: f64 = 16.0;
const ROW_HEIGHT: f64 = 34.0;
const BAR_HEIGHT: f64 = 20.0;
const TOP: f64 = 58.0;

/// One row of the steps.
struct Row {
    name: String,
    from: f64,
    to: f64,
    ink: Ink,
    value: String,
}

/// Draws the steps from the base to a scenario; nothing where there is none.
#[must_use]
pub fn waterfall_chart(comparison: &Comparison, scenario: &str) -> Option<Drawing> {
    let base = comparison.columns.first()?;
    let column = comparison
        .column(scenario)
        .filter(|column| !column.waterfall.is_empty())?;
    let start = base.whole.total.known.approximately();
    let mut rows = vec![Row {
        name: name(&base.name, NAME_LETTERS),
        from: 0.0,
        to: start,
        ink: TODAY,
        value: dollars(start),
    }];
    let mut at = start;
    for step in &column.waterfall {
        let after = step.after.known.approximately();
        let delta = step.delta.approximately();
        let sign = if delta < 0.0 { "−" } else { "+" };
        let unknown = if step.no_longer_known.approximately() > 0.0 {
            ", part of it no longer known"
        } else {
            ""
        };
        rows.push(Row {
            name: step.words(),
            from: at,
            to: after,
            ink: if delta <= 0.0 { GREEN } else { VERMILION },
            value: format!(
                "{sign}{} ({}{unknown})",
                dollars(delta.abs()),
                signed_percent(delta / start * 100.0)
            ),
        });
        at = after;
    }
    rows.push(Row {
        name: name(&column.name, NAME_LETTERS),
        from: 0.0,
        to: at,
        ink: BLUE,
        value: worth(column, start, false),
    });
    Some(steps(&rows, &base.name, &column.name))
}

fn steps(rows: &[Row], base: &str, scenario: &str) -> Drawing {
    let bottom = TOP + rows.len() as f64 * ROW_HEIGHT;
    let title = format!("From {} to {}", name(base, NAME_LETTERS), name(scenario, NAME_LETTERS));
    let subtitle =
        "US dollars a month; each step is counted on top of those above it, and together they are the difference";
    let mut drawing = Drawing::new(WIDTH, (bottom + 34.0).ceil() as u32, format!("{title}: {subtitle}"));
    drawing.text(Text {
        at: (MARGIN, 22.0),
        words: title,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    drawing.words((MARGIN, 41.0), subtitle, 12.0, Anchor::Start, QUIET_TEXT);
    let width = |text: &str, weight| font::width(text, 13.0, weight);
    let names = rows
        .iter()
        .map(|row| width(&row.name, Weight::Regular))
        .fold(0.0, f64::max);
    let left = MARGIN + names.min(250.0) + 12.0;
    let most = rows.iter().map(|row| row.from.max(row.to)).fold(0.0, f64::max);
    let edge = f64::from(WIDTH) - MARGIN;
    // The words of a row stand behind its bar, or before it where there is no room behind.
    let longest = |row: &Row| width(&row.value, Weight::Semibold) + 10.0;
    let whole = rows
        .iter()
        .filter(|row| row.from == 0.0)
        .map(longest)
        .fold(0.0, f64::max);
    let scale = Scale::even((0.0, most), (left, edge - whole));
    for tick in round_ticks(most, 5) {
        let x = scale.pixel(tick);
        drawing.line(vec![(x, TOP), (x, bottom)], 1.0, if tick == 0.0 { AXIS } else { GRID });
        drawing.words(
            (x, bottom + 18.0),
            short_dollars(tick),
            12.0,
            Anchor::Middle,
            QUIET_TEXT,
        );
    }
    for (index, row) in rows.iter().enumerate() {
        let middle = TOP + (index as f64 + 0.5) * ROW_HEIGHT;
        let (upper, lower) = (middle - BAR_HEIGHT / 2.0, middle + BAR_HEIGHT / 2.0);
        drawing.words((left - 10.0, middle + 4.6), row.name.clone(), 13.0, Anchor::End, TEXT);
        let (low, high) = (scale.pixel(row.from.min(row.to)), scale.pixel(row.from.max(row.to)));
        // A step that is nearly nothing is still to be seen.
        let high = high.max(low + 1.5);
        drawing.rectangle((low, upper), (high, lower), row.ink);
        if index + 1 < rows.len() {
            let x = scale.pixel(row.to);
            drawing.line(vec![(x, lower), (x, lower + ROW_HEIGHT - BAR_HEIGHT)], 1.0, AXIS);
        }
        let needed = longest(row);
        let at = if high + needed <= edge {
            high + 8.0
        } else {
            low - needed + 2.0
        };
        let end = at + width(&row.value, Weight::Semibold) + 3.0;
        drawing.rectangle((at - 3.0, middle - 9.0), (end, middle + 9.0), WHITE);
        drawing.text(Text {
            at: (at, middle + 4.6),
            words: row.value.clone(),
            size: 13.0,
            weight: Weight::Semibold,
            anchor: Anchor::Start,
            ink: TEXT,
        });
    }
    drawing
}
