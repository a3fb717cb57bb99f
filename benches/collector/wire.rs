//! Bytes on the wire, as the kernel counted them on the servers' ends of the connections.

use std::process::Command;

use crate::servers::Server;

/// What a packet carries at most on an ordinary network (1,500 bytes less IP and TCP headers with time stamps).
const PACKET_BYTES: f64 = 1_448.0;
/// Headers of a packet: Ethernet 14, IP 20, TCP with time stamps 32.
const HEADER_BYTES: f64 = 66.0;

/// Sums over all connections of some servers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    pub connections: usize,
    /// Bytes inside TCP, both ways.
    pub payload_bytes: f64,
    /// Segments both ways; on loopback they are larger than packets.
    pub segments: f64,
}

impl Traffic {
    /// Reads the counters that TCP keeps of every connection (`ss -ti`).
    pub fn of(servers: &[Server]) -> Option<Self> {
        let out = Command::new("ss")
            .args(["-tinH", "state", "established"])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let mut traffic = Self::default();
        let mut is_ours = false;
        for line in text.lines() {
            if !line.starts_with([' ', '\t']) {
                // Receive queue, send queue, local address, peer.
                let local = line.split_ascii_whitespace().nth(2).unwrap_or_default();
                let port = local.rsplit(':').next().and_then(|port| port.parse().ok());
                is_ours = servers.iter().any(|server| Some(server.port) == port);
                traffic.connections += usize::from(is_ours);
                if !is_ours {
                    continue;
                }
            }
            if is_ours {
                for word in line.split_ascii_whitespace() {
                    let Some((name, value)) = word.split_once(':') else {
                        continue;
                    };
                    let value = value.parse().unwrap_or(0.0);
                    match name {
                        "bytes_sent" | "bytes_received" => traffic.payload_bytes += value,
                        "segs_out" | "segs_in" => traffic.segments += value,
                        _ => {}
                    }
                }
            }
        }
        Some(traffic)
    }

    /// Gives the bytes between two looks as they would be on Ethernet, headers included.
    pub fn wire_bytes_since(&self, before: &Self) -> f64 {
        let payload = self.payload_bytes - before.payload_bytes;
        let packets = (self.segments - before.segments).max(payload / PACKET_BYTES);
        payload + packets * HEADER_BYTES
    }
}
