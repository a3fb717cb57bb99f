//! How long to wait before a host is tried again.
//!
//! What may pass by itself (a time-out, a refused connection) is tried after 5
//! seconds, doubled each time up to 10 minutes, of which a random part is taken,
//! so that a bastion that comes back is not stormed ("full jitter"; source:
//! Brooker, "Exponential backoff and jitter", 2015). What a person must mend
//! (the account) is tried hourly, so that no account is locked out.

use std::time::Duration;

/// First wait after a failure that may pass.
const FIRST: Duration = Duration::from_secs(5);
/// Longest wait after a failure that may pass.
const LONGEST: Duration = Duration::from_secs(600);
/// Wait after a failure that a person must mend.
const FOR_A_PERSON: Duration = Duration::from_secs(3600);
/// A connection that held this long counts as sound: the next failure is the first again.
const SOUND_AFTER: Duration = Duration::from_secs(300);

/// What is to be done about a failed host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It may pass by itself.
    Wait,
    /// A person must mend it; seldom tries do no harm.
    Person,
    /// Trying again is wrong: a changed host key, a password that was refused.
    Stop,
}

/// The failures of one host in a row.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    failures: u32,
}

impl Patience {
    /// Says how long to wait now; nothing when the host is given up. `held` is how long the connection had lasted,
    /// `share` a random number from 0 to 1.
    pub fn after_failure(&mut self, remedy: Remedy, held: Duration, share: f64) -> Option<Duration> {
        if held >= SOUND_AFTER {
            self.failures = 0;
        }
        let longest = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures += 1;
        match remedy {
            Remedy::Wait => Some(longest.mul_f64(share.clamp(0.0, 1.0)).max(Duration::from_millis(200))),
            Remedy::Person => Some(FOR_A_PERSON),
            Remedy::Stop => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes() {
        let mut patience = Patience::default();
        let waits: Vec<u64> = (0..9)
            .map(|_| {
                patience
                    .after_failure(Remedy::Wait, Duration::ZERO, 1.0)
                    .unwrap()
                    .as_secs()
            })
            .collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        let after_a_good_hour = patience.after_failure(Remedy::Wait, Duration::from_secs(3600), 1.0);
        assert_eq!(after_a_good_hour, Some(FIRST));
    }

    #[test]
    fn a_wait_is_a_random_part_and_never_nothing() {
        let wait = Patience::default().after_failure(Remedy::Wait, Duration::ZERO, 0.0);
        assert_eq!(wait, Some(Duration::from_millis(200)));
    }

    #[test]
    fn a_changed_host_key_is_not_tried_again() {
        assert_eq!(
            Patience::default().after_failure(Remedy::Stop, Duration::ZERO, 0.5),
            None
        );
        let account = Patience::default().after_failure(Remedy::Person, Duration::ZERO, 0.5);
        assert_eq!(account, Some(FOR_A_PERSON));
    }
}
