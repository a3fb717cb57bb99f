//! EC2: instance types, regions, prices, offerings, old spot prices.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use sizewright_analyzer::catalog::cpu::{CpuScore, CpuScoreSource, FamilyScore, REFERENCE_FAMILY};
use sizewright_analyzer::catalog::shape::{
    AcceleratorKind, Accelerators, Architecture, CpuCredits, CpuPerformance, EbsLimits, Hypervisor, LocalDiskKind,
    LocalDisks, Manufacturer, NetworkLimits, PurchaseClasses, Shape,
};
use sizewright_analyzer::catalog::tables::Ec2Region;
use sizewright_analyzer::catalog::{Price, Region, YearMonth};
use sizewright_analyzer::money::UsdPerHour;
use telemetry::units::{Bytes, BytesPerSecond, OperationsPerSecond};

use super::rows::{Row, Rows, SourceError};

/// Month of the spot prices.
const SPOT_MONTH: (i16, i8) = (2024, 8);

/// Reads the instance types, by name.
pub fn shapes(folder: &Path, scores: &[FamilyScore]) -> Result<Vec<Arc<Shape>>, SourceError> {
    let mut shapes = Rows::read(folder, "ec2_instances.csv")?
        .iter()
        .map(|row| shape(row, scores).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    shapes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(shapes)
}

fn shape(row: Row<'_>, scores: &[FamilyScore]) -> Result<Shape, SourceError> {
    let family = row.text("family")?;
    let vcpu: u32 = row.number("vcpu")?;
    let (cores, threads_per_core): (u32, u32) = (row.number("cores")?, row.number("threads_per_core")?);
    if vcpu != cores * threads_per_core {
        return Err(row.refused("vcpu", "cores times threads per core"));
    }
    let score_of = |family: &str| scores.iter().find(|score| score.family == family);
    let family_cpu_score = score_of(family).map(FamilyScore::score);
    let reference = score_of(REFERENCE_FAMILY).map(|score| score.coremark_per_vcpu);
    let type_score = row
        .optional_number::<f64>("coremark_per_vcpu")?
        .zip(reference)
        .map(|(coremark, reference)| CpuScore {
            per_vcpu: coremark / reference,
            source: CpuScoreSource::CoremarkOfType,
        });
    Ok(Shape {
        name: row.text("instance_type")?.to_owned(),
        family: family.to_owned(),
        size: row.text("size")?.to_owned(),
        generation: generation(family),
        current_generation: row.flag("current_generation")?,
        vcpu,
        cores,
        threads_per_core,
        memory_mib: row.whole_mebibytes("memory_gib")?,
        architecture: match row.text("arch")? {
            "x86_64" => Architecture::X86_64,
            "i386/x86_64" => Architecture::I386AndX86_64,
            "arm64" => Architecture::Arm64,
            "x86_64_mac" => Architecture::X86_64Mac,
            "arm64_mac" => Architecture::Arm64Mac,
            _ => return Err(row.refused("arch", "a known architecture")),
        },
        manufacturer: match row.text("manufacturer")? {
            "Intel" => Manufacturer::Intel,
            "AMD" => Manufacturer::Amd,
            "AWS" => Manufacturer::Aws,
            "Apple" => Manufacturer::Apple,
            _ => return Err(row.refused("manufacturer", "Intel, AMD, AWS or Apple")),
        },
        clock_ghz: row.optional_number("clock_ghz_sustained")?,
        cpu_model: row.optional("cpu_model_observed")?.map(str::to_owned),
        cpu_score: type_score.or(family_cpu_score),
        family_cpu_score,
        coremark_total: row.optional_number("coremark_total")?,
        cpu_performance: cpu_performance(row, family)?,
        network: NetworkLimits {
            baseline: BytesPerSecond::from_gigabits_per_second(row.number("net_baseline_gbps")?),
            burst: BytesPerSecond::from_gigabits_per_second(row.number("net_peak_gbps")?),
        },
        ebs: ebs_limits(row)?,
        local_disks: local_disks(row)?,
        accelerators: accelerators(row, family)?,
        hypervisor: match (row.optional("hypervisor")?, row.flag("bare_metal")?) {
            (None, true) => Hypervisor::None,
            (Some("nitro"), false) => Hypervisor::Nitro,
            (Some("xen"), false) => Hypervisor::Xen,
            _ => return Err(row.refused("hypervisor", "nitro, xen, or nothing on bare metal")),
        },
        purchase: purchase(row)?,
    })
}

/// Finds the generation in a family's name: 7 of `m7i`, 1 of `u-6tb1`, none of `mac-m4`.
fn generation(family: &str) -> Option<u8> {
    if let Some((_, after)) = family.strip_prefix("u-").and_then(|rest| rest.split_once("tb")) {
        return after.parse().ok();
    }
    let letters = family.find(|letter: char| !letter.is_ascii_lowercase())?;
    let digits: String = family[letters..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Reads the credit model. The sources do not mark t8i as burstable, nor state its baseline.
fn cpu_performance(row: Row<'_>, family: &str) -> Result<CpuPerformance, SourceError> {
    if row.flag("burstable")? {
        return Ok(CpuPerformance::Burstable(CpuCredits {
            baseline_fraction_per_vcpu: row.number::<f64>("baseline_pct_per_vcpu")? / 100.0,
            credits_per_hour: row.number("credits_per_hour")?,
        }));
    }
    let is_t_kind = family.starts_with('t') && family[1..].starts_with(|c: char| c.is_ascii_digit());
    Ok(if is_t_kind {
        CpuPerformance::BurstableUnknown
    } else {
        CpuPerformance::Fixed
    })
}

/// Reads the EBS limits. Throughput comes from the column in Mbit/s: the one
/// named "MiB/s" holds decimal MB/s, rounded differently.
fn ebs_limits(row: Row<'_>) -> Result<Option<EbsLimits>, SourceError> {
    let Some(baseline) = row.optional_number("ebs_baseline_mbps")? else {
        return Ok(None);
    };
    Ok(Some(EbsLimits {
        baseline: BytesPerSecond::from_megabits_per_second(baseline),
        maximum: BytesPerSecond::from_megabits_per_second(row.number("ebs_max_mbps")?),
        baseline_iops: OperationsPerSecond::from_operations_per_second(row.number("ebs_baseline_iops")?),
        maximum_iops: OperationsPerSecond::from_operations_per_second(row.number("ebs_max_iops")?),
        attachments: row.number("ebs_max_attachments")?,
    }))
}

fn local_disks(row: Row<'_>) -> Result<Option<LocalDisks>, SourceError> {
    let Some(count) = row.optional_number("local_disks")? else {
        return Ok(None);
    };
    Ok(Some(LocalDisks {
        count,
        each_gb: row.number("local_disk_gb_each")?,
        kind: match row.text("local_disk_type")? {
            "ssd" => LocalDiskKind::Ssd,
            "hdd" => LocalDiskKind::Hdd,
            _ => return Err(row.refused("local_disk_type", "ssd or hdd")),
        },
        nvme: row.text("nvme_local")? == "required",
    }))
}

/// Reads GPUs and other accelerators. FPGA (f), video (vt) and trn2u carry no mark in the source.
fn accelerators(row: Row<'_>, family: &str) -> Result<Option<Accelerators>, SourceError> {
    let gpu_name = row.optional("gpu_name")?.map(str::to_owned);
    let kind = if gpu_name.is_some() {
        AcceleratorKind::Gpu
    } else if row.optional("inference_accel")?.is_some() || family.starts_with("trn") {
        AcceleratorKind::MachineLearning
    } else if family.starts_with("vt") {
        AcceleratorKind::Video
    } else if family.starts_with('f') {
        AcceleratorKind::Fpga
    } else {
        return Ok(None);
    };
    Ok(Some(Accelerators {
        kind,
        gpu_count: row.optional_number("gpu_count")?,
        gpu_name,
        gpu_memory: row.optional_number("gpu_mem_mib")?.map(Bytes::from_mebibytes),
    }))
}

fn purchase(row: Row<'_>) -> Result<PurchaseClasses, SourceError> {
    let mut classes = PurchaseClasses {
        on_demand: false,
        spot: false,
        capacity_block: false,
    };
    for class in row.text("usage_classes")?.split('/') {
        match class {
            "on-demand" => classes.on_demand = true,
            "spot" => classes.spot = true,
            "capacity-block" => classes.capacity_block = true,
            _ => return Err(row.refused("usage_classes", "on-demand, spot or capacity-block")),
        }
    }
    Ok(classes)
}

/// A type with its price in some region.
type ShapePrice = (Arc<Shape>, Price<UsdPerHour>);

/// Prices and offerings of all regions.
pub struct PricedRegions {
    /// By region code.
    pub regions: BTreeMap<String, Ec2Region>,
    /// Types with a price and no capacities.
    pub without_shape: Vec<String>,
}

/// Reads Linux on-demand prices and the lists of offered types.
pub fn regions(folder: &Path, shapes: &[Arc<Shape>], remarks: &mut Vec<String>) -> Result<PricedRegions, SourceError> {
    let by_name: BTreeMap<&str, &Arc<Shape>> = shapes.iter().map(|shape| (shape.name.as_str(), shape)).collect();
    let mut offered: BTreeMap<String, Vec<Arc<Shape>>> = BTreeMap::new();
    for row in Rows::read(folder, "ec2_region_offerings.csv")?.iter() {
        let shape = by_name
            .get(row.text("instance_type")?)
            .ok_or_else(|| row.refused("instance_type", "a type of ec2_instances.csv"))?;
        offered
            .entry(row.text("region")?.to_owned())
            .or_default()
            .push(Arc::clone(shape));
    }
    let mut without_shape = BTreeSet::new();
    let mut prices: BTreeMap<String, Vec<ShapePrice>> = BTreeMap::new();
    for row in Rows::read(folder, "ec2_linux_ondemand.csv")?.iter() {
        let name = row.text("instance_type")?;
        let price = row.price("usd_hr")?.ok_or_else(|| row.refused("usd_hr", "a price"))?;
        match by_name.get(name) {
            Some(shape) => prices
                .entry(row.text("region")?.to_owned())
                .or_default()
                .push((Arc::clone(shape), price)),
            None => {
                without_shape.insert(name.to_owned());
            }
        }
    }
    remarks.push(format!(
        "left out as offers: {} types with a price and no capacities: {}",
        without_shape.len(),
        without_shape.iter().cloned().collect::<Vec<_>>().join(", ")
    ));
    let regions = prices
        .into_iter()
        .map(|(region, mut prices)| {
            prices.sort_by(|one, other| one.0.name.cmp(&other.0.name));
            let mut offered = offered.remove(&region);
            if let Some(list) = &mut offered {
                list.sort_by(|one, other| one.name.cmp(&other.name));
            }
            (region, Ec2Region { prices, offered })
        })
        .collect();
    Ok(PricedRegions {
        regions,
        without_shape: without_shape.into_iter().collect(),
    })
}

/// Reads the names of the regions that have prices.
pub fn region_names(
    folder: &Path,
    priced: &BTreeMap<String, Ec2Region>,
    remarks: &mut Vec<String>,
) -> Result<Vec<Region>, SourceError> {
    let mut regions = Vec::new();
    for row in Rows::read(folder, "regions.csv")?.iter() {
        let code = row.text("region")?;
        if priced.contains_key(code) {
            regions.push(Region {
                code: code.to_owned(),
                location: row.text("location_name")?.to_owned(),
                continent: row.text("continent")?.to_owned(),
            });
        } else {
            remarks.push(format!("left out: region {code} has no EC2 price (a Local Zone)"));
        }
    }
    regions.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(regions)
}

/// Reads the old spot prices by region and type.
pub fn spot(folder: &Path) -> Result<BTreeMap<String, BTreeMap<String, Price<UsdPerHour>>>, SourceError> {
    let mut spot: BTreeMap<String, BTreeMap<String, Price<UsdPerHour>>> = BTreeMap::new();
    for row in Rows::read(folder, "ec2_spot_2024-08.csv")?.iter() {
        let as_of = YearMonth::new(SPOT_MONTH.0, SPOT_MONTH.1).ok_or_else(|| row.refused("spot_usd_hr", "a month"))?;
        let price = row
            .listed("spot_usd_hr", as_of)?
            .ok_or_else(|| row.refused("spot_usd_hr", "a price"))?;
        spot.entry(row.text("region")?.to_owned())
            .or_default()
            .insert(row.text("instance_type")?.to_owned(), price);
    }
    Ok(spot)
}
