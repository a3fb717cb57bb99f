//! What a phase costs: EC2 of the hosts that stay, and the lines of managed services.

use std::collections::BTreeSet;

use super::{Phase, PlannedWorkload, Remaining};
use crate::managed::{Line, Part};
use crate::plan::Plan;
use crate::price::{Bill, BillLine, Total};
use crate::service::Workload;

/// Sums a phase.
pub(super) fn phase(
    plan: &Plan,
    planned: &[PlannedWorkload],
    name: &str,
    retired: BTreeSet<String>,
    remaining: &[Remaining],
) -> Phase {
    let shrunk = super::shrunk(remaining, name);
    let moved: Vec<&PlannedWorkload> = planned.iter().filter(|one| one.is_moved_in(name)).collect();
    let lines: Vec<BillLine> = moved
        .iter()
        .flat_map(|one| {
            one.parts
                .iter()
                .flat_map(|part| part_lines(name, &one.workload, &part.part))
        })
        .collect();
    let managed_bill = Bill::of(lines);
    let mut ec2 = Total::default();
    let whole = plan
        .bill
        .lines
        .iter()
        .filter(|line| !retired.contains(&line.host) && !shrunk.contains_key(line.host.as_str()));
    for line in whole.chain(shrunk.values().flat_map(|one| &one.lines)) {
        match line.amount {
            Some(amount) => ec2.known = ec2.known + amount,
            None => ec2.unknown_lines += 1,
        }
    }
    Phase {
        name: name.to_string(),
        ec2_hosts: plan
            .recommendations
            .iter()
            .filter(|row| !retired.contains(&row.host))
            .count(),
        retired_hosts: retired.into_iter().collect(),
        managed_parts: moved.iter().map(|one| one.parts.len()).sum(),
        total: Total {
            known: ec2.known + managed_bill.total.known,
            unknown_lines: ec2.unknown_lines + managed_bill.total.unknown_lines,
        },
        ec2,
        managed_bill,
    }
}

/// Makes the bill lines of a part.
pub(super) fn part_lines(phase: &str, workload: &Workload, part: &Part) -> Vec<BillLine> {
    lines_of(phase, workload, &part.host, &part.lines)
}

/// Makes the bill lines of a workload that a host leads.
pub(crate) fn lines_of(phase: &str, workload: &Workload, host: &str, lines: &[Line]) -> Vec<BillLine> {
    lines
        .iter()
        .map(|line| bill_line(phase, workload, host, line))
        .collect()
}

fn bill_line(phase: &str, workload: &Workload, host: &str, line: &Line) -> BillLine {
    BillLine {
        phase: phase.to_string(),
        host: host.to_string(),
        environment: workload.environment.clone(),
        group: workload.group.clone(),
        category: line.category,
        item: line.item.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
        unit_price: line.unit_price,
        method: line.method,
        as_of: line.as_of,
        amount: line.amount,
    }
}
