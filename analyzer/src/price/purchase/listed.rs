//! EC2 rates as AWS lists them, where the region's price lists were read by `catalog refresh`.
//!
//! Input: a catalog and a subject. Output: the exact reserved or savings plan
//! rate of the type with Linux, or nothing where no list has it. What only
//! discounts elsewhere can tell is [`super::ec2`]'s.

use super::{KnownRate, Rate, Subject, split};
use crate::catalog::commitment::{CommitmentClass, CommitmentTerm, Upfront};
use crate::catalog::listed::SavingsPlan;
use crate::catalog::operating_system::OperatingSystem;
use crate::catalog::{Catalog, PriceMethod};
use crate::money::Usd;

/// Gives a reserved instance's rate.
pub(super) fn reserved(
    catalog: &Catalog,
    subject: &Subject<'_>,
    class: CommitmentClass,
    term: CommitmentTerm,
    upfront: Upfront,
) -> Option<Rate> {
    let rate = catalog
        .reserved(subject.region, subject.instance_type, OperatingSystem::Linux)?
        .rates
        .iter()
        .find(|rate| (rate.class, rate.term, rate.upfront) == (class, term, upfront))?;
    Some(Rate::Known(KnownRate {
        effective_usd_per_hour: rate.effective_per_hour(),
        upfront_usd: rate.at_once.as_ref().map_or(Usd::ZERO, |fee| fee.amount),
        recurring_usd_per_hour: rate.hourly.amount,
        method: PriceMethod::Listed,
        as_of: rate.hourly.as_of,
        source: format!("reserved rate of {} in {}", subject.instance_type, subject.region),
    }))
}

/// Gives the rate under a savings plan. The list has what an hour draws on the commitment.
pub(super) fn savings_plan(
    catalog: &Catalog,
    subject: &Subject<'_>,
    plan: SavingsPlan,
    term: CommitmentTerm,
    upfront: Upfront,
) -> Option<Rate> {
    let rate = catalog
        .savings_plans(subject.region, subject.instance_type, OperatingSystem::Linux)?
        .rates
        .iter()
        .find(|rate| (rate.plan, rate.term, rate.upfront) == (plan, term, upfront))?;
    Some(Rate::Known(split(
        rate.hourly.amount,
        term,
        upfront,
        PriceMethod::Listed,
        rate.hourly.as_of,
        format!(
            "{} rate of {} in {}",
            plan.word(),
            subject.instance_type,
            subject.region
        ),
    )))
}
