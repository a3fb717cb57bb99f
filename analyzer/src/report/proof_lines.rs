//! The rest of a host's proof as lines to read: rejected types, arm64, volumes, bill, doubts.

use serde::Serialize;

use super::amount::{
    NO_BREAK, capacity, dollars, dollars_and_cents, dollars_per_hour, percent, quantity, total_and_cents, unit,
    unit_price, whole,
};
use super::headline::sentence;
use super::host_bills::HostBills;
use super::shown::shown;
use crate::money::UsdPerMonth;
use crate::plan::{Alternative, Recommendation, Rejected, plain};
use crate::size::{Doubt, Shortfall, Storage, VolumeNeed, VolumeProposal};

/// A cheaper type that was rejected.
#[derive(Debug, Serialize)]
pub(super) struct RejectedRow {
    pub(super) instance_type: String,
    pub(super) vcpu: u32,
    pub(super) memory: String,
    pub(super) price: String,
    pub(super) lacked: Vec<String>,
}

/// Another way to run the host.
#[derive(Debug, Serialize)]
pub(super) struct AlternativeText {
    pub(super) instance_type: String,
    pub(super) size: String,
    pub(super) price: String,
    pub(super) saving: String,
    pub(super) remark: String,
}

/// One volume, proposed or only needed.
#[derive(Debug, Serialize)]
pub(super) struct VolumeRow {
    pub(super) mounts: String,
    pub(super) used: String,
    pub(super) source: String,
    pub(super) size: String,
    pub(super) kind: Option<String>,
    pub(super) iops: String,
    pub(super) throughput: String,
    pub(super) cost: Option<String>,
}

/// What weakens the confidence.
#[derive(Debug, Serialize)]
pub(super) struct DoubtRow {
    pub(super) factor: String,
    pub(super) reason: String,
    pub(super) remedy: String,
}

/// One line of the bill.
#[derive(Debug, Serialize)]
pub(super) struct BillRow {
    pub(super) item: String,
    pub(super) quantity: String,
    pub(super) unit: String,
    pub(super) unit_price: Option<String>,
    pub(super) known: Option<String>,
    pub(super) amount: Option<String>,
}

/// The bill of a host.
#[derive(Debug, Serialize)]
pub(super) struct HostBill {
    pub(super) lines: Vec<BillRow>,
    pub(super) total: String,
}

pub(super) fn rejected(list: &[Rejected]) -> Vec<RejectedRow> {
    list.iter()
        .map(|one| RejectedRow {
            instance_type: one.instance_type.clone(),
            vcpu: one.vcpu,
            memory: capacity(one.memory_gib),
            price: dollars_per_hour(one.price_usd_per_hour),
            lacked: one.shortfalls.iter().map(lacked).collect(),
        })
        .collect()
}

/// Writes what a type lacked: "disk operations: needs 19,831 IOPS, offers 12,000".
pub(super) fn lacked(shortfall: &Shortfall) -> String {
    let dimension = shortfall.dimension;
    let offers = match shortfall.offered {
        Some(offered) => format!("offers {}", quantity(dimension, offered)),
        None => "not stated by AWS".to_string(),
    };
    format!(
        "{dimension}: needs {} {}, {offers}",
        quantity(dimension, shortfall.needed),
        unit(dimension)
    )
}

/// Writes another way to run the host; what it saves is against the proposal, unknown without one.
pub(super) fn alternative(other: &Alternative, proposed: Option<UsdPerMonth>) -> AlternativeText {
    let saving = proposed.map_or(UsdPerMonth::ZERO, |proposed| {
        proposed - other.price_usd_per_hour.per_month()
    });
    let saves = saving > UsdPerMonth::ZERO;
    let difference = if saves { saving } else { UsdPerMonth::ZERO - saving };
    AlternativeText {
        instance_type: other.instance_type.clone(),
        size: format!("{} vCPU, {} GiB", other.vcpu, capacity(other.memory_gib)),
        price: dollars_per_hour(other.price_usd_per_hour),
        saving: if difference == UsdPerMonth::ZERO {
            String::new()
        } else if saves {
            format!(", {} a month below the proposal", dollars(difference))
        } else {
            format!(", {} a month above the proposal", dollars(difference))
        },
        remark: sentence(&shown(&other.remark)),
    }
}

/// Lists the volumes; the second value says why they have no price, where they have none.
pub(super) fn volumes(storage: &Storage) -> (Vec<VolumeRow>, Option<String>) {
    match storage {
        Storage::Known(volumes) => (volumes.iter().map(proposed_volume).collect(), None),
        Storage::Unknown { reason, needs } => (
            needs.iter().map(needed_volume).collect(),
            Some(sentence(&shown(reason))),
        ),
    }
}

fn needed_volume(need: &VolumeNeed) -> VolumeRow {
    let rate = |value: Option<f64>| value.map_or_else(|| "not measured".to_string(), |value| whole(value.ceil()));
    VolumeRow {
        mounts: shown(&need.mounts.join(", ")),
        used: capacity(need.used_gib),
        source: capacity(need.source_gib),
        size: whole(f64::from(need.size_gib)),
        kind: None,
        iops: rate(need.iops),
        throughput: rate(need.mib_per_second),
        cost: None,
    }
}

fn proposed_volume(volume: &VolumeProposal) -> VolumeRow {
    let set = |value: Option<u32>, needed: String| value.map_or(needed, |value| whole(f64::from(value)));
    let need = needed_volume(&volume.need);
    VolumeRow {
        kind: Some(volume.kind.to_string()),
        iops: set(volume.provisioned_iops, need.iops),
        throughput: set(volume.provisioned_mib_per_second, need.throughput),
        cost: Some(dollars_and_cents(volume.per_month())),
        ..need
    }
}

pub(super) fn doubts(list: &[Doubt]) -> Vec<DoubtRow> {
    list.iter()
        .map(|doubt| DoubtRow {
            factor: format!("×{NO_BREAK}{:.2}", doubt.factor),
            reason: sentence(&shown(&doubt.reason)),
            remedy: sentence(&shown(&doubt.remedy)),
        })
        .collect()
}

/// Writes a host's bill from its lines of the plan's bill.
pub(super) fn bill(bills: &HostBills<'_>, host: &str) -> HostBill {
    let lines = bills
        .lines(host)
        .iter()
        .map(|line| BillRow {
            item: shown(&line.item),
            quantity: plain(line.quantity),
            unit: line.unit.clone(),
            unit_price: line.unit_price.map(|price| unit_price(price.as_decimal())),
            known: line.method.map(|method| match line.as_of {
                Some(month) => format!("{method}, {month}"),
                None => method.to_string(),
            }),
            amount: line.amount.map(dollars_and_cents),
        })
        .collect();
    HostBill {
        lines,
        total: total_and_cents(bills.total(host)),
    }
}

/// Says what was odd about a host's data.
pub(super) fn findings(row: &Recommendation) -> Vec<String> {
    let mut findings: Vec<String> = row
        .proof
        .quality
        .findings()
        .into_iter()
        .map(|(name, count)| format!("{name}: {}", whole(count as f64)))
        .collect();
    if row.proof.censored > 0 {
        findings.push(format!(
            "intervals at the CPU ceiling: {}",
            whole(row.proof.censored as f64)
        ));
    }
    if row.proof.is_saturated {
        findings.push("saturated: more CPU may have been wanted than was served".to_string());
    }
    findings.push(format!(
        "{} of the expected samples are there",
        percent(row.proof.coverage)
    ));
    findings
}
