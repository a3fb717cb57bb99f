//! Which hosts a scenario changes, and how.

use std::collections::BTreeMap;

use serde::Serialize;

use super::outcome::{HostCost, Outcome};
use crate::money::UsdPerMonth;
use crate::plan::Estate;

/// A host that is another type, is paid for otherwise, came in or went out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostChange {
    /// The host.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// Its type in the base; absent where it is not in, or nothing fits.
    pub from: Option<String>,
    /// Its type in the scenario.
    pub to: Option<String>,
    /// What it costs more a month, negative where it saves; absent where either side is not known.
    pub delta_usd_per_month: Option<UsdPerMonth>,
    /// Expected share of the time short in the base, and in the scenario.
    pub short: [Option<f64>; 2],
}

/// Hosts that change in the same way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Swap {
    /// Type in the base, or `-`.
    pub from: String,
    /// Type in the scenario, or `-`.
    pub to: String,
    /// Hosts.
    pub hosts: usize,
    /// What they cost more a month together, over those where it is known.
    pub delta_usd_per_month: UsdPerMonth,
}

/// Gives the type's name; nothing where the host is not in, or nothing fits.
fn name<'a>(cost: Option<&HostCost<'a>>) -> Option<&'a str> {
    Some(cost?.offer()?.shape.name.as_str())
}

/// Finds the hosts whose type differs, or which are in one of both only; largest change of cost first.
#[must_use]
pub fn changes(estate: &Estate<'_>, base: &Outcome<'_>, scenario: &Outcome<'_>) -> Vec<HostChange> {
    let mut found = Vec::new();
    let (mut one, mut other) = (base.hosts.iter().peekable(), scenario.hosts.iter().peekable());
    loop {
        let next = match (one.peek(), other.peek()) {
            (None, None) => break,
            (Some(own), None) => own.host,
            (None, Some(own)) => own.host,
            (Some(a), Some(b)) => a.host.min(b.host),
        };
        let before = one.next_if(|cost| cost.host == next);
        let after = other.next_if(|cost| cost.host == next);
        let copies = |cost: Option<&HostCost<'_>>| cost.map(|cost| cost.copies);
        if name(before) == name(after) && copies(before) == copies(after) {
            continue;
        }
        let known = |cost: Option<&HostCost<'_>>| match cost {
            None => Some(UsdPerMonth::ZERO),
            Some(cost) => Some(cost.total())
                .filter(|total| !total.is_at_least())
                .map(|total| total.known),
        };
        let standing = &estate.hosts[next];
        found.push(HostChange {
            host: standing.profile.host.clone(),
            environment: standing.member.environment.clone(),
            from: name(before).map(str::to_string),
            to: name(after).map(str::to_string),
            delta_usd_per_month: known(after).zip(known(before)).map(|(after, before)| after - before),
            short: [before, after].map(|cost| cost.and_then(|cost| cost.sized.short)),
        });
    }
    found.sort_by_key(|change| {
        let size = change.delta_usd_per_month.map(|delta| delta.as_decimal().abs());
        (std::cmp::Reverse(size), change.host.clone())
    });
    found
}

/// Takes hosts together that change in the same way; most hosts first.
#[must_use]
pub fn swaps(changes: &[HostChange]) -> Vec<Swap> {
    let mut by_types: BTreeMap<(&str, &str), (usize, UsdPerMonth)> = BTreeMap::new();
    for change in changes {
        let key = (
            change.from.as_deref().unwrap_or("-"),
            change.to.as_deref().unwrap_or("-"),
        );
        let entry = by_types.entry(key).or_default();
        entry.0 += 1;
        entry.1 = entry.1 + change.delta_usd_per_month.unwrap_or_default();
    }
    let mut swaps: Vec<Swap> = by_types
        .into_iter()
        .map(|((from, to), (hosts, delta))| Swap {
            from: from.to_string(),
            to: to.to_string(),
            hosts,
            delta_usd_per_month: delta,
        })
        .collect();
    swaps.sort_by_key(|swap| std::cmp::Reverse(swap.hosts));
    swaps
}
