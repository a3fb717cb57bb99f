//! The report's part on another tool's answers: where and why ours differ, with the cost and the risk of each.

use serde::Serialize;

use super::amount::{dollars, percent_fine};
use super::headline::sentence;
use super::shown::shown;
use crate::money::UsdPerMonth;
use crate::plan::{Compared, Comparison, Side};

/// Hosts that are shown; the workbook and plan/comparison.csv have all.
const HOSTS_SHOWN: usize = 60;

/// Everything shown of a comparison.
#[derive(Debug, Serialize)]
pub(super) struct AnswersSection {
    lines: Vec<String>,
    rows: Vec<Row>,
    left_out: usize,
}

#[derive(Debug, Serialize)]
struct Row {
    host: String,
    environment: String,
    ours: String,
    theirs: String,
    ours_cost: String,
    theirs_more: String,
    ours_short: String,
    theirs_short: String,
    verdicts: String,
    why: String,
}

/// Gathers the section; nothing without a comparison that has a host.
pub(super) fn answers_section(comparison: Option<&Comparison>) -> Option<AnswersSection> {
    let comparison = comparison.filter(|comparison| !comparison.hosts.is_empty())?;
    let differ: Vec<&Compared> = comparison.hosts.iter().filter(|one| !is_same(one)).collect();
    Some(AnswersSection {
        lines: comparison.lines().iter().map(|line| sentence(&shown(line))).collect(),
        rows: differ.iter().take(HOSTS_SHOWN).map(|one| row(one)).collect(),
        left_out: differ.len().saturating_sub(HOSTS_SHOWN),
    })
}

/// Says whether both choose the same type with the same verdict.
fn is_same(one: &Compared) -> bool {
    let name = |side: &Option<Side>| side.as_ref().map(|side| side.instance_type.clone());
    one.ours.is_some() && name(&one.ours) == name(&one.theirs) && one.flip.is_none()
}

/// Writes an amount with its sign.
fn signed(amount: UsdPerMonth) -> String {
    if amount < UsdPerMonth::ZERO {
        format!("−{}", dollars(UsdPerMonth::ZERO - amount))
    } else {
        format!("+{}", dollars(amount))
    }
}

fn row(one: &Compared) -> Row {
    let name = |side: &Option<Side>| {
        side.as_ref()
            .map_or("none".to_string(), |side| shown(&side.instance_type))
    };
    let short = |side: &Option<Side>| {
        side.as_ref()
            .and_then(Side::expected)
            .map_or("unknown".to_string(), percent_fine)
    };
    Row {
        host: shown(&one.host),
        environment: shown(&one.environment),
        ours: name(&one.ours),
        theirs: name(&one.theirs),
        ours_cost: one
            .ours
            .as_ref()
            .map_or("unknown".to_string(), |side| dollars(side.usd_per_month)),
        theirs_more: one.theirs_more_usd_per_month.map_or("unknown".to_string(), signed),
        ours_short: short(&one.ours),
        theirs_short: short(&one.theirs),
        verdicts: one
            .flip
            .as_ref()
            .map(|(ours, theirs)| format!("{} → {}", shown(ours), shown(theirs)))
            .unwrap_or_default(),
        why: sentence(&shown(&one.why)),
    }
}
