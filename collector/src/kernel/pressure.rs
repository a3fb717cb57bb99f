//! `/proc/pressure/*`: for how long some task was stalled.

use super::complaint::{Problem, Unparsable};
use super::number::whole;

/// Reads the total of the `some` line, microseconds since boot.
pub(super) fn some_us(lines: &[&str]) -> Result<u64, Unparsable> {
    let missing = || Problem::Missing("some … total=").on(lines.first().copied().unwrap_or_default());
    let line = lines
        .iter()
        .find(|line| line.starts_with("some "))
        .ok_or_else(missing)?;
    let total = line
        .split_ascii_whitespace()
        .find_map(|field| field.strip_prefix("total="))
        .ok_or_else(missing)?;
    whole(total).map_err(|problem| problem.on(line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_some_is_read() {
        let some = "some avg10=0.10 avg60=2.00 avg300=3.85 total=15";
        let full = "full avg10=0.20 avg60=3.00 avg300=4.95 total=25";
        assert_eq!(some_us(&[some, full]).unwrap(), 15);
        assert_eq!(some_us(&[full, some]).unwrap(), 15);
        assert_eq!(some_us(&[full]).unwrap_err().problem, Problem::Missing("some … total="));
        assert!(some_us(&["some avg10=0.10 total=x"]).is_err());
        assert!(some_us(&["some avg10=0.10"]).is_err());
    }
}
