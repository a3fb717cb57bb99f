//! EC2: instances on shared tenancy, volumes, snapshots, gateways, CPU credits.

use super::unit::UnitKind;
use super::{bare, capacity, is_blank};
use crate::catalog::ebs::VolumeType;
use crate::catalog::operating_system::{OperatingSystem, SqlServerEdition};
use crate::catalog::price_list::collect::{LeftOut, Selected};
use crate::catalog::price_list::fact::{Subject, VolumePart};
use crate::catalog::price_list::field::{Field, Row};
use crate::catalog::services::Product;

pub(super) fn select(row: &Row<'_>) -> Result<Selected, LeftOut> {
    match row.cell(Field::ProductFamily) {
        "Compute Instance" | "Compute Instance (bare metal)" => instance(row),
        "Storage" | "System Operation" | "Provisioned Throughput" => volume(bare(row.cell(Field::UsageType))),
        "Storage Snapshot" | "NAT Gateway" | "CPU Credits" => beside(row),
        family if family.starts_with("Load Balancer") => super::managed::load_balancer(row),
        _ => Err(LeftOut::NotKept),
    }
}

/// An instance: shared tenancy, no capacity reservation, its operation in agreement with its system.
fn instance(row: &Row<'_>) -> Result<Selected, LeftOut> {
    // Without this the price of dedicated instances, 6 to 10 % more, mixes in.
    if row.cell(Field::Tenancy) != "Shared" {
        return Err(LeftOut::OtherTenancy);
    }
    // Unused reservations cost what the instance does, allocated ones nothing.
    if row.cell(Field::CapacityStatus) != "Used" {
        return Err(LeftOut::Reservation);
    }
    if !bare(row.cell(Field::UsageType)).starts_with("BoxUsage") {
        return Err(LeftOut::Reservation);
    }
    if !matches!(row.cell(Field::MarketOption), "OnDemand" | "") {
        return Err(LeftOut::OtherTerms);
    }
    let own_license = match row.cell(Field::LicenseModel) {
        "No License required" => false,
        "Bring your own license" => true,
        _ => return Err(LeftOut::NotKept),
    };
    let system = match row.cell(Field::OperatingSystem) {
        "Linux" => OperatingSystem::Linux,
        "Windows" => OperatingSystem::Windows,
        "RHEL" => OperatingSystem::Rhel,
        "Red Hat Enterprise Linux with HA" => OperatingSystem::RhelHighAvailability,
        "SUSE" => OperatingSystem::Suse,
        "Ubuntu Pro" => OperatingSystem::UbuntuPro,
        _ => return Err(LeftOut::NotKept),
    };
    let sql_server = match row.cell(Field::PreInstalledSoftware) {
        "SQL Web" => Some(SqlServerEdition::Web),
        "SQL Std" => Some(SqlServerEdition::Standard),
        "SQL Ent" => Some(SqlServerEdition::Enterprise),
        other if is_blank(other) => None,
        _ => return Err(LeftOut::NotKept),
    };
    let shape = row.cell(Field::InstanceType);
    if !shape.contains('.') {
        return Err(LeftOut::NotKept);
    }
    if sql_server.is_none() && system_of(row.cell(Field::Operation)) != Some((system, own_license)) {
        return Err(LeftOut::UnfamiliarOperation);
    }
    Ok(Selected {
        subject: Subject::Ec2 {
            shape: shape.into(),
            system,
            sql_server,
            own_license,
        },
        unit: UnitKind::Hour,
        capacity: capacity(row),
    })
}

/// Tells the system, and whether its licence is the customer's, from the operation of an instance without SQL Server.
pub(super) fn system_of(operation: &str) -> Option<(OperatingSystem, bool)> {
    Some(match operation {
        "RunInstances" => (OperatingSystem::Linux, false),
        "RunInstances:0002" => (OperatingSystem::Windows, false),
        "RunInstances:0800" => (OperatingSystem::Windows, true),
        "RunInstances:0010" => (OperatingSystem::Rhel, false),
        "RunInstances:1010" => (OperatingSystem::RhelHighAvailability, false),
        "RunInstances:000g" => (OperatingSystem::Suse, false),
        "RunInstances:0g00" => (OperatingSystem::UbuntuPro, false),
        _ => return None,
    })
}

fn volume(usage: &str) -> Result<Selected, LeftOut> {
    use VolumePart::{Iops, Request, Size, Throughput};
    let (volume, part, unit) = match usage {
        "EBS:VolumeUsage" => (VolumeType::Standard, Size, UnitKind::GibMonth),
        "EBS:VolumeIOUsage" => (VolumeType::Standard, Request, UnitKind::Request),
        "EBS:VolumeUsage.gp2" => (VolumeType::Gp2, Size, UnitKind::GibMonth),
        "EBS:VolumeUsage.gp3" => (VolumeType::Gp3, Size, UnitKind::GibMonth),
        "EBS:VolumeP-IOPS.gp3" => (VolumeType::Gp3, Iops(0), UnitKind::IopsMonth),
        "EBS:VolumeP-Throughput.gp3" => (VolumeType::Gp3, Throughput, UnitKind::MibPerSecondMonth),
        "EBS:VolumeUsage.piops" => (VolumeType::Io1, Size, UnitKind::GibMonth),
        "EBS:VolumeP-IOPS.piops" => (VolumeType::Io1, Iops(0), UnitKind::IopsMonth),
        "EBS:VolumeUsage.io2" => (VolumeType::Io2, Size, UnitKind::GibMonth),
        "EBS:VolumeP-IOPS.io2" => (VolumeType::Io2, Iops(0), UnitKind::IopsMonth),
        "EBS:VolumeP-IOPS.io2.tier2" => (VolumeType::Io2, Iops(32_000), UnitKind::IopsMonth),
        "EBS:VolumeP-IOPS.io2.tier3" => (VolumeType::Io2, Iops(64_000), UnitKind::IopsMonth),
        "EBS:VolumeUsage.st1" => (VolumeType::St1, Size, UnitKind::GibMonth),
        "EBS:VolumeUsage.sc1" => (VolumeType::Sc1, Size, UnitKind::GibMonth),
        _ => return Err(LeftOut::NotKept),
    };
    Ok(Selected {
        subject: Subject::Volume(volume, part),
        unit,
        capacity: None,
    })
}

fn beside(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let (product, unit) = match bare(row.cell(Field::UsageType)) {
        "EBS:SnapshotUsage" => (Product::EbsSnapshotGibMonth, UnitKind::GibMonth),
        "NatGateway-Hours" => (Product::NatGatewayHour, UnitKind::Hour),
        "NatGateway-Bytes" => (Product::NatGatewayGb, UnitKind::Gb),
        // Credits of Windows instances cost about twice as much.
        usage if usage.starts_with("CPUCredits:") => {
            if !matches!(row.cell(Field::OperatingSystem), "Linux" | "") {
                return Err(LeftOut::NotKept);
            }
            match usage {
                "CPUCredits:t3" | "CPUCredits:t3a" => (Product::T3SurplusVcpuHour, UnitKind::Hour),
                "CPUCredits:t4g" => (Product::T4gSurplusVcpuHour, UnitKind::Hour),
                _ => return Err(LeftOut::NotKept),
            }
        }
        _ => return Err(LeftOut::NotKept),
    };
    Ok(Selected {
        subject: Subject::Product(product),
        unit,
        capacity: None,
    })
}
