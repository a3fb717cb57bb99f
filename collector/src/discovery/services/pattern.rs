//! Patterns of fingerprints: `*` stands for any text, everything else for itself.

/// Letters of a pattern at most.
const LETTERS: usize = 200;

/// Tells whether the whole text is like the pattern.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

/// Tells whether the text is like one of the patterns.
pub(super) fn matches_any(patterns: &[String], text: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, text))
}

/// Tells whether some argument is like one of the patterns; gives the pattern. One with a blank is held against all
/// arguments joined by blanks.
pub(super) fn found_in<'p>(patterns: &'p [String], arguments: &[String]) -> Option<&'p str> {
    let joined = if patterns.iter().any(|pattern| pattern.contains(' ')) {
        arguments.join(" ")
    } else {
        String::new()
    };
    let holds = |pattern: &&String| {
        if pattern.contains(' ') {
            matches(pattern, &joined)
        } else {
            arguments.iter().any(|argument| matches(pattern, argument))
        }
    };
    patterns.iter().find(holds).map(String::as_str)
}

/// Tells a pattern that says something from one that matches everything.
pub(super) fn is_pattern_usable(pattern: &str) -> bool {
    pattern.len() <= LETTERS && pattern.chars().any(|letter| letter != '*')
}

/// Finds the version that stands in the place of `{}`: digits with points, up to the text behind it.
pub(super) fn version(pattern: &str, text: &str) -> Option<String> {
    let (before, behind) = pattern.split_once("{}")?;
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(before) {
        let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (found, left) = after.split_at(end.unwrap_or(after.len()));
        let found_bare = found.trim_end_matches('.');
        if found_bare.starts_with(|letter: char| letter.is_ascii_digit())
            && (left.starts_with(behind)
                || found
                    .strip_prefix(found_bare)
                    .is_some_and(|dot| format!("{dot}{left}").starts_with(behind)))
            && found_bare.len() <= 20
        {
            return Some(found_bare.to_string());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("nginx", "nginx", true),
            ("nginx", "nginx2", false),
            ("php-fpm*", "php-fpm8.2", true),
            ("*rabbit*", "/usr/lib/rabbitmq", true),
            ("ora_*_*", "ora_pmon_ORCL", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("*.service", "nginx.service", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_version_stands_between_what_is_known() {
        for (pattern, text, expected) in [
            ("/postgresql/{}/bin", "/usr/lib/postgresql/15/bin/postgres", Some("15")),
            ("kafka_2.13-{}.jar", "/x/kafka_2.13-3.6.1.jar:/y", Some("3.6.1")),
            ("/elasticsearch-{}/", "/opt/elasticsearch-8.11.1/lib", Some("8.11.1")),
            ("/elasticsearch-{}/", "/opt/elasticsearch-x/lib", None),
            ("-{}", "", None),
        ] {
            assert_eq!(version(pattern, text).as_deref(), expected, "{pattern} {text}");
        }
    }
}
