//! Sockets as `ss -tunaeip` prints them: a line each, for TCP followed by an indented line of details.

use telemetry::inventory::Transport;
use telemetry::untrusted::for_terminal;

use super::address::end;
use super::{Line, Sockets, State};

/// Bytes of a control group's path that are kept.
const PATH_BYTES_AT_MOST: usize = 512;

/// Bytes of a process's name that are kept; the kernel has 15, `ss` may escape them.
const NAME_BYTES_AT_MOST: usize = 64;

/// Reads the lines.
pub(super) fn sockets(text: &str) -> Sockets {
    let mut found = Sockets {
        by_ss: true,
        ..Sockets::default()
    };
    // Whether the details of the next line belong to the last connection.
    let mut open = false;
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some(connection) = found.connections.last_mut().filter(|_| open) {
                let sent = number(line, "bytes_sent:").or_else(|| number(line, "bytes_acked:"));
                connection.received_bytes = number(line, "bytes_received:").or(sent.map(|_| 0));
                // The kernel leaves out counters that are 0; when it tells one, the other is known too.
                connection.sent_bytes = sent.or(connection.received_bytes.map(|_| 0));
            }
            open = false;
            continue;
        }
        open = false;
        let Some(read) = socket(line) else { continue };
        open = read.state == State::Established && read.transport == Transport::Tcp;
        if found.take(read) {
            break;
        }
    }
    found
}

/// Reads a line: transport, state, two queues, local end, remote end, then words in any order.
fn socket(line: &str) -> Option<Line> {
    let mut words = line.split_ascii_whitespace();
    let transport = match words.next()? {
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        _ => return None,
    };
    let state = match (transport, words.next()?) {
        (Transport::Tcp, "LISTEN") | (Transport::Udp, "UNCONN") => State::Listening,
        (_, "ESTAB") => State::Established,
        (Transport::Tcp, "TIME-WAIT") => State::TimeWait,
        _ => return None,
    };
    let local = end(words.nth(2)?)?;
    let remote = end(words.next()?);
    let rest = line;
    let inode = number(rest, " ino:");
    // With details asked for, the superuser's number is left out, since it is 0.
    let uid = number(rest, " uid:").or(inode.filter(|_| state != State::TimeWait).map(|_| 0));
    Some(Line {
        transport,
        state,
        local,
        remote: remote.filter(|&(_, port)| port != 0),
        uid: uid.and_then(|uid| u32::try_from(uid).ok()),
        inode: inode.filter(|&inode| inode != 0),
        pid: process(rest).map(|(_, pid)| pid),
        process: process(rest).map(|(name, _)| name),
        control_group: control_group(rest),
    })
}

/// Reads the first number after a key.
fn number(text: &str, key: &str) -> Option<u64> {
    let rest = text.split_once(key)?.1;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

/// Reads name and number of the first process: `users:(("name",pid=1,fd=2),…)`, before 2014 `users:(("name",1,2))`.
///
/// A name may hold anything, even text like this; the kernel allows it 15 bytes, and the last number before the
/// file's is taken.
fn process(line: &str) -> Option<(String, u32)> {
    let users = line.split_once(" users:((")?.1;
    let end = users.find("))").unwrap_or(users.len());
    let users = users.get(..end)?;
    let first = users.split("),(").next()?;
    let mut parts = first.rsplit(',');
    let _file = parts.next()?;
    let pid = parts.next()?;
    let pid = pid.strip_prefix("pid=").unwrap_or(pid).parse().ok()?;
    let name = first.get(..first.rfind("\",")?)?.trim_start_matches('"');
    Some((
        for_terminal(
            name.get(..name.floor_char_boundary(NAME_BYTES_AT_MOST))
                .unwrap_or_default(),
        )
        .into_owned(),
        pid,
    ))
}

fn control_group(line: &str) -> Option<String> {
    let path = line.rsplit_once(" cgroup:")?.1.split_ascii_whitespace().next()?;
    // The root group says nothing; `unreachable:…` is a group that has ended.
    let plain = path.starts_with('/') && path.len() > 1 && path.len() <= PATH_BYTES_AT_MOST;
    plain.then(|| for_terminal(path).into_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_long_name_is_cut_also_where_a_letter_takes_several_bytes() {
        let line = format!("tcp ESTAB users:((\"a{}\",pid=7,fd=1))", "é".repeat(300));
        let named = super::process(&line).map(|(name, pid)| (name.len(), pid));
        assert_eq!(named, Some((63, 7)));
    }
}
