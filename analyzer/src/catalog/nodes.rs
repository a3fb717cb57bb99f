//! What `ElastiCache` and `OpenSearch` nodes can do and cost.
//!
//! Input: a catalog's rows. Output: [`CacheOffer`]s and [`SearchOffer`]s of a
//! region, with reserved rates where the source has them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use telemetry::units::Bytes;

use super::price::Price;
use crate::money::UsdPerHour;

/// Effective hourly rates of reserved nodes; what the source lacks is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReservedRates {
    /// One year.
    pub one_year: UpfrontRates,
    /// Three years.
    pub three_years: UpfrontRates,
}

/// Effective hourly rates of one term by how much is paid at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UpfrontRates {
    /// Nothing at once.
    pub none: Option<UsdPerHour>,
    /// About half at once, spread over the term here.
    pub partial: Option<UsdPerHour>,
    /// All at once, spread over the term here.
    pub all: Option<UsdPerHour>,
}

/// Cache engines with a price of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheEngine {
    /// Valkey; 0.80 of Redis.
    Valkey,
    /// Redis OSS.
    Redis,
    /// Memcached.
    Memcached,
}

impl CacheEngine {
    /// Gives AWS's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Valkey => "valkey",
            Self::Redis => "redis",
            Self::Memcached => "memcached",
        }
    }
}

impl fmt::Display for CacheEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// An `ElastiCache` node type's capacities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CacheNode {
    /// Name, such as `cache.r7g.large`.
    pub name: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory as advertised; more than an engine may use.
    pub memory: Bytes,
    /// Network, in AWS's words; the EC2 type has the figures.
    pub network: String,
    /// Whether AWS counts the type as current generation.
    pub current_generation: bool,
    /// AWS's category.
    pub category: String,
    /// Default `maxmemory` of Redis and Valkey: what data may use, before the reserved share.
    pub redis_maxmemory: Option<Bytes>,
    /// What Memcached may use.
    pub memcached_memory: Option<Bytes>,
    /// Most client connections.
    pub most_clients: u32,
}

impl CacheNode {
    /// Gives the name of the EC2 instance type it runs on, whose network limits hold.
    #[must_use]
    pub fn shape_name(&self) -> &str {
        self.name.strip_prefix("cache.").unwrap_or(&self.name)
    }
}

/// Prices of a node type with an engine in a region.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheOffer {
    /// The node type.
    pub node: Arc<CacheNode>,
    /// The engine.
    pub engine: CacheEngine,
    /// On demand.
    pub on_demand: Price<UsdPerHour>,
    /// Reserved, of the same month.
    pub reserved: ReservedRates,
}

/// An `OpenSearch` instance type's capacities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchInstance {
    /// Name, such as `r6g.large.search`.
    pub name: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory.
    pub memory: Bytes,
    /// Local storage, in AWS's words, or "EBS Only".
    pub storage: String,
    /// AWS's category.
    pub category: String,
    /// Whether AWS counts the type as current generation.
    pub current_generation: bool,
}

impl SearchInstance {
    /// Gives the name of the EC2 instance type it runs on, where it is one.
    #[must_use]
    pub fn shape_name(&self) -> &str {
        self.name.strip_suffix(".search").unwrap_or(&self.name)
    }
}

/// Prices of an `OpenSearch` instance type in a region.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOffer {
    /// The instance type.
    pub instance: Arc<SearchInstance>,
    /// On demand.
    pub on_demand: Price<UsdPerHour>,
    /// Reserved, of the same month.
    pub reserved: ReservedRates,
}
