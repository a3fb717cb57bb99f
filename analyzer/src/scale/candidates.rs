//! The policies that are tried on a group: a few hundred, all of which AWS can be told.
//!
//! Input: the first part of a need and what was derived from it. Output:
//! [`ScalingPolicy`] values in an order that does not matter: the choice
//! among them is by replay.

use super::bounds::with_a_zone_lost;
use super::derive::{maximum, minimum, schedule, tracking_target};
use super::forecast::LEVELS;
use super::load::Need;
use super::policy::{
    Metric, Predictive, PredictiveMode, ScalingPolicy, Schedule, StepScaling, TRACKING_HIGH_POINTS,
    TRACKING_LOW_POINTS, TargetTracking,
};
use super::search::Goal;
use super::{Fleet, units_for};

/// Windows of scale-in alarms, in minutes, that are tried besides AWS's own fifteen.
pub(super) const LOW_POINTS: [u32; 2] = [5, 10];
/// A scale-in alarm of one's own stands below this share of the tracking target, so that the two never quarrel.
const LOW_SHARE: f64 = 0.95;
/// Most units a static size may waste before it is no candidate: see [`statics`].
const STATIC_LEVELS: [f64; 8] = [0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9999, 1.0];
const TARGETS: [f64; 15] = [
    0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.84, 0.88, 0.91, 0.94, 0.96, 0.98,
];

/// How many data points of a minute alarms wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reaction {
    high_points: u32,
    low_points: u32,
}

/// Target tracking as AWS makes its alarms; with a faster scale-in alarm of one's own; and both alarms of one's own, in proportional steps.
const REACTIONS: [Reaction; 5] = [
    Reaction {
        high_points: TRACKING_HIGH_POINTS,
        low_points: TRACKING_LOW_POINTS,
    },
    Reaction {
        high_points: TRACKING_HIGH_POINTS,
        low_points: LOW_POINTS[0],
    },
    Reaction {
        high_points: TRACKING_HIGH_POINTS,
        low_points: LOW_POINTS[1],
    },
    Reaction {
        high_points: 1,
        low_points: LOW_POINTS[1],
    },
    Reaction {
        high_points: 1,
        low_points: TRACKING_LOW_POINTS,
    },
];

/// Most steps of an alarm's policy (AWS: 20).
const MOST_STEPS: usize = 20;

/// Steps that bring the utilisation back to the target: as target tracking would, and after as few points as one likes.
fn proportional(target: f64) -> Vec<(f64, f64)> {
    let width = ((1.0 - target) / (MOST_STEPS - 1) as f64).max(0.01);
    (0..MOST_STEPS)
        .map(|step| target + step as f64 * width)
        .take_while(|from| *from <= 1.0 + 1e-9)
        .map(|from| (from, (from + width).min(1.0) / target - 1.0))
        .collect()
}

/// A schedule of the whole first part, and of each of its halves: the halves are scored with each other's, or a schedule would be praised for minutes it was made from.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) whole: Schedule,
    pub(super) halves: [Schedule; 2],
}

impl Folded {
    /// Nothing where a half does not know every hour of the week.
    fn new(fit: &Need, week: &[u16], level: f64, lead: u32) -> Option<Self> {
        let middle = week.len() / 2;
        Some(Self {
            whole: schedule(fit, week, level, lead)?,
            halves: [
                schedule(&fit.part(0..middle), &week[..middle], level, lead)?,
                schedule(&fit.part(middle..week.len()), &week[middle..], level, lead)?,
            ],
        })
    }
}

/// What the candidates of a group share.
pub(super) struct Frame {
    minimum: u32,
    maximum: u32,
    boot_minutes: u32,
    metric: Metric,
    schedules: Vec<Folded>,
    own_targets: Vec<f64>,
    statics: Vec<u32>,
}

impl Frame {
    pub(super) fn new(fit: &Need, fit_week: &[u16], fleet: &Fleet, goal: &Goal, growth: f64) -> Self {
        let per_size = fleet.smallest();
        let minimum = minimum(fit, fleet.zones, goal.redundant)
            .max(goal.least_units)
            .max(per_size);
        let maximum = maximum(fit, growth)
            .max(minimum)
            .min(goal.most_units.unwrap_or(u32::MAX));
        let lead = fleet.boot_minutes + 5;
        let own_targets = [
            1.0 - 2.0 * goal.short_share,
            1.0 - goal.short_share,
            1.0 - goal.short_share / 2.0,
        ]
        .iter()
        .filter_map(|&level| tracking_target(fit, fleet.boot_minutes, level.clamp(0.5, 1.0)))
        .map(|target| (target * 100.0).round() / 100.0)
        .filter(|target| (0.2..=0.99).contains(target))
        .collect();
        Self {
            minimum: minimum.min(maximum),
            maximum,
            boot_minutes: fleet.boot_minutes,
            metric: goal.metric,
            // On a load that grows, the past's hours are too low: it stays with what reacts and forecasts anew.
            schedules: [0.5, 0.75, 0.9]
                .iter()
                .filter(|_| growth <= 1.0)
                .filter_map(|&level| Folded::new(fit, fit_week, level, lead))
                .collect(),
            own_targets,
            statics: statics(fit, minimum, if goal.survives_zone_loss { fleet.zones } else { 1 }),
        }
    }

    pub(super) fn bounds(&self) -> (u32, u32) {
        (self.minimum, self.maximum)
    }

    /// Gives the schedules of the two halves that belong to a policy's schedule.
    pub(super) fn halves(&self, policy: &ScalingPolicy) -> Option<&[Schedule; 2]> {
        let whole = policy.schedule.as_ref()?;
        self.schedules
            .iter()
            .find(|folded| folded.whole == *whole)
            .map(|folded| &folded.halves)
    }

    /// Every policy that is tried at first.
    pub(super) fn policies(&self) -> Vec<ScalingPolicy> {
        let mut out: Vec<ScalingPolicy> = self.statics.iter().map(|&units| ScalingPolicy::fixed(units)).collect();
        let mut targets: Vec<f64> = TARGETS.iter().chain(&self.own_targets).copied().collect();
        targets.sort_by(f64::total_cmp);
        targets.dedup();
        for &target in &targets {
            out.extend(REACTIONS.iter().map(|&reaction| self.reacting(target, reaction)));
        }
        for (high, low) in [(0.6, 0.3), (0.7, 0.4), (0.7, 0.5), (0.8, 0.5), (0.8, 0.6), (0.9, 0.7)] {
            out.push(self.steps(high, low));
        }
        for schedule in &self.schedules {
            for target in [0.5, 0.6, 0.7, 0.8, 0.88, 0.94] {
                for reaction in [REACTIONS[0], REACTIONS[1]] {
                    out.push(ScalingPolicy {
                        schedule: Some(schedule.whole.clone()),
                        ..self.reacting(target, reaction)
                    });
                }
            }
        }
        for level in LEVELS {
            for target in [0.65, 0.72, 0.78, 0.84, 0.9, 0.96] {
                for reaction in [REACTIONS[0], REACTIONS[1], REACTIONS[3]] {
                    out.push(ScalingPolicy {
                        predictive: Some(self.predictive(level)),
                        ..self.reacting(target, reaction)
                    });
                }
            }
        }
        out
    }

    /// Policies next to one that did well: other reactions, targets between those of the first round, levels beside.
    pub(super) fn beside(&self, policy: &ScalingPolicy) -> Vec<ScalingPolicy> {
        let Some(target) = policy
            .tracking
            .map(|tracking| tracking.target)
            .or(policy.steps.as_ref().map(|steps| steps.high))
        else {
            return Vec::new();
        };
        let levels: Vec<Option<f64>> = match &policy.predictive {
            None => vec![None],
            Some(predictive) => {
                let at = LEVELS.iter().position(|level| *level == predictive.level).unwrap_or(0);
                LEVELS[at.saturating_sub(1)..(at + 2).min(LEVELS.len())]
                    .iter()
                    .map(|&level| Some(level))
                    .collect()
            }
        };
        let mut out = Vec::new();
        for level in levels {
            for shift in [-0.03, -0.02, -0.01, 0.0, 0.01, 0.02, 0.03] {
                let target = ((target + shift) * 100.0).round() / 100.0;
                if !(0.2..=0.99).contains(&target) {
                    continue;
                }
                out.extend(REACTIONS.iter().map(|&reaction| ScalingPolicy {
                    schedule: policy.schedule.clone(),
                    predictive: level.map(|level| self.predictive(level)),
                    ..self.reacting(target, reaction)
                }));
            }
        }
        out
    }

    fn predictive(&self, level: f64) -> Predictive {
        Predictive {
            mode: PredictiveMode::ForecastAndScale,
            target: 1.0,
            level,
            lead_minutes: self.boot_minutes + 5,
        }
    }

    fn reacting(&self, target: f64, reaction: Reaction) -> ScalingPolicy {
        let own_alarm = reaction.low_points != TRACKING_LOW_POINTS || reaction.high_points != TRACKING_HIGH_POINTS;
        let own_steps = reaction.high_points != TRACKING_HIGH_POINTS;
        ScalingPolicy {
            minimum: self.minimum,
            maximum: self.maximum,
            tracking: (!own_steps).then_some(TargetTracking {
                target,
                metric: self.metric,
                scale_in: !own_alarm,
            }),
            steps: own_alarm.then(|| StepScaling {
                metric: self.metric,
                high: if own_steps { target } else { 1.0 },
                high_points: reaction.high_points,
                out: if own_steps { proportional(target) } else { Vec::new() },
                low: LOW_SHARE * target,
                low_points: reaction.low_points,
                remove: 1.0,
                cooldown_minutes: 0,
            }),
            schedule: None,
            predictive: None,
        }
    }

    /// Steps as AWS's own examples have them: 10 % more, 30 % more far above, 10 % less below.
    fn steps(&self, high: f64, low: f64) -> ScalingPolicy {
        ScalingPolicy {
            tracking: None,
            steps: Some(StepScaling {
                metric: self.metric,
                high,
                high_points: 2,
                out: vec![(high, 0.1), (high + (1.0 - high) / 2.0, 0.3)],
                low,
                low_points: TRACKING_LOW_POINTS,
                remove: 0.1,
                cooldown_minutes: 5,
            }),
            ..self.reacting(high, REACTIONS[0])
        }
    }
}

/// Gives the static sizes worth trying: quantiles of the need, without and with a fifth more, and what a lost zone takes of them.
fn statics(fit: &Need, minimum: u32, zones: u32) -> Vec<u32> {
    let mut values: Vec<f32> = fit
        .per_minute()
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect();
    let mut units: Vec<u32> = STATIC_LEVELS
        .iter()
        .filter_map(|&level| super::load::quantile(&mut values, level))
        .flat_map(|amount| [amount, amount * 1.2])
        .map(|amount| with_a_zone_lost(units_for(amount), zones).max(minimum))
        .collect();
    units.sort_unstable();
    units.dedup();
    units
}
