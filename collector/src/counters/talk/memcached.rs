//! Memcached: `stats`.

use super::{Line, Talk};
use crate::counters::answer::Answer;
use crate::counters::asked::Spot;
use crate::counters::read;
use crate::counters::unavailable::{Unavailable, Why};

/// Asks for all counters.
pub(in crate::counters) fn memcached(feed: &mut Line<'_>, spot: &Spot) -> Result<Answer, Unavailable> {
    let mut talk = Talk::open(feed, spot)?;
    talk.send(b"stats\r\n")?;
    let mut text = String::new();
    loop {
        let line = talk.line()?;
        if line == "END" {
            return Ok(read::memcached::read(text.as_bytes()));
        }
        if !line.starts_with("STAT ") || text.len() > 1 << 20 {
            return Err(Unavailable::new(
                Why::Odd,
                "it does not answer `stats`; SASL is not spoken",
            ));
        }
        text.push_str(&line);
        text.push('\n');
    }
}
