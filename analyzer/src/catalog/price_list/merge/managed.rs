//! `DocumentDB`, brokers, replication instances.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::Incoming;
use crate::catalog::price_list::fact::Subject;
use crate::catalog::services::{ManagedDeployment, ManagedPrice, ManagedService};
use crate::catalog::tables::Tables;

pub(super) fn merge(tables: &mut Tables, incoming: &Incoming<'_>, remarks: &mut Vec<String>) {
    let region = &incoming.list.region;
    let mut rows: BTreeMap<(ManagedService, &str, ManagedDeployment), Decimal> = BTreeMap::new();
    for (subject, amount) in incoming.on_demand() {
        if let Subject::Managed {
            service,
            class,
            deployment,
        } = subject
        {
            rows.insert((*service, class, *deployment), amount);
        }
    }
    let services: BTreeSet<ManagedService> = rows.keys().map(|(service, ..)| *service).collect();
    let mut doubtful = 0_u64;
    let kept: Vec<ManagedPrice> = rows
        .iter()
        .filter(|((service, class, deployment), amount)| {
            let single = rows.get(&(*service, *class, ManagedDeployment::Single));
            let is_for_all = is_for_all(*deployment, **amount, single.copied());
            doubtful += u64::from(!is_for_all);
            is_for_all
        })
        .map(|((service, class, deployment), amount)| ManagedPrice {
            region: region.clone(),
            service: *service,
            class: (*class).to_owned(),
            deployment: *deployment,
            price: incoming.price(*amount),
        })
        .collect();
    if doubtful > 0 {
        remarks.push(format!(
            "{doubtful} prices of several instances are not the single one's times their number, so they are left out"
        ));
    }
    tables
        .managed
        .retain(|row| row.region != *region || !services.contains(&row.service));
    tables.managed.extend(kept);
    tables.managed.sort_by(|one, other| {
        (&one.region, one.service, &one.class, one.deployment).cmp(&(
            &other.region,
            other.service,
            &other.class,
            other.deployment,
        ))
    });
}

/// Says whether the price of several instances is for all of them, which the catalog's rows are.
///
/// The files do not say. Two brokers cost 2.0 and three 3.0 times one in every
/// pair that was seen; a price near one times is for each of them.
fn is_for_all(deployment: ManagedDeployment, amount: Decimal, single: Option<Decimal>) -> bool {
    let number = match deployment {
        ManagedDeployment::Single => return true,
        ManagedDeployment::ActiveStandby => 2,
        ManagedDeployment::Cluster => 3,
    };
    single.is_some_and(|single| {
        let expected = single * Decimal::from(number);
        (amount - expected).abs() <= expected * Decimal::new(5, 2)
    })
}
