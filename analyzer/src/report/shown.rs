//! How a name that a host chose reaches a page: visible, bounded, harmless.
//!
//! Templates escape HTML. What they do not see are control and direction
//! characters, which could hide or reorder text; those become visible escapes.

use telemetry::untrusted::for_terminal;

/// Longest name shown in full, letters; the longest that DNS allows is 253.
const LONGEST: usize = 253;

/// Makes a name fit to be shown on a page whose template escapes HTML.
#[must_use]
pub(super) fn shown(name: &str) -> String {
    let safe = for_terminal(name);
    if safe.chars().count() <= LONGEST {
        return safe.into_owned();
    }
    let mut short: String = safe.chars().take(LONGEST).collect();
    short.push('…');
    short
}

/// Longest text of the program's own that quotes names, letters.
const LONGEST_TEXT: usize = 2_000;

/// Makes a sentence that quotes names fit to be shown; unlike a name it is not cut in its middle.
#[must_use]
pub(super) fn shown_text(text: &str) -> String {
    let safe = for_terminal(text);
    if safe.chars().count() <= LONGEST_TEXT {
        return safe.into_owned();
    }
    safe.chars().take(LONGEST_TEXT).chain(['…']).collect()
}

/// Makes text fit for one Markdown table cell or line: nothing in it is markup, nothing breaks the line.
#[must_use]
pub(super) fn shown_in_markdown(text: &str) -> String {
    let letters: Vec<char> = shown(text).chars().collect();
    let mut safe = String::with_capacity(letters.len() + 8);
    for (index, &letter) in letters.iter().enumerate() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '$' | '@' => {
                safe.push('\\');
                safe.push(letter);
            }
            // A bare address would become a link without any markup.
            ':' | '.' if starts_a_link(&letters, index) => {
                safe.push('\\');
                safe.push(letter);
            }
            letter => safe.push(letter),
        }
    }
    safe
}

/// Says whether the colon of `http://` or the dot of `www.` is at this place.
fn starts_a_link(letters: &[char], index: usize) -> bool {
    match letters[index] {
        ':' => letters.get(index + 1) == Some(&'/'),
        _ => {
            index >= 3
                && letters[index - 3..index]
                    .iter()
                    .all(|letter| letter.eq_ignore_ascii_case(&'w'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_say_so() {
        let long = "a".repeat(300);
        assert_eq!(shown(&long).chars().count(), LONGEST + 1);
        assert!(shown(&long).ends_with('…'));
    }

    #[test]
    fn direction_marks_are_visible() {
        assert_eq!(shown("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn markdown_and_html_do_not_survive() {
        let safe = shown_in_markdown("<b>|`x`|\n[a](http://b)");
        assert!(!safe.contains('<') && !safe.contains('\n'), "{safe}");
        assert!(!safe.contains("http://"), "{safe}");
        assert_eq!(safe.matches('|').count(), safe.matches("\\|").count());
    }
}
