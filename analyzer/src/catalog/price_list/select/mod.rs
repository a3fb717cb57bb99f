//! Which rows of an offer the catalog takes, and what each is: all row filters.
//!
//! Input: the product's cells of a row. Output: what it prices, or why it is
//! left out. Nothing here looks at terms, prices or currencies.

mod ec2;
mod managed;
mod nodes;
mod rds;
mod savings;
pub(super) mod unit;
mod usage;

use super::collect::{Capacity, Collector, LeftOut, Selected};
use super::field::{Field, Row};
use super::offer::Offer;

pub(super) use self::savings::take_rate;
pub(super) use self::usage::{bare, region_of};

/// Tells what a row of an offer prices in the collector's region.
pub(super) fn select(offer: Offer, row: &Row<'_>, collector: &mut Collector) -> Result<Selected, LeftOut> {
    in_region(row, collector)?;
    match offer {
        Offer::Ec2 => ec2::select(row),
        Offer::Rds => rds::select(row),
        Offer::ElastiCache => nodes::cache(row),
        Offer::OpenSearch => nodes::search(row),
        Offer::DocumentDb => managed::document_db(row),
        Offer::Mq => managed::broker(row),
        Offer::Dms => managed::replication(row),
        Offer::LoadBalancing => managed::load_balancer(row),
        Offer::ComputeSavingsPlans | Offer::DatabaseSavingsPlans => Err(LeftOut::NotKept),
    }
}

/// Holds a row to the region itself: no Local Zone, Wavelength or Outpost of it, and no other region.
fn in_region(row: &Row<'_>, collector: &mut Collector) -> Result<(), LeftOut> {
    let code = match row.cell(Field::RegionCode) {
        "" => region_of(row.cell(Field::UsageType)).unwrap_or_default(),
        code => code,
    };
    if code != collector.region {
        if row.cell(Field::LocationType) == "AWS Region" {
            collector.saw_other_region(code);
        }
        return Err(LeftOut::OtherPlace);
    }
    if row.cell(Field::LocationType) != "AWS Region" {
        return Err(LeftOut::OtherPlace);
    }
    if collector.location.is_none() {
        let location = row.cell(Field::Location);
        if !location.is_empty() {
            collector.location = Some(location.to_owned());
        }
    }
    Ok(())
}

/// Reads vCPUs and memory such as `4` and `1,952 GiB`; nothing unless both are stated.
fn capacity(row: &Row<'_>) -> Option<Capacity> {
    let vcpu = row.cell(Field::Vcpu).parse().ok().filter(|vcpu| *vcpu > 0)?;
    let (number, unit) = row.cell(Field::Memory).split_once(' ')?;
    if unit != "GiB" {
        return None;
    }
    let gib: rust_decimal::Decimal = number.replace(',', "").parse().ok()?;
    let mib = gib.checked_mul(rust_decimal::Decimal::from(1024))?;
    let memory_mib = u32::try_from(mib.round()).ok().filter(|mib| *mib > 0)?;
    Some(Capacity { vcpu, memory_mib })
}

/// Says whether a cell that marks special rows is empty.
fn is_blank(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "N/A")
}
