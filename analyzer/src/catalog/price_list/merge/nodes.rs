//! `ElastiCache` and `OpenSearch`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Incoming, commitments, some};
use crate::catalog::listed::RegionLists;
use crate::catalog::nodes::{CacheNode, CacheOffer, SearchInstance, SearchOffer};
use crate::catalog::price_list::fact::Subject;
use crate::catalog::tables::Tables;

pub(super) fn merge_cache(
    tables: &mut Tables,
    lists: &mut RegionLists,
    incoming: &Incoming<'_>,
    remarks: &mut Vec<String>,
) {
    let nodes: BTreeMap<&str, &Arc<CacheNode>> = tables
        .cache_nodes
        .iter()
        .map(|node| (node.name.as_str(), node))
        .collect();
    let reserved = commitments::node_rates(incoming, remarks);
    let mut unknown = Vec::new();
    let mut offers = Vec::new();
    for (subject, amount) in incoming.on_demand() {
        let Subject::Cache { node, engine } = subject else {
            continue;
        };
        match nodes.get(&**node) {
            Some(known) => offers.push(CacheOffer {
                node: Arc::clone(known),
                engine: *engine,
                on_demand: incoming.price(amount),
                reserved: reserved.get(subject).copied().unwrap_or_default(),
            }),
            None => unknown.push(node.to_string()),
        }
    }
    name_unknown(
        "cache nodes",
        unknown,
        lists,
        |name| name.starts_with("cache."),
        remarks,
    );
    if !offers.is_empty() {
        offers.sort_by(|one, other| (one.engine, &one.node.name).cmp(&(other.engine, &other.node.name)));
        tables.cache.insert(incoming.list.region.clone(), offers);
    }
}

pub(super) fn merge_search(
    tables: &mut Tables,
    lists: &mut RegionLists,
    incoming: &Incoming<'_>,
    remarks: &mut Vec<String>,
) {
    let instances: BTreeMap<&str, &Arc<SearchInstance>> = tables
        .search_instances
        .iter()
        .map(|instance| (instance.name.as_str(), instance))
        .collect();
    let reserved = commitments::node_rates(incoming, remarks);
    let mut unknown = Vec::new();
    let mut offers = Vec::new();
    for (subject, amount) in incoming.on_demand() {
        let Subject::Search(instance) = subject else { continue };
        match instances.get(&**instance) {
            Some(known) => offers.push(SearchOffer {
                instance: Arc::clone(known),
                on_demand: incoming.price(amount),
                reserved: reserved.get(subject).copied().unwrap_or_default(),
            }),
            None => unknown.push(instance.to_string()),
        }
    }
    name_unknown(
        "OpenSearch instances",
        unknown,
        lists,
        |name| name.ends_with(".search"),
        remarks,
    );
    if !offers.is_empty() {
        offers.sort_by(|one, other| one.instance.name.cmp(&other.instance.name));
        tables.search.insert(incoming.list.region.clone(), offers);
    }
}

/// Lists what has a price and no capacities.
fn name_unknown(
    what: &str,
    mut unknown: Vec<String>,
    lists: &mut RegionLists,
    is_of_offer: fn(&str) -> bool,
    remarks: &mut Vec<String>,
) {
    unknown.sort_unstable();
    unknown.dedup();
    lists.without_capacities.retain(|name| !is_of_offer(name));
    if !unknown.is_empty() {
        remarks.push(format!(
            "{} {what} have a price and no known capacities, so they are not proposed: {}",
            unknown.len(),
            some(&unknown)
        ));
    }
    lists.without_capacities.extend(unknown);
    lists.without_capacities.sort_unstable();
}
