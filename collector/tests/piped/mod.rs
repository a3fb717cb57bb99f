//! A program of this machine in the place of a remote command.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use collector::ssh::{BesideError, Channel, ConnectionFacts, Way};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sizewright_collector as collector;

/// A program of this machine as a channel; ended when dropped.
pub struct Piped {
    pub child: Child,
    timeout: Duration,
}

impl Piped {
    /// Runs a command line in `sh`, on a machine that writes numbers otherwise.
    pub fn run(command: &str) -> Self {
        Self::of(
            Command::new("sh")
                .args(["-c", command])
                .env("LC_NUMERIC", "de_DE.UTF-8"),
        )
    }

    /// Starts a program.
    pub fn of(command: &mut Command) -> Self {
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            timeout: Duration::from_secs(10),
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let out = self.child.stdout.as_mut().unwrap();
        let time = Timespec {
            tv_sec: self.timeout.as_secs() as i64,
            tv_nsec: i64::from(self.timeout.subsec_nanos()),
        };
        let ready = poll(&mut [PollFd::new(out, PollFlags::IN)], Some(&time))?;
        if ready == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        out.read(buffer)
    }
}

impl Write for Piped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.child.stdin.as_mut().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.child.stdin.as_mut().unwrap().flush()
    }
}

impl Channel for Piped {
    fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    fn facts(&self) -> ConnectionFacts {
        ConnectionFacts::default()
    }

    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        collector::local::open(way)
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
