//! From phase `rehost` to phase `replatform`, line by line: what retires, what comes, what nobody has to do any more.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Phases, REHOST, REPLATFORM};
use crate::money::UsdPerMonth;
use crate::plan::Plan;
use crate::price::{BillLine, Total};
use crate::service::Target;

/// One line of the difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// What changes.
    pub words: String,
    /// The host or workload.
    pub subject: String,
    /// Known part of the change a month: negative where it goes away.
    pub usd_per_month: UsdPerMonth,
    /// Lines that go away or come without a known price.
    pub unknown_lines: usize,
}

/// Work that a managed service takes over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// The managed service.
    pub service: String,
    /// The workloads.
    pub workloads: Vec<String>,
    /// The phase in which it goes away.
    pub phase: String,
    /// What nobody has to do any more.
    pub goes_away: String,
    /// What stays with the customer.
    pub stays: String,
}

/// Gives the lines whose sum is the second phase's total less the first's.
pub(super) fn differences(plan: &Plan, phases: &Phases) -> Vec<Difference> {
    let mut bills: BTreeMap<&str, Total> = BTreeMap::new();
    for line in &plan.bill.lines {
        let total = bills.entry(&line.host).or_default();
        match line.amount {
            Some(amount) => total.known = total.known + amount,
            None => total.unknown_lines += 1,
        }
    }
    let before: BTreeSet<&String> = phases.rehost.retired_hosts.iter().collect();
    let (first, second) = (phases.shrunk(REHOST), phases.shrunk(REPLATFORM));
    let mut lines = Vec::new();
    for host in phases
        .replatform
        .retired_hosts
        .iter()
        .filter(|host| !before.contains(host))
    {
        // A host that was smaller already goes away at what it cost then.
        let smaller = first.get(host.as_str()).map(|one| total(&one.lines));
        let whole = bills.get(host.as_str()).copied();
        let Total { known, unknown_lines } = smaller.or(whole).unwrap_or_default();
        lines.push(Difference {
            words: format!("{host} retires: all that ran on it is managed now"),
            subject: host.clone(),
            usd_per_month: UsdPerMonth::ZERO - known,
            unknown_lines,
        });
    }
    for (host, one) in &second {
        let earlier = first.get(host).map(|one| total(&one.lines));
        let before = earlier.or_else(|| bills.get(host).copied()).unwrap_or_default();
        let after = total(&one.lines);
        if before != after {
            lines.push(Difference {
                words: format!("{host} becomes smaller: {} left it", one.leaves.join(", ")),
                subject: (*host).to_string(),
                usd_per_month: after.known - before.known,
                unknown_lines: 0,
            });
        }
    }
    for one in &phases.workloads {
        if one.is_moved_in(REHOST) || !one.is_moved_in(REPLATFORM) {
            continue;
        }
        let mut known = UsdPerMonth::ZERO;
        let mut unknown_lines = 0;
        for part in &one.parts {
            let cost = part.part.cost();
            known = known + cost.known;
            unknown_lines += cost.unknown_lines;
        }
        let what: Vec<String> = one
            .parts
            .iter()
            .map(|part| match &part.part.class {
                Some(class) => format!("{} × {}", part.part.count, class.name),
                None => part.part.what.clone(),
            })
            .collect();
        lines.push(Difference {
            words: format!(
                "{} goes to {}: {}",
                one.workload.name,
                one.workload.target.words(),
                what.join(", ")
            ),
            subject: one.workload.name.clone(),
            usd_per_month: known,
            unknown_lines,
        });
    }
    lines
}

fn total(lines: &[BillLine]) -> Total {
    lines.iter().fold(Total::default(), |mut total, line| {
        match line.amount {
            Some(amount) => total.known = total.known + amount,
            None => total.unknown_lines += 1,
        }
        total
    })
}

/// Says what work goes away, by managed service.
pub(super) fn work(phases: &Phases) -> Vec<Work> {
    let mut all: Vec<Work> = Vec::new();
    for one in phases.workloads.iter().filter(|one| one.moves_in.is_some()) {
        let service = one.workload.target.words();
        let phase = one.moves_in.clone().unwrap_or_default();
        match all
            .iter_mut()
            .find(|work| work.service == service && work.phase == phase)
        {
            Some(work) => work.workloads.push(one.workload.name.clone()),
            None => {
                let (goes_away, stays) = of_target(&one.workload.target);
                all.push(Work {
                    service: service.to_string(),
                    workloads: vec![one.workload.name.clone()],
                    phase,
                    goes_away: goes_away.to_string(),
                    stays: stays.to_string(),
                });
            }
        }
    }
    all
}

fn of_target(target: &Target) -> (&'static str, &'static str) {
    match target {
        Target::Relational(_) | Target::Licensed(_) => (
            "patching of system and engine, backups and their restore tests, replication and failover, replacing disks",
            "schema, queries, indexes, parameter choices, major upgrades, who may log in",
        ),
        Target::Cache(_) => (
            "patching, failover (Sentinel), replacing nodes, snapshots",
            "keys and their expiry, client libraries, which commands are used",
        ),
        Target::Documents => (
            "patching, replica set elections, backups, growing of volumes",
            "indexes, queries that DocumentDB does not know, drivers",
        ),
        Target::Broker(_) => (
            "patching of Erlang or Java and the broker, cluster partitions, disks",
            "queues, their policies, clients that reconnect",
        ),
        Target::Events => (
            "patching, ZooKeeper, broken brokers, disks",
            "topics, partitions, retention, consumers' lag",
        ),
        Target::Search => (
            "patching, node replacement, snapshots, masters",
            "mappings, shards, index lifetime, queries",
        ),
        Target::Balancer => (
            "patching, failover by keepalived, certificates' renewal, scaling of the pair",
            "rules, health checks, what stands behind it",
        ),
        Target::Files => (
            "patching, disks, RAID, growing of volumes, failover",
            "who may read what, clients' mounts",
        ),
        Target::Stays(_) => ("nothing", "everything"),
    }
}
