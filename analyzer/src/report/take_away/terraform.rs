//! Terraform for what a plan proposes on EC2, in Terraform's JSON syntax: AWS provider 5 or later.
//!
//! Input: the plan and the map. Output: one configuration for so many hosts.
//! JSON, since names of hosts then cannot leave their strings; what Terraform
//! itself would evaluate in a string (`${`, `%{`) is escaped.

use serde_json::{Map, Value, json};

use super::blueprint::{Blueprint, Instance, Volume, tag};
use crate::dependency::DependencyMap;
use crate::plan::Plan;

/// Makes the configurations: names and text.
///
/// # Errors
/// When serialisation fails.
pub fn terraform(plan: &Plan, map: &DependencyMap) -> Result<Vec<(String, String)>, serde_json::Error> {
    let mut files = Vec::new();
    for (number, blueprint) in Blueprint::all(plan, map).into_iter().enumerate() {
        let mut text = serde_json::to_string_pretty(&configuration(plan, &blueprint))?;
        text.push('\n');
        // A folder each: Terraform reads all files of a folder as one.
        files.push((format!("phase-1-{:02}/main.tf.json", number + 1), text));
    }
    Ok(files)
}

fn configuration(plan: &Plan, blueprint: &Blueprint<'_>) -> Value {
    let region = plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region);
    let mut left_out: Vec<Value> = vec![json!(format!(
        "Phase 1 (rehost), planned for {} in {} by {}; what is left to a person:",
        plan.planned_on,
        literal(region),
        plan.program
    ))];
    left_out.extend(blueprint.left_out.iter().map(|line| json!(literal(line))));
    let mut variables = Map::from_iter([
        variable("vpc_id", "Network of the hosts"),
        variable("subnet_id", "Subnet of the hosts"),
        variable("availability_zone", "Zone of the subnet; volumes are made there"),
    ]);
    for architecture in &blueprint.architectures {
        let (name, value) = variable(
            image(architecture),
            &format!("Image of the migrated hosts on {architecture}"),
        );
        variables.insert(name, value);
    }
    json!({
        "//": left_out,
        "terraform": { "required_providers": { "aws": { "source": "hashicorp/aws", "version": ">= 5.0" } } },
        "provider": { "aws": { "region": literal(region) } },
        "variable": variables,
        "resource": resources(blueprint),
    })
}

fn variable(name: &str, description: &str) -> (String, Value) {
    (
        name.to_string(),
        json!({ "type": "string", "description": literal(description) }),
    )
}

fn resources(blueprint: &Blueprint<'_>) -> Value {
    let groups = blueprint.groups.iter().map(|(environment, number)| {
        let group = json!({
            "description": format!("Hosts of one environment, number {number}"),
            "vpc_id": "${var.vpc_id}",
            "tags": { "Name": text(environment) },
        });
        (group_id(*number), group)
    });
    let rules = blueprint.rules.iter().map(|rule| {
        let value = json!({
            "security_group_id": format!("${{aws_security_group.{}.id}}", group_id(rule.to)),
            "referenced_security_group_id": format!("${{aws_security_group.{}.id}}", group_id(rule.from)),
            "ip_protocol": rule.protocol,
            "from_port": rule.port,
            "to_port": rule.port,
        });
        (format!("{}_rule_{:03}", group_id(rule.to), rule.number), value)
    });
    let mut all = Map::from_iter([
        ("aws_security_group".to_string(), Value::Object(groups.collect())),
        ("aws_instance".to_string(), Value::Object(instances(blueprint))),
    ]);
    let (volumes, attachments) = volumes(blueprint);
    let further = [
        ("aws_vpc_security_group_ingress_rule", rules.collect()),
        ("aws_ebs_volume", volumes),
        ("aws_volume_attachment", attachments),
    ];
    for (kind, of_kind) in further {
        // Terraform takes no empty block of a kind.
        if !of_kind.is_empty() {
            all.insert(kind.to_string(), Value::Object(of_kind));
        }
    }
    Value::Object(all)
}

fn instances(blueprint: &Blueprint<'_>) -> Map<String, Value> {
    let instance = |one: &Instance<'_>| {
        let row = one.row;
        let group = group_id(blueprint.groups[row.environment.as_str()]);
        let mut value = json!({
            "ami": format!("${{var.{}}}", image(row.architecture.as_deref().unwrap_or_default())),
            "instance_type": row.instance_type,
            "subnet_id": "${var.subnet_id}",
            "vpc_security_group_ids": [format!("${{aws_security_group.{group}.id}}")],
            "metadata_options": { "http_tokens": "required" },
            "tags": {
                "Name": text(&row.host),
                "Environment": text(&row.environment),
                "SizewrightProposal": row.proposal.word(),
            },
        });
        if let Some(root) = one.volumes.iter().find(|volume| volume.is_root) {
            value["root_block_device"] = disk(root, "volume_type", "volume_size");
        }
        (host_id(one), value)
    };
    blueprint.instances.iter().map(instance).collect()
}

/// Gives the volumes beside the root, and where each is attached.
fn volumes(blueprint: &Blueprint<'_>) -> (Map<String, Value>, Map<String, Value>) {
    let (mut volumes, mut attachments) = (Map::new(), Map::new());
    for one in &blueprint.instances {
        for (at, volume) in one.volumes.iter().filter(|volume| !volume.is_root).enumerate() {
            let id = format!("{}_volume_{}", host_id(one), at + 1);
            let mut value = disk(volume, "type", "size");
            value["availability_zone"] = json!("${var.availability_zone}");
            value["tags"] = json!({
                "Name": text(&format!("{} {}", one.row.host, volume.proposal.need.mounts.join(" "))),
            });
            volumes.insert(id.clone(), value);
            let attachment = json!({
                "device_name": volume.device,
                "volume_id": format!("${{aws_ebs_volume.{id}.id}}"),
                "instance_id": format!("${{aws_instance.{}.id}}", host_id(one)),
            });
            attachments.insert(id, attachment);
        }
    }
    (volumes, attachments)
}

/// Writes what volumes of both kinds have, under the names that the kind gives to two of them.
fn disk(volume: &Volume<'_>, kind: &str, size: &str) -> Value {
    let mut value = json!({ "encrypted": true });
    value[kind] = json!(volume.kind());
    value[size] = json!(volume.proposal.need.size_gib);
    if let Some(iops) = volume.proposal.provisioned_iops {
        value["iops"] = json!(iops);
    }
    if let Some(rate) = volume.proposal.provisioned_mib_per_second {
        value["throughput"] = json!(rate);
    }
    value
}

fn group_id(number: usize) -> String {
    format!("group_{number}")
}

fn host_id(one: &Instance<'_>) -> String {
    format!("host_{:04}_{}", one.host, one.copy)
}

fn image(architecture: &str) -> &'static str {
    match architecture {
        "arm64" => "image_id_arm64",
        _ => "image_id_x86",
    }
}

/// Makes a value of a tag that Terraform takes as it stands.
fn text(value: &str) -> String {
    literal(&tag(value))
}

/// Escapes what Terraform would evaluate.
fn literal(value: &str) -> String {
    value.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn nothing_of_a_name_is_evaluated() {
        assert_eq!(
            literal("a${file(\"/etc/passwd\")}%{ if x }"),
            "a$${file(\"/etc/passwd\")}%%{ if x }"
        );
        assert_eq!(literal("$ {a} $"), "$ {a} $");
    }
}
