//! Numbers as the kernel prints them: digits, without sign, grouping or locale.

use super::complaint::{Problem, Unparsable};

/// Reads a whole number.
pub(super) fn whole(text: &str) -> Result<u64, Problem> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::NotANumber);
    }
    text.parse().map_err(|_| Problem::TooLarge)
}

/// Reads a decimal fraction as hundredths; further digits are cut off.
pub(super) fn hundredths(text: &str) -> Result<u64, Problem> {
    let (units, fraction) = text.split_once('.').unwrap_or((text, "0"));
    whole(fraction).or_else(|problem| match problem {
        Problem::TooLarge => Ok(0),
        other => Err(other),
    })?;
    let digit = |place: usize| fraction.as_bytes().get(place).map_or(0, |byte| u64::from(byte - b'0'));
    whole(units)?
        .checked_mul(100)
        .and_then(|hundreds| hundreds.checked_add(10 * digit(0) + digit(1)))
        .ok_or(Problem::TooLarge)
}

/// Finds the number that follows a key on its own line (`key 12`, `key: 12 kB`).
pub(super) fn value_of(lines: &[&str], key: &str) -> Result<Option<u64>, Unparsable> {
    for line in lines {
        let Some(rest) = line.strip_prefix(key) else {
            continue;
        };
        let value = match rest.strip_prefix(':') {
            Some(value) => value,
            None if rest.starts_with([' ', '\t']) => rest,
            // A longer key that starts alike.
            None => continue,
        };
        let first = value.split_ascii_whitespace().next().unwrap_or_default();
        return whole(first).map(Some).map_err(|problem| problem.on(line));
    }
    Ok(None)
}

/// Reads the one number that a file holds.
pub(super) fn only(lines: &[&str]) -> Result<u64, Unparsable> {
    let line = lines.first().copied().unwrap_or_default();
    whole(line.trim()).map_err(|problem| problem.on(line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_exact() {
        for (text, expected) in [
            ("836.26", 83_626),
            ("0.02", 2),
            ("12.5", 1_250),
            ("3", 300),
            ("1.999", 199),
            ("0.99999999999999999999999999", 99),
        ] {
            assert_eq!(hundredths(text), Ok(expected), "{text}");
        }
        for text in ["", ".", "1.", ".5", "1,5", "-1.00", "1e3", "1.5x"] {
            assert_eq!(hundredths(text), Err(Problem::NotANumber), "{text}");
        }
        assert_eq!(hundredths("18446744073709551615.00"), Err(Problem::TooLarge));
    }

    #[test]
    fn a_key_is_not_taken_for_a_longer_one() {
        let lines = ["Active(file):   12 kB", "Active: 34 kB", "pswpin 5", "pswpinned 6"];
        assert_eq!(value_of(&lines, "Active").unwrap(), Some(34));
        assert_eq!(value_of(&lines, "Active(file)").unwrap(), Some(12));
        assert_eq!(value_of(&lines, "pswpin").unwrap(), Some(5));
        assert_eq!(value_of(&lines, "pswpout").unwrap(), None);
    }

    #[test]
    fn a_key_without_a_number_is_said() {
        assert_eq!(
            value_of(&["pswpin"], "pswpin").unwrap(),
            None,
            "cut right behind the key: as if it were not there"
        );
        assert_eq!(
            value_of(&["pswpin x"], "pswpin"),
            Err(Problem::NotANumber.on("pswpin x"))
        );
        let large = "pswpin 99999999999999999999";
        assert_eq!(value_of(&[large], "pswpin"), Err(Problem::TooLarge.on(large)));
    }
}
