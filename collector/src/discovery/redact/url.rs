//! Addresses with a scheme: who is reached stays, with which account and to what goes.

use super::{REDACTED, shape};

/// Cleans a word with `://` in it: scheme, hosts and ports stay.
pub(super) fn clean(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return REDACTED.to_string();
    };
    // `jdbc:postgresql`, `amqp+ssl`, `mongodb+srv`; what stands before it in a text is not part of it.
    let is_scheme = !scheme.is_empty()
        && scheme.len() <= 40
        && scheme.split([':', '+', '-', '.']).all(|part| {
            part.len() <= 16 && part.bytes().all(|byte| byte.is_ascii_alphanumeric()) && shape::is_segment(part)
        });
    if !is_scheme {
        return REDACTED.to_string();
    }
    if matches!(scheme, "unix" | "file" | "fd") {
        let path = if rest.is_empty() || shape::is_path(rest) {
            rest
        } else {
            REDACTED
        };
        return format!("{scheme}://{path}");
    }
    let end = rest.find(['/', '?', '#', ';', '\\']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    // A password may hold any of the signs that end an authority: then an `@` follows.
    if after.contains('@') {
        return format!("{scheme}://{REDACTED}");
    }
    let (account, hosts) = match authority.rsplit_once('@') {
        Some((_, hosts)) => (format!("{REDACTED}@"), hosts),
        None => (String::new(), authority),
    };
    let hosts: Vec<&str> = hosts.split(',').map(host).collect();
    let after = match after {
        "" | "/" => after,
        _ => "/***",
    };
    format!("{scheme}://{account}{}{after}", hosts.join(","))
}

/// Keeps a host with its port, or nothing of it.
fn host(host: &str) -> &str {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, true),
        _ => (host, false),
    };
    let fine = name.is_empty() || shape::is_host(name) || shape::is_address(name.trim_matches(['[', ']']));
    if fine && (port || !host.contains(':') || host.starts_with('[')) {
        host
    } else {
        REDACTED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_stay_and_accounts_go() {
        for (word, expected) in [
            ("postgres://app:s3cret@db-1:5432/orders", "postgres://***@db-1:5432/***"),
            (
                "jdbc:mysql://db.example:3306/x?user=a&password=b",
                "jdbc:mysql://db.example:3306/***",
            ),
            (
                "mongodb://a:b@h1:27017,h2:27017/x?replicaSet=rs0",
                "mongodb://***@h1:27017,h2:27017/***",
            ),
            ("https://10.0.0.1:2380", "https://10.0.0.1:2380"),
            ("http://[::1]:9200/", "http://[::1]:9200/"),
            ("redis://:p@ss/word@cache:6379/0", "redis://***"),
            ("amqp://guest:guest@mq", "amqp://***@mq"),
            ("tcp://0.0.0.0:3000", "tcp://0.0.0.0:3000"),
            ("unix:///run/docker.sock", "unix:///run/docker.sock"),
            ("fd://", "fd://"),
            ("x://user:word", "x://***"),
        ] {
            assert_eq!(clean(word), expected, "{word}");
        }
    }
}
