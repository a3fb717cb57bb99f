//! Whether a table lost too much, or its prices moved too far at once.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{EXAMPLES, Finding, PriceList, PriceName, PriceTable, median, of_table};
use crate::catalog::price_list::offer::Offer;

/// Tables smaller than this lose and gain too easily.
const LEAST_ROWS: usize = 20;
/// Share of a table's former prices that must still be there, in hundredths: AWS withdraws old types a few at a time.
const LEAST_KEPT_HUNDREDTHS: usize = 70;
/// EC2 types of a region that was not known; the smallest regions have about 150.
const LEAST_TYPES_OF_NEW_REGION: usize = 50;
/// How far the middle price of a family may move, in hundredths. The largest cut of a list price on record is 45 %
/// (p5, 2025-06); no price of a CPU family has ever gone up by more than a few percent.
const FAMILY_HUNDREDTHS: (i64, i64) = (50, 140);
/// Share of a table's prices that may move by more than a quarter, in hundredths.
const MOST_MOVED_HUNDREDTHS: usize = 10;

pub(super) fn check(
    old: &BTreeMap<PriceName, Decimal>,
    new: &BTreeMap<PriceName, Decimal>,
    tables: &BTreeSet<PriceTable>,
    lists: &[&PriceList],
    findings: &mut Vec<Finding>,
) {
    for table in tables {
        let before = of_table(old, *table).count();
        let kept = of_table(old, *table)
            .filter(|(name, _)| new.contains_key(*name))
            .count();
        if before >= LEAST_ROWS && kept * 100 < before * LEAST_KEPT_HUNDREDTHS {
            findings.push(Finding::refusal(format!(
                "{}: only {kept} of {before} prices are still there",
                table.word()
            )));
        }
        vanished(*table, old, new, findings);
        moved(*table, old, new, findings);
    }
    let after = of_table(new, PriceTable::Ec2Linux).count();
    if tables.contains(&PriceTable::Ec2Linux) && after < LEAST_TYPES_OF_NEW_REGION {
        findings.push(Finding::refusal(format!(
            "EC2 Linux: {after} types have a price; the smallest region has more than {LEAST_TYPES_OF_NEW_REGION}"
        )));
    }
    let is_ec2 = |list: &&&PriceList| list.offer == Offer::Ec2;
    if let Some(list) = lists.iter().find(is_ec2)
        && of_table(new, PriceTable::Ec2Systems).count() == 0
    {
        findings.push(Finding::refusal(format!(
            "{}: no price of any system but Linux",
            list.offer.code()
        )));
    }
}

/// Names families of which nothing is left.
fn vanished(
    table: PriceTable,
    old: &BTreeMap<PriceName, Decimal>,
    new: &BTreeMap<PriceName, Decimal>,
    findings: &mut Vec<Finding>,
) {
    let left: BTreeSet<&str> = of_table(new, table).map(|(name, _)| name.family.as_str()).collect();
    let gone: BTreeSet<&str> = of_table(old, table)
        .map(|(name, _)| name.family.as_str())
        .filter(|family| !left.contains(family))
        .collect();
    if !gone.is_empty() {
        findings.push(Finding::note(format!(
            "{}: nothing is listed any more of {}",
            table.word(),
            gone.into_iter().collect::<Vec<_>>().join(", ")
        )));
    }
}

/// Compares what both catalogs price.
fn moved(
    table: PriceTable,
    old: &BTreeMap<PriceName, Decimal>,
    new: &BTreeMap<PriceName, Decimal>,
    findings: &mut Vec<Finding>,
) {
    let mut families: BTreeMap<&str, Vec<Decimal>> = BTreeMap::new();
    let (mut common, mut far) = (0_usize, 0_usize);
    for (name, before) in of_table(old, table) {
        let Some(ratio) = new.get(name).and_then(|after| after.checked_div(*before)) else {
            continue;
        };
        common += 1;
        if (ratio - Decimal::ONE).abs() > Decimal::new(25, 2) {
            far += 1;
        }
        families.entry(&name.family).or_default().push(ratio);
    }
    let (low, high) = FAMILY_HUNDREDTHS;
    let (low, high) = (Decimal::new(low, 2), Decimal::new(high, 2));
    let out: Vec<String> = families
        .into_iter()
        .filter_map(|(family, ratios)| Some((family, median(ratios)?)))
        .filter(|(_, ratio)| *ratio < low || *ratio > high)
        .map(|(family, ratio)| format!("{family} by {:.2}", ratio))
        .collect();
    if !out.is_empty() {
        findings.push(Finding::refusal(format!(
            "{}: prices of {} families were multiplied ({})",
            table.word(),
            out.len(),
            out.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join(", ")
        )));
    }
    if common >= LEAST_ROWS && far * 100 > common * MOST_MOVED_HUNDREDTHS {
        findings.push(Finding::refusal(format!(
            "{}: {far} of {common} prices moved by more than a quarter",
            table.word()
        )));
    }
}
