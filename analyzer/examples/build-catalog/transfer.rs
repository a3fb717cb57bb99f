//! Traffic to the internet, by region and tier.

use std::collections::BTreeMap;
use std::path::Path;

use sizewright_analyzer::catalog::YearMonth;
use sizewright_analyzer::catalog::services::{EgressTier, EgressTiers};

use super::rows::{Rows, SourceError};

/// Reads the tiers by region, lowest first.
pub fn egress(folder: &Path) -> Result<BTreeMap<String, EgressTiers>, SourceError> {
    let mut regions: BTreeMap<String, EgressTiers> = BTreeMap::new();
    for row in Rows::read(folder, "data_transfer_out_internet_2024-08.csv")?.iter() {
        let as_of = YearMonth::new(2024, 8).ok_or_else(|| row.refused("region", "a month"))?;
        let region = row.text("region")?;
        regions
            .entry(region.to_owned())
            .or_insert_with(|| EgressTiers {
                region: region.to_owned(),
                tiers: Vec::new(),
            })
            .tiers
            .push(EgressTier {
                above_gb: row.number("tier_start_gb")?,
                per_gb: row
                    .listed("usd_per_gb", as_of)?
                    .ok_or_else(|| row.refused("usd_per_gb", "a price"))?,
            });
    }
    for egress in regions.values_mut() {
        egress.tiers.sort_by_key(|tier| tier.above_gb);
    }
    Ok(regions)
}
