//! Which files does an `Include` pattern mean?

use std::fs;
use std::path::{Component, Path, PathBuf};

/// Gives the files that fit a pattern with `*`, `?` and `[…]`, in the order of their names, at most so many.
pub(super) fn files(pattern: &Path, most: usize) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let text = component.as_os_str().to_string_lossy();
        if !matches!(component, Component::Normal(_)) || !text.contains(['*', '?', '[']) {
            found.iter_mut().for_each(|path| path.push(component));
            continue;
        }
        found = found
            .iter()
            .flat_map(|folder| inside(folder, &text))
            .take(most)
            .collect();
    }
    found.retain(|path| path.is_file());
    found
}

fn inside(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // A hidden file is meant only when the pattern begins with a dot.
            (!name.starts_with('.') || pattern.starts_with('.')) && fits(pattern, &name)
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Fits with classes such as `[a-c]` and `[!a]`; file names are short, so plain recursion over stars is bounded.
fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    // Row by row over the pattern: which lengths of the name fit so far?
    let mut fitting = vec![false; name.len() + 1];
    if let Some(first) = fitting.first_mut() {
        *first = true;
    }
    let mut rest = pattern.as_slice();
    while let Some((&sign, tail)) = rest.split_first() {
        if sign == '*' {
            let mut any = false;
            for fits in &mut fitting {
                any |= *fits;
                *fits = any;
            }
            rest = tail;
            continue;
        }
        let (class, tail) = Class::read(sign, tail);
        let mut next = vec![false];
        next.extend(
            fitting
                .iter()
                .zip(&name)
                .map(|(&fits, &letter)| fits && class.has(letter)),
        );
        fitting = next;
        rest = tail;
    }
    fitting.last().copied().unwrap_or(false)
}

/// What one sign of a pattern stands for.
enum Class<'a> {
    Any,
    Letter(char),
    Set { negated: bool, members: &'a [char] },
}

impl<'a> Class<'a> {
    fn read(sign: char, tail: &'a [char]) -> (Self, &'a [char]) {
        match sign {
            '?' => (Self::Any, tail),
            '[' => {
                let negated = matches!(tail.first(), Some('!' | '^'));
                let members = tail.get(usize::from(negated)..).unwrap_or(&[]);
                // A bracket directly after the opening one is a member.
                match members.iter().skip(1).position(|&letter| letter == ']') {
                    Some(before) => {
                        let (members, tail) = members.split_at(before + 1);
                        (Self::Set { negated, members }, tail.get(1..).unwrap_or(&[]))
                    }
                    None => (Self::Letter('['), tail),
                }
            }
            letter => (Self::Letter(letter), tail),
        }
    }

    fn has(&self, letter: char) -> bool {
        match self {
            Self::Any => true,
            Self::Letter(own) => *own == letter,
            Self::Set { negated, members } => {
                let single = members.contains(&letter);
                let range = members
                    .windows(3)
                    .any(|three| matches!(three, [from, '-', to] if (from..=to).contains(&&letter)));
                (single || range) != *negated
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_stars_and_marks_fit() {
        assert!(fits("*.conf", "a.conf") && !fits("*.conf", "a.conf~"));
        assert!(fits("[a-c]?.conf", "b1.conf") && !fits("[!a-c]?", "b1"));
        assert!(fits("[]x]", "]") && fits("[x", "[x"));
        assert!(fits("a*b*c", "aXXbYYc") && !fits("a*b*c", "acb"));
        assert!(!fits("", "a") && fits("", "") && fits("*", ""));
    }
}
