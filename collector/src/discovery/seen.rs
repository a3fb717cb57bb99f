//! What one look at a host saw: processes, listeners, connections.

use std::net::IpAddr;

use telemetry::inventory::Transport;

/// A process, after every secret was taken out of its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub parent: u32,
    /// The account's number, where it was asked for.
    pub uid: Option<u32>,
    /// The kernel's name for it, 15 letters at most, free of control characters.
    pub name: String,
    /// Arguments, the first being the program; empty for kernel threads and where they were not asked for.
    pub arguments: Vec<String>,
    /// Path of its control group, where it was asked for.
    pub control_group: Option<String>,
    /// Start after boot, clock ticks; tells a process from a later one with the same number.
    pub started_ticks: u64,
    /// CPU time so far, user and system, clock ticks.
    pub cpu_ticks: u64,
    /// CPU time of its children that have ended and that it has waited for, clock ticks.
    pub children_ticks: u64,
    /// Resident memory, bytes.
    pub resident_bytes: u64,
}

/// A socket that waits for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// TCP, or a UDP socket that is not connected.
    pub transport: Transport,
    /// Its address; the unspecified address means every one.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// The account that owns it.
    pub uid: Option<u32>,
    /// The kernel's number of the socket.
    pub inode: Option<u64>,
    /// The process, where the account may see it.
    pub pid: Option<u32>,
    /// Path of the control group that opened it, where `ss` tells: names the unit even where the process is hidden.
    pub control_group: Option<String>,
}

/// A connection, as one of its two ends sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The transport.
    pub transport: Transport,
    /// This end.
    pub local: (IpAddr, u16),
    /// The other end.
    pub remote: (IpAddr, u16),
    /// The account that owns this end.
    pub uid: Option<u32>,
    /// The process of this end, where the account may see it.
    pub pid: Option<u32>,
    /// The kernel's name for it, where `ss` tells.
    pub process: Option<String>,
    /// Bytes sent since it was opened, where the kernel tells.
    pub sent_bytes: Option<u64>,
    /// Bytes received since it was opened, where the kernel tells.
    pub received_bytes: Option<u64>,
    /// It is closed already, and the kernel remembers it for a minute (`TIME-WAIT`).
    ///
    /// So a look a minute sees every connection that this end closed, however short it was.
    pub closed: bool,
}
