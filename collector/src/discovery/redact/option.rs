//! One word of a command line: an option, an assignment or a value, in the light of the word before it.

use super::names::{Secrecy, secrecy, takes_a_password};
use super::{REDACTED, shape, url, words};

/// What the word before says about the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Expectation {
    /// Nothing.
    #[default]
    Anything,
    /// It is a secret.
    Secret,
    /// It is a secret unless it is a path.
    Path,
    /// It may be a short number or a path and nothing else: `-p`, `-u`.
    NumberOrPath,
}

/// Options of one letter whose value may be a password, an account or a port.
const DOUBTFUL: &str = "pPauUwWkKxeE";

/// Cleans a word; gives with it what it says about the next one.
pub(super) fn clean(word: &str, expected: &Expectation, program: &str) -> (String, Expectation) {
    let next = Expectation::Anything;
    match expected {
        // `--auth --port 27018`: a switch, not a name with its value.
        Expectation::Secret | Expectation::Path if word.starts_with("--") && word.len() > 2 => {}
        Expectation::Secret => return (REDACTED.to_string(), next),
        Expectation::Path => {
            let stays = shape::is_path(word);
            return (if stays { word } else { REDACTED }.to_string(), next);
        }
        Expectation::NumberOrPath if !word.starts_with('-') => {
            let stays = shape::is_path(word) || (shape::is_number(word) && !takes_a_password(program));
            return (if stays { word } else { REDACTED }.to_string(), next);
        }
        Expectation::NumberOrPath | Expectation::Anything => {}
    }
    if word.contains("-----BEGIN") {
        return (REDACTED.to_string(), next);
    }
    if let Some(cleaned) = assignment(word) {
        return (cleaned, next);
    }
    if word.contains("://") {
        return (url::clean(word), next);
    }
    if let Some(rest) = word.strip_prefix("--") {
        return long(word, rest);
    }
    match word.strip_prefix('-') {
        Some(rest) if !rest.is_empty() && !shape::is_number(word) => short(word, rest, program),
        _ if word.len() > 5 && word.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("jdbc:")) => {
            ("jdbc:***".to_string(), next)
        }
        _ => (shape::word(word), after_word(word)),
    }
}

/// Cleans `name=value` and lists of them; nothing when it is none.
fn assignment(word: &str) -> Option<String> {
    let (name, value) = word.split_once('=')?;
    // The query of an address is not an assignment.
    if name.contains("://") || name.is_empty() {
        return None;
    }
    // `-XX:Flag=1`, `-javaagent:/a.jar=…`: the name is what stands behind the colon, or a path.
    let is_name = shape::is_name(name)
        || name
            .rsplit_once(':')
            .is_some_and(|(front, back)| shape::is_name(front) && (shape::is_name(back) || shape::is_path(back)));
    let name_kept = if is_name { name } else { REDACTED };
    Some(format!("{name_kept}={}", value_of(name, value, 0)))
}

/// Cleans the value behind a name.
fn value_of(name: &str, value: &str, depth: usize) -> String {
    let quoted = value.trim_matches(['"', '\'']);
    if quoted.is_empty() {
        return value.to_string();
    }
    match secrecy(name) {
        Secrecy::Always => return REDACTED.to_string(),
        Secrecy::UnlessPath => {
            return if shape::is_path(quoted) { value } else { REDACTED }.to_string();
        }
        Secrecy::Open => {}
    }
    if depth > 3 {
        return REDACTED.to_string();
    }
    // Connection strings and lists; a list of plain values stays as a whole or goes part by part.
    for separator in [';', '&', ','] {
        if quoted.contains(separator) && !(separator == ',' && is_url_of_hosts(quoted)) {
            let parts: Vec<String> = quoted
                .split(separator)
                .map(|part| part_of_list(name, part, depth + 1))
                .collect();
            return parts.join(&separator.to_string());
        }
    }
    if quoted.contains('=') && !quoted.contains("://") {
        return part_of_list(name, quoted, depth + 1);
    }
    if let Some((inner, address)) = quoted.split_once('=')
        && shape::is_name(inner)
    {
        return format!("{inner}={}", value_of(inner, address, depth + 1));
    }
    if quoted.contains("://") {
        return url::clean(quoted);
    }
    shape::word(value)
}

/// `mongodb://a:1,b:2/x`: one address, not a list.
fn is_url_of_hosts(value: &str) -> bool {
    value.matches("://").count() == 1 && !value.split("://").next().unwrap_or_default().contains(['=', ','])
}

fn part_of_list(name: &str, part: &str, depth: usize) -> String {
    match part.split_once('=') {
        Some((inner, value)) if !inner.contains("://") => {
            let kept = if shape::is_name(inner.trim()) { inner } else { REDACTED };
            format!("{kept}={}", value_of(inner, value, depth))
        }
        _ => value_of(name, part, depth),
    }
}

/// Cleans `--name`.
fn long(word: &str, name: &str) -> (String, Expectation) {
    // `--name:value` is how .NET and some others write it.
    if let Some((front, value)) = name.split_once(':') {
        let kept = if shape::is_name(front) { front } else { REDACTED };
        return (format!("--{kept}:{}", value_of(front, value, 0)), Expectation::Anything);
    }
    let kept = if shape::is_name(name) {
        word.to_string()
    } else {
        format!("--{REDACTED}")
    };
    (kept, after_name(name))
}

/// Says what the name of an option means for the word behind it.
fn after_name(name: &str) -> Expectation {
    match secrecy(name) {
        Secrecy::Always => Expectation::Secret,
        Secrecy::UnlessPath => Expectation::Path,
        Secrecy::Open => Expectation::Anything,
    }
}

/// `identified by …`, `password …` inside a script.
fn after_word(word: &str) -> Expectation {
    let bare = word.trim_matches(['\'', '"', ':']).to_ascii_lowercase();
    match bare.as_str() {
        "password" | "bearer" | "basic" | "pass" | "passwd" | "by" | "token" | "auth" => Expectation::Secret,
        _ => Expectation::Anything,
    }
}

/// Cleans an option with one dash.
fn short(word: &str, rest: &str, program: &str) -> (String, Expectation) {
    if let Some(flag) = rest.strip_prefix("XX:") {
        let stays = shape::is_name(flag.trim_start_matches(['+', '-']));
        let kept = if stays {
            word.to_string()
        } else {
            format!("-XX:{REDACTED}")
        };
        return (kept, Expectation::Anything);
    }
    if words::is_quantity(rest) {
        return (word.to_string(), Expectation::Anything);
    }
    // `-Xlog:gc*:file=…`, `-javaagent:/opt/agent.jar`.
    if let Some((front, value)) = rest.split_once(':') {
        let kept = if shape::is_name(front)
            && (front.starts_with('X') || front.starts_with("java") || front.starts_with("agent"))
        {
            front
        } else {
            REDACTED
        };
        return (format!("-{kept}:{}", value_of(front, value, 0)), Expectation::Anything);
    }
    let mut letters = rest.chars();
    let letter = letters.next().unwrap_or_default();
    let attached = letters.as_str();
    if !letter.is_ascii_alphanumeric() {
        return (format!("-{REDACTED}"), Expectation::Anything);
    }
    if attached.is_empty() {
        let next = if DOUBTFUL.contains(letter) {
            Expectation::NumberOrPath
        } else {
            Expectation::Anything
        };
        return (word.to_string(), next);
    }
    if words::is_long_option(rest) {
        return (word.to_string(), after_name(rest));
    }
    if secrecy(rest) == Secrecy::Always {
        let kept = if matches!(
            rest,
            "password" | "pass" | "passwd" | "passin" | "passout" | "pwd" | "token"
        ) {
            word.to_string()
        } else {
            format!("-{letter}{REDACTED}")
        };
        return (kept, Expectation::Secret);
    }
    let is_path = shape::is_path(attached);
    let is_number = shape::is_number(attached) && !(takes_a_password(program) && matches!(letter, 'p' | 'P'));
    // `-Dfoo.bar`, a property without a value.
    let is_property = letter == 'D' && attached.contains('.') && shape::is_name(attached);
    // Switches in a row, such as `-Ws` and `-nlt`: too short for a password, unless it is one's own option.
    let is_row = attached.len() <= 2
        && attached.chars().all(|other| other.is_ascii_alphabetic())
        && !matches!(letter, 'p' | 'P');
    let kept = if is_path || is_number || is_property || is_row {
        word.to_string()
    } else {
        format!("-{letter}{REDACTED}")
    };
    (kept, Expectation::Anything)
}
