//! Tells all host threads at once that the campaign ends, so that none needs to wake up to ask.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Rings once; whoever waits is woken.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<bool>,
    woken: Condvar,
}

impl Bell {
    /// Makes a bell that has not rung.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every wait, now and later.
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.woken.notify_all();
    }

    /// Says whether it has rung.
    #[must_use]
    pub fn has_rung(&self) -> bool {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so long, or until it rings; says whether it has rung.
    pub fn wait(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        while !*rung {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            rung = self
                .woken
                .wait_timeout(rung, left)
                .map_or_else(|poisoned| poisoned.into_inner().0, |(rung, _)| rung);
        }
        *rung
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_when_the_bell_rings_or_the_time_is_over() {
        let bell = Bell::new();
        assert!(!bell.wait(Duration::from_millis(5)));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| bell.wait(Duration::from_secs(60)));
            bell.ring();
            assert!(waiting.join().unwrap_or(false));
        });
        assert!(bell.has_rung());
    }
}
