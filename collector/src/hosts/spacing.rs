//! How often is a host read and stored, when the command line says so instead of hosts.toml?

use std::time::Duration;

use telemetry::untrusted::for_terminal;

use super::duration::{EXPECTED, LONGEST, SHORTEST, tick_for, written};
use super::target::Target;

/// An interval and a tick that no host can be collected with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpacingError {
    /// The interval is too short or too long.
    #[error("rows cannot be stored every {interval}; expected {EXPECTED}")]
    Interval {
        /// What was asked for.
        interval: String,
    },
    /// The ticks do not fill the interval.
    #[error("a tick of {tick} does not divide the interval of {interval} of `{host}`")]
    Tick {
        /// The host, made safe for a terminal.
        host: String,
        /// What was asked for.
        tick: String,
        /// Its interval.
        interval: String,
    },
}

impl Target {
    /// Takes another interval or tick than that of hosts.toml.
    ///
    /// A tick that was not asked for is kept where it divides the interval, and is else the usual one.
    ///
    /// # Errors
    /// When the interval is not from 1 s to 1 h, or the tick does not divide it.
    pub fn respace(&mut self, interval: Option<Duration>, tick: Option<Duration>) -> Result<(), SpacingError> {
        let interval = interval.unwrap_or(self.interval);
        if !(SHORTEST..=LONGEST).contains(&interval) {
            return Err(SpacingError::Interval {
                interval: written(interval),
            });
        }
        let divides = |tick: Duration| tick >= SHORTEST && interval.as_secs().is_multiple_of(tick.as_secs());
        let chosen = match tick {
            Some(tick) => tick,
            None if divides(self.tick) => self.tick,
            None => tick_for(interval),
        };
        if !divides(chosen) {
            return Err(SpacingError::Tick {
                host: for_terminal(&self.name).into_owned(),
                tick: written(chosen),
                interval: written(interval),
            });
        }
        (self.interval, self.tick) = (interval, chosen);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::target::Reach;

    fn respaced(interval: Option<u64>, tick: Option<u64>) -> Result<(u64, u64), SpacingError> {
        let mut target = Target {
            name: "db-1".to_string(),
            reach: Reach::Local,
            interval: Duration::from_secs(60),
            tick: Duration::from_secs(10),
            processes: None,
            connections: None,
            environment: None,
            tags: Vec::new(),
        };
        target.respace(interval.map(Duration::from_secs), tick.map(Duration::from_secs))?;
        Ok((target.interval.as_secs(), target.tick.as_secs()))
    }

    #[test]
    fn a_tick_always_divides_its_interval() {
        assert_eq!(respaced(None, None), Ok((60, 10)));
        assert_eq!(respaced(Some(30), None), Ok((30, 10)));
        assert_eq!(respaced(Some(15), None), Ok((15, 5)));
        assert_eq!(respaced(Some(2), None), Ok((2, 2)));
        assert_eq!(respaced(None, Some(20)), Ok((60, 20)));
        for (interval, tick) in [(None, Some(7)), (None, Some(90)), (Some(60), Some(0))] {
            assert!(
                matches!(respaced(interval, tick), Err(SpacingError::Tick { .. })),
                "{interval:?} {tick:?}"
            );
        }
        for interval in [0, 7_200] {
            assert!(matches!(
                respaced(Some(interval), None),
                Err(SpacingError::Interval { .. })
            ));
        }
    }
}
