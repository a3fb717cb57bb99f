//! Why the counters of a service could not be had, and when to try again.

use std::time::Duration;

use crate::ssh::transport::BesideError;

/// What stands between us and the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The host forwards no connections and has no program that could take their place.
    Forbidden,
    /// Nobody listens there.
    Unreachable,
    /// The service wants a password and there is none.
    NoPassword,
    /// The service refuses the account or its password.
    WrongPassword,
    /// The account may not see the counters.
    NotAllowed,
    /// The host lacks the client program.
    NoProgram,
    /// It took too long.
    Slow,
    /// The answer is not what this product says.
    Odd,
}

/// Counters that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Unavailable {
    /// What stands in the way.
    pub why: Why,
    /// The same in words, safe to print; never holds a secret.
    pub words: String,
}

/// Words of a service in a message, at most.
const LONGEST_WORDS: usize = 200;

impl Unavailable {
    /// Takes a reason; what a service said is made harmless and short.
    pub fn new(why: Why, words: impl AsRef<str>) -> Self {
        let words = words.as_ref().trim();
        let mut short: String = words.chars().take(LONGEST_WORDS).collect();
        if short.len() < words.len() {
            short.push('…');
        }
        Self {
            why,
            words: telemetry::untrusted::for_terminal(&short).into_owned(),
        }
    }

    /// Takes the failure of a read or write.
    #[must_use]
    pub fn of_io(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => {
                Self::new(Why::Slow, "it did not answer in time")
            }
            _ => Self::new(Why::Unreachable, "it ended the conversation"),
        }
    }

    /// Takes words out that must not be seen, whoever repeated them.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            self.words = self.words.replace(secret, "…");
        }
        self
    }

    /// Says when to try again after so many failures in a row; nothing: not in this run.
    ///
    /// A password that was refused is never sent again: the account may be locked.
    #[must_use]
    pub fn again_after(&self, failures: u32) -> Option<Duration> {
        let minutes = match self.why {
            Why::WrongPassword => return None,
            Why::NoPassword | Why::NotAllowed | Why::NoProgram | Why::Forbidden => 60,
            Why::Unreachable | Why::Slow | Why::Odd => (1 << failures.min(6)).min(60),
        };
        Some(Duration::from_secs(minutes * 60))
    }
}

impl From<BesideError> for Unavailable {
    fn from(error: BesideError) -> Self {
        let why = match &error {
            BesideError::Forbidden { .. } => Why::Forbidden,
            BesideError::Unreachable { .. } => Why::Unreachable,
            BesideError::Lost(_) => Why::Slow,
        };
        Self::new(why, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_password_is_never_tried_again_and_the_rest_ever_more_seldom() {
        assert_eq!(Unavailable::new(Why::WrongPassword, "no").again_after(1), None);
        let slow = Unavailable::new(Why::Slow, "slow");
        assert!(slow.again_after(1) < slow.again_after(3));
        assert_eq!(slow.again_after(40), Some(Duration::from_secs(3600)));
    }

    #[test]
    fn words_are_harmless_and_hold_no_secret() {
        let said = Unavailable::new(Why::Odd, "ERR \u{1b}[2J canary-1").without("canary-1");
        assert!(!said.words.contains('\u{1b}') && !said.words.contains("canary"));
        assert!(Unavailable::new(Why::Odd, "x".repeat(5_000)).words.len() < 210);
    }
}
