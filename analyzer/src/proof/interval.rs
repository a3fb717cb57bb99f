//! How sure is a share of the time short? Input: what was short, day by day. Output: a share with its interval.
//!
//! Minutes of a day are no independent witnesses, so whole days are drawn: a circular block bootstrap in blocks of the
//! cube root of the days (Politis and Romano, "A circular block-resampling procedure for stationary data", 1992), since
//! one bad day makes the next more likely. What happened once in a month may have stayed away by luck, so one more day is
//! in the urn: as bad as the worst that was seen, and where none was seen, with one hour short. The draws come from the
//! host's name: the same host gives the same interval everywhere.
//!
//! Assumption: the days to come are like those measured, in an order of their own. That demand moves is what the futures
//! of the plan's risk say. The interval is stated as 90 % and cut at 2.5 and 97.5 of 100 draws: on simulated hosts (days
//! that are bad by chance, one bad weekday, bad days that follow each other) it holds for 85 to 99 of 100 from 28 days on.

use serde::{Deserialize, Serialize};

use super::served::{Day, Tally};

/// The interval is stated to hold for this share of hosts.
pub const STATED: f64 = 0.90;
/// Draws of a whole history.
const DRAWS: usize = 1_000;
/// The share of the draws below the interval, and above it.
const CUT: f64 = 0.025;
/// What one day more would be short where none was: an hour.
const UNSEEN: f64 = 1.0 / 24.0;
/// Fewer days than this say nothing of other days.
const FEWEST_DAYS: usize = 4;

/// A share of the measured time short, with its interval over days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// Share of the measured intervals that were short.
    pub share: f64,
    /// Lower and upper end of the 90 % interval; absent with fewer than four days.
    pub interval: Option<(f64, f64)>,
    /// Days with a measurement.
    pub days: usize,
    /// Days on which it was short at all.
    pub short_days: usize,
}

/// Draws that depend on a text and nothing else: SplitMix64 on an FNV-1a hash.
struct Draws(u64);

impl Draws {
    fn of(name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(hash)
    }

    /// Gives a whole number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        // The high half times the limit: even enough, and never the limit itself.
        let scaled = (bits >> 32) * limit as u64;
        usize::try_from(scaled >> 32).unwrap_or(0)
    }
}

/// Works out the share of one dimension of a host's days; nothing where it was not measured.
pub(super) fn violation(host: &str, days: &[Day], of: impl Fn(&Day) -> Tally) -> Option<Violation> {
    let tallies: Vec<Tally> = days.iter().map(of).filter(|tally| tally.measured > 0.0).collect();
    let measured: f64 = tallies.iter().map(|tally| tally.measured).sum();
    if tallies.is_empty() {
        return None;
    }
    let share = tallies.iter().map(|tally| tally.short).sum::<f64>() / measured;
    Some(Violation {
        share: rounded(share),
        interval: interval(host, &tallies, share).map(|(low, high)| (rounded(low), rounded(high))),
        days: tallies.len(),
        short_days: tallies.iter().filter(|tally| tally.short > 0.0).count(),
    })
}

fn interval(host: &str, days: &[Tally], share: f64) -> Option<(f64, f64)> {
    if days.len() < FEWEST_DAYS {
        return None;
    }
    let worst = days.iter().map(|day| day.short / day.measured).fold(0.0, f64::max);
    let full = days.iter().map(|day| day.measured).fold(0.0, f64::max);
    let unseen = Tally {
        short: full * if worst > 0.0 { worst } else { UNSEEN },
        measured: full,
    };
    let block = (1..=days.len()).find(|length| length.pow(3) >= days.len()).unwrap_or(1);
    let mut draws = Draws::of(host);
    let mut shares: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let (mut short, mut measured, mut drawn) = (0.0, 0.0, 0);
            while drawn < days.len() {
                let start = draws.below(days.len() + 1);
                for step in 0..block.min(days.len() - drawn) {
                    let day = if start == days.len() {
                        unseen
                    } else {
                        days[(start + step) % days.len()]
                    };
                    short += day.short;
                    measured += day.measured;
                    drawn += 1;
                }
            }
            short / measured
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    let cut = (CUT * DRAWS as f64) as usize;
    Some((shares[cut].min(share), shares[DRAWS - 1 - cut].max(share)))
}

fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

impl Violation {
    /// Says it: "0.03 % of the measured time, 90 % interval 0.00 to 0.11 %, on 2 of 30 days".
    #[must_use]
    pub fn words(&self) -> String {
        let percent = |share: f64| format!("{:.2}", share * 100.0);
        let interval = match self.interval {
            Some((low, high)) => format!(
                "{:.0} % interval {} to {} %",
                STATED * 100.0,
                percent(low),
                percent(high)
            ),
            None => format!("no interval with fewer than {FEWEST_DAYS} days"),
        };
        format!(
            "{} % of the measured time, {interval}, on {} of {} days",
            percent(self.share),
            self.short_days,
            self.days
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn day(short: f64) -> Day {
        let tally = Tally {
            short: short * 1440.0,
            measured: 1440.0,
        };
        Day {
            either: tally,
            ..Day::default()
        }
    }

    fn of(host: &str, shares: &[f64]) -> Violation {
        let days: Vec<Day> = shares.iter().map(|&share| day(share)).collect();
        violation(host, &days, |day| day.either).unwrap()
    }

    fn even(draws: &mut Draws) -> f64 {
        (draws.below(1_000_000) as f64 + 0.5) / 1e6
    }

    /// A day short for this share, about `mean`.
    fn bad(draws: &mut Draws, mean: f64) -> f64 {
        (-even(draws).ln() * mean).min(1.0)
    }

    /// Bad days by chance; one bad weekday; bad days that follow each other.
    fn history(kind: usize, days: usize, draws: &mut Draws) -> Vec<f64> {
        let mut level = 0.0;
        let normal = |draws: &mut Draws| {
            let (a, b) = (even(draws), even(draws));
            (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
        };
        (0..days + 20)
            .map(|number| match kind {
                0 if even(draws) < 0.15 => bad(draws, 0.05),
                1 if number % 7 == 0 && even(draws) < 0.8 => bad(draws, 0.033),
                2 => {
                    level = 0.5 * level + normal(draws);
                    (0.02 * (level - 0.8)).clamp(0.0, 1.0)
                }
                _ => 0.0,
            })
            .skip(20)
            .collect()
    }

    #[test]
    fn the_stated_interval_holds_about_as_often_as_it_says() {
        for kind in 0..3 {
            let mut draws = Draws::of("truth");
            let long = history(kind, 200_000, &mut draws);
            let truth = long.iter().sum::<f64>() / long.len() as f64;
            for days in [28, 60] {
                let mut held = 0;
                for number in 0..200 {
                    let mut draws = Draws::of(&format!("host {kind} {days} {number}"));
                    let one = of(&format!("host-{number}"), &history(kind, days, &mut draws));
                    let (low, high) = one.interval.unwrap();
                    held += u32::from((low..=high).contains(&truth));
                }
                assert!(
                    (166..=200).contains(&held),
                    "kind {kind}, {days} days: {held} of 200 hold {truth}"
                );
            }
        }
    }

    #[test]
    fn a_host_that_was_never_short_is_not_said_to_be_sure() {
        let one = of("a", &[0.0; 30]);
        let (low, high) = one.interval.unwrap();
        assert_eq!((one.share, low, one.short_days), (0.0, 0.0, 0));
        assert!(high > 0.0 && high < 0.02, "{high}");
        assert_eq!(of("a", &[0.0; 3]).interval, None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_measured_share_and_repeats(
            shares in prop::collection::vec(0.0_f64..=1.0, 4..60), name in ".{0,20}",
        ) {
            let one = of(&name, &shares);
            let (low, high) = one.interval.unwrap();
            prop_assert!(low <= one.share && one.share <= high);
            prop_assert!((0.0..=1.0).contains(&low) && high <= 1.0);
            prop_assert_eq!(one, of(&name, &shares));
        }
    }
}
