//! Reads single values of `hosts.toml`, each with its line.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use telemetry::untrusted::for_terminal;
use toml::Spanned;
use toml::de::DeValue;

use super::duration;
use super::environment::Environment;
use super::error::{HostsError, Problem};
use super::place::{FilePlace, Written};

/// More of a value than this does not help a reader of a message.
const LONGEST_SHOWN: usize = 60;

/// A value as the TOML reader gives it.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// The file that values come from.
pub(super) struct Source<'a> {
    pub(super) file: Arc<Path>,
    pub(super) environment: &'a Environment,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &Path, text: &str, environment: &'a Environment) -> Self {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|&(_, byte)| byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            file: Arc::from(file),
            environment,
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    /// Gives the line that a span begins in.
    pub(super) fn place(&self, span: &Range<usize>) -> FilePlace {
        FilePlace {
            file: Arc::clone(&self.file),
            line: self.line_starts.partition_point(|&start| start <= span.start).max(1),
        }
    }

    pub(super) fn error(&self, span: &Range<usize>, problem: Problem) -> HostsError {
        HostsError::Line {
            place: self.place(span),
            problem,
        }
    }

    pub(super) fn written<T>(&self, value: &Value<'_>, inner: T) -> Written<T> {
        Written {
            value: inner,
            place: self.place(&value.span()),
        }
    }

    /// Makes the error about a value of a wrong kind or out of bounds.
    pub(super) fn unexpected(&self, key: &str, value: &Value<'_>, expected: &str) -> HostsError {
        self.error(
            &value.span(),
            Problem::Value {
                key: shown(key),
                found: described(value.get_ref()),
                expected: expected.to_string(),
            },
        )
    }

    pub(super) fn text<'v>(&self, key: &str, value: &'v Value<'_>, expected: &str) -> Result<&'v str, HostsError> {
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text.trim()),
            _ => Err(self.unexpected(key, value, expected)),
        }
    }

    /// Reads a text or a list of texts.
    pub(super) fn texts<'v>(
        &self,
        key: &str,
        value: &'v Value<'_>,
        expected: &str,
    ) -> Result<Vec<Written<&'v str>>, HostsError> {
        let Some(list) = value.get_ref().as_array() else {
            let text = self.text(key, value, expected)?;
            return Ok(vec![self.written(value, text)]);
        };
        let text = |value: &'v Value<'_>| Ok(self.written(value, self.text(key, value, expected)?));
        list.iter().map(text).collect()
    }

    pub(super) fn yes_or_no(&self, key: &str, value: &Value<'_>) -> Result<bool, HostsError> {
        let found = value.get_ref().as_bool();
        found.ok_or_else(|| self.unexpected(key, value, "true or false"))
    }

    pub(super) fn port(&self, value: &Value<'_>) -> Result<u16, HostsError> {
        let number = value.get_ref().as_integer();
        let port = number.and_then(|number| u16::from_str_radix(number.as_str(), number.radix()).ok());
        let port = port.filter(|&port| port > 0);
        port.ok_or_else(|| self.unexpected("port", value, "a number between 1 and 65535"))
    }

    pub(super) fn duration(&self, key: &str, value: &Value<'_>) -> Result<Duration, HostsError> {
        let found = value.get_ref().as_str().and_then(duration::read);
        found.ok_or_else(|| self.unexpected(key, value, duration::EXPECTED))
    }

    /// Reads a path; a relative one starts at the folder of the file.
    pub(super) fn path(&self, key: &str, text: &Written<&str>) -> Result<PathBuf, HostsError> {
        let path = self
            .environment
            .expand_home(text.value)
            .ok_or_else(|| HostsError::Line {
                place: text.place.clone(),
                problem: Problem::Value {
                    key: shown(key),
                    found: format!("`{}`", shown(text.value)),
                    expected: "a path; `~/` is your own home folder, that of another account is written in full"
                        .to_string(),
                },
            })?;
        Ok(self.file.parent().map_or(path.clone(), |folder| folder.join(path)))
    }

    /// Reads a path to a file that must be there.
    pub(super) fn existing_path(&self, key: &str, text: &Written<&str>) -> Result<PathBuf, HostsError> {
        let path = self.path(key, text)?;
        if path.is_file() {
            return Ok(path);
        }
        Err(HostsError::Line {
            place: text.place.clone(),
            problem: Problem::NoFile {
                path: shown(&path.display().to_string()),
            },
        })
    }
}

/// Makes text of the file fit for a message: harmless and not too long.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    for_terminal(&short).into_owned()
}

fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.trim().is_empty() => "empty".to_string(),
        DeValue::String(text) => format!("`\"{}\"`", shown(text)),
        DeValue::Integer(number) if number.radix() == 10 => format!("`{}`", shown(number.as_str())),
        DeValue::Integer(_) => "a number".to_string(),
        DeValue::Float(number) => format!("`{}`", shown(number.as_str())),
        DeValue::Boolean(truth) => format!("`{truth}`"),
        DeValue::Datetime(_) => "a date".to_string(),
        DeValue::Array(list) if list.is_empty() => "an empty list".to_string(),
        DeValue::Array(_) => "a list".to_string(),
        DeValue::Table(_) => "a section".to_string(),
    }
}
