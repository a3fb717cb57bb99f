//! SSH by the library inside this program: libssh2, one session per host.
//!
//! Order of things: name and TCP connection (or a channel through a jump
//! host), key exchange, host key, authentication, first channel. From the TCP
//! connection to the first channel a thread holds a pass of the lobby.

use std::os::fd::OwnedFd;
use std::{panic, thread};

mod agent;
mod authenticate;
mod bastion;
mod blob;
mod connection;
mod dial;
mod handshake;
mod key_file;
mod password;
mod wire;

pub(in crate::ssh) use bastion::Bastion;
pub use key_file::KeyFileError;

use authenticate::authenticate;
use connection::BuiltIn;
use handshake::shake_hands;
use wire::{Fault, Wire};

use super::Settings;
use super::error::SshError;
use super::lobby::Lobby;
use super::place::Place;
use super::route::{hops, key_at};
use super::secret::Secrets;
use super::transport::{Connection, ConnectionFacts};
use crate::hosts::target::{Client, Endpoint};

/// Connects to an endpoint, through its jump hosts.
pub(super) fn connect(
    endpoint: &Endpoint,
    settings: &Settings,
    secrets: &dyn Secrets,
    lobby: &Lobby,
) -> Result<Box<dyn Connection>, SshError> {
    let place = Place::of(endpoint);
    let stopped = || SshError::Stopped { place: place.clone() };
    let chain = hops(endpoint);
    if let Some(hop) = chain.iter().find(|hop| hop.client == Client::Ssh) {
        let reason = format!(
            "the jump host {} needs your own `ssh`, so this host does too",
            Place::of(hop)
        );
        return Err(SshError::Unsupported { place, reason });
    }
    let (socket, bastion, pass) = match chain.split_last() {
        None => {
            let addresses = dial::resolve(endpoint)?;
            let servers = vec![key_at(&[], endpoint)];
            let pass = lobby.gates().enter(servers, true).ok_or_else(stopped)?;
            let socket = dial::dial(endpoint, &addresses, settings.connect_timeout, settings.keep_alive)?;
            (socket, None, pass)
        }
        Some((last, before)) => {
            let bastion = lobby.bastion(last, before);
            let servers = vec![bastion.key().to_string(), key_at(&chain, endpoint)];
            let pass = lobby.gates().enter(servers, true).ok_or_else(stopped)?;
            (bastion.reach(endpoint, settings, secrets, lobby)?, Some(bastion), pass)
        }
    };
    let connection = apart(&place, || {
        let (wire, facts) = establish(endpoint, socket, settings, secrets, lobby)?;
        BuiltIn::new(wire, place.clone(), facts, settings.read_timeout, bastion)
    })?;
    drop(pass);
    Ok(Box::new(connection))
}

/// Stack of the thread that makes a connection, in bytes: key exchange and signatures take below half of it.
const STACK: usize = 512 * 1024;

/// Does a piece of work on a thread of its own, whose stack and whose allocator's cache end with it.
///
/// Key exchange and signatures go deep and leave much behind. A host's thread lives for weeks: had it done them itself,
/// each host would hold the pages that they touched for a moment.
fn apart<T: Send>(place: &Place, work: impl FnOnce() -> Result<T, SshError> + Send) -> Result<T, SshError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|source| SshError::Handshake {
            place: place.clone(),
            reason: format!("no thread could be started: {source}"),
        })?;
        thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Makes an authenticated session of a connected socket.
fn establish(
    endpoint: &Endpoint,
    socket: OwnedFd,
    settings: &Settings,
    secrets: &dyn Secrets,
    lobby: &Lobby,
) -> Result<(Wire, ConnectionFacts), SshError> {
    let mut wire = Wire::new(socket, lobby).map_err(|fault| SshError::Handshake {
        place: Place::of(endpoint),
        reason: match fault {
            Fault::Failed { reason, .. } => reason,
            Fault::TimedOut => "no session could be made".to_string(),
        },
    })?;
    let shown = shake_hands(&mut wire, endpoint, settings)?;
    let authenticated_by = authenticate(&mut wire, endpoint, settings, secrets)?;
    wire.keep_alive(settings.keep_alive);
    let facts = ConnectionFacts {
        server: shown.server,
        host_key: shown.host_key,
        fingerprint: shown.fingerprint,
        host_key_was_accepted: shown.was_accepted,
        authenticated_by,
        received_bytes: None,
    };
    Ok((wire, facts))
}
