//! Who talks to whom.

use serde::{Deserialize, Serialize};

use super::Learnt;

/// The transport of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// One end of a dependency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Peer {
    /// The host's name in the assessment; absent for an external.
    pub host: Option<String>,
    /// Its address, IPv4 or IPv6; mapped IPv4 addresses are written as IPv4.
    pub address: String,
    /// The service, by its name within the host, or the process, where known.
    pub service: Option<String>,
}

/// A client that was seen talking to a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dependency {
    /// Who opened the connection.
    pub client: Peer,
    /// Who listened.
    pub server: Peer,
    /// The port that the server listened on.
    pub port: u16,
    /// The transport.
    pub transport: Transport,
    /// Most connections seen at one look.
    pub connections_max: u32,
    /// Looks in which at least one connection was there.
    pub looks_seen: u32,
    /// Looks that were taken of the hosts that could have seen it.
    pub looks_taken: u32,
    /// Mean bytes per second from client to server, where the kernel tells.
    pub to_server_bytes_per_s: Option<f64>,
    /// Mean bytes per second from server to client, where the kernel tells.
    pub to_client_bytes_per_s: Option<f64>,
    /// When and how it was learnt.
    pub learnt: Learnt,
}
