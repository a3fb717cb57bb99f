//! The policy for a group: a few hundred are replayed on the first part of the history, one is chosen, and the rest of the history says what it is worth.
//!
//! Input: a [`Load`], what one unit of capacity carries, a [`Fleet`], a
//! [`Goal`]. Output: a [`Selection`]: the cheapest policy that met the goal on
//! the first part with margin, its figures on the part it never saw, the
//! oracle, static sizes, and why it is static where it is.

use jiff::tz::TimeZone;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bounds::{StaticRule, oracle, units_for, with_a_zone_lost};
use super::candidates::Frame;
use super::derive::growth;
use super::forecast::{Foresight, HourForecast};
use super::kind::Kind;
use super::load::{DAY, Load, Need};
use super::policy::{Metric, ScalingPolicy, Schedule, TRACKING_LOW_POINTS};
use super::replay::{Floors, Outcome, replay};
use super::watch::{UntilShort, Watch};
use super::{Fleet, floors};

/// Days of history below which nothing but a static size is proposed: a policy must be fitted on some days and proven on others.
pub const LEAST_DAYS: f64 = 4.0;
/// Most minutes an instance may take to boot where autoscaling is recommended (method §7).
pub const MOST_BOOT_MINUTES: u32 = 10;
/// Most days of the first part that only warm forecasts up and are not scored.
const WARM_UP_DAYS: usize = 7;

/// Policies of the first round whose neighbours are tried too.
const SECOND_ROUND: usize = 4;

/// What a policy must reach, and within which bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Most share of minutes short.
    pub short_share: f64,
    /// What of that may be used up on the first part: the margin against the luck of the chosen one.
    pub margin: f64,
    /// Whether the loss of a zone must be survived as often.
    pub survives_zone_loss: bool,
    /// Whether there must be one instance in each of two zones at least.
    pub redundant: bool,
    /// Fewest units whatever the data says.
    pub least_units: u32,
    /// Most units whatever the data says.
    pub most_units: Option<u32>,
    /// Least saving against a static size that meets the goal; below it the answer is static.
    pub least_saving: f64,
    /// What alarms look at.
    pub metric: Metric,
}

impl Default for Goal {
    fn default() -> Self {
        Self {
            short_share: 0.01,
            margin: 0.9,
            survives_zone_loss: false,
            redundant: true,
            least_units: 0,
            most_units: None,
            least_saving: 0.15,
            metric: Metric::Cpu,
        }
    }
}

impl Goal {
    fn shortage(&self, outcome: &Outcome) -> f64 {
        if self.survives_zone_loss {
            outcome.short_without_a_zone_share()
        } else {
            outcome.short_share()
        }
    }
}

/// A policy with what it did on the first part and on the part it was not fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// The policy.
    pub policy: ScalingPolicy,
    /// On the first part.
    pub fitted: Outcome,
    /// On the rest.
    pub held_out: Outcome,
}

/// The answer for a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// What is proposed.
    pub chosen: Tried,
    /// Why the answer is a static size, where it is.
    pub static_because: Option<StaticReason>,
    /// The smallest static size that met the goal on the first part.
    pub best_static: Option<Tried>,
    /// Policies everybody knows, for comparison.
    pub known: Vec<(String, Tried)>,
    /// The per-minute oracle on the two parts.
    pub oracle: (Outcome, Outcome),
    /// How many policies were tried.
    pub candidates: usize,
    /// First minute of the part that is held out.
    pub held_out_from: usize,
    /// What the goal was.
    pub goal: Goal,
    /// Growth within the history that bounds were planned for.
    pub growth: f64,
    /// What kind of load the first part was.
    pub kind: Kind,
}

/// Why a static size is the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaticReason {
    /// Too little history to fit on one part and prove on another.
    ShortHistory {
        /// Days there are.
        days: f64,
    },
    /// Instances take too long to boot.
    SlowBoot {
        /// Minutes they take.
        minutes: u32,
    },
    /// No policy met the goal on the first part.
    NothingMeetsTheGoal {
        /// Least share of minutes short among policies that move.
        best: f64,
    },
    /// The fewest instances that there may be carry the whole load.
    FewestSuffice {
        /// How many.
        units: u32,
    },
    /// What met the goal saves too little.
    SavesTooLittle {
        /// Share of the static cost.
        saving: f64,
    },
}

impl StaticReason {
    /// Says it in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::ShortHistory { days } => format!(
                "{days:.1} days of history are too few to fit a policy on one part and prove it on another; {LEAST_DAYS:.0} are needed"
            ),
            Self::SlowBoot { minutes } => {
                format!("instances take {minutes} minutes to boot; more than {MOST_BOOT_MINUTES} follow no load")
            }
            Self::NothingMeetsTheGoal { best } => format!(
                "no policy that moves met the goal: the best was short {:.2} % of the time",
                best * 100.0
            ),
            Self::FewestSuffice { units } => {
                format!("the fewest instances that there may be, {units}, carry all of it")
            }
            Self::SavesTooLittle { saving } => {
                format!(
                    "the load has too little rhythm: the best policy saves {:.0} %",
                    saving * 100.0
                )
            }
        }
    }
}

/// A load laid out for replays: its two parts, its week, its forecast.
#[derive(Debug)]
pub struct Stage {
    load: Load,
    week: Vec<u16>,
    forecast: HourForecast,
    growth: f64,
    fit_from: usize,
    split: usize,
}

impl Stage {
    /// Lays a load out; the first half is for fitting, the rest is held out.
    #[must_use]
    pub fn new(load: &Load, zone: &TimeZone, foresight: &Foresight) -> Self {
        let split = load.per_minute().len() / 2;
        Self {
            week: load.minutes_of_week(zone),
            forecast: HourForecast::rolling(load, zone, foresight, split),
            growth: growth(&load.part(0..split)) * foresight.growth.unwrap_or(1.0),
            fit_from: (split / 4).min(WARM_UP_DAYS * DAY),
            split,
            load: load.clone(),
        }
    }

    /// Gives the first minute of the part that is held out.
    #[must_use]
    pub fn split(&self) -> usize {
        self.split
    }

    /// Gives the load.
    #[must_use]
    pub fn load(&self) -> &Load {
        &self.load
    }

    /// Gives the load of the first part.
    #[must_use]
    pub fn first_part(&self) -> Load {
        self.load.part(0..self.split)
    }

    /// Divides the load by what one unit carries.
    #[must_use]
    pub fn in_units(&self, per_unit: f64, fleet: &Fleet) -> Replayer<'_> {
        let need = |from: usize, until: usize| {
            Need::new(&self.load.part(from..until), per_unit, fleet.imbalance).with_windows([TRACKING_LOW_POINTS])
        };
        Replayer {
            stage: self,
            fleet: fleet.clone(),
            per_unit: per_unit / (1.0 + fleet.imbalance),
            halves: {
                let middle = self.fit_from + (self.split - self.fit_from) / 2;
                [need(self.fit_from, middle), need(middle, self.split)]
            },
            fit: need(self.fit_from, self.split),
            held_out: need(self.split, self.load.per_minute().len()),
        }
    }
}

/// Replays policies on the two parts of a load.
#[derive(Debug)]
pub struct Replayer<'a> {
    stage: &'a Stage,
    fleet: Fleet,
    per_unit: f64,
    fit: Need,
    /// The first part in two, for schedules.
    halves: [Need; 2],
    held_out: Need,
}

impl Replayer<'_> {
    /// Gives the unit-minutes that each minute of the first part needs for the goal, one by one: no policy that never falls short needs fewer.
    #[must_use]
    pub fn least_on_fit(&self, goal: &Goal) -> u64 {
        let spread = if goal.redundant { self.fleet.zones.max(2) } else { 1 };
        let least = spread.max(goal.least_units);
        let minutes = self.fit.stretches().iter().cloned().flatten();
        minutes
            .map(|minute| {
                let asked = units_for(f64::from(self.fit.per_minute()[minute]));
                let units = if goal.survives_zone_loss {
                    with_a_zone_lost(asked, self.fleet.zones)
                } else {
                    asked
                };
                u64::from(units.max(least))
            })
            .sum()
    }

    /// Gives the need of the part that is held out.
    #[must_use]
    pub fn held_out(&self) -> &Need {
        &self.held_out
    }

    /// Lays a policy's schedule and forecast on the part that is held out.
    #[must_use]
    pub fn held_out_floors(&self, policy: &ScalingPolicy) -> Floors {
        self.floors(policy).from(self.stage.split)
    }

    /// Gives the mean utilisation, in percent, at which AWS's predictive scaling plans as much as the replayed forecast does: it forecasts an hour's mean, the replay its crest with a residual.
    #[must_use]
    pub fn predictive_target_percent(&self, policy: &ScalingPolicy) -> Option<f64> {
        let predictive = policy.predictive?;
        let (mut means, mut planned) = (0.0, 0.0);
        for (start, crest) in self.stage.forecast.at_level(predictive.level) {
            let (Ok(start), Some(crest)) = (usize::try_from(start), crest) else {
                continue;
            };
            let end = (start + 60).min(self.stage.split);
            if start >= end {
                continue;
            }
            if let Some(mean) = self.stage.load.part(start..end).mean() {
                means += mean;
                planned += crest;
            }
        }
        (planned > 0.0).then(|| (100.0 * predictive.target * means / planned).clamp(10.0, 100.0))
    }

    fn floors(&self, policy: &ScalingPolicy) -> Floors {
        floors(policy, &self.stage.week, Some(&self.stage.forecast), self.per_unit)
    }

    /// Replays a policy on the part that is held out.
    #[must_use]
    pub fn on_held_out(&self, policy: &ScalingPolicy) -> Outcome {
        let floors = self.held_out_floors(policy);
        replay(&self.held_out, &self.fleet, policy, &floors, &[], &mut ())
    }

    /// Replays a policy on the first part, as far as `watch` wants to see; each half with the schedule of the other.
    fn on_fit(&self, policy: &ScalingPolicy, frame: &Frame, watch: impl Watch + Copy) -> Outcome {
        let Some([of_first, of_second]) = frame.halves(policy) else {
            let floors = self.floors(policy).from(self.stage.fit_from);
            return replay(&self.fit, &self.fleet, policy, &floors, &[], &mut watch.clone());
        };
        let [first, second] = &self.halves;
        let half = |need: &Need, schedule: &Schedule, from: usize| {
            let policy = ScalingPolicy {
                schedule: Some(schedule.clone()),
                ..policy.clone()
            };
            let floors = self.floors(&policy).from(from);
            replay(need, &self.fleet, &policy, &floors, &[], &mut watch.clone())
        };
        let from = self.stage.fit_from;
        half(first, of_second, from).and(&half(second, of_first, from + first.per_minute().len()))
    }

    fn tried(&self, policy: &ScalingPolicy, frame: &Frame) -> Tried {
        Tried {
            fitted: self.on_fit(policy, frame, ()),
            held_out: self.on_held_out(policy),
            policy: policy.clone(),
        }
    }

    /// Tries the candidates and chooses.
    #[must_use]
    pub fn select(&self, goal: &Goal) -> Selection {
        let frame = self.frame(goal);
        let minutes: u64 = self.fit.stretches().iter().map(|stretch| stretch.len() as u64).sum();
        // One more than may be, against rounding: who has that many is out in any case.
        let until = UntilShort {
            most: (goal.short_share * goal.margin * minutes as f64).ceil() as u64,
            without_a_zone: goal.survives_zone_loss,
        };
        let mut fitted = self.fit_all(frame.policies(), &frame, until);
        // A second round beside what did best; the first round's grid is coarse.
        let mut seen: Vec<ScalingPolicy> = Vec::new();
        for (policy, _) in self.best(&fitted, goal, false).into_iter().take(SECOND_ROUND) {
            for beside in frame.beside(policy) {
                if !seen.contains(&beside) {
                    seen.push(beside);
                }
            }
        }
        seen.retain(|policy| !fitted.iter().any(|(known, _)| known == policy));
        fitted.extend(self.fit_all(seen, &frame, until));
        if self.best(&fitted, goal, false).is_empty() {
            // How short the best of them was has to be said, so that all is looked at.
            let policies = fitted.into_iter().map(|(policy, _)| policy).collect();
            fitted = self.fit_all(policies, &frame, ());
        }
        let (moving, fixed) = (self.best(&fitted, goal, false), self.best(&fitted, goal, true));
        let (moving, fixed) = (moving.first(), fixed.first());
        let because = self.static_because(goal, moving, fixed, &fitted, frame.bounds().0);
        let chosen = match (&because, moving, fixed) {
            (None, Some((policy, _)), _) | (_, _, Some((policy, _))) => self.tried(policy, &frame),
            _ => self.tried(&ScalingPolicy::fixed(frame.bounds().1), &frame),
        };
        Selection {
            chosen,
            best_static: fixed.map(|(policy, _)| self.tried(policy, &frame)),
            static_because: because,
            known: self.known(&frame),
            oracle: (oracle(&self.fit), oracle(&self.held_out)),
            candidates: fitted.len(),
            held_out_from: self.stage.split,
            goal: goal.clone(),
            growth: self.stage.growth,
            kind: self.kind(),
        }
    }

    /// Gives the cheapest candidate of the first round that would have met the goal on the part that is held out: known only afterwards, a floor for any choice.
    #[must_use]
    pub fn in_hindsight(&self, goal: &Goal) -> Option<Tried> {
        let frame = self.frame(goal);
        let tried: Vec<Tried> = frame
            .policies()
            .par_iter()
            .map(|policy| self.tried(policy, &frame))
            .collect();
        tried
            .into_iter()
            .filter(|tried| goal.shortage(&tried.held_out) <= goal.short_share)
            .min_by_key(|tried| tried.held_out.unit_minutes)
    }

    /// Judges what kind of load the first part is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let week = &self.stage.week[self.stage.fit_from..self.stage.split];
        Kind::of(&self.stage.first_part(), &self.fit, week, self.fleet.boot_minutes)
    }

    fn frame(&self, goal: &Goal) -> Frame {
        let fit_week = &self.stage.week[self.stage.fit_from..self.stage.split];
        Frame::new(&self.fit, fit_week, &self.fleet, goal, self.stage.growth)
    }

    fn fit_all(
        &self,
        policies: Vec<ScalingPolicy>,
        frame: &Frame,
        watch: impl Watch + Copy + Send + Sync,
    ) -> Vec<(ScalingPolicy, Outcome)> {
        policies
            .into_par_iter()
            .map(|policy| {
                let outcome = self.on_fit(&policy, frame, watch);
                (policy, outcome)
            })
            .collect()
    }

    /// Gives the policies that met the goal with margin, the cheapest first.
    fn best<'b>(
        &self,
        fitted: &'b [(ScalingPolicy, Outcome)],
        goal: &Goal,
        fixed: bool,
    ) -> Vec<&'b (ScalingPolicy, Outcome)> {
        let mut met: Vec<&(ScalingPolicy, Outcome)> = fitted
            .iter()
            .filter(|(policy, outcome)| {
                policy.is_fixed() == fixed && goal.shortage(outcome) <= goal.short_share * goal.margin
            })
            .collect();
        met.sort_by_key(|(_, outcome)| outcome.unit_minutes);
        met
    }

    fn static_because(
        &self,
        goal: &Goal,
        moving: Option<&&(ScalingPolicy, Outcome)>,
        fixed: Option<&&(ScalingPolicy, Outcome)>,
        fitted: &[(ScalingPolicy, Outcome)],
        fewest: u32,
    ) -> Option<StaticReason> {
        let days = self.stage.load.measured() as f64 / DAY as f64;
        if days < LEAST_DAYS {
            return Some(StaticReason::ShortHistory { days });
        }
        if self.fleet.boot_minutes > MOST_BOOT_MINUTES && self.fleet.warm_pool.is_none() {
            return Some(StaticReason::SlowBoot {
                minutes: self.fleet.boot_minutes,
            });
        }
        if let Some((policy, _)) = fixed
            && policy.minimum <= fewest
        {
            return Some(StaticReason::FewestSuffice { units: policy.minimum });
        }
        let Some((_, moving)) = moving else {
            let shortages = fitted
                .iter()
                .filter(|(policy, _)| !policy.is_fixed())
                .map(|(_, outcome)| goal.shortage(outcome));
            return Some(StaticReason::NothingMeetsTheGoal {
                best: shortages.fold(1.0, f64::min),
            });
        };
        let (_, fixed) = fixed?;
        let saving = 1.0 - moving.unit_minutes as f64 / fixed.unit_minutes.max(1) as f64;
        (saving < goal.least_saving).then_some(StaticReason::SavesTooLittle { saving })
    }

    /// What others would propose.
    fn known(&self, frame: &Frame) -> Vec<(String, Tried)> {
        let first = self.stage.first_part();
        let (minimum, maximum) = frame.bounds();
        let mut out: Vec<(String, Tried)> = StaticRule::ALL
            .iter()
            .filter_map(|rule| {
                let units = rule.units(&first, self.per_unit)?.max(minimum);
                Some((
                    rule.words().to_string(),
                    self.tried(&ScalingPolicy::fixed(units), frame),
                ))
            })
            .collect();
        for target in [0.4, 0.5, 0.6, 0.7, 0.8] {
            let policy = ScalingPolicy::tracking(target, minimum, maximum);
            out.push((
                format!("target tracking at {:.0} %", target * 100.0),
                self.tried(&policy, frame),
            ));
        }
        out
    }
}
