//! Numbers as sar writes them: `12.50`, `12,50` in some locales, seldom `nan`.

/// Powers of ten that a 64-bit float holds exactly.
const TENS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Reads a number; NaN where it says that there is none.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    let mut whole: u64 = 0;
    let mut decimals: Option<usize> = None;
    // Fifteen digits fit a float exactly; whatever is longer goes the slow way.
    if text.is_empty() || text.len() > 15 {
        return slowly(text);
    }
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                whole = whole * 10 + u64::from(byte - b'0');
                if let Some(decimals) = &mut decimals {
                    *decimals += 1;
                }
            }
            b'.' | b',' if decimals.is_none() => decimals = Some(0),
            _ => return slowly(text),
        }
    }
    match decimals {
        _ if whole == 0 && !text.iter().any(u8::is_ascii_digit) => None,
        Some(decimals) => Some(whole as f64 / TENS[decimals]),
        None => Some(whole as f64),
    }
}

fn slowly(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    if matches!(text, "nan" | "-nan" | "NaN" | "N/A" | "-") {
        return Some(f64::NAN);
    }
    let number: f64 = text.replace(',', ".").parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::number;

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", ".", "1.2.3", "x", "1e999", "12 5"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(number(b"12,50"), Some(12.5));
        assert_eq!(number(b"-3.5"), Some(-3.5));
        assert!(number(b"-nan").is_some_and(f64::is_nan));
    }

    proptest! {
        #[test]
        fn the_fast_way_reads_what_the_standard_library_reads(value in 0.0..1e9_f64, decimals in 0_usize..5) {
            let text = format!("{value:.decimals$}");
            prop_assert_eq!(number(text.as_bytes()), text.parse().ok());
        }
    }
}
