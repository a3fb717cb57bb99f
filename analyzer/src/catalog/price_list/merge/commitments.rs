//! Reserved instances and savings plans.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Incoming;
use crate::catalog::commitment::{CommitmentClass, CommitmentTerm, SavingsPlanRate, Upfront};
use crate::catalog::listed::{RdsReserved, RegionLists, ReservedRate, SavingsRate, TypeReserved, TypeSavings};
use crate::catalog::nodes::{ReservedRates, UpfrontRates};
use crate::catalog::price_list::fact::{Commitment, Key, Subject};
use crate::catalog::tables::Tables;
use crate::money::UsdPerHour;

type Terms = (CommitmentTerm, CommitmentClass, Upfront);
/// What is paid each hour, and what at once; as far as it was read.
type Halves = (Option<Decimal>, Option<Decimal>);

/// Joins the two rows of each reserved rate: the hour and the fee. Rates that lack one of theirs are left out.
fn reserved<'l>(incoming: &'l Incoming<'_>, remarks: &mut Vec<String>) -> BTreeMap<&'l Subject, Vec<ReservedRate>> {
    let mut halves: BTreeMap<(&Subject, Terms), Halves> = BTreeMap::new();
    for (key, amount) in &incoming.list.prices {
        let Some(Commitment::Reserved(term, class, upfront)) = key.commitment else {
            continue;
        };
        let half = halves.entry((&key.subject, (term, class, upfront))).or_default();
        if key.at_once {
            half.1 = Some(*amount);
        } else {
            half.0 = Some(*amount);
        }
    }
    let mut rates: BTreeMap<&Subject, Vec<ReservedRate>> = BTreeMap::new();
    let mut incomplete = 0_u64;
    for ((subject, (term, class, upfront)), (hourly, at_once)) in halves {
        let (hourly, at_once) = match (hourly, at_once, upfront) {
            (Some(hourly), None, Upfront::None) if !hourly.is_zero() => (hourly, None),
            (Some(hourly), Some(fee), Upfront::Partial | Upfront::All) if !fee.is_zero() => (hourly, Some(fee)),
            _ => {
                incomplete += 1;
                continue;
            }
        };
        rates.entry(subject).or_default().push(ReservedRate {
            term,
            class,
            upfront,
            hourly: incoming.plain(hourly),
            at_once: at_once.map(|fee| incoming.plain(fee)),
        });
    }
    if incomplete > 0 {
        remarks.push(format!(
            "{incomplete} reserved rates lack their hour or their fee and are left out"
        ));
    }
    rates
}

pub(super) fn ec2_reserved(incoming: &Incoming<'_>, remarks: &mut Vec<String>) -> Vec<TypeReserved> {
    reserved(incoming, remarks)
        .into_iter()
        .filter_map(|(subject, rates)| match subject {
            Subject::Ec2 { shape, system, .. } => Some(TypeReserved {
                shape_name: shape.to_string(),
                operating_system: *system,
                rates,
            }),
            _ => None,
        })
        .collect()
}

pub(super) fn rds_reserved(incoming: &Incoming<'_>, remarks: &mut Vec<String>) -> Vec<RdsReserved> {
    reserved(incoming, remarks)
        .into_iter()
        .filter_map(|(subject, rates)| match subject {
            Subject::Rds {
                class,
                engine,
                multi_az,
            } => Some(RdsReserved {
                class: class.to_string(),
                engine: *engine,
                multi_az: *multi_az,
                rates,
            }),
            _ => None,
        })
        .collect()
}

/// Effective hourly rates of nodes, which the catalog keeps in six places.
pub(super) fn node_rates<'l>(
    incoming: &'l Incoming<'_>,
    remarks: &mut Vec<String>,
) -> BTreeMap<&'l Subject, ReservedRates> {
    /// Digits that the catalog's format holds for sure.
    const PLACES: u32 = 10;
    let mut of = BTreeMap::new();
    for (subject, rates) in reserved(incoming, remarks) {
        let mut known = ReservedRates::default();
        for rate in rates.iter().filter(|rate| rate.class == CommitmentClass::Standard) {
            let slot: &mut UpfrontRates = match rate.term {
                CommitmentTerm::OneYear => &mut known.one_year,
                CommitmentTerm::ThreeYears => &mut known.three_years,
            };
            let place = match rate.upfront {
                Upfront::None => &mut slot.none,
                Upfront::Partial => &mut slot.partial,
                Upfront::All => &mut slot.all,
            };
            let effective = rate.effective_per_hour().as_decimal().round_dp(PLACES);
            *place = Some(UsdPerHour::from_decimal(effective));
        }
        of.insert(subject, known);
    }
    of
}

pub(super) fn merge_savings_plans(lists: &mut RegionLists, incoming: &Incoming<'_>) {
    let mut by_type: BTreeMap<&Subject, Vec<SavingsRate>> = BTreeMap::new();
    for (
        Key {
            subject, commitment, ..
        },
        amount,
    ) in &incoming.list.prices
    {
        if let Some(Commitment::Savings(plan, term, upfront)) = *commitment {
            by_type.entry(subject).or_default().push(SavingsRate {
                plan,
                term,
                upfront,
                hourly: incoming.plain(*amount),
            });
        }
    }
    lists.savings_plans = by_type
        .into_iter()
        .filter_map(|(subject, rates)| match subject {
            Subject::Ec2 { shape, system, .. } => Some(TypeSavings {
                shape_name: shape.to_string(),
                operating_system: *system,
                rates,
            }),
            _ => None,
        })
        .collect();
}

pub(super) fn merge_database_savings_plans(tables: &mut Tables, incoming: &Incoming<'_>) {
    let region = &incoming.list.region;
    tables.database_savings_plan.retain(|rate| rate.region != *region);
    for (key, amount) in &incoming.list.prices {
        if let Subject::Database {
            service,
            usage_type,
            operation,
            unit,
        } = &key.subject
        {
            tables.database_savings_plan.push(SavingsPlanRate {
                region: region.clone(),
                service: service.to_string(),
                usage_type: usage_type.to_string(),
                operation: operation.to_string(),
                unit: unit.to_string(),
                price: incoming.price(*amount),
            });
        }
    }
    // Regions stand together, in the order of their codes; rows of one in the order they came.
    tables
        .database_savings_plan
        .sort_by(|one, other| one.region.cmp(&other.region));
}
