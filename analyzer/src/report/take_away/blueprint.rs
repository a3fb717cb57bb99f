//! What phase 1 builds on EC2, whatever language it is then written in: hosts, volumes, groups, rules.
//!
//! Input: the plan and the map. Output: one [`Blueprint`] for so many hosts.
//! What a plan is unsure of is named in `left_out`. Names of hosts are only
//! values of tags; identifiers are numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use telemetry::untrusted::for_terminal;

use crate::dependency::DependencyMap;
use crate::plan::{Plan, Recommendation};
use crate::size::{Storage, VolumeProposal};

/// Hosts of one template: with groups and rules below the 500 resources that a CloudFormation template may have.
const HOSTS_AT_MOST: usize = 150;
/// Rules of one group; above the 60 that EC2 allows by default they are left to a person.
const RULES_AT_MOST: usize = 50;
/// Characters that a tag's value may have.
const TAG_AT_MOST: usize = 256;

/// What one template builds.
#[derive(Clone, Debug, Default)]
pub(super) struct Blueprint<'a> {
    /// Environments with the number of their security group, from 1.
    pub(super) groups: BTreeMap<&'a str, usize>,
    /// What groups let in.
    pub(super) rules: Vec<Rule>,
    /// Instances, one for each copy of a host.
    pub(super) instances: Vec<Instance<'a>>,
    /// Architectures, which need an image each.
    pub(super) architectures: BTreeSet<&'a str>,
    /// What is left to a person.
    pub(super) left_out: Vec<String>,
}

/// A rule of a group: who may come in, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Number of the group.
    pub(super) to: usize,
    /// Number within the group, from 1.
    pub(super) number: usize,
    /// Number of the group that is let in.
    pub(super) from: usize,
    /// `tcp` or `udp`.
    pub(super) protocol: &'static str,
    /// The port.
    pub(super) port: u16,
}

/// An instance.
#[derive(Clone, Debug)]
pub(super) struct Instance<'a> {
    /// The row it is of.
    pub(super) row: &'a Recommendation,
    /// Number of the host in the template, from 1.
    pub(super) host: usize,
    /// Number of the copy, from 1.
    pub(super) copy: u32,
    /// Its volumes.
    pub(super) volumes: Vec<Volume<'a>>,
}

/// A volume and where it is attached.
#[derive(Clone, Debug)]
pub(super) struct Volume<'a> {
    /// `/dev/xvda` of the root volume, the others from `/dev/sdf` on, as EC2 recommends for Linux.
    pub(super) device: String,
    /// Whether the instance starts from it.
    pub(super) is_root: bool,
    /// What was proposed.
    pub(super) proposal: &'a VolumeProposal,
}

impl Volume<'_> {
    /// Gives the word of its kind, such as `gp3`.
    pub(super) fn kind(&self) -> String {
        match serde_json::to_value(self.proposal.kind) {
            Ok(Value::String(word)) => word.to_lowercase(),
            _ => "gp3".to_string(),
        }
    }
}

impl<'a> Blueprint<'a> {
    /// Draws the blueprints of a plan, so many hosts each.
    pub(super) fn all(plan: &'a Plan, map: &DependencyMap) -> Vec<Self> {
        let rows: Vec<&Recommendation> = plan
            .recommendations
            .iter()
            .filter(|row| row.phase == "rehost" && row.target_service == "ec2" && row.instance_type.is_some())
            .collect();
        rows.chunks(HOSTS_AT_MOST).map(|rows| Self::of(rows, map)).collect()
    }

    fn of(rows: &[&'a Recommendation], map: &DependencyMap) -> Self {
        let mut blueprint = Self {
            architectures: rows.iter().filter_map(|row| row.architecture.as_deref()).collect(),
            ..Self::default()
        };
        for row in rows {
            let number = blueprint.groups.len() + 1;
            blueprint.groups.entry(&row.environment).or_insert(number);
        }
        blueprint.let_in(rows, map);
        for (number, row) in rows.iter().enumerate() {
            for copy in 0..row.instance_count.max(1) {
                let volumes = volumes(row, &mut blueprint.left_out);
                blueprint.instances.push(Instance {
                    row,
                    host: number + 1,
                    copy: copy + 1,
                    volumes,
                });
            }
        }
        blueprint
    }

    /// Lets in what was seen between the hosts of the template, group by group.
    fn let_in(&mut self, rows: &[&'a Recommendation], map: &DependencyMap) {
        let of: BTreeMap<&str, &str> = rows
            .iter()
            .map(|row| (row.host.as_str(), row.environment.as_str()))
            .collect();
        let mut seen: BTreeMap<usize, BTreeSet<(usize, &'static str, u16)>> = BTreeMap::new();
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
            seen.entry(self.groups[*to])
                .or_default()
                .insert((self.groups[*from], protocol, link.port));
        }
        for (to, rules) in seen {
            if rules.len() > RULES_AT_MOST {
                let line = format!("{} rules of Group{to}: more than a group may have", rules.len());
                self.left_out.push(line);
                continue;
            }
            for (at, (from, protocol, port)) in rules.into_iter().enumerate() {
                self.rules.push(Rule {
                    to,
                    number: at + 1,
                    from,
                    protocol,
                    port,
                });
            }
        }
    }
}

fn volumes<'a>(row: &'a Recommendation, left_out: &mut Vec<String>) -> Vec<Volume<'a>> {
    let host = for_terminal(&row.host);
    let proposals = match &row.proof.storage {
        Storage::Known(proposals) => proposals,
        Storage::Unknown { reason, .. } => {
            left_out.push(format!("volumes of {host}: {reason}"));
            return Vec::new();
        }
    };
    let mut devices = ('f'..='p').map(|letter| format!("/dev/sd{letter}"));
    let mut volumes = Vec::new();
    for proposal in proposals {
        let is_root = proposal.need.mounts.iter().any(|mount| mount == "/");
        let device = if is_root {
            Some("/dev/xvda".to_string())
        } else {
            devices.next()
        };
        let Some(device) = device else {
            left_out.push(format!("volumes of {host} beyond the eleventh"));
            break;
        };
        volumes.push(Volume {
            device,
            is_root,
            proposal,
        });
    }
    volumes
}

/// Makes a value of a tag: harmless, and cut to what a tag may hold.
pub(super) fn tag(value: &str) -> String {
    for_terminal(value).chars().take(TAG_AT_MOST).collect()
}
