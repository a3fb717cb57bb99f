//! Prices of services: the rows as written, and the products that code asks for.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use sizewright_analyzer::catalog::Product;
use sizewright_analyzer::catalog::services::{
    ManagedDeployment, ManagedPrice, ManagedService, ProductPrice, ServicePrice,
};
use sizewright_analyzer::money::{Usd, UsdPerHour};

use super::rows::{Rows, SourceError};

/// Reads the rows as they are.
pub fn prices(folder: &Path) -> Result<Vec<ServicePrice>, SourceError> {
    Rows::read(folder, "service_prices.csv")?
        .iter()
        .map(|row| {
            Ok(ServicePrice {
                region: row.text("region")?.to_owned(),
                service: row.text("service")?.to_owned(),
                item: row.text("item")?.to_owned(),
                unit: row.text("unit")?.to_owned(),
                price: row.price("usd")?.ok_or_else(|| row.refused("usd", "a price"))?,
                source: row.text("source")?.to_owned(),
            })
        })
        .collect()
}

/// Finds the products among the rows; of several rows for one the newest counts.
pub fn products(rows: &[ServicePrice]) -> Vec<ProductPrice> {
    let mut newest: BTreeMap<(String, Product), ProductPrice> = BTreeMap::new();
    for row in rows {
        for (product, units) in named_products(row) {
            let found = ProductPrice {
                region: row.region.clone(),
                product,
                price: row.price.clone().map(|usd| normalised(usd, units)),
            };
            newest
                .entry((row.region.clone(), product))
                .and_modify(|known| {
                    if is_better(&found, known) {
                        *known = found.clone();
                    }
                })
                .or_insert(found);
        }
    }
    newest.into_values().collect()
}

/// Prefers the newer price. Of two of the same month the lower counts: the
/// only such pairs are CPU credits, where the higher one is for Windows.
fn is_better(found: &ProductPrice, known: &ProductPrice) -> bool {
    (found.price.as_of, known.price.amount) > (known.price.as_of, found.price.amount)
}

fn normalised(usd: Usd, units: Units) -> Usd {
    match units {
        Units::AsWritten => usd,
        Units::Million => usd.times(Decimal::from(1_000_000)),
        Units::Thousandth => Usd::from_decimal(usd.as_decimal() / Decimal::from(1_000)),
    }
}

/// How a row's unit becomes the product's.
#[derive(Clone, Copy)]
enum Units {
    /// It is the product's.
    AsWritten,
    /// The row prices one, the product a million.
    Million,
    /// The row prices a thousand, the product one.
    Thousandth,
}

/// Names the products that a row prices; rows of no product stay visible as written.
fn named_products(row: &ServicePrice) -> Vec<(Product, Units)> {
    use Product as P;
    if (row.service.as_str(), row.item.as_str()) == ("AmazonEC2", "NAT gateway hour and GB (same rate)") {
        return vec![
            (P::NatGatewayHour, Units::AsWritten),
            (P::NatGatewayGb, Units::AsWritten),
        ];
    }
    let product = match row.service.as_str() {
        "AmazonEC2" => ec2_product(&row.item),
        "AWSELB" => load_balancer_product(&row.item),
        "AmazonVPC" => match row.item.as_str() {
            "Interface endpoint" => Some(P::InterfaceEndpointHour),
            "Interface endpoint data" => Some(P::InterfaceEndpointGb),
            "Site-to-Site VPN connection" => Some(P::VpnConnectionHour),
            "Transit gateway VPN attachment" => Some(P::TransitGatewayAttachmentHour),
            "Transit gateway data processed" => Some(P::TransitGatewayGb),
            _ => None,
        },
        "AWSDirectConnect" => (row.item == "Dedicated 1 Gbps port").then_some(P::DirectConnectPort1GbpsHour),
        "AWSDataTransfer" => match row.item.as_str() {
            "inter-AZ, each direction" => Some(P::InterZoneTransferGb),
            // "Sum of both directions" counts each GB at both ends, so it is per direction too.
            "Intra-region data transfer" => Some(P::InterZoneTransferGb),
            "inter-region out (typical)" | "Outbound data transfer to other regions" => Some(P::InterRegionTransferGb),
            _ => None,
        },
        "AmazonS3" => s3_product(&row.item),
        "AmazonEFS" => match row.item.as_str() {
            "Standard storage" => Some(P::EfsStandardGbMonth),
            "Standard IA storage" => Some(P::EfsInfrequentAccessGbMonth),
            "Archive storage" => Some(P::EfsArchiveGbMonth),
            "One Zone storage" => Some(P::EfsOneZoneGbMonth),
            "Provisioned throughput" => Some(P::EfsThroughputMibPerSecondMonth),
            _ => None,
        },
        "AmazonRDS" => rds_product(&row.item),
        "AmazonDocDB" => match row.item.as_str() {
            "storage (Standard)" => Some(P::DocumentDbStandardGibMonth),
            "I/O (Standard)" => Some(P::DocumentDbMillionIo),
            "backup storage" => Some(P::DocumentDbBackupGibMonth),
            "CPU credits" => Some(P::DocumentDbSurplusVcpuHour),
            _ => None,
        },
        "AmazonMQ" => match row.item.as_str() {
            "EBS storage" => Some(P::MqEbsGibMonth),
            "EFS storage (ActiveMQ)" => Some(P::MqEfsGibMonth),
            _ => None,
        },
        "AmazonMSK" => (row.item == "broker storage").then_some(P::MskGibMonth),
        "AmazonES" => (row.item == "gp2 storage").then_some(P::OpenSearchGp2GibMonth),
        "AmazonElastiCache" => (row.item == "backup storage").then_some(P::ElastiCacheBackupGibMonth),
        "AWSDatabaseMigrationSvc" => (row.item == "gp2 storage Multi-AZ").then_some(P::DmsGp2MultiAzGibMonth),
        "AmazonCloudWatch" => (row.item == "Logs storage").then_some(P::LogsGbMonth),
        _ => None,
    };
    let units = match row.unit.as_str() {
        "IOs" => Units::Million,
        "1k requests" => Units::Thousandth,
        _ => Units::AsWritten,
    };
    product.map(|product| (product, units)).into_iter().collect()
}

fn ec2_product(item: &str) -> Option<Product> {
    use Product as P;
    Some(match item {
        "NAT gateway" | "NAT Gateway: EU-NatGateway-Hours" => P::NatGatewayHour,
        "NAT gateway data" | "NAT Gateway: EU-NatGateway-Bytes" => P::NatGatewayGb,
        "EBS snapshot storage" | "Storage Snapshot: EU-EBS:SnapshotUsage" => P::EbsSnapshotGibMonth,
        "CPU Credits: EU-CPUCredits:t3" | "CPU Credits: EU-CPUCredits:t3a" => P::T3SurplusVcpuHour,
        "CPU Credits: EU-CPUCredits:t4g" => P::T4gSurplusVcpuHour,
        _ => return None,
    })
}

fn load_balancer_product(item: &str) -> Option<Product> {
    use Product as P;
    Some(match item {
        "ALB" | "Load Balancer-Application: EU-LoadBalancerUsage" => P::AlbHour,
        "ALB LCU" | "Load Balancer-Application: EU-LCUUsage" => P::AlbCapacityUnitHour,
        "NLB" | "Load Balancer-Network: EU-LoadBalancerUsage" => P::NlbHour,
        "NLB LCU" | "Load Balancer-Network: EU-LCUUsage" => P::NlbCapacityUnitHour,
        "Load Balancer: EU-LoadBalancerUsage" => P::ClassicLoadBalancerHour,
        "Load Balancer: EU-DataProcessing-Bytes" => P::ClassicLoadBalancerGb,
        _ => return None,
    })
}

fn s3_product(item: &str) -> Option<Product> {
    use Product as P;
    Some(match item {
        "Standard storage first 50 TB" => P::S3StandardFirst50TbGbMonth,
        "Standard storage next 450 TB" => P::S3StandardNext450TbGbMonth,
        "Standard storage over 500 TB" => P::S3StandardOver500TbGbMonth,
        "Standard-IA storage" => P::S3InfrequentAccessGbMonth,
        "One Zone-IA storage" => P::S3OneZoneInfrequentAccessGbMonth,
        "Glacier Instant Retrieval storage" => P::S3GlacierInstantGbMonth,
        "Glacier Flexible storage" => P::S3GlacierFlexibleGbMonth,
        "Glacier Deep Archive storage" => P::S3GlacierDeepArchiveGbMonth,
        "PUT/COPY/POST/LIST per request" | "PUT/COPY/POST/LIST" => P::S3WriteRequest,
        "GET and other per request" | "GET and other" => P::S3ReadRequest,
        _ => return None,
    })
}

fn rds_product(item: &str) -> Option<Product> {
    use Product as P;
    Some(match item {
        "gp2 storage Single-AZ" => P::RdsGp2SingleAzGibMonth,
        "gp2 storage Multi-AZ" => P::RdsGp2MultiAzGibMonth,
        "gp3 storage Single-AZ" => P::RdsGp3SingleAzGibMonth,
        "gp3 storage Multi-AZ" => P::RdsGp3MultiAzGibMonth,
        "gp3 IOPS above baseline Single-AZ" => P::RdsGp3SingleAzIopsMonth,
        "gp3 IOPS above baseline Multi-AZ" => P::RdsGp3MultiAzIopsMonth,
        "gp3 throughput above baseline Single-AZ" => P::RdsGp3SingleAzMibPerSecondMonth,
        "gp3 throughput above baseline Multi-AZ" => P::RdsGp3MultiAzMibPerSecondMonth,
        "io1 storage Single-AZ" => P::RdsIo1SingleAzGibMonth,
        "io1 storage Multi-AZ" => P::RdsIo1MultiAzGibMonth,
        "io1 IOPS Single-AZ" => P::RdsIo1SingleAzIopsMonth,
        "io1 IOPS Multi-AZ" => P::RdsIo1MultiAzIopsMonth,
        "backup storage" => P::RdsBackupGibMonth,
        "CPU credits t3/t4g" => P::RdsSurplusVcpuHour,
        "Aurora Standard storage" => P::AuroraStandardGibMonth,
        "Aurora I/O-Optimized storage" => P::AuroraIoOptimizedGibMonth,
        "Aurora Standard I/O" => P::AuroraMillionIo,
        "Aurora Serverless v2" => P::AuroraServerlessUnitHour,
        "Aurora backup storage" => P::AuroraBackupGibMonth,
        _ => return None,
    })
}

/// Finds the hourly prices of managed services' instances among the rows.
pub fn managed(rows: &[ServicePrice]) -> Vec<ManagedPrice> {
    let mut found: Vec<ManagedPrice> = rows
        .iter()
        .filter(|row| row.unit == "hour")
        .filter_map(|row| {
            let (service, class, deployment) = instance(row)?;
            Some(ManagedPrice {
                region: row.region.clone(),
                service,
                class: class.to_owned(),
                deployment,
                price: row.price.clone().map(|usd| UsdPerHour::from_decimal(usd.as_decimal())),
            })
        })
        .collect();
    found.sort_by(|one, other| {
        (&one.region, one.service, &one.class, one.deployment).cmp(&(
            &other.region,
            other.service,
            &other.class,
            other.deployment,
        ))
    });
    found
}

fn instance(row: &ServicePrice) -> Option<(ManagedService, &str, ManagedDeployment)> {
    use ManagedDeployment::{ActiveStandby, Cluster, Single};
    match row.service.as_str() {
        "AmazonDocDB" if row.item.starts_with("db.") => Some((ManagedService::DocumentDb, &row.item, Single)),
        "AmazonMSK" if row.item.starts_with("kafka.") => Some((ManagedService::Msk, &row.item, Single)),
        "AmazonMQ" => {
            let (engine, rest) = row.item.split_once(' ')?;
            let (class, layout) = rest.split_once(' ')?;
            let service = match engine {
                "RabbitMQ" => ManagedService::RabbitMq,
                "ActiveMQ" => ManagedService::ActiveMq,
                _ => return None,
            };
            let deployment = match layout {
                "single-instance" => Single,
                "active/standby (2 brokers)" => ActiveStandby,
                "cluster (3 brokers)" => Cluster,
                _ => return None,
            };
            Some((service, class, deployment))
        }
        "AWSDatabaseMigrationSvc" => {
            let (class, layout) = row.item.split_once(' ')?;
            let deployment = match layout {
                "Single-AZ" => Single,
                "Multi-AZ" => ActiveStandby,
                _ => return None,
            };
            class
                .starts_with("dms.")
                .then_some((ManagedService::Dms, class, deployment))
        }
        _ => None,
    }
}
