//! What EBS volumes cost in a region.
//!
//! Input: a catalog's rows. Output: [`EbsPrices`] of a region. A volume type
//! or a region that the source lacks has no entry, never a zero. Limits and
//! included performance are in [`super::ebs_limits`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::price::Price;
use crate::money::Usd;

/// Kinds of EBS volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VolumeType {
    /// General-purpose SSD whose IOPS follow its size.
    Gp2,
    /// General-purpose SSD with performance bought apart from size.
    Gp3,
    /// Provisioned-IOPS SSD.
    Io1,
    /// Provisioned-IOPS SSD with higher durability.
    Io2,
    /// Throughput-optimised HDD.
    St1,
    /// Cold HDD.
    Sc1,
    /// Magnetic, the first generation.
    Standard,
}

impl VolumeType {
    /// All kinds, in the order that tables show them.
    pub const ALL: [Self; 7] = [
        Self::Gp2,
        Self::Gp3,
        Self::Io1,
        Self::Io2,
        Self::St1,
        Self::Sc1,
        Self::Standard,
    ];

    /// Gives AWS's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gp2 => "gp2",
            Self::Gp3 => "gp3",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
            Self::St1 => "st1",
            Self::Sc1 => "sc1",
            Self::Standard => "standard",
        }
    }
}

impl fmt::Display for VolumeType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// EBS prices of one region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EbsPrices {
    /// Region code.
    pub region: String,
    /// One entry for each volume type with a known price.
    pub volumes: Vec<VolumePrice>,
}

impl EbsPrices {
    /// Gives the price of a volume type, or nothing if it is unknown in this region.
    #[must_use]
    pub fn volume(&self, volume_type: VolumeType) -> Option<&VolumePrice> {
        self.volumes.iter().find(|volume| volume.volume_type == volume_type)
    }
}

/// Price of one kind of volume in one region. AWS's GB here are 2^30 bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolumePrice {
    /// The kind.
    pub volume_type: VolumeType,
    /// For each GiB and month.
    pub per_gib_month: Price<Usd>,
    /// For provisioned IOPS and month (above the included ones for gp3), by tier; empty if IOPS are not sold.
    pub iops_tiers: Vec<IopsTier>,
    /// For each MiB/s and month above the included ones (gp3).
    pub per_mib_per_second_month: Option<Price<Usd>>,
    /// For one I/O request (magnetic).
    pub per_io_request: Option<Price<Usd>>,
}

/// Price of provisioned IOPS from a threshold up to the next tier's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IopsTier {
    /// The tier prices the operations above this many.
    pub above_iops: u32,
    /// For each of them and month.
    pub per_iops_month: Price<Usd>,
}
