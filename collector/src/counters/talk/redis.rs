//! Redis: `AUTH` where there is a login, then `INFO`.

use super::{Line, Talk};
use crate::counters::answer::Answer;
use crate::counters::asked::Spot;
use crate::counters::conversation::Login;
use crate::counters::read;
use crate::counters::unavailable::{Unavailable, Why};

/// Asks for all counters.
pub(in crate::counters) fn redis(
    feed: &mut Line<'_>,
    spot: &Spot,
    login: Option<&Login>,
) -> Result<Answer, Unavailable> {
    let mut talk = Talk::open(feed, spot)?;
    if let Some(login) = login {
        let mut words = vec!["AUTH"];
        if !login.user.is_empty() {
            words.push(&login.user);
        }
        words.push(login.password());
        talk.send(&command(&words))?;
        reply(&mut talk)?;
    }
    talk.send(&command(&["INFO"]))?;
    let mut text = reply(&mut talk)?;
    talk.send(&command(&["INFO", "commandstats"]))?;
    // Without these the share of writes is unknown, and no more.
    text.extend(reply(&mut talk).unwrap_or_default());
    Ok(read::redis::read(&text))
}

/// Writes a command as a list of texts, each with its length, so that nothing in them can end it.
fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n", word.len()).bytes());
        bytes.extend(word.bytes());
        bytes.extend(b"\r\n");
    }
    bytes
}

fn reply(talk: &mut Talk<'_>) -> Result<Vec<u8>, Unavailable> {
    let line = talk.line()?;
    if let Some(error) = line.strip_prefix('-') {
        let why = match error.split_whitespace().next() {
            Some("NOAUTH" | "DENIED") => Why::NoPassword,
            Some("WRONGPASS") => Why::WrongPassword,
            Some("NOPERM") => Why::NotAllowed,
            // Before version 6, and an `AUTH` where no password is set.
            _ if error.contains("password") => Why::WrongPassword,
            _ => Why::Odd,
        };
        return Err(Unavailable::new(why, error));
    }
    match line.strip_prefix('$').or_else(|| line.strip_prefix("=")) {
        Some(length) => {
            let length: usize = length
                .parse()
                .map_err(|_| Unavailable::new(Why::Odd, "it does not speak the protocol of Redis"))?;
            let mut text = talk.exactly(length.saturating_add(2))?;
            text.truncate(length);
            Ok(text)
        }
        None if line.starts_with('+') => Ok(Vec::new()),
        None => Err(Unavailable::new(Why::Odd, "it does not speak the protocol of Redis")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_in_a_password_can_end_the_command() {
        assert_eq!(
            super::command(&["AUTH", "a\r\nb"]),
            b"*2\r\n$4\r\nAUTH\r\n$4\r\na\r\nb\r\n"
        );
    }
}
