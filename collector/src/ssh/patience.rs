//! Waiting for file descriptors until a deadline, and no longer.

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;

/// Longer than any campaign; stands for "for ever" where a deadline is needed.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Gives the moment that lies `after` from now.
pub(super) fn deadline_in(after: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(after.min(FOR_EVER)).unwrap_or(now)
}

/// Waits until one of the descriptors is ready; says `false` when the deadline came first.
///
/// # Errors
/// When the descriptors cannot be waited for.
pub(super) fn poll_until(descriptors: &mut [PollFd<'_>], deadline: Instant) -> io::Result<bool> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).unwrap_or(Timespec {
            tv_sec: 3600,
            tv_nsec: 0,
        });
        match poll(descriptors, Some(&timeout)) {
            Ok(0) if Instant::now() < deadline => {}
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
