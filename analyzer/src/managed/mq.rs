//! Amazon MQ: a broker by CPU, connections and the memory high-watermark; three nodes for RabbitMQ in production.
//!
//! A cluster is sized so that two of three nodes carry the peak. Method §6.

use telemetry::units::GIBIBYTE;

use super::choose::{Class, choose, reason};
use super::demand::WorkloadDemand;
use super::docdb::managed_classes;
use super::line::{Line, quantity_of};
use super::need::{Ask, Evidence, Need};
use super::rds::each_vcpu;
use super::{OtherWay, Part, Setting, Sized};
use crate::catalog::services::{ManagedDeployment, ManagedService};
use crate::catalog::{Price, Product};
use crate::money::UsdPerHour;
use crate::price::Category;
use crate::service::{BrokerKind, Workload};
use crate::size::number;

/// Share of a node's memory at which RabbitMQ stops taking messages.
const HIGH_WATERMARK: f64 = 0.4;
/// Bytes of a message with its envelope, where the broker does not say.
const MESSAGE_BYTES: f64 = 4_096.0;
/// Connections of a node, by vCPUs (AWS: Amazon MQ quotas, RabbitMQ on mq.m5: 5,000 a large and double with each size).
const CONNECTIONS_PER_VCPU: f64 = 2_500.0;

/// Sizes a broker.
pub(super) fn size(workload: &Workload, demand: &WorkloadDemand<'_>, kind: BrokerKind, setting: &Setting<'_>) -> Sized {
    let production = workload.is_production();
    let (service, words, engine) = match kind {
        BrokerKind::RabbitMq => (ManagedService::RabbitMq, "RabbitMQ", "rabbitmq"),
        BrokerKind::ActiveMq => (ManagedService::ActiveMq, "ActiveMQ", "activemq"),
    };
    let (count, deployment) = match (kind, production) {
        (_, false) => (1, ManagedDeployment::Single),
        (BrokerKind::RabbitMq, true) => (3, ManagedDeployment::Cluster),
        (BrokerKind::ActiveMq, true) => (2, ManagedDeployment::ActiveStandby),
    };
    // With any one node gone the rest carries the peak.
    let carrying = if count == 3 { 2 } else { 1 };
    let Some(needs) = needs(demand, carrying) else {
        return Sized::stays("no telemetry of its hosts");
    };
    let equivalence = demand.equivalence();
    let classes: Vec<Class> = managed_classes(service, "mq.", setting, production, &equivalence)
        .into_iter()
        .map(|mut class| {
            let vcpus = f64::from(class.vcpu);
            class.offers.insert(Ask::Connections, vcpus * CONNECTIONS_PER_VCPU);
            class.offers.insert(Ask::Memory, class.memory_gib * HIGH_WATERMARK);
            class
        })
        .collect();
    let mut choice = choose(&needs, classes);
    if let Some(class) = &mut choice.class
        && class.price.is_some()
    {
        class.price = of_node(&class.name, service, deployment, count, setting);
    }
    let layout = match deployment {
        ManagedDeployment::Single => "single instance",
        ManagedDeployment::ActiveStandby => "active/standby",
        ManagedDeployment::Cluster => "cluster of three",
    };
    let (storage_gib, storage_words) = depth(demand);
    let product = match kind {
        BrokerKind::RabbitMq => Product::MqEbsGibMonth,
        BrokerKind::ActiveMq => Product::MqEfsGibMonth,
    };
    // RabbitMQ keeps a copy on each node; ActiveMQ's nodes share one file system.
    let copies = if kind == BrokerKind::RabbitMq { count } else { 1 };
    let stored = storage_gib * f64::from(copies);
    let lines_of = |class: Option<&Class>| -> Vec<Line> {
        let mut lines: Vec<Line> = class
            .iter()
            .map(|class| {
                Line::hours(
                    format!("Amazon MQ {words} {} {layout} on demand", class.name),
                    count,
                    class.price.as_ref(),
                )
            })
            .collect();
        lines.push(Line::new(
            Category::Storage,
            format!("Amazon MQ storage of {words}: {storage_words}"),
            quantity_of(stored),
            "GiB-month",
            setting.catalog.product(setting.region, product),
        ));
        lines
    };
    let lines = lines_of(choice.class.as_ref());
    let mut others = Vec::new();
    if count > 1
        && let Some(class) = &choice.class
    {
        let single = of_node(&class.name, service, ManagedDeployment::Single, 1, setting);
        let line = Line::hours(
            format!("Amazon MQ {words} {} single instance on demand", class.name),
            1,
            single.as_ref(),
        );
        others.push(OtherWay {
            name: "single instance".to_string(),
            what: format!("1 × {}", class.name),
            lines: vec![line],
            remark: "without a node in another zone; not for production".to_string(),
        });
    }
    Sized {
        stays_because: choice.class.is_none().then(|| reason(&choice, &needs)),
        parts: vec![Part {
            host: workload.nodes[0].host.clone(),
            service: workload.nodes[0].service.clone(),
            what: layout.to_string(),
            target_service: "mq".to_string(),
            engine: engine.to_string(),
            deployment: if count == 1 { "single-az" } else { "cluster" }.to_string(),
            cpu_equivalence: each_vcpu(choice.class.as_ref(), &equivalence, &needs),
            reason: format!("{}; {layout}", reason(&choice, &needs)),
            class: choice.class,
            count,
            zones: count,
            binding: choice.binding,
            rejected: choice.rejected,
            storage_gib: Some(super::need::rounded(stored)),
            lines,
            needs,
        }],
        others,
        assumed: vec![
            format!("a message takes {MESSAGE_BYTES:.0} bytes"),
            format!(
                "a node takes {CONNECTIONS_PER_VCPU:.0} connections a vCPU, as AWS's quotas of mq.m5 have it: check"
            ),
        ],
        notes: Vec::new(),
    }
}

fn needs(demand: &WorkloadDemand<'_>, carrying: u32) -> Option<Vec<Need>> {
    let split = |need: Need| need.split(carrying);
    let mut needs = vec![split(demand.cpu_together(None)?)];
    let memory = demand.sum(|node| {
        let (bytes, from) = match node.counter("memory_used_bytes") {
            Some(own) => (own.maximum, Evidence::OwnCounters),
            None => node.resident()?,
        };
        let gib = bytes / GIBIBYTE;
        Some(Need::new(
            Ask::Memory,
            gib,
            from,
            format!(
                "{} GiB at most, below the high watermark of {:.0} %",
                number(gib),
                HIGH_WATERMARK * 100.0
            ),
        ))
    })?;
    needs.push(split(memory));
    needs.extend(demand.sum(|node| node.connections()).map(split));
    needs.extend(demand.sum(|node| node.network()).map(split));
    if let Some(messages) = demand.sum(|node| {
        let own = node.counter("published_per_s")?;
        let need = Need::new(
            Ask::Messages,
            own.maximum,
            Evidence::OwnCounters,
            format!("at most {} messages/s published", number(own.maximum)),
        );
        Some(need.with_peak(own.maximum, own.maximum_at_ms))
    }) {
        // Shown, not compared: AWS states no rate of a class, and CPU stands for it.
        needs.push(messages);
    }
    Some(needs)
}

/// Gives GiB of the queues at their fullest on one node, at least one GiB.
fn depth(demand: &WorkloadDemand<'_>) -> (f64, String) {
    let deepest: Option<f64> = demand
        .working()
        .filter_map(|node| node.counter("messages"))
        .map(|stat| stat.maximum)
        .reduce(f64::max);
    match deepest {
        Some(messages) => {
            let gib = (messages * MESSAGE_BYTES / GIBIBYTE).max(1.0);
            (gib, format!("at most {} messages, at least 1 GiB", number(messages)))
        }
        None => (1.0, "1 GiB, since the depth of its queues was not read".to_string()),
    }
}

/// Gives the price of one node where the catalog prices the whole layout, exactly divided.
fn of_node(
    class: &str,
    service: ManagedService,
    deployment: ManagedDeployment,
    count: u32,
    setting: &Setting<'_>,
) -> Option<Price<UsdPerHour>> {
    let row = setting
        .catalog
        .managed(setting.region, service)
        .find(|row| row.class == class && row.deployment == deployment)?;
    let nodes = rust_decimal::Decimal::from(count);
    let whole = row.price.amount.as_decimal();
    let each = whole / nodes;
    // A price that does not divide stays unknown a node rather than wrong in the last digit.
    (each * nodes == whole).then(|| row.price.clone().map(|_| UsdPerHour::from_decimal(each)))
}
