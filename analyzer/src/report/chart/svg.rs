//! The plotters backend that writes small SVG.
//!
//! plotters' own writes whole pixels and repeats every attribute at every
//! shape. This one keeps tenths, joins neighbours of one style into one path
//! with relative coordinates, and groups dots and texts under their style.

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::drawing::Drawing;
use super::font::FAMILIES;
use super::paint::{UNITS_PER_PIXEL, paint};

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

/// Writes a drawing as an SVG element.
pub(super) fn svg(drawing: &Drawing) -> String {
    let (width, height) = (drawing.width(), drawing.height());
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" font-family=\"{FAMILIES}\">",
        escaped(drawing.description())
    );
    let backend = SvgBackend {
        text: &mut text,
        size: (width, height),
        open: None,
    };
    paint(drawing, backend).expect("a string takes every shape");
    text.push_str("</svg>\n");
    text
}

struct SvgBackend<'a> {
    text: &'a mut String,
    size: (u32, u32),
    open: Option<Open>,
}

/// What the next shape may be joined to.
struct Open {
    opening: String,
    closing: &'static str,
}

impl SvgBackend<'_> {
    /// Goes on within the element that starts so, or ends the last and starts a new one.
    fn within(&mut self, opening: String, closing: &'static str) {
        if self.open.as_ref().is_some_and(|open| open.opening == opening) {
            return;
        }
        self.close();
        self.text.push_str(&opening);
        self.open = Some(Open { opening, closing });
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.text.push_str(open.closing);
        }
    }

    fn stroke(&mut self, points: &[BackendCoord], color: BackendColor, width: u32) {
        let opening = format!(
            "<path fill=\"none\" stroke=\"{}\"{} stroke-width=\"{}\" stroke-linejoin=\"round\" d=\"",
            hex(color),
            opacity("stroke-opacity", color),
            tenths(i64::from(width))
        );
        self.within(opening, "\"/>");
        self.steps(points);
    }

    fn fill(&mut self, points: &[BackendCoord], color: BackendColor) {
        let opening = format!("<path fill=\"{}\"{} d=\"", hex(color), opacity("fill-opacity", color));
        self.within(opening, "\"/>");
        self.steps(points);
        self.text.push('z');
    }

    /// Writes an absolute start and relative steps.
    fn steps(&mut self, points: &[BackendCoord]) {
        let Some(&(mut x, mut y)) = points.first() else { return };
        let _ = write!(self.text, "M{}", pair(x, y));
        let mut command = 'M';
        for &(to_x, to_y) in &points[1..] {
            let (right, down) = (to_x - x, to_y - y);
            let (next, numbers) = match (right, down) {
                (right, 0) => ('h', tenths(i64::from(right))),
                (0, down) => ('v', tenths(i64::from(down))),
                (right, down) => ('l', pair(right, down)),
            };
            if next != command {
                self.text.push(next);
                command = next;
            } else if !numbers.starts_with('-') {
                self.text.push(' ');
            }
            self.text.push_str(&numbers);
            (x, y) = (to_x, to_y);
        }
    }
}

impl DrawingBackend for SvgBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let units = UNITS_PER_PIXEL as u32;
        (self.size.0 * units, self.size.1 * units)
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        self.close();
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Outcome {
        self.fill(&[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], color);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.stroke(&[from, to], style.color(), style.stroke_width());
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Outcome {
        let corners = [from, (to.0, from.1), to, (from.0, to.1)];
        if fill {
            self.fill(&corners, style.color());
        } else {
            let around = [corners[0], corners[1], corners[2], corners[3], corners[0]];
            self.stroke(&around, style.color(), style.stroke_width());
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        self.stroke(&points, style.color(), style.stroke_width());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        self.fill(&points, style.color());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, _fill: bool) -> Outcome {
        let color = style.color();
        self.within(
            format!("<g fill=\"{}\"{}>", hex(color), opacity("fill-opacity", color)),
            "</g>",
        );
        let (x, y, radius) = (tenths(i64::from(x)), tenths(i64::from(y)), tenths(i64::from(radius)));
        let _ = write!(self.text, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>");
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Outcome {
        let color = style.color();
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let weight = if matches!(style.style(), FontStyle::Bold) {
            " font-weight=\"600\""
        } else {
            ""
        };
        let size = tenths(style.size().round() as i64);
        let opening = format!(
            "<g fill=\"{}\"{} font-size=\"{size}\"{weight}{anchor}>",
            hex(color),
            opacity("fill-opacity", color)
        );
        self.within(opening, "</g>");
        let (x, y) = (tenths(i64::from(x)), tenths(i64::from(y)));
        let _ = write!(self.text, "<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
        Ok(())
    }
}

fn hex(color: BackendColor) -> String {
    let (red, green, blue) = color.rgb;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn opacity(name: &str, color: BackendColor) -> String {
    if color.alpha >= 1.0 {
        String::new()
    } else {
        format!(" {name}=\"{}\"", (color.alpha * 100.0).round() / 100.0)
    }
}

/// Writes tenths of a pixel as pixels: 125 is "12.5", -5 is "-.5".
fn tenths(units: i64) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, tenth) = (units.abs() / 10, units.abs() % 10);
    match (whole, tenth) {
        (whole, 0) => format!("{sign}{whole}"),
        (0, tenth) => format!("{sign}.{tenth}"),
        (whole, tenth) => format!("{sign}{whole}.{tenth}"),
    }
}

fn pair(x: i32, y: i32) -> String {
    let (x, y) = (tenths(i64::from(x)), tenths(i64::from(y)));
    if y.starts_with('-') {
        format!("{x}{y}")
    } else {
        format!("{x} {y}")
    }
}

/// Escapes text for SVG content and attributes; what XML cannot hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::drawing::Anchor;
    use super::super::palette::{BLUE, GREEN, TEXT};
    use super::*;

    #[test]
    fn pixels_have_at_most_one_decimal() {
        assert_eq!([0, 125, -5, 120, -121].map(tenths), ["0", "12.5", "-.5", "12", "-12.1"]);
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut drawing = Drawing::new(10, 10, "\"><script>");
        drawing.words((1.0, 9.0), "<b>&\"'\u{0}\u{1b}\u{ffff}", 10.0, Anchor::Start, TEXT);
        let svg = drawing.svg();
        assert!(svg.contains("aria-label=\"&quot;&gt;&lt;script&gt;\""), "{svg}");
        assert!(
            svg.contains(">&lt;b&gt;&amp;&quot;&#39;\u{fffd}\u{fffd}\u{fffd}<"),
            "{svg}"
        );
    }

    #[test]
    fn neighbours_of_one_style_share_an_element() {
        let mut drawing = Drawing::new(100, 100, "");
        drawing.line(vec![(1.0, 1.0), (2.25, 3.0), (3.5, 2.0)], 1.5, BLUE);
        drawing.line(vec![(5.0, 1.0), (9.0, 1.0), (9.0, 4.0)], 1.5, BLUE);
        drawing.dot((1.0, 1.0), 2.0, GREEN);
        drawing.dot((2.0, 1.0), 2.0, GREEN);
        let svg = drawing.svg();
        assert_eq!(svg.matches("<path").count(), 2, "the sheet and the lines: {svg}");
        assert!(svg.contains("d=\"M1 1l1.3 2 1.2-1M5 1h4v3\""), "{svg}");
        assert_eq!(svg.matches("<g ").count(), 1);
    }
}
