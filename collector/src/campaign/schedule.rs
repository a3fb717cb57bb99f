//! When a host is read: evenly, and not all hosts at once.
//!
//! Ticks lie on a grid of the UTC clock, moved for each host by a share of the
//! tick that its name decides. So the grid does not drift, a late tick does not
//! delay the next, a missed one is a gap and not caught up, and after a restart
//! the same host is read at the same seconds.

use std::time::Duration;

/// The ticks of one host.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    tick_ms: i64,
    interval_ms: i64,
    shift_ms: i64,
}

/// One moment at which a host is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// UTC milliseconds.
    pub at_ms: i64,
    /// Whether what moves slowly is read too: the first tick of each interval.
    pub whole: bool,
}

impl Schedule {
    /// Makes the ticks of a host.
    #[must_use]
    pub fn new(host: &str, interval: Duration, tick: Duration) -> Self {
        let tick_ms = i64::try_from(tick.as_millis()).unwrap_or(i64::MAX).max(1);
        let digest = blake3::hash(host.as_bytes());
        let share = digest
            .as_bytes()
            .iter()
            .take(4)
            .fold(0_i64, |sum, &byte| sum * 256 + i64::from(byte));
        Self {
            tick_ms,
            interval_ms: i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(tick_ms),
            shift_ms: share % tick_ms,
        }
    }

    /// Gives the first tick after an instant.
    #[must_use]
    pub fn after(&self, now_ms: i64) -> Due {
        let ticks = (now_ms - self.shift_ms).div_euclid(self.tick_ms) + 1;
        let at_ms = ticks * self.tick_ms + self.shift_ms;
        Due {
            at_ms,
            whole: at_ms.div_euclid(self.interval_ms) != (at_ms - self.tick_ms).div_euclid(self.interval_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const TICK: Duration = Duration::from_secs(10);

    #[test]
    fn every_interval_has_one_whole_reading() {
        let schedule = Schedule::new("web-01", MINUTE, TICK);
        let mut now = 1_700_000_000_123;
        let mut whole = 0;
        for _ in 0..60 {
            let due = schedule.after(now);
            assert!(due.at_ms > now && due.at_ms - now <= 10_000);
            whole += u32::from(due.whole);
            now = due.at_ms;
        }
        assert_eq!(whole, 10);
    }

    #[test]
    fn hosts_are_spread_over_the_tick() {
        let seconds: std::collections::BTreeSet<i64> = (0..200)
            .map(|number| Schedule::new(&format!("web-{number}"), MINUTE, TICK).after(0).at_ms / 1000)
            .collect();
        assert_eq!(seconds.len(), 10);
    }

    #[test]
    fn a_missed_tick_is_not_caught_up() {
        let schedule = Schedule::new("web-01", MINUTE, TICK);
        let first = schedule.after(0);
        let late = schedule.after(first.at_ms + 25_000);
        assert_eq!(late.at_ms, first.at_ms + 30_000);
    }
}
