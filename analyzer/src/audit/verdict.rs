//! Whether keep, change or undecided follows from the row, and what is missing is explained.

use super::finding::Check;
use super::ledger::{Ledger, shown};
use super::subject::Subject;
use crate::plan::Proposal;
use crate::policy::Rule;
use crate::size::Storage;

/// Checks the proposal, its rule and its reason.
pub(super) fn proposal(subject: &Subject<'_>, ledger: &mut Ledger) {
    let (row, check) = (subject.row, Check::Proposal);
    let weak = subject.evidence_is_weak();
    let expected = match &row.instance_type {
        _ if weak => Proposal::Undecided,
        None => Proposal::Undecided,
        Some(name) if subject.member.current_type.as_ref() == Some(name) => Proposal::Keep,
        Some(_) => Proposal::Change,
    };
    ledger.same(check, "proposal", expected.word(), row.proposal.word());
    let rule = if weak { Rule::AsIs } else { subject.policy.rule };
    ledger.same(check, "rule", rule.to_string(), row.rule.clone());
    ledger.expect(check, !row.reason.trim().is_empty(), "reason", "words", "none");
    ledger.expect(
        check,
        row.proposal != Proposal::Undecided || row.reason.contains("undecided"),
        "reason of an undecided row",
        "why it is undecided",
        &row.reason,
    );
    ledger.expect(
        check,
        subject.is_sized() || row.instance_type.is_none(),
        "type proposed without a requirement of CPU and memory",
        "none",
        shown(row.instance_type.as_ref()),
    );
}

/// Checks that the confidence is the product of its doubts, the heaviest first.
pub(super) fn confidence(subject: &Subject<'_>, ledger: &mut Ledger) {
    let (row, check) = (subject.row, Check::Confidence);
    let confidence = &row.proof.confidence;
    let product: f64 = confidence.doubts.iter().map(|doubt| doubt.factor).product();
    ledger.near(check, "product of the doubts", product, confidence.value);
    ledger.rounded(check, "confidence", Some(confidence.value), Some(row.confidence));
    ledger.expect(
        check,
        (0.0..=1.0).contains(&row.confidence),
        "confidence",
        "0 to 1",
        row.confidence,
    );
    for doubt in &confidence.doubts {
        let sound = doubt.factor > 0.0 && doubt.factor < 1.0 && !doubt.reason.is_empty() && !doubt.remedy.is_empty();
        ledger.expect(
            check,
            sound,
            "doubt",
            "a factor between 0 and 1 with reason and remedy",
            format!("{} ({}; {})", doubt.factor, doubt.reason, doubt.remedy),
        );
        ledger.expect(
            check,
            row.confidence_reason.contains(&doubt.reason),
            "reason of the confidence",
            &doubt.reason,
            &row.confidence_reason,
        );
    }
    let sorted = confidence.doubts.is_sorted_by(|a, b| a.factor <= b.factor);
    ledger.expect(check, sorted, "order of the doubts", "the heaviest first", "another");
    // What is plainly weak must lower the confidence.
    let watched_s = (row.proof.last_at_ms - row.proof.first_at_ms) as f64 / 1000.0 + row.proof.interval_s;
    for (weak, words) in [
        (watched_s < 29.0 * 86_400.0, "less than a month measured"),
        (row.proof.coverage < 0.979, "samples missing"),
        (
            row.proof.requirements.iter().any(|requirement| !requirement.measured),
            "a dimension assumed",
        ),
    ] {
        ledger.expect(
            check,
            !weak || row.confidence < 1.0,
            words,
            "a confidence below 1",
            row.confidence,
        );
    }
}

/// Checks that every empty column is explained in the words a reader of the table sees.
pub(super) fn empty_columns(subject: &Subject<'_>, ledger: &mut Ledger) {
    let row = subject.row;
    let words = format!("{}; {}", row.reason, row.confidence_reason).to_lowercase();
    let storage_unknown = matches!(row.proof.storage, Storage::Unknown { .. });
    let columns = [
        ("instance_type", row.instance_type.is_none(), "undecided"),
        ("source_vcpu", row.source_vcpu.is_none(), "cores"),
        ("source_memory_gib", row.source_memory_gib.is_none(), "memory"),
        ("cpu_demand_cores", row.cpu_demand_cores.is_none(), "cpu"),
        ("memory_demand_gib", row.memory_demand_gib.is_none(), "memory"),
        ("disk_iops_demand", row.disk_iops_demand.is_none(), "disk"),
        ("disk_mbps_demand", row.disk_mbps_demand.is_none(), "disk"),
        ("network_mbps_demand", row.network_mbps_demand.is_none(), "network"),
        ("storage_usd_per_month", storage_unknown, "storage"),
    ];
    for (column, empty, word) in columns {
        ledger.expect(
            Check::Unknown,
            !empty || words.contains(word),
            &format!("why `{column}` is empty"),
            format!("words about {word} in `reason` or `confidence_reason`"),
            &words,
        );
    }
}
