//! Is this text a number, a sign that nothing was measured, or neither?

/// Words that stand where nothing was measured, in small letters.
const NOT_MEASURED: [&str; 9] = ["", "-", "nan", "na", "n/a", "null", "none", "nil", "\\n"];

/// Reads a field: `Some(Some(number))`, `Some(None)` where not measured, `None` where it is neither.
///
/// `inf` is a number here; it is counted as absurd later.
pub(super) fn parse(text: &str, decimal_comma: bool) -> Option<Option<f64>> {
    let text = text.trim();
    let number = if decimal_comma && text.contains(',') {
        // With both signs the dot would be for thousands, and `1.234` would be read two ways.
        if text.contains('.') {
            return None;
        }
        text.replace(',', ".").parse()
    } else {
        text.parse()
    };
    match number {
        Ok(number) if f64::is_nan(number) => Some(None),
        Ok(number) => Some(Some(number)),
        Err(_) => NOT_MEASURED
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
            .then_some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing_are_not_numbers() {
        for word in ["", " ", "NaN", "-nan", "NA", "N/A", "null", "NULL", "-", "None"] {
            assert_eq!(parse(word, false), Some(None), "{word}");
        }
        for word in ["abc", "1,5", "12%", "0x10", "1 000"] {
            assert_eq!(parse(word, false), None, "{word}");
        }
        assert_eq!(parse(" 1.5e3 ", false), Some(Some(1500.0)));
        assert_eq!(parse("1,5", true), Some(Some(1.5)));
        assert_eq!(parse("1.234,5", true), None);
        assert_eq!(parse("inf", false), Some(Some(f64::INFINITY)));
    }
}
