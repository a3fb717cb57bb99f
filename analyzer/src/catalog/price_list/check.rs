//! Whether a catalog with new price lists can be true, before it replaces the one in use.
//!
//! Input: both catalogs and the lists. Output: [`Finding`]s. One that
//! [`Finding::refuses`] means that the lists are more likely wrong than AWS's
//! prices are what they say; the others are for the reader to know.

mod commitments;
mod counts;

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::collect::{LeftOut, PriceList};
use super::diff::{PriceName, PriceTable, prices_of};
use super::offer::Offer;
use crate::catalog::Catalog;
use crate::catalog::verify::{Check, verify};

/// Share of a list's things with two prices, in thousandths, above which its rows are not told apart.
const MOST_CONFLICTS_THOUSANDTHS: u64 = 5;
/// Share of on-demand prices of nothing, in thousandths, above which they are no slip.
const MOST_FREE_THOUSANDTHS: u64 = 2;
/// Breaches of a law that may be facts of AWS that nobody has looked into yet.
const MOST_BREACHES: usize = 10;
/// The same, in hundredths of the region's prices.
const MOST_BREACHES_HUNDREDTHS: usize = 1;
/// Examples that a finding names.
const EXAMPLES: usize = 3;

/// Something about the new prices that does not look right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the catalog should stay as it is.
    pub refuses: bool,
    /// What was found.
    pub words: String,
}

impl Finding {
    fn refusal(words: String) -> Self {
        Self { refuses: true, words }
    }

    fn note(words: String) -> Self {
        Self { refuses: false, words }
    }
}

/// Gives the tables that an offer fills as a whole.
const fn tables_of(offer: Offer) -> &'static [PriceTable] {
    match offer {
        Offer::Ec2 => &[
            PriceTable::Ec2Linux,
            PriceTable::Ec2Systems,
            PriceTable::Ec2Reserved,
            PriceTable::Ebs,
        ],
        Offer::Rds => &[PriceTable::Rds, PriceTable::RdsLicensed, PriceTable::RdsReserved],
        Offer::ElastiCache => &[PriceTable::ElastiCache],
        Offer::OpenSearch => &[PriceTable::OpenSearch],
        Offer::DocumentDb | Offer::Mq | Offer::Dms => &[PriceTable::Managed],
        Offer::LoadBalancing => &[PriceTable::Products],
        Offer::ComputeSavingsPlans => &[PriceTable::SavingsPlans],
        Offer::DatabaseSavingsPlans => &[PriceTable::DatabaseSavingsPlans],
    }
}

/// Holds new prices against the old ones, each other, and the laws of the catalog.
///
/// `today` is only compared with the lists' day of publication.
#[must_use]
pub fn check(before: &Catalog, after: &Catalog, lists: &[&PriceList], region: &str, today: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    for list in lists {
        of_list(list, before, today, &mut findings);
        capacities(list, after, &mut findings);
    }
    let (old, new) = (prices_of(before, region), prices_of(after, region));
    let offers: BTreeSet<PriceTable> = lists.iter().flat_map(|list| tables_of(list.offer)).copied().collect();
    counts::check(&old, &new, &offers, lists, &mut findings);
    commitments::check(after, region, &mut findings);
    laws(before, after, region, new.len(), &mut findings);
    findings
}

/// What a list says of itself.
fn of_list(list: &PriceList, before: &Catalog, today: Date, findings: &mut Vec<Finding>) {
    let name = list.offer.code();
    let days_ahead = today.until(list.published).map_or(0, |span| span.get_days());
    if days_ahead > 2 {
        findings.push(Finding::refusal(format!(
            "{name}: published on {}, which is {days_ahead} days from now",
            list.published
        )));
    }
    let known = before
        .lists(&list.region)
        .and_then(|lists| lists.files.iter().find(|file| file.offer == name));
    if let Some(known) = known.filter(|known| known.published > list.published) {
        findings.push(Finding::refusal(format!(
            "{name}: published on {}, before the list in use ({})",
            list.published, known.published
        )));
    }
    if !list.conflicts.is_empty() {
        let share = list.conflicts.len() as u64 * 1000 / (list.prices.len() as u64 + 1);
        let examples: Vec<String> = list
            .conflicts
            .iter()
            .take(EXAMPLES)
            .map(|conflict| format!("{}: {} and {}", conflict.key, conflict.first, conflict.second))
            .collect();
        let words = format!(
            "{name}: {} things have two prices and are left out ({})",
            list.conflicts.len(),
            examples.join("; ")
        );
        findings.push(if share > MOST_CONFLICTS_THOUSANDTHS {
            Finding::refusal(words)
        } else {
            Finding::note(words)
        });
    }
    let free = list.left_out.get(&LeftOut::Free).copied().unwrap_or_default();
    if free * 1000 > list.prices.len() as u64 * MOST_FREE_THOUSANDTHS {
        findings.push(Finding::refusal(format!(
            "{name}: {free} prices on demand are zero, of {}",
            list.prices.len() as u64 + free
        )));
    }
    for (why, what) in [
        (LeftOut::UnfamiliarOperation, "operations"),
        (LeftOut::UnfamiliarUnit, "units"),
    ] {
        let count = list.left_out.get(&why).copied().unwrap_or_default();
        if count > 0 {
            findings.push(Finding::note(format!(
                "{name}: {count} prices have {what} that do not go with their products and are left out"
            )));
        }
    }
}

/// A type that has other capacities than before is another type, or the file is shifted.
fn capacities(list: &PriceList, after: &Catalog, findings: &mut Vec<Finding>) {
    if list.offer != Offer::Ec2 {
        return;
    }
    let mut known = 0_usize;
    let mut other = Vec::new();
    for (name, capacity) in &list.capacities {
        let Some(shape) = after.shape(name) else { continue };
        known += 1;
        if (shape.vcpu, shape.memory_mib) != (capacity.vcpu, capacity.memory_mib) {
            other.push(format!(
                "{name}: {} vCPU and {} MiB, known {} and {}",
                capacity.vcpu, capacity.memory_mib, shape.vcpu, shape.memory_mib
            ));
        }
    }
    if other.is_empty() {
        return;
    }
    let words = format!(
        "{} types have other vCPUs or memory than known ({})",
        other.len(),
        other.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join("; ")
    );
    findings.push(if other.len() * 50 > known {
        Finding::refusal(words)
    } else {
        Finding::note(words)
    });
}

/// The laws of `catalog verify`: what breaks one now and did not before.
fn laws(before: &Catalog, after: &Catalog, region: &str, prices: usize, findings: &mut Vec<Finding>) {
    let (old, new) = (verify(before), verify(after));
    for result in &new.results {
        let known: BTreeSet<&str> = old
            .of(result.check)
            .into_iter()
            .flat_map(|result| &result.findings)
            .filter(|finding| finding.region.as_deref() == Some(region))
            .map(|finding| finding.subject.as_str())
            .collect();
        let breaches: Vec<String> = result
            .findings
            .iter()
            .filter(|finding| finding.exception.is_none())
            .filter(|finding| finding.region.as_deref() == Some(region) && !known.contains(finding.subject.as_str()))
            .map(|finding| format!("{}: {}", finding.subject, finding.observed))
            .collect();
        if breaches.is_empty() {
            continue;
        }
        let words = format!(
            "{} breaches of a law of the catalog, \"{}\" ({})",
            breaches.len(),
            result.check.law(),
            breaches.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join("; ")
        );
        let allowed = match result.check {
            Check::PriceIsPlausible | Check::OtherPricesArePositive => 0,
            _ => MOST_BREACHES.max(prices * MOST_BREACHES_HUNDREDTHS / 100),
        };
        findings.push(if breaches.len() > allowed {
            Finding::refusal(words)
        } else {
            Finding::note(words)
        });
    }
}

/// Gives the middle of some numbers, the higher one of two; nothing of none.
fn median(mut numbers: Vec<Decimal>) -> Option<Decimal> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}

/// The prices of one table.
fn of_table(
    prices: &std::collections::BTreeMap<PriceName, Decimal>,
    table: PriceTable,
) -> impl Iterator<Item = (&PriceName, &Decimal)> {
    prices.iter().filter(move |(name, _)| name.table == table)
}
