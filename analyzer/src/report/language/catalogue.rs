//! Which words of another language stand for which of English?
//!
//! Input: the catalogue's text (TOML: templates of English and of the other
//! language, with slots). Output: for tokens of a text, its translation or
//! nothing. A text that is not there as a whole is looked up sentence by
//! sentence and part by part; it counts as translated only where all of it is.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::words::{Kind, Token, text_of, tokens};

/// Longest text that is looked at, letters; longer ones stay English.
const LONGEST: usize = 4_000;

/// Why a catalogue cannot be used: a defect of this program.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is no catalogue.
    #[error("the catalogue cannot be read")]
    Unreadable(#[from] toml::de::Error),
    /// Both sides of an entry have different slots.
    #[error("`{0}` and its translation have different slots")]
    Slots(String),
    /// An entry is there twice.
    #[error("`{0}` is in the catalogue twice")]
    Twice(String),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Literal(Token),
    Slot(String),
}

/// One entry.
#[derive(Clone, Debug)]
struct Template {
    english: String,
    parts: Vec<Part>,
    /// The longest word that a text must have.
    needs: String,
    other: Vec<Piece>,
}

/// A part of a translation.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Words(String),
    Slot(String),
}

/// All entries, ready to be looked up in.
#[derive(Debug)]
pub(super) struct Catalogue {
    same: HashSet<String>,
    templates: Vec<Template>,
    by_first: HashMap<String, Vec<usize>>,
    slot_first: Vec<usize>,
}

impl Catalogue {
    /// Reads a catalogue.
    pub(super) fn read(text: &str) -> Result<Self, CatalogueError> {
        #[derive(serde::Deserialize)]
        struct File {
            keep: Vec<String>,
            #[serde(flatten)]
            sections: BTreeMap<String, BTreeMap<String, String>>,
        }
        let file: File = toml::from_str(text)?;
        let mut templates = Vec::new();
        let mut seen = HashSet::new();
        for (english, other) in file.sections.into_values().flatten() {
            if !seen.insert(english.clone()) {
                return Err(CatalogueError::Twice(english));
            }
            templates.push(Template::of(english, &other)?);
        }
        // What says more comes first.
        let words = |template: &Template| {
            template
                .parts
                .iter()
                .filter(|part| matches!(part, Part::Literal(_)))
                .count()
        };
        templates.sort_by(|one, two| words(two).cmp(&words(one)).then(one.english.cmp(&two.english)));
        let mut by_first: HashMap<String, Vec<usize>> = HashMap::new();
        let mut slot_first = Vec::new();
        for (at, template) in templates.iter().enumerate() {
            match template.parts.first() {
                Some(Part::Literal(token)) => by_first.entry(token.text.clone()).or_default().push(at),
                _ => slot_first.push(at),
            }
        }
        Ok(Self {
            same: file.keep.into_iter().collect(),
            templates,
            by_first,
            slot_first,
        })
    }

    /// Gives every template of English.
    pub(super) fn english(&self) -> impl Iterator<Item = &str> {
        self.templates.iter().map(|template| template.english.as_str())
    }
}

impl Template {
    fn of(english: String, other: &str) -> Result<Self, CatalogueError> {
        let parts: Vec<Part> = tokens(&english)
            .into_iter()
            .map(|token| match slot(&token.text) {
                Some(name) if token.kind == Kind::Word => Part::Slot(name.to_string()),
                _ => Part::Literal(token),
            })
            .collect();
        let mut pieces: Vec<Piece> = Vec::new();
        for token in tokens(other) {
            match slot(&token.text) {
                Some(name) if token.kind == Kind::Word => pieces.push(Piece::Slot(name.to_string())),
                _ => {
                    // A number stays on the line of what it counts.
                    let after_number = matches!(pieces.last(), Some(Piece::Slot(name)) if name.starts_with('n'));
                    let words = if token.kind == Kind::Space && after_number {
                        "\u{a0}".to_string()
                    } else {
                        token.text
                    };
                    match pieces.last_mut() {
                        Some(Piece::Words(before)) => before.push_str(&words),
                        _ => pieces.push(Piece::Words(words)),
                    }
                }
            }
        }
        let mut left: Vec<&str> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Slot(name) => Some(name.as_str()),
                Part::Literal(_) => None,
            })
            .collect();
        let mut right: Vec<&str> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Slot(name) => Some(name.as_str()),
                Piece::Words(_) => None,
            })
            .collect();
        left.sort_unstable();
        right.sort_unstable();
        if left != right {
            return Err(CatalogueError::Slots(english));
        }
        let needs = parts
            .iter()
            .filter_map(|part| match part {
                Part::Literal(token) if token.kind == Kind::Word => Some(token.text.as_str()),
                _ => None,
            })
            .max_by_key(|word| word.len())
            .unwrap_or_default()
            .to_string();
        Ok(Self {
            english,
            parts,
            needs,
            other: pieces,
        })
    }

    /// Puts what was found into the translation; the same slot twice takes what was found first first.
    fn filled(&self, found: &[(&str, String)]) -> String {
        let mut taken = vec![false; found.len()];
        let mut text = String::new();
        for piece in &self.other {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Slot(name) => {
                    let at = (0..found.len()).find(|&at| !taken[at] && found[at].0 == name);
                    if let Some(at) = at {
                        taken[at] = true;
                        text.push_str(&found[at].1);
                    }
                }
            }
        }
        text
    }
}

/// Gives the name of a slot: "{n2}" is "n2".
fn slot(word: &str) -> Option<&str> {
    let name = word.strip_prefix('{')?.strip_suffix('}')?;
    let mut letters = name.chars();
    let kind = letters.next().is_some_and(|kind| "ndwkts".contains(kind));
    let number = letters.next().is_none_or(|number| number.is_ascii_digit());
    (kind && number && letters.next().is_none()).then_some(name)
}

/// Translates texts of one page.
#[derive(Debug)]
pub(super) struct Translator<'a> {
    catalogue: &'a Catalogue,
    names: HashSet<String>,
    known: RefCell<HashMap<String, Option<String>>>,
    used: RefCell<HashSet<usize>>,
}

/// What separates parts of a text, the widest first.
const SEPARATORS: [&str; 6] = [". ", "; ", " · ", " → ", ": ", ", "];

impl<'a> Translator<'a> {
    /// Takes a catalogue and the names that the page marks as names.
    pub(super) fn new(catalogue: &'a Catalogue, names: HashSet<String>) -> Self {
        Self {
            catalogue,
            names,
            known: RefCell::default(),
            used: RefCell::default(),
        }
    }

    /// Translates a text; nothing where some of it is not in the catalogue.
    pub(super) fn translate(&self, text: &str) -> Option<String> {
        if text.len() > LONGEST {
            return None;
        }
        self.of_tokens(&tokens(text))
    }

    /// Gives the templates that translated something.
    pub(super) fn used(&self) -> HashSet<&'a str> {
        self.used
            .borrow()
            .iter()
            .map(|&at| self.catalogue.templates[at].english.as_str())
            .collect()
    }

    fn of_tokens(&self, tokens: &[Token]) -> Option<String> {
        let text = text_of(tokens);
        if let Some(known) = self.known.borrow().get(&text) {
            return known.clone();
        }
        let translation = self.looked_up(tokens, &text);
        self.known.borrow_mut().insert(text, translation.clone());
        translation
    }

    fn looked_up(&self, tokens: &[Token], text: &str) -> Option<String> {
        let first = tokens.first()?;
        if self.catalogue.same.contains(text) {
            return Some(text.to_string());
        }
        // Numbers and dates alone need no template.
        if tokens.iter().all(|token| token.kind != Kind::Word) {
            return Some(tokens.iter().map(Token::local).collect());
        }
        if let Some(whole) = self.by_template(tokens, text, first) {
            return Some(whole);
        }
        if self.is_name(text) {
            return Some(text.to_string());
        }
        // Numbers, dates, and words with digits, which are names of things.
        let is_plain = |token: &Token| token.kind != Kind::Word || token.text.bytes().any(|byte| byte.is_ascii_digit());
        if tokens.iter().all(is_plain) {
            return Some(tokens.iter().map(Token::local).collect());
        }
        if first.kind == Kind::Word && first.text.starts_with(char::is_uppercase) {
            let mut lower = tokens.to_vec();
            lower[0].text = changed_first(&first.text, |letter| letter.to_lowercase().collect());
            if let Some(rest) = self.of_tokens(&lower) {
                return Some(changed_first(&rest, |letter| letter.to_uppercase().collect()));
            }
        }
        if let [body @ .., last] = tokens
            && last.is(Kind::Mark, ".")
            && let Some(body) = self.of_tokens(body)
        {
            return Some(body + ".");
        }
        SEPARATORS.iter().find_map(|separator| self.by_parts(tokens, separator))
    }

    fn by_template(&self, tokens: &[Token], text: &str, first: &Token) -> Option<String> {
        let none = Vec::new();
        let starting = self.catalogue.by_first.get(&first.text).unwrap_or(&none);
        // Both lists are in order; what says more comes first over both.
        let mut candidates: Vec<usize> = starting.iter().chain(&self.catalogue.slot_first).copied().collect();
        candidates.sort_unstable();
        candidates.into_iter().find_map(|at| {
            let template = &self.catalogue.templates[at];
            if !template.needs.is_empty() && !text.contains(&template.needs) {
                return None;
            }
            let mut found = Vec::new();
            self.fits(&template.parts, tokens, &mut found).then(|| {
                self.used.borrow_mut().insert(at);
                template.filled(&found)
            })
        })
    }

    /// Fits a template to tokens; what its slots hold is added to `found`, in order.
    fn fits<'t>(&self, parts: &'t [Part], tokens: &[Token], found: &mut Vec<(&'t str, String)>) -> bool {
        let Some((part, rest)) = parts.split_first() else {
            return tokens.is_empty();
        };
        let Some((token, others)) = tokens.split_first() else {
            return false;
        };
        let name = match part {
            Part::Literal(literal) => {
                return literal.is(token.kind, &token.text) && self.fits(rest, others, found);
            }
            Part::Slot(name) => name.as_str(),
        };
        let one = match (name.as_bytes()[0], token.kind) {
            (b'n', Kind::Number) | (b'd', Kind::Date) => Some(token.local().into_owned()),
            (b'w', Kind::Word | Kind::Number) => Some(token.text.clone()),
            (b'n' | b'd' | b'w', _) => return false,
            _ => None,
        };
        if let Some(one) = one {
            found.push((name, one));
            if self.fits(rest, others, found) {
                return true;
            }
            found.pop();
            return false;
        }
        for end in 1..=tokens.len() {
            let (inside, after) = tokens.split_at(end);
            let goes_on = match (rest.first(), after.first()) {
                (None, next) => next.is_none(),
                (Some(Part::Literal(literal)), Some(next)) => literal.is(next.kind, &next.text),
                (Some(_), next) => next.is_some(),
            };
            if !goes_on {
                continue;
            }
            let value = match name.as_bytes()[0] {
                b't' => Some(text_of(inside)),
                b'k' => Some(text_of(inside)).filter(|text| self.is_name(text)),
                _ => self.of_tokens(inside),
            };
            let Some(value) = value else { continue };
            found.push((name, value));
            if self.fits(rest, after, found) {
                return true;
            }
            found.pop();
        }
        false
    }

    /// Says whether the page has this as a name; one cut for a chart counts.
    pub(super) fn is_name(&self, text: &str) -> bool {
        self.names.contains(text)
            || text
                .strip_suffix('…')
                .is_some_and(|start| self.names.iter().any(|name| name.starts_with(start)))
    }

    /// Translates the parts between a separator, outside of brackets.
    fn by_parts(&self, tokens: &[Token], separator: &str) -> Option<String> {
        let marks = super::words::tokens(&format!("a{separator}a"));
        let marks = &marks[1..marks.len() - 1];
        let mut parts = Vec::new();
        let (mut start, mut at, mut depth) = (0, 0, 0_usize);
        while at < tokens.len() {
            if tokens[at].is(Kind::Mark, "(") {
                depth += 1;
            } else if tokens[at].is(Kind::Mark, ")") {
                depth = depth.saturating_sub(1);
            }
            if depth == 0 && tokens[at..].starts_with(marks) {
                parts.push(&tokens[start..at]);
                at += marks.len();
                start = at;
            } else {
                at += 1;
            }
        }
        if parts.is_empty() {
            return None;
        }
        parts.push(&tokens[start..]);
        let parts: Option<Vec<String>> = parts.into_iter().map(|part| self.of_tokens(part)).collect();
        Some(parts?.join(separator))
    }
}

fn changed_first(text: &str, change: impl Fn(char) -> String) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| change(first) + letters.as_str())
        .unwrap_or_default()
}
