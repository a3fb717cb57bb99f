//! Takes a line of an ssh configuration apart, as OpenSSH does.

/// A keyword, in small letters, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) keyword: String,
    /// Everything after the keyword (and its `=`), without white space at the ends.
    pub(super) rest: String,
}

/// What OpenSSH's reader takes for white space within a line.
const fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

impl Directive {
    /// Reads a line; nothing when it is blank or a comment.
    pub(super) fn read(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(|letter| is_space(letter) || letter == '\u{c}');
        let mut rest = line.trim_start_matches(is_space);
        let keyword = next_word(&mut rest)?.to_lowercase();
        if keyword.is_empty() || keyword.starts_with('#') {
            return None;
        }
        let rest = rest.trim_start_matches(is_space).to_string();
        Some(Self { keyword, rest })
    }

    /// Splits what follows into words; nothing when a quote is not closed.
    pub(super) fn words(&self) -> Option<Vec<String>> {
        let mut words = Vec::new();
        let mut letters = self.rest.chars().peekable();
        loop {
            while letters.next_if(|&letter| matches!(letter, ' ' | '\t')).is_some() {}
            match letters.peek() {
                None | Some('#') => return Some(words),
                Some(_) => words.push(quoted_word(&mut letters)?),
            }
        }
    }
}

/// Takes one word, in which quotes group and a backslash keeps a quote, a backslash or (outside quotes) a space.
fn quoted_word(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let mut word = String::new();
    let mut quote: Option<char> = None;
    while let Some(letter) = letters.next_if(|&letter| quote.is_some() || !matches!(letter, ' ' | '\t')) {
        match (letter, quote) {
            ('\\', _) => {
                let kept =
                    letters.next_if(|&next| matches!(next, '\'' | '"' | '\\') || (next == ' ' && quote.is_none()));
                word.push(kept.unwrap_or('\\'));
            }
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(open)) if open == letter => quote = None,
            _ => word.push(letter),
        }
    }
    quote.is_none().then_some(word)
}

/// Takes one word that ends at white space or at one `=`; nothing when a quote is not closed.
///
/// This is the older of OpenSSH's two ways to split; keywords and `Match` use it.
pub(super) fn next_word(rest: &mut &str) -> Option<String> {
    let text = *rest;
    let Some(end) = text.find(|letter| is_space(letter) || matches!(letter, '"' | '=')) else {
        *rest = "";
        return Some(text.to_string());
    };
    let (word, tail) = text.split_at(end);
    if let Some(inside) = tail.strip_prefix('"') {
        let (quoted, after) = inside.split_once('"')?;
        *rest = after.trim_start_matches(is_space);
        return Some(format!("{word}{quoted}"));
    }
    let had_equals = tail.starts_with('=');
    let mut tail = tail.get(1..).unwrap_or("").trim_start_matches(is_space);
    if !had_equals && let Some(after) = tail.strip_prefix('=') {
        tail = after.trim_start_matches(is_space);
    }
    *rest = tail;
    Some(word.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str) -> (String, Vec<String>) {
        let directive = Directive::read(line).unwrap();
        let words = directive.words().unwrap();
        (directive.keyword, words)
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_string()).collect()
    }

    #[test]
    fn an_equals_sign_may_stand_after_the_keyword() {
        for line in ["Port 22", "Port=22", "  PORT = 22 ", "port\t=22\r", "Port= 22 # why"] {
            assert_eq!(read(line), ("port".into(), words(&["22"])), "{line}");
        }
    }

    #[test]
    fn quotes_and_backslashes_keep_spaces() {
        assert_eq!(
            read(r#"IdentityFile "a b" c\ d 'e"f' g#h"#).1,
            words(&["a b", "c d", "e\"f", "g#h"])
        );
        assert_eq!(read(r#"X "a\"b" \n"#).1, words(&["a\"b", "\\n"]));
        assert_eq!(Directive::read(r#"X "open"#).unwrap().words(), None);
    }

    #[test]
    fn comments_and_blank_lines_are_nothing() {
        for line in ["", "  ", "# Port 22", "\t#"] {
            assert_eq!(Directive::read(line), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_a_panic(line in "\\PC{0,80}|[ \t\"'=#\\\\a-z]{0,80}") {
            if let Some(directive) = Directive::read(&line) {
                let _ = directive.words();
                let mut rest = directive.rest.as_str();
                while !rest.is_empty() {
                    let before = rest.len();
                    if next_word(&mut rest).is_none() {
                        break;
                    }
                    prop_assert!(rest.len() < before);
                }
            }
        }
    }
}
