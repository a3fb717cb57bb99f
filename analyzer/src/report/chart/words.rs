//! How charts say names, numbers and money.

use std::borrow::Cow;

use telemetry::untrusted::for_terminal;

/// Makes a host's name safe to show and at most `letters` long, with an ellipsis where it is cut.
pub(super) fn name(text: &str, letters: usize) -> String {
    let safe: Cow<'_, str> = for_terminal(text);
    if safe.chars().count() <= letters {
        return safe.into_owned();
    }
    let kept: String = safe.chars().take(letters.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Writes a number with three digits that mean something: 15.3, 1,240, 0.42.
pub(super) fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "?".to_string();
    }
    let size = value.abs();
    let decimals = if size >= 99.95 || size == 0.0 {
        0
    } else if size >= 9.995 {
        1
    } else if size >= 0.1 {
        2
    } else {
        3
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    grouped(text)
}

/// Writes whole dollars, with cents below ten.
pub(super) fn dollars(amount: f64) -> String {
    if !amount.is_finite() {
        return "?".to_string();
    }
    let sign = if amount < 0.0 { "−" } else { "" };
    let size = amount.abs();
    let text = if size < 10.0 && size > 0.0 {
        format!("{size:.2}")
    } else {
        format!("{size:.0}")
    };
    format!("{sign}${}", grouped(&text))
}

/// Writes an amount for an axis: $0, $500, $12k, $1.5M.
pub(super) fn short_dollars(amount: f64) -> String {
    if amount >= 1e6 {
        format!("${}M", figure(amount / 1e6))
    } else if amount >= 1e4 {
        format!("${}k", figure(amount / 1e3))
    } else {
        format!("${}", figure(amount))
    }
}

/// Says how many of something: "1 host", "12 hosts".
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(&number.to_string()),
        if number == 1 { one } else { many }
    )
}

/// Says a length of time: "one minute", "30 minutes", "one hour", "10 seconds".
pub(super) fn duration(milliseconds: i64) -> String {
    let (amount, unit) = match milliseconds {
        ms if ms % 86_400_000 == 0 => (ms / 86_400_000, "day"),
        ms if ms % 3_600_000 == 0 => (ms / 3_600_000, "hour"),
        ms if ms % 60_000 == 0 => (ms / 60_000, "minute"),
        ms => ((ms + 500) / 1000, "second"),
    };
    if amount == 1 {
        format!("one {unit}")
    } else {
        format!("{amount} {unit}s")
    }
}

/// Sets commas between the thousands of a plain number.
fn grouped(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", text),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = sign.to_string();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_mean_something() {
        let shown = [0.0, 0.4249, 15.34, 99.97, 512.4, 12_345.6, 2.0].map(figure);
        assert_eq!(shown, ["0", "0.42", "15.3", "100", "512", "12,346", "2"]);
    }

    #[test]
    fn money_on_an_axis_is_short() {
        let shown = [0.0, 500.0, 9_000.0, 12_000.0, 1_500_000.0].map(short_dollars);
        assert_eq!(shown, ["$0", "$500", "$9,000", "$12k", "$1.5M"]);
        assert_eq!([-1234.4, 3.456, 0.0].map(dollars), ["−$1,234", "$3.46", "$0"]);
    }

    #[test]
    fn a_long_name_is_cut_and_a_hostile_one_made_visible() {
        assert_eq!(name("web-01", 10), "web-01");
        assert_eq!(name(&"x".repeat(500), 10), "xxxxxxxxx…");
        assert_eq!(name("a\u{202e}b\n", 40), "a\\u{202e}b\\u{a}");
    }

    #[test]
    fn durations_are_said_as_people_do() {
        let said = [60_000, 1_800_000, 3_600_000, 10_000, 86_400_000].map(duration);
        assert_eq!(said, ["one minute", "30 minutes", "one hour", "10 seconds", "one day"]);
    }
}
