//! The table of all recommendations: what is shown, and what a column sorts by.

use serde::Serialize;

use super::actions::activity_word;
use super::amount::{capacity, dollars, percent, total};
use super::clock::Clock;
use super::comparison::saved_share;
use super::headline::difference;
use super::host_bills::HostBills;
use super::page::Anchors;
use super::shown::shown;
use crate::plan::{Plan, Recommendation};
use crate::size::Activity;

/// One row of the table; `*_key` is what the column sorts by.
#[derive(Debug, Serialize)]
pub(super) struct TableRow {
    pub(super) host: String,
    pub(super) anchor: Option<String>,
    pub(super) environment: String,
    pub(super) proposal: &'static str,
    pub(super) unused: Option<&'static str>,
    pub(super) source: String,
    pub(super) source_key: f64,
    pub(super) instance_type: Option<String>,
    pub(super) vcpu: Option<u32>,
    pub(super) memory: Option<String>,
    pub(super) memory_key: f64,
    pub(super) cost: String,
    pub(super) cost_key: String,
    pub(super) difference: Option<String>,
    pub(super) difference_key: String,
    pub(super) binding: Option<&'static str>,
    pub(super) peak: Option<String>,
    pub(super) peak_key: String,
    pub(super) confidence: String,
    pub(super) confidence_key: f64,
    pub(super) spark: Option<minijinja::Value>,
}

/// Writes the table; `spark` draws a host's small chart.
pub(super) fn rows(
    plan: &Plan,
    bills: &HostBills<'_>,
    anchors: &Anchors,
    clock: &Clock,
    spark: &dyn Fn(&str) -> Option<minijinja::Value>,
) -> Vec<TableRow> {
    plan.recommendations
        .iter()
        .map(|row| table_row(bills, row, anchors, clock, spark(&row.host)))
        .collect()
}

fn table_row(
    bills: &HostBills<'_>,
    row: &Recommendation,
    anchors: &Anchors,
    clock: &Clock,
    spark: Option<minijinja::Value>,
) -> TableRow {
    let sum = bills.total(&row.host);
    TableRow {
        host: shown(&row.host),
        anchor: anchors.of(&row.host),
        environment: shown(&row.environment),
        proposal: row.proposal.word(),
        unused: matches!(row.proof.activity, Activity::Idle | Activity::Zombie)
            .then(|| activity_word(row.proof.activity)),
        source: match (row.source_vcpu, row.source_memory_gib) {
            (None, None) => "unknown".to_string(),
            (vcpu, memory) => {
                let word = |value: Option<f64>| value.map_or_else(|| "?".to_string(), capacity);
                format!("{} / {}", word(vcpu), word(memory))
            }
        },
        // vCPUs first, memory within: no machine has a million GiB.
        source_key: row.source_vcpu.unwrap_or(-1.0) * 1e6 + row.source_memory_gib.unwrap_or(0.0),
        instance_type: row.instance_type.clone(),
        vcpu: row.vcpu.map(|vcpu| vcpu * row.instance_count),
        memory: row
            .memory_gib
            .map(|memory| capacity(memory * f64::from(row.instance_count))),
        memory_key: row
            .memory_gib
            .map_or(-1.0, |memory| memory * f64::from(row.instance_count)),
        cost: if row.compute_usd_per_month.is_none() && sum.is_at_least() {
            "unknown".to_string()
        } else {
            total(sum)
        },
        cost_key: if row.compute_usd_per_month.is_none() {
            "-1".to_string()
        } else {
            sum.known.as_decimal().to_string()
        },
        difference: saved_share(row).map(difference),
        difference_key: saved_share(row).map_or_else(String::new, |share| format!("{:.4}", -share)),
        binding: row.binding_dimension.map(crate::size::Dimension::words),
        peak: row.peak_at_ms.map(|at| clock.minute(at)),
        peak_key: row.peak_at_ms.map(|at| clock.sortable_minute(at)).unwrap_or_default(),
        confidence: percent(row.confidence),
        confidence_key: row.confidence,
        spark,
    }
}

/// Writes the cost of a row for text outputs.
pub(super) fn cost_words(row: &Recommendation) -> String {
    match (row.total_usd_per_month, row.compute_usd_per_month) {
        (Some(sum), _) => dollars(sum),
        (None, Some(compute)) => format!("at least {}", dollars(compute)),
        (None, None) => "unknown".to_string(),
    }
}
