//! A scaling policy at work: load, capacity that was ready, and where it was short.
//!
//! Input: a [`ScalingChart`], values by minute. Output: a [`Drawing`] of
//! 900 × 300 pixels, nothing where nothing was measured. A column of pixels
//! shows the highest load and the lowest capacity of its minutes, so that no
//! shortage is lost.

use jiff::tz::TimeZone;

use super::axis::{Scale, round_ticks};
use super::days::{date_ticks, weekends};
use super::drawing::{Anchor, Drawing, Point, Text};
use super::font::{self, Weight};
use super::palette::{AXIS, BLUE, GREEN, GRID, QUIET_TEXT, TEXT, VERMILION, WEEKEND, faint};
use super::words::{figure, name};

const WIDTH: u32 = 900;
const HEIGHT: u32 = 300;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 878.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 262.0;
const MINUTE_MS: i64 = 60_000;
/// Letters of a group's name in a title.
const NAME_LETTERS: usize = 40;
/// Letters of a policy in the line below: with the rest of it, as many as fit.
const POLICY_LETTERS: usize = 84;

/// What is shown; `load` and `ready` have an entry for each minute.
#[derive(Clone, Debug)]
pub struct ScalingChart<'a> {
    /// The group's name, which may come from anywhere.
    pub group: &'a str,
    /// The policy in words.
    pub policy: &'a str,
    /// Unit of both, such as "busy cores".
    pub unit: &'a str,
    /// Start of the first minute, UTC milliseconds.
    pub first_ms: i64,
    /// Load by minute; `NaN` where not measured.
    pub load: &'a [f32],
    /// Capacity that was ready, by minute.
    pub ready: &'a [f32],
    /// Zone of dates, and of what counts as a week-end.
    pub zone: &'a TimeZone,
}

/// One column of pixels.
#[derive(Clone, Copy)]
struct Column {
    load_highest: f32,
    load_mean: f32,
    ready_lowest: f32,
    short_minutes: u32,
}

/// Draws it; nothing where no minute was measured.
#[must_use]
pub fn scaling_chart(chart: &ScalingChart<'_>) -> Option<Drawing> {
    let minutes = chart.load.len().min(chart.ready.len());
    let per_column = minutes.div_ceil((RIGHT - LEFT) as usize).max(1);
    let columns: Vec<Option<Column>> = (0..minutes)
        .step_by(per_column)
        .map(|start| column(chart, start, (start + per_column).min(minutes)))
        .collect();
    let highest = columns.iter().flatten().fold(0.0_f32, |highest, column| {
        highest.max(column.load_highest).max(column.ready_lowest)
    });
    columns.iter().flatten().next()?;
    let top = f64::from(highest.max(1e-3)) * 1.08;
    let until_ms = chart.first_ms + minutes as i64 * MINUTE_MS;
    let x = Scale::even((chart.first_ms as f64, until_ms as f64), (LEFT, RIGHT));
    let y = Scale::even((0.0, top), (BOTTOM, TOP));
    let at = |index: usize| x.pixel((chart.first_ms + (index * per_column) as i64 * MINUTE_MS) as f64);

    let group = name(chart.group, NAME_LETTERS);
    let measured = columns.iter().flatten().count();
    let short: u32 = columns.iter().flatten().map(|column| column.short_minutes).sum();
    let description = format!(
        "{group}: load and ready capacity in {} over time; {short} minutes short",
        chart.unit
    );
    let mut drawing = Drawing::new(WIDTH, HEIGHT, description);
    for (from, to) in weekends(chart.first_ms, until_ms, chart.zone) {
        drawing.rectangle((x.pixel(from as f64), TOP), (x.pixel(to as f64), BOTTOM), WEEKEND);
    }
    for tick in round_ticks(top, 5) {
        let pixel = y.pixel(tick);
        drawing.line(
            vec![(LEFT, pixel), (RIGHT, pixel)],
            1.0,
            if tick == 0.0 { AXIS } else { GRID },
        );
        drawing.words((LEFT - 8.0, pixel + 4.0), figure(tick), 12.0, Anchor::End, QUIET_TEXT);
    }
    for run in runs(&columns) {
        let band: Vec<Point> = run
            .iter()
            .map(|&(index, column)| (at(index), y.pixel(f64::from(column.load_highest))))
            .collect();
        let floor = run.iter().rev().map(|&(index, _)| (at(index), BOTTOM));
        drawing.area(band.iter().copied().chain(floor).collect(), faint(BLUE, 0.25));
        drawing.line(
            run.iter()
                .map(|&(index, column)| (at(index), y.pixel(f64::from(column.load_mean))))
                .collect(),
            1.3,
            BLUE,
        );
        let mut steps: Vec<Point> = Vec::with_capacity(run.len() * 2);
        for &(index, column) in &run {
            let level = y.pixel(f64::from(column.ready_lowest));
            if let Some(&(_, before)) = steps.last()
                && (before - level).abs() > 0.01
            {
                steps.push((at(index), before));
            }
            steps.push((at(index), level));
        }
        drawing.line(steps, 1.3, GREEN);
    }
    for (index, column) in columns.iter().enumerate() {
        if column.is_some_and(|column| column.short_minutes > 0) {
            drawing.rectangle((at(index) - 0.7, TOP - 8.0), (at(index) + 0.9, TOP - 1.0), VERMILION);
            drawing.rectangle(
                (at(index) - 0.5, TOP),
                (at(index) + 0.5, BOTTOM),
                faint(VERMILION, 0.35),
            );
        }
    }
    draw_dates(&mut drawing, chart.zone, (chart.first_ms, until_ms), &x);
    draw_title(&mut drawing, chart, &group, measured, short);
    Some(drawing)
}

fn column(chart: &ScalingChart<'_>, from: usize, until: usize) -> Option<Column> {
    let mut column = Column {
        load_highest: 0.0,
        load_mean: 0.0,
        ready_lowest: f32::INFINITY,
        short_minutes: 0,
    };
    let mut count = 0.0;
    for (load, ready) in chart.load[from..until].iter().zip(&chart.ready[from..until]) {
        if load.is_nan() {
            continue;
        }
        column.load_highest = column.load_highest.max(*load);
        column.load_mean += load;
        column.ready_lowest = column.ready_lowest.min(*ready);
        column.short_minutes += u32::from(load > ready);
        count += 1.0;
    }
    column.load_mean /= count;
    (count > 0.0).then_some(column)
}

/// Gives the stretches of measured columns.
fn runs(columns: &[Option<Column>]) -> Vec<Vec<(usize, Column)>> {
    let mut out: Vec<Vec<(usize, Column)>> = Vec::new();
    let mut open = false;
    for (index, column) in columns.iter().enumerate() {
        match column {
            None => open = false,
            Some(column) if open => {
                if let Some(run) = out.last_mut() {
                    run.push((index, *column));
                }
            }
            Some(column) => {
                out.push(vec![(index, *column)]);
                open = true;
            }
        }
    }
    out
}

fn draw_dates(drawing: &mut Drawing, zone: &TimeZone, (from_ms, to_ms): (i64, i64), x: &Scale) {
    let mut free_from = LEFT - 30.0;
    for tick in date_ticks(from_ms, to_ms, zone, 9) {
        let pixel = x.pixel(tick.at_ms as f64);
        drawing.line(vec![(pixel, BOTTOM), (pixel, BOTTOM + 5.0)], 1.0, AXIS);
        let half = font::width(&tick.name, 12.0, Weight::Regular) / 2.0;
        if pixel - half >= free_from && pixel + half <= f64::from(WIDTH) - 2.0 {
            drawing.words((pixel, BOTTOM + 19.0), tick.name, 12.0, Anchor::Middle, QUIET_TEXT);
            free_from = pixel + half + 10.0;
        }
    }
}

fn draw_title(drawing: &mut Drawing, chart: &ScalingChart<'_>, group: &str, columns: usize, short: u32) {
    let title = format!("{group} · scaling");
    let mut after = LEFT - 38.0 + font::width(&title, 16.0, Weight::Semibold) + 22.0;
    drawing.text(Text {
        at: (LEFT - 38.0, 22.0),
        words: title,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    let shortage = format!("short ({short} min)");
    for (words, ink) in [
        ("load", BLUE),
        ("capacity ready", GREEN),
        (shortage.as_str(), VERMILION),
    ] {
        drawing.rectangle((after, 15.5), (after + 16.0, 18.5), ink);
        drawing.words((after + 21.0, 21.5), words, 13.0, Anchor::Start, TEXT);
        after += 21.0 + font::width(words, 13.0, Weight::Regular) + 18.0;
    }
    let point = chart.load.len() as f64 / columns.max(1) as f64;
    let zone = chart
        .zone
        .iana_name()
        .map_or_else(String::new, |zone| format!(" · times in {zone}"));
    let policy = name(chart.policy, POLICY_LETTERS);
    let mut words = format!(
        "{} · {policy} · {point:.0} min a pixel: highest load, lowest capacity",
        chart.unit
    );
    // The zone stands on every other chart too, so that it may give way to a long policy.
    if LEFT - 38.0 + font::width(&format!("{words}{zone}"), 12.0, Weight::Regular) <= RIGHT {
        words.push_str(&zone);
    }
    drawing.words((LEFT - 38.0, 41.0), words, 12.0, Anchor::Start, QUIET_TEXT);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart<'a>(load: &'a [f32], ready: &'a [f32]) -> Option<Drawing> {
        scaling_chart(&ScalingChart {
            group: "web<script>",
            policy: "tracking 70 %",
            unit: "busy cores",
            first_ms: 20_577 * 86_400_000,
            load,
            ready,
            zone: &TimeZone::UTC,
        })
    }

    #[test]
    fn one_short_minute_in_two_weeks_is_seen() {
        let mut load = vec![3.0_f32; 20_160];
        load[7_777] = 9.0;
        let ready = vec![5.0_f32; 20_160];
        let svg = chart(&load, &ready).map(|drawing| drawing.svg()).unwrap_or_default();
        assert!(svg.contains("short (1 min)") && !svg.contains("<script>"));
        assert_eq!(chart(&load, &ready).map(|drawing| drawing.svg()), Some(svg));
    }

    #[test]
    fn nothing_measured_is_no_chart() {
        assert!(chart(&[f32::NAN; 100], &[1.0; 100]).is_none());
        assert!(chart(&[], &[]).is_none());
    }
}
