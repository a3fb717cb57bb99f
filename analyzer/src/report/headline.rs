//! What a meeting sees first: four figures, a sentence, and what to be careful about.

use std::collections::BTreeMap;

use serde::Serialize;

use super::amount::{NO_BREAK, capacity, count, counted, dollars, percent, total, whole};
use super::clock::Clock;
use super::comparison::Comparison;
use super::shown::shown;
use crate::money::UsdPerMonth;
use crate::plan::{Plan, Recommendation};

/// The top of the report.
#[derive(Debug, Serialize)]
pub(super) struct Headline {
    pub(super) name: String,
    pub(super) region: String,
    pub(super) window: Option<String>,
    pub(super) zone: String,
    pub(super) verdict: String,
    pub(super) figures: Vec<Figure>,
    pub(super) warnings: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// One of the four figures.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) label: &'static str,
    /// Words before the value, such as "at least".
    pub(super) before: &'static str,
    pub(super) value: String,
    pub(super) after: &'static str,
    pub(super) lines: Vec<String>,
}

/// What would raise the confidence of the estate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Remedy {
    /// What to do.
    pub(super) remedy: String,
    /// Hosts it concerns.
    pub(super) hosts: usize,
    /// What the cost-weighted confidence gains, 0 to 1.
    pub(super) gain: f64,
    /// The gain in whole points of a hundred, at least one.
    pub(super) points: String,
}

/// Gives the region the plan is for.
pub(super) fn region(plan: &Plan) -> &str {
    plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region)
}

/// Writes the top of the report.
pub(super) fn headline(plan: &Plan, clock: &Clock) -> Headline {
    let comparison = Comparison::of(plan);
    Headline {
        name: shown(&plan.assessment.name),
        region: shown(region(plan)),
        window: window(plan, clock),
        zone: shown(clock.name()),
        verdict: verdict(plan, &comparison),
        figures: figures(plan, &comparison),
        warnings: plan.warnings.iter().map(|warning| sentence(&shown(warning))).collect(),
        notes: notes(plan),
    }
}

/// Writes the measured window; nothing where nothing was measured.
pub(super) fn window(plan: &Plan, clock: &Clock) -> Option<String> {
    let (first, last) = plan.summary.window_ms?;
    let days = (last - first) as f64 / 86_400_000.0;
    let span = if days >= 2.0 {
        counted(days.round() as usize, "day", "days")
    } else {
        format!("{:.0}{NO_BREAK}hours", days * 24.0)
    };
    Some(format!("{} to {} ({span})", clock.day(first), clock.day(last)))
}

/// Says in plain words what the plan amounts to.
pub(super) fn verdict(plan: &Plan, comparison: &Comparison) -> String {
    let summary = &plan.summary;
    if summary.hosts == 0 {
        return "There is no host in this plan.".to_string();
    }
    let sized = summary.keep + summary.change;
    let mut text = format!(
        "Running {} in {} costs {} a month on demand",
        counted(summary.hosts, "host", "hosts"),
        shown(region(plan)),
        total(plan.bill.total)
    );
    match comparison.saved_share() {
        Some(share) if share >= 0.005 => {
            text.push_str(&format!(
                "; compute is {} below the same machines at their present size",
                percent(share)
            ));
        }
        Some(share) if share <= -0.005 => {
            text.push_str(&format!(
                "; compute is {} above the same machines at their present size",
                percent(-share)
            ));
        }
        Some(_) => text.push_str("; compute is the same as at the present sizes"),
        None => {}
    }
    text.push_str(&format!(
        ". {} sized from measured demand",
        counted(sized, "host is", "hosts are")
    ));
    if summary.undecided > 0 {
        text.push_str(&format!(
            ", {} more evidence before a decision",
            counted(summary.undecided, "needs", "need")
        ));
    }
    if !plan.retire.is_empty() {
        text.push_str(&format!(
            "; {} unused and could be retired",
            counted(plan.retire.len(), "looks", "look")
        ));
    }
    text.push('.');
    text
}

fn figures(plan: &Plan, comparison: &Comparison) -> Vec<Figure> {
    let summary = &plan.summary;
    let unsized_hosts = plan
        .recommendations
        .iter()
        .filter(|row| row.source_vcpu.is_none() || row.source_memory_gib.is_none())
        .count();
    let mut today = vec![format!(
        "and {}{NO_BREAK}GiB on {}",
        capacity(summary.source_memory_gib),
        counted(summary.hosts, "host", "hosts")
    )];
    if unsized_hosts > 0 {
        today.push(format!("size not known for {}", count(unsized_hosts)));
    }
    if summary.ignored_hosts > 0 {
        today.push(format!(
            "{} left out by the assessment",
            counted(summary.ignored_hosts, "host", "hosts")
        ));
    }
    let mut proposed = vec![format!(
        "and {}{NO_BREAK}GiB; {} change, {} keep, {} undecided",
        capacity(summary.proposed_memory_gib),
        count(summary.change),
        count(summary.keep),
        count(summary.undecided)
    )];
    if summary.source_vcpus > 0.0 && summary.undecided < summary.hosts {
        proposed.push(format!(
            "{} of today's vCPUs, {} of its memory",
            percent(summary.proposed_vcpus / summary.source_vcpus),
            percent(summary.proposed_memory_gib / summary.source_memory_gib.max(f64::MIN_POSITIVE))
        ));
    }
    let mut cost = vec![format!(
        "compute {}, storage {}",
        dollars(summary.compute_usd_per_month),
        storage_words(plan)
    )];
    if let Some(share) = comparison.saved_share() {
        let of = if comparison.rows == summary.hosts {
            String::new()
        } else {
            format!(" (over {})", counted(comparison.rows, "host", "hosts"))
        };
        cost.push(format!(
            "compute at present sizes {}, {}{of}",
            dollars(comparison.as_is),
            difference(share)
        ));
    }
    let best = remedies(plan).into_iter().next();
    let confidence = match best {
        Some(best) => vec![format!(
            "would rise most: {} ({}, up to +{}{NO_BREAK}points)",
            best.remedy,
            counted(best.hosts, "host", "hosts"),
            best.points
        )],
        None if summary.hosts > 0 => vec!["all dimensions measured over a full month".to_string()],
        None => Vec::new(),
    };
    vec![
        Figure {
            label: "Today",
            before: "",
            value: capacity(summary.source_vcpus),
            after: "vCPU",
            lines: today,
        },
        Figure {
            label: "Proposed",
            before: "",
            value: capacity(summary.proposed_vcpus),
            after: "vCPU",
            lines: proposed,
        },
        Figure {
            label: "Monthly cost",
            before: if plan.bill.total.is_at_least() { "at least" } else { "" },
            value: dollars(plan.bill.total.known),
            after: "a month",
            lines: cost,
        },
        Figure {
            label: "Confidence",
            before: "",
            value: whole(summary.confidence * 100.0),
            after: "%",
            lines: confidence,
        },
    ]
}

/// Writes a saving or an increase as a signed share.
pub(super) fn difference(saved_share: f64) -> String {
    match saved_share {
        share if share >= 0.005 => format!("−{}", percent(share)),
        share if share <= -0.005 => format!("+{}", percent(-share)),
        _ => format!("±0{NO_BREAK}%"),
    }
}

fn storage_words(plan: &Plan) -> String {
    let unknown = plan
        .bill
        .by_category
        .get(&crate::price::Category::Storage)
        .is_some_and(crate::price::Total::is_at_least);
    let known = plan.summary.storage_usd_per_month;
    match (unknown, known == UsdPerMonth::ZERO) {
        (true, true) => "unknown".to_string(),
        (true, false) => format!("at least {}", dollars(known)),
        (false, _) => dollars(known),
    }
}

/// Gives good news that needs a decision.
fn notes(plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    let arm64 = plan.summary.arm64_saving_usd_per_month;
    if arm64 > UsdPerMonth::ZERO {
        let hosts = plan
            .recommendations
            .iter()
            .filter(|row| {
                row.proof
                    .arm64
                    .as_ref()
                    .is_some_and(|arm64| arm64.saving_usd_per_month > UsdPerMonth::ZERO)
            })
            .count();
        notes.push(format!(
            "Graviton (arm64) would save a further {} a month on {}, where the software runs on it.",
            dollars(arm64),
            counted(hosts, "host", "hosts")
        ));
    }
    let savings: Vec<UsdPerMonth> = plan
        .retire
        .iter()
        .filter_map(|host| host.saving_usd_per_month)
        .collect();
    if !plan.retire.is_empty() {
        let sum: UsdPerMonth = savings.iter().copied().sum();
        let least = if savings.len() == plan.retire.len() {
            ""
        } else {
            "at least "
        };
        notes.push(format!(
            "The plan still contains {} that look unused; retiring them saves {least}{} a month.",
            counted(plan.retire.len(), "host", "hosts"),
            dollars(sum)
        ));
    }
    notes
}

/// Lists what would raise the cost-weighted confidence, most first.
pub(super) fn remedies(plan: &Plan) -> Vec<Remedy> {
    let cost = |row: &Recommendation| row.compute_usd_per_month.map_or(0.0, UsdPerMonth::approximately);
    let known: f64 = plan.recommendations.iter().map(cost).sum();
    // Without any price every host counts the same.
    let weight = |row: &Recommendation| {
        if known > 0.0 {
            cost(row) / known
        } else {
            1.0 / plan.recommendations.len() as f64
        }
    };
    let mut remedies: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for row in &plan.recommendations {
        for doubt in row.proof.confidence.doubts.iter().filter(|doubt| doubt.factor > 0.0) {
            let gain = (row.confidence / doubt.factor).min(1.0) - row.confidence;
            let (hosts, sum) = remedies.entry(doubt.remedy.as_str()).or_default();
            *hosts += 1;
            *sum += gain.max(0.0) * weight(row);
        }
    }
    let mut list: Vec<Remedy> = remedies
        .into_iter()
        .map(|(remedy, (hosts, gain))| Remedy {
            remedy: shown(remedy),
            hosts,
            gain,
            points: whole((gain * 100.0).max(1.0)),
        })
        .collect();
    list.sort_by(|a, b| b.gain.total_cmp(&a.gain).then(b.hosts.cmp(&a.hosts)));
    list
}

/// Starts with a capital and ends with a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut out: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    if !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}
