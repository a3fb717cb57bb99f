//! Flags that carry units: `20%`, `2026-05-18`.

use std::time::Duration;

use jiff::civil::Date;
use rust_decimal::Decimal;

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

/// Reads US dollars such as `20000`, `20,000` or `19999.50`, more than nothing.
pub fn amount(text: &str) -> Result<Decimal, String> {
    match text.replace([',', '_'], "").parse::<Decimal>() {
        Ok(amount) if amount > Decimal::ZERO => Ok(amount),
        _ => Err(format!(
            "`{text}` is not an amount; expected US dollars a month such as `20000`"
        )),
    }
}

/// Reads a rate, more than nothing.
pub fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err(format!(
            "`{text}` is not a rate; expected a number above 0, such as `50`"
        )),
    }
}

/// Reads a day such as `2026-05-18`.
pub fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a day; expected a date such as `2026-05-18`"))
}

/// Reads a time such as `60s`, `90m`, `36h` or `14d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("`{text}` is not a time; expected a number with its unit, such as `60s`, `90m` or `14d`");
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| expected())?;
    let seconds = match text.get(digits.len()..).unwrap_or_default() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(expected()),
    };
    match number.checked_mul(seconds) {
        Some(0) | None => Err(format!("`{text}` is out of range")),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_carry_their_unit() {
        assert_eq!(duration("60s").unwrap().as_secs(), 60);
        assert_eq!(duration("14d").unwrap().as_secs(), 14 * 86_400);
        assert!(duration("60").unwrap_err().contains("60s"));
        assert!(duration("0s").is_err());
        assert!(duration("-5m").is_err());
        assert!(duration("99999999999999999w").is_err());
    }

    #[test]
    fn amounts_are_exact_and_above_nothing() {
        assert_eq!(amount("20,000").unwrap(), Decimal::from(20_000));
        assert_eq!(amount("19999.50").unwrap().to_string(), "19999.50");
        for text in ["", "0", "-5", "NaN", "lots"] {
            assert!(amount(text).unwrap_err().contains("20000"), "{text}");
        }
    }

    #[test]
    fn shares_are_percentages_or_fractions() {
        assert_eq!(share("20%").unwrap(), 0.2);
        assert_eq!(share("0.2").unwrap(), 0.2);
        assert!(share("twenty").unwrap_err().contains("20%"));
        assert!(share("-5%").is_err());
        assert!(share("NaN").is_err());
    }
}
