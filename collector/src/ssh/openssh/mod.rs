//! SSH by the user's own `ssh` program: one process per command.
//!
//! For what the library lacks: ProxyCommand, Kerberos, hardware keys, old or
//! very new algorithms. Slower and far larger than the library, and without
//! passwords, which `ssh` asks for on the terminal only.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

mod arguments;
mod narration;
mod process;

use process::Process;

use super::Settings;
use super::error::SshError;
use super::lobby::{Gates, Lobby};
use super::patience::deadline_in;
use super::place::Place;
use super::route::{hops, key_at};
use super::transport::{BesideError, Channel, Connection, ConnectionFacts, Way};
use crate::hosts::target::Endpoint;
use crate::sampler::COMMAND;

/// Prepares connections to an endpoint; nothing is sent yet.
pub(super) fn connect(
    endpoint: &Endpoint,
    settings: &Settings,
    lobby: &Lobby,
) -> Result<Box<dyn Connection>, SshError> {
    let place = Place::of(endpoint);
    let arguments = arguments::of(endpoint, settings).map_err(|reason| SshError::Unsupported {
        place: place.clone(),
        reason,
    })?;
    let chain = hops(endpoint);
    let mut servers = vec![key_at(&chain, endpoint)];
    // Every process makes a connection of its own to the first jump host, which counts there.
    servers.extend(chain.first().map(|first| key_at(&[], first)));
    let per_server = settings.connect_timeout + settings.handshake_timeout + settings.authentication_timeout;
    Ok(Box::new(OwnSsh {
        place,
        arguments,
        servers,
        gates: Arc::clone(lobby.gates()),
        patience: per_server * u32::try_from(chain.len() + 1).unwrap_or(1),
        read_timeout: settings.read_timeout,
        facts: ConnectionFacts::default(),
    }))
}

/// What is needed to start `ssh` for one host.
struct OwnSsh {
    place: Place,
    arguments: Vec<String>,
    servers: Vec<String>,
    gates: Arc<Gates>,
    patience: Duration,
    read_timeout: Duration,
    facts: ConnectionFacts,
}

impl OwnSsh {
    /// Starts `ssh` and waits until the server lets it in.
    fn process(&self, words: &[String]) -> Result<Process, SshError> {
        let pass = self.gates.enter(self.servers.clone(), true);
        let pass = pass.ok_or_else(|| SshError::Stopped {
            place: self.place.clone(),
        })?;
        let mut process = Process::start(words).map_err(|error| SshError::Program {
            place: self.place.clone(),
            reason: match error.kind() {
                io::ErrorKind::NotFound => "there is none".to_string(),
                _ => error.to_string(),
            },
        })?;
        process.wait_for_authentication(&self.place, self.patience)?;
        drop(pass);
        Ok(process)
    }

    /// Gives the arguments for a command.
    fn command(&self, command: &str) -> Vec<String> {
        let mut words = self.arguments.clone();
        words.push(command.to_string());
        words
    }

    /// Gives the arguments for a connection to a port or socket of the host.
    fn forward(&self, to: &str) -> Vec<String> {
        let mut words = vec!["-W".to_string(), to.to_string()];
        words.extend(self.arguments.iter().cloned());
        words
    }

    fn running(&self, process: Process) -> RunningSsh<'_> {
        RunningSsh {
            process,
            connection: self,
            timeout: self.read_timeout,
        }
    }
}

impl Connection for OwnSsh {
    fn exec<'a>(&'a mut self, command: &str) -> Result<Box<dyn Channel + 'a>, SshError> {
        let process = self.process(&self.command(command))?;
        self.facts = process.narration().facts();
        Ok(Box::new(self.running(process)))
    }

    fn facts(&self) -> ConnectionFacts {
        self.facts.clone()
    }
}

/// A command that runs at the other end of an `ssh` process.
struct RunningSsh<'a> {
    process: Process,
    connection: &'a OwnSsh,
    timeout: Duration,
}

impl RunningSsh<'_> {
    fn failed(&self, error: &io::Error) -> io::Error {
        if error.kind() == io::ErrorKind::TimedOut {
            let timed_out = SshError::TimedOut {
                place: self.connection.place.clone(),
                what: "answer",
                after: self.timeout,
            };
            return io::Error::new(io::ErrorKind::TimedOut, timed_out);
        }
        let closed = SshError::Closed {
            place: self.connection.place.clone(),
            reason: self
                .process
                .narration()
                .last_words()
                .unwrap_or_else(|| error.to_string()),
        };
        io::Error::new(io::ErrorKind::ConnectionAborted, closed)
    }
}

impl Read for RunningSsh<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.process.read(buffer, deadline_in(self.timeout));
        read.map_err(|error| self.failed(&error))
    }
}

impl Write for RunningSsh<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.process.write(buffer, deadline_in(self.timeout));
        written.map_err(|error| self.failed(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Channel for RunningSsh<'_> {
    fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    fn facts(&self) -> ConnectionFacts {
        self.process.narration().facts()
    }

    /// Every channel is a connection of its own; a port or socket that is refused shows at the first read.
    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        let connection = self.connection;
        let words = match *way {
            Way::Shell => connection.command(COMMAND),
            Way::Tcp { address, port } => connection.forward(&format!("[{address}]:{port}")),
            Way::Socket { path } => connection.forward(path),
        };
        let process = connection.process(&words).map_err(BesideError::Lost)?;
        Ok(Box::new(connection.running(process)))
    }
}
