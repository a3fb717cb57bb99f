//! Sockets from the text of `/proc/net/{tcp,tcp6,udp,udp6}`, as `head` prints several files.

use telemetry::inventory::Transport;

use super::address::hexadecimal;
use super::{Line, Sockets, State};

/// Says whether the reply is of `/proc/net`: `head` names each file.
pub(super) fn is_proc(text: &str) -> bool {
    text.trim_start().starts_with("==> ")
}

/// Reads the files.
pub(super) fn sockets(text: &str) -> Sockets {
    let mut found = Sockets::default();
    let mut transport = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("==> ").and_then(|rest| rest.strip_suffix(" <==")) {
            transport = match name.rsplit('/').next() {
                Some("tcp" | "tcp6") => Some(Transport::Tcp),
                Some("udp" | "udp6") => Some(Transport::Udp),
                _ => None,
            };
            continue;
        }
        let Some(read) = transport.and_then(|transport| socket(line, transport)) else {
            continue;
        };
        if found.take(read) {
            break;
        }
    }
    found
}

/// Reads a line: number, local end, remote end, state, queues, timer, retransmits, account, time-out, inode.
fn socket(line: &str, transport: Transport) -> Option<Line> {
    let mut words = line.split_ascii_whitespace();
    words.next()?.strip_suffix(':')?.parse::<u64>().ok()?;
    let local = hexadecimal(words.next()?)?;
    let remote = hexadecimal(words.next()?)?;
    let state = match (transport, words.next()?) {
        (Transport::Tcp, "0A") | (Transport::Udp, "07") => State::Listening,
        (_, "01") => State::Established,
        (Transport::Tcp, "06") => State::TimeWait,
        _ => return None,
    };
    let uid = words.nth(3)?.parse().ok();
    let inode = words.nth(1).and_then(|inode| inode.parse().ok());
    Some(Line {
        transport,
        state,
        local,
        remote: (remote.1 != 0).then_some(remote),
        // Of a connection in TIME-WAIT the kernel knows neither any more and prints 0.
        uid: if state == State::TimeWait { None } else { uid },
        inode: inode.filter(|&inode| inode != 0),
        pid: None,
        process: None,
        control_group: None,
    })
}
