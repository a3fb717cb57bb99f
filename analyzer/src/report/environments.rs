//! The estate by environment and by family of instance types.

use std::collections::BTreeMap;

use serde::Serialize;

use super::amount::{count, dollars, total};
use super::shown::shown;
use crate::money::UsdPerMonth;
use crate::plan::Plan;
use crate::price::{Category, Total};

/// One environment's costs.
#[derive(Debug, Serialize)]
pub(super) struct EnvironmentRow {
    pub(super) name: String,
    pub(super) hosts: String,
    pub(super) rule: String,
    pub(super) compute: String,
    pub(super) storage: String,
    pub(super) total: String,
    #[serde(skip)]
    pub(super) compute_usd: UsdPerMonth,
    #[serde(skip)]
    pub(super) storage_usd: UsdPerMonth,
}

/// One family's share of the plan.
#[derive(Debug, Serialize)]
pub(super) struct FamilyRow {
    pub(super) name: String,
    pub(super) instances: String,
    pub(super) vcpus: String,
    pub(super) compute: String,
    #[serde(skip)]
    pub(super) compute_usd: UsdPerMonth,
}

/// Sums the bill by environment, the costliest first.
pub(super) fn environments(plan: &Plan) -> Vec<EnvironmentRow> {
    let mut hosts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &plan.recommendations {
        *hosts.entry(row.environment.as_str()).or_default() += 1;
    }
    let mut split: BTreeMap<(&str, Category), (UsdPerMonth, usize)> = BTreeMap::new();
    for line in &plan.bill.lines {
        let (sum, unknown) = split.entry((line.environment.as_str(), line.category)).or_default();
        match line.amount {
            Some(amount) => *sum = *sum + amount,
            None => *unknown += 1,
        }
    }
    let mut rows: Vec<EnvironmentRow> = hosts
        .iter()
        .map(|(&name, &hosts)| {
            let part = |category| {
                let (known, unknown_lines) = split.get(&(name, category)).copied().unwrap_or_default();
                Total { known, unknown_lines }
            };
            let (compute, storage) = (part(Category::Compute), part(Category::Storage));
            let sum = plan.bill.by_environment.get(name).copied().unwrap_or_default();
            EnvironmentRow {
                name: shown(name),
                hosts: count(hosts),
                rule: plan
                    .policies
                    .get(name)
                    .map_or_else(String::new, |policy| policy.rule.to_string()),
                compute: total(compute),
                storage: total(storage),
                total: total(sum),
                compute_usd: compute.known,
                storage_usd: storage.known,
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.compute_usd + row.storage_usd));
    rows
}

/// Sums compute by instance family, the costliest first.
pub(super) fn families(plan: &Plan) -> Vec<FamilyRow> {
    let mut families: BTreeMap<&str, (usize, u32, UsdPerMonth)> = BTreeMap::new();
    for row in &plan.recommendations {
        let (Some(name), Some(compute)) = (&row.instance_type, row.compute_usd_per_month) else {
            continue;
        };
        let family = name.split('.').next().unwrap_or(name);
        let (instances, vcpus, sum) = families.entry(family).or_default();
        *instances += row.instance_count as usize;
        *vcpus += row.vcpu.unwrap_or(0) * row.instance_count;
        *sum = *sum + compute;
    }
    let mut rows: Vec<FamilyRow> = families
        .into_iter()
        .map(|(name, (instances, vcpus, sum))| FamilyRow {
            name: name.to_string(),
            instances: count(instances),
            vcpus: count(vcpus as usize),
            compute: dollars(sum),
            compute_usd: sum,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.compute_usd));
    rows
}
