//! Agrees on keys with a server and checks its host key, before anything is said about who we are.

use std::time::Duration;

use super::blob::kind_of_key;
use super::wire::{Fault, Wire};
use crate::hosts::target::Endpoint;
use crate::ssh::Settings;
use crate::ssh::error::SshError;
use crate::ssh::known_hosts::{KnownHosts, KnownHostsError, Verdict, accept, fingerprint};
use crate::ssh::patience::deadline_in;
use crate::ssh::place::{Place, printable};

/// Host key algorithms in the order of preference. No certificates: nobody here could check them,
/// and a server that has one would show it in place of the plain key that is on record.
const ALGORITHMS: [&str; 6] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
];

/// What the server showed.
pub(super) struct Shown {
    /// What it calls itself.
    pub(super) server: String,
    /// Kind of its host key.
    pub(super) host_key: String,
    /// Its fingerprint.
    pub(super) fingerprint: String,
    /// The key was unknown and has been accepted.
    pub(super) was_accepted: bool,
}

/// Does the key exchange and checks the host key.
pub(super) fn shake_hands(wire: &mut Wire, endpoint: &Endpoint, settings: &Settings) -> Result<Shown, SshError> {
    let place = || Place::of(endpoint);
    let known =
        read_known_hosts(endpoint, settings).map_err(|source| SshError::KnownHosts { place: place(), source })?;
    let (name, port) = name_on_record(endpoint);
    wire.session()
        .method_pref(
            ssh2::MethodType::HostKey,
            &preference(&known.host_key_algorithms(name, port)),
        )
        .map_err(|error| SshError::Handshake {
            place: place(),
            reason: printable(error.message()),
        })?;
    let deadline = deadline_in(settings.handshake_timeout);
    wire.drive(deadline, |session| session.handshake())
        .map_err(|fault| handshake_error(fault, place(), settings.handshake_timeout))?;
    let server = wire
        .session()
        .banner_bytes()
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    let server = printable(&server);
    let Some(key) = wire.session().host_key().map(|(key, _)| key.to_vec()) else {
        let reason = "the server showed no host key".to_string();
        return Err(SshError::Handshake { place: place(), reason });
    };
    let host_key = kind_of_key(&key).unwrap_or("unknown").to_string();
    let verdict = known.check(name, port, &host_key, &key);
    let may_accept = settings.accept_new.as_deref().filter(|_| verdict == Verdict::Unknown);
    if let Some(file) = may_accept {
        accept(file, name, port, &host_key, &key).map_err(|source| SshError::KnownHosts { place: place(), source })?;
    } else if let Some(source) = verdict.refusal(name, port, &host_key, &key) {
        return Err(SshError::HostKey {
            place: place(),
            source: Box::new(source),
        });
    }
    Ok(Shown {
        server,
        host_key,
        fingerprint: fingerprint(&key),
        was_accepted: may_accept.is_some(),
    })
}

/// Reads the files of the endpoint and the one into which unknown keys are accepted.
fn read_known_hosts(endpoint: &Endpoint, settings: &Settings) -> Result<KnownHosts, KnownHostsError> {
    let mut files = endpoint.known_hosts.clone();
    files.extend(
        settings
            .accept_new
            .iter()
            .filter(|file| !endpoint.known_hosts.contains(file))
            .cloned(),
    );
    KnownHosts::read(&files)
}

/// Gives the name and port of the record; one with an alias stands there without its port.
fn name_on_record(endpoint: &Endpoint) -> (&str, u16) {
    let port = if endpoint.host_key_alias.is_some() {
        22
    } else {
        endpoint.port
    };
    (endpoint.host_key_name(), port)
}

/// Lists the algorithms to ask for: those on record first, so that the server shows a key that can be checked.
fn preference(on_record: &[String]) -> String {
    let is_on_record = |algorithm: &&str| on_record.iter().any(|known| known == algorithm);
    let (mut wanted, others): (Vec<&str>, Vec<&str>) = ALGORITHMS.into_iter().partition(is_on_record);
    wanted.extend(others);
    wanted.join(",")
}

fn handshake_error(fault: Fault, place: Place, after: Duration) -> SshError {
    match fault {
        Fault::TimedOut => SshError::TimedOut {
            place,
            what: "finish the handshake",
            after,
        },
        Fault::Failed { code, reason } => match code {
            libssh2_sys::LIBSSH2_ERROR_KEX_FAILURE | libssh2_sys::LIBSSH2_ERROR_METHOD_NONE => {
                SshError::NoCommonAlgorithm { place, reason }
            }
            libssh2_sys::LIBSSH2_ERROR_SOCKET_RECV | libssh2_sys::LIBSSH2_ERROR_SOCKET_DISCONNECT => {
                let reason = format!("the server ended the connection ({reason})");
                SshError::Handshake { place, reason }
            }
            _ => SshError::Handshake { place, reason },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_on_record_are_asked_for_first_and_certificates_never() {
        let rsa = preference(&["rsa-sha2-512".to_string(), "rsa-sha2-256".to_string()]);
        assert!(rsa.starts_with("rsa-sha2-512,rsa-sha2-256,ssh-ed25519,"), "{rsa}");
        let none = preference(&[]);
        assert!(none.starts_with("ssh-ed25519,"), "{none}");
        let odd = preference(&["ssh-ed25519-cert-v01@openssh.com".to_string(), "ssh-dss".to_string()]);
        assert_eq!(odd, none);
    }
}
