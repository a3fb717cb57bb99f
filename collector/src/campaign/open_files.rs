//! Room for the connections of all hosts among the files that the process may open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files of a host: its socket, or the three pipes of the user's own `ssh`.
const PER_HOST: u64 = 3;
/// Files beside those of the hosts: log, segments in the making, known_hosts files, jump hosts.
const BESIDE: u64 = 256;

/// Raises the soft limit of open files to what so many hosts need, as far as the hard limit allows.
///
/// The usual soft limit, 1,024, is too low for a thousand hosts. Where it cannot be raised, the hosts for
/// which there is no file say so on the board.
pub(super) fn make_room(hosts: usize) {
    let limit = getrlimit(Resource::Nofile);
    let needed = raised(limit, hosts as u64 * PER_HOST + BESIDE);
    if needed != limit {
        let _ = setrlimit(Resource::Nofile, needed);
    }
}

/// Gives the limit with room for so many files; nothing stands for "no limit", and it is never lowered.
fn raised(limit: Rlimit, needed: u64) -> Rlimit {
    let allowed = limit.maximum.map_or(needed, |most| most.min(needed));
    Rlimit {
        current: limit.current.map(|current| current.max(allowed)),
        ..limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_as_far_as_allowed_and_never_lowered() {
        let limit = |current, maximum| Rlimit { current, maximum };
        let usual = limit(Some(1_024), Some(4_096));
        assert_eq!(raised(usual, 3_256), limit(Some(3_256), Some(4_096)));
        assert_eq!(raised(usual, 30_256), limit(Some(4_096), Some(4_096)));
        assert_eq!(raised(usual, 256), usual);
        assert_eq!(raised(limit(Some(1_024), None), 30_256), limit(Some(30_256), None));
        assert_eq!(raised(limit(None, None), 256), limit(None, None));
    }

    #[test]
    fn there_is_room_afterwards() {
        make_room(300);
        let limit = getrlimit(Resource::Nofile);
        let wanted = limit.maximum.map_or(1_156, |most| most.min(1_156));
        assert!(limit.current.is_none_or(|current| current >= wanted));
    }
}
