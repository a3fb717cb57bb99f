//! Which known names a mistyped one may have meant.
//!
//! Input: the mistyped name and all known ones. Output: the nearest few.

use std::cmp::Reverse;

/// Most suggestions that an error lists.
const MOST_SUGGESTIONS: usize = 3;

/// Finds the known names nearest to a mistyped one, best first.
///
/// Nearness is the Levenshtein distance; names further than a third of the
/// length (at least 2) are no suggestion. Of equally near names the one with
/// the longer common beginning comes first, then the order of the names.
pub(crate) fn nearest<'a>(mistyped: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let limit = (mistyped.chars().count() / 3).max(2);
    let mut near: Vec<(usize, Reverse<usize>, &str)> = known
        .into_iter()
        .map(|name| {
            (
                edit_distance(mistyped, name),
                Reverse(common_beginning(mistyped, name)),
                name,
            )
        })
        .filter(|(distance, ..)| *distance <= limit)
        .collect();
    near.sort_unstable();
    near.truncate(MOST_SUGGESTIONS);
    near.into_iter().map(|(.., name)| name.to_owned()).collect()
}

/// Writes suggestions as the end of a sentence, or nothing if there are none.
pub(crate) fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
    format!("; nearest: {}", quoted.join(", "))
}

/// Counts the letters that two texts begin with in common.
fn common_beginning(one: &str, other: &str) -> usize {
    one.chars()
        .zip(other.chars())
        .take_while(|(left, right)| left == right)
        .count()
}

/// Counts the insertions, deletions and replacements that turn one text into another.
fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_letter_changes() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("m7i.xlarge", "m7i.xlarge"), 0);
    }

    #[test]
    fn the_nearest_name_comes_first() {
        let known = ["us-east-1", "us-east-2", "eu-west-1", "ap-southeast-1"];
        assert_eq!(nearest("us-eats-2", known)[0], "us-east-2");
    }

    #[test]
    fn a_name_like_no_other_gets_no_suggestion() {
        assert!(nearest("zzzzzz", ["us-east-1"]).is_empty());
        assert_eq!(suggestion(&[]), "");
    }
}
