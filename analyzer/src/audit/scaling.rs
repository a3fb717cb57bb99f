//! Whether what scales is right: hosts once, memory enough, hours and money that follow from the replay's seconds.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::finding::Check;
use super::ledger::Ledger;
use super::market::{Market, memory_gib};
use crate::plan::Plan;
use crate::plan::scaling::GroupScaling;
use crate::price::{BillLine, Category};

/// Hours in a month; method §8.
const HOURS: u32 = 730;
/// Hours of a line are written with six decimals.
const SIXTH_DECIMAL: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// Checks the groups and their bill; asks nothing where nobody looked for groups.
pub(super) fn check(plan: &Plan, market: &Market<'_>, ledger: &mut Ledger) {
    let Some(scaling) = &plan.scaling else { return };
    let check = Check::Scaling;
    let known: BTreeSet<&str> = plan.recommendations.iter().map(|row| row.host.as_str()).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let inside = scaling.groups.iter().flat_map(|group| &group.group.hosts);
    for host in inside.chain(scaling.alone.iter().map(|alone| &alone.host)) {
        let words = format!("`{host}` in groups and beside them");
        ledger.expect(
            check,
            known.contains(host.as_str()),
            &words,
            "a host of the plan",
            "another",
        );
        ledger.expect(check, seen.insert(host), &words, "once", "more than once");
    }
    for group in &scaling.groups {
        let lines: Vec<&BillLine> = scaling
            .bill
            .lines
            .iter()
            .filter(|line| line.host == group.group.name)
            .collect();
        of_group(group, &lines, market, ledger);
    }
    let sum: Decimal = scaling
        .bill
        .lines
        .iter()
        .filter_map(|line| line.amount)
        .map(|amount| amount.as_decimal())
        .sum();
    ledger.same(
        check,
        "total of what scales",
        sum,
        scaling.bill.total.known.as_decimal(),
    );
}

fn of_group(group: &GroupScaling, lines: &[&BillLine], market: &Market<'_>, ledger: &mut Ledger) {
    let check = Check::Scaling;
    let name = &group.group.name;
    let Some(proposal) = &group.proposal else {
        ledger.expect(
            check,
            group.undecided_because.is_some() && lines.is_empty(),
            &format!("group `{name}` without a proposal"),
            "a reason and no bill",
            lines.len(),
        );
        return;
    };
    let Some(ware) = market.find(&proposal.instance_type) else {
        ledger.expect(
            check,
            false,
            &format!("type of group `{name}`"),
            "one with a price",
            &proposal.instance_type,
        );
        return;
    };
    let words = |what: &str| format!("{what} of group `{name}`");
    let hourly = ware.price.amount.as_decimal();
    ledger.same(
        check,
        &words("hourly price"),
        hourly,
        proposal.price_usd_per_hour.as_decimal(),
    );
    let need = group.memory_need_gib.unwrap_or(0.0);
    let has = memory_gib(ware.shape);
    ledger.expect(
        check,
        has >= need * (1.0 - 1e-9),
        &words("memory"),
        format!("{need} GiB"),
        has,
    );
    let policy = &proposal.selection.chosen.policy;
    ledger.expect(
        check,
        policy.minimum >= 1 && policy.minimum <= policy.maximum,
        &words("bounds"),
        "at least one instance, and no more at least than at most",
        format!("{} to {}", policy.minimum, policy.maximum),
    );
    let outcome = &proposal.selection.chosen.held_out;
    let seconds: u64 = outcome.instance_seconds.iter().sum::<u64>() + outcome.pool_boot_seconds;
    let span = Decimal::from(outcome.minutes.max(1) * 60);
    let hours = Decimal::from(seconds) * Decimal::from(HOURS) / span;
    let compute = lines.iter().find(|line| line.category == Category::Compute);
    let billed = compute.map_or(Decimal::ZERO, |line| line.quantity);
    ledger.expect(
        check,
        (billed - hours).abs() <= SIXTH_DECIMAL,
        &words("instance-hours a month"),
        hours,
        billed,
    );
    for line in lines {
        let product = line.unit_price.map(|price| price.as_decimal() * line.quantity);
        let amount = line.amount.map(|amount| amount.as_decimal());
        ledger.same_option(check, &words(&format!("line `{}`", line.item)), product, amount);
    }
    let cost = compute.and_then(|line| line.amount).map(|amount| amount.as_decimal());
    ledger.same_option(
        check,
        &words("compute a month"),
        cost,
        Some(proposal.usd_per_month.as_decimal()),
    );
}
