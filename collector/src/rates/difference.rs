//! How much did a counter move? Two values of it in, an increment out, or nothing where it started again.

/// Counters of milliseconds are 32 bits wide in the kernel and begin again after 49.7 days.
const WRAP: u64 = 1 << 32;

/// Gives the increment of a counter that never goes back; nothing when it did.
pub(super) fn increment(before: u64, after: u64) -> Option<u64> {
    after.checked_sub(before)
}

/// Gives the increment of a counter that may go back a little by the kernel's own fault (idle, iowait, steal).
pub(super) fn increment_or_zero(before: u64, after: u64) -> u64 {
    after.saturating_sub(before)
}

/// Gives the increment of a counter that is 32 bits wide on some kernels, of which at most `most` is plausible.
pub(super) fn wrapping(before: u64, after: u64, most: f64) -> Option<u64> {
    let moved = match after.checked_sub(before) {
        Some(moved) => moved,
        None if before < WRAP => (after + WRAP).checked_sub(before)?,
        None => return None,
    };
    (moved as f64 <= most).then_some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_reset_is_nothing_and_a_wrap_is_an_increment() {
        assert_eq!(increment(5, 9), Some(4));
        assert_eq!(increment(9, 5), None);
        assert_eq!(wrapping(WRAP - 10, 20, 1e6), Some(30));
        assert_eq!(wrapping(WRAP - 10, 2_000_000, 1e6), None, "too much to be a wrap");
        assert_eq!(wrapping(WRAP + 10, 20, 1e9), None, "wider than 32 bits: created again");
        assert_eq!(increment_or_zero(9, 5), 0);
    }
}
