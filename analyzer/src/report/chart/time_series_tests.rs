//! Tests of the chart over time.

#![allow(clippy::unwrap_used)]
use super::super::drawing::Mark;
use super::*;

static ZONE: TimeZone = TimeZone::UTC;

/// 2026-05-01T00:00:00Z.
const START: i64 = 1_777_593_600_000;

fn month(values: impl Fn(usize) -> f64) -> Track {
    let rows = 30 * 1440;
    Track {
        name: String::new(),
        at_ms: (1..=rows as i64).map(|minute| START + minute * 60_000).collect(),
        values: (0..rows).map(values).collect(),
        highest: None,
    }
}

fn chart<'a>(host: &'a str, tracks: Vec<Track>, capacities: &[f64]) -> TimeSeries<'a> {
    TimeSeries {
        host,
        dimension: "CPU",
        unit: "cores",
        tracks,
        capacities: capacities
            .iter()
            .enumerate()
            .map(|(index, &value)| Capacity {
                of: String::new(),
                value,
                proposed: index == 1,
            })
            .collect(),
        levels: vec![
            Level {
                name: "P95".into(),
                value: 2.9,
            },
            Level {
                name: "P99.5".into(),
                value: 3.0,
            },
        ],
        zone: &ZONE,
    }
}

fn wave(minute: usize) -> f64 {
    2.0 + (minute as f64 / 229.0).sin() + (minute % 7) as f64 * 0.01
}

fn texts(drawing: &Drawing) -> Vec<String> {
    let words = |mark: &Mark| {
        if let Mark::Text(text) = mark {
            Some(text.words.clone())
        } else {
            None
        }
    };
    drawing.marks().iter().filter_map(words).collect()
}

#[test]
fn a_peak_of_one_minute_is_drawn_at_its_height_and_named() {
    let track = month(|minute| if minute == 20_320 { 15.3 } else { wave(minute) });
    let drawing = time_series(&chart("web-01", vec![track], &[16.0, 8.0])).unwrap();
    let said = texts(&drawing);
    assert!(
        said.contains(&"peak 15.3 cores, Fri 15 May 02:41".to_string()),
        "{said:?}"
    );
    let Some(Mark::Area { points, .. }) = drawing.marks().iter().find(|mark| matches!(mark, Mark::Area { .. })) else {
        panic!("no band")
    };
    let band_top = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let dots: Vec<&Mark> = drawing
        .marks()
        .iter()
        .filter(|mark| matches!(mark, Mark::Dot { .. }))
        .collect();
    let Some(Mark::Dot { centre, .. }) = dots.last() else {
        panic!("no dot")
    };
    assert!((band_top - centre.1).abs() < 1e-9, "{band_top} {centre:?}");
}

#[test]
fn a_capacity_far_above_becomes_a_note() {
    let drawing = time_series(&chart("web-01", vec![month(wave)], &[64.0, 4.0])).unwrap();
    let said = texts(&drawing);
    assert!(said.contains(&"↑ today 64 cores".to_string()), "{said:?}");
    assert!(said.contains(&"proposed 4 cores".to_string()), "{said:?}");
}

#[test]
fn no_line_crosses_a_gap() {
    let track = month(|minute| {
        if (10_000..16_000).contains(&minute) {
            f64::NAN
        } else {
            wave(minute)
        }
    });
    let drawing = time_series(&chart("web-01", vec![track], &[])).unwrap();
    let means = drawing
        .marks()
        .iter()
        .filter(|mark| matches!(mark, Mark::Line { ink, .. } if *ink == BLUE));
    assert_eq!(means.count(), 2);
    assert!(texts(&drawing).contains(&"no data".to_string()));
}

#[test]
fn an_svg_of_a_month_stays_below_forty_kilobytes() {
    let hard = |minute: usize| (minute.wrapping_mul(2_654_435_761) % 1000) as f64 / 50.0;
    let one = time_series(&chart("web-01", vec![month(hard)], &[16.0, 8.0]))
        .unwrap()
        .svg();
    assert!(one.len() < 40_000, "{}", one.len());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let draw = || time_series(&chart("web-01", vec![month(wave)], &[16.0, 8.0])).unwrap();
    assert_eq!(draw().svg(), draw().svg());
    assert_eq!(draw().png().unwrap(), draw().png().unwrap());
}

#[test]
fn a_hostile_name_stays_text() {
    let host = "</text><script>alert(1)</script>\u{0}\u{202e}".to_string() + &"x".repeat(2000);
    let svg = time_series(&chart(&host, vec![month(wave)], &[])).unwrap().svg();
    assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && !svg.contains(&"x".repeat(100)));
}

#[test]
fn nothing_measured_is_no_chart() {
    assert!(time_series(&chart("web-01", vec![month(|_| f64::NAN)], &[4.0])).is_none());
    assert!(time_series(&chart("web-01", vec![], &[4.0])).is_none());
}

#[test]
fn a_host_that_never_worked_still_has_a_chart() {
    let drawing = time_series(&chart("idle", vec![month(|_| 0.0)], &[4.0])).unwrap();
    assert!(!drawing.svg().contains("NaN"));
}
