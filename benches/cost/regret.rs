//! How far a commitment that is chosen on what is known stays above hindsight, and how far every rule must.

use std::collections::BTreeMap;
use std::path::Path;

use analyzer::commit::{cost_at, optimum};
use analyzer::growth::Bands;

use crate::figures::{Figures, Goal};
use crate::forecast::{Sample, samples};
use crate::other_series;
use crate::rules::{DAY, Known, Rule, WEEK, all, daily, product, whole};

/// Parts a curve into what is known and what is paid for.
type Split<'a> = &'a dyn Fn(&[f64]) -> (Vec<f64>, Vec<f64>);

/// Price ratios and by how many percent a level may cost more than the best one.
const GOALS: [(f64, f64); 2] = [(0.72, 1.0), (0.5, 2.0)];
/// Days of a first half after which a rule is tried on the rest of that half.
const TRIED_AFTER: [usize; 4] = [14, 21, 28, 35];
/// Shares of other places' series that are known.
const OTHER_CUTS: [f64; 3] = [0.35, 0.5, 0.65];
/// Steps of a search for one level.
const STEPS: u32 = 400;

/// Adds the figures: commits on the first half of real sums and pays for the second.
pub fn measure(figures: &mut Figures, root: &Path) {
    let Some(samples) = samples(root) else { return };
    let sums = sums(&samples);
    let rises: Vec<f64> = sums.iter().map(|uses| rise(uses)).collect();
    let rise = (mean(&rises) - 1.0) * 100.0;
    let halves: Vec<Parts<'_>> = sums.iter().map(|uses| uses.split_at(uses.len() / 2)).collect();
    // Within first halves: each part of a half is known, its rest is paid for.
    let trials: Vec<Trial<'_>> = TRIED_AFTER
        .iter()
        .map(|days| Trial::of(halves.iter().map(|(before, _)| before.split_at(days * DAY)).collect()))
        .collect();
    let held_out = Trial::of(halves.clone());
    let series = other_series::series(root);
    let cut = |share: f64| {
        series
            .iter()
            .map(move |uses| uses.split_at((uses.len() as f64 * share) as usize))
    };
    let others = Trial::of(OTHER_CUTS.into_iter().flat_map(cut).collect());
    let rules = all();
    for (rate, goal) in GOALS {
        let on_first = |rule: &Rule| mean(&trials.iter().map(|trial| trial.regret(rule, rate)).collect::<Vec<_>>());
        let tried: Vec<f64> = rules.iter().map(on_first).collect();
        let scored: Vec<f64> = rules.iter().map(|rule| held_out.regret(rule, rate)).collect();
        // The first rule is the product's.
        let (picked, best) = (least(&tried), least(&scored));
        let both: Vec<f64> = halves
            .iter()
            .map(|(before, after)| for_both(before, after, rate))
            .collect();
        let told: Vec<f64> = halves
            .iter()
            .map(|(before, after)| knowing_the_mean(before, after, rate))
            .collect();
        let (both, told) = (mean(&both), mean(&told));
        figures.add(
            format!("commitment above hindsight at rate {rate}, second half"),
            scored[0],
            "%",
            Goal::AtMost(goal),
            format!(
                "mean of {} sums of busy cores; use rose by {rise:.0} % at the cut",
                sums.len()
            ),
        );
        let why = if told > goal {
            format!(
                "who knows the coming mean exactly is {told:.2} % above, and no level is within {both:.2} % in both halves"
            )
        } else {
            format!(
                "use rose by {rise:.0} % after the choice; the rule of {} that is best on first halves reaches {:.2} %",
                rules.len(),
                scored[picked]
            )
        };
        figures.beside(Some(scored[best]), &why);
        let elsewhere = |rule: &Rule| {
            format!(
                "{:.2} % on first halves, {:.2} % on {} series of other places, {:.2} % on steady ones (the product's {:.2}, {:.2}, {:.2})",
                on_first(rule),
                others.regret(rule, rate),
                others.parts.len(),
                on_generated(rule, rate, 0.0),
                tried[0],
                others.regret(&rules[0], rate),
                on_generated(&rules[0], rate, 0.0),
            )
        };
        figures.add(
            format!("the same at rate {rate}, rule picked on first halves"),
            scored[picked],
            "%",
            Goal::Reported,
            format!("{}: {}", rules[picked].name, elsewhere(&rules[picked])),
        );
        figures.add(
            format!(
                "the same at rate {rate}, best of {} rules on the scored half",
                rules.len()
            ),
            scored[best],
            "%",
            Goal::Reported,
            format!(
                "{}: a floor, not a result; {}",
                rules[best].name,
                elsewhere(&rules[best])
            ),
        );
        println!("  {}: {}", rules[picked].name, elsewhere(&rules[picked]));
        println!("  {}: {}", rules[best].name, elsewhere(&rules[best]));
        figures.add(
            format!("the same at rate {rate}, one level for both halves"),
            both,
            "%",
            Goal::Reported,
            "both halves known, the level least wrong in the worse of the two".to_string(),
        );
        figures.add(
            format!("the same at rate {rate}, mean of the second half known"),
            told,
            "%",
            Goal::Reported,
            "the last weeks moved to the mean that came: what a perfect forecast of the level would reach".to_string(),
        );
        figures.add(
            format!("the same at rate {rate}, cut after 4 to 9 of 13 weeks"),
            at_every_cut(&sums, rate),
            "%",
            Goal::Reported,
            "the product's rule, paid for the four weeks after each cut".to_string(),
        );
        generated(figures, rate);
        let weeks: Split<'_> = &|uses| {
            let weeks = |odd: usize| {
                let of = uses.chunks(WEEK).enumerate().filter(move |(week, _)| week % 2 == odd);
                of.flat_map(|(_, hours)| hours.iter().copied()).collect()
            };
            (weeks(0), weeks(1))
        };
        figures.add(
            format!("the same at rate {rate}, every other week held out"),
            above(&sums, rate, weeks, &|uses| optimum(uses, rate)),
            "%",
            Goal::Reported,
            "what is lost by the level alone, without the rise".to_string(),
        );
    }
}

/// Gives the mean regret of a rule on second halves of generated series.
fn on_generated(rule: &Rule, rate: f64, growth: f64) -> f64 {
    let generated: Vec<Vec<f64>> = (0..12).map(|seed| quarter(seed, growth)).collect();
    let halves = generated.iter().map(|uses| uses.split_at(uses.len() / 2)).collect();
    Trial::of(halves).regret(rule, rate)
}

/// Adds what the product's rule loses on generated series, beside what all of the first half would.
fn generated(figures: &mut Figures, rate: f64) {
    for (name, growth) in [
        ("steady", 0.0),
        ("doubling in a year", 2_f64.ln()),
        ("halving in a year", 0.5_f64.ln()),
    ] {
        let recent = on_generated(&product(), rate, growth);
        let whole = on_generated(&whole(), rate, growth);
        figures.add(
            format!("the same at rate {rate}, generated, {name}"),
            recent,
            "%",
            Goal::Reported,
            format!("12 series of 13 weeks; {whole:.2} % chosen on all of the first half"),
        );
    }
}

/// Sums of all hosts, and of each ten of them.
fn sums(samples: &[Sample]) -> Vec<Vec<f64>> {
    let mut hosts: Vec<&str> = samples.iter().map(|sample| sample.host.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let mut sums = vec![hourly(samples, &hosts)];
    sums.extend(hosts.chunks(10).map(|ten| hourly(samples, ten)));
    sums
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Gives how many times the two weeks before the middle the two weeks after it are.
fn rise(uses: &[f64]) -> f64 {
    let middle = uses.len() / 2;
    let weeks = (2 * WEEK).min(middle);
    mean(&uses[middle..middle + weeks]) / mean(&uses[middle - weeks..middle])
}

fn least(values: &[f64]) -> usize {
    (0..values.len())
        .min_by(|one, other| values[*one].total_cmp(&values[*other]))
        .unwrap()
}

/// Gives by how many percent a level costs more than the best one.
fn regret(after: &[f64], rate: f64, level: f64) -> f64 {
    (cost_at(after, rate, level) / cost_at(after, rate, optimum(after, rate)) - 1.0) * 100.0
}

/// Gives the level of a rule that needs no other sums.
fn level_alone(rule: &Rule, uses: &[f64], rate: f64) -> f64 {
    let nothing = Taught::by(&[]);
    rule.level(&nothing.known(uses, uses.len() / DAY), rate)
}

/// What the pasts of all sums teach.
struct Taught {
    drifts: Vec<f64>,
    bands: Bands,
}

impl Taught {
    fn by(pasts: &[&[f64]]) -> Self {
        let mut drifts = Vec::new();
        for past in pasts {
            for origin in (WEEK..past.len()).step_by(WEEK / 2) {
                let (before, after) = (&past[origin.saturating_sub(2 * WEEK)..origin], &past[origin..]);
                if after.len() >= WEEK {
                    drifts.push(mean(&after[..after.len().min(2 * WEEK)]) / mean(before));
                }
            }
        }
        let dailies: Vec<_> = pasts.iter().map(|past| daily(past)).collect();
        let days = pasts.iter().map(|past| past.len() / DAY).max().unwrap_or(0);
        Self {
            drifts,
            bands: Bands::learn(&dailies, days),
        }
    }

    fn known<'a>(&'a self, uses: &'a [f64], days: usize) -> Known<'a> {
        Known {
            uses,
            drifts: &self.drifts,
            bands: &self.bands,
            days,
        }
    }
}

/// What is known of each sum, and what is paid for.
type Parts<'a> = (&'a [f64], &'a [f64]);

/// Sums of which a part is known, with what the known parts teach.
struct Trial<'a> {
    parts: Vec<Parts<'a>>,
    taught: Taught,
}

impl<'a> Trial<'a> {
    fn of(parts: Vec<Parts<'a>>) -> Self {
        let pasts: Vec<&[f64]> = parts.iter().map(|(before, _)| *before).collect();
        Self {
            taught: Taught::by(&pasts),
            parts,
        }
    }

    /// Gives by how many percent the levels of a rule cost more than the best ones, in the mean.
    fn regret(&self, rule: &Rule, rate: f64) -> f64 {
        let of = |(before, after): &Parts<'_>| {
            let known = self.taught.known(before, after.len() / DAY);
            regret(after, rate, rule.level(&known, rate))
        };
        mean(&self.parts.iter().map(of).collect::<Vec<_>>())
    }
}

/// Gives the least regret that one level can have in the worse of two halves, both known.
fn for_both(before: &[f64], after: &[f64], rate: f64) -> f64 {
    let (one, other) = (optimum(before, rate), optimum(after, rate));
    let at = |step: u32| one + (other - one) * f64::from(step) / f64::from(STEPS);
    (0..=STEPS)
        .map(|step| regret(before, rate, at(step)).max(regret(after, rate, at(step))))
        .fold(f64::INFINITY, f64::min)
}

/// Gives the regret of one who knows what the mean of the second half will be, and of its hours nothing.
fn knowing_the_mean(before: &[f64], after: &[f64], rate: f64) -> f64 {
    let recent = analyzer::commit::coming(before).uses;
    let times = mean(after) / mean(recent);
    regret(after, rate, times * optimum(recent, rate))
}

/// Gives the mean regret of the product's rule over many cuts, each paid for its next four weeks.
fn at_every_cut(sums: &[Vec<f64>], rate: f64) -> f64 {
    let rule = product();
    let each = sums.iter().flat_map(|uses| {
        let rule = &rule;
        (4..=9).map(move |weeks| {
            let (before, after) = uses.split_at(weeks * WEEK);
            regret(
                &after[..after.len().min(4 * WEEK)],
                rate,
                level_alone(rule, before, rate),
            )
        })
    });
    mean(&each.collect::<Vec<_>>())
}

/// Gives by how many percent a level chosen on the first part costs more than the best one of the second, in the mean.
fn above(sums: &[Vec<f64>], rate: f64, of: Split<'_>, level: &dyn Fn(&[f64]) -> f64) -> f64 {
    let each = sums.iter().map(|uses| {
        let (before, after) = of(uses);
        regret(&after, rate, level(&before))
    });
    mean(&each.collect::<Vec<_>>())
}

/// Makes thirteen weeks of use with days, weeks, noise and a growth, the logarithm of what a year multiplies by.
fn quarter(seed: u64, growth: f64) -> Vec<f64> {
    let mut state = seed + 1;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let phase = random() * std::f64::consts::TAU;
    (0..13 * 168)
        .map(|hour| {
            let day = (f64::from(hour % 24) / 24.0 * std::f64::consts::TAU + phase).sin();
            let week = if (hour / 24) % 7 < 5 { 1.0 } else { 0.6 };
            let grown = (growth * f64::from(hour) / 8_760.0).exp();
            (10.0 + 4.0 * day) * week * grown * (0.6 + 0.8 * random())
        })
        .collect()
}

/// Sums hosts' mean busy cores hour by hour.
fn hourly(samples: &[Sample], hosts: &[&str]) -> Vec<f64> {
    let mut hours: BTreeMap<i64, BTreeMap<&str, (f64, f64)>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| hosts.contains(&sample.host.as_str())) {
        let one = hours
            .entry(sample.second.div_euclid(3_600))
            .or_default()
            .entry(sample.host.as_str())
            .or_default();
        one.0 += sample.cores;
        one.1 += 1.0;
    }
    hours
        .values()
        .map(|hosts| hosts.values().map(|(sum, count)| sum / count).sum())
        .collect()
}
