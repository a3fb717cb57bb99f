//! Does a `Match` line mean this host?

use super::line::next_word;
use crate::hosts::pattern::fits_list;

/// What the criteria of a `Match` line are held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The name that was asked for.
    pub(super) alias: &'a str,
    /// The name or address to connect to, as far as it is known.
    pub(super) host: &'a str,
    /// The account on the host.
    pub(super) user: &'a str,
    /// The account here.
    pub(super) local_user: &'a str,
    /// Whether this is the second reading, for `final`.
    pub(super) is_final: bool,
}

/// The outcome of a `Match` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Holds,
    Fails,
    /// It depends on this criterion, which is not evaluated.
    NotKnown(String),
    /// The line itself is wrong, as a clause.
    Wrong(&'static str),
}

/// Evaluates what follows `Match`; tells apart whether a second reading is asked for.
pub(super) fn evaluate(criteria: &str, subject: &Subject<'_>) -> (Outcome, bool) {
    let mut rest = criteria;
    let mut wants_final = false;
    let mut holds = true;
    let mut not_known = None;
    let mut count = 0;
    let outcome = loop {
        let word = match next_word(&mut rest) {
            None => break Outcome::Wrong("has a quote that is not closed"),
            Some(word) if word.is_empty() || word.starts_with('#') => break Outcome::Holds,
            Some(word) => word,
        };
        let (negated, name) = match word.strip_prefix('!') {
            Some(name) => (true, name.to_lowercase()),
            None => (false, word.to_lowercase()),
        };
        count += 1;
        let fits = match name.as_str() {
            "all" => {
                let alone = count == 1 || (count == 2 && wants_final) || not_known.is_some();
                if !alone || !(rest.is_empty() || rest.starts_with('#')) {
                    break Outcome::Wrong("has `all` beside other criteria");
                }
                rest = "";
                true
            }
            "final" | "canonical" => {
                wants_final |= name == "final";
                subject.is_final
            }
            _ => {
                let Some(pattern) = next_word(&mut rest).filter(|word| !word.is_empty() && !word.starts_with('#'))
                else {
                    break Outcome::Wrong("has a criterion without a value");
                };
                match name.as_str() {
                    // Host names compare without capitals, accounts with them.
                    "host" => fits_list(&pattern.to_lowercase(), &subject.host.to_lowercase()),
                    "originalhost" => fits_list(&pattern.to_lowercase(), &subject.alias.to_lowercase()),
                    "user" => fits_list(&pattern, subject.user),
                    "localuser" => fits_list(&pattern, subject.local_user),
                    _ => {
                        not_known.get_or_insert(name);
                        continue;
                    }
                }
            }
        };
        holds &= fits != negated;
    };
    let outcome = match (outcome, not_known) {
        (Outcome::Holds, _) if count == 0 => Outcome::Wrong("has no criterion"),
        (Outcome::Holds, _) if !holds => Outcome::Fails,
        (Outcome::Holds, Some(name)) => Outcome::NotKnown(name),
        (outcome, _) => outcome,
    };
    (outcome, wants_final)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: Subject<'_> = Subject {
        alias: "db",
        host: "db.example",
        user: "ann",
        local_user: "me",
        is_final: false,
    };

    fn outcome(criteria: &str) -> Outcome {
        evaluate(criteria, &SUBJECT).0
    }

    #[test]
    fn every_criterion_must_hold() {
        assert_eq!(outcome("all"), Outcome::Holds);
        assert_eq!(outcome("host *.example user ann,bob"), Outcome::Holds);
        assert_eq!(outcome("host=*.EXAMPLE originalhost db localuser me"), Outcome::Holds);
        assert_eq!(outcome("host \"*.example\" user bob"), Outcome::Fails);
        assert_eq!(outcome("!user bob host *,!db.example"), Outcome::Fails);
        assert_eq!(outcome("!user bob # all"), Outcome::Holds);
    }

    #[test]
    fn a_command_is_not_run_and_matters_only_when_the_rest_holds() {
        assert_eq!(
            outcome("host db.example exec \"test -f x\""),
            Outcome::NotKnown("exec".into())
        );
        assert_eq!(outcome("exec \"test -f x\" host other"), Outcome::Fails);
        assert_eq!(
            outcome("localnetwork 10.0.0.0/8"),
            Outcome::NotKnown("localnetwork".into())
        );
    }

    #[test]
    fn a_wrong_line_says_so() {
        for wrong in ["", "user", "host db all", "all host db", "host \"db"] {
            assert!(matches!(outcome(wrong), Outcome::Wrong(_)), "{wrong}");
        }
    }

    #[test]
    fn a_final_match_holds_at_the_second_reading() {
        assert_eq!(evaluate("final host db.example", &SUBJECT), (Outcome::Fails, true));
        let second = Subject {
            is_final: true,
            ..SUBJECT
        };
        assert_eq!(evaluate("final host db.example", &second), (Outcome::Holds, true));
        assert_eq!(evaluate("canonical", &second), (Outcome::Holds, false));
    }
}
