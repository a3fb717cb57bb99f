//! A heap without caches for each thread: with a thread per host they are a fifth of what a host takes.
//!
//! The C library reads how its heap is to work when a program starts, and from
//! the environment only. So `collect` starts itself once more, in the same
//! process and with the same arguments, before it has opened or locked anything.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Where the C library reads it from.
const VARIABLE: &str = "GLIBC_TUNABLES";
/// What turns the caches off.
const NO_CACHES: &str = "glibc.malloc.tcache_count=0";
/// Hosts from which on it is worth it.
const MANY_HOSTS: usize = 16;

/// Starts the program anew with a lean heap where there are many hosts; comes back where that is so already, or cannot be.
pub fn restart_for(hosts: usize) {
    let Some(settings) = wanted(hosts, std::env::var_os(VARIABLE)) else {
        return;
    };
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // It only comes back when it failed; then the heap stays as it is, which is no harm but memory.
    let _ = command.args(arguments).env(VARIABLE, settings).exec();
}

/// Gives what the environment must say; nothing where it says so already or there are few hosts.
fn wanted(hosts: usize, known: Option<OsString>) -> Option<OsString> {
    if hosts < MANY_HOSTS {
        return None;
    }
    let Some(known) = known.filter(|known| !known.is_empty()) else {
        return Some(NO_CACHES.into());
    };
    // Somebody who sets it himself knows why.
    if known.to_string_lossy().contains("glibc.malloc.tcache_count") {
        return None;
    }
    let mut all = known;
    all.push(":");
    all.push(NO_CACHES);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_for_once_and_beside_what_is_there() {
        assert_eq!(wanted(15, None), None);
        assert_eq!(wanted(500, None), Some(NO_CACHES.into()));
        assert_eq!(wanted(500, wanted(500, None)), None);
        let own = Some("glibc.malloc.arena_max=4".into());
        let both = wanted(500, own).expect("wanted");
        assert_eq!(
            both.to_str(),
            Some("glibc.malloc.arena_max=4:glibc.malloc.tcache_count=0")
        );
        assert_eq!(wanted(500, Some(both)), None);
    }
}
