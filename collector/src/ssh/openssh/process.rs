//! An `ssh` process and its three pipes, with deadlines.

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, Signal, kill_process_group};

use super::narration::Narration;
use crate::ssh::error::SshError;
use crate::ssh::patience::{deadline_in, poll_until};
use crate::ssh::place::Place;

/// So long an `ssh` may take to end by itself once its output has ended or it was told to go.
const FAREWELL: Duration = Duration::from_millis(400);

/// The status with which `ssh` itself fails, in contrast to the command.
const SSH_FAILED: i32 = 255;

/// An `ssh` process; ended with everything it started when dropped.
pub(super) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
    /// What it says on standard error; nothing once that has ended.
    talk: Option<ChildStderr>,
    narration: Narration,
}

impl Process {
    pub(super) fn start(arguments: &[String]) -> io::Result<Self> {
        let mut ssh = Command::new("ssh");
        ssh.args(arguments);
        ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // The commands for jump hosts are written for sh; and what `ssh` says is read, so in English.
        ssh.env("SHELL", "/bin/sh")
            .env("LC_ALL", "C")
            .env("SSH_ASKPASS_REQUIRE", "never");
        // A group of its own: Ctrl-C is for us to handle, and the processes for jump hosts end with it.
        let mut child = ssh.process_group(0).spawn()?;
        let (input, output, talk) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let Some(output) = output else {
            return Err(io::Error::other("no pipe to `ssh`"));
        };
        let process = Self {
            child,
            input,
            output,
            talk,
            narration: Narration::default(),
        };
        never_block(&process.output)?;
        process.input.as_ref().map_or(Ok(()), never_block)?;
        process.talk.as_ref().map_or(Ok(()), never_block)?;
        Ok(process)
    }

    pub(super) fn narration(&self) -> &Narration {
        &self.narration
    }

    /// Waits until the server lets us in, or `ssh` gives up.
    pub(super) fn wait_for_authentication(&mut self, place: &Place, patience: Duration) -> Result<(), SshError> {
        let deadline = deadline_in(patience);
        while !self.narration.is_authenticated() {
            let Some(talk) = &self.talk else {
                self.wait_for_end();
                return Err(self.narration.failure(place));
            };
            if !matches!(poll_until(&mut [PollFd::new(talk, PollFlags::IN)], deadline), Ok(true)) {
                return Err(SshError::TimedOut {
                    place: place.clone(),
                    what: "let `ssh` in",
                    after: patience,
                });
            }
            self.listen();
        }
        Ok(())
    }

    /// Reads output of the command; `Ok(0)` at its end.
    pub(super) fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
        loop {
            match self.output.read(buffer) {
                Ok(0) if !buffer.is_empty() => {
                    self.listen();
                    let status = self.wait_for_end();
                    if status.is_some_and(|status| status.code() == Some(SSH_FAILED)) {
                        return Err(io::Error::other("`ssh` ended"));
                    }
                    return Ok(0);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            let mut descriptors = vec![PollFd::new(&self.output, PollFlags::IN)];
            descriptors.extend(self.talk.as_ref().map(|talk| PollFd::new(talk, PollFlags::IN)));
            if !poll_until(&mut descriptors, deadline)? {
                return Err(io::ErrorKind::TimedOut.into());
            }
            // Nobody else empties that pipe, and a full one would stop `ssh`.
            self.listen();
        }
    }

    /// Writes input of the command.
    pub(super) fn write(&mut self, buffer: &[u8], deadline: Instant) -> io::Result<usize> {
        let Some(input) = &mut self.input else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        loop {
            match input.write(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            if !poll_until(&mut [PollFd::new(&*input, PollFlags::OUT)], deadline)? {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }

    /// Takes what `ssh` has said so far.
    fn listen(&mut self) {
        let mut piece = [0; 2048];
        while let Some(talk) = &mut self.talk {
            match talk.read(&mut piece) {
                Ok(0) => self.talk = None,
                Ok(length) => self.narration.hear(piece.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.talk = None,
            }
            if self.narration.is_authenticated() && self.narration.has_heard_enough() {
                return;
            }
        }
    }

    fn wait_for_end(&mut self) -> Option<ExitStatus> {
        let deadline = deadline_in(FAREWELL);
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
                Ok(status) => return status,
                Err(_) => return None,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input = None;
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        for signal in [Signal::TERM, Signal::KILL] {
            if let Some(group) = group {
                let _ = kill_process_group(group, signal);
            }
            if self.wait_for_end().is_some() {
                return;
            }
        }
        // Killed, so that this cannot take long.
        let _ = self.child.wait();
    }
}

fn never_block(pipe: &impl AsFd) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(pipe, true)?)
}
