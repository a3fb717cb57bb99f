//! Text that came from a host, made safe for where it is shown.
//!
//! Names of hosts, devices and processes are hostile input: they reach
//! terminals, spreadsheets and file names. HTML is escaped by its template.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Makes text safe to print on a terminal: control and direction characters become visible escapes.
#[must_use]
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_dangerous(letter) {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(letter));
        } else {
            safe.push(letter);
        }
    }
    Cow::Owned(safe)
}

/// Makes text safe as a spreadsheet cell: what a spreadsheet would run as a formula gets a leading apostrophe.
#[must_use]
pub fn for_spreadsheet(text: &str) -> Cow<'_, str> {
    let safe = for_terminal(text);
    let starts_a_formula = safe
        .trim_start()
        .starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if starts_a_formula {
        Cow::Owned(format!("'{safe}"))
    } else {
        safe
    }
}

/// Makes a file name of any text: letters, digits, dot, hyphen and underscore; anything else is replaced and told apart by a digest.
#[must_use]
pub fn for_file_name(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let kept: String = text
        .chars()
        .take(100)
        .map(|letter| if plain(letter) { letter } else { '_' })
        .collect();
    let harmless = !kept.is_empty() && !kept.starts_with('.') && kept == text;
    if harmless {
        kept
    } else {
        format!("{}-{:08x}", kept.trim_start_matches('.'), digest(text))
    }
}

fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// FNV-1a, 32 bits: enough to tell apart names that look alike after replacement.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        assert_eq!(for_terminal("db\u{1b}[2J\n"), "db\\u{1b}[2J\\u{a}");
        assert_eq!(for_terminal("máy-chủ-1"), "máy-chủ-1");
    }

    #[test]
    fn formulas_do_not_run_in_spreadsheets() {
        assert_eq!(for_spreadsheet("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(for_spreadsheet(" -1+1"), "' -1+1");
        assert_eq!(for_spreadsheet("web-01"), "web-01");
    }

    #[test]
    fn file_names_stay_in_their_folder() {
        assert_eq!(for_file_name("web-01.example"), "web-01.example");
        for name in ["../../etc/passwd", "..", "", "a/b", "a\0b", ".hidden"] {
            let safe = for_file_name(name);
            assert!(
                !safe.contains('/') && !safe.starts_with('.') && !safe.is_empty(),
                "{safe}"
            );
        }
        assert_ne!(for_file_name("a/b"), for_file_name("a:b"));
    }
}
