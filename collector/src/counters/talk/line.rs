//! HAProxy's socket: one line of commands, an answer, the end.

use super::{Line, Talk};
use crate::counters::answer::Answer;
use crate::counters::asked::Spot;
use crate::counters::read;
use crate::counters::unavailable::{Unavailable, Why};

/// Asks for all counters; the socket is where the user said, or where packages put it.
pub(in crate::counters) fn haproxy_socket(feed: &mut Line<'_>, spot: Option<&Spot>) -> Result<Answer, Unavailable> {
    const USUAL: [&str; 3] = [
        "/run/haproxy/admin.sock",
        "/var/lib/haproxy/stats",
        "/var/run/haproxy.sock",
    ];
    let usual: Vec<Spot> = USUAL.map(|path| Spot::Socket { path: path.to_string() }).to_vec();
    let spots = spot.map_or(usual, |spot| vec![spot.clone()]);
    let mut last = Unavailable::new(Why::Unreachable, "it has no socket");
    for spot in &spots {
        match ask(feed, spot) {
            Ok(answer) => return Ok(answer),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn ask(feed: &mut Line<'_>, spot: &Spot) -> Result<Answer, Unavailable> {
    let mut talk = Talk::open(feed, spot)?;
    talk.send(b"show info;show stat\n")?;
    let text = talk.rest()?;
    if text.starts_with(b"Permission denied") {
        return Err(Unavailable::new(
            Why::NotAllowed,
            "the socket has no level for statistics",
        ));
    }
    Ok(read::haproxy::read(&text))
}
