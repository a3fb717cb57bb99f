//! What runs beside instances costs: storage, gateways, load balancers, transfer.
//!
//! Input: a catalog's rows as the sources wrote them. Output: the price of a
//! [`Product`] in a region, in the unit that the product's name says, or
//! nothing where no source has it. The raw rows stay visible.

use serde::{Deserialize, Serialize};

use super::price::Price;
use crate::money::{Usd, UsdPerHour};

/// A price as a source wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePrice {
    /// Region code.
    pub region: String,
    /// Service, in AWS's words.
    pub service: String,
    /// What is priced, in the source's words.
    pub item: String,
    /// What one unit is, in the source's words.
    pub unit: String,
    /// For one unit.
    pub price: Price<Usd>,
    /// Where it was read.
    pub source: String,
}

macro_rules! products {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Something with a price, and the unit of that price.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Product { $($(#[$doc])* $name,)+ }

        impl Product {
            /// All products.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

products! {
    /// NAT gateway, hour.
    NatGatewayHour,
    /// NAT gateway, GB processed.
    NatGatewayGb,
    /// Application load balancer, hour.
    AlbHour,
    /// Application load balancer, capacity unit and hour.
    AlbCapacityUnitHour,
    /// Network load balancer, hour.
    NlbHour,
    /// Network load balancer, capacity unit and hour.
    NlbCapacityUnitHour,
    /// Classic load balancer, hour.
    ClassicLoadBalancerHour,
    /// Classic load balancer, GB processed.
    ClassicLoadBalancerGb,
    /// Site-to-site VPN connection, hour.
    VpnConnectionHour,
    /// VPN attachment to a transit gateway, hour.
    TransitGatewayAttachmentHour,
    /// Transit gateway, GB processed.
    TransitGatewayGb,
    /// Interface endpoint, hour.
    InterfaceEndpointHour,
    /// Interface endpoint, GB.
    InterfaceEndpointGb,
    /// Direct Connect, dedicated port of 1 Gbit/s, hour.
    DirectConnectPort1GbpsHour,
    /// Transfer between zones, GB and direction.
    InterZoneTransferGb,
    /// Transfer to another region, GB; the typical rate.
    InterRegionTransferGb,
    /// EBS snapshot, GiB and month.
    EbsSnapshotGibMonth,
    /// CPU surplus credits of t3 and t3a with Linux, vCPU-hour.
    T3SurplusVcpuHour,
    /// CPU surplus credits of t4g with Linux, vCPU-hour.
    T4gSurplusVcpuHour,
    /// S3 Standard, GB and month up to 50 TB.
    S3StandardFirst50TbGbMonth,
    /// S3 Standard, GB and month from 50 to 500 TB.
    S3StandardNext450TbGbMonth,
    /// S3 Standard, GB and month above 500 TB.
    S3StandardOver500TbGbMonth,
    /// S3 Standard-Infrequent Access, GB and month.
    S3InfrequentAccessGbMonth,
    /// S3 One Zone-Infrequent Access, GB and month.
    S3OneZoneInfrequentAccessGbMonth,
    /// S3 Glacier Instant Retrieval, GB and month.
    S3GlacierInstantGbMonth,
    /// S3 Glacier Flexible Retrieval, GB and month.
    S3GlacierFlexibleGbMonth,
    /// S3 Glacier Deep Archive, GB and month.
    S3GlacierDeepArchiveGbMonth,
    /// S3, one PUT, COPY, POST or LIST request.
    S3WriteRequest,
    /// S3, one GET or other request.
    S3ReadRequest,
    /// EFS Standard, GB and month.
    EfsStandardGbMonth,
    /// EFS Standard-Infrequent Access, GB and month.
    EfsInfrequentAccessGbMonth,
    /// EFS Archive, GB and month.
    EfsArchiveGbMonth,
    /// EFS One Zone, GB and month.
    EfsOneZoneGbMonth,
    /// EFS provisioned throughput, MiB/s and month.
    EfsThroughputMibPerSecondMonth,
    /// RDS gp2 storage, Single-AZ, GiB and month.
    RdsGp2SingleAzGibMonth,
    /// RDS gp2 storage, Multi-AZ, GiB and month.
    RdsGp2MultiAzGibMonth,
    /// RDS gp3 storage, Single-AZ, GiB and month.
    RdsGp3SingleAzGibMonth,
    /// RDS gp3 storage, Multi-AZ, GiB and month.
    RdsGp3MultiAzGibMonth,
    /// RDS gp3 IOPS above the included ones, Single-AZ, IOPS and month.
    RdsGp3SingleAzIopsMonth,
    /// RDS gp3 IOPS above the included ones, Multi-AZ, IOPS and month.
    RdsGp3MultiAzIopsMonth,
    /// RDS gp3 throughput above the included one, Single-AZ, MiB/s and month.
    RdsGp3SingleAzMibPerSecondMonth,
    /// RDS gp3 throughput above the included one, Multi-AZ, MiB/s and month.
    RdsGp3MultiAzMibPerSecondMonth,
    /// RDS io1 storage, Single-AZ, GiB and month.
    RdsIo1SingleAzGibMonth,
    /// RDS io1 storage, Multi-AZ, GiB and month.
    RdsIo1MultiAzGibMonth,
    /// RDS io1 IOPS, Single-AZ, IOPS and month.
    RdsIo1SingleAzIopsMonth,
    /// RDS io1 IOPS, Multi-AZ, IOPS and month.
    RdsIo1MultiAzIopsMonth,
    /// RDS backup above the free share, GiB and month.
    RdsBackupGibMonth,
    /// RDS CPU surplus credits of db.t3 and db.t4g, vCPU-hour.
    RdsSurplusVcpuHour,
    /// Aurora Standard storage, GiB and month.
    AuroraStandardGibMonth,
    /// Aurora I/O-Optimized storage, GiB and month.
    AuroraIoOptimizedGibMonth,
    /// Aurora Standard, million I/O requests.
    AuroraMillionIo,
    /// Aurora Serverless v2, capacity unit and hour.
    AuroraServerlessUnitHour,
    /// Aurora backup, GiB and month.
    AuroraBackupGibMonth,
    /// `DocumentDB` Standard storage, GiB and month.
    DocumentDbStandardGibMonth,
    /// `DocumentDB` Standard, million I/O requests.
    DocumentDbMillionIo,
    /// `DocumentDB` backup, GiB and month.
    DocumentDbBackupGibMonth,
    /// `DocumentDB` CPU surplus credits, vCPU-hour.
    DocumentDbSurplusVcpuHour,
    /// Amazon MQ EBS storage, GiB and month.
    MqEbsGibMonth,
    /// Amazon MQ EFS storage (`ActiveMQ`), GiB and month.
    MqEfsGibMonth,
    /// MSK broker storage, GiB and month.
    MskGibMonth,
    /// `OpenSearch` gp2 storage, GiB and month.
    OpenSearchGp2GibMonth,
    /// `ElastiCache` backup, GiB and month.
    ElastiCacheBackupGibMonth,
    /// DMS gp2 storage, Multi-AZ, GiB and month.
    DmsGp2MultiAzGibMonth,
    /// `CloudWatch` Logs storage, GB and month.
    LogsGbMonth,
}

/// The price of a product in a region, in the product's unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductPrice {
    /// Region code.
    pub region: String,
    /// The product.
    pub product: Product,
    /// For one unit of it.
    pub price: Price<Usd>,
}

/// Managed services whose instances are priced one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ManagedService {
    /// Amazon `DocumentDB`.
    DocumentDb,
    /// Amazon MQ with `RabbitMQ`.
    RabbitMq,
    /// Amazon MQ with `ActiveMQ`.
    ActiveMq,
    /// Amazon MSK.
    Msk,
    /// Database Migration Service.
    Dms,
}

/// How the instances of a managed service are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ManagedDeployment {
    /// One instance; the price of one node of a cluster where nodes are bought one by one.
    Single,
    /// Two, one of them standing by (`ActiveMQ`, DMS Multi-AZ); the price is for both.
    ActiveStandby,
    /// Three (`RabbitMQ`); the price is for all.
    Cluster,
}

/// The hourly price of a managed service's instance or cluster in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPrice {
    /// Region code.
    pub region: String,
    /// The service.
    pub service: ManagedService,
    /// Instance class, such as `mq.m5.large`.
    pub class: String,
    /// Layout that the price is for.
    pub deployment: ManagedDeployment,
    /// The price.
    pub price: Price<UsdPerHour>,
}

/// A tier of the price of traffic to the internet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EgressTier {
    /// The tier prices each GB of a month above this many.
    pub above_gb: u32,
    /// For each GB.
    pub per_gb: Price<Usd>,
}

/// What traffic to the internet costs from a region, lowest tier first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EgressTiers {
    /// Region code.
    pub region: String,
    /// The tiers.
    pub tiers: Vec<EgressTier>,
}
