//! One host's part of the page: verdict, charts, ledger, proof, bill.

use serde::Serialize;

use super::ReportInputs;
use super::actions::{activity_word, proposal_words, source_words};
use super::amount::{NO_BREAK, dollars, dollars_per_hour, percent, percent_fine, quantity, total, unit};
use super::chart::Drawing;
use super::clock::Clock;
use super::comparison::saved_share;
use super::headline::{difference, sentence};
use super::host_bills::HostBills;
use super::ledger::{LedgerRow, ledger};
use super::proof_lines::{
    AlternativeText, DoubtRow, HostBill, RejectedRow, VolumeRow, alternative, bill, doubts, findings, lacked, rejected,
    volumes,
};
use super::shown::shown;
use crate::plan::{Proposal, Recommendation};
use crate::size::{Activity, number};

/// A chart that is put on the page.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    /// The SVG, which escapes what it shows: safe to put into HTML as it is.
    svg: minijinja::Value,
}

impl Picture {
    /// Takes a drawing.
    pub(super) fn of(drawing: &Drawing) -> Self {
        Self {
            svg: minijinja::Value::from_safe_string(drawing.svg()),
        }
    }
}

/// Everything shown of one host.
#[derive(Debug, Serialize)]
pub(super) struct HostSection {
    pub(super) anchor: String,
    /// Whether everything is shown, or only the verdict and the ledger.
    pub(super) full: bool,
    pub(super) name: String,
    pub(super) environment: String,
    pub(super) group: Option<String>,
    pub(super) proposal: &'static str,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) cost: String,
    pub(super) confidence: String,
    pub(super) verdict: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) charts: Vec<Picture>,
    pub(super) ledger: Vec<LedgerRow>,
    pub(super) rejected: Vec<RejectedRow>,
    pub(super) arm64: Option<AlternativeText>,
    pub(super) as_is: Option<AlternativeText>,
    pub(super) volumes: Vec<VolumeRow>,
    pub(super) volumes_unknown: Option<String>,
    pub(super) doubts: Vec<DoubtRow>,
    pub(super) measured: String,
    pub(super) assumed: Vec<String>,
    pub(super) findings: Vec<String>,
    pub(super) bill: HostBill,
}

/// Writes one host's section; without charts only what a large estate's page has room for.
pub(super) fn host_section(
    inputs: &ReportInputs<'_>,
    row: &Recommendation,
    bills: &HostBills<'_>,
    anchor: String,
    charts: Option<Vec<Picture>>,
    clock: &Clock,
) -> HostSection {
    let proof = &row.proof;
    let (volumes, volumes_unknown) = volumes(&proof.storage);
    HostSection {
        anchor,
        name: shown(&row.host),
        environment: shown(&row.environment),
        group: proof.group.as_deref().map(shown),
        proposal: row.proposal.word(),
        source: source_words(row),
        target: proposal_words(row),
        cost: total(bills.total(&row.host)),
        confidence: percent(row.confidence),
        verdict: verdict(row, clock),
        facts: facts(inputs, row, clock),
        full: charts.is_some(),
        charts: charts.unwrap_or_default(),
        ledger: ledger(row, inputs.catalog, clock),
        rejected: rejected(&proof.rejected),
        arm64: proof
            .arm64
            .as_ref()
            .map(|other| alternative(other, row.compute_usd_per_month)),
        as_is: proof
            .as_is
            .as_ref()
            .map(|other| alternative(other, row.compute_usd_per_month)),
        volumes,
        volumes_unknown,
        doubts: doubts(&proof.confidence.doubts),
        measured: sentence(&shown(&proof.measured.join("; "))),
        assumed: proof.assumed.iter().map(|one| sentence(&shown(one))).collect(),
        findings: findings(row),
        bill: bill(bills, &row.host),
    }
}

/// Says what should happen to the host, and what decided it.
fn verdict(row: &Recommendation, clock: &Clock) -> String {
    let mut text = match row.proposal {
        Proposal::Keep => format!("Keep {}.", proposal_words(row)),
        Proposal::Change => format!("Move to {}.", proposal_words(row)),
        Proposal::Undecided => sentence(&shown(&row.reason)),
    };
    if row.proposal != Proposal::Undecided
        && let Some(dimension) = row.binding_dimension
    {
        let requirement = row.proof.requirements.iter().find(|one| one.dimension == dimension);
        let peak = requirement.and_then(|one| one.peak.zip(one.peak_at_ms));
        text.push_str(&format!(" Decided by {dimension}"));
        if let Some((peak, at)) = peak {
            text.push_str(&format!(
                ", which peaked at {} {} on {}",
                quantity(dimension, peak),
                unit(dimension),
                clock.minute(at)
            ));
        }
        text.push('.');
    }
    if let Some(next) = row.proof.rejected.first() {
        let lacks: Vec<String> = next.shortfalls.iter().map(lacked).collect();
        text.push_str(&format!(
            " The next cheaper type, {}, falls short in {}.",
            next.instance_type,
            lacks.join("; ")
        ));
    }
    if matches!(row.proof.activity, Activity::Idle | Activity::Zombie) {
        text.push_str(&format!(
            " It looks {}: {}. Ask its owner whether it is still needed.",
            activity_word(row.proof.activity),
            shown(&row.proof.activity_evidence)
        ));
    }
    text
}

fn facts(inputs: &ReportInputs<'_>, row: &Recommendation, clock: &Clock) -> Vec<(&'static str, String)> {
    let proof = &row.proof;
    let mut facts = vec![("Today", source_words(row)), ("Proposal", proposal_words(row))];
    if let Some(price) = row.price_usd_per_hour {
        let known = proof
            .price_method
            .map(|method| format!(", {method}"))
            .unwrap_or_default();
        let month = proof.price_as_of.map(|month| format!(" {month}")).unwrap_or_default();
        facts.push(("Price", format!("{} an hour{known}{month}", dollars_per_hour(price))));
    }
    if let Some(share) = saved_share(row) {
        facts.push(("Against its own size", difference(share)));
    }
    if let Some(current) = proof.current_usd_per_month {
        facts.push(("Present type costs", format!("{} a month", dollars(current))));
    }
    facts.push(("Rule", row.rule.clone()));
    facts.push(("CPU equivalence", sentence(&shown(&proof.cpu_equivalence.words()))));
    if let Some(probability) = row.violation_probability {
        facts.push((
            "Short of capacity",
            format!("{} of the measured intervals", percent_fine(probability)),
        ));
    }
    if let Some(hour) = &proof.busiest_hour {
        facts.push((
            "Busiest hour",
            format!(
                "from {}: {} cores on average, {} at its highest",
                clock.minute(hour.at_ms - (proof.interval_s * 1000.0) as i64),
                number(hour.mean),
                number(hour.highest)
            ),
        ));
    }
    if let Some(on_credits) = &proof.on_credits {
        let risk = inputs
            .plan
            .policies
            .get(&row.environment)
            .map_or(0.0, |policy| policy.risk);
        facts.push(("On CPU credits", sentence(&shown(&on_credits.lines(risk).join("; ")))));
    }
    if let Some(why) = &proof.no_credits_since {
        facts.push(("On CPU credits", sentence(&shown(&format!("not considered: {why}")))));
    }
    facts.push((
        "Measured",
        format!(
            "{} to {}, every {:.0}{NO_BREAK}s, {} of the samples",
            clock.minute(proof.first_at_ms),
            clock.minute(proof.last_at_ms),
            proof.interval_s,
            percent(proof.coverage)
        ),
    ));
    facts
}
