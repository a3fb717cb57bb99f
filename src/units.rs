//! Flags that carry units: `20%`, `2026-05-18`.

use jiff::civil::Date;

/// Reads a share such as `20%` or `0.2`.
pub fn share(text: &str) -> Result<f64, String> {
    let expected =
        || format!("`{text}` is not a share; expected a percentage such as `20%` or a fraction such as `0.2`");
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map_err(|_| expected())? / 100.0,
        None => text.parse::<f64>().map_err(|_| expected())?,
    };
    if value.is_finite() && (0.0..=10.0).contains(&value) {
        Ok(value)
    } else {
        Err(format!("`{text}` is out of range; expected 0% to 1000%"))
    }
}

/// Reads a day such as `2026-05-18`.
pub fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a day; expected a date such as `2026-05-18`"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shares_are_percentages_or_fractions() {
        assert_eq!(share("20%").unwrap(), 0.2);
        assert_eq!(share("0.2").unwrap(), 0.2);
        assert!(share("twenty").unwrap_err().contains("20%"));
        assert!(share("-5%").is_err());
        assert!(share("NaN").is_err());
    }
}
