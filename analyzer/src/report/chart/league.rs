//! Cost against risk: each rule a point, ours a line over its dials, hindsight where it would have been.

use super::axis::{Scale, round_ticks};
use super::drawing::{Anchor, Drawing};
use super::palette::{AXIS, BLUE, GREEN, GRID, OTHER, QUIET_TEXT, TEXT, VERMILION};
use super::words::short_dollars;
use crate::backtest::{Entry, League, Scope};
use crate::policy::Rule;

const WIDTH: u32 = 1000;
const HEIGHT: u32 = 560;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 960.0;
const TOP: f64 = 86.0;
const BOTTOM: f64 = 490.0;
const LABEL: f64 = 11.0;

/// Draws the rules of the whole catalog; nothing without a cost.
#[must_use]
pub fn league_chart(league: &League) -> Option<Drawing> {
    let shown: Vec<&Entry> = league
        .entries
        .iter()
        .filter(|entry| entry.mean.usd_per_month > 0.0 && entry.mean.unplaced == 0)
        .filter(|entry| {
            entry
                .entrant
                .as_ref()
                .is_none_or(|entrant| entrant.scope == Scope::Catalog)
        })
        .collect();
    let costs = || shown.iter().map(|entry| entry.mean.usd_per_month);
    let (least, most) = (costs().fold(f64::INFINITY, f64::min), costs().fold(0.0, f64::max));
    if !least.is_finite() {
        return None;
    }
    let riskiest = shown
        .iter()
        .map(|entry| entry.mean.hosts_over_1_percent * 100.0)
        .fold(5.0, f64::max);
    let span = (most - least).max(most * 0.1);
    let (from, to) = ((least - span * 0.12).max(0.0), most + span * 0.16);
    let x = Scale::even((from, to), (LEFT, RIGHT));
    let ticks = round_ticks(riskiest, 5);
    let top = ticks.last().copied().unwrap_or(riskiest).max(riskiest);
    let y = Scale::even((0.0, top), (BOTTOM, TOP));

    let words = "Cost and risk of each sizing rule, judged on what followed";
    let mut drawing = Drawing::new(WIDTH, HEIGHT, words);
    drawing.words((LEFT - 46.0, 30.0), words, 18.0, Anchor::Start, TEXT);
    drawing.words(
        (LEFT - 46.0, 52.0),
        format!(
            "{} hosts, {} cuts of {} days, {}; up: share of hosts short of CPU or memory for more than 1 % of the time",
            league.hosts,
            league.cuts.len(),
            league.cuts.first().map_or(0, |cut| cut.days()),
            league.region
        ),
        12.0,
        Anchor::Start,
        QUIET_TEXT,
    );
    for tick in ticks {
        drawing.line(vec![(LEFT, y.pixel(tick)), (RIGHT, y.pixel(tick))], 1.0, GRID);
        drawing.words(
            (LEFT - 8.0, y.pixel(tick) + 4.0),
            format!("{tick:.0} %"),
            LABEL,
            Anchor::End,
            QUIET_TEXT,
        );
    }
    drawing.line(vec![(LEFT, BOTTOM), (RIGHT, BOTTOM)], 1.0, AXIS);
    for tick in round_ticks(to, 8).into_iter().filter(|tick| *tick >= from) {
        drawing.words(
            (x.pixel(tick), BOTTOM + 18.0),
            short_dollars(tick),
            LABEL,
            Anchor::Middle,
            QUIET_TEXT,
        );
    }
    drawing.words(
        (RIGHT, BOTTOM + 38.0),
        "compute a month, US dollars; left and down is better",
        LABEL,
        Anchor::End,
        QUIET_TEXT,
    );

    let place = |entry: &Entry| {
        (
            x.pixel(entry.mean.usd_per_month),
            y.pixel(entry.mean.hosts_over_1_percent * 100.0),
        )
    };
    let ours: Vec<&Entry> = league.ours().collect();
    drawing.line(ours.iter().map(|entry| place(entry)).collect(), 2.0, BLUE);
    // Labels keep off each other and off the points.
    let mut taken: Vec<(f64, f64, f64, f64)> = shown
        .iter()
        .map(|entry| place(entry))
        .map(|(right, down)| (right - 5.0, down - 5.0, right + 5.0, down + 5.0))
        .collect();
    // Ours first, so that its labels stand nearest; then by cost, so that the same league gives the same places.
    let mut order = shown.clone();
    order.sort_by(|a, b| {
        let own = |entry: &Entry| u8::from(!is_ours(entry));
        own(a)
            .cmp(&own(b))
            .then(a.mean.usd_per_month.total_cmp(&b.mean.usd_per_month))
            .then_with(|| a.name.cmp(&b.name))
    });
    for entry in order {
        let (ink, radius) = match &entry.entrant {
            None => (GREEN, 5.0),
            Some(entrant) if entrant.rule == Rule::Sizewright => (BLUE, 4.5),
            Some(entrant) if entrant.capped => (OTHER, 3.5),
            Some(_) => (VERMILION, 4.0),
        };
        let at = place(entry);
        drawing.dot(at, radius, ink);
        let name = match &entry.entrant {
            Some(entrant) if is_ours(entry) => format!("{}%", entrant.dial.unwrap_or(0.0) * 100.0),
            _ => entry.name.clone(),
        };
        if let Some(label) = free_place(at, &name, &taken) {
            taken.push(label);
            drawing.words((label.0, label.3 - 3.0), name, LABEL, Anchor::Start, ink);
        }
    }
    drawing.words(
        (RIGHT, TOP - 12.0),
        "blue line: sizewright by its dial · red: other rules as they ship · grey: capped at the source · green: hindsight",
        LABEL,
        Anchor::End,
        QUIET_TEXT,
    );
    Some(drawing)
}

fn is_ours(entry: &Entry) -> bool {
    entry
        .entrant
        .as_ref()
        .is_some_and(|entrant| entrant.rule == Rule::Sizewright)
}

/// Finds a box for a label beside a point that no other label has; nothing when all are taken.
fn free_place(at: (f64, f64), words: &str, taken: &[(f64, f64, f64, f64)]) -> Option<(f64, f64, f64, f64)> {
    let width = super::font::width(words, LABEL, super::font::Weight::Regular);
    let height = LABEL + 3.0;
    [
        (7.0, -height / 2.0),
        (-width - 7.0, -height / 2.0),
        (-width / 2.0, -height - 5.0),
        (-width / 2.0, 6.0),
        (7.0, -height - 3.0),
        (7.0, 4.0),
        (-width - 7.0, -height - 3.0),
        (-width - 7.0, 4.0),
    ]
    .into_iter()
    .map(|(right, down)| {
        let (left, top) = (at.0 + right, at.1 + down);
        (left, top, left + width, top + height)
    })
    .find(|own| {
        own.0 >= LEFT - 40.0
            && own.2 <= f64::from(WIDTH) - 4.0
            && own.1 >= TOP - 10.0
            && own.3 <= BOTTOM + 2.0
            && !taken
                .iter()
                .any(|other| own.0 < other.2 && other.0 < own.2 && own.1 < other.3 && other.1 < own.3)
    })
}
