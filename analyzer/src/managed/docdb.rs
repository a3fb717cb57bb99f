//! DocumentDB: memory for cache and indexes, storage with growth, requests; Standard against I/O-Optimized.
//!
//! Every instance serves the same storage, so one size holds for all: three
//! over three zones in production, one elsewhere. Method §6.

use telemetry::units::GIBIBYTE;

use super::choose::{Class, choose, is_allowed, reason, shape_of};
use super::demand::{NodeDemand, WorkloadDemand};
use super::line::Line;
use super::need::{Ask, Evidence, Need};
use super::rds::{MEMORY_HEADROOM, REFERENCE_REGION, each_vcpu};
use super::{OtherWay, Part, Setting, Sized};
use crate::catalog::Product;
use crate::catalog::services::{ManagedPrice, ManagedService};
use crate::service::Workload;
use crate::size::{CpuEquivalence, number};

/// Seconds of a month of 730 hours.
const SECONDS: f64 = 730.0 * 3_600.0;
/// Instances in production, one a zone.
const PRODUCTION_INSTANCES: u32 = 3;

/// Sizes a document database.
pub(super) fn size(workload: &Workload, demand: &WorkloadDemand<'_>, setting: &Setting<'_>) -> Sized {
    let Some(node) = demand.leading() else {
        return Sized::stays("the workload has no node that takes requests");
    };
    let (Some(cpu), Some(memory)) = (node.cpu(), memory(node)) else {
        return Sized::stays(format!(
            "no telemetry of `{}`: neither CPU nor memory is known",
            node.node.host
        ));
    };
    let mut needs = vec![cpu, memory];
    needs.extend(node.network());
    let equivalence = demand.equivalence();
    let production = workload.is_production();
    let classes = managed_classes(ManagedService::DocumentDb, "db.", setting, production, &equivalence);
    let choice = choose(&needs, classes);
    let count = if production { PRODUCTION_INSTANCES } else { 1 };
    let product = |product| setting.catalog.product(setting.region, product);
    let mut lines: Vec<Line> = choice
        .class
        .iter()
        .map(|class| {
            Line::hours(
                format!("DocumentDB {} on demand", class.name),
                count,
                class.price.as_ref(),
            )
        })
        .collect();
    let stored = node.stored("data_bytes", &["mongo"]);
    let storage_gib = stored.map(|stored| stored.grown_gib(setting.policy.storage_growth));
    let storage = |kind: &str, of: Option<Product>| match (&storage_gib, stored) {
        (Some((gib, _)), Some(_)) => Line::storage(
            format!("DocumentDB {kind} storage"),
            *gib,
            "GiB-month",
            of.and_then(product),
        ),
        _ => Line::storage(
            format!("DocumentDB {kind} storage: the size is not known"),
            1.0,
            "volume-month",
            None,
        ),
    };
    lines.push(storage("Standard", Some(Product::DocumentDbStandardGibMonth)));
    lines.push(match node.mean_disk_operations() {
        Some((reads, writes)) => Line::storage(
            "DocumentDB Standard requests to storage, as the disks were used",
            (reads + writes) * SECONDS / 1e6,
            "million",
            product(Product::DocumentDbMillionIo),
        ),
        None => Line::storage(
            "DocumentDB Standard requests to storage: disk operations were not measured",
            1.0,
            "month",
            None,
        ),
    });
    if let (Some((gib, words)), Some(stored)) = (&storage_gib, stored) {
        let need = Need::new(
            Ask::Storage,
            *gib,
            stored.from,
            format!("{words}; paid by what is used"),
        );
        needs.push(need.with_peak(stored.bytes / GIBIBYTE, 0));
    }
    let instances = choice
        .class
        .as_ref()
        .map_or_else(String::new, |class| format!("{count} × {}", class.name));
    let other = OtherWay {
        name: "DocumentDB I/O-Optimized".to_string(),
        what: instances,
        lines: vec![
            Line::hours("DocumentDB I/O-Optimized instances on demand", count, None),
            storage("I/O-Optimized", None),
        ],
        remark: "no requests to pay; the catalog has no price of it".to_string(),
    };
    let note = workload
        .nodes
        .iter()
        .filter(|one| one.host != node.node.host)
        .map(|one| format!("`{}`", one.host))
        .collect::<Vec<_>>();
    Sized {
        stays_because: choice.class.is_none().then(|| reason(&choice, &needs)),
        parts: vec![Part {
            host: node.node.host.clone(),
            service: node.node.service.clone(),
            what: if count == 1 { "instance" } else { "cluster" }.to_string(),
            target_service: "documentdb".to_string(),
            engine: "mongodb-compatible".to_string(),
            deployment: if count == 1 { "single-az" } else { "cluster" }.to_string(),
            cpu_equivalence: each_vcpu(choice.class.as_ref(), &equivalence, &needs),
            reason: reason(&choice, &needs),
            class: choice.class,
            count,
            zones: count,
            binding: choice.binding,
            rejected: choice.rejected,
            storage_gib: storage_gib.map(|(gib, _)| super::need::rounded(gib)),
            lines,
            needs,
        }],
        others: vec![other],
        assumed: vec!["a request to storage for each operation of the source's disks".to_string()],
        notes: if note.is_empty() {
            Vec::new()
        } else {
            vec![format!(
                "{} hold the same data: it is stored, and its load counted, once",
                note.join(", ")
            )]
        },
    }
}

fn memory(node: &NodeDemand<'_>) -> Option<Need> {
    let cache = node.counter("buffer_size_bytes").map(|stat| stat.maximum);
    let resident = node.counter("memory_resident_bytes").map(|stat| stat.maximum);
    let indexes = node.counter("index_bytes").map(|stat| stat.maximum);
    if let Some(held) = cache.into_iter().chain(resident).reduce(f64::max) {
        // What is resident holds the cache, and the cache holds indexes that are in use.
        let total = node.source_memory().unwrap_or(f64::MAX);
        let asked = held.max(indexes.unwrap_or(0.0)) * MEMORY_HEADROOM;
        return Some(
            Need::new(
                Ask::Memory,
                asked.min(total) / GIBIBYTE,
                Evidence::OwnCounters,
                format!(
                    "the largest of cache, resident set and indexes: {} GiB × {MEMORY_HEADROOM}",
                    number(held.max(indexes.unwrap_or(0.0)) / GIBIBYTE)
                ),
            )
            .with_peak(held / GIBIBYTE, 0),
        );
    }
    let (bytes, from) = node.resident()?;
    Some(Need::new(
        Ask::Memory,
        bytes * MEMORY_HEADROOM / GIBIBYTE,
        from,
        format!("{} GiB of its processes × {MEMORY_HEADROOM}", number(bytes / GIBIBYTE)),
    ))
}

/// Gives the classes of a managed service: at the region's price, or ordered by the reference region's.
pub(super) fn managed_classes(
    service: ManagedService,
    beginning: &str,
    setting: &Setting<'_>,
    production: bool,
    equivalence: &CpuEquivalence,
) -> Vec<Class> {
    let single = crate::catalog::services::ManagedDeployment::Single;
    let of = |region: &'static str| -> Vec<&ManagedPrice> {
        setting
            .catalog
            .managed(region, service)
            .filter(|row| row.deployment == single)
            .collect()
    };
    let here: Vec<&ManagedPrice> = setting
        .catalog
        .managed(setting.region, service)
        .filter(|row| row.deployment == single)
        .collect();
    let is_known = !here.is_empty();
    let rows = if is_known { here } else { of(REFERENCE_REGION) };
    rows.into_iter()
        .filter(|row| is_allowed(&row.class, production))
        .filter_map(|row| {
            let shape = shape_of(setting.catalog, row.class.strip_prefix(beginning)?)?;
            let mut class = Class::on_shape(
                &row.class,
                (shape.vcpu, shape.memory_gib()),
                Some(shape),
                equivalence,
                is_known.then(|| row.price.clone()),
            );
            class.rank_usd_per_hour = row.price.amount.approximately();
            class.offers.remove(&Ask::DiskOperations);
            class.offers.remove(&Ask::DiskThroughput);
            Some(class)
        })
        .collect()
}
