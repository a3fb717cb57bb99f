//! What a shell on the host does for us: client programs, and carrying bytes where channels are forbidden.
//!
//! The shell reads its program from standard input, so that nothing but the
//! fixed arguments of a client shows in the process list; accounts and passwords
//! follow on lines of their own and reach the client in its environment.

use std::time::Duration;

use serde_json::Value;

use super::{Line, Talk, WITHIN};
use crate::counters::answer::Answer;
use crate::counters::asked::Spot;
use crate::counters::read;
use crate::counters::unavailable::{Unavailable, Why};
use crate::ssh::Way;

/// Time for a client program; some start a virtual machine first.
const PROGRAM_WITHIN: Duration = Duration::from_secs(15);

/// Begins every program: plain texts, known places, no files.
pub(super) const BEFORE: &str = "LC_ALL=C; HISTFILE=/dev/null; umask 077; PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin; for b in /usr/pgsql-*/bin /usr/lib/postgresql/*/bin /opt/mysql/bin; do [ -d \"$b\" ] && PATH=$PATH:$b; done; export LC_ALL PATH HISTFILE";

/// Asks RabbitMQ's own program for its state and its queues.
pub(super) const RABBITMQ: &str = "if ! command -v rabbitmqctl >/dev/null 2>&1; then echo none; else if [ -z \"$(id -u | grep -x 0)\" ] && sudo -n -l rabbitmqctl >/dev/null 2>&1; then S='sudo -n'; else S=; fi; $S rabbitmqctl -q -t 8 status --formatter json 2>&1; echo; echo ==; $S rabbitmqctl -q -t 8 list_queues name type messages messages_ready messages_unacknowledged consumers --formatter json 2>&1; fi";

/// Asks `jstat` for the heaps of up to eight machines.
pub(super) const JVM: &str = "if ! command -v jstat >/dev/null 2>&1; then for b in /usr/lib/jvm/*/bin /opt/java/*/bin /opt/jdk*/bin; do [ -x \"$b/jstat\" ] && PATH=$PATH:$b; done; fi; if ! command -v jstat >/dev/null 2>&1; then echo none; else n=0; for d in /proc/[0-9]*; do c=; read -r c < \"$d/comm\"; [ \"$c\" = java ] || continue; n=$((n+1)); [ $n -gt 8 ] && break; p=${d#/proc/}; echo \"pid $p\"; jstat -gc \"$p\"; jstat -gccapacity \"$p\"; done 2>/dev/null; fi";

/// Runs a program on the host with lines of input; gives what stood between its marks.
///
/// The program prints `none` after the first mark when it finds no client.
pub(super) fn run(feed: &mut Line<'_>, program: &str, input: &[&str]) -> Result<Vec<u8>, Unavailable> {
    let nonce = format!("{:016x}", rand::random::<u64>());
    let channel = feed.feed.beside(&Way::Shell)?;
    let mut talk = Talk::new(channel, PROGRAM_WITHIN);
    talk.send(format!("{BEFORE}; echo; echo \"@{nonce} B\"; {program}; echo; echo \"@{nonce} E\"\n").as_bytes())?;
    for line in input {
        let line = zeroize::Zeroizing::new(format!("{line}\n"));
        talk.send(line.as_bytes())?;
    }
    let begin = format!("@{nonce} B");
    while talk.line()? != begin {}
    let end = format!("\n@{nonce} E\n").into_bytes();
    loop {
        let found = talk.buffer.windows(end.len()).position(|window| window == end);
        if let Some(place) = found {
            let mut text = std::mem::take(&mut talk.buffer);
            text.truncate(place);
            return Ok(text);
        }
        if !talk.fill()? {
            return Err(Unavailable::new(Why::Unreachable, "its client program was ended"));
        }
    }
}

/// Opens a way to a port or socket by a program of the host: the connection forwards none.
pub(super) fn carried<'a>(feed: &'a mut Line<'_>, spot: &Spot) -> Result<Talk<'a>, Unavailable> {
    // The words were checked when they were read; anything else is refused here once more.
    let is_plain = |text: &str| {
        !text.starts_with('-')
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "._/-@+:".contains(letter))
    };
    let program = match spot {
        Spot::Tcp { address, port, .. } if is_plain(address) => format!(
            "if command -v nc >&2; then echo go; exec nc {address} {port}; elif command -v ncat >&2; then echo go; exec ncat {address} {port}; elif command -v socat >&2; then echo go; exec socat - TCP:{bracketed}:{port}; elif command -v busybox >&2; then echo go; exec busybox nc {address} {port}; fi",
            bracketed = if address.contains(':') {
                format!("[{address}]")
            } else {
                address.clone()
            },
        ),
        Spot::Socket { path } if is_plain(path) => format!(
            "[ -w {path} ] || exit; if command -v socat >&2; then echo go; exec socat - UNIX-CONNECT:{path}; elif command -v nc >&2; then echo go; exec nc -U {path}; fi"
        ),
        _ => return Err(Unavailable::new(Why::Odd, "its place has odd signs")),
    };
    let mut talk = Talk::new(feed.feed.beside(&Way::Shell)?, WITHIN);
    let nonce = format!("{:016x}", rand::random::<u64>());
    talk.send(format!("{BEFORE}; exec 2>/dev/null; echo \"@{nonce}\"; {program}\n").as_bytes())?;
    while talk.line()? != format!("@{nonce}") {}
    match talk.line() {
        Ok(line) if line == "go" => Ok(talk),
        _ => Err(Unavailable::new(
            Why::Forbidden,
            "the host forwards no connections, and has neither nc nor socat, or the socket is not the account's to use",
        )),
    }
}

/// Asks RabbitMQ by its own program, which only root and the account of RabbitMQ may use, or sudo if it allows it.
pub(in crate::counters) fn rabbitmq_control(feed: &mut Line<'_>) -> Result<Answer, Unavailable> {
    let text = run(feed, RABBITMQ, &[])?;
    let text = String::from_utf8_lossy(&text);
    if text.trim() == "none" {
        return Err(Unavailable::new(Why::NoProgram, "the host has no rabbitmqctl"));
    }
    let (status, queues) = text.split_once("\n==\n").unwrap_or((text.as_ref(), ""));
    let json = |text: &str| -> Option<Value> {
        let from = text.find(['{', '['])?;
        serde_json::from_str(text.get(from..)?.trim()).ok()
    };
    let Some(status) = json(status) else {
        let said = status.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(Unavailable::new(
            Why::NotAllowed,
            format!("rabbitmqctl is refused; give an account with the tag `monitoring`: {said}"),
        ));
    };
    Ok(read::rabbitmq::read_control(&status, json(queues).as_ref()))
}

/// Asks the Java virtual machines of the host that the account may look into.
pub(in crate::counters) fn jvm(feed: &mut Line<'_>) -> Result<Answer, Unavailable> {
    let text = run(feed, JVM, &[])?;
    if text.trim_ascii() == b"none" {
        return Err(Unavailable::new(Why::NoProgram, "the host has no jstat"));
    }
    let (mut answer, hidden) = read::jvm::read(&text);
    if answer.is_empty() {
        let words = match hidden {
            0 => "no process is called java".to_string(),
            count => format!("{count} Java virtual machines belong to other accounts"),
        };
        return Err(Unavailable::new(Why::NotAllowed, words));
    }
    if hidden > 0 {
        answer
            .missing
            .push(format!("{hidden} Java virtual machines belong to other accounts"));
    }
    Ok(answer)
}
