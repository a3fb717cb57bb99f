//! The shell loop of a target, run on this machine: the same program, without SSH.

use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::sampler::COMMAND;
use crate::ssh::{BesideError, Channel, ConnectionFacts, Way};

/// A shell of this machine; ended when dropped.
pub struct LocalShell {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    timeout: Duration,
}

impl LocalShell {
    /// Starts the command that also runs on a remote target.
    ///
    /// # Errors
    /// When there is no shell.
    pub fn start() -> io::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", COMMAND])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or(ErrorKind::BrokenPipe)?;
        Ok(Self {
            child,
            input,
            output,
            timeout: Duration::from_secs(10),
        })
    }
}

impl Channel for LocalShell {
    fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    fn facts(&self) -> ConnectionFacts {
        super::facts()
    }

    fn beside<'b>(&'b mut self, way: &Way<'_>) -> Result<Box<dyn Channel + 'b>, BesideError> {
        super::open(way)
    }
}

impl Read for LocalShell {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let until = Instant::now() + self.timeout;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let time = Timespec::try_from(left).map_err(|_| ErrorKind::InvalidInput)?;
            match poll(&mut [PollFd::new(&self.output, PollFlags::IN)], Some(&time)) {
                Ok(0) => return Err(ErrorKind::TimedOut.into()),
                Ok(_) => return self.output.read(buffer),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Write for LocalShell {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.input.as_mut().ok_or(ErrorKind::BrokenPipe)?.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.as_mut().ok_or(ErrorKind::BrokenPipe)?.flush()
    }
}

impl Drop for LocalShell {
    fn drop(&mut self) {
        // The loop ends with its input.
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
