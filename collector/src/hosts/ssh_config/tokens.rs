//! Replaces `%h`, `${NAME}` and `~` in values of an ssh configuration.

use std::path::PathBuf;

use super::error::SshConfigError;
use super::found::{Sourced, wrong};
use crate::hosts::environment::Environment;

/// What the tokens stand for.
#[derive(Clone, Copy, Debug)]
pub(in crate::hosts) struct Tokens<'a> {
    /// `%d`, `~`, `%u`, `${…}`.
    pub(in crate::hosts) environment: &'a Environment,
    /// `%n`: the name that was asked for.
    pub(in crate::hosts) alias: &'a str,
    /// `%h`: the name or address to connect to.
    pub(in crate::hosts) host: &'a str,
    /// `%p`.
    pub(in crate::hosts) port: u16,
    /// `%r`: the account on the host.
    pub(in crate::hosts) user: &'a str,
    /// `%k`: the name for the host key.
    pub(in crate::hosts) host_key: &'a str,
}

impl Tokens<'_> {
    /// Makes a path of a value of `keyword`.
    pub(in crate::hosts) fn path(
        &self,
        value: &Sourced<String>,
        keyword: &'static str,
    ) -> Result<PathBuf, SshConfigError> {
        let wrong = |what: &str| wrong(&value.place, keyword, what);
        // OpenSSH replaces the tilde first, so that a token cannot bring one in.
        let (home, rest) = match value.value.strip_prefix('~') {
            Some(_) => {
                let path = self.environment.expand_home(&value.value);
                let path = path.ok_or_else(|| wrong("names the home folder of another account"))?;
                (true, path.to_string_lossy().into_owned())
            }
            None => (false, value.value.clone()),
        };
        let expanded = self.expand(&rest).map_err(|what| wrong(&what))?;
        if expanded.is_empty() {
            return Err(wrong("is empty"));
        }
        debug_assert!(!home || !expanded.starts_with('~'), "the home folder is a path");
        Ok(PathBuf::from(expanded))
    }

    fn expand(&self, text: &str) -> Result<String, String> {
        let with_variables = variables(text, self.environment.variable)?;
        percent(&with_variables, |token| {
            Some(match token {
                'd' => self.environment.home.to_string_lossy().into_owned(),
                'h' => self.host.to_string(),
                'k' => self.host_key.to_string(),
                'n' => self.alias.to_string(),
                'p' => self.port.to_string(),
                'r' => self.user.to_string(),
                'u' => self.environment.user.clone(),
                'i' => rustix::process::getuid().as_raw().to_string(),
                _ => return None,
            })
        })
    }
}

/// Replaces `%%` and the tokens that `value_of` knows; the error is a clause.
pub(super) fn percent(text: &str, value_of: impl Fn(char) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            expanded.push(letter);
            continue;
        }
        match letters.next() {
            Some('%') => expanded.push('%'),
            Some(token) => match value_of(token) {
                Some(value) => expanded.push_str(&value),
                None if token.is_ascii_alphanumeric() => {
                    return Err(format!("has the token `%{token}`, which is not known here"));
                }
                None => return Err("has a `%` that is no token".to_string()),
            },
            None => return Err("ends in a `%`".to_string()),
        }
    }
    Ok(expanded)
}

/// Replaces `${NAME}`; the error is a clause.
fn variables(text: &str, variable: fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or("has a `${` that is not closed")?;
        if name.is_empty()
            || !name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        {
            return Err("has a `${…}` that names no variable".to_string());
        }
        expanded.push_str(before);
        expanded.push_str(
            &variable(name).ok_or_else(|| format!("needs the environment variable {name}, which is not set"))?,
        );
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tokens_and_variables_are_replaced_once() {
        let value_of = |token| (token == 'h').then(|| "db%%1".to_string());
        assert_eq!(percent("a-%h-%%h", value_of), Ok("a-db%%1-%h".to_string()));
        assert!(percent("%z", value_of).unwrap_err().contains("%z"));
        assert!(percent("50%", value_of).is_err());
        let variable = |name: &str| (name == "A").then(|| "${A}".to_string());
        assert_eq!(variables("x${A}y", variable), Ok("x${A}y".to_string()));
        assert!(variables("${B}", variable).is_err());
        assert!(variables("${A", variable).is_err());
    }
}
