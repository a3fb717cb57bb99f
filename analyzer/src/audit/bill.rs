//! Whether the money adds up: rows, lines, totals.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::finding::Check;
use super::ledger::{Ledger, shown};
use super::subject::Subject;
use crate::plan::Plan;
use crate::price::{BillLine, Category, Total};
use crate::size::Storage;

/// Hours in a month; method §8.
const HOURS: u32 = 730;

/// Checks a row's own costs.
pub(super) fn row(subject: &Subject<'_>, ledger: &mut Ledger) {
    let row = subject.row;
    let hours = Decimal::from(HOURS) * Decimal::from(row.instance_count);
    let price = row.price_usd_per_hour.map(|price| price.as_decimal());
    let compute = row.compute_usd_per_month.map(|cost| cost.as_decimal());
    let storage = row.storage_usd_per_month.map(|cost| cost.as_decimal());
    let total = row.total_usd_per_month.map(|cost| cost.as_decimal());
    let check = Check::RowCost;
    ledger.same_option(check, "compute, USD a month", price.map(|price| price * hours), compute);
    ledger.same_option(check, "storage, USD a month", volumes(&row.proof.storage), storage);
    ledger.same_option(
        check,
        "total, USD a month",
        compute.zip(storage).map(|(a, b)| a + b),
        total,
    );
    for (words, amount) in [
        ("price", price),
        ("compute", compute),
        ("storage", storage),
        ("total", total),
    ] {
        ledger.expect(
            Check::Unknown,
            amount.is_none_or(|amount| amount > Decimal::ZERO),
            &format!("{words} of a row"),
            "an amount above zero, or nothing where it is not known",
            shown(amount),
        );
    }
}

fn volumes(storage: &Storage) -> Option<Decimal> {
    match storage {
        Storage::Known(volumes) => Some(
            volumes
                .iter()
                .flat_map(|volume| &volume.lines)
                .map(|line| line.amount.as_decimal())
                .sum(),
        ),
        Storage::Unknown { .. } => None,
    }
}

/// Checks the lines of one row's host and phase.
pub(super) fn lines_of(subject: &Subject<'_>, lines: &[&BillLine], ledger: &mut Ledger) {
    let (row, check) = (subject.row, Check::BillLines);
    for line in lines {
        ledger.same(
            check,
            &format!("environment of line `{}`", line.item),
            &row.environment,
            &line.environment,
        );
        ledger.same_option(
            check,
            &format!("group of line `{}`", line.item),
            row.proof.group.as_ref(),
            line.group.as_ref(),
        );
    }
    let of = |category: Category| lines.iter().filter(move |line| line.category == category).copied();

    let compute: Vec<&BillLine> = of(Category::Compute).collect();
    ledger.same(
        check,
        "lines for instances",
        usize::from(row.instance_type.is_some()),
        compute.len(),
    );
    for line in &compute {
        let hours = Decimal::from(HOURS) * Decimal::from(row.instance_count);
        ledger.same(check, "hours of the instances", hours, line.quantity);
        let price = row.price_usd_per_hour.map(|price| price.as_decimal());
        ledger.same_option(
            check,
            "hourly price on the bill",
            price,
            line.unit_price.map(|price| price.as_decimal()),
        );
        ledger.same_option(
            check,
            "method of the price on the bill",
            row.proof.price_method,
            line.method,
        );
        ledger.same_option(
            check,
            "month of the price on the bill",
            row.proof.price_as_of,
            line.as_of,
        );
        let named = row
            .instance_type
            .as_ref()
            .is_some_and(|name| line.item.contains(name.as_str()));
        ledger.expect(
            check,
            named,
            "type named on the bill",
            shown(row.instance_type.as_ref()),
            &line.item,
        );
    }

    let known: Decimal = of(Category::Storage)
        .filter_map(|line| line.amount)
        .map(|amount| amount.as_decimal())
        .sum();
    let unknown = of(Category::Storage).filter(|line| line.amount.is_none()).count();
    match &row.proof.storage {
        Storage::Known(proposed) => {
            let count: usize = proposed.iter().map(|volume| volume.lines.len()).sum();
            ledger.same(check, "lines for storage", count, of(Category::Storage).count());
            ledger.same_option(
                check,
                "storage on the bill, USD a month",
                volumes(&row.proof.storage),
                Some(known),
            );
            ledger.same(Check::Unknown, "lines of unknown price for known storage", 0, unknown);
        }
        Storage::Unknown { .. } => {
            ledger.same(
                check,
                "storage on the bill that is not known, USD a month",
                Decimal::ZERO,
                known,
            );
            ledger.expect(
                Check::Unknown,
                unknown > 0,
                "lines for unknown storage",
                "at least 1 without amount",
                unknown,
            );
        }
    }
}

/// Checks every line by itself, the totals, and that no line is for a host without a row.
pub(super) fn whole(plan: &Plan, ledger: &mut Ledger) {
    let bill = &plan.bill;
    let rows: BTreeSet<(&str, &str)> = plan
        .recommendations
        .iter()
        .map(|row| (row.host.as_str(), row.phase.as_str()))
        .collect();
    let mut all = Total::default();
    let mut environments: BTreeMap<String, Total> = BTreeMap::new();
    let mut groups: BTreeMap<String, Total> = BTreeMap::new();
    let mut categories: BTreeMap<Category, Total> = BTreeMap::new();
    for line in &bill.lines {
        let place = format!("line `{}` of `{}`", line.item, line.host);
        let price = line.unit_price.map(|price| price.as_decimal());
        let amount = line.amount.map(|amount| amount.as_decimal());
        ledger.expect(
            Check::Unknown,
            price.is_some() == amount.is_some(),
            &format!("amount of {place}"),
            if price.is_some() {
                "an amount, since the price is known"
            } else {
                "nothing, since the price is not known"
            },
            shown(amount),
        );
        if let (Some(price), Some(amount)) = (price, amount) {
            ledger.same(
                Check::BillLines,
                &format!("quantity times price of {place}"),
                price * line.quantity,
                amount,
            );
            let nothing = price <= Decimal::ZERO;
            ledger.expect(
                Check::Unknown,
                !nothing,
                &format!("unit price of {place}"),
                "above zero",
                price,
            );
        }
        let has_row = rows.contains(&(line.host.as_str(), line.phase.as_str()));
        ledger.expect(
            Check::BillLines,
            has_row,
            &place,
            "a row of that host and phase",
            "none",
        );
        let group = line.group.clone().unwrap_or_default();
        for total in [
            &mut all,
            environments.entry(line.environment.clone()).or_default(),
            groups.entry(group).or_default(),
            categories.entry(line.category).or_default(),
        ] {
            match line.amount {
                Some(amount) => total.known = total.known + amount,
                None => total.unknown_lines += 1,
            }
        }
    }
    let mut sums = |words: &str, expected: Option<&Total>, found: Option<&Total>| {
        let text = |total: Option<&Total>| {
            shown(total.map(|total| format!("{} and {} unknown", total.known.as_decimal(), total.unknown_lines)))
        };
        let holds = expected == found;
        ledger.expect(Check::BillTotals, holds, words, text(expected), text(found));
    };
    sums("sum of all lines", Some(&all), Some(&bill.total));
    for (name, found) in &bill.by_environment {
        sums(
            &format!("sum of environment `{name}`"),
            environments.remove(name).as_ref(),
            Some(found),
        );
    }
    for (name, found) in &bill.by_group {
        sums(
            &format!("sum of group `{name}`"),
            groups.remove(name).as_ref(),
            Some(found),
        );
    }
    for (category, found) in &bill.by_category {
        sums(
            &format!("sum of {category:?}"),
            categories.remove(category).as_ref(),
            Some(found),
        );
    }
    let missing = environments
        .into_iter()
        .chain(groups)
        .chain(categories.into_iter().map(|(one, total)| (format!("{one:?}"), total)));
    for (name, total) in missing {
        sums(&format!("sum of `{name}`, which the bill lacks"), Some(&total), None);
    }
}
