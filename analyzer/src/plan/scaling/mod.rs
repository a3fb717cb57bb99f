//! What of the estate can scale: groups with their policies, hours of what nobody needs at night, databases.
//!
//! Input: a [`Plan`], the services that are known, and a way to read a host's
//! series. Output: a [`Scaling`], which is an alternative to the rows of the
//! same hosts: its bill has phase `scaling` and is never added to theirs.
//! Nothing is read of hosts that can neither be in a group nor be switched off.

mod bill;
mod cache;
mod database;
mod group;
mod night;
mod requests;
mod tier;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use telemetry::StoreError;
use telemetry::inventory::Category;

pub use cache::cache_scaling;
pub use database::{DatabaseScaling, database_scaling};
pub use group::{GroupScaling, WithSpot, foresight, group_load};
pub use night::NightRest;
pub use requests::{RequestScaling, RequestScalingError, scale_requests};

use super::{Plan, Recommendation};
use crate::catalog::Catalog;
use crate::inventory::{EstateSheet, HostSheet};
use crate::policy::{GroupRule, Membership};
use crate::price::Bill;
use crate::profile::{HostProfile, HostSeries, cpu_samples};
use crate::scale::{Alone, Load, Member, groups};

/// The phase of the bill's lines.
pub const SCALING_PHASE: &str = "scaling";
/// Services of these kinds keep data.
const KEEP_DATA: [Category; 7] = [
    Category::Database,
    Category::DocumentDatabase,
    Category::Cache,
    Category::Queue,
    Category::Search,
    Category::Coordination,
    Category::Files,
];
const GIBIBYTE: f64 = telemetry::units::GIBIBYTE;

/// What of the estate can scale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// The groups, by name.
    pub groups: Vec<GroupScaling>,
    /// Hosts that were looked at and do not scale out, with why.
    pub alone: Vec<Alone>,
    /// Hosts outside production with the hours in which they are needed.
    pub nights: Vec<NightRest>,
    /// Databases that a service of AWS would scale.
    pub databases: Vec<DatabaseScaling>,
    /// What the groups cost, instead of the rows of their hosts.
    pub bill: Bill,
}

impl Scaling {
    /// Says in a line what a host's group is proposed to be, or why the host does not scale; nothing where it was not looked at.
    #[must_use]
    pub fn of_host(&self, host: &str) -> Option<String> {
        if let Some(group) = self
            .groups
            .iter()
            .find(|one| one.group.hosts.iter().any(|name| name == host))
        {
            let name = &group.group.name;
            return Some(match &group.proposal {
                Some(proposal) => format!(
                    "in group {name} of {} hosts: {} × {}, {} to {}, {} a month for all; see `sizewright autoscale {name}`",
                    group.hosts,
                    proposal.instance_type,
                    proposal.selection.chosen.policy.words(),
                    proposal.selection.chosen.policy.minimum,
                    proposal.selection.chosen.policy.maximum,
                    super::explain::dollars(proposal.usd_per_month),
                ),
                None => format!(
                    "in group {name}, undecided: {}",
                    group.undecided_because.as_deref().unwrap_or("unknown")
                ),
            });
        }
        let alone = self.alone.iter().find(|alone| alone.host == host)?;
        Some(format!("does not scale out: {}", alone.because))
    }
}

/// What [`scaling`] needs beside the plan.
pub struct ScalingInputs<'a> {
    /// Specifications and prices.
    pub catalog: &'a Catalog,
    /// Profiles of the plan's hosts, for the growth of their data.
    pub profiles: &'a [HostProfile],
    /// What discovery found on the hosts.
    pub inventory: &'a EstateSheet,
    /// Reads the series of a host; called from several threads.
    pub read: &'a ReadHost<'a>,
    /// Is told of every group that is done, and of how many there are.
    pub done: &'a (dyn Fn(usize) + Sync),
}

/// Reads the series of a host; nothing when the store has none.
pub type ReadHost<'a> = dyn Fn(&str) -> Result<Option<HostSeries>, StoreError> + Sync + 'a;

/// A host of the plan with where it belongs.
struct Placed<'a> {
    row: &'a Recommendation,
    member: Membership,
}

/// Finds what can scale and how.
///
/// # Errors
/// When telemetry cannot be read.
pub fn scaling(plan: &Plan, inputs: &ScalingInputs<'_>) -> Result<Scaling, StoreError> {
    let placed: BTreeMap<&str, Placed<'_>> = plan
        .recommendations
        .iter()
        .map(|row| {
            (
                row.host.as_str(),
                Placed {
                    row,
                    member: plan.assessment.membership(&row.host),
                },
            )
        })
        .collect();
    let growth: BTreeMap<&str, f64> = inputs
        .profiles
        .iter()
        .map(|profile| {
            let bytes: f64 = profile
                .filesystems
                .iter()
                .map(|one| one.growth_bytes_per_day.max(0.0))
                .sum();
            (profile.host.as_str(), bytes / GIBIBYTE)
        })
        .collect();
    let members: Vec<Member> = placed
        .values()
        .map(|Placed { row, member }| {
            let mut one = Member::from_tags(&row.host, &row.environment, row.proof.group.as_deref(), &member.tags);
            if let Some(sheet) = inputs.inventory.host(&row.host) {
                found(&mut one, sheet);
            }
            one.growth_gib_per_day = growth.get(row.host.as_str()).copied();
            one
        })
        .collect();
    let load = |host: &str| host_load(host, inputs.read);
    let grouping = groups(&members, &plan.assessment.groups, &load)?;
    (inputs.done)(0);
    let proposed: Vec<GroupScaling> = grouping
        .groups
        .par_iter()
        .map(|group| {
            let rule = plan.assessment.groups.get(&group.rule).cloned().unwrap_or_default();
            let hosts: Vec<&Placed<'_>> = group
                .hosts
                .iter()
                .filter_map(|host| placed.get(host.as_str()))
                .collect();
            let proposed = group::propose_group(plan, group, &rule, &hosts, inputs)?;
            (inputs.done)(grouping.groups.len());
            Ok(proposed)
        })
        .collect::<Result<_, StoreError>>()?;
    let nights = night::nights(plan, &placed, inputs)?;
    let databases = database::databases(plan, &members, inputs)?;
    let bill = Bill::of(
        proposed
            .iter()
            .flat_map(|group| bill::lines(plan, group, &placed))
            .collect(),
    );
    Ok(Scaling {
        groups: proposed,
        alone: grouping.alone,
        nights,
        databases,
        bill,
    })
}

/// Adds what discovery found on a host: what serves, keeps data or balances load; not what every host has.
fn found(member: &mut Member, sheet: &HostSheet) {
    let of = |categories: &[Category]| -> Option<String> {
        let line = sheet.services.iter().find(|line| categories.contains(&line.category))?;
        Some(line.product.clone())
    };
    member.looked_at = true;
    member.keeps_data = of(&KEEP_DATA);
    let serves = of(&[Category::Web, Category::Application, Category::Containers]).is_some();
    member.balances = of(&[Category::Proxy]).filter(|_| !serves && member.keeps_data.is_none());
    member.services = sheet
        .services
        .iter()
        .filter(|line| !matches!(line.category, Category::Infrastructure | Category::Unknown))
        .map(|line| line.product.clone())
        .collect();
}

/// Reads a host's CPU; nothing where it was not measured, or not closely enough to scale by.
fn host_load(host: &str, read: &ReadHost<'_>) -> Result<Option<Load>, StoreError> {
    let series = read(host)?.and_then(|series| series.host);
    Ok(series.and_then(|series| Load::from_samples(&cpu_samples(&series)).ok()))
}

/// Says whether an environment is one that customers depend on; what is not known to be less is.
fn is_production(environment: &str) -> bool {
    let lesser = [
        "dev", "test", "stag", "stg", "uat", "qa", "sandbox", "demo", "preprod", "pre-prod", "nonprod", "non-prod",
    ];
    let name = environment.to_lowercase();
    !lesser.iter().any(|beginning| name.starts_with(beginning))
}

/// Gives the most share of minutes short that an environment bears (method §2: the dials).
fn short_share(environment: &str, rule: &GroupRule) -> f64 {
    rule.short_share.unwrap_or_else(|| {
        let name = environment.to_lowercase();
        match () {
            () if is_production(environment) => 0.005,
            () if name.starts_with("dev") || name.starts_with("sandbox") => 0.05,
            () => 0.02,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_that_is_not_known_is_taken_as_production() {
        for name in ["production", "prod", "live", "main"] {
            assert!(is_production(name));
            assert!(short_share(name, &GroupRule::default()) < 0.01);
        }
        for name in ["Development", "staging", "UAT", "pre-prod"] {
            assert!(!is_production(name));
            assert!(short_share(name, &GroupRule::default()) >= 0.02);
        }
        let stated = GroupRule {
            short_share: Some(0.1),
            ..GroupRule::default()
        };
        assert!((short_share("production", &stated) - 0.1).abs() < 1e-12);
    }
}
