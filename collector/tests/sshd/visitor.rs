//! What the tests of the SSH transports share: ways to connect, and what is looked at afterwards.
#![allow(dead_code, unused_imports, clippy::unwrap_used, missing_docs)]

pub use std::fs;
pub use std::io::{ErrorKind, Read as _, Write as _};
pub use std::net::TcpListener;
pub use std::path::PathBuf;
pub use std::sync::Arc;
pub use std::sync::atomic::{AtomicUsize, Ordering};
pub use std::thread;
pub use std::time::{Duration, Instant};

pub use super::account::Account;
pub use super::agent::Agent;
pub use super::{Rig, Sshd, own_name};
pub use sizewright_collector::hosts::target::{Client, Credential, Endpoint, SecretSource};
pub use sizewright_collector::ssh::{
    Connection, ConnectionFacts, FailureKind, Limits, Lobby, Secret, SecretError, SecretRequest, SecretStore, Secrets,
    Settings, SshError, connect,
};

/// Stack of a thread that serves a host in a campaign.
pub const HOST_STACK: usize = 256 * 1024;

/// Who asks for no secret gets none.
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn password(&self, of: &SecretRequest) -> Result<Secret, SecretError> {
        panic!("the {of} was asked for");
    }
}

/// Gives one secret to everybody and counts.
#[derive(Default)]
pub struct OneSecret(pub &'static str, pub AtomicUsize);

impl Secrets for OneSecret {
    fn password(&self, _of: &SecretRequest) -> Result<Secret, SecretError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(Secret::new(self.0.to_string()))
    }
}

pub fn try_with(endpoint: &Endpoint, settings: &Settings, secrets: &dyn Secrets) -> Result<ConnectionFacts, SshError> {
    thread::scope(|scope| {
        let host = thread::Builder::new().stack_size(HOST_STACK).spawn_scoped(scope, || {
            let lobby = Lobby::default();
            let mut connection = connect(endpoint, settings, secrets, &lobby)?;
            let mut text = String::new();
            // The user's own `ssh` connects with the command only.
            connection.exec("echo reached")?.read_to_string(&mut text).unwrap();
            assert_eq!(text, "reached\n");
            Ok(connection.facts())
        });
        host.unwrap().join().unwrap()
    })
}

pub fn facts_of(endpoint: &Endpoint) -> ConnectionFacts {
    try_with(endpoint, &Settings::default(), &NoSecrets).unwrap()
}

pub fn failure_of(endpoint: &Endpoint) -> SshError {
    try_with(endpoint, &quick(), &NoSecrets).unwrap_err()
}

/// Time-outs that a test can wait for.
pub fn quick() -> Settings {
    Settings {
        connect_timeout: Duration::from_secs(2),
        handshake_timeout: Duration::from_secs(2),
        authentication_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        ..Settings::default()
    }
}

pub fn output(connection: &mut dyn Connection, command: &str) -> String {
    let mut channel = connection.exec(command).unwrap();
    let mut text = String::new();
    channel.read_to_string(&mut text).unwrap();
    text
}

pub fn with_key(rig: &Rig, server: &Sshd, key: &str) -> Endpoint {
    Endpoint {
        credentials: vec![rig.credential(key)],
        ..rig.endpoint(server)
    }
}

pub fn chain_of(error: &SshError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

/// Listens and does with each connection what it is told.
pub fn listener(serve: impl Fn(std::net::TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    port
}

pub fn at_port(port: u16) -> Endpoint {
    Endpoint {
        address: "localhost".to_string(),
        port,
        user: own_name(),
        host_key_alias: None,
        credentials: Vec::new(),
        known_hosts: vec![PathBuf::from("/dev/null")],
        jumps: Vec::new(),
        client: Client::BuiltIn,
    }
}
