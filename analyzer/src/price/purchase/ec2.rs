//! EC2: reserved instances, savings plans, spot.
//!
//! The catalog has discounts of us-east-1 by type and by family for standard
//! reservations paid all upfront, and all twelve terms of one type. What it
//! lacks is estimated: discounts vary little between regions, the ratio of two
//! ways to pay little between families. EC2 instance savings plans have the
//! rates of standard reservations and compute savings plans those of
//! convertible ones, which AWS says by the same greatest savings (72 and 66 %).

use rust_decimal::Decimal;

use super::kind::{TERMS, UPFRONTS};
use super::{KnownRate, Paid, PurchaseKind, PurchaseOption, Rate, Subject};
use crate::catalog::commitment::{CommitmentClass, CommitmentDiscount, CommitmentTerm, Upfront};
use crate::catalog::{Catalog, PriceMethod};
use crate::money::Usd;

/// The region in which discounts were observed.
const OBSERVED_IN: &str = "us-east-1";
/// What is said of every spot price: the catalog has none that is recent.
const SPOT_SOURCE: &str = "spot price of an old list: for its order of magnitude only";

/// Makes a way to buy of a term and how much is paid at once.
type MakeKind = fn(CommitmentTerm, Upfront) -> PurchaseKind;

pub(super) fn options(catalog: &Catalog, subject: &Subject<'_>) -> Vec<PurchaseOption> {
    let mut out = Vec::new();
    let kinds: [(CommitmentClass, MakeKind, Option<&str>); 4] = [
        (CommitmentClass::Standard, PurchaseKind::Reserved, None),
        (CommitmentClass::Convertible, PurchaseKind::Convertible, None),
        (
            CommitmentClass::Standard,
            PurchaseKind::InstanceSavingsPlan,
            Some("as a standard reservation"),
        ),
        (
            CommitmentClass::Convertible,
            PurchaseKind::ComputeSavingsPlan,
            Some("as a convertible reservation"),
        ),
    ];
    for (class, kind, as_words) in kinds {
        for term in TERMS {
            for upfront in UPFRONTS {
                let mut paid = paid(catalog, subject, class, term, upfront);
                if let (Some(paid), Some(words)) = (&mut paid, as_words) {
                    paid.method = PriceMethod::Estimated;
                    paid.source = format!("{words}: {}", paid.source);
                }
                let kind = kind(term, upfront);
                let missing = || {
                    let family = subject.family();
                    format!("no discount of family {family} is known for {}", kind.words())
                };
                out.push(PurchaseOption {
                    kind,
                    rate: Paid::into_rate(paid, subject, term, upfront, missing),
                });
            }
        }
    }
    out.push(PurchaseOption {
        kind: PurchaseKind::Spot,
        rate: spot(catalog, subject),
    });
    out
}

/// Gives what is paid under a reservation: as observed, else through the ratio to what was observed.
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
    if upfront != Upfront::All
        && let Some(all) = observed(catalog, subject, class, term, Upfront::All)
    {
        let (ratio, of) = ratio(catalog, (class, term, upfront), (class, term, Upfront::All))?;
        return Some(all.times(ratio, &format!("not all upfront as {of} has it")));
    }
    if class == CommitmentClass::Convertible {
        let standard = paid_standard(catalog, subject, term, upfront)?;
        let (ratio, of) = ratio(
            catalog,
            (CommitmentClass::Convertible, term, upfront),
            (CommitmentClass::Standard, term, upfront),
        )?;
        return Some(standard.times(ratio, &format!("convertible as {of} has it")));
    }
    None
}

fn paid_standard(catalog: &Catalog, subject: &Subject<'_>, term: CommitmentTerm, upfront: Upfront) -> Option<Paid> {
    paid(catalog, subject, CommitmentClass::Standard, term, upfront)
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
    let here = subject.region == OBSERVED_IN;
    if let Some(row) = listed(subject.instance_type) {
        let method = if here {
            PriceMethod::Derived
        } else {
            PriceMethod::Estimated
        };
        return Paid::of(row.saved_fraction, method, words(row));
    }
    if let Some(paid) = of_type(catalog, subject, class, term, upfront, here) {
        return Some(paid);
    }
    let row = listed(subject.family())?;
    Paid::of(row.saved_fraction, PriceMethod::Estimated, words(row))
}

/// Gives the type's own reserved price of us-east-1 as a share of its on-demand price there.
fn of_type(
    catalog: &Catalog,
    subject: &Subject<'_>,
    class: CommitmentClass,
    term: CommitmentTerm,
    upfront: Upfront,
    here: bool,
) -> Option<Paid> {
    if class != CommitmentClass::Standard || upfront != Upfront::All {
        return None;
    }
    let row = catalog.os_prices_us_east_1(subject.instance_type)?;
    let reserved = match term {
        CommitmentTerm::OneYear => row.reserved_one_year_all_upfront.as_ref(),
        CommitmentTerm::ThreeYears => row.reserved_three_years_all_upfront.as_ref(),
    }?;
    let on_demand = row.linux.as_ref()?.amount.as_decimal();
    let unchanged = here && on_demand == subject.on_demand.as_decimal();
    (on_demand > Decimal::ZERO).then(|| Paid {
        rate: reserved.amount.as_decimal() / on_demand,
        method: if unchanged {
            PriceMethod::Derived
        } else {
            PriceMethod::Estimated
        },
        source: format!(
            "reserved price of {} in {OBSERVED_IN}, {}",
            subject.instance_type, reserved.as_of
        ),
    })
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
