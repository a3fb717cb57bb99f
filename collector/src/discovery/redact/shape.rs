//! Is a word harmless by its shape?

use std::net::IpAddr;

use super::REDACTED;
use super::words;

/// Letters of a part of a path at most.
const SEGMENT_LETTERS: usize = 96;
/// Digits of a number that stands alone: a port, a count, a process; longer ones may be a PIN or a card.
const DIGITS: usize = 6;

/// Endings of files that say what runs, or how it is configured.
const ENDINGS: [&str; 40] = [
    "conf",
    "cnf",
    "cfg",
    "ini",
    "properties",
    "yml",
    "yaml",
    "toml",
    "json",
    "xml",
    "jar",
    "war",
    "ear",
    "py",
    "js",
    "mjs",
    "cjs",
    "ts",
    "php",
    "rb",
    "pl",
    "sh",
    "dll",
    "exe",
    "sock",
    "pid",
    "log",
    "so",
    "ru",
    "lua",
    "vcl",
    "service",
    "socket",
    "hocon",
    "env",
    "beam",
    "ear",
    "wsgi",
    "txt",
    "cf",
];

/// Cleans the name of the program: of a path the ordinary parts stay, with the colon of a title.
pub(super) fn program(word: &str) -> String {
    let (bare, colon) = match word.strip_suffix(':') {
        Some(bare) => (bare, ":"),
        None => (word, ""),
    };
    let parts: Vec<&str> = bare
        .split('/')
        .map(|part| {
            if is_segment(part.strip_prefix('-').unwrap_or(part)) {
                part
            } else {
                REDACTED
            }
        })
        .collect();
    format!("{}{colon}", parts.join("/"))
}

/// Cleans a word that no option asked for.
pub(super) fn word(word: &str) -> String {
    let bare = word.trim_matches(['[', ']', '(', ')', '{', '}', '\'', '"', ';', ',']);
    if bare.is_empty() {
        return word.to_string();
    }
    let (bare, ended) = match bare.strip_suffix(':') {
        Some(shorter) if words::is_known(shorter) => (shorter, ":"),
        _ => (bare, ""),
    };
    let stays = is_number(bare)
        || is_address(bare)
        || is_path(bare)
        || is_path_list(bare)
        || is_class(bare)
        || is_file(bare)
        || words::is_known(bare)
        || words::is_quantity(bare);
    if stays {
        word.to_string()
    } else {
        let _ = ended;
        REDACTED.to_string()
    }
}

/// Cleans the name of an option or a variable, which ends in `=` or `:`; its signs stay.
pub(super) fn name_with_sign(name: &str) -> String {
    let bare = name.trim_end_matches(['=', ':']);
    if is_name(bare) {
        name.to_string()
    } else {
        format!("{REDACTED}{}", name.get(bare.len()..).unwrap_or_default())
    }
}

/// Tells whether the name of an option or a variable may stay.
pub(super) fn is_name(name: &str) -> bool {
    let bare = name.trim_start_matches('-');
    bare.len() <= 80 && bare.split('/').all(|part| part.is_empty() || is_segment(part))
}

/// Tells a short number from one that may be a secret; a sign, a point and a unit are allowed.
pub(super) fn is_number(word: &str) -> bool {
    let bare = word.strip_prefix(['-', '+']).unwrap_or(word);
    let unit_at = bare.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (digits, unit) = bare.split_at(unit_at.unwrap_or(bare.len()));
    let is_unit = matches!(
        unit.to_ascii_lowercase().as_str(),
        "" | "%"
            | "k"
            | "m"
            | "g"
            | "t"
            | "kb"
            | "mb"
            | "gb"
            | "tb"
            | "kib"
            | "mib"
            | "gib"
            | "b"
            | "s"
            | "ms"
            | "us"
            | "min"
            | "h"
            | "d"
            | "c"
    );
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    // A size in bytes may be long when it is round in binary.
    let round = digits
        .parse::<u64>()
        .is_ok_and(|number| number >= 1 << 20 && number.is_multiple_of(1 << 20));
    is_unit && count >= 1 && (count <= DIGITS || round) && !digits.starts_with('.') && digits.matches('.').count() <= 2
}

/// Tells whether it is an address, a host with its port, or a port of every address.
pub(super) fn is_address(word: &str) -> bool {
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    if word.parse::<IpAddr>().is_ok() || matches!(word, "*" | "localhost") {
        return true;
    }
    if let Some((bare, prefix)) = word.split_once('/')
        && bare.parse::<IpAddr>().is_ok()
        && prefix.len() <= 3
        && is_port(prefix)
    {
        return true;
    }
    let Some((host, port)) = word.rsplit_once(':') else {
        return false;
    };
    // PostgreSQL writes the port of a client in parentheses, others after a colon.
    if !is_port(port.trim_end_matches("/tcp").trim_end_matches("/udp")) {
        return false;
    }
    let host = host.trim_matches(['[', ']']);
    host.is_empty()
        || matches!(host, "*" | "localhost" | "any")
        || host.parse::<IpAddr>().is_ok()
        || (host.contains('.') && is_host(host))
}

/// Tells whether it may be the name of a host.
pub(super) fn is_host(word: &str) -> bool {
    let labels = word.split('.');
    !word.is_empty()
        && word.len() <= 253
        && labels
            .clone()
            .all(|label| !label.is_empty() && !label.contains(['_', '@', '+', '~', '*']) && is_segment(label))
}

/// Tells whether it is an absolute path, or one from home or here, of ordinary words.
pub(super) fn is_path(word: &str) -> bool {
    let rest = ["/", "~/", "./", "../"]
        .iter()
        .find_map(|start| word.strip_prefix(start));
    rest.is_some_and(|rest| word.len() <= 1024 && rest.split('/').all(|part| part.is_empty() || is_segment(part)))
}

/// Tells whether it is a list of paths and files, as a class path is.
fn is_path_list(word: &str) -> bool {
    word.contains(':')
        && word
            .split(':')
            .all(|part| part.is_empty() || is_path(part) || is_file(part) || part == ".")
}

/// Tells whether it is the name of a file, perhaps with folders, that says what runs.
fn is_file(word: &str) -> bool {
    let ends_well = word
        .rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending.to_ascii_lowercase().as_str()));
    (ends_well || word.ends_with("/*")) && word.split('/').all(is_segment)
}

/// Tells whether it is a class or a module: at least two names of letters with a dot between them.
fn is_class(word: &str) -> bool {
    let (word, function) = word.split_once(':').unwrap_or((word, "app"));
    let is_part = |part: &str| {
        let letters = part.trim_end_matches(|letter: char| letter.is_ascii_digit());
        !letters.is_empty()
            && part.len() - letters.len() <= 2
            && letters
                .chars()
                .all(|letter| letter.is_ascii_alphabetic() || matches!(letter, '_' | '$'))
            && is_segment(part)
    };
    word.contains('.') && word.len() <= 200 && word.split('.').all(is_part) && is_part(function)
}

/// Tells whether a part of a path or a name is made of ordinary words, numbers and versions.
pub(super) fn is_segment(segment: &str) -> bool {
    segment.len() <= SEGMENT_LETTERS
        && segment
            .split(['.', '_', '-', '@', '+', '~', '*', '$'])
            .all(|atom| atom.is_empty() || is_ordinary(atom))
        && segment
            .split(['.', '_', '-', '@', '+', '~', '*', '$'])
            .filter(|atom| atom.len() > 5 && has_both(atom))
            .count()
            <= 1
}

fn has_both(atom: &str) -> bool {
    atom.bytes().any(|byte| byte.is_ascii_digit()) && atom.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Tells a word, a number, or a word with a number from letters thrown together.
fn is_ordinary(atom: &str) -> bool {
    if !atom.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let letters = atom.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = atom.len() - letters;
    if letters == 0 {
        return digits <= 8;
    }
    let kinds: Vec<u8> = atom.bytes().map(|byte| u8::from(byte.is_ascii_digit())).collect();
    let turns = kinds.windows(2).filter(|pair| pair.first() != pair.last()).count();
    if digits > 0 {
        // `log4j2`, `amd64`, `x86`, `python3`, `postgresql15`, `build20240131`.
        let short = atom.len() <= 8 && turns <= 3 && letters.max(digits) >= turns;
        let numbered = turns == 1 && digits <= 8 && atom.len() <= 24;
        return (short || numbered) && is_pronounceable(atom.trim_matches(|letter: char| letter.is_ascii_digit()));
    }
    is_pronounceable(atom)
}

/// Tells letters that a person chose as a word from letters that a machine drew.
fn is_pronounceable(letters: &str) -> bool {
    if letters.len() > 40 {
        return false;
    }
    let bytes = letters.as_bytes();
    let is_upper = |byte: &u8| byte.is_ascii_uppercase();
    // `QuorumPeerMain` has humps; drawn letters change their case at every second one.
    let changes = bytes
        .windows(2)
        .filter(|pair| pair.first().is_some_and(is_upper) != pair.last().is_some_and(is_upper))
        .count();
    if letters.len() >= 6 && changes * 5 > letters.len() * 3 {
        return false;
    }
    if letters.len() < 8 {
        return true;
    }
    let is_vowel = |byte: &u8| b"aeiouyAEIOUY".contains(byte);
    let vowels = bytes.iter().filter(|byte| is_vowel(byte)).count();
    let longest = bytes.split(is_vowel).map(<[u8]>::len).max().unwrap_or(0);
    let is_hex = letters.len() >= 16 && bytes.iter().all(u8::is_ascii_hexdigit);
    // Shortest hump counts too: `AbCdEfGh` is drawn, `ElasticSearch` is not.
    let humps_ok = letters.len() < 12 || changes * 14 <= letters.len() * 5;
    vowels * if letters.len() < 12 { 9 } else { 7 } >= letters.len() && longest <= 6 && !is_hex && humps_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_service_stays() {
        for kept in [
            "/usr/lib/postgresql/15/bin/postgres",
            "/etc/redis/redis.conf",
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            "kafka.Kafka",
            "/opt/kafka_2.13-3.6.1/libs/activation-1.1.1.jar:/opt/kafka/libs/*",
            "/usr/lib/jvm/java-11-openjdk-amd64/bin/java",
            "orders-service-1.2.3.jar",
            "config/server.properties",
            "*:6379",
            "127.0.0.1:8080",
            "[::1]:9200",
            "db-1.example:5432",
            "64",
            "512m",
            "4g",
            "app.wsgi:application",
            "Orders.Api.dll",
            "[cluster]",
            "/run/containerd/containerd.sock",
            "/var/lib/rabbitmq/mnesia/rabbit@db-1",
            "1073741824",
        ] {
            assert_eq!(word(kept), kept);
        }
    }

    #[test]
    fn what_may_be_a_secret_goes() {
        for gone in [
            "hunter2",
            "Tr0ub4dor&3",
            "correct",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AKIAIOSFODNN7EXAMPLE",
            "3f2a9c1bd4e5f6a7b8c9d0e1f2a3b4c5",
            "123e4567-e89b-12d3-a456-426614174000",
            "4111111111111111",
            "admin:12345",
            "dGhpcyBpcyBhIHNlY3JldA==",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
            "/tmp/3f2a9c1bd4e5f6a7b8c9d0e1f2a3b4c5",
            "Xk9.Qz2Lm8Rt4Vw6",
        ] {
            assert_eq!(word(gone), REDACTED, "{gone}");
        }
    }
}
