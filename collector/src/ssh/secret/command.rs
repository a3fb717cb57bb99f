//! Runs a password command and takes the first line it prints.

use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use zeroize::Zeroizing;

use super::{Secret, SecretError, SecretRequest};
use crate::ssh::patience::poll_until;

/// No password is longer, in bytes.
const LONGEST_SECRET: usize = 4096;

/// Runs `command` with `/bin/sh -c`; it finds who asks in SIZEWRIGHT_USER, SIZEWRIGHT_HOST and
/// SIZEWRIGHT_PORT, or SIZEWRIGHT_PRODUCT where a service asks.
///
/// What it prints on standard error is thrown away: it could be part of the secret.
pub(super) fn first_line_of(command: &str, of: &SecretRequest, longest: Duration) -> Result<Secret, SecretError> {
    let failed = |how: String| SecretError::Command {
        wanted: of.to_string(),
        how,
    };
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command);
    if let SecretRequest::Account {
        user, address, port, ..
    } = of
    {
        shell.env("SIZEWRIGHT_USER", user);
        shell.env("SIZEWRIGHT_HOST", address);
        shell.env("SIZEWRIGHT_PORT", port.to_string());
    }
    if let SecretRequest::Service {
        product, user, host, ..
    } = of
    {
        shell.env("SIZEWRIGHT_USER", user);
        shell.env("SIZEWRIGHT_HOST", host.as_deref().unwrap_or_default());
        shell.env("SIZEWRIGHT_PRODUCT", product);
    }
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // A group of its own, so that what the shell started ends with it.
    let mut child = shell
        .process_group(0)
        .spawn()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    let deadline = Instant::now() + longest;
    let line = first_line(&mut child, deadline);
    let status = wait(&mut child, deadline);
    let line = line.map_err(|error| failed(words_for(&error, longest)))?;
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(failed(format!("failed ({status})"))),
        Err(error) => return Err(failed(words_for(&error, longest))),
    }
    let text = std::str::from_utf8(&line).map_err(|_| failed("printed something that is not UTF-8".to_string()))?;
    let text = text.trim_end_matches('\r');
    if text.is_empty() {
        return Err(failed("printed nothing".to_string()));
    }
    if text.contains('\0') {
        return Err(failed("printed a zero byte".to_string()));
    }
    Ok(Secret::new(text.to_string()))
}

/// Reads until the end of output, so that the command is not stopped by a full pipe, and keeps the first line.
fn first_line(child: &mut Child, deadline: Instant) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_SECRET));
    let mut is_whole = false;
    let Some(output) = child.stdout.as_mut() else {
        return Ok(line);
    };
    let mut piece = Zeroizing::new([0u8; 512]);
    loop {
        if !poll_until(&mut [PollFd::new(&*output, PollFlags::IN)], deadline)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let read = output.read(&mut piece[..])?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(line);
        };
        for byte in bytes {
            is_whole = is_whole || *byte == b'\n';
            if is_whole {
                break;
            }
            if line.len() == LONGEST_SECRET {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            line.push(*byte);
        }
    }
}

/// Waits for the end of a command and ends it, with everything it started, at the deadline.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<std::process::ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            if let Some(group) = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap_or(0)) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            child.wait()?;
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn words_for(error: &io::Error, longest: Duration) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut => format!("took longer than {} s", longest.as_secs_f32()),
        io::ErrorKind::FileTooLarge => format!("printed a line of more than {LONGEST_SECRET} bytes"),
        _ => format!("could not be followed: {error}"),
    }
}
