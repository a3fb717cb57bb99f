//! A host on CPU credits: what it asks for above its baseline, and what is left of the balance.
//!
//! Input: a [`CreditChart`]. Output: a [`Drawing`] of 900 × 360 pixels, nothing where nothing was measured. A column of
//! pixels shows the highest demand and the lowest balance of its intervals, so that no shortage is lost.

use jiff::tz::TimeZone;

use super::axis::{Scale, round_ticks};
use super::days::{date_ticks, weekends};
use super::drawing::{Anchor, Drawing, Point, Text};
use super::font::{self, Weight};
use super::palette::{AXIS, BLUE, GREEN, GRID, Ink, QUIET_TEXT, TEXT, VERMILION, WEEKEND, faint};
use super::words::{figure, name};
use crate::profile::CreditTrace;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 360;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 878.0;
/// Top and bottom of the panel of demand.
const DEMAND: (f64, f64) = (84.0, 184.0);
/// Top and bottom of the panel of the balance.
const BALANCE: (f64, f64) = (222.0, 322.0);
const NAME_LETTERS: usize = 40;

/// What is shown.
#[derive(Clone, Debug)]
pub struct CreditChart<'a> {
    /// The host's name, exactly as its source gave it.
    pub host: &'a str,
    /// The type on credits.
    pub instance_type: &'a str,
    /// Whether it is proposed, else it was passed over.
    pub is_proposed: bool,
    /// What the type serves for ever, source cores.
    pub baseline: f64,
    /// Credits it earns an hour: a credit is a vCPU busy for a minute.
    pub credits_per_hour: f64,
    /// The balance over time.
    pub trace: &'a CreditTrace,
    /// Zone of dates, and of what counts as a week-end.
    pub zone: &'a TimeZone,
}

/// One column of pixels.
#[derive(Clone, Copy, Default)]
struct Column {
    highest: f64,
    sum: f64,
    lowest_balance: f64,
    is_short: bool,
    is_charged: bool,
    intervals: u32,
}

/// Draws it; nothing where no interval was measured or the type earns nothing.
#[must_use]
pub fn credit_chart(chart: &CreditChart<'_>) -> Option<Drawing> {
    let trace = chart.trace;
    let (&first, &last) = (trace.at_ms.first()?, trace.at_ms.last()?);
    if !(chart.baseline > 0.0 && chart.credits_per_hour > 0.0) {
        return None;
    }
    let from_ms = first - trace.interval_ms;
    // No column is narrower than an interval: else a line would be a row of dots.
    let intervals = ((last - from_ms) / trace.interval_ms).max(1) as usize;
    let count = ((RIGHT - LEFT) as usize).min(intervals);
    let columns = columns(chart, (from_ms, last), count);
    let x = Scale::even((from_ms as f64, last as f64), (LEFT, RIGHT));
    let middle = |index: usize| LEFT + (index as f64 + 0.5) / count as f64 * (RIGHT - LEFT);

    let short = trace.short.iter().filter(|short| **short).count();
    let credits = |core_hours: f64| core_hours / chart.baseline * chart.credits_per_hour;
    let charged = credits(trace.surplus.iter().sum::<f64>());
    let host = name(chart.host, NAME_LETTERS);
    let share = short as f64 / trace.short.len() as f64 * 100.0;
    let description = format!(
        "{host} on the CPU credits of {}: demand and balance over time; short for {share:.2} % of the time",
        chart.instance_type
    );
    let mut drawing = Drawing::new(WIDTH, HEIGHT, description);
    for (from, to) in weekends(from_ms, last, chart.zone) {
        for (top, bottom) in [DEMAND, BALANCE] {
            drawing.rectangle((x.pixel(from as f64), top), (x.pixel(to as f64), bottom), WEEKEND);
        }
    }
    let highest = columns
        .iter()
        .flatten()
        .map(|column| column.highest)
        .fold(0.0, f64::max);
    let top = highest.max(chart.baseline) * 1.08;
    let y = panel(&mut drawing, DEMAND, top, 4);
    for run in runs(&columns) {
        let line: Vec<Point> = run
            .iter()
            .map(|&(index, column)| (middle(index), y.pixel(column.sum / f64::from(column.intervals))))
            .collect();
        let peaks = run
            .iter()
            .map(|&(index, column)| (middle(index), y.pixel(column.highest)));
        drawing.area(peaks.chain(line.iter().rev().copied()).collect(), faint(BLUE, 0.27));
        drawing.line(line, 1.3, BLUE);
    }
    let baseline = y.pixel(chart.baseline);
    drawing.dashes((LEFT, baseline), (RIGHT, baseline), (5.0, 4.0), 1.4, GREEN);

    let full = 24.0 * chart.credits_per_hour;
    let y = panel(&mut drawing, BALANCE, full * 1.04, 4);
    for run in runs(&columns) {
        let line: Vec<Point> = run
            .iter()
            .map(|&(index, column)| (middle(index), y.pixel(credits(column.lowest_balance))))
            .collect();
        let floor = run.iter().rev().map(|&(index, _)| (middle(index), BALANCE.1));
        drawing.area(line.iter().copied().chain(floor).collect(), faint(GREEN, 0.25));
        drawing.line(line, 1.4, GREEN);
    }
    marks(
        &mut drawing,
        &columns,
        &middle,
        (DEMAND.0 - 8.0, DEMAND.0 - 2.0),
        |column| column.is_short,
        VERMILION,
    );
    marks(
        &mut drawing,
        &columns,
        &middle,
        (BALANCE.0 - 8.0, BALANCE.0 - 2.0),
        |column| column.is_charged,
        VERMILION,
    );
    draw_dates(&mut drawing, chart.zone, (from_ms, last), &x);
    draw_words(&mut drawing, chart, &host, share, charged);
    Some(drawing)
}

/// Sums up the intervals of each column; nothing where none was measured.
fn columns(chart: &CreditChart<'_>, (from_ms, to_ms): (i64, i64), count: usize) -> Vec<Option<Column>> {
    let trace = chart.trace;
    let mut columns: Vec<Option<Column>> = vec![None; count];
    let span = (to_ms - from_ms).max(1) as f64;
    for (row, &at) in trace.at_ms.iter().enumerate() {
        let place = (at - from_ms - trace.interval_ms / 2) as f64 / span * count as f64;
        let index = (place.max(0.0) as usize).min(count - 1);
        let column = columns[index].get_or_insert(Column {
            lowest_balance: f64::INFINITY,
            ..Column::default()
        });
        column.highest = column.highest.max(trace.asked[row]);
        column.sum += trace.asked[row];
        column.lowest_balance = column.lowest_balance.min(trace.balance[row]);
        column.is_short |= trace.short[row];
        column.is_charged |= trace.surplus[row] > 0.0;
        column.intervals += 1;
    }
    columns
}

/// Gives the stretches of measured columns.
fn runs(columns: &[Option<Column>]) -> Vec<Vec<(usize, Column)>> {
    columns
        .iter()
        .enumerate()
        .collect::<Vec<_>>()
        .chunk_by(|a, b| a.1.is_some() == b.1.is_some())
        .filter_map(|run| {
            let run: Vec<(usize, Column)> = run.iter().filter_map(|(index, one)| Some((*index, (**one)?))).collect();
            (!run.is_empty()).then_some(run)
        })
        .collect()
}

/// Draws the grid of a panel and gives its scale.
fn panel(drawing: &mut Drawing, (top, bottom): (f64, f64), highest: f64, ticks: usize) -> Scale {
    let y = Scale::even((0.0, highest), (bottom, top));
    for tick in round_ticks(highest, ticks) {
        let pixel = y.pixel(tick);
        let ink = if tick == 0.0 { AXIS } else { GRID };
        drawing.line(vec![(LEFT, pixel), (RIGHT, pixel)], 1.0, ink);
        drawing.words((LEFT - 8.0, pixel + 4.0), figure(tick), 12.0, Anchor::End, QUIET_TEXT);
    }
    y
}

fn marks(
    drawing: &mut Drawing,
    columns: &[Option<Column>],
    middle: &dyn Fn(usize) -> f64,
    (top, bottom): (f64, f64),
    of: impl Fn(&Column) -> bool,
    ink: Ink,
) {
    for (index, column) in columns.iter().enumerate() {
        if column.as_ref().is_some_and(&of) {
            drawing.rectangle((middle(index) - 0.8, top), (middle(index) + 0.8, bottom), ink);
        }
    }
}

fn draw_dates(drawing: &mut Drawing, zone: &TimeZone, (from_ms, to_ms): (i64, i64), x: &Scale) {
    let bottom = BALANCE.1;
    let mut free_from = LEFT - 30.0;
    for tick in date_ticks(from_ms, to_ms, zone, 9) {
        let pixel = x.pixel(tick.at_ms as f64);
        drawing.line(vec![(pixel, bottom), (pixel, bottom + 5.0)], 1.0, AXIS);
        let half = font::width(&tick.name, 12.0, Weight::Regular) / 2.0;
        if pixel - half >= free_from && pixel + half <= f64::from(WIDTH) - 2.0 {
            drawing.words((pixel, bottom + 19.0), tick.name, 12.0, Anchor::Middle, QUIET_TEXT);
            free_from = pixel + half + 10.0;
        }
    }
}

fn draw_words(drawing: &mut Drawing, chart: &CreditChart<'_>, host: &str, share: f64, charged: f64) {
    let left = LEFT - 46.0;
    let title = format!("{host} · CPU credits");
    drawing.text(Text {
        at: (left, 22.0),
        words: title,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    let verdict = if chart.is_proposed { "proposed" } else { "passed over" };
    let line = format!(
        "{} ({verdict}) · standard mode: short for {share:.2} % of the time · unlimited mode: {} credits charged",
        chart.instance_type,
        figure(charged)
    );
    drawing.words((left, 41.0), line, 12.0, Anchor::Start, QUIET_TEXT);
    let demand = format!(
        "Demand in source cores: highest and mean; dashed: the baseline, {} cores; red marks: short",
        figure(chart.baseline)
    );
    drawing.words((left, DEMAND.0 - 14.0), demand, 12.0, Anchor::Start, TEXT);
    let balance = format!(
        "Credit balance, at most {} (a day of earnings), from nothing; red marks: surplus charged in unlimited mode",
        figure(24.0 * chart.credits_per_hour)
    );
    drawing.words((left, BALANCE.0 - 14.0), balance, 12.0, Anchor::Start, TEXT);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chart(baseline: f64, trace: &CreditTrace, host: &str) -> Option<Drawing> {
        credit_chart(&CreditChart {
            host,
            instance_type: "t3.large",
            is_proposed: true,
            baseline,
            credits_per_hour: 36.0,
            trace,
            zone: &TimeZone::UTC,
        })
    }

    #[test]
    fn one_short_minute_of_a_month_is_seen() {
        let at: Vec<i64> = (1..=43_200).map(|minute| minute * 60_000).collect();
        let mut cores = vec![0.3; at.len()];
        let calm = chart(0.3, &CreditTrace::follow(&at, &cores, 0.3), "a").unwrap();
        cores[20_000] = 0.301;
        let trace = CreditTrace::follow(&at, &cores, 0.3);
        assert_eq!(trace.short.iter().filter(|short| **short).count(), 1);
        let short = chart(0.3, &trace, "a").unwrap();
        assert_eq!(
            short.marks().len(),
            calm.marks().len() + 1,
            "one mark for the short minute"
        );
    }

    #[test]
    fn hostile_names_and_nothing_measured() {
        let trace = CreditTrace::follow(&[60_000, 120_000], &[0.1, 0.9], 0.3);
        let svg = chart(0.3, &trace, "<script>\u{1b}[31m").unwrap().svg();
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}'));
        assert!(chart(0.3, &CreditTrace::default(), "a").is_none());
        assert!(chart(0.0, &trace, "a").is_none());
    }
}
