//! ElastiCache: nodes by usable memory, by the one thread that runs commands, by network; shards and replicas.
//!
//! Node memory holds the peak of what is used, times 1.1 to 2 by the share of
//! writes (copying on write while a snapshot is made), with 25 % reserved. The
//! usable `maxmemory` of the catalog counts, not the nominal size. Method §6.

use telemetry::units::GIBIBYTE;

use super::choose::{Choice, Class, choose, is_allowed, reason, shape_of};
use super::demand::{NodeDemand, WorkloadDemand};
use super::line::Line;
use super::need::{Ask, Evidence, Need};
use super::rds::{REFERENCE_REGION, each_vcpu};
use super::{OtherWay, Part, Setting, Sized};
use crate::catalog::nodes::{CacheEngine, CacheOffer};
use crate::service::Workload;
use crate::size::{CpuEquivalence, number};

/// Share of memory that AWS asks to keep free of data.
const RESERVED: f64 = 0.25;
/// Room for copies while writing: below 10 % of writes, and above 60 %.
const COPIES: (f64, f64) = (1.1, 2.0);
/// Shares of writes between which the room grows in a straight line.
const WRITE_SHARES: (f64, f64) = (0.1, 0.6);
/// Commands per second of one shard as a first estimate; method §6.
const OPERATIONS_OF_SHARD: f64 = 100_000.0;
/// How busy the one thread may be at P99.
const THREAD_SHARE: f64 = 0.8;
/// Most shards of a cluster without asking AWS for more.
const MOST_SHARDS: u32 = 90;

/// Sizes a cache.
pub(super) fn size(
    workload: &Workload,
    demand: &WorkloadDemand<'_>,
    engine: CacheEngine,
    setting: &Setting<'_>,
) -> Sized {
    let Some(needs) = needs(demand, engine) else {
        return Sized::stays("no telemetry of its memory: neither its counters, its processes nor the host");
    };
    let production = workload.is_production();
    let equivalence = demand.equivalence();
    let pick = |engine: CacheEngine, arm64: Option<bool>| {
        let classes: Vec<Class> = classes(engine, setting, production, &equivalence)
            .into_iter()
            .filter(|class| arm64.is_none_or(|arm64| (class.architecture.as_deref() == Some("arm64")) == arm64))
            .collect();
        // Memcached spreads keys over nodes in two zones; Redis and Valkey take as many shards as one node cannot hold.
        let least = if engine == CacheEngine::Memcached && production {
            2
        } else {
            1
        };
        (least..=MOST_SHARDS).find_map(|shards| {
            let own: Vec<Need> = needs.iter().map(|need| split(need, shards)).collect();
            let choice = choose(&own, classes.clone());
            choice.class.is_some().then_some((shards, own, choice))
        })
    };
    let Some((shards, own, choice)) = pick(engine, None) else {
        return Sized::stays(format!("no node of {engine} fits, even in {MOST_SHARDS} shards"));
    };
    let replicas = u32::from(production && engine != CacheEngine::Memcached);
    let count = shards * (1 + replicas);
    let layout = layout(engine, shards, replicas);
    let Choice {
        class,
        binding,
        rejected,
    } = choice.clone();
    let words = |engine: CacheEngine, class: &Class| format!("ElastiCache {engine} {} on demand", class.name);
    let lines: Vec<Line> = class
        .iter()
        .map(|class| Line::hours(words(engine, class), count, class.price.as_ref()))
        .collect();
    let mut sized = Sized {
        parts: vec![Part {
            host: workload.nodes[0].host.clone(),
            service: workload.nodes[0].service.clone(),
            what: layout.clone(),
            target_service: "elasticache".to_string(),
            engine: engine.to_string(),
            deployment: if count > 1 { "cluster" } else { "single-az" }.to_string(),
            cpu_equivalence: each_vcpu(class.as_ref(), &equivalence, &own),
            reason: format!("{}; {layout}", reason(&choice, &own)),
            class,
            count,
            zones: if count > 1 { 2 } else { 1 },
            needs: own,
            binding,
            rejected,
            storage_gib: None,
            lines,
        }],
        ..Sized::default()
    };
    let mut add = |name: &str, engine: CacheEngine, arm64: Option<bool>, remark: &str| {
        if let Some((shards, _, choice)) = pick(engine, arm64)
            && let Some(class) = choice.class
        {
            let count = shards * (1 + replicas);
            sized.others.push(OtherWay {
                name: name.to_string(),
                what: format!("{count} × {}", class.name),
                lines: vec![Line::hours(words(engine, &class), count, class.price.as_ref())],
                remark: remark.to_string(),
            });
        }
    };
    if engine == CacheEngine::Valkey {
        add(
            "Redis OSS",
            CacheEngine::Redis,
            None,
            "the same protocol; Valkey nodes cost 0.80 of it",
        );
    }
    add(
        "x86_64 nodes",
        engine,
        Some(false),
        "the engine is AWS's own: clients do not see the processor",
    );
    sized.others.push(OtherWay {
        name: "ElastiCache Serverless".to_string(),
        what: "pays for what is stored and processed".to_string(),
        lines: vec![Line::hours(format!("ElastiCache Serverless {engine}"), 1, None)],
        remark: "the catalog has no price of it".to_string(),
    });
    sized.assumed.push(format!(
        "one shard runs {} commands a second as a first estimate",
        number(OPERATIONS_OF_SHARD)
    ));
    sized
}

fn split(need: &Need, shards: u32) -> Need {
    match need.ask {
        // Every client connects to every shard.
        Ask::Connections => need.clone(),
        _ => need.split(shards),
    }
}

fn layout(engine: CacheEngine, shards: u32, replicas: u32) -> String {
    match (engine, shards, replicas) {
        (CacheEngine::Memcached, nodes, _) => format!("{nodes} nodes, keys spread by the client"),
        (_, 1, 0) => "one node".to_string(),
        (_, shards, replicas) => format!(
            "{shards} shard{}, each with {replicas} replica{} in another zone",
            if shards == 1 { "" } else { "s" },
            if replicas == 1 { "" } else { "s" }
        ),
    }
}

fn needs(demand: &WorkloadDemand<'_>, engine: CacheEngine) -> Option<Vec<Need>> {
    let node = demand.leading()?;
    // Shards hold parts of the data: primaries are added up, their replicas hold the same again.
    let primaries: Vec<&NodeDemand<'_>> = demand.working().filter(|one| one.node.role == node.node.role).collect();
    let used = |one: &NodeDemand<'_>| match one.counter("memory_used_bytes") {
        Some(own) => Some((own.maximum, own.maximum_at_ms, Evidence::OwnCounters)),
        None => one.resident().map(|(bytes, from)| (bytes, 0, from)),
    };
    let (mut bytes, mut at_ms, mut from) = (0.0, 0, Evidence::OwnCounters);
    for one in &primaries {
        let (own, own_at, own_from) = used(one)?;
        bytes += own;
        at_ms = at_ms.max(own_at);
        from = from.max(own_from);
    }
    let gib = bytes / GIBIBYTE;
    let rate = |metric: &str| -> Option<f64> {
        let sum: Option<Vec<f64>> = primaries.iter().map(|one| Some(one.counter(metric)?.mean)).collect();
        Some(sum?.iter().sum())
    };
    let mut needs = Vec::new();
    if engine == CacheEngine::Memcached {
        needs.push(
            Need::new(
                Ask::Memory,
                gib * COPIES.0,
                from,
                format!("at most {} GiB used × {}", number(gib), COPIES.0),
            )
            .with_peak(gib, at_ms),
        );
    } else {
        let writes = match (rate("writes_per_s"), rate("reads_per_s")) {
            (Some(writes), Some(reads)) if writes + reads > 0.0 => Some(writes / (writes + reads)),
            _ => None,
        };
        let copies = copies(writes);
        let why = writes.map_or_else(
            || "the share of writes is not known".to_string(),
            |share| format!("{:.0} % are writes", share * 100.0),
        );
        needs.push(
            Need::new(
                Ask::Memory,
                gib * copies / (1.0 - RESERVED),
                from,
                format!(
                    "at most {} GiB used × {} ({why}) / (1 − {:.0} % reserved)",
                    number(gib),
                    number(copies),
                    RESERVED * 100.0
                ),
            )
            .with_peak(gib, at_ms),
        );
        needs.extend(single_thread(&primaries));
    }
    let operations = primaries
        .iter()
        .map(|one| one.counter("operations_per_s"))
        .collect::<Option<Vec<_>>>();
    if let Some(operations) = operations {
        let sum: f64 = operations.iter().map(|stat| stat.p995).sum();
        needs.push(Need::new(
            Ask::Operations,
            sum,
            Evidence::OwnCounters,
            format!("P99.5 {} commands/s", number(sum)),
        ));
    }
    needs.extend(node.connections());
    needs.extend(node.network());
    Some(needs)
}

/// Gives the room for copies by the share of writes; in between in a straight line, and the most where it is not known.
fn copies(write_share: Option<f64>) -> f64 {
    let Some(share) = write_share else { return COPIES.1 };
    let (low, high) = WRITE_SHARES;
    let part = ((share - low) / (high - low)).clamp(0.0, 1.0);
    COPIES.0 + (COPIES.1 - COPIES.0) * part
}

/// Gives what the thread that runs commands needs: its own count, else its processes', else the host's.
fn single_thread(primaries: &[&NodeDemand<'_>]) -> Option<Need> {
    let mut sum = 0.0;
    let mut from = Evidence::OwnCounters;
    for one in primaries {
        let own = one
            .counter("cpu_busy_cores")
            .map(|stat| (stat.p99, Evidence::OwnCounters));
        let group = one
            .used
            .and_then(|used| used.cpu_cores.as_ref())
            .map(|stat| (stat.p99, Evidence::ProcessGroup));
        let host = || {
            let cpu = one.host.as_ref()?.profile.cpu.as_ref()?;
            Some((cpu.quantile(0.99), Evidence::WholeHost))
        };
        let (cores, evidence) = own.or(group).or_else(host)?;
        sum += cores;
        from = from.max(evidence);
    }
    Some(Need::new(
        Ask::SingleThread,
        sum / THREAD_SHARE,
        from,
        format!(
            "P99 {} cores, of one thread at most {:.0} % busy",
            number(sum),
            THREAD_SHARE * 100.0
        ),
    ))
}

fn classes(engine: CacheEngine, setting: &Setting<'_>, production: bool, equivalence: &CpuEquivalence) -> Vec<Class> {
    let of = |region: &str| -> Vec<&CacheOffer> {
        setting
            .catalog
            .cache_offers(region, engine)
            .map_or_else(|_| Vec::new(), Iterator::collect)
    };
    let here = of(setting.region);
    let is_known = !here.is_empty();
    let offers = if is_known { here } else { of(REFERENCE_REGION) };
    offers
        .into_iter()
        .filter(|offer| is_allowed(&offer.node.name, production))
        .filter_map(|offer| {
            let node = &offer.node;
            let usable = match engine {
                CacheEngine::Memcached => node.memcached_memory,
                CacheEngine::Redis | CacheEngine::Valkey => node.redis_maxmemory,
            }?;
            let shape = shape_of(setting.catalog, node.shape_name());
            let mut class = Class::on_shape(
                &node.name,
                (node.vcpu, node.memory.as_gibibytes()),
                shape,
                equivalence,
                is_known.then(|| offer.on_demand.clone()),
            );
            class.rank_usd_per_hour = offer.on_demand.amount.approximately();
            class.offers.insert(Ask::Memory, usable.as_gibibytes());
            class.offers.insert(Ask::Operations, OPERATIONS_OF_SHARD);
            class.offers.insert(Ask::Connections, f64::from(node.most_clients));
            // Nodes have no disks of their own to be limited by.
            class.offers.remove(&Ask::DiskOperations);
            class.offers.remove(&Ask::DiskThroughput);
            Some(class)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_copies_follows_the_share_of_writes() {
        assert!((copies(Some(0.02)) - 1.1).abs() < 1e-12);
        assert!((copies(Some(0.9)) - 2.0).abs() < 1e-12);
        assert!((copies(Some(0.35)) - 1.55).abs() < 1e-12);
        assert!((copies(None) - 2.0).abs() < 1e-12, "what is not known is taken as bad");
    }
}
