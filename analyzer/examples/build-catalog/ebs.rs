//! EBS prices per region.

use std::collections::BTreeMap;
use std::path::Path;

use sizewright_analyzer::catalog::YearMonth;
use sizewright_analyzer::catalog::ebs::{EbsPrices, IopsTier, VolumePrice, VolumeType};

use super::rows::{Row, Rows, SourceError};

/// Columns of IOPS prices, with the number of operations that each starts above.
///
/// The second and third tier exist for io2 only.
const IOPS_TIERS: [(u32, &str); 3] = [
    (0, "usd_iops_month_tier1"),
    (32_000, "usd_iops_month_tier2_32001_64000"),
    (64_000, "usd_iops_month_tier3_gt64000"),
];

/// Reads EBS prices by region; rows without a price are left out and named.
pub fn prices(folder: &Path, remarks: &mut Vec<String>) -> Result<BTreeMap<String, EbsPrices>, SourceError> {
    let mut regions: BTreeMap<String, EbsPrices> = BTreeMap::new();
    for row in Rows::read(folder, "ebs_prices_2022-02.csv")?.iter() {
        let region = row.text("region")?;
        let Some(volume) = volume(row)? else {
            remarks.push(format!(
                "left out: {region} {} has no EBS price in the source",
                row.text("volume_type")?
            ));
            continue;
        };
        regions
            .entry(region.to_owned())
            .or_insert_with(|| EbsPrices {
                region: region.to_owned(),
                volumes: Vec::new(),
            })
            .volumes
            .push(volume);
    }
    for prices in regions.values_mut() {
        prices.volumes.sort_by_key(|volume| volume.volume_type);
    }
    Ok(regions)
}

fn volume(row: Row<'_>) -> Result<Option<VolumePrice>, SourceError> {
    let as_of = YearMonth::new(2022, 2).ok_or_else(|| row.refused("region", "a month"))?;
    let word = row.text("volume_type")?;
    let volume_type = VolumeType::ALL
        .into_iter()
        .find(|kind| kind.word() == word)
        .ok_or_else(|| row.refused("volume_type", "a known volume type"))?;
    let Some(per_gib_month) = row.listed("usd_gb_month", as_of)? else {
        return Ok(None);
    };
    let mut iops_tiers = Vec::new();
    for (above_iops, column) in IOPS_TIERS {
        if let Some(per_iops_month) = row.listed(column, as_of)? {
            iops_tiers.push(IopsTier {
                above_iops,
                per_iops_month,
            });
        }
    }
    Ok(Some(VolumePrice {
        volume_type,
        per_gib_month,
        iops_tiers,
        per_mib_per_second_month: row.listed("usd_mibps_month", as_of)?,
        per_io_request: row.listed("usd_per_io_request", as_of)?,
    }))
}
