//! What a row shows beside its proposal: alternatives, the next cheaper type, the binding dimension, demand columns.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::finding::Check;
use super::fit::cheapest_arm64;
use super::ledger::{Ledger, near, shown};
use super::market::{Market, Ware, architecture_allowed, capacity, cores_per_vcpu, forbidden, memory_gib, score};
use super::subject::Subject;
use crate::catalog::Architecture;
use crate::plan::Alternative;
use crate::size::{CpuEquivalence, Dimension};

/// Hours in a month; method §8.
const HOURS: u32 = 730;

/// Checks the next cheaper columns against the first rejected type.
pub(super) fn next_cheaper(subject: &Subject<'_>, ledger: &mut Ledger) {
    let row = subject.row;
    let first = row.proof.rejected.first();
    let name = first.map(|rejected| rejected.instance_type.as_str());
    ledger.same_option(
        Check::NextCheaper,
        "next cheaper type",
        name,
        row.next_cheaper.as_deref(),
    );
    let words = row.next_cheaper_shortfall.as_deref();
    let mentioned = first.is_none_or(|rejected| {
        rejected
            .shortfalls
            .iter()
            .all(|shortfall| words.is_some_and(|words| words.contains(shortfall.dimension.words())))
    });
    ledger.expect(
        Check::NextCheaper,
        mentioned && words.is_some() == first.is_some(),
        "what the next cheaper type lacks",
        shown(first.map(|rejected| {
            rejected
                .shortfalls
                .iter()
                .map(|shortfall| shortfall.dimension.words())
                .collect::<Vec<_>>()
                .join(", ")
        })),
        shown(words),
    );
}

/// Checks that the binding dimension is what most rejected types lack, or what is fullest where none is cheaper.
pub(super) fn binding(subject: &Subject<'_>, market: &Market<'_>, ledger: &mut Ledger) {
    let row = subject.row;
    let ware = row.instance_type.as_deref().and_then(|name| market.find(name));
    if row.instance_type.is_some() && ware.is_none() {
        return;
    }
    let Some(binding) = row.binding_dimension else {
        ledger.expect(
            Check::Binding,
            ware.is_none(),
            "binding dimension of a proposed type",
            "one",
            "none",
        );
        ledger.same_option(Check::Binding, "peak without a binding dimension", None, row.peak_at_ms);
        return;
    };
    let mut weights: BTreeMap<Dimension, (f64, f64)> = BTreeMap::new();
    for shortfall in row.proof.rejected.iter().flat_map(|rejected| &rejected.shortfalls) {
        let weight = weights.entry(shortfall.dimension).or_default();
        weight.0 += 1.0;
        weight.1 += shortfall
            .offered
            .map_or(1.0, |offered| 1.0 - offered / shortfall.needed);
    }
    if let (true, Some(ware)) = (weights.is_empty(), ware) {
        for dimension in [Dimension::Cpu, Dimension::Memory] {
            let offered = capacity(ware.shape, dimension, &row.proof.cpu_equivalence);
            let share = subject
                .requirement(dimension)
                .zip(offered)
                .map_or(0.0, |(one, offered)| one.target / offered);
            weights.insert(dimension, (share, 0.0));
        }
    }
    let heaviest = weights
        .iter()
        .max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.1.1.total_cmp(&b.1.1)));
    let holds = heaviest.is_some_and(|(_, heaviest)| {
        weights
            .get(&binding)
            .is_some_and(|own| near(own.0, heaviest.0) && near(own.1, heaviest.1))
    });
    ledger.expect(
        Check::Binding,
        holds,
        "binding dimension",
        shown(heaviest.map(|(dimension, _)| dimension.words())),
        binding.words(),
    );
    let peak = subject
        .requirement(binding)
        .and_then(|requirement| requirement.peak_at_ms);
    ledger.same_option(
        Check::Binding,
        "time of the binding dimension's peak",
        peak,
        row.peak_at_ms,
    );
}

/// Checks the arm64, as-is and current types and what they cost.
pub(super) fn alternatives(subject: &Subject<'_>, market: &Market<'_>, ledger: &mut Ledger) {
    let (row, proof) = (subject.row, &subject.row.proof);
    let chosen = row.instance_type.as_deref().and_then(|name| market.find(name));
    if row.instance_type.is_some() && chosen.is_none() {
        return;
    }
    let arm64 = chosen
        .filter(|chosen| chosen.shape.architecture != Architecture::Arm64)
        .and_then(|_| cheapest_arm64(subject, market));
    alternative("arm64 alternative", arm64, proof.arm64.as_ref(), ledger);
    if let (Some(chosen), Some(arm64), Some(shown)) = (chosen, arm64, &proof.arm64) {
        ledger.same(
            Check::Alternatives,
            "saving of the arm64 alternative, USD a month",
            month(chosen) - month(arm64),
            shown.saving_usd_per_month.as_decimal(),
        );
    }
    let as_is = row.source_vcpu.zip(row.source_memory_gib).and_then(|(vcpus, memory)| {
        // The column is rounded to thousandths, memory is measured in whole MiB.
        let memory = memory - 0.000_5;
        market
            .wares()
            .iter()
            .filter(|ware| {
                forbidden(ware.shape, &subject.policy).is_none() && architecture_allowed(ware.shape, &subject.policy)
            })
            .find(|ware| {
                let cpus = f64::from(ware.shape.vcpu) * cores_per_vcpu(ware.shape, &proof.cpu_equivalence);
                cpus >= vcpus && memory_gib(ware.shape) >= memory
            })
            .copied()
    });
    alternative("as-is alternative", as_is, proof.as_is.as_ref(), ledger);
    let current = proof
        .current_type
        .as_deref()
        .and_then(|name| market.find(name))
        .map(month);
    let shown = proof.current_usd_per_month.map(|cost| cost.as_decimal());
    ledger.same_option(
        Check::Alternatives,
        "cost of the current type, USD a month",
        current,
        shown,
    );
}

fn alternative(words: &str, expected: Option<Ware<'_>>, found: Option<&Alternative>, ledger: &mut Ledger) {
    let check = Check::Alternatives;
    let name = expected.map(|ware| ware.shape.name.as_str());
    let same = ledger.same_option(check, words, name, found.map(|found| found.instance_type.as_str()));
    if let (true, Some(ware), Some(found)) = (same, expected, found) {
        let price = found.price_usd_per_hour.as_decimal();
        ledger.same(
            check,
            &format!("price of the {words}"),
            ware.price.amount.as_decimal(),
            price,
        );
        ledger.same(check, &format!("vCPUs of the {words}"), ware.shape.vcpu, found.vcpu);
        ledger.near(
            check,
            &format!("memory of the {words}, GiB"),
            memory_gib(ware.shape),
            found.memory_gib,
        );
    }
}

fn month(ware: Ware<'_>) -> Decimal {
    ware.price.amount.as_decimal() * Decimal::from(HOURS)
}

/// Checks that the demand columns repeat the requirements, in the columns' units.
pub(super) fn demand_columns(subject: &Subject<'_>, ledger: &mut Ledger) {
    let row = subject.row;
    let columns = [
        ("CPU demand, cores", Dimension::Cpu, 1.0, row.cpu_demand_cores),
        (
            "memory demand, GiB",
            Dimension::Memory,
            1.0 / 1_073_741_824.0,
            row.memory_demand_gib,
        ),
        (
            "disk demand, operations per second",
            Dimension::DiskOperations,
            1.0,
            row.disk_iops_demand,
        ),
        (
            "disk demand, MB/s",
            Dimension::DiskThroughput,
            1e-6,
            row.disk_mbps_demand,
        ),
        (
            "network demand, Mbit/s",
            Dimension::Network,
            8e-6,
            row.network_mbps_demand,
        ),
    ];
    for (words, dimension, factor, found) in columns {
        let expected = subject
            .requirement(dimension)
            .map(|requirement| requirement.target * factor);
        ledger.rounded(Check::DemandColumns, words, expected, found);
    }
}

/// Checks how source cores were turned into vCPUs.
pub(super) fn equivalence(subject: &Subject<'_>, market: &Market<'_>, ledger: &mut Ledger) {
    let (check, row) = (Check::CpuEquivalence, subject.row);
    let equivalence = &row.proof.cpu_equivalence;
    let ware = row.instance_type.as_deref().and_then(|name| market.find(name));
    if row.instance_type.is_some() && ware.is_none() {
        return;
    }
    let expected = ware.map(|ware| cores_per_vcpu(ware.shape, equivalence));
    ledger.rounded(
        check,
        "source cores that one vCPU carries",
        expected,
        row.cpu_equivalence,
    );
    match equivalence {
        CpuEquivalence::OneToOne => {
            ledger.expect(
                check,
                subject.member.cpu_score.is_none(),
                "conversion of source cores",
                "the score that the assessment states",
                "one to one",
            );
            let doubted = row
                .proof
                .confidence
                .doubts
                .iter()
                .any(|doubt| doubt.reason.contains("CPU model"));
            ledger.advise(
                check,
                doubted,
                "conversion one to one",
                "a doubt about the CPU model",
                "none",
            );
        }
        CpuEquivalence::Scored {
            source_score,
            unscored_types,
            ..
        } => {
            if let Some(stated) = subject.member.cpu_score {
                ledger.near(check, "score of the source's CPU", stated, *source_score);
            }
            // A type without a score counts as the weakest, which is checked beside the catalog.
            let scored = unscored_types.is_some() || ware.is_none_or(|ware| score(ware.shape).is_some());
            ledger.advise(
                check,
                scored,
                "score of the proposed type's CPU",
                "a measured score, or the weakest",
                "none, taken as 1",
            );
        }
    }
}
