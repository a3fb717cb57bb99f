//! Savings plan rates: what they discount is told from its usage type and operation.

use super::ec2::system_of;
use super::usage::bare;
use crate::catalog::commitment::CommitmentTerm;
use crate::catalog::listed::SavingsPlan;
use crate::catalog::price_list::collect::{Collector, LeftOut, amount, commits, upfront};
use crate::catalog::price_list::error::ListError;
use crate::catalog::price_list::fact::{Commitment, Key, Subject};
use crate::catalog::price_list::field::{Field, Row};
use crate::catalog::price_list::offer::Offer;

/// Takes a rate of a savings plan file, or counts why not.
pub(in crate::catalog::price_list) fn take_rate(
    offer: Offer,
    row: &Row<'_>,
    collector: &mut Collector,
    place: impl Fn() -> String,
) -> Result<(), ListError> {
    match key(offer, row, collector) {
        Ok(key) => {
            let rate = amount(row.cell(Field::DiscountedRate), row.cell(Field::Currency), &place)?;
            // A rate of nothing is no discount that AWS gives.
            if rate.is_zero() {
                collector.leave_out(LeftOut::Free);
            } else {
                collector.put(key, rate);
            }
        }
        Err(why) => collector.leave_out(why),
    }
    Ok(())
}

fn key(offer: Offer, row: &Row<'_>, collector: &mut Collector) -> Result<Key, LeftOut> {
    let region = row.cell(Field::DiscountedRegionCode);
    if region != collector.region {
        collector.saw_other_region(region);
        return Err(LeftOut::OtherPlace);
    }
    let term = match (
        row.cell(Field::LeaseContractLength),
        row.cell(Field::LeaseContractLengthUnit),
    ) {
        ("1", "year") => CommitmentTerm::OneYear,
        ("3", "year") => CommitmentTerm::ThreeYears,
        _ => return Err(LeftOut::OtherTerms),
    };
    let upfront = upfront(row.cell(Field::PurchaseOption)).ok_or(LeftOut::OtherTerms)?;
    let service = row.cell(Field::DiscountedServiceCode);
    let usage_type = row.cell(Field::DiscountedUsageType);
    let operation = row.cell(Field::DiscountedOperation);
    if offer == Offer::DatabaseSavingsPlans {
        if row.cell(Field::ProductFamily) != "DatabaseSavingsPlans" {
            return Err(LeftOut::NotKept);
        }
        return Ok(Key {
            subject: Subject::Database {
                service: service.into(),
                usage_type: usage_type.into(),
                operation: operation.into(),
                unit: row.cell(Field::Unit).into(),
            },
            commitment: Some(Commitment::DatabaseSavings),
            at_once: false,
        });
    }
    let plan = match row.cell(Field::ProductFamily) {
        "ComputeSavingsPlans" => SavingsPlan::Compute,
        "EC2InstanceSavingsPlans" => SavingsPlan::Ec2Instance,
        _ => return Err(LeftOut::NotKept),
    };
    if service != "AmazonEC2" {
        return Err(LeftOut::NotKept);
    }
    let Some((use_of, shape)) = bare(usage_type).split_once(':') else {
        return Err(LeftOut::NotKept);
    };
    match use_of {
        "BoxUsage" => {}
        "DedicatedUsage" | "HostBoxUsage" => return Err(LeftOut::OtherTenancy),
        _ => return Err(LeftOut::Reservation),
    }
    if super::unit::UnitKind::Hour.factor(row.cell(Field::Unit)) != Some(rust_decimal::Decimal::ONE) {
        return Err(LeftOut::UnfamiliarUnit);
    }
    match system_of(operation) {
        Some((system, false)) if commits(system) && shape.contains('.') => Ok(Key {
            subject: Subject::Ec2 {
                shape: shape.into(),
                system,
                sql_server: None,
                own_license: false,
            },
            commitment: Some(Commitment::Savings(plan, term, upfront)),
            at_once: false,
        }),
        _ => Err(LeftOut::NotKept),
    }
}
