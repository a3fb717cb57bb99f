//! EC2: reserved instances, savings plans, spot.
//!
//! Where the region's price lists were read, the type's own rates stand ([`super::listed`]). Else:
//! the catalog has discounts of us-east-1 by type and by family for standard
//! reservations paid all upfront, and all twelve terms of one type. What it
//! lacks is estimated: discounts vary little between regions, the ratio of two
//! ways to pay, or of two terms, little between families. EC2 instance savings plans have the
//! rates of standard reservations and compute savings plans those of
//! convertible ones, which AWS says by the same greatest savings (72 and 66 %).

use rust_decimal::Decimal;

use super::kind::{TERMS, UPFRONTS};
use super::{KnownRate, Paid, PurchaseKind, PurchaseOption, Rate, Subject, listed};
use crate::catalog::commitment::{CommitmentClass, CommitmentDiscount, CommitmentTerm, Upfront};
use crate::catalog::listed::SavingsPlan;
use crate::catalog::{Catalog, PriceMethod};
use crate::money::Usd;

/// What is said of every spot price: the catalog has none that is recent.
const SPOT_SOURCE: &str = "spot price of an old list: for its order of magnitude only";

/// Makes a way to buy of a term and how much is paid at once.
type MakeKind = fn(CommitmentTerm, Upfront) -> PurchaseKind;

pub(super) fn options(catalog: &Catalog, subject: &Subject<'_>) -> Vec<PurchaseOption> {
    let kinds: [MakeKind; 4] = [
        PurchaseKind::Reserved,
        PurchaseKind::Convertible,
        PurchaseKind::InstanceSavingsPlan,
        PurchaseKind::ComputeSavingsPlan,
    ];
    let committed = kinds.into_iter().flat_map(|kind| {
        let terms = TERMS.into_iter();
        terms.flat_map(move |term| UPFRONTS.into_iter().map(move |upfront| kind(term, upfront)))
    });
    let all = committed.chain([PurchaseKind::Spot]);
    let option = |kind| {
        Some(PurchaseOption {
            kind,
            rate: rate(catalog, subject, kind)?,
        })
    };
    all.filter_map(option).collect()
}

/// Gives the rate of one way to buy; nothing for one that AWS does not sell for EC2, and for on demand.
pub(super) fn rate(catalog: &Catalog, subject: &Subject<'_>, kind: PurchaseKind) -> Option<Rate> {
    let (class, plan) = match kind {
        PurchaseKind::Reserved(..) => (CommitmentClass::Standard, None),
        PurchaseKind::Convertible(..) => (CommitmentClass::Convertible, None),
        PurchaseKind::InstanceSavingsPlan(..) => (
            CommitmentClass::Standard,
            Some((SavingsPlan::Ec2Instance, "as a standard reservation")),
        ),
        PurchaseKind::ComputeSavingsPlan(..) => (
            CommitmentClass::Convertible,
            Some((SavingsPlan::Compute, "as a convertible reservation")),
        ),
        PurchaseKind::Spot => return Some(spot(catalog, subject)),
        PurchaseKind::OnDemand | PurchaseKind::DatabaseSavingsPlan => return None,
    };
    let (term, upfront) = kind.commitment()?;
    let as_listed = match plan {
        None => listed::reserved(catalog, subject, class, term, upfront),
        Some((plan, _)) => listed::savings_plan(catalog, subject, plan, term, upfront),
    };
    if as_listed.is_some() {
        return as_listed;
    }
    let mut paid = paid(catalog, subject, class, term, upfront);
    if let (Some(paid), Some((_, words))) = (&mut paid, plan) {
        paid.method = PriceMethod::Estimated;
        paid.source = format!("{words}: {}", paid.source);
    }
    let missing = || {
        let family = subject.family();
        format!("no discount of family {family} is known for {}", kind.words())
    };
    Some(Paid::into_rate(paid, subject, term, upfront, missing))
}

/// Gives what is paid under a reservation: as observed, else all upfront times the ratio of the ways to pay of a type
/// that has all of them.
fn paid(
    catalog: &Catalog,
    subject: &Subject<'_>,
    class: CommitmentClass,
    term: CommitmentTerm,
    upfront: Upfront,
) -> Option<Paid> {
    if let Some(paid) = observed(catalog, subject, class, term, upfront) {
        return Some(paid);
    }
    let standard = (CommitmentClass::Standard, term, Upfront::All);
    let all = all_upfront(catalog, subject, term)?;
    if (class, term, upfront) == standard {
        return Some(all);
    }
    let (ratio, of) = ratio(catalog, (class, term, upfront), standard)?;
    Some(all.times(ratio, &format!("by the terms of {of}")))
}

/// Gives what was observed of the type, else of its family.
fn observed(
    catalog: &Catalog,
    subject: &Subject<'_>,
    class: CommitmentClass,
    term: CommitmentTerm,
    upfront: Upfront,
) -> Option<Paid> {
    let listed = |scope: &str| {
        catalog
            .commitments()
            .iter()
            .find(|row| row.service == "EC2" && row.scope == scope && is(row, class, term, upfront))
    };
    let row = listed(subject.instance_type).or_else(|| listed(subject.family()))?;
    let method = if row.observed_in == subject.region {
        PriceMethod::Derived
    } else {
        PriceMethod::Estimated
    };
    Paid::of(row.saved_fraction, method, words(row))
}

/// Gives what is paid for a standard reservation all upfront: as observed, else from the other term through the median
/// ratio of the families that have both.
fn all_upfront(catalog: &Catalog, subject: &Subject<'_>, term: CommitmentTerm) -> Option<Paid> {
    let of = |term: CommitmentTerm| observed(catalog, subject, CommitmentClass::Standard, term, Upfront::All);
    if let Some(paid) = of(term) {
        return Some(paid);
    }
    let three_of_one = three_of_one(catalog)?;
    let (other, ratio) = match term {
        CommitmentTerm::ThreeYears => (of(CommitmentTerm::OneYear)?, three_of_one),
        CommitmentTerm::OneYear => (of(CommitmentTerm::ThreeYears)?, Decimal::ONE.checked_div(three_of_one)?),
    };
    Some(other.times(ratio, "of the other term, by the median of families that have both"))
}

/// Gives what three years cost of what one year costs, all upfront: the median of the families that have both.
fn three_of_one(catalog: &Catalog) -> Option<Decimal> {
    let all = |term: CommitmentTerm| {
        catalog
            .commitments()
            .iter()
            .filter(move |row| row.service == "EC2" && is(row, CommitmentClass::Standard, term, Upfront::All))
    };
    let mut ratios: Vec<Decimal> = all(CommitmentTerm::OneYear)
        .filter_map(|one| {
            let three = all(CommitmentTerm::ThreeYears).find(|three| three.scope == one.scope)?;
            let paid = |row: &CommitmentDiscount| Paid::of(row.saved_fraction, PriceMethod::Estimated, String::new());
            paid(three)?.rate.checked_div(paid(one)?.rate)
        })
        .collect();
    ratios.sort_unstable();
    ratios.get(ratios.len() / 2).copied()
}

/// Gives how what is paid in one way compares with another way, on a type that has both, and which.
fn ratio(
    catalog: &Catalog,
    wanted: (CommitmentClass, CommitmentTerm, Upfront),
    known: (CommitmentClass, CommitmentTerm, Upfront),
) -> Option<(Decimal, String)> {
    let rows = || catalog.commitments().iter().filter(|row| row.service == "EC2");
    rows()
        .filter(|row| is(row, wanted.0, wanted.1, wanted.2))
        .find_map(|row| {
            let other = rows().find(|other| other.scope == row.scope && is(other, known.0, known.1, known.2))?;
            let paid = |row: &CommitmentDiscount| Paid::of(row.saved_fraction, PriceMethod::Estimated, String::new());
            let (paid_here, paid_there) = (paid(row)?.rate, paid(other)?.rate);
            (paid_there > Decimal::ZERO).then(|| (paid_here / paid_there, row.scope.clone()))
        })
}

fn is(row: &CommitmentDiscount, class: CommitmentClass, term: CommitmentTerm, upfront: Upfront) -> bool {
    row.class == class && row.term == term && row.upfront == upfront
}

fn words(row: &CommitmentDiscount) -> String {
    format!("discount of {} in {} ({})", row.scope, row.observed_in, row.source)
}

fn spot(catalog: &Catalog, subject: &Subject<'_>) -> Rate {
    match catalog.old_spot(subject.region, subject.instance_type) {
        Some(price) => Rate::Known(KnownRate {
            effective_usd_per_hour: price.amount,
            upfront_usd: Usd::ZERO,
            recurring_usd_per_hour: price.amount,
            method: PriceMethod::Estimated,
            as_of: price.as_of,
            source: SPOT_SOURCE.to_string(),
        }),
        None => Rate::Unknown(format!(
            "no spot price of {} in {} is known",
            subject.instance_type, subject.region
        )),
    }
}
