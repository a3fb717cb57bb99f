//! Storage of RDS: gp3 with what it includes, io1 and io2 beside it.
//!
//! gp3 of RDS includes 3,000 IOPS and 125 MiB/s below 400 GiB, and 12,000 IOPS
//! and 500 MiB/s from 400 GiB on for PostgreSQL, MySQL and MariaDB; only from
//! there on can more be provisioned (AWS: RDS user guide, storage; method §6).

use super::demand::NodeDemand;
use super::line::Line;
use super::need::{Ask, Need};
use super::{OtherWay, Setting};
use crate::catalog::Product;
use crate::size::number;

/// From this size on gp3 is striped over four volumes.
const STRIPED_FROM_GIB: f64 = 400.0;
/// IOPS and MiB/s that are included below and from that size on.
const INCLUDED: [(f64, f64); 2] = [(3_000.0, 125.0), (12_000.0, 500.0)];
/// Most that can be provisioned.
const MOST: (f64, f64) = (64_000.0, 4_000.0);
/// Least storage of an instance.
const LEAST_GIB: f64 = 20.0;

/// Storage of one instance, priced.
#[derive(Clone, Debug, Default)]
pub(super) struct Volume {
    pub(super) size_gib: Option<f64>,
    pub(super) lines: Vec<Line>,
    pub(super) need: Option<Need>,
    pub(super) notes: Vec<String>,
    pub(super) others: Vec<OtherWay>,
}

/// Proposes gp3 for a database; without any file system or own count the size is unknown, and one line says so.
pub(super) fn volume(node: &NodeDemand<'_>, setting: &Setting<'_>, multi_az: bool) -> Volume {
    let mounts = ["postgres", "mysql", "mariadb", "oradata", "mssql", "pgsql"];
    let Some(stored) = node.stored("data_bytes", &mounts) else {
        return Volume {
            lines: vec![Line::storage(
                "RDS storage: neither the database's size nor a file system was measured",
                1.0,
                "volume-month",
                None,
            )],
            ..Volume::default()
        };
    };
    let (grown, words) = stored.grown_gib(setting.policy.storage_growth);
    let mut size = (grown / setting.policy.storage_fill).ceil().max(LEAST_GIB);
    let iops = node.disk_operations().map_or(0.0, |need| need.amount);
    let mib = node.disk_throughput().map_or(0.0, |need| need.amount);
    let mut notes = Vec::new();
    let (included, included_mib) = INCLUDED[0];
    if size < STRIPED_FROM_GIB && (iops > included || mib > included_mib) {
        notes.push(format!(
            "storage is {STRIPED_FROM_GIB} GiB instead of {size} GiB, since {} IOPS and {} MiB/s are more than smaller gp3 has",
            number(iops),
            number(mib)
        ));
        size = STRIPED_FROM_GIB;
    }
    let striped = usize::from(size >= STRIPED_FROM_GIB);
    let (included, included_mib) = INCLUDED[striped];
    let more_iops = (iops - included).max(0.0).ceil();
    let more_mib = (mib - included_mib).max(0.0).ceil();
    if iops > MOST.0 || mib > MOST.1 {
        notes.push(format!(
            "{} IOPS and {} MiB/s are more than gp3 of one instance can be given: Aurora, or a split",
            number(iops),
            number(mib)
        ));
    }
    let price = |single: Product, multi: Product| {
        let product = if multi_az { multi } else { single };
        setting.catalog.product(setting.region, product)
    };
    let zones = if multi_az { "Multi-AZ" } else { "Single-AZ" };
    let mut lines = vec![Line::storage(
        format!("RDS gp3 storage {zones}"),
        size,
        "GiB-month",
        price(Product::RdsGp3SingleAzGibMonth, Product::RdsGp3MultiAzGibMonth),
    )];
    if more_iops > 0.0 {
        lines.push(Line::storage(
            format!("RDS gp3 IOPS above {included}, {zones}"),
            more_iops,
            "IOPS-month",
            price(Product::RdsGp3SingleAzIopsMonth, Product::RdsGp3MultiAzIopsMonth),
        ));
    }
    if more_mib > 0.0 {
        lines.push(Line::storage(
            format!("RDS gp3 throughput above {included_mib} MiB/s, {zones}"),
            more_mib,
            "MiB/s-month",
            price(
                Product::RdsGp3SingleAzMibPerSecondMonth,
                Product::RdsGp3MultiAzMibPerSecondMonth,
            ),
        ));
    }
    let iops_provisioned = iops.max(1_000.0).ceil();
    let others = [("io1", true), ("io2", false)]
        .into_iter()
        .map(|(kind, is_known)| OtherWay {
            name: format!("{kind} storage"),
            what: format!("{size:.0} GiB with {iops_provisioned:.0} IOPS"),
            lines: vec![
                Line::storage(
                    format!("RDS {kind} storage {zones}"),
                    size,
                    "GiB-month",
                    price(Product::RdsIo1SingleAzGibMonth, Product::RdsIo1MultiAzGibMonth).filter(|_| is_known),
                ),
                Line::storage(
                    format!("RDS {kind} IOPS {zones}"),
                    iops_provisioned,
                    "IOPS-month",
                    price(Product::RdsIo1SingleAzIopsMonth, Product::RdsIo1MultiAzIopsMonth).filter(|_| is_known),
                ),
            ],
            remark: if kind == "io2" {
                "storage alone; for latency below a millisecond and durability of 99.999 %; the catalog has no price of io2 on RDS".to_string()
            } else {
                "storage alone; pays for every IOPS, gp3 includes the first".to_string()
            },
        })
        .collect();
    let need = Need::new(
        Ask::Storage,
        size,
        stored.from,
        format!(
            "({words}) / {:.0} % full = {size:.0} GiB",
            setting.policy.storage_fill * 100.0
        ),
    )
    .with_peak(stored.bytes / telemetry::units::GIBIBYTE, 0);
    Volume {
        size_gib: Some(size),
        lines,
        need: Some(need),
        notes,
        others,
    }
}
