//! Reads one section of `hosts.toml`: `[defaults]`, a group, or a host.

use telemetry::untrusted::for_terminal;
use toml::Spanned;
use toml::de::{DeString, DeTable};

use super::error::{HostsError, Problem};
use super::hop::{Hop, is_host, is_user};
use super::place::Written;
use super::settings::{KEYS, Login, Settings};
use super::source::{Source, Value, shown};
use super::target::{Client, SecretSource};
use crate::counters::Asked;

/// A section, its keys in the order of the file.
pub(super) struct Section<'a, 'i> {
    pub(super) source: &'a Source<'a>,
    /// What it is called in messages.
    pub(super) title: String,
    pub(super) keys: Vec<(&'a Spanned<DeString<'i>>, &'a Value<'i>)>,
}

impl<'a, 'i> Section<'a, 'i> {
    pub(super) fn new(source: &'a Source<'a>, title: impl Into<String>, table: &'a DeTable<'i>) -> Self {
        let mut keys: Vec<_> = table.iter().collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        Self {
            source,
            title: title.into(),
            keys,
        }
    }

    /// Reads all settings; `own` takes the keys that only this kind of section has and tells whether it took one.
    pub(super) fn settings(
        &self,
        own_keys: &[&'static str],
        mut own: impl FnMut(&str, &'a Value<'i>) -> Result<(), HostsError>,
    ) -> Result<Settings, HostsError> {
        let mut settings = Settings::default();
        for &(key, value) in &self.keys {
            let name: &str = key.get_ref();
            if own_keys.contains(&name) {
                own(name, value)?;
            } else if !self.set(&mut settings, name, value)? {
                let known: Vec<&'static str> = own_keys.iter().chain(&KEYS).copied().collect();
                return Err(self.unknown(key, known));
            }
        }
        self.check_login(&settings)?;
        Ok(settings)
    }

    /// Makes the error about a key that does not exist; one that smells of a secret gets its own.
    pub(super) fn unknown(&self, key: &Spanned<DeString<'i>>, known: Vec<&'static str>) -> HostsError {
        let name: &str = key.get_ref();
        let nearest = nearest(name, &known);
        let small = name.to_lowercase();
        let secret = ["pass", "pwd", "secret"].iter().any(|part| small.contains(part));
        let problem = if secret && nearest != Some("password_command") {
            Problem::Secret { key: shown(name) }
        } else {
            Problem::UnknownKey {
                key: shown(name),
                section: self.title.clone(),
                nearest: nearest.map(str::to_string),
                known,
            }
        };
        self.source.error(&key.span(), problem)
    }

    fn set(&self, settings: &mut Settings, key: &str, value: &'a Value<'i>) -> Result<bool, HostsError> {
        let source = self.source;
        match key {
            "port" => settings.port = Some(source.written(value, source.port(value)?)),
            "user" => settings.user = Some(source.written(value, self.user(value)?)),
            "key" | "certificate" | "agent" | "password" | "password_command" => {
                let login = settings
                    .login
                    .get_or_insert_with(|| source.written(value, Login::default()));
                self.login(&mut login.value, key, value)?;
            }
            "jump" => settings.jump = Some(source.written(value, self.jump(value)?)),
            "known_hosts" => {
                let files = source.texts(key, value, "a file or a list of files")?;
                let files = files
                    .iter()
                    .map(|file| source.path(key, file))
                    .collect::<Result<Vec<_>, _>>()?;
                if files.is_empty() {
                    return Err(source.unexpected(key, value, "at least one file"));
                }
                settings.known_hosts = Some(source.written(value, files));
            }
            "host_key_alias" => settings.host_key_alias = Some(source.written(value, self.alias(value)?)),
            "client" => {
                let client = match value.get_ref().as_str() {
                    Some("built-in") => Client::BuiltIn,
                    Some("ssh") => Client::Ssh,
                    _ => return Err(source.unexpected(key, value, "\"built-in\" or \"ssh\"")),
                };
                settings.client = Some(source.written(value, client));
            }
            "interval" => settings.interval = Some(source.written(value, source.duration(key, value)?)),
            "tick" => settings.tick = Some(source.written(value, source.duration(key, value)?)),
            "connections" | "processes" => {
                let every = match value.get_ref().as_bool() {
                    Some(false) => None,
                    Some(true) => return Err(source.unexpected(key, value, "a time such as \"60s\", or false")),
                    None => Some(source.duration(key, value)?),
                };
                let every = source.written(value, every);
                if key == "connections" {
                    settings.connections = Some(every);
                } else {
                    settings.processes = Some(every);
                }
            }
            "environment" => {
                let text = source.text(key, value, "a name such as \"production\"")?;
                settings.environment = Some(source.written(value, for_terminal(text).into_owned()));
            }
            "services" => settings.services = Some(source.written(value, self.services(value)?)),
            "counters" => settings.counters = Some(source.written(value, source.yes_or_no(key, value)?)),
            "tags" => {
                for tag in source.texts(key, value, "a list of words")? {
                    settings.add_tag(&for_terminal(tag.value));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn services(&self, value: &'a Value<'i>) -> Result<Vec<Asked>, HostsError> {
        let expected = "a list of services such as [\"redis:6379\", \"postgresql\"]";
        let texts = self.source.texts("services", value, expected)?;
        let read = |text: &Written<&str>| {
            Asked::read(text.value).map_err(|what| HostsError::Line {
                place: text.place.clone(),
                problem: Problem::Text {
                    what_is: "the service",
                    text: shown(text.value),
                    what,
                    instead: None,
                },
            })
        };
        let asked = texts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Asked::named_apart(asked))
    }

    fn user(&self, value: &Value<'_>) -> Result<String, HostsError> {
        let text = self.source.text("user", value, "the name of an account")?;
        if text.contains(':') {
            // It may be `account:password`, so it is not repeated.
            let problem = Problem::Hidden {
                key: "user",
                what: "has a colon in it",
            };
            return Err(self.source.error(&value.span(), problem));
        }
        if !is_user(text) {
            return Err(self.text_error(value, "the account", text, "has signs that no account has"));
        }
        Ok(text.to_string())
    }

    fn alias(&self, value: &Value<'_>) -> Result<String, HostsError> {
        let text = self.source.text("host_key_alias", value, "a name")?;
        if !is_host(text) {
            return Err(self.text_error(value, "the alias", text, "has signs that no host name has"));
        }
        Ok(text.to_string())
    }

    fn jump(&self, value: &Value<'_>) -> Result<Vec<String>, HostsError> {
        let expected = "a host of this file, `user@host:port`, a list of them, or \"none\"";
        let texts = self.source.texts("jump", value, expected)?;
        if texts.is_empty() {
            return Err(self.source.unexpected("jump", value, expected));
        }
        if let [only] = texts.as_slice()
            && only.value == "none"
        {
            return Ok(Vec::new());
        }
        texts.iter().map(|text| self.jump_host(text)).collect()
    }

    fn jump_host(&self, text: &Written<&str>) -> Result<String, HostsError> {
        let problem = match Hop::read(text.value) {
            Ok(_) => return Ok(text.value.to_string()),
            Err(what) if text.value.contains('@') => Problem::Hidden { key: "jump host", what },
            Err(what) => Problem::Text {
                what_is: "the jump host",
                text: shown(text.value),
                what: what.to_string(),
                instead: text
                    .value
                    .contains(',')
                    .then(|| "write several as a list: jump = [\"a\", \"b\"]".to_string()),
            },
        };
        Err(HostsError::Line {
            place: text.place.clone(),
            problem,
        })
    }

    fn login(&self, login: &mut Login, key: &str, value: &'a Value<'i>) -> Result<(), HostsError> {
        let source = self.source;
        match key {
            "key" => {
                let files = source.texts(key, value, "a key file or a list of key files")?;
                login.keys = files
                    .iter()
                    .map(|file| source.existing_path(key, file))
                    .collect::<Result<_, _>>()?;
                if login.keys.is_empty() {
                    return Err(source.unexpected(key, value, "at least one key file"));
                }
            }
            "certificate" => {
                let text = source.text(key, value, "a certificate file")?;
                login.certificate = Some(source.existing_path(key, &source.written(value, text))?);
            }
            "agent" => login.agent = Some(source.yes_or_no(key, value)?),
            _ => {
                let secret = match (key, value.get_ref().as_str()) {
                    ("password", Some("prompt")) => SecretSource::Prompt,
                    ("password", _) => {
                        let problem = Problem::Secret { key: key.to_string() };
                        return Err(source.error(&value.span(), problem));
                    }
                    _ => SecretSource::Command(
                        source
                            .text(key, value, "a command that prints the password")?
                            .to_string(),
                    ),
                };
                if login.password.replace(secret).is_some() {
                    let problem = Problem::Both {
                        one: "password",
                        other: "password_command",
                    };
                    return Err(source.error(&value.span(), problem));
                }
            }
        }
        Ok(())
    }

    fn check_login(&self, settings: &Settings) -> Result<(), HostsError> {
        match &settings.login {
            Some(login) if login.value.certificate.is_some() && login.value.keys.len() != 1 => Err(HostsError::Line {
                place: login.place.clone(),
                problem: Problem::Certificate {
                    keys: login.value.keys.len(),
                },
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn text_error(&self, value: &Value<'_>, what_is: &'static str, text: &str, what: &str) -> HostsError {
        self.source.error(
            &value.span(),
            Problem::Text {
                what_is,
                text: shown(text),
                what: what.to_string(),
                instead: None,
            },
        )
    }
}

/// Finds the known key that was meant, if one is near: at most a third of its letters differ.
pub(super) fn nearest<'k>(typed: &str, known: &[&'k str]) -> Option<&'k str> {
    /// The names that others have for our keys.
    const OTHER_NAMES: [(&str, &str); 10] = [
        ("host", "name"),
        ("hostname", "address"),
        ("ip", "address"),
        ("username", "user"),
        ("identity_file", "key"),
        ("identityfile", "key"),
        ("proxyjump", "jump"),
        ("proxy_jump", "jump"),
        ("bastion", "jump"),
        ("every", "interval"),
    ];
    let plain: String = typed.to_lowercase().replace('-', "_").chars().take(100).collect();
    let other_name = OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == plain)
        .map(|(_, ours)| *ours);
    if let Some(ours) = other_name
        && let Some(found) = known.iter().find(|key| **key == ours)
    {
        return Some(found);
    }
    known
        .iter()
        .map(|key| (strsim::osa_distance(&plain, key), *key))
        .filter(|&(distance, key)| distance * 3 <= key.len().max(plain.len()))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, key)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_key_finds_its_name() {
        assert_eq!(nearest("prot", &KEYS), Some("port"));
        assert_eq!(nearest("known-hosts", &KEYS), Some("known_hosts"));
        assert_eq!(nearest("ProxyJump", &KEYS), Some("jump"));
        assert_eq!(nearest("colour", &KEYS), None);
    }
}
