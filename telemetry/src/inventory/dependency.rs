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

/// How it is known which end is the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The server's host was seen to listen on the port.
    #[default]
    Listening,
    /// Nobody saw it listen; the ports say so: one below the ephemeral range against one within it.
    ByPort,
    /// Both ports are ephemeral and nobody saw either listen: which end is the server is not known.
    Undecided,
}

impl Direction {
    /// Gives its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Listening => "listening",
            Self::ByPort => "by_port",
            Self::Undecided => "undecided",
        }
    }

    /// Finds a direction by its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Listening, Self::ByPort, Self::Undecided]
            .into_iter()
            .find(|direction| direction.name() == name)
    }
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

/// What an end is known by: a host by its name, whichever of its addresses it uses; an external by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End<'a> {
    /// A host of the assessment.
    Host(&'a str),
    /// An address outside it.
    External(&'a str),
}

impl Peer {
    /// Gives what this end is known by.
    #[must_use]
    pub fn end(&self) -> End<'_> {
        match &self.host {
            Some(host) => End::Host(host),
            None => End::External(&self.address),
        }
    }
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
    /// How it is known which end is the server.
    #[serde(default)]
    pub direction: Direction,
    /// Most connections seen open at one look; 0 where only connections were seen that had just been closed.
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

impl Dependency {
    /// Says whether two rows are about the same dependency: the same ends, port and transport.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    /// Gives what a dependency is known by.
    ///
    /// A service's name is no part of it: it may be learnt later than the connection.
    #[must_use]
    pub fn identity(&self) -> (Transport, u16, End<'_>, End<'_>) {
        (self.transport, self.port, self.server.end(), self.client.end())
    }

    /// Takes in what was seen of the same dependency at other looks.
    ///
    /// Looks are added and rates averaged, each weighing as much as its looks, when `newer` begins after what is known
    /// ends. Looks of the same time may be the same looks (a log that is read again after a crash): of those the
    /// larger numbers stand, so that nothing is counted twice.
    pub fn absorb(&mut self, newer: &Self) {
        let apart =
            newer.learnt.first_at_ms > self.learnt.last_at_ms || newer.learnt.last_at_ms < self.learnt.first_at_ms;
        let mean = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) if apart => {
                let (weight, other_weight) = (f64::from(self.looks_seen.max(1)), f64::from(newer.looks_seen.max(1)));
                Some((one * weight + other * other_weight) / (weight + other_weight))
            }
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
        self.to_server_bytes_per_s = mean(self.to_server_bytes_per_s, newer.to_server_bytes_per_s);
        self.to_client_bytes_per_s = mean(self.to_client_bytes_per_s, newer.to_client_bytes_per_s);
        let count = |one: u32, other: u32| {
            if apart {
                one.saturating_add(other)
            } else {
                one.max(other)
            }
        };
        self.looks_seen = count(self.looks_seen, newer.looks_seen);
        self.looks_taken = count(self.looks_taken, newer.looks_taken);
        self.connections_max = self.connections_max.max(newer.connections_max);
        self.direction = self.direction.min(newer.direction);
        let is_newer = newer.learnt.last_at_ms >= self.learnt.last_at_ms;
        for (own, other) in [(&mut self.client, &newer.client), (&mut self.server, &newer.server)] {
            if other.service.is_some() && (is_newer || own.service.is_none()) {
                own.service.clone_from(&other.service);
            }
        }
        if is_newer {
            self.learnt.how.clone_from(&newer.learnt.how);
            self.learnt.privilege = newer.learnt.privilege;
        }
        self.learnt.first_at_ms = self.learnt.first_at_ms.min(newer.learnt.first_at_ms);
        self.learnt.last_at_ms = self.learnt.last_at_ms.max(newer.learnt.last_at_ms);
    }
}
