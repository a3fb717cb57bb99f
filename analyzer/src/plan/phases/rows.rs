//! Rows of the tables: hosts that stay, and the parts of managed services.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{PlannedPart, PlannedWorkload, REHOST, REPLATFORM};
use crate::managed::Ask;
use crate::plan::files::Cell;
use crate::plan::{Plan, Recommendation, plain};
use crate::price::{BillLine, Category};

/// Gives the rows of hosts for the tables: those of the plan, those that are smaller in phase `rehost`, then those that
/// still run on EC2 in phase `replatform`.
#[must_use]
pub fn host_rows(plan: &Plan) -> Vec<Recommendation> {
    let mut rows = plan.recommendations.clone();
    if let Some(phases) = &plan.phases {
        let first = phases.shrunk(REHOST);
        rows.extend(first.values().filter_map(|one| one.row.as_deref()).cloned());
        let gone = &phases.replatform.retired_hosts;
        let smaller = phases.shrunk(REPLATFORM);
        rows.extend(
            plan.recommendations
                .iter()
                .filter(|row| gone.binary_search(&row.host).is_err())
                .map(|row| {
                    let own = smaller.get(row.host.as_str()).and_then(|one| one.row.as_deref());
                    Recommendation {
                        phase: REPLATFORM.to_string(),
                        ..own.unwrap_or(row).clone()
                    }
                }),
        );
    }
    rows
}

/// Gives the lines of the bill beyond those of all hosts: managed services of both phases, and EC2 of phase `replatform`.
#[must_use]
pub fn service_lines(plan: &Plan) -> Vec<BillLine> {
    let Some(phases) = &plan.phases else { return Vec::new() };
    let gone = &phases.replatform.retired_hosts;
    let smaller = phases.shrunk(REPLATFORM);
    let lines_of = |phase: &str| -> Vec<BillLine> {
        let shrunk = phases.shrunk(phase);
        shrunk.values().flat_map(|one| one.lines.iter().cloned()).collect()
    };
    let mut lines = lines_of(REHOST);
    lines.extend(phases.rehost.managed_bill.lines.iter().cloned());
    lines.extend(lines_of(REPLATFORM));
    lines.extend(
        plan.bill
            .lines
            .iter()
            .filter(|line| gone.binary_search(&line.host).is_err() && !smaller.contains_key(line.host.as_str()))
            .map(|line| BillLine {
                phase: REPLATFORM.to_string(),
                ..line.clone()
            }),
    );
    lines.extend(phases.replatform.managed_bill.lines.iter().cloned());
    lines
}

/// Gives the parts that run in a phase.
pub(crate) fn parts_of_phase<'a>(
    plan: &'a Plan,
    phase: &'a str,
) -> impl Iterator<Item = (&'a PlannedWorkload, &'a PlannedPart)> {
    plan.phases
        .iter()
        .flat_map(|phases| &phases.workloads)
        .filter(move |one| one.is_moved_in(phase))
        .flat_map(|one| one.parts.iter().map(move |part| (one, part)))
}

/// Gives the cells of a part in the order of the contract's columns; money also as its exact decimal.
pub(crate) fn part_cells(
    plan: &Plan,
    phase: &str,
    planned: &PlannedWorkload,
    part: &PlannedPart,
) -> Vec<(Cell, Option<String>)> {
    let PlannedPart { part: own, .. } = part;
    let rows = &plan.recommendations;
    let at = rows.binary_search_by(|row| row.host.as_str().cmp(&own.host));
    let row = at.ok().and_then(|at| rows.get(at));
    let money = |amount: Option<Decimal>| {
        (
            Cell::Number(amount.and_then(|amount| amount.to_f64())),
            amount.map(plain),
        )
    };
    let text = |value: &str| (Cell::Text(Some(value.to_string())), None);
    let optional = |value: Option<&str>| (Cell::Text(value.map(str::to_string)), None);
    let number = |value: Option<f64>| (Cell::Number(value), None);
    let need = |asks: &[Ask]| {
        own.needs
            .iter()
            .find(|need| asks.contains(&need.ask))
            .map(|need| need.amount)
    };
    let class = own.class.as_ref();
    let (compute, storage) = (sum(part, Category::Compute), sum(part, Category::Storage));
    let next = own.rejected.first();
    let peak = own
        .binding
        .and_then(|ask| own.needs.iter().find(|need| need.ask == ask)?.peak_at_ms)
        .filter(|at_ms| *at_ms > 0)
        .and_then(telemetry::series::instant);
    vec![
        text(phase),
        text(&own.host),
        text(&own.service),
        text(&planned.workload.environment),
        number(row.and_then(|row| row.source_vcpu)),
        number(row.and_then(|row| row.source_memory_gib)),
        text(&own.target_service),
        optional(class.map(|class| class.name.as_str())),
        number(Some(f64::from(own.count))),
        number(class.map(|class| f64::from(class.vcpu))),
        number(class.map(|class| class.memory_gib)),
        optional(class.and_then(|class| class.architecture.as_deref())),
        text(plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region)),
        text(&own.deployment),
        text(&own.engine),
        text("on-demand"),
        money(class.and_then(|class| Some(class.price.as_ref()?.amount.as_decimal()))),
        money(compute),
        money(storage),
        money(compute.zip(storage).map(|(compute, storage)| compute + storage)),
        number(need(&[Ask::Cpu, Ask::SingleThread])),
        number(own.cpu_equivalence),
        number(need(&[Ask::Memory, Ask::Heap])),
        number(need(&[Ask::DiskOperations])),
        number(need(&[Ask::DiskThroughput]).map(|mib| (mib * 1.048_576 * 1e3).round() / 1e3)),
        number(need(&[Ask::Network])),
        number(own.storage_gib),
        optional(own.binding_words()),
        optional(peak.map(|peak| peak.to_string()).as_deref()),
        text(row.map_or("", |row| row.rule.as_str())),
        number(None),
        number(Some(part.confidence)),
        text(&part.confidence_reason),
        text(part.proposal.word()),
        text(&format!("{}: {}", own.what, own.reason)),
        optional(next.map(|one| one.name.as_str())),
        optional(
            next.map(|one| one.lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
                .as_deref(),
        ),
    ]
}

/// Sums the lines of a kind; nothing where one of them is not known.
pub(crate) fn sum(part: &PlannedPart, category: Category) -> Option<Decimal> {
    part.part
        .lines
        .iter()
        .filter(|line| line.category == category)
        .map(|line| Some(line.amount?.as_decimal()))
        .sum()
}
