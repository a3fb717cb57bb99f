//! Makes a TCP connection to a server: every address of its name, within one time-out.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::hosts::target::Endpoint;
use crate::ssh::error::SshError;
use crate::ssh::place::Place;

/// After so many unanswered probes the kernel gives a silent connection up.
const PROBES: u32 = 3;

/// Finds the addresses of an endpoint, IPv4 and IPv6, in the order of the system's preference.
pub(super) fn resolve(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, SshError> {
    let address = endpoint.address.as_str();
    let bare = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(address);
    let failed = |source| SshError::Resolve {
        place: Place::of(endpoint),
        source,
    };
    let found: Vec<SocketAddr> = (bare, endpoint.port).to_socket_addrs().map_err(failed)?.collect();
    if found.is_empty() {
        return Err(failed(io::Error::other("the name has no address")));
    }
    Ok(found)
}

/// Connects to the first address that answers.
pub(super) fn dial(
    endpoint: &Endpoint,
    addresses: &[SocketAddr],
    timeout: Duration,
    keep_alive: Duration,
) -> Result<OwnedFd, SshError> {
    let start = Instant::now();
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for (index, address) in addresses.iter().enumerate() {
        let left = timeout.saturating_sub(start.elapsed());
        let to_try = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        // One address that swallows packets must not use up the time of the others.
        let share = left / to_try;
        if share.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => {
                let socket = OwnedFd::from(stream);
                prepare(&socket, keep_alive);
                return Ok(socket);
            }
            Err(error) => last = error,
        }
    }
    let place = Place::of(endpoint);
    Err(match last.kind() {
        io::ErrorKind::ConnectionRefused => SshError::Refused { place },
        io::ErrorKind::TimedOut => SshError::TimedOut {
            place,
            what: "accept a connection",
            after: timeout,
        },
        _ => SshError::Unreachable { place, source: last },
    })
}

/// Sends small packets at once, and has the kernel notice a peer that is gone while nobody reads.
///
/// A failure costs speed or notice, not correctness, so it is not looked at.
fn prepare(socket: &OwnedFd, keep_alive: Duration) {
    let _ = sockopt::set_tcp_nodelay(socket, true);
    // The kernel counts whole seconds, from 1 to 32767.
    let idle = Duration::from_secs(keep_alive.as_secs().clamp(1, 32_767));
    let _ = sockopt::set_socket_keepalive(socket, true);
    let _ = sockopt::set_tcp_keepidle(socket, idle);
    let _ = sockopt::set_tcp_keepintvl(socket, idle);
    let _ = sockopt::set_tcp_keepcnt(socket, PROBES);
}
