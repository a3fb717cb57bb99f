//! `/proc/uptime`: the host's own monotonic clock, which every rate is divided by.

use super::complaint::{Problem, Unparsable};
use super::number::hundredths;

/// Reads hundredths of a second since boot.
pub(super) fn parse(lines: &[&str]) -> Result<u64, Unparsable> {
    let line = lines.first().copied().unwrap_or_default();
    let first = line
        .split_ascii_whitespace()
        .next()
        .ok_or_else(|| Problem::TooFewFields { found: 0, least: 1 }.on(line))?;
    hundredths(first).map_err(|problem| problem.on(line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn uptime_is_read_to_the_hundredth() {
        assert_eq!(parse(&["836.26 458.34"]).unwrap(), 83_626);
        assert_eq!(parse(&["31536000.07 1"]).unwrap(), 3_153_600_007);
    }

    #[test]
    fn anything_else_is_no_uptime() {
        for line in ["", "   ", "up 3 days", "-5.00 1.00", "836,26 458,34", "nan"] {
            assert!(parse(&[line]).is_err(), "{line}");
        }
        assert!(parse(&[]).is_err());
    }
}
