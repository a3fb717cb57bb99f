//! Whether the two phases are right: prices from the catalog, classes that hold what is asked, bills that add up.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::finding::Check;
use super::ledger::Ledger;
use crate::catalog::nodes::CacheEngine;
use crate::catalog::services::{ManagedDeployment, ManagedService};
use crate::catalog::{Catalog, RdsEngine};
use crate::managed::{Ask, Part};
use crate::plan::phases::{Phase, Phases, PlannedWorkload, Remaining};
use crate::plan::{Plan, Recommendation};
use crate::price::{BillLine, Category, Total};
use crate::service::{BrokerKind, Target};

/// Hours in a month; method §8.
const HOURS: u32 = 730;

/// Checks the phases; asks nothing where no service is known.
pub(super) fn check(plan: &Plan, catalog: &Catalog, region: &str, ledger: &mut Ledger) {
    let Some(phases) = &plan.phases else { return };
    let mut nodes: BTreeSet<(&str, &str)> = BTreeSet::new();
    for one in &phases.workloads {
        for node in &one.workload.nodes {
            ledger.expect(
                Check::Phases,
                nodes.insert((&node.host, &node.service)),
                &format!("`{}/{}` in workloads", node.host, node.service),
                "once",
                "more than once",
            );
        }
        ledger.expect(
            Check::Phases,
            one.stays_because.is_some() == one.moves_in.is_none() && one.parts.is_empty() == one.moves_in.is_none(),
            &format!("`{}`", one.workload.name),
            "parts where it moves, a reason where it stays",
            format!("{} parts", one.parts.len()),
        );
        for part in &one.parts {
            class(one, &part.part, catalog, region, ledger);
            lines(&part.part, ledger);
        }
    }
    for phase in [&phases.rehost, &phases.replatform] {
        bill(plan, phases, phase, ledger);
        retired(phases, phase, ledger);
    }
    difference(phases, ledger);
    remaining(plan, phases, ledger);
}

/// What stays of a host asks for no more than the host did, costs less, and something did leave it.
///
/// Type, price and bill of the row are checked as those of every row.
fn remaining(plan: &Plan, phases: &Phases, ledger: &mut Ledger) {
    let by_host = phases.by_host();
    let rows: BTreeMap<&str, &Recommendation> = plan
        .recommendations
        .iter()
        .map(|row| (row.host.as_str(), row))
        .collect();
    for one in &phases.remaining {
        let place = |what: &str| format!("{what} of what stays on `{}` in phase {}", one.host, one.phase);
        let here = by_host.get(one.host.as_str()).map_or(&[][..], Vec::as_slice);
        ledger.expect(
            Check::Phases,
            here.iter().any(|planned| moved(planned, &one.phase)) && !one.words.is_empty(),
            &place("reason"),
            "a service that leaves, and words",
            &one.words,
        );
        let Some(row) = &one.row else { continue };
        let before = rows.get(one.host.as_str());
        let is_known = |share: Option<f64>| share.is_some_and(|share| (0.0..=1.0).contains(&share));
        ledger.expect(
            Check::Phases,
            is_known(one.cpu_share) && is_known(one.memory_share),
            &place("shares"),
            "0 to 1",
            format!("{:?} and {:?}", one.cpu_share, one.memory_share),
        );
        let at_most = |after: Option<f64>, before: Option<f64>| match (after, before) {
            (Some(after), Some(before)) => after <= before * (1.0 + 1e-9),
            _ => false,
        };
        let is_less = before.is_some_and(|before| {
            // Rule `sizewright` asks for what is worth its price on the type it chose, so that asks of two types differ.
            let asks_less = row.rule == "sizewright"
                || (at_most(row.cpu_demand_cores, before.cpu_demand_cores)
                    && at_most(row.memory_demand_gib, before.memory_demand_gib));
            asks_less && row.compute_usd_per_month < before.compute_usd_per_month
        });
        ledger.expect(
            Check::Phases,
            is_less && row.phase == one.phase && row.host == one.host,
            &place("row"),
            "the host's, asking for no more and costing less",
            format!("{:?} {:?}", row.instance_type, row.compute_usd_per_month),
        );
    }
}

/// The class is the catalog's, at its price, and offers what every need asks.
fn class(one: &PlannedWorkload, part: &Part, catalog: &Catalog, region: &str, ledger: &mut Ledger) {
    let Some(class) = &part.class else { return };
    let place = format!("{} of `{}/{}`", class.name, part.host, part.service);
    let (price, memory) = from_catalog(one, part, &class.name, catalog, region);
    ledger.same_option(
        Check::Phases,
        &format!("hourly price of {place}"),
        price,
        class.price.as_ref().map(|price| price.amount.as_decimal()),
    );
    if let Some(memory) = memory {
        ledger.rounded(
            Check::Phases,
            &format!("usable memory of {place}"),
            Some(memory),
            class.offers.get(&Ask::Memory).copied(),
        );
    }
    for need in &part.needs {
        let Some(offered) = class.offers.get(&need.ask) else {
            continue;
        };
        ledger.expect(
            Check::Phases,
            *offered >= need.amount * (1.0 - 1e-9),
            &format!("{} of {place}", need.ask),
            format!("at least {}", need.amount),
            offered,
        );
    }
}

/// Gives the hourly price of one instance and its usable memory, GiB, read anew from the catalog.
fn from_catalog(
    one: &PlannedWorkload,
    part: &Part,
    name: &str,
    catalog: &Catalog,
    region: &str,
) -> (Option<Decimal>, Option<f64>) {
    let managed = |service: ManagedService, deployment: ManagedDeployment| {
        let row = catalog
            .managed(region, service)
            .find(|row| row.class == name && row.deployment == deployment);
        row.map(|row| row.price.amount.as_decimal() / Decimal::from(layout_nodes(deployment, service)))
    };
    match &one.workload.target {
        Target::Relational(engine) if part.target_service == "aurora" => {
            let aurora = match engine {
                RdsEngine::Postgres => RdsEngine::AuroraPostgresql,
                _ => RdsEngine::AuroraMysql,
            };
            let offers = catalog.rds_offers(region, aurora).ok();
            let offer = offers.into_iter().flatten().find(|offer| offer.class.name == name);
            // An I/O-Optimized instance costs 1.30 of a Standard one; method §6.
            let factor = Decimal::new(if part.what.contains("I/O-Optimized") { 130 } else { 100 }, 2);
            let price = offer.and_then(|offer| Some(offer.single_az.as_ref()?.amount.as_decimal() * factor));
            let memory = offer.map(|offer| f64::from(offer.class.memory_mib) / 1_024.0);
            (price, memory)
        }
        Target::Relational(engine) => {
            let offers = catalog.rds_offers(region, *engine).ok();
            let offer = offers.into_iter().flatten().find(|offer| offer.class.name == name);
            let price = offer.and_then(|offer| match part.deployment.as_str() {
                "multi-az" => offer.multi_az.as_ref(),
                _ => offer.single_az.as_ref(),
            });
            let memory = catalog
                .tables()
                .rds_classes
                .iter()
                .find(|class| class.name == name)
                .map(|class| f64::from(class.memory_mib) / 1_024.0);
            (price.map(|price| price.amount.as_decimal()), memory)
        }
        Target::Licensed(_) => {
            let multi_az = part.deployment == "multi-az";
            let price = catalog.rds_licensed_eu_west_1().iter().find(|row| {
                row.class == name
                    && part.engine.starts_with(&row.engine)
                    && row.license_model == "License included"
                    && row.deployment == if multi_az { "Multi-AZ" } else { "Single-AZ" }
                    && row
                        .edition
                        .as_ref()
                        .is_some_and(|edition| part.engine.contains(edition.as_str()))
            });
            (price.map(|row| row.price.amount.as_decimal()), None)
        }
        Target::Cache(engine) => {
            let offers = catalog.cache_offers(region, *engine).ok();
            let offer = offers.into_iter().flatten().find(|offer| offer.node.name == name);
            let node = catalog.tables().cache_nodes.iter().find(|node| node.name == name);
            let usable = node.and_then(|node| match engine {
                CacheEngine::Memcached => node.memcached_memory,
                CacheEngine::Redis | CacheEngine::Valkey => node.redis_maxmemory,
            });
            (
                offer.map(|offer| offer.on_demand.amount.as_decimal()),
                usable.map(|usable| usable.as_gibibytes()),
            )
        }
        Target::Documents => (managed(ManagedService::DocumentDb, ManagedDeployment::Single), None),
        Target::Events => {
            let listed = managed(ManagedService::Msk, ManagedDeployment::Single);
            (listed.or_else(|| derived_from_large(name, catalog, region)), None)
        }
        Target::Broker(kind) => {
            let service = match kind {
                BrokerKind::RabbitMq => ManagedService::RabbitMq,
                BrokerKind::ActiveMq => ManagedService::ActiveMq,
            };
            let deployment = match part.count {
                1 => ManagedDeployment::Single,
                2 => ManagedDeployment::ActiveStandby,
                _ => ManagedDeployment::Cluster,
            };
            (managed(service, deployment), None)
        }
        Target::Search => {
            let offers = catalog.search_offers(region).unwrap_or_default();
            let offer = offers.iter().find(|offer| offer.instance.name == name);
            (
                offer.map(|offer| offer.on_demand.amount.as_decimal()),
                offer.map(|offer| offer.instance.memory.as_gibibytes()),
            )
        }
        Target::Balancer | Target::Files | Target::Stays(_) => (None, None),
    }
}

/// A larger broker costs as many larges of its family as it has times their vCPUs.
fn derived_from_large(name: &str, catalog: &Catalog, region: &str) -> Option<Decimal> {
    let (family, _) = name.strip_prefix("kafka.")?.split_once('.')?;
    let large = format!("kafka.{family}.large");
    let row = catalog
        .managed(region, ManagedService::Msk)
        .find(|row| row.class == large)?;
    let vcpus = |class: &str| Some(catalog.shape(class.strip_prefix("kafka.")?)?.vcpu);
    let times = vcpus(name)?.checked_div(vcpus(&large)?)?;
    Some(row.price.amount.as_decimal() * Decimal::from(times))
}

/// Over how many nodes a layout's price is spread.
fn layout_nodes(deployment: ManagedDeployment, service: ManagedService) -> u32 {
    match (deployment, service) {
        (ManagedDeployment::Single, _) => 1,
        (ManagedDeployment::ActiveStandby, _) => 2,
        (ManagedDeployment::Cluster, _) => 3,
    }
}

/// Each line is quantity times price; the first is the instances, all month.
fn lines(part: &Part, ledger: &mut Ledger) {
    let place = |what: &str| format!("{what} of `{}/{}`", part.host, part.service);
    for line in &part.lines {
        let product = line.unit_price.map(|price| price.as_decimal() * line.quantity);
        ledger.same_option(
            Check::Phases,
            &place(&format!("line `{}`", line.item)),
            product,
            line.amount.map(|amount| amount.as_decimal()),
        );
        ledger.expect(
            Check::Unknown,
            line.unit_price.is_none_or(|price| price.as_decimal() > Decimal::ZERO),
            &place(&format!("unit price of line `{}`", line.item)),
            "above zero, or nothing where it is not known",
            "zero",
        );
    }
    if let Some(class) = &part.class {
        let hours = Decimal::from(HOURS) * Decimal::from(part.count);
        let first = part.lines.first();
        ledger.same_option(
            Check::Phases,
            &place("instance hours"),
            Some(hours),
            first.map(|line| line.quantity),
        );
        ledger.expect(
            Check::Phases,
            first.is_some_and(|line| line.category == Category::Compute && line.item.contains(&class.name)),
            &place("first line"),
            &class.name,
            first.map_or("nothing", |line| line.item.as_str()),
        );
    }
}

/// A phase's bill has the lines of its parts, and its totals are their sums.
fn bill(plan: &Plan, phases: &Phases, phase: &Phase, ledger: &mut Ledger) {
    let name = &phase.name;
    let expected: usize = phases
        .workloads
        .iter()
        .filter(|one| moved(one, name))
        .flat_map(|one| &one.parts)
        .map(|part| part.part.lines.len())
        .sum();
    ledger.same(
        Check::Phases,
        &format!("lines of managed services in phase {name}"),
        expected,
        phase.managed_bill.lines.len(),
    );
    let wrong = phase
        .managed_bill
        .lines
        .iter()
        .filter(|line| line.phase != *name)
        .count();
    ledger.same(Check::Phases, &format!("lines of another phase in {name}"), 0, wrong);
    let managed = total(phase.managed_bill.lines.iter());
    let smaller: Vec<&Remaining> = phases
        .remaining
        .iter()
        .filter(|one| one.phase == *name && one.row.is_some())
        .collect();
    let gone: BTreeSet<&String> = phase
        .retired_hosts
        .iter()
        .chain(smaller.iter().map(|one| &one.host))
        .collect();
    let whole = plan.bill.lines.iter().filter(|line| !gone.contains(&line.host));
    let ec2 = total(whole.chain(smaller.iter().flat_map(|one| &one.lines)));
    let both = Total {
        known: managed.known + ec2.known,
        unknown_lines: managed.unknown_lines + ec2.unknown_lines,
    };
    for (words, expected, found) in [
        ("managed services", managed, phase.managed_bill.total),
        ("EC2", ec2, phase.ec2),
        ("all", both, phase.total),
    ] {
        let text = |total: &Total| format!("{} and {} unknown", total.known.as_decimal(), total.unknown_lines);
        ledger.expect(
            Check::Phases,
            expected == found,
            &format!("sum of {words} in phase {name}"),
            text(&expected),
            text(&found),
        );
    }
}

fn total<'a>(lines: impl Iterator<Item = &'a BillLine>) -> Total {
    lines.fold(Total::default(), |mut total, line| {
        match line.amount {
            Some(amount) => total.known = total.known + amount,
            None => total.unknown_lines += 1,
        }
        total
    })
}

fn moved(one: &PlannedWorkload, phase: &str) -> bool {
    one.moves_in.as_deref() == Some("rehost") || (one.moves_in.is_some() && phase == "replatform")
}

/// A host is gone only when nothing is left on it.
fn retired(phases: &Phases, phase: &Phase, ledger: &mut Ledger) {
    let by_host = phases.by_host();
    for host in &phase.retired_hosts {
        let here = by_host.get(host.as_str()).map_or(&[][..], Vec::as_slice);
        let left: Vec<&str> = here
            .iter()
            .filter(|one| !moved(one, &phase.name))
            .map(|one| one.workload.name.as_str())
            .collect();
        let staying = phases.staying.get(host).map_or(0, Vec::len);
        ledger.expect(
            Check::Phases,
            left.is_empty() && staying == 0 && !here.is_empty(),
            &format!("host `{host}` that retires in phase {}", phase.name),
            "nothing left on it",
            format!("{left:?} and {staying} that stay"),
        );
    }
}

/// The lines of the difference add up to the second phase's total less the first's.
fn difference(phases: &Phases, ledger: &mut Ledger) {
    let sum: Decimal = phases
        .differences
        .iter()
        .map(|line| line.usd_per_month.as_decimal())
        .sum();
    let expected = phases.replatform.total.known.as_decimal() - phases.rehost.total.known.as_decimal();
    ledger.same(
        Check::Phases,
        "sum of the differences between the phases",
        expected,
        sum,
    );
}
