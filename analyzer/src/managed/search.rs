//! OpenSearch: data nodes by CPU, heap and shards; storage with copies; dedicated masters in production. Method §6.

use telemetry::units::GIBIBYTE;

use super::choose::{Class, choose, is_allowed, reason, shape_of};
use super::demand::WorkloadDemand;
use super::line::Line;
use super::need::{Ask, Evidence, Need};
use super::rds::{REFERENCE_REGION, each_vcpu};
use super::{OtherWay, Part, Setting, Sized};
use crate::catalog::Product;
use crate::catalog::nodes::SearchOffer;
use crate::service::Workload;
use crate::size::{CpuEquivalence, number};

/// Storage for one byte of data: indexing overhead, the system's and the service's reserve.
const OVERHEAD: f64 = 1.45;
/// Copies beside the primary data.
const REPLICAS: f64 = 1.0;
/// Largest heap that a node is given, GiB; half its memory up to there.
const MOST_HEAP_GIB: f64 = 31.0;
/// Shards that a GiB of heap may keep.
const SHARDS_PER_HEAP_GIB: f64 = 25.0;
/// Masters of a production cluster, and the smallest class that AWS advises for up to ten data nodes.
const MASTERS: (u32, &str) = (3, "m6g.large.search");
/// Share of the heap that may be in use at most.
const HEAP_SHARE: f64 = 0.75;

/// Sizes a search cluster.
pub(super) fn size(workload: &Workload, demand: &WorkloadDemand<'_>, setting: &Setting<'_>) -> Sized {
    let production = workload.is_production();
    let zones: u32 = if production { 3 } else { 1 };
    let Some(cpu) = demand.cpu_together(None) else {
        return Sized::stays("no telemetry of its hosts");
    };
    let heap = demand.sum(|node| {
        let (bytes, from) = match node.counter("heap_used_bytes") {
            Some(own) => (own.maximum, Evidence::OwnCounters),
            None => node.resident()?,
        };
        let gib = bytes / GIBIBYTE;
        Some(Need::new(
            Ask::Heap,
            gib / HEAP_SHARE,
            from,
            format!("{} GiB of heap at most {:.0} % full", number(gib), HEAP_SHARE * 100.0),
        ))
    });
    let shards = demand
        .working()
        .filter_map(|node| node.counter("shards"))
        .map(|stat| stat.maximum);
    let shards = shards.reduce(f64::max).map(|shards| {
        Need::new(
            Ask::Shards,
            shards,
            Evidence::OwnCounters,
            format!("{} shards of the cluster", number(shards)),
        )
    });
    let equivalence = demand.equivalence();
    let classes = classes(setting, production, &equivalence);
    let all: Vec<Need> = [Some(cpu), heap, shards].into_iter().flatten().collect();
    let found = (1..=20).find_map(|times| {
        let nodes = times * zones;
        let carrying = if zones > 1 { nodes - nodes / zones } else { nodes };
        let needs: Vec<Need> = all
            .iter()
            // With a zone gone the rest carries the load; what is held is held by all.
            .map(|need| need.split(if need.ask == Ask::Cpu { carrying } else { nodes }))
            .collect();
        let choice = choose(&needs, classes.clone());
        choice.class.is_some().then_some((nodes, needs, choice))
    });
    let Some((nodes, mut needs, choice)) = found else {
        return Sized::stays("no data node of the catalog carries it");
    };
    let replicas = if production { REPLICAS } else { 0.0 };
    let (storage, storage_line) = storage(demand, replicas, setting);
    needs.extend(storage.clone());
    let mut lines: Vec<Line> = choice
        .class
        .iter()
        .map(|class| {
            Line::hours(
                format!("OpenSearch {} data nodes on demand", class.name),
                nodes,
                class.price.as_ref(),
            )
        })
        .collect();
    let mut notes = Vec::new();
    if production {
        let (count, name) = MASTERS;
        let price = offers(setting.region, setting)
            .into_iter()
            .find(|offer| offer.instance.name == name)
            .map(|offer| offer.on_demand.clone());
        lines.push(Line::hours(
            format!("OpenSearch {name} dedicated masters on demand"),
            count,
            price.as_ref(),
        ));
        notes.push(format!("{count} dedicated masters of {name}, one a zone"));
    }
    lines.push(storage_line);
    if let Some(size) = average_shard(demand) {
        notes.push(size);
    }
    Sized {
        parts: vec![Part {
            host: workload.nodes[0].host.clone(),
            service: workload.nodes[0].service.clone(),
            what: format!("{nodes} data node{}", if nodes == 1 { "" } else { "s" }),
            target_service: "opensearch".to_string(),
            engine: "opensearch".to_string(),
            deployment: if nodes == 1 { "single-az" } else { "cluster" }.to_string(),
            cpu_equivalence: each_vcpu(choice.class.as_ref(), &equivalence, &needs),
            reason: format!("{}; {nodes} over {zones} zones", reason(&choice, &needs)),
            class: choice.class,
            count: nodes,
            zones,
            binding: choice.binding,
            rejected: choice.rejected,
            storage_gib: storage.map(|need| need.amount),
            lines,
            needs,
        }],
        others: vec![OtherWay {
            name: "OpenSearch Serverless".to_string(),
            what: "pays by capacity unit".to_string(),
            lines: vec![Line::hours("OpenSearch Serverless", 1, None)],
            remark: "the catalog has no price of it".to_string(),
        }],
        assumed: vec!["volumes are gp3 at the price of gp2, the only one the catalog has; largest volumes of a type are not in it: check".to_string()],
        notes,
        ..Sized::default()
    }
}

/// Gives the bytes of storage that a byte of primary data takes: its copies, and what AWS asks for on top.
pub(crate) fn storage_for_a_byte(production: bool) -> f64 {
    (1.0 + if production { REPLICAS } else { 0.0 }) * OVERHEAD
}

fn storage(demand: &WorkloadDemand<'_>, replicas: f64, setting: &Setting<'_>) -> (Option<Need>, Line) {
    let product = setting.catalog.product(setting.region, Product::OpenSearchGp2GibMonth);
    let stored: Option<Vec<_>> = demand
        .working()
        .map(|node| node.stored("primary_data_bytes", &["elasticsearch", "opensearch"]))
        .collect();
    let Some(stored) = stored.filter(|stored| !stored.is_empty()) else {
        let line = Line::storage(
            "OpenSearch storage: the size of the data is not known",
            1.0,
            "volume-month",
            None,
        );
        return (None, line);
    };
    let mut grown = 0.0;
    let mut today = 0.0;
    if stored.iter().all(|one| one.from == Evidence::OwnCounters) {
        // Every node says what the whole cluster holds of primary data.
        for one in &stored {
            grown = f64::max(grown, one.grown_gib(setting.policy.storage_growth).0);
            today = f64::max(today, one.bytes / GIBIBYTE);
        }
    } else {
        // File systems hold copies already: half of what is on them is taken as primary.
        for one in &stored {
            grown += one.grown_gib(setting.policy.storage_growth).0 / 2.0;
            today += one.bytes / GIBIBYTE / 2.0;
        }
    }
    let size = (grown * (1.0 + replicas) * OVERHEAD).ceil();
    let need = Need::new(
        Ask::Storage,
        size,
        stored.iter().map(|one| one.from).max().unwrap_or(Evidence::WholeHost),
        format!(
            "{} GiB of primary data, grown to {} GiB, × {} copies × {OVERHEAD}",
            number(today),
            number(grown),
            1.0 + replicas
        ),
    );
    (
        Some(need.with_peak(today, 0)),
        Line::storage("OpenSearch storage", size, "GiB-month", product),
    )
}

/// Says how large shards are on average, beside what is advised: 10 to 50 GiB.
fn average_shard(demand: &WorkloadDemand<'_>) -> Option<String> {
    let shards = demand
        .working()
        .filter_map(|node| node.counter("shards"))
        .map(|stat| stat.maximum)
        .reduce(f64::max)
        .filter(|shards| *shards > 0.0)?;
    let bytes: f64 = demand
        .working()
        .map(|node| Some(node.counter("data_bytes")?.maximum))
        .sum::<Option<f64>>()?;
    let each = bytes / GIBIBYTE / shards;
    let advice = match each {
        each if each < 10.0 => "below the 10 GiB that are advised: fewer, larger shards",
        each if each > 50.0 => "above the 50 GiB that are advised: more shards",
        _ => "within the 10 to 50 GiB that are advised",
    };
    Some(format!("shards hold {} GiB on average, {advice}", number(each)))
}

fn offers<'a>(region: &str, setting: &Setting<'a>) -> Vec<&'a SearchOffer> {
    setting
        .catalog
        .search_offers(region)
        .map_or_else(|_| Vec::new(), |offers| offers.iter().collect())
}

fn classes(setting: &Setting<'_>, production: bool, equivalence: &CpuEquivalence) -> Vec<Class> {
    let here = offers(setting.region, setting);
    let is_known = !here.is_empty();
    let rows = if is_known {
        here
    } else {
        offers(REFERENCE_REGION, setting)
    };
    rows.into_iter()
        .filter(|offer| is_allowed(&offer.instance.name, production))
        .filter(|offer| !offer.instance.name.starts_with("ultrawarm") && offer.instance.storage == "EBS Only")
        .map(|offer| {
            let instance = &offer.instance;
            let shape = shape_of(setting.catalog, instance.shape_name());
            let memory = instance.memory.as_gibibytes();
            let mut class = Class::on_shape(
                &instance.name,
                (instance.vcpu, memory),
                shape,
                equivalence,
                is_known.then(|| offer.on_demand.clone()),
            );
            class.rank_usd_per_hour = offer.on_demand.amount.approximately();
            let heap = (memory / 2.0).min(MOST_HEAP_GIB);
            class.offers.insert(Ask::Heap, heap);
            class.offers.insert(Ask::Shards, heap * SHARDS_PER_HEAP_GIB);
            class
        })
        .collect()
}
