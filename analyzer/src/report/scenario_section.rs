//! The report's part on scenarios: which costs least, what makes the difference, what would change the answer.

use serde::Serialize;

use super::amount::{count, counted, dollars, percent_fine, total};
use super::chart::{Drawing, scenario_bars, waterfall_chart};
use super::headline::sentence;
use super::shown::shown;
use crate::money::UsdPerMonth;
use crate::scenario::{Column, Comparison, WhatIf};

/// Everything shown of scenarios.
#[derive(Debug, Serialize)]
pub(super) struct ScenarioSection {
    verdict: String,
    base: String,
    environments: Vec<String>,
    rows: Vec<Row>,
    flips: Vec<String>,
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    description: String,
    cost: String,
    delta: String,
    environments: Vec<String>,
    risk: String,
    noticed: String,
    changed: String,
    is_cheapest: bool,
}

/// Gathers the section; nothing without scenarios.
pub(super) fn scenario_section(what_if: Option<&WhatIf>) -> Option<ScenarioSection> {
    let WhatIf { comparison, flips } = what_if?;
    let environments = comparison.environments();
    let base = comparison.columns.first()?;
    let row = |column: &Column| Row {
        name: shown(&column.name),
        description: column.description.as_deref().map(shown).unwrap_or_default(),
        cost: total(column.whole.total),
        delta: if column.name == comparison.base {
            String::new()
        } else {
            format!("{} ({})", signed(column.delta_usd_per_month), change(column, base))
        },
        environments: environments
            .iter()
            .map(|name| {
                column
                    .environments
                    .get(*name)
                    .map_or(String::new(), |part| total(part.total))
            })
            .collect(),
        risk: column.whole.risk.map_or("unknown".to_string(), percent_fine),
        noticed: count(column.whole.noticed),
        changed: if column.name == comparison.base {
            String::new()
        } else {
            format!(
                "{} of {}",
                count(column.changes.len()),
                count(column.whole.hosts.max(base.whole.hosts))
            )
        },
        is_cheapest: column.name == comparison.cheapest,
    };
    Some(ScenarioSection {
        verdict: verdict(comparison)?,
        base: shown(&comparison.base),
        environments: environments.iter().map(|name| shown(name)).collect(),
        rows: comparison.columns.iter().map(row).collect(),
        flips: flips.iter().map(|flip| sentence(&shown(&flip.words()))).collect(),
        notes: comparison.columns.iter().filter_map(note).collect(),
    })
}

/// Says in a sentence or two which scenario costs least and what that risks.
fn verdict(comparison: &Comparison) -> Option<String> {
    let base = comparison.columns.first()?;
    let cheapest = comparison.column(&comparison.cheapest)?;
    let risk = |column: &Column| column.whole.risk.map_or("an unknown share".to_string(), percent_fine);
    if cheapest.name == base.name {
        return Some(format!(
            "No scenario costs less than “{}”: {} a month, with hosts short {} of the time on average.",
            shown(&base.name),
            total(base.whole.total),
            risk(base)
        ));
    }
    let largest = cheapest.waterfall.iter().min_by_key(|step| step.delta)?;
    Some(format!(
        "“{}” costs least: {} a month, {} against “{}”. Most of that comes from {} ({}). Hosts are short {} of the time on average, instead of {}.",
        shown(&cheapest.name),
        total(cheapest.whole.total),
        change(cheapest, base),
        shown(&base.name),
        largest.words(),
        signed(largest.delta),
        risk(cheapest),
        risk(base)
    ))
}

fn change(column: &Column, base: &Column) -> String {
    let before = base.whole.total.known.approximately();
    if before <= 0.0 {
        return "unknown".to_string();
    }
    let percent = column.delta_usd_per_month.approximately() / before * 100.0;
    let sign = if percent < -0.05 {
        "−"
    } else if percent > 0.05 {
        "+"
    } else {
        ""
    };
    format!("{sign}{:.1}\u{a0}%", percent.abs())
}

fn signed(amount: UsdPerMonth) -> String {
    let plus = if amount > UsdPerMonth::ZERO { "+" } else { "" };
    format!("{plus}{}", dollars(amount))
}

/// Says what of a scenario is not known, or only estimated.
fn note(column: &Column) -> Option<String> {
    let mut parts = Vec::new();
    if column.whole.total.is_at_least() {
        let bound = column.whole.at_most;
        let most = if bound.unbounded_lines == 0 {
            format!("; at most {}, with them on demand", dollars(bound.usd_per_month))
        } else {
            String::new()
        };
        let lines = counted(column.whole.total.unknown_lines, "amount is", "amounts are");
        parts.push(format!("{lines} not known{most}"));
    }
    if column.estimated_usd_per_month > UsdPerMonth::ZERO {
        parts.push(format!(
            "{} rest on an estimated price or discount",
            dollars(column.estimated_usd_per_month)
        ));
    }
    (!parts.is_empty()).then(|| format!("“{}”: {}.", shown(&column.name), parts.join("; ")))
}

/// Draws the scenarios and the steps to the cheapest one, each with a name for its file.
pub(super) fn scenario_drawings(what_if: Option<&WhatIf>) -> Vec<(&'static str, Drawing)> {
    let Some(WhatIf { comparison, .. }) = what_if else {
        return Vec::new();
    };
    [
        ("scenarios", scenario_bars(comparison)),
        ("scenario-steps", waterfall_chart(comparison, &comparison.cheapest)),
    ]
    .into_iter()
    .filter_map(|(slug, drawing)| Some((slug, drawing?)))
    .collect()
}
