//! The plotters backend that paints pixels, and PNG.
//!
//! plotters' own draws thick lines and see-through areas with seams, and sets
//! letters on whole pixels. This one asks the glyph rasterizer for the exact
//! coverage of every shape and lays it over the sheet.

use std::convert::Infallible;

use ab_glyph::{Font as _, Glyph, PxScale, point};
use ab_glyph_rasterizer::{Rasterizer, point as vertex};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::ChartError;
use super::drawing::Drawing;
use super::font::{self, Weight};
use super::paint::{UNITS_PER_PIXEL, paint};

/// Pixels of a PNG for each CSS pixel, for slides and sharp screens.
const PIXELS_PER_CSS_PIXEL: u32 = 2;
/// Corners of the polygon that stands for a circle; at slide size none is seen.
const CIRCLE_CORNERS: usize = 40;

type Outcome = Result<(), DrawingErrorKind<Infallible>>;
/// A corner of a shape, in pixels of the sheet.
type Corner = (f64, f64);

/// Paints a drawing and encodes it.
pub(super) fn png(drawing: &Drawing) -> Result<Vec<u8>, ChartError> {
    let (width, height) = (
        drawing.width() * PIXELS_PER_CSS_PIXEL,
        drawing.height() * PIXELS_PER_CSS_PIXEL,
    );
    let mut pixels = vec![255; (width * height * 3) as usize];
    paint(
        drawing,
        Sheet {
            pixels: &mut pixels,
            width: width as usize,
            height: height as usize,
        },
    )
    .expect("memory takes every shape");
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Rows that equal the one above become zeros, which compress fast and well.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::FilterType::Up);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

struct Sheet<'a> {
    pixels: &'a mut [u8],
    width: usize,
    height: usize,
}

impl Sheet<'_> {
    /// Lays the union of polygons, all turning the same way, over the sheet.
    fn lay(&mut self, polygons: &[Vec<Corner>], color: BackendColor) {
        let corners = || polygons.iter().flatten();
        let least = |value: fn(&Corner) -> f64| corners().map(value).fold(f64::INFINITY, f64::min).floor();
        let most = |value: fn(&Corner) -> f64| corners().map(value).fold(f64::NEG_INFINITY, f64::max).ceil();
        let (left, top) = (least(|corner| corner.0), least(|corner| corner.1));
        let (width, height) = (
            most(|corner| corner.0) - left + 1.0,
            most(|corner| corner.1) - top + 1.0,
        );
        let shown = left < self.width as f64 && top < self.height as f64 && left + width > 0.0 && top + height > 0.0;
        // A shape far larger than the sheet is a defect of a chart, not worth the memory.
        if !shown || width * height > 4.0 * (self.width * self.height) as f64 {
            return;
        }
        let mut rasterizer = Rasterizer::new(width as usize, height as usize);
        for polygon in polygons {
            for (index, from) in polygon.iter().enumerate() {
                let to = polygon[(index + 1) % polygon.len()];
                rasterizer.draw_line(
                    vertex((from.0 - left) as f32, (from.1 - top) as f32),
                    vertex((to.0 - left) as f32, (to.1 - top) as f32),
                );
            }
        }
        rasterizer.for_each_pixel_2d(|x, y, coverage| {
            self.blend(
                left as i64 + i64::from(x),
                top as i64 + i64::from(y),
                color,
                f64::from(coverage.min(1.0)),
            );
        });
    }

    /// Lays an upright rectangle over the sheet: the share of a pixel that it covers is the product of two overlaps.
    fn lay_upright(&mut self, one: Corner, other: Corner, color: BackendColor) {
        let (left, right) = (one.0.min(other.0).max(0.0), one.0.max(other.0).min(self.width as f64));
        let (top, bottom) = (one.1.min(other.1).max(0.0), one.1.max(other.1).min(self.height as f64));
        if left >= right || top >= bottom {
            return;
        }
        let overlap = |from: f64, to: f64, place: usize| to.min(place as f64 + 1.0) - from.max(place as f64);
        // Columns that it covers whole.
        let whole = left.ceil() as usize..(right.floor() as usize).max(left.ceil() as usize);
        for y in top.floor() as usize..bottom.ceil() as usize {
            let down = overlap(top, bottom, y);
            let is_plain = down >= 1.0 && color.alpha >= 1.0;
            if is_plain {
                let row = y * self.width;
                let bytes = &mut self.pixels[(row + whole.start) * 3..(row + whole.end) * 3];
                for pixel in bytes.chunks_exact_mut(3) {
                    pixel.copy_from_slice(&[color.rgb.0, color.rgb.1, color.rgb.2]);
                }
            }
            for x in left.floor() as usize..right.ceil() as usize {
                if !(is_plain && whole.contains(&x)) {
                    self.blend(x as i64, y as i64, color, overlap(left, right, x) * down);
                }
            }
        }
    }

    fn blend(&mut self, x: i64, y: i64, color: BackendColor, coverage: f64) {
        let opacity = color.alpha * coverage;
        if opacity < 1.0 / 512.0 || x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64 {
            return;
        }
        let start = (y as usize * self.width + x as usize) * 3;
        // Whole numbers: this runs for every pixel of every chart.
        let above_share = (opacity * 256.0) as u32;
        let below_share = 256 - above_share;
        for (below, above) in self.pixels[start..start + 3]
            .iter_mut()
            .zip([color.rgb.0, color.rgb.1, color.rgb.2])
        {
            let mixed = u32::from(*below) * below_share + u32::from(above) * above_share + 128;
            *below = (mixed >> 8) as u8;
        }
    }

    /// Lays a line with round joints over the sheet.
    fn stroke(&mut self, points: &[BackendCoord], color: BackendColor, width: u32) {
        let points: Vec<Corner> = points.iter().map(|&point| pixel(point)).collect();
        let half = pixels(f64::from(width)) / 2.0;
        let mut polygons = Vec::with_capacity(points.len() * 2);
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length > 0.0 {
                let aside = ((from.1 - to.1) / length * half, (to.0 - from.0) / length * half);
                polygons.push(vec![
                    (from.0 + aside.0, from.1 + aside.1),
                    (from.0 - aside.0, from.1 - aside.1),
                    (to.0 - aside.0, to.1 - aside.1),
                    (to.0 + aside.0, to.1 + aside.1),
                ]);
            }
        }
        for &joint in points.get(1..points.len().saturating_sub(1)).unwrap_or_default() {
            polygons.push(circle(joint, half, 8));
        }
        self.lay(&polygons, color);
    }
}

/// Gives a circle as a polygon that turns as the lines of a stroke do.
fn circle(centre: Corner, radius: f64, corners: usize) -> Vec<Corner> {
    (0..corners)
        .map(|corner| {
            let angle = std::f64::consts::TAU * corner as f64 / corners as f64;
            (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin())
        })
        .collect()
}

fn pixels(units: f64) -> f64 {
    units / UNITS_PER_PIXEL * f64::from(PIXELS_PER_CSS_PIXEL)
}

fn pixel((x, y): BackendCoord) -> Corner {
    (pixels(f64::from(x)), pixels(f64::from(y)))
}

impl DrawingBackend for Sheet<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let units = UNITS_PER_PIXEL as u32 / PIXELS_PER_CSS_PIXEL;
        (self.width as u32 * units, self.height as u32 * units)
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Outcome {
        let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)].map(pixel);
        self.lay(&[corners.to_vec()], color);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.stroke(&[from, to], style.color(), style.stroke_width());
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Outcome {
        let corners = [from, (to.0, from.1), to, (from.0, to.1)];
        if fill {
            self.lay_upright(pixel(from), pixel(to), style.color());
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
        self.lay(&[path.into_iter().map(pixel).collect()], style.color());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, _fill: bool) -> Outcome {
        self.lay(
            &[circle(pixel(centre), pixels(f64::from(radius)), CIRCLE_CORNERS)],
            style.color(),
        );
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Outcome {
        let weight = if matches!(style.style(), FontStyle::Bold) {
            Weight::Semibold
        } else {
            Weight::Regular
        };
        let face = font::face_of(weight);
        let em = pixels(style.size());
        // The rasterizer's scale is the height from descent to ascent, not the em.
        let scale = PxScale::from((em * f64::from(face.height_unscaled()) / font::units_per_em(face)) as f32);
        let width = font::width(text, em, weight);
        let (start, baseline) = pixel(at);
        let mut x = match style.anchor().h_pos {
            HPos::Left => start,
            HPos::Center => start - width / 2.0,
            HPos::Right => start - width,
        };
        for letter in text.chars() {
            let id = face.glyph_id(letter);
            let glyph = Glyph {
                id,
                scale,
                position: point(x as f32, baseline as f32),
            };
            if let Some(outline) = face.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|right, down, coverage| {
                    let (x, y) = (corner.x as i64 + i64::from(right), corner.y as i64 + i64::from(down));
                    self.blend(x, y, style.color(), f64::from(coverage.clamp(0.0, 1.0)));
                });
            }
            x += f64::from(face.h_advance_unscaled(id)) / font::units_per_em(face) * em;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::drawing::Anchor;
    use super::super::palette::{BLUE, faint};
    use super::*;

    fn painted(drawing: &Drawing) -> (Vec<u8>, usize) {
        let bytes = drawing.png().unwrap();
        let mut reader = png::Decoder::new(bytes.as_slice()).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        (pixels, frame.width as usize)
    }

    #[test]
    fn a_picture_has_twice_the_size() {
        let (pixels, width) = painted(&Drawing::new(30, 20, ""));
        assert_eq!((width, pixels.len()), (60, 60 * 40 * 3));
        assert!(pixels.iter().all(|&value| value == 255));
    }

    #[test]
    fn a_see_through_line_has_the_same_colour_at_its_joints() {
        let mut drawing = Drawing::new(40, 40, "");
        drawing.line(vec![(5.0, 20.0), (20.0, 20.0), (35.0, 20.0)], 6.0, faint(BLUE, 0.5));
        let (pixels, width) = painted(&drawing);
        let row = &pixels[40 * width * 3..41 * width * 3];
        let at = |x: usize| &row[x * 3..x * 3 + 3];
        assert_eq!(at(20), at(40));
        assert_ne!(at(20), [255; 3]);
    }

    proptest::proptest! {
        #[test]
        fn an_upright_rectangle_is_the_polygon_of_its_corners(
            left in -5.0..25.0_f64, top in -5.0..25.0_f64, width in 0.0..30.0_f64, height in 0.0..30.0_f64, alpha in 0.1..1.0_f64,
        ) {
            let color = BackendColor { alpha: if alpha > 0.7 { 1.0 } else { alpha }, rgb: (0, 114, 178) };
            let (right, bottom) = (left + width, top + height);
            let paint = |lay: &dyn Fn(&mut Sheet<'_>)| {
                let mut pixels = vec![255; 20 * 20 * 3];
                lay(&mut Sheet { pixels: &mut pixels, width: 20, height: 20 });
                pixels
            };
            let upright = paint(&|sheet| sheet.lay_upright((left, top), (right, bottom), color));
            let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
            let polygon = paint(&|sheet| sheet.lay(std::slice::from_ref(&corners), color));
            for (one, other) in upright.iter().zip(&polygon) {
                proptest::prop_assert!(one.abs_diff(*other) <= 3, "{one} {other}");
            }
        }
    }

    #[test]
    fn what_lies_beside_the_sheet_is_left_out() {
        let mut drawing = Drawing::new(10, 10, "");
        drawing.rectangle((-5.0, -5.0), (2.0, 2.0), BLUE);
        drawing.words((8.0, 4.0), "a long text", 8.0, Anchor::Start, BLUE);
        let (pixels, width) = painted(&drawing);
        assert_eq!(&pixels[..3], [BLUE.0, BLUE.1, BLUE.2]);
        assert_eq!(&pixels[9 * width * 3..9 * width * 3 + 3], [255; 3]);
    }
}
