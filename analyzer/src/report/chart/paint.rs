//! From a drawing's marks to a plotters backend, in tenths of a pixel.
//!
//! Both backends get the very same calls. Tenths, because plotters counts in
//! whole units and a whole pixel is too coarse for a line.

use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text as TextElement};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};

use super::drawing::{Anchor, Drawing, Mark, Point};
use super::font::Weight;
use super::palette::{Ink, WHITE};

/// Backend units in a CSS pixel.
pub(super) const UNITS_PER_PIXEL: f64 = 10.0;

/// Paints every mark on a white sheet.
pub(super) fn paint<B: DrawingBackend>(
    drawing: &Drawing,
    backend: B,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let sheet = backend.into_drawing_area();
    let corner = units((f64::from(drawing.width()), f64::from(drawing.height())));
    sheet.draw(&Rectangle::new([(0, 0), corner], filled(WHITE)))?;
    for mark in drawing.marks() {
        match mark {
            Mark::Rectangle { from, to, ink } => {
                sheet.draw(&Rectangle::new([units(*from), units(*to)], filled(*ink)))?;
            }
            Mark::Line { points, width, ink } => {
                let style = ShapeStyle {
                    color: *ink,
                    filled: false,
                    stroke_width: length(*width),
                };
                sheet.draw(&PathElement::new(all_units(points), style))?;
            }
            Mark::Area { points, ink } => sheet.draw(&Polygon::new(all_units(points), filled(*ink)))?,
            Mark::Dot { centre, radius, ink } => {
                sheet.draw(&Circle::new(units(*centre), length(*radius), filled(*ink)))?;
            }
            Mark::Text(text) => {
                let style = match text.weight {
                    Weight::Regular => FontStyle::Normal,
                    Weight::Semibold => FontStyle::Bold,
                };
                let anchor = match text.anchor {
                    Anchor::Start => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::End => HPos::Right,
                };
                let font = FontDesc::new(FontFamily::Name("Inter"), text.size * UNITS_PER_PIXEL, style);
                let style = TextStyle::from(font)
                    .color(&text.ink)
                    .pos(Pos::new(anchor, VPos::Bottom));
                sheet.draw(&TextElement::new(text.words.as_str(), units(text.at), style))?;
            }
        }
    }
    sheet.present()
}

fn filled(ink: Ink) -> ShapeStyle {
    ShapeStyle {
        color: ink,
        filled: true,
        stroke_width: 0,
    }
}

fn units(point: Point) -> (i32, i32) {
    let unit = |pixels: f64| (pixels * UNITS_PER_PIXEL).round() as i32;
    (unit(point.0), unit(point.1))
}

fn all_units(points: &[Point]) -> Vec<(i32, i32)> {
    let mut all: Vec<(i32, i32)> = points.iter().map(|&point| units(point)).collect();
    all.dedup();
    all
}

fn length(pixels: f64) -> u32 {
    (pixels * UNITS_PER_PIXEL).round() as u32
}
