//! The font of every chart and page, and how wide a text is in it.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef};

/// Inter, regular; see `fonts/README.md`.
const REGULAR: &[u8] = include_bytes!("../../../fonts/Inter-Regular.ttf");
/// Inter, semibold.
const SEMIBOLD: &[u8] = include_bytes!("../../../fonts/Inter-SemiBold.ttf");

/// Families for SVG and HTML text.
pub(super) const FAMILIES: &str = "Inter, system-ui, sans-serif";

static REGULAR_FACE: LazyLock<FontRef<'static>> = LazyLock::new(|| face(REGULAR));
static SEMIBOLD_FACE: LazyLock<FontRef<'static>> = LazyLock::new(|| face(SEMIBOLD));
static CSS: LazyLock<String> = LazyLock::new(|| {
    [(REGULAR, 400), (SEMIBOLD, 600)]
        .map(|(bytes, weight)| {
            format!(
                "@font-face{{font-family:Inter;font-style:normal;font-weight:{weight};\
                 src:url(data:font/ttf;base64,{}) format('truetype')}}\n",
                base64(bytes)
            )
        })
        .concat()
});

/// How heavy a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// For reading.
    Regular,
    /// For titles.
    Semibold,
}

/// Gives the style sheet rules that embed the font, for the `<style>` of a page.
#[must_use]
pub fn font_face_css() -> &'static str {
    &CSS
}

/// Gives the face of a weight.
pub(super) fn face_of(weight: Weight) -> &'static FontRef<'static> {
    match weight {
        Weight::Regular => &REGULAR_FACE,
        Weight::Semibold => &SEMIBOLD_FACE,
    }
}

/// Measures a text in pixels, at a size of `size` pixels an em.
pub(super) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let face = face_of(weight);
    let units: f32 = text
        .chars()
        .map(|letter| face.h_advance_unscaled(face.glyph_id(letter)))
        .sum();
    f64::from(units) / units_per_em(face) * size
}

/// Gives the font's units that make one em.
pub(super) fn units_per_em(face: &FontRef<'_>) -> f64 {
    f64::from(face.units_per_em().unwrap_or(2048.0))
}

fn face(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the font is part of the program and a test reads it")
}

/// Encodes bytes as base64 (RFC 4648 §4, with padding).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let group = three.iter().fold(0_u32, |group, &byte| group << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            if place <= three.len() {
                text.push(char::from(ALPHABET[(group >> (18 - 6 * place) & 63) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // The test vectors of RFC 4648 §10.
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn the_font_has_every_letter_that_charts_and_vietnamese_names_need() {
        for weight in [Weight::Regular, Weight::Semibold] {
            let face = face_of(weight);
            let needed = "Aa09Thứ Hai, Đà Nẵng ổ ữ ợ · × − ≥ ≤ ≈ → ← ↑ ↓ … % $ € ₫ “” – —";
            for letter in needed.chars() {
                assert_ne!(face.glyph_id(letter).0, 0, "no glyph for {letter:?}");
            }
        }
    }

    #[test]
    fn a_longer_text_is_wider() {
        assert!(width("web-01", 12.0, Weight::Regular) > width("web-1", 12.0, Weight::Regular));
        assert!(width("web-01", 12.0, Weight::Semibold) > width("web-01", 12.0, Weight::Regular));
    }

    #[test]
    fn the_style_sheet_embeds_both_weights() {
        let css = font_face_css();
        assert!(css.contains("font-weight:400") && css.contains("font-weight:600"));
        assert!(!css.contains("http") && css.len() < 300_000);
    }
}
