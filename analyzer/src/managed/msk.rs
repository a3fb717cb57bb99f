//! MSK: brokers over three zones by network, CPU and retention. Method §6: throughput × replication and retention.

use rust_decimal::Decimal;
use telemetry::units::GIBIBYTE;

use super::choose::{Class, choose, reason, shape_of};
use super::demand::{HORIZON_DAYS, WorkloadDemand};
use super::docdb::managed_classes;
use super::line::Line;
use super::need::{Ask, Evidence, Need};
use super::rds::each_vcpu;
use super::{OtherWay, Part, Setting, Sized};
use crate::catalog::services::ManagedService;
use crate::catalog::{PriceMethod, Product};
use crate::service::Workload;
use crate::size::{CpuEquivalence, number};

/// How busy a broker's CPU may be, so that it can take over partitions (AWS: MSK best practices, 60 %).
const CPU_SHARE: f64 = 0.6;
/// Most brokers that are tried.
const MOST_BROKERS: u32 = 30;

/// Sizes that follow a listed large, and how many larges each is: prices of a family grow with its size (AWS price list).
const SIZES: [(&str, u32); 5] = [
    ("xlarge", 2),
    ("2xlarge", 4),
    ("4xlarge", 8),
    ("8xlarge", 16),
    ("12xlarge", 24),
];

/// Adds the larger sizes of families of which the catalog lists the large, at a price derived from it.
fn with_sizes(mut classes: Vec<Class>, setting: &Setting<'_>, equivalence: &CpuEquivalence) -> Vec<Class> {
    let listed: Vec<Class> = classes
        .iter()
        .filter(|class| class.name.ends_with(".large"))
        .cloned()
        .collect();
    for large in listed {
        for (size, times) in SIZES {
            let name = large.name.replace(".large", &format!(".{size}"));
            let shape = shape_of(setting.catalog, name.strip_prefix("kafka.").unwrap_or(&name));
            if classes.iter().any(|class| class.name == name) || shape.is_none() {
                continue;
            }
            let price = large.price.clone().map(|price| {
                let mut price = price.map(|hour| hour.times(Decimal::from(times)));
                price.method = PriceMethod::Derived;
                price
            });
            let memory = shape.map_or(0.0, crate::catalog::Shape::memory_gib);
            let vcpu = shape.map_or(0, |shape| shape.vcpu);
            let mut class = Class::on_shape(&name, (vcpu, memory), shape, equivalence, price);
            class.rank_usd_per_hour = large.rank_usd_per_hour * f64::from(times);
            class.offers.remove(&Ask::DiskOperations);
            class.offers.remove(&Ask::DiskThroughput);
            classes.push(class);
        }
    }
    classes
}

/// Sizes a Kafka cluster.
pub(super) fn size(workload: &Workload, demand: &WorkloadDemand<'_>, setting: &Setting<'_>) -> Sized {
    let production = workload.is_production();
    let zones: u32 = if production { 3 } else { 2 };
    let Some(cpu) = demand.cpu_together(Some(CPU_SHARE)) else {
        return Sized::stays("no telemetry of its hosts");
    };
    // What the interfaces carried includes replication between brokers.
    let network = demand.sum(|node| node.network());
    let equivalence = demand.equivalence();
    let classes = with_sizes(
        managed_classes(ManagedService::Msk, "kafka.", setting, production, &equivalence),
        setting,
        &equivalence,
    );
    let found = (1..=MOST_BROKERS / zones).find_map(|times| {
        let brokers = times * zones;
        // With one zone gone the others carry the load.
        let carrying = brokers - brokers / zones;
        let needs: Vec<Need> = [Some(cpu.clone()), network.clone()]
            .into_iter()
            .flatten()
            .map(|need| need.split(carrying))
            .collect();
        let choice = choose(&needs, classes.clone());
        choice.class.is_some().then_some((brokers, needs, choice))
    });
    let Some((brokers, mut needs, choice)) = found else {
        return Sized::stays("no broker of the catalog carries it");
    };
    let stored: Option<Vec<_>> = demand
        .working()
        .map(|node| node.stored("data_bytes", &["kafka"]))
        .collect();
    let mut lines: Vec<Line> = choice
        .class
        .iter()
        .map(|class| Line::hours(format!("MSK {} on demand", class.name), brokers, class.price.as_ref()))
        .collect();
    let mut storage_gib = None;
    match stored {
        Some(stored) if !stored.is_empty() => {
            let bytes: f64 = stored.iter().map(|one| one.bytes).sum();
            let growth: f64 = stored.iter().map(|one| one.growth_bytes_per_day).sum::<f64>() * HORIZON_DAYS;
            let grown = (bytes + growth.max(bytes * setting.policy.storage_growth)) / GIBIBYTE;
            let size = (grown / setting.policy.storage_fill).ceil();
            let need = Need::new(
                Ask::Storage,
                size,
                stored.iter().map(|one| one.from).max().unwrap_or(Evidence::WholeHost),
                format!(
                    "{} GiB on all brokers, copies included, grown to {} GiB, {:.0} % full",
                    number(bytes / GIBIBYTE),
                    number(grown),
                    setting.policy.storage_fill * 100.0
                ),
            );
            needs.push(need.with_peak(bytes / GIBIBYTE, 0));
            storage_gib = Some(size);
            lines.push(Line::storage(
                "MSK broker storage",
                size,
                "GiB-month",
                setting.catalog.product(setting.region, Product::MskGibMonth),
            ));
        }
        _ => lines.push(Line::storage(
            "MSK broker storage: no file system was measured",
            1.0,
            "volume-month",
            None,
        )),
    }
    Sized {
        parts: vec![Part {
            host: workload.nodes[0].host.clone(),
            service: workload.nodes[0].service.clone(),
            what: format!("{brokers} brokers"),
            target_service: "msk".to_string(),
            engine: "kafka".to_string(),
            deployment: "cluster".to_string(),
            cpu_equivalence: each_vcpu(choice.class.as_ref(), &equivalence, &needs),
            reason: format!("{}; {brokers} brokers over {zones} zones", reason(&choice, &needs)),
            class: choice.class,
            count: brokers,
            zones,
            binding: choice.binding,
            rejected: choice.rejected,
            storage_gib,
            lines,
            needs,
        }],
        others: vec![OtherWay {
            name: "MSK Serverless".to_string(),
            what: "pays by cluster, partition and GiB".to_string(),
            lines: vec![Line::hours("MSK Serverless", 1, None)],
            remark: "the catalog has no price of it".to_string(),
        }],
        assumed: vec!["retention and replication stay what they are: all brokers' data is kept".to_string()],
        notes: Vec::new(),
        ..Sized::default()
    }
}
