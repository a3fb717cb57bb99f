//! A host's own proof as lines for a screen.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{OwnBacktest, OwnProof, Shortage, Smaller, Turn, Violations, Which};
use crate::plan::explain::dollars;

/// Flips that are shown; the JSON has all.
const FLIPS_SHOWN: usize = 6;

/// A headed group of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// Its lines.
    pub lines: Vec<String>,
}

impl OwnProof {
    /// Says it in sections; `proposed` is the proposed type, times are in the zone.
    #[must_use]
    pub fn sections(&self, proposed: Option<&str>, zone: &TimeZone) -> Vec<Section> {
        let mut sections = Vec::new();
        let mut add = |heading: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                sections.push(Section {
                    heading: heading.to_string(),
                    lines,
                });
            }
        };
        if let Some(violations) = &self.violations {
            add("How long the proposal would have been short", violations.lines());
        }
        add(
            "One size smaller",
            self.smaller.iter().map(|one| one.words(zone)).collect(),
        );
        let backtest = match &self.backtest {
            OwnBacktest::NotJudged(why) => vec![format!("not judged: {why}")],
            OwnBacktest::Judged(turns) => turns.iter().map(|turn| turn.words(zone)).collect(),
        };
        add("Back-test of this host alone (futures as shipped)", backtest);
        if let Some(flips) = &self.flips {
            let mut lines = Vec::new();
            if let Some(afresh) = &flips.afresh {
                lines.push(format!(
                    "the plan kept the type of the one before; afresh it would be {afresh}, from which these lines go"
                ));
            }
            let base = flips.afresh.as_deref().or(proposed).unwrap_or("the type");
            lines.extend(flips.flips.iter().take(FLIPS_SHOWN).map(|flip| flip.words(base)));
            if !flips.firm.is_empty() {
                lines.push(format!("nothing changes with {}", flips.firm.join("; ")));
            }
            add("What would change the verdict, nearest first", lines);
        }
        sections
    }
}

impl Violations {
    /// Says each share with its interval.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        [("CPU", self.cpu), ("memory", self.memory), ("either", self.either)]
            .into_iter()
            .filter_map(|(what, violation)| Some(format!("{what}: {}", violation?.words())))
            .collect()
    }
}

impl Smaller {
    /// Says it: "one size smaller, m7i.xlarge, would have been short 38 minutes, on 3 May 14:02–14:40; saves USD 61.00 a month".
    #[must_use]
    pub fn words(&self, zone: &TimeZone) -> String {
        let which = match self.which {
            Which::OneSizeSmaller => "one size smaller",
            Which::NextCheaper => "the next cheaper",
        };
        let saving = if self.saving_usd_per_month >= crate::money::UsdPerMonth::ZERO {
            format!("saves {}", dollars(self.saving_usd_per_month))
        } else {
            format!(
                "costs {} more",
                dollars(crate::money::UsdPerMonth::ZERO - self.saving_usd_per_month)
            )
        };
        format!(
            "{which}, {}, would {}; {saving} a month",
            self.instance_type,
            match self.shortage.words(zone) {
                Some(words) => format!("have been short {words}"),
                None => "not have been short in any measured minute".to_string(),
            }
        )
    }
}

impl Turn {
    /// Says what was proposed, asked for and came.
    #[must_use]
    pub fn words(&self, zone: &TimeZone) -> String {
        let asked = self.asked.map_or("an unknown share".to_string(), |asked| {
            format!("at most {:.2} % of the time", asked * 100.0)
        });
        format!(
            "fitted {} to {}: {} at {} a month; asked to be short {asked}, short {:.2} % until {}{}",
            day(self.from_ms, zone),
            day(self.at_ms, zone),
            self.instance_type,
            dollars(self.usd_per_month),
            self.shortage.share() * 100.0,
            day(self.to_ms, zone),
            self.shortage
                .words(zone)
                .map(|words| format!(": {words}"))
                .unwrap_or_default()
        )
    }
}

impl Shortage {
    /// Says of what, how long and when: "of CPU for 38 minutes, on 3 May 14:02–14:40"; nothing where it never was.
    #[must_use]
    pub fn words(&self, zone: &TimeZone) -> Option<String> {
        let (from, to) = self.longest_ms?;
        let parts = [("CPU", self.cpu_minutes), ("memory", self.memory_minutes)]
            .iter()
            .filter(|(_, minutes)| *minutes > 0.0)
            .map(|(what, _)| *what)
            .collect::<Vec<_>>()
            .join(" and ");
        let when = if self.stretches == 1 {
            format!("on {}", stretch(from, to, zone))
        } else {
            format!(
                "in {} stretches, the longest on {}",
                self.stretches,
                stretch(from, to, zone)
            )
        };
        Some(format!("of {parts} for {:.0} minutes, {when}", self.minutes))
    }
}

fn write(at_ms: i64, zone: &TimeZone, format: &str) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(
        |_| "?".to_string(),
        |instant| instant.to_zoned(zone.clone()).strftime(format).to_string(),
    )
}

fn day(at_ms: i64, zone: &TimeZone) -> String {
    write(at_ms, zone, "%-d %b %Y")
}

/// Writes a stretch: "3 May 14:02–14:40", and with both days where it passes midnight.
fn stretch(from_ms: i64, to_ms: i64, zone: &TimeZone) -> String {
    let start = write(from_ms, zone, "%-d %b %H:%M");
    if write(from_ms, zone, "%F") == write(to_ms, zone, "%F") {
        format!("{start}–{}", write(to_ms, zone, "%H:%M"))
    } else {
        format!("{start} – {}", write(to_ms, zone, "%-d %b %H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::UsdPerMonth;
    use rust_decimal::Decimal;

    #[test]
    fn a_smaller_size_is_said_as_people_do() {
        // 2026-05-03 14:02 UTC.
        let from = 1_777_816_920_000;
        let smaller = Smaller {
            instance_type: "m7i.xlarge".to_string(),
            which: Which::OneSizeSmaller,
            saving_usd_per_month: UsdPerMonth::from_decimal(Decimal::from(61)),
            shortage: Shortage {
                cpu_minutes: 38.0,
                memory_minutes: 0.0,
                minutes: 38.0,
                measured_minutes: 43_200.0,
                stretches: 1,
                longest_ms: Some((from, from + 38 * 60_000)),
            },
        };
        assert_eq!(
            smaller.words(&TimeZone::UTC),
            "one size smaller, m7i.xlarge, would have been short of CPU for 38 minutes, on 3 May 14:02–14:40; \
             saves USD 61.00 a month"
        );
    }
}
