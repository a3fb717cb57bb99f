//! Whether the proposed volumes are large, fast and cheap enough, from limits and prices alone.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::finding::Check;
use super::ledger::{Ledger, shown};
use super::subject::Subject;
use crate::catalog::ebs::VolumePrice;
use crate::catalog::ebs_limits::{VolumeLimits, volume_limits};
use crate::catalog::{Catalog, VolumeType, YearMonth};
use crate::size::{Storage, VolumeNeed, VolumeProposal};

/// Kinds that may be proposed; method §4.
const KINDS: [VolumeType; 3] = [VolumeType::Gp3, VolumeType::Io2, VolumeType::St1];
/// Throughput-optimised disks are for mean transfers from here on; their operations are counted in MiB.
const LARGE_TRANSFER_BYTES: f64 = 262_144.0;

/// What is provisioned of one kind.
#[derive(Clone, Copy, Debug)]
struct Setup {
    kind: VolumeType,
    gib: u32,
    iops: Option<u32>,
    mib_per_second: Option<u32>,
}

/// Checks a host's volumes against the limits of the plan's month and the region's prices.
pub(super) fn check(subject: &Subject<'_>, catalog: &Catalog, month: YearMonth, ledger: &mut Ledger) {
    let row = subject.row;
    let prices = catalog.tables().ebs.get(&row.region);
    let price = |kind: VolumeType| prices?.volumes.iter().find(|price| price.volume_type == kind);
    let gib = match &row.proof.storage {
        Storage::Known(volumes) => {
            for volume in volumes {
                limits(subject, volume, volume_limits(volume.kind, month), ledger);
                lines(volume, price(volume.kind), ledger);
                cheapest(volume, month, &price, ledger);
            }
            volumes.iter().map(|volume| volume.need.size_gib).collect::<Vec<u32>>()
        }
        Storage::Unknown { reason, needs } => {
            ledger.expect(
                Check::Unknown,
                !reason.is_empty(),
                "reason of unknown storage",
                "a reason",
                "none",
            );
            let carried = !needs.is_empty()
                && needs
                    .iter()
                    .all(|need| KINDS.iter().any(|kind| smallest(need, *kind, month, &price).is_some()));
            ledger.expect(
                Check::Unknown,
                !carried,
                "storage that is called unknown",
                "volumes, since each need has a kind and a price",
                reason,
            );
            needs.iter().map(|need| need.size_gib).collect()
        }
    };
    let sum = (!gib.is_empty()).then(|| gib.iter().map(|gib| f64::from(*gib)).sum::<f64>());
    ledger.same_option(Check::VolumeNeeds, "volumes together, GiB", sum, row.storage_gib);
}

fn limits(subject: &Subject<'_>, volume: &VolumeProposal, limits: VolumeLimits, ledger: &mut Ledger) {
    let (need, policy) = (&volume.need, &subject.policy);
    let name = format!("{} volume for {}", volume.kind, need.mounts.join(", "));
    let mut at_least = |words: &str, least: f64, found: f64| {
        ledger.expect(
            Check::VolumeLimits,
            found >= least - 1e-6,
            &format!("{words} of {name}"),
            format!("at least {least}"),
            found,
        );
    };
    let gib = f64::from(need.size_gib);
    let iops = volume.provisioned_iops.map(f64::from);
    let throughput = volume.provisioned_mib_per_second.map(f64::from);
    let (wanted_iops, wanted_mib) = (need.iops.unwrap_or(0.0), need.mib_per_second.unwrap_or(0.0));
    at_least(
        "GiB",
        (need.used_gib * (1.0 + policy.storage_growth) / policy.storage_fill).max(1.0),
        gib,
    );
    at_least("GiB", f64::from(limits.smallest_gib), gib);
    at_least("largest GiB", gib, f64::from(limits.largest_gib));
    at_least("operations", wanted_iops, iops.unwrap_or(f64::from(limits.most_iops)));
    at_least(
        "MiB/s",
        wanted_mib,
        throughput.unwrap_or(f64::from(limits.most_mib_per_second)),
    );
    at_least("most operations", iops.unwrap_or(0.0), f64::from(limits.most_iops));
    at_least(
        "most MiB/s",
        throughput.unwrap_or(0.0),
        f64::from(limits.most_mib_per_second),
    );
    let included = f64::from(limits.included_iops.unwrap_or(0));
    if let (Some(per_gib), Some(iops)) = (limits.most_iops_per_gib, iops) {
        at_least(
            "operations that the size allows",
            iops,
            (gib * f64::from(per_gib)).max(included),
        );
    }
    if let (Some(ratio), Some(iops), Some(throughput)) = (limits.most_mib_per_second_per_iops, iops, throughput) {
        at_least("MiB/s that the operations allow", throughput, iops * ratio);
    }
    if let Some(per_tib) = limits.sustained_mib_per_second_per_tib {
        at_least("sustained MiB/s", wanted_mib, gib / 1024.0 * f64::from(per_tib));
    }
}

fn lines(volume: &VolumeProposal, price: Option<&VolumePrice>, ledger: &mut Ledger) {
    let name = format!("{} volume for {}", volume.kind, volume.need.mounts.join(", "));
    let setup = Setup {
        kind: volume.kind,
        gib: volume.need.size_gib,
        iops: volume.provisioned_iops,
        mib_per_second: volume.provisioned_mib_per_second,
    };
    let expected = price.and_then(|price| cost(setup, price));
    let found: Decimal = volume.lines.iter().map(|line| line.amount.as_decimal()).sum();
    ledger.same_option(
        Check::VolumePrice,
        &format!("cost of {name}, USD a month"),
        expected,
        Some(found),
    );
    for line in &volume.lines {
        ledger.same(
            Check::VolumePrice,
            &format!("line `{}` of {name}, USD a month", line.item),
            line.quantity * line.unit_price.amount.as_decimal(),
            line.amount.as_decimal(),
        );
    }
}

/// Prices what is provisioned; nothing where a part of it is not sold.
fn cost(setup: Setup, price: &VolumePrice) -> Option<Decimal> {
    // Included performance is dated like the limits, but has not changed: gp3 since it exists.
    let (free_iops, free_mib) = if setup.kind == VolumeType::Gp3 {
        (3_000, 125)
    } else {
        (0, 0)
    };
    let mut sum = price.per_gib_month.amount.as_decimal() * Decimal::from(setup.gib);
    let mut left = setup.iops.unwrap_or(0);
    if left > free_iops && price.iops_tiers.is_empty() {
        return None;
    }
    // From the highest tier down: each prices what lies above its threshold.
    for tier in price.iops_tiers.iter().rev() {
        let threshold = tier.above_iops.max(free_iops);
        if left > threshold {
            sum += tier.per_iops_month.amount.as_decimal() * Decimal::from(left - threshold);
            left = threshold;
        }
    }
    let extra = setup.mib_per_second.unwrap_or(0).saturating_sub(free_mib);
    if setup.kind == VolumeType::Gp3 && extra > 0 {
        sum += price.per_mib_per_second_month.as_ref()?.amount.as_decimal() * Decimal::from(extra);
    }
    Some(sum)
}

fn cheapest<'a>(
    volume: &VolumeProposal,
    month: YearMonth,
    price: &impl Fn(VolumeType) -> Option<&'a VolumePrice>,
    ledger: &mut Ledger,
) {
    let found: Decimal = volume.lines.iter().map(|line| line.amount.as_decimal()).sum();
    // The proposed size may have been enlarged for speed; start from what must be stored.
    let better = KINDS
        .into_iter()
        .filter(|kind| *kind != volume.kind)
        .filter_map(|kind| Some((kind, smallest(&volume.need, kind, month, price)?)))
        .find(|(_, cost)| *cost < found);
    ledger.expect(
        Check::VolumeCheapest,
        better.is_none(),
        &format!("cheapest volume for {}, USD a month", volume.need.mounts.join(", ")),
        shown(better.map(|(kind, cost)| format!("{kind} at {cost}"))),
        format!("{} at {found}", volume.kind),
    );
}

/// Gives the cost of the smallest volume of a kind that carries a need; nothing where none does.
fn smallest<'a>(
    need: &VolumeNeed,
    kind: VolumeType,
    month: YearMonth,
    price: &impl Fn(VolumeType) -> Option<&'a VolumePrice>,
) -> Option<Decimal> {
    let limits = volume_limits(kind, month);
    let iops = u32::from_f64(need.iops.unwrap_or(0.0).ceil())?;
    let mib = u32::from_f64(need.mib_per_second.unwrap_or(0.0).ceil())?;
    let mut setup = Setup {
        kind,
        gib: need.size_gib.max(limits.smallest_gib),
        iops: None,
        mib_per_second: None,
    };
    match kind {
        VolumeType::Gp3 => {
            setup.mib_per_second = Some(mib.max(125));
            setup.iops = Some(iops.max(3_000).max(mib.max(125) * 4));
        }
        VolumeType::Io2 => setup.iops = Some(iops.max(100)),
        _ => {
            let root = need
                .mounts
                .iter()
                .any(|mount| mount == "/" || mount.starts_with("/boot"));
            let large = need
                .bytes_per_operation
                .is_some_and(|bytes| bytes >= LARGE_TRANSFER_BYTES);
            if root || !large {
                return None;
            }
            let per_tib = limits.sustained_mib_per_second_per_tib?;
            setup.gib = setup.gib.max((mib * 1024).div_ceil(per_tib));
        }
    }
    if let (Some(per_gib), Some(provisioned)) = (limits.most_iops_per_gib, setup.iops)
        && provisioned > limits.included_iops.unwrap_or(0)
    {
        setup.gib = setup.gib.max(provisioned.div_ceil(per_gib));
    }
    let most = setup.iops.unwrap_or(0).max(iops);
    if setup.gib > limits.largest_gib || most > limits.most_iops || mib > limits.most_mib_per_second {
        return None;
    }
    cost(setup, price(kind)?)
}
