//! A service that runs on a host.

use serde::{Deserialize, Serialize};

use super::Learnt;

/// What a service is for; decides which managed service may take its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Relational database.
    Database,
    /// Document, wide-column or key-value database.
    DocumentDatabase,
    /// Cache in memory.
    Cache,
    /// Message queue or log of events.
    Queue,
    /// Search engine.
    Search,
    /// Keeps a cluster's state (etcd, ZooKeeper).
    Coordination,
    /// Web server.
    Web,
    /// Load balancer or proxy.
    Proxy,
    /// Runs the customer's own code (JVM, Node.js, Python, PHP, .NET).
    Application,
    /// Runs containers.
    Containers,
    /// File server.
    Files,
    /// Mail, names, directory, time, VPN, firewall, monitoring, backup.
    Infrastructure,
    /// Something that listens and is not recognised.
    Unknown,
}

/// How sure a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sureness {
    /// Only a port or a package says so; the process was hidden.
    Inferred,
    /// The process says so.
    Seen,
    /// Process and port agree, or the service itself said so.
    Confirmed,
}

/// The part a node plays, where process, port or the service itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes the writes.
    Primary,
    /// Follows a primary.
    Replica,
    /// One of a cluster of equals.
    Member,
    /// Watches or votes only (sentinel, arbiter, router).
    Arbiter,
    /// The only node.
    Standalone,
}

/// One service on one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// The host's name in the assessment.
    pub host: String,
    /// Name within the host: the product, with its port where there are several, such as `redis-6380`.
    ///
    /// The tables `service` and `process_group` of telemetry use the same name.
    pub service: String,
    /// Which product, by the name of its fingerprint, such as `postgresql`.
    pub product: String,
    /// What it is for.
    pub category: Category,
    /// Version, where something says it.
    pub version: Option<String>,
    /// Its part in a cluster, where something says it.
    pub role: Option<Role>,
    /// Ports it listens on, ascending.
    pub ports: Vec<u16>,
    /// Name of its main process, where it was seen.
    pub process: Option<String>,
    /// Account it runs as, where it was seen.
    pub user: Option<String>,
    /// The system's unit or container it belongs to, where it was seen.
    pub unit: Option<String>,
    /// Its arguments with every secret taken out, where they were kept.
    pub arguments: Option<String>,
    /// Processes of the group when it was last seen.
    pub processes: u32,
    /// What the match rests on, in words, such as `process name postgres` and `port 5432`.
    pub rested_on: Vec<String>,
    /// How sure it is.
    pub sureness: Sureness,
    /// When and how it was learnt.
    pub learnt: Learnt,
}
