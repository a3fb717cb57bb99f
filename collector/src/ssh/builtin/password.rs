//! Sends a password, once, by the method that the server takes.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::net::Shutdown;
use ssh2::{KeyboardInteractivePrompt, Prompt};

use super::authenticate::{Attempt, Offered};
use super::wire::{Step, Wire};
use crate::ssh::place::printable;
use crate::ssh::secret::Secret;

/// Sends a password; as the answer to a question when the server only asks questions.
pub(super) fn send_password(attempt: &mut Attempt<'_>, wire: &mut Wire, secret: &Secret, as_answer: bool) -> Offered {
    let user = attempt.user();
    if !as_answer {
        let outcome = wire.drive(attempt.deadline(), |session| {
            Step::from(session.userauth_password(user, secret.reveal()))
        });
        return attempt.outcome_of_password(outcome, None);
    }
    let mut answers = OneAnswer {
        secret: Some(secret),
        socket: Arc::clone(wire.socket()),
        unanswered: None,
    };
    let outcome = wire.drive(attempt.deadline(), |session| {
        Step::from(session.userauth_keyboard_interactive(user, &mut answers))
    });
    let unanswered = answers.unanswered.take();
    attempt.outcome_of_password(outcome, unanswered)
}

/// Answers the first question with hidden input, and no other.
struct OneAnswer<'a> {
    secret: Option<&'a Secret>,
    socket: Arc<OwnedFd>,
    /// What the server asked that a password does not answer.
    unanswered: Option<String>,
}

impl KeyboardInteractivePrompt for OneAnswer<'_> {
    fn prompt<'a>(&mut self, _user: &str, _instructions: &str, prompts: &[Prompt<'a>]) -> Vec<String> {
        if prompts.is_empty() {
            return Vec::new();
        }
        if let ([Prompt { echo: false, .. }], Some(secret)) = (prompts, self.secret.take()) {
            return vec![secret.reveal().to_string()];
        }
        // An empty answer to a one-time password could count as a wrong one; so nothing is sent any more.
        let _ = rustix::net::shutdown(&self.socket, Shutdown::Both);
        let asked: Vec<&str> = prompts.iter().map(|prompt| prompt.text.trim()).collect();
        self.unanswered = Some(printable(&asked.join(" / ")));
        Vec::new()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::borrow::Cow;
    use std::os::unix::net::UnixStream;

    use super::*;

    fn question(text: &str, echo: bool) -> Prompt<'_> {
        Prompt {
            text: Cow::Borrowed(text),
            echo,
        }
    }

    #[test]
    fn only_the_first_single_hidden_question_is_answered() {
        let secret = Secret::new("canary".to_string());
        let asking = |rounds: &[&[Prompt<'_>]]| {
            let (socket, _other) = UnixStream::pair().unwrap();
            let mut answers = OneAnswer {
                secret: Some(&secret),
                socket: Arc::new(OwnedFd::from(socket)),
                unanswered: None,
            };
            let given: Vec<Vec<String>> = rounds.iter().map(|round| answers.prompt("ops", "", round)).collect();
            (given, answers.unanswered)
        };
        let hidden = [question("Password: ", false)];
        assert_eq!(
            asking(&[&[], &hidden]),
            (vec![vec![], vec!["canary".to_string()]], None)
        );
        let again = asking(&[&hidden, &[question("Code\u{7}: ", false)]]);
        assert_eq!(again.0[1], Vec::<String>::new(), "a second question gets nothing");
        assert_eq!(again.1.unwrap(), "Code\\u{7}:");
        let shown = asking(&[&[question("Password: ", true)]]);
        assert_eq!(shown.0, [Vec::<String>::new()], "a password is not shown");
        let two = asking(&[&[question("Password: ", false), question("Token: ", false)]]);
        assert_eq!(two.1.unwrap(), "Password: / Token:");
    }
}
