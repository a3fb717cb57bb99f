//! What an EBS volume may do, by kind and by date.
//!
//! Input: a volume kind and a month. Output: [`VolumeLimits`] in force then.
//! AWS raised gp3 in 2025-09, so a plan says which rule it used.

use super::ebs::VolumeType;
use super::price::YearMonth;

/// Performance limits of one volume, in force from a month on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolumeLimits {
    /// The kind.
    pub volume_type: VolumeType,
    /// First month that the limits hold in; `None` for as long as the kind has existed.
    pub since: Option<YearMonth>,
    /// Smallest volume, GiB.
    pub smallest_gib: u32,
    /// Largest volume, GiB.
    pub largest_gib: u32,
    /// Most operations per second.
    pub most_iops: u32,
    /// Most throughput, MiB/s.
    pub most_mib_per_second: u32,
    /// Operations per second included in the price of the capacity (gp3).
    pub included_iops: Option<u32>,
    /// Throughput included in the price of the capacity, MiB/s (gp3).
    pub included_mib_per_second: Option<u32>,
    /// Most operations per second that can be had for each GiB.
    pub most_iops_per_gib: Option<u32>,
    /// Sustained throughput for each TiB, MiB/s (st1, sc1).
    pub sustained_mib_per_second_per_tib: Option<u32>,
    /// Most throughput for each provisioned operation per second, MiB/s (gp3).
    pub most_mib_per_second_per_iops: Option<f64>,
}

impl VolumeLimits {
    const fn new(
        volume_type: VolumeType,
        (smallest_gib, largest_gib): (u32, u32),
        most_iops: u32,
        most_mib_per_second: u32,
    ) -> Self {
        Self {
            volume_type,
            since: None,
            smallest_gib,
            largest_gib,
            most_iops,
            most_mib_per_second,
            included_iops: None,
            included_mib_per_second: None,
            most_iops_per_gib: None,
            sustained_mib_per_second_per_tib: None,
            most_mib_per_second_per_iops: None,
        }
    }

    /// 3,000 IOPS and 125 MiB/s included, at most 500 IOPS per GiB and 0.25 MiB/s per IOPS.
    const fn gp3(largest_gib: u32, most_iops: u32, most_mib_per_second: u32) -> Self {
        Self {
            included_iops: Some(3_000),
            included_mib_per_second: Some(125),
            most_iops_per_gib: Some(500),
            most_mib_per_second_per_iops: Some(0.25),
            ..Self::new(VolumeType::Gp3, (1, largest_gib), most_iops, most_mib_per_second)
        }
    }
}

/// The month AWS raised the limits of gp3 in.
const GP3_RAISED: YearMonth = YearMonth::fixed(2025, 9);

/// Limits of every kind, the newest of a kind last.
///
/// Source: the EBS user guide's table of volume types; gp3 before and after
/// 2025-09. io2 is Block Express, as on every Nitro instance.
const LIMITS: [VolumeLimits; 8] = [
    VolumeLimits {
        most_iops_per_gib: Some(3),
        ..VolumeLimits::new(VolumeType::Gp2, (1, 16_384), 16_000, 250)
    },
    VolumeLimits::gp3(16_384, 16_000, 1_000),
    VolumeLimits {
        since: Some(GP3_RAISED),
        ..VolumeLimits::gp3(65_536, 80_000, 2_000)
    },
    VolumeLimits {
        most_iops_per_gib: Some(50),
        ..VolumeLimits::new(VolumeType::Io1, (4, 16_384), 64_000, 1_000)
    },
    VolumeLimits {
        most_iops_per_gib: Some(1_000),
        ..VolumeLimits::new(VolumeType::Io2, (4, 65_536), 256_000, 4_000)
    },
    VolumeLimits {
        sustained_mib_per_second_per_tib: Some(40),
        ..VolumeLimits::new(VolumeType::St1, (125, 16_384), 500, 500)
    },
    VolumeLimits {
        sustained_mib_per_second_per_tib: Some(12),
        ..VolumeLimits::new(VolumeType::Sc1, (125, 16_384), 250, 250)
    },
    VolumeLimits::new(VolumeType::Standard, (1, 1_024), 200, 90),
];

/// Gives the limits of a volume kind that are in force in a month.
#[must_use]
pub fn volume_limits(volume_type: VolumeType, month: YearMonth) -> VolumeLimits {
    LIMITS
        .into_iter()
        .rfind(|limits| limits.volume_type == volume_type && limits.since.is_none_or(|since| since <= month))
        .expect("every kind has a row without a first month")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_limits_at_any_time() {
        for kind in VolumeType::ALL {
            assert_eq!(volume_limits(kind, YearMonth::fixed(2006, 1)).volume_type, kind);
        }
    }

    #[test]
    fn gp3_was_raised_in_september_2025() {
        let before = volume_limits(VolumeType::Gp3, YearMonth::fixed(2025, 8));
        let after = volume_limits(VolumeType::Gp3, YearMonth::fixed(2025, 9));
        assert_eq!((before.most_iops, before.most_mib_per_second), (16_000, 1_000));
        assert_eq!((after.most_iops, after.most_mib_per_second), (80_000, 2_000));
        for limits in [before, after] {
            assert_eq!(limits.included_iops, Some(3_000));
            assert_eq!(limits.included_mib_per_second, Some(125));
            assert_eq!(limits.most_iops_per_gib, Some(500));
        }
    }
}
