//! What the plan rests on: rules, policies, catalog, prices, data.

use std::collections::BTreeMap;

use serde::Serialize;
use telemetry::store::HostQuality;

use super::amount::{count, counted, percent};
use super::clock::civil_day;
use super::shown::shown;
use crate::catalog::PriceMethod;
use crate::plan::Plan;
use crate::policy::Policy;

/// Assumptions and method.
#[derive(Debug, Serialize)]
pub(super) struct Basis {
    pub(super) planned_on: String,
    pub(super) program: String,
    pub(super) catalog: Vec<(&'static str, String)>,
    pub(super) stale: bool,
    pub(super) policies: Vec<PolicyRow>,
    pub(super) equivalences: Vec<(String, String)>,
    pub(super) assumed: Vec<(String, String)>,
    pub(super) origins: Vec<OriginRow>,
    pub(super) quality: Vec<(&'static str, String)>,
    pub(super) quality_hosts: String,
}

/// One environment's policy in words.
#[derive(Debug, Serialize)]
pub(super) struct PolicyRow {
    pub(super) environment: String,
    pub(super) rule: String,
    pub(super) headroom: String,
    pub(super) cap: &'static str,
    pub(super) types: String,
    pub(super) storage: String,
}

/// Where telemetry came from.
#[derive(Debug, Serialize)]
pub(super) struct OriginRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) sources: String,
}

/// Source files named of one origin; more are counted.
const NAMED_SOURCES: usize = 4;
/// Notes shown of one origin; more are counted.
const NAMED_NOTES: usize = 4;

/// Writes what the plan rests on.
pub(super) fn basis(plan: &Plan) -> Basis {
    let mut quality = HostQuality::default();
    let mut odd_hosts = 0;
    for row in &plan.recommendations {
        quality.add(&row.proof.quality);
        odd_hosts += usize::from(!row.proof.quality.is_clean());
    }
    let assumed = assumed(plan);
    // A plan may name its CPU equivalence among the assumptions as well: once is enough.
    let mut equivalences = equivalences(plan);
    equivalences.retain(|(words, _)| !assumed.iter().any(|(known, _)| known == words));
    Basis {
        planned_on: civil_day(plan.planned_on),
        program: shown(&plan.program),
        catalog: catalog(plan),
        stale: plan.catalog.stale,
        policies: plan
            .policies
            .iter()
            .map(|(name, policy)| policy_row(name, policy))
            .collect(),
        equivalences,
        assumed,
        origins: plan.origins.iter().map(origin_row).collect(),
        quality: quality
            .findings()
            .into_iter()
            .map(|(name, rows)| (name, count(rows as usize)))
            .collect(),
        quality_hosts: counted(odd_hosts, "host", "hosts"),
    }
}

fn catalog(plan: &Plan) -> Vec<(&'static str, String)> {
    let stamp = &plan.catalog;
    let mut lines = vec![
        ("Catalog", shown(&stamp.id)),
        ("Put together", civil_day(stamp.built_on)),
        (
            "EC2 prices of",
            format!("{} to {}", stamp.prices_oldest, stamp.prices_newest),
        ),
        (
            "Age of the newest",
            match stamp.age_days {
                ..0 => "dated after the day of the plan".to_string(),
                days => format!("{days} days on the day of the plan"),
            },
        ),
    ];
    for file in &stamp.price_lists {
        lines.push(("Price list", shown(file)));
    }
    for method in [PriceMethod::Listed, PriceMethod::Derived, PriceMethod::Estimated] {
        let bill_lines = plan
            .bill
            .lines
            .iter()
            .filter(|line| line.method == Some(method))
            .count();
        if bill_lines > 0 {
            let meaning = match method {
                PriceMethod::Listed => "as AWS published them",
                PriceMethod::Derived => "arithmetic on published prices of the same product",
                PriceMethod::Estimated => "ratios across regions or families",
            };
            let name = match method {
                PriceMethod::Listed => "Listed prices",
                PriceMethod::Derived => "Derived prices",
                PriceMethod::Estimated => "Estimated prices",
            };
            lines.push((
                name,
                format!("{} of the bill, {meaning}", counted(bill_lines, "line", "lines")),
            ));
        }
    }
    if plan.bill.total.is_at_least() {
        lines.push((
            "Unknown prices",
            format!(
                "{} of the bill; totals read “at least”",
                counted(plan.bill.total.unknown_lines, "line", "lines")
            ),
        ));
    }
    lines
}

fn policy_row(environment: &str, policy: &Policy) -> PolicyRow {
    let mut types = vec![
        policy
            .architectures
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" or "),
    ];
    if !policy.families.is_empty() {
        types.push(format!("only {}", policy.families.join(", ")));
    }
    if !policy.excluded_families.is_empty() {
        types.push(format!("without {}", policy.excluded_families.join(", ")));
    }
    types.push(
        if policy.previous_generations {
            "all generations"
        } else {
            "current generation"
        }
        .to_string(),
    );
    types.push(
        if policy.burstable {
            "burstable allowed"
        } else {
            "no burstable types"
        }
        .to_string(),
    );
    PolicyRow {
        environment: shown(environment),
        rule: policy.rule.to_string(),
        headroom: format!(
            "CPU +{}, memory +{}, disk +{}, network +{}",
            percent(policy.cpu_headroom),
            percent(policy.memory_headroom),
            percent(policy.disk_headroom),
            percent(policy.network_headroom)
        ),
        cap: if policy.cap_at_source {
            "never above the source’s own size"
        } else {
            "not capped at the source’s size"
        },
        types: shown(&types.join("; ")),
        storage: format!(
            "growth +{}, at most {} full",
            percent(policy.storage_growth),
            percent(policy.storage_fill)
        ),
    }
}

/// Counts hosts by how their CPU was converted.
fn equivalences(plan: &Plan) -> Vec<(String, String)> {
    by_words(plan, |plan| {
        plan.recommendations
            .iter()
            .map(|row| row.proof.cpu_equivalence.words())
            .collect()
    })
}

/// Counts hosts by what was assumed for them.
fn assumed(plan: &Plan) -> Vec<(String, String)> {
    by_words(plan, |plan| {
        plan.recommendations
            .iter()
            .flat_map(|row| row.proof.assumed.iter().cloned())
            .collect()
    })
}

/// Counts equal sentences, the commonest first; the long tail of one-host sentences is summed up.
fn by_words(plan: &Plan, words: impl Fn(&Plan) -> Vec<String>) -> Vec<(String, String)> {
    const LONGEST: usize = 12;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for sentence in words(plan) {
        *counts.entry(sentence).or_default() += 1;
    }
    let mut list: Vec<(String, usize)> = counts.into_iter().collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest: usize = list.iter().skip(LONGEST).map(|(_, hosts)| hosts).sum();
    let mut lines: Vec<(String, String)> = list
        .into_iter()
        .take(LONGEST)
        .map(|(words, hosts)| {
            (
                super::headline::sentence(&shown(&words)),
                counted(hosts, "host", "hosts"),
            )
        })
        .collect();
    if rest > 0 {
        lines.push((
            "Other assumptions, each in its host’s section.".to_string(),
            counted(rest, "case", "cases"),
        ));
    }
    lines
}

fn origin_row(origin: &crate::plan::OriginStamp) -> OriginRow {
    let named: Vec<String> = origin
        .sources
        .iter()
        .take(NAMED_SOURCES)
        .map(|name| shown(name))
        .collect();
    let mut sources = named.join(", ");
    if origin.sources.len() > NAMED_SOURCES {
        sources.push_str(&format!(" and {} more", count(origin.sources.len() - NAMED_SOURCES)));
    }
    for note in origin.notes.iter().take(NAMED_NOTES) {
        let before = if sources.is_empty() { "" } else { "; " };
        sources.push_str(&format!("{before}{}", shown(note)));
    }
    if origin.notes.len() > NAMED_NOTES {
        let more = count(origin.notes.len() - NAMED_NOTES);
        sources.push_str(&format!("; and {more} more notes, in plan.json"));
    }
    OriginRow {
        id: shown(&origin.id),
        kind: shown(&origin.kind),
        sources,
    }
}
