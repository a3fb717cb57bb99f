//! A drawing: marks on a sheet, in CSS pixels, not yet in any format.
//!
//! Charts add marks; the same marks become SVG and PNG. The origin is the
//! upper left corner, and a text stands on its baseline.

use super::ChartError;
use super::font::{self, Weight};
use super::palette::{Ink, of_words};
use super::{raster, svg};

/// A finished chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    width: u32,
    height: u32,
    description: String,
    marks: Vec<Mark>,
}

/// From where a text extends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A point, pixels.
pub(super) type Point = (f64, f64);

/// One thing on the sheet.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Rectangle { from: Point, to: Point, ink: Ink },
    Line { points: Vec<Point>, width: f64, ink: Ink },
    Area { points: Vec<Point>, ink: Ink },
    Dot { centre: Point, radius: f64, ink: Ink },
    Text(Text),
}

/// Words on the sheet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) at: Point,
    pub(super) words: String,
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) anchor: Anchor,
    pub(super) ink: Ink,
}

impl Text {
    /// Gives the left and the right end, pixels.
    pub(super) fn span(&self) -> (f64, f64) {
        let width = font::width(&self.words, self.size, self.weight);
        let left = match self.anchor {
            Anchor::Start => self.at.0,
            Anchor::Middle => self.at.0 - width / 2.0,
            Anchor::End => self.at.0 - width,
        };
        (left, left + width)
    }
}

impl Drawing {
    /// Takes a sheet; the description is for who cannot see it.
    pub(super) fn new(width: u32, height: u32, description: impl Into<String>) -> Self {
        Self {
            width,
            height,
            description: description.into(),
            marks: Vec::new(),
        }
    }

    /// Gives the width in CSS pixels.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Gives the height in CSS pixels.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Gives one sentence for who cannot see the chart.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Gives the drawing as an SVG element whose texts are texts in Inter.
    ///
    /// It has no identifiers and no style sheet, so many can stand in one page.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::svg(self)
    }

    /// Gives the drawing as a PNG of twice its width and height.
    ///
    /// # Errors
    /// When the encoder refuses.
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        raster::png(self)
    }

    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    pub(super) fn rectangle(&mut self, from: Point, to: Point, ink: Ink) {
        self.marks.push(Mark::Rectangle { from, to, ink });
    }

    pub(super) fn line(&mut self, points: Vec<Point>, width: f64, ink: Ink) {
        if points.len() > 1 {
            self.marks.push(Mark::Line { points, width, ink });
        }
    }

    /// Draws a straight line of dashes.
    pub(super) fn dashes(&mut self, from: Point, to: Point, (dash, pause): (f64, f64), width: f64, ink: Ink) {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        if length <= 0.0 {
            return;
        }
        let at = |way: f64| {
            let part = (way / length).min(1.0);
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
        };
        let mut way = 0.0;
        while way < length {
            self.line(vec![at(way), at(way + dash)], width, ink);
            way += dash + pause;
        }
    }

    pub(super) fn area(&mut self, points: Vec<Point>, ink: Ink) {
        if points.len() > 2 {
            self.marks.push(Mark::Area { points, ink });
        }
    }

    pub(super) fn dot(&mut self, centre: Point, radius: f64, ink: Ink) {
        self.marks.push(Mark::Dot { centre, radius, ink });
    }

    /// Writes words, in a shade of their ink that can be read.
    pub(super) fn text(&mut self, mut text: Text) {
        if !text.words.is_empty() {
            text.ink = of_words(text.ink);
            self.marks.push(Mark::Text(text));
        }
    }

    /// Writes words in the regular weight.
    pub(super) fn words(&mut self, at: Point, words: impl Into<String>, size: f64, anchor: Anchor, ink: Ink) {
        self.text(Text {
            at,
            words: words.into(),
            size,
            weight: Weight::Regular,
            anchor,
            ink,
        });
    }

    /// Fills a rectangle with diagonal lines: nothing was measured here.
    pub(super) fn hatch(&mut self, from: Point, to: Point, distance: f64, ink: Ink) {
        let (width, height) = (to.0 - from.0, to.1 - from.1);
        let mut offset = distance / 2.0;
        while offset < width + height {
            // The line x + y = offset, clipped to the rectangle.
            let start = if offset <= height {
                (0.0, offset)
            } else {
                (offset - height, height)
            };
            let end = if offset <= width {
                (offset, 0.0)
            } else {
                (width, offset - width)
            };
            self.line(
                vec![(from.0 + start.0, from.1 + start.1), (from.0 + end.0, from.1 + end.1)],
                1.0,
                ink,
            );
            offset += distance;
        }
    }
}
