//! What a price is for.

use std::fmt;

use crate::catalog::commitment::{CommitmentClass, CommitmentTerm, Upfront};
use crate::catalog::ebs::VolumeType;
use crate::catalog::listed::SavingsPlan;
use crate::catalog::nodes::CacheEngine;
use crate::catalog::operating_system::{OperatingSystem, SqlServerEdition};
use crate::catalog::rds::RdsEngine;
use crate::catalog::services::{ManagedDeployment, ManagedService, Product};

/// What of a volume is priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VolumePart {
    /// A GiB and month.
    Size,
    /// An operation per second and month, above so many.
    Iops(u32),
    /// A MiB/s and month.
    Throughput,
    /// One request.
    Request,
}

/// What is priced, in the words of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An EC2 instance, shared tenancy, hour.
    Ec2 {
        /// The type.
        shape: Box<str>,
        /// What runs on it.
        system: OperatingSystem,
        /// SQL Server that comes with it.
        sql_server: Option<SqlServerEdition>,
        /// Whether the customer brings the Windows licence.
        own_license: bool,
    },
    /// An EBS volume.
    Volume(VolumeType, VolumePart),
    /// Something in the unit of its name.
    Product(Product),
    /// An RDS instance with an open engine, hour.
    Rds {
        /// The class.
        class: Box<str>,
        /// The engine.
        engine: RdsEngine,
        /// With a standby.
        multi_az: bool,
    },
    /// An RDS instance with any engine, hour, in AWS's words.
    RdsLicensed {
        /// The class.
        class: Box<str>,
        /// Engine.
        engine: Box<str>,
        /// Edition; empty where there is none.
        edition: Box<str>,
        /// Who brings the licence.
        license_model: Box<str>,
        /// Layout.
        deployment: Box<str>,
    },
    /// A cache node, hour.
    Cache {
        /// The node type.
        node: Box<str>,
        /// The engine.
        engine: CacheEngine,
    },
    /// An `OpenSearch` instance, hour.
    Search(Box<str>),
    /// An instance of another managed service, hour.
    Managed {
        /// The service.
        service: ManagedService,
        /// The class.
        class: Box<str>,
        /// The layout that the price is for.
        deployment: ManagedDeployment,
    },
    /// Something that a database savings plan discounts, in AWS's words.
    Database {
        /// The service.
        service: Box<str>,
        /// Usage type.
        usage_type: Box<str>,
        /// Operation.
        operation: Box<str>,
        /// Unit.
        unit: Box<str>,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec2 {
                shape,
                system,
                sql_server,
                own_license,
            } => {
                write!(formatter, "{shape} with {system:?}")?;
                if let Some(edition) = sql_server {
                    write!(formatter, " and SQL Server {edition:?}")?;
                }
                formatter.write_str(if *own_license { ", own licence" } else { "" })
            }
            Self::Volume(volume, part) => write!(formatter, "{volume} volumes, {part:?}"),
            Self::Product(product) => write!(formatter, "{product:?}"),
            Self::Rds {
                class,
                engine,
                multi_az,
            } => write!(
                formatter,
                "{class} {engine}{}",
                if *multi_az { " Multi-AZ" } else { "" }
            ),
            Self::RdsLicensed {
                class,
                engine,
                edition,
                license_model,
                deployment,
            } => write!(formatter, "{class} {engine} {edition} {license_model} {deployment}"),
            Self::Cache { node, engine } => write!(formatter, "{node} {engine}"),
            Self::Search(instance) => formatter.write_str(instance),
            Self::Managed {
                service,
                class,
                deployment,
            } => write!(formatter, "{service:?} {class} {deployment:?}"),
            Self::Database {
                usage_type, operation, ..
            } => write!(formatter, "{usage_type} {operation}"),
        }
    }
}

/// What one commits to for the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Commitment {
    /// A reserved instance or node.
    Reserved(CommitmentTerm, CommitmentClass, Upfront),
    /// A savings plan over EC2.
    Savings(SavingsPlan, CommitmentTerm, Upfront),
    /// A database savings plan: one year, no upfront.
    DatabaseSavings,
}

/// What one price of a list is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What is priced.
    pub subject: Subject,
    /// Under which commitment; nothing is on demand.
    pub commitment: Option<Commitment>,
    /// Whether it is the fee that is paid at once, else the rate per unit.
    pub at_once: bool,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.subject)?;
        match self.commitment {
            None => {}
            Some(Commitment::Reserved(term, class, upfront)) => {
                write!(formatter, ", reserved {term:?} {class:?} upfront {upfront:?}")?;
            }
            Some(Commitment::Savings(plan, term, upfront)) => {
                write!(formatter, ", {} {term:?} upfront {upfront:?}", plan.word())?;
            }
            Some(Commitment::DatabaseSavings) => formatter.write_str(", database savings plan")?,
        }
        formatter.write_str(if self.at_once { ", fee at once" } else { "" })
    }
}
