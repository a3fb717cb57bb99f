//! EC2 and EBS.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Incoming, commitments, some};
use crate::catalog::ebs::{EbsPrices, IopsTier, VolumePrice, VolumeType};
use crate::catalog::listed::RegionLists;
use crate::catalog::operating_system::{OperatingSystem, OsPrice, TypeOsPrices};
use crate::catalog::price_list::fact::{Subject, VolumePart};
use crate::catalog::shape::Shape;
use crate::catalog::tables::{Ec2Region, Tables};

pub(super) fn merge(tables: &mut Tables, lists: &mut RegionLists, incoming: &Incoming<'_>, remarks: &mut Vec<String>) {
    let shapes: BTreeMap<&str, &Arc<Shape>> = tables.shapes.iter().map(|shape| (shape.name.as_str(), shape)).collect();
    let mut prices = Vec::new();
    let mut unknown = Vec::new();
    let mut by_type: BTreeMap<&str, Vec<OsPrice>> = BTreeMap::new();
    for (subject, amount) in incoming.on_demand() {
        let Subject::Ec2 {
            shape,
            system,
            sql_server,
            own_license,
        } = subject
        else {
            continue;
        };
        by_type.entry(shape).or_default().push(OsPrice {
            operating_system: *system,
            sql_server: *sql_server,
            own_license: *own_license,
            price: incoming.plain(amount),
        });
        if *system != OperatingSystem::Linux || sql_server.is_some() || *own_license {
            continue;
        }
        match shapes.get(&**shape) {
            Some(shape) => prices.push((Arc::clone(shape), incoming.price(amount))),
            None => unknown.push(shape.to_string()),
        }
    }
    if !unknown.is_empty() {
        remarks.push(format!(
            "{} EC2 types have a price and no known capacities, so they are not proposed: {}",
            unknown.len(),
            some(&unknown)
        ));
    }
    lists
        .without_capacities
        .retain(|name| name.starts_with("cache.") || name.ends_with(".search"));
    lists.without_capacities.extend(unknown);
    lists.without_capacities.sort_unstable();
    if !prices.is_empty() {
        let offered = prices.iter().map(|(shape, _)| Arc::clone(shape)).collect();
        tables.ec2.insert(
            incoming.list.region.clone(),
            Ec2Region {
                prices,
                offered: Some(offered),
            },
        );
    }
    lists.os_prices = by_type
        .into_iter()
        .map(|(shape, prices)| TypeOsPrices {
            shape_name: shape.to_owned(),
            prices,
        })
        .collect();
    lists.reserved = commitments::ec2_reserved(incoming, remarks);
    volumes(tables, incoming);
}

/// Replaces the parts of volumes that the list prices; a volume needs a price of its size.
fn volumes(tables: &mut Tables, incoming: &Incoming<'_>) {
    let region = &incoming.list.region;
    let mut known = tables.ebs.remove(region).unwrap_or_else(|| EbsPrices {
        region: region.clone(),
        volumes: Vec::new(),
    });
    for volume in VolumeType::ALL {
        let listed = |part| incoming.amount(Subject::Volume(volume, part));
        let former = known.volumes.iter().position(|price| price.volume_type == volume);
        let place = match (former, listed(VolumePart::Size)) {
            (Some(at), size) => {
                if let Some(size) = size {
                    known.volumes[at].per_gib_month = incoming.price(size);
                }
                at
            }
            (None, Some(size)) => {
                known.volumes.push(VolumePrice {
                    volume_type: volume,
                    per_gib_month: incoming.price(size),
                    iops_tiers: Vec::new(),
                    per_mib_per_second_month: None,
                    per_io_request: None,
                });
                known.volumes.len() - 1
            }
            (None, None) => continue,
        };
        let price = &mut known.volumes[place];
        let tiers: Vec<IopsTier> = [0, 32_000, 64_000]
            .into_iter()
            .filter_map(|above_iops| {
                Some(IopsTier {
                    above_iops,
                    per_iops_month: incoming.price(listed(VolumePart::Iops(above_iops))?),
                })
            })
            .collect();
        // Tiers without the first are not a price of anything.
        if tiers.first().is_some_and(|tier| tier.above_iops == 0) {
            price.iops_tiers = tiers;
        }
        if let Some(throughput) = listed(VolumePart::Throughput) {
            price.per_mib_per_second_month = Some(incoming.price(throughput));
        }
        if let Some(request) = listed(VolumePart::Request) {
            price.per_io_request = Some(incoming.price(request));
        }
    }
    known.volumes.sort_by_key(|volume| volume.volume_type);
    if !known.volumes.is_empty() {
        tables.ebs.insert(region.clone(), known);
    }
}
