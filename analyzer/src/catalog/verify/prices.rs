//! Laws about EC2 and EBS prices.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Check, CheckResult, Tally};
use crate::catalog::shape::Shape;
use crate::catalog::tables::Ec2Region;
use crate::catalog::{Catalog, VolumeType};

/// Lowest and highest USD per vCPU and hour, in thousandths (t4g.nano in Mumbai
/// 1.4, p6-b300 in `GovCloud` 890).
const PER_VCPU_THOUSANDTHS: (i64, i64) = (1, 1_000);

/// Lowest and highest price relative to us-east-1, in hundredths (AMD in
/// Mumbai 61, r4 in São Paulo 210.5).
const REGION_HUNDREDTHS: (i64, i64) = (60, 215);

/// The region that others are compared with: it has nearly every type.
const REFERENCE_REGION: &str = "us-east-1";

/// Largest difference between bare metal and the equal size, in thousandths:
/// list prices are rounded to five decimals.
const METAL_THOUSANDTHS: i64 = 1;

pub(super) fn verify(catalog: &Catalog) -> Vec<CheckResult> {
    let regions = &catalog.tables().ec2;
    let reference = regions.get(REFERENCE_REGION).map(amounts).unwrap_or_default();
    let mut plausible = Tally::of(Check::PriceIsPlausible);
    let mut in_line = Tally::of(Check::RegionIsInLine);
    let mut sizes = Tally::of(Check::BiggerIsNotCheaper);
    let mut metal = Tally::of(Check::MetalCostsTheSame);
    let mut current = Tally::of(Check::CurrentIsPricedOrNamed);
    for (region, known) in regions {
        let here = amounts(known);
        for (shape, price) in &known.prices {
            let amount = price.amount.as_decimal();
            let per_vcpu = amount / Decimal::from(shape.vcpu.max(1));
            let (low, high) = PER_VCPU_THOUSANDTHS;
            plausible.hold(
                per_vcpu >= Decimal::new(low, 3) && per_vcpu <= Decimal::new(high, 3),
                || shape.name.clone(),
                Some(region),
                || format!("{amount} USD per hour for {} vCPU", shape.vcpu),
            );
            if let Some(there) = reference.get(shape.name.as_str()) {
                let ratio = amount / *there;
                let (low, high) = REGION_HUNDREDTHS;
                in_line.hold(
                    ratio >= Decimal::new(low, 2) && ratio <= Decimal::new(high, 2),
                    || shape.name.clone(),
                    Some(region),
                    || format!("{:.3} of {REFERENCE_REGION}", ratio),
                );
            }
        }
        hold_families(&mut sizes, &mut metal, region, known);
        for shape in known.offered.iter().flatten() {
            if shape.current_generation {
                current.hold(
                    here.contains_key(shape.name.as_str()),
                    || shape.name.clone(),
                    Some(region),
                    || "offered, no price in any source".to_owned(),
                );
            }
        }
    }
    [plausible, in_line, sizes, metal, current, ebs(catalog)]
        .into_iter()
        .map(Tally::finish)
        .collect()
}

fn amounts(region: &Ec2Region) -> BTreeMap<&str, Decimal> {
    region
        .prices
        .iter()
        .map(|(shape, price)| (shape.name.as_str(), price.amount.as_decimal()))
        .collect()
}

/// Compares the prices of every two sizes of each family.
fn hold_families(sizes: &mut Tally, metal: &mut Tally, region: &str, known: &Ec2Region) {
    let mut families: BTreeMap<&str, Vec<(&Shape, Decimal)>> = BTreeMap::new();
    for (shape, price) in &known.prices {
        families
            .entry(&shape.family)
            .or_default()
            .push((shape, price.amount.as_decimal()));
    }
    for members in families.values() {
        for (small, low) in members {
            for (big, high) in members {
                let bigger = big.vcpu >= small.vcpu
                    && big.memory_mib >= small.memory_mib
                    && (big.vcpu, big.memory_mib) != (small.vcpu, small.memory_mib);
                if bigger && !small.is_bare_metal() && !big.is_bare_metal() {
                    sizes.hold(
                        high >= low,
                        || format!("{} against {}", big.name, small.name),
                        Some(region),
                        || format!("{high} against {low} USD per hour"),
                    );
                }
                if big.vcpu == small.vcpu && big.is_bare_metal() && !small.is_bare_metal() {
                    let difference = (high / low - Decimal::ONE).abs();
                    metal.hold(
                        difference <= Decimal::new(METAL_THOUSANDTHS, 3),
                        || format!("{} against {}", big.name, small.name),
                        Some(region),
                        || format!("{high} against {low} USD per hour"),
                    );
                }
            }
        }
    }
}

/// Every region with EC2 prices has gp3, and every EBS price is above zero.
fn ebs(catalog: &Catalog) -> Tally {
    let mut tally = Tally::of(Check::EbsIsPricedOrNamed);
    for region in catalog.regions() {
        let known = catalog.ebs(&region.code).ok();
        let has_gp3 = known.is_some_and(|prices| {
            prices
                .volume(VolumeType::Gp3)
                .is_some_and(|volume| !volume.iops_tiers.is_empty() && volume.per_mib_per_second_month.is_some())
        });
        tally.hold(
            has_gp3,
            || "EBS".to_owned(),
            Some(&region.code),
            || "no EBS price".to_owned(),
        );
    }
    tally
}
