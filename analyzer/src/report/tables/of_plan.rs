//! Tables of the plan: recommendations, bill, assumptions.

use std::collections::BTreeMap;

use super::{Column, Kind, Table, Value, optional, text, word};
use crate::plan::Plan;
use crate::plan::files::{COLUMNS, Cell, cells};
use crate::plan::phases::{REHOST, REPLATFORM, part_cells, parts_of_phase};

/// Gives a row a host, with the contract columns.
pub(super) fn recommendations(plan: &Plan) -> Table {
    let table = Table::new("recommendations", "One host or service and phase.", &[]);
    contract(table, plan.recommendations.iter().map(cells))
}

/// Gives a row a part of a managed service and phase, with the contract columns.
pub(super) fn managed(plan: &Plan) -> Table {
    let rows = [REHOST, REPLATFORM].into_iter().flat_map(move |phase| {
        parts_of_phase(plan, phase).map(move |(planned, part)| part_cells(plan, phase, planned, part))
    });
    contract(
        Table::new("managed", "One part of a managed service and phase.", &[]),
        rows,
    )
}

fn contract(mut table: Table, rows: impl Iterator<Item = Vec<(Cell, Option<String>)>>) -> Table {
    let mut is_number = vec![false; COLUMNS.len()];
    for cells in rows {
        let mut out = Vec::with_capacity(COLUMNS.len());
        for (position, (cell, exact)) in cells.into_iter().enumerate() {
            let name = COLUMNS[position];
            is_number[position] |= matches!(cell, Cell::Number(_));
            out.push(match (cell, exact.and_then(|exact| exact.parse().ok())) {
                (_, Some(exact)) => Value::Exact(exact),
                (Cell::Number(Some(number)), None) => Value::Number(number),
                (Cell::Text(Some(time)), None) if is_time(name) => match time.parse::<jiff::Timestamp>() {
                    Ok(at) => Value::Time(at.as_millisecond()),
                    Err(_) => text(time),
                },
                (Cell::Text(Some(words)), None) => text(words),
                _ => Value::Empty,
            });
        }
        table.rows.push(out);
    }
    table.columns = COLUMNS
        .iter()
        .zip(is_number)
        .map(|(&name, is_number)| Column {
            name,
            kind: match (is_time(name), is_number) {
                (true, _) => Kind::Time,
                (false, true) => Kind::Number,
                (false, false) => Kind::Text,
            },
        })
        .collect();
    table
}

fn is_time(name: &str) -> bool {
    name.ends_with("_at")
}

/// Gives a row a line of the bill.
pub(super) fn bill(plan: &Plan) -> Table {
    let mut table = Table::new(
        "bill",
        "One line of the bill: a quantity a month at a unit price.",
        &[
            ("phase", Kind::Text),
            ("host", Kind::Text),
            ("environment", Kind::Text),
            ("group", Kind::Text),
            ("category", Kind::Text),
            ("item", Kind::Text),
            ("quantity", Kind::Number),
            ("unit", Kind::Text),
            ("unit_price_usd", Kind::Number),
            ("amount_usd_per_month", Kind::Number),
            ("price_method", Kind::Text),
            ("price_as_of", Kind::Text),
        ],
    );
    for line in &plan.bill.lines {
        table.rows.push(vec![
            text(&line.phase),
            text(&line.host),
            text(&line.environment),
            optional(line.group.as_deref()),
            word(&line.category),
            text(&line.item),
            Value::Exact(line.quantity),
            text(&line.unit),
            line.unit_price
                .map_or(Value::Empty, |price| Value::Exact(price.as_decimal())),
            line.amount
                .map_or(Value::Empty, |amount| Value::Exact(amount.as_decimal())),
            optional(line.method.map(|method| method.word())),
            optional(line.as_of.map(|month| month.to_string())),
        ]);
    }
    table
}

/// Gives a row a thing that the plan takes for granted, warns of, or rests on.
pub(super) fn assumptions(plan: &Plan) -> Table {
    let mut table = Table::new(
        "assumptions",
        "One thing that the plan rests on, with how many hosts it concerns.",
        &[("kind", Kind::Text), ("statement", Kind::Text), ("hosts", Kind::Number)],
    );
    let mut row = |kind: &str, statement: String, hosts: Value| {
        table.rows.push(vec![text(kind), text(statement), hosts]);
    };
    for warning in &plan.warnings {
        row("warning", warning.clone(), Value::Empty);
    }
    row(
        "prices",
        format!(
            "catalog {} of {}, prices of {} to {}: list prices in USD, without tax",
            plan.catalog.id, plan.catalog.built_on, plan.catalog.prices_oldest, plan.catalog.prices_newest
        ),
        Value::Empty,
    );
    row(
        "plan",
        format!("made for {} by {}", plan.planned_on, plan.program),
        Value::Empty,
    );
    for (environment, policy) in &plan.policies {
        row(
            "policy",
            format!(
                "{environment}: rule {}, headroom CPU {}, memory {}, disk {}, network {}",
                policy.rule, policy.cpu_headroom, policy.memory_headroom, policy.disk_headroom, policy.network_headroom
            ),
            Value::Empty,
        );
    }
    for origin in &plan.origins {
        row(
            "telemetry",
            format!("{} {}: {}", origin.kind, origin.id, origin.sources.join(", ")),
            Value::Empty,
        );
        for note in &origin.notes {
            row("telemetry", format!("{}: {note}", origin.id), Value::Empty);
        }
    }
    let mut assumed: BTreeMap<&str, u32> = BTreeMap::new();
    for statement in plan.recommendations.iter().flat_map(|row| &row.proof.assumed) {
        *assumed.entry(statement).or_default() += 1;
    }
    let mut assumed: Vec<_> = assumed.into_iter().collect();
    assumed.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    for (statement, hosts) in assumed {
        row("assumed", statement.to_string(), Value::Number(f64::from(hosts)));
    }
    table
}
