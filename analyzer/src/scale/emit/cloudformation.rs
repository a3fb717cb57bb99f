//! An AWS CloudFormation template: launch template, Auto Scaling group, policies, alarms, scheduled actions.

use serde_json::{Map, Value, json};

use super::{Emission, Step, crons};
use crate::scale::policy::{Predictive, PredictiveMode, StepScaling, TargetTracking};

/// Writes the template as JSON.
#[must_use]
pub fn cloudformation(emission: &Emission<'_>) -> String {
    let name = emission.name();
    let policy = emission.policy();
    let mut resources = Map::new();
    resources.insert("LaunchTemplate".to_string(), launch_template(emission, &name));
    resources.insert("Group".to_string(), group(emission, &name));
    if let Some(pool) = emission.fleet().warm_pool {
        resources.insert("WarmPool".to_string(), warm_pool(pool.instances));
    }
    if let Some(tracking) = &policy.tracking {
        resources.insert("TrackingPolicy".to_string(), tracking_policy(emission, tracking));
    }
    if let Some(steps) = &policy.steps {
        step_policies(&mut resources, steps, emission);
    }
    if let Some(predictive) = &policy.predictive {
        resources.insert("PredictivePolicy".to_string(), predictive_policy(emission, predictive));
    }
    for (index, cron) in policy.schedule.iter().flat_map(crons).enumerate() {
        let mut properties = json!({
            "AutoScalingGroupName": { "Ref": "Group" },
            "MinSize": cron.minimum,
            "Recurrence": cron.recurrence,
            "TimeZone": emission.time_zone,
        });
        if policy.tracking.is_none() && policy.steps.is_none() {
            properties["DesiredCapacity"] = json!(cron.minimum);
        }
        resources.insert(
            format!("Scheduled{:03}", index + 1),
            json!({ "Type": "AWS::AutoScaling::ScheduledAction", "Properties": properties }),
        );
    }
    let mut template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": emission.provenance().chars().take(1_000).collect::<String>(),
        "Parameters": {
            "ImageId": {
                "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
                "Default": emission.image_parameter(),
                "Description": "Image of the group; the newest Amazon Linux unless given",
            },
            "Subnets": {
                "Type": "List<AWS::EC2::Subnet::Id>",
                "Description": format!("Subnets in {} zones at the least", emission.fleet().zones),
            },
            "SecurityGroups": {
                "Type": "List<AWS::EC2::SecurityGroup::Id>",
                "Description": "Security groups of the instances",
            },
            "TargetGroups": {
                "Type": "CommaDelimitedList",
                "Description": "ARNs of the load balancer's target groups",
            },
        },
        "Resources": resources,
        "Outputs": { "GroupName": { "Value": { "Ref": "Group" } } },
    });
    if emission.watches_requests() {
        template["Parameters"]["LoadBalancerLabel"] = json!({
            "Type": "String",
            "Description": "Load balancer and target group whose requests count: app/NAME/ID/targetgroup/NAME/ID",
        });
        template["Parameters"]["TargetGroupName"] = json!({
            "Type": "String",
            "Description": "The target group as CloudWatch names it: targetgroup/NAME/ID",
        });
        for unused in unused_parameters(&template) {
            if let Some(parameters) = template["Parameters"].as_object_mut() {
                parameters.remove(unused);
            }
        }
    }
    let mut text = serde_json::to_string_pretty(&template).unwrap_or_default();
    text.push('\n');
    text
}

fn launch_template(emission: &Emission<'_>, name: &str) -> Value {
    json!({
        "Type": "AWS::EC2::LaunchTemplate",
        "Properties": {
            "LaunchTemplateData": {
                "ImageId": { "Ref": "ImageId" },
                "InstanceType": emission.proposal.instance_type,
                "SecurityGroupIds": { "Ref": "SecurityGroups" },
                // Alarms of one minute need metrics of one minute.
                "Monitoring": { "Enabled": true },
                "MetadataOptions": { "HttpTokens": "required" },
                "TagSpecifications": [
                    { "ResourceType": "instance", "Tags": [{ "Key": "Name", "Value": name }] }
                ],
            },
        },
    })
}

fn group(emission: &Emission<'_>, name: &str) -> Value {
    let (policy, fleet) = (emission.policy(), emission.fleet());
    let template = json!({
        "LaunchTemplateId": { "Ref": "LaunchTemplate" },
        "Version": { "Fn::GetAtt": ["LaunchTemplate", "LatestVersionNumber"] },
    });
    let mut properties = json!({
        "MinSize": policy.minimum.to_string(),
        "MaxSize": policy.maximum.to_string(),
        "VPCZoneIdentifier": { "Ref": "Subnets" },
        "TargetGroupARNs": { "Ref": "TargetGroups" },
        "HealthCheckType": "ELB",
        "HealthCheckGracePeriod": fleet.boot_minutes * 60,
        "DefaultInstanceWarmup": fleet.warm_up_minutes * 60,
        "MetricsCollection": [{ "Granularity": "1Minute" }],
        "Tags": [{ "Key": "Name", "Value": name, "PropagateAtLaunch": true }],
    });
    if emission.spot_share > 0.0 {
        properties["CapacityRebalance"] = json!(true);
        properties["MixedInstancesPolicy"] = json!({
            "LaunchTemplate": { "LaunchTemplateSpecification": template },
            "InstancesDistribution": {
                "OnDemandBaseCapacity": policy.minimum,
                "OnDemandPercentageAboveBaseCapacity": emission.on_demand_percent(),
                "SpotAllocationStrategy": "price-capacity-optimized",
            },
        });
    } else {
        properties["LaunchTemplate"] = template;
    }
    json!({ "Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": properties })
}

/// Stopped instances that start faster.
fn warm_pool(instances: u32) -> Value {
    json!({
        "Type": "AWS::AutoScaling::WarmPool",
        "Properties": {
            "AutoScalingGroupName": { "Ref": "Group" },
            "MinSize": instances,
            "PoolState": "Stopped",
        },
    })
}

/// Gives those of the load balancer's two names that no resource refers to.
fn unused_parameters(template: &Value) -> Vec<&'static str> {
    let resources = template["Resources"].to_string();
    ["LoadBalancerLabel", "TargetGroupName"]
        .into_iter()
        .filter(|name| !resources.contains(&format!("{{\"Ref\":\"{name}\"}}")))
        .collect()
}

fn tracking_policy(emission: &Emission<'_>, tracking: &TargetTracking) -> Value {
    let (metric, target) = match emission.requests_at(tracking.metric, tracking.target) {
        Some(requests) => (
            json!({
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": { "Ref": "LoadBalancerLabel" },
            }),
            requests,
        ),
        None => (
            json!({ "PredefinedMetricType": "ASGAverageCPUUtilization" }),
            tracking.target * 100.0,
        ),
    };
    json!({
        "Type": "AWS::AutoScaling::ScalingPolicy",
        "Properties": {
            "AutoScalingGroupName": { "Ref": "Group" },
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": {
                "PredefinedMetricSpecification": metric,
                "TargetValue": target,
                "DisableScaleIn": !tracking.scale_in,
            },
        },
    })
}

fn step_policies(resources: &mut Map<String, Value>, steps: &StepScaling, emission: &Emission<'_>) {
    if !steps.out.is_empty() {
        let mut policy = step_policy(&emission.steps_out(steps));
        policy["Properties"]["EstimatedInstanceWarmup"] = json!(emission.fleet().warm_up_minutes * 60);
        resources.insert("StepOutPolicy".to_string(), policy);
        resources.insert(
            "HighAlarm".to_string(),
            alarm(
                emission,
                steps,
                ("StepOutPolicy", "GreaterThanThreshold"),
                (steps.high, steps.high_points),
            ),
        );
    }
    resources.insert("StepInPolicy".to_string(), step_policy(&emission.steps_in(steps)));
    resources.insert(
        "LowAlarm".to_string(),
        alarm(
            emission,
            steps,
            ("StepInPolicy", "LessThanThreshold"),
            (steps.low, steps.low_points),
        ),
    );
}

fn step_policy(steps: &[Step]) -> Value {
    let adjustments: Vec<Value> = steps
        .iter()
        .map(|step| {
            let mut adjustment = json!({ "ScalingAdjustment": step.change_percent });
            if let Some(lower) = step.lower {
                adjustment["MetricIntervalLowerBound"] = json!(lower);
            }
            if let Some(upper) = step.upper {
                adjustment["MetricIntervalUpperBound"] = json!(upper);
            }
            adjustment
        })
        .collect();
    json!({
        "Type": "AWS::AutoScaling::ScalingPolicy",
        "Properties": {
            "AutoScalingGroupName": { "Ref": "Group" },
            "PolicyType": "StepScaling",
            "AdjustmentType": "PercentChangeInCapacity",
            "MinAdjustmentMagnitude": 1,
            "MetricAggregationType": "Average",
            "StepAdjustments": adjustments,
        },
    })
}

fn alarm(
    emission: &Emission<'_>,
    steps: &StepScaling,
    (policy, comparison): (&str, &str),
    (level, points): (f64, u32),
) -> Value {
    let (namespace, metric, dimension, statistic, threshold) = match emission.requests_at(steps.metric, level) {
        Some(requests) => (
            "AWS/ApplicationELB",
            "RequestCountPerTarget",
            json!({ "Name": "TargetGroup", "Value": { "Ref": "TargetGroupName" } }),
            "Sum",
            requests,
        ),
        None => (
            "AWS/EC2",
            "CPUUtilization",
            json!({ "Name": "AutoScalingGroupName", "Value": { "Ref": "Group" } }),
            "Average",
            (level * 1_000.0).round() / 10.0,
        ),
    };
    json!({
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmActions": [{ "Ref": policy }],
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [dimension],
            "Statistic": statistic,
            "Period": 60,
            "EvaluationPeriods": points,
            "DatapointsToAlarm": points,
            "ComparisonOperator": comparison,
            "Threshold": threshold,
        },
    })
}

fn predictive_policy(emission: &Emission<'_>, predictive: &Predictive) -> Value {
    let target = emission
        .proposal
        .predictive_target_percent
        .unwrap_or(predictive.target * 100.0);
    json!({
        "Type": "AWS::AutoScaling::ScalingPolicy",
        "Properties": {
            "AutoScalingGroupName": { "Ref": "Group" },
            "PolicyType": "PredictiveScaling",
            "PredictiveScalingConfiguration": {
                "Mode": match predictive.mode {
                    PredictiveMode::ForecastOnly => "ForecastOnly",
                    PredictiveMode::ForecastAndScale => "ForecastAndScale",
                },
                "SchedulingBufferTime": predictive.lead_minutes * 60,
                "MetricSpecifications": [{
                    "TargetValue": target.round(),
                    "PredefinedMetricPairSpecification": { "PredefinedMetricType": "ASGCPUUtilization" },
                }],
            },
        },
    })
}
