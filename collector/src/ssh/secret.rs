//! Where passwords and pass phrases come from, and how they are kept.
//!
//! Input: who asks. Output: a [`Secret`], which shows itself to nobody by
//! accident. [`SecretStore`] asks once per account or key, however many host
//! threads want to know at the same time.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::place::printable;
use crate::hosts::target::SecretSource;

mod command;

/// A password or pass phrase; overwritten in memory when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Gives the secret, for the one who must send it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a secret is wanted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SecretRequest {
    /// The password of an account on a host.
    Account {
        /// The account.
        user: String,
        /// The host.
        address: String,
        /// Its port.
        port: u16,
        /// Where the user said it comes from.
        source: SecretSource,
    },
    /// The password of a read-only account of a service.
    Service {
        /// Which product, such as `postgresql`.
        product: String,
        /// The account.
        user: String,
        /// The host, where the answer may depend on it; nothing when one answer serves all.
        host: Option<String>,
        /// Where the user said it comes from.
        source: SecretSource,
    },
    /// The pass phrase of a private key file.
    KeyFile {
        /// The file.
        path: PathBuf,
    },
}

impl fmt::Display for SecretRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { user, address, .. } => {
                write!(f, "password of {}", printable(&format!("{user}@{address}")))
            }
            Self::Service {
                product, user, host, ..
            } => {
                write!(f, "password of {} account {}", printable(product), printable(user))?;
                host.as_ref()
                    .map_or(Ok(()), |host| write!(f, " on {}", printable(host)))
            }
            Self::KeyFile { path } => write!(f, "pass phrase of {}", printable(&path.to_string_lossy())),
        }
    }
}

/// A failure to get a secret; never holds any part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Nobody can be asked.
    #[error("the {wanted} is needed, and there is no terminal to ask for it")]
    NobodyToAsk {
        /// What was wanted.
        wanted: String,
    },
    /// The user gave none.
    #[error("the {wanted} was not given")]
    NotGiven {
        /// What was wanted.
        wanted: String,
    },
    /// The command that prints it failed.
    #[error("the command for the {wanted} {how}")]
    Command {
        /// What was wanted.
        wanted: String,
        /// How it failed.
        how: String,
    },
}

impl SecretError {
    /// Says what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NobodyToAsk { .. } => {
                Some("load the key into an agent with `ssh-add`, or set `password_command` in hosts.toml".to_string())
            }
            Self::NotGiven { .. } => None,
            Self::Command { .. } => {
                Some("run the `password_command` of hosts.toml by hand and see what it says".to_string())
            }
        }
    }

    /// Tells whether asking again soon is useless; a command may only have failed for now.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Command { .. })
    }
}

/// Whoever knows the secrets.
pub trait Secrets: Send + Sync {
    /// Gives a secret; may ask the user and wait for the answer.
    ///
    /// # Errors
    /// When there is none to be had.
    fn password(&self, of: &SecretRequest) -> Result<Secret, SecretError>;
}

/// Asks the user for a secret, on the terminal or wherever the user is.
pub type Prompt = Box<dyn Fn(&SecretRequest) -> Result<Secret, SecretError> + Send + Sync>;

type Answer = Arc<OnceLock<Result<Secret, SecretError>>>;

/// Runs password commands and prompts, each once per account or key, and keeps the answers until it is dropped.
pub struct SecretStore {
    prompt: Option<Prompt>,
    /// One question at a time, whoever asks.
    asking: Mutex<()>,
    answers: Mutex<HashMap<SecretRequest, Answer>>,
    longest_command: Duration,
}

impl SecretStore {
    /// So long a password command may take; some unlock a vault first.
    const LONGEST_COMMAND: Duration = Duration::from_secs(60);

    /// Makes an empty store; without a prompt, only commands give secrets.
    #[must_use]
    pub fn new(prompt: Option<Prompt>) -> Self {
        Self {
            prompt,
            asking: Mutex::new(()),
            answers: Mutex::new(HashMap::new()),
            longest_command: Self::LONGEST_COMMAND,
        }
    }

    fn ask(&self, of: &SecretRequest) -> Result<Secret, SecretError> {
        if let SecretRequest::Account {
            source: SecretSource::Command(command),
            ..
        }
        | SecretRequest::Service {
            source: SecretSource::Command(command),
            ..
        } = of
        {
            return command::first_line_of(command, of, self.longest_command);
        }
        let Some(prompt) = &self.prompt else {
            let wanted = of.to_string();
            return Err(SecretError::NobodyToAsk { wanted });
        };
        let _one_at_a_time = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        prompt(of)
    }
}

impl fmt::Debug for SecretStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretStore(…)")
    }
}

impl Secrets for SecretStore {
    fn password(&self, of: &SecretRequest) -> Result<Secret, SecretError> {
        let lock = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Arc::clone(lock().entry(of.clone()).or_default());
        // The first to come asks; the others wait in here for the same answer.
        let result = answer.get_or_init(|| self.ask(of)).clone();
        if result.as_ref().is_err_and(|error| !error.is_final()) {
            let mut answers = lock();
            if answers.get(of).is_some_and(|kept| Arc::ptr_eq(kept, &answer)) {
                answers.remove(of);
            }
        }
        result
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    fn account(source: SecretSource) -> SecretRequest {
        SecretRequest::Account {
            user: "ops".to_string(),
            address: "db-2".to_string(),
            port: 22,
            source,
        }
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("canary-7731".to_string());
        assert!(!format!("{secret:?}").contains("canary"));
        assert_eq!(secret.reveal(), "canary-7731");
    }

    #[test]
    fn one_of_many_threads_asks_and_the_others_get_its_answer() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let store = SecretStore::new(Some(Box::new(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(50));
            Ok(Secret::new("s".to_string()))
        })));
        let request = SecretRequest::KeyFile { path: "/k".into() };
        thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| assert_eq!(store.password(&request).unwrap().reveal(), "s"));
            }
        });
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_command_gives_its_first_line_and_knows_who_asks() {
        let store = SecretStore::new(None);
        let command = "printf '%s/%s\\nsecond line\\n' \"$SIZEWRIGHT_USER\" \"$SIZEWRIGHT_HOST\"";
        let secret = store.password(&account(SecretSource::Command(command.to_string())));
        assert_eq!(secret.unwrap().reveal(), "ops/db-2");
    }

    #[test]
    fn a_command_runs_once_per_account_but_again_after_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let store = SecretStore::new(None);
        let run = |ending: &str| {
            let command = format!("echo x >> '{}'; {ending}", log.display());
            store.password(&account(SecretSource::Command(command)))
        };
        for _ in 0..3 {
            assert_eq!(run("echo canary").unwrap().reveal(), "canary");
        }
        assert_eq!(std::fs::read_to_string(&log).unwrap().lines().count(), 1);
        for _ in 0..2 {
            let error = run("echo canary; exit 3").unwrap_err();
            assert!(!error.is_final());
            assert!(error.to_string().contains("exit status: 3"), "{error}");
            assert!(!format!("{error:?}").contains("canary"));
        }
        assert_eq!(std::fs::read_to_string(&log).unwrap().lines().count(), 3);
    }

    #[test]
    fn a_command_that_never_ends_is_ended() {
        let mut store = SecretStore::new(None);
        store.longest_command = Duration::from_millis(300);
        let error = store.password(&account(SecretSource::Command("sleep 60 & sleep 60".to_string())));
        assert!(error.unwrap_err().to_string().contains("took longer"));
    }

    #[test]
    fn without_a_terminal_a_prompt_is_refused() {
        let error = SecretStore::new(None)
            .password(&account(SecretSource::Prompt))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the password of ops@db-2 is needed, and there is no terminal to ask for it"
        );
        assert!(error.hint().is_some());
    }
}
