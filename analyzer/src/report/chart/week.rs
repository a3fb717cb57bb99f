//! Hour of day by day of week: when a host works.
//!
//! Input: 168 values, Monday midnight first, NaN where nothing was measured.
//! Output: a [`Drawing`] of 900 × 300 pixels with the scale beside the map.

use jiff::tz::TimeZone;

use super::days::weekday_name;
use super::drawing::{Anchor, Drawing, Text};
use super::font::Weight;
use super::palette::{AXIS, HATCH, MISSING, QUIET_TEXT, TEXT, readable_on, scale};
use super::words::{figure, name};
use crate::profile::{HOURS_OF_WEEK, HostProfile};

const WIDTH: u32 = 900;
const HEIGHT: u32 = 300;
const LEFT: f64 = 56.0;
const TOP: f64 = 58.0;
const CELL_WIDTH: f64 = 31.5;
const CELL_HEIGHT: f64 = 29.0;
const HOURS: usize = 24;
const DAYS: usize = HOURS_OF_WEEK / HOURS;
/// Tops of the colour scale, as shares; the lowest that holds every value is taken.
const SCALE_TOPS: [f64; 8] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0];
const NAME_LETTERS: usize = 48;

/// Which statistic of each hour a map shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeekStatistic {
    /// Arithmetic mean of the hour.
    Mean,
    /// 95th percentile of the hour.
    P95,
}

/// What a map of the week shows.
#[derive(Clone, Debug)]
pub struct WeekMap<'a> {
    /// The host's name, exactly as its source gave it.
    pub host: &'a str,
    /// What is shown, such as "CPU".
    pub dimension: &'a str,
    /// Which statistic the values are.
    pub statistic: WeekStatistic,
    /// One value for each hour of the week, Monday midnight first; NaN where nothing was measured.
    pub values: &'a [f32],
    /// What makes 100 %, in the unit of the values.
    pub whole: f64,
    /// Zone in which the hours were counted.
    pub zone: &'a TimeZone,
}

impl<'a> WeekMap<'a> {
    /// Takes a host's CPU as a share of its CPUs; nothing where either is not known or the maps were dropped.
    #[must_use]
    pub fn cpu(profile: &'a HostProfile, statistic: WeekStatistic, zone: &'a TimeZone) -> Option<Self> {
        let cpu = profile.cpu.as_ref()?;
        let values = match statistic {
            WeekStatistic::Mean => &cpu.hour_of_week_mean,
            WeekStatistic::P95 => &cpu.hour_of_week_p95,
        };
        let whole = profile.source.vcpus?;
        (!values.is_empty()).then_some(Self {
            host: &profile.host,
            dimension: "CPU",
            statistic,
            values,
            whole,
            zone,
        })
    }
}

/// Draws the map; nothing where no hour was measured.
#[must_use]
pub fn week_map(map: &WeekMap<'_>) -> Option<Drawing> {
    let share = |hour: usize| {
        map.values
            .get(hour)
            .map(|&value| f64::from(value) / map.whole)
            .filter(|it| it.is_finite())
    };
    let highest = (0..HOURS_OF_WEEK).filter_map(share).reduce(f64::max)?;
    let top = SCALE_TOPS.into_iter().find(|&top| highest <= top).unwrap_or(highest);

    let host = name(map.host, NAME_LETTERS);
    let statistic = match map.statistic {
        WeekStatistic::Mean => "mean",
        WeekStatistic::P95 => "P95",
    };
    let description = format!("{host}, {} by hour of the week, {statistic}", map.dimension);
    let mut drawing = Drawing::new(WIDTH, HEIGHT, description);
    let title = format!("{host} · {} by hour of the week", map.dimension);
    drawing.text(Text {
        at: (16.0, 22.0),
        words: title,
        size: 16.0,
        weight: Weight::Semibold,
        anchor: Anchor::Start,
        ink: TEXT,
    });
    let zone = map
        .zone
        .iana_name()
        .map_or_else(String::new, |zone| format!(" · hours in {zone}"));
    let missing = if (0..HOURS_OF_WEEK).any(|hour| share(hour).is_none()) {
        " · hatched: no data"
    } else {
        ""
    };
    let subtitle = format!("each cell is one hour of the day: {statistic} use, % of all cores{missing}{zone}");
    drawing.words((16.0, 41.0), subtitle, 12.0, Anchor::Start, QUIET_TEXT);

    for day in 0..DAYS {
        let y = TOP + day as f64 * CELL_HEIGHT;
        let middle = y + CELL_HEIGHT / 2.0 + 4.3;
        drawing.words((LEFT - 9.0, middle), weekday_name(day), 12.0, Anchor::End, QUIET_TEXT);
        for hour in 0..HOURS {
            draw_cell(
                &mut drawing,
                (LEFT + hour as f64 * CELL_WIDTH, y),
                share(day * HOURS + hour),
                top,
            );
        }
    }
    let bottom = TOP + DAYS as f64 * CELL_HEIGHT;
    for hour in 0..HOURS {
        let x = LEFT + (hour as f64 + 0.5) * CELL_WIDTH;
        drawing.words(
            (x, bottom + 17.0),
            format!("{hour:02}"),
            12.0,
            Anchor::Middle,
            QUIET_TEXT,
        );
    }
    draw_scale(&mut drawing, top, bottom);
    Some(drawing)
}

fn draw_cell(drawing: &mut Drawing, (x, y): (f64, f64), share: Option<f64>, top: f64) {
    let (from, to) = ((x + 0.5, y + 0.5), (x + CELL_WIDTH - 0.5, y + CELL_HEIGHT - 0.5));
    let Some(share) = share else {
        drawing.rectangle(from, to, MISSING);
        drawing.hatch(from, to, 8.0, HATCH);
        return;
    };
    let ink = scale(share / top);
    drawing.rectangle(from, to, ink);
    let percent = share * 100.0;
    let words = if percent >= 9.95 {
        format!("{percent:.0}")
    } else {
        format!("{percent:.1}")
    };
    let middle = (x + CELL_WIDTH / 2.0, y + CELL_HEIGHT / 2.0 + 4.2);
    drawing.words(middle, words, 11.5, Anchor::Middle, readable_on(ink));
}

/// Draws the colour scale beside the map, highest on top.
fn draw_scale(drawing: &mut Drawing, top: f64, bottom: f64) {
    const STEPS: usize = 29;
    let (left, right) = (
        LEFT + HOURS as f64 * CELL_WIDTH + 18.0,
        LEFT + HOURS as f64 * CELL_WIDTH + 33.0,
    );
    let height = (bottom - TOP) / STEPS as f64;
    for step in 0..STEPS {
        let y = bottom - (step + 1) as f64 * height;
        drawing.rectangle(
            (left, y),
            (right, y + height),
            scale((step as f64 + 0.5) / STEPS as f64),
        );
    }
    for quarter in 0..=4_u8 {
        let part = f64::from(quarter) / 4.0;
        let y = bottom - part * (bottom - TOP);
        drawing.line(vec![(right, y), (right + 4.0, y)], 1.0, AXIS);
        let words = format!("{}%", figure((part * top * 10_000.0).round() / 100.0));
        drawing.words((right + 8.0, y + 4.2), words, 12.0, Anchor::Start, QUIET_TEXT);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::drawing::Mark;
    use super::*;

    static ZONE: TimeZone = TimeZone::UTC;

    fn map(values: &[f32]) -> WeekMap<'_> {
        WeekMap {
            host: "web-<01>",
            dimension: "CPU",
            statistic: WeekStatistic::Mean,
            values,
            whole: 8.0,
            zone: &ZONE,
        }
    }

    fn numbers(drawing: &Drawing) -> usize {
        let is_value = |mark: &&Mark| matches!(mark, Mark::Text(text) if text.size == 11.5);
        drawing.marks().iter().filter(is_value).count()
    }

    #[test]
    fn a_missing_hour_is_hatched_and_never_zero() {
        let mut values = vec![2.0; HOURS_OF_WEEK];
        values[30] = f32::NAN;
        let drawing = week_map(&map(&values)).unwrap();
        assert_eq!(numbers(&drawing), HOURS_OF_WEEK - 1);
        assert!(
            drawing
                .marks()
                .iter()
                .any(|mark| matches!(mark, Mark::Rectangle { ink, .. } if *ink == MISSING))
        );
        assert!(drawing.svg().contains("hatched: no data"));
    }

    #[test]
    fn nothing_measured_is_no_map() {
        assert!(week_map(&map(&[f32::NAN; HOURS_OF_WEEK])).is_none());
        assert!(week_map(&map(&[])).is_none());
    }

    #[test]
    fn a_map_stays_below_forty_kilobytes_and_escapes_names() {
        let values: Vec<f32> = (0..HOURS_OF_WEEK).map(|hour| (hour % 61) as f32 / 10.0).collect();
        let svg = week_map(&map(&values)).unwrap().svg();
        assert!(svg.len() < 40_000, "{}", svg.len());
        assert!(svg.contains("web-&lt;01&gt;") && !svg.contains("NaN"));
    }
}
