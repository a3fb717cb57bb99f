//! Ways to choose a commitment from what is known, from plain to elaborate; the product's is one of them.

use analyzer::commit::{coming, optimum};
use analyzer::growth::{Bands, Daily, forecast};

/// Hours of a day and of a week.
pub const DAY: usize = 24;
pub const WEEK: usize = 7 * DAY;

/// What may be known on the day of the choice.
pub struct Known<'a> {
    /// Use of each hour until then.
    pub uses: &'a [f64],
    /// How many times the two weeks before a day the two weeks after it were, at days of the pasts of all sums.
    pub drifts: &'a [f64],
    /// How far forecasts of the pasts of all sums were off.
    pub bands: &'a Bands,
    /// Days for which one commits.
    pub days: usize,
}

/// Chooses a level from what is known and a price ratio.
type Choice = dyn Fn(&Known<'_>, f64) -> f64;

/// A way to choose.
pub struct Rule {
    pub name: String,
    level: Box<Choice>,
}

impl Rule {
    fn new(name: impl Into<String>, level: impl Fn(&Known<'_>, f64) -> f64 + 'static) -> Self {
        Self {
            name: name.into(),
            level: Box::new(level),
        }
    }

    /// Gives the level that it chooses at a price ratio.
    pub fn level(&self, known: &Known<'_>, rate: f64) -> f64 {
        (self.level)(known, rate)
    }
}

/// What the product does.
pub fn product() -> Rule {
    Rule::new("the product's", |known, rate| optimum(coming(known.uses).uses, rate))
}

/// Plain history: all that is known.
pub fn whole() -> Rule {
    Rule::new("all hours", |known, rate| optimum(known.uses, rate))
}

/// Gives all rules that are tried, the product's first.
pub fn all() -> Vec<Rule> {
    let mut rules = vec![product()];
    for weeks in [1, 2, 3, 4, usize::MAX] {
        for percent in [80_u32, 90, 95, 100, 105, 110, 125, 150] {
            let times = f64::from(percent) / 100.0;
            rules.push(Rule::new(
                format!("{}, times {times}", words(weeks)),
                move |known, rate| times * optimum(last(known.uses, weeks), rate),
            ));
        }
        for hundredths in [-10_i32, -5, 5, 10, 15] {
            let more = f64::from(hundredths) / 100.0;
            rules.push(Rule::new(
                format!("{}, as if plans cost {more} less", words(weeks)),
                move |known, rate| optimum(last(known.uses, weeks), rate - more),
            ));
        }
    }
    for days in [3_u32, 7, 14, 28] {
        rules.push(Rule::new(
            format!("all, half as much every {days} days back"),
            move |known, rate| {
                let count = known.uses.len();
                let half_life = f64::from(days) * DAY as f64;
                let weighted = known.uses.iter().enumerate().map(|(at, used)| {
                    let age = (count - at) as f64;
                    (*used, 0.5_f64.powf(age / half_life))
                });
                weighted_optimum(weighted.collect(), rate)
            },
        ));
    }
    for weeks in [1, 2, 4] {
        rules.push(Rule::new(
            format!("{} and all, half and half", words(weeks)),
            move |known, rate| {
                let parts = [last(known.uses, weeks), known.uses];
                mixture(
                    parts.iter().flat_map(|part| {
                        let weight = 1.0 / part.len() as f64;
                        part.iter().map(move |used| (*used, weight))
                    }),
                    rate,
                )
            },
        ));
        for wider in [1.0, 2.0] {
            rules.push(Rule::new(
                format!("{}, drifting as pasts did, {wider} times as far", words(weeks)),
                move |known, rate| {
                    let drifts = if known.drifts.is_empty() {
                        &[1.0][..]
                    } else {
                        known.drifts
                    };
                    let uses = last(known.uses, weeks);
                    mixture(
                        drifts.iter().flat_map(|drift| {
                            let times = drift.powf(wider);
                            uses.iter().map(move |used| (used * times, 1.0))
                        }),
                        rate,
                    )
                },
            ));
        }
        for banded in [false, true] {
            let how = if banded { "bands" } else { "points" };
            rules.push(Rule::new(
                format!("{}, moved to the forecast's {how}", words(weeks)),
                move |known, rate| {
                    let uses = last(known.uses, weeks);
                    let level = uses.iter().sum::<f64>() / uses.len() as f64;
                    let moved = expected(known, banded);
                    mixture(
                        moved.iter().flat_map(|(day, weight)| {
                            let times = day / level;
                            uses.iter().map(move |used| (used * times, *weight))
                        }),
                        rate,
                    )
                },
            ));
        }
    }
    rules
}

fn words(weeks: usize) -> String {
    match weeks {
        usize::MAX => "all hours".to_string(),
        1 => "last week".to_string(),
        weeks => format!("last {weeks} weeks"),
    }
}

fn last(uses: &[f64], weeks: usize) -> &[f64] {
    &uses[uses.len() - weeks.saturating_mul(WEEK).min(uses.len())..]
}

/// Gives the mean of each day ahead with its weight; with bands also a low and a high one, as 30, 40 and 30 of 100.
fn expected(known: &Known<'_>, banded: bool) -> Vec<(f64, f64)> {
    let daily = daily(known.uses);
    let Some(points) = forecast(&daily, known.days.max(1)) else {
        return Vec::new();
    };
    let each = points.iter().enumerate().flat_map(|(ahead, point)| {
        match known.bands.around(&daily, *point, ahead + 1).filter(|_| banded) {
            Some((low, high)) => vec![(low, 0.3), (*point, 0.4), (high, 0.3)],
            None => vec![(*point, 1.0)],
        }
    });
    each.collect()
}

/// Gives the mean use of each day.
pub fn daily(uses: &[f64]) -> Daily {
    let days = uses.chunks_exact(DAY).zip(0..);
    Daily::of(days.map(|(hours, day)| (day, hours.iter().sum::<f64>() / DAY as f64)))
}

fn mixture(weighted: impl Iterator<Item = (f64, f64)>, rate: f64) -> f64 {
    weighted_optimum(weighted.collect(), rate)
}

/// Gives the lowest level above which at most the share `rate` of the weight lies.
fn weighted_optimum(mut weighted: Vec<(f64, f64)>, rate: f64) -> f64 {
    weighted.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
    let most = rate * weighted.iter().map(|(_, weight)| weight).sum::<f64>() * (1.0 + 1e-12);
    let mut above = 0.0;
    for (used, weight) in &weighted {
        above += weight;
        if above > most {
            return *used;
        }
    }
    0.0
}
