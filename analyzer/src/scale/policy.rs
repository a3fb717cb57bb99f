//! What an Auto Scaling group is told: minimum, maximum and the policies that move it between them.
//!
//! These are values; [`super::replay()`] gives them their meaning. Several
//! policies work together as AWS documents it: the largest capacity that one of
//! them asks for wins, and capacity falls only when all of them agree.

use serde::{Deserialize, Serialize};

use super::load::WEEK;

/// Data points of one minute above the target before target tracking scales out (AWS: 3 within 3 minutes).
pub const TRACKING_HIGH_POINTS: u32 = 3;
/// Data points of one minute below the target before target tracking scales in (AWS: 15 within 15 minutes).
pub const TRACKING_LOW_POINTS: u32 = 15;
/// Share of the target below which the low alarm of target tracking stands (AWS: 90 %).
pub const TRACKING_LOW_SHARE: f32 = 0.9;

/// Everything that decides a group's capacity, in units of capacity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// Fewest units.
    pub minimum: u32,
    /// Most units.
    pub maximum: u32,
    /// Follows a target of the mean utilisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<TargetTracking>,
    /// Adds and removes by steps of an alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<StepScaling>,
    /// Raises the minimum by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Raises the minimum by a forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predictive: Option<Predictive>,
}

/// Keeps the mean utilisation near a target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetTracking {
    /// Mean utilisation to keep, 0 to 1.
    pub target: f64,
    /// Whether the metric saturates: CPU use cannot exceed what is there, requests can.
    pub metric: Metric,
    /// Whether it may scale in (AWS: `DisableScaleIn`).
    pub scale_in: bool,
}

/// What a policy looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Mean CPU utilisation: at most 1, whatever is asked for.
    Cpu,
    /// Requests per target, as the load balancer counts them: not capped.
    Requests,
}

/// Adds and removes by how far an alarm's threshold is passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepScaling {
    /// What the alarms look at.
    pub metric: Metric,
    /// Utilisation above which the high alarm stands.
    pub high: f64,
    /// Data points of one minute before it acts.
    pub high_points: u32,
    /// From this utilisation on, change capacity by this share (at least one unit); ascending.
    pub out: Vec<(f64, f64)>,
    /// Utilisation below which the low alarm stands.
    pub low: f64,
    /// Data points of one minute before it acts.
    pub low_points: u32,
    /// Share of the capacity that it removes (at least one unit).
    pub remove: f64,
    /// Minutes after an action in which nothing is removed.
    pub cooldown_minutes: u32,
}

/// A minimum by the minute of the local week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Minute of the week (Monday midnight is 0) and the minimum from then on; ascending, the last holds into the next week.
    pub actions: Vec<(u16, u32)>,
}

impl Schedule {
    /// Gives the minimum at a minute of the week; 0 where nothing is scheduled.
    #[must_use]
    pub fn at(&self, minute_of_week: usize) -> u32 {
        let minute = minute_of_week % WEEK;
        self.actions
            .iter()
            .rev()
            .find(|(from, _)| usize::from(*from) <= minute)
            .or(self.actions.last())
            .map_or(0, |&(_, minimum)| minimum)
    }
}

/// A minimum by the forecast of each hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predictive {
    /// Whether it only forecasts, or also scales.
    pub mode: PredictiveMode,
    /// Forecast demand per unit of capacity at which an hour is planned, 0 to 1.
    pub target: f64,
    /// Level of the forecast's residuals that is added, 0.5 to 1.
    pub level: f64,
    /// Minutes before the hour at which capacity is asked for (AWS: `SchedulingBufferTime`).
    pub lead_minutes: u32,
}

/// What predictive scaling does with its forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredictiveMode {
    /// Shows it and does nothing (AWS: `ForecastOnly`).
    ForecastOnly,
    /// Raises capacity ahead of need, never lowers it (AWS: `ForecastAndScale`).
    ForecastAndScale,
}

impl ScalingPolicy {
    /// So many units at any time.
    #[must_use]
    pub fn fixed(units: u32) -> Self {
        Self {
            minimum: units,
            maximum: units,
            tracking: None,
            steps: None,
            schedule: None,
            predictive: None,
        }
    }

    /// Target tracking of CPU between two bounds.
    #[must_use]
    pub fn tracking(target: f64, minimum: u32, maximum: u32) -> Self {
        Self {
            minimum,
            maximum,
            tracking: Some(TargetTracking {
                target,
                metric: Metric::Cpu,
                scale_in: true,
            }),
            steps: None,
            schedule: None,
            predictive: None,
        }
    }

    /// Says whether capacity never changes.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.minimum == self.maximum
            || (self.tracking.is_none()
                && self.steps.is_none()
                && self.schedule.is_none()
                && self
                    .predictive
                    .is_none_or(|predictive| predictive.mode == PredictiveMode::ForecastOnly))
    }

    /// Names the kind of policy, as a table shows it.
    #[must_use]
    pub fn words(&self) -> String {
        if self.is_fixed() {
            return format!("static {}", self.minimum);
        }
        let mut parts = Vec::new();
        if let Some(predictive) = &self.predictive {
            let mode = match predictive.mode {
                PredictiveMode::ForecastOnly => "forecast only",
                PredictiveMode::ForecastAndScale => "predictive",
            };
            parts.push(format!(
                "{mode} {:.0} % P{:.0}",
                predictive.target * 100.0,
                predictive.level * 100.0
            ));
        }
        if let Some(schedule) = &self.schedule {
            parts.push(format!("scheduled ({} a week)", schedule.actions.len()));
        }
        if let Some(tracking) = &self.tracking {
            let out_only = if tracking.scale_in { "" } else { " out only" };
            parts.push(format!("tracking {:.0} %{out_only}", tracking.target * 100.0));
        }
        if let Some(steps) = &self.steps {
            if steps.out.is_empty() {
                parts.push(format!(
                    "in below {:.0} % after {} min",
                    steps.low * 100.0,
                    steps.low_points
                ));
            } else {
                parts.push(format!("steps {:.0}/{:.0} %", steps.high * 100.0, steps.low * 100.0));
            }
        }
        parts.join(" + ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_action_of_a_week_holds_into_the_next() {
        let schedule = Schedule {
            actions: vec![(480, 10), (1_200, 3)],
        };
        assert_eq!(schedule.at(0), 3);
        assert_eq!(schedule.at(480), 10);
        assert_eq!(schedule.at(1_199), 10);
        assert_eq!(schedule.at(WEEK - 1), 3);
        assert_eq!(Schedule { actions: vec![] }.at(5), 0);
    }

    #[test]
    fn a_forecast_alone_changes_nothing() {
        let mut policy = ScalingPolicy::fixed(4);
        policy.maximum = 9;
        policy.predictive = Some(Predictive {
            mode: PredictiveMode::ForecastOnly,
            target: 0.7,
            level: 0.8,
            lead_minutes: 5,
        });
        assert!(policy.is_fixed());
    }
}
