//! Real-looking command lines with made-up secrets: the secret goes, what recognising needs stays.

use super::list::{Case, read};
use super::redact;

const CASES: &str = include_str!("cases.txt");

fn cases() -> Vec<Case> {
    read(CASES)
}

#[test]
fn no_secret_of_the_list_is_left() {
    let cases = cases();
    let with_secrets = cases.iter().filter(|case| !case.secrets.is_empty()).count();
    assert!(with_secrets >= 120, "only {with_secrets} cases");
    let mut left = Vec::new();
    for case in &cases {
        let cleaned = redact(&case.command).join(" ");
        for secret in &case.secrets {
            assert!(
                case.command.join(" ").contains(secret),
                "{secret} is not in its own case"
            );
            // Cut as a word: `admin` is a part of `--admin-password`, too.
            let words = cleaned.split(|letter: char| {
                letter.is_whitespace() || matches!(letter, '=' | ':' | '@' | '/' | ';' | '&' | ',')
            });
            let is_there = if secret.len() < 6 {
                words.into_iter().any(|word| word == secret)
            } else {
                cleaned.contains(secret.as_str())
            };
            if is_there {
                left.push(format!("{secret}: {cleaned}"));
            }
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

#[test]
fn what_recognising_needs_stays() {
    let mut lost = Vec::new();
    for case in cases() {
        let cleaned = redact(&case.command).join(" ");
        for word in &case.kept {
            if !cleaned.contains(word.as_str()) {
                lost.push(format!("{word}: {cleaned}"));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn cleaning_twice_changes_nothing_more() {
    for case in cases() {
        let once = redact(&case.command);
        for secret in &case.secrets {
            if secret.len() >= 6 {
                assert!(!redact(&once).join(" ").contains(secret.as_str()));
            }
        }
    }
}
