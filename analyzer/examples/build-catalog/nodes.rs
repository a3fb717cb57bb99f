//! `ElastiCache` and `OpenSearch`: types and prices.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sizewright_analyzer::catalog::YearMonth;
use sizewright_analyzer::catalog::nodes::{
    CacheEngine, CacheNode, CacheOffer, ReservedRates, SearchInstance, SearchOffer, UpfrontRates,
};
use sizewright_analyzer::money::UsdPerHour;
use telemetry::units::Bytes;

use super::rows::{Row, Rows, SourceError};

/// Cache node types and the offers of all regions.
pub struct CacheTables {
    /// By name.
    pub nodes: Vec<Arc<CacheNode>>,
    /// By region code.
    pub regions: BTreeMap<String, Vec<CacheOffer>>,
}

/// `OpenSearch` instance types and the offers of all regions.
pub struct SearchTables {
    /// By name.
    pub instances: Vec<Arc<SearchInstance>>,
    /// By region code.
    pub regions: BTreeMap<String, Vec<SearchOffer>>,
}

/// Reads cache node types and prices.
pub fn cache(folder: &Path) -> Result<CacheTables, SourceError> {
    let mut nodes: BTreeMap<String, Arc<CacheNode>> = BTreeMap::new();
    for row in Rows::read(folder, "elasticache_nodes.csv")?.iter() {
        let node = CacheNode {
            name: row.text("node_type")?.to_owned(),
            vcpu: row.number("vcpu")?,
            memory: Bytes::from_gibibytes(row.number("memory_gib")?),
            network: row.text("network")?.to_owned(),
            current_generation: row.flag("current_generation")?,
            category: row.text("family")?.to_owned(),
            redis_maxmemory: row.optional_number("redis_maxmemory_gib")?.map(Bytes::from_gibibytes),
            memcached_memory: row
                .optional_number("memcached_max_cache_memory_mib")?
                .map(Bytes::from_mebibytes),
            most_clients: row.number("max_clients")?,
        };
        nodes.insert(node.name.clone(), Arc::new(node));
    }
    let mut regions: BTreeMap<String, Vec<CacheOffer>> = BTreeMap::new();
    for row in Rows::read(folder, "elasticache_prices_2025-04.csv")?.iter() {
        let node = nodes
            .get(row.text("node_type")?)
            .ok_or_else(|| row.refused("node_type", "a node of elasticache_nodes.csv"))?;
        regions
            .entry(row.text("region")?.to_owned())
            .or_default()
            .push(CacheOffer {
                node: Arc::clone(node),
                engine: match row.text("engine")? {
                    "redis" => CacheEngine::Redis,
                    "valkey" => CacheEngine::Valkey,
                    "memcached" => CacheEngine::Memcached,
                    _ => return Err(row.refused("engine", "redis, valkey or memcached")),
                },
                on_demand: row
                    .listed("ondemand_usd_hr", published(row)?)?
                    .ok_or_else(|| row.refused("ondemand_usd_hr", "a price"))?,
                reserved: reserved(row)?,
            });
    }
    for offers in regions.values_mut() {
        offers.sort_by(|one, other| (one.engine, &one.node.name).cmp(&(other.engine, &other.node.name)));
    }
    Ok(CacheTables {
        nodes: nodes.into_values().collect(),
        regions,
    })
}

/// Reads `OpenSearch` instance types and prices.
pub fn search(folder: &Path) -> Result<SearchTables, SourceError> {
    let mut instances: BTreeMap<String, Arc<SearchInstance>> = BTreeMap::new();
    for row in Rows::read(folder, "opensearch_instances.csv")?.iter() {
        let instance = SearchInstance {
            name: row.text("instance_type")?.to_owned(),
            vcpu: row.number("vcpu")?,
            memory: Bytes::from_gibibytes(row.number("memory_gib")?),
            storage: row.text("storage")?.to_owned(),
            category: row.text("family")?.to_owned(),
            current_generation: row.flag("current_generation")?,
        };
        instances.insert(instance.name.clone(), Arc::new(instance));
    }
    let mut regions: BTreeMap<String, Vec<SearchOffer>> = BTreeMap::new();
    for row in Rows::read(folder, "opensearch_prices_2025-04.csv")?.iter() {
        let instance = instances
            .get(row.text("instance_type")?)
            .ok_or_else(|| row.refused("instance_type", "a type of opensearch_instances.csv"))?;
        regions
            .entry(row.text("region")?.to_owned())
            .or_default()
            .push(SearchOffer {
                instance: Arc::clone(instance),
                on_demand: row
                    .listed("ondemand_usd_hr", published(row)?)?
                    .ok_or_else(|| row.refused("ondemand_usd_hr", "a price"))?,
                reserved: reserved(row)?,
            });
    }
    for offers in regions.values_mut() {
        offers.sort_by(|one, other| one.instance.name.cmp(&other.instance.name));
    }
    Ok(SearchTables {
        instances: instances.into_values().collect(),
        regions,
    })
}

fn reserved(row: Row<'_>) -> Result<ReservedRates, SourceError> {
    let rate = |column: &str| Ok(row.decimal(column)?.map(UsdPerHour::from_decimal));
    Ok(ReservedRates {
        one_year: UpfrontRates {
            none: rate("ri_1y_noupfront")?,
            partial: rate("ri_1y_partial")?,
            all: rate("ri_1y_allupfront")?,
        },
        three_years: UpfrontRates {
            none: rate("ri_3y_noupfront")?,
            partial: rate("ri_3y_partial")?,
            all: rate("ri_3y_allupfront")?,
        },
    })
}

/// The month of both price tables.
fn published(row: Row<'_>) -> Result<YearMonth, SourceError> {
    YearMonth::new(2025, 4).ok_or_else(|| row.refused("region", "a month"))
}
