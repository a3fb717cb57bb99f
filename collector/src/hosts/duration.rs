//! Durations with units: `"60s"`, `"5min"`, `"1h"`.

use std::time::Duration;

/// How often connections are looked at, unless said otherwise: as long as the kernel remembers one that was closed.
pub(super) const DEFAULT_CONNECTIONS: Duration = Duration::from_secs(60);

/// How often the process table is read, unless said otherwise: once per row.
pub(super) const DEFAULT_PROCESSES: Duration = Duration::from_secs(60);

/// How often a row is stored, unless said otherwise.
pub(super) const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);

/// How often counters are read within an interval, unless said otherwise or it does not divide the interval.
pub(super) const DEFAULT_TICK: Duration = Duration::from_secs(10);

/// Shorter ones would measure the collector; longer ones would miss the busy hour.
pub(super) const SHORTEST: Duration = Duration::from_secs(1);
pub(super) const LONGEST: Duration = Duration::from_secs(3600);

/// What is expected, for messages.
pub(super) const EXPECTED: &str = "a duration from 1s to 1h, such as \"60s\", \"5min\" or \"1h\"";

/// Reads whole seconds, minutes or hours between 1 s and 1 h.
pub(super) fn read(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let seconds_of_unit = match unit.trim_start() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    let duration = Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds_of_unit)?);
    (SHORTEST..=LONGEST).contains(&duration).then_some(duration)
}

/// Gives the default tick for an interval: the longest whole number of seconds, up to the usual tick, that divides it.
pub(super) fn tick_for(interval: Duration) -> Duration {
    let divides = |tick: &u64| interval.as_secs().is_multiple_of(*tick);
    let tick = (1..=DEFAULT_TICK.as_secs()).rev().find(divides);
    tick.map_or(interval, Duration::from_secs)
}

/// Writes a duration as a user would.
pub(super) fn written(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        seconds if seconds > 60 && seconds.is_multiple_of(60) => format!("{}min", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_units() {
        let seconds = |text: &str| read(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("60s"), Some(60));
        assert_eq!(seconds("5 min"), Some(300));
        assert_eq!(seconds("2m"), Some(120));
        assert_eq!(seconds("1h"), Some(3600));
        for wrong in [
            "60",
            "",
            "s",
            "0s",
            "2h",
            "1.5s",
            "-1s",
            "1d",
            "500ms",
            "99999999999999999999s",
            "9999999999999999h",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_default_tick_divides_every_interval() {
        for seconds in 1..=3600 {
            let tick = tick_for(Duration::from_secs(seconds)).as_secs();
            assert!((1..=10).contains(&tick) && seconds % tick == 0, "{seconds}: {tick}");
        }
        assert_eq!(tick_for(DEFAULT_INTERVAL), DEFAULT_TICK);
        assert_eq!(tick_for(Duration::from_secs(15)).as_secs(), 5);
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for text in ["1s", "60s", "90s", "5min", "1h"] {
            assert_eq!(read(text).map(written).as_deref(), Some(text));
        }
    }
}
