//! Terraform for the same group: AWS provider 5 or later.

use std::fmt::Write as _;

use super::{Emission, Step, crons};
use crate::scale::policy::{PredictiveMode, StepScaling};

/// Writes the configuration in HCL.
#[must_use]
pub fn terraform(emission: &Emission<'_>) -> String {
    let name = emission.name();
    let (policy, fleet) = (emission.policy(), emission.fleet());
    let mut text = format!(
        r#"# {provenance}

terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }}
  }}
}}

variable "subnets" {{
  type        = list(string)
  description = "Subnets in {zones} zones at the least"
}}

variable "security_groups" {{
  type        = list(string)
  description = "Security groups of the instances"
}}

variable "target_groups" {{
  type        = list(string)
  description = "ARNs of the load balancer's target groups"
}}

data "aws_ssm_parameter" "image" {{
  name = "{image}"
}}

resource "aws_launch_template" "this" {{
  name_prefix            = "{name}-"
  image_id               = data.aws_ssm_parameter.image.value
  instance_type          = "{instance_type}"
  vpc_security_group_ids = var.security_groups

  monitoring {{
    enabled = true
  }}

  metadata_options {{
    http_tokens = "required"
  }}
}}

resource "aws_autoscaling_group" "this" {{
  name_prefix               = "{name}-"
  min_size                  = {minimum}
  max_size                  = {maximum}
  vpc_zone_identifier       = var.subnets
  target_group_arns         = var.target_groups
  health_check_type         = "ELB"
  health_check_grace_period = {grace}
  default_instance_warmup   = {warm_up}
  metrics_granularity       = "1Minute"
  enabled_metrics           = ["GroupInServiceInstances", "GroupDesiredCapacity"]

{template}
  tag {{
    key                 = "Name"
    value               = "{name}"
    propagate_at_launch = true
  }}

  lifecycle {{
    ignore_changes = [desired_capacity, min_size]
  }}
}}
"#,
        provenance = emission.provenance(),
        zones = fleet.zones,
        image = emission.image_parameter(),
        instance_type = emission.proposal.instance_type,
        minimum = policy.minimum,
        maximum = policy.maximum,
        grace = fleet.boot_minutes * 60,
        warm_up = fleet.warm_up_minutes * 60,
        template = template(emission),
    );
    if emission.watches_requests() {
        text.push_str(
            r#"
variable "load_balancer_label" {
  type        = string
  description = "Load balancer and target group whose requests count: app/NAME/ID/targetgroup/NAME/ID"
  default     = null
}

variable "target_group_name" {
  type        = string
  description = "The target group as CloudWatch names it: targetgroup/NAME/ID"
  default     = null
}
"#,
        );
    }
    // Writing into a `String` cannot fail.
    if let Some(tracking) = &policy.tracking {
        let requests = emission.requests_at(tracking.metric, tracking.target);
        let _ = write!(
            text,
            r#"
resource "aws_autoscaling_policy" "tracking" {{
  name                   = "{name}-tracking"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {{
    target_value     = {target:.1}
    disable_scale_in = {disabled}

    predefined_metric_specification {{
{metric}
    }}
  }}
}}
"#,
            target = requests.unwrap_or(tracking.target * 100.0),
            metric = if requests.is_some() {
                "      predefined_metric_type = \"ALBRequestCountPerTarget\"\n      resource_label         = var.load_balancer_label"
            } else {
                "      predefined_metric_type = \"ASGAverageCPUUtilization\""
            },
            disabled = !tracking.scale_in,
        );
    }
    if let Some(steps) = &policy.steps {
        step_policies(&mut text, &name, steps, emission);
    }
    if let Some(predictive) = &policy.predictive {
        let _ = write!(
            text,
            r#"
resource "aws_autoscaling_policy" "predictive" {{
  name                   = "{name}-predictive"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "PredictiveScaling"

  predictive_scaling_configuration {{
    mode                   = "{mode}"
    scheduling_buffer_time = {lead}

    metric_specification {{
      target_value = {target:.0}

      predefined_metric_pair_specification {{
        predefined_metric_type = "ASGCPUUtilization"
      }}
    }}
  }}
}}
"#,
            mode = match predictive.mode {
                PredictiveMode::ForecastOnly => "ForecastOnly",
                PredictiveMode::ForecastAndScale => "ForecastAndScale",
            },
            lead = predictive.lead_minutes * 60,
            target = emission
                .proposal
                .predictive_target_percent
                .unwrap_or(predictive.target * 100.0),
        );
    }
    let moves = policy.tracking.is_some() || policy.steps.is_some();
    for (index, cron) in policy.schedule.iter().flat_map(crons).enumerate() {
        let _ = write!(
            text,
            r#"
resource "aws_autoscaling_schedule" "at_{number:03}" {{
  scheduled_action_name  = "{name}-{number:03}"
  autoscaling_group_name = aws_autoscaling_group.this.name
  recurrence             = "{recurrence}"
  time_zone              = "{zone}"
  min_size               = {minimum}
  max_size               = -1
  desired_capacity       = {desired}
}}
"#,
            number = index + 1,
            recurrence = cron.recurrence,
            zone = emission.time_zone,
            minimum = cron.minimum,
            desired = if moves {
                "-1".to_string()
            } else {
                cron.minimum.to_string()
            },
        );
    }
    text
}

/// The launch template of the group, with a share of spot where that is borne, and its warm pool.
fn template(emission: &Emission<'_>) -> String {
    let mut text = if emission.spot_share > 0.0 {
        format!(
            r#"  capacity_rebalance = true

  mixed_instances_policy {{
    launch_template {{
      launch_template_specification {{
        launch_template_id = aws_launch_template.this.id
        version            = aws_launch_template.this.latest_version
      }}
    }}

    instances_distribution {{
      on_demand_base_capacity                  = {minimum}
      on_demand_percentage_above_base_capacity = {percent}
      spot_allocation_strategy                 = "price-capacity-optimized"
    }}
  }}
"#,
            minimum = emission.policy().minimum,
            percent = emission.on_demand_percent(),
        )
    } else {
        r#"  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }
"#
        .to_string()
    };
    if let Some(pool) = emission.fleet().warm_pool {
        let _ = write!(
            text,
            r#"
  warm_pool {{
    pool_state = "Stopped"
    min_size   = {instances}
  }}
"#,
            instances = pool.instances
        );
    }
    text
}

fn step_policies(text: &mut String, name: &str, steps: &StepScaling, emission: &Emission<'_>) {
    let alarm = |text: &mut String, direction: &str, level: f64, points: u32| {
        let requests = emission.requests_at(steps.metric, level);
        self::alarm(text, (name, direction), requests, level, points);
    };
    if !steps.out.is_empty() {
        step_policy(text, name, "out", &emission.steps_out(steps));
        alarm(text, "out", steps.high, steps.high_points);
    }
    step_policy(text, name, "in", &emission.steps_in(steps));
    alarm(text, "in", steps.low, steps.low_points);
}

fn step_policy(text: &mut String, name: &str, direction: &str, steps: &[Step]) {
    let _ = write!(
        text,
        r#"
resource "aws_autoscaling_policy" "step_{direction}" {{
  name                     = "{name}-step-{direction}"
  autoscaling_group_name   = aws_autoscaling_group.this.name
  policy_type              = "StepScaling"
  adjustment_type          = "PercentChangeInCapacity"
  min_adjustment_magnitude = 1
  metric_aggregation_type  = "Average"
"#
    );
    for step in steps {
        let _ = write!(
            text,
            "\n  step_adjustment {{\n    scaling_adjustment          = {}\n",
            step.change_percent
        );
        if let Some(lower) = step.lower {
            let _ = writeln!(text, "    metric_interval_lower_bound = {lower}");
        }
        if let Some(upper) = step.upper {
            let _ = writeln!(text, "    metric_interval_upper_bound = {upper}");
        }
        text.push_str("  }\n");
    }
    text.push_str("}\n");
}

/// Writes an alarm on CPU, or on requests where these are what is watched.
fn alarm(text: &mut String, (name, direction): (&str, &str), requests: Option<f64>, level: f64, points: u32) {
    let comparison = if direction == "out" {
        "GreaterThanThreshold"
    } else {
        "LessThanThreshold"
    };
    let (namespace, metric, statistic, dimension, threshold) = match requests {
        Some(requests) => (
            "AWS/ApplicationELB",
            "RequestCountPerTarget",
            "Sum",
            "TargetGroup = var.target_group_name",
            requests,
        ),
        None => (
            "AWS/EC2",
            "CPUUtilization",
            "Average",
            "AutoScalingGroupName = aws_autoscaling_group.this.name",
            level * 100.0,
        ),
    };
    let _ = write!(
        text,
        r#"
resource "aws_cloudwatch_metric_alarm" "step_{direction}" {{
  alarm_name          = "{name}-step-{direction}"
  alarm_actions       = [aws_autoscaling_policy.step_{direction}.arn]
  namespace           = "{namespace}"
  metric_name         = "{metric}"
  statistic           = "{statistic}"
  period              = 60
  evaluation_periods  = {points}
  datapoints_to_alarm = {points}
  comparison_operator = "{comparison}"
  threshold           = {threshold:.1}

  dimensions = {{
    {dimension}
  }}
}}
"#
    );
}
