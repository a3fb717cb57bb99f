//! The report's part on scaling: groups, what does not scale, nights, databases, and a chart of each group.

use rayon::prelude::*;
use serde::Serialize;

use super::amount::{count, dollars, percent, percent_fine};
use super::chart::{Drawing, ScalingChart, scaling_chart};
use super::shown::shown;
use super::{ReadSeries, ReportError};
use crate::money::UsdPerMonth;
use crate::plan::Plan;
use crate::plan::scaling::{GroupScaling, Scaling, foresight, group_load};
use crate::scale::{Proposal, replayed};

/// Hosts outside production of which hours are shown; the plan has all.
const MOST_NIGHTS: usize = 20;

/// Everything shown of scaling.
#[derive(Debug, Serialize)]
pub(super) struct ScalingSection {
    groups: Vec<GroupRow>,
    alone: Vec<[String; 3]>,
    nights: Vec<NightRow>,
    more_nights: usize,
    databases: Vec<[String; 6]>,
}

#[derive(Debug, Serialize)]
struct GroupRow {
    name: String,
    environment: String,
    hosts: String,
    because: String,
    instance_type: String,
    policy: String,
    bounds: String,
    cost: String,
    fixed: String,
    rows: String,
    oracle: String,
    short: String,
    without_zone: String,
    longest: String,
    remark: String,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct NightRow {
    host: String,
    environment: String,
    needed: String,
    saving: String,
    outside: String,
}

/// Gathers the section; nothing where nobody looked or nothing was found.
pub(super) fn scaling_section(plan: &Plan) -> Option<ScalingSection> {
    let scaling = plan.scaling.as_ref()?;
    let section = ScalingSection {
        groups: scaling.groups.iter().map(group_row).collect(),
        alone: scaling
            .alone
            .iter()
            .map(|alone| [shown(&alone.host), shown(&alone.group), shown(&alone.because)])
            .collect(),
        nights: nights(scaling),
        more_nights: scaling
            .nights
            .iter()
            .filter(|night| night.hours.is_some())
            .count()
            .saturating_sub(MOST_NIGHTS),
        databases: scaling
            .databases
            .iter()
            .map(|one| {
                [
                    shown(&one.host),
                    shown(&one.service),
                    one.offer.clone(),
                    one.proposal.clone().unwrap_or_else(|| "no".to_string()),
                    money(one.usd_per_month),
                    one.because.clone(),
                ]
            })
            .collect(),
    };
    let nothing = section.groups.is_empty() && section.nights.is_empty() && section.databases.is_empty();
    (!nothing || !section.alone.is_empty()).then_some(section)
}

fn group_row(group: &GroupScaling) -> GroupRow {
    let mut row = GroupRow {
        name: shown(&group.group.name),
        environment: shown(&group.group.environment),
        hosts: count(group.hosts),
        because: shown(&group.group.because),
        instance_type: "none".to_string(),
        policy: "undecided".to_string(),
        bounds: String::new(),
        cost: "unknown".to_string(),
        fixed: "unknown".to_string(),
        rows: money(group.rehost_usd_per_month),
        oracle: String::new(),
        short: String::new(),
        without_zone: String::new(),
        longest: String::new(),
        remark: group.undecided_because.as_deref().map(shown).unwrap_or_default(),
        warnings: group.warnings.iter().map(|warning| shown(warning)).collect(),
    };
    if let Some(proposal) = &group.proposal {
        fill(&mut row, proposal);
    }
    row
}

fn fill(row: &mut GroupRow, proposal: &Proposal) {
    let selection = &proposal.selection;
    let (policy, held_out) = (&selection.chosen.policy, &selection.chosen.held_out);
    row.instance_type.clone_from(&proposal.instance_type);
    row.policy = policy.words();
    row.bounds = format!("{} to {}", policy.minimum, policy.maximum);
    row.cost = dollars(proposal.usd_per_month);
    row.fixed = money(proposal.static_usd_per_month);
    row.oracle = dollars(proposal.oracle_usd_per_month);
    row.short = percent_fine(held_out.short_share());
    row.without_zone = percent_fine(held_out.short_without_a_zone_share());
    row.longest = format!("{} min", held_out.longest_short_minutes);
    row.remark = match &selection.static_because {
        Some(because) => format!("static, because {}", because.words()),
        None => selection.kind.words().to_string(),
    };
}

fn nights(scaling: &Scaling) -> Vec<NightRow> {
    let mut found: Vec<_> = scaling.nights.iter().filter(|night| night.hours.is_some()).collect();
    found.sort_by(|one, other| {
        other
            .saving_usd_per_month
            .cmp(&one.saving_usd_per_month)
            .then_with(|| one.host.cmp(&other.host))
    });
    found
        .into_iter()
        .take(MOST_NIGHTS)
        .filter_map(|night| {
            let hours = night.hours.as_ref()?;
            Some(NightRow {
                host: shown(&night.host),
                environment: shown(&night.environment),
                needed: hours.words(),
                saving: format!("{} ({})", money(night.saving_usd_per_month), percent(hours.saving)),
                outside: format!("{} of {} hours", count(hours.worked_outside), count(hours.hours)),
            })
        })
        .collect()
}

fn money(amount: Option<UsdPerMonth>) -> String {
    amount.map_or_else(|| "unknown".to_string(), dollars)
}

/// Draws the replay of every group with a proposal, in the order of the plan, each with a name for its file.
///
/// # Errors
/// When the telemetry of a host cannot be read.
pub(super) fn scaling_drawings(plan: &Plan, series: &ReadSeries<'_>) -> Result<Vec<(String, Drawing)>, ReportError> {
    let groups: &[GroupScaling] = plan.scaling.as_ref().map_or(&[], |scaling| &scaling.groups);
    let drawn: Vec<Option<(String, Drawing)>> = groups
        .par_iter()
        .enumerate()
        .map(|(index, group)| {
            let Some(proposal) = &group.proposal else {
                return Ok(None);
            };
            let loads = group_load(plan, &group.group.hosts, series).map_err(|source| ReportError::Series {
                host: shown(&group.group.name),
                source,
            })?;
            Ok(loads.and_then(|(load, _)| {
                let zone = plan.assessment.zone().unwrap_or(jiff::tz::TimeZone::UTC);
                let rule = plan
                    .assessment
                    .groups
                    .get(&group.group.rule)
                    .cloned()
                    .unwrap_or_default();
                let replay = replayed(&load, &zone, &foresight(&plan.assessment, &rule, &load), proposal);
                let drawing = scaling_chart(&ScalingChart {
                    group: &group.group.name,
                    policy: &proposal.words(),
                    unit: "busy cores",
                    first_ms: replay.first_minute * 60_000,
                    load: &replay.load,
                    ready: &replay.ready,
                    zone: &zone,
                })?;
                Some((format!("scaling-{:02}", index + 1), drawing))
            }))
        })
        .collect::<Result<_, ReportError>>()?;
    Ok(drawn.into_iter().flatten().collect())
}

/// Writes the section as Markdown.
pub(super) fn scaling_markdown(out: &mut String, plan: &Plan) -> std::fmt::Result {
    use super::shown::shown_in_markdown as text;
    use std::fmt::Write as _;
    let Some(section) = scaling_section(plan) else {
        return Ok(());
    };
    writeln!(out, "\n## Scaling\n")?;
    if !section.groups.is_empty() {
        writeln!(
            out,
            "| Group | Hosts | Type | Policy | From, to | USD a month | Static, same goal | Hosts' rows | Short | |"
        )?;
        writeln!(out, "|:--|--:|:--|:--|:--|--:|--:|--:|--:|:--|")?;
        for row in &section.groups {
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                text(&row.name),
                row.hosts,
                row.instance_type,
                text(&row.policy),
                row.bounds,
                text(&row.cost),
                text(&row.fixed),
                text(&row.rows),
                text(&row.short),
                text(&row.remark)
            )?;
        }
        writeln!(
            out,
            "\nCompute only, as replayed on the half of the history that no policy was fitted on; instead of the hosts' rows, never besides."
        )?;
    }
    for [host, group, because] in &section.alone {
        writeln!(
            out,
            "- {} ({}) does not scale out: {}",
            text(host),
            text(group),
            text(because)
        )?;
    }
    for row in &section.nights {
        writeln!(
            out,
            "- {} is needed {}; stopping it saves {}",
            text(&row.host),
            text(&row.needed),
            text(&row.saving)
        )?;
    }
    for [host, service, offer, proposal, _, because] in &section.databases {
        writeln!(
            out,
            "- {} ({}), {}: {}: {}",
            text(host),
            text(service),
            offer,
            text(proposal),
            text(because)
        )?;
    }
    Ok(())
}
