//! RDS and Aurora.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Incoming, commitments, some};
use crate::catalog::listed::RegionLists;
use crate::catalog::price_list::fact::Subject;
use crate::catalog::rds::{RdsClass, RdsEngine, RdsLicensedPrice, RdsOffer};
use crate::catalog::tables::Tables;

pub(super) fn merge(tables: &mut Tables, lists: &mut RegionLists, incoming: &Incoming<'_>, remarks: &mut Vec<String>) {
    let mut classes: BTreeMap<String, Arc<RdsClass>> = tables
        .rds_classes
        .iter()
        .map(|class| (class.name.clone(), Arc::clone(class)))
        .collect();
    let mut offers: BTreeMap<(RdsEngine, String), RdsOffer> = BTreeMap::new();
    let mut unknown = Vec::new();
    let mut licensed = Vec::new();
    for (subject, amount) in incoming.on_demand() {
        match subject {
            Subject::Rds {
                class,
                engine,
                multi_az,
            } => {
                let known = match (classes.get(&**class), incoming.list.capacities.get(class)) {
                    (Some(known), _) => Arc::clone(known),
                    (None, Some(capacity)) => {
                        let made = Arc::new(RdsClass {
                            name: class.to_string(),
                            vcpu: capacity.vcpu,
                            memory_mib: capacity.memory_mib,
                        });
                        classes.insert(class.to_string(), Arc::clone(&made));
                        made
                    }
                    (None, None) => {
                        unknown.push(class.to_string());
                        continue;
                    }
                };
                let offer = offers.entry((*engine, class.to_string())).or_insert_with(|| RdsOffer {
                    class: known,
                    engine: *engine,
                    single_az: None,
                    multi_az: None,
                });
                let price = Some(incoming.price(amount));
                if *multi_az {
                    offer.multi_az = price;
                } else {
                    offer.single_az = price;
                }
            }
            Subject::RdsLicensed {
                class,
                engine,
                edition,
                license_model,
                deployment,
            } => licensed.push(RdsLicensedPrice {
                engine: engine.to_string(),
                edition: (!edition.is_empty()).then(|| edition.to_string()),
                license_model: license_model.to_string(),
                deployment: deployment.to_string(),
                class: class.to_string(),
                price: incoming.plain(amount),
            }),
            _ => {}
        }
    }
    unknown.sort_unstable();
    unknown.dedup();
    if !unknown.is_empty() {
        remarks.push(format!(
            "{} RDS classes have a price and no vCPUs or memory, so they are left out: {}",
            unknown.len(),
            some(&unknown)
        ));
    }
    if !offers.is_empty() {
        tables
            .rds
            .insert(incoming.list.region.clone(), offers.into_values().collect());
        tables.rds_classes = classes.into_values().collect();
    }
    licensed.sort_by(|one: &RdsLicensedPrice, other| {
        (
            &one.engine,
            &one.edition,
            &one.license_model,
            &one.deployment,
            &one.class,
        )
            .cmp(&(
                &other.engine,
                &other.edition,
                &other.license_model,
                &other.deployment,
                &other.class,
            ))
    });
    lists.rds_licensed = licensed;
    lists.rds_reserved = commitments::rds_reserved(incoming, remarks);
}
