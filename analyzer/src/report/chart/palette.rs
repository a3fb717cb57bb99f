//! Which colours mean what, in every chart.
//!
//! Okabe and Ito's palette ("Color Universal Design", 2008): told apart with
//! every common colour blindness, and of different lightness in grey print.

use plotters::style::RGBAColor;

/// A colour with its opacity.
pub(super) type Ink = RGBAColor;

const fn solid(red: u8, green: u8, blue: u8) -> Ink {
    RGBAColor(red, green, blue, 1.0)
}

/// Paper.
pub(super) const WHITE: Ink = solid(255, 255, 255);
/// Titles and values.
pub(super) const TEXT: Ink = solid(0x1f, 0x23, 0x28);
/// Subtitles and axis labels; 7:1 on white.
pub(super) const QUIET_TEXT: Ink = solid(0x55, 0x5b, 0x63);
/// Horizontal grid.
pub(super) const GRID: Ink = solid(0xe3, 0xe6, 0xea);
/// The line of an axis.
pub(super) const AXIS: Ink = solid(0x9a, 0xa1, 0xaa);
/// Week-ends.
pub(super) const WEEKEND: Ink = solid(0xf2, 0xf4, 0xf7);
/// Where nothing was measured.
pub(super) const MISSING: Ink = solid(0xe9, 0xe9, 0xe9);
/// The hatch over what was not measured.
pub(super) const HATCH: Ink = solid(0xc4, 0xc4, 0xc4);

/// Measured demand.
pub(super) const BLUE: Ink = solid(0x00, 0x72, 0xb2);
/// The second direction of a chart, and what is too small or dear.
pub(super) const VERMILION: Ink = solid(0xd5, 0x5e, 0x00);
/// What is proposed.
pub(super) const GREEN: Ink = solid(0x00, 0x80, 0x5e);
/// Storage beside compute.
pub(super) const ORANGE: Ink = solid(0xe6, 0x9f, 0x00);
/// What exists today.
pub(super) const TODAY: Ink = solid(0x45, 0x4b, 0x54);

/// Colours of categories such as environments, in the order they are given out.
pub(super) const CATEGORIES: [Ink; 7] = [
    BLUE,
    ORANGE,
    solid(0x00, 0x9e, 0x73),
    solid(0xcc, 0x79, 0xa7),
    VERMILION,
    solid(0x56, 0xb4, 0xe9),
    solid(0x7a, 0x6a, 0x00),
];
/// Categories beyond those that have a colour.
pub(super) const OTHER: Ink = solid(0x8a, 0x8f, 0x96);

/// Lightest to darkest blue, for maps (ColorBrewer "Blues", 2002: prints in grey).
const SCALE: [(u8, u8, u8); 6] = [
    (0xf4, 0xf8, 0xfc),
    (0xce, 0xe0, 0xf1),
    (0x98, 0xc7, 0xe0),
    (0x4a, 0x97, 0xc9),
    (0x17, 0x64, 0xab),
    (0x08, 0x30, 0x6b),
];

/// Gives the map colour of a share, 0 to 1.
pub(super) fn scale(share: f64) -> Ink {
    let place = share.clamp(0.0, 1.0) * (SCALE.len() - 1) as f64;
    let below = (place.floor() as usize).min(SCALE.len() - 2);
    let part = place - below as f64;
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * part).round() as u8;
    let (from, to) = (SCALE[below], SCALE[below + 1]);
    solid(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Gives the same colour, see-through.
pub(super) const fn faint(ink: Ink, opacity: f64) -> Ink {
    RGBAColor(ink.0, ink.1, ink.2, opacity)
}

/// Gives a text colour that can be read on a background.
pub(super) fn readable_on(background: Ink) -> Ink {
    let lightness = 0.299 * f64::from(background.0) + 0.587 * f64::from(background.1) + 0.114 * f64::from(background.2);
    if lightness > 140.0 { TEXT } else { WHITE }
}

/// Contrast that words of ordinary size need (WCAG 2.2, success criterion 1.4.3).
const WORDS_STAND_OUT: f64 = 4.5;

/// Gives the colour that words of an ink have on paper: a darker shade of it where the ink itself is too light to read,
/// also over a week-end. White stays: it is for words on a dark ground.
pub(super) fn of_words(ink: Ink) -> Ink {
    if ink == WHITE {
        return ink;
    }
    let mut shade = ink;
    while contrast(shade, WEEKEND) < WORDS_STAND_OUT {
        let darker = |part: u8| (f64::from(part) * 0.96).floor() as u8;
        shade = RGBAColor(darker(shade.0), darker(shade.1), darker(shade.2), shade.3);
    }
    shade
}

/// Gives the contrast of two opaque colours, 1 to 21 (WCAG 2.2, "contrast ratio").
fn contrast(one: Ink, other: Ink) -> f64 {
    let linear = |part: u8| {
        let share = f64::from(part) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = |ink: Ink| 0.2126 * linear(ink.0) + 0.7152 * linear(ink.1) + 0.0722 * linear(ink.2);
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_read_on_paper_and_keep_an_ink_that_already_can() {
        assert!((contrast(solid(0, 0, 0), WHITE) - 21.0).abs() < 1e-9);
        // Published examples: #767676 is the lightest grey that passes on white.
        assert!(contrast(solid(0x76, 0x76, 0x76), WHITE) >= 4.5 && contrast(solid(0x77, 0x77, 0x77), WHITE) < 4.5);
        for ink in CATEGORIES
            .into_iter()
            .chain([BLUE, VERMILION, GREEN, ORANGE, TODAY, OTHER, TEXT, QUIET_TEXT])
        {
            let words = of_words(ink);
            assert!(
                contrast(words, WEEKEND) >= 4.5 && contrast(words, WHITE) >= 4.5,
                "{ink:?}"
            );
            assert!(
                words == ink || contrast(ink, WEEKEND) < 4.5,
                "{ink:?} was changed for nothing"
            );
        }
        assert_eq!(of_words(WHITE), WHITE);
    }
}
