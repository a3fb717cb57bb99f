//! Which names does `web-[01:20].example` stand for?

/// Hosts that one name may stand for.
pub const MOST_NAMES: usize = 10_000;

/// What is wrong with a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RangeFault {
    /// A bracket is not closed, or not opened.
    Bracket,
    /// Between the brackets stand no two numbers.
    Bounds,
    /// The first number is the larger one.
    Backwards,
    /// It stands for more than [`MOST_NAMES`].
    TooMany,
}

impl RangeFault {
    /// Says what is wrong, as a clause.
    pub(super) fn what(self) -> String {
        match self {
            Self::Bracket => "has a bracket without its partner".to_string(),
            Self::Bounds => "has brackets without two numbers".to_string(),
            Self::Backwards => "has a range whose first number is the larger one".to_string(),
            Self::TooMany => format!("stands for more than {MOST_NAMES} hosts"),
        }
    }
}

/// Gives all names that a text with ranges stands for, the last range counting fastest.
///
/// A range is `[FIRST:LAST]`, both included; leading zeros of the first number
/// are kept. A text without brackets stands for itself.
pub(super) fn expand(text: &str) -> Result<Vec<String>, RangeFault> {
    let mut names = vec![String::new()];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        if before.contains(']') {
            return Err(RangeFault::Bracket);
        }
        let (range, after) = after.split_once(']').ok_or(RangeFault::Bracket)?;
        let numbers = numbers(range)?;
        if names.len().saturating_mul(numbers.len()) > MOST_NAMES {
            return Err(RangeFault::TooMany);
        }
        names = names
            .iter()
            .flat_map(|name| numbers.iter().map(move |number| format!("{name}{before}{number}")))
            .collect();
        rest = after;
    }
    if rest.contains(']') {
        return Err(RangeFault::Bracket);
    }
    names.iter_mut().for_each(|name| name.push_str(rest));
    Ok(names)
}

fn numbers(range: &str) -> Result<Vec<String>, RangeFault> {
    let (first, last) = range.split_once(':').ok_or(RangeFault::Bounds)?;
    let number = |text: &str| -> Result<u64, RangeFault> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // Eighteen digits fit; more are no host's number.
        if !digits || text.len() > 18 {
            return Err(RangeFault::Bounds);
        }
        text.parse().map_err(|_| RangeFault::Bounds)
    };
    let (from, to) = (number(first)?, number(last)?);
    if from > to {
        return Err(RangeFault::Backwards);
    }
    if to - from >= MOST_NAMES as u64 {
        return Err(RangeFault::TooMany);
    }
    let width = if first.starts_with('0') { first.len() } else { 0 };
    Ok((from..=to).map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(
            expand("web-[08:11].example").unwrap(),
            ["web-08.example", "web-09.example", "web-10.example", "web-11.example"]
        );
        assert_eq!(expand("n[9:11]").unwrap(), ["n9", "n10", "n11"]);
        assert_eq!(expand("n[099:101]").unwrap(), ["n099", "n100", "n101"]);
        assert_eq!(expand("db-1").unwrap(), ["db-1"]);
    }

    #[test]
    fn several_ranges_are_combined() {
        assert_eq!(expand("r[1:2]-n[1:2]").unwrap(), ["r1-n1", "r1-n2", "r2-n1", "r2-n2"]);
    }

    #[test]
    fn a_wrong_range_is_refused() {
        for (text, fault) in [
            ("a[1:2", RangeFault::Bracket),
            ("a1:2]", RangeFault::Bracket),
            ("a]b[1:2]", RangeFault::Bracket),
            ("a[1]", RangeFault::Bounds),
            ("a[1:b]", RangeFault::Bounds),
            ("a[:2]", RangeFault::Bounds),
            ("a[-1:2]", RangeFault::Bounds),
            ("a[9:1]", RangeFault::Backwards),
            ("a[1:10001]", RangeFault::TooMany),
            ("a[1:101]b[1:100]", RangeFault::TooMany),
            ("a[0:999999999999999999]", RangeFault::TooMany),
        ] {
            assert_eq!(expand(text), Err(fault), "{text}");
        }
        assert_eq!(expand("a[1:10000]").unwrap().len(), MOST_NAMES);
    }

    proptest! {
        #[test]
        fn any_text_is_expanded_or_refused(text in "[a-c0-9:\\[\\].-]{0,30}") {
            if let Ok(names) = expand(&text) {
                prop_assert!(!names.is_empty() && names.len() <= MOST_NAMES);
                let mut unique = names.clone();
                unique.dedup();
                prop_assert!(unique.len() == names.len() || text.contains("]["));
            }
        }
    }
}
