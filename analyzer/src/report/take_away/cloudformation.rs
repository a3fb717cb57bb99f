//! CloudFormation for what a plan proposes on EC2: instances with their volumes, and groups from what was seen.
//!
//! Input: the plan and the map. Output: one template for so many hosts, as
//! JSON. What a plan does not know is a parameter (network, image); what it is
//! unsure of is named in the template's metadata.

use serde_json::{Map, Value, json};
use telemetry::untrusted::for_terminal;

use super::blueprint::{Blueprint, Instance, tag};
use crate::dependency::DependencyMap;
use crate::plan::Plan;

/// Makes the templates: names and text.
///
/// # Errors
/// When serialisation fails.
pub fn cloudformation(plan: &Plan, map: &DependencyMap) -> Result<Vec<(String, String)>, serde_json::Error> {
    let mut templates = Vec::new();
    for (number, blueprint) in Blueprint::all(plan, map).into_iter().enumerate() {
        let mut text = serde_json::to_string_pretty(&template(plan, blueprint))?;
        text.push('\n');
        templates.push((format!("phase-1-{:02}.template.json", number + 1), text));
    }
    Ok(templates)
}

fn template(plan: &Plan, blueprint: Blueprint<'_>) -> Value {
    let mut resources = Map::new();
    let mut left_out = blueprint.left_out;
    for (environment, number) in &blueprint.groups {
        resources.insert(
            group(*number),
            json!({
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "GroupDescription": format!("Hosts of one environment, number {number}"),
                    "VpcId": { "Ref": "VpcId" },
                    "Tags": tags(&[("Name", environment)]),
                },
            }),
        );
    }
    for rule in &blueprint.rules {
        resources.insert(
            format!("Group{}Rule{:03}", rule.to, rule.number),
            json!({
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": {
                    "GroupId": { "Fn::GetAtt": [group(rule.to), "GroupId"] },
                    "SourceSecurityGroupId": { "Fn::GetAtt": [group(rule.from), "GroupId"] },
                    "IpProtocol": rule.protocol,
                    "FromPort": rule.port,
                    "ToPort": rule.port,
                },
            }),
        );
    }
    for one in &blueprint.instances {
        let id = format!("Host{:04}N{}", one.host, one.copy);
        let number = blueprint.groups[one.row.environment.as_str()];
        resources.insert(id, instance(one, &group(number), &mut left_out));
    }
    let mut parameters = Map::from_iter([
        ("VpcId".to_string(), json!({ "Type": "AWS::EC2::VPC::Id" })),
        ("SubnetId".to_string(), json!({ "Type": "AWS::EC2::Subnet::Id" })),
    ]);
    for architecture in blueprint.architectures {
        parameters.insert(
            image_parameter(architecture).to_string(),
            json!({
                "Type": "AWS::EC2::Image::Id",
                "Description": format!("Image of the migrated hosts on {architecture}"),
            }),
        );
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Phase 1 (rehost), planned for {} in {} by {}", plan.planned_on, plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region), plan.program),
        "Metadata": { "sizewright": { "left_out": left_out } },
        "Parameters": parameters,
        "Resources": resources,
    })
}

fn group(number: usize) -> String {
    format!("Group{number}")
}

fn image_parameter(architecture: &str) -> &'static str {
    match architecture {
        "arm64" => "ImageIdArm64",
        _ => "ImageIdX86",
    }
}

fn instance(one: &Instance<'_>, group: &str, left_out: &mut Vec<String>) -> Value {
    let row = one.row;
    let mut properties = Map::from_iter([
        ("InstanceType".to_string(), json!(row.instance_type)),
        (
            "ImageId".to_string(),
            json!({ "Ref": image_parameter(row.architecture.as_deref().unwrap_or_default()) }),
        ),
        ("SubnetId".to_string(), json!({ "Ref": "SubnetId" })),
        (
            "SecurityGroupIds".to_string(),
            json!([{ "Fn::GetAtt": [group, "GroupId"] }]),
        ),
        (
            "Tags".to_string(),
            tags(&[
                ("Name", &row.host),
                ("Environment", &row.environment),
                ("SizewrightProposal", row.proposal.word()),
            ]),
        ),
    ]);
    let devices = devices(one, left_out);
    if !devices.is_empty() {
        properties.insert("BlockDeviceMappings".to_string(), Value::Array(devices));
    }
    json!({ "Type": "AWS::EC2::Instance", "Properties": properties })
}

fn devices(one: &Instance<'_>, left_out: &mut Vec<String>) -> Vec<Value> {
    let mut devices = Vec::new();
    for volume in &one.volumes {
        let mut ebs = Map::from_iter([
            ("VolumeType".to_string(), json!(volume.kind())),
            ("VolumeSize".to_string(), json!(volume.proposal.need.size_gib)),
            ("Encrypted".to_string(), json!(true)),
            ("DeleteOnTermination".to_string(), json!(volume.is_root)),
        ]);
        if let Some(iops) = volume.proposal.provisioned_iops {
            ebs.insert("Iops".to_string(), json!(iops));
        }
        // An instance's own volumes have no throughput to set in a template; gp3 comes with 125 MiB/s.
        if let Some(rate) = volume.proposal.provisioned_mib_per_second.filter(|&rate| rate > 125) {
            left_out.push(format!(
                "throughput of {} of {}: set {rate} MiB/s on the volume",
                volume.device,
                for_terminal(&one.row.host)
            ));
        }
        devices.push(json!({ "DeviceName": volume.device, "Ebs": ebs }));
    }
    devices
}

/// Writes tags.
fn tags(pairs: &[(&str, &str)]) -> Value {
    let tags = pairs
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": tag(value) }));
    Value::Array(tags.collect())
}
