//! File servers: EFS for NFS, FSx for Samba, S3 beside it. Method §6.
//!
//! EFS in its bursting mode gives 50 KiB/s for each GiB stored (AWS: EFS user
//! guide, performance); what is needed beyond that is provisioned.

use telemetry::units::GIBIBYTE;

use super::demand::WorkloadDemand;
use super::line::{Line, quantity_of};
use super::need::{Ask, Need};
use super::{OtherWay, Part, Setting, Sized};
use crate::catalog::Product;
use crate::service::Workload;
use crate::size::number;

/// Throughput that comes with each GiB, MiB/s.
const MIB_PER_GIB: f64 = 50.0 / 1_024.0;
/// Throughput that the smallest file system has, MiB/s.
const LEAST_MIB: f64 = 1.0;
/// AWS prices file storage by GB of 2^30 bytes.
const FIRST_TIER_GB: f64 = 50.0 * 1_024.0;

/// Sizes a file server.
pub(super) fn size(workload: &Workload, demand: &WorkloadDemand<'_>, setting: &Setting<'_>) -> Sized {
    let Some(node) = demand.leading() else {
        return Sized::stays("the workload has no node");
    };
    let Some(stored) = node.stored("data_bytes", &["export", "srv", "share", "data", "nfs", "samba"]) else {
        return Sized::stays("no file system of it was measured");
    };
    let used = stored.bytes / GIBIBYTE;
    let product = |product| setting.catalog.product(setting.region, product);
    let storage = Need::new(
        Ask::Storage,
        used,
        stored.from,
        format!("{} GiB are used; paid by what is used", number(used)),
    )
    .with_peak(used, 0);
    let throughput = node.disk_throughput();
    let is_smb = workload.product == "samba";
    let mut lines = Vec::new();
    let mut notes = vec![format!(
        "it grows by {} GiB a year, which the bill follows",
        number(stored.growth_bytes_per_day * 365.0 / GIBIBYTE)
    )];
    if is_smb {
        lines.push(Line::storage(
            "FSx for Windows File Server storage",
            used,
            "GiB-month",
            None,
        ));
        lines.push(Line::storage(
            "FSx for Windows File Server throughput",
            1.0,
            "MB/s-month",
            None,
        ));
        notes.push("the catalog has no price of FSx".to_string());
    } else {
        lines.push(Line::storage(
            "EFS Standard storage",
            used,
            "GB-month",
            product(Product::EfsStandardGbMonth),
        ));
        let included = (used * MIB_PER_GIB).max(LEAST_MIB);
        let more = throughput.as_ref().map_or(0.0, |need| need.amount - included);
        if more > 0.0 {
            lines.push(Line::new(
                crate::price::Category::Storage,
                format!("EFS throughput above {} MiB/s that its size gives", number(included)),
                quantity_of(more.ceil()),
                "MiB/s-month",
                product(Product::EfsThroughputMibPerSecondMonth),
            ));
        } else {
            notes.push(format!("its size gives {} MiB/s, which is enough", number(included)));
        }
    }
    let mut needs = vec![storage];
    needs.extend(throughput);
    let one_zone = OtherWay {
        name: "EFS One Zone".to_string(),
        what: format!("{} GiB in one zone", number(used)),
        lines: vec![Line::storage(
            "EFS One Zone storage",
            used,
            "GB-month",
            product(Product::EfsOneZoneGbMonth),
        )],
        remark: "lost with its zone: outside production only".to_string(),
    };
    let s3 = OtherWay {
        name: "S3 Standard".to_string(),
        what: format!("{} GiB as objects", number(used)),
        lines: vec![Line::storage(
            "S3 Standard storage",
            used.min(FIRST_TIER_GB),
            "GB-month",
            product(Product::S3StandardFirst50TbGbMonth),
        )],
        remark: "where the application can use objects instead of a mount; requests come on top".to_string(),
    };
    Sized {
        parts: vec![Part {
            host: node.node.host.clone(),
            service: node.node.service.clone(),
            what: if is_smb { "FSx for Windows File Server" } else { "EFS" }.to_string(),
            target_service: if is_smb { "fsx" } else { "efs" }.to_string(),
            engine: if is_smb { "smb" } else { "nfs" }.to_string(),
            deployment: "multi-az".to_string(),
            class: None,
            count: 1,
            zones: 3,
            binding: Some(Ask::Storage),
            rejected: Vec::new(),
            storage_gib: Some(super::need::rounded(used)),
            reason: format!(
                "it serves {}; {} GiB are stored",
                if is_smb { "SMB" } else { "NFS" },
                number(used)
            ),
            needs,
            lines,
            cpu_equivalence: None,
        }],
        others: vec![one_zone, s3],
        assumed: vec!["all files stay in the class of files that are read often".to_string()],
        notes,
        ..Sized::default()
    }
}
