//! Caches that `ElastiCache` would scale: shards, and replicas where reads may go to them; proposed only where the replay pays.
//!
//! Input: a cache's host: its CPU minute by minute, the memory its plan asks
//! for, and what share of its work is reads where a tag says so. Output:
//! [`DatabaseScaling`]. One thread of a node runs commands, so that a shard
//! carries one core; data does not follow the hour, so that the shards which
//! hold it are the fewest there may be. Only current large to 2xlarge nodes
//! take part, as AWS documents for its auto scaling.

use jiff::tz::TimeZone;

use super::database::{DatabaseScaling, judge, read_share, unless_read_share_is_known};
use super::{is_production, short_share};
use crate::catalog::Catalog;
use crate::catalog::nodes::{CacheEngine, CacheOffer};
use crate::money::UsdPerMonth;
use crate::plan::{Plan, Recommendation};
use crate::policy::GroupRule;
use crate::scale::{Fleet, Foresight, Goal, Load, Selection, Stage, UnitKind, cheapest, per_month, units_for};

/// Share of a node's memory that AWS asks to keep free of data.
const RESERVED: f64 = 0.25;
/// Minutes until a new node is there.
const NODE_MINUTES: u32 = 8;
/// Minutes to move a gibibyte of slots to a new shard; an assumption, said with every proposal.
const MINUTES_PER_GIB: f64 = 1.0;
/// Most shards without asking AWS for more.
const MOST_SHARDS: u32 = 90;
/// Most replicas of a shard.
const MOST_REPLICAS: u32 = 5;
/// Families that ElastiCache scales by itself.
const FAMILIES: [&str; 7] = ["r7g", "r6g", "r5", "m7g", "m6g", "m5", "c7gn"];
/// Sizes that it scales.
const SIZES: [&str; 3] = ["large", "xlarge", "2xlarge"];
const SHARDS: &str = "ElastiCache auto scaling of shards";
const REPLICAS: &str = "ElastiCache auto scaling of replicas";

/// A cache with what it needs.
struct Cache<'a> {
    plan: &'a Plan,
    row: &'a Recommendation,
    service: &'a str,
    load: &'a Load,
    /// What nodes must hold between them, with the reserved share.
    memory_gib: f64,
    offers: Vec<Node<'a>>,
}

/// A node type that ElastiCache scales.
struct Node<'a> {
    offer: &'a CacheOffer,
    usable_gib: f64,
    /// Source cores that its one thread carries.
    cores: f64,
}

/// Replays one cache on what `ElastiCache` offers; nothing where its CPU or memory is not known.
#[must_use]
pub fn cache_scaling(
    plan: &Plan,
    row: &Recommendation,
    service: &str,
    engine: CacheEngine,
    load: &Load,
    catalog: &Catalog,
) -> Vec<DatabaseScaling> {
    let Some(memory) = row.memory_demand_gib else {
        return Vec::new();
    };
    let cache = Cache {
        plan,
        row,
        service,
        load,
        memory_gib: memory / (1.0 - RESERVED),
        offers: nodes(row, engine, catalog),
    };
    vec![cache.shards(), cache.replicas()]
}

fn nodes<'a>(row: &Recommendation, engine: CacheEngine, catalog: &'a Catalog) -> Vec<Node<'a>> {
    let Ok(offers) = catalog.cache_offers(&row.region, engine) else {
        return Vec::new();
    };
    offers
        .filter(|offer| scales(&offer.node.name))
        .filter_map(|offer| {
            let shape = catalog.shape(offer.node.shape_name())?;
            Some(Node {
                usable_gib: offer.node.redis_maxmemory?.as_gibibytes(),
                cores: row.proof.cpu_equivalence.of(shape),
                offer,
            })
        })
        .collect()
}

/// Says whether `ElastiCache` scales a node type by itself.
fn scales(name: &str) -> bool {
    let mut parts = name.trim_start_matches("cache.").split('.');
    let (family, size) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    FAMILIES.contains(&family) && SIZES.contains(&size)
}

impl Cache<'_> {
    fn blank(&self, offer: &str, because: String) -> DatabaseScaling {
        DatabaseScaling {
            host: self.row.host.clone(),
            service: self.service.to_string(),
            offer: offer.to_string(),
            proposal: None,
            because,
            usd_per_month: None,
            provisioned_usd_per_month: None,
            short_share: None,
        }
    }

    /// Nodes of a shard: its primary, and a replica in another zone where customers depend on it.
    fn nodes_per_shard(&self) -> u32 {
        1 + u32::from(is_production(&self.row.environment))
    }

    fn goal(&self) -> Goal {
        Goal {
            short_share: short_share(&self.row.environment, &GroupRule::default()),
            redundant: false,
            ..Goal::default()
        }
    }

    fn no_price(&self) -> String {
        format!(
            "no node type that ElastiCache scales has a known price in {}",
            self.row.region
        )
    }

    fn shards(&self) -> DatabaseScaling {
        let mut out = self.blank(SHARDS, self.no_price());
        let crest = self.load.quantile(0.999).unwrap_or(0.0);
        let each = self.nodes_per_shard();
        out.provisioned_usd_per_month = self.cheapest_fixed(crest, each);
        let zone = self.plan.assessment.zone().unwrap_or(TimeZone::UTC);
        let stage = Stage::new(self.load, &zone, &Foresight::default());
        let kinds = self
            .offers
            .iter()
            .map(|node| {
                let least = units_for(self.memory_gib / node.usable_gib).max(1);
                let minutes = NODE_MINUTES + (self.memory_gib / f64::from(least) * MINUTES_PER_GIB).ceil() as u32;
                let fleet = Fleet {
                    boot_minutes: minutes,
                    warm_up_minutes: minutes,
                    zones: 1,
                    ..Fleet::default()
                };
                let goal = Goal {
                    least_units: least,
                    most_units: Some(MOST_SHARDS),
                    ..self.goal()
                };
                node.kind(fleet, goal)
            })
            .collect();
        let Some((node, selection)) = cheapest(&stage, kinds) else {
            return out;
        };
        let usd = cost(node, &selection, each);
        out.usd_per_month = Some(usd);
        out.short_share = Some(selection.chosen.held_out.short_share());
        if let Some(why) = &selection.static_because {
            out.because = format!(
                "a fixed number of shards: {}; what it holds needs {} × {}, and a gibibyte is taken to move in {MINUTES_PER_GIB:.0} minute",
                why.words(),
                units_for(self.memory_gib / node.usable_gib).max(1),
                node.offer.node.name
            );
            return out;
        }
        let provisioned = out.provisioned_usd_per_month;
        judge(
            &mut out,
            usd,
            provisioned,
            format!(
                "shards of {}, {}; a gibibyte is taken to move in {MINUTES_PER_GIB:.0} minute",
                node.offer.node.name,
                selection.chosen.policy.words()
            ),
            "the shards that hold the data run at all hours",
        );
        out
    }

    fn replicas(&self) -> DatabaseScaling {
        let mut out = self.blank(REPLICAS, unless_read_share_is_known());
        let crest = self.load.quantile(0.999).unwrap_or(0.0);
        out.provisioned_usd_per_month = self.cheapest_fixed(crest, self.nodes_per_shard());
        let Some(share) = read_share(self.plan, &self.row.host) else {
            return out;
        };
        out.because = format!("no node type that ElastiCache scales holds {:.1} GiB", self.memory_gib);
        let zone = self.plan.assessment.zone().unwrap_or(TimeZone::UTC);
        let stage = Stage::new(&self.load.times(share), &zone, &Foresight::default());
        let fleet = Fleet {
            boot_minutes: NODE_MINUTES,
            warm_up_minutes: NODE_MINUTES,
            zones: 1,
            ..Fleet::default()
        };
        let goal = Goal {
            least_units: u32::from(is_production(&self.row.environment)),
            most_units: Some(MOST_REPLICAS),
            ..self.goal()
        };
        let writes = crest * (1.0 - share);
        let kinds = self
            .offers
            .iter()
            .filter(|node| node.usable_gib >= self.memory_gib && node.cores >= writes)
            .map(|node| node.kind(fleet.clone(), goal.clone()))
            .collect();
        let Some((node, selection)) = cheapest(&stage, kinds) else {
            return out;
        };
        let usd = node.offer.on_demand.amount.per_month() + cost(node, &selection, 1);
        out.usd_per_month = Some(usd);
        out.short_share = Some(selection.chosen.held_out.short_share());
        let provisioned = out.provisioned_usd_per_month;
        judge(
            &mut out,
            usd,
            provisioned,
            format!(
                "a primary and replicas of {}, {}; clients must read from replicas",
                node.offer.node.name,
                selection.chosen.policy.words()
            ),
            "every replica holds the whole data",
        );
        out
    }

    /// Gives the cost of the cheapest fixed number of shards that holds data and crest.
    fn cheapest_fixed(&self, crest: f64, nodes_per_shard: u32) -> Option<UsdPerMonth> {
        let fixed = self.offers.iter().map(|node| {
            let shards = units_for(self.memory_gib / node.usable_gib)
                .max(units_for(crest / node.cores))
                .max(1);
            (0..shards * nodes_per_shard)
                .map(|_| node.offer.on_demand.amount.per_month())
                .sum()
        });
        fixed.min()
    }
}

impl Node<'_> {
    fn kind(&self, fleet: Fleet, goal: Goal) -> UnitKind<&Self> {
        UnitKind {
            what: self,
            cores: self.cores,
            fleet,
            goal,
            price: self.offer.on_demand.amount,
        }
    }
}

/// Gives what the nodes cost a month as on the part that is held out.
fn cost(node: &Node<'_>, selection: &Selection, nodes_per_shard: u32) -> UsdPerMonth {
    let one = per_month(node.offer.on_demand.amount, &selection.chosen.held_out);
    (0..nodes_per_shard).map(|_| one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nodes_that_aws_scales_take_part() {
        for (name, takes_part) in [
            ("cache.r7g.large", true),
            ("cache.m5.2xlarge", true),
            ("cache.r7g.4xlarge", false),
            ("cache.t4g.medium", false),
            ("cache.r6gd.xlarge", false),
        ] {
            assert_eq!(scales(name), takes_part, "{name}");
        }
    }
}
