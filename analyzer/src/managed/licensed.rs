//! Oracle and SQL Server: RDS where the catalog has the region's price, else EC2 with the reason.
//!
//! The catalog knows RDS prices with a licence in eu-west-1 only, as of
//! 2023-02. Of the editions the one that was stated counts; Standard (SE2)
//! with the licence included unless something says otherwise.

use super::choose::{Class, choose, is_allowed, reason, shape_of};
use super::demand::WorkloadDemand;
use super::need::{Ask, Need};
use super::rds::{each_vcpu, equivalence, instance_line};
use super::rds_storage::volume;
use super::{Part, Setting, Sized};
use crate::catalog::rds::RdsLicensedPrice;
use crate::service::{Licence, Workload};

/// The one region with such prices.
const PRICED_REGION: &str = "eu-west-1";

/// Sizes a database with a licence.
pub(super) fn size(workload: &Workload, demand: &WorkloadDemand<'_>, licence: Licence, setting: &Setting<'_>) -> Sized {
    let (words, engine, edition) = match licence {
        Licence::Oracle => ("Oracle", "Oracle", "Standard Two"),
        Licence::SqlServer => ("SQL Server", "SQL Server", "Standard"),
    };
    if setting.region != PRICED_REGION {
        return Sized::stays(format!(
            "the catalog has no RDS price of {words} in {} (it has {PRICED_REGION}, 2023-02): it stays on EC2 with its licence; ask for the price before deciding",
            setting.region
        ));
    }
    let Some(primary) = demand.leading() else {
        return Sized::stays("the workload has no node that takes requests");
    };
    let (Some(cpu), Some(memory)) = (primary.cpu(), memory(primary)) else {
        return Sized::stays(format!("no telemetry of `{}`", primary.node.host));
    };
    let multi_az = workload.is_production();
    let mut needs = vec![cpu, memory];
    needs.extend(primary.network());
    needs.extend(primary.disk_operations());
    needs.extend(primary.disk_throughput());
    let equivalence = equivalence(primary);
    let wanted = if multi_az { "Multi-AZ" } else { "Single-AZ" };
    let is_wanted = |row: &&RdsLicensedPrice| {
        row.engine.eq_ignore_ascii_case(engine)
            && row.edition.as_deref() == Some(edition)
            && row.license_model.eq_ignore_ascii_case("License included")
            && deployed(&row.deployment, multi_az)
            && is_allowed(&row.class, workload.is_production())
    };
    let classes: Vec<Class> = setting
        .catalog
        .rds_licensed_eu_west_1()
        .iter()
        .filter(is_wanted)
        .filter_map(|row| {
            let bare = row.class.strip_prefix("db.")?;
            let shape = shape_of(setting.catalog, bare)?;
            Some(Class::on_shape(
                &row.class,
                (shape.vcpu, shape.memory_gib()),
                Some(shape),
                &equivalence,
                Some(row.price.clone()),
            ))
        })
        .collect();
    let choice = choose(&needs, classes);
    let storage = volume(primary, setting, multi_az);
    let mut part = Part {
        host: primary.node.host.clone(),
        service: primary.node.service.clone(),
        what: "primary".to_string(),
        target_service: "rds".to_string(),
        engine: format!("{words} {edition}, licence included"),
        deployment: if multi_az { "multi-az" } else { "single-az" }.to_string(),
        reason: reason(&choice, &needs),
        cpu_equivalence: each_vcpu(choice.class.as_ref(), &equivalence, &needs),
        class: choice.class,
        count: 1,
        zones: if multi_az { 2 } else { 1 },
        binding: choice.binding,
        rejected: choice.rejected,
        storage_gib: storage.size_gib,
        lines: Vec::new(),
        needs,
    };
    if part.class.is_none() {
        return Sized::stays(part.reason);
    }
    instance_line(
        &mut part,
        &format!("RDS {words} {edition} {{}} {wanted} on demand, licence included"),
    );
    part.lines.extend(storage.lines);
    part.needs.extend(storage.need);
    Sized {
        parts: vec![part],
        assumed: vec![format!(
            "edition {edition} with the licence included; the edition that runs was not seen"
        )],
        notes: storage.notes,
        ..Sized::default()
    }
}

fn deployed(words: &str, multi_az: bool) -> bool {
    let words = words.to_lowercase();
    words.starts_with(if multi_az { "multi-az" } else { "single-az" }) && !words.contains("readable")
}

fn memory(node: &super::demand::NodeDemand<'_>) -> Option<Need> {
    let (bytes, from) = node.resident()?;
    let (share, _) = node.share();
    let cached = node
        .memory
        .and_then(|memory| Some(memory.cached_bytes.as_ref()?.maximum * share))
        .unwrap_or(0.0);
    let total = node.source_memory().unwrap_or(f64::MAX);
    let gib = (bytes.max(cached) * super::rds::MEMORY_HEADROOM).min(total) / telemetry::units::GIBIBYTE;
    Some(Need::new(
        Ask::Memory,
        gib,
        from,
        format!(
            "{} GiB of its processes × {}",
            crate::size::number(gib / super::rds::MEMORY_HEADROOM),
            super::rds::MEMORY_HEADROOM
        ),
    ))
}
