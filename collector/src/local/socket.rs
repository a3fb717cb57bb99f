//! Services of this machine: its ports and sockets, without SSH.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::LocalShell;
use crate::ssh::{BesideError, Channel, ConnectionFacts, Way};

/// Time for a connection within one machine.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Opens a shell, port or socket of this machine.
///
/// # Errors
/// When nobody listens there.
pub fn open<'b>(way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
    let unreachable = |error: io::Error| BesideError::Unreachable {
        reason: error.to_string(),
    };
    Ok(match *way {
        Way::Shell => Box::new(LocalShell::start().map_err(unreachable)?),
        Way::Tcp { address, port } => {
            let addresses = (address, port).to_socket_addrs().map_err(unreachable)?;
            let mut last = io::ErrorKind::AddrNotAvailable.into();
            for address in addresses {
                match TcpStream::connect_timeout(&address, CONNECT_WITHIN) {
                    Ok(stream) => return Ok(Box::new(Local(stream))),
                    Err(error) => last = error,
                }
            }
            return Err(unreachable(last));
        }
        Way::Socket { path } => Box::new(Local(UnixStream::connect(path).map_err(unreachable)?)),
    })
}

/// A connection to a service of this machine.
struct Local<S>(S);

/// What TCP and unix sockets have in common.
trait Timed: Read + Write {
    fn limit(&self, timeout: Duration) -> io::Result<()>;
}

impl Timed for TcpStream {
    fn limit(&self, timeout: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(timeout))?;
        self.set_write_timeout(Some(timeout))
    }
}

impl Timed for UnixStream {
    fn limit(&self, timeout: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(timeout))?;
        self.set_write_timeout(Some(timeout))
    }
}

impl<S: Timed> Read for Local<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            // What a socket says when its time is over.
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}

impl<S: Timed> Write for Local<S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<S: Timed> Channel for Local<S> {
    fn set_timeout(&mut self, timeout: Duration) {
        // A time of zero is refused and would change nothing; a millisecond is as short as it gets.
        let _ = self.0.limit(timeout.max(Duration::from_millis(1)));
    }

    fn facts(&self) -> ConnectionFacts {
        super::facts()
    }

    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        open(way)
    }
}
