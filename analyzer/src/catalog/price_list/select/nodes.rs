//! `ElastiCache` nodes and `OpenSearch` instances.

use super::unit::UnitKind;
use super::{bare, capacity, is_blank};
use crate::catalog::nodes::CacheEngine;
use crate::catalog::price_list::collect::{LeftOut, Selected};
use crate::catalog::price_list::fact::Subject;
use crate::catalog::price_list::field::{Field, Row};
use crate::catalog::services::Product;

pub(super) fn cache(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let node = row.cell(Field::InstanceType);
    if row.cell(Field::ProductFamily) != "Cache Instance"
        || !node.starts_with("cache.")
        || !bare(row.cell(Field::UsageType)).starts_with("NodeUsage:")
        // Extended support is a fee beside the node's price.
        || !is_blank(row.cell(Field::YearNumber))
    {
        return Err(LeftOut::NotKept);
    }
    let engine = match row.cell(Field::CacheEngine) {
        "Redis" => CacheEngine::Redis,
        "Valkey" => CacheEngine::Valkey,
        "Memcached" => CacheEngine::Memcached,
        _ => return Err(LeftOut::NotKept),
    };
    Ok(Selected {
        subject: Subject::Cache {
            node: node.into(),
            engine,
        },
        unit: UnitKind::Hour,
        capacity: capacity(row),
    })
}

pub(super) fn search(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let usage = bare(row.cell(Field::UsageType));
    if usage == "ES:GP2-Storage" {
        return Ok(Selected {
            subject: Subject::Product(Product::OpenSearchGp2GibMonth),
            unit: UnitKind::GibMonth,
            capacity: None,
        });
    }
    let instance = row.cell(Field::InstanceType);
    if !usage.starts_with("ESInstance:") || !instance.ends_with(".search") {
        return Err(LeftOut::NotKept);
    }
    Ok(Selected {
        subject: Subject::Search(instance.into()),
        unit: UnitKind::Hour,
        capacity: capacity(row),
    })
}
