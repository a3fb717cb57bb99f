//! Proves who we are, with the credentials of the endpoint in their order.
//!
//! Servers count refusals (OpenSSH ends the connection at the sixth, newer
//! ones then refuse the address for a while), and directories lock accounts.
//! So no key is offered twice, at most five keys in all, and a password is
//! sent once.

use std::path::Path;
use std::time::{Duration, Instant};

use super::agent::offer_agent_keys;
use super::key_file::{KeyFileError, PrivateKey, public_line};
use super::password::send_password;
use super::wire::{Fault, Step, Wire};
use crate::hosts::target::{Credential, Endpoint, SecretSource};
use crate::ssh::Settings;
use crate::ssh::error::{PASSWORD, SshError, Tried};
use crate::ssh::patience::deadline_in;
use crate::ssh::place::{Place, printable};
use crate::ssh::secret::{SecretRequest, Secrets};

/// So many keys are offered at most; OpenSSH gives up at the sixth refusal (MaxAuthTries).
const MOST_OFFERS: usize = 5;

/// What came of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    /// We are in.
    Accepted,
    /// The next credential may be tried.
    Refused,
    /// The connection is of no use any more.
    Over,
}

/// One attempt to authenticate, and what was tried so far.
pub(super) struct Attempt<'a> {
    endpoint: &'a Endpoint,
    agent: Option<&'a Path>,
    timeout: Duration,
    deadline: Instant,
    tried: Vec<Tried>,
    offered: Vec<Vec<u8>>,
    accepted: Vec<String>,
    fault: Option<Fault>,
}

/// Authenticates; says in words which credential was taken.
pub(super) fn authenticate(
    wire: &mut Wire,
    endpoint: &Endpoint,
    settings: &Settings,
    secrets: &dyn Secrets,
) -> Result<String, SshError> {
    let mut attempt = Attempt {
        endpoint,
        agent: settings.agent.as_deref(),
        timeout: settings.authentication_timeout,
        deadline: deadline_in(settings.authentication_timeout),
        tried: Vec::new(),
        offered: Vec::new(),
        accepted: Vec::new(),
        fault: None,
    };
    match attempt.ask_for_methods(wire) {
        Offered::Accepted => return Ok("no credential asked for".to_string()),
        Offered::Over => return Err(attempt.into_error()),
        Offered::Refused => {}
    }
    for (index, credential) in endpoint.credentials.iter().enumerate() {
        let later = endpoint.credentials.get(index + 1..).unwrap_or_default();
        let offered = match credential {
            Credential::Agent { only } => {
                let (preferred, keys_to_come) = key_files(later);
                let most = attempt.offers_left().saturating_sub(keys_to_come).max(1);
                attempt.with_publickey("agent", |attempt| {
                    Ok(offer_agent_keys(attempt, wire, only.as_deref(), &preferred, most))
                })
            }
            Credential::KeyFile { path, certificate } => {
                let name = format!("key `{}`", path.display());
                attempt.with_publickey(&name, |attempt| {
                    attempt.offer_key_file(wire, secrets, &name, path, certificate.as_deref())
                })
            }
            Credential::Password(source) => attempt.offer_password(wire, secrets, source),
        }?;
        match offered {
            Offered::Accepted => return Ok(attempt.tried.pop().map(|tried| tried.credential).unwrap_or_default()),
            Offered::Refused => {}
            Offered::Over => break,
        }
    }
    Err(attempt.into_error())
}

/// Gives the public halves of the key files among credentials, and how many key files there are.
fn key_files(credentials: &[Credential]) -> (Vec<Vec<u8>>, usize) {
    let paths = credentials.iter().filter_map(|credential| match credential {
        Credential::KeyFile { path, .. } => Some(path),
        Credential::Agent { .. } | Credential::Password(_) => None,
    });
    let number = paths.clone().count();
    (
        paths
            .filter_map(|path| super::key_file::public_blob_of(path).ok())
            .collect(),
        number,
    )
}

impl<'a> Attempt<'a> {
    pub(super) fn user(&self) -> &'a str {
        &self.endpoint.user
    }

    /// Gives the socket of the agent, when it is not that of the environment.
    pub(super) fn agent(&self) -> Option<&'a Path> {
        self.agent
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(super) fn was_offered(&self, key: &[u8]) -> bool {
        self.offered.iter().any(|offered| offered == key)
    }

    pub(super) fn mark_offered(&mut self, key: &[u8]) {
        self.offered.push(key.to_vec());
    }

    /// Writes down why a credential was not even offered.
    pub(super) fn note(&mut self, credential: &str, outcome: &str) -> Offered {
        self.tried.push(Tried {
            credential: printable(credential),
            outcome: printable(outcome),
        });
        Offered::Refused
    }

    /// Writes down what the server said to a key.
    pub(super) fn outcome_of_key(&mut self, name: &str, outcome: Result<(), Fault>) -> Offered {
        let fault = match outcome {
            Ok(()) => {
                self.note(name, "accepted");
                return Offered::Accepted;
            }
            Err(fault) => fault,
        };
        if fault.is_refusal() {
            return self.note(name, "refused");
        }
        if fault.is_local() {
            return self.note(name, "it cannot sign");
        }
        self.over(name, fault)
    }

    /// Writes down what the server said to a password.
    pub(super) fn outcome_of_password(&mut self, outcome: Result<(), Fault>, unanswered: Option<String>) -> Offered {
        if let Some(question) = unanswered {
            self.note(
                PASSWORD,
                &format!("the server asks \"{question}\", which a password does not answer"),
            );
            return Offered::Over;
        }
        match outcome {
            Ok(()) => {
                self.note(PASSWORD, "accepted");
                Offered::Accepted
            }
            Err(Fault::Failed { code, .. }) if code == libssh2_sys::LIBSSH2_ERROR_PASSWORD_EXPIRED => {
                self.note(PASSWORD, "it has expired")
            }
            Err(fault) if fault.is_refusal() => self.note(PASSWORD, "refused"),
            Err(fault) => self.over(PASSWORD, fault),
        }
    }

    fn over(&mut self, credential: &str, fault: Fault) -> Offered {
        let refused_before = !self.tried.is_empty();
        self.note(credential, "the connection ended");
        // Without any refusal before, the connection itself is the trouble, not the credential; but some
        // servers end the connection over a wrong password, and that must not be taken for bad luck.
        if matches!(fault, Fault::TimedOut) || !(refused_before || credential == PASSWORD) {
            self.fault = Some(fault);
        }
        Offered::Over
    }

    fn offers_left(&self) -> usize {
        MOST_OFFERS.saturating_sub(self.offered.len())
    }

    /// Asks which methods the server takes.
    fn ask_for_methods(&mut self, wire: &mut Wire) -> Offered {
        let user = self.user();
        let methods = wire.drive(self.deadline, |session| {
            let methods = session.auth_methods(user).map(str::to_string);
            if session.authenticated() {
                return Step::Done(None);
            }
            Step::from(methods.map(Some))
        });
        match methods {
            Ok(None) => Offered::Accepted,
            Ok(Some(methods)) => {
                self.accepted = methods
                    .split(',')
                    .take(16)
                    .map(printable)
                    .filter(|method| !method.is_empty())
                    .collect();
                Offered::Refused
            }
            Err(fault) => {
                self.fault = Some(fault);
                Offered::Over
            }
        }
    }

    fn takes(&self, method: &str) -> bool {
        self.accepted.iter().any(|accepted| accepted == method)
    }

    fn with_publickey(
        &mut self,
        name: &str,
        offer: impl FnOnce(&mut Self) -> Result<Offered, SshError>,
    ) -> Result<Offered, SshError> {
        if !self.takes("publickey") {
            return Ok(self.note(name, "the server takes no keys"));
        }
        if self.offers_left() == 0 {
            return Ok(self.note(name, "not offered, too many keys were refused"));
        }
        offer(self)
    }

    fn offer_key_file(
        &mut self,
        wire: &mut Wire,
        secrets: &dyn Secrets,
        name: &str,
        path: &Path,
        certificate: Option<&Path>,
    ) -> Result<Offered, SshError> {
        let unusable = |source| SshError::KeyFile {
            place: Place::of(self.endpoint),
            path: path.to_path_buf(),
            source,
        };
        let key = match PrivateKey::read(path) {
            Ok(key) => key,
            // Default keys need not all exist; a file that exists and is no key is a mistake to be told.
            Err(error @ KeyFileError::Read { .. }) => return Ok(self.note(name, &words_for(&error))),
            Err(error) => return Err(unusable(error)),
        };
        let public = match certificate {
            Some(certificate) => Some(public_line(certificate).map_err(unusable)?),
            None => key.public.clone(),
        };
        if certificate.is_none() {
            let blob = key.public_blob().unwrap_or_default();
            if !blob.is_empty() && self.was_offered(&blob) {
                return Ok(self.note(name, "the agent offered it already"));
            }
            self.mark_offered(&blob);
        } else {
            self.mark_offered(&[]);
        }
        let phrase = if key.is_encrypted {
            let asked_at = Instant::now();
            let request = SecretRequest::KeyFile {
                path: path.to_path_buf(),
            };
            let phrase = secrets.password(&request).map_err(|source| self.no_secret(source))?;
            self.deadline += asked_at.elapsed();
            Some(phrase)
        } else {
            None
        };
        let user = self.user();
        let phrase = phrase.as_ref().map(|phrase| phrase.reveal());
        let outcome = wire.drive(self.deadline, |session| {
            Step::from(session.userauth_pubkey_memory(user, public.as_deref(), &key.text, phrase))
        });
        if outcome.as_ref().is_err_and(Fault::is_local) {
            return Err(unusable(if key.is_encrypted {
                KeyFileError::DoesNotOpen
            } else {
                KeyFileError::UnknownKind
            }));
        }
        let name = if certificate.is_some() {
            format!("{name} with its certificate")
        } else {
            name.to_string()
        };
        Ok(self.outcome_of_key(&name, outcome))
    }

    fn offer_password(
        &mut self,
        wire: &mut Wire,
        secrets: &dyn Secrets,
        source: &SecretSource,
    ) -> Result<Offered, SshError> {
        if self.tried.iter().any(|tried| tried.credential == PASSWORD) {
            return Ok(Offered::Refused);
        }
        let is_asked = |attempt: &Self| attempt.takes("password") || attempt.takes("keyboard-interactive");
        // After a key was taken, a server that wants both (AuthenticationMethods) takes passwords too.
        if !is_asked(self) && !self.offered.is_empty() && self.ask_for_methods(wire) != Offered::Refused {
            return Ok(Offered::Over);
        }
        if !is_asked(self) {
            return Ok(self.note("a password, not sent", "the server takes none"));
        }
        let asked_at = Instant::now();
        let request = SecretRequest::Account {
            user: self.endpoint.user.clone(),
            address: self.endpoint.address.clone(),
            port: self.endpoint.port,
            source: source.clone(),
        };
        let secret = secrets.password(&request).map_err(|source| self.no_secret(source))?;
        self.deadline += asked_at.elapsed();
        let as_answer = !self.takes("password");
        Ok(send_password(self, wire, &secret, as_answer))
    }

    fn no_secret(&self, source: crate::ssh::secret::SecretError) -> SshError {
        let place = Place::of(self.endpoint);
        SshError::Secret { place, source }
    }

    fn into_error(self) -> SshError {
        let place = Place::of(self.endpoint);
        match self.fault {
            Some(Fault::TimedOut) => SshError::TimedOut {
                place,
                what: "finish authentication",
                after: self.timeout,
            },
            Some(Fault::Failed { reason, .. }) => SshError::Closed { place, reason },
            None => SshError::Authentication {
                place,
                tried: self.tried,
                accepted: self.accepted,
            },
        }
    }
}

fn words_for(error: &KeyFileError) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

impl Fault {
    /// Tells whether the server refused the credential.
    ///
    /// The library has one number for a refused signature, for a key that
    /// cannot sign and for a connection that ended; only its words differ.
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Failed { code, reason } if match *code {
            libssh2_sys::LIBSSH2_ERROR_AUTHENTICATION_FAILED => !reason.starts_with("Waiting for"),
            libssh2_sys::LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED => reason.starts_with("Invalid signature"),
            _ => false,
        })
    }

    /// Tells whether the trouble is the key itself, and the server had no part in it.
    fn is_local(&self) -> bool {
        matches!(self, Self::Failed { code, reason } if match *code {
            libssh2_sys::LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED => {
                !reason.starts_with("Invalid signature") && !reason.starts_with("Waiting for")
            }
            libssh2_sys::LIBSSH2_ERROR_FILE
            | libssh2_sys::LIBSSH2_ERROR_KEYFILE_AUTH_FAILED
            | libssh2_sys::LIBSSH2_ERROR_METHOD_NONE
            | libssh2_sys::LIBSSH2_ERROR_METHOD_NOT_SUPPORTED
            | libssh2_sys::LIBSSH2_ERROR_ALGO_UNSUPPORTED
            | libssh2_sys::LIBSSH2_ERROR_AGENT_PROTOCOL
            | libssh2_sys::LIBSSH2_ERROR_INVAL
            | libssh2_sys::LIBSSH2_ERROR_DECRYPT
            | libssh2_sys::LIBSSH2_ERROR_PROTO => true,
            _ => false,
        })
    }
}
