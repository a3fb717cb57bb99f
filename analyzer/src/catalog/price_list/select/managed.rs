//! `DocumentDB`, MQ, Database Migration Service, load balancers.

use super::bare;
use super::unit::UnitKind;
use crate::catalog::price_list::collect::{LeftOut, Selected};
use crate::catalog::price_list::fact::Subject;
use crate::catalog::price_list::field::{Field, Row};
use crate::catalog::services::{ManagedDeployment, ManagedService, Product};

fn product(product: Product, unit: UnitKind) -> Result<Selected, LeftOut> {
    Ok(Selected {
        subject: Subject::Product(product),
        unit,
        capacity: None,
    })
}

fn managed(service: ManagedService, class: &str, deployment: ManagedDeployment) -> Result<Selected, LeftOut> {
    Ok(Selected {
        subject: Subject::Managed {
            service,
            class: class.into(),
            deployment,
        },
        unit: UnitKind::Hour,
        capacity: None,
    })
}

pub(super) fn document_db(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let class = row.cell(Field::InstanceType);
    match bare(row.cell(Field::UsageType)) {
        usage if usage.starts_with("InstanceUsage:") && class.starts_with("db.") => {
            managed(ManagedService::DocumentDb, class, ManagedDeployment::Single)
        }
        "StorageUsage" => product(Product::DocumentDbStandardGibMonth, UnitKind::GibMonth),
        "StorageIOUsage" => product(Product::DocumentDbMillionIo, UnitKind::MillionRequests),
        "BackupUsage" => product(Product::DocumentDbBackupGibMonth, UnitKind::GibMonth),
        usage if usage.starts_with("CPUCredits:") => product(Product::DocumentDbSurplusVcpuHour, UnitKind::Hour),
        _ => Err(LeftOut::NotKept),
    }
}

/// Brokers. Whether the price of several is for one or for all of them the file does not say: see the merge.
pub(super) fn broker(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let class = row.cell(Field::InstanceType);
    if row.cell(Field::ProductFamily) != "Broker Instances" || !class.starts_with("mq.") {
        return Err(LeftOut::NotKept);
    }
    let (service, several) = match row.cell(Field::BrokerEngine) {
        "RabbitMQ" => (ManagedService::RabbitMq, ManagedDeployment::Cluster),
        "ActiveMQ" => (ManagedService::ActiveMq, ManagedDeployment::ActiveStandby),
        _ => return Err(LeftOut::NotKept),
    };
    let deployment = match row.cell(Field::DeploymentOption) {
        "Single-AZ" => ManagedDeployment::Single,
        "Multi-AZ" => several,
        _ => return Err(LeftOut::NotKept),
    };
    managed(service, class, deployment)
}

pub(super) fn replication(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let usage = bare(row.cell(Field::UsageType));
    // The column abbreviates as little as the usage type does, but is empty in some rows.
    let Some((layout, class)) = usage.split_once(':').filter(|(_, class)| class.starts_with("dms.")) else {
        return Err(LeftOut::NotKept);
    };
    match layout {
        "InstanceUsg" => managed(ManagedService::Dms, class, ManagedDeployment::Single),
        "Multi-AZUsg" => managed(ManagedService::Dms, class, ManagedDeployment::ActiveStandby),
        _ => Err(LeftOut::NotKept),
    }
}

pub(super) fn load_balancer(row: &Row<'_>) -> Result<Selected, LeftOut> {
    let usage = bare(row.cell(Field::UsageType));
    match (row.cell(Field::ProductFamily), usage) {
        ("Load Balancer-Application", "LoadBalancerUsage") => product(Product::AlbHour, UnitKind::Hour),
        ("Load Balancer-Application", "LCUUsage") => product(Product::AlbCapacityUnitHour, UnitKind::Hour),
        ("Load Balancer-Network", "LoadBalancerUsage") => product(Product::NlbHour, UnitKind::Hour),
        ("Load Balancer-Network", "LCUUsage") => product(Product::NlbCapacityUnitHour, UnitKind::Hour),
        ("Load Balancer", "LoadBalancerUsage") => product(Product::ClassicLoadBalancerHour, UnitKind::Hour),
        ("Load Balancer", "DataProcessing-Bytes") => product(Product::ClassicLoadBalancerGb, UnitKind::Gb),
        _ => Err(LeftOut::NotKept),
    }
}
