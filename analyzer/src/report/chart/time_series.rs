//! One dimension of one host over time: mean, band, capacities, quantiles and the peak.
//!
//! Input: a [`TimeSeries`] in the unit of its axis. Output: a [`Drawing`] of
//! 900 × 300 pixels, nothing where nothing was measured.

use jiff::tz::TimeZone;

use super::axis::{Scale, round_ticks};
use super::buckets::{Buckets, buckets, usual_interval, width_ms};
use super::days::{date_ticks, minute_name, weekends};
use super::drawing::{Anchor, Drawing, Point, Text};
use super::font::{self, Weight};
use super::palette::{AXIS, BLUE, GREEN, GRID, HATCH, Ink, QUIET_TEXT, TEXT, TODAY, VERMILION, WEEKEND, WHITE, faint};
use super::side_labels::{self, SideLabel};
use super::words::{duration, figure, name};

const WIDTH: u32 = 900;
const HEIGHT: u32 = 300;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 752.0;
const TOP: f64 = 58.0;
const BOTTOM: f64 = 268.0;
/// A capacity higher than this many times the peak would flatten the line; it becomes a note.
const FARTHEST_CAPACITY: f64 = 4.0;
/// Colours of the tracks.
const TRACKS: [Ink; 2] = [BLUE, VERMILION];
/// Letters of a host's name in a title.
const NAME_LETTERS: usize = 48;

/// What a chart over time shows; every value in `unit`.
#[derive(Clone, Debug)]
pub struct TimeSeries<'a> {
    /// The host's name, exactly as its source gave it.
    pub host: &'a str,
    /// What is shown, such as "CPU".
    pub dimension: &'a str,
    /// Unit of every value, such as "cores".
    pub unit: &'a str,
    /// One line with its band each; at most two.
    pub tracks: Vec<Track>,
    /// What the machine has, and what the proposal has.
    pub capacities: Vec<Capacity>,
    /// Quantiles, drawn dashed.
    pub levels: Vec<Level>,
    /// Zone of dates, and of what counts as a week-end.
    pub zone: &'a TimeZone,
}

/// One measured series.
///
/// Shapes: `values` and `highest` have an entry for each of `at_ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Its name where there are two, such as "receive".
    pub name: String,
    /// Ends of the intervals, UTC milliseconds, ascending.
    pub at_ms: Vec<i64>,
    /// Mean of each interval; NaN where not measured.
    pub values: Vec<f64>,
    /// Highest sub-sample within each interval, where there are sub-samples; NaN where not measured.
    pub highest: Option<Vec<f64>>,
}

/// A capacity to compare demand with.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// What has it, such as "m7i.2xlarge"; may be empty.
    pub of: String,
    /// How much.
    pub value: f64,
    /// Whether it is the proposal's, else it is today's.
    pub proposed: bool,
}

/// A quantile to mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Its name, such as "P99.5".
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// Draws a series over time; nothing where nothing was measured.
#[must_use]
pub fn time_series(chart: &TimeSeries<'_>) -> Option<Drawing> {
    let tracks = in_buckets(chart)?;
    let ends = || tracks.iter().flat_map(|track| track.runs.iter().flatten());
    let from_ms = ends().map(|bucket| bucket.from_ms).min()?;
    let to_ms = ends().map(|bucket| bucket.to_ms).max()?;
    let highest = tracks.iter().filter_map(Buckets::highest).fold(0.0, f64::max);
    let peak = peak(&tracks)?;

    let top = top_of_axis(highest, &chart.capacities, &chart.levels);
    let x = Scale::even((from_ms as f64, to_ms as f64), (LEFT, RIGHT));
    let y = Scale::even((0.0, top), (BOTTOM, TOP));

    let host = name(chart.host, NAME_LETTERS);
    let description = format!(
        "{host}, {} in {} over time; peak {} on {}",
        chart.dimension,
        chart.unit,
        figure(peak.value),
        minute_name(peak.at_ms, chart.zone)
    );
    let mut drawing = Drawing::new(WIDTH, HEIGHT, description);
    for (from, to) in weekends(from_ms, to_ms, chart.zone) {
        drawing.rectangle((x.pixel(from as f64), TOP), (x.pixel(to as f64), BOTTOM), WEEKEND);
    }
    draw_gaps(&mut drawing, &tracks, &x);
    for tick in round_ticks(top, 5) {
        let pixel = y.pixel(tick);
        drawing.line(
            vec![(LEFT, pixel), (RIGHT, pixel)],
            1.0,
            if tick == 0.0 { AXIS } else { GRID },
        );
        drawing.words((LEFT - 8.0, pixel + 4.0), figure(tick), 12.0, Anchor::End, QUIET_TEXT);
    }
    for (track, ink) in tracks.iter().zip(TRACKS) {
        draw_band(&mut drawing, track, &x, &y, ink);
    }
    for (track, ink) in tracks.iter().zip(TRACKS) {
        draw_mean(&mut drawing, track, &x, &y, ink);
    }
    draw_dates(&mut drawing, chart.zone, (from_ms, to_ms), &x);
    let lines = draw_lines_across(&mut drawing, chart, top, &y);
    draw_peak(&mut drawing, chart, peak, (&x, &y), &lines);
    draw_title(&mut drawing, chart, &host, &tracks);
    Some(drawing)
}

/// The highest interval of any track.
#[derive(Clone, Copy)]
struct Peak {
    at_ms: i64,
    value: f64,
    track: usize,
}

fn peak(tracks: &[Buckets]) -> Option<Peak> {
    let peaks = tracks.iter().enumerate().filter_map(|(track, buckets)| {
        let (at_ms, value) = buckets.peak?;
        Some(Peak { at_ms, value, track })
    });
    peaks.reduce(|best, next| if next.value > best.value { next } else { best })
}

fn in_buckets(chart: &TimeSeries<'_>) -> Option<Vec<Buckets>> {
    let first = chart.tracks.iter().filter_map(|track| track.at_ms.first()).min()?;
    let last = chart.tracks.iter().filter_map(|track| track.at_ms.last()).max()?;
    let interval = chart.tracks.iter().map(|track| usual_interval(&track.at_ms)).max()?;
    let width = width_ms(last - first + interval, interval);
    let offset = jiff::Timestamp::from_millisecond(*first)
        .map_or(0, |instant| i64::from(chart.zone.to_offset(instant).seconds()) * 1000);
    let all = chart.tracks.iter().take(TRACKS.len());
    Some(
        all.map(|track| buckets(&track.at_ms, &track.values, track.highest.as_deref(), width, offset))
            .collect(),
    )
}

/// Chooses the top of the axis: room for the peak's label, and every capacity that is not too far away.
fn top_of_axis(highest: f64, capacities: &[Capacity], levels: &[Level]) -> f64 {
    let near = capacities
        .iter()
        .map(|capacity| capacity.value)
        .filter(|&value| value <= FARTHEST_CAPACITY * highest);
    let lines = near
        .chain(levels.iter().map(|level| level.value))
        .filter(|value| value.is_finite());
    let top = lines.fold(highest * 1.16, |top, value| top.max(value * 1.06));
    if top > 0.0 { top } else { 1.0 }
}

fn draw_gaps(drawing: &mut Drawing, tracks: &[Buckets], x: &Scale) {
    // Where two tracks miss different times, only what both miss is a gap of the chart.
    let Some(first) = tracks.first() else { return };
    let missed_by_all = |from: i64, to: i64| {
        tracks
            .iter()
            .all(|track| track.gaps.iter().any(|gap| gap.from_ms <= from && gap.to_ms >= to))
    };
    for gap in first.gaps.iter().filter(|gap| missed_by_all(gap.from_ms, gap.to_ms)) {
        let (from, to) = (x.pixel(gap.from_ms as f64), x.pixel(gap.to_ms as f64));
        drawing.rectangle((from, TOP), (to, BOTTOM), WHITE);
        if to - from >= 2.0 {
            drawing.hatch((from, TOP), (to, BOTTOM), 8.0, faint(HATCH, 0.6));
        }
        let words = "no data";
        if to - from > font::width(words, 12.0, Weight::Regular) + 8.0 {
            let middle = ((from + to) / 2.0, (TOP + BOTTOM) / 2.0);
            boxed(drawing, middle, words, QUIET_TEXT);
        }
    }
}

fn draw_band(drawing: &mut Drawing, track: &Buckets, x: &Scale, y: &Scale, ink: Ink) {
    for run in &track.runs {
        let at = |bucket: &super::buckets::Bucket| x.pixel(bucket.at_ms as f64);
        let points: Vec<Point> = match run.as_slice() {
            [only] => {
                let (from, to) = (x.pixel(only.from_ms as f64), x.pixel(only.to_ms as f64));
                let (high, low) = (y.pixel(only.highest), y.pixel(only.lowest));
                vec![(from, high), (to, high), (to, low), (from, low)]
            }
            many => many
                .iter()
                .map(|bucket| (at(bucket), y.pixel(bucket.highest)))
                .chain(many.iter().rev().map(|bucket| (at(bucket), y.pixel(bucket.lowest))))
                .collect(),
        };
        drawing.area(points, faint(ink, 0.27));
    }
}

fn draw_mean(drawing: &mut Drawing, track: &Buckets, x: &Scale, y: &Scale, ink: Ink) {
    for run in &track.runs {
        let points = match run.as_slice() {
            [only] => [only.from_ms, only.to_ms]
                .map(|at| (x.pixel(at as f64), y.pixel(only.mean)))
                .to_vec(),
            many => many
                .iter()
                .map(|bucket| (x.pixel(bucket.at_ms as f64), y.pixel(bucket.mean)))
                .collect(),
        };
        drawing.line(points, 1.4, ink);
    }
}

fn draw_dates(drawing: &mut Drawing, zone: &TimeZone, (from_ms, to_ms): (i64, i64), x: &Scale) {
    let mut free_from = LEFT - 30.0;
    for tick in date_ticks(from_ms, to_ms, zone, 8) {
        let pixel = x.pixel(tick.at_ms as f64);
        drawing.line(vec![(pixel, BOTTOM), (pixel, BOTTOM + 5.0)], 1.0, AXIS);
        let half = font::width(&tick.name, 12.0, Weight::Regular) / 2.0;
        if pixel - half >= free_from && pixel + half <= RIGHT + 40.0 {
            drawing.words((pixel, BOTTOM + 19.0), tick.name, 12.0, Anchor::Middle, QUIET_TEXT);
            free_from = pixel + half + 10.0;
        }
    }
}

/// Draws capacities and quantiles, with their labels at the right end; gives where their lines run.
fn draw_lines_across(drawing: &mut Drawing, chart: &TimeSeries<'_>, top: f64, y: &Scale) -> Vec<f64> {
    let mut labels = Vec::new();
    let mut solid: Vec<f64> = Vec::new();
    for level in chart.levels.iter().filter(|level| level.value.is_finite()) {
        let pixel = y.pixel(level.value);
        drawing.dashes((LEFT, pixel), (RIGHT, pixel), (5.0, 4.0), 1.2, QUIET_TEXT);
        let lines = vec![format!("{} {}", level.name, figure(level.value))];
        labels.push(SideLabel {
            y: pixel,
            lines,
            weight: Weight::Regular,
            ink: QUIET_TEXT,
        });
    }
    for capacity in chart.capacities.iter().filter(|capacity| capacity.value.is_finite()) {
        let ink = if capacity.proposed { GREEN } else { TODAY };
        let beyond = capacity.value > top;
        let pixel = if beyond { TOP } else { y.pixel(capacity.value) };
        let (from, to) = ((LEFT, pixel), (RIGHT, pixel));
        if !beyond && solid.iter().any(|other| (other - pixel).abs() < 2.0) {
            // Two capacities in one place: both colours must be seen.
            drawing.dashes(from, to, (12.0, 12.0), 2.0, ink);
        } else if !beyond {
            drawing.line(vec![from, to], 2.0, ink);
        }
        if !beyond {
            solid.push(pixel);
        }
        let lines = capacity_label(capacity, chart.unit, beyond);
        labels.push(SideLabel {
            y: pixel,
            lines,
            weight: Weight::Semibold,
            ink,
        });
    }
    let lines = labels.iter().map(|label| label.y).collect();
    side_labels::write(drawing, RIGHT, (TOP - 12.0, BOTTOM + 12.0), labels);
    lines
}

/// Says what a capacity is, in lines short enough for the margin.
fn capacity_label(capacity: &Capacity, unit: &str, beyond: bool) -> Vec<String> {
    let word = if capacity.proposed { "proposed" } else { "today" };
    let arrow = if beyond { "↑ " } else { "" };
    let amount = format!("{arrow}{word} {}", figure(capacity.value));
    let whole = format!("{amount} {unit}");
    let room = f64::from(WIDTH) - RIGHT - 16.0;
    let (first, rest) = if font::width(&whole, side_labels::LABEL_SIZE, Weight::Semibold) <= room {
        (whole, String::new())
    } else {
        (amount, unit.to_string())
    };
    let note = if beyond {
        "above the chart".to_string()
    } else {
        name(&capacity.of, 22)
    };
    let parts: Vec<&str> = [rest.as_str(), note.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let second = parts.join(", ");
    if second.is_empty() {
        vec![first]
    } else {
        vec![first, second]
    }
}

/// Marks the peak and says when it was, where no line runs through the words.
fn draw_peak(drawing: &mut Drawing, chart: &TimeSeries<'_>, peak: Peak, (x, y): (&Scale, &Scale), lines: &[f64]) {
    let at = (x.pixel(peak.at_ms as f64), y.pixel(peak.value));
    drawing.dot(at, 5.0, WHITE);
    drawing.dot(at, 3.6, TRACKS[peak.track]);
    let words = format!(
        "peak {} {}, {}",
        figure(peak.value),
        chart.unit,
        minute_name(peak.at_ms, chart.zone)
    );
    let half = font::width(&words, 12.0, Weight::Semibold) / 2.0 + 5.0;
    let above = (at.0.clamp(LEFT + half, RIGHT - half), at.1 - 16.0);
    let side = if at.0 + half * 2.0 + 10.0 < RIGHT {
        at.0 + half + 9.0
    } else {
        at.0 - half - 9.0
    };
    let beside = (0..8).map(|step| (side, at.1 + f64::from(step) * 4.0));
    let higher = (0..6).map(|step| (above.0, above.1 - f64::from(step) * 4.0));
    let free = |place: &Point| place.1 >= TOP - 6.0 && lines.iter().all(|line| (line - place.1).abs() > 10.0);
    let place = std::iter::once(above).chain(beside).chain(higher).find(free);
    boxed(
        drawing,
        place.unwrap_or((above.0, above.1.max(TOP - 6.0))),
        &words,
        TEXT,
    );
}

/// Writes words on a white patch, so that lines do not run through them.
fn boxed(drawing: &mut Drawing, (x, y): Point, words: &str, ink: Ink) {
    let half = font::width(words, 12.0, Weight::Semibold) / 2.0 + 4.0;
    drawing.rectangle((x - half, y - 9.0), (x + half, y + 9.0), faint(WHITE, 0.86));
    let words = words.to_string();
    drawing.text(Text {
        at: (x, y + 4.4),
        words,
        size: 12.0,
        weight: Weight::Semibold,
        anchor: Anchor::Middle,
        ink,
    });
}

fn draw_title(drawing: &mut Drawing, chart: &TimeSeries<'_>, host: &str, tracks: &[Buckets]) {
    let title = format!("{host} · {}", chart.dimension);
    let mut after = LEFT - 38.0 + font::width(&title, 16.0, Weight::Semibold) + 22.0;
    let at = (LEFT - 38.0, 22.0);
    drawing.text(Text {
        at,
        words: title,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    if chart.tracks.len() > 1 {
        for (track, ink) in chart.tracks.iter().zip(TRACKS) {
            drawing.rectangle((after, 15.5), (after + 16.0, 18.5), ink);
            drawing.words((after + 21.0, 21.5), track.name.clone(), 13.0, Anchor::Start, TEXT);
            after += 21.0 + font::width(&track.name, 13.0, Weight::Regular) + 18.0;
        }
    }
    let sub_samples = chart.tracks.iter().any(|track| track.highest.is_some());
    let subtitle = format!("{} · {}", chart.unit, what_a_point_is(tracks, sub_samples));
    let zone = chart
        .zone
        .iana_name()
        .map_or_else(String::new, |zone| format!(" · times in {zone}"));
    drawing.words((LEFT - 38.0, 41.0), subtitle + &zone, 12.0, Anchor::Start, QUIET_TEXT);
}

/// Says what a point of the line and the band are.
fn what_a_point_is(tracks: &[Buckets], sub_samples: bool) -> String {
    let Some(track) = tracks.first() else {
        return String::new();
    };
    let one = |interval: i64| match duration(interval).strip_prefix("one ") {
        Some(unit) => unit.to_string(),
        None => format!("{} interval", duration(interval).trim_end_matches('s')),
    };
    let point = duration(track.width_ms);
    let interval = one(track.interval_ms);
    match (track.width_ms > track.interval_ms, sub_samples) {
        (false, false) => format!("each point is the mean of {point}"),
        (false, true) => format!("each point is the mean of {point}, with the band up to its highest sub-sample"),
        (true, false) => format!("each point is {point}: mean, and the band from the lowest to the highest {interval}"),
        (true, true) => {
            format!("each point is {point}: mean, and the band from the lowest {interval} to the highest sub-sample")
        }
    }
}

#[cfg(test)]
#[path = "time_series_tests.rs"]
mod tests;
