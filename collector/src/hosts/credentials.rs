//! How do we prove who we are, and in which order?
//!
//! Input: what hosts.toml or the ssh configuration says, and which files and
//! agent there are. Output: credentials to try, in order. What hosts.toml
//! names is exclusive: no other key is tried, because servers count failures
//! and lock out.

use std::path::{Path, PathBuf};

use super::certificate::{is_public, of_key, public_file};
use super::environment::Environment;
use super::settings::Login;
use super::ssh_config::{Found, SshConfigError, Tokens};
use super::target::Credential;

/// The private keys that are tried when none is named.
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/// Gives what hosts.toml names.
pub(super) fn of_login(login: &Login, environment: &Environment) -> Vec<Credential> {
    let mut credentials = Vec::new();
    if login.keys.is_empty() {
        match (login.agent, &login.password) {
            (Some(true), _) => credentials.push(Credential::Agent { only: None }),
            (Some(false), None) => credentials = key_files(&usual_keys(environment), &[]),
            (Some(false) | None, _) => {}
        }
    } else {
        let certificates: Vec<PathBuf> = login.certificate.iter().cloned().collect();
        if login.agent.unwrap_or(environment.agent) {
            credentials.extend(in_agent(&login.keys, &certificates));
        }
        match (&login.certificate, login.keys.as_slice()) {
            // The user said that they belong together.
            (Some(certificate), [key]) if !is_public(key) => credentials.push(Credential::KeyFile {
                path: key.clone(),
                certificate: Some(certificate.clone()),
            }),
            _ => credentials.extend(key_files(&login.keys, &[])),
        }
    }
    credentials.extend(login.password.iter().cloned().map(Credential::Password));
    credentials
}

/// Gives what the ssh configuration names, or the usual keys, as `ssh` itself would.
pub(super) fn of_config(
    found: &Found,
    tokens: &Tokens<'_>,
    environment: &Environment,
) -> Result<Vec<Credential>, SshConfigError> {
    let mut named = Vec::new();
    for file in found
        .identity_files
        .iter()
        .filter(|file| !file.value.eq_ignore_ascii_case("none"))
    {
        let path = tokens.path(file, "IdentityFile")?;
        // ssh passes over keys that are not there; configurations are shared between machines.
        if path.is_file() || public_file(&path).is_file() {
            named.push(path);
        }
    }
    let mut certificates = Vec::new();
    for file in found
        .certificate_files
        .iter()
        .filter(|file| !file.value.eq_ignore_ascii_case("none"))
    {
        certificates.push(tokens.path(file, "CertificateFile")?);
    }
    let keys = if found.identity_files.is_empty() {
        usual_keys(environment)
    } else {
        named
    };
    let no_agent = found.word("IdentityAgent")?.is_some_and(|word| word.value == "none");
    let only_named = found.is_yes("IdentitiesOnly")?;
    let mut credentials = Vec::new();
    if environment.agent && !no_agent {
        if only_named || !found.identity_files.is_empty() {
            credentials.extend(in_agent(&keys, &certificates));
        }
        if !only_named {
            credentials.push(Credential::Agent { only: None });
        }
    }
    credentials.extend(key_files(&keys, &certificates));
    Ok(credentials)
}

fn usual_keys(environment: &Environment) -> Vec<PathBuf> {
    let folder = environment.home.join(".ssh");
    USUAL_KEYS
        .iter()
        .map(|name| folder.join(name))
        .filter(|path| path.is_file())
        .collect()
}

/// These keys and certificates, when the agent holds them; it is asked by their public parts.
fn in_agent(keys: &[PathBuf], certificates: &[PathBuf]) -> Vec<Credential> {
    let public_part = |key: &PathBuf| if is_public(key) { key.clone() } else { public_file(key) };
    let files = certificates.iter().cloned().chain(keys.iter().map(public_part));
    let there = files.filter(|file| file.is_file());
    there.map(|file| Credential::Agent { only: Some(file) }).collect()
}

fn key_files(keys: &[PathBuf], certificates: &[PathBuf]) -> Vec<Credential> {
    let private: Vec<&PathBuf> = keys.iter().filter(|key| !is_public(key) && is_file(key)).collect();
    let key_file = |key: &&PathBuf| Credential::KeyFile {
        path: (*key).clone(),
        certificate: of_key(key, certificates, private.len()),
    };
    private.iter().map(key_file).collect()
}

fn is_file(path: &Path) -> bool {
    path.is_file()
}
