//! Where a product goes.

use serde::{Deserialize, Serialize};

use crate::catalog::RdsEngine;
use crate::catalog::nodes::CacheEngine;

/// Databases whose licence is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Licence {
    /// Oracle Database.
    Oracle,
    /// Microsoft SQL Server.
    SqlServer,
}

/// Brokers that Amazon MQ runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrokerKind {
    /// RabbitMQ.
    RabbitMq,
    /// ActiveMQ.
    ActiveMq,
}

/// The managed service that may take a product's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// RDS or Aurora.
    Relational(RdsEngine),
    /// RDS with a licence, where the catalog has its price.
    Licensed(Licence),
    /// `ElastiCache`.
    Cache(CacheEngine),
    /// `DocumentDB`.
    Documents,
    /// Amazon MQ.
    Broker(BrokerKind),
    /// Amazon MSK.
    Events,
    /// Amazon `OpenSearch` Service.
    Search,
    /// Application or network load balancer.
    Balancer,
    /// EFS, FSx or S3.
    Files,
    /// It stays on EC2, and why.
    Stays(String),
}

impl Target {
    /// Gives the target of a product by its fingerprint's name; nothing for what no managed service takes.
    #[must_use]
    pub fn of_product(product: &str) -> Option<Self> {
        Some(match product {
            "postgresql" => Target::Relational(RdsEngine::Postgres),
            "mysql" => Target::Relational(RdsEngine::Mysql),
            "mariadb" => Target::Relational(RdsEngine::Mariadb),
            "oracle" => Target::Licensed(Licence::Oracle),
            "sql-server" => Target::Licensed(Licence::SqlServer),
            "redis" | "valkey" | "keydb" => Target::Cache(CacheEngine::Valkey),
            "memcached" => Target::Cache(CacheEngine::Memcached),
            "mongodb" => Target::Documents,
            "rabbitmq" => Target::Broker(BrokerKind::RabbitMq),
            "activemq" => Target::Broker(BrokerKind::ActiveMq),
            "kafka" => Target::Events,
            "elasticsearch" | "opensearch" => Target::Search,
            "haproxy" | "nginx" => Target::Balancer,
            "nfs-server" | "samba" => Target::Files,
            _ => return None,
        })
    }

    /// Says whether it moves in phase `rehost` already: relational databases do.
    #[must_use]
    pub fn moves_in_rehost(&self) -> bool {
        matches!(self, Target::Relational(_) | Target::Licensed(_))
    }

    /// Names the managed service for people.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Target::Relational(_) | Target::Licensed(_) => "Amazon RDS or Aurora",
            Target::Cache(_) => "Amazon ElastiCache",
            Target::Documents => "Amazon DocumentDB",
            Target::Broker(_) => "Amazon MQ",
            Target::Events => "Amazon MSK",
            Target::Search => "Amazon OpenSearch Service",
            Target::Balancer => "Elastic Load Balancing",
            Target::Files => "Amazon EFS, FSx or S3",
            Target::Stays(_) => "Amazon EC2",
        }
    }
}

/// Says whether a word is the name of a product that this program knows where to put; such a word names nobody.
#[must_use]
pub fn is_product(word: &str) -> bool {
    Target::of_product(word).is_some() || COMPANIONS.iter().any(|(name, _)| *name == word)
}

/// Products that only serve another and go with it, and which products those are.
pub(super) const COMPANIONS: &[(&str, &[&str])] = &[
    ("pgbouncer", &["postgresql"]),
    ("pgpool", &["postgresql"]),
    ("patroni", &["postgresql"]),
    ("proxysql", &["mysql", "mariadb"]),
    ("maxscale", &["mysql", "mariadb"]),
    ("mongodb-router", &["mongodb"]),
    ("zookeeper", &["kafka"]),
    ("erlang-port-mapper", &["rabbitmq"]),
    ("keepalived", &["haproxy", "nginx"]),
    ("samba", &["nfs-server"]),
    ("rpcbind", &["nfs-server"]),
];
