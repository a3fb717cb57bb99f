//! What a group costs: instance-hours as replayed, and volumes of as many instances as ran.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{GroupScaling, Placed, SCALING_PHASE};
use crate::catalog::PriceMethod;
use crate::money::{HOURS_PER_MONTH, Usd, UsdPerMonth};
use crate::plan::Plan;
use crate::price::{BillLine, Category};
use crate::scale::hours_per_month;

/// Gives the lines of a group; none where nothing is proposed.
pub(super) fn lines(plan: &Plan, group: &GroupScaling, placed: &BTreeMap<&str, Placed<'_>>) -> Vec<BillLine> {
    let Some(proposal) = &group.proposal else {
        return Vec::new();
    };
    let hours = hours_per_month(&proposal.selection.chosen.held_out);
    let line = |category, item: String, quantity: Decimal, unit: &str| BillLine {
        phase: SCALING_PHASE.to_string(),
        host: group.group.name.clone(),
        environment: group.group.environment.clone(),
        group: Some(group.group.name.clone()),
        category,
        item,
        quantity,
        unit: unit.to_string(),
        unit_price: None,
        method: None,
        as_of: None,
        amount: None,
    };
    let hourly = proposal.price_usd_per_hour;
    let compute = BillLine {
        unit_price: Some(Usd::from_decimal(hourly.as_decimal())),
        method: Some(proposal.price_method),
        as_of: Some(proposal.price_as_of),
        amount: Some(UsdPerMonth::from_decimal(hourly.as_decimal() * hours)),
        ..line(
            Category::Compute,
            format!("EC2 {} Linux on demand, as the replay ran it", proposal.instance_type),
            hours,
            "hour",
        )
    };
    let instances = (hours / Decimal::from(HOURS_PER_MONTH)).round_dp(6);
    let mut storage = line(
        Category::Storage,
        "EBS volumes of an instance, the mean of the hosts'".to_string(),
        instances,
        "instance-month",
    );
    let volumes: Option<Vec<UsdPerMonth>> = group
        .group
        .hosts
        .iter()
        .map(|host| {
            placed
                .get(host.as_str())
                .and_then(|placed| placed.row.storage_usd_per_month)
        })
        .collect();
    if let Some(volumes) = volumes.filter(|volumes| !volumes.is_empty()) {
        let count = Decimal::from(volumes.len());
        let sum: UsdPerMonth = volumes.into_iter().sum();
        let each = (sum.as_decimal() / count).round_dp(10);
        storage.unit_price = Some(Usd::from_decimal(each));
        storage.method = Some(PriceMethod::Derived);
        storage.as_of = oldest_storage_price(plan, group);
        storage.amount = Some(UsdPerMonth::from_decimal(each * instances));
    }
    vec![compute, storage]
}

/// The month of the oldest price among the hosts' volumes.
fn oldest_storage_price(plan: &Plan, group: &GroupScaling) -> Option<crate::catalog::YearMonth> {
    plan.bill
        .lines
        .iter()
        .filter(|line| line.category == Category::Storage && group.group.hosts.contains(&line.host))
        .filter_map(|line| line.as_of)
        .min()
}
