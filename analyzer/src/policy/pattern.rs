//! Host and family patterns: `*` for any text, `?` for one letter.

/// Says whether the whole text fits the pattern; letters compare without case.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            // Let the last star take one more letter; linear in practice, never exponential.
            p = star_p + 1;
            t = star_t + 1;
            star = Some((star_p, star_t + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&letter| letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_marks_match_as_in_a_shell() {
        assert!(matches("prod-*", "prod-web-01"));
        assert!(matches("*-db-?", "PROD-db-1"));
        assert!(!matches("prod-*", "stg-web-01"));
        assert!(matches("*", ""));
        assert!(!matches("a?", "a"));
        assert!(matches("m7*", "m7i-flex"));
    }
}
