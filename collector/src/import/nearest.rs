//! Which known name did a mistyped one mean?

/// Finds the known name that is nearest to what was typed, if any is near at all.
///
/// Near means: the same but for capitals and punctuation, or at most a third
/// of the letters to insert, delete, replace or swap.
#[must_use]
pub(crate) fn nearest_name<'a, N: AsRef<str>>(typed: &str, known: &'a [N]) -> Option<&'a str> {
    let plain_typed = plain(typed);
    known
        .iter()
        .map(|name| (strsim::osa_distance(&plain_typed, &plain(name.as_ref())), name.as_ref()))
        .filter(|&(distance, name)| distance * 3 <= name.chars().count().max(typed.chars().count()))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Writes a list of names for a message, each in backticks; a long list ends in its count.
#[must_use]
pub(crate) fn listed<N: AsRef<str>>(names: &[N]) -> String {
    /// More names than this do not help a reader of an error.
    const MOST: usize = 40;
    let mut text = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{}`", telemetry::untrusted::for_terminal(name.as_ref())))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST {
        text.push_str(&format!(" and {} more", names.len() - MOST));
    }
    text
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        let known = ["cpu_cores", "cpu_busy_cores", "memory_total_bytes"];
        assert_eq!(nearest_name("cpu_bussy_cores", &known), Some("cpu_busy_cores"));
        assert_eq!(nearest_name("CPU Cores", &known), Some("cpu_cores"));
        assert_eq!(nearest_name("zzz", &known), None);
    }

    #[test]
    fn long_lists_end_in_their_count() {
        let names: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        assert!(listed(&names).ends_with("and 10 more"));
    }
}
