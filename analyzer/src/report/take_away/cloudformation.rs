//! CloudFormation for what a plan proposes on EC2: instances with their volumes, and groups from what was seen.
//!
//! Input: the plan and the map. Output: one template for so many hosts, as
//! JSON. What a plan does not know is a parameter (network, image); what it is
//! unsure of is named in the template's metadata. Names of hosts are only
//! values of tags.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use telemetry::untrusted::for_terminal;

use crate::dependency::DependencyMap;
use crate::plan::{Plan, Recommendation};
use crate::size::{Storage, VolumeProposal};

/// Hosts of one template: with groups and rules below the 500 resources that a template may have.
const HOSTS_AT_MOST: usize = 150;
/// Rules of one group; above the 60 that EC2 allows by default they are left to a person.
const RULES_AT_MOST: usize = 50;
/// Characters that a tag's value may have.
const TAG_AT_MOST: usize = 256;

/// Makes the templates: names and text.
///
/// # Errors
/// When serialisation fails.
pub fn cloudformation(plan: &Plan, map: &DependencyMap) -> Result<Vec<(String, String)>, serde_json::Error> {
    let rows: Vec<&Recommendation> = plan
        .recommendations
        .iter()
        .filter(|row| row.target_service == "ec2" && row.instance_type.is_some())
        .collect();
    let mut templates = Vec::new();
    for (number, rows) in rows.chunks(HOSTS_AT_MOST).enumerate() {
        let mut text = serde_json::to_string_pretty(&template(plan, rows, map))?;
        text.push('\n');
        templates.push((format!("phase-1-{:02}.template.json", number + 1), text));
    }
    Ok(templates)
}

fn template(plan: &Plan, rows: &[&Recommendation], map: &DependencyMap) -> Value {
    let mut resources = Map::new();
    let mut left_out: Vec<String> = Vec::new();
    let mut environments: BTreeMap<&str, String> = BTreeMap::new();
    for row in rows {
        let number = environments.len() + 1;
        environments
            .entry(&row.environment)
            .or_insert_with(|| format!("Group{number}"));
    }
    let architectures: BTreeSet<&str> = rows.iter().filter_map(|row| row.architecture.as_deref()).collect();
    for (environment, id) in &environments {
        resources.insert(
            id.clone(),
            json!({
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "GroupDescription": format!("Hosts of one environment, number {}", &id[5..]),
                    "VpcId": { "Ref": "VpcId" },
                    "Tags": tags(&[("Name", environment)]),
                },
            }),
        );
    }
    rules(rows, &environments, map, &mut resources, &mut left_out);
    for (number, row) in rows.iter().enumerate() {
        for copy in 0..row.instance_count.max(1) {
            let id = format!("Host{:04}N{}", number + 1, copy + 1);
            let instance = instance(row, &environments[row.environment.as_str()], &mut left_out);
            resources.insert(id, instance);
        }
    }
    let mut parameters = Map::from_iter([
        ("VpcId".to_string(), json!({ "Type": "AWS::EC2::VPC::Id" })),
        ("SubnetId".to_string(), json!({ "Type": "AWS::EC2::Subnet::Id" })),
    ]);
    for architecture in architectures {
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

fn image_parameter(architecture: &str) -> &'static str {
    match architecture {
        "arm64" => "ImageIdArm64",
        _ => "ImageIdX86",
    }
}

fn instance(row: &Recommendation, group: &str, left_out: &mut Vec<String>) -> Value {
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
    let host = for_terminal(&row.host);
    match &row.proof.storage {
        Storage::Known(volumes) => {
            let devices = devices(volumes, &host, left_out);
            if !devices.is_empty() {
                properties.insert("BlockDeviceMappings".to_string(), Value::Array(devices));
            }
        }
        Storage::Unknown { reason, .. } => left_out.push(format!("volumes of {host}: {reason}")),
    }
    json!({ "Type": "AWS::EC2::Instance", "Properties": properties })
}

/// Gives the root volume as `/dev/xvda`, the others from `/dev/sdf` on, as EC2 recommends for Linux.
fn devices(volumes: &[VolumeProposal], host: &str, left_out: &mut Vec<String>) -> Vec<Value> {
    let is_root = |volume: &VolumeProposal| volume.need.mounts.iter().any(|mount| mount == "/");
    let mut names = ('f'..='p').map(|letter| format!("/dev/sd{letter}"));
    let mut devices = Vec::new();
    for volume in volumes {
        let name = if is_root(volume) {
            Some("/dev/xvda".to_string())
        } else {
            names.next()
        };
        let Some(name) = name else {
            left_out.push(format!("volumes of {host} beyond the eleventh"));
            break;
        };
        let mut ebs = Map::from_iter([
            ("VolumeType".to_string(), json!(volume_type(volume))),
            ("VolumeSize".to_string(), json!(volume.need.size_gib)),
            ("Encrypted".to_string(), json!(true)),
            ("DeleteOnTermination".to_string(), json!(is_root(volume))),
        ]);
        if let Some(iops) = volume.provisioned_iops {
            ebs.insert("Iops".to_string(), json!(iops));
        }
        // An instance's own volumes have no throughput to set in a template; gp3 comes with 125 MiB/s.
        if let Some(throughput) = volume.provisioned_mib_per_second.filter(|&rate| rate > 125) {
            left_out.push(format!(
                "throughput of {name} of {host}: set {throughput} MiB/s on the volume"
            ));
        }
        devices.push(json!({ "DeviceName": name, "Ebs": ebs }));
    }
    devices
}

fn volume_type(volume: &VolumeProposal) -> String {
    match serde_json::to_value(volume.kind) {
        Ok(Value::String(word)) => word.to_lowercase(),
        _ => "gp3".to_string(),
    }
}

/// Lets in what was seen between the hosts of the template, group by group.
fn rules(
    rows: &[&Recommendation],
    environments: &BTreeMap<&str, String>,
    map: &DependencyMap,
    resources: &mut Map<String, Value>,
    left_out: &mut Vec<String>,
) {
    let of: BTreeMap<&str, &str> = rows
        .iter()
        .map(|row| (row.host.as_str(), row.environment.as_str()))
        .collect();
    let mut seen: BTreeMap<&str, BTreeSet<(String, &str, u16)>> = BTreeMap::new();
    for link in &map.links {
        let Some((client, server)) = link.between_hosts() else {
            continue;
        };
        let (Some(from), Some(to)) = (of.get(client), of.get(server)) else {
            continue;
        };
        let protocol = match serde_json::to_value(link.transport) {
            Ok(Value::String(word)) if word.starts_with("udp") => "udp",
            _ => "tcp",
        };
        seen.entry(environments[*to].as_str())
            .or_default()
            .insert((environments[*from].clone(), protocol, link.port));
    }
    for (group, rules) in seen {
        if rules.len() > RULES_AT_MOST {
            left_out.push(format!("{} rules of {group}: more than a group may have", rules.len()));
            continue;
        }
        for (number, (from, protocol, port)) in rules.into_iter().enumerate() {
            resources.insert(
                format!("{group}Rule{:03}", number + 1),
                json!({
                    "Type": "AWS::EC2::SecurityGroupIngress",
                    "Properties": {
                        "GroupId": { "Fn::GetAtt": [group, "GroupId"] },
                        "SourceSecurityGroupId": { "Fn::GetAtt": [from, "GroupId"] },
                        "IpProtocol": protocol,
                        "FromPort": port,
                        "ToPort": port,
                    },
                }),
            );
        }
    }
}

/// Writes tags; values are cut to what a tag may hold.
fn tags(pairs: &[(&str, &str)]) -> Value {
    let tags: Vec<Value> = pairs
        .iter()
        .map(|(key, value)| {
            let value: String = for_terminal(value).chars().take(TAG_AT_MOST).collect();
            json!({ "Key": key, "Value": value })
        })
        .collect();
    Value::Array(tags)
}
