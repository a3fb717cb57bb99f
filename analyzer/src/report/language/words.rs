//! What is a text made of: words, numbers, dates, marks?
//!
//! Input: English text of the page, or one side of a catalogue's entry.
//! Output: tokens. Numbers take their sign, currency and per cent along, dates
//! their day of the week and time, so that both can be written as another
//! language writes them. What is neither is a word and is never changed here.

use std::borrow::Cow;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// White space of any kind and length.
    Space,
    /// Punctuation at the edge of a word.
    Mark,
    /// A number with sign, currency, per cent.
    Number,
    /// A date, a time, a month.
    Date,
    /// Anything else.
    Word,
}

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// As it stands in English; white space is one space.
    pub(super) text: String,
    /// A date as the other language writes it; empty for all else.
    local: String,
}

impl Token {
    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            local: String::new(),
        }
    }

    /// Writes the token as Vietnamese does: 1.234,5 and 14/05.
    pub(super) fn local(&self) -> Cow<'_, str> {
        match self.kind {
            Kind::Number => Cow::Owned(
                self.text
                    .chars()
                    .map(|letter| match letter {
                        ',' => '.',
                        '.' => ',',
                        other => other,
                    })
                    .collect(),
            ),
            Kind::Date => Cow::Borrowed(&self.local),
            _ => Cow::Borrowed(&self.text),
        }
    }

    /// Says whether two tokens mean the same literal.
    pub(super) fn is(&self, kind: Kind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }
}

const BEFORE: &str = "(“\"['`";
const AFTER: &str = ",;:.!?)”\"]`";
const DAYS: [(&str, &str); 7] = [
    ("Mon", "T2"),
    ("Tue", "T3"),
    ("Wed", "T4"),
    ("Thu", "T5"),
    ("Fri", "T6"),
    ("Sat", "T7"),
    ("Sun", "CN"),
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Gives a text's tokens.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    joined(&pieces(text))
}

/// Gives tokens as a text again.
pub(super) fn text_of(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

/// Cuts a text at white space, and marks off the ends of words.
fn pieces(text: &str) -> Vec<Token> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            pieces.push(Token::new(Kind::Space, " "));
            rest = rest.trim_start();
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at(end);
        rest = after;
        let core = chunk.trim_start_matches(|letter| BEFORE.contains(letter));
        marks(&chunk[..chunk.len() - core.len()], &mut pieces);
        let word = core.trim_end_matches(|letter| AFTER.contains(letter));
        if !word.is_empty() {
            pieces.push(core_token(word));
        }
        marks(&core[word.len()..], &mut pieces);
    }
    pieces
}

fn marks(text: &str, pieces: &mut Vec<Token>) {
    pieces.extend(text.chars().map(|mark| Token::new(Kind::Mark, mark)));
}

fn core_token(word: &str) -> Token {
    if is_number(word) {
        return Token::new(Kind::Number, word);
    }
    if is_time(word) {
        let mut token = Token::new(Kind::Date, word);
        token.local = word.to_string();
        return token;
    }
    if is_iso_date(word) {
        let mut token = Token::new(Kind::Date, word);
        let parts: Vec<&str> = word.split('-').rev().collect();
        token.local = parts.join("/");
        return token;
    }
    Token::new(Kind::Word, word)
}

/// Says whether a word is a number: −$1,234.56, 12%, 3k.
fn is_number(word: &str) -> bool {
    let word = word.strip_prefix(['−', '+', '±', '×', '<', '-']).unwrap_or(word);
    let word = word.strip_prefix('$').unwrap_or(word);
    let word = word.strip_suffix('%').unwrap_or(word);
    let word = word.strip_suffix(['k', 'M']).unwrap_or(word);
    let (whole, decimals) = word.split_once('.').unwrap_or((word, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    digits(decimals) && groups.next().is_some_and(digits) && groups.all(|group| group.len() == 3 && digits(group))
}

fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts
            .iter()
            .all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_iso_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    (2..=3).contains(&parts.len())
        && parts
            .iter()
            .zip([4, 2, 2])
            .all(|(part, length)| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Joins what belongs together: a number with its per cent, a date with its day and time.
fn joined(pieces: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(pieces.len());
    let mut at = 0;
    let is = |at: usize, kind: Kind| pieces.get(at).is_some_and(|token| token.kind == kind);
    let says = |at: usize, text: &str| pieces.get(at).is_some_and(|token| token.is(Kind::Word, text));
    while at < pieces.len() {
        if let Some((token, next)) = date(pieces, at) {
            out.push(token);
            at = next;
            continue;
        }
        let mut token = pieces[at].clone();
        at += 1;
        if token.kind == Kind::Word
            && matches!(token.text.as_str(), "<" | "±" | "−" | "×")
            && is(at, Kind::Space)
            && is(at + 1, Kind::Number)
        {
            token = Token::new(Kind::Number, format!("{} {}", token.text, pieces[at + 1].text));
            at += 2;
        }
        let can_take_percent = token.kind == Kind::Number || (token.kind == Kind::Word && token.text.starts_with("{n"));
        if can_take_percent && is(at, Kind::Space) && says(at + 1, "%") {
            if token.kind == Kind::Number {
                token.text.push('%');
            }
            at += 2;
        }
        out.push(token);
    }
    out
}

/// Reads a date at a place: "Thu 14 May 2026, 14:02", of which day of the week, year and time may be absent.
fn date(pieces: &[Token], start: usize) -> Option<(Token, usize)> {
    let text = |at: usize| pieces.get(at).map_or("", |token| token.text.as_str());
    let is_space = |at: usize| pieces.get(at).is_some_and(|token| token.kind == Kind::Space);
    let mut at = start;
    let mut local = String::new();
    if let Some((_, day)) = DAYS
        .iter()
        .find(|(english, _)| *english == text(at))
        .filter(|_| is_space(at + 1))
    {
        local = format!("{day} ");
        at += 2;
    }
    let day: u8 = text(at).parse().ok().filter(|day| (1..=31).contains(day))?;
    let month = MONTHS
        .iter()
        .position(|month| *month == text(at + 2) || month[..3] == *text(at + 2))
        .filter(|_| is_space(at + 1))?
        + 1;
    local.push_str(&format!("{day:02}/{month:02}"));
    at += 3;
    let year = text(at + 1);
    if is_space(at) && year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) {
        local.push_str(&format!("/{year}"));
        at += 2;
    }
    let time = if text(at) == "," { at + 2 } else { at + 1 };
    if is_space(time - 1) && is_time(text(time)) {
        local.push_str(&format!(", {}", text(time)));
        at = time + 1;
    }
    let mut token = Token::new(Kind::Date, text_of(&pieces[start..at]));
    token.local = local;
    Some((token, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> String {
        tokens(text).iter().map(|token| token.local().into_owned()).collect()
    }

    #[test]
    fn numbers_and_dates_are_written_as_vietnamese_writes_them() {
        assert_eq!(local("$1,234.5"), "$1.234,5");
        assert_eq!(local("(−$1.2M, 34\u{a0}%)"), "(−$1,2M, 34%)");
        assert_eq!(local("Thu 14 May, 14:02"), "T5 14/05, 14:02");
        assert_eq!(local("29 November 2026"), "29/11/2026");
        assert_eq!(local("4 May to 1 June"), "04/05 to 01/06");
        assert_eq!(local("2026-05-04 and 2025-11."), "04/05/2026 and 11/2025.");
    }

    #[test]
    fn names_with_digits_are_words_and_stay() {
        for name in [
            "m6a.2xlarge",
            "prod-web-01",
            "10.0.0.0/8",
            "arm64",
            "P99.5",
            "1.2.3",
            "32 Mayday",
        ] {
            assert_eq!(local(name), name);
        }
    }
}
