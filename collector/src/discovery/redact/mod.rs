//! Arguments of a process without their secrets: words of a command line in, words that may be stored out.
//!
//! It works by what may stay, not by what must go: a word stays when it is known
//! to be harmless (a number, a size, an address, a path of ordinary words, a
//! class, a jar, a file with a known ending, an option's name, a word of a fixed
//! list) and nothing around it says that it is a secret. Everything else becomes
//! `***`. So a password nobody thought of is taken out too, and what is lost is a
//! name here and there that recognising a service does not need.

mod names;
mod option;
mod shape;
mod url;
mod words;

use self::names::Secrecy;
use self::option::Expectation;

/// What stands in the place of what was taken out.
pub const REDACTED: &str = "***";

/// Arguments that are kept at most; of longer lists the middle is left out.
const ARGUMENTS_AT_MOST: usize = 256;
/// Arguments of a longer list that are kept at its end, where the class of a JVM and its own arguments stand.
const LAST_KEPT: usize = 64;
/// Words of one argument that are read; a script in an argument is cut.
const WORDS_AT_MOST: usize = 200;
/// Bytes of one argument after cleaning; the rest is left out.
const BYTES_AT_MOST: usize = 2048;

/// Takes the secrets out of the arguments of a process; the first is the program.
///
/// A title that a process gave itself (`redis-server *:6379 [cluster]`) is split into words.
#[must_use]
pub fn redact(raw: &[String]) -> Vec<String> {
    let used = raw
        .iter()
        .rposition(|argument| !argument.is_empty())
        .map_or(0, |at| at + 1);
    let raw = raw.get(..used).unwrap_or_default();
    let Some((first, rest)) = raw.split_first() else {
        return Vec::new();
    };
    let mut title = first.split_whitespace();
    let program = title.next().unwrap_or_default();
    let mut cleaner = Cleaner::of(program);
    let mut cleaned = vec![shape::program(program)];
    cleaned.extend(title.take(WORDS_AT_MOST).map(|word| cleaner.word(word)));
    let last_from = rest.len().saturating_sub(LAST_KEPT);
    let middle = ARGUMENTS_AT_MOST - LAST_KEPT..last_from;
    for (at, argument) in rest.iter().enumerate() {
        if middle.contains(&at) {
            // Still read, so that an option right before the end knows its value.
            cleaner.argument(argument);
        } else {
            cleaned.push(cut(cleaner.argument(argument)));
        }
    }
    cleaned
}

/// Cleans one argument after the other and remembers what the next one must be.
struct Cleaner {
    /// The program, in lower case, without its folder.
    program: String,
    expected: Expectation,
}

impl Cleaner {
    fn of(program: &str) -> Self {
        let base = program.rsplit('/').next().unwrap_or_default();
        Self {
            program: base.trim_end_matches(':').to_ascii_lowercase(),
            expected: Expectation::Anything,
        }
    }

    fn argument(&mut self, argument: &str) -> String {
        if argument.contains("-----BEGIN") || argument.contains("-----END") {
            self.expected = Expectation::Anything;
            return REDACTED.to_string();
        }
        if argument.is_empty() {
            self.expected = Expectation::Anything;
            return String::new();
        }
        let one_word = !argument.contains(char::is_whitespace);
        let whole_is_secret = matches!(self.expected, Expectation::Secret) && !argument.starts_with("--");
        let value_is_secret = argument.split_once(['=', ':']).is_some_and(|(name, value)| {
            value.contains(char::is_whitespace)
                && !name.contains(char::is_whitespace)
                && names::secrecy(name) != Secrecy::Open
        });
        if one_word || whole_is_secret {
            return self.word(argument);
        }
        if value_is_secret {
            // `--password=two words`, `Authorization: Bearer …`: all of it.
            self.expected = Expectation::Anything;
            let at = argument.find(['=', ':']).map_or(0, |at| at + 1);
            let name = argument.get(..at).unwrap_or_default();
            return format!("{}{REDACTED}", shape::name_with_sign(name));
        }
        // A script or a text: word by word, and with the memory of its own.
        let mut inner = Cleaner::of("");
        let mut words: Vec<String> = Vec::new();
        for word in argument.split_whitespace().take(WORDS_AT_MOST) {
            // Commands inside a script have their own habits.
            if words.is_empty() || names::takes_a_password(word) {
                inner.program = Cleaner::of(word).program;
            }
            words.push(inner.word(word));
            if word.ends_with(':') && names::secrecy(word) != Secrecy::Open {
                words.push(REDACTED.to_string());
                break;
            }
        }
        self.expected = Expectation::Anything;
        words.join(" ")
    }

    fn word(&mut self, word: &str) -> String {
        let expected = std::mem::take(&mut self.expected);
        let (cleaned, next) = option::clean(word, &expected, &self.program);
        self.expected = next;
        cleaned
    }
}

fn cut(mut argument: String) -> String {
    if argument.len() > BYTES_AT_MOST {
        argument.truncate(argument.floor_char_boundary(BYTES_AT_MOST));
        argument.push_str(REDACTED);
    }
    argument
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod laws;
#[cfg(test)]
#[allow(clippy::panic)]
mod list;
