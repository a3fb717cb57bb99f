//! How is a finished page walked: which texts and attributes are shown, which are names?
//!
//! Input: our own well-formed page. Output: the same page, each text and each
//! attribute that a reader sees replaced by what a function gives for it. What
//! is marked `translate="no"`, styles and scripts are copied as they are.

use std::borrow::Cow;
use std::collections::HashSet;

/// Attributes that people see or hear.
const SHOWN: [&str; 9] = [
    "title",
    "aria-label",
    "alt",
    "placeholder",
    "data-dark",
    "data-light",
    "data-open",
    "data-close",
    "data-count",
];
/// Gives what stands for a shown text; nothing where it stays.
pub(super) type Change<'a> = &'a mut dyn FnMut(&str, Place) -> Option<String>;

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// In the page, or in an attribute.
    Page,
    /// In a chart, which marks no names.
    Chart,
}

const AS_IT_IS: &str = " translate=\"no\"";

/// Gives the texts that the page marks as names.
pub(super) fn names(page: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    for (at, _) in page.match_indices(AS_IT_IS) {
        let Some(start) = page[..at].rfind('<') else { continue };
        let Some(inside) = element(&page[start..]).map(|(from, to, _)| &page[start..][from..to]) else {
            continue;
        };
        let text = plain(inside);
        let words: Vec<&str> = text.split_whitespace().collect();
        if !words.is_empty() {
            names.insert(words.join(" "));
        }
    }
    names
}

/// Writes the page anew: `change` gives what stands for a shown text, or nothing where it stays.
pub(super) fn walked(page: &str, language: &str, change: Change<'_>) -> String {
    let mut out = String::with_capacity(page.len() + page.len() / 8);
    let mut rest = page;
    let mut place = Place::Page;
    while let Some(at) = rest.find('<') {
        text(&rest[..at], place, &mut out, change);
        rest = &rest[at..];
        let end = tag_end(rest);
        let tag = &rest[..end];
        let name = tag_name(tag);
        place = if name == "text" { Place::Chart } else { Place::Page };
        if tag.contains(AS_IT_IS) || matches!(name, "style" | "script") {
            let whole = element(rest).map_or(rest.len(), |(_, _, end)| end);
            out.push_str(&rest[..whole]);
            rest = &rest[whole..];
            continue;
        }
        if name == "html" {
            out.push_str(&tag.replacen("lang=\"en\"", &format!("lang=\"{language}\""), 1));
        } else {
            attributes(tag, &mut out, change);
        }
        rest = &rest[end..];
    }
    text(rest, place, &mut out, change);
    out
}

/// Gives where the inside of the element that starts here begins and ends, and where the element ends.
fn element(rest: &str) -> Option<(usize, usize, usize)> {
    let name = tag_name(rest);
    let from = tag_end(rest);
    let (mut depth, mut at) = (1_usize, from);
    loop {
        let next = at + rest[at..].find('<')?;
        let end = next + tag_end(&rest[next..]);
        let inner = &rest[next..];
        if let Some(closing) = inner.strip_prefix("</") {
            if tag_name_at(closing) == name {
                depth -= 1;
                if depth == 0 {
                    return Some((from, next, end));
                }
            }
        } else if tag_name(inner) == name {
            depth += 1;
        }
        at = if matches!(name, "style" | "script") {
            next + 1
        } else {
            end
        };
    }
}

fn tag_name(tag: &str) -> &str {
    tag_name_at(tag.get(1..).unwrap_or_default())
}

fn tag_name_at(text: &str) -> &str {
    let end = text
        .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .unwrap_or(text.len());
    &text[..end]
}

/// Gives where a tag ends; a `>` within quotes does not end it.
fn tag_end(rest: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn text(raw: &str, place: Place, out: &mut String, change: Change<'_>) {
    let inside = raw.trim_matches(|letter: char| letter.is_ascii_whitespace());
    match (!inside.is_empty()).then(|| change(&plain(inside), place)).flatten() {
        Some(other) => {
            let start = raw.len()
                - raw
                    .trim_start_matches(|letter: char| letter.is_ascii_whitespace())
                    .len();
            out.push_str(&raw[..start]);
            escape(&other, out);
            out.push_str(&raw[start + inside.len()..]);
        }
        None => out.push_str(raw),
    }
}

fn attributes(tag: &str, out: &mut String, change: Change<'_>) {
    let mut rest = tag;
    while let Some(at) = rest.find("=\"") {
        let name = rest[..at]
            .rsplit(|letter: char| letter.is_ascii_whitespace())
            .next()
            .unwrap_or_default();
        let start = at + 2;
        let end = start + rest[start..].find('"').unwrap_or(rest.len() - start);
        let value = &rest[start..end];
        out.push_str(&rest[..start]);
        let other = (SHOWN.contains(&name) && !value.is_empty())
            .then(|| change(&plain(value), Place::Page))
            .flatten();
        match other {
            Some(other) => escape(&other, out),
            None => out.push_str(value),
        }
        rest = &rest[end..];
        // The closing quote.
        if let Some(after) = rest.strip_prefix('"') {
            out.push('"');
            rest = after;
        }
    }
    out.push_str(rest);
}

/// Gives a text as people read it: character references resolved, tags left out.
fn plain(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['&', '<']) {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('<') {
            rest = &rest[tag_end(rest)..];
            continue;
        }
        let reference = rest.find(';').map(|end| (&rest[1..end], &rest[end + 1..]));
        match reference.and_then(|(name, after)| Some((letter(name)?, after))) {
            Some((letter, after)) => {
                text.push(letter);
                rest = after;
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

fn letter(reference: &str) -> Option<char> {
    match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shouted(page: &str) -> String {
        walked(page, "vi", &mut |text, _| Some(text.to_uppercase()))
    }

    #[test]
    fn texts_and_shown_attributes_change_and_nothing_else() {
        assert_eq!(
            shouted(
                "<html lang=\"en\"><p class=\"a\" title=\"b &amp; c\">d <b>e</b>\n</p><style>p > a { }</style><script>if (a < b) x(\"<p>\");</script><br>f"
            ),
            "<html lang=\"vi\"><p class=\"a\" title=\"B &amp; C\">D <b>E</b>\n</p><style>p > a { }</style><script>if (a < b) x(\"<p>\");</script><br>F"
        );
    }

    #[test]
    fn what_is_marked_as_a_name_stays_and_is_known() {
        let page = "<p>on <bdi translate=\"no\" title=\"x>y\">a <bdi>b</bdi> &lt;c&gt;</bdi> d</p>";
        assert_eq!(
            shouted(page),
            "<p>ON <bdi translate=\"no\" title=\"x>y\">a <bdi>b</bdi> &lt;c&gt;</bdi> D</p>"
        );
        assert_eq!(names(page), HashSet::from(["a b <c>".to_string()]));
    }

    #[test]
    fn hostile_text_stays_escaped() {
        assert_eq!(
            shouted("<p>&lt;script&gt;alert(&#39;1&#39;)&#x2f;&amp;lt;</p>"),
            "<p>&lt;SCRIPT&gt;ALERT(&#39;1&#39;)/&amp;LT;</p>"
        );
    }
}
