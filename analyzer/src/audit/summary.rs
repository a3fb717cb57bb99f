//! Whether the estate's sums and the retire list are those of the rows.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::finding::Check;
use super::ledger::{Ledger, shown};
use crate::plan::{Plan, Proposal, Recommendation};
use crate::price::Category;
use crate::size::Activity;

/// Hours in a month; method §8.
const HOURS: u32 = 730;

/// Checks counts and sums; `telemetry` names the hosts that were seen, where that is known.
pub(super) fn check(plan: &Plan, telemetry: Option<&[String]>, ledger: &mut Ledger) {
    let (rows, summary, check) = (&plan.recommendations, &plan.summary, Check::Summary);
    let count = |proposal: Proposal| rows.iter().filter(|row| row.proposal == proposal).count();
    ledger.same(check, "hosts", rows.len(), summary.hosts);
    if let Some(hosts) = telemetry {
        let ignored = hosts
            .iter()
            .filter(|host| plan.assessment.membership(host).ignored)
            .count();
        ledger.same(check, "ignored hosts", ignored, summary.ignored_hosts);
    }
    ledger.same(check, "rows that keep", count(Proposal::Keep), summary.keep);
    ledger.same(check, "rows that change", count(Proposal::Change), summary.change);
    ledger.same(check, "undecided rows", count(Proposal::Undecided), summary.undecided);

    let float = |of: fn(&Recommendation) -> Option<f64>| rows.iter().filter_map(of).sum::<f64>();
    ledger.near(
        check,
        "vCPUs of the sources",
        float(|row| row.source_vcpu),
        summary.source_vcpus,
    );
    ledger.near(
        check,
        "memory of the sources, GiB",
        float(|row| row.source_memory_gib),
        summary.source_memory_gib,
    );
    let vcpus = float(|row| Some(f64::from(row.vcpu?) * f64::from(row.instance_count)));
    ledger.near(check, "vCPUs of the proposals", vcpus, summary.proposed_vcpus);
    let memory = float(|row| Some(row.memory_gib? * f64::from(row.instance_count)));
    ledger.near(
        check,
        "memory of the proposals, GiB",
        memory,
        summary.proposed_memory_gib,
    );

    let money = |of: fn(&Recommendation) -> Option<Decimal>| rows.iter().filter_map(of).sum::<Decimal>();
    let compute = money(|row| Some(row.compute_usd_per_month?.as_decimal()));
    ledger.same(
        check,
        "compute, USD a month",
        compute,
        summary.compute_usd_per_month.as_decimal(),
    );
    let as_is = money(|row| {
        row.compute_usd_per_month?;
        Some(row.proof.as_is.as_ref()?.price_usd_per_hour.as_decimal() * Decimal::from(HOURS))
    });
    ledger.same(
        check,
        "as-is compute, USD a month",
        as_is,
        summary.as_is_compute_usd_per_month.as_decimal(),
    );
    let arm64 = money(|row| {
        Some(
            row.proof
                .arm64
                .as_ref()?
                .saving_usd_per_month
                .as_decimal()
                .max(Decimal::ZERO),
        )
    });
    ledger.same(
        check,
        "saving with arm64, USD a month",
        arm64,
        summary.arm64_saving_usd_per_month.as_decimal(),
    );
    let storage: Decimal = plan
        .bill
        .lines
        .iter()
        .filter(|line| line.category == Category::Storage)
        .filter_map(|line| line.amount)
        .map(|amount| amount.as_decimal())
        .sum();
    ledger.same(
        check,
        "storage, USD a month",
        storage,
        summary.storage_usd_per_month.as_decimal(),
    );

    let weight = float(|row| Some(row.compute_usd_per_month?.approximately()));
    let weighted = float(|row| Some(row.confidence * row.compute_usd_per_month?.approximately()));
    let mean = if weight > 0.0 { weighted / weight } else { 0.0 };
    ledger.near(check, "confidence weighted by cost", mean, summary.confidence);
    let first = rows.iter().map(|row| row.proof.first_at_ms).min();
    let last = rows.iter().map(|row| row.proof.last_at_ms).max();
    ledger.same_option(
        check,
        "first sample of the estate",
        first,
        summary.window_ms.map(|window| window.0),
    );
    ledger.same_option(
        check,
        "last sample of the estate",
        last,
        summary.window_ms.map(|window| window.1),
    );
}

/// Checks that the hosts to retire are the idle rows, each with what the bill says of it.
pub(super) fn retire(plan: &Plan, ledger: &mut Ledger) {
    let check = Check::Retire;
    let idle = |row: &&Recommendation| matches!(row.proof.activity, Activity::Idle | Activity::Zombie);
    let expected: Vec<&str> = plan
        .recommendations
        .iter()
        .filter(idle)
        .map(|row| row.host.as_str())
        .collect();
    let found: Vec<&str> = plan.retire.iter().map(|retirement| retirement.host.as_str()).collect();
    ledger.same(check, "hosts to retire", expected.join(", "), found.join(", "));

    let mut known: BTreeMap<&str, Decimal> = BTreeMap::new();
    for line in &plan.bill.lines {
        let sum = known.entry(&line.host).or_default();
        *sum += line.amount.map_or(Decimal::ZERO, |amount| amount.as_decimal());
    }
    for retirement in &plan.retire {
        let Some(row) = plan.recommendations.iter().find(|row| row.host == retirement.host) else {
            continue;
        };
        let of = |words: &str| format!("{words} of `{}`", row.host);
        ledger.expect(
            check,
            row.proof.activity == retirement.activity,
            &of("activity"),
            format!("{:?}", row.proof.activity),
            format!("{:?}", retirement.activity),
        );
        ledger.same(
            check,
            &of("evidence"),
            &row.proof.activity_evidence,
            &retirement.evidence,
        );
        let saving = retirement.saving_usd_per_month.map(|saving| saving.as_decimal());
        let cost = row.compute_usd_per_month.and(known.get(row.host.as_str()).copied());
        if row.compute_usd_per_month.is_some() && row.total_usd_per_month.is_none() {
            // What is known is a lower bound; absent would be right as well.
            ledger.expect(
                check,
                saving.is_none() || saving == cost,
                &of("saving"),
                shown(cost),
                shown(saving),
            );
            ledger.expect(
                check,
                saving.is_none() || retirement.saving_is_at_least,
                &of("saving"),
                "at least, since storage is not known",
                "exactly",
            );
        } else {
            ledger.same_option(check, &of("saving, USD a month,"), cost, saving);
        }
    }
}
