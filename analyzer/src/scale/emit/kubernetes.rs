//! The same intent for Kubernetes: a HorizontalPodAutoscaler, or KEDA's ScaledObject with its clock.

use std::fmt::Write as _;

use super::{Emission, crons};

/// Seconds over which fewer replicas must be enough, as target tracking's fifteen data points.
const TRACKING_WINDOW_S: u32 = 900;

/// Writes a `HorizontalPodAutoscaler` of `autoscaling/v2`: bounds, CPU target, and how slowly it scales in.
///
/// A clock or a forecast has no place in it; a comment says so.
#[must_use]
pub fn hpa(emission: &Emission<'_>) -> String {
    let name = emission.name();
    let policy = emission.policy();
    let mut text = format!(
        "# {}\n# One replica stands for one {} of the replay.\n",
        emission.provenance(),
        emission.proposal.instance_type
    );
    if policy.schedule.is_some() || policy.predictive.is_some() {
        text.push_str(
            "# The minimum by clock or forecast is not part of an HPA: use KEDA's cron triggers (`--emit keda`).\n",
        );
    }
    let _ = write!(
        text,
        "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: {minimum}
  maxReplicas: {maximum}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {target}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
    scaleDown:
      stabilizationWindowSeconds: {window}
",
        minimum = policy.minimum.max(1),
        maximum = policy.maximum.max(1),
        target = target(emission),
        window = window(emission),
    );
    text
}

/// Writes a KEDA `ScaledObject`: CPU target, and a cron trigger for each stretch of the schedule.
#[must_use]
pub fn keda(emission: &Emission<'_>) -> String {
    let name = emission.name();
    let policy = emission.policy();
    let mut text = format!(
        "# {}\n# One replica stands for one {} of the replay.\n",
        emission.provenance(),
        emission.proposal.instance_type
    );
    if policy.predictive.is_some() {
        text.push_str("# The forecast is AWS's; KEDA has no like of it, so that the CPU target works alone here.\n");
    }
    let _ = write!(
        text,
        "apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {name}
spec:
  scaleTargetRef:
    name: {name}
  minReplicaCount: {minimum}
  maxReplicaCount: {maximum}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          stabilizationWindowSeconds: {window}
  triggers:
    - type: cpu
      metricType: Utilization
      metadata:
        value: \"{target}\"
",
        minimum = policy.minimum.max(1),
        maximum = policy.maximum.max(1),
        target = target(emission),
        window = window(emission),
    );
    if let Some(schedule) = &policy.schedule {
        let starts = schedule.actions.iter();
        let ends = schedule.actions.iter().cycle().skip(1);
        for (start, end) in starts.zip(ends) {
            let line = |minute: u16, minimum: u32| {
                let one = crate::scale::Schedule {
                    actions: vec![(minute, minimum)],
                };
                crons(&one)
                    .into_iter()
                    .next()
                    .map(|cron| cron.recurrence)
                    .unwrap_or_default()
            };
            let _ = write!(
                text,
                "    - type: cron
      metadata:
        timezone: {zone}
        start: \"{start}\"
        end: \"{end}\"
        desiredReplicas: \"{replicas}\"
",
                zone = emission.time_zone,
                start = line(start.0, start.1),
                end = line(end.0, start.1),
                replicas = start.1,
            );
        }
    }
    text
}

/// CPU target in percent of the request.
fn target(emission: &Emission<'_>) -> u32 {
    let policy = emission.policy();
    let tracking = policy.tracking.map(|tracking| tracking.target);
    let steps = policy.steps.as_ref().map(|steps| steps.high);
    // A static group has no target of its own: the highest that leaves a tenth.
    (tracking.or(steps).unwrap_or(0.9) * 100.0).round() as u32
}

fn window(emission: &Emission<'_>) -> u32 {
    emission
        .policy()
        .steps
        .as_ref()
        .map_or(TRACKING_WINDOW_S, |steps| (steps.low_points * 60).min(3_600))
}
