//! Load balancers: ALB or NLB, hours and capacity units. Method §6.
//!
//! A capacity unit is paid for the one dimension that is used most (AWS:
//! Elastic Load Balancing pricing): of an ALB 25 new connections a second,
//! 3,000 active ones, 1 GB an hour or 1,000 rule evaluations a second; of an
//! NLB with TCP 800 new connections a second, 100,000 active ones or 1 GB an hour.

use super::demand::{NodeDemand, WorkloadDemand};
use super::line::{Line, quantity_of};
use super::need::{Ask, Evidence, Need};
use super::{HOURS, OtherWay, Part, Setting, Sized};
use crate::catalog::Product;
use crate::price::Category;
use crate::service::Workload;
use crate::size::number;

/// Rules that an ALB evaluates for nothing.
const FREE_RULES: f64 = 10.0;

/// What a unit of a kind of balancer carries.
struct Unit {
    words: &'static str,
    target: &'static str,
    new_per_s: f64,
    active: f64,
    gb_per_hour: f64,
    hour: Product,
    unit_hour: Product,
}

const ALB: Unit = Unit {
    words: "Application Load Balancer",
    target: "alb",
    new_per_s: 25.0,
    active: 3_000.0,
    gb_per_hour: 1.0,
    hour: Product::AlbHour,
    unit_hour: Product::AlbCapacityUnitHour,
};
const NLB: Unit = Unit {
    words: "Network Load Balancer",
    target: "nlb",
    new_per_s: 800.0,
    active: 100_000.0,
    gb_per_hour: 1.0,
    hour: Product::NlbHour,
    unit_hour: Product::NlbCapacityUnitHour,
};

/// Means over the window of what all nodes carry together.
struct Load {
    new_per_s: Option<f64>,
    active: Option<f64>,
    gb_per_hour: Option<f64>,
    from: Evidence,
}

/// Sizes a load balancer.
pub(super) fn size(workload: &Workload, demand: &WorkloadDemand<'_>, setting: &Setting<'_>) -> Sized {
    let load = load(demand);
    let (own, other) = (way(&ALB, &load, setting), way(&NLB, &load, setting));
    let part = Part {
        host: workload.nodes[0].host.clone(),
        service: workload.nodes[0].service.clone(),
        what: ALB.words.to_string(),
        target_service: ALB.target.to_string(),
        engine: workload.product.clone(),
        deployment: "multi-az".to_string(),
        class: None,
        count: 1,
        zones: 2,
        binding: own.0.as_ref().map(|_| Ask::CapacityUnits),
        rejected: Vec::new(),
        storage_gib: None,
        reason: format!(
            "it balances HTTP, so an Application Load Balancer takes its place; {}",
            own.0
                .as_ref()
                .map_or("its load was not measured".to_string(), |need| need.formula.clone())
        ),
        needs: own.0.into_iter().collect(),
        lines: own.1,
        cpu_equivalence: None,
    };
    Sized {
        parts: vec![part],
        others: vec![OtherWay {
            name: NLB.words.to_string(),
            what: "TCP and TLS passed on, no rules for HTTP".to_string(),
            lines: other.1,
            remark: "where clients need a fixed address or the certificate stays with the servers".to_string(),
        }],
        assumed: vec![format!(
            "at most {FREE_RULES:.0} rules, which cost nothing; certificates are AWS's"
        )],
        notes: vec!["its hosts retire: a load balancer spans the zones by itself".to_string()],
        ..Sized::default()
    }
}

fn way(unit: &Unit, load: &Load, setting: &Setting<'_>) -> (Option<Need>, Vec<Line>) {
    let product = |product| setting.catalog.product(setting.region, product);
    let mut lines = vec![Line::new(
        Category::Compute,
        unit.words,
        HOURS.into(),
        "hour",
        product(unit.hour),
    )];
    let dimensions: Vec<(f64, String)> = [
        (load.new_per_s, unit.new_per_s, "new connections/s"),
        (load.active, unit.active, "active connections"),
        (load.gb_per_hour, unit.gb_per_hour, "GB/h"),
    ]
    .into_iter()
    .filter_map(|(value, each, words)| {
        let value = value?;
        Some((value / each, format!("{} {words} / {each}", number(value))))
    })
    .collect();
    let Some((units, words)) = dimensions
        .into_iter()
        .reduce(|one, other| if other.0 > one.0 { other } else { one })
    else {
        lines.push(Line::new(
            Category::Compute,
            format!("{} capacity units: its load was not measured", unit.words),
            HOURS.into(),
            "unit-hour",
            None,
        ));
        return (None, lines);
    };
    lines.push(Line::new(
        Category::Compute,
        format!("{} capacity units: {words}", unit.words),
        quantity_of(units * f64::from(HOURS)),
        "unit-hour",
        product(unit.unit_hour),
    ));
    let need = Need::new(
        Ask::CapacityUnits,
        units,
        load.from,
        format!("{words} on average, the most used of its units"),
    );
    (Some(need), lines)
}

fn load(demand: &WorkloadDemand<'_>) -> Load {
    let mean = |metric: &str| -> Option<f64> {
        let own: Vec<f64> = demand
            .working()
            .filter_map(|node| Some(node.counter(metric)?.mean))
            .collect();
        (!own.is_empty()).then(|| own.iter().sum())
    };
    let bytes = |node: &NodeDemand<'_>| -> Option<f64> {
        let own = |metric: &str| Some(node.counter(metric)?.mean);
        if let Some(sent) = own("sent_bytes_per_s") {
            return Some(sent + own("received_bytes_per_s").unwrap_or(0.0));
        }
        let profile = node.host.as_ref()?.profile;
        // What clients send and get passes the host twice: from the client and to the server.
        let both = [&profile.network_receive, &profile.network_transmit];
        let sum: f64 = both.into_iter().flatten().map(|metric| metric.mean).sum();
        Some(sum / 2.0)
    };
    let known: Vec<f64> = demand.working().filter_map(bytes).collect();
    let has_own = demand.working().any(|node| node.counter("sent_bytes_per_s").is_some());
    Load {
        new_per_s: mean("connections_opened_per_s"),
        active: mean("connections"),
        gb_per_hour: (!known.is_empty()).then(|| known.iter().sum::<f64>() * 3_600.0 / 1e9),
        from: if has_own {
            Evidence::OwnCounters
        } else {
            Evidence::WholeHost
        },
    }
}
