//! Does a name fit a pattern with `*` (any text) and `?` (one letter)?

/// Tells whether the whole name fits; capitals matter, as in OpenSSH.
#[must_use]
pub fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(&letter) = name.get(n) {
        match pattern.get(p) {
            Some('*') => {
                last_star = Some((p, n));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == letter => {
                p += 1;
                n += 1;
            }
            _ => {
                // Let the last star take one letter more; never exponential.
                let Some((star, taken)) = last_star else {
                    return false;
                };
                p = star + 1;
                n = taken + 1;
                last_star = Some((star, n));
            }
        }
    }
    pattern.iter().skip(p).all(|&letter| letter == '*')
}

/// Tells whether a name fits a list such as `web-*,!web-7`: one pattern fits and no negated one does.
pub(super) fn fits_list(list: &str, name: &str) -> bool {
    let mut found = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(negated) if fits(negated, name) => return false,
            Some(_) => {}
            None => found |= fits(pattern, name),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_marks_fit_as_in_a_shell() {
        assert!(fits("web-*", "web-01.example"));
        assert!(fits("db-?", "db-1") && !fits("db-?", "db-10"));
        assert!(fits("*", "") && !fits("?", ""));
        assert!(!fits("Web-*", "web-01"));
        assert!(!fits(&"*a".repeat(200), &"b".repeat(2000)));
    }

    #[test]
    fn a_negated_pattern_takes_names_out() {
        assert!(fits_list("web-*,!web-7", "web-6"));
        assert!(!fits_list("web-*,!web-7", "web-7"));
        assert!(!fits_list("!web-7", "web-6"));
    }
}
