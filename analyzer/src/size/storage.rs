//! EBS volumes: from file systems and disk rates to priced volumes.
//!
//! Capacity is what is used, grown over the horizon, at the fill the policy
//! allows; operations and throughput are P99.5 with headroom. Every kind that
//! can carry it is priced, the cheapest is proposed. Source: method §4.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};
use telemetry::units::{GIBIBYTE, MEBIBYTE};

use crate::catalog::ebs::VolumePrice;
use crate::catalog::ebs_limits::{VolumeLimits, volume_limits};
use crate::catalog::{EbsPrices, Price, VolumeType, YearMonth};
use crate::money::{Usd, UsdPerMonth};
use crate::policy::Policy;
use crate::profile::{FilesystemProfile, HostProfile};

/// Kinds that are proposed, in order of preference at equal price.
const PROPOSED: [VolumeType; 3] = [VolumeType::Gp3, VolumeType::Io2, VolumeType::St1];
/// Throughput-optimised disks are for large transfers: mean bytes per operation from here on.
const LARGE_TRANSFER_BYTES: f64 = 256.0 * 1024.0;

/// What one volume must hold and do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolumeNeed {
    /// The file systems on it.
    pub mounts: Vec<String>,
    /// Size of the source volume, GiB.
    pub source_gib: f64,
    /// In use today, GiB.
    pub used_gib: f64,
    /// What the new volume must hold, whole GiB.
    pub size_gib: u32,
    /// Operations per second; absent where not measured.
    pub iops: Option<f64>,
    /// MiB per second; absent where not measured.
    pub mib_per_second: Option<f64>,
    /// Mean bytes of an operation; absent where not measured.
    pub bytes_per_operation: Option<f64>,
}

/// A proposed volume and its price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolumeProposal {
    /// What it must hold and do.
    pub need: VolumeNeed,
    /// Its kind.
    pub kind: VolumeType,
    /// Operations per second to provision; nothing where the kind has none to set.
    pub provisioned_iops: Option<u32>,
    /// MiB per second to provision; nothing where the kind has none to set.
    pub provisioned_mib_per_second: Option<u32>,
    /// Lines of its monthly price.
    pub lines: Vec<VolumeLine>,
}

/// One line of a volume's price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolumeLine {
    /// What is paid for.
    pub item: String,
    /// How much of it.
    pub quantity: Decimal,
    /// Its unit.
    pub unit: String,
    /// Price of one unit and month.
    pub unit_price: Price<Usd>,
    /// Quantity times price.
    pub amount: UsdPerMonth,
}

impl VolumeProposal {
    /// Adds up the lines.
    #[must_use]
    pub fn per_month(&self) -> UsdPerMonth {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

/// What is proposed for a host's storage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// Volumes with known prices.
    Known(Vec<VolumeProposal>),
    /// Not known, and why.
    Unknown {
        /// What is missing.
        reason: String,
        /// The needs, where at least those are known.
        needs: Vec<VolumeNeed>,
    },
}

/// Proposes volumes for a host in a region, with the limits of the given month.
#[must_use]
pub fn storage(profile: &HostProfile, policy: &Policy, prices: Option<&EbsPrices>, month: YearMonth) -> Storage {
    let needs = needs(profile, policy);
    if needs.is_empty() {
        return Storage::Unknown {
            reason: "no file system was measured".to_string(),
            needs,
        };
    }
    let Some(prices) = prices else {
        return Storage::Unknown {
            reason: "the catalog has no EBS price for this region".to_string(),
            needs,
        };
    };
    let mut proposals = Vec::with_capacity(needs.len());
    for need in &needs {
        let cheapest = PROPOSED
            .into_iter()
            .filter_map(|kind| price_volume(need, prices.volume(kind)?, volume_limits(kind, month)))
            .min_by_key(VolumeProposal::per_month);
        match cheapest {
            Some(proposal) => proposals.push(proposal),
            None => {
                let reason = format!("no EBS volume carries {} in one piece", need.mounts.join(", "));
                return Storage::Unknown { reason, needs };
            }
        }
    }
    Storage::Known(proposals)
}

/// Groups file systems by the disk they lie on and adds up what each disk must do.
#[must_use]
pub fn needs(profile: &HostProfile, policy: &Policy) -> Vec<VolumeNeed> {
    let mut volumes: Vec<(Option<usize>, Vec<&FilesystemProfile>)> = Vec::new();
    for filesystem in &profile.filesystems {
        let disk = disk_of(&filesystem.device, profile);
        let together = |known: &Option<usize>, list: &[&FilesystemProfile]| {
            (disk.is_some() && *known == disk) || list.iter().any(|part| part.device == filesystem.device)
        };
        match volumes.iter_mut().find(|(known, list)| together(known, list)) {
            Some((_, list)) => list.push(filesystem),
            None => volumes.push((disk, vec![filesystem])),
        }
    }
    // The load of disks that no file system names (LVM, RAID, multipath) must be carried by something:
    // by the largest volume whose disk is not known, else by the largest of all.
    let carrier = volumes
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| {
            a.0.is_none()
                .cmp(&b.0.is_none())
                .then(used(&a.1).total_cmp(&used(&b.1)))
        })
        .map(|(index, _)| index);
    let named: Vec<usize> = volumes.iter().filter_map(|(disk, _)| *disk).collect();
    let (loose_operations, loose_bytes) = load_of_others(profile, &named);
    volumes
        .iter()
        .enumerate()
        .map(|(index, (disk, filesystems))| {
            let used = used(filesystems);
            let grown = used * (1.0 + policy.storage_growth) / policy.storage_fill;
            let (mut operations, mut bytes) = match disk {
                Some(disk) => {
                    let device = &profile.devices[*disk];
                    (device.operations_p995, device.bytes_p995)
                }
                None => (None, None),
            };
            if Some(index) == carrier {
                operations = add(operations, loose_operations);
                bytes = add(bytes, loose_bytes);
            }
            let headroom = 1.0 + policy.disk_headroom;
            VolumeNeed {
                mounts: filesystems.iter().map(|part| part.mount.clone()).collect(),
                source_gib: once_a_device(filesystems, |part| part.size_bytes) / GIBIBYTE,
                used_gib: used / GIBIBYTE,
                size_gib: (grown / GIBIBYTE).ceil().max(1.0) as u32,
                iops: operations.map(|operations| operations * headroom),
                mib_per_second: bytes.map(|bytes| bytes * headroom / MEBIBYTE),
                bytes_per_operation: operations
                    .zip(bytes)
                    .filter(|(operations, _)| *operations > 0.0)
                    .map(|(operations, bytes)| bytes / operations),
            }
        })
        .collect()
}

/// Adds up P99.5 over the disks that are not named; where disks are not known one by one, the host's own.
///
/// The sum of the disks' quantiles is at least the quantile of their sum, so nothing is missed.
fn load_of_others(profile: &HostProfile, named: &[usize]) -> (Option<f64>, Option<f64>) {
    if profile.devices.is_empty() {
        return (
            profile.disk_operations.as_ref().map(|metric| metric.quantile(0.995)),
            profile.disk_bytes.as_ref().map(|metric| metric.quantile(0.995)),
        );
    }
    let others = profile
        .devices
        .iter()
        .enumerate()
        .filter(|(index, _)| !named.contains(index));
    others.fold((None, None), |(operations, bytes), (_, device)| {
        (add(operations, device.operations_p995), add(bytes, device.bytes_p995))
    })
}

fn add(sum: Option<f64>, more: Option<f64>) -> Option<f64> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(sum + more),
        (sum, more) => sum.or(more),
    }
}

fn used(filesystems: &[&FilesystemProfile]) -> f64 {
    once_a_device(filesystems, |part| part.used_bytes)
}

/// Adds up over devices: one that is mounted twice (bind mount, subvolume) counts once, with its larger value.
fn once_a_device(filesystems: &[&FilesystemProfile], value: impl Fn(&FilesystemProfile) -> f64) -> f64 {
    let mut devices: Vec<(&str, f64)> = Vec::new();
    for part in filesystems {
        match devices.iter_mut().find(|(device, _)| *device == part.device) {
            Some((_, most)) => *most = most.max(value(part)),
            None => devices.push((&part.device, value(part))),
        }
    }
    devices.iter().map(|(_, value)| value).sum()
}

/// Finds the whole disk of a partition: `/dev/nvme0n1p2` lies on `nvme0n1`, `/dev/sda1` on `sda`.
fn disk_of(device: &str, profile: &HostProfile) -> Option<usize> {
    let name = device.rsplit('/').next()?;
    profile
        .devices
        .iter()
        .enumerate()
        .filter(|(_, disk)| !disk.device.is_empty() && name.starts_with(&disk.device))
        .filter(|(_, disk)| {
            let rest = &name[disk.device.len()..];
            rest.trim_start_matches('p')
                .chars()
                .all(|letter| letter.is_ascii_digit())
        })
        .max_by_key(|(_, disk)| disk.device.len())
        .map(|(index, _)| index)
}

/// Prices a need on one kind of volume; nothing when the kind cannot carry it.
fn price_volume(need: &VolumeNeed, price: &VolumePrice, limits: VolumeLimits) -> Option<VolumeProposal> {
    let size = need.size_gib.max(limits.smallest_gib);
    let iops = need.iops.unwrap_or(0.0).ceil() as u32;
    let throughput = need.mib_per_second.unwrap_or(0.0).ceil() as u32;
    if size > limits.largest_gib || iops > limits.most_iops || throughput > limits.most_mib_per_second {
        return None;
    }
    let root = need
        .mounts
        .iter()
        .any(|mount| mount == "/" || mount.starts_with("/boot"));
    let mut size = size;
    let mut provisioned_iops = None;
    let mut provisioned_throughput = None;
    match price.volume_type {
        VolumeType::Gp3 => {
            provisioned_iops = Some(iops.max(limits.included_iops.unwrap_or(0)));
            provisioned_throughput = Some(throughput.max(limits.included_mib_per_second.unwrap_or(0)));
            // At most a quarter MiB/s per operation: provision more operations for more throughput.
            if let (Some(ratio), Some(provisioned), Some(throughput)) = (
                limits.most_mib_per_second_per_iops,
                provisioned_iops.as_mut(),
                provisioned_throughput,
            ) {
                *provisioned = (*provisioned).max((f64::from(throughput) / ratio).ceil() as u32);
            }
            // Above the included operations a volume carries at most so many per GiB: enlarge it.
            if let (Some(per_gib), Some(provisioned)) = (limits.most_iops_per_gib, provisioned_iops)
                && provisioned > limits.included_iops.unwrap_or(0)
            {
                size = size.max(provisioned.div_ceil(per_gib));
            }
        }
        VolumeType::Io2 => {
            provisioned_iops = Some(iops.max(100));
            if let Some(per_gib) = limits.most_iops_per_gib {
                size = size.max(iops.div_ceil(per_gib));
            }
        }
        VolumeType::St1 => {
            if root
                || need
                    .bytes_per_operation
                    .is_none_or(|bytes| bytes < LARGE_TRANSFER_BYTES)
            {
                return None;
            }
            let per_tib = f64::from(limits.sustained_mib_per_second_per_tib?);
            size = size.max((f64::from(throughput) / per_tib * 1024.0).ceil() as u32);
        }
        _ => return None,
    }
    if size > limits.largest_gib {
        return None;
    }
    let mut lines = vec![line(
        format!("EBS {} storage", price.volume_type),
        size,
        "GiB-month",
        &price.per_gib_month,
    )];
    if let Some(iops) = provisioned_iops {
        lines.extend(iops_lines(price, iops, limits.included_iops.unwrap_or(0))?);
    }
    if let (Some(throughput), Some(included)) = (provisioned_throughput, limits.included_mib_per_second)
        && throughput > included
    {
        let unit_price = price.per_mib_per_second_month.as_ref()?;
        lines.push(line(
            format!("EBS {} throughput above {included} MiB/s", price.volume_type),
            throughput - included,
            "MiB/s-month",
            unit_price,
        ));
    }
    Some(VolumeProposal {
        need: VolumeNeed {
            size_gib: size,
            ..need.clone()
        },
        kind: price.volume_type,
        provisioned_iops,
        provisioned_mib_per_second: provisioned_throughput,
        lines,
    })
}

/// Prices provisioned operations tier by tier, without the included ones.
fn iops_lines(price: &VolumePrice, iops: u32, included: u32) -> Option<Vec<VolumeLine>> {
    let mut lines = Vec::new();
    if iops <= included {
        return Some(lines);
    }
    if price.iops_tiers.is_empty() {
        return None;
    }
    for (index, tier) in price.iops_tiers.iter().enumerate() {
        let from = tier.above_iops.max(included);
        let to = price
            .iops_tiers
            .get(index + 1)
            .map_or(u32::MAX, |next| next.above_iops)
            .min(iops);
        if to > from {
            lines.push(line(
                format!("EBS {} operations above {from}", price.volume_type),
                to - from,
                "IOPS-month",
                &tier.per_iops_month,
            ));
        }
    }
    Some(lines)
}

fn line(item: String, quantity: u32, unit: &str, unit_price: &Price<Usd>) -> VolumeLine {
    let quantity = Decimal::from_u32(quantity).unwrap_or_default();
    VolumeLine {
        item,
        quantity,
        unit: unit.to_string(),
        amount: UsdPerMonth::from_decimal(unit_price.amount.as_decimal() * quantity),
        unit_price: unit_price.clone(),
    }
}
