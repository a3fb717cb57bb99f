//! Which sockets listen, and which connections are there? Input: the reply to `Sockets`. Output: rows, bounded.
//!
//! The reply is either of `ss` or the text of `/proc/net/{tcp,tcp6,udp,udp6}`;
//! it is hostile, and lines that are not understood are left out.

mod address;
mod proc_net;
mod ss;

use super::seen::{Connection, Listener};

/// Sockets that are taken from one reply at most.
pub const SOCKETS_AT_MOST: usize = 50_000;
/// A reply of this many bytes was cut by the target.
const CUT_BYTES: usize = 4_000_000;

/// What one look at the sockets of a host saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sockets {
    /// Sockets that wait for clients.
    pub listeners: Vec<Listener>,
    /// Connections, TCP and connected UDP.
    pub connections: Vec<Connection>,
    /// There were more sockets than fit; what is missing are connections.
    pub cut: bool,
    /// The kernel was asked through `ss`, which tells bytes; else `/proc/net`.
    pub by_ss: bool,
}

/// Reads the reply.
#[must_use]
pub fn sockets(text: &[u8]) -> Sockets {
    let cut = text.len() >= CUT_BYTES;
    let text = String::from_utf8_lossy(text.get(..CUT_BYTES).unwrap_or(text));
    let mut found = if proc_net::is_proc(&text) {
        proc_net::sockets(&text)
    } else {
        ss::sockets(&text)
    };
    found.cut |= cut;
    let mut seen = std::collections::HashSet::new();
    // Several processes that share a port by SO_REUSEPORT show the same line; older `ss` shows one socket per family.
    found
        .listeners
        .retain(|one| seen.insert((one.transport, one.address, one.port, one.pid)));
    found
}

/// Reads the sockets that wait for clients.
#[must_use]
pub fn listeners(text: &[u8]) -> Vec<Listener> {
    sockets(text).listeners
}

/// Reads the connections.
#[must_use]
pub fn connections(text: &[u8]) -> Vec<Connection> {
    sockets(text).connections
}

/// A line of either source, before it is known what it is.
#[derive(Clone, Debug)]
struct Line {
    transport: telemetry::inventory::Transport,
    state: State,
    local: (std::net::IpAddr, u16),
    remote: Option<(std::net::IpAddr, u16)>,
    uid: Option<u32>,
    inode: Option<u64>,
    pid: Option<u32>,
    process: Option<String>,
    control_group: Option<String>,
}

/// States of sockets that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Listening,
    Established,
    TimeWait,
}

impl Sockets {
    /// Takes a line; gives whether it is the last that fits.
    fn take(&mut self, line: Line) -> bool {
        match (line.state, line.remote) {
            (State::Listening, _) => self.listeners.push(Listener {
                transport: line.transport,
                address: line.local.0,
                port: line.local.1,
                uid: line.uid,
                inode: line.inode,
                pid: line.pid,
                control_group: line.control_group,
            }),
            (_, Some(remote)) => self.connections.push(Connection {
                transport: line.transport,
                local: line.local,
                remote,
                uid: line.uid,
                pid: line.pid,
                process: line.process,
                sent_bytes: None,
                received_bytes: None,
                closed: line.state == State::TimeWait,
            }),
            _ => {}
        }
        self.cut = self.listeners.len() + self.connections.len() >= SOCKETS_AT_MOST;
        self.cut
    }
}

#[cfg(test)]
mod tests;
