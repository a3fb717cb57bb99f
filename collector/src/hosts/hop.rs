//! A server as one word: `[user@]host[:port]` or `ssh://[user@]host[:port]`.
//!
//! Input: text of a jump host. Output: its parts, checked so that none of them
//! can be taken for an option or a shell's sign when `ssh` is started with it.

use std::net::Ipv6Addr;

/// A server as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Hop {
    /// Reads one server; the error says what is wrong, as a clause, without repeating what stands before an `@`.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let text = text
            .strip_prefix("ssh://")
            .map_or(text, |rest| rest.trim_end_matches('/'));
        let (user, server) = match text.rsplit_once('@') {
            Some((user, server)) => (Some(user), server),
            None => (None, text),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err("has a colon before the `@`; a password does not belong there");
        }
        if user.is_some_and(|user| !is_user(user)) {
            return Err("has no usable account before the `@`");
        }
        let (host, port) = host_and_port(server)?;
        if !is_host(host) {
            return Err("has no usable host name or address");
        }
        Ok(Self {
            user: user.map(str::to_string),
            host: host.to_string(),
            port,
        })
    }
}

fn host_and_port(server: &str) -> Result<(&str, Option<u16>), &'static str> {
    if let Some(inside) = server.strip_prefix('[') {
        let (host, rest) = inside.split_once(']').ok_or("has a bracket that is not closed")?;
        return match rest {
            "" => Ok((host, None)),
            _ => Ok((
                host,
                Some(port(rest.strip_prefix(':').ok_or("has something after the bracket")?)?),
            )),
        };
    }
    if is_ipv6(server) {
        return Ok((server, None));
    }
    match server.split_once(':') {
        Some((host, number)) => Ok((host, Some(port(number)?))),
        None => Ok((server, None)),
    }
}

fn port(text: &str) -> Result<u16, &'static str> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err("has a port that is not between 1 and 65535"),
    }
}

fn is_ipv6(text: &str) -> bool {
    let (address, _zone) = text.split_once('%').unwrap_or((text, ""));
    address.parse::<Ipv6Addr>().is_ok()
}

/// Tells whether a host name or address is safe and sensible.
pub(super) fn is_host(text: &str) -> bool {
    let safe =
        |letter: char| !letter.is_whitespace() && !letter.is_control() && !"'`\"$\\;&<>|(){}[]/@*?!,#".contains(letter);
    let colons_belong = !text.contains(':') || is_ipv6(text);
    !text.is_empty() && text.len() <= 255 && !text.starts_with('-') && text.chars().all(safe) && colons_belong
}

/// Tells whether an account is safe and sensible.
pub(super) fn is_user(text: &str) -> bool {
    let safe = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"'`\"$;&<>|(){}".contains(letter);
    !text.is_empty() && text.len() <= 255 && !text.starts_with('-') && !text.ends_with('\\') && text.chars().all(safe)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<u16>) {
        let hop = Hop::read(text).unwrap();
        (hop.user, hop.host, hop.port)
    }

    #[test]
    fn a_server_is_read_in_all_its_forms() {
        let ann = || Some("ann".to_string());
        assert_eq!(parts("gate"), (None, "gate".into(), None));
        assert_eq!(parts("ann@gate:2222"), (ann(), "gate".into(), Some(2222)));
        assert_eq!(parts("ssh://ann@gate:2222"), (ann(), "gate".into(), Some(2222)));
        assert_eq!(parts("ann@corp@gate"), (Some("ann@corp".into()), "gate".into(), None));
        assert_eq!(parts("[::1]:22"), (None, "::1".into(), Some(22)));
        assert_eq!(parts("fe80::1%eth0"), (None, "fe80::1%eth0".into(), None));
    }

    #[test]
    fn what_could_be_an_option_a_command_or_a_password_is_refused() {
        for text in [
            "",
            "-oProxyCommand=x",
            "a b",
            "gate;ls",
            "$(ls)",
            "gate:0",
            "gate:x",
            "@gate",
            "-l@gate",
            "[::1",
        ] {
            assert!(Hop::read(text).is_err(), "{text}");
        }
        let told = Hop::read("ann:hunter2@gate").unwrap_err();
        assert!(told.contains("password") && !told.contains("hunter2"), "{told}");
    }
}
