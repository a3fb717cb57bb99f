//! The proposal in the words of those who carry it out: CloudFormation, Terraform, Kubernetes.
//!
//! Input: an [`Emission`]. Output: text, complete by itself: what only the
//! account knows (image, subnets, security groups, target groups) is a
//! parameter. Names are those of a group, which may come from anywhere: only
//! letters, digits and hyphens of them are used.

mod cloudformation;
mod kubernetes;
mod terraform;

pub use cloudformation::cloudformation;
pub use kubernetes::{hpa, keda};
pub use terraform::terraform;

use super::policy::{Metric, ScalingPolicy, Schedule, StepScaling};
use super::{Fleet, Proposal};

/// What is emitted for one group.
#[derive(Clone, Debug)]
pub struct Emission<'a> {
    /// The group's name.
    pub group: &'a str,
    /// IANA name of the zone in which the schedule counts.
    pub time_zone: &'a str,
    /// The AWS region.
    pub region: &'a str,
    /// The proposal.
    pub proposal: &'a Proposal,
    /// Share of the group above its minimum that is spot, 0 to 1.
    pub spot_share: f64,
    /// Requests a minute that keep one instance fully busy, where the policy was replayed on requests.
    pub requests_per_target_minute: Option<f64>,
}

impl<'a> Emission<'a> {
    fn policy(&self) -> &'a ScalingPolicy {
        &self.proposal.selection.chosen.policy
    }

    fn fleet(&self) -> &'a Fleet {
        &self.proposal.fleet
    }

    /// Requests a minute and instance at a utilisation, where what a metric watches is requests and their cost is known.
    fn requests_at(&self, metric: Metric, utilisation: f64) -> Option<f64> {
        let full = self.requests_per_target_minute.filter(|_| metric == Metric::Requests)?;
        Some((full * utilisation * 10.0).round() / 10.0)
    }

    /// Steps above the high alarm's threshold, in what the alarm watches.
    fn steps_out(&self, steps: &StepScaling) -> Vec<Step> {
        self.in_watched_units(steps, steps_out(steps))
    }

    /// Steps below the low alarm's threshold, in what the alarm watches.
    fn steps_in(&self, steps: &StepScaling) -> Vec<Step> {
        self.in_watched_units(steps, steps_in(steps))
    }

    /// Turns points of utilisation into requests where the alarm watches these.
    fn in_watched_units(&self, steps: &StepScaling, mut all: Vec<Step>) -> Vec<Step> {
        if let Some(point) = self.requests_at(steps.metric, 1.0).map(|full| full / 100.0) {
            for bound in all.iter_mut().flat_map(|step| [&mut step.lower, &mut step.upper]) {
                *bound = bound.map(|points| (points * point * 10.0).round() / 10.0);
            }
        }
        all
    }

    /// Whether anything of the policy watches requests, so that the load balancer must be named.
    fn watches_requests(&self) -> bool {
        let policy = self.policy();
        let metrics = [
            policy.tracking.as_ref().map(|one| one.metric),
            policy.steps.as_ref().map(|one| one.metric),
        ];
        self.requests_per_target_minute.is_some() && metrics.contains(&Some(Metric::Requests))
    }

    /// Percentage of what is above the minimum that stays on demand.
    fn on_demand_percent(&self) -> u32 {
        (100.0 - self.spot_share * 100.0).round().clamp(0.0, 100.0) as u32
    }

    /// Letters, digits and single hyphens of the group's name, at most 40.
    fn name(&self) -> String {
        let mut name = String::new();
        for letter in self.group.chars() {
            if letter.is_ascii_alphanumeric() {
                name.push(letter.to_ascii_lowercase());
            } else if !name.ends_with('-') && !name.is_empty() {
                name.push('-');
            }
            if name.len() == 40 {
                break;
            }
        }
        let name = name.trim_end_matches('-');
        if name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            name.to_string()
        } else {
            format!("group-{name}").trim_end_matches('-').to_string()
        }
    }

    /// Public parameter of the newest Amazon Linux image for the architecture.
    fn image_parameter(&self) -> &'static str {
        match self.proposal.architecture {
            crate::catalog::Architecture::Arm64 => {
                "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
            }
            _ => "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        }
    }

    /// Says where the figures are from, for a comment or a description.
    fn provenance(&self) -> String {
        let held_out = &self.proposal.selection.chosen.held_out;
        format!(
            "Proposed by sizewright for {} from {:.0} days of load: {}; on the part it was not fitted on short {:.2} % of the minutes at a mean utilisation of {:.0} %",
            self.region,
            (self.proposal.selection.held_out_from * 2) as f64 / 1_440.0,
            self.policy().words(),
            held_out.short_share() * 100.0,
            held_out.mean_utilisation() * 100.0,
        )
    }
}

/// One scheduled action as cron has it.
struct Cron {
    recurrence: String,
    minimum: u32,
}

/// Turns a weekly schedule into cron lines: days with the same action at the same time share one.
fn crons(schedule: &Schedule) -> Vec<Cron> {
    let mut lines: Vec<(u16, u32, Vec<u16>)> = Vec::new();
    for &(minute, minimum) in &schedule.actions {
        let (day, time) = (minute / 1_440, minute % 1_440);
        // Cron counts from Sunday.
        let day = (day + 1) % 7;
        match lines.iter_mut().find(|line| line.0 == time && line.1 == minimum) {
            Some(line) => line.2.push(day),
            None => lines.push((time, minimum, vec![day])),
        }
    }
    lines.sort();
    lines
        .into_iter()
        .map(|(time, minimum, mut days)| {
            days.sort_unstable();
            let days = if days.len() == 7 {
                "*".to_string()
            } else {
                days.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
            };
            Cron {
                recurrence: format!("{} {} * * {days}", time % 60, time / 60),
                minimum,
            }
        })
        .collect()
}

/// One step of a step policy, in percentage points around the alarm's threshold.
struct Step {
    lower: Option<f64>,
    upper: Option<f64>,
    change_percent: i64,
}

/// Steps above the high alarm's threshold.
fn steps_out(steps: &StepScaling) -> Vec<Step> {
    let points = |level: f64| ((level - steps.high) * 1_000.0).round() / 10.0;
    steps
        .out
        .iter()
        .enumerate()
        .map(|(index, &(from, share))| Step {
            lower: Some(points(from)),
            upper: steps.out.get(index + 1).map(|next| points(next.0)),
            change_percent: ((share * 100.0).round() as i64).max(1),
        })
        .collect()
}

/// Steps below the low alarm's threshold: to where the load would stand at it, rounded towards keeping.
fn steps_in(steps: &StepScaling) -> Vec<Step> {
    if steps.remove < 1.0 {
        return vec![Step {
            lower: None,
            upper: Some(0.0),
            change_percent: -((steps.remove * 100.0).round() as i64).max(1),
        }];
    }
    // Nineteen steps of equal width from the threshold down to a twentieth of it.
    let width = steps.low * 100.0 / 20.0;
    (0..20)
        .map(|step| {
            let upper = -width * f64::from(step);
            let lower = (step < 19).then(|| ((upper - width) * 10.0).round() / 10.0);
            // The load of a step is at most its upper end.
            let kept = 1.0 + upper / (steps.low * 100.0);
            Step {
                lower,
                upper: Some((upper * 10.0).round() / 10.0),
                change_percent: -(((1.0 - kept) * 100.0).floor() as i64).max(1),
            }
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cron_counts_from_sunday_and_shares_lines() {
        let schedule = Schedule {
            actions: vec![(530, 8), (1_020, 2), (1_440 + 530, 8), (6 * 1_440 + 60, 3)],
        };
        let lines: Vec<(String, u32)> = crons(&schedule)
            .into_iter()
            .map(|cron| (cron.recurrence, cron.minimum))
            .collect();
        assert_eq!(
            lines,
            [
                ("0 1 * * 0".to_string(), 3),
                ("50 8 * * 1,2".to_string(), 8),
                ("0 17 * * 1".to_string(), 2)
            ]
        );
    }

    #[test]
    fn steps_meet_without_gap_or_overlap() {
        let steps = StepScaling {
            metric: crate::scale::Metric::Cpu,
            high: 0.8,
            high_points: 1,
            out: vec![(0.8, 0.05), (0.85, 0.12), (0.9, 0.25)],
            low: 0.76,
            low_points: 10,
            remove: 1.0,
            cooldown_minutes: 0,
        };
        let up = steps_out(&steps);
        assert_eq!(up[0].lower, Some(0.0));
        assert!(up.windows(2).all(|pair| pair[0].upper == pair[1].lower));
        assert_eq!(up.last().unwrap().upper, None);
        let down = steps_in(&steps);
        assert_eq!(down.len(), 20);
        assert_eq!(down[0].upper, Some(0.0));
        assert!(down.windows(2).all(|pair| pair[0].lower == pair[1].upper));
        assert!(down.iter().all(|step| step.change_percent < 0));
    }
}
