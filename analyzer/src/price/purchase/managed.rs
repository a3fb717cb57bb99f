//! Databases, caches, search: reserved nodes and the database savings plan.

use super::kind::{TERMS, UPFRONTS};
use super::{Paid, PurchaseKind, PurchaseOption, Rate, Subject, split};
use crate::catalog::commitment::{CommitmentClass, CommitmentDiscount, CommitmentTerm, Upfront};
use crate::catalog::nodes::{CacheEngine, ReservedRates, UpfrontRates};
use crate::catalog::{Catalog, PriceMethod};
use crate::money::UsdPerHour;

/// Generation of a database class from which on the database savings plan covers it.
const FIRST_PLANNED_GENERATION: u32 = 7;

pub(super) fn options(catalog: &Catalog, subject: &Subject<'_>) -> Vec<PurchaseOption> {
    let mut out = Vec::new();
    // Amazon MQ, MSK and DocumentDB have no reserved prices.
    if matches!(subject.service, "rds" | "aurora" | "elasticache" | "opensearch") {
        for term in TERMS {
            for upfront in UPFRONTS {
                out.push(PurchaseOption {
                    kind: PurchaseKind::Reserved(term, upfront),
                    rate: reserved(catalog, subject, term, upfront),
                });
            }
        }
    }
    if matches!(
        subject.service,
        "rds" | "aurora" | "elasticache" | "opensearch" | "documentdb"
    ) {
        out.push(PurchaseOption {
            kind: PurchaseKind::DatabaseSavingsPlan,
            rate: savings_plan(catalog, subject),
        });
    }
    out
}

fn reserved(catalog: &Catalog, subject: &Subject<'_>, term: CommitmentTerm, upfront: Upfront) -> Rate {
    let missing = || {
        format!(
            "no reserved price of {} is known in {}, nor a discount of its family for {}",
            subject.instance_type,
            subject.region,
            PurchaseKind::Reserved(term, upfront).words()
        )
    };
    if let Some((rate, as_of)) = node_rate(catalog, subject, term, upfront) {
        let source = format!("reserved price of {} in {}", subject.instance_type, subject.region);
        return Rate::Known(split(rate, term, upfront, PriceMethod::Listed, as_of, source));
    }
    let row = catalog.commitments().iter().find(|row| {
        row.class == CommitmentClass::Standard && row.term == term && row.upfront == upfront && covers(subject, row)
    });
    let paid = row.and_then(|row| {
        let source = format!("discount of {} in {} ({})", row.scope, row.observed_in, row.source);
        Paid::of(row.saved_fraction, PriceMethod::Estimated, source)
    });
    Paid::into_rate(paid, subject, term, upfront, missing)
}

/// Gives the region's own reserved price of a cache or search node.
fn node_rate(
    catalog: &Catalog,
    subject: &Subject<'_>,
    term: CommitmentTerm,
    upfront: Upfront,
) -> Option<(UsdPerHour, crate::catalog::YearMonth)> {
    let (rates, as_of) = match subject.service {
        "elasticache" => {
            let engine = match subject.engine? {
                engine if engine.starts_with("memcached") => CacheEngine::Memcached,
                engine if engine.starts_with("redis") => CacheEngine::Redis,
                _ => CacheEngine::Valkey,
            };
            let mut offers = catalog.cache_offers(subject.region, engine).ok()?;
            let offer = offers.find(|offer| offer.node.name == subject.instance_type)?;
            (offer.reserved, offer.on_demand.as_of)
        }
        "opensearch" => {
            let offers = catalog.search_offers(subject.region).ok()?;
            let offer = offers
                .iter()
                .find(|offer| offer.instance.name == subject.instance_type)?;
            (offer.reserved, offer.on_demand.as_of)
        }
        _ => return None,
    };
    of_term(&rates, term, upfront).map(|rate| (rate, as_of))
}

fn of_term(rates: &ReservedRates, term: CommitmentTerm, upfront: Upfront) -> Option<UsdPerHour> {
    let UpfrontRates { none, partial, all } = match term {
        CommitmentTerm::OneYear => rates.one_year,
        CommitmentTerm::ThreeYears => rates.three_years,
    };
    match upfront {
        Upfront::None => none,
        Upfront::Partial => partial,
        Upfront::All => all,
    }
}

/// Says whether a discount is one of the subject's family: `db.r6g`, `db.t3.large mysql Single-AZ`, `m7g`.
fn covers(subject: &Subject<'_>, row: &CommitmentDiscount) -> bool {
    let family = subject.family();
    let service = match subject.service {
        "aurora" => "RDS Aurora",
        "rds" => "RDS",
        "elasticache" => "ElastiCache",
        "opensearch" => "OpenSearch",
        _ => return false,
    };
    let is_aurora = row.scope.contains("aurora");
    let first = row.scope.split_whitespace().next().unwrap_or_default();
    let of_family = first == family
        || first.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'))
        || family
            .split_once('.')
            .is_some_and(|(_, bare)| subject.service != "rds" && first == bare);
    (row.service == service && of_family && !is_aurora)
        || (subject.service == "aurora" && row.service == "RDS" && is_aurora && of_family)
}

/// Gives the rate of the database savings plan: one year, no upfront, the newest generations only.
fn savings_plan(catalog: &Catalog, subject: &Subject<'_>) -> Rate {
    let bare = subject.family().rsplit('.').next().unwrap_or_default();
    let generation: u32 = bare
        .chars()
        .skip_while(|letter| !letter.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .fold(0, |number, digit| number * 10 + digit.to_digit(10).unwrap_or(0));
    let kind = PurchaseKind::DatabaseSavingsPlan;
    if generation < FIRST_PLANNED_GENERATION || bare.starts_with('t') {
        return Rate::Unknown(format!(
            "the {} covers the newest generations; {} is not known to be one",
            kind.words(),
            subject.family()
        ));
    }
    let service = match subject.service {
        "rds" | "aurora" => "RDS",
        "elasticache" if subject.engine.is_some_and(|engine| engine.starts_with("valkey")) => "ElastiCache Valkey",
        // Search nodes have the discount that the database classes have: all 31 in the one region that is known.
        "opensearch" => "RDS",
        _ => "",
    };
    let row = catalog
        .commitments()
        .iter()
        .find(|row| row.class == CommitmentClass::DatabaseSavingsPlan && row.service == service);
    let paid = row.and_then(|row| {
        let method = if subject.region == row.observed_in {
            PriceMethod::Derived
        } else {
            PriceMethod::Estimated
        };
        let source = format!("discount in {} ({})", row.observed_in, row.source);
        Paid::of(row.saved_fraction, method, source)
    });
    let missing = || format!("no rate of the {} is known for {}", kind.words(), subject.service);
    Paid::into_rate(paid, subject, CommitmentTerm::OneYear, Upfront::None, missing)
}
