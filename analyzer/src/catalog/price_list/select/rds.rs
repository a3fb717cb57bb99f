//! RDS and Aurora: instances, storage, IOPS, backup, credits.

use super::unit::UnitKind;
use super::{bare, capacity, is_blank};
use crate::catalog::price_list::collect::{LeftOut, Selected};
use crate::catalog::price_list::fact::Subject;
use crate::catalog::price_list::field::{Field, Row};
use crate::catalog::rds::RdsEngine;
use crate::catalog::services::Product;

pub(super) fn select(row: &Row<'_>) -> Result<Selected, LeftOut> {
    // Extended support is a fee beside the instance's price.
    if !is_blank(row.cell(Field::ExtendedSupportYear)) {
        return Err(LeftOut::NotKept);
    }
    match row.cell(Field::ProductFamily) {
        "Database Instance" => instance(row),
        _ => beside(row),
    }
}

fn instance(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let class = row.cell(Field::InstanceType);
    let usage = bare(row.cell(Field::UsageType));
    let Some((layout, _)) = usage.split_once(':').filter(|_| class.starts_with("db.")) else {
        return Err(LeftOut::NotKept);
    };
    // `InstanceUsageIOOptimized` is 1.30 times the Standard rate: a filter on engine and class alone mixes both.
    let (multi_az, deployment) = match layout {
        "InstanceUsage" => (Some(false), "Single-AZ"),
        "Multi-AZUsage" => (Some(true), "Multi-AZ"),
        "Multi-AZClusterUsage" => (None, "Multi-AZ (readable standbys)"),
        _ => return Err(LeftOut::NotKept),
    };
    let engine = row.cell(Field::DatabaseEngine);
    let open = open_engine(engine);
    if let (Some(engine), Some(multi_az)) = (open, multi_az) {
        if row.cell(Field::Operation) != operation(engine) {
            return Err(LeftOut::UnfamiliarOperation);
        }
        if engine.is_aurora() && multi_az {
            return Err(LeftOut::NotKept);
        }
        return Ok(Selected {
            subject: Subject::Rds {
                class: class.into(),
                engine,
                multi_az,
            },
            unit: UnitKind::Hour,
            capacity: capacity(row),
        });
    }
    // The price without a licence is of another product: the licence is billed by its own offer.
    if !is_blank(row.cell(Field::UnbundledLicensing)) {
        return Err(LeftOut::NotKept);
    }
    let edition = row.cell(Field::DatabaseEdition);
    Ok(Selected {
        subject: Subject::RdsLicensed {
            class: class.into(),
            engine: engine.into(),
            edition: if is_blank(edition) { "" } else { edition }.into(),
            license_model: row.cell(Field::LicenseModel).into(),
            deployment: deployment.into(),
        },
        unit: UnitKind::Hour,
        capacity: None,
    })
}

fn open_engine(words: &str) -> Option<RdsEngine> {
    Some(match words {
        "MySQL" => RdsEngine::Mysql,
        "MariaDB" => RdsEngine::Mariadb,
        "PostgreSQL" => RdsEngine::Postgres,
        "Aurora MySQL" => RdsEngine::AuroraMysql,
        "Aurora PostgreSQL" => RdsEngine::AuroraPostgresql,
        _ => return None,
    })
}

const fn operation(engine: RdsEngine) -> &'static str {
    match engine {
        RdsEngine::Mysql => "CreateDBInstance:0002",
        RdsEngine::Postgres => "CreateDBInstance:0014",
        RdsEngine::AuroraMysql => "CreateDBInstance:0016",
        RdsEngine::Mariadb => "CreateDBInstance:0018",
        RdsEngine::AuroraPostgresql => "CreateDBInstance:0021",
    }
}

/// Storage and the like, of open engines: those of Oracle and SQL Server cost the same or have no place.
fn beside(row: &Row<'_>) -> Result<Selected, LeftOut> {
    use Product as P;
    let engine = row.cell(Field::DatabaseEngine);
    if !matches!(engine, "Any" | "") && open_engine(engine).is_none() {
        return Err(LeftOut::NotKept);
    }
    let is_aurora = open_engine(engine).is_some_and(RdsEngine::is_aurora);
    let (product, unit) = match bare(row.cell(Field::UsageType)) {
        "RDS:GP2-Storage" => (P::RdsGp2SingleAzGibMonth, UnitKind::GibMonth),
        "RDS:Multi-AZ-GP2-Storage" => (P::RdsGp2MultiAzGibMonth, UnitKind::GibMonth),
        "RDS:GP3-Storage" => (P::RdsGp3SingleAzGibMonth, UnitKind::GibMonth),
        "RDS:Multi-AZ-GP3-Storage" => (P::RdsGp3MultiAzGibMonth, UnitKind::GibMonth),
        "RDS:GP3-PIOPS" => (P::RdsGp3SingleAzIopsMonth, UnitKind::IopsMonth),
        "RDS:Multi-AZ-GP3-PIOPS" => (P::RdsGp3MultiAzIopsMonth, UnitKind::IopsMonth),
        "RDS:GP3-Throughput" => (P::RdsGp3SingleAzMibPerSecondMonth, UnitKind::MibPerSecondMonth),
        "RDS:Multi-AZ-GP3-Throughput" => (P::RdsGp3MultiAzMibPerSecondMonth, UnitKind::MibPerSecondMonth),
        "RDS:PIOPS-Storage" => (P::RdsIo1SingleAzGibMonth, UnitKind::GibMonth),
        "RDS:Multi-AZ-PIOPS-Storage" => (P::RdsIo1MultiAzGibMonth, UnitKind::GibMonth),
        "RDS:PIOPS" => (P::RdsIo1SingleAzIopsMonth, UnitKind::IopsMonth),
        "RDS:Multi-AZ-PIOPS" => (P::RdsIo1MultiAzIopsMonth, UnitKind::IopsMonth),
        "RDS:ChargedBackupUsage" => (P::RdsBackupGibMonth, UnitKind::GibMonth),
        "CPUCredits:db.t3" | "CPUCredits:db.t4g" if !is_aurora => (P::RdsSurplusVcpuHour, UnitKind::Hour),
        "Aurora:StorageUsage" => (P::AuroraStandardGibMonth, UnitKind::GibMonth),
        "Aurora:IO-OptimizedStorageUsage" => (P::AuroraIoOptimizedGibMonth, UnitKind::GibMonth),
        "Aurora:StorageIOUsage" => (P::AuroraMillionIo, UnitKind::MillionRequests),
        "Aurora:ServerlessV2Usage" => (P::AuroraServerlessUnitHour, UnitKind::Hour),
        "Aurora:BackupUsage" => (P::AuroraBackupGibMonth, UnitKind::GibMonth),
        _ => return Err(LeftOut::NotKept),
    };
    Ok(Selected {
        subject: Subject::Product(product),
        unit,
        capacity: None,
    })
}
