//! What to do next: retire, take the big savings, measure what is undecided.

use serde::Serialize;

use super::amount::{capacity, counted, dollars};
use super::comparison::{saved_share, saving};
use super::headline::{difference, sentence};
use super::page::Anchors;
use super::shown::shown;
use crate::money::UsdPerMonth;
use crate::plan::{Plan, Proposal, Recommendation};
use crate::size::Activity;

/// Rows of each list; what is beyond is in the table.
const LONGEST_LIST: usize = 10;

/// The three lists.
#[derive(Debug, Serialize)]
pub(super) struct Actions {
    pub(super) retire: Vec<RetireRow>,
    pub(super) savings: Vec<SavingRow>,
    pub(super) undecided: Vec<UndecidedRow>,
    pub(super) more_retire: Option<String>,
    pub(super) more_undecided: Option<String>,
}

/// A host that may be retired.
#[derive(Debug, Serialize)]
pub(super) struct RetireRow {
    pub(super) host: String,
    pub(super) anchor: Option<String>,
    pub(super) kind: &'static str,
    pub(super) evidence: String,
    pub(super) saving: Option<String>,
}

/// A host that saves much.
#[derive(Debug, Serialize)]
pub(super) struct SavingRow {
    pub(super) host: String,
    pub(super) anchor: Option<String>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) saving: String,
    pub(super) share: String,
}

/// A host that is undecided.
#[derive(Debug, Serialize)]
pub(super) struct UndecidedRow {
    pub(super) host: String,
    pub(super) anchor: Option<String>,
    pub(super) why: String,
    pub(super) remedy: String,
}

/// Lists what to do.
pub(super) fn actions(plan: &Plan, anchors: &Anchors) -> Actions {
    let mut savings: Vec<(&Recommendation, UsdPerMonth)> = plan
        .recommendations
        .iter()
        .filter(|row| row.proposal == Proposal::Change)
        .filter_map(|row| Some((row, saving(row)?)))
        .filter(|(_, saving)| *saving > UsdPerMonth::ZERO)
        .collect();
    savings.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.host.cmp(&b.0.host)));
    let undecided: Vec<&Recommendation> = plan
        .recommendations
        .iter()
        .filter(|row| row.proposal == Proposal::Undecided)
        .collect();
    let mut retire: Vec<_> = plan.retire.iter().collect();
    retire.sort_by(|a, b| {
        b.saving_usd_per_month
            .cmp(&a.saving_usd_per_month)
            .then_with(|| a.host.cmp(&b.host))
    });
    Actions {
        more_retire: more(retire.len()),
        more_undecided: more(undecided.len()),
        retire: retire
            .into_iter()
            .take(LONGEST_LIST)
            .map(|host| RetireRow {
                host: shown(&host.host),
                anchor: anchors.of(&host.host),
                kind: activity_word(host.activity),
                evidence: shown(&host.evidence),
                saving: host.saving_usd_per_month.map(|saving| {
                    format!(
                        "{}{}",
                        if host.saving_is_at_least { "at least " } else { "" },
                        dollars(saving)
                    )
                }),
            })
            .collect(),
        savings: savings
            .into_iter()
            .take(LONGEST_LIST)
            .map(|(row, saving)| SavingRow {
                host: shown(&row.host),
                anchor: anchors.of(&row.host),
                from: source_words(row),
                to: proposal_words(row),
                saving: dollars(saving),
                share: saved_share(row).map(difference).unwrap_or_default(),
            })
            .collect(),
        undecided: undecided
            .into_iter()
            .take(LONGEST_LIST)
            .map(|row| UndecidedRow {
                host: shown(&row.host),
                anchor: anchors.of(&row.host),
                why: sentence(&shown(
                    row.proof
                        .confidence
                        .doubts
                        .first()
                        .map_or(&row.reason, |doubt| &doubt.reason),
                )),
                remedy: sentence(&shown(
                    row.proof
                        .confidence
                        .remedy()
                        .unwrap_or("name the size of the machine in assessment.toml"),
                )),
            })
            .collect(),
    }
}

fn more(rows: usize) -> Option<String> {
    (rows > LONGEST_LIST).then(|| {
        format!(
            "and {} in the table below",
            counted(rows - LONGEST_LIST, "more", "more")
        )
    })
}

/// Gives the word for an activity.
pub(super) const fn activity_word(activity: Activity) -> &'static str {
    match activity {
        Activity::Active => "active",
        Activity::Idle => "idle",
        Activity::Zombie => "zombie",
        Activity::Unknown => "activity unknown",
    }
}

/// Writes the source's size.
pub(super) fn source_words(row: &Recommendation) -> String {
    let size = match (row.source_vcpu, row.source_memory_gib) {
        (Some(vcpu), Some(memory)) => format!("{} vCPU, {} GiB", capacity(vcpu), capacity(memory)),
        (Some(vcpu), None) => format!("{} vCPU, memory unknown", capacity(vcpu)),
        (None, Some(memory)) => format!("vCPUs unknown, {} GiB", capacity(memory)),
        (None, None) => "size unknown".to_string(),
    };
    match &row.proof.current_type {
        Some(current) => format!("{} ({size})", shown(current)),
        None => size,
    }
}

/// Writes the proposed type and its size.
pub(super) fn proposal_words(row: &Recommendation) -> String {
    match (&row.instance_type, row.vcpu, row.memory_gib) {
        (Some(name), Some(vcpu), Some(memory)) => {
            let times = if row.instance_count > 1 {
                format!("{} × ", row.instance_count)
            } else {
                String::new()
            };
            format!("{times}{name} ({vcpu} vCPU, {} GiB)", capacity(memory))
        }
        _ => "no proposal".to_string(),
    }
}
